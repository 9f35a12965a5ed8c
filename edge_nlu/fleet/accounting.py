"""Count what taking part costs a home in privacy, and how much noise a promise needs.

Whoever sees every head that a fleet publishes can hardly tell whether some home took part: the odds for it
move by a factor of at most e^epsilon, save with a chance of delta. What a round costs depends on how often a
home is asked (`q`, at most) and on the noise (as a multiple of the longest change that one home may make).
Costs of rounds add up by their whole distributions, which promises less than bounds that are added up.

A round is counted in full whoever answered. Homes that are asked more often pay more, so a fleet that
asks some more often is counted at the rate of those.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import ceil, exp, log10, sqrt
from typing import Final, NamedTuple

import dp_accounting
from dp_accounting.pld import PLDAccountant

SMALLER_THAN_ONE_IN_ALL: Final = 1.1
"""Delta is the number of homes to the power of minus this."""

_DIGITS: Final = 3


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


def planned(epsilon: float, hubs: int, *, q: float, rounds: int, clip: float) -> Privacy:
    """Return how to keep a promise to so many homes over so many rounds."""
    delta = delta_for(hubs)
    return Privacy(epsilon, delta, clip, noise_for(epsilon, q, rounds, delta), q, rounds)


def delta_for(hubs: int) -> float:
    """Return the chance with which a promise to so many homes may fail."""
    return float(hubs**-SMALLER_THAN_ONE_IN_ALL)


def epsilon(q: float, noise: float, rounds: int, delta: float) -> float:
    """Return what so many rounds cost a home that is asked in a share `q` of them."""
    return spent([Spent(q, noise, rounds)], delta)


def spent(parts: Iterable[Spent], delta: float) -> float:
    """Return what all these rounds cost together."""
    accountant = PLDAccountant()
    for part in parts:
        if part.rounds:
            event = dp_accounting.GaussianDpEvent(part.noise)
            accountant.compose(dp_accounting.PoissonSampledDpEvent(part.q, event), part.rounds)
    return float(accountant.get_epsilon(delta))


@cache
def noise_for(epsilon: float, q: float, rounds: int, delta: float) -> float:
    """Return the least noise, to three digits and rounded up, that costs at most `epsilon`."""
    low, high = 0.0, _enough(epsilon, q, rounds, delta)
    while high - low > 10**-_DIGITS * high:
        middle = (low + high) / 2
        low, high = (low, middle) if _costs(middle, q, rounds, delta) <= epsilon else (middle, high)
    digit = 10.0 ** (ceil(log10(high)) - _DIGITS)
    return float(ceil(high / digit) * digit)


def _costs(noise: float, q: float, rounds: int, delta: float) -> float:
    return spent([Spent(q, noise, rounds)], delta)


def _enough(epsilon: float, q: float, rounds: int, delta: float) -> float:
    """Return noise that is enough, beginning with what is when little is asked of many."""
    noise = max(0.5, q * sqrt(rounds) / max(1 - exp(-epsilon), 0.1))
    while _costs(noise, q, rounds, delta) > epsilon:
        noise *= 1.5
    return noise
