"""Somebody talks to a pretend home from a terminal: say, why, replay, demo."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from edge_nlu.cli import cli
from edge_nlu.errors import DataError, EdgeNluError, SettingsError
from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.settings import Settings
from edge_nlu.hub.talk import JOURNAL, OneProcess, Talk, reasons_of, told, trial
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.storage.journal import SqliteJournal

RESULT = "id decision publishes say intent slots targets confidence because milliseconds"
LAMP_OFF = {"topic": "zigbee2mqtt/living_room_floor_lamp/set", "payload": '{"state": "OFF"}'}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which a hub keeps what it knows."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture(scope="module")
def reader() -> Encoder:
    return Encoder(Pack.open(Pack.default_path()))


@pytest.fixture
def talk(reader: Encoder) -> Talk:
    return Talk(OneProcess("demo", reader, trial()))


def run(*arguments: str, said: str | bytes = "") -> Result:
    """Run a command that ends well."""
    ended = CliRunner().invoke(cli, arguments, input=said, catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return ended


def as_json(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--json").output)
    return found


# ---------------------------------------------------------------------------------------- say


def test_what_was_tried_out_is_kept_as_long_as_in_a_hub(talk: Talk, reader: Encoder) -> None:
    kept = Settings().journal.keep_days
    talk.say("turn off the floor lamp")
    journal = SqliteJournal(trial())
    for name, days in (("young", kept - 1), ("old", kept + 1)):
        said = replace(told("last").utterance, id=name, at=datetime.now(UTC) - timedelta(days=days))
        # in the order written, the oldest first
        journal.keep([("UPDATE exchanges SET number = number + 1", ())])
        before = replace(told("last"), utterance=said)
        journal.write(before)
        journal.keep([("UPDATE exchanges SET number = 0 WHERE id = ?", (name,))])
    journal.close()
    assert told("old").utterance.id == "old"
    OneProcess("demo", reader, trial())
    assert told("young").utterance.id == "young"
    with pytest.raises(EdgeNluError, match="nothing is known of old"):
        told("old")


def test_a_sentence_is_done_and_told_with_its_reasons() -> None:
    lines = run("say", "turn off the floor lamp").output.splitlines()
    assert lines[0].startswith("act: The living room floor lamp is off.  (")
    assert lines[0].endswith(" ms)")
    assert lines[1] == f"  {LAMP_OFF['topic']}  {LAMP_OFF['payload']}"
    assert all(line.startswith("  because it ") for line in lines[2:])
    assert 0 < len(lines[2:]) <= 4


def test_said_as_json_it_has_the_documented_fields() -> None:
    result = as_json("say", "turn off the floor lamp")
    assert set(result) == set(RESULT.split())
    assert (result["decision"], result["publishes"]) == ("act", [LAMP_OFF])
    assert result["targets"] == ["living_room_floor_lamp"]


def test_where_it_is_said_and_by_whom() -> None:
    here = as_json("say", "turn on the lights", "--satellite", "bedroom_speaker")
    assert set(here["targets"]) == {"left_bedside_lamp", "right_bedside_lamp"}
    assert as_json("say", "unlock the front door", "--user", "ana")["decision"] == "ask"
    assert as_json("say", "unlock the front door", "--user", "tom")["decision"] == "answer"


def test_a_home_of_ones_own(tmp_path: Path) -> None:
    home = tmp_path / "shed.json"
    home.write_text(json.dumps({"rooms": {"shed": []}, "satellites": {"shed_panel": {"room": "shed"}}}))
    result = as_json("say", "turn on the lamp", "--home", str(home))
    assert (result["decision"], result["publishes"]) == ("answer", [])


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(["--satellite", "attic_panel"], "kitchen_speaker", id="a satellite that is not there"),
        pytest.param(["--home", "nowhere.json"], "nowhere.json", id="a home without a file"),
    ],
)
def test_what_is_not_there_is_named(arguments: list[str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        run("say", "turn off the lamp", *arguments)


@pytest.mark.parametrize(
    "text", ["no json", "[1, 2]", '"home"'], ids=["no JSON", "a list instead of a home", "a text"]
)
def test_a_file_that_is_no_home_is_named(tmp_path: Path, text: str) -> None:
    home = tmp_path / "home.json"
    home.write_text(text)
    with pytest.raises(SettingsError, match=r"home\.json"):
        run("say", "turn off the lamp", "--home", str(home))


# ---------------------------------------------------------------------------------------- why


def test_why_tells_what_was_read_and_what_spoke_for_it() -> None:
    run("say", "turn off the floor lamp")
    lines = run("why").output.splitlines()
    assert lines[0] == "said: turn off the floor lamp"
    assert any(line.startswith("read: off power ") for line in lines)
    assert "decided: act, The living room floor lamp is off." in lines
    assert any("zigbee2mqtt/living_room_floor_lamp" in line for line in lines)
    assert any(line.strip().startswith("fits the words said") for line in lines)


def test_why_tells_what_was_not_chosen() -> None:
    run("say", "turn on the bedside lamp")
    lines = run("why", "last").output.splitlines()
    assert sum(line.endswith("(not chosen)") for line in lines) == 2


def test_why_of_an_earlier_sentence_by_its_id() -> None:
    first = as_json("say", "turn off the floor lamp")
    run("say", "is the front door locked")
    assert run("why", first["id"]).output.startswith("said: turn off the floor lamp\n")
    assert run("why", "last").output.startswith("said: is the front door locked\n")


def test_why_as_json_is_the_exchange() -> None:
    result = as_json("say", "turn off the floor lamp")
    exchange = as_json("why")
    assert exchange["utterance"]["id"] == result["id"]
    assert exchange["utterance"]["text"] == "turn off the floor lamp"
    assert not exchange["understanding"].get("embedding")


@pytest.mark.parametrize("which", ["last", "nobody-said-this"])
def test_why_of_what_was_never_said(which: str) -> None:
    with pytest.raises(EdgeNluError, match="say something"):
        run("why", which)


def test_what_is_tried_out_is_kept_apart_from_the_hubs_own_journal(state: Path) -> None:
    run("say", "turn off the floor lamp")
    assert [file.name for file in state.rglob("*.sqlite3")] == [JOURNAL]


# ------------------------------------------------------------------------------------- replay


def cases(folder: Path, *sentences: str) -> Path:
    """Write cases down: each sentence in a demo home of its own."""
    (folder / "homes").mkdir()
    (folder / "homes" / "demo.json").write_text(json.dumps(read_home("demo")))
    file = folder / "cases.jsonl"
    step = {"satellite": "kitchen_speaker", "expect": {"decision": "act"}}
    rows = [
        {"id": f"c{n}", "home": "demo", "now": "2026-03-02T18:05:00", "steps": [{"ask": text, **step}]}
        for n, text in enumerate(sentences)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_replay_writes_a_result_a_line(tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    file = cases(tmp_path, "turn off the floor lamp", "is the front door locked")
    assert run("replay", str(file), "--out", str(out)).output == f"2 results in {out}\n"
    results = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(r["id"], r["step"], r["decision"]) for r in results] == [("c0", 0, "act"), ("c1", 0, "answer")]
    assert results[0]["publishes"] == [LAMP_OFF]


def test_replay_without_context_knows_no_states(tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    run("replay", str(cases(tmp_path, "is the front door locked")), "--out", str(out), "--no-context")
    assert json.loads(out.read_text())["say"] == "I don't know yet whether the front door is locked."


def test_replay_names_a_bad_line(tmp_path: Path) -> None:
    file = cases(tmp_path, "turn off the floor lamp")
    file.write_text(file.read_text() + "no case\n")
    with pytest.raises(DataError, match="line 2"):
        run("replay", str(file), "--out", str(tmp_path / "results.jsonl"))


# --------------------------------------------------------------------------------------- demo


def test_the_demo_answers_each_line_of_a_pipe() -> None:
    out = run("demo", "--no-broker", said="turn off the floor lamp\n\nis the front door locked\n").output
    assert out.startswith("A pretend home with 21 devices (")
    answers = ["act: The living room floor lamp is off.", "answer: Yes, the front door is locked."]
    assert f"> turn off the floor lamp\n{answers[0]}" in out
    assert f"> is the front door locked\n{answers[1]}" in out


def test_the_demo_stands_broken_bytes() -> None:
    run("demo", "--no-broker", said=b"turn off \xff\xfe the floor lamp\n\x00\n")


def test_the_home_obeys_and_remembers(talk: Talk) -> None:
    assert next(talk.hear("turn off the floor lamp")).startswith("act: ")
    assert next(talk.hear("is the floor lamp on")).startswith("answer: No, ")
    assert next(talk.hear("undo that")).startswith(("act: ", "answer: "))


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        (":help", ":set TOPIC PAYLOAD"),
        (":", ":set TOPIC PAYLOAD"),
        (":in attic", ":set TOPIC PAYLOAD"),
        (":at 25 o'clock", ":set TOPIC PAYLOAD"),
        (":why", ":set TOPIC PAYLOAD"),
        (":set nothing", ":set TOPIC PAYLOAD"),
        (":at 7:05", "it is 07:05"),
        (":who ana", "ana speaks"),
        (":who", "somebody speaks"),
        (":in bedroom_speaker", "spoken to bedroom_speaker"),
        (":set stat/bedroom_fan/POWER ON", "stat/bedroom_fan/POWER is now ON"),
    ],
)
def test_orders_to_the_home_itself(talk: Talk, order: str, answer: str) -> None:
    assert next(talk.hear(order)).startswith(answer)


def test_what_is_set_by_hand_is_known(talk: Talk) -> None:
    list(talk.hear(':set zigbee2mqtt/front_door {"state": "UNLOCK", "lock_state": "unlocked"}'))
    assert "unlocked" in next(talk.hear("is the front door locked"))


def test_the_clock_and_the_speaker_move(talk: Talk) -> None:
    list(talk.hear(":at 23:30"))
    list(talk.hear(":who tom"))
    list(talk.hear(":in bedroom_speaker"))
    exchange = talk.say("turn on the lights").exchange
    assert exchange is not None
    said = exchange.utterance
    assert (said.at.hour, said.at.minute) == (23, 30)
    assert (said.satellite, said.user) == ("bedroom_speaker", "tom")


def test_why_within_the_demo_is_about_the_last_sentence(talk: Talk) -> None:
    list(talk.hear("turn off the floor lamp"))
    assert next(talk.hear(":why")) == "said: turn off the floor lamp"


def test_the_home_is_shown_with_what_it_holds(talk: Talk) -> None:
    lines = list(talk.hear(":home"))
    assert lines[-1] == "21 devices in 5 rooms"
    (oven,) = [line for line in lines if line.split()[:2] == ["Oven", "oven"]]
    assert "180" in oven
    assert lines.index("kitchen") < lines.index(oven) < lines.index("living room")


def test_what_was_said_is_found_again(talk: Talk) -> None:
    exchange = talk.say("turn off the floor lamp").exchange
    assert exchange is not None
    assert told("last").utterance == exchange.utterance
    assert told(exchange.utterance.id).decision == exchange.decision
    assert list(reasons_of(told("last"))) == list(reasons_of(exchange))
