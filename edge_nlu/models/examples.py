"""Read labelled sentences from files: JSON Lines, plain or gzipped, and lines marked by hand.

A file with one bad line is refused as a whole, with the file and the line number, so nothing is
half read. Marked lines are how people write frames: `off.power: [lights](device) off`, see
`docs/ontology.md`.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from edge_nlu.errors import DataError
from edge_nlu.values import Clause, Example, Slot

_HEAD = re.compile(r"\s*([a-z]+)\.([a-z_]+):\s*")
_MARK = re.compile(r"\[([^\]\[]+)\]\((!?)([a-z_]+)\)")


def read_examples(path: Path) -> list[Example]:
    """Return the labelled sentences of a file, or raise `DataError` naming the first bad line."""
    reader = _read_marked if path.suffix == ".txt" else _read_json_lines
    examples = list(reader(path))
    if not examples:
        raise DataError(path, 1, "no sentence in the file", "at least one labelled sentence")
    return examples


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, with their numbers."""
    number = 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                text = line.decode("utf-8-sig").rstrip("\r\n")  # some editors put a mark in front
                if text.strip():
                    yield number, text
    except FileNotFoundError as error:
        raise DataError(path, 0, "no such file", "a .jsonl, .jsonl.gz or .txt file") from error
    except UnicodeDecodeError as error:
        raise DataError(path, number, f"not UTF-8 ({error.reason})", "UTF-8 text") from error
    except (OSError, EOFError, zlib.error) as error:
        # what cannot be unpacked comes after the last line that could
        broken = number + 1 if number else 0
        raise DataError(
            path, broken, f"cannot be read ({error})", "a whole file, gzipped where it ends in .gz"
        ) from error


def _read_json_lines(path: Path) -> Iterator[Example]:
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(path, number, f"not JSON ({error})", "one JSON object a line") from error
        try:
            yield example_from_row(row, default_id=f"{path.name}-{number}")
        except (KeyError, ValueError) as error:
            raise DataError(path, number, _said(error), "the fields described in docs/data.md") from error


def _said(error: Exception) -> str:
    return f"no field {error}" if isinstance(error, KeyError) else str(error)


def example_from_row(row: Any, default_id: str) -> Example:
    """Return the example that a row of JSON or YAML describes.

    Raise KeyError with the name of a field that is missing, ValueError with what is wrong.
    """
    if not isinstance(row, dict):
        raise ValueError(f"found {type(row).__name__} where an object was expected")
    text = _string(row, "text")
    slots, home, clauses = row.get("slots"), row.get("home"), row.get("clauses")
    read = None if clauses is None else _clauses(clauses, text)
    return Example(
        id=str(row.get("id", default_id)),
        locale=str(row.get("locale") or ""),
        text=text,
        intent=None if row.get("intent") is None else _string(row, "intent"),
        slots=None if slots is None else _slots(slots, text, 0, len(text)),
        home=_implied(read) if home is None else _share(home),
        clauses=read,
        group=str(row.get("group") or ""),
    )


def _string(row: dict[str, Any], field: str) -> str:
    value = row[field]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{field} is {value!r}, which is empty or no string")
    return value


def _offset(row: dict[str, Any], field: str) -> int:
    value = row[field]
    if type(value) is not int:
        raise ValueError(f"{field} is {value!r}, which is no whole number")
    return value


def _share(home: Any) -> float:
    if not isinstance(home, int | float) or not 0 <= home <= 1:
        raise ValueError(f"home is {home!r}, which is not from 0 to 1")
    return float(home)


def _implied(clauses: Sequence[Clause] | None) -> float | None:
    """Return what clauses say of whom a sentence is for: the home, unless nothing is wanted of it."""
    return None if clauses is None else float(any(clause.want != "none" for clause in clauses))


def _rows(rows: Any, kind: str) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{kind} are {rows!r}, which is no list of objects")
    return rows


def _slots(rows: Any, text: str, start: int, end: int) -> tuple[Slot, ...]:
    """Return the slots in order, all of them between `start` and `end`."""
    slots = tuple(sorted((_slot(row, text) for row in _rows(rows, "slots")), key=lambda slot: slot.start))
    for slot in slots:
        if slot.start < start or slot.end > end:
            raise ValueError(f"slot {slot.value!r} is not within {text[start:end]!r}")
    for left, right in pairwise(slots):
        if right.start < left.end:
            raise ValueError(f"slots {left.value!r} and {right.value!r} overlap")
    return slots


def _slot(row: dict[str, Any], text: str) -> Slot:
    kind, start, end = _string(row, "type"), _offset(row, "start"), _offset(row, "end")
    if not 0 <= start < end <= len(text):
        raise ValueError(f"slot {kind} is from {start} to {end}, the text from 0 to {len(text)}")
    value = text[start:end]
    if row.get("value", value) != value:
        raise ValueError(f"slot {kind} says {row['value']!r}, the text there is {value!r}")
    excluded = row.get("excluded", False)
    if excluded not in (True, False):
        raise ValueError(f"excluded is {excluded!r}, which is neither true nor false")
    return Slot(kind, start, end, value, bool(excluded))


def _clauses(rows: Any, text: str) -> tuple[Clause, ...]:
    rows = _rows(rows, "clauses")
    if not rows:
        return ()
    starts = [*(_offset(row, "start") for row in rows), len(text)]
    if starts != sorted(set(starts)) or starts[0] < 0 or text[: starts[0]].strip():
        raise ValueError(f"clauses start at {starts[:-1]}, which does not cut the text in order")
    return tuple(
        Clause(
            start,
            end,
            _string(row, "want"),
            _string(row, "property"),
            _slots(row.get("slots") or [], text, start, end),
        )
        for row, (start, end) in zip(rows, pairwise(starts), strict=True)
    )


def _read_marked(path: Path) -> Iterator[Example]:
    group = ""
    for number, line in _lines(path):
        if line.startswith("#"):
            group = line.lstrip("# ").strip() if line.startswith("##") else group
            continue
        try:
            yield example_from_marks(line, f"{path.stem}-{number}", group)
        except ValueError as error:
            raise DataError(path, number, str(error), "`want.property: words [words](slot) | ...`") from error


def example_from_marks(line: str, name: str, group: str = "") -> Example:
    """Return the example that a marked line stands for."""
    text, clauses = "", []
    for part in line.split("|"):
        head = _HEAD.match(part)
        if head is None:
            raise ValueError(f"clause {part.strip()!r} is not headed by want.property:")
        if text:
            text += " "
        start, slots, at = len(text), [], head.end()
        body = part.rstrip()
        for mark in _MARK.finditer(body, head.end()):
            text += body[at : mark.start()]
            slots.append(Slot(mark[3], len(text), len(text) + len(mark[1]), mark[1], bool(mark[2])))
            text += mark[1]
            at = mark.end()
        text += body[at:]
        clauses.append((start, head[1], head[2], tuple(slots)))
    if "[" in text or "](" in text:
        raise ValueError("a [mark](slot) is not closed")
    ends = [start for start, *_ in clauses[1:]] + [len(text)]
    built = tuple(
        Clause(start, end, want, prop, slots)
        for (start, want, prop, slots), end in zip(clauses, ends, strict=True)
    )
    for clause in built:
        if not text[clause.start : clause.end].strip():
            raise ValueError(f"clause {clause.want}.{clause.property} has no words")
    return Example(name, "en-US", text, home=_implied(built), clauses=built, group=group)
