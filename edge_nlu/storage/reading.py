"""Read a journal beside the hub that writes it, to show it or to hand it out.

Nothing is changed, and whoever reads sees the journal as it was at one moment.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from edge_nlu.errors import StorageError
from edge_nlu.learning.goals import Judged
from edge_nlu.storage.journal import latest_schema
from edge_nlu.storage.judged import SINCE, exchange_from, judged_from
from edge_nlu.values import Exchange

_ENTRIES: Final = "SELECT whole, outcome, milliseconds, pack, well, why FROM exchanges"
_FAILED: Final = (
    "(outcome LIKE '%\"failed\":%' OR well < 0.5 OR decision = 'askcloud'"
    ' OR whole LIKE \'%"why":"unsure"%\')'
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An exchange as the journal holds it: the pack that read it, and how likely it went well, if known."""

    exchange: Exchange
    pack: str
    well: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which exchanges are wanted; what is empty does not matter. `device` is an id or a part of one."""

    person: str = ""
    device: str = ""
    since: datetime | None = None
    until: datetime | None = None
    failed: bool = False


class Reading:
    """A journal that is open for reading."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def rows(self, query: str) -> Iterable[tuple[Any, ...]]:
        """Return the rows that a query finds."""
        return self._database.execute(query)

    def entries(self, wanted: Wanted, most: int) -> Iterator[Entry]:
        """Yield the exchanges that are wanted, the latest written first."""
        conditions, values = ["whole != ''"], list[float | str | int]()
        if wanted.person:
            conditions.append("user = ?")
            values.append(wanted.person)
        if wanted.device:
            conditions.append("instr(whole, ?)")
            values.append(wanted.device)
        if wanted.since is not None:
            conditions.append("at_s >= ?")
            values.append(wanted.since.timestamp())
        if wanted.until is not None:
            conditions.append("at_s < ?")
            values.append(wanted.until.timestamp())
        if wanted.failed:
            conditions.append(_FAILED)
        query = f"{_ENTRIES} WHERE {' AND '.join(conditions)} ORDER BY number DESC LIMIT ?"
        for whole, outcome, spent, pack, well, why in self._database.execute(query, (*values, most)):
            # an older version's values may not be known here
            with suppress(ValueError):
                exchange = replace(exchange_from(whole, outcome), milliseconds=spent)
                yield Entry(exchange, pack, well, why or "")

    def judged(self, since: datetime) -> list[Judged]:
        """Return what was said since a time and how it went, in the order said."""
        return judged_from(self._database.execute(SINCE, (since.timestamp(),)))

    def everything(self) -> Iterator[dict[str, Any]]:
        """Yield every row of every table, by column, with the table's name."""
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        for (table,) in self._database.execute(tables).fetchall():
            found = self._database.execute(f"SELECT * FROM {table}")
            columns = [column[0] for column in found.description]
            for row in found:
                held = dict(zip(columns, row, strict=True))
                yield {"table": table, **{name: _opened(name, value) for name, value in held.items()}}


@contextmanager
def reading(path: Path) -> Iterator[Reading]:
    """Open a journal for reading."""
    try:
        database = sqlite3.connect(path, isolation_level=None)
        try:
            database.execute("PRAGMA query_only = ON")
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version != latest_schema():
                raise StorageError(
                    path,
                    f"a journal of schema {version}",
                    f"schema {latest_schema()}",
                    "start the hub once with this version, which brings it up to date, or update this one",
                )
            database.execute("BEGIN")
            yield Reading(database)
        finally:
            database.close()
    except sqlite3.DatabaseError as error:
        raise StorageError(
            path, str(error), "a journal that can be read", "run this as the user that the hub runs as"
        ) from error


def _opened(name: str, value: Any) -> Any:
    """Return what a column holds, with JSON in it as what it says."""
    if name in ("whole", "outcome", "settings") and isinstance(value, str) and value:
        return json.loads(value)
    return value
