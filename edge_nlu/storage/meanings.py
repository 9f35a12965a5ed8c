"""Find a device by what is wished for, where neither its name nor its kind was said.

"Feed the cat" names no device, but what it means lies near "pet feeder: feed". What a device is for is
read by the same model as sentences are, from its name and the names of its features, once, when it is
first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from edge_nlu.values import Device, DeviceId

# so many are read anew at a time: a sentence must not wait for a whole hotel
AT_ONCE = 64
# more features tell no more of what a device is for
TOLD = 8

Vector = npt.NDArray[np.float32]


class Meanings:
    """What devices are for, as the model's vectors; `embed` reads a text."""

    def __init__(self, embed: Callable[[str], bytes]) -> None:
        self._embed = embed
        self._known: dict[str, Vector] = {}

    def nearest(self, embedding: bytes, devices: Iterable[Device]) -> tuple[tuple[DeviceId, float], ...]:
        """Return devices with how near they are to what a sentence means, the nearest first."""
        wanted = np.frombuffer(embedding, "<f4")
        if not wanted.size:
            return ()
        fresh = AT_ONCE
        found: list[tuple[DeviceId, float]] = []
        for device in devices:
            text = what_for(device)
            vector = self._known.get(text)
            if vector is None and fresh:
                fresh -= 1
                vector = self._known[text] = np.frombuffer(self._embed(text), "<f4")
            if vector is not None and vector.size == wanted.size:
                found.append((device.id, float(vector @ wanted)))
        return tuple(sorted(found, key=lambda pair: -pair[1]))


def what_for(device: Device) -> str:
    """Return in words what a device is for: "pet feeder: feed, portions left"."""
    names = dict.fromkeys(
        (f.name or f.key.rpartition("/")[2]).replace("_", " ").lower() for f in device.features
    )
    return f"{device.name}: {', '.join(list(names)[:TOLD])}".lower()
