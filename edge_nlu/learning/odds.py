"""How sure one can be of a share that was counted: nine of ten is more than one of one.

What was counted leaves a range in which the true share lies (a beta posterior over a flat prior). Whoever
acts on it goes by the low end of the range, so too little history does nothing, by itself.
"""

from __future__ import annotations

from math import sqrt
from typing import Final

# the true share is lower than the low end one time in ten: so many deviations below the middle
_BELOW: Final = 1.2815515655446004


def at_least(times: float, of: float) -> float:
    """Return the share that is at least there, nine times of ten, where it was so many times of so many.

    What has faded is counted to a tenth.
    The cube roots of the two sides of such odds are nearly normal (Wilson and Hilferty): the low end is right
    to 0.0015 from one time on, to 0.007 before.
    """
    done, other = round(times, 1) + 1.0, round(max(of - times, 0.0), 1) + 1.0
    spread, other_spread = 1.0 / (9.0 * done), 1.0 / (9.0 * other)
    middle, other_middle = 1.0 - spread, 1.0 - other_spread
    wide = _BELOW * sqrt(
        spread * other_middle**2 + other_spread * middle**2 - _BELOW**2 * spread * other_spread
    )
    root = (middle * other_middle - wide) / (other_middle**2 - _BELOW**2 * other_spread)
    odds = root**3 * done / other
    return odds / (1.0 + odds)
