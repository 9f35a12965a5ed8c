"""Fit what a home can train itself: a softmax layer over embeddings, or weights for a choice.

How much one example may move the numbers can be bounded. The slope of a layer at one example is its error
times its input, so its length is known without the slope being built, and bounding it costs one pass over the
errors. `fitted` gives the same numbers for the same lessons anywhere: nothing in it is left to chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float32]
Arrays: TypeAlias = list[Array]
"""Of a layer: weights (classes, width) and bias (classes,); of a choice: weights (width,)."""

# what does not count as a candidate is as good as never chosen
_NEVER: Final = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class Lessons:
    """What there is to learn from, the order kept.

    `inputs` are (lessons, width) for a layer, and `wanted` the class of each; for a choice they are (lessons,
    candidates, width), and `wanted` tells which candidate was right. Where some have fewer candidates,
    `counted` tells which there are.
    """

    inputs: Array
    wanted: npt.NDArray[np.int64]
    counted: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.wanted)

    def at(self, rows: npt.NDArray[np.int64]) -> Lessons:
        """Return the lessons in these rows."""
        counted = None if self.counted is None else self.counted[rows]
        return Lessons(self.inputs[rows], self.wanted[rows], counted)


class Plan(NamedTuple):
    """How to train at home: how often, how many at once, how fast; `clip` bounds the slope of each example.

    `pull` holds the numbers near those that the fleet began with. Nothing is bounded or held where it is 0.
    """

    epochs: int = 2
    lot: int = 32
    pace: float = 0.5
    clip: float = 0.0
    pull: float = 0.0


def fitted(arrays: Sequence[Array], lessons: Lessons, plan: Plan) -> Arrays:
    """Return what the numbers become with these lessons."""
    learner: Layer | Choice = (Layer if lessons.inputs.ndim == 2 else Choice)(arrays, plan)
    order = np.arange(len(lessons))
    for epoch in range(plan.epochs):
        # so that a lot is not made of the same lessons every time
        turned = np.roll(order, -epoch * (plan.lot // 2))
        for begin in range(0, len(order), plan.lot):
            learner.step(lessons.at(turned[begin : begin + plan.lot]))
    return learner.arrays


def change(new: Sequence[Array], old: Sequence[Array]) -> Arrays:
    """Return how far the numbers have moved."""
    return [one - other for one, other in zip(new, old, strict=True)]


def bounded(moved: Sequence[Array], bound: float) -> Arrays:
    """Return the same change, no longer than the bound: so much can a whole home matter."""
    length = sqrt(sum(float(np.vdot(array, array)) for array in moved))
    share = np.float32(min(1.0, bound / length) if length else 1.0)
    return [array * share for array in moved]


class Layer:
    """A softmax layer that learns in place."""

    def __init__(self, start: Sequence[Array], plan: Plan) -> None:
        weights, bias = (np.array(array, np.float32, order="C") for array in start)
        self.arrays = [weights, bias]
        self._start = [array * np.float32(plan.pace * plan.pull) for array in self.arrays]
        self._plan = plan
        self._slope = np.empty_like(weights)
        self._odds = np.empty((len(bias), plan.lot), np.float32)

    def step(self, lot: Lessons) -> None:
        """Take one step with at most as many lessons as the plan has in a lot."""
        weights, bias = self.arrays
        several, each = len(lot), np.arange(len(lot))
        # one column a lesson: then largest and sum are taken of whole rows at a time
        odds = self._odds if several == self._odds.shape[1] else np.empty((len(bias), several), np.float32)
        np.matmul(weights, lot.inputs.T, out=odds)
        odds += bias[:, None]
        odds -= odds.max(0)
        np.exp(odds, out=odds)
        right = odds[lot.wanted, each]
        # what is wrong is summed up without what is right: no digit of a small error is lost in it
        odds[lot.wanted, each] = 0
        wrong = odds.sum(0)
        odds[lot.wanted, each] = -wrong
        whole = wrong + right
        counts = np.full(several, self._plan.pace / several, np.float32)
        if self._plan.clip:
            # the input of the bias is 1
            squares = np.einsum("ij,ij->i", lot.inputs, lot.inputs) + 1
            counts *= _share(np.einsum("ij,ij->j", odds, odds) / whole**2 * squares, self._plan.clip)
        odds *= counts / whole
        np.matmul(odds, lot.inputs, out=self._slope)
        weights -= self._slope
        bias -= odds.sum(1)
        _pull(self.arrays, self._start, self._plan)


class Choice:
    """Weights for a choice among candidates that learn in place."""

    def __init__(self, start: Sequence[Array], plan: Plan) -> None:
        self.arrays = [np.array(array, np.float32) for array in start]
        self._start = [array * np.float32(plan.pace * plan.pull) for array in self.arrays]
        self._plan = plan

    def step(self, lot: Lessons) -> None:
        """Take one step with these lessons."""
        (weights,) = self.arrays
        odds = lot.inputs @ weights
        if lot.counted is not None:
            odds[~lot.counted] = _NEVER
        odds -= odds.max(1, keepdims=True)
        np.exp(odds, out=odds)
        odds /= odds.sum(1, keepdims=True)
        odds[np.arange(len(lot)), lot.wanted] -= 1
        slopes = np.matmul(odds[:, None, :], lot.inputs)[:, 0]
        counts = np.full(len(lot), self._plan.pace / len(lot), np.float32)
        if self._plan.clip:
            counts *= _share(np.einsum("ij,ij->i", slopes, slopes), self._plan.clip)
        weights -= counts @ slopes
        _pull(self.arrays, self._start, self._plan)


def _share(square: Array, clip: float) -> Array:
    """Return how much of each slope counts, by the square of its length."""
    # of a lesson that is known to the last digit there is no slope to divide by
    length = np.sqrt(np.maximum(square, np.float32(1e-30)))
    share: Array = np.minimum(np.float32(1), np.float32(clip) / length)
    return share


def _pull(arrays: Arrays, start: Arrays, plan: Plan) -> None:
    """Draw the numbers to where they began, which no pull overshoots."""
    if plan.pull:
        for array, first in zip(arrays, start, strict=True):
            array += first
            array /= np.float32(1 + plan.pace * plan.pull)
