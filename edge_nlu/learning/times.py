"""How near two times are: of the day, of the week, and how much of what was counted is left after some days.

A quarter past seven is much like seven, ten is not; a Tuesday is like a Thursday, a Sunday only half.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from math import exp
from typing import Final

HALF_LIFE_DAYS: Final = 21.0
# a quarter past seven is much like seven, ten is not
TIME_SPREAD_H: Final = 1.5
# of a device that is named, a habit of another time of day still says a little
OTHER_TIME: Final = 0.2
# how much the habits of working days say about a weekend, and the other way round
OTHER_DAY: Final = 0.5
HALF_HOURS: Final = 48


def day_of(at: datetime) -> float:
    """Return a time in days, to reckon with."""
    return at.timestamp() / 86400


def cell_of(at: datetime) -> int:
    """Return the half hour of the day, counted on at weekends."""
    weekend = at.weekday() >= 5
    return (at.hour * 60 + at.minute) // 30 + weekend * HALF_HOURS


def left_after(days: float) -> float:
    """Return what is left of a count after some days."""
    return 1.0 if days <= 0.0 else 0.5 ** (days / HALF_LIFE_DAYS)


@lru_cache(maxsize=2 * HALF_HOURS)
def nearness(cell: int) -> tuple[float, ...]:
    """Return how near each half hour of the same kind of day is to this one, from 0 to 1."""
    return _of_week(cell, _by_time(cell), _NEVER)


@lru_cache(maxsize=4)
def near_and_far(cell: int, *, other_times: bool) -> tuple[complex, ...]:
    """Return how near each half hour is, and as the imaginary part what those further off say besides.

    So what was counted is gone through once for both. Further off is the other kind of day, and with
    `other_times` all other times, which say something of what is named.
    """
    near = _by_time(cell)
    floor = OTHER_TIME if other_times else 0.0
    says = [floor + (1 - floor) * one for one in near]
    same = tuple([all_ - one for all_, one in zip(says, near, strict=True)])
    far = _of_week(cell, same, tuple([OTHER_DAY * one for one in says]))
    return tuple(map(complex, nearness(cell), far))


# how near two half hours are to each other, by how many lie between them
_APART: Final = tuple(
    [exp(-0.5 * (min(apart, HALF_HOURS - apart) / 2 / TIME_SPREAD_H) ** 2) for apart in range(HALF_HOURS)]
)
_NEVER: Final = (0.0,) * HALF_HOURS


def _by_time(cell: int) -> tuple[float, ...]:
    """Return how near each half hour of a day is to this one."""
    at = cell % HALF_HOURS
    return _APART[HALF_HOURS - at :] + _APART[: HALF_HOURS - at]


def _of_week(cell: int, same: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    """Return what holds for half hours of the same and of the other kind of day, in the order of cells."""
    return same + other if cell < HALF_HOURS else other + same
