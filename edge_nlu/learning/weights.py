"""Learn how much each piece of evidence weighs, from situations in which the right device is known.

A situation is a choice among devices, each with its evidence as numbers by name. The weights are
those under which the right ones were likeliest; a pull towards the weights in use keeps a home that
has little to tell from running away. A dozen numbers come out: a hub can learn them again in a
moment, and a fleet can average them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge_nlu.learning.fitting import Lessons
from edge_nlu.learning.labels import Label
from edge_nlu.values import Exchange

Evidence = Sequence[tuple[str, float]]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """The evidence for each device that could have been meant, and which of them was."""

    evidence: tuple[Evidence, ...]
    right: int


def choice_of(label: Label, exchange: Exchange, weights: Mapping[str, float]) -> Choice | None:
    """Return the choice that somebody's wish was, where it was read rightly and its device is known.

    The evidence is what the exchange tells as reasons, weighed with the weights that were in use.
    """
    ranked = exchange.ranked
    named = [candidate.devices for candidate in ranked]
    meant = tuple(dict.fromkeys(command.device for command in label.commands))
    alone = len(meant) == 1 and named.count(meant) == 1 and all(named.count(one) == 1 for one in named)
    if not alone or len(ranked) < 2 or label.meant != label.read or len({one.wish for one in ranked}) > 1:
        return None
    told = tuple(
        tuple(
            (one.name, one.weight / weight) for one in candidate.because if (weight := weights.get(one.name))
        )
        for candidate in ranked
    )
    return Choice(told, named.index(meant))


def lessons_of(choices: Sequence[Choice], names: Sequence[str]) -> Lessons:
    """Return choices as rows of numbers, a column for each of these names."""
    most = max((len(choice.evidence) for choice in choices), default=1)
    at = {name: column for column, name in enumerate(names)}
    inputs = np.zeros((len(choices), most, len(names)), np.float32)
    counted = np.zeros((len(choices), most), np.bool_)
    for row, choice in enumerate(choices):
        counted[row, : len(choice.evidence)] = True
        for candidate, evidence in enumerate(choice.evidence):
            for name, amount in evidence:
                if name in at:
                    inputs[row, candidate, at[name]] += amount
    return Lessons(inputs, np.array([choice.right for choice in choices], np.int64), counted)


def learn_weights(
    choices: Sequence[Choice], start: Mapping[str, float], *, pull: float = 1e-3, rounds: int = 300
) -> dict[str, float]:
    """Return the weights that make the right choices likeliest, starting from those in use."""
    names = sorted(start)
    at = {name: column for column, name in enumerate(names)}
    rows = [evidence for choice in choices for evidence in choice.evidence]
    table = np.zeros((len(rows), len(names)))
    for row, evidence in enumerate(rows):
        for name, amount in evidence:
            if name in at:
                table[row, at[name]] += amount
    sizes = np.array([len(choice.evidence) for choice in choices])
    begins = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int)
    right = begins + np.array([choice.right for choice in choices], int)
    first = np.array([start[name] for name in names])
    weights = _descend(table, sizes, begins, right, first, pull, rounds)
    return {name: round(float(weights[at[name]]), 4) for name in names}


def _descend(
    table: Array,
    sizes: npt.NDArray[np.int64],
    begins: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    first: Array,
    pull: float,
    rounds: int,
) -> Array:
    """Return the weights after so many steps of a gradient descent that keeps a momentum."""
    weights, speed, mean_square = first.copy(), np.zeros_like(first), np.zeros_like(first)
    for step in range(1, rounds + 1):
        likely = _likely(table @ weights, sizes, begins)
        slope = (table.T @ likely - table[right].sum(0)) / len(sizes) + pull * (weights - first)
        speed = 0.9 * speed + 0.1 * slope
        mean_square = 0.99 * mean_square + 0.01 * slope**2
        pace = speed / (1 - 0.9**step)
        weights = weights - 0.1 * pace / (np.sqrt(mean_square / (1 - 0.99**step)) + 1e-8)
    return weights


def _likely(sums: Array, sizes: npt.NDArray[np.int64], begins: npt.NDArray[np.int64]) -> Array:
    """Return how likely each device is within its own choice."""
    top = np.repeat(np.maximum.reduceat(sums, begins), sizes)
    grown = np.exp(sums - top)
    whole: Array = grown / np.repeat(np.add.reduceat(grown, begins), sizes)
    return whole
