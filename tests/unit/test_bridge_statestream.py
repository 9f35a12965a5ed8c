"""Statestream: entities by their states and attributes, which come in any order and can only be read."""

import json

import pytest

from edge_nlu.values import Command, Device, Event, Found, Gone, Held, Message, Presence, Report
from edge_nlu_bridge.statestream import Statestream


def say(bridge: Statestream, entity: str, **said: object) -> list[Event]:
    """Say attributes as statestream does: the state as text, all else as JSON."""
    events: list[Event] = []
    for attribute, value in said.items():
        text = str(value) if attribute == "state" else json.dumps(value)
        events += bridge.read(Message(f"homeassistant_statestream/{entity}/{attribute}", text.encode()))
    return events


def last_found(events: list[Event]) -> Device:
    return [event.device for event in events if isinstance(event, Found)][-1]


def held(events: list[Event]) -> dict[str, Held | None]:
    return {event.key: event.value for event in events if isinstance(event, Report)}


@pytest.mark.parametrize(
    ("entity", "said", "holds", "properties"),
    [
        (
            "light/lamp",
            {"state": "on", "brightness": 128, "color_mode": "hs", "rgb_color": [0, 255, 0]},
            {"state": True, "brightness": 128, "rgb_color": "#00ff00"},
            ["power", "brightness", "color"],
        ),
        (
            "light/lamp",
            {"state": "off", "brightness": None, "color_mode": "color_temp", "rgb_color": [255, 200, 150]},
            {"state": False, "brightness": None, "rgb_color": None},
            ["power", "brightness", "color"],
        ),
        ("lock/door", {"state": "unlocked"}, {"state": False}, ["lock"]),
        (
            "cover/blind",
            {"state": "closing", "current_position": 30},
            {"current_position": 30},
            ["position", "position"],
        ),
        ("binary_sensor/leak", {"device_class": "moisture", "state": "on"}, {"state": True}, ["leak"]),
        ("binary_sensor/lock", {"device_class": "lock", "state": "on"}, {"state": False}, ["lock"]),
        ("person/ana", {"state": "not_home"}, {"state": False}, ["presence"]),
        (
            "fan/fan",
            {"state": "on", "percentage": 50, "oscillating": True},
            {"state": True, "percentage": 50, "oscillating": True},
            ["power", "speed", "swing"],
        ),
        (
            "vacuum/robo",
            {"state": "docked", "battery_level": 80},
            {"state": "docked", "battery_level": 80},
            ["status", "battery"],
        ),
        (
            "sensor/power",
            {"device_class": "power", "unit_of_measurement": "W", "state": "12.5"},
            {"state": 12.5},
            ["energy"],
        ),
        ("sensor/odd", {"state_class": "measurement", "state": "odd"}, {}, [""]),
        ("sensor/phase", {"friendly_name": "Phase", "state": "rinsing"}, {"state": "rinsing"}, [""]),
        ("input_select/mood", {"options": ["calm", "loud"], "state": "calm"}, {"state": "calm"}, [""]),
        ("switch/pump", {"state": "unknown"}, {"state": None}, ["power"]),
    ],
)
def test_what_an_entity_tells(
    entity: str, said: dict[str, object], holds: dict[str, object], properties: list[str]
) -> None:
    events = say(Statestream(), entity, **said)
    assert held(events) == holds
    assert [feature.property for feature in last_found(events).features] == properties
    assert not any(feature.settable for feature in last_found(events).features)
    backwards = say(Statestream(), entity, **dict(reversed(said.items())))
    assert held(backwards) == holds
    assert last_found(backwards) == last_found(events)


def test_its_name_comes_in_quotes() -> None:
    bridge = Statestream("ha/states")
    assert bridge.subscriptions()[0] == "ha/states/+/+/+"
    assert bridge.read(Message("ha/states/light/edge_lamp/friendly_name", b'"Edge Lamp"')) == []
    found = bridge.read(Message("ha/states/light/edge_lamp/state", b"on"))[0]
    assert isinstance(found, Found)
    assert (found.device.name, found.device.id) == ("Edge Lamp", "statestream/light/edge_lamp")
    assert found.device.ids == ("statestream/light/edge_lamp", "light/edge_lamp", "edge_lamp")


def test_what_plays() -> None:
    events = say(
        Statestream(), "media_player/tv", state="playing", media_title="Frozen", media_content_type="movie"
    )
    assert held(events)["media_title"] == '{"kind": "movie", "title": "Frozen"}'


def test_unavailable_is_away_and_unknown_not_off() -> None:
    bridge = Statestream()
    say(bridge, "light/lamp", state="on", brightness=100)
    events = say(bridge, "light/lamp", state="unavailable")
    assert Presence("statestream/light/lamp", online=False) in events
    assert held(events) == {"state": None, "brightness": None}
    events = say(bridge, "light/lamp", state="on")
    assert Presence("statestream/light/lamp", online=True) in events
    assert held(events) == {"state": True, "brightness": 100}


def test_what_is_taken_off_the_broker_is_gone() -> None:
    bridge = Statestream()
    say(bridge, "light/lamp", friendly_name="Lamp", state="on")
    assert bridge.read(Message("homeassistant_statestream/light/lamp/state", b"")) == [
        Gone("statestream/light/lamp")
    ]
    assert isinstance(say(bridge, "light/lamp", state="on")[0], Found)


def test_nobody_can_be_told_or_asked() -> None:
    bridge = Statestream()
    say(bridge, "light/lamp", state="on")
    assert list(bridge.write(Command("statestream/light/lamp", (("state", False),)))) == []
    assert list(bridge.inquire("statestream/light/lamp")) == []


@pytest.mark.parametrize(
    "entity", ["sun/sun", "weather/home", "automation/x", "light/a/b", "light", "light/"]
)
def test_what_nobody_speaks_of(entity: str) -> None:
    assert say(Statestream(), entity, state="on") == []


@pytest.mark.parametrize(
    ("topic", "announced"),
    [
        ("light/0x1/light", {"name": None, "device": {"name": "kitchen/ceiling"}}),
        ("light/0x1/light", {"obj_id": "kitchen_ceiling", "dev": {"name": "old name"}}),
        ("light/0x1/light", {"default_entity_id": "light.kitchen/ceiling", "object_id": "older"}),
        ("light/lamp", {"name": "Ceiling", "device": {"name": "Kitchen"}}),
        ("device/lamp", {"dev": {"name": "Kitchen"}, "cmps": {"a": {"p": "light", "name": "ceiling"}}}),
    ],
)
def test_what_announces_itself_is_left_to_others(topic: str, announced: dict[str, object]) -> None:
    announcement = Message(f"homeassistant/{topic}/config", json.dumps(announced).encode())
    early, late = Statestream(), Statestream()
    assert late.read(announcement) == []
    assert say(late, "light/kitchen_ceiling", state="on", friendly_name="kitchen/ceiling") == []
    device = last_found(say(early, "light/kitchen_ceiling", state="on"))
    assert early.read(announcement) == [Gone(device.id)]
    assert say(early, "light/kitchen_ceiling", state="off") == []
    assert say(early, "light/hall", state="off")
