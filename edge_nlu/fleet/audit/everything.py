"""Run all of the audit, and say of each figure whether it is as it has to be.

An attack that fails tells something only if it works where nothing protects. So each has a control without
any protection, and where the control withstands it, the figure is void.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from edge_nlu.fleet import accounting
from edge_nlu.fleet.accounting import Privacy
from edge_nlu.fleet.audit import Figures, codes, fair, manners
from edge_nlu.fleet.audit.decisions import Hub
from edge_nlu.fleet.audit.groups import gaps, of_homes, read_people
from edge_nlu.fleet.audit.measured import measured
from edge_nlu.fleet.audit.one_run import DELTA, one_run
from edge_nlu.fleet.audit.servers import FAULTS, faulty, shipped
from edge_nlu.fleet.audit.shadows import HEADS, Found, Training, attacked, pooled, rounds
from edge_nlu.fleet.study.homes import Fleet, fleet
from edge_nlu.fleet.study.playing import FIRST, Setting, central
from edge_nlu.fleet.study.sentences import Corpus, embedded, read
from edge_nlu.fleet.study.settings import ALPHA, CHOSEN
from edge_nlu.learning.fitting import Arrays, Lessons, Plan
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack

HUBS: Final = 1000
UNPROTECTED: Final = Plan(epochs=10, lot=32, pace=0.3)
FEW: Final = 100
"""So few homes teach the head without protection that codes are read from: much of it is learned by heart."""

ATTACKABLE: Final = 0.6
READABLE: Final = 0.5
MOST_FOUND: Final = 0.002
MOST_BITS: Final = 2.0
MOST_APART: Final = 0.02

Groups = Iterator[tuple[str, Figures]]
HubWith = Callable[[Encoder], Hub]


# by coins, so that there is something to be wrong with them
BY_COINS: Final = Setting(plan=Plan(epochs=2, lot=32, pace=0.3), epsilon=2.0)


class Size(NamedTuple):
    """How much is tried: of which settings, with how many answers in one run and how many fleets with codes.

    Less of everything shows the same, less surely.
    """

    settings: Mapping[str, Setting] = {
        "eps8": CHOSEN["epsilon 8"],
        "eps2": CHOSEN["epsilon 2"],
        "eps2_by_coins": BY_COINS,
    }
    answers: int = 12_500
    fleets: int = 3
    every: int = 1


QUICK: Final = Size({"eps2_by_coins": replace(BY_COINS, rounds=20)}, answers=500, fleets=1, every=6)


class World(NamedTuple):
    """Real sentences, homes that say them, and the head that all begin with."""

    corpus: Corpus
    fleet: Fleet
    start: Arrays
    encoder: Encoder

    @property
    def homes(self) -> list[Lessons]:
        """Return what each home has to learn from."""
        return self.fleet.lessons

    def private(self, setting: Setting) -> Training:
        """Return how homes train together under a promise."""
        common = self.corpus.public.lessons.inputs.mean(0)

        def training(homes: Sequence[Lessons], seed: int) -> Arrays:
            return rounds(self.start, homes, setting, np.random.default_rng(seed).random, common)

        return training

    def unprotected(self, homes: Sequence[Lessons], seed: int) -> Arrays:
        """Return what all sentences in one place teach."""
        return pooled(self.start, homes, UNPROTECTED, seed)


def audited(data: Path, households: Path | None, hub_with: HubWith, size: Size) -> Groups:
    """Yield one group of figures after the other; the last tells what is not as it has to be."""
    people = read_people(households) if households else []
    world = _world(data)
    failed, void = [], []
    for name, figures in chain(_all(world, data, hub_with, size), _apart(gaps(people)) if people else ()):
        failed += [name] if figures.get("holds") is False else []
        void += [name] if figures.get("void") else []
        yield name, figures
    yield "audit", {"holds": not failed and not void, "failed": ", ".join(failed), "void": ", ".join(void)}


def _all(world: World, data: Path, hub_with: HubWith, size: Size) -> Groups:
    for name, setting in size.settings.items():
        promised = setting.privacy(HUBS)
        assert promised is not None
        yield from _server(name, promised, size.answers)
    yield from _membership(world, size)
    yield from _codes(world, size)
    yield from _gaps(world, size)
    yield from fair.figures(world.corpus, data, world.encoder.pack, hub_with, size.every)


def _gaps(world: World, size: Size) -> Groups:
    """Yield how far groups lie apart with the heads of fleets that keep a promise."""
    sentences = manners.said(world.corpus, partial(embedded, encoder=world.encoder), size.every)
    before = manners.wrong(sentences, [world.start] * manners.FLEETS)
    for name, setting in size.settings.items():
        training = world.private(setting)
        after = manners.wrong(sentences, manners.learned(world.corpus, HUBS, ALPHA, training))
        alike = manners.alike(sentences, before, after)
        homes = of_homes(world.corpus, world.fleet, world.start, training(world.homes, 0))
        yield from _apart({f"gap_manners_{name}": alike, f"gap_quiet_and_busy_{name}": homes})
        # what people want goes with how they say it, so nothing follows of this alone
        yield f"as_said_{name}", manners.as_said(sentences, before, after)


def _apart(groups: Mapping[str, Figures]) -> Groups:
    """Yield how far groups of people lie apart, and whether that is bearable and does not grow."""
    for name, figures in groups.items():
        after, wider = figures["after"], figures["wider"]
        assert isinstance(after, float)
        assert isinstance(wider, float)
        yield name, {**figures, "holds": after <= MOST_APART and wider <= 0}


def _world(data: Path) -> World:
    corpus = read(data)
    intents = len(corpus.intents)
    homes = fleet(corpus.homes, intents, HUBS, ALPHA, np.random.default_rng(0))
    return World(
        corpus, homes, central(corpus.public.lessons, intents, FIRST), Encoder(Pack.open(Pack.default_path()))
    )


def _server(name: str, promised: Privacy, answers: int) -> Groups:
    """Yield what a server does that makes a promise, as it is shipped and with each fault."""
    claimed = accounting.epsilon(promised.q, promised.noise, promised.rounds, DELTA)
    homes = int(2 * answers / (promised.q * promised.rounds))
    told = one_run(shipped(promised), promised, homes, seed=1)
    yield (
        f"one_run_{name}",
        {
            **{"lower_bound": told.epsilon, "claimed": round(claimed, 3), "delta": DELTA},
            **{"promised": promised.epsilon, "promised_delta": promised.delta},
            **{"homes": told.homes, "guesses": told.guesses, "right": told.right},
            "holds": told.epsilon < min(claimed, promised.epsilon),
        },
    )
    found = measured(shipped(promised), promised)
    yield f"measured_{name}", {**found.figures(), "promised": promised.epsilon, "holds": not found.faults}
    for fault in FAULTS:
        if fault == "asked_too_often" and promised.q == 1:
            continue  # nobody can be asked oftener than always
        found = measured(faulty(promised, fault), promised)
        told = one_run(faulty(promised, fault), promised, homes, seed=1)
        seen = {"lower_bound": told.epsilon, "seen_in_one_run": told.epsilon > claimed}
        yield f"fault_{fault}_{name}", {**found.figures(), **seen, "holds": bool(found.faults)}


def _membership(world: World, size: Size) -> Groups:
    """Yield how well it is told who took part, without protection and with each promise."""
    both = attacked(world.homes, world.unprotected)
    works = min(one.area for one in both) >= ATTACKABLE
    yield "membership_control", {**_told(*both), "void": not works}
    for name, setting in size.settings.items():
        both = attacked(world.homes, world.private(setting))
        holds = max(one.found for one in both) <= MOST_FOUND
        yield f"membership_{name}", {**_told(*both), "void": not works, "holds": holds}


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


def _codes(world: World, size: Size) -> Groups:
    """Yield how many codes can be read back, without protection and with each promise."""
    inputs = embedded([codes.SAID.format(code) for code in range(codes.CODES)], world.encoder)
    few = np.random.default_rng(0).permutation(len(world.homes))[:FEW]
    tried: dict[str, tuple[list[Lessons], Training]] = {
        "control": ([world.homes[one] for one in few], world.unprotected),
        **{name: (world.homes, world.private(setting)) for name, setting in size.settings.items()},
    }
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
