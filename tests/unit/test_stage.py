"""A hub and a home in one process: quiet, where nobody answers, or live, where devices obey."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.stage import Stage
from edge_nlu.models.examples import example_from_marks
from edge_nlu.values import Act, Understanding, Utterance

NOW = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)


READ = {
    example.text: example
    for example in (
        example_from_marks(line, "one")
        for line in (
            "off.power: [floor lamp](device) off",
            "on.power: [fan](device) on",
            "start.run: make a [latte](program)",
            "start.run: start the [vacuum](device)",
            "dock.run: send the [vacuum](device) home",
            "close.position: close the [curtains](device)",
            "lock.lock: lock the [front door](device)",
            "set.temperature: [thermostat](device) to [22](value)",
            "play.media: play some [jazz](title)",
            "ask.run: what is the [vacuum](device) doing",
        )
    )
}


class Reader:
    """Understands the sentences of these tests."""

    def understand(self, text: str) -> Understanding:
        example = READ.get(text)
        if example is None:
            return Understanding(text, (), 0.0, (), ())
        return Understanding(text, (), 1.0, (), example.clauses or ())


def stage(*, live: bool = False, blind: bool = False, journal: Path | None = None) -> Stage:
    return Stage(read_home("demo"), NOW, Reader(), live=live, blind=blind, journal=journal)


def say(on: Stage, text: str, own: str = "one", satellite: str = "kitchen_speaker") -> dict[str, object]:
    exchange = on.handle(Utterance(own, text, on.at, satellite))
    assert exchange is not None
    return on.result(exchange)


def held(on: Stage, device: str, key: str) -> object:
    reading = on.context.snapshot(on.at).reading(device, key)
    return reading and reading.value


@pytest.mark.parametrize("live", [False, True], ids=["quiet", "live"])
def test_the_home_of_the_file_is_known(live: bool) -> None:  # noqa: FBT001
    on = stage(live=live)
    home = on.context.snapshot(NOW)
    assert len(home.all_devices()) == 21
    assert {room.id for room in home.rooms()} >= {"kitchen", "living_room", "bedroom", "bathroom", "hallway"}
    assert held(on, "zigbee2mqtt/living_room_floor_lamp", "state") is True


@pytest.mark.parametrize(
    ("text", "device", "key", "before", "after"),
    [
        ("floor lamp off", "zigbee2mqtt/living_room_floor_lamp", "state", True, False),
        ("fan on", "tasmota/bedroom_fan", "POWER", False, True),
        ("make a latte", "homie/coffee_maker", "brewer/status", "idle", "idle"),
        ("start the vacuum", "homie/vacuum", "robot-vacuum/status", "idle", "running"),
        ("close the curtains", "zigbee2mqtt/living_room_curtains", "position", 100, 0),
        ("thermostat to 22", "homeassistant/living_room_thermostat", "climate/temperature", 20, 22),
        ("play some jazz", "homie/kitchen_speaker", "player/playback", "stop", "play"),
    ],
)
def test_on_a_live_stage_devices_do_as_they_are_told(
    text: str, device: str, key: str, before: object, after: object
) -> None:
    on = stage(live=True)
    assert held(on, device, key) == before
    say(on, text)
    assert held(on, device, key) == after


def test_on_a_quiet_stage_nobody_answers() -> None:
    on = stage()
    told = say(on, "floor lamp off")
    assert told["publishes"] == [
        {"topic": "zigbee2mqtt/living_room_floor_lamp/set", "payload": '{"state": "OFF"}'}
    ]
    assert held(on, "zigbee2mqtt/living_room_floor_lamp", "state") is True


def test_what_was_said_before_is_not_done_again() -> None:
    on = stage()
    assert on.handle(Utterance("one", "floor lamp off", NOW)) is not None
    assert on.handle(Utterance("one", "floor lamp off", NOW)) is None
    assert on.hands.sent == []


def test_a_message_of_a_device_changes_the_home() -> None:
    on = stage()
    on.hear("homie/5/vacuum/robot-vacuum/status", b"running")
    assert held(on, "homie/vacuum", "robot-vacuum/status") == "running"


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("homie/5/vacuum/robot-vacuum/status", b"\xff\xfe"),
        ("zigbee2mqtt/living_room_floor_lamp", b"{not json"),
        ("zigbee2mqtt/bridge/devices", b"[1, nul"),
        ("nobody/knows/this", b""),
        ("", b""),
    ],
)
def test_no_message_breaks_the_stage(topic: str, payload: bytes) -> None:
    on = stage()
    on.hear(topic, payload)
    assert say(on, "floor lamp off")["decision"] == "act"


def test_the_clock_moves_only_when_somebody_moves_it() -> None:
    on = stage()
    on.at += timedelta(hours=3)
    exchange = on.handle(Utterance("one", "floor lamp off", on.at))
    assert exchange is not None
    assert exchange.utterance.at == NOW + timedelta(hours=3)
    assert on.context.snapshot(on.at).at == NOW + timedelta(hours=3)


def test_it_is_measured_how_long_a_sentence_takes() -> None:
    exchange = stage().handle(Utterance("one", "floor lamp off", NOW))
    assert exchange is not None
    assert 0 < exchange.milliseconds < 60_000


def test_the_journal_outlives_the_stage(tmp_path: Path) -> None:
    file = tmp_path / "journal.sqlite3"
    say(stage(journal=file), "floor lamp off")
    (kept,) = stage(journal=file).journal.last(5)
    assert isinstance(kept.decision, Act)
    assert kept.utterance.text == "floor lamp off"


def test_a_blind_stage_does_as_it_is_told_and_knows_nothing_else() -> None:
    on = stage(blind=True)
    assert say(on, "floor lamp off", "one")["decision"] == "act"
    assert say(on, "what is the vacuum doing", "two")["publishes"] == []
    home = on.context.snapshot(NOW)
    assert home.turns("kitchen_speaker") == ()


def test_time_that_goes_by_brings_the_night() -> None:
    on = stage()
    assert say(on, "turn on the floor lamp")
    on.wait_until(NOW + timedelta(days=1))
    assert on.journal.mark("night") == (NOW + timedelta(days=1)).timestamp()
