"""A repository is made, filled and signed from the command line, with keys in two places."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

pytest.importorskip("tuf", reason="needs the [sync] extra")

from edge_nlu.cli import cli
from edge_nlu.errors import EdgeNluError
from edge_nlu.fleet.repo import Repo, releases_in
from edge_nlu_bench.updates.packs import another_network, fewer_promises, make, small
from edge_nlu_bench.updates.world import World


def told(*arguments: object) -> str:
    """Return what a command of the fleet says."""
    done = CliRunner().invoke(cli, ["fleet", "repo", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_pack_goes_from_a_folder_to_hubs(tmp_path: Path) -> None:
    repo, keys = tmp_path / "repo", ("--keys", tmp_path / "keys")
    assert "root.json to hubs" in told("init", repo, *keys)
    pack = make(tmp_path / "new-1", small)
    assert "new-1, release 1 of models, for 10 of 100 hubs" in told("add", repo, pack, *keys, "--percent", 10)
    assert "holds until" in told("publish", repo, *keys)
    # the same for more hubs is the same release, another pack is the next one
    told("add", repo, pack, *keys)
    told("add", repo, make(tmp_path / "new-2", fewer_promises, pack), *keys, "--base", "new-1")
    shown = json.loads(told("show", repo, "--json"))
    assert [(one["pack"], one["role"], one["number"], one["percent"]) for one in shown] == [
        ("new-1", "models", 1, 100),
        ("new-2", "heads", 2, 100),
    ]
    for role in ("models", "timestamp", "root"):
        assert "new keys" in told("rotate", repo, role, *keys)


def test_the_online_keys_are_enough_to_publish_and_for_nothing_else(world: World) -> None:
    pack = world.pack("new-1")
    world.repo.add(pack)
    shutil.move(world.folder / "keys" / "offline", world.folder / "drawer")
    world.repo.publish()
    assert world.look().outcome == "handed in"
    for deed in (lambda: world.repo.add(pack), lambda: world.repo.rotate("timestamp")):
        with pytest.raises(EdgeNluError, match="bring the offline keys here"):
            deed()
    assert {path.stat().st_mode & 0o777 for path in (world.folder / "keys").rglob("*.pem")} == {0o600}


@pytest.mark.parametrize(
    ("role", "missing"),
    [("models", "offline/targets"), ("models", "online/snapshot"), ("targets", "offline/root")],
)
def test_keys_that_are_missing_are_noticed_before_anything_is_signed(
    world: World, role: str, missing: str
) -> None:
    world.repo.add(world.pack("new-1"))
    keys = world.folder / "keys"
    (key, *_) = keys.glob(f"{missing}-*.pem")
    key.rename(world.folder / "away.pem")
    before = sorted(path.name for folder in (world.folder / "repo", keys) for path in folder.rglob("*"))
    with pytest.raises(EdgeNluError, match=f"keys of {missing.rpartition('/')[2]}"):
        world.repo.rotate(role)
    assert (
        sorted(path.name for folder in (world.folder / "repo", keys) for path in folder.rglob("*")) == before
    )
    # the one who signs every day knows nothing of it
    (world.folder / "away.pem").rename(key)
    world.repo.publish()
    assert world.look().outcome == "handed in"


def test_a_full_disk_is_told_and_hubs_see_nothing_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("edge_nlu.durable.os.fsync", full)
    with pytest.raises(EdgeNluError, match="No space left on device, expected a file that can be written"):
        world.repo.add(world.pack("new-1"))
    monkeypatch.undo()
    world.repo.publish()
    assert world.look().outcome == "nothing new"


def test_a_folder_without_a_repository_has_no_packs_to_show(tmp_path: Path) -> None:
    with pytest.raises(EdgeNluError, match="found no repository there"):
        releases_in(tmp_path)


def test_keys_are_never_made_where_the_world_can_get_them(tmp_path: Path) -> None:
    with pytest.raises(EdgeNluError, match="keep the keys elsewhere"):
        Repo(tmp_path / "repo", tmp_path / "repo" / "keys").init()
    assert not (tmp_path / "repo").exists()


def test_a_second_repository_does_not_take_the_place_of_the_first(world: World) -> None:
    with pytest.raises(EdgeNluError, match="found a repository there"):
        world.repo.init()


def test_heads_that_exchange_the_network_are_not_even_signed(world: World) -> None:
    first = world.pack("first-1")
    world.repo.add(first)
    other = make(world.folder / "made" / "other-2", another_network, first)
    with pytest.raises(EdgeNluError, match=r"another encoder\.int8\.onnx"):
        world.repo.add(other, base="first-1")
    with pytest.raises(EdgeNluError, match="add it first"):
        world.repo.add(other, base="nobody-0")


def test_nothing_is_seen_before_it_is_published(world: World) -> None:
    world.repo.add(world.pack("new-1"))
    assert world.look().releases == ()
    world.repo.publish()
    assert [release.pack for release in world.look().releases] == ["new-1"]
