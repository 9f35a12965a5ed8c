"""A hub in a small house without a network: what is said, what the lamps do, and all that may go wrong."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.errors import StorageError
from edge_nlu.hub import inquiries
from edge_nlu.hub.assemble import JOURNAL
from edge_nlu.hub.service import SystemClock
from edge_nlu.interfaces import Understander
from edge_nlu.models.encoder import Encoder
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.values import Message, Understanding

House = Any
Make = Callable[..., Any]


def commands(one: House) -> list[tuple[str, Any]]:
    return [(message.topic, json.loads(message.payload)) for message in one.told]


# ---------------------------------------------------------------------------------- our own topics


def test_a_sentence_on_our_topic_switches_a_lamp(house: Make) -> None:
    home = house()
    answer = home.answer("turn on the kitchen lamp")
    assert commands(home) == [("zigbee2mqtt/kitchen_lamp/set", {"state": "ON"})]
    assert answer["decision"] == "act"
    assert answer["targets"] == ["kitchen_lamp"]
    assert answer["commands"] == [{"topic": "zigbee2mqtt/kitchen_lamp/set", "payload": '{"state": "ON"}'}]
    assert set(answer) == {
        *(
            "id",
            "decision",
            "say",
            "commands",
            "intent",
            "slots",
            "targets",
            "confidence",
            "because",
            "milliseconds",
        )
    }
    assert not any(message.retain for message in home.line.sent if message.topic.endswith("/set"))
    assert home.broker.retained.keys() & {"zigbee2mqtt/kitchen_lamp/set", "edge-nlu/result"} == set()


def test_a_request_may_say_where_and_by_whom_and_gets_its_id_back(house: Make) -> None:
    home = house("[home.satellites]\nhall_speaker = { room = 'hall' }\n[home.rooms]\nhall = ['hall_lamp']")
    answer = home.answer("turn on the light", satellite="hall_speaker", user="ana", id="r-7", unknown=[1])
    assert (answer["id"], answer["targets"]) == ("r-7", ["hall_lamp"])
    assert home.results("edge-nlu/result/hall_speaker") == [answer]


def test_the_same_request_twice_acts_once_and_is_answered_twice(house: Make, tmp_path: Path) -> None:
    home = house(folder=tmp_path / "state")
    first = home.answer("turn on the kitchen lamp", id="r-1")
    assert home.answer("turn on the kitchen lamp", id="r-1") == first
    assert len(home.told) == 1
    home.close()
    again = house(folder=tmp_path / "state")
    assert again.answer("turn on the kitchen lamp", id="r-1")["decision"] == "error"
    assert again.told == []


def test_whoever_names_a_topic_is_answered_there(house: Make) -> None:
    home = house()
    home.people.ask("edge-nlu/ask", b"turn on the kitchen lamp", answer_topic="mine", correlation=b"7")
    home.until(lambda: [heard for heard in home.heard if heard.topic == "mine"])
    (answer,) = [heard for heard in home.heard if heard.topic == "mine"]
    assert answer.correlation == b"7"
    assert json.loads(answer.payload)["decision"] == "act"


def test_an_answer_never_becomes_a_request(house: Make) -> None:
    home = house("[ears.hermes]\non = true")
    for topic in ("edge-nlu/ask", "hermes/nlu/query", "a/#", ""):
        home.people.ask("edge-nlu/ask", b"turn on the kitchen lamp", answer_topic=topic)
    home.until(lambda: len(home.results()) == 4)
    time.sleep(0.2)
    assert len(home.results()) == 4


def test_a_retained_request_is_none(house: Make, caplog: pytest.LogCaptureFixture) -> None:
    home = house()
    home.line.stop()
    home.people.publish(Message("edge-nlu/ask", b"turn on the kitchen lamp", retain=True))
    home.line.start(home.hub.hear)  # type: ignore[union-attr]
    home.until(lambda: "a retained request" in caplog.text)
    assert home.answer("turn on the hall lamp")["targets"] == ["hall_lamp"]
    assert commands(home) == [("zigbee2mqtt/hall_lamp/set", {"state": "ON"})]


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (b"\xff\xfe", "UnicodeDecodeError"),
        (b"{", "JSONDecodeError"),
        (b'{"text": 7}', "text is 7, expected a text"),
        (b'{"text": ["turn", "on"]}', "expected a text"),
        (b'{"text": "hi", "user": {}}', "user is {}, expected a text"),
        (b'{"text": "hi", "id": true}', "id is true, expected a text"),
        (b'{"text": "hi", "satellite": "%s"}' % (b"x" * 201), "201 letters"),
        (b"{}", "nothing was said"),
        (b"  ", "nothing was said"),
        (b"a" * 4001, "4001 letters, expected 4000 at most"),
        (b'{"a":' * 50_000, "RecursionError"),
    ],
)
def test_what_is_no_request_is_told_so(house: Make, request_: bytes, error: str) -> None:
    home = house()
    answer = home.answer(request_)
    assert answer["decision"] == "error"
    assert error in answer["error"]
    assert answer["say"]
    assert home.told == []


def test_half_a_character_breaks_nothing(house: Make) -> None:
    home = house()
    answer = home.answer(
        b'{"text": "turn on the \\ud83d kitchen lamp", "id": "\\udc00", "satellite": "\\ud800"}'
    )
    assert answer["id"] == "?"


def test_a_number_will_do_as_an_id(house: Make) -> None:
    assert house().answer("turn on the kitchen lamp", id=12)["id"] == "12"


# --------------------------------------------------------------------------- devices and the broker


def test_a_lamp_that_says_nothing_is_told_afterwards_and_nobody_waits_for_it(house: Make) -> None:
    home = house("[limits]\necho_s = 0.5")
    home.deaf = {"kitchen_lamp"}
    begun = time.monotonic()
    assert home.answer("turn on the kitchen lamp", id="r-1")["decision"] == "act"
    assert home.answer("turn on the hall lamp")["decision"] == "act"
    assert time.monotonic() - begun < 0.45
    home.until(lambda: len(home.results()) == 3)
    late = home.results()[2]
    assert late == {
        "id": "r-1",
        "decision": "failed",
        "say": "No answer from the kitchen lamp.",
        "targets": ["kitchen_lamp"],
        "failed": [{"device": "kitchen_lamp", "reason": "no answer"}],
    }


def test_a_refusal_is_told_at_once(house: Make) -> None:
    home = house("[limits]\necho_s = 60")
    home.deaf = {"kitchen_lamp"}
    home.answer("turn on the kitchen lamp")
    said = {
        "level": "error",
        "message": "z2m: Publish 'set' 'state' to 'kitchen_lamp' failed: 'Error: no route'",
    }
    home.lamps.publish(Message("zigbee2mqtt/bridge/logging", json.dumps(said).encode()))
    home.until(lambda: len(home.results()) == 2)
    assert home.results()[1]["decision"] == "failed"


def test_a_lamp_that_was_slow_is_no_failure(house: Make) -> None:
    home = house("[limits]\necho_s = 0.5")
    home.deaf = {"kitchen_lamp"}
    home.answer("turn on the kitchen lamp")
    time.sleep(0.2)
    home.lamps.publish(Message("zigbee2mqtt/kitchen_lamp", b'{"state": "ON"}'))
    time.sleep(0.6)
    assert len(home.results()) == 1


def test_a_command_that_the_broker_does_not_allow_has_failed(house: Make) -> None:
    home = house("[limits]\necho_s = 60")
    home.deaf = {"kitchen_lamp"}
    home.answer("turn on the kitchen lamp")
    home.hub._denied("zigbee2mqtt/kitchen_lamp/set")  # type: ignore[union-attr]
    home.until(lambda: len(home.results()) == 2)
    assert home.results()[1]["failed"] == [
        {"device": "kitchen_lamp", "reason": "the broker does not allow it"}
    ]


def test_without_a_broker_nothing_is_done_nor_done_later(house: Make) -> None:
    home = house("[ears.wyoming]\non = true\nhost = '127.0.0.1'\nport = 0")
    ear = next(ear for ear in home.hub._ears if hasattr(ear, "port"))  # type: ignore[union-attr]
    home.line.lose()
    with socket.create_connection(("127.0.0.1", ear.port)) as phone:
        phone.sendall(b'{"type":"transcript","data":{"text":"turn on the kitchen lamp"}}\n')
        answer = phone.recv(65536)
    assert b"not-handled" in answer
    assert b"can't reach any device" in answer
    home.line.regain()
    home.ask("turn on the hall lamp", id="later")
    home.until(lambda: [one for one in home.results() if (one["id"], one["decision"]) == ("later", "act")])
    assert commands(home) == [("zigbee2mqtt/hall_lamp/set", {"state": "ON"})]


def test_devices_that_nobody_spoke_of_are_asked_for_their_state(
    house: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiries, "SETTLE_S", 0.1)
    home = house(retained=False)
    home.lamps.publish(Message("zigbee2mqtt/hall_lamp", b'{"state": "OFF", "brightness": 1}'))
    home.until(lambda: len(asked(home)) == 2)
    time.sleep(0.5)
    assert asked(home) == ["zigbee2mqtt/kitchen_lamp/get", "zigbee2mqtt/bedroom_lamp/get"]
    assert home.answer("which lights are on")["say"].count("lamp") == 2


def asked(home: House) -> list[str]:
    return [message.topic for message in home.line.sent if message.topic.endswith("/get")]


# ------------------------------------------------------------------------------------- many at once


class Slow:
    """Somebody who takes a while to understand."""

    def __init__(self, understander: Understander, seconds: float) -> None:
        self.understander = understander
        self.seconds = seconds

    def understand(self, text: str) -> Understanding:
        if "burn" in text:
            raise RuntimeError("a step broke")
        time.sleep(self.seconds)
        return self.understander.understand(text)


def test_a_thousand_requests_in_a_second_are_all_answered(house: Make, encoder: Encoder) -> None:
    home = house(understander=Slow(encoder, 0.02))
    for n in range(1000):
        home.ask("turn on the kitchen lamp", id=f"r-{n}")
    home.until(lambda: len(home.results()) == 1000)
    decisions = [answer["decision"] for answer in home.results()]
    assert decisions.count("error") + len([one for one in decisions if one in ("act", "answer")]) == 1000
    busy = [answer for answer in home.results() if answer["decision"] == "error"]
    assert busy
    assert {answer["error"] for answer in busy} == {"busy"}
    assert home.answer("turn on the hall lamp")["decision"] == "act"


def test_a_request_that_waited_too_long_is_not_acted_on(house: Make, encoder: Encoder) -> None:
    home = house("[limits]\nwait_s = 0.5", understander=Slow(encoder, 0.7))
    home.ask("turn on the kitchen lamp", id="r-1")
    home.ask("turn on the hall lamp", id="r-2")
    home.until(lambda: len(home.results()) == 2)
    assert home.results()[1]["error"] == "waited too long"
    assert commands(home) == [("zigbee2mqtt/kitchen_lamp/set", {"state": "ON"})]


def test_a_sentence_over_which_something_breaks_is_answered_and_the_next_one_done(
    house: Make, encoder: Encoder, caplog: pytest.LogCaptureFixture
) -> None:
    home = house(understander=Slow(encoder, 0))
    answer = home.answer("burn the kitchen lamp")
    assert (answer["decision"], answer["error"]) == ("error", "RuntimeError")
    assert home.answer("turn on the kitchen lamp")["decision"] == "act"
    assert "burn the kitchen lamp" not in "".join(record.getMessage() for record in caplog.records)


def test_a_disk_that_is_full_ends_nothing_and_no_lamp_is_told_unwritten(
    house: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    def full(*_: object) -> None:
        raise StorageError("journal", "disk full", "room", "make room")

    home = house("[limits]\necho_s = 0.2", folder=tmp_path / "state")
    home.deaf = {"hall_lamp"}
    with monkeypatch.context() as patch:
        patch.setattr(SqliteJournal, "finish", full)
        assert home.answer("turn on the hall lamp")["decision"] == "act"
        home.until(lambda: "disk full" in caplog.text)
        patch.setattr(SqliteJournal, "write", full)
        home.told.clear()
        answer = home.answer("turn on the kitchen lamp")
        assert answer["say"].endswith("I left everything as it is.")
        assert home.told == []
    assert home.answer("turn on the kitchen lamp")["decision"] == "act"
    home.answer("turn on the hall lamp", id="r-1")
    monkeypatch.setattr(SqliteJournal, "finish", full)
    home.until(lambda: [one for one in home.results() if (one["id"], one["decision"]) == ("r-1", "failed")])
    monkeypatch.undo()
    assert home.answer("turn on the bedroom lamp")["decision"] == "act"


def test_what_was_said_is_told_in_the_log_only_to_owners_who_want_it(
    house: Make, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "edge_nlu"):
        house().answer("turn on the kitchen lamp")
        assert "on the kitchen" not in caplog.text
        house("[log]\ntext = true").answer("turn on the kitchen lamp")
    assert "'turn on the kitchen lamp'" in caplog.text


# -------------------------------------------------------------------------------- stops and starts


def test_what_was_known_is_known_after_a_start(house: Make, tmp_path: Path) -> None:
    home = house(folder=tmp_path / "state")
    home.answer("turn on the kitchen lamp")
    home.close()
    database = SqliteJournal(tmp_path / "state" / JOURNAL)
    (kept,) = database.last(5)
    database.close()
    assert kept.utterance.text == "turn on the kitchen lamp"
    assert kept.outcome.sent != ()
    assert (tmp_path / "state" / "context.sqlite3").exists()
    again = house(folder=tmp_path / "state")
    assert again.answer("turn off the kitchen lamp")["decision"] == "act"


def test_a_silent_device_is_known_to_the_journal_as_failed(house: Make, tmp_path: Path) -> None:
    home = house("[limits]\necho_s = 0.2", folder=tmp_path / "state")
    home.deaf = {"kitchen_lamp"}
    home.answer("turn on the kitchen lamp")
    home.until(lambda: len(home.results()) == 2)
    home.close()
    database = SqliteJournal(tmp_path / "state" / JOURNAL)
    (kept,) = database.last(1)
    database.close()
    assert (kept.outcome.sent, [reason for _, reason in kept.outcome.failed]) == ((), ["no answer"])


def test_a_hub_that_was_cut_off_says_what_it_may_have_done(
    house: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    home = house(folder=tmp_path / "state")
    with monkeypatch.context() as patch:
        # as if the power went before it was known what came of it
        patch.setattr(SqliteJournal, "finish", lambda *_: None)
        home.answer("turn on the kitchen lamp", id="r-1")
        home.close()
    house(folder=tmp_path / "state").close()
    assert caplog.text.count("r-1: the hub was cut off, whether zigbee2mqtt/kitchen_lamp was told") == 1
    house(folder=tmp_path / "state").close()
    assert caplog.text.count("r-1: the hub was cut off") == 1


class Unset(SystemClock):
    def now(self) -> datetime:
        return datetime(1970, 1, 1, 0, 5, tzinfo=UTC)


def test_a_clock_that_is_not_set_stops_nothing_and_teaches_nothing(house: Make, tmp_path: Path) -> None:
    home = house(folder=tmp_path / "state", clock=Unset())
    assert home.answer("turn on the kitchen lamp")["decision"] == "act"
    home.close()
    database = SqliteJournal(tmp_path / "state" / JOURNAL)
    assert database.rows("SELECT count(*) FROM occasions") == [(0,)]
    database.close()


def test_who_waits_when_the_hub_stops_is_told(house: Make, encoder: Encoder) -> None:
    home = house(understander=Slow(encoder, 0.3))
    for n in range(5):
        home.ask("turn on the kitchen lamp", id=f"r-{n}")
    home.close()
    assert len(home.results()) == 5
