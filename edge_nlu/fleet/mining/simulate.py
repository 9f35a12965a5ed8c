"""What a threshold keeps in, and what it costs: canaries, coverage, and how well weeks are told.

Everything goes through the very functions that draw and decide for a fleet. A pretend home says pairs as
often as a real recogniser got words wrong (counted on recordings); how many it says is assumed, and a fleet
of real homes will differ in that.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_nlu.errors import DataError
from edge_nlu.fleet.mining.mine import shares
from edge_nlu.fleet.mining.threshold import COUNTS, Laplace, best, lone_chance, named
from edge_nlu.learning.goals import CORRECT
from edge_nlu.learning.sharing import FEWEST
from edge_nlu.wire.pairs import PLACES, WHOLE, Week

CONFUSIONS: Final = Path("asr", "confusions.jsonl.gz")
EPOCHS: Final = (1, 6, 12)
CONTROL_DELTA: Final = 0.01
_AT_ONCE: Final = 1_000_000
# of a pretend home's sentences, a week
SAID: Final = 140
_FAILING: Final = (0.01, 0.03, 0.02, 0.02, 0.005, 0.005, 0.91)

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Promise:
    """What a home is promised in an epoch, and how many pairs it may name."""

    epsilon: float
    delta: float
    most: int


def canaries(trials: int, promise: Promise) -> Figures:
    """Return how often something gets through a count that one home alone says, with all it may say.

    In both counts of each of so many trials: of its digests, and of its words.
    """
    one = (promise.epsilon, promise.delta, promise.most)
    easy = (promise.epsilon, CONTROL_DELTA, promise.most)
    return {
        **_told(promise),
        "trials": trials,
        "named": _lone(trials, *one),
        "expected": trials * COUNTS * promise.most * lone_chance(*one),
        # a threshold so low that some must be named, or the trial shows nothing
        "control": {
            "delta": CONTROL_DELTA,
            "named": _lone(trials, *easy),
            "expected": round(trials * COUNTS * promise.most * lone_chance(*easy)),
        },
    }


def coverage(weights: Sequence[int], homes: int, said: int, promise: Promise, seed: int) -> Iterator[Figures]:
    """Yield what share of failures the table of a fleet would put right, after so many epochs.

    `loss` is against a table of all that three homes say, without any noise.
    """
    rng = np.random.default_rng(seed)
    chances = np.array(weights, np.float64) / sum(weights)
    lives = rng.choice(len(chances), (homes, said), p=chances)
    times = np.bincount(lives.ravel(), minlength=len(chances))
    own = [_by_times(life) for life in lives]
    in_homes = np.bincount(np.concatenate(own), minlength=len(chances))
    bare = times[in_homes >= FEWEST].sum() / times.sum()
    table = np.zeros(len(chances), bool)
    for epoch in range(1, max(EPOCHS) + 1):
        # what is in the table already is not offered again
        offers = [life[~table[life]][: promise.most] for life in own]
        counted = np.bincount(np.concatenate(offers), minlength=len(chances))
        offered = np.flatnonzero(counted)
        for _ in range(COUNTS):
            # all homes that offered a thing hand its words out as well
            which, _ = named(counted[offered], promise.epsilon, promise.delta, promise.most)
            offered = offered[which]
        table[offered] = True
        if epoch in EPOCHS:
            covered = times[table].sum() / times.sum()
            yield {
                "homes": homes,
                **_told(promise),
                "epochs": epoch,
                "epsilon_in_all": epoch * promise.epsilon,
                "pairs": int(table.sum()),
                "coverage": round(float(covered), 4),
                "coverage_of_three_homes": round(float(bare), 4),
                "loss": round(1.0 - float(covered / bare), 4),
            }


def weeks(homes: int, epsilon: float, runs: int, seed: int) -> Figures:
    """Return by how many points a week's shares, as told, differ from what they are."""
    rng = np.random.default_rng(seed)
    wrong = []
    for _ in range(runs):
        counts = rng.multinomial(rng.poisson(SAID, homes) + 1, _FAILING)
        true = dict(zip(PLACES, (counts / counts.sum(axis=1, keepdims=True)).mean(axis=0), strict=True))
        told = Counter(
            dict(zip(PLACES, Laplace.keeping(epsilon, WHOLE).drawn(len(PLACES)).tolist(), strict=True))
        )
        for one in counts.tolist():
            told.update(Week.of(0, epsilon, dict(zip(PLACES, one, strict=True))).parts)
        found = shares({"epsilon": epsilon, "parts": told})["shares"]
        wrong += [100.0 * abs(found[place] - true[place]) for place in PLACES if place != CORRECT]
    at = np.percentile(wrong, [50, 95, 99]).round(3)
    return {
        **{"homes": homes, "epsilon": epsilon, "runs": runs},
        **{"points_p50": float(at[0]), "points_p95": float(at[1]), "points_p99": float(at[2])},
        "points_most": round(max(wrong), 3),
    }


def weights_in(data: Path) -> list[int]:
    """Return how often each pair of words was taken for another on real recordings."""
    path = data / CONFUSIONS
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return [int(json.loads(line)["times"]) for line in lines]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(path, 0, str(error), "counted confusions; --data names their folder") from error


def _lone(trials: int, epsilon: float, delta: float, most: int) -> int:
    found = 0
    said = trials * COUNTS * most
    for begun in range(0, said, _AT_ONCE):
        alone = np.ones(min(_AT_ONCE, said - begun), np.int64)
        found += len(named(alone, epsilon, delta, most)[0])
    return found


def _by_times(life: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the pairs of a home, those first that it says most often."""
    pairs, times = np.unique(life, return_counts=True)
    return pairs[np.argsort(-times, kind="stable")]


def _told(promise: Promise) -> Figures:
    noise, homes = best(promise.epsilon, promise.delta, promise.most)
    told = {"epsilon": promise.epsilon, "delta": promise.delta, "most": promise.most}
    return {**told, "noise": type(noise).__name__.lower(), "threshold": homes}
