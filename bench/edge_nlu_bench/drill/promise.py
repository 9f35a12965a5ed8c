"""What must hold of a promise that was made to homes, whoever was killed: nobody pays more than was promised,
each home and everybody who gets the head is told what it cost, and no worse head is given away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from edge_nlu.commands.fleet_server import STUDY
from edge_nlu.commands.privacy import account_of
from edge_nlu.fleet.accounting import epsilon
from edge_nlu.fleet.repo import Repo, releases_in
from edge_nlu.hub.settings import read_settings
from edge_nlu.models.pack import Pack
from edge_nlu.sync.state import last_parts
from edge_nlu.wire.releases import HEADS, Spent

_SAME: Final = 1e-9


def repository_in(folder: Path, pack: Pack) -> None:
    """Make a repository that gives away the pack that homes have."""
    repo = Repo(folder / "repo", folder / "keys")
    repo.init()
    repo.add(pack.folder)
    repo.publish()


class Kept:
    """How a promise was kept in the end: `told` is what the server says, `homes` are the homes' settings."""

    def __init__(self, folder: Path, told: Mapping[str, Any], homes: Mapping[str, Path]) -> None:
        self._told = told
        self._promise = json.loads((folder / "run" / STUDY).read_bytes())["privacy"]
        settings = {name: read_settings(file) for name, file in homes.items()}
        self._parts = {name: last_parts(one.sync_folder(), 500)[0] for name, one in settings.items()}
        self._paid = {name: account_of(one).together for name, one in settings.items()}
        self._given = [one for one in releases_in(folder / "repo") if one.role == HEADS]

    def figures(self) -> dict[str, Any]:
        """Return what was promised, and what it came to."""
        return {
            "epsilon": self._promise["epsilon"],
            "delta": round(self._promise["delta"], 6),
            "noise": self._promise["noise"],
            "told": self._told["privacy"]["epsilon"],
            "home_paid_most": round(max(one.epsilon for one in self._paid.values()), 4),
            "given": len(self._given),
        }

    def faults(self, before: float) -> Iterator[str]:
        """Yield what went wrong, in words; `before` is how right the first head was."""
        promised, told = self._promise["epsilon"], self._told["privacy"]
        costs = cache(self._cost)
        if not costs(self._told["rounds"]) <= told["epsilon"] <= promised:
            yield f"the server tells an epsilon of {told['epsilon']}, and {promised} was promised"
        for name, parts in self._parts.items():
            for part in parts:
                if abs(part.epsilon - costs(part.round)) > _SAME:
                    yield f"{name}: told {part.epsilon} of round {part.round}, which cost {costs(part.round)}"
            # who was killed before it had trained has paid, and has no part
            paid, shown = max((part.epsilon for part in parts if part.bytes), default=0.0), self._paid[name]
            if not paid <= shown.epsilon <= promised == shown.most_epsilon:
                yield f"{name}: shows an epsilon of {shown.epsilon}, paid {paid} of {promised}"
        if any(one.privacy != Spent(**told) for one in self._given):
            yield f"signed with {[one.privacy for one in self._given]}, told {told}"
        if self._given and self._told["right"] < before:
            yield f"a head was given away that is right in {self._told['right']}, {before} before"
        if bool(self._given) != ("release" in self._told):
            yield f"{len(self._given)} heads are in the repository, told of {self._told.get('release')}"

    def _cost(self, rounds: int) -> float:
        """Return what so many rounds cost by the noise that was promised."""
        return epsilon(self._promise["q"], self._promise["noise"], rounds, self._promise["delta"])
