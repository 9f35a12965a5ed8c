"""Compare two runs by what can be compared across machines, and say what got worse.

Milliseconds of one machine say nothing about those of another, so no gate looks at them: ratios of two times
taken in the same run, counts, bytes, and shares with their intervals. What may differ by how much stands in
`gates.toml` beside this file.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, TypeAlias

from edge_nlu.errors import DataError, SettingsError
from edge_nlu_bench.schema import misread

GATES = Path(__file__).with_name("gates.toml")
TIMES = ("_ms", "_s", "_us", "seconds")
WRITTEN = "what `edge-nlu bench ... --json` prints"
KEYS: Final[Mapping[str, type | UnionType]] = {
    "worse": str,
    "margin": int | float,
    "interval": bool,
    "most": int | float,
    "least": int | float,
}
"""What a gate may say, and of what kind that is."""
WANTED: Final[Mapping[type | UnionType, str]] = {
    str: "'more' or 'less'",
    bool: "true or false",
    int | float: "a number",
}
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
    """A figure before and now, None where it is not, and what is wrong with it, or ""."""

    gate: Gate
    old: float | None
    new: float | None
    wrong: str


def read_gates(file: Path = GATES) -> list[Gate]:
    """Return the gates of a file."""
    try:
        with file.open("rb") as opened:
            tables = tomllib.load(opened)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(str(file), str(error), "TOML, as docs/bench.md says of gates") from error
    return [
        _gate(file, (suite, group, figure), said)
        for suite, groups in tables.items()
        for group, figures in _table(file, suite, groups).items()
        for figure, said in _table(file, f"{suite}.{group}", figures).items()
    ]


def _table(file: Path, name: str, of: object) -> Mapping[str, Any]:
    if not isinstance(of, dict):
        raise SettingsError(
            f"{name} in {file.name}", repr(of), "[suite.group], and in it FIGURE = { worse = ... }"
        )
    return of


def _gate(file: Path, place: tuple[str, str, str], of: object) -> Gate:
    """Return a gate, or say what is wrong with it."""
    name = ".".join(place)
    said, where = _table(file, name, of), f"{name} in {file.name}"
    if name.endswith(TIMES):
        raise SettingsError(where, "a time", "a ratio, a count, bytes or a share")
    for key, value in said.items():
        known = KEYS.get(key)
        if known is None:
            raise SettingsError(where, repr(key), f"some of {', '.join(KEYS)}")
        if isinstance(value, bool) is not (known is bool) or not isinstance(value, known):
            raise SettingsError(f"{key} of {where}", repr(value), WANTED[known])
    if said.get("worse") not in ("more", "less"):
        raise SettingsError(f"worse of {where}", repr(said.get("worse")), "'more' or 'less'")
    return Gate(*place, **said)


def read_run(path: Path) -> Run:
    """Return what the suites of a run wrote: a file of one suite, or a folder of `bench all`.

    In a folder, what says of itself no `bench` is passed over: fleets keep their figures beside ours.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    run: dict[str, Mapping[str, Any]] = {}
    for file in files:
        try:
            written = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(file, 0, f"{type(error).__name__}: {error}", WRITTEN) from error
        if path.is_dir() and isinstance(written, dict) and "bench" not in written:
            continue
        wrong = list(misread(written)) if isinstance(written, dict) else ["no group at all"]
        if wrong:
            raise DataError(file, 0, "; ".join(wrong), WRITTEN)
        if written["bench"] in run:
            raise DataError(file, 0, f"another file of `{written['bench']}`", "one of each bench in a folder")
        run[written["bench"]] = written
    if not run:
        raise DataError(path, 0, "no *.json of a bench in it", "a folder that `edge-nlu bench all` wrote")
    return run


def compare(old: Run, new: Run, gates: Sequence[Gate]) -> Iterator[Compared]:
    """Yield the gated figures of the suites that one of both ran: one that the other lacks is wrong."""
    both = [name for name in old if name in new]
    if not both:
        found = f"{', '.join(old)} in one and {', '.join(new)} in the other"
        raise SettingsError("OLD and NEW", found, "two runs of the same bench")
    for name in both:
        if old[name].get("quick", False) is not new[name].get("quick", False):
            raise SettingsError(f"--quick of {name}", "it in one run and not in the other", "runs of a kind")
    for gate in gates:
        if gate.suite in old or gate.suite in new:
            before, now = (run.get(gate.suite, {}).get(gate.group, {}) for run in (old, new))
            yield Compared(
                gate, _number(before, gate.figure), _number(now, gate.figure), _wrong(gate, before, now)
            )


def _number(figures: Mapping[str, Any], name: str) -> float | None:
    value = figures.get(name)
    return value if isinstance(value, int | float) else None


def _wrong(gate: Gate, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return what is wrong with a figure as it is now."""
    sign = 1 if gate.worse == "more" else -1
    old, new = _number(before, gate.figure), _number(now, gate.figure)
    if new is None:
        return "it is gone"
    if gate.most is not None and new > gate.most:
        return f"it may be {gate.most:,g} at most"
    if gate.least is not None and new < gate.least:
        return f"it has to be {gate.least:,g} at least"
    if old is None:
        return "it was not there before"
    if gate.interval:
        ends = ("_high", "_low") if gate.worse == "more" else ("_low", "_high")
        last, first = _number(before, gate.figure + ends[0]), _number(now, gate.figure + ends[1])
        if last is None or first is None:
            return "it has no interval"
        return f"its interval is beyond {last:,g}" if sign * (first - last) > 0 else ""
    allowed = old + sign * gate.margin * abs(old)
    return f"it may be {gate.worse} by {gate.margin:.0%}" if sign * (new - allowed) > 0 else ""
