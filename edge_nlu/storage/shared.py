"""Read the rewordings that other homes share: a file with one rule in each line, none of them trusted.

A line that is no rule, or that could tell of somebody, is named and left out; all others are used.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from edge_nlu.errors import DataError
from edge_nlu.learning.sharing import Shared, shared_of

FILE: Final = "shared-wordings.jsonl"
MOST: Final = 20_000
"""Lines beyond these are left out, so that a file cannot fill the memory of a small board."""


def read_shared(path: Path) -> tuple[list[Shared], list[DataError]]:
    """Return the rules in a file, and what is wrong with the lines that are none; no file holds none."""
    rules: list[Shared] = []
    wrong: list[DataError] = []
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                if number > MOST:
                    wrong.append(DataError(path, number, "one line too many", f"at most {MOST} lines"))
                    break
                try:
                    rules.append(shared_of(line.strip()))
                except ValueError as error:
                    wrong.append(DataError(path, number, f"found {error}", "a rule that can be shared"))
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [DataError(path, 0, str(error), "a file that can be read")]
    return rules, wrong
