"""What a hub learns at night: how wishes went in the end, what sentences meant, what to read otherwise.

By day only what the next sentence shows is known. At night, by the hub's clock, all that was said since the
last night is read again together: in a process of its own where there is a hub to answer meanwhile, and else
a slice at a time. What came of it is written whole or not at all: after a power cut the night begins anew.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np

from edge_nlu.hub.apart import here
from edge_nlu.hub.service import SystemClock
from edge_nlu.interfaces import Understander
from edge_nlu.learning.dialogue import Moved, Place, Turn, runs_of
from edge_nlu.learning.goals import NOT_FOUND, Judged, by_verdicts
from edge_nlu.learning.head import Head, trained
from edge_nlu.learning.judge import acted
from edge_nlu.learning.labels import HALF, Label, Labeller
from edge_nlu.learning.occasions import Occasion
from edge_nlu.learning.rewording import Turned
from edge_nlu.models.dialogue import DialogueModel
from edge_nlu.models.pack import Pack
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.journal import SqliteJournal, Statement
from edge_nlu.storage.judged import LIKELY, Said, exchange_from
from edge_nlu.storage.labelled import LABELS, keeping_head, keeping_labels, labels_in
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.values import Command, Understanding

Tells: TypeAlias = Callable[[datetime], Iterator[None]]
Result = TypeVar("Result")
Row: TypeAlias = tuple[Any, ...]

BEGINS_AT: Final = 3
"""The hour at which a night's work begins."""

QUIET: Final = timedelta(minutes=5)
"""So long nobody said anything before it is done; by then what was said last has had its consequences."""

AFTER_TROUBLE: Final = timedelta(hours=1)
AT_ONCE: Final = 8
"""Sentences that are read in one slice."""

BESIDES: Final = 96
"""So many sentences of the days before are read along: what is usual here shows only among many."""

BY_HAND_S: Final = 90.0
MARGIN_S: Final = 1.0
_NIGHT, _JUDGED = "night", "judged"


class Apart(Protocol):
    """A way to have work done, such as in a process of its own."""

    def __call__(self, work: Generator[None, None, Result]) -> Generator[None, None, Result]:
        """Do the work, and return what it returns."""
        ...


class Day(NamedTuple):
    """What the journal holds of a day, as it holds it.

    `said` are the exchanges since the last time and some before them, `moved` is what devices told soon
    after those, `by_hand` what was done by hand, `labels` what sentences were judged to mean before.
    """

    judged_to: int
    said: list[Row]
    moved: list[Row]
    by_hand: list[Row]
    labels: list[Row]


class Learned(NamedTuple):
    """What a day has taught: what to write down, what shows names of things, and heads if they are others."""

    statements: list[Statement]
    names: list[Turned]
    heads: dict[str, Head] | None


class Night:
    """The night's work of one hub; `rooms` are those of satellites, `tells` tell a fleet what it may know.

    `apart` is how the day is read.
    """

    def __init__(
        self,
        journal: SqliteJournal,
        memory: HomeMemory,
        context: HomeContext,
        understander: Understander,
        clock: SystemClock,
        rooms: Mapping[str, str],
        tells: Sequence[Tells] = (),
        apart: Apart = here,
    ) -> None:
        self._tells = tells
        self._apart = apart
        self._journal = journal
        self._memory = memory
        self._context = context
        self._understander = understander
        self._clock = clock
        self._rooms = rooms
        self._work: Iterator[None] | None = None
        self._begun_with = memory.times_read
        self._not_before = datetime.min.replace(tzinfo=UTC)
        self._last: float | None = None

    @property
    def working(self) -> bool:
        """Return whether a night's work has been begun and not ended."""
        return self._work is not None

    def work(self) -> None:
        """Do the next slice of what is due."""
        if self._begun_with != self._memory.times_read:
            # what somebody took out meanwhile must not come back: the night begins anew
            self._work, self._begun_with = None, self._memory.times_read
        if self._work is None:
            if not (self._memory.learns and self._is_due(now := self._clock.now())):
                return
            self._work = self._night(now)
        try:
            next(self._work)
        except StopIteration:
            self._work = None
        except Exception:
            # the disk may be full: it is tried again, and not at once
            self._work, self._not_before = None, self._clock.now() + AFTER_TROUBLE
            raise

    def _is_due(self, now: datetime) -> bool:
        """Return whether it is the first quiet moment of a night, or one after a night that was missed."""
        if not self._clock.is_set or timedelta(0) < self._not_before - now <= AFTER_TROUBLE:
            return False
        begun = now.replace(hour=BEGINS_AT, minute=0, second=0, microsecond=0)
        begun = begun if begun <= now else begun - timedelta(days=1)
        last = self._last if self._last is not None else self._journal.mark(_NIGHT)
        self._last = last
        # a clock that was ahead for an hour shall not cost all nights until then
        if last is not None and begun.timestamp() <= last <= now.timestamp():
            return False
        said = self._journal.rows("SELECT at_s FROM exchanges ORDER BY number DESC LIMIT 1")
        gone = timedelta(seconds=now.timestamp() - said[0][0]) if said else timedelta(0)
        if timedelta(0) <= gone < QUIET:
            # to look is to write what was put off, so it is not done in every turn
            self._not_before = now + QUIET - gone
            return False
        return True

    def _night(self, now: datetime) -> Iterator[None]:
        day = self._day()
        yield
        learned = yield from self._apart(self._learned(day, now))
        for turned in learned.names:
            self._memory.wordings.named(turned)
        judged_to = day.said[-1][0] if day.said else day.judged_to
        self._journal.keep([*learned.statements, (_MARK, (_JUDGED, float(judged_to)))])
        if learned.heads is not None:
            self._memory.heads = learned.heads
        del day, learned
        yield from self._memory.wordings.mine()
        self._last = now.timestamp()
        self._journal.keep([(_MARK, (_NIGHT, self._last))])
        for tell in self._tells:
            yield from tell(now)

    def _day(self) -> Day:
        """Return what is to be read; most of what devices tell in a day is about nothing that was said."""
        rows = self._journal.rows
        judged_to = int(self._journal.mark(_JUDGED) or 0)
        said = rows(_NEW, (judged_to,))
        said = [*rows(_BESIDES, (judged_to, BESIDES))[::-1], *said] if said else []
        times = sorted(row[1] for row in said) or [0.0]
        between = times[0], times[-1] + BY_HAND_S
        moved = [
            row
            for row in self._journal.each_row(_MOVED, between)
            if row[0] <= times[bisect_right(times, row[0] + MARGIN_S) - 1] + BY_HAND_S
        ]
        return Day(judged_to, said, moved, rows(_BY_HAND, between), rows(LABELS))

    def _learned(self, day: Day, now: datetime) -> Generator[None, None, Learned]:
        """Return how all went that was said since the last time, what was meant, what to read otherwise."""
        read = yield from _parsed(day.said)
        since = bisect_right([one.number for one in read], day.judged_to)
        opinions = (yield from self._opinions(read, since, day.moved)) if read[since:] else []
        judged = [one for one in opinions if one.number > day.judged_to]
        yield
        known = labels_in(day.labels)
        labels = self._labels(judged, known, day.by_hand)
        statements = [*map(_judging, judged), *keeping_labels(labels)]
        new = [label for label, _ in labels]
        heads = None
        # what was read rightly teaches nothing by itself
        if any(map(_read_wrongly, new)) or not self._memory.heads:
            heads = yield from self._heads([*known, *new])
            if heads is not None:
                head = heads.get(self._journal.pack)
                statements += keeping_head(head, self._journal.pack, now.timestamp())
        return Learned(statements, list(_names(judged)), heads)

    # ---------------------------------------------------------------- how wishes went, what was meant

    def _opinions(
        self, read: Sequence[Said], since: int, told: Sequence[Row]
    ) -> Generator[None, None, list[Judged]]:
        """Return what is thought of exchanges, by the pack's model of dialogues or else by their verdicts."""
        pack = getattr(self._understander, "pack", None)
        model = DialogueModel.open(pack) if isinstance(pack, Pack) else None
        if model is None:
            return by_verdicts((one.number, one.exchange, one.well) for one in read)
        turns = []
        for one in read:
            vector = self._understander.understand(one.exchange.understanding.text).embedding
            turns.append(Turn(one.exchange, one.why, np.frombuffer(vector, "<f4")))
            if len(turns) % AT_ONCE == 0:
                yield
        moved = [Moved(at_s, device, key, json.loads(value)) for at_s, device, key, value in told]
        judged: list[Judged] = []
        for run in runs_of(turns, moved, self._place(), since):
            for at, opinion in zip(run.turns, model.opinions(run), strict=True):
                anew = None if opinion.rephrased is None else read[opinion.rephrased].exchange.utterance.id
                judged.append(
                    Judged(
                        *(read[at].number, read[at].exchange, read[opinion.goal].number),
                        *(opinion.reached, opinion.worked, anew),
                        *(opinion.failure, opinion.failure_sure),
                    )
                )
            yield
        return sorted(judged, key=lambda one: one.number)

    def _place(self) -> Place:
        home = self._context.snapshot(self._clock.now())
        devices = [device for own in home.all_devices() if (device := home.device(own)) is not None]
        rooms = {device.id: device.room for device in devices}
        return Place({device.id: device.name for device in devices}, {**rooms, **self._rooms})

    def _labels(
        self, judged: Sequence[Judged], known: Sequence[Label], by_hand: Sequence[Row]
    ) -> list[tuple[Label, float]]:
        """Return what was meant by what was said, each with when that was."""
        goals: dict[int, list[Judged]] = defaultdict(list)
        for one in judged:
            goals[one.goal].append(one)
        at = {one.exchange.utterance.id: one.exchange.utterance.at.timestamp() for one in judged}
        times = sorted(at.values())
        labeller = Labeller(known)
        found = []
        for goal in goals.values():
            ended = goal[-1].exchange.utterance.at.timestamp()
            after = bisect_right(times, ended)
            until = min(ended + BY_HAND_S, times[after] if after < len(times) else ended + BY_HAND_S)
            hands = [_hand(row) for at_s, *row in by_hand if ended < at_s <= until]
            found += [(label, at[label.utterance]) for label in labeller.labels(goal, hands)]
        return [(label, said) for label, said in found if label.sure >= HALF]

    # -------------------------------------------------------------------------- what to read otherwise

    def _heads(self, labels: Sequence[Label]) -> Generator[None, None, dict[str, Head] | None]:
        """Return what is trained with all labels, by pack, if any of them was read wrongly."""
        if not any(map(_read_wrongly, labels)):
            return None
        known: dict[str, Understanding] = {}
        for label in labels:
            if label.text not in known:
                known[label.text] = self._understander.understand(label.text)
                if len(known) % AT_ONCE == 0:
                    yield
        head = yield from trained(labels, [known[label.text] for label in labels])
        return {self._journal.pack: head} if head is not None else {}


def _names(judged: Sequence[Judged]) -> Iterator[Turned]:
    """Yield acts on others than were meant, as what was said anew tells: they show what things are called."""
    exchanges = {one.exchange.utterance.id: one.exchange for one in judged}
    for one in judged:
        meant = exchanges.get(one.rephrased or "")
        if one.failure == NOT_FOUND and meant is not None and acted(one.exchange) and acted(meant):
            yield Turned(one.exchange, meant, one.failure_sure or 0.0)


def _parsed(rows: Iterable[Row]) -> Generator[None, None, list[Said]]:
    found = []
    for at, (number, _, whole, outcome, well, why) in enumerate(rows, 1):
        # of another version, whose values are not known here
        with suppress(ValueError):
            exchange = exchange_from(whole, outcome)
            found.append(Said(number, exchange, LIKELY if well is None else well, why or ""))
        if at % AT_ONCE == 0:
            yield
    return found


def _read_wrongly(label: Label) -> bool:
    return label.read not in ("", label.meant)


def _judging(one: Judged) -> Statement:
    return _JUDGING, (one.goal, one.reached, one.rephrased, one.failure, one.failure_sure, one.number)


def _hand(row: Sequence[Any]) -> Occasion:
    at, want, prop, device, settings = row
    command = Command(device, tuple((str(key), value) for key, value in json.loads(settings)))
    return Occasion(datetime.fromisoformat(at), want, prop, command, by_hand=True)


_MARK: Final = "INSERT OR REPLACE INTO marks VALUES (?, ?)"
_ROW: Final = "SELECT number, at_s, whole, outcome, well, why FROM exchanges WHERE whole != '' AND"
_NEW: Final = f"{_ROW} number > ? ORDER BY number"
_BESIDES: Final = f"{_ROW} number <= ? ORDER BY number DESC LIMIT ?"
_MOVED: Final = "SELECT at_s, device, key, value FROM events WHERE at_s BETWEEN ? AND ? ORDER BY number"
_BY_HAND: Final = (
    "SELECT at_s, at, want, property, device, settings FROM occasions"
    " WHERE by_hand = 1 AND at_s BETWEEN ? AND ? ORDER BY number"
)
_JUDGING: Final = (
    "UPDATE exchanges SET goal = ?, reached = ?, rephrased = ?, failure = ?, failure_sure = ?"
    " WHERE number = ?"
)
