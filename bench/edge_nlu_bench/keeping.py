"""Let a year go by in the reference home, and see how large its journal is and what it costs a turn.

Each day people say twenty things, switch forty by hand, and sensors tell something new five thousand
times. What is said goes through the real line once; from then on the same exchanges are written again, by
other people at other times. Journal and memory are those of a hub, tidied every day.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import thread_time_ns
from typing import Any

import numpy as np

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.stage import Stage
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.retention import Retention
from edge_nlu.values import Device, Exchange, Held, Report, Utterance
from edge_nlu_bench.latency import one_core
from edge_nlu_bench.reference import PEOPLE, SATELLITES, reference_home
from edge_nlu_bench.report import Figures

FIRST = datetime(2025, 3, 3, tzinfo=UTC)
YEAR, QUICK = 365, 30
SAID, BY_HAND, TOLD = 20, 40, 5000
TURNS, ROUNDS = 200, 5
EVENT_DAYS = 7
MEGABYTE = 1e6
SENTENCES = (
    "turn on the kitchen ceiling light",
    "set the bedroom thermostat to 21 degrees",
    "turn off the fan",
    "close the blinds in the study",
    "is the living room window open",
    "make it brighter",
    "all lights off",
    "turn off the heater in the bathroom",
    "how warm is it in the bedroom",
    "open the kitchen blinds and turn off the floor lamp",
    "kill the shiny thing",
    "turn on the fan",
)
# looking at the clock takes a microsecond or two itself, as often as something is watched
LOOK_NS = min(-thread_time_ns() + thread_time_ns() for _ in range(1000))
_WEIGH = """
import sys
from pathlib import Path
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.memory import HomeMemory
journal = SqliteJournal(Path(sys.argv[1]))
memory = HomeMemory(journal)
journal.last(8)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS")))
"""


def measure(pack: Pack, *, quick: bool) -> dict[str, Figures]:
    """Return what a year leaves, and what keeping it costs."""
    days = QUICK if quick else YEAR
    with tempfile.TemporaryDirectory() as folder, one_core():
        path, empty = Path(folder, "journal.sqlite3"), Path(folder, "empty.sqlite3")
        end, encoder = FIRST + timedelta(days=days), Encoder(pack)
        stage = Stage(reference_home(), FIRST, encoder, journal=path)
        _live(stage, days)
        stage.journal.close()
        SqliteJournal(empty).close()
        new, turns = (_turns(file, end, encoder, 2 if quick else ROUNDS) for file in (empty, path))
        weights = {name: _weight(file) for name, file in (("year", path), ("empty", empty))}
        size = path.stat().st_size / MEGABYTE
    added, after, commits = turns
    before = float(np.median(new[0]))
    return {
        "lived": {"days": days, "said": days * SAID, "told": days * TOLD},
        "journal": {"size_mb": round(size, 1), "more_rss_mb": round(weights["year"] - weights["empty"], 1)},
        "turn": {
            "n": TURNS,
            "added_p50_ms": round(float(np.median(added)), 3),
            "added_p95_ms": round(float(np.percentile(added, 95)), 3),
            "new_p50_ms": round(before, 3),
            "after_p50_ms": round(float(np.median(after)), 3),
            "grown_p50_ms": round(float(np.median(added)) - before, 3),
            "commit_p50_ms": round(float(np.median(commits)), 3),
        },
    }


def _live(stage: Stage, days: int) -> None:
    """Let so many days go by."""
    rng = random.Random(0)
    home = stage.context.snapshot(FIRST)
    devices = [device for own in home.all_devices() if (device := home.device(own)) is not None]
    said = [_say(stage, number) for number in range(len(SENTENCES))]
    keep = Retention(YEAR, EVENT_DAYS)
    for day in range(days):
        at = FIRST + timedelta(days=day)
        moments = sorted(rng.choices(range(86_400), k=TOLD))
        reports = zip(moments, _reports(devices, rng), strict=False)
        for hour in range(24):
            now = at + timedelta(hours=hour)
            for _ in range(TOLD // 24):
                second, (device, report) = next(reports)
                when = at + timedelta(seconds=second)
                if (feature := device.feature(report.key)) is not None and feature.settable:
                    stage.memory.noticed(device, report, when)
                else:
                    # what is measured is only written down
                    stage.journal.noticed(report, when)
            if hour >= 24 - SAID:
                _write(stage, said[rng.randrange(len(said))], f"{day}-{hour}", now, rng)
        keep.tidy(stage.journal, at + timedelta(days=1))


def _reports(devices: Sequence[Device], rng: random.Random) -> Iterator[tuple[Device, Report]]:
    """Yield reports of something new without end: few are of what can be switched."""
    features = [(device, feature) for device in devices for feature in device.features]
    settable = [one for one in features if one[1].settable]
    measured = [one for one in features if not one[1].settable]
    while True:
        device, feature = rng.choice(settable if rng.random() < BY_HAND / TOLD else measured)
        value: Held = rng.random() < 0.5 if feature.kind == "switch" else round(rng.uniform(0, 100), 1)
        yield device, Report(device.id, feature.key, value)


def _say(stage: Stage, number: int) -> Exchange:
    exchange = stage.handle(_utterance(f"first-{number}", number, stage.at))
    if exchange is None:
        raise EdgeNluError(f"{SENTENCES[number]!r} was said before; this bench says each sentence once")
    return exchange


def _utterance(name: str, number: int, at: datetime) -> Utterance:
    who, where = list(PEOPLE)[number % len(PEOPLE)], list(SATELLITES)[number % len(SATELLITES)]
    return Utterance(name, SENTENCES[number % len(SENTENCES)], at, where, who)


def _write(stage: Stage, exchange: Exchange, name: str, at: datetime, rng: random.Random) -> None:
    """Have an exchange once more, with somebody else at another time."""
    said = replace(exchange.utterance, id=name, at=at, user=rng.choice(list(PEOPLE)))
    again = replace(exchange, utterance=said)
    stage.journal.write(again)
    stage.memory.observe(again)
    stage.journal.finish(again)


def _turns(path: Path, begin: datetime, encoder: Encoder, rounds: int) -> np.ndarray:
    """Return the milliseconds of many turns with a journal, of each the least that it took in any round.

    Rows are: journal and memory until the answer is out, the same afterwards, and the commits.
    """
    timed = []
    for number in range(rounds):
        copy = path.with_name(f"{number}-{path.name}")
        shutil.copy(path, copy)
        stage = Stage(reference_home(), begin, encoder, journal=copy)
        timed.append(_round(stage, begin))
        stage.journal.close()
    return np.min(timed, axis=0).T / 1e6


def _round(stage: Stage, begin: datetime) -> list[tuple[int, int, int]]:
    """Return the CPU nanoseconds of many turns, one after the other."""
    commits = Watched(stage.journal._database, only="COMMIT")
    stage.journal._database = commits  # type: ignore[assignment]
    journal, memory = Watched(stage.journal), Watched(stage.memory)
    line = replace(stage._line, journal=journal, memory=memory)
    times = []
    for number in range(TURNS):
        journal.spent = memory.spent = commits.spent = 0
        stage.at = begin + timedelta(minutes=7 * number)
        exchange = line.handle(_utterance(f"turn-{number}", number, stage.at))
        added = journal.spent + memory.spent - commits.spent
        assert exchange is not None
        line.conclude(exchange)
        after = journal.spent + memory.spent - commits.spent - added
        times.append((added, after, commits.spent))
    return times


class Watched:
    """Stands in for something, and counts the CPU nanoseconds that its methods take."""

    def __init__(self, of: Any, only: str = "") -> None:
        self._of = of
        self._only = only
        self.spent = 0

    def __getattr__(self, name: str) -> Any:
        """Return the method of this name, watched."""
        method = getattr(self._of, name)
        if not callable(method):
            return method

        def watched(*given: Any, **named: Any) -> Any:
            if self._only and given[:1] != (self._only,):
                return method(*given, **named)
            begun = thread_time_ns()
            try:
                return method(*given, **named)
            finally:
                self.spent += thread_time_ns() - begun - LOOK_NS

        return watched


def _weight(path: Path) -> float:
    """Return the megabytes of a fresh process that holds a journal and what was learned."""
    done = subprocess.run(
        [sys.executable, "-c", _WEIGH, str(path)], capture_output=True, text=True, check=True
    )
    return int(done.stdout) * 1024 / MEGABYTE
