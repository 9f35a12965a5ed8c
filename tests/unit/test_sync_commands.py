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
