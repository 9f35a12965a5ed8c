"""Keep what homes send to a fleet, checked at the door, until it is counted, and no longer.

Each home may offer once an epoch, hand out words once, and tell each week once, whatever it sends. What
comes late, or is not what was asked for, is answered like anything else and forgotten: a home that kept it
would send it for ever. Each receiver writes a file of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from edge_nlu.durable import transaction
from edge_nlu.fleet.mining.epochs import Epochs
from edge_nlu.learning.ordinary import is_ordinary
from edge_nlu.learning.pairs import digest
from edge_nlu.learning.sharing import Shared, line_of, shared_of
from edge_nlu.wire.outgoing import Item
from edge_nlu.wire.pairs import Offer, Week, Worded, week_of

TAKEN, KNOWN, LATE, REFUSED = "taken", "known", "late", "refused"
MOST_WEEKS: Final = 6
"""So many weeks back are still heard of."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS offers (
    epoch INTEGER, home TEXT, digest BLOB, PRIMARY KEY (epoch, home, digest)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS words (
    epoch INTEGER, home TEXT, digest BLOB, kind TEXT, failing TEXT, working TEXT,
    PRIMARY KEY (epoch, home, digest)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS weeks (
    week INTEGER, home TEXT, place TEXT, parts INTEGER, epsilon REAL, PRIMARY KEY (week, home, place)
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

    def take(self, item: Item, home: str) -> str:
        """Take a home's item in, and return what became of it, in a word or with a reason after it."""
        try:
            match item.kind:
                case "pairs":
                    return self._offered(Offer.from_bytes(item.body), home)
                case "wordings":
                    return self._worded(Worded.from_bytes(item.body), home)
                case "count":
                    return self._week(Week.from_bytes(item.body), home)
        except ValueError as error:
            return f"{REFUSED}: {error}"
        return f"{REFUSED}: kind {item.kind}, which nobody counts"

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _offered(self, offer: Offer, home: str) -> str:
        asked = self._epochs.asked()
        if asked is None or offer.epoch != asked.epoch or asked.named is not None:
            return LATE
        if len(offer.digests) > asked.most:
            raise ValueError(f"{len(offer.digests)} digests, expected {asked.most} at most")
        if (offer.epsilon, offer.delta) != (asked.epsilon, asked.delta):
            raise ValueError(f"an epsilon of {offer.epsilon:g}, expected what was asked, {asked.epsilon:g}")
        return self._keep("offers", [(offer.epoch, home, one) for one in offer.digests])

    def _worded(self, worded: Worded, home: str) -> str:
        asked = self._epochs.asked()
        if asked is None or worded.epoch != asked.epoch or not asked.named:
            return LATE
        if self._epochs.is_worded(asked.epoch):
            return LATE
        if len(worded.pairs) > asked.most:
            raise ValueError(f"{len(worded.pairs)} pairs, expected {asked.most} at most")
        digests = {digest(asked.salt, pair): pair for pair in worded.pairs}
        if not digests.keys() <= set(asked.named):
            raise ValueError("words that were not named")
        for pair in digests.values():
            # what a home lets pass, its fleet looks at once more
            shared_of(line_of(Shared(*pair, 1)))
            if not is_ordinary(pair.failing, pair.working):
                raise ValueError("a word that is not on the list of ordinary ones")
        return self._keep("words", [(worded.epoch, home, one, *pair) for one, pair in digests.items()])

    def _week(self, week: Week, home: str) -> str:
        last = week_of(self._now()) - 1
        if not last - MOST_WEEKS < week.week <= last or self._epochs.is_told(week.week):
            return LATE
        rows = [(week.week, home, place, of, week.epsilon) for place, of in week.parts.items()]
        return self._keep("weeks", rows)

    def _keep(self, table: str, rows: Sequence[tuple[object, ...]]) -> str:
        """Write the rows of a home, the first of them for this epoch or week, all or none.

        They are on the disk when this returns.
        """
        of, home = rows[0][:2]
        marks = ", ".join("?" * len(rows[0]))
        when = "week" if table == "weeks" else "epoch"
        known = f"SELECT 1 FROM {table} WHERE ({when}, home) = (?, ?)"
        with transaction(self._database) as database:
            if database.execute(known, (of, home)).fetchone():
                return KNOWN
            database.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)
            return TAKEN


def shards(folder: Path) -> list[Path]:
    """Return the files in which receivers keep what they took in."""
    return sorted(folder.glob("collected-*.sqlite3"))


def forget(folder: Path, statement: str, about: int) -> None:
    """Delete rows that have been counted, of all receivers, out of their files as well."""
    for shard in shards(folder):
        with closing(sqlite3.connect(shard)) as database:
            database.execute("PRAGMA secure_delete = ON")
            with database:
                database.execute(statement, (about,))
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
