"""Count how many written cases hold: by the kind of context they need, and in a disguised home.

A hub that learned the names and the conventions of the homes it was tried in would pass there and fail
elsewhere. So the same cases are played once more with everything renamed and speaking otherwise, and what
counts is how many points that costs.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from edge_nlu.errors import DataError
from edge_nlu.hub.replay import replay
from edge_nlu.interfaces import Understander
from edge_nlu_bench.disguise import disguised
from edge_nlu_bench.judge import Verdict, judge
from edge_nlu_bench.report import Report, share

ALL = "all"


def measure(
    path: Path, understander: Understander, *, blind: bool = False, seed: int | None = None
) -> tuple[Report, list[dict[str, str]]]:
    """Return the figures of the cases in a file, and every case that does not hold.

    With a seed the cases are played once more in disguise, and that run's faults are listed too.
    """
    plain = play(path, understander, blind=blind)
    report = dict(counted(plain))
    lost = list(_listed("plain", plain))
    if seed is not None:
        with TemporaryDirectory() as folder:
            hidden = play(disguised(path, Path(folder), seed), understander, blind=blind)
        report |= {f"disguised {name}": figures for name, figures in counted(hidden).items()}
        report["points"] = points(plain, hidden)
        lost += _listed("disguised", hidden)
    return report, lost


def play(path: Path, understander: Understander, *, blind: bool = False) -> list[Verdict]:
    """Return how each case in a file went, in order."""
    results: dict[str, dict[int, Mapping[str, Any]]] = defaultdict(dict)
    for result in replay(path, understander, blind=blind):
        results[result["id"]][result["step"]] = result
    return [judge(case, results[case["id"]]) for case in read_cases(path)]


def read_cases(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the cases in a file."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    case = json.loads(line)
                    yield {**case, "id": case["id"], "about": case["about"], "steps": case["steps"]}
                except (ValueError, TypeError, KeyError) as error:
                    raise DataError(path, number, f"{type(error).__name__}: {error}", "a case") from error


def counted(verdicts: Sequence[Verdict]) -> dict[str, dict[str, float | int]]:
    """Return the share that holds by kind of context, and of all, with what went wrong."""
    kinds: dict[str, list[bool]] = defaultdict(list)
    for verdict in verdicts:
        for kind in verdict.about:
            kinds[kind].append(verdict.holds)
    figures: dict[str, dict[str, float | int]] = {kind: _held(kinds[kind]) for kind in sorted(kinds)}
    figures[ALL] = {
        **_held([verdict.holds for verdict in verdicts]),
        "wrong_actions": sum(verdict.acted for verdict in verdicts),
        "needless_questions": sum(verdict.asked for verdict in verdicts),
    }
    return figures


def points(plain: Sequence[Verdict], hidden: Sequence[Verdict]) -> dict[str, float]:
    """Return the percentage points that a disguise costs, with the interval of the loss case by case."""
    loss = np.array(
        [100.0 * (one.holds - other.holds) for one, other in zip(plain, hidden, strict=True)], np.float64
    )
    return share("points_lost", loss)


def _held(held: Sequence[bool]) -> dict[str, float | int]:
    return {"n": len(held), "held": sum(held), **share("share", np.array(held, np.float64))}


def _listed(run: str, verdicts: Iterable[Verdict]) -> Iterator[dict[str, str]]:
    for verdict in verdicts:
        if not verdict.holds:
            yield {"run": run, "case": verdict.id, "faults": "; ".join(verdict.faults)}
