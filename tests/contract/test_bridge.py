"""What every bridge must keep, whatever convention it speaks.

Each installed bridge is played the traffic of a small home from `traffic/<its name>.json`: `home` is what
lies on the broker when the hub starts, `holds` what is known then, and the other parts tell what comes later.
A bridge that is installed needs such a file; what its convention does not have is left out of it.
"""

import json
import random
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, get_args

import pytest

from edge_nlu.interfaces import Bridge
from edge_nlu.values import (
    Command,
    Device,
    Event,
    FeatureKind,
    Found,
    Gone,
    Held,
    Message,
    Presence,
    Refusal,
    Report,
)

TRAFFIC = Path(__file__).parent / "traffic"
PROPERTIES = """
    air alarm battery brightness channel color energy humidity leak level lock media mode place position power
    presence program run smoke source speed status swing temperature time_left timer volume
"""
NONSENSE = [
    b"",
    b"\0",
    b"\xff\xfe\x80",
    b"null",
    b"None",
    b"[]",
    b"{}",
    b"true",
    b"-1e999",
    b'{"state": {"state": []}}',
    b'[{"ieee_address": 5}, null, [[]]]',
    b'{"nodes": {"a": null, "b": {"properties": [1]}}, "rl": {}, "ft": 3, "sn": [], "params": 7, "cmps": []}',
    b"[" * 100_000,
    b"7" * 6_000,
    b"{" + b'"a":1,' * 300_000 + b'"b":2}',
]


class Played:
    """A bridge, and what is known of the home by what it told."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self.devices: dict[str, Device] = {}
        self.holds: dict[str, dict[str, Held | None]] = {}
        self.online: dict[str, bool] = {}
        self.refusals: list[Refusal] = []

    def hear(self, messages: Iterable[Message]) -> list[Event]:
        events = [event for message in messages for event in self.bridge.read(message)]
        for event in events:
            match event:
                case Found(device):
                    self.devices[device.id] = device
                case Gone(device_id):
                    del self.devices[device_id]
                    self.holds.pop(device_id, None)
                    self.online.pop(device_id, None)
                case Report(device_id, key, value):
                    assert device_id in self.devices, "reported before it was found"
                    assert self.devices[device_id].feature(key) is not None, "reported a feature it has not"
                    self.holds.setdefault(device_id, {})[key] = value
                case Presence(device_id, online):
                    assert device_id in self.devices
                    self.online[device_id] = online
                case Refusal():
                    assert event.device in self.devices
                    self.refusals.append(event)
        return events


class Scene:
    """A bridge's traffic file, with its messages as messages."""

    def __init__(self, entry: EntryPoint) -> None:
        self.entry = entry
        path = TRAFFIC / f"{entry.name}.json"
        assert path.is_file(), f"the bridge {entry.name} needs its traffic in {path.name}"
        self.said: dict[str, Any] = json.loads(path.read_text())

    def bridge(self) -> Bridge:
        made: Bridge = self.entry.load()()
        return made

    def at_home(self) -> Played:
        played = Played(self.bridge())
        played.hear(self.messages("home", retain=True))
        return played

    def part(self, name: str) -> dict[str, Any]:
        if name not in self.said:
            pytest.skip(f"{self.entry.name} has no {name}")
        part: dict[str, Any] = self.said[name]
        return part

    def messages(self, *path: str, retain: bool = False) -> list[Message]:
        part = self.said
        for name in path:
            part = part[name]
        return [message(each, retain=retain) for each in part]


def message(said: dict[str, Any], *, retain: bool = False) -> Message:
    payload = said["payload"]
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return Message(said["topic"], text.encode(), retain)


def same(sent: Iterable[Message], said: list[dict[str, Any]]) -> bool:
    """Return whether messages are those of a traffic file, JSON compared by what it says."""

    def plain(topic: str, payload: object) -> tuple[str, object]:
        try:
            return topic, json.loads(payload) if isinstance(payload, str | bytes) else payload
        except ValueError:
            return topic, payload.decode() if isinstance(payload, bytes) else payload

    return [plain(one.topic, one.payload) for one in sent] == [
        plain(one["topic"], one["payload"]) for one in said
    ]


def matches(filter_: str, topic: str) -> bool:
    wanted, parts = filter_.split("/"), topic.split("/")
    if wanted[-1] == "#":
        return len(parts) >= len(wanted) - 1 and all(
            one in ("+", part) for one, part in zip(wanted[:-1], parts, strict=False)
        )
    return len(wanted) == len(parts) and all(
        one in ("+", part) for one, part in zip(wanted, parts, strict=True)
    )


@pytest.fixture(params=sorted(entry_points(group="edge_nlu.bridges")), ids=lambda entry: str(entry.name))
def scene(request: pytest.FixtureRequest) -> Scene:
    return Scene(request.param)


def test_is_called_as_it_is_installed(scene: Scene) -> None:
    assert scene.bridge().name == scene.entry.name


def test_knows_the_home_from_what_lies_on_the_broker(scene: Scene) -> None:
    played = scene.at_home()
    assert played.holds == scene.said["holds"]
    assert set(played.devices) >= set(scene.said["holds"])


def test_order_of_arrival_does_not_matter(scene: Scene) -> None:
    messages = scene.messages("home", retain=True)
    expected = scene.at_home()
    for seed in range(20):
        random.Random(seed).shuffle(messages)
        played = Played(scene.bridge())
        played.hear(messages)
        assert played.devices == expected.devices
        assert played.holds == expected.holds
        assert played.online == expected.online


def test_nothing_is_news_twice(scene: Scene) -> None:
    played = scene.at_home()
    devices = dict(played.devices)
    again = played.hear(scene.messages("home", retain=True))
    assert not [event for event in again if isinstance(event, Found | Gone | Presence)]
    assert played.devices == devices
    assert played.holds == scene.said["holds"]


def test_devices_are_described_in_the_words_of_the_home(scene: Scene) -> None:
    for device in scene.at_home().devices.values():
        assert device.id.startswith(f"{scene.entry.name}/")
        assert device.name
        assert device.id in device.ids
        assert device.features
        keys = [feature.key for feature in device.features]
        assert len(keys) == len(set(keys))
        for feature in device.features:
            assert feature.kind in get_args(FeatureKind)
            assert feature.property in ("", *PROPERTIES.split())
            assert feature.settable or feature.readable
            assert feature.low is None or feature.high is None or feature.low <= feature.high
            assert feature.choices or feature.kind != "choice"
            assert feature.kind != "color" or feature.property in ("color", "")


def test_listens_to_what_it_can_read_and_to_each_topic_once(scene: Scene) -> None:
    played = scene.at_home()
    filters = played.bridge.subscriptions()
    assert played.bridge.subscriptions() is filters
    topics = {one.topic for one in scene.messages("home")}
    for name, part in scene.said.items():
        if isinstance(part, dict) and "messages" in part and name != "inquire":
            topics |= {one["topic"] for one in part["messages"]}
    for topic in topics:
        assert len([filter_ for filter_ in filters if matches(filter_, topic)]) == 1, topic
    assert not [filter_ for filter_ in filters if filter_ in ("#", "+", "+/#")]


def test_tells_a_device_and_hears_that_it_did(scene: Scene) -> None:
    for wanted in scene.said["told"]:
        played = scene.at_home()
        settings = tuple((key, value) for key, value in wanted["settings"])
        sent = played.bridge.write(Command(wanted["device"], settings))
        assert same(sent, wanted["messages"])
        assert not any(one.retain for one in sent)
        played.hear(message(echo) for echo in wanted.get("echo", []))
        if "echo" in wanted:
            assert [played.holds[wanted["device"]][key] for key, _ in settings] == [
                value for _, value in settings
            ]


def test_what_it_says_itself_is_no_news(scene: Scene) -> None:
    played = scene.at_home()
    for wanted in scene.said["told"]:
        settings = tuple((key, value) for key, value in wanted["settings"])
        assert played.hear(played.bridge.write(Command(wanted["device"], settings))) == []


def test_tells_nobody_else(scene: Scene) -> None:
    bridge = scene.at_home().bridge
    for wanted in scene.said["told"]:
        settings = tuple((key, value) for key, value in wanted["settings"])
        assert list(bridge.write(Command(wanted["device"] + "x", settings))) == []
        assert list(bridge.write(Command(wanted["device"].partition("/")[2], settings))) == []
        assert list(bridge.write(Command("", settings))) == []
        assert list(scene.bridge().write(Command(wanted["device"], settings))) == []


def test_tells_all_of_a_command_or_nothing(scene: Scene) -> None:
    played = scene.at_home()
    for wanted in scene.said["told"]:
        settings = tuple((key, value) for key, value in wanted["settings"])
        for odd in (("no such feature", True), *_unfit(played.devices[wanted["device"]])):
            assert list(played.bridge.write(Command(wanted["device"], (*settings, odd)))) == [], odd
    for device in played.devices:
        assert list(played.bridge.write(Command(device, ()))) == []


def _unfit(device: Device) -> Iterable[tuple[str, Held]]:
    """Return what the features of a device can never be told."""
    for feature in device.features:
        if not feature.settable:
            yield feature.key, True
            yield feature.key, 1.0
        elif feature.kind == "switch":
            yield feature.key, 1.0
            yield feature.key, "on"
        elif feature.kind == "number":
            yield feature.key, True
            yield feature.key, "much"
            yield feature.key, float("nan")
            yield feature.key, float("inf")
        elif feature.kind in ("choice", "trigger", "color", "media", "time"):
            yield feature.key, "no such choice"
            yield feature.key, 3.5


def test_tells_who_cannot_be_reached(scene: Scene) -> None:
    away = scene.part("away")
    played = scene.at_home()
    played.hear(scene.messages("away", "messages"))
    assert sorted(device for device, online in played.online.items() if not online) == sorted(away["devices"])
    if "back" in away:
        played.hear(scene.messages("away", "back"))
        assert all(played.online.values())


def test_unknown_is_never_off(scene: Scene) -> None:
    unknown = scene.part("unknown")
    played = scene.at_home()
    played.hear(scene.messages("unknown", "messages"))
    assert {key: played.holds[unknown["device"]][key] for key in unknown["keys"]} == dict.fromkeys(
        unknown["keys"]
    )


def test_who_is_taken_out_is_gone(scene: Scene) -> None:
    gone = scene.part("gone")
    played = scene.at_home()
    before = set(played.devices)
    played.hear(scene.messages("gone", "messages"))
    assert before - set(played.devices) == set(gone["devices"])
    for device in gone["devices"]:
        assert list(played.bridge.inquire(device)) == []


def test_a_new_name_is_the_same_device(scene: Scene) -> None:
    renamed = scene.part("renamed")
    played = scene.at_home()
    old = played.devices[renamed["from"]]
    held = played.holds[renamed["from"]]
    events = played.hear(scene.messages("renamed", "messages"))
    assert Gone(renamed["from"]) in events
    assert played.devices[renamed["to"]].features == old.features
    assert played.holds[renamed["to"]] == held
    assert list(played.bridge.write(Command(renamed["from"], tuple(renamed["settings"])))) == []


def test_a_command_that_did_not_arrive_is_told(scene: Scene) -> None:
    refused = scene.part("refused")
    played = scene.at_home()
    played.hear(scene.messages("refused", "messages"))
    assert [refusal.device for refusal in played.refusals] == refused["devices"]
    assert all(refusal.reason for refusal in played.refusals)


def test_asks_only_where_somebody_would_answer(scene: Scene) -> None:
    played = scene.at_home()
    asked = scene.said.get("inquire", {})
    for device in played.devices:
        sent = list(played.bridge.inquire(device))
        assert not any(one.retain for one in sent)
        if device in asked:
            assert same(sent, asked[device])
    assert list(played.bridge.inquire("nobody")) == []
    assert list(played.bridge.inquire(f"{scene.entry.name}/nobody")) == []


def test_nonsense_tells_nothing_and_breaks_nothing(scene: Scene) -> None:
    topics = {one.topic for one in scene.messages("home")}
    for payload in NONSENSE:
        played = scene.at_home()
        fresh = Played(scene.bridge())
        for topic in sorted(topics):
            for one in (topic, f"{topic}/x", f"{topic}/", topic.replace("/", "//"), ""):
                played.hear([Message(one, payload)])
                fresh.hear([Message(one, payload)])
        assert not [device for device, held in fresh.holds.items() if any(held.values())]


def test_two_bridges_share_nothing(scene: Scene) -> None:
    scene.at_home()
    untouched = Played(scene.bridge())
    assert untouched.bridge.subscriptions() == scene.bridge().subscriptions()
    assert untouched.devices == {}
