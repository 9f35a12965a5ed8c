"""What a hub keeps is shown, handed out, forgotten and undone by commands, beside it and without it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.hub.assemble import JOURNAL
from edge_nlu.hub.service import StateLock
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.values import Message

Make = Callable[..., Any]


class Kept:
    """A house whose hub holds its lock as a process would, and commands on the same machine."""

    def __init__(self, house: Make, folder: Path) -> None:
        self.make = house
        self.folder = folder
        self.state = folder / "state"
        self.file = folder / "edge-nlu.toml"
        self.lock = StateLock(self.state)
        self.start()

    def start(self) -> None:
        self.lock.take()
        self.home = self.make(f"state_dir = '{self.state}'", folder=self.state)

    def stop(self) -> None:
        self.home.close()
        self.lock.release()

    def live(self) -> None:
        """Let two people use different lamps, one of them in words of their own."""
        for number in range(3):
            self.home.answer("turn on the hall lamp", user="zebulon", id=f"z-{number}")
            self.home.answer("turn off the kitchen lamp", user="mirabel", id=f"m-{number}")
            self.home.answer("oompa loompa", user="zebulon", id=f"o-{number}")
        self.home.answer("when I say xanadu, turn on the hall lamp", user="zebulon", id="t")

    def command(self, *arguments: str, code: int = 0, typed: str = "") -> str:
        """Run a command in a process of its own, and return what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "edge_nlu", *arguments, "--config", str(self.file)],
            capture_output=True,
            text=True,
            check=False,
            input=typed,
            env={**os.environ, "XDG_DATA_HOME": str(self.folder / "data")},
            timeout=120,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def traces(self, *words: str) -> list[tuple[str, str]]:
        """Return in which files of the state folder which of these words are found."""
        return [
            (file.name, word)
            for file in self.state.rglob("*")
            if file.is_file()
            for word in words
            if word.encode() in file.read_bytes().lower()
        ]


@pytest.fixture
def kept(house: Make, tmp_path: Path) -> Kept:
    kept = Kept(house, tmp_path)
    kept.live()
    return kept


def test_a_person_is_forgotten_while_the_hub_runs_and_nothing_comes_back(kept: Kept) -> None:
    assert kept.traces("zebulon", "oompa", "xanadu")
    assert "Aborted" in kept.command("journal", "forget", "--person", "zebulon", code=1, typed="n\n")
    assert kept.traces("zebulon")
    said = kept.command("journal", "forget", "--person", "zebulon", "--yes")
    assert "Forgotten: 7 exchanges" in said
    for _ in range(2):
        assert kept.traces("zebulon", "oompa", "xanadu") == []
        kept.home.answer("turn off the kitchen lamp", user="mirabel")
        kept.stop()
        assert kept.traces("zebulon", "oompa", "xanadu") == []
        kept.start()
    assert kept.traces("mirabel")
    kept.stop()


def test_a_device_that_is_gone_is_forgotten_with_its_name(kept: Kept) -> None:
    said = kept.command("journal", "forget", "--device", "hall_lamp", "--yes")
    assert "zigbee2mqtt/hall_lamp is still in the home" in said
    # it is still shown, but what it did is gone
    assert {file for file, _ in kept.traces("hall_lamp", "hall lamp")} == {"context.sqlite3"}
    kept.stop()
    said = kept.command("journal", "forget", "--device", "Hall Lamp".replace(" ", "_").lower(), "--yes")
    assert kept.traces("hall_lamp", "hall lamp") == []
    assert kept.traces("kitchen_lamp")


def test_everything_is_forgotten_without_a_hub(kept: Kept) -> None:
    kept.stop()
    (kept.state / "journal.sqlite3.damaged-1").write_bytes(b"zebulon")
    kept.command("journal", "forget", "--everything", "--yes")
    words = ("zebulon", "mirabel", "oompa", "xanadu", "hall_lamp", "kitchen_lamp", "kitchen lamp")
    assert kept.traces(*words) == []
    assert json.loads(kept.command("journal", "show", "--json")) == []


def test_what_was_said_is_shown_and_handed_out_beside_the_hub(kept: Kept) -> None:
    shown = json.loads(kept.command("journal", "show", "--json", "--person", "mirabel", "--since", "1h"))
    assert [one["id"] for one in shown] == ["m-2", "m-1", "m-0"]
    assert shown[0]["text"] == "turn off the kitchen lamp"
    assert shown[0]["told"] == ["zigbee2mqtt/kitchen_lamp"]
    assert shown[0]["milliseconds"] > 0
    assert shown[0]["pack"]
    assert json.loads(kept.command("journal", "show", "--json", "--until", "1h")) == []
    assert '"turn on the hall lamp"' in kept.command("journal", "show", "--device", "hall_lamp")
    assert "oompa" in kept.command("journal", "show", "--failures", "--why")
    rows = [json.loads(line) for line in kept.command("journal", "export").splitlines()]
    assert {"exchanges", "lessons", "occasions", "events"} <= {row["table"] for row in rows}
    assert len([row for row in rows if row["table"] == "exchanges"]) == 10
    kept.stop()
    database = SqliteJournal(kept.state / JOURNAL)
    ((tables,),) = database.rows("SELECT COUNT(*) FROM exchanges")
    assert tables == 10
    database.close()


def test_habits_are_shown_with_what_the_hub_had_not_written_yet(kept: Kept) -> None:
    home, waiting = kept.home, kept.home.hub._upkeep._journal._waiting
    home.lamps.publish(Message("zigbee2mqtt/kitchen_lamp", b'{"state": "ON", "brightness": 9}'))
    home.until(lambda: waiting)
    assert "Nothing is a habit here yet." in kept.command("habits", "show")
    assert not waiting
    kept.stop()


def test_a_habit_is_undone_while_the_hub_runs_and_stays_so(kept: Kept) -> None:
    listed = json.loads(kept.command("learned", "show", "--json"))
    assert kept.command("learned", "undo", "nothing", code=1).startswith("Error: nothing: nothing learned")
    if listed:
        assert "Undone" in kept.command("learned", "undo", listed[0]["id"])
    said = kept.command("learned", "undo", "--day", kept.home.hub._upkeep._clock.now().date().isoformat())
    assert said
    for _ in range(2):
        assert json.loads(kept.command("learned", "show", "--json")) == []
        kept.stop()
        kept.start()
    kept.stop()


def test_only_its_owner_gets_in_and_nonsense_harms_nothing(kept: Kept) -> None:
    assert oct((kept.state / "hub.socket").stat().st_mode & 0o777) == "0o600"
    assert oct((kept.state / JOURNAL).stat().st_mode & 0o077) == "0o0"
    for arguments in (
        ("journal", "forget"),
        ("journal", "forget", "--everything", "--person", "x"),
        ("learned", "undo"),
    ):
        assert "say what to" in kept.command(*arguments, code=2)
    assert "expected 2026-03-02" in kept.command("journal", "show", "--since", "soon", code=2)
    kept.stop()
    (kept.state / JOURNAL).unlink()
    assert "found no journal there" in kept.command("journal", "show", code=1)
