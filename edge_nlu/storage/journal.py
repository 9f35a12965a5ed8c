"""Keep every exchange, so that whatever moment the power goes it is known what may have been done.

An exchange is written and on the disk before a device is told anything; what came of it is added
afterwards. One that was begun and never finished is found again after the next start. The same utterance
is written only once, so a message delivered twice acts once. What was said is kept for some days, what
was learned from it longer. A damaged file is moved aside and never in the way of the house.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeAlias

from edge_nlu.errors import StorageError
from edge_nlu.storage.codec import from_json, to_json
from edge_nlu.values import Exchange, Outcome

Statement: TypeAlias = tuple[str, Sequence[Any]]

# a file larger than this is not read through at every start
CHECKED_BYTES: Final = 16_000_000
# statements that may wait for the next exchange
WAITING: Final = 256
_DAMAGED: Final = frozenset([sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB])
_SUFFIXES: Final = ("", "-wal", "-shm")


class SqliteJournal:
    """The journal in one SQLite file, or in memory without a path; only the thread that opened it uses it.

    `damaged` are the files that were found damaged and moved aside.
    """

    def __init__(self, path: Path | None) -> None:
        self.damaged: list[Path] = []
        self._path = path
        self._waiting: list[Statement] = []
        self._database = self._opened()

    def write(self, exchange: Exchange) -> bool:
        """Write an exchange down; return False when this utterance was written before."""
        said = exchange.utterance
        row = (
            *(said.id, said.at.isoformat(), said.at.timestamp(), said.satellite, said.user, said.text),
            type(exchange.decision).__name__.lower(),
            *(to_json(replace(exchange, outcome=Outcome())), exchange.milliseconds),
        )
        return self._commit([(_INSERT, row)]) == 1

    def finish(self, utterance: str, outcome: Outcome) -> None:
        """Add what came of it."""
        self._commit([("UPDATE exchanges SET outcome = ? WHERE id = ?", (to_json(outcome), utterance))])

    def unfinished(self) -> tuple[Exchange, ...]:
        """Return the exchanges of which it is not known whether the devices were told, the oldest first."""
        return tuple(self._exchanges("WHERE decision = 'act' AND outcome IS NULL ORDER BY number"))

    def last(self, count: int) -> tuple[Exchange, ...]:
        """Return the last exchanges, the latest last."""
        found = self._exchanges("ORDER BY number DESC LIMIT ?", (count,))
        return tuple(found)[::-1]

    def find(self, utterance: str) -> Exchange | None:
        """Return the exchange with this utterance's id, as long as it is kept."""
        return next(self._exchanges("WHERE id = ?", (_held(utterance),)), None)

    def prune(self, before: datetime) -> int:
        """Empty all exchanges before a time of what was said and how it was read; return how many.

        That each was there, and when, stays: a message delivered twice still acts once.
        """
        emptied = self._commit([(_EMPTY, (before.timestamp(),))])
        if emptied and self._path is not None:
            with self._errors():
                self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return emptied

    # ------------------------------------------------------------ for what is learned, in the same file

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows that a query finds, with what was put off written first."""
        self.flush()
        with self._errors():
            return self._database.execute(query, values).fetchall()

    def keep(self, statements: Iterable[Statement]) -> None:
        """Write at once, all of it or nothing."""
        self._commit(list(statements))

    def put_off(self, statements: Iterable[Statement]) -> None:
        """Write with the next exchange, at no further cost; lost if the power goes first."""
        self._waiting += statements
        if len(self._waiting) >= WAITING:
            try:
                self.flush()
            except StorageError:
                # the next exchange meets the same trouble and says so; this much may be lost
                del self._waiting[: -WAITING // 2]

    def flush(self) -> None:
        """Write what was put off."""
        if self._waiting:
            self._commit([])

    def close(self) -> None:
        """Write what was put off, and close the file."""
        self.flush()
        self._database.close()

    # ------------------------------------------------------------------------------------- inside

    def _exchanges(self, where: str, values: Sequence[Any] = ()) -> Iterator[Exchange]:
        if "WHERE" not in where:
            where = f"WHERE whole != '' {where}"
        for whole, outcome in self.rows(f"SELECT whole, outcome FROM exchanges {where}", values):
            try:
                exchange = from_json(whole, Exchange)
                yield replace(exchange, outcome=from_json(outcome, Outcome)) if outcome else exchange
            except ValueError:
                # emptied, or from a version whose values are not known here
                continue

    def _commit(self, statements: Sequence[Statement]) -> int:
        """Write what was put off and these, all or nothing; return how many rows the last one changed."""
        try:
            with self._errors():
                return self._written([*self._waiting, *statements])
        except _DamagedError:
            self._database.close()
            self._move_aside()
            self._database = self._opened()
            with self._errors():
                return self._written([*self._waiting, *statements])

    def _written(self, statements: Sequence[Statement]) -> int:
        database, changed = self._database, 0
        database.execute("BEGIN IMMEDIATE")
        try:
            for statement, values in statements:
                changed = database.execute(statement, [_held(value) for value in values]).rowcount
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        self._waiting.clear()
        return changed

    def _opened(self) -> sqlite3.Connection:
        try:
            with self._errors():
                return self._open()
        except _DamagedError:
            self._move_aside()
        with self._errors():
            return self._open()

    def _open(self) -> sqlite3.Connection:
        path = self._path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(path or ":memory:", isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            database.execute("PRAGMA secure_delete = ON")
            if path is not None and 0 < path.stat().st_size <= CHECKED_BYTES:
                self._check(database)
            self._migrate(database)
        except BaseException:
            database.close()
            raise
        return database

    def _check(self, database: sqlite3.Connection) -> None:
        (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise _DamagedError

    def _migrate(self, database: sqlite3.Connection) -> None:
        """Bring the schema up to date, one numbered step after the other, each whole or not at all."""
        (version,) = database.execute("PRAGMA user_version").fetchone()
        steps = sorted(_schema())
        if version > len(steps):
            raise StorageError(
                self._path or "journal",
                f"a journal of schema {version}",
                f"at most {len(steps)}",
                "it was written by a newer edge-nlu: update, or move the file away",
            )
        for number, script in steps[version:]:
            database.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")

    def _move_aside(self) -> None:
        """Give a damaged file another name, so that it can be looked into, and start anew."""
        path = self._path
        if path is None:
            return
        number = 1
        while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
            number += 1
        for suffix in _SUFFIXES:
            found = path.with_name(path.name + suffix)
            if found.exists():
                found.rename(aside.with_name(aside.name + suffix))
        self.damaged.append(aside)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn errors of the database into ours."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
                raise _DamagedError from error
            raise StorageError(
                self._path or "journal",
                str(error),
                "a file that can be read and written",
                "make room on the disk and look at its rights; nothing was half written",
            ) from error
        except OSError as error:
            raise StorageError(
                self._path or "journal", str(error), "a folder that can be written", "look at its rights"
            ) from error


class _DamagedError(Exception):
    """The file is no database, or its pages contradict each other."""


_INSERT: Final = (
    "INSERT OR IGNORE INTO exchanges"
    " (id, at, at_s, satellite, user, text, decision, whole, milliseconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_EMPTY: Final = "UPDATE exchanges SET text = '', whole = '', user = '' WHERE at_s < ? AND whole != ''"


def _schema() -> Iterator[tuple[int, str]]:
    for file in files("edge_nlu.storage").joinpath("schema").iterdir():
        if file.name.endswith(".sql"):
            yield int(file.name.removesuffix(".sql")), file.read_text(encoding="utf-8")


def _held(value: Any) -> Any:
    """Return what a database can hold of a value: half characters from broken messages are replaced."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
