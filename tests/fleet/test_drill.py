"""What a drill with a promise looks at: a promise that was broken does not pass for one that was kept."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.fleet.accounting import Privacy, epsilon, planned
from edge_nlu.fleet.giving import give, made
from edge_nlu.models.pack import Pack
from edge_nlu.sync.state import Part, State
from edge_nlu.wire.releases import Spent
from edge_nlu.wire.rounds import Task
from edge_nlu_bench.drill.fleets import SMALL_HUB
from edge_nlu_bench.drill.promise import Kept, repository_in
from edge_nlu_bench.updates.together import task

pytestmark = pytest.mark.slow

ROUNDS = 5
RUN, SERVER = "run-1", "fleet.example"


class Played:
    """A fleet of one home after a run in which all was as it should be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.promise = planned(2.0, 14, q=1.0, rounds=ROUNDS, clip=0.1)
        (folder / "run").mkdir()
        (folder / "run" / "study.json").write_text(json.dumps({"privacy": asdict(self.promise)}))
        self.pack = Pack.open(Pack.default_path())
        repository_in(folder, self.pack)
        self.told: dict[str, Any] = {
            "rounds": ROUNDS,
            "privacy": asdict(Spent(cost(self.promise, ROUNDS), self.promise.delta, ROUNDS)),
            "right": 0.5,
        }
        home = folder / "hub-1"
        home.mkdir()
        kept = {"url": f"https://{SERVER}", "kept": home, "epsilon": 2.0}
        self.settings = home / "edge-nlu.toml"
        self.settings.write_text(SMALL_HUB.format(folder=home, **kept))
        (home / "state").mkdir()
        self.pays(ROUNDS, cost(self.promise, ROUNDS))

    def pays(self, number: int, told: float, *, spends: bool = True) -> None:
        with closing(State(self.folder / "hub-1" / "sync")) as state:
            if spends:
                state.spend(RUN, SERVER, told, self.promise.delta)
            which = (RUN, number, "intent", 100)
            part = Part(f"key-{number}", 1.0, SERVER, *which, told, self.promise.delta, 2.0, "sent")
            state.note_part(part)

    def gives(self, spent: Spent) -> None:
        asked: Task = task(("", "on.power"), self.pack.labels.embedding)
        new = made(self.pack, asked, asked.arrays, self.folder / "made")
        keys = self.folder / "keys"
        self.told["release"] = give(self.folder / "repo", keys, self.pack, new, spent, 5).number

    def faults(self, before: float = 0.5) -> list[str]:
        return list(Kept(self.folder, self.told, {"hub-1": self.settings}).faults(before))


def cost(promise: Privacy, rounds: int) -> float:
    return epsilon(promise.q, promise.noise, rounds, promise.delta)


@pytest.fixture
def played(tmp_path: Path) -> Played:
    return Played(tmp_path)


def test_a_promise_that_was_kept_has_no_faults(played: Played) -> None:
    assert played.faults() == []
    played.gives(Spent(**played.told["privacy"]))
    assert played.faults() == []


def test_whoever_tells_too_little_or_pays_too_much_is_named(played: Played) -> None:
    played.pays(2, cost(played.promise, 1))
    assert [one.partition(":")[0] for one in played.faults()] == ["hub-1"]
    played.pays(2, cost(played.promise, 2))
    played.pays(6, cost(played.promise, 6))
    (fault,) = played.faults()
    assert "of 2.0" in fault
    played.told["privacy"]["epsilon"] = 1.0
    assert len(played.faults()) == 2


def test_a_home_that_does_not_show_what_it_paid_is_named(played: Played) -> None:
    with closing(State(played.folder / "hub-1" / "sync")) as state:
        state._database.execute("UPDATE spent SET epsilon = 0.5")
    (fault,) = played.faults()
    assert "shows an epsilon of 0.5" in fault


def test_what_was_signed_is_looked_at_and_how_right_it_is(played: Played) -> None:
    played.gives(Spent(1.0, played.promise.delta, ROUNDS))
    played.told["right"] = 0.4
    assert [one.split()[0] for one in played.faults()] == ["signed", "a"]
    del played.told["release"]
    assert len(played.faults()) == 3
