"""Find devices by kind, by ability, and by what their kind is good for.

Homes have many devices of few sorts. Those of one kind that can do the same share a shape, and it is the
shape that stands under "light", under brightness, under "it is too dark in here". So a new device is one
entry in its shape, and what thousands of devices can do is kept once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeAlias

from edge_nlu.steps.kinds import Profiles, phrase_key
from edge_nlu.values import Appliance, Device, DeviceId, Feature

Ability: TypeAlias = tuple[str, bool]
"""A property, and whether it can be set (True) or is told (False)."""


class Shape:
    """What devices of one kind that can do the same have in common, and which devices those are."""

    __slots__ = ("abilities", "appliance", "devices", "kind")

    def __init__(self, kind: str, appliance: Appliance | None, abilities: frozenset[Ability]) -> None:
        self.kind = kind
        self.appliance = appliance
        self.abilities = abilities
        self.devices: dict[DeviceId, None] = {}

    def serves(self) -> Iterator[str]:
        """Yield the wishes of its kind that these devices are able to fulfil."""
        for wish, done in self.appliance.serves if self.appliance else ():
            if (done.partition(".")[2], True) in self.abilities:
                yield wish

    def tasks(self) -> Iterator[str]:
        """Yield the words that hint at what these devices do, if they can be told anything."""
        if self.appliance and any(settable for _, settable in self.abilities):
            yield from map(phrase_key, self.appliance.tasks)


_Shapes: TypeAlias = dict[Shape, None]


class Shapes:
    """The shapes of a home by what they are and can do."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles
        self._all: dict[tuple[str, frozenset[Ability]], Shape] = {}
        self.by_kind: dict[str, _Shapes] = {}
        self.by_ability: dict[Ability, _Shapes] = {}
        self.by_wish: dict[str, _Shapes] = {}
        self.by_task: dict[str, _Shapes] = {}

    def of(self, device: Device) -> Shape:
        """Return the shape of a device; once made, a shape stays, since there are never many."""
        abilities = _abilities(device.features)
        shape = self._all.get((device.kind, abilities))
        if shape is None:
            shape = Shape(device.kind, self._profiles.appliance(device.kind), abilities)
            self._all[device.kind, abilities] = shape
            self.by_kind.setdefault(shape.kind, {})[shape] = None
            for ability in abilities:
                self.by_ability.setdefault(ability, {})[shape] = None
            for index, words in ((self.by_wish, shape.serves()), (self.by_task, shape.tasks())):
                for word in words:
                    index.setdefault(word, {})[shape] = None
        return shape


def _abilities(features: Iterable[Feature]) -> frozenset[Ability]:
    told = {(feature.property, True) for feature in features if feature.property and feature.settable}
    return frozenset(
        told | {(feature.property, False) for feature in features if feature.readable} - {("", False)}
    )


class Devices(Collection[DeviceId]):
    """The devices of some shapes, looked at where they are."""

    __slots__ = ("_shape_of", "_shapes")

    def __init__(self, shapes: _Shapes | None, shape_of: Callable[[DeviceId], Shape | None]) -> None:
        self._shapes: _Shapes = shapes or {}
        self._shape_of = shape_of

    def __len__(self) -> int:
        return sum(len(shape.devices) for shape in self._shapes)

    def __iter__(self) -> Iterator[DeviceId]:
        for shape in self._shapes:
            yield from shape.devices

    def __contains__(self, device: object) -> bool:
        shape = self._shape_of(device) if isinstance(device, str) else None
        return shape is not None and shape in self._shapes and device in shape.devices
