"""Zigbee2MQTT: what its lists and states mean at home."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.values import Command, Device, Event, Feature, Found, Gone, Message, Presence, Refusal, Report
from edge_nlu_bridge.exposes import read_exposes
from edge_nlu_bridge.zigbee2mqtt import Zigbee2Mqtt

DEVICES = Path(__file__).parents[3] / "shared" / "data" / "devices"

LAMP = {
    "type": "light",
    "features": [
        {
            "type": "binary",
            "name": "state",
            "property": "state",
            "access": 7,
            "value_on": "ON",
            "value_off": "OFF",
        },
        {
            "type": "numeric",
            "name": "brightness",
            "property": "brightness",
            "access": 7,
            "value_min": 0,
            "value_max": 254,
        },
    ],
}


def numeric(name: str, access: int = 1, **more: object) -> dict[str, object]:
    return {"type": "numeric", "name": name, "property": name, "access": access, **more}


def binary(name: str, access: int = 1, **more: object) -> dict[str, object]:
    return {"type": "binary", "name": name, "property": name, "access": access, **more}


def enum(name: str, *values: object, access: int = 7, **more: object) -> dict[str, object]:
    return {"type": "enum", "name": name, "property": name, "access": access, "values": list(values), **more}


def of(*exposes: object, description: str = "") -> dict[str, Feature]:
    return {feature.key: feature for feature in read_exposes(json.dumps(exposes), description).features}


def listed(
    name: str, *exposes: object, address: str = "0x1", power: str = "Mains (single phase)"
) -> dict[str, object]:
    definition = {"description": "", "exposes": list(exposes)}
    return {
        "ieee_address": address,
        "type": "Router",
        "friendly_name": name,
        "power_source": power,
        "definition": definition,
    }


def say(bridge: Zigbee2Mqtt, topic: str, payload: object) -> list[Event]:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return list(bridge.read(Message(f"zigbee2mqtt/{topic}", text.encode())))


def home(*devices: dict[str, object]) -> Zigbee2Mqtt:
    bridge = Zigbee2Mqtt()
    say(bridge, "bridge/devices", list(devices))
    return bridge


@pytest.mark.parametrize(
    ("exposed", "prop", "kind", "part"),
    [
        (numeric("temperature", unit="°C"), "temperature", "number", ""),
        (numeric("soil_moisture"), "humidity", "number", "soil"),
        (numeric("illuminance"), "brightness", "number", ""),
        (numeric("outdoor_temperature"), "temperature", "number", "outdoor"),
        (numeric("temperature_2"), "temperature", "number", "2"),
        (binary("occupancy"), "presence", "switch", ""),
        (binary("water_leak"), "leak", "switch", ""),
        (binary("carbon_monoxide"), "smoke", "switch", ""),
        (numeric("co2"), "air", "number", ""),
        (numeric("power", unit="W"), "energy", "number", ""),
        (numeric("battery", category="diagnostic"), "battery", "number", ""),
        (binary("child_lock", 3, category="config"), "mode", "switch", ""),
        (binary("eco_mode", 3), "mode", "switch", ""),
        (numeric("countdown", 3, endpoint="l1"), "timer", "number", "l1"),
        (enum("preset", "auto", "away"), "mode", "choice", ""),
        (enum("fan_mode", "low", "medium", "high"), "speed", "choice", ""),
        (enum("fan_mode", "off", "auto", "1", "2", "3"), "speed", "choice", ""),
        (enum("fan_mode", "on", "smart"), "mode", "choice", ""),
        (enum("running_state", "idle", "heat", access=1), "status", "choice", ""),
        (numeric("portions", 3), "", "number", ""),
        (numeric("eco_temperature", 3), "", "number", ""),
        (numeric("low_co2", 3), "", "number", ""),
        (enum("trv_mode", 1, 2), "", "choice", ""),
        (enum("feed", "START", access=2), "", "trigger", ""),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
def test_what_a_value_is_about(exposed: dict[str, object], prop: str, kind: str, part: str) -> None:
    (feature,) = of(exposed).values()
    assert (feature.property, feature.kind, feature.part) == (prop, kind, part)


@pytest.mark.parametrize(
    "exposed",
    [
        enum("power_on_behavior", "off", "on", category="config"),
        enum("power_on_behavior", "off", "on"),
        numeric("linkquality"),
        numeric("temperature_calibration", 7),
        binary("led_in_dark", 3),
        numeric("radar_sensitivity", 7),
        enum("identify", "identify", access=2, category="config"),
        enum("action", "toggle", access=1),
        numeric("device_temperature", category="diagnostic"),
        {"type": "composite", "name": "warning", "property": "warning", "access": 2, "features": []},
        {"type": "list", "name": "gradient", "property": "gradient", "access": 7},
    ],
    ids=lambda exposed: exposed["name"],
)
def test_settings_are_not_for_speaking(exposed: dict[str, object]) -> None:
    assert of(exposed) == {}


@pytest.mark.parametrize(
    "torn", ["", "[", "]", "null", "{}", "[{}", '[{"ieee_address": "0x2"}, x]', "[{}] []"]
)
def test_a_list_that_is_none_changes_nothing(torn: str) -> None:
    bridge = home(listed("lamp", LAMP))
    whole = json.dumps([listed("fan", LAMP, address="0x2"), None])
    for list_ in ("bridge/devices", "bridge/groups"):
        assert (
            say(bridge, list_, torn)
            == say(bridge, list_, whole[:-1])
            == say(bridge, list_, whole + "]")
            == []
        )
    assert bridge.write(Command("zigbee2mqtt/lamp", (("state", True),)))
    assert [type(event) for event in say(bridge, "bridge/devices", whole)] == [Gone, Found]


def test_a_cover_has_a_position_and_moves() -> None:
    features = of(
        {
            "type": "cover",
            "features": [enum("state", "OPEN", "CLOSE", "STOP", access=3), numeric("position", 7)],
        }
    )
    assert features["state"].choices == ("open", "close", "stop")
    assert {feature.property for feature in features.values()} == {"position"}


def test_a_thermostat_has_one_wanted_temperature() -> None:
    climate = {
        "type": "climate",
        "features": [
            numeric("occupied_heating_setpoint", 7, value_min=5, value_max=30, value_step=0.5),
            numeric("current_heating_setpoint", 7),
            numeric("unoccupied_heating_setpoint", 7),
            numeric("local_temperature", 5),
            enum("system_mode", "off", "heat"),
        ],
    }
    features = of(climate, binary("boost_heating", 3), numeric("frost_temperature", 3))
    wanted = [
        feature for feature in features.values() if feature.property == "temperature" and feature.settable
    ]
    assert [(one.key, one.low, one.high, one.step) for one in wanted] == [
        ("occupied_heating_setpoint", 5, 30, 0.5)
    ]
    assert features["local_temperature"].property == "temperature"
    assert features["boost_heating"].property == "mode"
    assert "frost_temperature" not in features


def test_a_fan_with_a_lamp_in_it_has_two_switches_with_names() -> None:
    fan = {
        "type": "fan",
        "features": [binary("state", 7) | {"property": "fan_state"}, enum("mode", "off", "low", "high")],
    }
    features = of(LAMP, fan)
    assert (features["state"].part, features["fan_state"].part) == ("light", "fan")
    assert features["mode"].property == "speed"


def test_a_lock_of_the_buttons_lets_nobody_in() -> None:
    lock = {"type": "lock", "features": [{**binary("state", 7), "property": "child_lock"}]}
    fan = {"type": "fan", "features": [{**binary("state", 7), "property": "fan_state"}]}
    assert of(lock, fan)["child_lock"].property == "mode"
    assert "lock" not in read_exposes(json.dumps([fan, lock])).types
    door = {"type": "lock", "features": [binary("state", 7)]}
    assert of(door)["state"].property == "lock"
    assert read_exposes(json.dumps([door])).types[:1] == ("lock",)


def test_types_are_told_by_the_list_first_and_by_the_words_it_is_sold_with_last() -> None:
    assert read_exposes(json.dumps([LAMP]), "Hue white bulb E27").types == ("light", "white", "bulb")
    contact = json.dumps([binary("contact")])
    assert read_exposes(contact, "Door sensor with light switch").types == (
        "sensor",
        "contact",
        "door",
        "with",
    )


def test_a_contact_that_closes_is_not_open() -> None:
    bridge = home(listed("window", binary("contact", value_on=False, value_off=True)))
    assert say(bridge, "window", {"contact": False}) == [Report("zigbee2mqtt/window", "contact", True)]
    assert say(bridge, "window", {"contact": "true"}) == [Report("zigbee2mqtt/window", "contact", False)]


@pytest.mark.parametrize("on", ["ON", "on", True, 1, "true", "1"])
def test_on_in_any_spelling(on: object) -> None:
    assert say(home(listed("lamp", LAMP)), "lamp", {"state": on}) == [
        Report("zigbee2mqtt/lamp", "state", True)
    ]


@pytest.mark.parametrize("odd", ["", "much", [], {}, float("nan"), True, "1e999"])
def test_no_number_is_no_news(odd: object) -> None:
    events = say(home(listed("lamp", LAMP)), "lamp", {"brightness": odd})
    assert events in ([], [Report("zigbee2mqtt/lamp", "brightness", None)])


def test_a_number_may_come_as_text() -> None:
    events = say(home(listed("lamp", LAMP)), "lamp", {"brightness": "21.5"})
    assert events == [Report("zigbee2mqtt/lamp", "brightness", 21.5)]


def test_a_white_lamp_has_no_colour() -> None:
    color = {"type": "composite", "name": "color_hs", "property": "color", "access": 7, "features": []}
    bridge = home(listed("lamp", {"type": "light", "features": [color]}))
    red = {"color": {"hue": 0, "saturation": 100}, "color_mode": "hs"}
    assert say(bridge, "lamp", red) == [Report("zigbee2mqtt/lamp", "color", "#ff0000")]
    white = {"color": {"x": 0.45, "y": 0.41}, "color_mode": "color_temp"}
    assert say(bridge, "lamp", white) == [Report("zigbee2mqtt/lamp", "color", None)]
    (told,) = bridge.write(Command("zigbee2mqtt/lamp", (("color", "#0000ff"),)))
    assert json.loads(told.payload) == {"color": {"hue": 240, "saturation": 100}}


def test_a_lamp_that_only_has_colours_is_asked_for_them() -> None:
    color = {"type": "composite", "name": "color_xy", "property": "color", "access": 7, "features": []}
    bridge = home(listed("lamp", {"type": "light", "features": [color]}, numeric("odd thing", 7)))
    (asked,) = bridge.inquire("zigbee2mqtt/lamp")
    assert (asked.topic, json.loads(asked.payload)) == ("zigbee2mqtt/lamp/get", {"color": {"x": "", "y": ""}})


def test_names_with_a_slash_are_whole_names() -> None:
    bridge = home(listed("Kitchen", LAMP), listed("Kitchen/ceiling", LAMP, address="0x2"))
    assert say(bridge, "Kitchen/ceiling", {"state": "ON"}) == [
        Report("zigbee2mqtt/Kitchen/ceiling", "state", True)
    ]
    assert say(bridge, "Kitchen", {"state": "ON"}) == [Report("zigbee2mqtt/Kitchen", "state", True)]
    assert say(bridge, "Kitchen/floor", {"state": "ON"}) == []
    assert "zigbee2mqtt/Kitchen/ceiling" in bridge.subscriptions()
    assert "zigbee2mqtt/Kitchen" not in bridge.subscriptions()
    say(bridge, "bridge/devices", [listed("Kitchen", LAMP)])
    assert "zigbee2mqtt/Kitchen/ceiling" not in bridge.subscriptions()


def test_two_devices_that_change_names_keep_what_they_hold() -> None:
    bridge = home(listed("left", LAMP), listed("right", LAMP, address="0x2"))
    say(bridge, "left", {"state": "ON"})
    say(bridge, "right", {"state": "OFF"})
    events = say(bridge, "bridge/devices", [listed("right", LAMP), listed("left", LAMP, address="0x2")])
    assert [event for event in events if isinstance(event, Gone)] == [
        Gone("zigbee2mqtt/left"),
        Gone("zigbee2mqtt/right"),
    ]
    reports = [event for event in events if isinstance(event, Report)]
    assert reports == [Report("zigbee2mqtt/right", "state", True), Report("zigbee2mqtt/left", "state", False)]


def test_two_devices_of_one_name_do_not_take_turns() -> None:
    bridge = home(listed("lamp", LAMP), listed("lamp", binary("contact"), address="0x2"))
    assert say(bridge, "bridge/devices", [listed("lamp", LAMP)]) == []
    assert say(bridge, "lamp", {"state": "ON", "contact": True}) == [
        Report("zigbee2mqtt/lamp", "state", True)
    ]


def test_a_disabled_or_unsupported_device_is_not_there() -> None:
    bridge = home(listed("lamp", LAMP))
    assert say(bridge, "bridge/devices", [listed("lamp", LAMP) | {"disabled": True}]) == [
        Gone("zigbee2mqtt/lamp")
    ]
    assert say(bridge, "bridge/devices", [listed("lamp", LAMP) | {"definition": None}]) == []


def test_when_the_network_is_away_everybody_is() -> None:
    bridge = home(listed("lamp", LAMP), listed("plug", LAMP, address="0x2"))
    lamp, plug = "zigbee2mqtt/lamp", "zigbee2mqtt/plug"
    assert say(bridge, "plug/availability", "offline") == [Presence(plug, False)]
    assert say(bridge, "bridge/state", {"state": "offline"}) == [Presence(lamp, False)]
    assert say(bridge, "bridge/state", {"state": "online"}) == [Presence(lamp, True)]
    assert say(bridge, "plug/availability", {"state": "online"}) == [Presence(plug, True)]
    assert say(bridge, "plug/availability", "") == []


def test_a_group_can_do_what_all_its_members_can() -> None:
    plug = {"type": "switch", "features": LAMP["features"][:1]}  # type: ignore[index]
    bridge = home(listed("lamp", LAMP), listed("plug", plug, address="0x2"))
    events = say(
        bridge,
        "bridge/groups",
        [
            {"id": 1, "friendly_name": "both", "members": [{"ieee_address": "0x1"}, {"ieee_address": "0x2"}]},
            {"id": 2, "friendly_name": "nobody", "members": [{"ieee_address": "0x9"}]},
        ],
    )
    (device,) = (event.device for event in events if isinstance(event, Found))
    assert [feature.key for feature in device.features] == ["state"]
    assert device.members == ("zigbee2mqtt/lamp", "zigbee2mqtt/plug")
    events = say(bridge, "bridge/devices", [listed("lamp", LAMP)])
    assert events[0] == Gone("zigbee2mqtt/plug")
    (device,) = (event.device for event in events if isinstance(event, Found))
    assert [feature.key for feature in device.features] == ["state", "brightness"]


def test_the_same_list_again_is_no_news() -> None:
    bridge = home(listed("lamp", LAMP), listed("plug", LAMP, address="0x2"))
    assert say(bridge, "bridge/devices", [listed("plug", LAMP, address="0x2"), listed("lamp", LAMP)]) == []


def test_a_second_network_has_its_own_names() -> None:
    garage = Zigbee2Mqtt(base="garage/z2m")
    payload = json.dumps([listed("lamp", LAMP)]).encode()
    (found,) = garage.read(Message("garage/z2m/bridge/devices", payload))
    assert isinstance(found, Found)
    assert found.device.id == "garage/z2m/lamp"
    assert garage.read(Message("zigbee2mqtt/bridge/devices", payload)) == ()
    (told,) = garage.write(Command("garage/z2m/lamp", (("state", True),)))
    assert told.topic == "garage/z2m/lamp/set"


# ------------------------------------------------------------------------------ real devices


def definitions() -> Iterator[dict[str, Any]]:
    with gzip.open(DEVICES / "zigbee_exposes.json.gz", "rt", encoding="utf-8") as file:
        yield from json.load(file)


@pytest.mark.data
def test_every_real_definition_is_read() -> None:
    count, without = 0, list[tuple[str, str]]()
    for definition in definitions():
        exposed = read_exposes(json.dumps(definition["exposes"]), definition["description"])
        kinds = {item["type"] for item in definition["exposes"]}
        has = {(feature.property, feature.settable) for feature in exposed.features}
        needs = {
            "light": {("power", True), ("brightness", True)},
            "lock": {("lock", True)},
            "cover": {("position", True)},
            "climate": {("temperature", False), ("temperature", True)},
        }
        without += [(kind, definition["model"]) for kind in kinds & needs.keys() if needs[kind] - has]
        count += 1
    assert count == 3016
    assert without == []


@pytest.mark.data
def test_what_real_devices_are_told_is_what_they_would_report() -> None:
    for definition in definitions():
        channels = read_exposes(json.dumps(definition["exposes"]), definition["description"]).channels
        for channel in channels.values():
            feature = channel.feature
            if not feature.settable:
                continue
            tries = {
                "switch": [True, False],
                "number": [value for value in (feature.low, feature.high) if value is not None],
                "choice": feature.choices,
                "trigger": feature.choices,
                "color": ["#ff0000", "#00ff00", "#0000ff", "#ffffff"],
            }.get(feature.kind, [])
            for held in tries:
                assert channel.read(channel.write(held)) == held, (definition["model"], feature)


@pytest.mark.data
def test_a_recorded_home() -> None:
    bridge = Zigbee2Mqtt()
    devices: dict[str, Device] = {}
    refusals: list[Refusal] = []
    online: dict[str, bool] = {}
    with gzip.open(DEVICES / "z2m_home.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            said = json.loads(line)
            for event in bridge.read(Message(said["topic"], said["payload"].encode(), said["retain"])):
                if isinstance(event, Found):
                    devices[event.device.id] = event.device
                elif isinstance(event, Refusal):
                    refusals.append(event)
                elif isinstance(event, Presence):
                    online[event.device] = event.online
    assert len(devices) == 14
    assert devices["zigbee2mqtt/Living room/all lamps"].members == (
        "zigbee2mqtt/Living room/lamp",
        "zigbee2mqtt/Living room/floor lamp",
    )
    assert refusals[-1] == Refusal("zigbee2mqtt/Kitchen/ceiling", "mock_radio: no answer from 1001")
    assert set(online) == set(devices)
    assert not any(online.values())
