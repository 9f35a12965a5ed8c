"""Killed at any step of an install, sync and the hub go on by themselves when they are started again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("tuf", reason="needs the [sync] extra")

from edge_nlu_bench.updates.kills import survive_fetching, survive_installing
from edge_nlu_bench.updates.packs import another_network, fewer_promises
from edge_nlu_bench.updates.world import World

EVERY = 5
"""`edge-nlu bench sync` kills at each step."""


@pytest.mark.slow
def test_killed_while_it_fetches_sync_hands_over_a_whole_pack_the_next_time(world: World) -> None:
    kills, healed = survive_fetching(world, EVERY)
    assert kills > 5
    assert healed == kills


@pytest.mark.slow
def test_killed_while_it_takes_a_pack_in_or_goes_back_a_hub_starts_and_goes_on(
    pack: Callable[..., Path], tmp_path: Path
) -> None:
    first, second = pack("one-1", fewer_promises), pack("two-2", another_network)
    kills, healed = survive_installing(tmp_path / "hubs", first, second, EVERY)
    assert kills > 5
    assert healed == kills
