"""How sure one can be of a share that was counted: nine of ten is more than one of one.

What was counted leaves a range in which the true share lies (a beta posterior over a flat prior). Whoever
acts on it goes by the low end of the range, so too little history does nothing, by itself.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

# the true share is lower than the low end only so often
DOUBT: Final = 0.1
_GRID: Final = (np.arange(1000) + 0.5) / 1000
_LOGS: Final = (np.log(_GRID), np.log1p(-_GRID))


def at_least(times: float, of: float) -> float:
    """Return the share that is at least there, nine times of ten, where it was so many times of so many."""
    return _low_end(round(times, 1), round(max(of - times, 0.0), 1))


@lru_cache(maxsize=4096)
def _low_end(times: float, others: float) -> float:
    dense = times * _LOGS[0]
    dense += others * _LOGS[1]
    dense -= dense.max()
    below = np.exp(dense, dense).cumsum()
    return float(_GRID[below.searchsorted(DOUBT * below[-1])])
