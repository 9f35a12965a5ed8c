"""Ask a model endpoint that has bad days, and time the hub's own answer: it must come by the deadline.

A hub as it runs, but for its broker, which is one in memory; the endpoint speaks HTTP. Each day meets a fresh
hub, since one that has failed is left alone after a while, and answers then come at once.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final

import numpy as np

from edge_nlu.hub.assemble import assemble
from edge_nlu.hub.daemon import Hub
from edge_nlu.hub.pretend import PretendHome, layout_of, payload_of, read_home
from edge_nlu.hub.service import SystemClock
from edge_nlu.hub.settings import Cloud, Settings
from edge_nlu.interfaces import Understander
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.transport.broker import Heard
from edge_nlu.transport.memory import MemoryBroker
from edge_nlu.values import Message
from edge_nlu_bench.endpoint import BAD_DAYS, Endpoint, black_hole, called, said
from edge_nlu_bench.planted import masking_figures
from edge_nlu_bench.report import Figures, Report
from edge_nlu_bench.restarts import queue_figures

QUESTION: Final = "how tall is mount everest"
READINGS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "let there be photons": ("on", {"property": "power", "device": "spots"}),
    "my eyeballs are on strike": ("raise", {"property": "brightness", "device": "island light"}),
    "I could hang meat in here": ("raise", {"property": "temperature", "device": "thermostat"}),
    "banish the gloom": ("on", {"property": "power", "device": "lights", "room": "<ROOM_1>"}),
    "give the floor what it deserves": ("start", {"property": "run", "device": "robot vacuum"}),
    "the neighbours can read my book through the wall": (
        "close",
        {"property": "position", "device": "curtains", "room": "living room"},
    ),
    "somebody turned the sun on its side": ("close", {"property": "position", "device": "curtains"}),
    "I smell of adventure so do my socks": ("start", {"property": "run", "device": "washing machine"}),
    "project darkness begins": ("off", {"property": "power", "device": "all lights"}),
    "caffeine would save my life": ("unlock", {"property": "lock", "device": "front door"}),
}
"""Sentences that no hub understands, and what a model takes them for; one names nothing, one is risky."""

NAMED: Final = ("slow", "drips", "huge", "not json")
"""Days that are told of one by one, with refusing and black-holed; of the others the latest is."""

DOOR: Final = "front_door"
AGAIN: Final = 5
"""Times that each sentence is said once more; one in twenty is left to itself, see docs/learning.md."""

LONGEST_S: Final = 20.0
NOWHERE: Final = "http://nobody.invalid/v1"


def measure(pack: Pack, *, quick: bool) -> Report:
    """Return how a cloud does, and what becomes of what waits to leave."""
    return {**cloud_figures(pack, quick=quick), **queue_figures(100 if quick else 1000)}


def cloud_figures(pack: Pack, *, quick: bool) -> Report:
    """Return how late answers are on bad days, what of sentences leaves, and what a cloud weighs."""
    understander = Encoder(pack)
    deadline_s, times = (0.5, 1) if quick else (2.5, 3)
    late: dict[str, list[float]] = {}
    answered = asked = 0
    for _ in range(times):
        for day, url, endpoint in _days():
            with _hub(url, understander, deadline_s) as ask:
                answer, spent_s = ask(QUESTION, deadline_s + 5)
            endpoint.stop()
            asked += 1
            answered += answer.get("decision") == "cloud" and not answer["commands"]
            late.setdefault(day, []).append((spent_s - deadline_s) * 1000)
    others = [value for day, values in late.items() if day not in NAMED for value in values]
    days: dict[str, float | int] = {
        "deadline_s": deadline_s,
        "answered_at_home": round(answered / asked, 4),
        "latest_after_deadline_ms": round(max(max(values) for values in late.values()), 1),
    }
    for day in ("refusing", "black hole", "no such name", *NAMED):
        days[f"{day.replace(' ', '_')}_after_deadline_ms"] = round(max(late[day]), 1)
    days["other_days_after_deadline_ms"] = round(max(others), 1)
    return {
        "bad_days": days,
        "good_days": _beside(understander),
        **masking_figures(understander),
        "cloud_memory": _memory(pack.folder),
    }


def _days() -> Iterator[tuple[str, str, Endpoint]]:
    for day in BAD_DAYS:
        endpoint = Endpoint().start()
        endpoint.day = day
        yield day, endpoint.url, endpoint
    for day in ("refusing", "no such name", "black hole"):
        endpoint = Endpoint().start()
        if day == "refusing":
            endpoint.stop()
        with black_hole() as hole:
            yield day, {"black hole": hole, "no such name": NOWHERE}.get(day, endpoint.url), endpoint


def _beside(understander: Understander) -> Figures:
    """Return how the house does while somebody outside is asked, and what is known after an explanation."""
    endpoint = Endpoint().start()
    endpoint.answer = lambda text: called(READINGS[text]) if text in READINGS else said("It is high.")
    with _hub(endpoint.url, understander, 2.5) as ask:
        good = [ask(QUESTION, 5)[1] for _ in range(20)]
        first = {hint: ask.on_a_day_of_its_own(hint) for hint in READINGS}
        done = [hint for hint, answer in first.items() if answer["decision"] == "act"]
        again = [ask.on_a_day_of_its_own(hint) for _ in range(AGAIN) for hint in done]
        others_said = [ask.on_a_day_of_its_own(hint) for hint in READINGS if hint not in done]
        endpoint.day = "slow"
        ask.start(QUESTION)
        others = [ask("is everything all right", 5)[1] for _ in range(20)]
    endpoint.stop()
    return {
        "good_day_p50_ms": round(float(np.median(good)) * 1000, 2),
        "others_meanwhile_p50_ms": round(float(np.median(others)) * 1000, 2),
        "others_meanwhile_longest_ms": round(max(others) * 1000, 2),
        "explained": len(done),
        "said_again": len(again),
        "said_again_known": sum(one["decision"] == "act" and "asked" not in one for one in again),
        "door_unlocked": sum(DOOR in str(one["commands"]) for one in (*first.values(), *others_said)),
    }


class _Calendar(SystemClock):
    """A clock on which days go by at will."""

    days = 0

    def now(self) -> datetime:
        """Return the local time some days later."""
        return super().now() + timedelta(days=self.days)


class _Asking:
    """Somebody who says things to a hub, and hears its answers."""

    def __init__(self, broker: MemoryBroker, calendar: _Calendar) -> None:
        self._calendar = calendar
        self._answers: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._line = broker.client()
        self._line.listen(["edge-nlu/result"])
        self._line.start(self._hear)
        self._count = 0

    def __call__(self, text: str, longest_s: float) -> tuple[dict[str, Any], float]:
        """Return the answer to a sentence, and how many seconds it took."""
        begun = time.monotonic()
        own = self.start(text)
        with suppress(Empty):
            while (answer := self._answers.get(timeout=longest_s))["id"] != own:
                pass
            return answer, time.monotonic() - begun
        return {}, longest_s

    def start(self, text: str) -> str:
        """Say a sentence, and return its name."""
        self._count += 1
        own = f"b{self._count}"
        said = {"text": text, "id": own, "satellite": "kitchen_speaker", "user": "ana"}
        self._line.ask("edge-nlu/ask", json.dumps(said).encode())
        return own

    def on_a_day_of_its_own(self, text: str) -> dict[str, Any]:
        """Return the answer to a sentence a day later, when all devices are as they were."""
        self._calendar.days += 1
        for told in read_home("demo")["retained"]:
            self._line.publish(Message(told["topic"], payload_of(told["payload"])))
        return self(text, LONGEST_S)[0]

    def _hear(self, heard: Heard) -> None:
        self._answers.put(json.loads(heard.payload))


@contextmanager
def _hub(url: str, understander: Understander, deadline_s: float) -> Iterator[_Asking]:
    """Run a hub in the demo home that may ask at an address, in a thread of its own, which builds it, too."""
    cloud = Cloud("openai", url, deadline_s=deadline_s, first_byte_s=0.6 * deadline_s)
    told = read_home("demo")
    settings = replace(Settings(), cloud=cloud, home=layout_of(told))
    broker = MemoryBroker()
    PretendHome(told, broker.client())
    line = broker.client()
    calendar = _Calendar()
    made: SimpleQueue[Hub] = SimpleQueue()

    def run() -> None:
        hub = assemble(
            settings,
            folder=None,
            transport=line,
            understander=understander,
            clock=calendar,
            environment={},
        )
        made.put(hub)
        hub.run()

    thread = Thread(target=run, daemon=True)
    thread.start()
    hub = made.get(timeout=LONGEST_S)
    while not line.connected:
        time.sleep(0.001)
    asking = _Asking(broker, calendar)
    asking("is everything all right", LONGEST_S)
    yield asking
    hub.stop()
    thread.join(LONGEST_S)


def _memory(pack: Path) -> Figures:
    """Return what a process weighs that holds a hub, without a cloud and with one that was asked."""
    run = [sys.executable, "-m", "edge_nlu_bench.resident_hub", str(pack)]
    without, with_one = (
        int(subprocess.run([*run, url], check=True, capture_output=True, text=True).stdout)
        for url in ("", "http://127.0.0.1:9/v1")
    )
    return {"without_mb": round(without / 1e6, 1), "asked_mb": round(with_one / 1e6, 1)}
