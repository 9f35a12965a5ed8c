"""Hold the home in memory: devices by word, kind, room and ability, and what they last said.

A home changes one device at a time, so every change is worked into the indexes at once and costs the
same in a flat and in a hotel. Devices of one model share what they can do: most indexes lead to such
shapes, and only a shape to its devices. A state that was never said is unknown, which is not off, and
one that a broker repeats to whoever subscribes is no event.

One thread applies the events and handles the sentences. So a snapshot is no copy, only a view with the
time on it, and it costs nothing; it must not be kept beyond the sentence that it was taken for.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from math import isnan, nan
from pathlib import Path
from sys import intern

from edge_nlu.interfaces import Home
from edge_nlu.steps.names import words_in
from edge_nlu.steps.recognise import PLAIN, Profiles, at_work, phrase_key, readable, recognise
from edge_nlu.storage import saved
from edge_nlu.storage.appliances import RoomWords, room_words
from edge_nlu.storage.index import Index
from edge_nlu.storage.rooms import Rooms
from edge_nlu.storage.spelling import Spelling
from edge_nlu.values import (
    Act,
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

TURNS = 8
TURNS_FOR = timedelta(minutes=15)
RECENT = 16
RECENT_FOR_S = 3600.0
ECHO_S = 10.0
"""A change so soon after a device was told is taken for its answer, not for somebody's hand."""

_TELLING = frozenset({"power", "position", "lock", "run", "media", "alarm", "leak", "smoke", "status"})
_FOUNDERS = 3
# such a word before a name tells which one, not where
_WHICH = frozenset(
    """left right front back main big small top bottom upper lower old new smart mini floor desk wall ceiling
    table corner side bedside reading standing night wireless wifi robot pet water air first second third one
    two three my our guest sensor device motion""".split()  # noqa: SIM905 - a long list stays easy to read
)


@dataclass(frozen=True, slots=True)
class Layout:
    """What an owner says of the home: what is in which room, what things are called, who lives here.

    Devices are named by any of their ids, with the convention's prefix or without.
    """

    rooms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    satellites: tuple[Satellite, ...] = ()


class _Shape:
    """What devices of one model have in common, and which devices those are."""

    __slots__ = ("appliance", "devices", "features", "kind", "single", "types")

    def __init__(
        self, kind: str, types: tuple[str, ...], features: tuple[Feature, ...], appliance: Appliance | None
    ) -> None:
        self.kind = kind
        self.types = types
        self.features = features
        self.appliance = appliance
        self.single: DeviceId = ""
        self.devices: dict[DeviceId, None] | None = None

    def add(self, device: DeviceId) -> None:
        if self.devices is not None:
            self.devices[device] = None
        elif self.single and self.single != device:
            self.devices = {self.single: None, device: None}
            self.single = ""
        else:
            self.single = device

    def remove(self, device: DeviceId) -> None:
        if self.devices is not None:
            self.devices.pop(device, None)
        elif self.single == device:
            self.single = ""

    def all(self) -> Collection[DeviceId]:
        if self.devices is not None:
            return self.devices
        return (self.single,) if self.single else ()

    def position(self, key: str) -> int:
        for at, feature in enumerate(self.features):
            if feature.key == key:
                return at
        return -1


class _Entry:
    """A device as it stands in the home, with what it last said: a value and a time for each feature."""

    __slots__ = ("active", "device", "found", "online", "shape", "times", "values")

    def __init__(self, device: Device, shape: _Shape, found: int) -> None:
        self.device = device
        self.shape = shape
        self.found = found
        self.values: list[Held | None] = [None] * len(shape.features)
        self.times = array("d", [nan]) * len(shape.features)
        self.active = 0
        self.online = True


class _Devices(Collection[DeviceId]):
    """The devices of some shapes, without a copy."""

    __slots__ = ("_entries", "_shapes")

    def __init__(self, shapes: Collection[_Shape], entries: Mapping[DeviceId, _Entry]) -> None:
        self._shapes = shapes
        self._entries = entries

    def __len__(self) -> int:
        return sum(len(shape.all()) for shape in self._shapes)

    def __iter__(self) -> Iterator[DeviceId]:
        for shape in self._shapes:
            yield from shape.all()

    def __contains__(self, device: object) -> bool:
        entry = self._entries.get(device) if isinstance(device, str) else None
        return entry is not None and entry.shape in self._shapes and not entry.device.members


class HomeContext:
    """The home as devices, settings and conversations make it."""

    def __init__(
        self,
        profiles: Profiles,
        layout: Layout = Layout(),
        usual: RoomWords | None = None,
    ) -> None:
        self._profiles = profiles
        self._entries: dict[DeviceId, _Entry] = {}
        self._shapes: dict[tuple[str, tuple[str, ...], tuple[Feature, ...]], _Shape] = {}
        self._by_kind: dict[str, dict[_Shape, None]] = {}
        self._by_property: dict[tuple[str, bool], dict[_Shape, None]] = {}
        self._by_wish: dict[str, dict[_Shape, None]] = {}
        self._by_task: dict[str, dict[_Shape, None]] = {}
        self._by_word = Index()
        self._in_room: dict[str, dict[DeviceId, None]] = {}
        self._spelling = Spelling()
        self._spoken: set[str] = set()
        self._known_kinds: set[str] = set()
        self._active: dict[DeviceId, None] = {}
        self._recent: dict[DeviceId, float] = {}
        self._told: dict[DeviceId, float] = {}
        self._turns: dict[str, deque[Exchange]] = {}
        self._taught: dict[DeviceId, tuple[str, ...]] = {}
        self._unseen: set[DeviceId] = set()
        self._waiting = Index()
        self._zone: tzinfo | None = None
        self._people = {person.id: person for person in layout.people}
        self._satellites = {satellite.id: satellite for satellite in layout.satellites}
        self._rooms = Rooms(usual or room_words(), layout.people)
        self._configured: set[str] = set()
        self._room_of: dict[str, str] = {}
        self._name_of = {_id_key(own): name for own, name in layout.names.items()}
        self._take_rooms(layout)

    def _take_rooms(self, layout: Layout) -> None:
        for satellite in layout.satellites:
            if satellite.room:
                self._room_of[_id_key(satellite.id)] = satellite.room
        for room, devices in layout.rooms.items():
            self._room_of.update((_id_key(own), room) for own in devices)
        for room in (*layout.rooms, *self._room_of.values(), *(person.room for person in layout.people)):
            if room:
                self._configured.add(room)
                self._add_room(room)

    # ------------------------------------------------------------------------------ what happens

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
            entry = self._entries.get(event.device)
            if entry is None or entry.online == event.online:
                return False
            entry.online = event.online
            self._mark_active(event.device, entry)
            return True
        return False

    def remember(self, exchange: Exchange) -> None:
        """Keep an exchange as the latest turn of the conversation at its satellite."""
        utterance = exchange.utterance
        turns = self._turns.setdefault(utterance.satellite, deque(maxlen=TURNS))
        turns.append(exchange)
        if len(self._turns) > 256:
            self._turns.pop(next(iter(self._turns)))
        if isinstance(exchange.decision, Act):
            for command in exchange.decision.commands:
                self._told.pop(command.device, None)
                self._told[command.device] = utterance.at.timestamp()
            while len(self._told) > 256:
                self._told.pop(next(iter(self._told)))

    def add_alias(self, device: DeviceId, name: str) -> None:
        """Let a device be called by one more name, now or as soon as it is found."""
        taught = self._taught.get(device, ())
        if name not in taught:
            self._teach(device, (*taught, name))

    def remove_alias(self, device: DeviceId, name: str) -> None:
        """Take back a name that a device was given."""
        self._teach(device, tuple(other for other in self._taught.get(device, ()) if other != name))

    def snapshot(self, at: datetime) -> HomeNow:
        """Return the home as it is, with the time on it; a view, to be used up before the next event."""
        return HomeNow(self, at)

    # -------------------------------------------------------------------------- devices come and go

    def _find(self, raw: Device) -> bool:
        self._unseen.discard(raw.id)
        known = self._entries.get(raw.id)
        found = hash(raw)
        if known is not None and known.found == found:
            return False
        device = self._recognised(raw)
        if known is not None:
            self._take_out(known)
        self._put_in(device, found, known)
        return True

    def _recognised(self, raw: Device) -> Device:
        keys = tuple(_id_keys(raw))
        name = next((self._name_of[key] for key in keys if key in self._name_of), raw.name)
        aliases = tuple(dict.fromkeys((*raw.aliases, *self._taught.get(raw.id, ()))))
        device = recognise(replace(raw, name=name, aliases=aliases), self._profiles)
        return replace(device, room=self._place(device, raw, keys))

    def _put_in(self, device: Device, found: int, before: _Entry | None) -> None:
        shape = self._shape(device)
        device = replace(device, id=intern(device.id), features=shape.features, types=shape.types)
        entry = _Entry(device, shape, found)
        self._entries[device.id] = entry
        for word in _words_of(device):
            if self._by_word.add(word, device.id):
                self._spelling.add(word)
        if not device.members:
            shape.add(device.id)
            if device.room:
                self._in_room.setdefault(device.room, {})[device.id] = None
        if before is not None:
            self._carry_over(before, entry)
        self._mark_active(device.id, entry)

    def _carry_over(self, before: _Entry, entry: _Entry) -> None:
        """Keep what a device said before it changed its name or its abilities."""
        entry.online = before.online
        for at, feature in enumerate(before.shape.features):
            now = entry.shape.position(feature.key)
            if now >= 0 and entry.shape.features[now].kind == feature.kind:
                entry.values[now], entry.times[now] = before.values[at], before.times[at]
        entry.active = sum(map(self._works, [entry] * len(entry.values), range(len(entry.values))))

    def _lose(self, device: DeviceId) -> bool:
        entry = self._entries.get(device)
        if entry is None:
            return False
        self._take_out(entry)
        del self._entries[device]
        self._unseen.discard(device)
        self._recent.pop(device, None)
        return True

    def _take_out(self, entry: _Entry) -> None:
        device = entry.device
        for word in _words_of(device):
            if self._by_word.remove(word, device.id) and word not in self._spoken:
                self._spelling.remove(word)
        self._active.pop(device.id, None)
        entry.shape.remove(device.id)
        if not entry.shape.all():
            self._forget_shape(entry.shape)
        if first := _first_word(device.name):
            self._waiting.remove(first, device.id)
        if device.room and not device.members:
            self._leave_room(device)

    def _leave_room(self, device: Device) -> None:
        inside = self._in_room.get(device.room, {})
        inside.pop(device.id, None)
        if not inside and device.room not in self._configured:
            self._in_room.pop(device.room, None)
            self._rooms.remove(device.room)

    def _shape(self, device: Device) -> _Shape:
        key = (device.kind, device.types, device.features)
        shape = self._shapes.get(key)
        if shape is None:
            appliance = self._profiles.appliance(device.kind)
            shape = self._shapes[key] = _Shape(device.kind, device.types, device.features, appliance)
            self._by_kind.setdefault(device.kind, {})[shape] = None
            for ability in _abilities(shape):
                self._by_property.setdefault(ability, {})[shape] = None
            for wish in _serves(shape):
                self._by_wish.setdefault(wish, {})[shape] = None
            for task in _tasks(shape):
                self._by_task.setdefault(task, {})[shape] = None
            if appliance is not None and device.kind not in self._known_kinds:
                self._known_kinds.add(device.kind)
                self._speak(word for phrase in appliance.words for word in words_in(phrase))
        return shape

    def _forget_shape(self, shape: _Shape) -> None:
        self._shapes.pop((shape.kind, shape.types, shape.features), None)
        self._by_kind.get(shape.kind, {}).pop(shape, None)
        for ability in _abilities(shape):
            self._by_property.get(ability, {}).pop(shape, None)
        for wish in _serves(shape):
            self._by_wish.get(wish, {}).pop(shape, None)
        for task in _tasks(shape):
            self._by_task.get(task, {}).pop(shape, None)

    def _speak(self, words: Iterable[str]) -> None:
        """Take in words that stay known whatever devices come and go."""
        for word in words:
            self._spoken.add(word)
            self._spelling.add(word)

    def _teach(self, device: DeviceId, names: tuple[str, ...]) -> None:
        before = self._taught.pop(device, ())
        if names:
            self._taught[device] = names
        entry = self._entries.get(device)
        if entry is None:
            return
        kept = tuple(name for name in entry.device.aliases if name not in before)
        renamed = replace(entry.device, aliases=tuple(dict.fromkeys((*kept, *names))))
        for word in _words_of(entry.device) - _words_of(renamed):
            if self._by_word.remove(word, device) and word not in self._spoken:
                self._spelling.remove(word)
        for word in _words_of(renamed):
            if self._by_word.add(word, device):
                self._spelling.add(word)
        entry.device = renamed

    # ------------------------------------------------------------------------------------- rooms

    def _add_room(self, room: str, name: str = "") -> None:
        if room in self._rooms:
            return
        made = self._rooms.add(room, name)
        self._speak(word for phrase in made.words for word in words_in(phrase))
        first = _first_word(made.words[0])
        for device in tuple(self._waiting.get(first)):
            entry = self._entries[device]
            self._waiting.remove(first, device)
            entry.device = replace(entry.device, room=room)
            if not entry.device.members:
                self._in_room.setdefault(room, {})[device] = None

    def _place(self, device: Device, raw: Device, keys: Iterable[str]) -> str:
        """Return the room of a device: as configured, as it suggests, or as its name begins."""
        for key in keys:
            if key in self._room_of:
                return self._room_of[key]
        if raw.room:
            return self._room_named(raw.room)
        area, slash, _ = raw.name.partition("/")
        if slash and readable(area):
            return self._room_named(area)
        for name in (device.name, *device.aliases):
            if room := self._room_in(name):
                return room
        return self._shared_start(device)

    def _room_named(self, area: str) -> str:
        """Return the room that an area is, which is made where there is none."""
        called = self._rooms.called(area)
        if len(called) == 1:
            return called[0]
        room = _id_key(readable(area))
        if room not in called:
            self._add_room(room, readable(area))
        return room

    def _room_in(self, name: str) -> str:
        """Return the room whose words a name begins with, or holds."""
        words = words_in(name)
        for length in range(min(3, len(words)), 0, -1):
            phrase = " ".join(words[:length])
            called = self._rooms.called(phrase)
            if len(called) == 1:
                return called[0]
            if self._rooms.usual(phrase) and not called and not self._profiles.kinds_called(phrase):
                room = _id_key(phrase)
                self._add_room(room, phrase)
                return room
        for start in range(1, len(words)):
            for length in (3, 2, 1):
                own = self._rooms.own(" ".join(words[start : start + length]))
                if len(own) == 1:
                    return own[0]
        return ""

    def _shared_start(self, device: Device) -> str:
        """Return a room that several things of different kinds are named after, made by the last of them."""
        first = _first_word(device.name)
        if not first or first in _WHICH or not first.isalpha() or self._profiles.kinds_called(first):
            return ""
        self._waiting.add(first, device.id)
        others = [self._entries[other] for other in self._waiting.get(first) if other in self._entries]
        kinds = {device.kind, *(other.shape.kind for other in others[:RECENT])} - PLAIN
        if len(others) + 1 < _FOUNDERS or len(kinds) < 2:
            return ""
        self._waiting.remove(first, device.id)
        self._add_room(first)
        return first

    # ---------------------------------------------------------------------------------- readings

    def _report(self, report: Report, at: datetime, *, retained: bool) -> bool:
        entry = self._entries.get(report.device)
        if entry is None:
            return False
        position = entry.shape.position(report.key)
        if position < 0:
            return False
        self._zone = at.tzinfo
        value = intern(report.value) if isinstance(report.value, str) else report.value
        before, known = entry.values[position], not isnan(entry.times[position])
        worked = self._works(entry, position)
        entry.values[position] = value
        entry.times[position] = at.timestamp()
        if known and before == value and type(before) is type(value):
            return False
        works = self._works(entry, position)
        if works != worked:
            entry.active += works - worked
            self._mark_active(report.device, entry)
        if not retained and ((known and before is not None) or works):
            self._note(report.device, entry.shape.features[position], at.timestamp())
        return True

    def _works(self, entry: _Entry, position: int) -> bool:
        return at_work(entry.shape.features[position], entry.values[position], entry.shape.appliance)

    def _mark_active(self, device: DeviceId, entry: _Entry) -> None:
        if entry.active and entry.online and not entry.device.members:
            self._active[device] = None
        else:
            self._active.pop(device, None)

    def _note(self, device: DeviceId, feature: Feature, at: float) -> None:
        """Note that a device changed, if anybody would say that it did: a thermometer always does."""
        if not feature.settable and (feature.kind == "number" or feature.property not in _TELLING):
            return
        told = self._told.get(device)
        if told is not None and 0 <= at - told <= ECHO_S:
            return
        self._recent.pop(device, None)
        self._recent[device] = at
        if len(self._recent) > RECENT:
            del self._recent[next(iter(self._recent))]

    # -------------------------------------------------------------------------------- what is kept

    def save(self, path: Path) -> None:
        """Write devices and readings to a file, all of it or nothing."""
        saved.write(path, self._to_save())

    def load(self, path: Path) -> str:
        """Take in what a file kept, and return a warning where it could not be read, else "".

        The devices stand in the home until `forget_unseen`; a bridge that finds them again takes their place.
        """
        kept, warning = saved.read(path)
        for device, online, readings in kept:
            if device.id in self._entries:
                continue
            self._put_in(replace(device, room=self._known_room(device)), 0, None)
            self._unseen.add(device.id)
            self._restore(self._entries[device.id], readings, online=online)
        return warning

    def forget_unseen(self) -> tuple[DeviceId, ...]:
        """Take out the devices that a file kept and no bridge has found since, and return which."""
        gone = tuple(self._unseen)
        for device in gone:
            self._lose(device)
        return gone

    def _to_save(self) -> Iterator[saved.Kept]:
        for entry in self._entries.values():
            readings = {
                feature.key: (entry.values[at], entry.times[at])
                for at, feature in enumerate(entry.shape.features)
                if not isnan(entry.times[at])
            }
            yield entry.device, entry.online, readings

    def _known_room(self, device: Device) -> str:
        for key in _id_keys(device):
            if key in self._room_of:
                return self._room_of[key]
        if device.room:
            self._add_room(device.room)
        return device.room

    def _restore(
        self, entry: _Entry, readings: Mapping[str, tuple[Held | None, float]], *, online: bool
    ) -> None:
        entry.online = online
        for key, (value, at) in readings.items():
            position = entry.shape.position(key)
            if position >= 0:
                entry.values[position] = intern(value) if isinstance(value, str) else value
                entry.times[position] = at
                entry.active += self._works(entry, position)
        self._mark_active(entry.device.id, entry)


class HomeNow(Home):
    """The home at one moment: nothing but the time is its own, the rest is looked up as it stands."""

    __slots__ = ("_at", "_home")

    def __init__(self, home: HomeContext, at: datetime) -> None:
        self._home = home
        self._at = at

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
        """Return the devices of an appliance kind, without groups: their members stand for them."""
        return _Devices(self._home._by_kind.get(kind, {}), self._home._entries)

    def kinds_called(self, word: str) -> Sequence[str]:
        """Return the appliance kinds that a word or phrase names, in singular or plural."""
        return self._home._profiles.kinds_called(word)

    def appliance(self, kind: str) -> Appliance | None:
        """Return the profile of an appliance kind."""
        return self._home._profiles.appliance(kind)

    def serving(self, wish: str) -> Collection[DeviceId]:
        """Return the devices whose kind serves a wish though nobody named them, and that can do it."""
        return _Devices(self._home._by_wish.get(wish, {}), self._home._entries)

    def tasked(self, word: str) -> Collection[DeviceId]:
        """Return the devices whose kind does what a word hints at: "tea" for a kettle."""
        return _Devices(self._home._by_task.get(phrase_key(word), {}), self._home._entries)

    def in_room(self, room: str) -> Collection[DeviceId]:
        """Return the devices in a room, without groups."""
        return self._home._in_room.get(room, {}).keys()

    def with_property(self, prop: str, *, settable: bool) -> Collection[DeviceId]:
        """Return the devices with a feature of this property that can be set, or that tells."""
        return _Devices(self._home._by_property.get((prop, settable), {}), self._home._entries)

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
        position = -1 if entry is None else entry.shape.position(key)
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

        What a user who is known said elsewhere belongs to it, since people walk about.
        """
        oldest = self._at - TURNS_FOR
        turns = list(self._home._turns.get(satellite, ()))
        if user:
            for other, exchanges in self._home._turns.items():
                if other != satellite:
                    turns.extend(exchange for exchange in exchanges if exchange.utterance.user == user)
            turns.sort(key=lambda exchange: exchange.utterance.at)
        return tuple(exchange for exchange in turns if exchange.utterance.at >= oldest)[-TURNS:]


def _words_of(device: Device) -> frozenset[str]:
    """Return the words that a device is found by."""
    return frozenset(intern(word) for name in (device.name, *device.aliases) for word in words_in(name))


def _first_word(name: str) -> str:
    return next(iter(words_in(name)), "")


def _id_key(own: str) -> str:
    """Return an id as it is compared: people write it with spaces, dashes and capitals."""
    return own.strip().lower().replace("-", "_").replace(" ", "_")


def _id_keys(device: Device) -> Iterator[str]:
    """Yield the ids that a configuration may use for a device: whole ones first, then without a prefix."""
    yield _id_key(device.id)
    for own in device.ids:
        yield _id_key(own)
    for own in (*device.ids, device.id):
        if "/" in own:
            yield _id_key(own.partition("/")[2])
    yield _id_key(device.id.rpartition("/")[2])


def _abilities(shape: _Shape) -> Iterator[tuple[str, bool]]:
    for feature in shape.features:
        if feature.property:
            if feature.settable:
                yield feature.property, True
            if feature.readable:
                yield feature.property, False


def _serves(shape: _Shape) -> Iterator[str]:
    """Yield the wishes that devices of a shape fulfil: those of their kind that they are able to."""
    told = {feature.property for feature in shape.features if feature.settable}
    if shape.appliance is not None:
        for wish, done in shape.appliance.serves:
            if done.partition(".")[2] in told:
                yield wish


def _tasks(shape: _Shape) -> Iterator[str]:
    """Yield the words that hint at what devices of a shape do, where they can be told anything."""
    if shape.appliance is not None and any(feature.settable for feature in shape.features):
        yield from map(phrase_key, shape.appliance.tasks)
