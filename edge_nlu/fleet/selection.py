"""Say how often each home is asked to take part: all alike, or those more often that have more to tell.

Every home throws its own coin in every round. How many homes there are and, by activity, how many lessons
each says it has, moves how often all others are asked: neither is hidden, only what a home's change says. A
home with ten times the examples is asked up to ten times as often, but no home more often than a share `most`
of the rounds, because what it pays in privacy grows with that share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

ENOUGH: Final = {"fedmedian": 3, "fedtrimmed": 5}
"""So many answers the strategies against liars need in a round to leave a single one out."""


@dataclass(frozen=True, slots=True)
class Selection:
    """How many homes are asked in a round, as expected, and how often one of them at most."""

    cohort: float
    most: float
    by_activity: bool = False

    def rates(self, activity: Mapping[int, float]) -> dict[int, float]:
        """Return how likely each home is asked in a round; `activity` is how much each has to tell."""
        shares = {home: (float(told) if self.by_activity else 1.0) for home, told in activity.items()}
        rates = dict.fromkeys(shares, 0.0)
        busiest = sorted((home for home in shares if shares[home] > 0), key=lambda home: -shares[home])
        # what this home and all that have less to tell have together
        together = list(accumulate(shares[home] for home in reversed(busiest)))[::-1]
        left = self.cohort
        for home, whole in zip(busiest, together, strict=True):
            rates[home] = min(self.most, left * shares[home] / whole)
            left = max(left - rates[home], 0.0)
        return rates
