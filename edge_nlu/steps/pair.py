"""Pair a wish with each device that it may be about.

What is named is looked up by its words; what is not named is looked for among the devices that could
do it: those in the speaker's room, those doing something, those spoken of a moment ago. For each, the
evidence is counted up: how well the words fit, where it stands, whether the wish would change
anything. Which evidence weighs how much is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from edge_nlu.interfaces import Home, Memory
from edge_nlu.steps.names import (
    WORD,
    fit,
    fitting,
    is_called,
    is_named,
    is_plural,
    is_whole_name,
    name_words,
    names_kind_only,
    stem,
    words_in,
)
from edge_nlu.steps.ways import ways
from edge_nlu.values import (
    Act,
    Answer,
    Ask,
    Candidate,
    Cannot,
    Command,
    Device,
    DeviceId,
    Exchange,
    Person,
    Satellite,
    Target,
    Utterance,
    Wish,
)

# more devices than these are narrowed down by where the speaker is before they are looked at
MANY = 48
# a habit fills in what was left open where it holds at least so often
HABIT = 0.45
# less of a fit than this names another thing
FITS = 0.55
# every word of what was said fits
WHOLE = 0.99
NEARLY = 0.8
ALL = frozenset(["all", "every", "everything", "both", "each", "anything", "any", "which", "everyone"])
# a wish for something that goes on: whoever is at it is meant
GOING_ON = frozenset(
    ["pause", "stop", "resume", "next", "previous", "lower", "raise", "set", "mute", "unmute", "dock", "ask"]
)
# nobody asks this of a thing that rests
AT_IT = frozenset(
    (want, prop)
    for want in ("pause", "stop", "next", "previous", "mute")
    for prop in ("unsaid", "media", "run", "volume")
) | {("ask", "time_left"), ("ask", "media")}
APT = {
    "brightness": ("light",),
    "color": ("light",),
    "temperature": ("thermostat", "climate_sensor", "heater", "air_conditioner"),
    "humidity": ("climate_sensor", "humidifier"),
    "volume": ("speaker", "tv"),
    "media": ("speaker", "tv"),
    "position": ("cover", "window", "door", "garage_door", "contact_sensor"),
    "lock": ("lock",),
    "run": ("washing_machine", "tumble_dryer", "dishwasher", "robot_vacuum", "coffee_maker"),
    "timer": ("timer", "oven"),
    "alarm": ("alarm_clock",),
    "presence": ("motion_sensor",),
    "leak": ("leak_sensor",),
    "smoke": ("smoke_sensor",),
    "speed": ("fan",),
    "swing": ("fan",),
    "air": ("fan", "air_purifier", "window"),
}
# whoever is cold is not in the room of these, unless they say so
OF_ONE_ROOM = frozenset(["heater", "electric_blanket", "fan"])
# these want to be told something, not to have something done
ASKING = ("ask", "find")
SEVERAL = ("them", "those", "these", "they")
HERE = frozenset(["here", "this room", "there"])
_MINE = re.compile(r"\bm(?:y|ine)\b", re.I)
# said to whatever makes a noise
SILENCE = frozenset(["stop", "off", "mute", "pause", "cancel"])
# more time is asked of whichever is ringing
CLOCKS = ("timer", "alarm")
SEEN = frozenset(["movie", "series", "video", "photo", "recipe"])


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when something is said, by whom, and what was said just before."""

    utterance: Utterance
    home: Home
    memory: Memory
    satellite: Satellite | None
    person: Person | None
    turns: Sequence[Exchange]
    spoken_of: tuple[DeviceId, ...]
    recent: Sequence[DeviceId]
    embedding: bytes = b""

    @property
    def last(self) -> Exchange | None:
        """Return the exchange just before."""
        return self.turns[-1] if self.turns else None

    @property
    def here(self) -> str:
        """Return the room of the speaker, or "" where nobody knows."""
        return self.satellite.room if self.satellite else ""

    @property
    def away(self) -> bool:
        """Return whether the speaker may be out: what they speak through is carried about."""
        return self.satellite is not None and not self.satellite.room


def scene_of(utterance: Utterance, home: Home, memory: Memory) -> Scene:
    """Return the scene in which something is said."""
    turns = home.turns(utterance.satellite, utterance.user)
    return Scene(
        utterance,
        home,
        memory,
        home.satellite(utterance.satellite),
        home.person(utterance.user),
        turns,
        next((found for turn in reversed(turns) if (found := spoken_of(turn))), ()),
        home.recent(),
    )


def spoken_of(exchange: Exchange) -> tuple[DeviceId, ...]:
    """Return the devices that an exchange was about."""
    return tuple(dict.fromkeys(d for candidate in candidates_of(exchange) for d in candidate.devices))


def candidates_of(exchange: Exchange) -> tuple[Candidate, ...]:
    """Return what an exchange settled on; nothing where it asked back."""
    match exchange.decision:
        case Act(candidates=found) | Answer(candidates=found):
            return found
        case Ask(options=(only,)):
            return only.candidates
    return ()


@dataclass(frozen=True, slots=True)
class Pair:
    """A wish aimed at one device, what it would be told, and the evidence as numbers by name."""

    candidate: Candidate
    evidence: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Pairing:
    """What one target of a wish may be: devices that can, devices that cannot, or nothing by that name.

    `together` says that not one of them is meant but all.
    """

    target: Target
    pairs: tuple[Pair, ...] = ()
    unable: tuple[Cannot, ...] = ()
    together: bool = False
    no_room: str = ""
    no_thing: str = ""


def pair(wish: Wish, target: Target, scene: Scene, only: Sequence[DeviceId] = ()) -> Pairing:
    """Return which devices a target of a wish may be; `only` holds them where that is settled."""
    rooms = _rooms(target.place, scene)
    if target.place and not rooms and not only:
        # "the attic shutter", where no room but a shutter is called so
        thing = f"{target.place} {target.thing}".strip()
        of_somebody = target.place.lower() in HERE or _MINE.match(target.place)
        fits = {} if of_somebody else _named(thing, (), scene)
        if max(fits.values(), default=0.0) < WHOLE:
            return Pairing(target, no_room=target.place)
        target = Target(thing)
    if wish.usual and not target.thing and not only and (pairs := _usual_here(wish, rooms, scene)):
        return Pairing(target, pairs)
    if only:
        found = dict.fromkeys(only, 1.0)
    elif target.thing and target.thing.lower() not in ALL:
        found = _meant_by_name(wish, _named(target.thing, rooms, scene), rooms, scene)
        found = found | _named_with_place(target, scene)
        if not found:
            return Pairing(target, no_thing=target.thing)
    else:
        found = dict.fromkeys(_unnamed(wish, rooms, scene), 0.0)
    together = not only and _together(wish, target, rooms, scene)
    if together:
        found = _in_scope(wish, target, found, rooms, scene)
    excluded = _excluded(wish, scene, found)
    return _aimed(wish, target, [d for d in found if d not in excluded], found, rooms, together, scene)


def _rooms(place: str, scene: Scene) -> tuple[str, ...]:
    if not place:
        return ()
    words = place.lower()
    if words in HERE:
        return (scene.here,) if scene.here else ()
    if words.startswith("my "):
        return (scene.person.room,) if scene.person and scene.person.room else ()
    return tuple(scene.home.rooms_called(place))


def _named(thing: str, rooms: Collection[str], scene: Scene) -> dict[DeviceId, float]:
    """Return the devices that these words may name, with how well they fit."""
    home = scene.home
    inside = _inside(rooms, home) if rooms else None
    fits = fitting(thing, home)
    found: dict[DeviceId, float] = {}
    for device in _pool(thing, inside, scene):
        known = home.device(device)
        if known is not None and (how := fits(known)) >= FITS:
            found[device] = how
    if not found:
        return {}
    best = max(found.values())
    # where one is called so, what shares a word with it is not meant
    least = max(best - 0.3, NEARLY if best > NEARLY else 0.0)
    return {device: how for device, how in found.items() if how >= least}


def _named_with_place(target: Target, scene: Scene) -> dict[DeviceId, float]:
    """Return the devices that have a place in their own name: the upstairs heating, wherever it hangs."""
    if not target.place:
        return {}
    said = f"{target.place} {target.thing}"
    home = scene.home
    return {
        device: how
        for device, how in _named(said, (), scene).items()
        if (known := home.device(device)) is not None and is_whole_name(said, known)
    }


def _inside(rooms: Collection[str], home: Home) -> Collection[DeviceId]:
    """Return the devices in rooms, in the order of the rooms."""
    if len(rooms) == 1:
        return home.in_room(next(iter(rooms)))
    return dict.fromkeys(device for room in rooms for device in home.in_room(room))


def _of_many(devices: Collection[DeviceId], near: Collection[DeviceId]) -> Collection[DeviceId]:
    """Return the devices; of many only those that are near."""
    return devices if len(devices) <= MANY else [device for device in near if device in devices]


def _pool(thing: str, inside: Collection[DeviceId] | None, scene: Scene) -> Iterable[DeviceId]:
    """Return the devices worth a closer look, few even in a large home."""
    home = scene.home
    said = words_in(thing)
    lists: list[Collection[DeviceId]] = []
    for length in (3, 2, 1):
        for start in range(len(said) - length + 1):
            phrase = " ".join(said[start : start + length])
            lists.extend(home.of_kind(kind) for kind in home.kinds_called(phrase))
    for word in said:
        known = home.known_as(word)
        lists.append(known)
        if not known:
            lists.extend(home.known_as(like) for like in home.words_like(word)[:3])
    pool: dict[DeviceId, None] = {}
    near = _near(scene)
    for devices in sorted(lists, key=len):
        few = _of_many(devices, near if inside is None else inside)
        if inside is not None:
            few = [device for device in few if device in inside]
        elif not few and not pool:
            few = list(islice(devices, MANY))
        pool.update(dict.fromkeys(few))
    return pool


def _near(scene: Scene) -> list[DeviceId]:
    """Return the devices that a speaker means first: spoken of, in the room, changed lately."""
    home = scene.home
    here = home.in_room(scene.here) if scene.here else ()
    return list(dict.fromkeys([*scene.spoken_of, *here, *scene.recent]))


def _meant_by_name(
    wish: Wish, found: dict[DeviceId, float], rooms: Collection[str], scene: Scene
) -> dict[DeviceId, float]:
    """Return what is left when a place was said: things in it, and things that nobody knows the place of."""
    if not rooms:
        return found
    home = scene.home
    left = {
        device: how
        for device, how in found.items()
        if (known := home.device(device)) is not None and (known.room in rooms or not known.room)
    }
    if left or wish.want != "start":
        return left
    return found


def _unnamed(wish: Wish, rooms: Collection[str], scene: Scene) -> Iterable[DeviceId]:
    """Return the devices that could be meant by a wish that names none."""
    home = scene.home
    asked = wish.want in ASKING
    able: list[Collection[DeviceId]] = [home.serving(f"{wish.want}.{wish.property}")]
    if wish.property == "status":
        able += [
            home.with_property(p, settable=False) for p in ("leak", "smoke", "lock", "position", "battery")
        ]
    elif wish.property != "unsaid":
        for prop in CLOCKS if wish.property in CLOCKS else (wish.property,):
            able.append(home.with_property(prop, settable=True))
            if asked:
                able.append(home.with_property(prop, settable=False))
    if wish.property == "unsaid" or not any(able):
        able += [home.active(), scene.spoken_of]
    if wish.want == "resume":
        able += [home.with_property(prop, settable=True) for prop in ("media", "run")]
    if wish.want in SILENCE:
        ringing = home.with_property("alarm", settable=True)
        able.append([device for device in home.active() if device in ringing])
    if wish.quantity in ALL and wish.property in ("power", "run", "unsaid"):
        able.append(home.all_devices() if not rooms else ())
    whole = _inside(rooms, home) if rooms else None
    near = _near(scene) if whole is None or wish.want == "start" else whole
    hinted = hinted_at(wish, Target(), scene, near)
    pool: dict[DeviceId, None] = {}
    for devices in able:
        if whole is not None:
            pool.update((device, None) for device in whole if device in devices)
        elif len(devices) <= MANY or (asked and wish.quantity in ALL) or wish.property == "status":
            pool.update(dict.fromkeys(devices))
        else:
            pool.update((device, None) for device in near if device in devices)
    if whole is not None and wish.quantity in ALL:
        pool.update(dict.fromkeys(whole))
    # a robot is told about a room that it need not stand in
    if whole is None or wish.want == "start":
        pool.update(dict.fromkeys(hinted))
    else:
        pool.update((device, None) for device in hinted if device in whole)
    if wish.reference and not wish.quantity:
        pool.update(dict.fromkeys(scene.spoken_of))
    if wish.property == "temperature" and not wish.reference:
        return _of_rooms(wish, pool, scene) or pool
    return pool


def _of_rooms(wish: Wish, devices: Iterable[DeviceId], scene: Scene) -> dict[DeviceId, None]:
    """Return what may be meant by warm and cold alone: what warms rooms, and an oven only while it is on."""
    home = scene.home
    serving = home.serving(f"{wish.want}.{wish.property}")
    said = set(_content(wish))
    meant = (
        device
        for device in devices
        if (known := home.device(device)) is not None
        and (
            device in home.active()
            or device in scene.spoken_of
            or device in serving
            or known.kind in APT["temperature"]
        )
        and not (known.kind in OF_ONE_ROOM and _is_elsewhere(known, scene) and not said & name_words(known))
    )
    return dict.fromkeys(meant)


def _is_elsewhere(device: Device, scene: Scene) -> bool:
    return bool(device.room and scene.here) and device.room != scene.here


def hinted_at(
    wish: Wish, target: Target, scene: Scene, near: Collection[DeviceId] = ()
) -> tuple[DeviceId, ...]:
    """Return the devices that words of a sentence hint at, beside those of a thing that is not here."""
    near = near or _near(scene)
    said = words_in(target.thing)
    found: dict[DeviceId, None] = {}
    for word in _content(wish):
        if word not in said:
            found.update(dict.fromkeys(_of_many(scene.home.tasked(word), near)))
            found.update(dict.fromkeys(_hint(word, scene)))
    return tuple(found)


def _content(wish: Wish) -> list[str]:
    """Return the words of a wish that may hint at a device; a place only says where."""
    places = {word for target in wish.targets for word in words_in(target.place)}
    return [word for word in _longer_words(wish.text) if word not in places]


@lru_cache(maxsize=64)
def _longer_words(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in WORD.findall(text.lower()) if len(word) > 2)


def _hint(word: str, scene: Scene) -> Collection[DeviceId]:
    known = scene.home.known_as(word)
    return known if len(known) <= MANY // 4 else ()


def _together(wish: Wish, target: Target, rooms: Collection[str], scene: Scene) -> bool:
    """Return whether all that fit are meant: "all", "the lights", "everywhere", and what is asked of all."""
    if wish.quantity in ALL or (target.thing and len(rooms) > 1 and len(rooms) == len(scene.home.rooms())):
        return True
    if wish.want in ASKING and not target.thing:
        return wish.property in ("status", "leak", "smoke") or bool(wish.quantity)
    if wish.reference in SEVERAL:
        return len(scene.spoken_of) > 1
    return bool(target.thing) and is_plural(target.thing)


def _in_scope(
    wish: Wish, target: Target, found: dict[DeviceId, float], rooms: Collection[str], scene: Scene
) -> dict[DeviceId, float]:
    """Return those of a group that are in the place meant: the one said, here, or everywhere."""
    home = scene.home
    if target.thing and not names_kind_only(target.thing, home):
        said = set(words_in(target.thing))
        called = {d: how for d, how in found.items() if (k := home.device(d)) and said <= name_words(k)}
        found = called or found
    if wish.reference in SEVERAL and not target.thing:
        return {device: found.get(device, 0.0) for device in scene.spoken_of}
    if not rooms and scene.here and wish.quantity in ("", "both", "each") and wish.want not in ASKING:
        here = {device: how for device, how in found.items() if device in home.in_room(scene.here)}
        if len(here) > (wish.quantity == "both"):
            return here
    if not target.thing and wish.want in ("on", "off", "stop"):
        return {device: how for device, how in found.items() if _is_everything(device, home)}
    return found


def _is_everything(device: DeviceId, home: Home) -> bool:
    known = home.device(device)
    kind = home.appliance(known.kind) if known else None
    return kind is not None and kind.everything


def _excluded(wish: Wish, scene: Scene, found: Collection[DeviceId]) -> set[DeviceId]:
    """Return the devices that the wish expressly does not hold for."""
    out: set[DeviceId] = set()
    home = scene.home
    for but in wish.but:
        rooms = _rooms(but.place, scene)
        inside = _inside(rooms, home)
        if but.thing:
            fits = {
                device: fit(but.thing, known, home)
                for device in found
                if (known := home.device(device)) is not None and (not rooms or device in inside)
            }
            best = max(fits.values(), default=0.0)
            out.update(d for d, how in fits.items() if how >= max(FITS, best - 0.04))
        else:
            out.update(inside)
    return out


def _aimed(
    wish: Wish,
    target: Target,
    devices: Sequence[DeviceId],
    fits: dict[DeviceId, float],
    rooms: Collection[str],
    together: bool,  # noqa: FBT001
    scene: Scene,
) -> Pairing:
    """Return the devices with what they would be told, apart from those that cannot do it."""
    home = scene.home
    pairs: list[Pair] = []
    unable: list[Cannot] = []
    likings = _likings(wish, devices, scene)
    clues = _clues(wish, target, rooms, scene)
    for device in devices:
        known = home.device(device)
        if known is None:
            continue
        told: tuple[Command, ...] = ()
        if wish.want not in ASKING or (wish.want == "find" and _findable(known)):
            way = ways(_for_ringing(wish, known, scene), known, home)
            liked = likings.get(device)
            if liked is not None and liked[1] >= HABIT and _is_open(wish, way):
                told = (liked[0],)
            elif isinstance(way, Cannot):
                unable.append(way)
                continue
            elif wish.usual:
                unable.append(Cannot(device, "nothing is usual yet", near=1))
                continue
            else:
                told = (Command(device, way),) if way else ()
        candidate = Candidate(wish, (device,), told)
        evidence = _evidence(wish, known, fits.get(device, 0.0), told, clues, scene)
        if device in likings:
            evidence.append(("usual", likings[device][1]))
        pairs.append(Pair(candidate, tuple(evidence)))
    if len(pairs) == 1:
        pairs = [replace(pairs[0], evidence=(*pairs[0].evidence, ("only", 1.0)))]
    return Pairing(target, tuple(pairs), tuple(unable), together)


def _for_ringing(wish: Wish, device: Device, scene: Scene) -> Wish:
    """Return the wish as an alarm that rings takes it: whatever says stop, stops it."""
    if wish.want not in SILENCE or wish.targets or device.id not in scene.home.active():
        return wish
    if not any(feature.property == "alarm" for feature in device.features):
        return wish
    return replace(wish, want="stop", property="alarm")


def _usual_here(wish: Wish, rooms: Collection[str], scene: Scene) -> tuple[Pair, ...]:
    """Return what is usual at such a time and place, whatever the device: "the usual, please"."""
    home = scene.home
    found: list[Pair] = []
    for command, sure in scene.memory.usual(wish, (), scene.utterance):
        device = home.device(command.device)
        if device is not None and (not rooms or device.room in rooms):
            candidate = Candidate(wish, (command.device,), (command,))
            found.append(Pair(candidate, (("usual", sure),)))
    return tuple(found)


def _is_open(wish: Wish, way: object) -> bool:
    """Return whether a habit may fill in what was left open."""
    if wish.usual or isinstance(way, Cannot):
        return wish.usual or (isinstance(way, Cannot) and way.near == 1)
    return wish.want == "play" and not wish.title


def _findable(device: Device) -> bool:
    return any(f.property == "place" and f.settable for f in device.features)


def _likings(wish: Wish, devices: Sequence[DeviceId], scene: Scene) -> dict[DeviceId, tuple[Command, float]]:
    """Return what each device is usually told in such a case, and how sure that is."""
    if wish.want in ("ask", "find", "leave") or not devices or len(devices) > MANY:
        return {}
    found: dict[DeviceId, tuple[Command, float]] = {}
    for command, sure in scene.memory.usual(wish, devices, scene.utterance):
        if command.device not in found or sure > found[command.device][1]:
            found[command.device] = (command, sure)
    return found


@dataclass(frozen=True, slots=True)
class _Clues:
    """What speaks for a device, as far as it is the same for all that a wish may be about."""

    content: frozenset[str]
    rooms: Collection[str]
    here: str
    own_room: str
    active: Collection[DeviceId]
    going: str
    apt: Collection[str]
    served: str
    tasked: tuple[Collection[DeviceId], ...]


def _clues(wish: Wish, target: Target, rooms: Collection[str], scene: Scene) -> _Clues:
    home, person = scene.home, scene.person
    content = frozenset() if target.thing else frozenset(_content(wish))
    tasked = [devices for word in content if (devices := home.tasked(word))]
    own = person is not None and (not scene.here or _MINE.search(wish.text) is not None)
    going = "at_it" if (wish.want, wish.property) in AT_IT else "going_on"
    return _Clues(
        content,
        rooms,
        "" if rooms else scene.here,
        person.room if own and person else "",
        home.active(),
        going if wish.want in GOING_ON and wish.want != "resume" else "",
        APT.get(wish.property, ()),
        f"{wish.want}.{wish.property}",
        tuple(tasked),
    )


def _evidence(
    wish: Wish, device: Device, how: float, told: Sequence[Command], clues: _Clues, scene: Scene
) -> list[tuple[str, float]]:
    home = scene.home
    found = [("named", how)] if how else []
    if how and any(
        is_named(f"{target.place} {target.thing}", device, home) for target in wish.targets if target.thing
    ):
        found.append(("exact", 1.0))
    if device.room in clues.rooms:
        found.append(("there", 1.0))
    elif clues.here and device.room:
        found.append(("here" if device.room == clues.here else "elsewhere", 1.0))
    if device.id in scene.spoken_of:
        found.append(("spoken_of", 1.0 if wish.reference or not how else 0.5))
    if not how and device.id in scene.recent:
        found.append(("changed", 1.0))
    if device.kind in clues.apt:
        found.append(("apt", 1.0))
    if clues.going and device.id in clues.active and not (wish.want == "ask" and _is_always_on(device, home)):
        found.append((clues.going, 1.0))
    if wish.want == "resume" and _is_paused(device, home):
        found.append(("at_it", 1.0))
    # to be told a value once more is no reason to go elsewhere
    if wish.want != "set" and (needed := _needed(told, scene)):
        found.append(("needed" if needed > 0 else "done", 1.0))
    if clues.content:
        if not clues.content.isdisjoint(name_words(device)):
            found.append(("mentioned", 1.0))
        if is_called(clues.content, device, home):
            found.append(("named", 1.0))
    if any(device.id in devices for devices in clues.tasked):
        found.append(("hinted", 1.0))
    if clues.own_room and device.room == clues.own_room:
        found.append(("own", 1.0))
    if suits := _suits(wish, device, scene):
        found.append(("suits", suits))
    if any(wanted == clues.served for wanted, _ in _serves(device, home)):
        found.append(("served", 1.0))
    if not home.online(device.id):
        found.append(("offline", 1.0))
    return found


def _is_always_on(device: Device, home: Home) -> bool:
    kind = home.appliance(device.kind)
    return kind is not None and kind.always


def _serves(device: Device, home: Home) -> tuple[tuple[str, str], ...]:
    kind = home.appliance(device.kind)
    return kind.serves if kind else ()


def _is_paused(device: Device, home: Home) -> bool:
    readings = (home.reading(device.id, f.key) for f in device.features if f.property in ("media", "run"))
    return any(reading is not None and reading.value in ("pause", "paused") for reading in readings)


def _needed(told: Sequence[Command], scene: Scene) -> float:
    """Return 1 when the commands would change something, -1 when all is as wished, 0 when nobody knows."""
    same = other = 0
    for command in told:
        device = scene.home.device(command.device)
        for key, value in command.settings:
            feature = device.feature(key) if device else None
            reading = scene.home.reading(command.device, key)
            if feature is None or feature.kind in ("trigger", "media"):
                continue
            if reading is None or reading.value is None:
                continue
            if reading.value == value:
                same += 1
            else:
                other += 1
    if other:
        return 1.0
    return -1.0 if same else 0.0


def _suits(wish: Wish, device: Device, scene: Scene) -> float:
    """Return how well a player suits what shall be played, and where that was said."""
    if wish.want != "play":
        return 0.0
    kinds = {choice for f in device.features if f.kind == "media" for choice in f.choices}
    if not kinds:
        return 0.0
    shows = bool(kinds & SEEN)
    itself = float(bool(scene.utterance.satellite) and scene.utterance.satellite in device.ids)
    if wish.media == "watch":
        return itself * 0.5 + (1.0 if shows else -1.0)
    if wish.media == "listen":
        return itself * 0.5 + (-1.0 if shows else 1.0)
    return itself
