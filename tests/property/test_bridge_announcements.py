"""Whatever is announced, of whatever kind: nothing breaks, and what was found makes sense."""

import json

from hypothesis import given
from hypothesis import strategies as st

from edge_nlu.values import Command, Found, Gone, Message, Presence, Report
from edge_nlu_bridge.discovery import ABOUT, SPELLED, USES, WHOLE
from edge_nlu_bridge.entities import COMPONENTS
from edge_nlu_bridge.homeassistant import HomeAssistant

TOPICS = st.sampled_from(["a", "~/b", "a/c", "d/+", "e/#", "", "zigbee2mqtt/x"])
FORMS = st.sampled_from(
    ["{{ value_json.a }}", "{{ value }}", "{{ now() }}", "{{", "{{ value_json.a | int }}"]
)
WORDS = st.sampled_from(
    ["ON", "low", "heat", "auto", "open", "json", "rgb", "color_temp", "temperature", "door"]
)
ODD = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
LISTS = st.lists(
    WORDS | ODD | st.dictionaries(st.sampled_from(["t", "topic"]), TOPICS, max_size=1), max_size=3
)
DEVICES = st.fixed_dictionaries(
    {}, optional={"ids": LISTS | WORDS, "name": WORDS | ODD, "sa": WORDS | ODD, "cns": LISTS}
)
KEYS = sorted(
    {
        *WHOLE,
        *WHOLE.values(),
        *(f"{about}_{use}" for about in ABOUT for use in USES),
        *USES,
        "modes",
        "schema",
    }
    | {f"{first}_{word}" for first, words in SPELLED.items() for word in words}
)


def value_of(key: str) -> st.SearchStrategy[object]:
    if key.endswith(("_t", "topic")):
        return TOPICS | ODD
    if key.endswith(("tpl", "template")):
        return FORMS | ODD
    return WORDS | LISTS | ODD


@st.composite
def configs(draw: st.DrawFn) -> dict[str, object]:
    keys = draw(st.lists(st.sampled_from(KEYS), max_size=12, unique=True))
    config = {key: draw(value_of(key)) for key in keys}
    config |= {
        "cmd_t": draw(TOPICS),
        "stat_t": draw(TOPICS),
        "name": draw(WORDS | ODD),
        "dev": draw(DEVICES | ODD),
    }
    return config | draw(st.sampled_from([{}, {"~": "base"}, {"schema": "json", "brightness": True}]))


ANNOUNCED = st.tuples(st.sampled_from(sorted(COMPONENTS)), st.sampled_from(["x", "n/x", "y"]), configs())
SAID = st.tuples(
    st.sampled_from(["a", "a/c", "base/b", "d/x", "e/f"]),
    st.sampled_from(["ON", "20", "open", "{}", '{"a": 5, "state": "ON"}', '{"a": null}', "None", "", "[1"]),
)
HELD = st.booleans() | st.floats() | st.sampled_from(["ON", "low", "#00ff00", "open", "stop", "start"])


@given(st.lists(ANNOUNCED, max_size=4), st.lists(SAID, max_size=6), st.data())
def test_whatever_is_announced(
    announced: list[tuple[str, str, dict[str, object]]], said: list[tuple[str, str]], data: st.DataObject
) -> None:
    bridge = HomeAssistant()
    parts = {f"c{at}": {"p": component, **config} for at, (component, _, config) in enumerate(announced)}
    messages = [
        (f"homeassistant/{what}/{place}/config", json.dumps(config)) for what, place, config in announced
    ]
    messages.append(("homeassistant/device/x/config", json.dumps({"dev": {"ids": "x"}, "cmps": parts})))
    devices = {}
    for topic, payload in [*messages, *said, *[(topic, "") for topic, _ in messages[:2]], *said]:
        for event in bridge.read(Message(topic, payload.encode())):
            match event:
                case Found(device):
                    devices[device.id] = device
                    keys = [feature.key for feature in device.features]
                    assert len(set(keys)) == len(keys) > 0
                    assert device.name
                case Gone(device_id):
                    del devices[device_id]
                case Report(device_id, key, value):
                    feature = devices[device_id].feature(key)
                    assert feature is not None
                    assert feature.readable
                    assert value is None or (feature.kind == "switch") == isinstance(value, bool)
                case Presence(device_id):
                    assert device_id in devices
    filters = bridge.subscriptions()
    assert len(set(filters)) == len(filters)
    for device in devices.values():
        for feature in device.features:
            for sent in bridge.write(Command(device.id, ((feature.key, data.draw(HELD)),))):
                assert feature.settable
                assert sent.topic
                assert not sent.retain
                assert not set(sent.topic) & set("+#")
