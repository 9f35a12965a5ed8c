"""Measure what a hub learns by itself, on pretend households whose wishes only the judge knows.

The fleet is fixed in a file whose hash is recorded. Beside it run the checks that its figures need
to mean anything; when one fails, the figures of rewriting are void, and that is said.
"""

from __future__ import annotations

from pathlib import Path

from edge_nlu_bench.household.fleet import Fleet
from edge_nlu_bench.household.living import Way
from edge_nlu_bench.household.neighbourhood import Lived, Progress, Street, live
from edge_nlu_bench.household.sanity import Size, judged, streets
from edge_nlu_bench.household.tally import tallied
from edge_nlu_bench.report import Figures

HOMES_IN_A_STREET = 5
CHECKS, QUICK_CHECKS = Size(homes=10, days=21), Size(homes=2, days=7)


def measure(
    fleet: Fleet, pack: Path, data: Path | None, *, quick: bool, progress: Progress | None = None
) -> dict[str, Figures]:
    """Return the figures of a fleet, or of a smaller one, with those of the checks."""
    homes, days = (fleet.count(f"{'quick_' if quick else ''}{what}") for what in ("homes", "days"))
    size = QUICK_CHECKS if quick else CHECKS
    step = 1 if quick else HOMES_IN_A_STREET
    main = [
        Street("fleet", fleet, tuple((n, Way()) for n in range(first, min(first + step, homes))), days)
        for first in range(0, homes, step)
    ]
    lived = live([*main, *streets(fleet, size)], pack, data, progress)
    own, others = lived[: len(main)], lived[len(main) :]
    turns = [home for one in own for home in one.homes]
    checks = judged(others, turns)
    failed = [name for name, check in checks.items() if not check["holds"]]
    figures: dict[str, Figures] = {
        "fleet": {"sha256": fleet.sha256, "seed": fleet.count("seed"), "homes": homes, "days": days},
        **tallied(turns),
        "time": _times(own, sum(map(len, turns))),
        **checks,
    }
    figures["rewrites"] = {**figures["rewrites"], "void": bool(failed), "failed_checks": ", ".join(failed)}
    return figures


def _times(lived: list[Lived], turns: int) -> Figures:
    """Return the CPU milliseconds that people, devices and judge took for a sentence, and the hub's."""
    return {
        "hub_ms": round(1000 * sum(one.hubs_s for one in lived) / turns, 3),
        "people_ms": round(1000 * sum(one.people_s for one in lived) / turns, 3),
    }
