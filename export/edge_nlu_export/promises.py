"""What a pack must keep, each promise with what was measured and its limit, and the report of them all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_nlu.errors import PackRefusedError

_TRIFLE = 1e-9


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing a pack must keep: what was measured, and the limit it must stay within."""

    name: str
    measured: float
    limit: float
    unit: str
    note: str = ""
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Tell whether the measured value is within the limit."""
        if self.at_least:
            return self.measured >= self.limit - _TRIFLE
        return self.measured <= self.limit + _TRIFLE

    @property
    def found(self) -> str:
        """Return the measured value with its unit."""
        return f"{_number(self.measured)} {self.unit}"

    @property
    def bound(self) -> str:
        """Return the limit in words."""
        return f"at {'least' if self.at_least else 'most'} {_number(self.limit)} {self.unit}"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every promise."""

    pack: Path
    hub: str
    promises: tuple[Promise, ...]

    @property
    def kept(self) -> bool:
        """Tell whether every promise was kept."""
        return all(promise.kept for promise in self.promises)

    def lines(self) -> list[str]:
        """Return a line for each promise, for a person to read."""
        width = max(len(promise.name) for promise in self.promises)
        return [
            f"{'kept' if p.kept else 'BROKEN':<8}{p.name:<{width}}  {p.found}, {p.bound}"
            + f"  ({p.note})" * bool(p.note)
            for p in self.promises
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON holds it."""
        rows = [
            {
                "promise": p.name,
                "measured": round(p.measured, 4),
                "limit": round(p.limit, 4),
                "unit": p.unit,
                "at_least": p.at_least,
                "kept": p.kept,
                "note": p.note,
            }
            for p in self.promises
        ]
        return {"pack": self.pack.name, "hub": self.hub, "kept": self.kept, "promises": rows}

    def require(self) -> None:
        """Return if every promise was kept, else raise `PackRefusedError` naming the first that was not."""
        for promise in self.promises:
            if not promise.kept:
                found = promise.found + f" ({promise.note})" * bool(promise.note)
                raise PackRefusedError(self.pack, promise.name, found, promise.bound)


def read_report(path: Path, pack: Path) -> Report:
    """Return the report that a file holds as `as_dict` gives it."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    promises = tuple(
        Promise(row["promise"], row["measured"], row["limit"], row["unit"], row["note"], row["at_least"])
        for row in kept["promises"]
    )
    return Report(pack, kept["hub"], promises)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.2f}"
