"""Let a hub live a month within the hour: real processes, and clocks that go by as fast as all is done.

A hub and a Mosquitto, each a process of its own; devices that tell and obey, people who speak. The broker
goes away now and then, new packs come in, the clock is put back, summer time begins, and at last the hub is
killed in the middle of sentences. Nothing may be lost over it, no answer be late, and the hub may not grow.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeAlias

import numpy as np

from edge_nlu.hub.assemble import PACKS
from edge_nlu.hub.settings import Sync
from edge_nlu.models.pack import MANIFEST, checksum
from edge_nlu.storage.packs import IN_USE, INCOMING, KEPT, Packs, Slot, hand_in, log_in
from edge_nlu_bench.life import KEEP_DAYS, WAIT_S, ZONE, Ledger, Life
from edge_nlu_bench.report import Figures
from edge_nlu_bench.running import memory_folder
from edge_nlu_bench.traffic import DAY_S
from edge_nlu_bench.updates.packs import another_network, make

DEADLINE_S = 2.5
"""What `cloud.deadline_s` promises a voice turn; a hub without a cloud keeps it all the more."""


HOUR_S = 3600
NIGHT_S = 3 * HOUR_S + 600.0
KILLED_AFTER_S = (0.0, 0.002, 0.004, 0.008, 0.016)
"""So long after somebody spoke the hub is killed, once each: before it decides, while it acts, and later."""
WEEK = 7
WINDOWS = 3

Row: TypeAlias = dict[str, float]


class Counts(NamedTuple):
    """How much is lived: from when on, how long, and what a day brings."""

    begins: datetime
    days: int
    states: int
    sentences: int
    broker_every: int
    pack_every: int
    idle_s: float


LONG = Counts(datetime(2026, 3, 1, tzinfo=ZONE), 31, 10_000, 50, broker_every=5, pack_every=8, idle_s=60)
QUICK = Counts(datetime(2026, 3, 28, tzinfo=ZONE), 3, 2000, 40, broker_every=2, pack_every=2, idle_s=15)


def measure(counts: Counts, lived: Callable[[], None]) -> tuple[dict[str, Figures], list[Row]]:
    """Return what became of a hub over so long a time, and what it weighed day by day.

    `lived` is called after each day.
    """
    with _place() as folder:
        life = Life(folder, counts.begins)
        try:
            return _month(life, counts, lived)
        finally:
            life.end()


def _month(life: Life, counts: Counts, lived: Callable[[], None]) -> tuple[dict[str, Figures], list[Row]]:
    first_mb = first_hour(life, counts)
    idle: list[float] = []
    rows: list[Row] = []
    happened: Counter[str] = Counter()
    for day in range(counts.days):
        before = life.cpu_s()
        live_a_day(life, counts.states, counts.sentences)
        life.check_states()
        rows.append({"day": day + 1, **_weighed(life), "cpu_s": round(life.cpu_s() - before, 2)})
        if day == 0:
            # once the first night's work is done; what is saved every few minutes is counted in the busy day
            idle = [DAY_S * _idle(life, counts.idle_s / WINDOWS) for _ in range(WINDOWS)]
        _mishaps(life, counts, day, happened)
        lived()
    # the journal was tidied up for the last time in the last night
    since = max(len(life.ledger.ids) - counts.sentences * min(counts.days, KEEP_DAYS - 1), 0)
    _kill(life, counts)
    events = Counter(one["event"] for one in log_in(life.state / PACKS))
    kept, taken = events[KEPT], events[IN_USE]
    busy = median(row["cpu_s"] for row in rows)
    most = max(row["rss_mb"] for row in rows)
    figures: dict[str, Figures] = {
        "lived": {
            "days": counts.days,
            "states_a_day": counts.states,
            "sentences_a_day": counts.sentences,
            "broker_restarts": happened["broker"],
            "packs_handed_in": happened["pack"],
            "packs_kept": kept,
            "clock_changes": happened["clock"],
            "kills": len(KILLED_AFTER_S),
        },
        "memory": {
            "first_hour_mb": first_mb,
            "most_mb": most,
            "last_mb": rows[-1]["rss_mb"],
            "growth_mb": round(most - first_mb, 1),
        },
        "journal": {
            "size_mb": life.journal_mb(),
            "largest_mb": max(row["journal_mb"] for row in rows),
            **_growth(rows),
        },
        "lost": {"packs": happened["pack"] - taken, **_lost(life, life.ledger.ids[since:])},
        "answers": _answers(life.ledger),
        "energy": {
            "busy_cpu_s_a_day": round(busy, 2),
            "idle_cpu_s_a_day": round(median(idle), 2),
            "idle_cpu_s_a_day_low": round(min(idle), 2),
            "idle_cpu_s_a_day_high": round(max(idle), 2),
            "cpu_s_a_day": round(busy + median(idle), 2),
        },
    }
    return figures, rows


def _weighed(life: Life) -> Row:
    return {"rss_mb": life.weight_mb(), "journal_mb": life.journal_mb()}


def _growth(rows: Sequence[Row]) -> Figures:
    """Return by how much the journal is larger after the last week than a week before, in a long life."""
    if len(rows) < KEEP_DAYS + 2 * WEEK:
        return {}
    last, before = (
        max(row["journal_mb"] for row in week) for week in (rows[-WEEK:], rows[-2 * WEEK : -WEEK])
    )
    return {"last_week_by_the_week_before": round(last / before, 3)}


def _kill(life: Life, counts: Counts) -> None:
    """Kill the hub in the middle of sentences, and let people speak before and after its clock is right.

    A pack that is still on trial has its turns first: with one, a hub that is cut off often goes back.
    """
    for _ in range(Sync().trial_turns if Packs(life.state / PACKS).trial() else 0):
        life.say()
    life.rest()
    for after_s in KILLED_AFTER_S:
        life.kill(after_s)
        life.say()
    life.put_clock(counts.begins + timedelta(days=counts.days))
    for _ in range(counts.sentences):
        life.say()
    life.rest()
    life.check_states()


def first_hour(life: Life, counts: Counts) -> float:
    """Let a busy hour go by, in which people try out everything, and return what the hub weighs then."""
    for _ in range(counts.states // 24):
        life.tell()
    for _ in range(counts.sentences):
        life.say()
        life.pass_time(HOUR_S / counts.sentences)
    life.rest()
    return life.weight_mb()


def _idle(life: Life, seconds: float) -> float:
    """Return the CPU time that a second takes in which nothing happens."""
    before, begun = life.cpu_s(), time.monotonic()
    time.sleep(seconds)
    return (life.cpu_s() - before) / (time.monotonic() - begun)


def live_a_day(life: Life, states: int, sentences: int) -> None:
    """Let a day go by, with its night."""
    begun = life.now()
    events = sorted([*((at + 0.5) * DAY_S / states for at in range(states)), NIGHT_S, *_spoken(sentences)])
    spoken = set(_spoken(sentences))
    for at in events:
        life.pass_time(max(begun + at - life.now(), 0.0))
        if at == NIGHT_S:
            life.rest()
        elif at in spoken:
            life.say()
        else:
            life.tell()
    life.rest()


def _spoken(sentences: int) -> list[float]:
    """Return when in a day people speak: from seven in the morning to eleven at night."""
    return [DAY_S * 7 / 24 + (at + 0.25) * DAY_S * 16 / 24 / sentences for at in range(sentences)]


def _mishaps(life: Life, counts: Counts, day: int, happened: Counter[str]) -> None:
    """Let happen what happens every few days."""
    if day % counts.broker_every == counts.broker_every - 1:
        life.restart_broker()
        happened["broker"] += 1
    if day % counts.pack_every == counts.pack_every - 1:
        happened["pack"] += 1
        _hand_in(life, happened["pack"])
    if day in (counts.days // 3, counts.days // 2):
        # once it is put back, once it was ahead for a while
        true = datetime.fromtimestamp(life.now(), ZONE)
        life.put_clock(true - timedelta(minutes=90) if day == counts.days // 3 else true + timedelta(hours=5))
        for _ in range(5):
            life.say()
        life.put_clock(true + timedelta(minutes=1))
        happened["clock"] += 1


def _hand_in(life: Life, release: int) -> None:
    """Hand in a new pack, and speak until the hub has taken it in."""
    made = make(life.state / INCOMING / f"month-{release}", another_network)
    slot = Slot(made.name, release, checksum(made / MANIFEST))
    hand_in(made.parent, slot)
    packs, end = Packs(life.state / PACKS), time.monotonic() + WAIT_S
    while packs.current() != slot and time.monotonic() < end:
        # it looks every few seconds, and trying a pack takes some of real time
        life.pass_time(2)
        life.say()
        time.sleep(0.5)


def _lost(life: Life, young: Sequence[str]) -> Figures:
    ledger = life.ledger
    return {
        "answers": ledger.no_answer,
        "commands": ledger.no_command,
        "states": ledger.wrong_states,
        "journal": life.missing(young),
        "after_deadline": sum(seconds > DEADLINE_S for seconds in ledger.seconds),
    }


def _answers(ledger: Ledger) -> Figures:
    times = np.percentile(ledger.seconds, (50, 95, 99)) * 1000
    named = dict(zip(("p50_ms", "p95_ms", "p99_ms"), (round(float(one), 2) for one in times), strict=True))
    longest = round(max(ledger.seconds) * 1000, 1)
    return {
        "n": len(ledger.ids),
        **dict(ledger.decisions),
        **named,
        "longest_ms": longest,
        "deadline_s": DEADLINE_S,
    }


@contextmanager
def _place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="edge-nlu-soak-", dir=memory_folder()) as name:
        yield Path(name)
