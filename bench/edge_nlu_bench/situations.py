"""Make up homes and situations in which it is known which device is meant, to weigh the evidence by.

Somebody in a made-up home wants something of one device and says it as people do: by name, by kind,
by place, by "it", or not at all. Which device that is was settled before the words were; situations in
which even a person could not tell are left out. Homes are split: weights learned on some are judged
on others, with other rooms and other names.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from edge_nlu.hub.blind import NoMemory
from edge_nlu.learning.weights import Choice, learn_weights
from edge_nlu.steps.pair import pair
from edge_nlu.steps.resolve import Weights
from edge_nlu.steps.scene import scene_of
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.layout import Layout
from edge_nlu.values import (
    Act,
    Candidate,
    Command,
    Device,
    DeviceId,
    Exchange,
    Feature,
    Found,
    Held,
    Person,
    Report,
    Satellite,
    Target,
    Understanding,
    Utterance,
    Wish,
)
from edge_nlu_bench.report import Figures

NOW = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
POWER = Feature("power", "switch", "power", settable=True)
PLAYBACK = Feature(
    "playback", "choice", "media", settable=True, choices=("play", "pause", "stop", "next", "previous")
)
VOLUME = Feature("volume", "number", "volume", settable=True, unit="%", low=0, high=100)
MEASURED = Feature("temperature", "number", "temperature", "Temperature", unit="°C")
TARGET = Feature("target", "number", "temperature", "Target", settable=True, unit="°C", low=7, high=30)
RUN = Feature("run", "trigger", "run", settable=True, choices=("start", "pause", "stop"))
STATUS = Feature("status", "choice", "run", "Status", choices=("idle", "running", "paused", "done"))
LEFT = Feature("remaining", "number", "time_left", "Remaining", unit="min")


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of device: what it is called, what it says it is, what it can do."""

    nouns: tuple[str, ...]
    type: str
    features: tuple[Feature, ...]
    share: float


def _media(*kinds: str) -> Feature:
    return Feature("media", "media", "media", settable=True, choices=kinds)


SORTS = (
    Sort(
        ("light", "ceiling light", "lamp", "floor lamp", "reading lamp", "desk lamp", "spots", "wall light"),
        "light",
        (POWER, Feature("brightness", "number", "brightness", settable=True, low=0, high=254)),
        1.6,
    ),
    Sort(("heater", "towel rail", "radiator"), "switch", (POWER,), 0.3),
    Sort(("thermostat", "heating"), "climate", (MEASURED, TARGET), 0.4),
    Sort(("climate sensor",), "sensor", (MEASURED,), 0.4),
    Sort(
        ("fan",),
        "fan",
        (POWER, Feature("speed", "number", "speed", settable=True, low=1, high=3)),
        0.3,
    ),
    Sort(
        ("blinds", "curtains", "shutters"),
        "cover",
        (Feature("position", "number", "position", settable=True, unit="%", low=0, high=100),),
        0.6,
    ),
    Sort(("tv",), "television", (POWER, PLAYBACK, _media("movie", "series", "music"), VOLUME), 0.35),
    Sort(("speaker",), "speaker", (PLAYBACK, _media("music", "radio", "audiobook"), VOLUME), 0.6),
    Sort(("oven",), "oven", (POWER, MEASURED, replace(TARGET, low=30, high=280)), 0.15),
    Sort(("washing machine",), "washing-machine", (RUN, STATUS, LEFT), 0.15),
    Sort(("dryer",), "dryer", (RUN, STATUS, LEFT), 0.15),
    Sort(("robot vacuum",), "robot-vacuum", (RUN, STATUS), 0.1),
)
ROOMS = (
    ("kitchen", "lounge", "bedroom", "bathroom", "study", "hallway", "nursery", "garage"),
    ("pantry", "den", "attic", "cellar", "playroom", "conservatory", "guest_room", "office", "balcony"),
)
"""The rooms of the homes to learn from, and those of the homes to be judged on."""

ON: tuple[tuple[str, str], ...] = (("on", "power"), ("off", "power"))


@dataclass(slots=True)
class MadeUpHome:
    """A home, the hub's view of it, and the sort of each device."""

    context: HomeContext
    sorts: dict[DeviceId, Sort]
    rooms: dict[DeviceId, str]
    satellites: tuple[Satellite, ...]
    now: datetime = NOW


class OfOne(NoMemory):
    """A memory in which one device is what is usual."""

    def __init__(self, device: DeviceId = "", sure: float = 0.0) -> None:
        self._device = device
        self._sure = sure

    def usual(
        self, wish: Wish, devices: Sequence[DeviceId], utterance: Utterance
    ) -> Sequence[tuple[Command, float]]:
        """Return that one device is usual, where it comes into question."""
        del wish, utterance
        return ((Command(self._device, ()), self._sure),) if self._device in devices else ()


def measure(weights: Weights, *, count: int = 3000, seed: int = 7) -> dict[str, Figures]:
    """Return how often the right device comes first in homes that no weight was learned on."""
    found: dict[str, Figures] = {}
    cases = list(situations(count, seed, learning=False))
    for about in sorted({about for about, _ in cases}):
        found[about] = _judged([choice for name, choice in cases if name == about], weights)
    found["all"] = _judged([choice for _, choice in cases], weights)
    return found


def learned(start: Weights, *, count: int = 6000, seed: int = 1) -> dict[str, float]:
    """Return the weights that made-up situations teach."""
    return learn_weights([choice for _, choice in situations(count, seed, learning=True)], start, pull=1e-3)


def _judged(choices: Sequence[Choice], weights: Weights) -> Figures:
    right = sure = 0
    for choice in choices:
        sums = [sum(weights.get(name, 0.0) * amount for name, amount in one) for one in choice.evidence]
        right += max(range(len(sums)), key=sums.__getitem__) == choice.right
        sure += (
            sums[choice.right] - max((s for i, s in enumerate(sums) if i != choice.right), default=-9) > 0.5
        )
    return {
        "situations": len(choices),
        "right": round(right / len(choices), 4),
        "clear": round(sure / len(choices), 4),
    }


def situations(count: int, seed: int, *, learning: bool) -> Iterator[tuple[str, Choice]]:
    """Yield so many situations, each with what it is about."""
    rng = random.Random(seed)
    made = 0
    while made < count:
        home = _home(rng, ROOMS[not learning])
        for _ in range(12):
            about = rng.choice(tuple(_KINDS))
            found = _KINDS[about](home, rng)
            if found is not None:
                made += 1
                yield about, found


def _home(rng: random.Random, names: Sequence[str]) -> MadeUpHome:
    rooms = rng.sample(names, rng.randint(3, len(names)))
    devices: list[Device] = []
    sorts: dict[DeviceId, Sort] = {}
    for room in rooms:
        for sort in SORTS:
            for noun in rng.sample(sort.nouns, min(len(sort.nouns), _poisson(sort.share, rng))):
                name = f"{room.replace('_', ' ')} {noun}" if rng.random() < 0.6 else noun
                own = f"{room}_{noun}".replace(" ", "_")
                device = Device(own, name, sort.features, (sort.type,), (own,), room)
                devices.append(device)
                sorts[own] = sort
    satellites = tuple(Satellite(f"{room}_speaker", room) for room in rooms)
    context = HomeContext(
        appliance_profiles(),
        Layout(
            {room: [d.id for d in devices if d.room == room] for room in rooms},
            {},
            (Person("ana", rooms[0]),),
            satellites,
        ),
    )
    for device in devices:
        context.apply(Found(device), NOW)
        for key, value in _state(sorts[device.id], rng):
            context.apply(Report(device.id, key, value), NOW - timedelta(hours=3), retained=True)
    return MadeUpHome(context, sorts, {device.id: device.room for device in devices}, satellites)


def _poisson(mean: float, rng: random.Random) -> int:
    return sum(rng.random() < mean / 4 for _ in range(4))


def _state(sort: Sort, rng: random.Random) -> Iterator[tuple[str, Held]]:
    working = rng.random() < 0.25
    for feature in sort.features:
        match feature.key:
            case "power":
                yield "power", working
            case "playback":
                yield "playback", "play" if working else rng.choice(["stop", "pause"])
            case "status":
                yield "status", "running" if working else "idle"
            case "position":
                yield "position", 100.0 if working else 0.0
            case "remaining":
                yield "remaining", float(rng.randint(3, 90)) if working else 0.0
            case "temperature":
                yield "temperature", 20.0
            case "target" | "volume" | "speed" | "brightness":
                yield feature.key, float(rng.randint(int(feature.low or 0), int(feature.high or 100)))


# ------------------------------------------------------------------------ what somebody may want


def _of(home: MadeUpHome, nouns: Sequence[str], room: str = "") -> list[DeviceId]:
    return [d for d, s in home.sorts.items() if s.nouns[0] in nouns and room in ("", home.rooms[d])]


def _working(home: MadeUpHome, devices: Sequence[DeviceId]) -> list[DeviceId]:
    active = home.context.snapshot(NOW).active()
    return [device for device in devices if device in active]


def _one(devices: Sequence[DeviceId]) -> DeviceId | None:
    return devices[0] if len(devices) == 1 else None


def _choice(
    home: MadeUpHome,
    wish: Wish,
    right: DeviceId | None,
    satellite: Satellite,
    *,
    before: DeviceId = "",
    memory: OfOne | None = None,
    user: str = "",
) -> Choice | None:
    """Return the evidence for a wish as the line itself would count it, where there is a choice at all."""
    if right is None:
        return None
    # long enough after the situation before this one for that to be forgotten
    home.now += timedelta(hours=1)
    if before:
        home.context.remember(_spoken_of(before, satellite, home.now))
    said = Utterance("now", wish.text, home.now, satellite.id, user or ("ana" if home.now.hour % 2 else ""))
    scene = scene_of(said, home.context.snapshot(home.now), memory or OfOne())
    pairing = pair(wish, (wish.targets or (Target(),))[0], scene)
    devices = [one.candidate.devices[0] for one in pairing.pairs]
    if right not in devices or len(devices) < 2:
        return None
    return Choice(tuple(one.evidence for one in pairing.pairs), devices.index(right))


def _spoken_of(device: DeviceId, satellite: Satellite, now: datetime) -> Exchange:
    said = Utterance("before", "", now - timedelta(seconds=40), satellite.id)
    wish = Wish("on", "power")
    told = (Command(device, (("power", True),)),)
    act = Act((Candidate(wish, (device,), told, 1.0),), told, "")
    return Exchange(said, Understanding("", (), 1.0, (), ()), act)


def _by_name(home: MadeUpHome, rng: random.Random) -> Choice | None:
    """A thing is called by its noun; it is the one here, or the only one that it makes sense for."""
    device = rng.choice(list(home.sorts))
    sort = home.sorts[device]
    if sort.type == "sensor":
        return None
    satellite = rng.choice(home.satellites)
    noun = device.removeprefix(home.rooms[device] + "_").replace("_", " ")
    alike = [d for d in home.sorts if d.endswith("_" + noun.replace(" ", "_"))]
    want, prop = _wanted(sort, rng)
    wish = Wish(want, prop, targets=(Target(noun),), text=f"{want} the {noun}")
    here = [d for d in alike if home.rooms[d] == satellite.room]
    if want == "off" and (on := _working(home, here or alike)):
        return _choice(home, wish, _one(on), satellite)
    if want == "off" and here and _working(home, alike):
        return _choice(home, wish, _one(_working(home, alike)), satellite)
    return _choice(home, wish, _one(here or alike), satellite)


def _by_kind(home: MadeUpHome, rng: random.Random) -> Choice | None:
    """The light: the one here that it makes sense for."""
    satellite = rng.choice(home.satellites)
    lights = _of(home, ("light",), satellite.room)
    want = rng.choice(["on", "off"])
    wish = Wish(want, "power", targets=(Target("light"),), text=f"turn {want} the light")
    working = _working(home, lights)
    fitting = working if want == "off" else [d for d in lights if d not in working]
    return _choice(home, wish, _one(fitting), satellite)


def _it(home: MadeUpHome, rng: random.Random) -> Choice | None:
    """What was spoken of just before; else the only thing at work here, else anywhere."""
    satellite = rng.choice(home.satellites)
    wish = Wish("off", "power", reference="it", text="turn it off")
    able = [d for d, s in home.sorts.items() if POWER in s.features]
    on = _working(home, able)
    if rng.random() < 0.5 and on:
        device = rng.choice(on)
        return _choice(home, wish, device, satellite, before=device)
    here = [d for d in on if home.rooms[d] == satellite.room]
    return _choice(home, wish, _one(here) if here else _one(on), satellite)


def _going_on(home: MadeUpHome, rng: random.Random) -> Choice | None:
    """Pause, louder, how long: whatever is at it, here before elsewhere."""
    satellite = rng.choice(home.satellites)
    want, prop, nouns = rng.choice(
        [
            ("pause", "unsaid", ("tv", "speaker", "washing machine", "dryer", "robot vacuum")),
            ("raise", "volume", ("tv", "speaker")),
            ("next", "media", ("tv", "speaker")),
            ("stop", "media", ("tv", "speaker")),
            ("ask", "time_left", ("washing machine", "dryer")),
        ]
    )
    busy = _working(home, _of(home, nouns))
    here = [d for d in busy if home.rooms[d] == satellite.room]
    wish = Wish(want, prop, text=f"{want} {prop}")
    return _choice(home, wish, _one(here) if here else _one(busy), satellite)


def _warm(home: MadeUpHome, rng: random.Random) -> Choice | None:
    """How warm is it: an oven that is on in this room, else what measures this room."""
    satellite = rng.choice(home.satellites)
    oven = _working(home, _of(home, ("oven",), satellite.room))
    measures = _of(home, ("climate sensor", "thermostat"), satellite.room)
    wish = Wish("ask", "temperature", text="what's the temperature")
    return _choice(home, wish, _one(oven or measures), satellite)


def _hinted(home: MadeUpHome, rng: random.Random) -> Choice | None:
    """It is dark, it is cold, the sun blinds: what is here for it and is not yet so."""
    satellite = rng.choice(home.satellites)
    want, prop, nouns, text = rng.choice(
        [
            ("raise", "brightness", ("light",), "it is too dark in here"),
            ("raise", "temperature", ("thermostat", "heater"), "it is freezing"),
            ("close", "position", ("blinds",), "the sun is blinding me"),
            ("lower", "brightness", ("light",), "that is far too bright"),
        ]
    )
    devices = _of(home, nouns, satellite.room)
    if want in ("lower", "close"):
        devices = _working(home, devices)
    elif prop == "brightness":
        devices = [d for d in devices if d not in _working(home, devices)]
    return _choice(home, Wish(want, prop, text=text), _one(devices), satellite)


def _played(home: MadeUpHome, rng: random.Random) -> Choice | None:
    """Play something: on what it was said to, or on the screen here for something to watch."""
    satellite = rng.choice(home.satellites)
    tvs, speakers = _of(home, ("tv",), satellite.room), _of(home, ("speaker",), satellite.room)
    watch = rng.random() < 0.4
    wish = Wish(
        "play",
        "media",
        title="blue moon",
        media="watch" if watch else rng.choice(["", "listen"]),
        text="play",
    )
    return _choice(home, wish, _one(tvs if watch else speakers), satellite)


def _usual(home: MadeUpHome, rng: random.Random) -> Choice | None:
    """Of two alike, the one that this person always means at this time."""
    satellite = rng.choice(home.satellites)
    lights = _of(home, ("light",), satellite.room)
    idle = [d for d in lights if d not in _working(home, lights)]
    if len(idle) < 2:
        return None
    right = rng.choice(idle)
    wish = Wish("on", "power", targets=(Target("light"),), text="turn on the light")
    return _choice(home, wish, right, satellite, memory=OfOne(right, rng.uniform(0.6, 0.95)))


def _own(home: MadeUpHome, rng: random.Random) -> Choice | None:
    """Said on the way by somebody who has a room: the one in it."""
    device = _one(_of(home, ("light",), home.satellites[0].room))
    wish = Wish("on", "power", targets=(Target("light"),), text="turn on my light")
    return _choice(home, wish, device, replace(rng.choice(home.satellites), room=""), user="ana")


_KINDS = {
    "by name": _by_name,
    "by kind": _by_kind,
    "it": _it,
    "going on": _going_on,
    "warm": _warm,
    "hinted": _hinted,
    "played": _played,
    "usual": _usual,
    "own": _own,
}


def _wanted(sort: Sort, rng: random.Random) -> tuple[str, str]:
    match sort.type:
        case "cover":
            return rng.choice(["open", "close"]), "position"
        case "climate" | "oven":
            return "raise", "temperature"
        case "speaker":
            return "lower", "volume"
        case "washing-machine" | "dryer" | "robot-vacuum":
            return "start", "run"
    return rng.choice(ON)
