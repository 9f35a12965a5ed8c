"""Play the rounds of one fleet, and write down how good the head was after each.

What homes train with changes from week to week where the study says so: then a home has only the sentences
of the last weeks, and older ones are gone for good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import process_time
from typing import Final, NamedTuple

import numpy as np
from flwr.app import ArrayRecord

from edge_nlu.fleet.accounting import Privacy, planned
from edge_nlu.fleet.local import LocalGrid, trainer
from edge_nlu.fleet.selection import Selection
from edge_nlu.fleet.server import share_right
from edge_nlu.fleet.strategy import Numbers, strategy_for
from edge_nlu.fleet.study.homes import Fleet
from edge_nlu.fleet.study.sentences import chosen
from edge_nlu.learning.fitting import Arrays, Lessons, Plan, fitted, hits, mean

CENTRAL: Final = Plan(epochs=80, lot=128, pace=0.3, pull=1e-3)
FIRST: Final = Plan(epochs=800, lot=128, pace=0.3, pull=1e-3)
AT_HOME: Final = Plan(epochs=2, lot=32, pace=0.2)
UNIFORM: Final = Selection(cohort=50, most=0.05)


@dataclass(frozen=True, slots=True)
class Setting:
    """How rounds are run: the algorithm and its options, the training at home, who is asked, the promise."""

    algorithm: str = "fedavg"
    options: Mapping[str, float] = field(default_factory=dict)
    plan: Plan = AT_HOME
    selection: Selection = UNIFORM
    rounds: int = 100
    epsilon: float = 0.0
    clip: float = 0.2
    last: int = 1
    """The head is the mean of those of so many last rounds: what is published costs nothing more."""

    def privacy(self, homes: int) -> Privacy | None:
        """Return what has to be done to keep the promise to so many homes, if there is one."""
        if not self.epsilon:
            return None
        return planned(self.epsilon, homes, q=self.selection.most, rounds=self.rounds, clip=self.clip)


@dataclass(frozen=True, slots=True)
class Weeks:
    """Sentences come up over so many weeks, as many rounds in each; a home keeps those of the last ones."""

    several: int
    kept: int

    def at(self, lessons: Lessons, week: int) -> Lessons:
        """Return what a home has in a week, the first of which is 0."""
        rows = np.arange(len(lessons))
        came = rows * self.several // max(len(lessons), 1)
        return chosen(lessons, rows[(came <= week) & (came > week - self.kept)])


class Played(NamedTuple):
    """How many of the test were right before the first round and after each; by intent at the end."""

    curve: list[float]
    head: Arrays
    tasks: int
    seconds: float

    @property
    def final(self) -> float:
        """Return how many were right with the head that is published at the end."""
        return self.curve[-1]


def played(
    fleet: Fleet, start: Arrays, setting: Setting, test: Lessons, seed: int, *,
    common: Numbers | None = None, weeks: Weeks | None = None,
) -> Played:  # fmt: skip
    """Return what comes of the rounds; `seed` throws the coins and makes the noise."""
    week = 0
    heads: list[Arrays] = []
    tasks = 0

    def lessons(home: int) -> Lessons:
        nonlocal tasks
        tasks += 1
        return fleet.lessons[home] if weeks is None else weeks.at(fleet.lessons[home], week)

    def activity() -> dict[int, float]:
        if weeks is None:
            return {home: float(len(one)) for home, one in enumerate(fleet.lessons)}
        return {home: float(len(weeks.at(one, week))) for home, one in enumerate(fleet.lessons)}

    def told(done: int, arrays: ArrayRecord) -> None:
        nonlocal week
        heads.append(arrays.to_numpy_ndarrays())
        if weeks is not None:
            week = min(done * weeks.several // setting.rounds, weeks.several - 1)

    dice = np.random.default_rng(seed).random
    strategy = strategy_for(
        setting.algorithm, setting.selection, setting.privacy(len(fleet.lessons)),
        activity=activity, common=common, dice=dice, **setting.options,
    )  # fmt: skip
    began = process_time()
    grid = LocalGrid(range(len(fleet.lessons)), trainer(lessons, setting.plan))
    strategy.start(grid=grid, initial_arrays=ArrayRecord(start), num_rounds=setting.rounds, evaluate_fn=told)
    seconds = process_time() - began
    heads[-1] = mean(heads[-setting.last :])
    return Played([share_right(head, test) for head in heads], heads[-1], tasks, seconds)


def central(lessons: Lessons, intents: int, plan: Plan = CENTRAL) -> Arrays:
    """Return the head that all these sentences in one place teach."""
    width = lessons.inputs.shape[1]
    empty = [np.zeros((intents, width), np.float32), np.zeros(intents, np.float32)]
    order = np.random.default_rng(0).permutation(len(lessons))
    return fitted(empty, chosen(lessons, order), plan)


def right_by_intent(head: Arrays, test: Lessons) -> Numbers:
    """Return the share for each intent; of one that the test does not have, that of all."""
    got = hits(head, test)
    several = np.bincount(test.wanted, minlength=len(head[1]))
    found = np.bincount(test.wanted, got, minlength=len(head[1]))
    return np.where(several > 0, found / np.maximum(several, 1), got.mean())
