"""Name only what so many homes say that no one of them shows, whoever looks and whatever else they know.

To the number of homes that say a thing noise is added, and the thing is named where the sum reaches a
threshold. Each thing is counted twice, first its digest and then its words, so a home that may say `most`
takes part in twice as many counts. It changes what is told of both by a factor of e^epsilon at most, save
with a chance of delta, and no more likely than that anything is named which it alone says. Where a home may
say little, Laplace noise keeps the promise with the fewest homes, where it may say much, Gaussian
noise does. The noise is a whole number, drawn with the machine's cryptographic generator: that of ordinary
generators can be computed, and the last digits of broken numbers tell what they were added to.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, exp, log, log1p, sqrt
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int64]
COUNTS: Final = 2
"""So often each thing is counted: its digest, and its words."""

FARTHEST: Final = 12.0
"""In widths of Gaussian noise; beyond it comes once in 10^31 draws."""


@dataclass(frozen=True, slots=True)
class Laplace:
    """Noise in which k comes with a weight of e^(-|k| / scale)."""

    scale: float

    @classmethod
    def keeping(cls, epsilon: float, most: int) -> Laplace:
        """Return the least noise that keeps a promise, whatever its delta."""
        return cls(most / epsilon)

    def drawn(self, count: int) -> Numbers:
        """Return so many draws."""
        return self._waits(count) - self._waits(count)

    def chance(self, least: int) -> float:
        """Return the chance of so much or more."""
        return exp(-least / self.scale) / (1.0 + exp(-1.0 / self.scale))

    def rarer(self, chance: float) -> int:
        """Return the least number whose chance is not above this one."""
        return ceil(-self.scale * (log(chance) + log1p(exp(-1.0 / self.scale))))

    def _waits(self, count: int) -> Numbers:
        """Return how often something failed before it succeeded, where it fails with e^(-1 / scale)."""
        waits: Numbers = np.floor(-np.log(_evenly(count)) * self.scale).astype(np.int64)
        return waits


@dataclass(frozen=True, slots=True)
class Gaussian:
    """Noise in which k comes with a weight of e^(-k^2 / (2 width^2))."""

    width: float

    @classmethod
    def keeping(cls, epsilon: float, delta: float, most: int) -> Gaussian:
        """Return the least noise that keeps a promise: most / (2 width^2) of concentrated privacy."""
        low, high = 0.0, epsilon
        for _ in range(60):
            rho = (low + high) / 2
            low, high = (rho, high) if _delta(rho, epsilon) <= delta else (low, rho)
        return cls(sqrt(most / (2.0 * low)))

    def drawn(self, count: int) -> Numbers:
        """Return so many draws."""
        below = _below(self.width)
        found: Numbers = np.searchsorted(below, _evenly(count) * below[-1]).astype(np.int64)
        return found - len(below) // 2

    def chance(self, least: int) -> float:
        """Return the chance of so much or more, which is that of so much below nothing."""
        below = _below(self.width)
        at = len(below) // 2 - least
        return float(below[at] / below[-1]) if at >= 0 else 0.0

    def rarer(self, chance: float) -> int:
        """Return the least number whose chance is not above this one."""
        below = _below(self.width)
        return int(len(below) // 2 - np.searchsorted(below, chance * below[-1], "right") + 1)


Noise: TypeAlias = Laplace | Gaussian


@lru_cache(maxsize=64)
def best(epsilon: float, delta: float, most: int) -> tuple[Noise, int]:
    """Return the noise that keeps a promise, and how many homes, noise and all, it takes to be named.

    It is that of each count, where there are two of all that a home may say.
    """
    counts = COUNTS * most
    laplace, gaussian = Laplace.keeping(epsilon, counts), Gaussian.keeping(epsilon, delta / 2, counts)
    # what delta allows goes by halves to the noise and to what one home alone says; Laplace noise needs none
    both: tuple[tuple[Noise, int], ...] = (
        (laplace, laplace.rarer(delta / counts)),
        (gaussian, gaussian.rarer(delta / 2 / counts)),
    )
    noise, least = min(both, key=lambda one: one[1])
    return noise, 1 + least


def threshold(epsilon: float, delta: float, most: int) -> int:
    """Return how many homes, noise and all, it takes for a thing to be named."""
    return best(epsilon, delta, most)[1]


def lone_chance(epsilon: float, delta: float, most: int) -> float:
    """Return the chance that a thing gets through one count which one home alone says."""
    noise, homes = best(epsilon, delta, most)
    return noise.chance(homes - 1)


def named(homes: Numbers, epsilon: float, delta: float, most: int) -> tuple[NDArray[np.intp], Numbers]:
    """Return which of these counts are enough, and the counts with their noise."""
    noise, enough = best(epsilon, delta, most)
    told = homes + noise.drawn(len(homes))
    which = np.flatnonzero(told >= enough)
    return which, told[which]


def _delta(rho: float, epsilon: float) -> float:
    """Return the delta that so much concentrated privacy keeps with an epsilon (arXiv 2004.00010)."""
    orders = 1.0 + np.geomspace(1e-3, 1e5, 4_000)
    logs = (orders - 1) * (orders * rho - epsilon) - np.log(orders - 1) + orders * np.log1p(-1 / orders)
    return float(np.exp(min(logs.min(), 0.0)))


@lru_cache(maxsize=8)
def _below(width: float) -> NDArray[np.float64]:
    """Return for each whole number the weight of it and all below, beginning with the least."""
    far = ceil(FARTHEST * width) + 1
    # summed up from the smallest, so that rare ones are as exact as others
    weights: NDArray[np.float64] = np.cumsum(np.exp(-0.5 * (np.arange(-far, far + 1) / width) ** 2))
    return weights


def _evenly(count: int) -> NDArray[np.float64]:
    """Return so many numbers between 0 and 1, neither of which comes."""
    drawn = np.frombuffer(os.urandom(8 * count), "<u8") >> np.uint64(11)
    return (drawn.astype(np.float64) + 0.5) * 2.0**-53
