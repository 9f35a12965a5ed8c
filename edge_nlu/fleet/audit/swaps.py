"""Teach a head that who is spoken of does not matter, and see what comes of it.

A student learns from what a teacher makes of each sentence. In the counterfactual way it is shown the same
sentence as others would say it, too, and for both what the teacher makes of them on average (Gupta and
others, 2022). That is known to help where words are made up, and not always where they are read, so it is
judged by the end: how often the student changes its mind when others say the same, before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from edge_nlu.fleet.audit.wordings import SWAPS
from edge_nlu.learning.fitting import Array, Arrays, Lessons, hits
from edge_nlu.values import Example

Embed: TypeAlias = Callable[[Sequence[str]], Array]

STEPS: Final = 120
PACE: Final = 0.3
MOMENTUM: Final = 0.9


class Swapped(NamedTuple):
    """Sentences as some say them and as others do, two and two: their rows among all, and which others."""

    rows: npt.NDArray[np.int64]
    whose: npt.NDArray[np.int64]
    some: Array
    others: Array


class Effect(NamedTuple):
    """Shares of sentences that are read otherwise when swapped, and accuracy, before and after."""

    n: int
    flips_before: float
    flips_after: float
    accuracy_before: float
    accuracy_after: float


class Pair(NamedTuple):
    """The row of a sentence, which others say it, as some say it, and as those others do."""

    row: int
    whose: int
    some: str
    others: str


def pairs_of(examples: Sequence[Example], by: str, each: int) -> list[Pair]:
    """Return what others say otherwise, each sentence in at most so many ways."""
    some, others = SWAPS[by]
    return [
        Pair(row, whose, said, instead)
        for row, example in enumerate(examples)
        for said in [some(example, row)]
        for at in range(min(each, len(others)))
        for whose in [(row + at) % len(others)]
        if (instead := others[whose](example, row)) != said
    ]


def swapped(pairs: Sequence[Pair], embed: Embed) -> Swapped:
    """Return the embeddings of both."""
    rows, whose, some, others = zip(*pairs, strict=True)
    return Swapped(np.array(rows), np.array(whose), embed(some), embed(others))


def students(teacher: Arrays, taught: Lessons, pairs: Sequence[Swapped]) -> tuple[Arrays, Arrays]:
    """Return a student of the plain way, and one of the counterfactual way."""
    told = odds(teacher, taught.inputs)
    some, others = (np.concatenate([getattr(one, side) for one in pairs]) for side in ("some", "others"))
    mean = (odds(teacher, some) + odds(teacher, others)) / 2
    fair = student(np.concatenate([taught.inputs, some, others]), np.concatenate([told, mean, mean]))
    return student(taught.inputs, told), fair


def student(inputs: Array, wanted: Array) -> Arrays:
    """Return a head that gives each class the share that is wanted."""
    weights: Array = np.zeros((wanted.shape[1], inputs.shape[1]), np.float32)
    bias: Array = np.zeros(wanted.shape[1], np.float32)
    speed, bias_speed = np.zeros_like(weights), np.zeros_like(bias)
    for _ in range(STEPS):
        wrong: Array = (odds([weights, bias], inputs) - wanted) / np.float32(len(inputs))
        speed = MOMENTUM * speed - PACE * (wrong.T @ inputs)
        bias_speed = MOMENTUM * bias_speed - PACE * wrong.sum(0)
        weights, bias = weights + speed, bias + bias_speed
    return [weights, bias]


def odds(head: Arrays, inputs: Array) -> Array:
    """Return how likely a head takes each class to be."""
    scores = inputs @ head[0].T + head[1]
    told: Array = np.exp(scores - scores.max(1, keepdims=True))
    told /= told.sum(1, keepdims=True)
    return told


def effect(plain: Arrays, fair: Arrays, judged: Lessons, pairs: Swapped) -> Effect:
    """Return what the counterfactual way changes, for sentences that nobody learned from."""
    heads = (plain, fair)
    right = [float(hits(head, judged).mean()) for head in heads]
    return Effect(len(pairs.rows), *(flips(head, pairs) for head in heads), *right)


def flips(head: Arrays, pairs: Swapped) -> float:
    """Return the share of pairs that a head reads otherwise."""
    return float((odds(head, pairs.some).argmax(1) != odds(head, pairs.others).argmax(1)).mean())
