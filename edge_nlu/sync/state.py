"""Keep what sync has to remember: who this hub is, since when the time cannot be earlier, how rounds went."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4

from edge_nlu.durable import storing
from edge_nlu.errors import StorageError
from edge_nlu.sync.choices import DATABASE, LOCK
from edge_nlu.wire.releases import Spent

EARLIEST: Final = 1_767_225_600.0
"""The beginning of 2026: no hub with this version runs before."""

SIGNED: Final = "signed"
"""Under this name it is remembered what is signed about the cost of packs in privacy."""

KEPT: Final = 500
_DAY_S: Final = 86_400
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rounds (
    number INTEGER PRIMARY KEY, at_s REAL NOT NULL, url TEXT NOT NULL, outcome TEXT NOT NULL,
    found TEXT NOT NULL, received_bytes INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS parts (
    key TEXT PRIMARY KEY, at_s REAL NOT NULL, server TEXT NOT NULL, run TEXT NOT NULL, round INTEGER NOT NULL,
    head TEXT NOT NULL, bytes INTEGER NOT NULL, epsilon REAL NOT NULL, delta REAL NOT NULL,
    closes_s REAL NOT NULL, outcome TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS spent (
    run TEXT PRIMARY KEY, server TEXT NOT NULL, epsilon REAL NOT NULL, delta REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS offered (
    day INTEGER NOT NULL, server TEXT NOT NULL, at_s REAL NOT NULL, times INTEGER NOT NULL,
    bytes INTEGER NOT NULL, PRIMARY KEY (day, server)
);
CREATE TABLE IF NOT EXISTS answered (run TEXT PRIMARY KEY, round INTEGER NOT NULL);
"""
_PARTS: Final = "SELECT * FROM parts ORDER BY at_s DESC, rowid DESC LIMIT ?"
_SPENT: Final = "SELECT COALESCE(SUM(epsilon), 0.0), COALESCE(SUM(delta), 0.0) FROM spent WHERE run != ?"

_ADVICE: Final = "make room on the disk, look at the rights of the folder, or set sync.folder"


WAITING, NOT_SENT = "waiting", "not sent: the round had ended"
WITHDRAWN: Final = "not sent: the home has forgotten something since"
TRIED: Final = "perhaps sent: it was tried, and then the home forgot something"
"""What became of an update that has not left, of those that never will, and of one that may have left."""


class Part(NamedTuple):
    """This home's part in a round: when, whose, which head, in how many bytes, and what became of it.

    `epsilon` and `delta` are what the server said that the run had spent of the home's privacy by then, and
    `closes_s` is when the round ends.
    """

    key: str
    at_s: float
    server: str
    run: str
    round: int
    head: str
    bytes: int
    epsilon: float
    delta: float
    closes_s: float
    outcome: str

    @property
    def left(self) -> bool:
        """Return whether anything of this home left."""
        return self.bytes > 0 and self.outcome not in (WAITING, NOT_SENT, WITHDRAWN)


class Cost(NamedTuple):
    """What runs, wordings and weeks have cost this home in privacy, together, as was promised for them."""

    epsilon: float = 0.0
    delta: float = 0.0


class State:
    """What sync remembers, in `sync.sqlite3`; a damaged file is put aside, and a new one begun."""

    def __init__(self, folder: Path, patience_s: float = 10.0) -> None:
        self._path = path = folder / DATABASE
        with self._errors():
            self._database = opened(path, _SCHEMA, patience_s)

    def fact(self, name: str, default: str = "") -> str:
        """Return what is remembered under a name."""
        with self._errors():
            row = self._database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def keep(self, name: str, value: str) -> None:
        """Remember something under a name."""
        with self._errors():
            self._database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def hub(self) -> str:
        """Return the name that this hub draws lots with; it is told to nobody."""
        if not (name := self.fact("hub")):
            name = uuid4().hex
            self.keep("hub", name)
        return name

    @property
    def not_before(self) -> float:
        """Return a time that has certainly been reached."""
        return max(EARLIEST, float(self.fact("not_before", "0")))

    @property
    def failures(self) -> int:
        """Return how many rounds failed one after the other."""
        return int(self.fact("failures", "0"))

    def note_round(self, url: str, outcome: str, found: str, received_bytes: int) -> None:
        """Write down how a round went."""
        row = (time.time(), url, outcome, found, received_bytes)
        columns = "at_s, url, outcome, found, received_bytes"
        with self._errors():
            self._database.execute(f"INSERT INTO rounds ({columns}) VALUES (?, ?, ?, ?, ?)", row)
            self._database.execute(
                "DELETE FROM rounds WHERE number <= (SELECT MAX(number) FROM rounds) - ?", (KEPT,)
            )

    @property
    def part_failures(self) -> int:
        """Return how many looks for a task failed one after the other."""
        return int(self.fact("part_failures", "0"))

    def spend(self, run: str, server: str, epsilon: float, delta: float) -> None:
        """Remember what a run has cost this home in privacy; it is never less than before."""
        with self._errors():
            self._database.execute(
                "INSERT INTO spent VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " epsilon = MAX(epsilon, excluded.epsilon), delta = MAX(delta, excluded.delta)",
                (run, server, epsilon, delta),
            )

    def spent(self, *, but: str = "") -> Cost:
        """Return what all runs have cost together, without one of them."""
        with self._errors():
            return Cost(*self._database.execute(_SPENT, (but,)).fetchone())

    def note_offer(self, server: str, size: int, now: float) -> None:
        """Write down that a server is told how many lessons there are: one row a day, since that is often."""
        day = int(now // _DAY_S)
        with self._errors():
            self._database.execute(
                "INSERT INTO offered VALUES (?, ?, ?, 1, ?) ON CONFLICT DO UPDATE SET at_s = excluded.at_s,"
                " times = times + 1, bytes = bytes + excluded.bytes",
                (day, server, now, size),
            )
            self._database.execute("DELETE FROM offered WHERE day <= ?", (day - KEPT,))

    def answer(self, run: str, round_: int) -> None:
        """Remember for good that this home has answered a round, and all before it."""
        with self._errors():
            query = "INSERT INTO answered VALUES (?, ?) ON CONFLICT DO UPDATE SET round = excluded.round"
            self._database.execute(query, (run, round_))

    def answered(self, run: str) -> int:
        """Return the last round of a run that this home has answered; -1 where there is none."""
        with self._errors():
            row = self._database.execute("SELECT round FROM answered WHERE run = ?", (run,)).fetchone()
        return int(row[0]) if row else -1

    def note_part(self, part: Part) -> None:
        """Write down a part in a round."""
        with self._errors():
            self._database.execute(
                "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", part
            )
            kept = "SELECT rowid FROM parts ORDER BY rowid DESC LIMIT ?"
            self._database.execute(f"DELETE FROM parts WHERE rowid NOT IN ({kept})", (KEPT,))

    def note_outcome(self, key: str, outcome: str) -> None:
        """Write down what became of an update."""
        with self._errors():
            self._database.execute("UPDATE parts SET outcome = ? WHERE key = ?", (outcome, key))

    def part(self, key: str) -> Part | None:
        """Return the part with this key."""
        with self._errors():
            row = self._database.execute("SELECT * FROM parts WHERE key = ?", (key,)).fetchone()
        return Part(*row) if row else None

    def parts(self, count: int) -> list[Part]:
        """Return the last parts in rounds, the latest first."""
        with self._errors():
            return [Part(*row) for row in self._database.execute(_PARTS, (count,))]

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _errors(self) -> AbstractContextManager[None]:
        return storing(self._path, _ADVICE)


def is_damaged(error: sqlite3.DatabaseError) -> bool:
    """Return whether a file is beyond repair, and not just locked, protected, or on a full disk."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def last_rounds(folder: Path, count: int) -> list[dict[str, Any]]:
    """Return how the last rounds went, the latest first; also for those who may only read."""
    with suppress(sqlite3.DatabaseError), closing(_readable(folder / DATABASE)) as database:
        rows = database.execute(
            "SELECT at_s, url, outcome, found, received_bytes FROM rounds ORDER BY number DESC LIMIT ?",
            (count,),
        )
        names = ("at_s", "url", "outcome", "found", "received_bytes")
        return [dict(zip(names, row, strict=True)) for row in rows]
    return []


def last_offers(folder: Path) -> list[tuple[float, str, int, int]]:
    """Return by days when which server was told how many lessons there are, how often, in how many bytes."""
    with suppress(sqlite3.DatabaseError), closing(_readable(folder / DATABASE)) as database:
        return database.execute("SELECT at_s, server, times, bytes FROM offered").fetchall()
    return []


def last_parts(folder: Path, count: int) -> tuple[list[Part], Cost]:
    """Return the last parts in rounds, and what all runs have cost; also for those who may only read."""
    with suppress(sqlite3.DatabaseError), closing(_readable(folder / DATABASE)) as database:
        parts = [Part(*row) for row in database.execute(_PARTS, (count,))]
        return parts, Cost(*database.execute(_SPENT, ("",)).fetchone())
    return [], Cost()


def signed_of(folder: Path, pack: str) -> Spent | None:
    """Return what is signed about a pack's cost in privacy, if anything; also for those who may only read."""
    with suppress(sqlite3.DatabaseError), closing(_readable(folder / DATABASE)) as database:
        row = database.execute("SELECT value FROM facts WHERE name = ?", (SIGNED,)).fetchone()
        return Spent.from_custom(pack, json.loads(row[0]).get(pack)) if row else None
    return None


def spent_on(folder: Path, what: str) -> Cost:
    """Return what something other than training has cost, by its name; also for those who may only read."""
    query = "SELECT COALESCE(SUM(epsilon), 0.0), COALESCE(SUM(delta), 0.0) FROM spent WHERE run GLOB ?"
    with suppress(sqlite3.DatabaseError), closing(_readable(folder / DATABASE)) as database:
        return Cost(*database.execute(query, (f"{what} *",)).fetchone())
    return Cost()


@contextmanager
def alone(folder: Path, wait_s: float = 120.0) -> Iterator[None]:
    """Do something that only one process may do at a time; the system takes the right back if it dies."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = (folder / LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        raise StorageError(folder / LOCK, str(error), "a file that can be written", _ADVICE) from error
    with opened as file:
        end = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if time.monotonic() > end:
                    file.seek(0)
                    raise StorageError(
                        folder / LOCK,
                        f"process {file.read(20).strip() or 'unknown'} at work",
                        "nobody else who fetches packs",
                        "wait until it has finished, and try again",
                    ) from error
                time.sleep(0.1)
        with suppress(OSError):  # who it is only helps others to wait
            file.truncate(0)
            os.write(file.fileno(), f"{os.getpid()}\n".encode())
        yield


def opened(path: Path, schema: str, patience_s: float = 10.0) -> sqlite3.Connection:
    """Return a database with what its schema says; a damaged file is put aside, and a new one begun."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # for the one who keeps it, and for the hub, which tells people what left
    path.touch(0o640)
    try:
        return _connected(path, schema, patience_s)
    except sqlite3.DatabaseError as error:
        if not is_damaged(error):
            raise
        path.replace(path.with_name(f"{path.name}.damaged"))
        return _connected(path, schema, patience_s)


def _connected(path: Path, schema: str, patience_s: float) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, timeout=patience_s)
    try:
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA cache_size = -256")
        database.executescript(schema)
    except BaseException:
        database.close()
        raise
    return database


def _readable(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)
