"""What hubs learn of devices and of rewordings comes back by rounds and a pack, and changes what is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from flwr.app import Message

from edge_nlu.cli import cli
from edge_nlu.commands.fleet_golden import BEGIN, SOON, live
from edge_nlu.fleet.giving import made
from edge_nlu.fleet.golden import golden_lessons
from edge_nlu.fleet.local import LocalGrid
from edge_nlu.fleet.messages import reply_of, task_of
from edge_nlu.fleet.selection import Selection
from edge_nlu.fleet.server import Study, main, published
from edge_nlu.fleet.strategy import strategy_for
from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.stage import Stage
from edge_nlu.learning.fitting import Plan
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.heads import arrays_of, check_heads, head_of, names_of
from edge_nlu.models.pack import Pack
from edge_nlu.models.ranker import ranker_of
from edge_nlu.values import Act, Ask, Exchange, Utterance
from edge_nlu.wire.lessons import lessons_in
from edge_nlu.wire.rounds import Task

HALLWAY = "zigbee2mqtt/hallway_light"
WHICH = "turn on the light\nthe hallway one\n"
REWORDED = "turn on the reader\nturn on the floor lamp\n---\nturn off the reader\n"
HOMES = range(4)


@pytest.fixture(scope="module")
def reader() -> Encoder:
    return Encoder(Pack.open(Pack.default_path()))


def learned(reader: Encoder, head: str, days: str, folder: Path) -> Encoder:
    """Return what reads with the pack that rounds with homes come to that have lived through such days."""
    live(reader, read_home("demo"), days, folder / "home")
    golden = folder / "golden"
    (folder / "days").write_text(days)
    told = CliRunner().invoke(cli, ["fleet", "golden", str(folder / "days"), str(golden)])
    assert (told.exit_code, f"{head}: 1 lessons" in told.output) == (0, True), told.output
    names, own = lessons_in(folder / "home", reader.pack.id)[head]
    asked = Task(
        *("run-1", 0, head, reader.pack.id, names_of(head, reader), arrays_of(head, reader)),
        Plan(epochs=20, lot=8, pace=2.0),
        bound=100.0,
    )
    assert names == asked.names

    def answer(message: Message) -> Message:
        return reply_of(task_of(message, 60.0).answered(own), message)

    study = Study(asked, 2, 10.0)
    judged = golden_lessons(head, names, reader.pack, reader, golden)
    strategy = strategy_for("fedavg", Selection(len(HOMES), 1.0))
    progress = main(LocalGrid(HOMES, answer), strategy, study, judged, folder / "run")
    found = published(progress, study, judged)
    assert found is not None
    assert found[1] == 1.0
    new = Encoder(made(reader.pack, asked, found[0], folder / "made"))
    check_heads(new)
    return new


def said(reader: Encoder, days: str) -> Exchange:
    """Return what comes of the last sentence of days."""
    stage = Stage(read_home("demo"), BEGIN, reader, live=True)
    stage.memory.read_with(ranker_of(reader), head_of(reader))
    exchange = None
    for number, line in enumerate(days.strip().splitlines()):
        if line == "---":
            stage.wait_until(BEGIN.replace(day=BEGIN.day + 1))
        else:
            stage.at += SOON
            exchange = stage.handle(Utterance(f"u{number}", line, stage.at, "kitchen_speaker", ""))
    stage.journal.close()
    assert exchange is not None
    return exchange


def test_which_device_is_meant_comes_back_to_homes_that_never_said_so(
    reader: Encoder, tmp_path: Path
) -> None:
    sentence = WHICH.splitlines()[0]
    assert isinstance(said(reader, sentence).decision, Ask)
    decision = said(learned(reader, "evidence", WHICH, tmp_path), sentence).decision
    assert isinstance(decision, Act)
    assert [command.device for command in decision.commands] == [HALLWAY]


def test_a_rewording_that_went_wrong_elsewhere_is_not_tried_here(reader: Encoder, tmp_path: Path) -> None:
    taken = said(reader, REWORDED).taken
    assert taken is not None
    wrong = f"{REWORDED}no, that was wrong\n"
    assert said(learned(reader, "ranker", wrong, tmp_path), REWORDED).taken is None


def test_days_on_which_nothing_is_said_make_no_golden_lessons(tmp_path: Path) -> None:
    (tmp_path / "days").write_text("\n---\n")
    told = CliRunner().invoke(cli, ["fleet", "golden", str(tmp_path / "days"), str(tmp_path / "golden")])
    assert told.exit_code != 0
    assert "found nothing that a home would teach" in str(told.exception or told.output)
