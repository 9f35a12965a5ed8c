"""Tasmota: outputs from the discovery message, sensors from reports, topics of any make."""

import json

import pytest

from edge_nlu.values import Command, Device, Event, Found, Gone, Message, Presence, Report
from edge_nlu_bridge.tasmota import FORESEEN, Tasmota

PLUG = {
    "dn": "Plug",
    "fn": ["Plug", None],
    "hn": "plug-1234",
    "mac": "AABBCCDDEEFF",
    "ofln": "Offline",
    "onln": "Online",
    "state": ["OFF", "ON", "TOGGLE", "HOLD"],
    "t": "plug",
    "ft": "%prefix%/%topic%/",
    "tp": ["cmnd", "stat", "tele"],
    "rl": [1, 0, 0, 0],
    "ver": 1,
}


def say(bridge: Tasmota, topic: str, payload: object) -> list[Event]:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return list(bridge.read(Message(topic, text.encode())))


def discover(bridge: Tasmota, **more: object) -> list[Event]:
    config = PLUG | more
    return say(bridge, f"tasmota/discovery/{config['mac']}/config", config)


def device(**more: object) -> tuple[Tasmota, Device]:
    bridge = Tasmota()
    found = discover(bridge, **more)[0]
    assert isinstance(found, Found)
    return bridge, found.device


def told(bridge: Tasmota, *settings: tuple[str, bool | float | str]) -> list[tuple[str, str]]:
    return [(sent.topic, sent.payload.decode()) for sent in bridge.write(Command("tasmota/plug", settings))]


@pytest.mark.parametrize(
    ("more", "features"),
    [
        ({}, ["POWER power"]),
        ({"rl": [1, 1], "fn": ["Left", "Right"]}, ["POWER1 power Left", "POWER2 power Right"]),
        ({"rl": [1, 1], "fn": []}, ["POWER1 power 1", "POWER2 power 2"]),
        ({"rl": [2], "lt_st": 1}, ["POWER power", "Dimmer brightness"]),
        ({"rl": [2], "lt_st": 2}, ["POWER power", "Dimmer brightness", "CT color"]),
        ({"rl": [2], "lt_st": 3}, ["POWER power", "Dimmer brightness", "HSBColor color"]),
        ({"rl": [2], "lt_st": 5}, ["POWER power", "Dimmer brightness", "CT color", "HSBColor color"]),
        ({"rl": [2], "lt_st": 0}, ["POWER power"]),
        ({"rl": [3, 3]}, ["Shutter1/Position position", "Shutter1/Move position"]),
        ({"rl": [1, 1], "if": 1, "fn": ["Fan"]}, ["POWER1 power light", "FanSpeed speed"]),
        (
            {"rl": [2, 2], "so": {"68": 1}},
            ["POWER1 power 1", "POWER2 power 2", "Channel1 brightness 1", "Channel2 brightness 2"],
        ),
    ],
)
def test_what_a_device_can_do(more: dict[str, object], features: list[str]) -> None:
    _, found = device(**{"fn": [], **more})
    assert [" ".join(filter(None, (one.key, one.property, one.part))) for one in found.features] == features


@pytest.mark.parametrize(
    ("more", "types"),
    [
        ({}, ("switch",)),
        ({"so": {"30": 1}}, ("light", "switch")),
        ({"rl": [2]}, ("light",)),
        ({"rl": [3, 3, 1]}, ("cover", "switch")),
        ({"rl": [0]}, ("sensor",)),
    ],
)
def test_what_sort_of_thing_it_is(more: dict[str, object], types: tuple[str, ...]) -> None:
    assert device(**more)[1].types == types


@pytest.mark.parametrize(
    "more",
    [
        {"t": ""},
        {"t": "tasmotas"},
        {"t": "sonoffs"},
        {"t": "a/#"},
        {"ft": "%topic%/"},
        {"ft": "%prefix%/%topic%/%unknown%/"},
        {"ft": "%prefix%/tasmotas/"},
        {"tp": ["cmnd", "stat"]},
        {"tp": ["same", "same", "same"]},
        {"tp": None},
    ],
)
def test_who_cannot_be_reached_alone_is_not_there(more: dict[str, object]) -> None:
    assert discover(Tasmota(), **more) == []


@pytest.mark.parametrize(
    ("full", "path"),
    [
        ("%prefix%/%topic%/", "cmnd/plug/"),
        ("%topic%/%prefix%/", "plug/cmnd/"),
        ("home/%hostname%/%prefix%", "home/plug-1234/cmnd/"),
        ("%prefix%/t_%id%/", "cmnd/t_DDEEFF/"),
    ],
)
def test_topics_are_made_up_as_the_device_says(full: str, path: str) -> None:
    bridge, _ = device(ft=full)
    assert told(bridge, ("POWER", True)) == [(f"{path}POWER", "ON")]
    state = path.replace("cmnd", "stat")
    assert say(bridge, f"{state}POWER", "ON") == [Report("tasmota/plug", "POWER", True)]
    assert [filter_ for filter_ in bridge.subscriptions() if filter_ not in FORESEEN] == (
        [] if path.startswith("cmnd") else [f"{state}+", f"{path.replace('cmnd', 'tele')}+"]
    )


def test_one_relay_goes_with_and_without_its_number() -> None:
    bridge, _ = device()
    for said in ({"POWER": "ON"}, {"POWER1": "ON"}):
        assert say(bridge, "stat/plug/RESULT", said) == [Report("tasmota/plug", "POWER", True)]
    bridge, _ = device(rl=[1, 1])
    assert say(bridge, "stat/plug/RESULT", {"POWER": "OFF"}) == [Report("tasmota/plug", "POWER1", False)]


def test_a_device_may_have_its_own_words_for_on_and_off() -> None:
    bridge, _ = device(state=["AUS", "AN", "UM", "HALT"])
    assert told(bridge, ("POWER", False)) == [("cmnd/plug/POWER", "AUS")]
    assert say(bridge, "stat/plug/POWER", "AN") == [Report("tasmota/plug", "POWER", True)]
    assert say(bridge, "stat/plug/POWER", "OFF") == [Report("tasmota/plug", "POWER", False)]
    assert say(bridge, "stat/plug/POWER", "HALT") == []


def test_a_shutter_may_count_the_other_way_round() -> None:
    bridge, _ = device(rl=[3, 3], sho=[1])
    assert told(bridge, ("Shutter1/Position", 30.0)) == [("cmnd/plug/ShutterPosition1", "70")]
    events = say(bridge, "tele/plug/SENSOR", {"Shutter1": {"Position": 70, "Direction": 0}})
    assert events == [Report("tasmota/plug", "Shutter1/Position", 30)]
    assert told(bridge, ("Shutter1/Move", "close")) == [("cmnd/plug/ShutterClose1", "")]


def test_sensors_are_found_when_they_speak() -> None:
    bridge, _ = device()
    said = {
        "Time": "2026-03-02T18:05:00",
        "DS18B20": {"Id": "0", "Temperature": 68.9},
        "TempUnit": "F",
        "ESP32": {"Temperature": 50},
    }
    found, report = say(bridge, "tele/plug/SENSOR", said)
    assert isinstance(found, Found)
    sensor = found.device.features[-1]
    assert (sensor.property, sensor.unit, sensor.part, sensor.settable) == ("temperature", "°F", "", False)
    assert report == Report("tasmota/plug", "DS18B20/Temperature", 68.9)
    assert say(bridge, "stat/plug/STATUS10", {"StatusSNS": said}) == [report]


def test_several_sensors_of_a_kind_are_parts() -> None:
    bridge, _ = device()
    events = say(
        bridge, "tele/plug/SENSOR", {"A": {"Temperature": 1}, "B": {"Temperature": 2, "Humidity": 3}}
    )
    assert isinstance(events[0], Found)
    assert [one.part for one in events[0].device.features] == ["", "A", "B", ""]


def test_sensors_told_beforehand_are_known_before_they_speak() -> None:
    bridge = Tasmota()
    sensors = {"sn": {"SCD30": {"CarbonDioxide": 400}}, "ver": 1}
    assert say(bridge, "tasmota/discovery/AABBCCDDEEFF/sensors", sensors) == []
    *_, found = discover(bridge)
    assert isinstance(found, Found)
    assert found.device.features[-1].property == "air"


def test_no_device_fills_the_memory_with_sensors() -> None:
    bridge, _ = device()
    many = {f"S{number}": {"Temperature": number} for number in range(500)}
    found, *reports = say(bridge, "tele/plug/SENSOR", many)
    assert isinstance(found, Found)
    assert len(found.device.features) == 65
    assert len(reports) == 64


def test_the_whole_state_at_once() -> None:
    bridge, _ = device(rl=[2], lt_st=5)
    state = {"POWER": "ON", "Dimmer": 40, "CT": 300, "HSBColor": "0,100,40", "Wifi": {"RSSI": 1}}
    expected = [("POWER", True), ("Dimmer", 40.0), ("CT", 300.0), ("HSBColor", "#ff0000")]
    events = say(bridge, "stat/plug/STATUS11", {"StatusSTS": state})
    assert events == [Report("tasmota/plug", key, value) for key, value in expected]
    assert say(bridge, "tele/plug/STATE", state) == events
    assert say(bridge, "stat/plug/DIMMER", {"Dimmer": 7}) == [Report("tasmota/plug", "Dimmer", 7.0)]


def test_what_it_said_before_it_was_known() -> None:
    bridge = Tasmota()
    assert say(bridge, "stat/plug/POWER", "ON") == []
    assert say(bridge, "tele/plug/LWT", "Offline") == []
    assert discover(bridge)[1:] == [Presence("tasmota/plug", False), Report("tasmota/plug", "POWER", True)]


def test_a_new_topic_is_a_new_name() -> None:
    bridge, _ = device()
    gone, found = discover(bridge, t="kettle")
    assert gone == Gone("tasmota/plug")
    assert isinstance(found, Found)
    assert found.device.id == "tasmota/kettle"
    assert told(bridge, ("POWER", True)) == []


def test_two_devices_of_one_topic_do_not_answer_for_each_other() -> None:
    bridge, _ = device()
    assert discover(bridge, mac="001122334455") == []
    assert say(bridge, "tasmota/discovery/001122334455/config", "") == []
    assert told(bridge, ("POWER", True)) != []


def test_a_changed_device_keeps_its_sensors() -> None:
    bridge, _ = device()
    say(bridge, "tele/plug/SENSOR", {"AM2301": {"Humidity": 50}})
    (found,) = discover(bridge, dn="Kettle plug")
    assert isinstance(found, Found)
    assert found.device.name == "Kettle plug"
    assert [one.key for one in found.device.features] == ["POWER", "AM2301/Humidity"]
    assert discover(bridge, dn="Kettle plug") == []


def test_the_name_of_the_only_output_is_a_name_of_the_device() -> None:
    assert device(dn="Tasmota", fn=["Bedside lamp"])[1].aliases == ("Bedside lamp",)
    assert device(dn="Plug", fn=["Plug"])[1].aliases == ()
