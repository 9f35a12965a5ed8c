"""Keep what went on in the home lately, and how often each such thing went on: an alarm rang, a door opened.

Whether something is a habit after the alarm shows only against how often the alarm rang.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime
from itertools import takewhile
from typing import Final

from edge_nlu.learning.occasions import Cause
from edge_nlu.learning.times import day_of, left_after
from edge_nlu.values import DeviceId

# whatever is done so soon after may be done because of it
WITHIN_S: Final = 1800.0
# the same again so soon is still the same: an alarm rings, and rings on
SAME_WITHIN_S: Final = 600.0
KEPT: Final = 256
LATELY: Final = 32


class Causes:
    """What went on, counted so that it fades."""

    def __init__(self) -> None:
        self._counted: dict[Cause, tuple[float, float]] = {}
        self._lately: deque[tuple[float, Cause]] = deque(maxlen=LATELY)

    def add(self, cause: Cause, at: datetime) -> bool:
        """Count that something went on; return False where it only goes on."""
        now, day = at.timestamp(), day_of(at)
        if any(abs(now - when) < SAME_WITHIN_S and other == cause for when, other in self._lately):
            return False
        self._lately.append((now, cause))
        self._counted[cause] = (self.how_often(cause, day) + 1.0, day)
        if len(self._counted) > KEPT:
            del self._counted[min(self._counted, key=lambda one: self.how_often(one, day))]
        return True

    def before(self, at: datetime, *, but: DeviceId = "") -> tuple[Cause, ...]:
        """Return what went on just before a time, the latest first, without what one device did."""
        now = at.timestamp()
        lately = takewhile(lambda one: now - one[0] <= WITHIN_S, reversed(self._lately))
        found = [cause for when, cause in lately if when <= now]
        return tuple([cause for cause in dict.fromkeys(found) if cause.device != but])

    def how_often(self, cause: Cause, day: float) -> float:
        """Return how often something went on, as far as that has not faded by this day."""
        count, since = self._counted.get(cause, (0.0, day))
        return count * left_after(day - since)
