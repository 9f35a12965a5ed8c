"""Keep who is asked what, and what homes answered, so that neither side has to be awake when the other is.

A task is for one home, and has one name: asked for again it is not another one, and answered twice it counts
once. A home that was cut off gets its task again after `lease_s`, which must be shorter than a round, or
that home would be missing in it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from edge_nlu.durable import storing, transaction
from edge_nlu.errors import RoundRefusedError
from edge_nlu.wire.rounds import ANSWERED, DECLINED, Task, Update

TAKEN, KNOWN, LATE = "taken", "known", "late"
_REFUSALS: Final = {DECLINED: "declined", ANSWERED.encode(): ANSWERED}
_SCHEMA: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS hubs (name TEXT PRIMARY KEY, seen_s REAL NOT NULL, pack TEXT NOT NULL,
    lessons TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tasks (
    key TEXT PRIMARY KEY, hub TEXT NOT NULL, body BLOB NOT NULL, closes_s REAL NOT NULL,
    leased_s REAL NOT NULL DEFAULT 0, reply BLOB, refused TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS tasks_hub ON tasks (hub) WHERE reply IS NULL;
"""


class Offer(NamedTuple):
    """What a home could learn from: the pack in use, and for each head about how many lessons."""

    pack: str
    lessons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a home answered: an update, or why there is none."""

    hub: str
    update: Update | None
    why: str = ""


class Tasks:
    """The tasks of a fleet's rounds, in one SQLite file that several threads share."""

    def __init__(self, path: Path, *, lease_s: float, now: Callable[[], float]) -> None:
        self._path = path
        self._lease_s = lease_s
        self._now = now
        self._lock = Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        with self._errors():
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._database.executescript(_SCHEMA)

    def put(self, hub: str, task: Task) -> str:
        """Put a task there for a home, and return its name."""
        key = task.key(hub)
        with self._writing() as database:
            database.execute(
                "INSERT OR IGNORE INTO tasks (key, hub, body, closes_s) VALUES (?, ?, ?, ?)",
                (key, hub, task.to_bytes(), self._now() + task.left_s),
            )
        return key

    def next_for(self, hub: str, offer: Offer) -> tuple[str, Task] | None:
        """Return what a home is to do now, if anything, and take note that it is there."""
        now = self._now()
        with self._writing() as database:
            database.execute(
                "INSERT OR REPLACE INTO hubs VALUES (?, ?, ?, ?)",
                (hub, now, offer.pack, json.dumps(offer.lessons)),
            )
            row = database.execute(
                "SELECT key, body, closes_s FROM tasks WHERE hub = ? AND reply IS NULL AND closes_s > ?"
                " AND leased_s < ? ORDER BY closes_s LIMIT 1",
                (hub, now, now - self._lease_s),
            ).fetchone()
            if row is None:
                return None
            key, body, closes_s = row
            database.execute("UPDATE tasks SET leased_s = ? WHERE key = ?", (now, key))
        return key, replace(Task.from_bytes(body), left_s=closes_s - now)

    def answer(self, hub: str, key: str, body: bytes) -> str:
        """Take an answer, and return what became of it; raise `RoundRefusedError` where it is none."""
        with self._writing() as database:
            row = database.execute(
                "SELECT body, closes_s, reply IS NOT NULL FROM tasks WHERE key = ? AND hub = ?", (key, hub)
            ).fetchone()
        if row is None:
            return LATE
        task, closes_s, answered = row
        if answered:
            return KNOWN
        if closes_s <= self._now():
            return LATE
        why = _REFUSALS.get(body, "")
        try:
            if not why:
                Task.from_bytes(task).check(Update.from_bytes(body))
        except RoundRefusedError as error:
            self._note(key, DECLINED, str(error))
            raise
        return TAKEN if self._note(key, DECLINED if why else body, why) else KNOWN

    def replies(self, keys: Collection[str]) -> dict[str, Reply]:
        """Return what was answered so far to tasks of these names."""
        with self._errors(), self._lock:
            answered = self._database.execute("SELECT key FROM tasks WHERE reply IS NOT NULL").fetchall()
            rows = [
                self._database.execute(
                    "SELECT key, hub, reply, refused FROM tasks WHERE key = ?", (key,)
                ).fetchone()
                for (key,) in answered
                if key in keys
            ]
        return {
            key: Reply(hub, Update.from_bytes(body) if body else None, why) for key, hub, body, why in rows
        }

    def awake(self, head: str, pack: str, within_s: float) -> dict[str, float]:
        """Return the homes that were there a while ago and have lessons for a head, and about how many."""
        with self._errors(), self._lock:
            rows = self._database.execute(
                "SELECT name, lessons FROM hubs WHERE seen_s > ? AND pack = ?", (self._now() - within_s, pack)
            ).fetchall()
        told = {name: json.loads(lessons).get(head, 0) for name, lessons in rows}
        return {name: float(count) for name, count in told.items() if count}

    def forget(self) -> None:
        """Delete all tasks, and what homes answered to them: a round is over, or was cut off."""
        with self._writing() as database:
            database.execute("DELETE FROM tasks")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def _note(self, key: str, body: bytes, why: str) -> bool:
        """Write down an answer, and return whether it was the first."""
        with self._writing() as database:
            done = database.execute(
                "UPDATE tasks SET reply = ?, refused = ? WHERE key = ? AND reply IS NULL", (body, why, key)
            )
        return done.rowcount == 1

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._errors(), self._lock, transaction(self._database) as database:
            yield database

    def _errors(self) -> AbstractContextManager[None]:
        return storing(self._path, "make room on the disk; homes come again")
