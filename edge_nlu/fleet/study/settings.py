"""Choose how rounds are run, for each algorithm and each promise, by sentences that judge nothing else.

The rule: of all that is tried, what is right most often in the choosing part of the training file, as the
mean over two fleets that the study itself does not use. `edge-nlu fleet simulate --choose` does it anew; what
it chose is written down below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Final

import numpy as np

from edge_nlu.fleet.selection import Selection
from edge_nlu.fleet.study.homes import fleet
from edge_nlu.fleet.study.playing import FIRST, Setting, central, played
from edge_nlu.fleet.study.sentences import Corpus
from edge_nlu.learning.fitting import Plan

ALPHA: Final = 0.3
SEEDS: Final = (101, 102)

# who keeps a promise asks everybody in each of few rounds: that takes less noise than to ask few in many
EVERYBODY: Final = Selection(cohort=1000, most=1.0)
ONE_STEP: Final = Plan(epochs=1, lot=512, pace=0.3)
AVERAGED: Final = 20
"""So many of a hundred last rounds make the head that is published."""


def tried() -> Mapping[str, Sequence[Setting]]:
    """Return by name all settings that are tried."""
    gentle, longer, fast = Plan(2, 32, 0.3), Plan(5, 32, 0.3), Plan(5, 32, 1.0)
    plain: Mapping[str, tuple[Sequence[Mapping[str, float]], Sequence[Plan]]] = {
        "fedavg": ([{}], [gentle, longer, fast]),
        "fedavgm": ([{"server_learning_rate": 3.0}], [gentle, longer]),
        "fedprox": ([{"proximal_mu": 0.01}], [longer, fast]),
        "fedadam": ([{"eta": eta, "tau": 0.01} for eta in (0.03, 0.1)], [gentle]),
        "fedyogi": ([{"eta": eta, "tau": 0.01} for eta in (0.03, 0.1)], [gentle]),
    }
    return {
        **{
            name: [Setting(name, one, plan, last=AVERAGED) for one, plan in product(options, plans)]
            for name, (options, plans) in plain.items()
        },
        "epsilon 8": [private(8.0, rounds, pace) for rounds, pace in ((20, 8.0), (40, 4.0))],
        "epsilon 2": [
            *(private(2.0, rounds, pace) for rounds, pace in ((10, 4.0), (20, 2.0))),
            *(guarded(2.0, slope) for slope in (1.0, 2.0, 3.0)),
        ],
    }


def private(epsilon: float, rounds: int, pace: float) -> Setting:
    """Return how a promise is kept: everybody takes one step a round, and the server keeps its speed."""
    options = {"server_learning_rate": pace, "server_momentum": 0.9}
    return Setting("fedavgm", options, ONE_STEP, EVERYBODY, rounds, epsilon, last=rounds // 5)


def guarded(epsilon: float, slope: float) -> Setting:
    """Return how a promise is kept and no sentence stands out: none has a slope longer than this.

    The server keeps no speed, and half of all heads make the one that is published.
    """
    options, plan = {"server_learning_rate": 30.0, "server_momentum": 0.0}, ONE_STEP._replace(clip=slope)
    return Setting("fedavgm", options, plan, EVERYBODY, rounds=20, epsilon=epsilon, clip=0.1, last=10)


def choose(corpus: Corpus) -> Iterator[dict[str, Any]]:
    """Yield each setting that is tried and how often it was right, the names in order."""
    start = central(corpus.public.lessons, len(corpus.intents), FIRST)
    common = corpus.public.lessons.inputs.mean(0)
    fleets = {
        seed: fleet(corpus.homes, len(corpus.intents), 1000, ALPHA, np.random.default_rng(seed))
        for seed in SEEDS
    }
    for name, settings in tried().items():
        for setting in settings:
            found = [
                played(homes, start, setting, corpus.choosing.lessons, seed, common=common).final
                for seed, homes in fleets.items()
            ]
            yield {
                "name": name,
                "options": dict(setting.options),
                "plan": setting.plan._asdict(),
                "rounds": setting.rounds,
                "right": float(np.mean(found)),
            }


CHOSEN: Final = {
    name: tried()[name][number]
    for name, number in {
        "fedavg": 2,
        "fedavgm": 1,
        "fedprox": 1,
        "fedadam": 1,
        "fedyogi": 1,
        "epsilon 8": 1,
        "epsilon 2": 3,
    }.items()
}
"""Which of those that are tried was right most often; with epsilon 2, which of those with bounded slopes, in
which the attack of the audit finds at most 2 sentences in 1,000 (with 8, none tried is like that)."""

BEST: Final = "fedyogi"
"""Of those without a promise, the one that was right most often."""
