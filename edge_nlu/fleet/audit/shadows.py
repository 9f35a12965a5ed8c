"""Tell whether a sentence, or a home, was among those that a head was learned from (LiRA).

Many heads are trained, each by a random half of the homes. To each head in turn the others are what an
attacker can make at home: from how sure they are of a sentence when they learned from it, and when they did
not, it is read off which is likelier for this one (Carlini and others, 2022). What counts is how many are
found while hardly anybody is accused in vain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from edge_nlu.fleet.strategy import Dice, Numbers, apart, direction, normal
from edge_nlu.fleet.study.playing import Setting
from edge_nlu.learning.fitting import Arrays, Lessons, Plan, bounded, change, fitted, mean

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

Training: TypeAlias = Callable[[Sequence[Lessons], int], Arrays]
"""Returns the head that these homes make, with the dice of a seed."""

HEADS: Final = 64
IN_VAIN: Final = 0.001
"""So many of those who did not take part may be accused."""

_USUAL: Final = (("learning_rate", 1.0), ("momentum", 0.0))
_RESAMPLES: Final = 1000


class Found(NamedTuple):
    """How well it is told who took part: what one gets wrong of pairs, and whom one finds with few in vain.

    `judged` did not take part, so that is how finely the share accused in vain can be told.
    """

    area: float
    found: float
    found_high: float
    judged: int


def rounds(
    start: Arrays, homes: Sequence[Lessons], setting: Setting, dice: Dice, common: Numbers | None = None
) -> Arrays:
    """Return the head that private rounds make, number for number as the server's, without its messages."""
    privacy = setting.privacy(len(homes))
    assert privacy is not None
    pace, kept = (setting.options.get(f"server_{name}", usual) for name, usual in _USUAL)
    arrays, speed = start, [np.zeros(array.shape) for array in start]
    heads, along = [start], direction(common)
    for _ in range(privacy.rounds):
        asked = np.flatnonzero(dice(len(homes)) < privacy.q)
        total = [np.zeros(array.shape) for array in arrays]
        for home in asked.tolist():
            moved = apart(change(fitted(arrays, homes[home], setting.plan), arrays), along)
            for whole, one in zip(total, bounded(moved, privacy.clip), strict=True):
                whole += one
        noisy = [whole + privacy.noise * privacy.clip * normal(whole.shape, dice) for whole in total]
        means = [whole / (privacy.q * len(homes)) for whole in apart(noisy, along)]
        speed = [kept * one + new for one, new in zip(speed, means, strict=True)]
        arrays = [(array + pace * one).astype(np.float32) for array, one in zip(arrays, speed, strict=True)]
        heads.append(arrays)
    return mean(heads[-setting.last :])


def pooled(start: Arrays, homes: Sequence[Lessons], plan: Plan, seed: int) -> Arrays:
    """Return the head that is learned from all sentences in one place, with nothing that protects."""
    order = np.random.default_rng(seed).permutation(sum(map(len, homes)))
    inputs = np.concatenate([home.inputs for home in homes])[order]
    return fitted(start, Lessons(inputs, np.concatenate([home.wanted for home in homes])[order]), plan)


def attacked(homes: Sequence[Lessons], training: Training, heads: int = HEADS) -> tuple[Found, Found]:
    """Return how well sentences, and how well homes, are found in heads that are trained in this way."""
    present = np.stack([_half(len(homes), seed) for seed in range(heads)])
    inputs = np.concatenate([home.inputs for home in homes])
    wanted = np.concatenate([home.wanted for home in homes])
    of_home = np.repeat(np.arange(len(homes)), [len(home) for home in homes])
    sure = np.stack(
        [
            _sure(training([homes[one] for one in np.flatnonzero(those).tolist()], seed), inputs, wanted)
            for seed, those in enumerate(present)
        ]
    )
    likelier = _likelier(sure, present[:, of_home])
    of_homes = np.zeros(present.shape)
    for head, each in enumerate(likelier):
        of_homes[head] = np.bincount(of_home, each, len(homes))
    return _found(likelier, present[:, of_home]), _found(of_homes, present)


def _half(homes: int, seed: int) -> Flags:
    """Return which homes take part: as many as do not, so that every head has as many."""
    present = np.zeros(homes, bool)
    present[np.random.default_rng(seed).permutation(homes)[: homes // 2]] = True
    return present


def _sure(head: Arrays, inputs: npt.NDArray[np.float32], wanted: npt.NDArray[np.int64]) -> Floats:
    """Return how much surer a head is of what was meant than of all else, on the scale of log odds."""
    scores = (inputs @ head[0].T + head[1]).astype(np.float64)
    each = np.arange(len(wanted))
    own = scores[each, wanted]
    scores[each, wanted] = -np.inf
    most = scores.max(1)
    sure: Floats = own - most - np.log(np.exp(scores - most[:, None]).sum(1))
    return sure


def _likelier(sure: Floats, present: Flags) -> Floats:
    """Return for each head and sentence how much likelier it is that it took part, as other heads tell."""
    told = np.zeros_like(sure)
    for took_part, sign in ((present, 1.0), (~present, -1.0)):
        others = np.maximum(took_part.sum(0) - took_part, 2)
        mean = ((sure * took_part).sum(0) - sure * took_part) / others
        square = ((sure**2 * took_part).sum(0) - sure**2 * took_part) / others
        variance = np.maximum(square - mean**2, 1e-6)
        # one width for all sentences of a head: of few other heads none is told well
        width = variance.mean(1, keepdims=True)
        told += sign * (-((sure - mean) ** 2) / (2 * width) - np.log(width) / 2)
    return told


def _found(likelier: Floats, present: Flags) -> Found:
    """Return how well those that took part are told from the others, over all heads."""
    inside, outside = likelier[present], np.sort(likelier[~present])
    area = np.searchsorted(outside, inside).mean() / len(outside)
    bar = outside[int(np.ceil((1 - IN_VAIN) * len(outside))) - 1]
    of_heads = np.array(
        [((each > bar) & those).sum() / those.sum() for each, those in zip(likelier, present, strict=True)]
    )
    rng = np.random.default_rng(0)
    drawn = of_heads[rng.integers(len(of_heads), size=(_RESAMPLES, len(of_heads)))].mean(1)
    return Found(float(area), float((inside > bar).mean()), float(np.percentile(drawn, 97.5)), len(outside))
