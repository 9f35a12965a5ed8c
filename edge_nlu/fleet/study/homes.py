"""Give real sentences to homes that differ: in what they want, in how they say it, and in how much they say.

A home has likings for intents and for manners of speech, drawn from a Dirichlet distribution, and draws its
sentences by them from what is left. How much it says has a heavy tail: most say little, some very much.
No sentence is said in two homes, unless there are not enough.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nlu.fleet.study.sentences import STYLES, Rows, Sentences, chosen
from edge_nlu.learning.fitting import Lessons

TAIL: Final = 1.5
"""Exponent of the Pareto distribution of how much homes say."""

MOST: Final = 100
"""No home says more than so many times what the smallest does."""


class Fleet(NamedTuple):
    """The lessons of each home in the order in which they came up, and its liking for each intent."""

    lessons: list[Lessons]
    likings: npt.NDArray[np.float64]

    @property
    def sizes(self) -> Rows:
        """Return how many sentences each home has said."""
        return np.array([len(one) for one in self.lessons])


def fleet(said: Sentences, intents: int, homes: int, alpha: float, rng: np.random.Generator) -> Fleet:
    """Return so many homes that share these sentences; the less `alpha`, the more they differ."""
    likings = rng.dirichlet(np.full(intents, alpha), homes)
    manners = rng.dirichlet(np.full(STYLES, alpha), homes)
    sizes = _sizes(len(said.styles), homes, rng)
    enough = sizes.sum() <= len(said.styles)
    left = np.ones(len(said.styles), bool)
    lessons: list[Lessons] = [chosen(said.lessons, np.arange(0))] * homes
    # the order of homes is by chance: who comes last gets what is left
    for home in rng.permutation(homes):
        rows = np.flatnonzero(left) if enough else np.arange(len(left))
        liked = likings[home, said.lessons.wanted[rows]] * manners[home, said.styles[rows]]
        # the largest of these are a draw without replacement in proportion to the liking
        keys = np.log(rng.random(len(rows))) / np.maximum(liked, 1e-12)
        taken = np.argpartition(-keys, sizes[home] - 1)[: sizes[home]]
        drawn = rows[taken]
        left[drawn] = False
        lessons[home] = chosen(said.lessons, rng.permutation(drawn))
    return Fleet(lessons, likings)


def _sizes(said: int, homes: int, rng: np.random.Generator) -> Rows:
    """Return how many sentences each home says, at least one."""
    raw = np.minimum((1 - rng.random(homes)) ** (-1 / TAIL), MOST)
    sizes = np.maximum(1, np.floor(raw * said / raw.sum())).astype(np.int64)
    # what rounding gave to the many that say little is taken from those that say most
    while homes <= said < sizes.sum():
        sizes[sizes.argmax()] -= 1
    return np.asarray(sizes)
