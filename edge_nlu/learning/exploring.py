"""Choose which acts are worth the question whether they were right.

A question tells most of what was nearly another act and is said again and again; it annoys every time. So it
is asked only of near ties that matter little but come often, mostly not even then, never of anything risky:
that has a question of its own. How likely it was to be asked is kept, so that answers can be weighed.
"""

from __future__ import annotations

from _blake2 import blake2s
from collections.abc import Callable
from datetime import timedelta
from math import log2
from typing import Final

from edge_nlu.values import Act, Exchange

SELDOM: Final = timedelta(days=14)
NEAR: Final = 0.3
"""Who is chosen by less was nearly another."""

PROPENSITY: Final = 0.25
"""So often it is asked where it is worth it."""

ANNOYANCE: Final = 1.5
"""Bits that an answer has to be worth, over all times that the same will be said."""


def propensity(exchange: Exchange, said_before: Callable[[], float]) -> float | None:
    """Return how likely it shall be asked whether a harmless act was right; None where it is not worth it."""
    ranked = exchange.ranked
    if not isinstance(exchange.decision, Act) or len(ranked) < 2:
        return None
    first, second = ranked[0], ranked[1]
    if first.score - second.score >= NEAR or first.commands == second.commands:
        return None
    return PROPENSITY if _bits(first.score) * log2(1 + said_before()) > ANNOYANCE else None


def is_asked(utterance: str, propensity_: float) -> bool:
    """Return whether it is asked of this utterance; chance is what its id says."""
    drawn = int.from_bytes(blake2s(b"asked " + utterance.encode(), digest_size=4).digest(), "big")
    return drawn < propensity_ * 2**32


def _bits(sure: float) -> float:
    """Return what an answer would tell about something that is so sure."""
    if not 0.0 < sure < 1.0:
        return 0.0
    return -sure * log2(sure) - (1 - sure) * log2(1 - sure)
