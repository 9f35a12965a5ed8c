"""Find the sentences that a pack is judged by: frozen sets written by hand, and public corpora.

A frozen set is only used as it was frozen. One that was edited, even by a letter, is refused:
figures taken before and after could not be compared, and nobody would see why.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

from edge_nlu.errors import DataError, SettingsError

SETS = Path(__file__).parent / "sets"
SUMS = "SHA256SUMS"
CHECKOUT = Path(__file__).parents[2]
CORPORA = CHECKOUT.parent / "shared" / "data"


def frozen(name: str, folder: Path = SETS) -> Path:
    """Return the file of a frozen set, or raise `DataError` if it is not the one that was frozen."""
    path = folder / name
    try:
        sums = (folder / SUMS).read_text(encoding="utf-8").split()
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError as error:
        raise DataError(Path(str(error.filename)), 0, "no such file", "the frozen sets, whole") from error
    expected = dict(zip(sums[1::2], sums[::2], strict=False)).get(name)
    if found != expected:
        said = f"{SUMS} says {expected[:12]}" if expected else f"{SUMS} does not name it"
        raise DataError(path, 0, f"has sha256 {found[:12]}, {said}", "the set as it was frozen")
    return path


def frozen_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a frozen set in JSON Lines."""
    rows: list[dict[str, str]] = [
        json.loads(line) for line in frozen(name).read_text(encoding="utf-8").splitlines()
    ]
    return rows


def corpus(name: str, folder: Path | None = None) -> Path:
    """Return a file of the corpora, or raise `SettingsError` if it is not there."""
    path = (folder or CORPORA) / name
    if not path.is_file():
        raise SettingsError(
            "--data", f"no file {name} in {path.parents[name.count('/')]}", "the folder of the corpora"
        )
    return path


def gzipped_rows(path: Path) -> list[tuple[int, Any]]:
    """Return the rows of gzipped JSON Lines, each with its line number."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            lines = list(file)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(path, 0, f"cannot be read ({error})", "UTF-8 text, gzipped") from error
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            rows.append((number, json.loads(line)))
        except ValueError as error:
            raise DataError(path, number, f"not JSON ({error})", "one JSON object a line") from error
    return rows
