"""Time a decision in homes of different sizes, from text in to what would be done.

Every home has the same mixture of devices and the same sentences of ten words; only the number of its
rooms grows, and their names with it. The line is the real one, with a journal that keeps nothing and hands
that send nothing. Sentences that name a thing are checked: a wrong decision is quick as well.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import process_time_ns
from typing import TypeAlias

import numpy as np

from edge_nlu.interfaces import Understander
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.heads import default_weights
from edge_nlu.models.pack import Pack
from edge_nlu.pipeline import Pipeline
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.layout import Layout
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.values import (
    Command,
    Device,
    DeviceId,
    Exchange,
    Feature,
    Found,
    Outcome,
    Report,
    Satellite,
    Understanding,
    Utterance,
)
from edge_nlu_bench.aimed import Meant, is_right, steps
from edge_nlu_bench.latency import one_core
from edge_nlu_bench.report import Figures, quotient

SIZES = (20, 200, 2000, 10_000)
NOW = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
POWER = Feature("state", "switch", "power", settable=True)
BRIGHTNESS = Feature("brightness", "number", "brightness", settable=True, low=0, high=254)
POSITION = Feature("position", "number", "position", settable=True, unit="%", low=0, high=100)
MEASURED = Feature("temperature", "number", "temperature", unit="°C")
WANTED = Feature("target", "number", "temperature", settable=True, unit="°C", low=7, high=30, step=0.5)
KINDS: tuple[tuple[str, str, tuple[Feature, ...]], ...] = (
    ("ceiling light", "light", (POWER, BRIGHTNESS)),
    ("floor lamp", "light", (POWER, BRIGHTNESS)),
    ("desk lamp", "light", (POWER, BRIGHTNESS)),
    ("blinds", "cover", (POSITION,)),
    ("thermostat", "thermostat", (MEASURED, WANTED)),
    ("fan", "fan", (POWER,)),
    ("heater", "switch", (POWER,)),
    ("window sensor", "contact", (Feature("contact", "switch", "position"),)),
)
# a room has two words: which one, as houses and halls are called, and what for
FIRST = tuple(
    start + end
    for end in ("ley", "wick", "den", "ford", "by", "more", "stead", "ham", "ton", "well", "field")
    for start in ("mar", "ash", "tol", "ken", "hol", "bram", "wen", "cal", "lyn", "thor", "sel", "dun")
)
SECOND = ("kitchen", "lounge", "bedroom", "study", "bathroom", "hall", "nursery", "attic", "cellar", "office")
Sentence: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""What is said, and for each wish in it the action and the thing in that room; "light" stands for all of
that kind, "any light" for one or all."""
SENTENCES: tuple[Sentence, ...] = (
    ("please turn off the {room} floor lamp right now", (("off", "floor lamp"),)),
    ("would you switch on the fan in the {room}", (("on", "fan"),)),
    ("set the {room} thermostat to twenty one degrees please", (("set", "thermostat"),)),
    ("it is much too dark in here to read anything", ()),
    ("what is the temperature in the {room} right now", (("ask", "thermostat"),)),
    ("turn it down a little bit again would you please", ()),
    ("turn off the {room} lights and close the blinds", (("off", "light"), ("off", "blinds"))),
    ("dim the {room} desk lamp to thirty percent please", (("set", "desk lamp"),)),
)
"""Ten words each, with a room's two."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence that is said in a room, and what is meant by it, as far as it names things."""

    utterance: Utterance
    room: str
    meant: Sequence[Meant]


@dataclass(frozen=True, slots=True)
class Timed:
    """CPU milliseconds of one sentence, and whether what was meant was decided, or something else."""

    read: float
    decided: float
    whole: float
    right: bool
    wrong: bool


def measure(pack: Pack, *, quick: bool) -> dict[str, Figures]:
    """Return the time of a decision in homes of each size, and how much it grows.

    Each round is said in every home: what else the machine does for a while then falls on all of them.
    """
    encoder, rounds = Encoder(pack), 10 if quick else 40
    said = {size: iter(spoken(size, SENTENCES, rounds + 1)) for size in SIZES}
    homes = {size: Speaking(encoder, size) for size in SIZES}
    with one_core():
        # the first round warms up
        of_rounds = [
            {
                size: [home.say(one) for one in islice(said[size], len(SENTENCES))]
                for size, home in homes.items()
            }
            for _ in range(rounds + 1)
        ][1:]
    found: dict[str, Figures] = {
        f"{size}_devices": _figures([one for timed in of_rounds for one in timed[size]]) for size in SIZES
    }
    ends = (SIZES[-1], SIZES[0])
    large, small = (np.array([[one.decided for one in timed[size]] for timed in of_rounds]) for size in ends)
    found["growth"] = quotient("p50_ratio", large, small)
    return found


def _figures(timed: Sequence[Timed]) -> Figures:
    decided = [one.decided for one in timed]
    return {
        "n": len(timed),
        "p50_ms": _median(decided),
        "p95_ms": round(float(np.percentile(decided, 95)), 3),
        "model_p50_ms": _median([one.read for one in timed]),
        "line_p50_ms": _median([one.decided - one.read for one in timed]),
        "whole_p50_ms": _median([one.whole for one in timed]),
        "right": round(sum(one.right for one in timed) / len(timed), 3),
    }


def _median(times: Sequence[float]) -> float:
    return round(float(np.median(times)), 3)


def spoken(size: int, sentences: Sequence[Sentence], rounds: int) -> list[Spoken]:
    """Return sentences as they are said in a home of this size, in rooms drawn by lot of those they fit."""
    context, rooms = home_of(size)
    lit = set(context.snapshot(NOW).active())
    places = {wishes: _places(wishes, rooms, lit) for _, wishes in sentences}
    rng = random.Random(size)
    said = []
    for count in range(rounds):
        for number, (sentence, wishes) in enumerate(sentences):
            room, meant = rng.choice(places[wishes])
            at = NOW + timedelta(minutes=20 * (count + 1), seconds=number)
            text = sentence.format(room=room.replace("_", " "))
            said.append(Spoken(Utterance(f"{count}-{number}", text, at, f"sat_{room}"), room, meant))
    return said


def _places(
    wishes: Iterable[tuple[str, str]], rooms: Iterable[str], lit: Set[DeviceId]
) -> Sequence[tuple[str, Sequence[Meant]]]:
    """Return rooms where something is left to do, with what is meant there; dark lights are not dimmed."""
    every = [(room, [_meant(action, thing, room, lit) for action, thing in wishes]) for room in rooms]
    return [(room, meant) for room, meant in every if all(one.undone for one in meant)] or every


def _meant(action: str, thing: str, room: str, lit: Set[DeviceId]) -> Meant:
    """Return what is meant by a thing of a room, by all of a kind there, or by any of it."""
    kinds = {kind for name, kind, _ in KINDS if thing.removeprefix("any ") in (name, kind)}
    of_kind = {device_id(room, name) for name, kind, _ in KINDS if kind in kinds}
    if thing not in kinds and not thing.startswith("any "):
        return Meant(action, {device_id(room, thing)}, of_kind, of_kind)
    undone = of_kind - lit if action == "on" else of_kind & lit
    return Meant(action, set() if thing in kinds else of_kind, of_kind, undone)


class Speaking:
    """A home of some size, in which sentences are said one after the other."""

    def __init__(self, encoder: Encoder, size: int) -> None:
        context, _ = home_of(size)
        self._reader, self._journal = _Reader(encoder), _NoJournal()
        memory = HomeMemory(SqliteJournal(None), {})
        self._line = Pipeline(self._reader, context, memory, self._journal, _NoHands(), default_weights())

    def say(self, one: Spoken) -> Timed:
        """Return the times of a sentence."""
        begun = process_time_ns()
        if (exchange := self._line.handle(one.utterance)) is not None:
            self._line.conclude(exchange)
        ended = process_time_ns()
        taken = steps(exchange)
        right = not one.meant or is_right(taken, one.meant)
        decided = self._journal.asked - begun
        return Timed(
            self._reader.took / 1e6, decided / 1e6, (ended - begun) / 1e6, right, bool(taken) and not right
        )


def home_of(size: int) -> tuple[HomeContext, Sequence[str]]:
    """Return a home with so many devices, some of them on, and the ids of its full rooms."""
    rng = random.Random(size)
    count = -(-size // len(KINDS))
    rooms = [f"{first}_{second}" for first in FIRST for second in SECOND][:count]
    devices = list(_devices(rooms, size))
    layout = Layout(
        {room: [d.id for d in devices if d.room == room] for room in rooms} if size <= 2000 else {},
        {},
        (),
        tuple(Satellite(f"sat_{room}", room) for room in rooms),
    )
    context = HomeContext(appliance_profiles(), layout)
    for device in devices:
        context.apply(Found(device), NOW)
        for feature in device.features:
            value = rng.random() < 0.3 if feature.kind == "switch" else float(rng.randint(15, 25))
            context.apply(Report(device.id, feature.key, value), NOW, retained=True)
    return context, rooms[: size // len(KINDS)]


def device_id(room: str, thing: str) -> DeviceId:
    """Return the id of a device, by its room and what it is."""
    return f"bench/{room}_{thing.replace(' ', '_')}"


def _devices(rooms: Sequence[str], size: int) -> Iterator[Device]:
    for number in range(size):
        room = rooms[number // len(KINDS)]
        name, kind, features = KINDS[number % len(KINDS)]
        own = device_id(room, name)
        known_as = f"{room} {name}".replace("_", " ")
        yield Device(own, known_as, features, (kind,), (own.removeprefix("bench/"),), room)


class _Reader:
    """An understander that notes the CPU time it took."""

    def __init__(self, understander: Understander) -> None:
        self._understander = understander
        self.took = 0

    def understand(self, text: str) -> Understanding:
        """Return what the sentence may mean."""
        begun = process_time_ns()
        understanding = self._understander.understand(text)
        self.took = process_time_ns() - begun
        return understanding


class _NoJournal:
    """A journal that keeps nothing but when it was asked to: its commit is another bench's figure."""

    asked = 0

    def write(self, exchange: object) -> bool:  # noqa: ARG002
        """Note the CPU time."""
        self.asked = process_time_ns()
        return True

    def amend(self, exchange: Exchange) -> None:
        """Keep nothing."""

    def finish(self, exchange: Exchange) -> None:
        """Keep nothing."""


class _NoHands:
    """Hands that send nothing."""

    def tell(self, commands: Sequence[Command]) -> Outcome:
        """Send nothing."""
        return Outcome(tuple(command.device for command in commands))
