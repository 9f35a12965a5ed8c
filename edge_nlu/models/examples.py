"""Read labelled sentences from files: JSON Lines, plain or gzipped, and lines marked by hand.

A file with one bad line is refused as a whole, with the file and the line number, so nothing is
half read. Marked lines are how people write frames: `off.power: [lights](device) off`, see
`docs/ontology.md`.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
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
    try:
        opened = (
            gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
        )
        with opened as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.rstrip("\n")
    except FileNotFoundError as error:
        raise DataError(path, 0, "no such file", "a .jsonl, .jsonl.gz or .txt file") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(
            path, 0, f"cannot be read ({error})", "UTF-8 text, gzipped where it ends in .gz"
        ) from error


def _read_json_lines(path: Path) -> Iterator[Example]:
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DataError(path, number, f"not JSON ({error})", "one JSON object a line") from error
        try:
            yield example_from_row(row, default_id=f"{path.name}-{number}")
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(path, number, _said(error), "the fields described in docs/data.md") from error


def _said(error: Exception) -> str:
    return f"no field {error}" if isinstance(error, KeyError) else str(error)


def example_from_row(row: Any, default_id: str) -> Example:
    """Return the example that a row of JSON or YAML describes; raise ValueError with what is wrong."""
    if not isinstance(row, dict):
        raise ValueError(f"found {type(row).__name__} where an object was expected")
    text = row["text"]
    if not isinstance(text, str) or not text.strip():
        raise ValueError("text is empty or no string")
    clauses = row.get("clauses")
    return Example(
        id=str(row.get("id", default_id)),
        locale=str(row.get("locale", "")),
        text=text,
        intent=row.get("intent"),
        slots=None if row.get("slots") is None else _slots(row["slots"], text),
        home=None if row.get("home") is None else float(row["home"]),
        clauses=None if clauses is None else _clauses(clauses, text),
        group=str(row.get("group", "")),
    )


def _slots(rows: list[dict[str, Any]], text: str) -> tuple[Slot, ...]:
    slots = tuple(
        Slot(
            row["type"], row["start"], row["end"], text[row["start"] : row["end"]], bool(row.get("excluded"))
        )
        for row in sorted(rows, key=lambda row: int(row["start"]))
    )
    for row, slot in zip(sorted(rows, key=lambda row: int(row["start"])), slots, strict=True):
        if not slot.value or row.get("value", slot.value) != slot.value:
            raise ValueError(f"slot {slot.type} says {row.get('value')!r}, the text there is {slot.value!r}")
    for left, right in zip(slots, slots[1:], strict=False):
        if right.start < left.end:
            raise ValueError(f"slots {left.value!r} and {right.value!r} overlap")
    return slots


def _clauses(rows: list[dict[str, Any]], text: str) -> tuple[Clause, ...]:
    starts = [int(row["start"]) for row in rows] + [len(text)]
    if starts != sorted(set(starts)):
        raise ValueError(f"clauses start at {starts[:-1]}, which is not in order within the text")
    return tuple(
        Clause(start, end, str(row["want"]), str(row["property"]), _slots(row.get("slots", []), text))
        for row, start, end in zip(rows, starts, starts[1:], strict=True)
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
    home = 0.0 if all(clause.want == "none" for clause in built) else 1.0
    return Example(name, "en-US", text, home=home, clauses=built, group=group)
