"""Try whether the figures of a fleet can be believed: live in ways in which nothing may be learned.

A simulator can give its truth away, and a learner can gain from what is not there. Each check is a
few households that live otherwise; one that fails voids the figures of rewriting, and the report says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from edge_nlu.models.score import auroc
from edge_nlu_bench.household.causes import CAUSES, NO_HUB
from edge_nlu_bench.household.fleet import Fleet
from edge_nlu_bench.household.neighbourhood import Lived, Street
from edge_nlu_bench.household.tally import Homes
from edge_nlu_bench.household.turns import ASIDE, Check, Turn, Way
from edge_nlu_bench.report import Figures

TRIGGERS = 0.001
"""So large a share of sentences may be rewritten where there is nothing to learn."""

ENOUGH = 20
"""Fewer rewrites tell nothing of odds."""

TWICE = 2

DOSES = (0.0, 1.0, 3.0)
FIRST = 10_000
"""Homes of the checks have numbers of their own, so none of them is in the fleet that is judged."""

NOTHING_WRONG: Mapping[str, Mapping[str, float]] = {
    "noise": {"errors": 0, "names": 0, "false_wakes": 0},
    "people": {"own_names": 0, "odd_wordings": 0, "beyond": 0},
    "home": {"silent": 0},
}


@dataclass(frozen=True, slots=True)
class Size:
    """How many homes a check has, how many days they live, and the false corrections of one."""

    homes: int
    days: int
    planted: int = 1000


def streets(fleet: Fleet, size: Size, shared: str = "") -> list[Street]:
    """Return the streets that the checks need.

    Where nothing may be rewritten hubs find shared rewordings, too; where it is asked what a home learns they
    find none.
    """
    numbers = range(FIRST, FIRST + size.homes)

    def street(name: str, check: Check = "", fleet: Fleet = fleet, shared: str = "") -> Street:
        homes = tuple((number, Way(check, causes=False)) for number in numbers)
        return Street(name, fleet, homes, size.days, shared)

    poisoned, beside = (
        (FIRST + size.homes, Way(causes=False, planted=size.planted)),
        (FIRST, Way(causes=False)),
    )
    errors, names = fleet.of("noise", "errors"), fleet.of("noise", "names")
    doses = [
        street(
            f"dose {dose:g}",
            fleet=fleet.changed(
                noise={
                    "errors": [dose * errors.low, dose * errors.high],
                    "names": [dose * names.low, dose * names.high],
                }
            ),
        )
        for dose in DOSES
    ]
    return [
        street("nothing fails", "nothing fails", fleet.changed(**NOTHING_WRONG), shared),
        street("feedback shuffled", "feedback shuffled"),
        street("rephrases permuted", "rephrases permuted"),
        street("look-alikes", "look-alikes"),
        Street("poisoned", fleet, (poisoned, beside), size.days),
        *doses,
    ]


def judged(lived: Sequence[Lived], main: Homes, *, same_pool: bool) -> dict[str, Figures]:
    """Return for each check whether it holds and what was found, from its streets and the judged fleet.

    `same_pool` tells whether what homes share is the same with the rules of the poisoned one. A check that is
    too small to tell holds, and says so.
    """
    of = {one.street.name: one for one in lived}
    usual = of["dose 1"].homes
    checks = {
        "null_fleet": _untouched(of["nothing fails"].homes),
        "shuffled_feedback": _no_gain(of["feedback shuffled"].homes, usual),
        "permuted_rephrases": _no_odds(of["rephrases permuted"].homes),
        "look_alikes": _untouched(of["look-alikes"].homes),
        "poisoned_home": _alone(of["poisoned"].homes, usual[0], same_pool=same_pool),
        "leak_probe": _no_leak([turn for turns in main for turn in turns]),
        "dose_and_response": _rising([of[f"dose {dose:g}"].homes for dose in DOSES]),
        "weeks_and_learned": _more_with_time(usual),
        "between_bounds": _between(main),
    }
    return {
        f"check_{name}": {"holds": found.holds, "told": found.told, "found": found.found}
        for name, found in checks.items()
    }


class Found(NamedTuple):
    """Whether a check holds, what was found, and whether there was enough to tell."""

    holds: bool
    found: str
    told: bool = True


def _too_little(found: str) -> Found:
    return Found(holds=True, found=f"too little to tell: {found}", told=False)


def _untouched(homes: Homes) -> Found:
    turns = [turn for home in homes for turn in home]
    rewritten = sum(bool(turn.taken_as) for turn in turns)
    most = TRIGGERS * len(turns)
    found = f"{rewritten} of {len(turns)} sentences rewritten"
    # one or two of few are more than a thousandth, and say nothing
    if most < 1 and rewritten <= most + 3 * sqrt(most):
        return _too_little(found)
    return Found(rewritten <= most, found)


def _gain(homes: Homes) -> float:
    """Return by how much more of all sentences work by rules than would without rewriting."""
    turns = [turn for home in homes for turn in home]
    return sum(turn.reached - turn.base for turn in turns if turn.by_rule) / max(len(turns), 1)


def _no_gain(homes: Homes, usual: Homes) -> Found:
    gain, real = _gain(homes), _gain(usual)
    found = f"gain {gain:.4f} of sentences, {real:.4f} in the same homes with true feedback"
    fired = sum(bool(turn.by_rule) for turns in usual for turn in turns)
    holds = gain <= max(0.25 * real, TRIGGERS)
    return _too_little(found) if fired < ENOUGH else Found(holds, found)


def _no_odds(homes: Homes) -> Found:
    fired = [turn for home in homes for turn in home if turn.by_rule and not (turn.base and turn.reached)]
    won = sum(turn.reached for turn in fired)
    found = f"{won} of {len(fired)} rewrites by rules put something right"
    return _too_little(found) if len(fired) < ENOUGH else Found(won <= len(fired) - won, found)


def _alone(homes: Homes, same: Sequence[Turn], *, same_pool: bool) -> Found:
    """Return whether what is planted in a home changes nothing next door, and nothing that is shared."""
    poisoned, beside = homes
    taken = sum(bool(turn.taken_as) for turn in poisoned)
    told = f"false corrections next door change {_differences(beside, same)} sentences"
    pool = "nothing" if same_pool else "something"
    found = f"{told} and {pool} that homes share; there {taken} are rewritten"
    return Found(same_pool and tuple(beside) == tuple(same), found)


def _differences(one: Sequence[Turn], other: Sequence[Turn]) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def _no_leak(turns: Sequence[Turn]) -> Found:
    """Return whether nothing but words, place, time and speaker tells what will fail: ids least of all."""
    told = [turn for turn in turns if turn.wish != ASIDE and turn.cause != NO_HUB]
    half = len(told) // 2
    marks = np.array([[int(digit, 16) for digit in turn.id] for turn in told], np.float64)
    fails = np.array([turn.cause in CAUSES for turn in told])
    few = min(int(fails[half:].sum()), int((~fails[half:]).sum()))
    if few < ENOUGH or fails[:half].all() or not fails[:half].any():
        return _too_little(f"{few} sentences that fail, or that do not")
    known, wanted = marks[:half] - marks.mean(0), fails[:half] - fails[:half].mean()
    weights = np.linalg.solve(known.T @ known + np.eye(marks.shape[1]), known.T @ wanted)
    scores = marks[half:] @ weights
    area = auroc(list(zip(scores.tolist(), fails[half:].tolist(), strict=True)))
    return Found(abs(area - 0.5) <= 3 / sqrt(12 * few), f"AUROC {area:.3f} of failing, from ids alone")


def _rising(doses: Sequence[Homes]) -> Found:
    failing, spread = [], 0.0
    for homes in doses:
        told = [turn for home in homes for turn in home if turn.wish != ASIDE and turn.cause != NO_HUB]
        share = sum(not turn.base for turn in told) / len(told)
        spread = max(spread, 2 * sqrt(2 * share * (1 - share) / len(told)))
        failing.append(share)
    found = ", ".join(
        f"{share:.3f} at {dose:g} times the errors" for dose, share in zip(DOSES, failing, strict=True)
    )
    found = f"share that would fail: {found}"
    steps = [more - less for less, more in pairwise(failing)]
    if min(steps) > 0 or max(steps) < -spread:
        return Found(min(steps) > 0, found)
    return _too_little(found) if min(steps) > -spread else Found(holds=False, found=found)


def _more_with_time(homes: Homes) -> Found:
    """Return whether hubs put more right in the second half of the time than in the first."""
    days = max(turn.day for turns in homes for turn in turns) + 1
    halves = [
        [turn for turns in homes for turn in turns if (2 * turn.day >= days) is late]
        for late in (False, True)
    ]
    won = [sum(turn.reached and not turn.base for turn in half if turn.taken_as) for half in halves]
    found = f"{won[0]} sentences put right in the first half of the time, {won[1]} in the second"
    return _too_little(found) if sum(won) < ENOUGH else Found(won[1] > won[0], found)


def _between(homes: Homes) -> Found:
    """Return whether hubs put right no more than could be, and no less than the simplest table would.

    Plain words put right whatever can be put right by words. The simplest table takes a sentence that failed
    twice, each time before another one that worked, for that other one; whether that would have worked
    is known by its wish. It is told what failed, which no hub is.
    """
    ours = sum(turn.reached - turn.base for turns in homes for turn in turns if turn.taken_as)
    best = sum(turn.fixable and not turn.base for turns in homes for turn in turns)
    simple = sum(map(_by_a_table, homes))
    found = f"{ours} sentences put right; {best} with the best words, {simple} by the simplest table"
    if best < ENOUGH or simple - 2 * sqrt(simple + ours) <= ours < simple:
        return _too_little(found)
    return Found(simple <= ours <= best, found)


def _by_a_table(turns: Sequence[Turn]) -> int:
    """Return how many sentences a table puts right, less those that it makes wrong."""
    turned: dict[str, Counter[str]] = defaultdict(Counter)
    gained = 0
    for turn, after in pairwise((*turns, None)):
        if turn is None or turn.cause == NO_HUB:
            continue
        wish, times = max(turned[turn.heard].items(), key=itemgetter(1), default=("", 0))
        if times >= TWICE:
            gained += (wish == turn.wish) - turn.base
        if after is not None and not turn.base and after.tries > turn.tries and after.reached:
            turned[turn.heard][after.wish] += 1
    return gained
