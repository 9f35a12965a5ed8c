"""Try whether the figures of a fleet can be believed: live in ways in which nothing may be learned.

A simulator can give its truth away, and a learner can gain from what is not there. Each check is a
few households that live otherwise; one that fails voids the figures of rewriting, and the report says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np

from edge_nlu.models.score import auroc
from edge_nlu_bench.household.causes import CAUSES, NO_HUB
from edge_nlu_bench.household.fleet import Fleet
from edge_nlu_bench.household.living import ASIDE, PLANTED, Check, Turn, Way
from edge_nlu_bench.household.neighbourhood import Lived, Street
from edge_nlu_bench.report import Figures

TRIGGERS = 0.001
"""So large a share of sentences may be rewritten where there is nothing to learn."""

ENOUGH = 20
"""Fewer rewrites tell nothing of odds."""

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
    """How many homes a check has, and how many days they live."""

    homes: int
    days: int


def streets(fleet: Fleet, size: Size) -> list[Street]:
    """Return the streets that the checks need."""
    numbers = range(FIRST, FIRST + size.homes)

    def street(name: str, check: Check = "", fleet: Fleet = fleet) -> Street:
        return Street(name, fleet, tuple((number, Way(check)) for number in numbers), size.days)

    beside = ((FIRST + size.homes, Way("poisoned")), (FIRST, Way()))
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
        street("nothing fails", "nothing fails", fleet.changed(**NOTHING_WRONG)),
        street("feedback shuffled", "feedback shuffled"),
        street("rephrases permuted", "rephrases permuted"),
        street("look-alikes", "look-alikes"),
        Street("poisoned", fleet, beside, size.days),
        *doses,
    ]


def judged(lived: Sequence[Lived], main: Sequence[Sequence[Turn]]) -> dict[str, Figures]:
    """Return for each check whether it holds and what was found, from its streets and the judged fleet."""
    of = {one.street.name: one.homes for one in lived}
    checks = {
        "null_fleet": _untouched(of["nothing fails"]),
        "shuffled_feedback": _no_gain(of["feedback shuffled"], main),
        "permuted_rephrases": _no_odds(of["rephrases permuted"]),
        "look_alikes": _untouched(of["look-alikes"]),
        "poisoned_home": _alone(of["poisoned"], of["dose 1"][0]),
        "leak_probe": _no_leak([turn for turns in main for turn in turns]),
        "dose_and_response": _rising([of[f"dose {dose:g}"] for dose in DOSES]),
    }
    return {f"check_{name}": {"holds": holds, "found": found} for name, (holds, found) in checks.items()}


Found = tuple[bool, str]


def _untouched(homes: Sequence[Sequence[Turn]]) -> Found:
    turns = [turn for home in homes for turn in home]
    rewritten = sum(bool(turn.taken_as) for turn in turns)
    return rewritten <= TRIGGERS * len(turns), f"{rewritten} of {len(turns)} sentences rewritten"


def _gain(homes: Sequence[Sequence[Turn]]) -> float:
    """Return by how much more of all sentences work than would without rewriting."""
    turns = [turn for home in homes for turn in home]
    return sum(turn.reached - turn.base for turn in turns if turn.taken_as) / max(len(turns), 1)


def _no_gain(homes: Sequence[Sequence[Turn]], main: Sequence[Sequence[Turn]]) -> Found:
    gain, real = _gain(homes), _gain(main)
    return gain <= max(0.25 * real, TRIGGERS), f"gain {gain:.4f} of sentences, {real:.4f} with true feedback"


def _no_odds(homes: Sequence[Sequence[Turn]]) -> Found:
    fired = [turn for home in homes for turn in home if turn.taken_as and not (turn.base and turn.reached)]
    won = sum(turn.reached for turn in fired)
    found = f"{won} of {len(fired)} rewrites put something right"
    return len(fired) < ENOUGH or won <= len(fired) - won, found


def _alone(homes: Sequence[Sequence[Turn]], same: Sequence[Turn]) -> Found:
    """Return whether a home lives as it does when nobody plants anything next door."""
    poisoned, beside = homes
    taken = sum(bool(turn.taken_as) for turn in poisoned)
    told = f"{PLANTED} false corrections next door change {_differences(beside, same)} sentences"
    return tuple(beside) == tuple(same), f"{told}; there {taken} are rewritten"


def _differences(one: Sequence[Turn], other: Sequence[Turn]) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def _no_leak(turns: Sequence[Turn]) -> Found:
    """Return whether nothing but words, place, time and speaker tells what will fail: ids least of all."""
    told = [turn for turn in turns if turn.wish != ASIDE and turn.cause != NO_HUB]
    half = len(told) // 2
    marks = np.array([[int(digit, 16) for digit in turn.id] for turn in told], np.float64)
    fails = np.array([turn.cause in CAUSES for turn in told])
    if not fails[:half].any() or fails[:half].all() or not fails[half:].any() or fails[half:].all():
        return True, "nothing fails, so there is nothing to give away"
    known, wanted = marks[:half] - marks.mean(0), fails[:half] - fails[:half].mean()
    weights = np.linalg.solve(known.T @ known + np.eye(marks.shape[1]), known.T @ wanted)
    scores = marks[half:] @ weights
    area = auroc(list(zip(scores.tolist(), fails[half:].tolist(), strict=True)))
    few = min(int(fails[half:].sum()), int((~fails[half:]).sum()))
    return abs(area - 0.5) <= 3 / sqrt(12 * few), f"AUROC {area:.3f} of failing, from ids alone"


def _rising(doses: Sequence[Sequence[Sequence[Turn]]]) -> Found:
    failing = []
    for homes in doses:
        told = [turn for home in homes for turn in home if turn.wish != ASIDE and turn.cause != NO_HUB]
        failing.append(sum(not turn.base for turn in told) / len(told))
    found = ", ".join(
        f"{share:.3f} at {dose:g} times the errors" for dose, share in zip(DOSES, failing, strict=True)
    )
    return all(less < more for less, more in pairwise(failing)), f"share that would fail: {found}"
