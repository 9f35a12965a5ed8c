"""What a home teaches by day is learned at night, whole or not at all, and forgotten with its source."""

import json
import os
import signal
from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu.errors import StorageError
from edge_nlu.hub import dayreader, upkeep
from edge_nlu.hub.apart import apart
from edge_nlu.hub.nightly import AFTER_TROUBLE, QUIET, Night
from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.settings import Settings
from edge_nlu.hub.stage import Stage
from edge_nlu.hub.upkeep import Upkeep
from edge_nlu.learning.dialogue import Moved, Place, Run, Turn, runs_of
from edge_nlu.learning.goals import CORRECT, NOT_FOUND, Judged
from edge_nlu.models.encoder import Encoder
from edge_nlu.storage.forgetting import Which, forget
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.judged import Said
from edge_nlu.storage.learned import undo
from edge_nlu.values import Act, Decision, Utterance
from edge_nlu_bench.household.serving import ToldClock

EVENING = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
NIGHT = datetime(2026, 3, 3, 3, 1, tzinfo=UTC)
DAY = [
    *("the kitchen spots should be burning", "turn on the kitchen spots"),
    *("the hallway light should be burning", "turn on the hallway light"),
    *("the right bedside lamp should be burning", "turn on the right bedside lamp"),
]
ANOTHER = "the left bedside lamp should be burning"


class House:
    """The demo home with a hub that works at night, and a clock that is moved by hand."""

    def __init__(self, encoder: Encoder, path: Path | None = None) -> None:
        self.clock = ToldClock(EVENING)
        self.stage = Stage(read_home("demo"), EVENING, encoder, journal=path, live=True)
        self.said = 0
        self.night = self.new_night(encoder)

    def new_night(self, encoder: Encoder) -> Night:
        stage = self.stage
        return Night(stage.journal, stage.memory, stage.context, encoder, self.clock, {})

    def say(self, text: str, user: str = "") -> Decision:
        self.said += 1
        self.stage.at += timedelta(seconds=8)
        exchange = self.stage.handle(Utterance(f"u{self.said}", text, self.stage.at, "kitchen_speaker", user))
        assert exchange is not None
        return exchange.decision

    def day(self) -> None:
        for number, text in enumerate(DAY):
            if number % 2 == 0:
                self.stage.at += timedelta(minutes=20)
            self.say(text, "ana")

    def sleep(self, at: datetime = NIGHT) -> int:
        """Let it be night, and return how many slices there were to do."""
        self.clock.at = self.stage.at = at
        self.night.work()
        slices = 1
        while self.night.working:
            self.night.work()
            slices += 1
        return slices

    def count(self, table: str) -> int:
        ((rows,),) = self.stage.journal.rows(f"SELECT COUNT(*) FROM {table}")
        return int(rows)


@pytest.fixture
def house(encoder: Encoder) -> Iterator[House]:
    made = House(encoder)
    yield made
    made.stage.journal.close()


def test_what_was_said_anew_by_day_is_understood_the_next_morning_of_other_things_too(house: House) -> None:
    house.day()
    house.sleep()
    decision = house.say(ANOTHER)
    assert isinstance(decision, Act)
    assert [command.device for command in decision.commands] == ["zigbee2mqtt/left_bedside_lamp"]


def test_a_night_in_a_process_of_its_own_comes_to_the_same(house: House, encoder: Encoder) -> None:
    house.day()
    stage = house.stage
    house.night = Night(stage.journal, stage.memory, stage.context, encoder, house.clock, {}, apart=apart)
    house.sleep()
    goals = stage.journal.rows("SELECT goal, rephrased FROM exchanges ORDER BY number")
    assert goals == [(1, "u2"), (1, None), (3, "u4"), (3, None), (5, "u6"), (5, None)]
    assert isinstance(house.say(ANOTHER), Act)


@pytest.mark.parametrize("slices", [1, 3, 5, 8, 11])
def test_what_is_forgotten_in_the_midst_of_a_night_does_not_come_back(house: House, slices: int) -> None:
    house.day()
    house.clock.at = NIGHT
    for _ in range(slices):
        house.night.work()
    assert house.night.working
    forget(house.stage.journal, Which(("ana",)))
    house.stage.memory.read()
    house.sleep()
    assert [house.count(table) for table in ("exchanges", "labels", "heads", "evidence")] == [0, 0, 0, 0]


def test_ordinary_sentences_are_read_as_before(house: House, encoder: Encoder) -> None:
    house.day()
    house.sleep()
    (head,) = house.stage.memory.heads.values()
    for text in ("turn off the hallway light", "is the oven on", "what should i cook", "dim the floor lamp"):
        read = encoder.understand(text)
        assert head.reread(read) is read


def test_every_sentence_of_a_day_is_judged_with_its_wish(house: House) -> None:
    house.day()
    house.sleep()
    rows = house.stage.journal.rows("SELECT number, goal, reached, rephrased FROM exchanges ORDER BY number")
    assert [row[1] for row in rows] == [1, 1, 3, 3, 5, 5]
    assert all(row[2] > 0.8 for row in rows)
    assert [row[3] for row in rows] == ["u2", None, "u4", None, "u6", None]


def test_a_name_is_learned_at_night_from_an_act_on_another_thing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opinions(
        _: object, read: Sequence[Said], since: int, __: object
    ) -> Generator[None, None, list[Judged]]:
        yield
        first, then = read[since:]
        anew = then.exchange.utterance.id
        return [
            Judged(first.number, first.exchange, first.number, 1.0, 0.0, anew, NOT_FOUND, 0.9),
            Judged(then.number, then.exchange, first.number, 1.0, 1.0, None, CORRECT, 0.9),
        ]

    monkeypatch.setattr(dayreader.DayReader, "_opinions", opinions)
    house.say("turn on the floor lamp", "ana")
    house.say("turn on the hallway light", "ana")
    house.sleep()
    names = house.stage.journal.rows("SELECT failing, working, said_by FROM rules WHERE kind = 'name'")
    assert names == [("floor lamp", "hallway light", "ana")]


def test_a_night_is_the_first_quiet_moment_after_three(house: House) -> None:
    house.day()
    house.sleep(house.stage.at + timedelta(hours=1))
    assert house.count("labels") > 0, "no night ever was: what was missed is made up for"
    learned = house.count("labels")
    house.day()
    house.sleep(datetime(2026, 3, 3, 2, 59, tzinfo=UTC))
    assert house.count("labels") == learned
    house.clock.at = house.stage.at = NIGHT
    house.say("turn off the hallway light")
    house.sleep(house.stage.at + timedelta(minutes=1))
    assert house.count("labels") == learned, "somebody is still awake"
    house.sleep(house.stage.at + QUIET)
    assert house.count("labels") > learned


def test_a_night_comes_once(house: House) -> None:
    house.day()
    assert house.sleep() > 3
    assert house.sleep(NIGHT + timedelta(hours=2)) == 1
    house.day()
    assert house.sleep(NIGHT + timedelta(days=3)) > 3, "three nights were missed"


def test_a_clock_that_was_ahead_costs_no_nights(house: House) -> None:
    house.day()
    house.sleep(datetime(2099, 1, 1, 12, tzinfo=UTC))
    house.stage.at = NIGHT - timedelta(hours=4)
    house.day()
    assert house.sleep() > 3


def test_a_clock_that_is_not_set_knows_no_night(house: House) -> None:
    house.day()
    house.sleep(datetime(1970, 1, 1, 3, 30, tzinfo=UTC))
    assert house.count("labels") == 0


def test_a_full_disk_leaves_all_as_it_was_and_it_is_tried_again_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("journal", "disk full", "room", "make room")

    house.day()
    with monkeypatch.context() as patch:
        patch.setattr(SqliteJournal, "keep", full)
        with pytest.raises(StorageError):
            house.sleep()
    assert house.sleep(NIGHT + timedelta(minutes=1)) == 1
    assert house.count("labels") == 0
    assert house.sleep(NIGHT + AFTER_TROUBLE) > 3
    assert house.count("labels") > 0


def test_what_a_person_taught_is_forgotten_with_the_person(house: House) -> None:
    house.day()
    house.sleep()
    forget(house.stage.journal, Which(("ana",)))
    house.stage.memory.read()
    assert (house.count("labels"), house.count("heads"), house.stage.memory.heads) == (0, 0, {})
    assert not isinstance(house.say(ANOTHER), Act)


def test_what_a_day_taught_can_be_undone(house: House) -> None:
    house.day()
    house.sleep()
    assert any(
        ANOTHER.partition(" should ")[2] in words for words in undo(house.stage.journal, (), "2026-03-02")
    )
    house.stage.memory.read()
    assert (house.count("labels"), house.stage.memory.heads) == (0, {})
    house.sleep(NIGHT + timedelta(days=1))
    assert not isinstance(house.say(ANOTHER), Act), "the same evidence does not bring it back"


def test_killed_at_any_statement_a_night_is_whole_or_has_not_been(encoder: Encoder, tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    house = House(encoder, path)
    house.day()
    house.stage.journal.close()
    before = path.read_bytes()
    killed = 0
    while _killed_after(killed, path, encoder):
        journal = SqliteJournal(path)
        judged, labels, heads = (
            journal.rows(f"SELECT COUNT(*) FROM {what}")[0][0]
            for what in ("exchanges WHERE goal IS NOT NULL", "labels", "heads")
        )
        assert (judged, labels, heads) in [(0, 0, 0), (6, 6, 1)]
        assert journal.damaged == []
        journal.close()
        path.write_bytes(before)
        killed += 3
    assert killed > 20


def _killed_after(statements: int, path: Path, encoder: Encoder) -> bool:
    """Let a night begin in a process that is killed after so many statements; return whether it was."""
    child = os.fork()
    if child == 0:
        house = House(encoder, path)
        house.stage.at += timedelta(hours=1)
        left = [statements]

        def count(_: str) -> None:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        house.stage.journal._database.set_trace_callback(count)
        house.sleep()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_why_tells_what_failed_in_the_last_days(encoder: Encoder, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    settings = tmp_path / "edge-nlu.toml"
    settings.write_text(f'state_dir = "{tmp_path}/state"\n')
    house = House(encoder, tmp_path / "state" / "journal.sqlite3")
    now = datetime.now().astimezone().replace(microsecond=0)
    house.stage.at = now - timedelta(days=9)
    house.say("turn on the moon lamp")
    house.stage.at = now - timedelta(hours=2)
    house.say("turn on the sun lamp")
    house.sleep(now)
    house.stage.journal.close()
    told = CliRunner().invoke(cli, ["why", "--failures", "--config", str(settings)])
    assert told.exit_code == 0, told.output
    assert told.output.startswith("1 sentence failed: 1 about things not known ('sun lamp').")
    assert "nothing here is called 'sun lamp'" in told.output
    asked = ["why", "--failures", "--days", "30", "--json", "--config", str(settings)]
    both = json.loads(CliRunner().invoke(cli, asked).output)
    assert [one["text"] for one in both["failures"]] == ["turn on the moon lamp", "turn on the sun lamp"]
    assert both["summary"].startswith("2 sentences failed: ")


@pytest.mark.parametrize("asked", [["--failures", "u1"], ["--days", "3"]])
def test_why_says_which_options_belong_together(asked: list[str]) -> None:
    told = CliRunner().invoke(cli, ["why", *asked])
    assert told.exit_code == 2
    assert "--failures" in told.output


def test_a_day_that_is_none_is_told_with_one_that_is() -> None:
    told = CliRunner().invoke(cli, ["learned", "undo", "--day", "monday"])
    assert told.exit_code == 2
    assert "found 'monday', expected a day: 2026-03-02" in told.output


def test_to_wait_for_a_quiet_moment_writes_nothing(house: House) -> None:
    house.say("turn on the kitchen spots")
    house.sleep(house.stage.at + timedelta(minutes=1))
    house.stage.journal.put_off([("DELETE FROM marks WHERE name = ?", ("nothing",))])
    house.sleep(house.stage.at + timedelta(minutes=1))
    assert house.stage.journal._waiting


def test_a_night_reads_only_what_devices_told_soon_after_sentences(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.day()
    journal, first = house.stage.journal, (EVENING + timedelta(minutes=20, seconds=8)).timestamp()
    told = [(first + after, f"lamp {after}") for after in (-300, 1, 89, 300, 1195, 1250)]
    insert = "INSERT INTO events (at_s, device, key, value) VALUES (?, ?, 'on', 'true')"
    journal.keep([(insert, row) for row in told])
    seen: list[tuple[Sequence[Turn], Sequence[Moved], Place]] = []

    def looked(turns: Sequence[Turn], moved: Sequence[Moved], place: Place, since: int) -> Iterator[Run]:
        seen.append((turns, moved, place))
        return runs_of(turns, moved, place, since)

    monkeypatch.setattr(dayreader, "runs_of", looked)
    house.sleep()
    ((turns, moved, place),) = seen
    assert [one.device for one in moved if one.device.startswith("lamp")] == [
        "lamp 1",
        "lamp 89",
        "lamp 1250",
    ]
    rows = journal.rows("SELECT at_s, device, key, value FROM events ORDER BY number")
    everything = [Moved(at_s, device, key, json.loads(value)) for at_s, device, key, value in rows]
    for with_some, with_all in zip(
        runs_of(turns, moved, place), runs_of(turns, everything, place), strict=True
    ):
        assert np.array_equal(with_some.each, with_all.each)


def test_what_a_night_needed_is_given_back_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    monkeypatch.setattr(upkeep, "give_back_memory", lambda: given.append("back"))

    class TwoSlices:
        left = 2

        @property
        def working(self) -> bool:
            return self.left == 1

        def work(self) -> None:
            self.left -= self.left > 0

    still: Any = SimpleNamespace(size=0, next_due=lambda: inf)
    night: Any = TwoSlices()
    made = Upkeep(Settings(), still, still, still, ToldClock(EVENING), None, still, None, night)
    made.work(0)
    assert given == []
    made.work(0)
    made.work(0)
    made.work(0)
    assert given == ["back"]
