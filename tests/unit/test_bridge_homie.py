"""Homie: descriptions of both versions, values in and out."""

import json

import pytest

from edge_nlu.values import Command, Event, Feature, Found, Gone, Held, Message, Presence, Report
from edge_nlu_bridge.homie import Homie
from edge_nlu_bridge.homie_description import read_description


def say(bridge: Homie, topic: str, payload: object) -> list[Event]:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return list(bridge.read(Message(f"homie/{topic}", text.encode(), True)))


def described(**properties: dict[str, object]) -> dict[str, object]:
    return {
        "homie": "5.0",
        "version": 1,
        "name": "Thing",
        "nodes": {"n": {"type": "thing", "properties": properties}},
    }


def feature(**item: object) -> Feature:
    description = read_description(json.dumps(described(p=item)))
    assert description is not None
    (only,) = description.features
    return only


def thing(**properties: dict[str, object]) -> Homie:
    bridge = Homie()
    say(bridge, "5/thing/$description", described(**properties))
    say(bridge, "5/thing/$state", "ready")
    return bridge


def told(bridge: Homie, held: Held) -> list[str]:
    return [sent.payload.decode() for sent in bridge.write(Command("homie/thing", (("n/p", held),)))]


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ({"datatype": "boolean"}, "switch"),
        ({"datatype": "integer", "format": "0:10"}, "number"),
        ({"datatype": "percent"}, "number"),
        ({"datatype": "duration"}, "number"),
        ({"datatype": "enum", "format": "a,b"}, "choice"),
        ({"datatype": "enum"}, "text"),
        ({"datatype": "color", "format": "rgb"}, "color"),
        ({"datatype": "datetime"}, "text"),
        ({"datatype": "of a later version"}, "text"),
        ({"datatype": "json", "format": '{"type": "array"}'}, "text"),
        ({"datatype": "string", "name": "Alarm time"}, "time"),
        ({"datatype": "string", "name": "Remaining time"}, "text"),
        ({"datatype": "string", "name": "Title"}, "text"),
        ({"datatype": "integer", "name": "Time"}, "number"),
        ({"datatype": "boolean", "settable": True, "retained": False}, "trigger"),
        ({"datatype": "enum", "format": "start,stop", "settable": "true", "retained": "false"}, "trigger"),
        ({"datatype": "integer", "settable": True, "retained": False}, "number"),
    ],
)
def test_what_a_datatype_becomes(item: dict[str, object], kind: str) -> None:
    assert feature(**item).kind == kind


def test_what_makes_something_happen_holds_nothing() -> None:
    assert not feature(datatype="boolean", settable=True, retained=False).readable
    assert feature(datatype="boolean", retained=False).readable


@pytest.mark.parametrize(
    ("format_", "bounds"),
    [
        ("30:280:5", (30, 280, 5)),
        ("30:280", (30, 280, None)),
        (":10", (None, 10, None)),
        ("0:", (0, None, None)),
        ("", (None, None, None)),
        ("280:30", (None, None, None)),
        ("low:high", (None, None, None)),
    ],
)
def test_bounds(format_: str, bounds: tuple[float | None, ...]) -> None:
    one = feature(datatype="float", format=format_)
    assert (one.low, one.high, one.step) == bounds


def test_media_have_kinds() -> None:
    schema = {
        "type": "object",
        "properties": {"kind": {"enum": ["music", "radio"]}, "title": {"type": "string"}},
    }
    one = feature(datatype="json", settable=True, format=json.dumps(schema))
    assert (one.kind, one.choices) == ("media", ("music", "radio"))


@pytest.mark.parametrize(
    ("item", "text", "held"),
    [
        ({"datatype": "boolean"}, "TRUE", True),
        ({"datatype": "integer"}, "21.5", 21.5),
        ({"datatype": "duration"}, "PT1M30S", 90),
        ({"datatype": "duration"}, "P1DT1H", 90000),
        ({"datatype": "color", "format": "rgb,hsv,xyz"}, "rgb,255,0,0", "#ff0000"),
        ({"datatype": "color", "format": "rgb,hsv,xyz"}, "hsv,240,100,20", "#0000ff"),
        ({"datatype": "color", "format": "xyz"}, "xyz,0.7006,0.2993", "#ff0000"),
        ({"datatype": "color", "format": "hsv"}, "120,100,100", "#00ff00"),
        ({"datatype": "string", "name": "Time"}, "6:30:00", "06:30"),
        ({"datatype": "string"}, "\0", ""),
        ({"datatype": "enum", "format": "Eco,None"}, "none", "None"),
        ({"datatype": "float"}, "", None),
        ({"datatype": "float"}, "nan", None),
    ],
)
def test_what_a_value_means(item: dict[str, object], text: str, held: object) -> None:
    assert say(thing(p=item), "5/thing/n/p", text) == [Report("homie/thing", "n/p", held)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"datatype": "boolean"}, "perhaps"),
        ({"datatype": "float"}, "warm"),
        ({"datatype": "enum", "format": "a,b"}, "c"),
        ({"datatype": "color", "format": "rgb"}, "255,0"),
        ({"datatype": "color", "format": "rgb"}, "red"),
        ({"datatype": "duration"}, "PT"),
        ({"datatype": "string", "name": "Time"}, "soon"),
        ({"datatype": "string", "name": "Time"}, "25:00"),
    ],
)
def test_what_makes_no_sense_is_no_news(item: dict[str, object], text: str) -> None:
    assert say(thing(p=item), "5/thing/n/p", text) == []


@pytest.mark.parametrize(
    ("item", "held", "text"),
    [
        ({"datatype": "integer"}, 20.6, "21"),
        ({"datatype": "float"}, 0.1 + 0.2, "0.3"),
        ({"datatype": "duration"}, 90.0, "PT90S"),
        ({"datatype": "color", "format": "xyz"}, "#ff0000", "xyz,0.7006,0.2993,0.0001"),
        ({"datatype": "string", "name": "Time"}, "7:00", "07:00"),
        ({"datatype": "enum", "format": "Eco,Quick"}, "eco", "Eco"),
        ({"datatype": "string"}, "", "\0"),
    ],
)
def test_how_it_is_told(item: dict[str, object], held: Held, text: str) -> None:
    assert told(thing(p=item | {"settable": True}), held) == [text]


def test_nodes_are_parts_where_there_are_several() -> None:
    description = read_description(
        json.dumps(
            {
                "nodes": {
                    "l": {
                        "name": "Left",
                        "type": "light bulb",
                        "properties": {"on": {"datatype": "boolean"}},
                    },
                    "r": {
                        "name": "Right",
                        "type": "light bulb",
                        "properties": {"on": {"datatype": "boolean"}},
                    },
                    "empty": {"type": "nothing"},
                }
            }
        )
    )
    assert description is not None
    assert [(one.key, one.part) for one in description.features] == [("l/on", "Left"), ("r/on", "Right")]
    assert description.types == ("light-bulb", "left", "right")


OLD = {
    "$homie": "4.0.0",
    "$name": "Old lamp",
    "$nodes": "light",
    "light/$name": "Light",
    "light/$type": "lamp",
    "light/$properties": "on",
    "light/on/$datatype": "boolean",
    "light/on/$settable": "true",
}


def test_an_old_device_is_there_when_all_of_it_is() -> None:
    bridge = Homie()
    for path, text in OLD.items():
        assert say(bridge, f"old/{path}", text) == []
    assert say(bridge, "old/light/on", "true") == []
    found, report, presence = say(bridge, "old/$state", "ready")
    assert isinstance(found, Found)
    assert (found.device.name, found.device.types) == ("Old lamp", ("lamp", "light"))
    assert report == Report("homie/old", "light/on", True)
    assert presence == Presence("homie/old", True)


def test_an_old_device_that_is_not_ready_is_not_there_yet() -> None:
    bridge = Homie()
    say(bridge, "old/$state", "init")
    assert [event for path, text in OLD.items() for event in say(bridge, f"old/{path}", text)] == []


def test_the_newer_version_of_a_device_counts() -> None:
    bridge = Homie()
    for path, text in {"$state": "ready", **OLD}.items():
        say(bridge, f"thing/{path}", text)
    events = say(bridge, "5/thing/$description", described(p={"datatype": "boolean", "settable": True}))
    assert [type(event) for event in events] == [Found]
    assert say(bridge, "thing/light/on", "true") == []
    assert [sent.topic for sent in bridge.write(Command("homie/thing", (("n/p", True),)))] == [
        "homie/5/thing/n/p/set"
    ]


@pytest.mark.parametrize("state", ["lost", "disconnected", "sleeping"])
def test_who_cannot_hear_is_away(state: str) -> None:
    bridge = thing(p={"datatype": "boolean"})
    assert say(bridge, "5/thing/$state", state) == [Presence("homie/thing", False)]
    assert say(bridge, "5/thing/$state", "init") == []
    assert say(bridge, "5/thing/$state", "ready") == [Presence("homie/thing", True)]


def test_the_children_of_a_lost_device_are_lost() -> None:
    bridge = Homie()
    say(bridge, "5/box/$state", "ready")
    say(
        bridge,
        "5/thing/$description",
        described(p={"datatype": "boolean"}) | {"root": "box", "parent": "box"},
    )
    assert say(bridge, "5/thing/$state", "ready") == [Presence("homie/thing", True)]
    assert say(bridge, "5/box/$state", "lost") == [Presence("homie/thing", False)]
    assert say(bridge, "5/thing/$state", "ready") == []
    assert say(bridge, "5/box/$state", "ready") == [Presence("homie/thing", True)]
    say(bridge, "5/thing/$description", described(p={"datatype": "boolean"}))
    assert say(bridge, "5/box/$state", "lost") == []


def test_a_device_that_is_its_own_root_can_be_lost_and_found() -> None:
    bridge = Homie()
    say(bridge, "5/thing/$description", described(p={"datatype": "boolean"}) | {"root": "thing"})
    assert say(bridge, "5/thing/$state", "ready") == [Presence("homie/thing", True)]
    assert say(bridge, "5/thing/$state", "lost") == [Presence("homie/thing", False)]


def test_a_device_that_comes_back_is_found_again() -> None:
    bridge = thing(p={"datatype": "boolean"})
    assert say(bridge, "5/thing/$description", "") == [Gone("homie/thing")]
    assert say(bridge, "5/thing/$state", "") == []
    again = say(bridge, "5/thing/$description", described(p={"datatype": "boolean"}))
    assert [type(event) for event in again] == [Found]


def test_a_changed_description_is_news_and_the_same_is_none() -> None:
    bridge = thing(p={"datatype": "boolean"})
    assert say(bridge, "5/thing/$description", described(p={"datatype": "boolean"}) | {"version": 2}) == []
    (found,) = say(bridge, "5/thing/$description", described(q={"datatype": "boolean"}))
    assert isinstance(found, Found)
    assert say(bridge, "5/thing/n/p", "true") == []


def test_ids_that_make_no_topic_are_left_out() -> None:
    bridge = thing(**{"a/b": {"datatype": "boolean", "settable": True}, "#": {"datatype": "boolean"}})
    assert bridge.write(Command("homie/thing", (("n/a/b", True),))) == ()


def test_another_root() -> None:
    bridge = Homie(root="house/things")
    payload = json.dumps(described(p={"datatype": "boolean", "settable": True})).encode()
    (found,) = bridge.read(Message("house/things/5/thing/$description", payload))
    assert isinstance(found, Found)
    assert found.device.id == "house/things/thing"
    (sent,) = bridge.write(Command("house/things/thing", (("n/p", True),)))
    assert sent.topic == "house/things/5/thing/n/p/set"
