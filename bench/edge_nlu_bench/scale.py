"""Time a decision in homes of different sizes, from text in to the commands that would be sent.

Every home has the same mixture of devices and the same sentences of ten words; only the number of its
rooms grows. The line is the real one, with a journal that keeps nothing and hands that send nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from time import process_time_ns

import numpy as np

from edge_nlu.hub.parts import default_weights
from edge_nlu.models.encoder import Encoder
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
    Feature,
    Found,
    Outcome,
    Report,
    Satellite,
    Utterance,
)
from edge_nlu_bench.latency import one_core
from edge_nlu_bench.report import Figures

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
ROOMS = ("kitchen", "lounge", "bedroom", "study", "bathroom", "hall", "nursery", "attic", "cellar", "office")
SENTENCES = (
    "could you please turn off the {room} floor lamp right now",
    "would you mind switching on the fan in the {room} please",
    "please set the {room} thermostat to twenty one and a half",
    "it is much too dark in here to read anything",
    "what is the temperature in the {room} at the moment please",
    "turn it down a little bit again would you be so kind",
    "turn off the lights in the {room} and close the blinds",
    "dim the desk lamp in the {room} to thirty percent please",
)


def measure(pack: Pack, *, quick: bool) -> dict[str, Figures]:
    """Return the time of a decision in homes of each size, and how much it grows."""
    encoder = Encoder(pack)
    with one_core():
        times = {size: _times(encoder, size, rounds=10 if quick else 40) for size in SIZES}
    found: dict[str, Figures] = {
        f"{size}_devices": {
            "p50_ms": round(float(np.percentile(t, 50)), 3),
            "p95_ms": round(float(np.percentile(t, 95)), 3),
        }
        for size, t in times.items()
    }
    medians = [float(np.percentile(times[size], 50)) for size in (SIZES[0], SIZES[-1])]
    found["growth"] = {"p50_ratio": round(medians[1] / medians[0], 2)}
    return found


def _times(encoder: Encoder, size: int, *, rounds: int) -> list[float]:
    """Return the CPU milliseconds of every decision, warmed up."""
    context, rooms = home_of(size)
    journal = _NoJournal()
    memory = HomeMemory(SqliteJournal(None), {})
    line = Pipeline(encoder, context, memory, journal, _NoHands(), default_weights())
    rng = random.Random(size)
    times = []
    for count in range(-1, rounds):
        for number, sentence in enumerate(SENTENCES):
            room = rng.choice(rooms)
            at = NOW + timedelta(minutes=20 * (count + 2), seconds=number)
            said = Utterance(
                f"{count}-{number}", sentence.format(room=room.replace("_", " ")), at, f"sat_{room}"
            )
            begun = process_time_ns()
            line.handle(said)
            if count >= 0:
                times.append((process_time_ns() - begun) / 1e6)
    return times


def home_of(size: int) -> tuple[HomeContext, Sequence[str]]:
    """Return a home with so many devices, some of them on, and the ids of its rooms."""
    rng = random.Random(size)
    rooms = [
        name if floor == 0 else f"{name}_{floor}"
        for floor in range(-(-size // len(KINDS) // len(ROOMS)) + 1)
        for name in ROOMS
    ][: max(-(-size // len(KINDS)), 1)]
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
    return context, rooms


def _devices(rooms: Sequence[str], size: int) -> Iterator[Device]:
    for number in range(size):
        room = rooms[number // len(KINDS) % len(rooms)]
        name, kind, features = KINDS[number % len(KINDS)]
        own = f"{room}_{name.replace(' ', '_')}"
        yield Device(f"bench/{own}", f"{room} {name}".replace("_", " "), features, (kind,), (own,), room)


class _NoJournal:
    """A journal that keeps nothing: its commit is another bench's figure."""

    def write(self, exchange: object) -> bool:  # noqa: ARG002
        """Keep nothing."""
        return True

    def finish(self, utterance: str, outcome: Outcome) -> None:
        """Keep nothing."""


class _NoHands:
    """Hands that send nothing."""

    def tell(self, commands: Sequence[Command]) -> Outcome:
        """Send nothing."""
        return Outcome(tuple(command.device for command in commands))
