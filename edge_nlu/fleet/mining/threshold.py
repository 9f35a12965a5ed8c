"""Name only what so many homes say that no one of them shows, whoever looks and whatever else they know.

To the number of homes that say a thing noise is added, and the thing is named where the sum reaches a
threshold. A home that takes part in at most `most` counts changes what is told by a factor of e^epsilon at
most, save with a chance of delta: that is the chance that anything is named which it alone says. The noise
is a whole number, drawn with the machine's cryptographic generator, since the noise of ordinary generators
can be computed, and the last digits of broken numbers tell what they were added to.
"""

from __future__ import annotations

import os
from math import ceil, exp, log, log1p
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int64]


def noise(count: int, scale: float) -> Numbers:
    """Return so many draws of discrete Laplace noise: k comes with a weight of e^(-|k| / scale)."""
    return _waits(count, scale) - _waits(count, scale)


def threshold(epsilon: float, delta: float, most: int) -> int:
    """Return how many homes, noise and all, it takes for a thing to be named."""
    scale = most / epsilon
    # noise of t or more comes with a chance of a^t / (1 + a), a = e^(-1 / scale): delta / most for each thing
    return 1 + ceil(scale * (log(most / delta) - log1p(exp(-1.0 / scale))))


def lone_chance(epsilon: float, delta: float, most: int) -> float:
    """Return the chance that a thing is named which one home alone says."""
    scale = most / epsilon
    return exp(-(threshold(epsilon, delta, most) - 1) / scale) / (1.0 + exp(-1.0 / scale))


def named(homes: Numbers, epsilon: float, delta: float, most: int) -> tuple[NDArray[np.intp], Numbers]:
    """Return which of these counts are named, and the counts with their noise."""
    told = homes + noise(len(homes), most / epsilon)
    which = np.flatnonzero(told >= threshold(epsilon, delta, most))
    return which, told[which]


def _waits(count: int, scale: float) -> Numbers:
    """Return how often something failed before it succeeded, where it fails with e^(-1 / scale)."""
    drawn = np.frombuffer(os.urandom(8 * count), "<u8") >> np.uint64(11)
    evenly = (drawn.astype(np.float64) + 0.5) * 2.0**-53
    waits: Numbers = np.floor(-np.log(evenly) * scale).astype(np.int64)
    return waits
