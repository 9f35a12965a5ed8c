"""What bridges share: reading values of any spelling, colours, and keeping what cannot be read yet."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_nlu.interfaces import Bridge
from edge_nlu.values import Device, Feature, Found, Gone, Held, Message, Presence, Report
from edge_nlu_bridge import colors
from edge_nlu_bridge.homie import Homie
from edge_nlu_bridge.payloads import (
    TEXT_LIMIT,
    Waiting,
    as_choice,
    as_held,
    as_number,
    as_switch,
    as_time,
    fits,
    is_unknown,
    items_of,
    json_of,
    plain,
)
from edge_nlu_bridge.tasmota import Tasmota
from edge_nlu_bridge.zigbee2mqtt import Zigbee2Mqtt

HOMES = sorted((Path(__file__).parents[3] / "shared" / "cases" / "homes").glob("*.json"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((value, True) for value in ("ON", "on", "true", "True", " 1 ", "open", "yes", 1, 1.0, True)),
        *((value, False) for value in ("OFF", "off", "false", "0", "closed", "no", 0, False)),
        *((value, None) for value in ("", "null", "maybe", 2, None, [], {}, float("nan"))),
    ],
)
def test_on_and_off(value: object, expected: object) -> None:
    assert as_switch(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("21.5", 21.5),
        (" 7 ", 7.0),
        (3, 3.0),
        (True, None),
        ("nan", None),
        ("1e999", None),
        (10**400, None),
        ("", None),
    ],
)
def test_numbers(value: object, expected: float | None) -> None:
    assert as_number(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("06:30", "06:30"),
        ("6:5", "06:05"),
        ("23:59:59", "23:59"),
        ("24:00", None),
        ("6", None),
        ("²:00", None),
    ],
)
def test_times(text: str, expected: str | None) -> None:
    assert as_time(text) == expected


def test_none_may_be_a_choice_and_may_be_unknown() -> None:
    effect = Feature("effect", "choice", choices=("none", "candle"))
    assert as_held(effect, "None") == "none"
    assert not is_unknown(effect, "none")
    assert is_unknown(effect, "unavailable")
    assert is_unknown(Feature("n", "number"), "None")
    assert not is_unknown(Feature("t", "text"), "")


def test_a_choice_is_found_whatever_its_case() -> None:
    assert as_choice("ECO", ("eco", "Eco")) == "eco"
    assert as_choice("Eco", ("eco", "Eco")) == "Eco"
    assert as_choice(2, ("1", "2")) == "2"
    assert as_choice(True, ("True",)) is None


def test_a_text_has_an_end() -> None:
    assert as_held(Feature("t", "text"), "x" * (TEXT_LIMIT + 1)) is None


def test_a_trigger_is_told_a_choice_or_true() -> None:
    brew = Feature("brew", "trigger", settable=True, choices=("latte",))
    dock = Feature("dock", "trigger", settable=True)
    assert (fits(brew, "latte"), fits(brew, True), fits(brew, "tea")) == (True, False, False)
    assert (fits(dock, True), fits(dock, False), fits(dock, "true")) == (True, False, False)


@pytest.mark.parametrize(("held", "text"), [(True, "true"), (21.0, "21"), (0.1 + 0.2, "0.3"), ("eco", "eco")])
def test_values_as_most_write_them(held: Held, text: str) -> None:
    assert plain(held) == text


@pytest.mark.parametrize("payload", [b"[" * 100_000, b"{", b"\xff", b"9" * 5000, b"x" * (1 << 20 | 1)])
def test_what_is_no_json_is_nothing(payload: bytes) -> None:
    assert json_of(payload) is None


def test_a_colour_there_and_back() -> None:
    chance = random.Random(3)
    for _ in range(500):
        red, green, blue = (chance.randrange(256) for _ in range(3))
        brightest = colors.hex_of_rgb(red / 255, green / 255, blue / 255)
        for back in (colors.hex_of_hs(*colors.hs_of(brightest)), colors.hex_of_xy(*colors.xy_of(brightest))):
            assert back is not None
            parts = zip(colors.rgb_of(back), colors.rgb_of(brightest), strict=True)
            assert max(abs(one - other) for one, other in parts) < 0.02


def test_black_is_no_colour_of_light() -> None:
    assert colors.hex_of_rgb(0, 0, 0) == "#ffffff"
    assert colors.hex_of_xy(0.3, 0.0) is None
    assert colors.xy_of("#000000") == colors.xy_of("#ffffff")
    assert not colors.is_hex("#FF0000")
    assert not colors.is_hex("#ff00000")


def test_the_latest_message_of_a_topic_waits_once() -> None:
    waiting = Waiting()
    waiting.keep(Message("a", b"1"))
    waiting.keep(Message("a", b"2"))
    assert waiting.take("a") == Message("a", b"2")
    assert waiting.take("a") is None


def test_what_waits_longest_is_forgotten_first() -> None:
    waiting = Waiting(topics=2)
    for topic in "abc":
        waiting.keep(Message(topic, b""))
    assert (waiting.take("a"), waiting.take("b")) == (None, Message("b", b""))
    waiting = Waiting(size_bytes=10)
    waiting.keep(Message("a", b"12345"))
    waiting.keep(Message("b", b"12345"))
    assert len(waiting) == 1
    waiting.keep(Message("c", b"1" * 100))
    assert len(waiting) == 0


# ------------------------------------------------------------------------------ homes of cases


def play(
    home: Path, *, seed: int | None = None
) -> tuple[dict[str, Device], dict[tuple[str, str], Held | None]]:
    """Return the devices of a home's file and what they hold, its messages in a chance order."""
    bridges: list[Bridge] = [Homie(), Zigbee2Mqtt(), Tasmota()]
    retained = json.loads(home.read_text())["retained"]
    if seed is not None:
        random.Random(seed).shuffle(retained)
    devices: dict[str, Device] = {}
    holds: dict[tuple[str, str], Held | None] = {}
    for said in retained:
        text = said["payload"] if isinstance(said["payload"], str) else json.dumps(said["payload"])
        for bridge in bridges:
            for event in bridge.read(Message(said["topic"], text.encode(), True)):
                match event:
                    case Found(device):
                        devices[device.id] = device
                    case Report(device_id, key, value):
                        holds[device_id, key] = value
                    case Presence(_, online):
                        assert online
                    case _:
                        assert not isinstance(event, Gone)
    return devices, holds


ITEM = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=50, deadline=None)
@given(items=st.lists(ITEM), indent=st.sampled_from([None, 1]), spelled=st.booleans())
def test_a_list_read_piece_by_piece_is_the_whole(
    *, items: list[object], indent: int | None, spelled: bool
) -> None:
    payload = json.dumps(items, indent=indent, ensure_ascii=spelled).encode()
    assert list(items_of(payload)) == json.loads(payload)


@settings(max_examples=50, deadline=None)
@given(st.lists(ITEM), st.integers(0), st.sampled_from(["", " ", "[", "]", ",", '"', "{", "\\ud800", "\xff"]))
def test_a_list_that_is_cut_or_torn_is_refused_where_the_whole_would_be(
    items: list[object], at: int, torn: str
) -> None:
    text = json.dumps(items)
    at %= len(text) + 1
    for payload in (text[:at].encode(), (text[:at] + torn + text[at:]).encode("latin-1")):
        whole = json_of(payload)
        if isinstance(whole, list):
            assert list(items_of(payload)) == whole
        else:
            with pytest.raises(ValueError, match=r".*"):
                list(items_of(payload))


@pytest.mark.parametrize(
    "payload", [b"", b"]", b",1]", b"1", b"{}", b"null", b"[1,]", b"[,1]", b"[1 2]", b"[1][2]"]
)
def test_what_is_no_list_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        list(items_of(payload))


@pytest.mark.data
@pytest.mark.parametrize("home", HOMES, ids=lambda home: str(home.stem))
def test_every_device_of_a_home_is_found(home: Path) -> None:
    devices, holds = play(home)
    known = {own for device in devices.values() for own in device.ids}
    rooms = json.loads(home.read_text())["rooms"]
    missing = {device for room in rooms.values() for device in room if device not in known}
    assert all("thermostat" in device for device in missing), "all but those of another convention"
    assert len(holds) > 2 * len(devices)


@pytest.mark.data
@pytest.mark.parametrize("home", HOMES, ids=lambda home: str(home.stem))
def test_a_home_is_the_same_in_any_order(home: Path) -> None:
    devices, holds = play(home)
    for seed in range(5):
        assert play(home, seed=seed) == (devices, holds)
