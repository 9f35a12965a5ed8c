"""Keep what shall leave the house until it has left, whatever moment the power goes.

What was taken in is on the disk before the hub's file is deleted, and goes only when the other side said that
it has it. Cut off in between, an item is sent again under the same key, by which the other side knows it. A
key that was delivered is remembered, so a file that comes back from the dead is not sent anew. What was made
of something that the home has forgotten since is dropped before anything else is sent. There is a
bound to rows and bytes: the oldest of the least valuable kind makes room, and how much did is told. A damaged
file is put aside, and a new one begun.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import uniform
from typing import Final

from edge_nlu.durable import storing, transaction
from edge_nlu.errors import UnreachableError
from edge_nlu.sync.state import opened
from edge_nlu.wire.outgoing import KINDS, OF_THE_HOME, Item, delete, handed_out, offers_in, sign_of, taken

QUEUE: Final = "queue.sqlite3"
MOST_ITEMS: Final = 10_000
MOST_BYTES: Final = 64 << 20
REMEMBERED: Final = 20_000
"""Keys of delivered items that are remembered."""

WORD_FOR_WORD: Final = ("wordings",)
"""Kinds of which it is kept what left: they are somebody's words."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 21_600.0
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS waiting (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, worth INTEGER NOT NULL,
    body BLOB NOT NULL, at_s REAL NOT NULL, due_s REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS waiting_due ON waiting (due_s);
CREATE TABLE IF NOT EXISTS delivered (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, at_s REAL NOT NULL,
    receiver TEXT NOT NULL, bytes INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS told (key TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS withdrawn (sign TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS dropped (kind TEXT PRIMARY KEY, items INTEGER NOT NULL, bytes INTEGER NOT NULL);
"""
_WAITING: Final = "SELECT kind, COUNT(*), SUM(LENGTH(body)) FROM waiting GROUP BY kind"
_DELIVERED: Final = (
    "SELECT kind, at_s, receiver, bytes, COALESCE(text, '') FROM delivered LEFT JOIN told USING (key)"
    " ORDER BY number"
)
_WORDLESS: Final = "SELECT kind, at_s, receiver, bytes, '' FROM delivered ORDER BY number"
_DROPPED: Final = "SELECT kind, items, bytes FROM dropped"

Send = Callable[[Item], None]
"""Sends an item, and returns when the other side has it; raises `UnreachableError` where it has not."""

Gone = Callable[[str, int], object]
"""Is told the key of what was withdrawn, and how often it had been tried to send it."""


class Queue:
    """What waits to leave, in one SQLite file; what fails waits `longest_pause_s` at most."""

    def __init__(
        self,
        path: Path,
        *,
        most_items: int = MOST_ITEMS,
        most_bytes: int = MOST_BYTES,
        longest_pause_s: float = LONGEST_PAUSE_S,
    ) -> None:
        self._path = path
        self._longest_pause_s = longest_pause_s
        self._most = most_items, most_bytes
        with self._errors():
            self._database = opened(path, f"PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON;{_SCHEMA}")

    def put(self, item: Item, now: float) -> bool:
        """Keep an item, and return whether it is new; it is on the disk when this returns."""
        with self._writing() as database:
            known = database.execute("SELECT 1 FROM delivered WHERE key = ?", (item.key,)).fetchone()
            if known is not None:
                return False
            row = (item.key, item.kind, KINDS.index(item.kind), item.body, now, now)
            columns = "key, kind, worth, body, at_s, due_s"
            kept = database.execute(
                f"INSERT OR IGNORE INTO waiting ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row
            )
            self._make_room(database)
            return kept.rowcount == 1

    def due(self, now: float) -> Item | None:
        """Return what is to be sent next; what has failed waits its time."""
        query = "SELECT key, kind, body FROM waiting WHERE due_s <= ? ORDER BY worth DESC, number LIMIT 1"
        with self._errors():
            row = self._database.execute(query, (now,)).fetchone()
        return Item(*row) if row else None

    def trying(self, item: Item) -> None:
        """Take note that somebody may have an item from here on."""
        with self._writing() as database:
            database.execute("UPDATE waiting SET tries = tries + 1 WHERE key = ?", (item.key,))

    def done(self, item: Item, receiver: str, now: float) -> None:
        """Take note that the other side has an item."""
        with self._writing() as database:
            database.execute("DELETE FROM waiting WHERE key = ?", (item.key,))
            database.execute(
                "INSERT OR IGNORE INTO delivered (key, kind, at_s, receiver, bytes) VALUES (?, ?, ?, ?, ?)",
                (item.key, item.kind, now, receiver, len(item.body)),
            )
            if item.kind in WORD_FOR_WORD:
                text = item.body.decode(errors="replace")
                database.execute("INSERT OR IGNORE INTO told VALUES (?, ?)", (item.key, text))
            database.execute(
                "DELETE FROM delivered WHERE number <= (SELECT MAX(number) FROM delivered) - ?", (REMEMBERED,)
            )
            database.execute("DELETE FROM told WHERE key NOT IN (SELECT key FROM delivered)")

    def failed(self, item: Item, now: float) -> None:
        """Let an item wait, longer each time and by lot, so that not all homes come back at once."""
        with self._writing() as database:
            ((tries,),) = database.execute(
                "SELECT tries FROM waiting WHERE key = ?", (item.key,)
            ).fetchall() or [(0,)]
            pause = uniform(0, min(self._longest_pause_s, FIRST_PAUSE_S * 2.0 ** min(tries, 20)))
            database.execute("UPDATE waiting SET due_s = ? WHERE key = ?", (now + pause, item.key))

    def withdraw(self, sign: str, gone: Gone = lambda _key, _tries: None) -> None:
        """Drop what was made of what the home knows, out of the file as well; once for each sign."""
        with self._errors():
            known = self._database.execute("SELECT sign FROM withdrawn").fetchone()
        if sign == (known[0] if known else ""):
            return
        with self._writing() as database:
            kinds = ", ".join("?" * len(OF_THE_HOME))
            for key, tries in database.execute(
                f"DELETE FROM waiting WHERE kind IN ({kinds}) RETURNING key, tries", OF_THE_HOME
            ).fetchall():
                gone(key, tries)
            database.execute("DELETE FROM withdrawn")
            database.execute("INSERT INTO withdrawn VALUES (?)", (sign,))
        with self._errors():
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def waiting(self) -> dict[str, tuple[int, int]]:
        """Return for each kind how many items wait, and how many bytes they are."""
        return self._counted(_WAITING)

    def dropped(self) -> dict[str, tuple[int, int]]:
        """Return for each kind how many items had to make room so far, and how many bytes they were."""
        return self._counted(_DROPPED)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _counted(self, query: str) -> dict[str, tuple[int, int]]:
        with self._errors():
            return {kind: (items, size) for kind, items, size in self._database.execute(query)}

    def _make_room(self, database: sqlite3.Connection) -> None:
        """Drop the oldest of the least valuable kind until the rest may stay."""
        most_items, most_bytes = self._most
        items, size = database.execute(
            "SELECT COUNT(*), COALESCE(SUM(LENGTH(body)), 0) FROM waiting"
        ).fetchone()
        while items > most_items or size > most_bytes:
            number, kind, gone = database.execute(
                "SELECT number, kind, LENGTH(body) FROM waiting ORDER BY worth, number LIMIT 1"
            ).fetchone()
            database.execute("DELETE FROM waiting WHERE number = ?", (number,))
            database.execute(
                "INSERT INTO dropped VALUES (?, 1, ?)"
                " ON CONFLICT DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes",
                (kind, gone),
            )
            items, size = items - 1, size - gone

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Let something be written, all of it or nothing."""
        with self._errors(), transaction(self._database) as database:
            yield database

    def _errors(self) -> AbstractContextManager[None]:
        return storing(self._path, "make room on the disk; nothing is lost")


@dataclass(frozen=True, slots=True)
class Queued:
    """What waits, what had to make room, and what left: kind, when, to whom, how many bytes, which words."""

    waiting: dict[str, tuple[int, int]]
    dropped: dict[str, tuple[int, int]]
    delivered: tuple[tuple[str, float, str, int, str], ...]


def queued(folder: Path) -> Queued:
    """Return what is in a queue, for those who may only read; nothing where there is none."""
    path = folder / QUEUE
    # who may only read cannot open it without the files beside it; there are none while nobody writes
    how = "mode=ro" if path.with_name(f"{QUEUE}-wal").exists() else "mode=ro&immutable=1"
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(f"file:{path}?{how}", uri=True)) as found:
        waiting, dropped = (
            {kind: (items, size) for kind, items, size in found.execute(query)}
            for query in (_WAITING, _DROPPED)
        )
        # a file of an older version, of which no words had left
        told = found.execute("SELECT 1 FROM sqlite_master WHERE name = 'told'").fetchone()
        return Queued(waiting, dropped, tuple(found.execute(_DELIVERED if told else _WORDLESS)))
    return Queued({}, {}, ())


def take_in(
    queue: Queue, outgoing: Path, now: float, may_leave: Callable[[Item], bool] = lambda _: True
) -> int:
    """Take over what the hub has handed out and may leave, and return how many items that were."""
    # what is handed out from here on was made since
    queue.withdraw(sign_of(outgoing))
    count = 0
    # offers first: they pay for the words of their epoch
    for file, offer in offers_in(outgoing):
        if offer is not None and may_leave(offer):
            count += queue.put(offer, now)
        delete(file)
    for item in handed_out(outgoing):
        if may_leave(item):
            queue.put(item, now)
            count += 1
        taken(outgoing, item)
    return count


def deliver(
    queue: Queue,
    outgoing: Path,
    send: Send,
    receiver: str,
    now: Callable[[], float],
    gone: Gone = lambda _key, _tries: None,
) -> int:
    """Send what is due until nothing is left or the line breaks, and return how many items left.

    Before each it is looked whether the hub, which hands out in `outgoing`, has taken everything back.
    """
    count = 0
    while True:
        queue.withdraw(sign_of(outgoing), gone)
        if (item := queue.due(now())) is None:
            return count
        queue.trying(item)
        try:
            send(item)
        except UnreachableError:
            queue.failed(item, now())
            return count
        queue.done(item, receiver, now())
        count += 1
