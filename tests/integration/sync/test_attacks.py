"""Whatever a server does, only what was signed is handed to the hub, and the next honest pack comes in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("tuf", reason="needs the [sync] extra")

from edge_nlu_bench.updates.attacks import ATTACKS, attacked
from edge_nlu_bench.updates.world import World


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.__name__ for attack in ATTACKS])
def test_an_attack_comes_to_nothing(world: World, attack: Callable[[World], None]) -> None:
    attacked(world, attack)
