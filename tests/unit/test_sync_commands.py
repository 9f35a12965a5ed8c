"""Without the libraries for signatures, the commands that need them say which extra brings them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli


@pytest.mark.parametrize(
    "command",
    ["sync check", "sync install", "sync run", "fleet repo init x --keys y", "fleet repo publish x --keys y"],
)
def test_the_extra_is_named(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_nlu.errors.find_spec", lambda _: None)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, command.split())
    assert "pip install 'edge-nlu[sync]'" in str(done.exception)


def test_which_pack_is_in_use_can_be_told_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_nlu.errors.find_spec", lambda _: None)
    (tmp_path / "edge-nlu.toml").write_text(f"state_dir = '{tmp_path}'")
    done = CliRunner().invoke(cli, ["sync", "status", "--config", str(tmp_path / "edge-nlu.toml")])
    assert done.exit_code == 0
    assert "in use      the pack that comes along" in done.output


def test_what_cannot_be_read_does_not_look_as_if_there_were_nothing(tmp_path: Path) -> None:
    (tmp_path / "edge-nlu.toml").write_text(
        f"state_dir = '{tmp_path}/state'\nsync.folder = '{tmp_path}/own'\n"
    )
    (tmp_path / "own").write_text("no folder")
    for command in ("sync status", "privacy"):
        done = CliRunner().invoke(cli, [*command.split(), "--config", str(tmp_path / "edge-nlu.toml")])
        assert f"{tmp_path}/own: found Not a directory, expected a folder that can be read" in str(
            done.exception
        )


def test_under_its_own_user_sync_is_told_where_the_hub_keeps_its_packs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tuf", reason="needs the [sync] extra")
    (tmp_path / "edge-nlu.toml").write_text(f"[sync]\nurl = 'https://packs.example'\nfolder = '{tmp_path}'\n")
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    done = CliRunner().invoke(cli, ["sync", "check", "--config", str(tmp_path / "edge-nlu.toml")])
    assert "setting state_dir: found none but sync's own" in str(done.exception)
