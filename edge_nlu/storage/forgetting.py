"""Forget a person, a device, a time, or everything: in every table, and in whatever was learned from it.

No table is named here. A row goes when one of its texts names who or what is to be forgotten, when it was
made of an exchange that goes, or when nobody knows of which it was made; so what a later version keeps is
forgotten, too. What is deleted is wiped out of the file before it counts as forgotten, and copies of older
or damaged journals, in which nothing can be looked for, are deleted as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from edge_nlu.storage.journal import UNCLEAN, SqliteJournal, Statement

OFFERED: Final = "pair offered "
"""With this and its digest begins what is remembered of a pair, and in which epoch it was offered."""

FORGET_OFFERED: Final[Statement] = (f"DELETE FROM marks WHERE name GLOB '{OFFERED}*'", ())
_NAMED: Final = "named"
_TABLES: Final = (
    "SELECT tables.name, columns.name FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns"
    " WHERE tables.type = 'table' AND tables.name != 'marks' AND columns.type = 'TEXT'"
)


@dataclass(frozen=True, slots=True)
class Which:
    """What is to be forgotten: all that names one of these, between these times; without any, everything.

    `names` are those of a person, or of a device with its ids.
    """

    names: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def count(journal: SqliteJournal, which: Which) -> Mapping[str, int]:
    """Return how many rows of each table are to be forgotten, where there are any."""
    counted = {}
    for table, (where, values) in _rows_of(journal, which).items():
        ((rows,),) = journal.rows(f"SELECT COUNT(*) FROM {table} WHERE {where}", values)
        counted[table] = int(rows)
    return {table: rows for table, rows in counted.items() if rows}


def forget(journal: SqliteJournal, which: Which) -> Mapping[str, int]:
    """Forget it for good, and return how many rows of each table that were."""
    counted = count(journal, which)
    # what was made of exchanges is found through them: they go last
    rows = sorted(_rows_of(journal, which).items(), key=lambda found: found[0] == "exchanges")
    gone: list[Statement] = [
        (f"DELETE FROM {table} WHERE {where}", values) for table, (where, values) in rows
    ]
    journal.keep([*gone, ("INSERT OR REPLACE INTO marks VALUES (?, 1)", (UNCLEAN,))])
    for copy in journal.copies():
        copy.unlink()
    journal.rewrite()
    return counted


def _rows_of(journal: SqliteJournal, which: Which) -> dict[str, Statement]:
    """Return for each table which rows are to be forgotten."""
    journal.tell_apart(_NAMED, _Naming(which.names))
    tables: dict[str, list[str]] = {}
    for table, column in journal.rows(_TABLES):
        tables.setdefault(table, []).append(column)
    found, of_them = _where(tables["exchanges"], which)
    return {
        table: _where(columns, which, f"utterance IN (SELECT id FROM exchanges WHERE {found})", of_them)
        if "utterance" in columns
        else _where(columns, which)
        for table, columns in tables.items()
    }


def _where(columns: list[str], which: Which, made_of: str = "", of_them: Sequence[Any] = ()) -> Statement:
    """Return which rows of a table with these columns are to be forgotten."""
    conditions, values = list[str](), list[Any]()
    if which.since is not None:
        daily = "day" in columns
        conditions.append("day >= ?" if daily else "at_s >= ?")
        values.append(which.since.date().isoformat() if daily else which.since.timestamp())
    if which.until is not None:
        daily, last = "day" in columns, which.until - timedelta(microseconds=1)
        conditions.append("day <= ?" if daily else "at_s < ?")
        values.append(last.date().isoformat() if daily else which.until.timestamp())
    if which.names:
        texts = " || char(10) || ".join(f"COALESCE({column}, '')" for column in columns)
        named = [f"{_NAMED}({texts})"]
        if made_of:
            named += ["utterance IS NULL", made_of]
            values += of_them
        conditions.append(f"({' OR '.join(named)})")
    return " AND ".join(conditions) or "1", tuple(values)


class _Naming:
    """Finds names in texts, as words of their own, also where JSON spells their letters in its own way."""

    def __init__(self, names: tuple[str, ...]) -> None:
        ways = {way for name in names for way in (name, name.lower(), name.upper(), name.title())}
        spelled = {spelled.lower() for way in ways for spelled in (way, json.dumps(way)[1:-1]) if way}
        self._names = tuple(spelled)
        words = "|".join(map(re.escape, sorted(spelled, key=len, reverse=True)))
        self._words = re.compile(rf"(?<![\w/-])(?:{words})(?![\w/-])")

    def __call__(self, text: str) -> bool:
        """Return whether one of the names stands in a text."""
        lowered = text.lower()
        # most texts name nobody, and this is quicker seen
        return any(name in lowered for name in self._names) and self._words.search(lowered) is not None
