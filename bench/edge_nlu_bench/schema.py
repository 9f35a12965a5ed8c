"""Say what a suite has to write, and whether it did: whoever reads figures later must find them.

`schema.toml` beside this file names the groups of every suite and the figures in each. More than that may be
there, since figures are added now and then; less may not.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("schema.toml")
HEAD = ("bench", "provenance", "quick")


@cache
def schema() -> Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]:
    """Return the groups and lists of each suite, with the names of what is in them."""
    with FILE.open("rb") as file:
        return tomllib.load(file)


def misread(written: Mapping[str, Any]) -> Iterator[str]:
    """Yield why this cannot be what a bench wrote, in words; `quick` was not always told."""
    for name in ("bench", "provenance"):
        if not isinstance(written.get(name), str):
            yield f"{name} is missing"
    if not isinstance(written.get("quick", False), bool):
        yield f"quick is {written['quick']!r}, and should be true or false"
    for name, of in written.items():
        if isinstance(of, list):
            if not all(isinstance(row, dict) for row in of):
                yield f"{name} is a list of something else than rows"
        elif name not in HEAD:
            yield from _misread_in(name, of)


def _misread_in(group: str, figures: object) -> Iterator[str]:
    if not isinstance(figures, dict):
        yield f"{group} is no group of figures"
        return
    for name, value in figures.items():
        if not isinstance(value, bool | int | float | str) or (
            isinstance(value, float) and not isfinite(value)
        ):
            yield f"{group}.{name} is {value!r}, and should be a number, a word, true or false"


def faults(suite: str, written: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with what a suite wrote, in words: misread, or less than should be there."""
    wrong = list(misread(written))
    if wrong:
        yield from wrong
        return
    known = schema().get(suite, {})
    wanted = [known.get("groups", {}), {} if written.get("quick") else known.get("whole", {})]
    for pattern, figures in (group for groups in wanted for group in groups.items()):
        found = [name for name in written if name not in HEAD and fnmatchcase(name, pattern)]
        if not found:
            yield f"no group {pattern}"
        lacking = {at: [name for name in figures if name not in written[at]] for at in found}
        yield from (f"{at} has no {', '.join(names)}" for at, names in lacking.items() if names)
    for name, columns in known.get("lists", {}).items():
        rows = written.get(name)
        if not isinstance(rows, list) or not all(set(columns) <= set(row) for row in rows):
            yield f"no list {name} with {', '.join(columns)} in each row"
