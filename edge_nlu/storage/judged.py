"""Read exchanges as the journal holds them, with what was judged at night of how they went."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from edge_nlu.learning.goals import Judged
from edge_nlu.storage.codec import from_json
from edge_nlu.values import Exchange, Outcome

LIKELY: Final = 0.5
"""How likely something went well, where nobody can tell."""

SINCE: Final = (
    "SELECT number, whole, outcome, well, goal, reached, rephrased, failure, failure_sure FROM exchanges"
    " WHERE whole != '' AND at_s >= ? ORDER BY number"
)


@dataclass(frozen=True, slots=True)
class Said:
    """An exchange by its number, how likely it went well, and why."""

    number: int
    exchange: Exchange
    well: float
    why: str


def exchange_from(whole: str, outcome: str | None) -> Exchange:
    """Return an exchange with what came of it; ValueError where it is of a version not known here."""
    exchange = from_json(whole, Exchange)
    return replace(exchange, outcome=from_json(outcome, Outcome)) if outcome else exchange


def judged_from(rows: Iterable[tuple[Any, ...]]) -> list[Judged]:
    """Return exchanges in the order said; what was not judged yet is a wish of its own."""
    found = []
    for number, whole, outcome, well, goal, reached, *judged in rows:
        likely = LIKELY if well is None else well
        with suppress(ValueError):
            exchange = exchange_from(whole, outcome)
            told = (goal or number, likely if reached is None else reached, likely)
            found.append(Judged(number, exchange, *told, *judged))
    return found
