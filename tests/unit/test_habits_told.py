"""Habits in plain words, and the script in which the demo home learns."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu.hub.assemble import JOURNAL
from edge_nlu.hub.habits import lines, worth_telling
from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.stage import Stage
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.storage.memory import habits_in
from edge_nlu.values import Utterance

MONDAY = datetime(2026, 3, 2, 7, tzinfo=UTC)
SCRIPT = Path(__file__).parents[2] / "docs" / "learning.demo"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, Path]:
    """A home in which Ana locks the door each morning and then turns off the spots, and its state folder."""
    folder = tmp_path_factory.mktemp("state")
    understander = Encoder(Pack.open(Pack.default_path()))
    stage = Stage(read_home("demo"), MONDAY, understander, journal=folder / JOURNAL, live=True)
    for day in range(10):
        for minute, text in enumerate(("lock the front door", "turn off the kitchen spots")):
            stage.at = MONDAY + timedelta(days=day, minutes=minute)
            stage.handle(Utterance(f"{day}-{minute}", text, stage.at, "kitchen_speaker", "ana"))
    stage.journal.flush()
    return stage, folder


def test_a_habit_is_told_with_what_it_follows(lived: tuple[Stage, Path]) -> None:
    stage, _ = lived
    known = worth_telling(habits_in(stage.journal.each_row).known(stage.at))
    told = list(lines(known, stage.context.snapshot(stage.at)))
    assert any(
        one.startswith("After locking the front door, Ana turns off the kitchen spots (9 of 9 times")
        for one in told
    ), told


def test_nothing_is_told_where_nothing_is_known(lived: tuple[Stage, Path]) -> None:
    stage, _ = lived
    assert list(lines([], stage.context.snapshot(stage.at))) == ["Nothing is a habit here yet."]


def test_habits_are_shown_from_the_folder_of_a_hub(
    lived: tuple[Stage, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDGE_NLU_CONFIG", raising=False)
    settings = tmp_path / "edge-nlu.toml"
    settings.write_text(f'state_dir = "{lived[1]}"\n')
    shown = CliRunner().invoke(cli, ["habits", "show", "--all", "--json", "--config", str(settings)])
    assert shown.exit_code == 0, shown.output
    assert {one["user"] for one in json.loads(shown.output)} == {"ana"}


def test_who_asks_for_habits_before_any_hub_ran_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDGE_NLU_CONFIG", raising=False)
    settings = tmp_path / "edge-nlu.toml"
    settings.write_text(f'state_dir = "{tmp_path}/state"\n')
    shown = CliRunner().invoke(cli, ["habits", "show", "--config", str(settings)])
    assert shown.exit_code == 1
    assert "found no journal there; it begins when a hub runs" in str(shown.exception)


def test_the_demo_home_learns_in_front_of_whoever_looks() -> None:
    played = CliRunner().invoke(cli, ["demo", "--script", str(SCRIPT)])
    assert played.exit_code == 0, played.output
    said = played.output.split("> ")
    answers = [(one.partition("\n")[0], one) for one in said]
    failed, worked = (a for q, a in answers if q == "kill the reader")
    assert ("act:" in failed, "The living room floor lamp is off" in worked) == (False, True)
    assert "taken as: turn off the living room floor lamp  (learned: " in next(
        a for q, a in answers if q == ":why"
    )
    assert "Closing the living room curtains" in next(a for q, a in answers if q == "movie time")
    assert "act:" not in [a for q, a in answers if q == "movie time"][-1]
    assert "The living room floor lamp is off" in [a for q, a in answers if q == "operation moonlight"][-1]
    assert "Ana makes a cappuccino" in next(a for q, a in answers if q == ":habits")
    by_ana, by_ben = (a for q, a in answers if q == "start brewing")
    assert ("act: Making a cappuccino" in by_ana, "act:" in by_ben) == (True, False)
