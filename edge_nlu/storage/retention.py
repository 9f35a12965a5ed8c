"""Let go of what is old: what was said after some days, what devices told sooner, down to daily counts.

A clock may be wrong. Entries go in the order in which they were written, the oldest first and only up to the
first one that is young; and after a leap of the clock nothing goes until the new time has held for a day. An
hour in which the clock says 2099 costs nothing, and what was written in it keeps nothing else from going.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edge_nlu.storage.journal import CHECKED_BYTES, UNCLEAN, SqliteJournal, Statement

HABITS_DAYS: Final = 365
"""After a year a habit has faded to nothing."""
DAILY: Final = timedelta(hours=20)
LEAP: Final = timedelta(days=7)
AHEAD: Final = timedelta(days=1)
# so many of the latest ids are kept though all else of them is gone: a message delivered twice acts once
IDS: Final = 1000


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days what was said is kept, and each single thing that a device told."""

    days: int
    event_days: int

    def tidy(self, journal: SqliteJournal, now: datetime) -> bool:
        """Let go of what is old, once a day; return whether that was done now."""
        if not _day_has_passed(journal, now):
            return False
        self.let_go(journal, now)
        return True

    def let_go(self, journal: SqliteJournal, now: datetime) -> None:
        """Let go of what is old by this time, whatever the clock said before."""
        statements = [_emptied(now - timedelta(days=self.days), now), _IDS_GONE]
        statements += _counted(now - timedelta(days=min(self.event_days, self.days)), now)
        year = (now - timedelta(days=HABITS_DAYS)).timestamp()
        statements += [
            ("DELETE FROM event_days WHERE day < ?", (_day(now - timedelta(days=self.days)),)),
            *(
                (f"DELETE FROM {table} WHERE at_s < ?", (year,))
                for table in ("occasions", "causes", "rules", "sent")
            ),
            ("UPDATE sent SET text = '' WHERE at_s < ?", ((now - timedelta(days=self.days)).timestamp(),)),
        ]
        journal.keep(statements)
        # deleting leaves traces within a file now and then; a large one is not written anew every day
        small = journal.used_bytes() <= CHECKED_BYTES
        journal.rewrite() if small or journal.mark(UNCLEAN) is not None else journal.settle()
        for copy in journal.copies():
            if copy.stat().st_mtime < (now - timedelta(days=self.days)).timestamp():
                copy.unlink()


def fit(journal: SqliteJournal, largest_bytes: int) -> None:
    """Bring a journal that is larger than it may be by now down to nine tenths of that."""
    if journal.path is None or journal.path.stat().st_size <= largest_bytes:
        return
    while journal.used_bytes() > 0.9 * largest_bytes and journal.make_room():
        pass
    journal.rewrite()


def _day_has_passed(journal: SqliteJournal, now: datetime) -> bool:
    """Return whether it is a day since the last time, by a clock that did not leap meanwhile."""
    last = journal.mark(_TIDIED)
    gone = None if last is None else timedelta(seconds=now.timestamp() - last)
    if gone is not None and timedelta(0) <= gone < DAILY:
        return False
    journal.keep([("INSERT OR REPLACE INTO marks VALUES (?, ?)", (_TIDIED, now.timestamp()))])
    return gone is not None and DAILY <= gone <= LEAP


def _emptied(before: datetime, now: datetime) -> Statement:
    """Return what empties the exchanges before a time of all but their ids."""
    return (
        "UPDATE exchanges SET text = '', whole = '', user = '', satellite = '', outcome = '', why = NULL,"
        " goal = NULL, reached = NULL, rephrased = NULL, failure = NULL, failure_sure = NULL"
        f" WHERE whole != '' AND number < {_first_young('exchanges')}",
        (before.timestamp(), (now + AHEAD).timestamp()),
    )


def _counted(before: datetime, now: datetime) -> list[Statement]:
    """Return what turns single events before a time into a count for each day."""
    old = f"number < {_first_young('events')}"
    count = (
        "INSERT INTO event_days (day, device, key, times)"
        " SELECT date(at_s, 'unixepoch', 'localtime'), device, key, COUNT(*) AS new FROM events"
        f" WHERE {old} GROUP BY 1, 2, 3 ON CONFLICT DO UPDATE SET times = times + excluded.times"
    )
    at = (before.timestamp(), (now + AHEAD).timestamp())
    return [(count, at), (f"DELETE FROM events WHERE {old}", at)]


def _first_young(table: str) -> str:
    """Return what finds the first entry that is young; one of a time to come was written by a wrong clock."""
    return f"COALESCE((SELECT MIN(number) FROM {table} WHERE at_s BETWEEN ?1 AND ?2), 9e18)"


def _day(at: datetime) -> str:
    return at.date().isoformat()


_TIDIED: Final = "tidied"
_IDS_GONE: Final[Statement] = (
    "DELETE FROM exchanges WHERE whole = '' AND number <= (SELECT MAX(number) FROM exchanges) - ?",
    (IDS,),
)
