"""Find devices by kind, by ability, and by what their kind is good for.

Homes have many devices of few models. Those of one model have the same features: they share a shape,
and it is the shape that stands under "light", under brightness, under "it is too dark in here". So a new
device is one entry in its shape, and what thousands of devices can do is kept once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TypeAlias

from edge_nlu.steps.recognise import Profiles, phrase_key
from edge_nlu.values import Appliance, Device, DeviceId, Feature

_Key: TypeAlias = tuple[str, tuple[str, ...], tuple[Feature, ...]]


class Shape:
    """What devices of one model have in common, and which devices those are."""

    __slots__ = ("_many", "_one", "appliance", "features", "kind", "types")

    def __init__(self, device: Device, appliance: Appliance | None) -> None:
        self.kind = device.kind
        self.types = device.types
        self.features = device.features
        self.appliance = appliance
        self._one: DeviceId = ""
        self._many: dict[DeviceId, None] | None = None

    def add(self, device: DeviceId) -> None:
        """Let a device be of this shape."""
        if self._many is not None:
            self._many[device] = None
        elif self._one and self._one != device:
            self._many = {self._one: None, device: None}
            self._one = ""
        else:
            self._one = device

    def remove(self, device: DeviceId) -> None:
        """Let a device be of this shape no more."""
        if self._many is not None:
            self._many.pop(device, None)
        elif self._one == device:
            self._one = ""

    def devices(self) -> Collection[DeviceId]:
        """Return the devices of this shape."""
        return self._many if self._many is not None else (self._one,) if self._one else ()

    def position(self, key: str) -> int:
        """Return which of the features has this key, -1 where none has."""
        for at, feature in enumerate(self.features):
            if feature.key == key:
                return at
        return -1

    def abilities(self) -> Iterator[tuple[str, bool]]:
        """Yield the properties that can be set (True) and that are told (False)."""
        for feature in self.features:
            if feature.property:
                if feature.settable:
                    yield feature.property, True
                if feature.readable:
                    yield feature.property, False

    def serves(self) -> Iterator[str]:
        """Yield the wishes of its kind that these devices are able to fulfil."""
        told = {feature.property for feature in self.features if feature.settable}
        for wish, done in self.appliance.serves if self.appliance else ():
            if done.partition(".")[2] in told:
                yield wish

    def tasks(self) -> Iterator[str]:
        """Yield the words that hint at what these devices do, if they can be told anything."""
        if self.appliance and any(feature.settable for feature in self.features):
            yield from map(phrase_key, self.appliance.tasks)


_Shapes: TypeAlias = dict[Shape, None]


class Shapes:
    """The shapes of a home by what they are and can do."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles
        self._all: dict[_Key, Shape] = {}
        self.by_kind: dict[str, _Shapes] = {}
        self.by_ability: dict[tuple[str, bool], _Shapes] = {}
        self.by_wish: dict[str, _Shapes] = {}
        self.by_task: dict[str, _Shapes] = {}

    def of(self, device: Device) -> Shape:
        """Return the shape of a device, which is made where it is the first."""
        key = (device.kind, device.types, device.features)
        shape = self._all.get(key)
        if shape is None:
            shape = self._all[key] = Shape(device, self._profiles.appliance(device.kind))
            self.by_kind.setdefault(shape.kind, {})[shape] = None
            for ability in shape.abilities():
                self.by_ability.setdefault(ability, {})[shape] = None
            for index, words in ((self.by_wish, shape.serves()), (self.by_task, shape.tasks())):
                for word in words:
                    index.setdefault(word, {})[shape] = None
        return shape

    def leave(self, shape: Shape, device: DeviceId) -> None:
        """Take a device out of its shape, and the shape out of the home with its last device."""
        shape.remove(device)
        if shape.devices() or self._all.pop((shape.kind, shape.types, shape.features), None) is None:
            return
        self.by_kind[shape.kind].pop(shape, None)
        for ability in shape.abilities():
            self.by_ability[ability].pop(shape, None)
        for index, words in ((self.by_wish, shape.serves()), (self.by_task, shape.tasks())):
            for word in words:
                index[word].pop(shape, None)


class Devices(Collection[DeviceId]):
    """The devices of some shapes, looked at where they are."""

    __slots__ = ("_shape_of", "_shapes")

    def __init__(self, shapes: _Shapes | None, shape_of: Callable[[DeviceId], Shape | None]) -> None:
        self._shapes: _Shapes = shapes or {}
        self._shape_of = shape_of

    def __len__(self) -> int:
        return sum(len(shape.devices()) for shape in self._shapes)

    def __iter__(self) -> Iterator[DeviceId]:
        for shape in self._shapes:
            yield from shape.devices()

    def __contains__(self, device: object) -> bool:
        if not isinstance(device, str):
            return False
        shape = self._shape_of(device)
        return shape in self._shapes and device in shape.devices() if shape else False
