"""Tell which exchanges belong to one wish, and how likely it was reached in the end.

This is judged at night, when it is known what came next. Where a pack has no model for it, what each verdict
says is put together here: what was said anew, said again or taken back belongs to the wish that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from edge_nlu.learning.hearing import words_of
from edge_nlu.learning.judge import acted, failed, of_one_person, took_back
from edge_nlu.learning.rewording import WITHIN, leans, like, wording
from edge_nlu.learning.verdicts import LONGEST
from edge_nlu.values import Act, Answer, Ask, Exchange

CORRECT: Final = "correct"
FALSE_WAKE: Final = "false wake"
HEARD: Final = "heard wrong"
UNDERSTOOD: Final = "understood wrong"
NOT_FOUND: Final = "thing not found"
RESULT: Final = "result wrong"
STAGES: Final = (FALSE_WAKE, HEARD, UNDERSTOOD, NOT_FOUND, RESULT)
"""Where an exchange can fail, in the order in which a sentence comes by."""

# said about an answer, and no wish of its own
_ASIDES: Final = frozenset(["undo", "deny", "confirm", "cancel", "leave", "none"])


@dataclass(frozen=True, slots=True)
class Judged:
    """An exchange with the wish that it belongs to.

    `goal` is the number of the exchange that the wish began with, `reached` how likely it came true in the
    end, `worked` how likely this very exchange did it, `rephrased` the id of the later one that says it anew.
    `failure` is the first stage that failed, None where nobody can tell.
    """

    number: int
    exchange: Exchange
    goal: int
    reached: float
    worked: float
    rephrased: str | None = None
    failure: str | None = None
    failure_sure: float | None = None


def by_verdicts(turns: Iterable[tuple[int, Exchange, float]]) -> list[Judged]:
    """Return exchanges with their wishes; each comes with its number and how likely it went well."""
    goals: dict[int, list[tuple[int, Exchange, float]]] = {}
    last: dict[str, int] = {}
    for number, exchange, well in turns:
        satellite = exchange.utterance.satellite
        goal = goals.get(last.get(satellite, -1))
        if goal is None or not _goes_on(goal, exchange):
            goal = goals[number] = []
            last[satellite] = number
        goal.append((number, exchange, well))
    return sorted(
        (one for begun, goal in goals.items() for one in _judged(begun, goal)), key=lambda one: one.number
    )


def is_aside(exchange: Exchange) -> bool:
    """Return whether something was said about an answer, and nothing was wished for."""
    clauses = exchange.understanding.clauses
    return bool(clauses) and all(clause.want in _ASIDES for clause in clauses)


def answered(exchange: Exchange) -> bool:
    """Return whether an exchange did something, or told what was asked."""
    return acted(exchange) or (isinstance(exchange.decision, Answer) and not failed(exchange))


def _goes_on(goal: Sequence[tuple[int, Exchange, float]], exchange: Exchange) -> bool:
    """Return whether an exchange is about the wish of those before it at its satellite."""
    latest = goal[-1][1]
    gone = exchange.utterance.at - latest.utterance.at
    if not -LONGEST <= gone <= LONGEST or not of_one_person(latest.utterance, exchange.utterance):
        return False
    if is_aside(exchange) or leans(exchange):
        return True
    wished = next((one for _, one, _ in reversed(goal) if not is_aside(one)), latest)
    if wording(wished.utterance.text) == wording(exchange.utterance.text):
        return True
    if (
        isinstance(wished.decision, Ask)
        or failed(wished)
        or (wished is not latest and took_back(latest, wished))
    ):
        return like(wished, exchange)
    return gone <= WITHIN and _same_things(wished, exchange)


def _same_things(one: Exchange, other: Exchange) -> bool:
    """Return whether both are about the very same things, and alike in words, and did something else."""
    if not isinstance(one.decision, Act | Answer) or not isinstance(other.decision, Act):
        return False
    own, then = set(words_of(one.utterance.text)), set(words_of(other.utterance.text))
    things = [
        {d for c in decision.candidates for d in c.devices} for decision in (one.decision, other.decision)
    ]
    done = one.decision.commands if isinstance(one.decision, Act) else ()
    return (
        things[0] == things[1] != set()
        and 2 * len(own & then) >= min(len(own), len(then))
        and done != other.decision.commands
    )


def _judged(begun: int, goal: Sequence[tuple[int, Exchange, float]]) -> Iterator[Judged]:
    wishes = [one for one in goal if not is_aside(one[1])]
    reached = (wishes or goal)[-1][2]
    anew = {number: later[1].utterance.id for (number, *_), later in pairwise(wishes)}
    for number, exchange, well in goal:
        disobeyed = isinstance(exchange.decision, Act) and bool(exchange.outcome.failed)
        failure = (RESULT, 1.0) if disobeyed else (None, None)
        yield Judged(number, exchange, begun, reached, well, anew.get(number), *failure)
