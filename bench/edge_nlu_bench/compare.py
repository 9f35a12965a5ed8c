"""Compare two runs by what can be compared across machines, and say what got worse.

Milliseconds of one machine say nothing about those of another, so no gate looks at them: ratios of two times
taken in the same run, counts, bytes, and shares with their intervals. What may differ by how much stands in
`gates.toml` beside this file.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from edge_nlu.errors import DataError, SettingsError

GATES = Path(__file__).with_name("gates.toml")
TIMES = ("_ms", "_s", "_us", "seconds")
Run: TypeAlias = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Gate:
    """How far a figure may be worse than before.

    `margin` is a share of the old figure. With `interval` it counts as worse where the two intervals do not
    touch. `most` and `least` hold whatever it was before.
    """

    suite: str
    group: str
    figure: str
    worse: Literal["more", "less"]
    margin: float = 0.0
    interval: bool = False
    most: float | None = None
    least: float | None = None

    @property
    def name(self) -> str:
        """Return the figure's place."""
        return f"{self.suite}.{self.group}.{self.figure}"


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure before and now, and what is wrong with it, or ""."""

    gate: Gate
    old: float
    new: float | None
    wrong: str


def read_gates(file: Path = GATES) -> list[Gate]:
    """Return the gates of a file."""
    with file.open("rb") as opened:
        tables = tomllib.load(opened)
    gates = [
        Gate(suite, group, figure, **said)
        for suite, groups in tables.items()
        for group, figures in groups.items()
        for figure, said in figures.items()
    ]
    for gate in gates:
        if gate.figure.endswith(TIMES):
            raise SettingsError(f"{gate.name} in {file.name}", "a time", "a ratio, a count, bytes or a share")
    return gates


def read_run(path: Path) -> Run:
    """Return what the suites of a run wrote: a file of one suite, or a folder of `bench all`."""
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    run: dict[str, Mapping[str, Any]] = {}
    for file in files:
        try:
            written = json.loads(file.read_text(encoding="utf-8"))
            run[str(written["bench"])] = written
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataError(
                file, 0, f"{type(error).__name__}: {error}", "what `edge-nlu bench ... --json` prints"
            ) from error
    if not run:
        raise DataError(path, 0, "no *.json in it", "a folder that `edge-nlu bench all` wrote")
    return run


def compare(old: Run, new: Run, gates: list[Gate]) -> Iterator[Compared]:
    """Yield the gated figures that the old run has, of suites that both ran."""
    for gate in gates:
        before = old.get(gate.suite, {}).get(gate.group, {})
        if gate.suite in new and gate.figure in before:
            now = new[gate.suite].get(gate.group, {})
            yield Compared(gate, before[gate.figure], now.get(gate.figure), _wrong(gate, before, now))


def _wrong(gate: Gate, before: Mapping[str, float], now: Mapping[str, float]) -> str:
    """Return what is wrong with a figure as it is now."""
    name, sign = gate.figure, 1 if gate.worse == "more" else -1
    if name not in now:
        return "it is gone"
    if gate.most is not None and now[name] > gate.most:
        return f"it may be {gate.most:,g} at most"
    if gate.least is not None and now[name] < gate.least:
        return f"it has to be {gate.least:,g} at least"
    if gate.interval:
        ends = ("_high", "_low") if gate.worse == "more" else ("_low", "_high")
        last, first = before[name + ends[0]], now[name + ends[1]]
        return f"its interval is beyond {last:,g}" if sign * (first - last) > 0 else ""
    allowed = before[name] + sign * gate.margin * abs(before[name])
    return f"it may be {gate.worse} by {gate.margin:.0%}" if sign * (now[name] - allowed) > 0 else ""
