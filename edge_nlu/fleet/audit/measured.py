"""Measure from outside what a promise of privacy rests on: the noise, the reach of one home, and the coins.

No guess is needed for it: a server with no answers publishes its noise alone; one with the same dice thrown
twice, with a home and without it, shows what that home can move; and who is asked can be counted. What is
found is put to the accountant in place of what was planned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from flwr.serverapp.strategy import FedAvg

from edge_nlu.fleet import accounting
from edge_nlu.fleet.accounting import Privacy
from edge_nlu.fleet.audit import Figures
from edge_nlu.fleet.audit.one_run import Server
from edge_nlu.fleet.local import LocalGrid
from edge_nlu.fleet.messages import EXAMPLES

HOMES: Final = 500
ROUNDS: Final = 200
NOISY_ROUNDS: Final = 10
SHAPES: Final = ((60, 128), (60,))

Moved: TypeAlias = Sequence[npt.NDArray[np.float64]]

SIGMAS: Final = 4.0
"""A figure that is so many standard errors off is no chance."""

SLACK: Final = 1.1
"""An epsilon of what was measured may be so much above the promise, for what a measurement is off by."""

# with less noise an accountant has nothing to say but that there is no bound
_NO_NOISE: Final = 0.1


class Measured(NamedTuple):
    """What was found, each as a multiple of what was promised; `epsilon` is None if there is no bound."""

    noise: float
    reach: float
    asked: float
    spread: float
    epsilon: float | None
    faults: tuple[str, ...]

    def figures(self) -> Figures:
        """Return what was found, and by which checks it is seen that something is wrong."""
        found: Figures = {
            name: round(getattr(self, name), 4) for name in ("noise", "reach", "asked", "spread")
        }
        found["epsilon"] = None if self.epsilon is None else round(self.epsilon, 3)
        return {**found, "seen_by": ", ".join(self.faults)}


def measured(server: Server, promised: Privacy) -> Measured:
    """Return what a server of many homes does in its rounds."""
    noise = noise_of(server(HOMES), promised)
    reach = reach_of(server(HOMES), promised)
    asked, spread = coins_of(server(HOMES), promised)
    told = np.prod(SHAPES[0]) * NOISY_ROUNDS
    off = {
        "noise": abs(noise - 1) > SIGMAS / sqrt(2 * told),
        "reach": reach > 1 + 1e-3,
        "coins": asked - 1 > SIGMAS * sqrt((1 - promised.q) / promised.q / HOMES / ROUNDS),
        "spread": abs(spread - 1) > SIGMAS * sqrt(2 / ROUNDS),
    }
    multiple = promised.noise * noise / max(reach, 1e-9)
    rate = min(promised.q * asked, 1.0)
    epsilon = (
        accounting.epsilon(rate, multiple, promised.rounds, promised.delta) if multiple > _NO_NOISE else None
    )
    off["epsilon"] = epsilon is None or epsilon > promised.epsilon * SLACK
    return Measured(noise, reach, asked, spread, epsilon, tuple(name for name, wrong in off.items() if wrong))


def noise_of(strategy: FedAvg, promised: Privacy) -> float:
    """Return how wide the noise is on the sum of changes, when nobody answers."""
    seen = []
    for number in range(NOISY_ROUNDS):
        asked = _Asked(strategy, range(1, HOMES + 1), number)
        seen.append(asked.sum_of([]))
    return float(np.std(seen)) / (promised.noise * promised.clip)


def reach_of(strategy: FedAvg, promised: Privacy) -> float:
    """Return the most by which one home moves the sum, however it answers."""
    rng = np.random.default_rng(0)
    most = 0.0
    for number, answers in enumerate(_ANSWERS):
        asked = _Asked(strategy, range(1, HOMES + 1), number)
        others = [
            asked.reply(task, [rng.standard_normal(shape) for shape in SHAPES]) for task in asked.tasks[1:]
        ]
        own = [asked.reply(asked.tasks[0], *answer) for answer in answers(rng)]
        strategy.dice = _Same(number)
        without = asked.sum_of(others)
        strategy.dice = _Same(number)
        most = max(most, float(np.linalg.norm(asked.sum_of([*own, *others]) - without)))
    return most / promised.clip


def coins_of(strategy: FedAvg, promised: Privacy) -> tuple[float, float]:
    """Return how often homes are asked, and how far the numbers that are asked in a round lie apart.

    Homes that are asked by coins of their own are now more, now fewer; where always as many are asked,
    one home that is asked tells of others, and the promise is another one.
    """
    several = ROUNDS if promised.q < 1 else 1
    asked = [len(_Asked(strategy, range(1, HOMES + 1), number).tasks) for number in range(several)]
    rate = float(np.mean(asked)) / HOMES
    spread = float(np.var(asked, ddof=1)) / (HOMES * rate * (1 - rate)) if rate < 1 else 1.0
    return rate / promised.q, spread


class _Asked:
    """One round of a server: who was asked, and what it makes of the answers."""

    def __init__(self, strategy: FedAvg, homes: Sequence[int], number: int) -> None:
        self._strategy, self._number = strategy, number
        self._start = ArrayRecord([np.zeros(shape, np.float32) for shape in SHAPES])
        grid = LocalGrid(homes, lambda task: task)
        self.tasks = list(strategy.configure_train(number, self._start, ConfigRecord(), grid))

    def reply(self, task: Message, moved: Moved, examples: float = 1) -> Message:
        """Return what a home answers that was moved so far."""
        arrays = {
            name: Array(array.numpy() + one.astype(np.float32))
            for (name, array), one in zip(self._start.items(), moved, strict=True)
        }
        told = {"arrays": ArrayRecord(arrays), "metrics": MetricRecord({EXAMPLES: examples})}
        return Message(RecordDict(told), reply_to=task)

    def sum_of(self, replies: Sequence[Message]) -> npt.NDArray[np.float64]:
        """Return the sum of changes that the server lets out, all arrays in one."""
        new, _ = self._strategy.aggregate_train(self._number, replies)
        moved = [(new[name].numpy() - array.numpy()).ravel() for name, array in self._start.items()]
        whole: npt.NDArray[np.float64] = np.concatenate(moved) * float(self._strategy.selection.cohort)
        return whole


class _Same:
    """Dice that fall the same way every time they are taken up anew."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def __call__(self, several: int) -> npt.NDArray[np.float64]:
        return self._rng.random(several)


def _far(rng: np.random.Generator, *counted: float) -> list[npt.NDArray[np.float64]]:
    """Return a change that is far longer than any may be, in the arrays that are counted."""
    return [share * 1e3 * rng.standard_normal(shape) for share, shape in zip(counted, SHAPES, strict=True)]


_ANSWERS: Final[Sequence[Callable[[np.random.Generator], list[tuple[Moved, float]]]]] = (
    lambda rng: [(_far(rng, 1, 1), 1)],
    lambda rng: [(_far(rng, 0, 1), 1)],
    lambda rng: [(_far(rng, 1, 1), 1e9)],
    lambda rng: [(moved, 1) for moved in [_far(rng, 1, 1)] for _ in range(2)],
)
"""How a home may answer that wants to be heard: far off, in one array only, with many examples, twice."""
