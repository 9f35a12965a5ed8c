"""Say what was learned without anybody asking for it, thing by thing, and undo it.

Habits and rewordings are counts of what happened. To undo one is to take away what it was counted from, so
the same evidence cannot bring it back; if people go on doing it, it is learned anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zlib import crc32

from edge_nlu.errors import EdgeNluError
from edge_nlu.storage.journal import SqliteJournal, Statement

FEWEST: Final = 2
"""What happened once is nothing learned."""

Rows = Callable[[str], Iterable[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Learned:
    """One thing that was learned, in words, on which days, and the rows that it was counted from."""

    id: str
    kind: str
    words: str
    user: str
    device: str
    times: int
    days: tuple[str, ...]
    table: str
    numbers: tuple[int, ...]


def learned(rows: Rows) -> list[Learned]:
    """Return what was learned, the latest first."""
    found = [one for one in (*_habits(rows), *_rewordings(rows)) if one.times >= FEWEST]
    return sorted(found, key=lambda one: one.days[-1], reverse=True)


def undo(journal: SqliteJournal, items: Sequence[str], day: str) -> list[str]:
    """Take away what these things, or those of a day, were learned from, and return what they were."""
    known = learned(journal.rows)
    if day:
        statements: list[Statement] = [
            (f"DELETE FROM {table} WHERE {_DAY[table]} = ?", (day,)) for table in _DAY
        ]
        undone = [one for one in known if day in one.days]
    else:
        by_id = {one.id: one for one in known}
        if missing := [item for item in items if item not in by_id]:
            raise EdgeNluError(
                f"{', '.join(missing)}: nothing learned is called so; `edge-nlu learned show` lists all"
            )
        undone = [by_id[item] for item in dict.fromkeys(items)]
        statements = [_gone(one) for one in undone]
    journal.keep(statements)
    return [one.words for one in undone]


def _gone(one: Learned) -> Statement:
    places = ", ".join("?" * len(one.numbers))
    return f"DELETE FROM {one.table} WHERE number IN ({places})", one.numbers


def _habits(rows: Rows) -> Iterator[Learned]:
    alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    query = (
        "SELECT device, want, property, user, by_hand, settings, number, at, place"
        " FROM occasions ORDER BY number"
    )
    for row in rows(query):
        device, want, prop, user, hand, settings = row[:6]
        alike.setdefault((device, want, prop, user, str(hand), _rounded(settings)), []).append(row)
    for key, found in alike.items():
        device, want, prop, user, hand, _ = key
        times = [datetime.fromisoformat(row[7]) for row in found]
        hour = Counter(at.hour for at in times).most_common(1)[0][0]
        place = Counter(row[8] for row in found).most_common(1)[0][0]
        how = "by hand" if hand == "1" else f"by voice{f' in {place}' if place else ''}"
        told = ", ".join(f"{name} {_shown(value)}" for name, value in json.loads(found[-1][5]))
        words = f"{user or 'somebody'} has {device} {want} {prop} ({told}) {how}, mostly around {hour}:00"
        yield _learned(
            "habit", words, user, device, [at.date().isoformat() for at in times], "occasions", found, key
        )


def _rewordings(rows: Rows) -> Iterator[Learned]:
    alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    query = f"SELECT failing, working, user, '', '', {_DAY['turned']}, number FROM turned ORDER BY number"
    for row in rows(query):
        alike.setdefault(row[:3], []).append(row)
    for key, found in alike.items():
        failing, working, user = key
        words = f'"{failing}"{f" from {user}" if user else ""} is taken as "{working}"'
        yield _learned("rewording", words, user, "", [row[5] for row in found], "turned", found, key)


def _learned(
    kind: str,
    words: str,
    user: str,
    device: str,
    days: Sequence[str],
    table: str,
    found: Sequence[tuple[Any, ...]],
    key: tuple[str, ...],
) -> Learned:
    own = f"{crc32(json.dumps([kind, *key]).encode()):08x}"
    numbers = tuple(row[6] for row in found)
    return Learned(own, kind, words, user, device, len(found), tuple(sorted(set(days))), table, numbers)


def _rounded(settings: str) -> str:
    """Return settings such that two that differ by a hair are equal."""
    return json.dumps(
        [
            [name, float(f"{value:.2g}") if type(value) is float else value]
            for name, value in json.loads(settings)
        ]
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


_DAY: Final = {
    "occasions": "substr(at, 1, 10)",
    "turned": "date(at_s, 'unixepoch', 'localtime')",
    "worked": "date(at_s, 'unixepoch', 'localtime')",
}
"""The day on which something was learned, by table."""
