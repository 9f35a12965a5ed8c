"""Shelly: parts by what is told of them, names from the settings, calls and their answers."""

import json
from typing import Any

import pytest

from edge_nlu.values import Command, Device, Event, Found, Gone, Held, Message, Presence, Refusal, Report
from edge_nlu_bridge.shelly import Shelly

PLUG = "shellyplusplugs-b0b21c0ffee0"


def say(bridge: Shelly, topic: str, payload: object) -> list[Event]:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return list(bridge.read(Message(topic, text.encode())))


def notify(bridge: Shelly, prefix: str = PLUG, source: str = PLUG, **parts: object) -> list[Event]:
    params = {"ts": 1631186545.04, **{name.replace("__", ":"): state for name, state in parts.items()}}
    said = {"src": source, "dst": f"{prefix}/events", "method": "NotifyStatus", "params": params}
    return say(bridge, f"{prefix}/events/rpc", said)


def answer(bridge: Shelly, asked: Message, **said: object) -> list[Event]:
    call = json.loads(asked.payload)
    return say(bridge, f"{call['src']}/rpc", {"id": call["id"], "src": PLUG, "dst": call["src"], **said})


def last_found(events: list[Event]) -> Device:
    return [event.device for event in events if isinstance(event, Found)][-1]


def held(events: list[Event]) -> dict[str, Held | None]:
    return {event.key: event.value for event in events if isinstance(event, Report)}


def calls(bridge: Shelly, *settings: tuple[str, Held], device: str = PLUG) -> list[tuple[str, Any]]:
    sent = bridge.write(Command(f"shelly/{device}", settings))
    assert all(one.topic == f"{device}/rpc" for one in sent)
    said = [json.loads(one.payload) for one in sent]
    return [(one["method"], one.get("params")) for one in said]


def test_a_device_that_only_says_that_it_is_there_is_asked() -> None:
    bridge = Shelly()
    events = say(bridge, f"{PLUG}/online", "true")
    assert [type(event) for event in events] == [Found, Presence]
    config, status = bridge.inquire(f"shelly/{PLUG}")
    assert json.loads(config.payload)["method"] == "Shelly.GetConfig"
    assert "edge-nlu/shelly/rpc" in bridge.subscriptions()
    named = answer(
        bridge,
        config,
        result={"sys": {"device": {"name": "Heater", "mac": "B0B2"}}, "switch:0": {"id": 0, "name": None}},
    )
    assert last_found(named).name == "Heater"
    events = answer(
        bridge, status, result={"switch:0": {"id": 0, "output": True, "apower": 1200.5}, "sys": {}}
    )
    assert held(events) == {"switch:0/output": True, "switch:0/apower": 1200.5}
    assert last_found(events).ids == (f"shelly/{PLUG}", PLUG, "B0B2")
    assert len(bridge.inquire(f"shelly/{PLUG}")) == 1


def test_a_notification_lies_over_what_was_known() -> None:
    bridge = Shelly()
    assert held(notify(bridge, switch__0={"id": 0, "output": False, "apower": 0.0})) == {
        "switch:0/output": False,
        "switch:0/apower": 0,
    }
    events = notify(bridge, switch__0={"id": 0, "aenergy": {"total": 11.5, "by_minute": [1, 2, 3]}})
    assert held(events) == {"switch:0/aenergy/total": 11.5}
    assert [feature.key for feature in last_found(events).features] == [
        "switch:0/output",
        "switch:0/apower",
        "switch:0/aenergy/total",
    ]
    assert held(notify(bridge, switch__0={"id": 0, "output": True})) == {"switch:0/output": True}
    assert held(say(bridge, f"{PLUG}/status/switch:0", {"id": 0, "output": False})) == {
        "switch:0/output": False
    }


def test_the_parts_of_a_device_have_names() -> None:
    bridge = Shelly()
    notify(bridge, switch__0={"id": 0, "output": False}, switch__1={"id": 1, "output": False})
    config = bridge.inquire(f"shelly/{PLUG}")[0]
    events = answer(bridge, config, result={"switch:0": {"id": 0, "name": "Left"}, "switch:1": {"id": 1}})
    assert [feature.part for feature in last_found(events).features] == ["Left", "2"]


def test_a_relay_alone_is_called_after_what_it_switches() -> None:
    bridge = Shelly()
    notify(bridge, switch__0={"id": 0, "output": False})
    config = bridge.inquire(f"shelly/{PLUG}")[0]
    events = answer(bridge, config, result={"switch:0": {"id": 0, "name": "Porch light"}})
    assert last_found(events).name == "Porch light"


def test_under_another_name() -> None:
    bridge = Shelly()
    assert say(bridge, "cellar/pump/online", "true") == []
    events = notify(bridge, "cellar/pump", switch__0={"id": 0, "output": False})
    assert Presence("shelly/cellar/pump", online=True) in events
    assert "cellar/pump/online" in bridge.subscriptions()
    assert calls(bridge, ("switch:0/output", True), device="cellar/pump") == [
        ("Switch.Set", {"id": 0, "on": True})
    ]
    assert say(bridge, "cellar/pump/online", "") == [Gone("shelly/cellar/pump")]
    assert bridge.subscriptions() == Shelly().subscriptions()


@pytest.mark.parametrize(
    ("parts", "settings", "called"),
    [
        (
            {"switch__1": {"output": False}},
            [("switch:1/output", True)],
            [("Switch.Set", {"id": 1, "on": True})],
        ),
        (
            {"light__0": {"output": False, "brightness": 10}},
            [("light:0/output", True), ("light:0/brightness", 55.4)],
            [("Light.Set", {"id": 0, "on": True, "brightness": 55})],
        ),
        (
            {"light__0": {"output": False, "brightness": 10}},
            [("light:0/output", False), ("light:0/brightness", 55)],
            [("Light.Set", {"id": 0, "on": False, "brightness": 55})],
        ),
        (
            {"rgbw__0": {"output": True, "rgb": [1, 2, 3]}},
            [("rgbw:0/rgb", "#ff0000")],
            [("RGBW.Set", {"id": 0, "on": True, "rgb": [255, 0, 0]})],
        ),
        ({"cct__0": {"ct": 3000}}, [("cct:0/ct", 4000)], [("CCT.Set", {"id": 0, "on": True, "ct": 4000})]),
        ({"cover__0": {"state": "open"}}, [("cover:0/state", False)], [("Cover.Close", {"id": 0})]),
        ({"cover__0": {"state": "open"}}, [("cover:0/move", "stop")], [("Cover.Stop", {"id": 0})]),
        (
            {"cover__0": {"state": "open", "current_pos": 100}},
            [("cover:0/current_pos", 30.0)],
            [("Cover.GoToPosition", {"id": 0, "pos": 30})],
        ),
        (
            {"thermostat__0": {"target_C": 20, "enable": True}},
            [("thermostat:0/enable", True), ("thermostat:0/target_C", 21.5)],
            [("Thermostat.SetConfig", {"id": 0, "config": {"enable": True, "target_C": 21.5}})],
        ),
    ],
)
def test_calls(
    parts: dict[str, Any], settings: list[tuple[str, Held]], called: list[tuple[str, dict[str, object]]]
) -> None:
    bridge = Shelly()
    notify(bridge, **parts)
    assert calls(bridge, *settings) == called


@pytest.mark.parametrize(
    ("part", "state", "key", "prop", "value"),
    [
        ("temperature__0", {"tC": 21.5, "tF": 70.7}, "temperature:0/tC", "temperature", 21.5),
        ("humidity__0", {"rh": 44.1}, "humidity:0/rh", "humidity", 44.1),
        (
            "devicepower__0",
            {"battery": {"V": 5.1, "percent": 90}},
            "devicepower:0/battery/percent",
            "battery",
            90,
        ),
        ("flood__0", {"alarm": True}, "flood:0/alarm", "leak", True),
        ("smoke__0", {"alarm": False}, "smoke:0/alarm", "smoke", False),
        ("em1__0", {"act_power": 230.0}, "em1:0/act_power", "energy", 230),
        ("cover__0", {"state": "closed"}, "cover:0/state", "position", False),
        ("switch__0", {"output": None}, "switch:0/output", "power", None),
    ],
)
def test_what_parts_tell(part: str, state: dict[str, object], key: str, prop: str, value: object) -> None:
    events = notify(Shelly(), **{part: state})
    feature = last_found(events).feature(key)
    assert feature is not None
    assert feature.property == prop
    assert held(events) == {key: value}


def test_a_call_that_failed() -> None:
    bridge = Shelly()
    notify(bridge, switch__0={"id": 0, "output": False})
    sent = bridge.write(Command(f"shelly/{PLUG}", (("switch:0/output", True),)))[0]
    events = answer(bridge, sent, error={"code": -114, "message": "Resource unavailable: Overpower!"})
    assert events == [Refusal(f"shelly/{PLUG}", "Resource unavailable: Overpower!")]
    assert answer(bridge, sent, result={"was_on": False}) == []


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("other/online", "true"),
        (f"{PLUG}/online", "maybe"),
        (
            "x/events/rpc",
            {"src": "someone", "method": "NotifyStatus", "params": {"switch:0": {"output": True}}},
        ),
        (f"{PLUG}/events/rpc", {"src": PLUG, "method": "NotifyEvent", "params": {"events": []}}),
        ("edge-nlu/shelly/rpc", {"id": 5, "src": PLUG, "result": {"switch:0": {"output": True}}}),
        ("x/status/switch:0", {"output": True}),
        (f"{PLUG}/status/wifi", {"ssid": "x"}),
    ],
)
def test_who_is_no_device(topic: str, payload: object) -> None:
    assert say(Shelly(), topic, payload) == []
