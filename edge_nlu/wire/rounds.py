"""What goes back and forth in a round: a task from a fleet's server, and what a home has learned by it.

A line of JSON says what it is, and the numbers follow as they are (float32, the lowest byte first), so there
is nothing to unpack and nothing to run. What is too large, of another shape or version, or no number at all
is refused by name, by either side.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2s
from math import prod
from typing import Any, Final

import numpy as np

from edge_nlu.errors import RoundRefusedError
from edge_nlu.learning.fitting import Arrays, Lessons, Plan, bounded, change, fitted, length
from edge_nlu.wire import HEADS

FORMAT: Final = 1
KEY_HEADER: Final = "Edge-Nlu-Key"
"""Says under which name a task is to be answered."""

DECLINED: Final = b""
"""The body of an answer by a home that does not want to, or cannot; why is its own business."""

ANSWERED: Final = "this round was answered before"
"""What a home says instead that has answered already: its server's state is an older one."""

LARGEST_BYTES: Final = 1 << 20
"""Of a task or an update; the largest head is a tenth of it."""

_LARGEST_LINE: Final = 65_536
_LARGEST_NUMBER: Final = 1e9
_MOST_EPOCHS: Final = 100
_MOST_IN_A_LOT: Final = 4096
_ROUNDED: Final = 1.001
"""So much longer than its bound a change may be, since numbers are rounded when they travel."""


@dataclass(frozen=True, slots=True)
class Task:
    """A head to train at home, and how.

    `names` says what the rows of a layer, or the weights of a choice, stand for; the lessons of `pack` fit.
    The change of the whole head is made no longer than `bound`. `epsilon` and `delta` are what the run has
    spent of its privacy once this round is over; with an epsilon of 0 it promises none. The answer is of use
    for `left_s` seconds.
    """

    run: str
    round: int
    head: str
    pack: str
    names: tuple[str, ...]
    arrays: Arrays
    plan: Plan
    bound: float = 0.0
    epsilon: float = 0.0
    delta: float = 0.0
    left_s: float = 0.0

    def key(self, who: str) -> str:
        """Return the name of somebody's answer, the same however often it is asked for and given."""
        return blake2s(f"{self.run} {self.round} {who}".encode(), digest_size=16).hexdigest()

    def answered(self, lessons: Lessons) -> Update:
        """Return what the head becomes with these lessons.

        Where the run is private, nobody is told how many lessons there were: each home counts the same.
        """
        arrays = fitted(self.arrays, lessons, self.plan)
        if self.bound:
            moved = bounded(change(arrays, self.arrays), self.bound)
            arrays = [one + by for one, by in zip(self.arrays, moved, strict=True)]
        return Update(self.run, self.round, self.head, arrays, 1 if self.epsilon else len(lessons))

    def check(self, update: Update) -> None:
        """Raise `RoundRefusedError` where an update is not one to this task."""
        for what, found, expected in (
            ("run", update.run, self.run),
            ("round", update.round, self.round),
            ("head", update.head, self.head),
            ("shapes", [one.shape for one in update.arrays], [one.shape for one in self.arrays]),
        ):
            if found != expected:
                raise RoundRefusedError(f"update of round {self.round}, {what}", str(found), str(expected))
        if self.bound and (moved := length(change(update.arrays, self.arrays))) > _ROUNDED * self.bound:
            what = f"update of round {self.round}, length of its change"
            raise RoundRefusedError(what, f"{moved:.4g}", f"{self.bound:.4g} at most")

    def to_bytes(self) -> bytes:
        """Return the task as it travels."""
        return _packed({**_told(self, TASK), "plan": list(self.plan), "names": list(self.names)}, self.arrays)

    @classmethod
    def from_bytes(cls, data: bytes) -> Task:
        """Return the task that somebody sent, or raise `RoundRefusedError`."""
        told, arrays = _unpacked("task", data, TASK)
        plan = _plan(told.pop("plan"))
        names = tuple(map(str, told.pop("names")))
        rows = len(arrays[0]) if arrays else 0
        if len(names) != rows:
            raise RoundRefusedError("task, names", f"{len(names)} of them", f"{rows}, one for each row")
        if told["delta"] >= 1:
            raise RoundRefusedError("task, delta", f"{told['delta']:g}", "a chance below 1")
        return cls(**told, names=names, arrays=arrays, plan=plan)


@dataclass(frozen=True, slots=True)
class Update:
    """What a head has become in one home, with so many examples."""

    run: str
    round: int
    head: str
    arrays: Arrays
    examples: int

    def to_bytes(self) -> bytes:
        """Return the update as it travels."""
        return _packed(_told(self, UPDATE), self.arrays)

    @classmethod
    def from_bytes(cls, data: bytes) -> Update:
        """Return the update that somebody sent, or raise `RoundRefusedError`."""
        told, arrays = _unpacked("update", data, UPDATE)
        return cls(**told, arrays=arrays)


Kinds = Mapping[str, type]
_BOTH: Final[Kinds] = {"run": str, "round": int, "head": str}
TASK: Final[Kinds] = {
    **_BOTH,
    "pack": str,
    "names": list,
    "plan": list,
    "bound": float,
    "epsilon": float,
    "delta": float,
    "left_s": float,
}
UPDATE: Final[Kinds] = {**_BOTH, "examples": int}


def _told(one: Task | Update, kinds: Kinds) -> dict[str, Any]:
    return {name: getattr(one, name) for name in kinds}


def _packed(told: Mapping[str, Any], arrays: Sequence[np.ndarray[Any, Any]]) -> bytes:
    shapes = [list(one.shape) for one in arrays]
    line = json.dumps({"format": FORMAT, **told, "shapes": shapes}).encode() + b"\n"
    return line + b"".join(np.ascontiguousarray(one, "<f4").tobytes() for one in arrays)


def _unpacked(what: str, data: bytes, kinds: Kinds) -> tuple[dict[str, Any], Arrays]:
    """Return what a message tells by name, and its numbers."""
    if len(data) > LARGEST_BYTES:
        raise RoundRefusedError(what, f"{len(data)} bytes", f"{LARGEST_BYTES} at most")
    line, _, body = data.partition(b"\n")
    try:
        read = json.loads(line[:_LARGEST_LINE])
    except (ValueError, RecursionError) as error:
        raise RoundRefusedError(what, f"{line[:40]!r}", "a line of JSON") from error
    if not isinstance(read, dict) or read.get("format") != FORMAT:
        found = read.get("format") if isinstance(read, dict) else read
        raise RoundRefusedError(f"{what}, format", repr(found)[:40], str(FORMAT))
    told = {name: _of_kind(f"{what}, {name}", read.get(name), kind) for name, kind in kinds.items()}
    if told["head"] not in HEADS:
        raise RoundRefusedError(f"{what}, head", told["head"][:40], " or ".join(HEADS))
    return told, _arrays(what, read.get("shapes"), body)


def _of_kind(what: str, found: Any, kind: type) -> Any:
    """Return what is of a kind; a number is finite, and not below nothing."""
    number = kind in (int, float)
    sound = type(found) is kind or (kind is float and type(found) is int)
    if not sound or (number and not 0 <= found <= _LARGEST_NUMBER):
        raise RoundRefusedError(what, repr(found)[:40], f"{kind.__name__}{', 0 or more' if number else ''}")
    return kind(found)


def _plan(found: list[Any]) -> Plan:
    kinds = (int, int, float, float, float)
    if len(found) != len(kinds):
        raise RoundRefusedError("task, plan", repr(found)[:40], ", ".join(Plan._fields))
    names = zip(Plan._fields, found, kinds, strict=True)
    plan = Plan(*(_of_kind(f"task, plan, {name}", one, kind) for name, one, kind in names))
    if plan.epochs > _MOST_EPOCHS or not 1 <= plan.lot <= _MOST_IN_A_LOT:
        expected = f"{_MOST_EPOCHS} epochs at most, in lots of 1 to {_MOST_IN_A_LOT}"
        raise RoundRefusedError("task, plan", f"{plan.epochs} epochs in lots of {plan.lot}", expected)
    return plan


def _arrays(what: str, shapes: Any, body: bytes) -> Arrays:
    expected = "one or two arrays, each with one or two sides"
    if not isinstance(shapes, list) or not 1 <= len(shapes) <= 2:
        raise RoundRefusedError(f"{what}, shapes", repr(shapes)[:40], expected)
    for shape in shapes:
        sides = shape if isinstance(shape, list) and 1 <= len(shape) <= 2 else [None]
        if not all(type(side) is int and 0 < side <= LARGEST_BYTES for side in sides):
            raise RoundRefusedError(f"{what}, shapes", repr(shapes)[:40], expected)
    sizes = [prod(shape) for shape in shapes]
    if len(body) != 4 * sum(sizes):
        raise RoundRefusedError(what, f"{len(body)} bytes of numbers", f"{4 * sum(sizes)} for {shapes}")
    numbers = np.frombuffer(body, "<f4").astype(np.float32)
    if not np.isfinite(numbers).all():
        raise RoundRefusedError(what, "numbers that are none, or endless", "finite ones")
    parts = np.split(numbers, np.cumsum(sizes)[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
