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

# further from 0 the squares of odds, or a sum of them, could be more than a number holds
_SAFE: Final = 30.0
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

    def at(self, rows: slice) -> Lessons:
        """Return the lessons in these rows, not copied."""
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
    ready = learner.ready(lessons)
    for epoch in range(plan.epochs):
        # begun elsewhere each time, so that lots are not made of the same lessons
        for end in range(plan.lot - epoch * (plan.lot // 2) % plan.lot, len(ready) + plan.lot, plan.lot):
            if len(lot := ready.at(slice(max(end - plan.lot, 0), end))):
                learner.step(lot)
    return learner.arrays


def change(new: Sequence[Array], old: Sequence[Array]) -> Arrays:
    """Return how far the numbers have moved."""
    return [one - other for one, other in zip(new, old, strict=True)]


def length(moved: Sequence[Array]) -> float:
    """Return how far all numbers together have moved."""
    return sqrt(sum(float(np.vdot(array, array)) for array in moved))


def bounded(moved: Sequence[Array], bound: float) -> Arrays:
    """Return the same change, no longer than the bound: so much can a whole home matter."""
    far = length(moved)
    share = np.float32(min(1.0, bound / far) if far else 1.0)
    return [array * share for array in moved]


def mean(several: Sequence[Arrays]) -> Arrays:
    """Return the mean, number by number."""
    return [np.mean(same, axis=0) for same in zip(*several, strict=True)]


def hits(arrays: Sequence[Array], lessons: Lessons) -> npt.NDArray[np.bool_]:
    """Return which lessons the numbers get right."""
    odds = lessons.inputs @ arrays[0].T
    if len(arrays) > 1:
        odds = odds + arrays[1]
    if lessons.counted is not None:
        odds = np.where(lessons.counted, odds, -np.inf)
    return np.asarray(odds.argmax(1) == lessons.wanted)


class Layer:
    """A softmax layer that learns in place; its bias is the weights of an input that is always 1."""

    def __init__(self, start: Sequence[Array], plan: Plan) -> None:
        weights, bias = start
        self._weights = np.column_stack([weights, bias]).astype(np.float32)
        self._start = self._weights * np.float32(plan.pace * plan.pull)
        self._plan = plan
        self._slope = np.empty_like(self._weights)
        self._odds = np.empty((len(bias), plan.lot), np.float32)
        self._ones = np.ones(len(bias), np.float32)
        self._each = np.arange(plan.lot)

    @property
    def arrays(self) -> Arrays:
        """Return the numbers as they are now."""
        return [self._weights[:, :-1].copy(), self._weights[:, -1].copy()]

    @staticmethod
    def ready(lessons: Lessons) -> Lessons:
        """Return the lessons with the input that is always 1."""
        ones = np.ones((len(lessons), 1), np.float32)
        return Lessons(np.hstack([lessons.inputs, ones]), lessons.wanted)

    def step(self, lot: Lessons) -> None:
        """Take one step with at most as many lessons as the plan has in a lot."""
        several = len(lot)
        # one column a lesson: what is of a lesson is a row then, and goes over all classes at a time
        odds = self._odds if several == self._plan.lot else np.empty((len(self._ones), several), np.float32)
        np.matmul(self._weights, lot.inputs.T, out=odds)
        if odds.max() > _SAFE or odds.min() < -_SAFE:
            odds -= odds.max(0)
        np.exp(odds, out=odds)
        whole = self._ones @ odds
        at = lot.wanted * several
        at += self._each[:several]
        odds.reshape(-1)[at] -= whole
        if self._plan.clip:
            length = np.sqrt((self._ones @ np.square(odds)) * np.vecdot(lot.inputs, lot.inputs))
            # longer ones are divided by more, down to the bound
            np.maximum(whole, length / self._plan.clip, out=whole)
        odds *= self._plan.pace / several / whole
        np.matmul(odds, lot.inputs, out=self._slope)
        self._weights -= self._slope
        _pull(self._weights, self._start, self._plan)


class Choice:
    """Weights for a choice among candidates that learn in place."""

    def __init__(self, start: Sequence[Array], plan: Plan) -> None:
        (weights,) = start
        self._weights = np.array(weights, np.float32)
        self._start = self._weights * np.float32(plan.pace * plan.pull)
        self._plan = plan

    @property
    def arrays(self) -> Arrays:
        """Return the numbers as they are now."""
        return [self._weights.copy()]

    @staticmethod
    def ready(lessons: Lessons) -> Lessons:
        """Return the lessons as they are."""
        return lessons

    def step(self, lot: Lessons) -> None:
        """Take one step with these lessons."""
        odds = lot.inputs @ self._weights
        if lot.counted is not None:
            odds[~lot.counted] = _NEVER
        odds -= odds.max(1, keepdims=True)
        np.exp(odds, out=odds)
        odds /= odds.sum(1, keepdims=True)
        odds[np.arange(len(lot)), lot.wanted] -= 1
        slopes = np.matmul(odds[:, None, :], lot.inputs)[:, 0]
        if self._plan.clip:
            length = np.sqrt(np.vecdot(slopes, slopes))
            slopes /= np.maximum(1, length / self._plan.clip)[:, None]
        self._weights -= self._plan.pace * slopes.mean(0)
        _pull(self._weights, self._start, self._plan)


def _pull(weights: Array, start: Array, plan: Plan) -> None:
    """Draw the weights to where they began, which no pull overshoots."""
    if plan.pull:
        weights += start
        weights /= np.float32(1 + plan.pace * plan.pull)
