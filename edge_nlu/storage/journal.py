"""Keep every exchange, so that whatever moment the power goes it is known what may have been done.

What was said and what is about to be done is on the disk before a device is told anything; the reasons, and
what came of it, are added when the answer is out. What was begun and never finished is found again after the
next start. The same utterance is written only once, so a message delivered twice acts once. Entries stand in
the order in which they were written, whatever the clock said. The file has a largest size, at which the
oldest entries make room; a damaged file is moved aside and never in the way of the house, and one of an older
version is copied before it is brought up to date.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from edge_nlu.durable import transaction
from edge_nlu.errors import StorageError
from edge_nlu.storage.codec import from_json, to_json
from edge_nlu.values import Exchange, Outcome, Report, Understanding

Statement: TypeAlias = tuple[str, Sequence[Any]]

# a file larger than this is not read through at every start
CHECKED_BYTES: Final = 16_000_000
# statements that may wait for the next exchange
WAITING: Final = 256
LARGEST_MB: Final = 200
# what makes room when the file is full; what was taught and the habits stay
_DROPPED: Final = ("exchanges", "events", "worked", "sent")
_DAMAGED: Final = frozenset([sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB])
_SUFFIXES: Final = ("", "-wal", "-shm")


class SqliteJournal:
    """The journal in one SQLite file, or in memory without a path; only the thread that opened it uses it.

    `damaged` are the files that were found damaged and moved aside; `pack` is the model that sentences are
    read with, `written` how many exchanges were written down since.
    """

    def __init__(self, path: Path | None, *, pack: str = "", largest_mb: int = LARGEST_MB) -> None:
        self.damaged: list[Path] = []
        self.path = path
        self.pack = pack
        self.written = 0
        self._largest_bytes = largest_mb << 20
        self._waiting: list[Statement] = []
        self._database = self._opened()
        if self.mark(UNCLEAN) is not None:
            # on a full disk, or beside somebody who reads, it waits until the journal is tidied
            with suppress(StorageError):
                self.rewrite()

    def write(self, exchange: Exchange) -> bool:
        """Write down what is about to be done; return False when this utterance was written before."""
        said = exchange.utterance
        row = (
            *(said.id, said.at.isoformat(), said.at.timestamp(), said.satellite, said.user, said.text),
            type(exchange.decision).__name__.lower(),
            *(to_json(_begun(exchange)), exchange.milliseconds, self.pack),
        )
        self.written += 1
        return self._commit([(_INSERT, row)]) == 1

    def amend(self, exchange: Exchange) -> None:
        """Write down what is about to be done after all about an utterance that was written before."""
        decision = type(exchange.decision).__name__.lower()
        self.keep([(_AMEND, (decision, to_json(_begun(exchange)), exchange.utterance.id))])

    def finish(self, exchange: Exchange) -> None:
        """Write down the whole exchange with what came of it, and all that was put off."""
        whole, outcome = to_json(replace(exchange, outcome=Outcome())), to_json(exchange.outcome)
        self.keep([(_FINISH, (whole, outcome, exchange.milliseconds, exchange.utterance.id))])

    def noticed(self, report: Report, at: datetime) -> None:
        """Keep, with the next exchange, what a device told."""
        told = json.dumps(report.value)
        self.put_off([(_NOTICED, (at.timestamp(), report.device, report.key, told))])

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

    # ------------------------------------------------------------------------------ the file as a whole

    def mark(self, name: str) -> float | None:
        """Return what the journal remembers about itself under a name."""
        return next((value for (value,) in self.rows(_MARK, (name,))), None)

    def used_bytes(self) -> int:
        """Return how much of the file holds something."""
        ((pages, free, size),) = self.rows(
            "SELECT page_count, freelist_count, page_size"
            " FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
        )
        return int((pages - free) * size)

    def make_room(self) -> bool:
        """Drop the oldest tenth of all but habits and lessons; return False if there is nothing."""
        with self._errors():
            return sum(self._in_one([_oldest_tenth(table)]) for table in _DROPPED) > 0

    def rewrite(self) -> None:
        """Write the file anew, so that nothing of what was deleted is left in it or beside it."""
        self.flush()
        with self._errors():
            self._database.execute("VACUUM")
        self.settle()
        self.keep([("DELETE FROM marks WHERE name = ?", (UNCLEAN,))])

    def settle(self) -> None:
        """Bring everything into the file itself, and leave nothing beside it."""
        self.flush()
        with self._errors():
            busy, _, _ = self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StorageError(
                self.path or "journal",
                "somebody else who reads it",
                "nobody, while what was deleted is wiped out",
                "it is deleted, and wiped out at the next start; or do the same again",
            )

    def copies(self) -> tuple[Path, ...]:
        """Return the files of journals that were put aside: damaged ones, and those of older versions."""
        if self.path is None:
            return ()
        return tuple(sorted(self.path.parent.glob(f"{self.path.name}.*")))

    # ------------------------------------------------------------ for what is learned, in the same file

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows that a query finds, with what was put off written first."""
        return list(self.each_row(query, values))

    def each_row(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that a query finds one by one, with what was put off written first."""
        self.flush()
        with self._errors():
            yield from self._database.execute(query, values)

    def tell_apart(self, name: str, matches: Callable[[str], bool]) -> None:
        """Let queries ask whether a text matches."""
        self._database.create_function(name, 1, lambda text: isinstance(text, str) and matches(text))

    def keep(self, statements: Iterable[Statement]) -> None:
        """Write at once, all of it or nothing."""
        self._commit([*self._waiting, *statements])
        self._waiting.clear()

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
            self.keep([])

    def close(self) -> None:
        """Write what was put off, and close the file."""
        self.flush()
        self._database.close()

    # ------------------------------------------------------------------------------------- inside

    def _exchanges(self, where: str, values: Sequence[Any] = ()) -> Iterator[Exchange]:
        if "WHERE" not in where:
            where = f"WHERE whole != '' {where}"
        for whole, outcome, spent in self.rows(
            f"SELECT whole, outcome, milliseconds FROM exchanges {where}", values
        ):
            try:
                exchange = replace(from_json(whole, Exchange), milliseconds=spent)
                yield replace(exchange, outcome=from_json(outcome, Outcome)) if outcome else exchange
            except ValueError:
                # emptied, or from a version whose values are not known here
                continue

    def _commit(self, statements: Sequence[Statement]) -> int:
        """Write these, all or nothing; return how many rows the last one changed."""
        try:
            with self._errors():
                return self._written(statements)
        except _DamagedError:
            self._database.close()
            self._move_aside()
            self._database = self._opened()
            with self._errors():
                return self._written(statements)

    def _written(self, statements: Sequence[Statement]) -> int:
        """Write these, all or nothing; a journal that has reached its largest size makes room once."""
        try:
            return self._in_one(statements)
        except sqlite3.OperationalError as error:
            # a disk that is full is another matter: nothing is dropped for others' files
            full = error.sqlite_errorcode == sqlite3.SQLITE_FULL and self._is_as_large_as_may_be()
            if not full or not self.make_room():
                raise
        return self._in_one(statements)

    def _is_as_large_as_may_be(self) -> bool:
        (pages,) = self._database.execute("PRAGMA page_count").fetchone()
        (most,) = self._database.execute("PRAGMA max_page_count").fetchone()
        return bool(pages > 0.9 * most)

    def _in_one(self, statements: Sequence[Statement]) -> int:
        changed = 0
        with transaction(self._database) as database:
            for statement, values in statements:
                changed = database.execute(statement, [_held(value) for value in values]).rowcount
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
        path = self.path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            # nobody else's business; what SQLite keeps beside it has the same rights
            path.touch(0o600)
        database = sqlite3.connect(path or ":memory:", isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            database.execute("PRAGMA secure_delete = ON")
            # kibibytes: a turn touches few pages
            database.execute("PRAGMA cache_size = -256")
            if path is not None and 0 < path.stat().st_size <= CHECKED_BYTES:
                self._check(database)
            self._migrate(database)
            (size,) = database.execute("PRAGMA page_size").fetchone()
            database.execute(f"PRAGMA max_page_count = {self._largest_bytes // size}")
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
        latest, _ = steps[-1]
        if version > latest:
            raise StorageError(
                self.path or "journal",
                f"a journal of schema {version}",
                f"at most {latest}",
                "it was written by a newer edge-nlu: update, or move the file away",
            )
        if 0 < version < latest and self.path is not None:
            _copy(database, self.path.with_name(f"{self.path.name}.schema-{version}"))
        for number, script in steps:
            if number > version:
                database.executescript(
                    f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
                )

    def _move_aside(self) -> None:
        """Give a damaged file another name, so that it can be looked into, and start anew."""
        path = self.path
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
                self.path or "journal",
                str(error),
                "a file that can be read and written",
                "make room on the disk and look at its rights; nothing was half written",
            ) from error
        except OSError as error:
            raise StorageError(
                self.path or "journal", str(error), "a folder that can be written", "look at its rights"
            ) from error


class _DamagedError(Exception):
    """The file is no database, or its pages contradict each other."""


_INSERT: Final = (
    "INSERT OR IGNORE INTO exchanges"
    " (id, at, at_s, satellite, user, text, decision, whole, milliseconds, pack)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_FINISH: Final = "UPDATE exchanges SET whole = ?, outcome = ?, milliseconds = ? WHERE id = ?"
_AMEND: Final = "UPDATE exchanges SET decision = ?, whole = ?, outcome = NULL WHERE id = ?"
_NOTICED: Final = "INSERT INTO events (at_s, device, key, value) VALUES (?, ?, ?, ?)"
_MARK: Final = "SELECT value FROM marks WHERE name = ?"
UNCLEAN: Final = "unclean"
"""Marks a journal in which deleted things may still be found byte by byte."""


def _begun(exchange: Exchange) -> Exchange:
    """Return an exchange without its reasons: what was said, and what is about to be done."""
    bare: dict[str, Any] = {
        name: () for name in ("candidates", "options") if hasattr(exchange.decision, name)
    }
    read = Understanding(exchange.understanding.text, (), 0.0, (), ())
    return Exchange(exchange.utterance, read, replace(exchange.decision, **bare))


def _oldest_tenth(table: str) -> Statement:
    """Return what drops the oldest tenth of a table, in the order written."""
    span = f"SELECT MIN(number) + (MAX(number) - MIN(number)) / 10 FROM {table}"
    return f"DELETE FROM {table} WHERE number <= ({span})", ()


def _copy(database: sqlite3.Connection, path: Path) -> None:
    """Keep a copy of a journal, whole or not at all."""
    if path.exists():
        return
    half = path.with_name(f"{path.name}.part")
    half.unlink(missing_ok=True)
    half.touch(0o600)
    database.execute("VACUUM INTO ?", (str(half),))
    half.rename(path)


def latest_schema() -> int:
    """Return the number of the schema that journals of this version have."""
    return max(number for number, _ in _schema())


def _schema() -> Iterator[tuple[int, str]]:
    for file in Path(__file__).with_name("schema").iterdir():
        if file.name.endswith(".sql"):
            yield int(file.name.removesuffix(".sql")), file.read_text(encoding="utf-8")


def _held(value: Any) -> Any:
    """Return what a database can hold of a value: half characters from broken messages are replaced."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-8", "replace").decode("utf-8")
