"""A fleet that gives packs away, and a home that takes them; both come from the bench that measures them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from edge_nlu_bench.updates.home import Home, home_in
from edge_nlu_bench.updates.packs import make

if TYPE_CHECKING:
    from edge_nlu_bench.updates.world import World


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home whose hub is not yet started."""
    with home_in(tmp_path / "home") as home:
        yield home


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Path]:
    """Make packs of the one that comes along."""
    return lambda name, *change: make(tmp_path / "made" / name, *change)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A fleet that gives nothing away yet, and the sync of a hub."""
    from edge_nlu_bench.updates.world import world_in

    with world_in(tmp_path / "world") as world:
        yield world


@pytest.fixture
def told_settings(world: World) -> Callable[..., Any]:
    """Write the settings of a hub for that fleet, and return their file."""

    def write(more: str = "") -> Path:
        file = world.folder / "edge-nlu.toml"
        lines = [
            f"state_dir = '{world.choices.folder}'",
            more,
            "[sync]",
            f"url = '{world.server.url}'",
            f"root = '{world.choices.root}'",
            "room_mb = 0",
        ]
        file.write_text("\n".join(lines) + "\n")
        return file

    return write
