"""The hub has not become heavier than it was: memory, bytes and imports beside those that are kept here."""

import json
from pathlib import Path

from click.testing import CliRunner

from edge_nlu.cli import cli

BEFORE = Path(__file__).with_name("memory.json")


def test_the_hub_is_not_heavier_than_before(tmp_path: Path) -> None:
    now = tmp_path / "memory.json"
    now.write_text(CliRunner().invoke(cli, ["bench", "memory", "--quick", "--json"]).output)
    ended = CliRunner().invoke(cli, ["bench", "compare", str(BEFORE), str(now)])
    assert ended.exit_code == 0, ended.output
    assert json.loads(now.read_text())["pack"]["bytes"] > 1_000_000
    assert len(ended.output.splitlines()) == 6
