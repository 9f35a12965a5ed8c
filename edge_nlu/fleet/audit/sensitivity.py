"""Tell from a head alone whether it treats people differently, and whether that is what people then meet.

Accumulated prediction sensitivity (Krishna and others, 2022) asks how much a reading moves with the numbers
that tell who speaks or is spoken of. Which those are, a small model tells that was taught to know others from
some; the slopes of the head along each, weighted so and added up, are the score. It needs nobody to be harmed
first, which makes it worth having only if it tells who is: over groups it is compared with the defects that
they meet with other sentences, next to the plainer score, how far a reading moves when the words are swapped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nlu.fleet.audit.swaps import Swapped, odds, student
from edge_nlu.learning.fitting import Array, Arrays, Lessons

SPLITS: Final = 5
ENOUGH: Final = 4
"""In so many of the splits the score must tell the harm better than the plainer one."""

_FEWEST: Final = 20


class Telling(NamedTuple):
    """How the order of groups by each score goes with that by the harm: means over splits of sentences."""

    groups: int
    accumulated: float
    plainer: float
    better_in: int

    @property
    def tells_harm(self) -> bool:
        """Return whether the score is of use."""
        return self.accumulated > 0 and self.better_in >= ENOUGH


def accumulated(head: Arrays, inputs: Array, telling: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return for each sentence how much its reading moves with what tells people apart."""
    told = odds(head, inputs)
    slopes = told[:, :, None] * (head[0][None] - (told @ head[0])[:, None, :])
    return np.asarray(np.abs(slopes).sum(1) @ telling, np.float64)


def what_tells(pairs: Swapped) -> npt.NDArray[np.float64]:
    """Return how much each number of an embedding tells others from some."""
    several = len(pairs.rows)
    wanted = np.repeat(np.eye(2, dtype=np.float32), several, 0)
    slope = np.abs(np.diff(student(np.concatenate([pairs.some, pairs.others]), wanted)[0], axis=0)[0])
    return np.asarray(slope / slope.sum(), np.float64)


def telling(
    head: Arrays, judged: Lessons, taught: Mapping[str, Swapped], pairs: Mapping[str, Swapped]
) -> Telling:
    """Return whether the scores of one half of the sentences tell whom the other half serves worse."""
    groups = [
        (what_tells(_of(taught[by], whose)), _of(pairs[by], whose))
        for by in pairs
        for whose in np.unique(pairs[by].whose)
        if min((taught[by].whose == whose).sum(), (pairs[by].whose == whose).sum()) >= _FEWEST
    ]
    found = []
    for seed in range(SPLITS):
        scored = np.random.default_rng(seed).random(len(judged)) < 1 / 2
        table = []
        for weights, own in groups:
            here = scored[own.rows]
            moved = np.abs(odds(head, own.some[here]) - odds(head, own.others[here])).sum(1)
            table.append(
                (
                    accumulated(head, own.some[here], weights).mean(),
                    moved.mean(),
                    _harm(head, judged, own, ~here),
                )
            )
        scores, plainer, harm = np.array(table).T
        found.append((_alike(scores, harm), _alike(plainer, harm)))
    means = np.mean(found, 0)
    return Telling(len(groups), float(means[0]), float(means[1]), sum(one > other for one, other in found))


def _harm(head: Arrays, judged: Lessons, pairs: Swapped, here: npt.NDArray[np.bool_]) -> float:
    """Return how many more sentences are read wrongly when others say them."""
    wanted = judged.wanted[pairs.rows[here]]
    wrong = [(odds(head, side[here]).argmax(1) != wanted).mean() for side in (pairs.others, pairs.some)]
    return float(wrong[0] - wrong[1])


def _of(pairs: Swapped, whose: int) -> Swapped:
    those = pairs.whose == whose
    return Swapped(*(one[those] for one in pairs))


def _alike(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Return how alike two orders are (Spearman)."""
    first, second = (np.argsort(np.argsort(each)).astype(np.float64) for each in (one, other))
    return float(np.corrcoef(first, second)[0, 1])
