"""Ask devices for the state that nobody told us, a few in a second.

Many conventions do not repeat a state to whoever joins later, so after a start most lamps are unknown. To
ask all at once would be a storm on the radio; to ask those that spoke since would be for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from time import monotonic

from edge_nlu.interfaces import Home
from edge_nlu.values import Device, DeviceId, Event, Found

SETTLE_S = 5.0
"""After a connection what is retained comes first."""


class Inquiries:
    """Devices that may have to be asked."""

    def __init__(self, per_second: float, inquire: Callable[[DeviceId], bool]) -> None:
        self._gap_s = 1 / per_second if per_second else 0.0
        self._inquire = inquire
        self._waiting: dict[DeviceId, None] = {}
        self._since: datetime | None = None
        self._next = float("inf")

    def connected(self, devices: Collection[DeviceId], now: float, at: datetime) -> None:
        """Begin anew: what was told before this moment may be long over."""
        # what is retained may have come a moment before anybody looked
        self._since = at - timedelta(seconds=SETTLE_S)
        self._waiting = dict.fromkeys(devices)
        self._next = now + SETTLE_S

    def see(self, event: Event) -> None:
        """Remember to ask a device that was just found, unless it speaks first."""
        if isinstance(event, Found) and self._gap_s and self._since is not None:
            self._waiting[event.device.id] = None
            if self._next == float("inf"):
                self._next = monotonic() + SETTLE_S

    def work(self, home: Home, now: float) -> None:
        """Ask the next device if it is time."""
        if now < self._next:
            return
        while self._gap_s and self._waiting:
            device = next(iter(self._waiting))
            del self._waiting[device]
            known = home.device(device)
            if known is not None and self._is_silent(known, home) and self._inquire(device):
                self._next = now + self._gap_s
                return
        self._next = float("inf")

    def next_due(self) -> float:
        """Return when there is something to ask."""
        return self._next

    def _is_silent(self, device: Device, home: Home) -> bool:
        """Return whether there is something that the device has not said since we are here."""
        for feature in device.features:
            if feature.settable and feature.readable and feature.kind != "trigger":
                reading = home.reading(device.id, feature.key)
                if reading is None or reading.value is None:
                    return True
                if self._since is not None and reading.at < self._since:
                    return True
        return False
