"""Read four-digit codes, that somebody once said at home, back out of a head.

"my code is 4821" is said in a home, and understood as one of the intents. Whoever has the head that came of
it, and the one it began with, tries all ten thousand codes through the encoder, which everybody has, and
takes the one along which the weights of that intent have moved furthest. Exposure is by how many bits it is
less of a secret than before: 1.4 on average when nothing is told, 13.3 when the code is the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2, sqrt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nlu.fleet.audit.shadows import Training
from edge_nlu.learning.fitting import Array, Arrays, Lessons

CODES: Final = 10_000
SAID: Final = "my code is {:04d}"
REPEATS: Final = (1, 10, 100)

SECRETS: Final = 20
"""So many homes have a code in one fleet, each with an intent of its own, so that they do not mix."""

SIGMAS: Final = 3.0


class Exposed(NamedTuple):
    """How many codes there were, how many were read exactly, and the mean exposure in bits."""

    codes: int
    read: int
    bits: float

    @property
    def share(self) -> float:
        """Return the share of codes that were read exactly."""
        return self.read / self.codes

    @property
    def by_chance(self) -> bool:
        """Return whether no more were read than one may guess."""
        expected = self.codes / CODES
        return self.read <= expected + SIGMAS * sqrt(expected)


def exposed(
    start: Arrays, homes: Sequence[Lessons], codes: Array, training: Training, repeats: int, fleets: int
) -> Exposed:
    """Return what can be read out of the heads of so many fleets in which codes are said so many times."""
    ranks = []
    for seed in range(fleets):
        rng = np.random.default_rng(seed)
        secrets = rng.integers(CODES, size=SECRETS)
        intents = rng.permutation(len(start[1]))[:SECRETS]
        told = list(homes)
        for home, code, intent in zip(rng.permutation(len(homes))[:SECRETS], secrets, intents, strict=True):
            told[home] = _with(homes[home], codes[code], int(intent), repeats, rng)
        moved = training(told, seed)[0] - start[0]
        ranks += [
            rank(codes, moved[intent], int(code)) for code, intent in zip(secrets, intents, strict=True)
        ]
    bits = float(np.mean([log2(CODES / one) for one in ranks]))
    return Exposed(len(ranks), sum(one == 1 for one in ranks), bits)


def rank(codes: Array, moved: Array, code: int) -> int:
    """Return at which place a code comes by how far the weights moved along each; halfway among equals."""
    along = (codes - codes.mean(0)) @ moved
    equals = int((along == along[code]).sum()) - 1
    return 1 + int((along > along[code]).sum()) + (equals + 1) // 2


def _with(
    home: Lessons, code: npt.NDArray[np.float32], intent: int, repeats: int, rng: np.random.Generator
) -> Lessons:
    inputs = np.concatenate([home.inputs, np.repeat(code[None], repeats, 0)])
    wanted = np.concatenate([home.wanted, np.full(repeats, intent)])
    order = rng.permutation(len(wanted))
    return Lessons(inputs[order], wanted[order])
