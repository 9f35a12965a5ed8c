"""Hold the home in memory: devices by word, kind, room and ability, and what they last said.

A home changes one device at a time, so every change is worked into the indexes at once and costs the
same in a flat and in a hotel. A state that was never said is unknown, which is not off, and one that a
broker repeats to whoever subscribes is no event. A group stands in the home by its name alone: where
all the lights are meant, its members are meant, and no lamp is told twice.

One thread applies the events and handles the sentences. So a snapshot is no copy, only a view with the
time on it, and it costs nothing; it must not be kept beyond the sentence that it was taken for.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from functools import lru_cache
from math import isnan, nan
from pathlib import Path
from sys import intern
from typing import TypeVar

from edge_nlu.interfaces import Context, Home
from edge_nlu.steps.features import at_work, tells_work
from edge_nlu.steps.kinds import Profiles, phrase_key
from edge_nlu.steps.names import words_in
from edge_nlu.steps.recognise import PLAIN, recognise
from edge_nlu.storage import saved
from edge_nlu.storage.appliances import RoomWords, room_words
from edge_nlu.storage.index import Index
from edge_nlu.storage.layout import Layout, id_key, id_keys
from edge_nlu.storage.meanings import Meanings
from edge_nlu.storage.rooms import Rooms
from edge_nlu.storage.shapes import Devices, Shape, Shapes
from edge_nlu.storage.spelling import Spelling
from edge_nlu.storage.turns import Turns
from edge_nlu.values import (
    Appliance,
    Device,
    DeviceId,
    Event,
    Exchange,
    Feature,
    Found,
    Gone,
    Held,
    Person,
    Presence,
    Reading,
    Report,
    Room,
    Satellite,
)

RECENT = 16
RECENT_FOR_S = 3600.0
_ANYWHERE = Layout()
_FOUNDERS = 3
_SHARED = 2000
# what people say has changed; a thermometer always does
_TELLING = frozenset({"power", "position", "lock", "run", "media", "alarm", "leak", "smoke", "status"})
# such a word before a name tells which one, not where
_WHICH = frozenset(
    words_in(
        """left right front back main big small top bottom upper lower old new smart mini floor desk wall
        ceiling table corner side bedside reading standing night wireless wifi robot pet water air first
        second third two three guest sensor device motion"""
    )
)


Shared = TypeVar("Shared")


class _Entry:
    """A device as it stands in the home, with what it last said: a value and a time for each feature."""

    __slots__ = ("active", "device", "found", "online", "shape", "times", "values")

    def __init__(self, device: Device, shape: Shape, found: int) -> None:
        self.device = device
        self.shape = shape
        self.found = found
        self.values: list[Held | None] = [None] * len(device.features)
        self.times = array("d", [nan]) * len(device.features)
        self.active = 0
        self.online = True

    def position(self, key: str) -> int:
        """Return which of the features has this key, -1 where none has."""
        for position, feature in enumerate(self.device.features):
            if feature.key == key:
                return position
        return -1

    def works(self, position: int) -> bool:
        """Return whether what a feature holds means that the device is doing something."""
        feature = self.device.features[position]
        better = feature.property == "power" and self._told_better()
        return at_work(feature, self.values[position], self.shape.appliance, told_better=better)

    def count_active(self) -> int:
        """Return how many features mean that the device is doing something."""
        return sum(self.works(position) for position in range(len(self.values)))

    def _told_better(self) -> bool:
        """Return whether it is known by another feature than its power what the device does."""
        return any(
            value is not None and tells_work(feature)
            for feature, value in zip(self.device.features, self.values, strict=True)
        )

    def put(self, key: str, value: Held | None, at: float) -> None:
        """Let a feature hold what it held before."""
        position = self.position(key)
        if position >= 0:
            self.values[position] = _kept(value)
            self.times[position] = at

    def readings(self) -> dict[str, tuple[Held | None, float]]:
        """Return what was reported, with the times in seconds since 1970."""
        said = zip(self.device.features, self.values, self.times, strict=True)
        return {feature.key: (value, at) for feature, value, at in said if not isnan(at)}


class HomeContext(Context):
    """The home as devices, their owner and conversations make it."""

    def __init__(
        self, profiles: Profiles, layout: Layout = _ANYWHERE, words: RoomWords | None = None
    ) -> None:
        self.meanings: Meanings | None = None
        self._profiles = profiles
        self._entries: dict[DeviceId, _Entry] = {}
        self._shapes = Shapes(profiles)
        self._shared: dict[object, object] = {}
        self._by_word = Index()
        self._spelling = Spelling()
        self._spoken: set[tuple[str, ...]] = set()
        self._lasting: set[str] = set()
        self._active: dict[DeviceId, None] = {}
        self._recent: dict[DeviceId, float] = {}
        self._turns = Turns()
        self._taught: dict[DeviceId, tuple[str, ...]] = {}
        self._unseen: set[DeviceId] = set()
        self._roomless = Index()
        self._in_room = Index()
        self._zone: tzinfo | None = None
        self._people = {person.id: person for person in layout.people}
        self._satellites = {satellite.id: satellite for satellite in layout.satellites}
        self._name_of = {id_key(own): name for own, name in layout.names.items()}
        self._room_of = {id_key(own.id): own.room for own in layout.satellites if own.room}
        for room, devices in layout.rooms.items():
            self._room_of.update((id_key(own), room) for own in devices)
        owned = (*layout.rooms, *self._room_of.values(), *(person.room for person in layout.people))
        self._rooms = Rooms(words or room_words(), filter(None, owned), layout.people)
        self._open_rooms()

    @property
    def size(self) -> int:
        """Return how many devices there are."""
        return len(self._entries)

    def apply(self, event: Event, at: datetime, *, retained: bool = False) -> bool:
        """Take in what a bridge read and return whether it changed anything.

        `retained` says that a broker repeated it to a new subscriber, so nothing happened just now.
        """
        if isinstance(event, Report):
            return self._report(event, at, retained=retained)
        if isinstance(event, Found):
            return self._find(event.device)
        if isinstance(event, Gone):
            return self._lose(event.device)
        if isinstance(event, Presence):
            return self._reach(event)
        return False

    def remember(self, exchange: Exchange) -> None:
        """Keep an exchange as the latest turn of the conversation at its satellite."""
        self._turns.add(exchange)

    def snapshot(self, at: datetime) -> HomeNow:
        """Return the home as it is, with the time on it: a view, to be used up before the next event."""
        return HomeNow(self, at)

    def add_alias(self, device: DeviceId, name: str) -> None:
        """Let a device be called by one more name, now or as soon as it is found."""
        taught = self._taught.get(device, ())
        self._teach(device, tuple(dict.fromkeys((*taught, name))))

    def remove_alias(self, device: DeviceId, name: str) -> None:
        """Take back a name that a device was given."""
        self._teach(device, tuple(other for other in self._taught.get(device, ()) if other != name))

    def save(self, path: Path) -> str:
        """Write devices and readings to a file, all of it or nothing, and return a warning, or ""."""
        return saved.write(
            path, ((entry.device, entry.online, entry.readings()) for entry in self._entries.values())
        )

    def load(self, path: Path) -> str:
        """Take in what a file kept, and return a warning where it could not be read, or "".

        The devices stand in the home until `forget_unseen`; a bridge that finds one again renews it.
        """
        kept, warning = saved.read(path)
        for device, online, readings in kept:
            if device.id not in self._entries:
                self._unseen.add(device.id)
                entry = self._put_in(replace(device, room=self._place(device, device)), 0)
                self._restore(entry, readings, online=online)
        return warning

    def forget_unseen(self) -> tuple[DeviceId, ...]:
        """Take out the devices that a file kept and no bridge has found since, and return which."""
        gone = tuple(self._unseen)
        for device in gone:
            self._lose(device)
        return gone

    def forget(self, devices: Collection[DeviceId]) -> None:
        """Forget the running conversations, and of these devices those that only a file remembers."""
        self._turns = Turns()
        for device in self._unseen.intersection(devices):
            self._lose(device)

    # -------------------------------------------------------------------------- devices come and go

    def _find(self, raw: Device) -> bool:
        self._unseen.discard(raw.id)
        known = self._entries.get(raw.id)
        found = hash(raw)
        if known is not None and known.found == found:
            return False
        if known is not None:
            self._take_out(known)
        entry = self._put_in(self._recognised(raw), found)
        if known is not None:
            self._restore(entry, known.readings(), online=known.online)
        return True

    def _recognised(self, raw: Device) -> Device:
        name = next((self._name_of[key] for key in id_keys(raw) if key in self._name_of), raw.name)
        aliases = tuple(dict.fromkeys((*raw.aliases, *self._taught.get(raw.id, ()))))
        device = recognise(replace(raw, name=name, aliases=aliases), self._profiles)
        return replace(device, room=self._place(device, raw))

    def _put_in(self, device: Device, found: int) -> _Entry:
        shape = self._shapes.of(device)
        # a configuration's ids with the prefix in front were only needed to find its room and name
        ids = tuple(own for own in device.ids if not own.endswith(tuple(f"/{other}" for other in device.ids)))
        device = replace(
            device, ids=ids, features=self._share(device.features), types=self._share(device.types)
        )
        entry = self._entries[device.id] = _Entry(device, shape, found)
        for word in _words_of(device):
            if self._by_word.add(word, device.id):
                self._spelling.add(word)
        if shape.appliance is not None:
            self._speak(shape.appliance.words)
        if not device.members:
            shape.devices[device.id] = None
            self._enter(device)
        return entry

    def _share(self, part: Shared) -> Shared:
        """Return the one of several equal parts of devices that is kept."""
        if len(self._shared) > _SHARED:
            self._shared.clear()
        return self._shared.setdefault(part, part)  # type: ignore[return-value]

    def _restore(
        self, entry: _Entry, readings: Mapping[str, tuple[Held | None, float]], *, online: bool
    ) -> None:
        entry.online = online
        for key, (value, at) in readings.items():
            entry.put(key, value, at)
        entry.active = entry.count_active()
        self._mark_active(entry)

    def _lose(self, device: DeviceId) -> bool:
        self._unseen.discard(device)
        entry = self._entries.get(device)
        if entry is None:
            return False
        self._take_out(entry)
        del self._entries[device]
        self._recent.pop(device, None)
        return True

    def _take_out(self, entry: _Entry) -> None:
        device = entry.device
        self._unname(device.id, _words_of(device))
        entry.shape.devices.pop(device.id, None)
        self._active.pop(device.id, None)
        self._roomless.remove(_first_word(device.name), device.id)
        if self._in_room.remove(device.room, device.id):
            self._rooms.remove(device.room)

    def _reach(self, presence: Presence) -> bool:
        entry = self._entries.get(presence.device)
        if entry is None or entry.online == presence.online:
            return False
        entry.online = presence.online
        self._mark_active(entry)
        return True

    def _teach(self, device: DeviceId, names: tuple[str, ...]) -> None:
        before = self._taught.pop(device, ())
        if names:
            self._taught[device] = names
        entry = self._entries.get(device)
        if entry is None:
            return
        others = (name for name in entry.device.aliases if name not in before)
        renamed = replace(entry.device, aliases=tuple(dict.fromkeys((*others, *names))))
        self._unname(device, _words_of(entry.device) - _words_of(renamed))
        for word in _words_of(renamed):
            if self._by_word.add(word, device):
                self._spelling.add(word)
        entry.device = renamed

    def _unname(self, device: DeviceId, words: Iterable[str]) -> None:
        for word in words:
            if self._by_word.remove(word, device) and word not in self._lasting:
                self._spelling.remove(word)

    def _speak(self, phrases: tuple[str, ...]) -> None:
        """Take in words of kinds and rooms, which stay known whatever devices come and go."""
        if phrases not in self._spoken:
            self._spoken.add(phrases)
            for word in {word for phrase in phrases for word in words_in(phrase)}:
                self._lasting.add(word)
                self._spelling.add(word)

    # ------------------------------------------------------------------------------------- rooms

    def _place(self, device: Device, raw: Device) -> str:
        """Return the room of a device: as its owner says, as it suggests, or as its name begins."""
        for key in id_keys(raw):
            if key in self._room_of:
                return self._room_of[key]
        area, slash, _ = raw.name.partition("/")
        if raw.room or (slash and area.strip()):
            room = self._rooms.of_area(raw.room or area)
        else:
            names = (device.name, *device.aliases)
            room = self._rooms.in_names(names, self._profiles.kinds_called) or self._shared_start(device)
        self._open_rooms()
        return room

    def _shared_start(self, device: Device) -> str:
        """Return a room that things of several kinds are named after, made by the last of them."""
        first = _first_word(device.name)
        if len(first) < 3 or first in _WHICH or not first.isalpha() or self._profiles.kinds_called(first):
            return ""
        self._roomless.add(first, device.id)
        named_so = [other for other in self._roomless.get(first) if other in self._entries][:RECENT]
        kinds = {device.kind, *(self._entries[other].shape.kind for other in named_so)} - PLAIN
        if len({device.id, *named_so}) < _FOUNDERS or len(kinds) < 2:
            return ""
        return self._rooms.add(first).id

    def _open_rooms(self) -> None:
        """Let new rooms be known by their words, and take in the devices that are named after them."""
        for room in self._rooms.take_new():
            self._speak(room.words)
            first = _first_word(room.words[0])
            for device in tuple(self._roomless.get(first)):
                self._roomless.remove(first, device)
                if device in self._entries:
                    entry = self._entries[device]
                    entry.device = replace(entry.device, room=room.id)
                    self._enter(entry.device)

    def _enter(self, device: Device) -> None:
        if device.room and not device.members:
            self._in_room.add(device.room, device.id)

    # ---------------------------------------------------------------------------------- readings

    def _report(self, report: Report, at: datetime, *, retained: bool) -> bool:
        entry = self._entries.get(report.device)
        position = -1 if entry is None else entry.position(report.key)
        if entry is None or position < 0:
            return False
        self._zone = at.tzinfo
        value = _kept(report.value)
        before, known = entry.values[position], not isnan(entry.times[position])
        entry.values[position] = value
        entry.times[position] = now = at.timestamp()
        if known and before == value and type(before) is type(value):
            return False
        feature = entry.device.features[position]
        works = at_work(feature, value, entry.shape.appliance)
        worked = at_work(feature, before, entry.shape.appliance)
        if works != worked or (before is None and tells_work(feature)):
            entry.active = entry.count_active()
            self._mark_active(entry)
        # the first that is heard of a lamp is no change, unless it is on
        if not retained and (before is not None or works):
            self._note(report.device, feature, now)
        return True

    def _mark_active(self, entry: _Entry) -> None:
        if entry.active and entry.online and not entry.device.members:
            self._active[entry.device.id] = None
        else:
            self._active.pop(entry.device.id, None)

    def _note(self, device: DeviceId, feature: Feature, at: float) -> None:
        """Note that a device changed, if people would say so and the hub did not tell it to."""
        if not feature.settable and (feature.kind == "number" or feature.property not in _TELLING):
            return
        if self._turns.echoes(device, at):
            return
        self._recent.pop(device, None)
        self._recent[device] = at
        if len(self._recent) > RECENT:
            del self._recent[next(iter(self._recent))]


class HomeNow(Home):
    """The home at one moment: time and turns till then are its own, all else is looked up as it stands."""

    __slots__ = ("_at", "_home", "_turns")

    def __init__(self, home: HomeContext, at: datetime) -> None:
        self._home = home
        self._at = at
        self._turns: dict[tuple[str, str], Sequence[Exchange]] = {}

    @property
    def at(self) -> datetime:
        """Return the local time of this moment."""
        return self._at

    def device(self, device: DeviceId) -> Device | None:
        """Return the device with this id."""
        entry = self._home._entries.get(device)
        return None if entry is None else entry.device

    def all_devices(self) -> Collection[DeviceId]:
        """Return every device, the order found."""
        return self._home._entries.keys()

    def known_as(self, word: str) -> Collection[DeviceId]:
        """Return the devices with this word in their name or an alias, groups of devices among them."""
        found = words_in(word)
        return self._home._by_word.get(found[0]) if len(found) == 1 else ()

    def of_kind(self, kind: str) -> Collection[DeviceId]:
        """Return the devices of an appliance kind, without groups."""
        return Devices(self._home._shapes.by_kind.get(kind), self._shape_of)

    def kinds_called(self, word: str) -> Sequence[str]:
        """Return the appliance kinds that a word or phrase names, in singular or plural."""
        return self._home._profiles.kinds_called(word)

    def appliance(self, kind: str) -> Appliance | None:
        """Return the profile of an appliance kind."""
        return self._home._profiles.appliance(kind)

    def serving(self, wish: str) -> Collection[DeviceId]:
        """Return the devices whose kind serves a wish though nobody named them, and that are able to."""
        return Devices(self._home._shapes.by_wish.get(wish), self._shape_of)

    def tasked(self, word: str) -> Collection[DeviceId]:
        """Return the devices whose kind does what a word hints at: "tea" for a kettle."""
        return Devices(self._home._shapes.by_task.get(phrase_key(word)), self._shape_of)

    def nearest(self, embedding: bytes, among: Collection[DeviceId]) -> Sequence[tuple[DeviceId, float]]:
        """Return these devices by how near what they are for is to what a sentence means, nearest first."""
        if self._home.meanings is None:
            return ()
        known = (self._home._entries.get(device) for device in among)
        return self._home.meanings.nearest(embedding, [entry.device for entry in known if entry is not None])

    def in_room(self, room: str) -> Collection[DeviceId]:
        """Return the devices in a room, without groups."""
        return self._home._in_room.get(room)

    def with_property(self, prop: str, *, settable: bool) -> Collection[DeviceId]:
        """Return the devices with a feature of this property that can be set, or that tells."""
        return Devices(self._home._shapes.by_ability.get((prop, settable)), self._shape_of)

    def active(self) -> Collection[DeviceId]:
        """Return the devices that are doing something: on, running, playing, ringing, open."""
        return self._home._active.keys()

    def recent(self) -> Sequence[DeviceId]:
        """Return the devices that changed of themselves or by hand in the last hour, the latest first."""
        oldest = self._at.timestamp() - RECENT_FOR_S
        return tuple(device for device, at in reversed(self._home._recent.items()) if at >= oldest)

    def reading(self, device: DeviceId, key: str) -> Reading | None:
        """Return what a feature last held; None where nothing was ever reported."""
        entry = self._home._entries.get(device)
        position = -1 if entry is None else entry.position(key)
        if entry is None or position < 0 or isnan(entry.times[position]):
            return None
        at = datetime.fromtimestamp(entry.times[position], self._home._zone or self._at.tzinfo)
        return Reading(entry.values[position], at)

    def online(self, device: DeviceId) -> bool:
        """Return False when the device said, or its convention says, that it cannot be reached."""
        entry = self._home._entries.get(device)
        return entry is not None and entry.online

    def words_like(self, word: str) -> Sequence[str]:
        """Return words of this home that a misheard or mistyped word may stand for, best first.

        They are words of devices' names, of the kinds of devices there are, and of rooms. A word that is one
        of them stands for itself alone.
        """
        found = words_in(word)
        return self._home._spelling.like(found[0]) if len(found) == 1 else ()

    def rooms(self) -> Sequence[Room]:
        """Return the rooms."""
        return self._home._rooms.all()

    def room(self, room: str) -> Room | None:
        """Return the room with this id."""
        return self._home._rooms.get(room)

    def rooms_called(self, words: str) -> Sequence[str]:
        """Return the ids of the rooms that these words name: "loo", "Mia's room", "upstairs", "the house"."""
        return self._home._rooms.called(words)

    def person(self, user: str) -> Person | None:
        """Return who this is, if they live here."""
        return self._home._people.get(user)

    def people(self) -> Sequence[Person]:
        """Return who lives here."""
        return tuple(self._home._people.values())

    def satellite(self, satellite: str) -> Satellite | None:
        """Return what is known of a satellite."""
        return self._home._satellites.get(satellite)

    def turns(self, satellite: str, user: str = "") -> Sequence[Exchange]:
        """Return the exchanges of the running conversation there, the latest last.

        What this user said elsewhere belongs to it, where it is known who speaks.
        """
        if (satellite, user) not in self._turns:
            self._turns[satellite, user] = self._home._turns.of(satellite, user, self._at)
        return self._turns[satellite, user]

    def _shape_of(self, device: DeviceId) -> Shape | None:
        entry = self._home._entries.get(device)
        return None if entry is None else entry.shape


def _kept(held: Held | None) -> Held | None:
    """Return the one of equal values that is kept: a home has many devices, and few things that they say."""
    if isinstance(held, str):
        return intern(held)
    return _number(held) if isinstance(held, float) else held


@lru_cache(maxsize=1024)
def _number(held: float) -> float:
    return held


def _words_of(device: Device) -> frozenset[str]:
    """Return the words that a device is found by."""
    return frozenset(intern(word) for name in (device.name, *device.aliases) for word in words_in(name))


def _first_word(name: str) -> str:
    return next(iter(words_in(name)), "")
