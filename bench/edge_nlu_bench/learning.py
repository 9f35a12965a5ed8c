"""Measure what a hub learns by itself, on pretend households whose wishes only the judge knows.

The fleet is fixed in a file whose hash is recorded. Every home lives three times: without rewordings, with
those that other homes shared, and with those and its own. Beside it run the checks that the figures need
to mean anything; when one fails, the figures of rewriting are void, and that is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar, get_args

from edge_nlu.learning.rules import Kind, Rule, State
from edge_nlu.learning.sharing import pooled
from edge_nlu.models.pack import Pack
from edge_nlu_bench.dialogue import dialogue_figures
from edge_nlu_bench.household.fleet import Fleet
from edge_nlu_bench.household.living import MONDAY
from edge_nlu_bench.household.neighbourhood import Lived, Progress, Street, live, workers
from edge_nlu_bench.household.people import manner
from edge_nlu_bench.household.recording import record
from edge_nlu_bench.household.sanity import Size, judged, streets
from edge_nlu_bench.household.tally import SIMULATED, WEEK, by_home, by_person, layered, tallied
from edge_nlu_bench.household.turns import Way
from edge_nlu_bench.labels import labels_figures
from edge_nlu_bench.report import Figures
from edge_nlu_bench.wordings import added, overpersonal

HOMES_IN_A_STREET = 5
CHECKS, QUICK_CHECKS = Size(homes=10, days=21), Size(homes=1, days=7, planted=200)
LAYERS: Mapping[str, Way] = {
    "off": Way(wordings="off", causes=False),
    "shared": Way(wordings="shared", causes=False),
    "both": Way(),
}
DONOR = Way(wordings="home", causes=False)
DONORS, QUICK_DONORS, FIRST_DONOR = 60, 3, 20_000
"""So many homes of the fleet share what they learned; by their numbers none of them is judged."""

READ, QUICK_READ = 30, 2
"""In so many homes it is judged what a night makes of a day."""

QUICK_EVERY = 3
"""Of the list of sentences that only resemble what was turned to, every third history is lived."""

EXAMPLES = 60
CONFIRMED = ("confirmed", "home")

T = TypeVar("T")
Row = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a fleet, what came of each home and person, and examples of rules that were learned."""

    figures: Mapping[str, Figures]
    homes: Sequence[Row]
    people: Sequence[Row]
    rules: Sequence[Row]


def measure(
    fleet: Fleet, pack: Path, data: Path | None, *, quick: bool, progress: Progress | None = None
) -> Measured:
    """Return the figures of a fleet, or of a smaller one, with those of the checks."""
    homes, days = (fleet.count(f"{'quick_' if quick else ''}{what}") for what in ("homes", "days"))
    size, donors = (QUICK_CHECKS, QUICK_DONORS) if quick else (CHECKS, DONORS)
    giving = _streets("donors", fleet, range(FIRST_DONOR, FIRST_DONOR + donors), days, [DONOR], quick=quick)
    main = _streets("fleet", fleet, range(homes), days, list(LAYERS.values()), quick=quick)
    told = _Told(progress, len(giving) + len(main) + len(streets(fleet, size)))
    with workers(pack) as pool:
        given = [rules for one in live(giving, pool, data, told) for rules in one.rules]
        lines = pooled(given)
        shared = "".join(f"{line}\n" for line in lines)
        main = [replace(street, shared=shared) for street in main]
        told.before = len(giving)
        lived = live([*main, *streets(fleet, size, shared)], pool, data, told)
    own, others = lived[: len(main)], lived[len(main) :]
    layers = {name: [turns for one in own for turns in _of(name, one.homes)] for name in LAYERS}
    rules = [rule for one in own for rules in _of("both", one.rules) for rule in rules]
    confirmed = _confirmed(rules, days)
    poisoned = next(one.rules[0] for one in others if one.street.name == "poisoned")
    checks = judged(others, layers["both"], same_pool=pooled([*given, poisoned]) == lines)
    figures: dict[str, Figures] = {
        "fleet": {"sha256": fleet.sha256, "seed": fleet.count("seed"), "homes": homes, "days": days},
        **tallied(layers["both"]),
        **{name: {**group, **confirmed.get(name, {})} for name, group in layered(layers).items()},
        "rules": _counted(rules, homes),
        "sharing": {"homes": donors, "rules": len(lines), "note": SIMULATED},
        "time": _times(own),
        "upkeep": _upkeep([spent for one in own for spent in _of("both", one.nights_s)], days),
        **_beside(fleet, pack, data, days, quick=quick),
        **checks,
    }
    failed = [name for name, check in checks.items() if not check["holds"]]
    figures["rewrites"] = {**figures["rewrites"], "void": bool(failed), "failed_checks": ", ".join(failed)}
    people = [
        {**row, **manner(fleet, int(row["home"]), str(row["person"])), "days": days}
        for row in by_person(layers)
    ]
    return Measured(figures, by_home(layers), people, _examples(rules))


def _streets(
    name: str, fleet: Fleet, numbers: range, days: int, ways: Sequence[Way], *, quick: bool
) -> list[Street]:
    """Return streets in which each home lives in each of these ways, one after the other.

    So the hub process of a street reads most of its sentences once.
    """
    step = 1 if quick else HOMES_IN_A_STREET
    return [
        Street(
            name,
            fleet,
            tuple((number, way) for number in numbers[first : first + step] for way in ways),
            days,
        )
        for first in range(0, len(numbers), step)
    ]


def _of(layer: str, lived: Sequence[T]) -> Sequence[T]:
    """Return what came of the homes of a street with this layer."""
    return lived[list(LAYERS).index(layer) :: len(LAYERS)]


class _Told:
    """Tells how many streets have lived, when they do so one lot after the other."""

    def __init__(self, progress: Progress | None, all_: int) -> None:
        self._progress, self._all, self.before = progress, all_, 0

    def __call__(self, done: int, of: int) -> None:
        del of
        if self._progress is not None:
            self._progress(self.before + done, self._all)


def _counted(rules: Sequence[Rule], homes: int) -> Figures:
    """Return how many rules of homes' own there are, by their kind and how they stand."""
    found = Counter(f"{rule.kind}_{rule.state}" for rule in rules if rule.source == "home")
    return {
        "n": sum(found.values()),
        "a_home": round(sum(found.values()) / homes, 1),
        **{
            f"{kind}_{state}": found[f"{kind}_{state}"]
            for kind in get_args(Kind)
            for state in get_args(State)
        },
        "note": SIMULATED,
    }


def _confirmed(rules: Sequence[Rule], days: int) -> dict[str, Figures]:
    """Return for each week how many rules of homes' own were confirmed in it, by their kind."""
    found = Counter((_week(rule), rule.kind) for rule in rules if (rule.state, rule.source) == CONFIRMED)
    return {
        f"week_{week}": {f"confirmed_{kind}": found[week, kind] for kind in get_args(Kind)}
        for week in range(1, days // WEEK + 1)
    }


def _examples(rules: Sequence[Rule]) -> list[Row]:
    """Return the confirmed rules that put most right, no two alike."""
    confirmed = sorted((one for one in rules if one.state == "confirmed"), key=lambda rule: rule.won)
    alike = {(one.kind, one.failing, one.working): one for one in confirmed}
    best = sorted(alike.values(), key=lambda rule: -rule.won)[:EXAMPLES]
    return [
        {
            **{"kind": one.kind, "source": one.source, "failing": one.failing, "working": one.working},
            **{"won": round(one.won, 1), "lost": round(one.lost, 1), "week": _week(one)},
        }
        for one in best
    ]


def _week(rule: Rule) -> int:
    """Return in which week a rule came to stand as it does."""
    return (datetime.fromtimestamp(rule.at_s, MONDAY.tzinfo) - MONDAY).days // WEEK + 1


def _times(lived: list[Lived]) -> Figures:
    """Return the CPU milliseconds that people, devices and judge took for a sentence, and the hub's."""
    turns = sum(len(home) for one in lived for home in one.homes)
    return {
        "hub_ms": round(1000 * sum(one.hubs_s for one in lived) / turns, 3),
        "people_ms": round(1000 * sum(one.people_s for one in lived) / turns, 3),
    }


def _upkeep(nights_s: Sequence[float], days: int) -> Figures:
    """Return the CPU seconds in which a hub reads a day again, in a home and in the slowest one."""
    return {
        "cpu_s_a_day": round(sum(nights_s) / len(nights_s) / days, 4),
        "most": round(max(nights_s) / days, 4),
    }


def _beside(fleet: Fleet, pack: Path, data: Path | None, days: int, *, quick: bool) -> dict[str, Figures]:
    """Return what is measured beside: what is made of days, of look-alikes of habits, of many rules."""
    homes = list(record(fleet, range(QUICK_READ if quick else READ), days, pack, data))
    return {
        **dialogue_figures(homes, Pack.open(pack)),
        **labels_figures(homes, Pack.open(pack)),
        "over_personalised": overpersonal(pack, every=QUICK_EVERY if quick else 1),
        "many_rewordings": added(),
    }
