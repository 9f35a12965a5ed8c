"""The command line lists what there is, and tells in one line what went wrong."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ANNOUNCED = """
[edge_nlu.commands]
garden = garden:water
cellar = garden:no_such_command
"""
GARDEN = """
import click
from edge_nlu.errors import DataError, SettingsError
from pathlib import Path

@click.command()
@click.argument("what")
def water(what):
    "Water the garden."
    if what == "lawn":
        raise SettingsError("garden.hose", found="nothing", expected="a hose")
    if what == "roses":
        raise DataError(Path("roses.jsonl"), 3, problem="two\\nlines", expected="one")
    click.echo("watered " + what)
"""


@dataclass(frozen=True)
class Ended:
    exit_code: int
    out: str
    err: str


def edge_nlu(*arguments: str, said: str = "", beside: Path | None = None) -> Ended:
    """Run the command in a process of its own, with the packages in a folder beside the installed ones."""
    path = {"PYTHONPATH": str(beside)} if beside else {}
    command = [sys.executable, "-m", "edge_nlu", *arguments]
    done = subprocess.run(command, input=said, capture_output=True, text=True, env={**os.environ, **path})
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    """A folder with a package that announces two commands, one of which does not exist."""
    (tmp_path / "garden.py").write_text(GARDEN)
    described = tmp_path / "garden-1.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: garden\nVersion: 1\n")
    (described / "entry_points.txt").write_text(ANNOUNCED)
    return tmp_path


def test_help_lists_our_commands_and_those_of_the_other_packages() -> None:
    listed = edge_nlu("--help").out
    assert all(f"\n  {name} " in listed for name in ["bench", "demo", "eval", "export", "pack", "say"])


def test_a_package_can_bring_a_command(garden: Path) -> None:
    assert "garden  Water the garden." in edge_nlu("--help", beside=garden).out
    assert edge_nlu("garden", "beds", beside=garden).out == "watered beds\n"


def test_a_broken_command_is_named_and_does_not_break_the_others(garden: Path) -> None:
    listed = edge_nlu("--help", beside=garden)
    assert listed.exit_code == 0
    assert "cellar  (Cannot be loaded" in listed.out
    assert edge_nlu("cellar", "--deep", beside=garden).err.startswith(
        "Error: command cellar cannot be loaded"
    )


def test_a_wrong_setting_ends_with_2_and_one_line(garden: Path) -> None:
    ended = edge_nlu("garden", "lawn", beside=garden)
    assert ended.exit_code == 2
    assert (
        ended.err == "Error: setting garden.hose: found nothing, expected a hose; change it and start again\n"
    )


def test_any_other_error_ends_with_1_and_one_line(garden: Path) -> None:
    ended = edge_nlu("garden", "roses", beside=garden)
    assert ended.exit_code == 1
    assert ended.err.startswith("Error: roses.jsonl, line 3: two lines; expected one")
    assert ended.err.count("\n") == 1


def test_saying_something_without_frame_tells_why_not() -> None:
    ended = edge_nlu("say", "turn off the lamp")
    assert ended.exit_code == 2
    assert "add --frame" in ended.err
