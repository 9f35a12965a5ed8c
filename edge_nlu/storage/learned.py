"""Say what was learned without anybody asking for it, thing by thing, and undo it.

Habits are counts of what happened, and rules by which a sentence is taken for another were learned from
exchanges. To undo one is to take away what it was learned from, so the same evidence cannot bring it back; if
people go on doing it, it is learned anew.
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
"""What happened once is no habit."""

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
    found = [*(one for one in _habits(rows) if one.times >= FEWEST), *_rules(rows), *_readings(rows)]
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
        statements = [statement for one in undone for statement in _gone(one)]
    journal.keep(
        [*statements, (f"{_WITHDRAWN} AND source != 'shared' AND id NOT IN (SELECT rule FROM evidence)", ())]
    )
    return [one.words for one in undone]


def _gone(one: Learned) -> list[Statement]:
    places = ", ".join("?" * len(one.numbers))
    gone: Statement = (f"DELETE FROM {one.table} WHERE number IN ({places})", one.numbers)
    return [gone, (f"{_WITHDRAWN} AND id = ?", (one.id,))] if one.table == "evidence" else [gone]


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


def _rules(rows: Rows) -> Iterator[Learned]:
    seen: dict[str, list[tuple[int, str]]] = {}
    for rule, number, day in rows(f"SELECT rule, number, {_DAY['evidence']} FROM evidence ORDER BY number"):
        seen.setdefault(rule, []).append((number, day))
    query = (
        "SELECT id, kind, failing, working, user, place, source, state, won,"
        " date(at_s, 'unixepoch', 'localtime') FROM rules WHERE state != 'withdrawn'"
    )
    for own, kind, failing, working, user, place, source, state, won, since in rows(query):
        found = seen.get(own, [])
        where = f"{f' from {user}' if user else ''}{f' in {place}' if place else ''}"
        words = f'"{failing}"{where} is taken for "{working}"{_SOURCES.get(source, "")}'
        words += " on trial" if state == "trial" else ""
        days = tuple(sorted({day for _, day in found})) or (since,)
        numbers = tuple(number for number, _ in found)
        times = len(found) + round(won)
        yield Learned(own, _KINDS[kind], words, user, "", times, days, "evidence", numbers)


def _readings(rows: Rows) -> Iterator[Learned]:
    alike: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    query = f"SELECT text, meant, user, '', '', {_DAY['labels']}, number FROM labels"
    for row in rows(f"{query} WHERE read NOT IN ('', meant) ORDER BY number"):
        alike.setdefault((row[0].lower(), row[1]), []).append(row)
    for key, found in alike.items():
        words = f'"{key[0]}" means {key[1].replace(".", " ")}'
        yield _learned("reading", words, found[-1][2], "", [row[5] for row in found], "labels", found, key)


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
    "evidence": "date(at_s, 'unixepoch', 'localtime')",
    "labels": "date(at_s, 'unixepoch', 'localtime')",
    "worked": "date(at_s, 'unixepoch', 'localtime')",
}
"""The day on which something was learned, by table."""

_SOURCES: Final = {"cloud": ", as somebody outside explained it,"}
_KINDS: Final = {"whole": "rewording", "name": "name", "pattern": "way of saying"}
# from before what was said last nothing brings it back
_WITHDRAWN: Final = (
    "UPDATE rules SET state = 'withdrawn', lost = lost + 1,"
    " at_s = MAX(at_s, (SELECT COALESCE(MAX(at_s), 0) FROM exchanges)) WHERE state != 'withdrawn'"
)
