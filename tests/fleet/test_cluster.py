"""A fleet's job finds the same on one machine and on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

import numpy as np
import pytest
from distributed import LocalCluster

from edge_nlu.fleet.mining.collected import Collected, shards
from edge_nlu.fleet.mining.epochs import TOLD, Epochs
from edge_nlu.fleet.mining.jobs import Alone, Cluster
from edge_nlu.fleet.mining.mine import Mine, homes_of, weeks_before, words_of
from edge_nlu.learning.pairs import Pair, digest
from edge_nlu.storage.shared import FILE
from edge_nlu.wire.outgoing import Item
from edge_nlu.wire.pairs import ASKED, Offer, Week, Worded, week_of

NOW = 1_772_500_000.0
WEEK = week_of(NOW)
OFTEN = ("bright", "warm", "cold")
SELDOM = ("big", "small", "long", "new", "open", "quiet", "soft", "high")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as local:
        joined = Cluster(local.scheduler_address)
        yield joined
        joined.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return what three receivers took in; some homes came to two of them."""
    folder = tmp_path / "fleet"
    rng, asked = Random(1), Epochs(folder).open(1.0, 1e-8, 3, weeks=1.0)
    receivers = [Collected(folder, str(number), lambda: NOW) for number in range(3)]
    for number in range(300):
        home = f"{number:032x}"
        pairs = said(rng)
        digests = tuple({digest(asked.salt, pair) for pair in pairs})
        offer = Offer(asked.epoch, home, digests, asked.epsilon, asked.delta)
        week = Week.of(WEEK - rng.choice([2, 3]), 1.0, {"correct": 90, "heard wrong": rng.randrange(9)})
        for receiver in rng.sample(receivers, rng.choice([1, 2])):
            receiver.take(Item(home, "pairs", offer.to_bytes()), home)
            receiver.take(Item(home, "count", week.to_bytes()), home)
    for receiver in receivers:
        receiver.close()
    return folder


def said(rng: Random) -> list[Pair]:
    """Return what a home says, some of which very many homes say."""
    return [Pair("name", f"{rng.choice(OFTEN)} thing", "lamp") for _ in range(2)] + [
        Pair("name", f"{rng.choice(SELDOM)} thing", "lamp")
    ]


def handed_out(folder: Path) -> None:
    """Have homes hand out words to three receivers, some to two of them."""
    rng, asked = Random(2), Epochs(folder).asked()
    assert asked is not None
    receivers = [Collected(folder, str(number), lambda: NOW) for number in range(3)]
    named = set(asked.named or ())
    for number in range(300):
        home = f"{number:032x}"
        own = tuple(pair for pair in dict.fromkeys(said(rng)) if digest(asked.salt, pair) in named)
        for receiver in rng.sample(receivers, rng.choice([1, 2])) if own else ():
            receiver.take(Item(home, "wordings", Worded(asked.epoch, own).to_bytes()), home)
    for receiver in receivers:
        receiver.close()


def test_one_machine_and_a_cluster_find_the_same(cluster: Cluster, folder: Path) -> None:
    files = shards(folder)
    assert len(files) == 3
    for job in (homes_of(1), weeks_before(WEEK, 1.0)):
        found = Alone()(job, files)
        assert len(found) > 3
        assert cluster(job, files) == found
    assert max(count for _, count in Alone()(homes_of(1), files)) <= 300


def test_a_fleet_has_the_same_table_whichever_engine_counts(
    cluster: Cluster, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_nlu.fleet.mining.mine.named", with_the_same_noise)
    monkeypatch.setattr("edge_nlu.fleet.mining.mine.Laplace.drawn", lambda _, count: np.arange(count))
    other = copytree(folder, tmp_path / "other")
    tables = {}
    for place, engine in ((folder, Alone()), (other, cluster)):
        mine = Mine(place, engine)
        mine.close()
        handed_out(place)
        assert engine(words_of(1), shards(place))
        mine.words()
        mine.weeks(NOW)
        tables[place] = [one.failing for one in mine.table()]
    assert sorted(tables[folder]) == sorted(f"{one} thing" for one in OFTEN)
    for name in (ASKED, TOLD, FILE):
        assert (folder / name).read_bytes() == (other / name).read_bytes(), name


def with_the_same_noise(homes: Any, *_: Any) -> tuple[Any, Any]:
    which = np.flatnonzero(homes + 7 >= 83)
    return which, homes[which] + 7
