"""Tell from right guesses who took part how much privacy there can be at most.

Each of many homes takes part or not by a fair coin, all in one and the same run. Somebody who sees what is
published guesses of some of them that they did. Under a promise of epsilon and delta, each guess is right at
best as by a coin that shows e^epsilon times as often the one side as the other, whatever the other guesses
were; so many right ones are a proof against each smaller epsilon (Steinke, Nasr and Jagielski, 2023). The
part of delta grows with the number of homes, so it is nothing to speak of only where their product is small.
"""

from __future__ import annotations

from math import exp, log, log1p
from typing import Final

import numpy as np
import numpy.typing as npt

CHANCE: Final = 0.05
"""So likely a bound may be too high."""

MOST: Final = 20.0
_HALVINGS: Final = 40


def least_epsilon(homes: int, guesses: int, right: int, delta: float, chance: float = CHANCE) -> float:
    """Return below which epsilon so many right guesses would come about only with this chance."""
    low, high = 0.0, MOST
    if likely(homes, guesses, right, 0.0, delta) > chance:
        return low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if likely(homes, guesses, right, middle, delta) < chance else (low, middle)
    return low


def likely(homes: int, guesses: int, right: int, epsilon: float, delta: float) -> float:
    """Return how likely so many right guesses, or more, are at most under a promise."""
    odds = _binomial(guesses, 1 / (1 + exp(-epsilon)))
    enough = float(odds[right:].sum())
    if not delta or not right:
        return min(enough, 1.0)
    # delta may turn wrong guesses into right ones: how many of them pays best
    nearly = np.cumsum(odds[:right][::-1]) / np.arange(1, right + 1)
    return min(enough + 2 * homes * delta * float(nearly.max()), 1.0)


def _binomial(n: int, p: float) -> npt.NDArray[np.float64]:
    """Return how likely each number of n is, from 0 to n."""
    ways = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    several = np.arange(n + 1)
    likely: npt.NDArray[np.float64] = np.exp(
        ways[n] - ways - ways[::-1] + several * log(p) + (n - several) * log1p(-p)
    )
    return likely
