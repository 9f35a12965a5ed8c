"""A fleet's job finds the same on one machine and on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from distributed import LocalCluster

from edge_nlu.fleet.mining.collected import Collected, shards
from edge_nlu.fleet.mining.epochs import Epochs
from edge_nlu.fleet.mining.jobs import Alone, Cluster
from edge_nlu.fleet.mining.mine import homes_of, weeks_before
from edge_nlu.learning.pairs import Pair, digest
from edge_nlu.wire.outgoing import Item
from edge_nlu.wire.pairs import Offer, Week, week_of

NOW = 1_772_500_000.0
WEEK = week_of(NOW)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as local:
        joined = Cluster(local.scheduler_address)
        yield joined
        joined.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return what three receivers took in; some homes came to two of them."""
    rng, asked = Random(1), Epochs(tmp_path).open(1.0, 1e-8, 3)
    receivers = [Collected(tmp_path, str(number), lambda: NOW) for number in range(3)]
    for number in range(300):
        home = f"{number:032x}"
        pairs = [Pair("name", f"thing {min(int(rng.paretovariate(0.5)), 99)}", "lamp") for _ in range(3)]
        offer = Offer(asked.epoch, home, tuple({digest(asked.salt, pair) for pair in pairs}))
        week = Week.of(WEEK - rng.choice([2, 3]), home, {"correct": 90, "heard wrong": rng.randrange(9)})
        for receiver in rng.sample(receivers, rng.choice([1, 2])):
            receiver.take(Item(home, "pairs", offer.to_bytes()))
            receiver.take(Item(home, "count", week.to_bytes()))
    for receiver in receivers:
        receiver.close()
    return tmp_path


def test_one_machine_and_a_cluster_find_the_same(cluster: Cluster, folder: Path) -> None:
    files = shards(folder)
    assert len(files) == 3
    for job in (homes_of(1), weeks_before(WEEK)):
        found = Alone()(job, files)
        assert len(found) > 3
        assert cluster(job, files) == found
    assert max(count for _, count in Alone()(homes_of(1), files)) <= 300
