"""ESPHome: nodes that announce nothing, known by what their parts say."""

import json

import pytest

from edge_nlu.values import Command, Device, Event, Found, Gone, Held, Message, Presence, Report
from edge_nlu_bridge.esphome import Esphome


def say(bridge: Esphome, topic: str, payload: object) -> list[Event]:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return list(bridge.read(Message(topic, text.encode())))


def alive(*said: tuple[str, object]) -> tuple[Esphome, list[Event]]:
    bridge = Esphome()
    say(bridge, "garage/status", "online")
    return bridge, [event for topic, payload in said for event in say(bridge, f"garage/{topic}", payload)]


def last_found(events: list[Event]) -> Device:
    return [event.device for event in events if isinstance(event, Found)][-1]


def held(events: list[Event]) -> dict[str, Held | None]:
    return {event.key: event.value for event in events if isinstance(event, Report)}


@pytest.mark.parametrize(
    ("said", "holds", "settings", "sent"),
    [
        (
            [("switch/relay/state", "ON")],
            {"switch/relay": True},
            [("switch/relay", False)],
            ["switch/relay/command OFF"],
        ),
        (
            [("lock/door/state", "LOCKED")],
            {"lock/door/lock": True},
            [("lock/door/lock", False)],
            ["lock/door/command UNLOCK"],
        ),
        (
            [("fan/fan/state", "ON"), ("fan/fan/oscillation/state", "oscillate_off")],
            {"fan/power": True, "fan/swing": False},
            [("fan/swing", True)],
            ["fan/fan/oscillation/command oscillate_on"],
        ),
        (
            [("cover/gate/state", "open"), ("cover/gate/position/state", "80")],
            {"cover/gate/state": True, "cover/gate/position": 80},
            [("cover/gate/position", 20)],
            ["cover/gate/position/command 20"],
        ),
        (
            [("cover/gate/state", "closed")],
            {"cover/gate/state": False},
            [("cover/gate/state", True)],
            ["cover/gate/command OPEN"],
        ),
        (
            [
                ("climate/heat/mode/state", "heat"),
                ("climate/heat/target_temperature/state", "21"),
                ("climate/heat/current_temperature/state", "19.5"),
            ],
            {
                "climate/heat/mode": "heat",
                "climate/heat/temperature": 21,
                "climate/heat/current_temperature": 19.5,
            },
            [("climate/heat/temperature", 22.5)],
            ["climate/heat/target_temperature/command 22.5"],
        ),
        (
            [("light/strip/state", {"state": "ON", "brightness": 10, "color": {"r": 255, "g": 0, "b": 0}})],
            {"light/strip/power": True, "light/strip/brightness": 10, "light/strip/color": "#ff0000"},
            [("light/strip/brightness", 99)],
            ['light/strip/command {"state": "ON", "brightness": 99}'],
        ),
        ([("sensor/co2/state", "612")], {"sensor/co2": 612}, [], []),
        ([("sensor/phase/state", "idle")], {"sensor/phase": "idle"}, [], []),
        ([("binary_sensor/pir/state", "OFF")], {"binary_sensor/pir": False}, [], []),
    ],
)
def test_parts_of_a_node(
    said: list[tuple[str, object]],
    holds: dict[str, object],
    settings: list[tuple[str, Held]],
    sent: list[str],
) -> None:
    bridge, events = alive(*said)
    assert held(events) == holds
    assert last_found(events).id == "esphome/garage"
    told = bridge.write(Command("esphome/garage", tuple(settings)))
    assert [f"{one.topic} {one.payload.decode()}" for one in told] == [f"garage/{each}" for each in sent]


def test_states_may_come_before_the_node_says_that_it_is_there() -> None:
    bridge = Esphome()
    assert say(bridge, "garage/switch/relay/state", "ON") == []
    events = say(bridge, "garage/status", "online")
    assert held(events) == {"switch/relay": True}
    assert Presence("esphome/garage", online=True) in events
    assert say(bridge, "garage/status", "offline") == [Presence("esphome/garage", online=False)]


def test_a_node_that_announces_itself_is_left_alone() -> None:
    bridge, events = alive(("switch/relay/state", "ON"))
    assert last_found(events).name == "garage"
    config = {"name": "Relay", "~": "garage/switch/relay", "stat_t": "~/state", "cmd_t": "~/command"}
    assert say(bridge, "homeassistant/switch/garage/relay/config", config) == [Gone("esphome/garage")]
    assert say(bridge, "garage/switch/relay/state", "OFF") == []
    assert list(bridge.write(Command("esphome/garage", (("switch/relay", True),)))) == []
    say(bridge, "homeassistant/switch/garage/relay/config", "")
    assert held(say(bridge, "garage/status", "online")) == {"switch/relay": False}


@pytest.mark.parametrize("node", ["homeassistant", "zigbee2mqtt", "edge-nlu"])
def test_others_have_a_status_too(node: str) -> None:
    bridge = Esphome()
    say(bridge, f"{node}/status", "online")
    assert say(bridge, f"{node}/light/lamp/state", "on") == []


def test_whoever_says_nothing_of_being_there_is_no_node() -> None:
    bridge = Esphome()
    assert say(bridge, "statestream/light/lamp/state", "on") == []
    assert say(bridge, "statestream/status", "fine") == []
