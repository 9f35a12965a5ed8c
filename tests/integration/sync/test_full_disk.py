"""On a disk that is full a pack is left for later, and the hub goes on with the one it has."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge_nlu.storage.packs import Slot
from edge_nlu_bench.updates.home import Home
from edge_nlu_bench.updates.packs import fewer_promises

MEGABYTE = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 32 megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder], check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs the right to mount a small disk")
def test_a_pack_for_which_there_is_no_room_comes_in_when_there_is(
    small_disk: Path, pack: Callable[..., Path], tmp_path: Path
) -> None:
    home = Home(small_disk, f"[sync]\nfolder = '{tmp_path / 'sync'}'\n")
    home.incoming = tmp_path / "sync" / "incoming"
    try:
        home.start()
        ballast = home.state / "ballast"
        ballast.write_bytes(bytes(14 * MEGABYTE))
        slot = home.hand_in(pack("new-1", fewer_promises))
        home.until(lambda: home.events(slot))
        assert home.events(slot) == ["put off"]
        assert home.packs.current() == Slot()
        assert not list(home.packs.folder.glob("*.part"))
        assert home.wish()
        ballast.unlink()
        home.stop()
        home.start()
        home.until(lambda: home.packs.current() == slot)
        assert home.wish()
    finally:
        home.stop()
