"""What a hub learns at night: how wishes went in the end, what sentences meant, what to read otherwise.

By day only what the next sentence shows is known. At night, by the hub's clock, all that was said since the
last night is read again together: in a process of its own where there is a hub to answer meanwhile, and else
a slice at a time. What came of it is written whole or not at all: after a power cut the night begins anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, Protocol, TypeAlias, TypeVar

from edge_nlu.hub.apart import here
from edge_nlu.hub.service import SystemClock
from edge_nlu.interfaces import Understander
from edge_nlu.learning.head import Head
from edge_nlu.learning.rewording import Turned
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.journal import SqliteJournal, Statement
from edge_nlu.storage.labelled import LABELS
from edge_nlu.storage.memory import HomeMemory

Tells: TypeAlias = Callable[[datetime], Iterator[None]]
Result = TypeVar("Result")
Row: TypeAlias = tuple[Any, ...]

BEGINS_AT: Final = 3
"""The hour at which a night's work begins."""

QUIET: Final = timedelta(minutes=5)
"""So long nobody said anything before it is done; by then what was said last has had its consequences."""

AFTER_TROUBLE: Final = timedelta(hours=1)
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
        """Return what a day has taught."""
        # most of what this loads is needed by nobody else: the process that reads the day takes it along
        from edge_nlu.hub.dayreader import DayReader

        home = self._context.snapshot(self._clock.now())
        reader = DayReader(self._understander, home, self._rooms, self._journal.pack)
        return (yield from reader.learned(day, now, anew=not self._memory.heads))


_MARK: Final = "INSERT OR REPLACE INTO marks VALUES (?, ?)"
_ROW: Final = "SELECT number, at_s, whole, outcome, well, why FROM exchanges WHERE whole != '' AND"
_NEW: Final = f"{_ROW} number > ? ORDER BY number"
_BESIDES: Final = f"{_ROW} number <= ? ORDER BY number DESC LIMIT ?"
_MOVED: Final = "SELECT at_s, device, key, value FROM events WHERE at_s BETWEEN ? AND ? ORDER BY number"
_BY_HAND: Final = (
    "SELECT at_s, at, want, property, device, settings FROM occasions"
    " WHERE by_hand = 1 AND at_s BETWEEN ? AND ? ORDER BY number"
)
