"""The command line lists what there is, and tells in one line what went wrong."""

import json
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
    assert "garden Water the garden." in " ".join(edge_nlu("--help", beside=garden).out.split())
    assert edge_nlu("garden", "beds", beside=garden).out == "watered beds\n"


def test_a_broken_command_is_named_and_does_not_break_the_others(garden: Path) -> None:
    listed = edge_nlu("--help", beside=garden)
    assert listed.exit_code == 0
    assert "cellar (Cannot be loaded" in " ".join(listed.out.split())
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


def test_a_frame_reads_wish_by_wish(toy_pack: Path) -> None:
    ended = edge_nlu("say", "on lamp and off lamp", "--frame", "--pack", str(toy_pack))
    *lines, time = ended.out.splitlines()
    assert [line.rpartition("  ")[0].split() for line in lines] == [
        ["intent", "lights_off"],
        ["device_type:", "lamp"],
        ["device_type:", "lamp"],
        ["home"],
        ["wish", "on", "power"],
        ["device:", "lamp"],
        ["wish", "off", "power"],
        ["device:", "lamp"],
    ]
    assert time.endswith(" ms")


def test_a_frame_as_json_has_the_documented_fields(toy_pack: Path) -> None:
    frame = json.loads(edge_nlu("say", "off lamp not", "--frame", "--json", "--pack", str(toy_pack)).out)
    documented = "text intent intent_confidence intents home slots clauses truncated milliseconds"
    assert set(frame) == set(documented.split())
    assert (frame["intent"], frame["home"] > 0.9) == ("lights_off", True)
    (clause,) = frame["clauses"]
    assert set(clause) == {"start", "end", "want", "property", "slots", "confidence"}
    assert [(slot["value"], slot["excluded"]) for slot in clause["slots"]] == [("lamp", False), ("not", True)]


def test_saying_nothing_gets_an_empty_frame(toy_pack: Path) -> None:
    frame = json.loads(edge_nlu("say", " ", "--frame", "--json", "--pack", str(toy_pack)).out)
    assert (frame["intent"], frame["intent_confidence"], frame["clauses"]) == ("", 0.0, [])


def test_the_demo_hears_each_line_of_a_pipe(toy_pack: Path) -> None:
    ended = edge_nlu("demo", "--no-broker", "--pack", str(toy_pack), said="on lamp\n\noff lamp\n")
    assert ended.exit_code == 0
    assert [line for line in ended.out.splitlines() if line.startswith(">")] == ["> on lamp", "> off lamp"]


def test_a_pack_is_judged_by_labelled_sentences(toy_pack: Path, tmp_path: Path) -> None:
    known = [{"text": "on lamp", "intent": "lights_on"}, {"text": "off lamp", "intent": "lights_on"}]
    file = tmp_path / "known.jsonl"
    file.write_text("\n".join(map(json.dumps, known)))
    figures = json.loads(edge_nlu("eval", "nlu", str(file), "--json", "--pack", str(toy_pack)).out)
    assert (figures["n"], figures["intent_accuracy"]) == (2, 0.5)
    ranges = {
        f"{name}_{end}" for name in ("intent_accuracy", "slot_f1", "exact_match") for end in ("low", "high")
    }
    assert ranges <= set(figures)
    assert "intent_accuracy   0.5000  (" in edge_nlu("eval", "nlu", str(file), "--pack", str(toy_pack)).out


def test_a_bad_line_is_named_and_nothing_is_judged(toy_pack: Path, tmp_path: Path) -> None:
    file = tmp_path / "known.jsonl"
    file.write_text('{"text": "on lamp", "intent": "lights_on"}\nturn off\n')
    ended = edge_nlu("eval", "nlu", str(file), "--pack", str(toy_pack))
    assert (ended.exit_code, ended.out) == (1, "")
    assert ended.err.startswith(f"Error: {file}, line 2: ")


def test_pack_info_tells_what_the_pack_is(toy_pack: Path) -> None:
    told = json.loads(edge_nlu("pack", "info", "--json", "--pack", str(toy_pack)).out)
    assert set(told) == {"id", "size_bytes", "locale", "labels", "files"}
    assert (told["id"], told["labels"]["intents"]) == ("toy-1", ["lights_on", "lights_off"])
    assert "intents (2)" in edge_nlu("pack", "info", "--pack", str(toy_pack)).out


def test_a_pack_that_is_not_there_ends_with_1_and_one_line(tmp_path: Path) -> None:
    ended = edge_nlu("pack", "info", "--pack", str(tmp_path))
    assert (ended.exit_code, ended.err.count("\n")) == (1, 1)
    assert ended.err.startswith(f"Error: model pack {tmp_path}: ")
