"""Find what is said anew by looking at two sentences at a time, to compare the model of dialogues with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nlu.learning.dialogue import Run, Vector, feature_names
from edge_nlu.models.dialogue import REACH

KINDS: Final = ("words", "all")
"""What the two are told by: words, meaning and time alone, or all that the model of dialogues is given."""

Bools = npt.NDArray[np.bool_]
_WORDS: Final = ("change ", "gap ", "nearness", "same words")


class Pairs(NamedTuple):
    """Each two sentences of runs: in numbers, and whether the later is the earlier anew.

    `firsts` tells the earlier ones apart; `wanted` is how many of all sentences are said anew.
    """

    values: Vector
    right: Bools
    firsts: npt.NDArray[np.int64]
    wanted: int


def pairs_of(runs: Sequence[tuple[Run, Sequence[int]]], kind: str) -> Pairs:
    """Return each two sentences that are near; runs come with which sentence says which anew, -1 for none."""
    _, names = feature_names()
    words = np.array([name.startswith(_WORDS) for name in names])
    values, right, firsts = list[Vector](), list[bool](), list[int]()
    before = 0
    for run, points in runs:
        for first, second in _near(len(points)):
            pair = run.pairs[first, second]
            both = np.concatenate([pair, run.each[first], run.each[second]])
            values.append(pair[words] if kind == "words" else both)
            right.append(points[first] == second)
            firsts.append(before + first)
        before += len(points)
    wanted = sum(to >= 0 for _, points in runs for to in points)
    return Pairs(np.array(values, np.float32), np.array(right), np.array(firsts), wanted)


def _near(count: int) -> Iterator[tuple[int, int]]:
    for first in range(count):
        yield from ((first, second) for second in range(first + 1, min(first + 1 + REACH, count)))


def pairwise_odds(weights: Mapping[str, Vector], kind: str, values: Vector) -> Vector:
    """Return the odds that the later of two is the earlier anew, from the two alone."""
    w = {name.removeprefix(f"{kind}."): value for name, value in weights.items() if name.startswith(kind)}
    even = np.clip((values - w["mean"]) / w["scale"], -4, 4)
    odds: Vector = (np.maximum(even @ w["in.w"] + w["in.b"], 0) @ w["out.w"] + w["out.b"])[:, 0]
    return odds


def found_f1(pairs: Pairs, said: Bools, odds: Vector) -> float:
    """Return the F1 of rephrases where of all that may say a sentence anew the likeliest is taken."""
    best: dict[int, int] = {}
    for at in np.flatnonzero(said):
        first = int(pairs.firsts[at])
        if first not in best or odds[at] > odds[best[first]]:
            best[first] = int(at)
    hits = int(sum(pairs.right[at] for at in best.values()))
    return 2 * hits / max(len(best) + pairs.wanted, 1)
