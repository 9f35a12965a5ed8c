"""Play fleets of real sentences, and tell what federated learning keeps of learning in one place.

The same fleets learn by each algorithm, with homes asked alike and by activity, with and without a promise of
privacy, and with old sentences deleted. Every figure is a mean over fleets with its 95 % interval; what is
kept is a share of what all sentences in one place gain over the public ones alone.
"""

from __future__ import annotations

import resource
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge_nlu.errors import SettingsError
from edge_nlu.fleet.accounting import delta_for, epsilon
from edge_nlu.fleet.selection import Selection
from edge_nlu.fleet.server import share_right
from edge_nlu.fleet.strategy import Numbers
from edge_nlu.fleet.study import playing, sentences
from edge_nlu.fleet.study.homes import Fleet, fleet
from edge_nlu.fleet.study.playing import CENTRAL, FIRST, UNIFORM, Played, Setting, Weeks, played
from edge_nlu.fleet.study.settings import ALPHA, BEST, CHOSEN, EVERYBODY
from edge_nlu.learning.fitting import Arrays, Lessons

Figures = dict[str, Any]

WEEKS: Final = Weeks(several=6, kept=2)
MANY: Final = 10_000
TARGET: Final = 0.6
"""Rounds are counted until the head keeps this share of the central gain."""

BY_ACTIVITY: Final = Selection(cohort=UNIFORM.cohort, most=5 * UNIFORM.most, by_activity=True)
COMPARED_ROUNDS: Final = 50
"""In so many rounds homes are asked alike and by activity: the target is reached well before."""

ALGORITHMS: Final = ("fedavg", "fedavgm", "fedprox", "fedadam", "fedyogi")
PROMISES: Final = ("epsilon 8", "epsilon 2")
_SMOOTHED: Final = 5
# of Student's distribution, for so many seeds
_T: Final = {2: 12.71, 3: 4.303, 4: 3.182, 5: 2.776, 10: 2.262}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is played.

    So many fleets are `compared`, asked alike and by activity: rounds to a target differ much among fleets.
    """

    homes: int = 1000
    seeds: int = 3
    compared: int = 10
    many: int = MANY
    most: int | None = None
    rounds: int | None = None

    def of(self, setting: Setting) -> Setting:
        """Return the setting for so many homes and rounds."""
        cohort = setting.selection.cohort * self.homes / EVERYBODY.cohort
        chosen = replace(setting.selection, cohort=cohort)
        rounds = min(setting.rounds, self.rounds or setting.rounds)
        return replace(setting, selection=chosen, rounds=rounds, last=min(setting.last, rounds))


QUICK: Final = Size(homes=100, seeds=2, compared=2, many=400, most=800, rounds=5)


class Study:
    """Fleets of the same sentences, one for each seed."""

    def __init__(self, data: Path, public_percent: int, size: Size) -> None:
        self.size = size
        self.corpus = sentences.read(data, public_percent=public_percent, most=size.most)
        corpus, intents = self.corpus, len(self.corpus.intents)
        self.start = playing.central(corpus.public.lessons, intents, FIRST)
        everything = sentences.together(corpus.public, corpus.homes).lessons
        self.least = share_right(self.start, corpus.test.lessons)
        self.most = share_right(playing.central(everything, intents, CENTRAL), corpus.test.lessons)
        if self.most <= self.least:
            raise SettingsError("--public", f"{public_percent}, which teach all there is to learn", "fewer")
        self.fleets = self.drawn(size.seeds)

    def drawn(self, several: int) -> list[Fleet]:
        """Return so many fleets, the first always the same."""
        homes, intents = self.corpus.homes, len(self.corpus.intents)
        return [
            fleet(homes, intents, self.size.homes, ALPHA, np.random.default_rng(seed))
            for seed in range(several)
        ]

    def sections(self) -> Iterator[tuple[str, Figures]]:
        """Yield the figures, each part when it is there."""
        yield "data", self.data()
        # first, because the most memory that was ever used is told
        yield "scale", self.scale()
        plain = {name: self.run(self.size.of(CHOSEN[name])) for name in ALGORITHMS}
        yield "algorithms", {name: self.told(name, runs) for name, runs in plain.items()}
        yield "privacy", self.promises(plain[BEST])
        yield "selection", self.selection()
        yield "continual", self.continual(plain[BEST])

    def data(self) -> Figures:
        """Return what is learned from, and between which figures learning lies."""
        corpus = self.corpus
        sizes = np.concatenate([one.sizes for one in self.fleets])
        return {
            "corpus": sentences.CORPUS,
            "public": len(corpus.public.styles),
            "at_homes": len(corpus.homes.styles),
            "test": len(corpus.test.styles),
            "homes": self.size.homes,
            "sentences_of_a_home": dict(
                zip(("least", "median", "most"), np.percentile(sizes, [0, 50, 100]).tolist(), strict=True)
            ),
            "alpha": ALPHA,
            "seeds": list(range(self.size.seeds)),
            "right_before": self.least,
            "right_central": self.most,
        }

    def scale(self) -> Figures:
        """Return what very many homes cost on this machine."""
        homes, corpus = self.size.many, self.corpus
        crowd = fleet(corpus.homes, len(corpus.intents), homes, ALPHA, np.random.default_rng(0))
        several = Selection(cohort=200, most=0.02 * MANY / homes)
        setting = replace(CHOSEN["fedavg"], selection=several, rounds=homes // 200)
        run = played(crowd, self.start, setting, corpus.test.lessons, 0)
        return {
            "homes": homes,
            "tasks": run.tasks,
            "ms_a_task": 1000 * run.seconds / run.tasks,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }

    def promises(self, without: Sequence[Played]) -> Figures:
        """Return what is kept under each promise, also as a share of what is kept without one."""
        found: Figures = {"none": self.told(BEST, without)}
        kept = float(np.mean([one.final for one in without])) - self.least
        for name in PROMISES:
            setting = self.size.of(CHOSEN[name])
            runs = self.run(setting)
            promise = setting.privacy(self.size.homes)
            assert promise is not None
            found[name] = {
                **self.told(name, runs),
                "of_federated": interval((one.final - self.least) / kept for one in runs)
                if kept > 0
                else None,
                "delta": promise.delta,
                "noise": promise.noise,
                "clip": promise.clip,
                "q": promise.q,
            }
        return found

    def selection(self) -> Figures:
        """Return whether the fleet learns in fewer rounds where active homes are asked more often."""
        fleets = self.drawn(self.size.compared)
        setting = replace(CHOSEN[BEST], rounds=COMPARED_ROUNDS)
        uniform, active = (
            self.run(self.size.of(replace(setting, selection=one)), fleets=fleets)
            for one in (UNIFORM, BY_ACTIVITY)
        )
        rounds = [[self.rounds_to(run) for run in runs] for runs in (uniform, active)]
        light = [
            light_homes(one, run.head, self.corpus.test.lessons)
            - light_homes(one, other.head, self.corpus.test.lessons)
            for one, run, other in zip(fleets, uniform, active, strict=True)
        ]
        delta = delta_for(self.size.homes)
        rates = (UNIFORM.most, BY_ACTIVITY.most)
        spent = (epsilon(q, 1.0, CHOSEN[BEST].rounds, delta) for q in rates)
        return {
            "target": self.least + TARGET * (self.most - self.least),
            "seeds": list(range(len(fleets))),
            "most": dict(zip(("uniform", "activity"), rates, strict=True)),
            "uniform": {**self.told(BEST, uniform), "rounds_to_target": interval(rounds[0])},
            "activity": {**self.told(BEST, active), "rounds_to_target": interval(rounds[1])},
            "fewer_rounds": interval(1 - b / a for a, b in zip(*rounds, strict=True)),
            "light_homes_lose_points": interval(100 * one for one in light),
            "epsilon_of_the_busiest_at_noise_1": dict(zip(("uniform", "activity"), spent, strict=True)),
        }

    def continual(self, everything: Sequence[Played]) -> Figures:
        """Return what is learned where homes keep the sentences of two weeks out of six."""
        found: Figures = {"weeks": WEEKS.several, "kept_weeks": WEEKS.kept}
        found["nothing_deleted"] = self.told(BEST, everything)
        for name, chosen in (("uniform", UNIFORM), ("activity", BY_ACTIVITY)):
            runs = self.run(self.size.of(replace(CHOSEN[BEST], selection=chosen)), WEEKS)
            found[name] = {
                **self.told(BEST, runs),
                "points_behind": interval(
                    100 * (whole.final - one.final) for whole, one in zip(everything, runs, strict=True)
                ),
            }
        return found

    def run(
        self, setting: Setting, weeks: Weeks | None = None, fleets: Sequence[Fleet] | None = None
    ) -> list[Played]:
        """Return what comes of a setting in each fleet; without other ones, of those of the study."""
        test, common = self.corpus.test.lessons, self.corpus.public.lessons.inputs.mean(0)
        return [
            played(one, self.start, setting, test, seed, common=common, weeks=weeks)
            for seed, one in enumerate(fleets or self.fleets)
        ]

    def told(self, name: str, runs: Sequence[Played]) -> Figures:
        """Return how good the heads are, what was kept of the central gain, and after which traffic."""
        gain = self.most - self.least
        head = sum(array.nbytes for array in self.start)
        return {
            "setting": name,
            "right": interval(run.final for run in runs),
            "kept": interval((run.final - self.least) / gain for run in runs),
            "rounds": len(runs[0].curve) - 1,
            "tasks": float(np.mean([run.tasks for run in runs])),
            "megabytes": 2 * head * float(np.mean([run.tasks for run in runs])) / 1e6,
            "curve": np.mean([run.curve for run in runs], axis=0).round(4).tolist(),
        }

    def rounds_to(self, run: Played) -> int:
        """Return after how many rounds the head is good enough, smoothed over five; or all there were."""
        smooth = np.convolve(run.curve[1:-1], np.ones(_SMOOTHED) / _SMOOTHED, "valid")
        there = np.flatnonzero(smooth >= self.least + TARGET * (self.most - self.least))
        return int(there[0]) + _SMOOTHED if len(there) else len(run.curve) - 1


def light_homes(homes: Fleet, head: Arrays, test: Lessons) -> float:
    """Return how often the tenth of homes that say least are understood, by what they like to say."""
    light = np.argsort(homes.sizes, kind="stable")[: max(len(homes.lessons) // 10, 1)]
    by_intent: Numbers = playing.right_by_intent(head, test)
    return float((homes.likings[light] @ by_intent).mean())


def interval(values: Iterable[float]) -> Figures:
    """Return the mean and the ends of its 95 % interval over seeds."""
    found = np.array(list(values), float)
    far = _T[len(found)] * found.std(ddof=1) / sqrt(len(found))
    middle = float(found.mean())
    return {"mean": middle, "low": middle - float(far), "high": middle + float(far)}
