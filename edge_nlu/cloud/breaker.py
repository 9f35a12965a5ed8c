"""Leave a service alone that fails: after some failures it rests, then one question tries it again.

    closed ── FAILURES in a row ──► open ── the rest is over ──► half open ── an answer ──► closed
                                      ▲──────── a failure, twice as long ────────┘

While it is open nobody waits for the deadline in vain: the hub answers by itself at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

FAILURES: Final = 3
FIRST_REST_S: Final = 5.0
LONGEST_REST_S: Final = 300.0


@dataclass(slots=True)
class Breaker:
    """How a service did lately; times are those of the clock on the wall, so they outlive a restart."""

    rest_until: float = 0.0
    failures: int = 0
    trying: bool = False

    def __post_init__(self) -> None:
        if self.rest_until:
            self.failures = FAILURES

    def state(self, now: float) -> Literal["closed", "open", "half open"]:
        """Return whether it is asked as ever, left alone, or tried by one question."""
        if self.failures < FAILURES:
            return "closed"
        # no rest is longer than the longest, so it was the clock that leapt
        return "open" if 0 < self.rest_until - now <= LONGEST_REST_S else "half open"

    def lets_ask(self, now: float) -> bool:
        """Return whether to ask now; when it is tried again, one question is enough."""
        state = self.state(now)
        if state == "closed":
            return True
        if state == "open" or self.trying:
            return False
        self.trying = True
        return True

    def answered(self) -> None:
        """Take note of an answer."""
        self.failures, self.rest_until, self.trying = 0, 0.0, False

    def failed(self, now: float) -> None:
        """Take note that none came."""
        self.failures, self.trying = self.failures + 1, False
        if self.failures >= FAILURES:
            # the exponent is bounded: a service may be away for months
            rest = FIRST_REST_S * 2.0 ** min(self.failures - FAILURES, 10)
            self.rest_until = now + min(rest, LONGEST_REST_S)
