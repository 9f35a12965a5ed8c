"""Count over homes, with the range in which a count would lie had other homes been drawn.

What people say in one home is alike, so homes are drawn anew, not sentences. A ratio of right to wrong says
little where few were wrong: half a wrong one is counted where there is none, and the lower end is the worse
of that over homes and of Wilson's over sentences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np

from edge_nlu.models.score import RESAMPLES
from edge_nlu_bench.report import Floats

Z = 1.96


class OverHomes:
    """Numbers of each home by what they count."""

    def __init__(self, of: Mapping[str, Sequence[float]]) -> None:
        self.of = {name: np.array(column, np.float64) for name, column in of.items()}
        self.homes = len(next(iter(self.of.values())))
        rng = np.random.default_rng(0)
        drawn = rng.multinomial(self.homes, [1 / self.homes] * self.homes, RESAMPLES)
        self._drawn = {name: drawn @ column for name, column in self.of.items()}
        self.total = {name: int(column.sum()) for name, column in self.of.items()}

    def share(self, name: str, part: str, whole: str, less: str = "") -> dict[str, float]:
        """Return a part, less another, as a share of the whole."""
        parts = self._drawn[part] - (self._drawn[less] if less else 0)
        point = (self.total[part] - (self.total[less] if less else 0)) / max(self.total[whole], 1)
        return _ranged(name, point, parts / np.maximum(self._drawn[whole], 1))

    def mean(self, name: str, part: str) -> dict[str, float]:
        """Return how many there are in a home."""
        return _ranged(name, self.total[part] / self.homes, self._drawn[part] / self.homes)

    def ratio(self, name: str, right: str, wrong: Sequence[str]) -> dict[str, float]:
        """Return how many are right for one that is wrong, with the lower end of its range."""
        against = sum(self.total[one] for one in wrong)
        over_homes = _odds(self._drawn[right], np.sum([self._drawn[one] for one in wrong], axis=0))
        low = min(float(np.percentile(over_homes, 2.5)), _wilson(self.total[right], against))
        point = float(_odds(np.array(self.total[right]), np.array(against)))
        return {name: round(point, 3), f"{name}_low": round(low, 3)}


def _ranged(name: str, point: float, drawn: Floats) -> dict[str, float]:
    low, high = np.percentile(drawn, (2.5, 97.5))
    ends = {name: point, f"{name}_low": low, f"{name}_high": high}
    return {end: round(float(value), 4) for end, value in ends.items()}


def _odds(right: Floats, wrong: Floats) -> Floats:
    return right / np.where(wrong == 0, 0.5, wrong)


def _wilson(right: int, wrong: int) -> float:
    """Return the lower end of the odds of being right."""
    n = right + wrong
    if not n:
        return 0.0
    p = right / n
    low = (p + Z * Z / (2 * n) - Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))) / (1 + Z * Z / n)
    return low / (1 - low) if low < 1 else float(n)
