"""Whatever arrives on whatever topic, a bridge raises nothing, sends nothing, and tells only sense."""

import json
import math
import random
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_nlu.interfaces import Bridge
from edge_nlu.values import Command, Event, Found, Gone, Held, Message, Presence, Refusal, Report

TRAFFIC = Path(__file__).parents[1] / "contract" / "traffic"

ODD = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        1,
        10**400,
        -0.0,
        1e308,
        float("nan"),
        float("inf"),
        "",
        "ON",
        "null",
        "nan",
        "1e999",
        "\ud800",
    ]
)
JSON = st.recursive(
    ODD | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
HELD = st.booleans() | st.floats() | st.integers(-(10**20), 10**20) | st.text(max_size=12)


def paths(value: object, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each part of a JSON value."""
    yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths(inner, (*at, index))


def changed(value: Any, path: tuple[Any, ...], new: object) -> Any:
    """Return a JSON value with one part of it replaced."""
    if not path:
        return new
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


@st.composite
def nearly_right(draw: st.DrawFn, said: list[dict[str, Any]]) -> Message:
    """A message as devices send it, with something wrong in its topic or its payload."""
    one = draw(st.sampled_from(said))
    payload = one["payload"]
    match draw(st.integers(0, 5)):
        case 0:
            data = draw(st.binary(max_size=40))
        case 1:
            data = json.dumps(draw(JSON)).encode()
        case 2:
            text = payload if isinstance(payload, str) else json.dumps(payload)
            cut = draw(st.integers(0, len(text)))
            data = text[:cut].encode()
        case _:
            path = draw(st.sampled_from(sorted(paths(payload), key=repr)))
            mixed = changed(payload, path, draw(JSON))
            data = (mixed if isinstance(mixed, str) else json.dumps(mixed)).encode("utf-8", "surrogatepass")
    topic = one["topic"]
    match draw(st.integers(0, 8)):
        case 0:
            topic = draw(st.text(max_size=30))
        case 1:
            parts = topic.split("/")
            parts[draw(st.integers(0, len(parts) - 1))] = draw(
                st.sampled_from(["", "$state", "set", "x", "5", "é"])
            )
            topic = "/".join(parts)
        case 2:
            topic = draw(st.sampled_from(said))["topic"]
    return Message(topic, data, draw(st.booleans()))


class Home:
    """What the traffic of one convention is made of."""

    def __init__(self, entry: EntryPoint) -> None:
        self.entry = entry
        said = json.loads((TRAFFIC / f"{entry.name}.json").read_text())
        self.said: list[dict[str, Any]] = said["home"]
        self.later = [
            one for part in said.values() if isinstance(part, dict) for one in part.get("messages", [])
        ]

    def bridge(self) -> Bridge:
        made: Bridge = self.entry.load()()
        return made


HOMES = [
    Home(entry)
    for entry in sorted(entry_points(group="edge_nlu.bridges"))
    if (TRAFFIC / f"{entry.name}.json").is_file()
]


def check(events: list[Event], devices: dict[str, Found]) -> None:
    """Check that events are well formed, and that nobody speaks of a device that was not found."""
    for event in events:
        # halves of characters could neither be sent nor written down
        json.dumps(asdict(event), ensure_ascii=False).encode()
        match event:
            case Found(device):
                devices[device.id] = event
                keys = [feature.key for feature in device.features]
                assert len(keys) == len(set(keys))
            case Gone(device_id):
                del devices[device_id]
            case Report(device_id, key, value):
                feature = devices[device_id].device.feature(key)
                assert feature is not None
                assert value is None or isinstance(value, bool | int | float | str)
                if feature.kind == "number":
                    assert value is None or (not isinstance(value, bool | str) and math.isfinite(value))
                if feature.kind == "choice":
                    assert value is None or value in feature.choices
                if feature.kind == "switch":
                    assert value is None or isinstance(value, bool)
            case Presence(device_id, online):
                assert device_id in devices
                assert isinstance(online, bool)
            case Refusal(device_id, reason):
                assert device_id in devices
                assert len(reason) <= 1000


@pytest.mark.parametrize("home", HOMES, ids=lambda home: str(home.entry.name))
@settings(max_examples=300)
@given(data=st.data())
def test_whatever_arrives(home: Home, data: st.DataObject) -> None:
    bridge = home.bridge()
    devices: dict[str, Found] = {}
    start = data.draw(st.integers(0, len(home.said)))
    for one in home.said[:start]:
        payload = one["payload"]
        text = payload if isinstance(payload, str) else json.dumps(payload)
        check(list(bridge.read(Message(one["topic"], text.encode(), True))), devices)
    for message in data.draw(st.lists(nearly_right(home.said + home.later), max_size=12)):
        check(list(bridge.read(message)), devices)
    for filter_ in bridge.subscriptions():
        assert filter_
        assert "\0" not in filter_
        assert all(part in ("+", "#") or not set(part) & set("+#") for part in filter_.split("/"))
    for found in list(devices.values())[:4]:
        keys = [feature.key for feature in found.device.features]
        wanted = data.draw(st.lists(st.tuples(st.sampled_from([*keys, "x"]), HELD), max_size=3))
        command = Command(found.device.id, tuple(wanted))
        for sent in [*bridge.write(command), *bridge.inquire(found.device.id)]:
            assert not sent.retain
            assert sent.topic
            assert not set(sent.topic) & set("+#\0")
            assert isinstance(sent.payload, bytes)


@pytest.mark.parametrize("home", HOMES, ids=lambda home: str(home.entry.name))
@given(
    topic=st.text(max_size=40),
    payload=st.binary(max_size=60),
    device=st.text(max_size=20),
    key=st.text(max_size=9),
    held=HELD,
)
def test_nobody_known_is_told_nothing(
    home: Home, topic: str, payload: bytes, device: str, key: str, held: Held
) -> None:
    bridge = home.bridge()
    assert list(bridge.read(Message(topic, payload))) == []
    assert list(bridge.write(Command(device, ((key, held),)))) == []
    assert list(bridge.inquire(device)) == []


@pytest.mark.slow
def test_a_hundred_thousand_messages() -> None:
    """All bridges hear all topics of all conventions, in any order, with anything in them."""
    chance = random.Random(5)
    said = [one for home in HOMES for one in home.said + home.later]
    parts = [part for one in said for part in one["topic"].split("/")]
    texts = [
        one["payload"] if isinstance(one["payload"], str) else json.dumps(one["payload"]) for one in said
    ]
    heard: list[tuple[Bridge, dict[str, Found]]] = [(home.bridge(), {}) for home in HOMES]
    for _ in range(100_000):
        one, text = chance.choice(said), chance.choice(texts)
        topic = one["topic"]
        if chance.random() < 0.3:
            words = topic.split("/")
            words[chance.randrange(len(words))] = chance.choice(parts)
            topic = "/".join(words)
        if chance.random() < 0.6:
            text = one["payload"] if isinstance(one["payload"], str) else json.dumps(one["payload"])
        data = bytearray(text.encode())
        for _ in range(chance.choice((0, 0, 1, 3))):
            if data:
                data[chance.randrange(len(data))] = chance.choice(b'0e"{}[],:-\xff\x00')
        for bridge, devices in heard:
            check(list(bridge.read(Message(topic, bytes(data), chance.random() < 0.5))), devices)
