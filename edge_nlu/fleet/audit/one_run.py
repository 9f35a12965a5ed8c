"""Let homes that are easy to recognise take part in one run of the server, and guess which of them did.

Each such home answers with a change along a direction of its own, as long as nobody's may be and longer. Who
looks on sees the head after every round, which is all that the server lets out, and knows how often homes are
asked and how much noise there is. No home can be recognised better, so what such a run shows is about the
worst that could come out; it is below what was promised, or the promise is not kept.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log, log1p
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from flwr.serverapp.strategy import FedAvg

from edge_nlu.fleet.accounting import Privacy
from edge_nlu.fleet.audit.bound import CHANCE, least_epsilon
from edge_nlu.fleet.local import LocalGrid
from edge_nlu.fleet.messages import EXAMPLES

DELTA: Final = 1e-7
"""Guesses of thousands of homes prove something only where delta is much smaller than one in thousands."""

GUESSED: Final = (0.02, 0.1, 0.4)
"""Of so many homes it is said that they took part; the best of the bounds counts, each held to its part of
the chance."""

_TOO_LONG: Final = 100.0
# a head without noise is read as if there were this much
_LEAST_NOISE: Final = 0.3
_NAME: Final = "heads"


class OneRun(NamedTuple):
    """How many homes might have taken part, of how many it was said that they did, and how often rightly."""

    homes: int
    guesses: int
    right: int
    epsilon: float


Server: TypeAlias = Callable[[int], FedAvg]
"""Returns what a server of so many homes runs."""


def one_run(server: Server, promised: Privacy, homes: int, seed: int) -> OneRun:
    """Return the surest bound on epsilon that comes of one run of a server that promised this."""
    took_part = np.random.default_rng(seed).random(homes) < 1 / 2
    order = np.argsort(-_likely(server, promised, np.flatnonzero(took_part) + 1, homes))
    found = []
    for share in GUESSED:
        guessed = order[: int(homes * share)]
        right = int(took_part[guessed].sum())
        epsilon = least_epsilon(homes, len(guessed), right, DELTA, CHANCE / len(GUESSED))
        found.append(OneRun(homes, len(guessed), right, round(epsilon, 3)))
    return max(found, key=lambda one: one.epsilon)


def _likely(
    server: Server, promised: Privacy, present: npt.NDArray[np.int64], homes: int
) -> npt.NDArray[np.float64]:
    """Return for each home how much likelier what was published is if it took part."""

    def answer(task: Message) -> Message:
        (arrays,) = task.content.array_records.values()
        moved = arrays[_NAME].numpy().copy()
        moved[task.metadata.dst_node_id - 1] += _TOO_LONG * promised.clip
        record = ArrayRecord({_NAME: Array(moved)})
        return Message(RecordDict({"arrays": record, "metrics": MetricRecord({EXAMPLES: 1})}), reply_to=task)

    strategy = server(len(present))
    grid = LocalGrid(present.tolist(), answer)
    arrays = ArrayRecord({_NAME: Array(np.zeros(homes, np.float32))})
    noise = max(promised.noise, _LEAST_NOISE)
    not_asked = log1p(-promised.q) if promised.q < 1 else -np.inf
    told = np.zeros(homes)
    for number in range(1, promised.rounds + 1):
        before = arrays[_NAME].numpy()
        tasks = strategy.configure_train(number, arrays, ConfigRecord(), grid)
        arrays, _ = strategy.aggregate_train(number, grid.send_and_receive(tasks))
        seen = (arrays[_NAME].numpy() - before) * strategy.selection.cohort / promised.clip
        told += np.logaddexp(not_asked, log(promised.q) + (seen - 1 / 2) / noise**2)
    return told
