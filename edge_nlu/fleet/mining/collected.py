"""Keep what homes send to a fleet, checked at the door, until it is counted, and no longer.

Whatever comes twice counts once. What comes late, or is not what was asked for, is answered like anything
else and forgotten: a home that kept it would send it for ever. Each receiver writes a file of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from edge_nlu.durable import transaction
from edge_nlu.fleet.mining.epochs import Epochs
from edge_nlu.learning.pairs import digest
from edge_nlu.learning.sharing import Shared, line_of, shared_of
from edge_nlu.wire.outgoing import Item
from edge_nlu.wire.pairs import Offer, Week, Worded, week_of

TAKEN, KNOWN, LATE, REFUSED = "taken", "known", "late", "refused"
MOST_WEEKS: Final = 6
"""So many weeks back are still heard of."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS offers (
    epoch INTEGER, home BLOB, digest BLOB, PRIMARY KEY (epoch, home, digest)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS words (
    epoch INTEGER, digest BLOB, kind TEXT, failing TEXT, working TEXT, PRIMARY KEY (epoch, digest)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS weeks (
    week INTEGER, home BLOB, place TEXT, parts INTEGER, PRIMARY KEY (week, home, place)
) WITHOUT ROWID;
"""


class Collected:
    """What one receiver takes in; `now` is the time by which weeks are late."""

    def __init__(self, folder: Path, receiver: str, now: Callable[[], float]) -> None:
        self._epochs = Epochs(folder)
        self._now = now
        self._database = sqlite3.connect(
            folder / f"collected-{receiver}.sqlite3", isolation_level=None, check_same_thread=False
        )
        self._database.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {_SCHEMA}")

    def take(self, item: Item) -> str:
        """Take an item in, and return what became of it, in a word or with a reason after it."""
        try:
            match item.kind:
                case "pairs":
                    return self._offered(Offer.from_bytes(item.body))
                case "wordings":
                    return self._worded(Worded.from_bytes(item.body))
                case "count":
                    return self._week(Week.from_bytes(item.body))
        except ValueError as error:
            return f"{REFUSED}: {error}"
        return f"{REFUSED}: kind {item.kind}, which nobody counts"

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _offered(self, offer: Offer) -> str:
        asked = self._epochs.asked()
        if asked is None or offer.epoch != asked.epoch or asked.named is not None:
            return LATE
        if len(offer.digests) > asked.most:
            raise ValueError(f"{len(offer.digests)} digests, expected {asked.most} at most")
        home = bytes.fromhex(offer.home)
        if self._database.execute(
            "SELECT 1 FROM offers WHERE (epoch, home) = (?, ?)", (offer.epoch, home)
        ).fetchone():
            return KNOWN
        return self._keep("offers", [(offer.epoch, home, one) for one in offer.digests])

    def _worded(self, worded: Worded) -> str:
        asked = self._epochs.asked()
        if asked is None or worded.epoch != asked.epoch or not asked.named:
            return LATE
        digests = {digest(asked.salt, pair): pair for pair in worded.pairs}
        if not digests.keys() <= set(asked.named):
            raise ValueError("words that were not named")
        for pair in digests.values():
            # what a home lets pass, its fleet looks at once more
            shared_of(line_of(Shared(*pair, 1)))
        return self._keep("words", [(worded.epoch, one, *pair) for one, pair in digests.items()])

    def _week(self, week: Week) -> str:
        last = week_of(self._now()) - 1
        if not last - MOST_WEEKS < week.week <= last or self._epochs.is_told(week.week):
            return LATE
        home = bytes.fromhex(week.home)
        return self._keep("weeks", [(week.week, home, place, of) for place, of in week.parts.items()])

    def _keep(self, table: str, rows: list[tuple[object, ...]]) -> str:
        """Write rows, all or none; they are on the disk when this returns."""
        marks = ", ".join("?" * len(rows[0])) if rows else ""
        with transaction(self._database) as database:
            before = database.total_changes
            database.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)
            return TAKEN if database.total_changes > before else KNOWN


def shards(folder: Path) -> list[Path]:
    """Return the files in which receivers keep what they took in."""
    return sorted(folder.glob("collected-*.sqlite3"))


def forget(folder: Path, statement: str, about: int) -> None:
    """Delete rows that have been counted, of all receivers."""
    for shard in shards(folder):
        with closing(sqlite3.connect(shard)) as database, database:
            database.execute("PRAGMA secure_delete = ON")
            database.execute(statement, (about,))
