"""Run all of the audit, and say of each figure whether it is as it has to be.

An attack that fails tells something only if it works where nothing protects. So each has a control without
any protection, and where the control withstands it, the figure is void.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from edge_nlu.fleet import accounting
from edge_nlu.fleet.accounting import Privacy, planned
from edge_nlu.fleet.audit import Figures, codes, fair
from edge_nlu.fleet.audit.groups import gaps, read_people
from edge_nlu.fleet.audit.measured import measured
from edge_nlu.fleet.audit.one_run import DELTA, one_run
from edge_nlu.fleet.audit.servers import FAULTS, faulty, shipped
from edge_nlu.fleet.audit.shadows import HEADS, Found, attacked, pooled, rounds
from edge_nlu.fleet.study.homes import fleet
from edge_nlu.fleet.study.sentences import SCALE, Corpus, read
from edge_nlu.learning.fitting import Arrays, Lessons, Plan, fitted

HUBS: Final = 1000
Q: Final = 0.05
CLIP: Final = 0.3
ALPHA: Final = 0.3
AT_HOME: Final = Plan(epochs=2, lot=32, pace=0.3)
AT_FIRST: Final = Plan(epochs=20, lot=32, pace=0.3)
UNPROTECTED: Final = Plan(epochs=10, lot=32, pace=0.3)
FEW: Final = 100
"""So few homes teach the head without protection that codes are read from: much of it is learned by heart."""

ATTACKABLE: Final = 0.6
READABLE: Final = 0.5
MOST_FOUND: Final = 0.002
MOST_BITS: Final = 2.0
MOST_APART: Final = 0.02

Groups = Iterator[tuple[str, Figures]]


class Size(NamedTuple):
    """How much is tried; less of everything shows the same, less surely."""

    epsilons: tuple[float, ...] = (8.0, 2.0)
    rounds: int = 100
    homes_in_one_run: int = 5000
    fleets: int = 3
    every: int = 1


QUICK: Final = Size(epsilons=(2.0,), rounds=20, homes_in_one_run=1000, fleets=1, every=6)


class World(NamedTuple):
    """Real sentences, homes that say them, and the head that all begin with."""

    corpus: Corpus
    homes: list[Lessons]
    start: Arrays


def audited(data: Path | None, households: Path | None, size: Size) -> Groups:
    """Yield one group of figures after the other; the last tells what is not as it has to be."""
    people = read_people(households) if households else []
    world = _world(data)
    promises = [planned(epsilon, HUBS, q=Q, rounds=size.rounds, clip=CLIP) for epsilon in size.epsilons]
    failed, void = [], []
    for name, figures in _all(world, promises, data, size):
        failed += [name] if figures.get("holds") is False else []
        void += [name] if figures.get("void") else []
        yield name, figures
    for name, figures in gaps(people).items() if people else ():
        figures["holds"] = bool(figures["after"] <= MOST_APART and figures["wider"] <= 0)  # type: ignore[operator]
        failed += [] if figures["holds"] else [name]
        yield name, figures
    yield "audit", {"holds": not failed and not void, "failed": ", ".join(failed), "void": ", ".join(void)}


def _all(world: World, promises: list[Privacy], data: Path | None, size: Size) -> Groups:
    for promised in promises:
        yield from _server(promised, size)
    yield from _membership(world, promises)
    yield from _codes(world, promises, size)
    yield from fair.figures(world.corpus, data, size.every)


def _world(data: Path | None) -> World:
    corpus = read(data)
    lessons = corpus.public.lessons
    intents = len(corpus.intents)
    nothing = [np.zeros((intents, lessons.inputs.shape[1]), np.float32), np.zeros(intents, np.float32)]
    homes = fleet(corpus.homes, intents, HUBS, ALPHA, np.random.default_rng(0)).lessons
    return World(corpus, homes, fitted(nothing, lessons, AT_FIRST))


def _server(promised: Privacy, size: Size) -> Groups:
    """Yield what a server does that makes a promise, as it is shipped and with each fault."""
    end = f"_eps{promised.epsilon:g}"
    claimed = accounting.epsilon(promised.q, promised.noise, promised.rounds, DELTA)
    told = one_run(shipped(promised), promised, size.homes_in_one_run, seed=1)
    yield (
        f"one_run{end}",
        {
            "lower_bound": told.epsilon,
            "claimed": round(claimed, 3),
            "delta": DELTA,
            "promised": promised.epsilon,
            "promised_delta": promised.delta,
            **{"homes": told.homes, "guesses": told.guesses, "right": told.right},
            "holds": told.epsilon < min(claimed, promised.epsilon),
        },
    )
    found = measured(shipped(promised), promised)
    yield f"measured{end}", {**found.figures(), "promised": promised.epsilon, "holds": not found.faults}
    for fault in FAULTS:
        found = measured(faulty(promised, fault), promised)
        told = one_run(faulty(promised, fault), promised, size.homes_in_one_run, seed=1)
        yield (
            f"fault_{fault}{end}",
            {
                **found.figures(),
                "lower_bound": told.epsilon,
                "seen_in_one_run": told.epsilon > claimed,
                "holds": bool(found.faults),
            },
        )


def _membership(world: World, promises: list[Privacy]) -> Groups:
    """Yield how well it is told who took part, without protection and with each promise."""
    sentences, homes = attacked(
        world.homes, lambda those, seed: pooled(world.start, those, UNPROTECTED, seed)
    )
    works = min(sentences.area, homes.area) >= ATTACKABLE
    yield "membership_control", {**_told(sentences, homes), "void": not works}
    for promised in promises:
        both = attacked(world.homes, partial(_private, world.start, promised))
        holds = max(one.found for one in both) <= MOST_FOUND
        yield f"membership_eps{promised.epsilon:g}", {**_told(*both), "void": not works, "holds": holds}


def _told(sentences: Found, homes: Found) -> Figures:
    figures: Figures = {"heads": HEADS}
    for name, found in (("sentences", sentences), ("homes", homes)):
        figures |= {
            f"{name}_auc": round(found.area, 4),
            f"{name}_found": round(found.found, 5),
            f"{name}_found_high": round(found.found_high, 5),
            f"{name}_judged": found.judged,
        }
    return figures


def _private(start: Arrays, promised: Privacy, homes: Sequence[Lessons], seed: int) -> Arrays:
    return rounds(start, homes, promised, AT_HOME, np.random.default_rng(seed).random)


def _codes(world: World, promises: list[Privacy], size: Size) -> Groups:
    """Yield how many codes can be read back, without protection and with each promise."""
    inputs = fair.embedded([codes.SAID.format(code) for code in range(codes.CODES)]) * SCALE
    several = np.random.default_rng(0).permutation(len(world.homes))[:FEW]
    tried: dict[str, tuple[list[Lessons], codes.Training]] = {
        "control": (
            [world.homes[one] for one in several],
            lambda those, seed: pooled(world.start, those, UNPROTECTED, seed),
        )
    }
    for promised in promises:
        tried[f"eps{promised.epsilon:g}"] = world.homes, partial(_private, world.start, promised)
    works = True
    for name, (homes, training) in tried.items():
        found = {
            often: codes.exposed(world.start, homes, inputs, training, often, size.fleets)
            for often in codes.REPEATS
        }
        figures: Figures = {"codes": found[1].codes, "chance": 1 / codes.CODES}
        for often, one in found.items():
            figures |= {f"read_{often}": round(one.share, 4), f"bits_{often}": round(one.bits, 3)}
        if name == "control":
            works = found[max(found)].share >= READABLE
        else:
            figures["holds"] = all(one.by_chance and one.bits <= MOST_BITS for one in found.values())
        yield f"codes_{name}", {**figures, "void": not works}
