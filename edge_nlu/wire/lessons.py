"""What a home trains a fleet's heads with: rows of numbers and what was meant, no text. It stays at home.

The hub puts a file there for each head that its owner allows, and sync, which may train, reads it. A file is
there whole or not at all, the latest lessons come first, and each is known to be of a time, so that what is
too old is left out even where the hub does not run any more. What is forgotten takes all files along.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nlu.durable import PART, put_whole
from edge_nlu.errors import RoundRefusedError
from edge_nlu.learning.arrays import packed, unpacked
from edge_nlu.learning.fitting import Lessons
from edge_nlu.wire import HEADS
from edge_nlu.wire.outgoing import delete

MOST: Final = 512
"""Lessons of a head, and by then the oldest go."""

LARGEST_BYTES: Final = 4 << 20

_PACK: Final = r"(?P<pack>[A-Za-z0-9][A-Za-z0-9._-]{0,99})"
_FILE: Final = re.compile(rf"examples-(?P<head>{'|'.join(HEADS)})-{_PACK}\.npz")
_LAYER: Final = {"names": "U1", "inputs": "f2", "wanted": "i1", "said_s": "f1"}
_CHOICE: Final = {**_LAYER, "inputs": "f3", "counted": "b2"}


class Taught(NamedTuple):
    """Lessons for a head, what its rows or weights stand for, and when each lesson was said."""

    names: tuple[str, ...]
    lessons: Lessons
    said_s: npt.NDArray[np.float64]


def may_hold(pack: str) -> bool:
    """Return whether there may be files for a pack of this id."""
    return re.fullmatch(_PACK, pack) is not None


def put_lessons(outgoing: Path, pack: str, taught: Mapping[str, Taught]) -> None:
    """Put down the lessons of a pack's heads in place of all that were there before."""
    kept = {f"examples-{head}-{pack}.npz" for head in taught}
    for file in _files(outgoing):
        if file.name not in kept:
            delete(file)
    for head, one in taught.items():
        own = one.lessons
        arrays = {"inputs": own.inputs, "wanted": own.wanted, "said_s": one.said_s}
        more = {} if own.counted is None else {"counted": own.counted}
        body = packed({"names": np.array(one.names), **arrays, **more})
        put_whole(outgoing / f"examples-{head}-{pack}.npz", body)


def lessons_in(outgoing: Path, pack: str, since_s: float = 0.0) -> dict[str, tuple[tuple[str, ...], Lessons]]:
    """Return for each head what its rows stand for and what there is to learn from, said since then.

    Raise `RoundRefusedError` where a file holds anything else.
    """
    found = {}
    for file in _files(outgoing):
        named = _FILE.fullmatch(file.name)
        if named is not None and named["pack"] == pack:
            names, lessons, said_s = _read(file, named["head"])
            late = said_s >= since_s
            if late.any():
                counted = None if lessons.counted is None else lessons.counted[late]
                found[named["head"]] = names, Lessons(lessons.inputs[late], lessons.wanted[late], counted)
    return found


def forget_lessons(outgoing: Path) -> None:
    """Delete all lessons; the hub puts down the next night what there may still be."""
    for file in _files(outgoing):
        delete(file)


def _files(outgoing: Path) -> list[Path]:
    """Return all files of lessons, and what is left of one that was cut off."""
    return sorted(
        file for file in outgoing.glob("examples-*") if _FILE.fullmatch(file.name.removesuffix(PART))
    )


def _read(file: Path, head: str) -> Taught:
    """Return the lessons in a file, or raise `RoundRefusedError`."""
    try:
        opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(opened, "rb") as read:
            stored = unpacked(read.read(LARGEST_BYTES + 1), LARGEST_BYTES)
        return _taught(stored, layer=head == "intent")
    except (OSError, ValueError) as error:
        expected = f"{MOST} lessons of {head} at most, as the hub of this version writes them"
        raise RoundRefusedError(file.name, str(error), expected) from error


def _taught(stored: Mapping[str, Any], *, layer: bool) -> Taught:
    """Return lessons for a layer, or for a choice; raise ValueError where these are none."""
    kinds = {name: f"{array.dtype.kind}{array.ndim}" for name, array in stored.items()}
    if kinds != (_LAYER if layer else _CHOICE):
        raise ValueError(f"arrays {kinds}")
    names = tuple(map(str, stored["names"].tolist()))
    inputs, wanted, said_s = stored["inputs"], stored["wanted"].astype(np.int64), stored["said_s"]
    counted = stored.get("counted")
    if not len(inputs) == len(wanted) == len(said_s) <= MOST:
        raise ValueError(f"{len(inputs)} inputs of {len(wanted)} lessons")
    if counted is not None and (counted.shape, len(names)) != (inputs.shape[:2], inputs.shape[2]):
        raise ValueError(f"inputs of {inputs.shape} for {counted.shape} candidates and {len(names)} names")
    classes = len(names) if layer else inputs.shape[1]
    if not all(0 <= one < classes for one in wanted):
        raise ValueError(f"lessons of class {wanted.min()} to {wanted.max()}, of {classes}")
    if counted is not None and not counted[np.arange(len(wanted)), wanted].all():
        raise ValueError("a right one that is no candidate")
    return Taught(names, Lessons(inputs.astype(np.float32), wanted, counted), said_s.astype(np.float64))
