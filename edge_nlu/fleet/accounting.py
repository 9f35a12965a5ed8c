"""Count what taking part costs a home in privacy, and how much noise a promise needs.

Whoever sees every head that a fleet publishes can hardly tell whether some home took part: the odds for it
move by a factor of at most e^epsilon, save with a chance of delta. What a round costs depends on how often a
home is asked (`q`, at most) and on the noise (as a multiple of the longest change that one home may make).
Costs of rounds add up by their whole distributions, which promises less than bounds that are added up.

A round is counted in full whoever answered. Homes that are asked more often pay more, so a fleet that
asks some more often is counted at the rate of those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from math import ceil, exp, log10, sqrt
from typing import Final, NamedTuple

import dp_accounting
from dp_accounting.pld import PLDAccountant

SMALLER_THAN_ONE_IN_ALL: Final = 1.1
"""Delta is the number of homes to the power of minus this."""

MOST_DELTA: Final = 1e-3
"""A promise that may fail more often is none, and hubs decline it."""

_DIGITS: Final = 3
_NARROW: Final = 1e-3
_ROUGHLY: Final = (1e-2, 1e-3)
_FINELY: Final = 1e-4
"""In what steps losses are counted: the finer, the slower."""


class Spent(NamedTuple):
    """Rounds in which every home was asked with a chance of at most `q`, and their noise."""

    q: float
    noise: float
    rounds: int


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is promised to each home, and what the server must do in every round to keep it.

    The change of a home counts with at most the length `clip`; to the sum of all, noise with a standard
    deviation of `noise` times `clip` is added.
    """

    epsilon: float
    delta: float
    clip: float
    noise: float
    q: float
    rounds: int

    def loudness(self, numbers: int, cohort: float) -> float:
        """Return how many times longer the noise in a head is than all homes asked together can move it."""
        return self.noise * sqrt(numbers) / cohort


def planned(epsilon: float, hubs: int, *, q: float, rounds: int, clip: float, delta: float = 1.0) -> Privacy:
    """Return how to keep a promise to so many homes over so many rounds; it fails with `delta` at most."""
    delta = min(delta, delta_for(hubs))
    return Privacy(epsilon, delta, clip, noise_for(epsilon, q, rounds, delta), q, rounds)


def delta_for(hubs: int) -> float:
    """Return the chance with which a promise to so many homes may fail."""
    return float(hubs**-SMALLER_THAN_ONE_IN_ALL)


def hubs_for(delta: float) -> int:
    """Return how many homes it takes for a promise that may fail with this chance."""
    return ceil(float(delta ** (-1 / SMALLER_THAN_ONE_IN_ALL)))


def epsilon(q: float, noise: float, rounds: int, delta: float) -> float:
    """Return what so many rounds cost a home that is asked in a share `q` of them."""
    return spent([Spent(q, noise, rounds)], delta)


def spent(parts: Iterable[Spent], delta: float, step: float = _FINELY) -> float:
    """Return what all these rounds cost together, never too little; in larger steps it is counted sooner."""
    accountant = PLDAccountant(value_discretization_interval=step)
    for part in parts:
        if part.rounds:
            event = dp_accounting.GaussianDpEvent(part.noise)
            accountant.compose(dp_accounting.PoissonSampledDpEvent(part.q, event), part.rounds)
    return float(accountant.get_epsilon(delta))


@cache
def noise_for(epsilon: float, q: float, rounds: int, delta: float) -> float:
    """Return the least noise, to three digits and rounded up, that costs at most `epsilon`.

    It is looked for with costs that are counted roughly, which is quick and never counts too little; what is
    found is counted finely.
    """
    noise = max(0.5, q * sqrt(rounds) / max(1 - exp(-epsilon), 0.1))
    for roughly in _ROUGHLY:
        step = max(roughly * min(epsilon, 1.0), _FINELY)

        def enough(noise: float, step: float = step) -> bool:
            return spent([Spent(q, noise, rounds)], delta, step) <= epsilon

        noise = _least(enough, noise)
    digit = 10.0 ** (ceil(log10(noise)) - _DIGITS)
    digits = ceil(noise / digit)
    while spent([Spent(q, digits * digit, rounds)], delta) > epsilon:
        digits += 1
    return round(digits * digit, _DIGITS - ceil(log10(noise)))


def _least(enough: Callable[[float], bool], near: float) -> float:
    """Return the least noise that is enough, or hardly more; `near` is where to look first."""
    low = high = near
    step = 1 + _NARROW
    while not enough(high):
        low, high, step = high, high * step, step * step
    while low == high or enough(low):
        low, high, step = low / step, low, step * step
    while high > low * (1 + _NARROW):
        middle = sqrt(low * high)
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
