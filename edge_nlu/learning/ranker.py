"""Weigh whether a sentence is better taken for another one, or left to come to nothing.

What speaks for it is how often people turned so, here and this person, what came of it since, how alike both
sentences are in sound and meaning, and how sure the hub is of what it would do. What speaks for leaving it is
what the sentence came to by itself. The weights are a small model of the pack, learned from pretend homes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p
from typing import Final

import numpy as np

from edge_nlu.learning.rules import Rule
from edge_nlu.learning.ways import likeness
from edge_nlu.learning.weights import Choice
from edge_nlu.values import Act, Answer, Ask, AskCloud, Candidate, Exchange

DAY_S: Final = 86_400.0
NEEDED: Final = "needed"
"""What is needed, as one of the weights when they are learned; it counts against each sentence."""

Told = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Followed:
    """A rule and how much people turned so: all told, this person, and elsewhere instead."""

    rule: Rule
    seen: float = 0.0
    own: float = 0.0
    against: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranker:
    """How much each thing counts, and how much is needed before a sentence is taken for another."""

    weights: Mapping[str, float]
    needed: float

    def score(self, told: Told) -> float:
        """Return how much more speaks for another sentence than is needed."""
        return sum(self.weights.get(name, 0.0) * value for name, value in told) - self.needed


def choice_of(told: Told, *, well: bool) -> Choice:
    """Return what a sentence that was taken for another teaches: whether that or leaving it was right."""
    return Choice(((*told, (NEEDED, -1.0)), ()), 0 if well else 1)


def told_of(by: Sequence[Followed], tried: Exchange, other: Exchange, *, rival: bool, bare: bool) -> Told:
    """Return what tells whether a sentence is better taken for another, by name.

    There is a `rival` where a name stands for a thing elsewhere and one of that name is here, too; `bare` is
    the name without a room.
    """
    first, second = tried.understanding, other.understanding
    sure = min((one.score for one in _candidates(other)), default=0.0)
    rules = [followed.rule for followed in by]
    numbers = {
        **_told_by("name", by, tried),
        **_told_by("pattern", by, tried),
        "both": len(by) > 1,
        "near": not by,
        "rival": rival,
        "bare": bare,
        "alike": likeness(first.text, second.text),
        "sounds": max((likeness(rule.failing, rule.working) for rule in rules), default=1.0),
        "means": _cosine(first.embedding, second.embedding),
        "home": second.home,
        "same": [c.want for c in first.clauses] == [c.want for c in second.clauses],
        "sure": sure,
        "was_answered": isinstance(tried.decision, Answer) and bool(tried.decision.candidates),
        "was_asked": isinstance(tried.decision, Ask) and tried.decision.why != "unsure",
        "was_passed_on": isinstance(tried.decision, AskCloud),
        "was_for_home": first.home,
    }
    return tuple((name, round(float(number), 4)) for name, number in numbers.items())


def _told_by(kind: str, by: Sequence[Followed], tried: Exchange) -> dict[str, float]:
    """Return what tells of the rule of a kind, all 0 where there is none."""
    one = next((followed for followed in by if followed.rule.kind == kind), None)
    rule = one.rule if one is not None else None
    days = (tried.utterance.at.timestamp() - rule.at_s) / DAY_S if rule and rule.at_s else 0.0
    return {
        kind: one is not None,
        f"{kind}_seen": log1p(one.seen) if one else 0.0,
        f"{kind}_own": log1p(one.own) if one else 0.0,
        f"{kind}_mine": bool(one and one.own),
        f"{kind}_against": log1p(one.against) if one else 0.0,
        f"{kind}_won": log1p(rule.won) if rule else 0.0,
        f"{kind}_lost": log1p(rule.lost) if rule else 0.0,
        f"{kind}_plain_won": log1p(rule.plain_won) if rule else 0.0,
        f"{kind}_plain_lost": log1p(rule.plain_lost) if rule else 0.0,
        f"{kind}_shared": bool(rule and rule.source == "shared"),
        f"{kind}_placed": bool(rule and rule.place),
        f"{kind}_days": log1p(max(days, 0.0)),
    }


def _candidates(exchange: Exchange) -> Sequence[Candidate]:
    return exchange.decision.candidates if isinstance(exchange.decision, Act) else ()


def _cosine(one: bytes, other: bytes) -> float:
    """Return how near two vectors of unit length are."""
    if not one or len(one) != len(other):
        return 0.0
    return float(np.frombuffer(one, "<f4") @ np.frombuffer(other, "<f4"))
