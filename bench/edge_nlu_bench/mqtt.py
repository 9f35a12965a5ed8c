"""Measure a hub as it runs: a process of its own beside Mosquitto, in the reference home.

A time on a busy machine says little, so each is taken beside something that cannot be faster: the answer of a
client that does not think, the messages that a client receives who does nothing with them.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter
from typing import NamedTuple

import numpy as np

from edge_nlu.errors import EdgeNluError
from edge_nlu.models.pack import Pack
from edge_nlu_bench import beside
from edge_nlu_bench.line import Line, message
from edge_nlu_bench.reference import MIXTURE, SIZE, STATES, reference_home, room_of
from edge_nlu_bench.report import Figures
from edge_nlu_bench.running import ANSWER_S, Place, memory_folder, standing, told_by

MEGABYTE = 1e6
MANY = 10_000
WARM_UP = 20
ITSELF = "bench/itself"
PAYLOAD_BYTES = 120
SENTENCES = (
    "could you please turn {state} the {room} {light} right now",
    "would you please switch the {light} in the {room} {state}",
    "turn {state} the {light} in the {room} for me please",
    "please switch {state} the {room} {light} for me right away",
)
EARS = "[ears.hermes]\non = true\n[ears.wyoming]\non = true\nhost = '127.0.0.1'\nport = 0\n"


class Counts(NamedTuple):
    """How much is measured."""

    asks: int
    rounds: int
    seconds: float
    starts: int
    said: int
    many: int


LONG = Counts(asks=1000, rounds=5, seconds=4.0, starts=5, said=100, many=MANY)
QUICK = Counts(asks=200, rounds=2, seconds=1.5, starts=1, said=20, many=MANY)


def measure(pack: Pack, counts: Counts) -> dict[str, Figures]:
    """Return how fast a hub answers, how much it takes in, how it starts and what it weighs."""
    with tempfile.TemporaryDirectory(prefix="edge-nlu-bench-", dir=memory_folder()) as name:
        at = Place(Path(name), pack)
        home = reference_home()
        told = {
            "devices": sum(map(len, home["rooms"].values())),
            "satellites": len(home["satellites"]),
            "people": len(home["people"]),
            "retained": len(home["retained"]),
        }
        return {
            "home": told,
            "ask": _ask(at, counts),
            "intake": _intake(at, counts),
            "start": _start(at, counts),
            "rss_mb": _weights(at, counts),
        }


# ----------------------------------------------------------------------------------- asked and told


def _ask(at: Place, counts: Counts) -> Figures:
    """Time from a request on the broker to its command there, and the same way without thinking."""
    with at.home() as port, at.hub(port) as hub, standing("echo", port), Line(port, "asks") as line:
        line.listen("zigbee2mqtt/+/set", beside.ANSWER, ITSELF)
        hub.wait_for_answer()
        times = np.array([_asked(line, number) for number in range(-WARM_UP, counts.asks)][WARM_UP:])
    blocks = [np.median(block, axis=0) for block in np.array_split(times, max(counts.asks // 100, 1))]
    ratios = [float(ours / echo) for ours, echo, _ in blocks]
    (ours, echo, itself), (late, late_echo, _) = np.percentile(times, (50, 95), axis=0).tolist()
    return {
        "n": len(times),
        "p50_ms": round(ours, 3),
        "p95_ms": round(late, 3),
        "echo_p50_ms": round(echo, 3),
        "echo_p95_ms": round(late_echo, 3),
        "broker_p50_ms": round(itself, 3),
        **_spread("times_the_echo", ratios),
    }


def _asked(line: Line, number: int) -> tuple[float, float, float]:
    """Return the milliseconds that a request takes, its echo, and the broker by itself."""
    said, device = _sentence(number)
    ours = _timed(line, "edge-nlu/ask", said, lambda topic: topic.endswith("/set"))
    line.publish(f"zigbee2mqtt/{device}", json.dumps({"state": _state(number)}).encode())
    echo = _timed(line, beside.ASK, said, beside.ANSWER.__eq__)
    return ours, echo, _timed(line, ITSELF, said, ITSELF.__eq__)


def _spread(name: str, of: list[float]) -> dict[str, float]:
    """Return the middle, the least and the most."""
    ends = {name: median(of), f"{name}_low": min(of), f"{name}_high": max(of)}
    return {end: round(value, 3) for end, value in ends.items()}


def _timed(line: Line, topic: str, said: str, is_it: Callable[[str], bool]) -> float:
    """Return the milliseconds from a message to the one that it brings about."""
    begun = perf_counter()
    line.publish(topic, said.encode())
    while (heard := line.hear(ANSWER_S)) is not None:
        if is_it(heard[0]):
            return (perf_counter() - begun) * 1000
    raise EdgeNluError(f"no answer to {said!r} on {topic} within {ANSWER_S:.0f} seconds")


def _sentence(number: int) -> tuple[str, str]:
    """Return a sentence of ten words or so, and the device that it is about."""
    room = room_of(len(MIXTURE) * (number // 4 % (SIZE // len(MIXTURE))))
    light = ("ceiling light", "floor lamp")[number // 2 % 2]
    words = {"state": _state(number).lower(), "room": room.replace("_", " "), "light": light}
    return SENTENCES[number // 5 % len(SENTENCES)].format(**words), f"{room}_{light.replace(' ', '_')}"


def _state(number: int) -> str:
    return ("ON", "OFF")[number % 2]


# ------------------------------------------------------------------------------------ what comes in


def _intake(at: Place, counts: Counts) -> Figures:
    """Count the messages that a hub takes in and those a bare client receives, in turn."""
    file = at.folder / "flood"
    file.write_bytes(b"".join(_states()))
    shares, ours, theirs = list[float](), list[float](), list[float]()
    seconds = str(counts.seconds)
    with at.home() as port:
        settings = str(at.settings(port))
        for _ in range(counts.rounds):
            theirs.append(_taken(port, file, "paho", seconds))
            ours.append(_taken(port, file, "hub", seconds, settings))
            shares.append(ours[-1] / theirs[-1])
    return {
        "bytes": PAYLOAD_BYTES,
        "rounds": len(shares),
        "hub_per_cpu_s": round(median(ours)),
        "paho_per_cpu_s": round(median(theirs)),
        **_spread("share", shares),
    }


def _taken(port: int, file: Path, *which: str) -> float:
    """Return how many messages a process takes in a second of CPU time while they flood the broker."""
    name, *more = which
    with standing(name, port, *more) as process, standing("flood", port, str(file), ready=False):
        counted = json.loads(told_by(process, b"now\n"))
    return float(counted["n"] / counted["cpu_s"])


def _states() -> Iterator[bytes]:
    """Yield what devices of the reference home say when everything changes all the time."""
    for number in range(5000):
        device = number % SIZE
        convention, name = MIXTURE[device % len(MIXTURE)]
        if convention != "zigbee2mqtt":
            continue
        state = {**STATES[name], "linkquality": number % 255}
        if "brightness" in state:
            state |= {"state": _state(number // SIZE), "brightness": number // SIZE % 254}
        elif "position" in state:
            state |= {"position": number // SIZE % 101}
        else:
            state |= {"contact": number // SIZE % 2 == 0}
        empty = len(json.dumps({**state, "last_seen": ""}))
        payload = json.dumps({**state, "last_seen": "2026-03-02T18:05:00+00:00".ljust(PAYLOAD_BYTES - empty)})
        own = f"{room_of(device)}_{name.replace(' ', '_')}"
        yield message(f"zigbee2mqtt/{own}", payload.encode())


# ------------------------------------------------------------------------------ starting and weight


def _start(at: Place, counts: Counts) -> Figures:
    """Measure a hub from its start to its first command."""
    cpu, wall = list[float](), list[float]()
    with at.home() as port:
        for number in range(-1, counts.starts):
            begun = monotonic()
            with at.hub(port) as hub:
                hub.wait_for_answer()
                # the first may have had to compile
                if number >= 0:
                    cpu.append(hub.cpu_s())
                    wall.append(monotonic() - begun)
    return {"starts": len(cpu), "cpu_s": round(median(cpu), 3), "wall_s": round(median(wall), 3)}


def _weights(at: Place, counts: Counts) -> Figures:
    """Weigh a hub that has been spoken to: with its own ear, with all ears, with many devices."""
    own = _weight(at, counts, SIZE)
    many = _weight(at, counts, counts.many)
    return {
        "said": counts.said,
        "own_topics": own,
        "all_ears": _weight(at, counts, SIZE, EARS),
        "many_devices": many,
        "many": counts.many,
        "more_for_many": round(many - own, 1),
    }


def _weight(at: Place, counts: Counts, devices: int, more: str = "") -> float:
    with at.home(devices) as port, at.hub(port, devices, more) as hub:
        hub.wait_for_answer()
        hub.wait_for_rest()
        for number in range(counts.said):
            hub.answer(_sentence(number)[0])
        return round(hub.rss() / MEGABYTE, 1)
