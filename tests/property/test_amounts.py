"""Whatever is said and whatever a device is like: no exception, nothing out of range, nothing invented."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

from hypothesis import example, given
from hypothesis import strategies as st

from edge_nlu.interfaces import Home
from edge_nlu.steps.amounts import number_in, seconds_in, share_in, unit_in
from edge_nlu.steps.colors import color_in, kelvin_in, white_as_color
from edge_nlu.steps.moments import moment_in, names_clock
from edge_nlu.steps.ways import WAYS, ways
from edge_nlu.steps.wish import wish_of
from edge_nlu.values import (
    Amount,
    Cannot,
    Clause,
    Device,
    Feature,
    Held,
    Reading,
    Slot,
    Wish,
)

NOW = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
WORDS = """
a an the one two ten eleven twenty ninety oh hundred thousand and half third quarter quarters point minus
to past of minutes minute hour hours seconds am pm a.m. o'clock noon midnight tomorrow tonight monday morning
evening degrees percent % °C fahrenheit 7 7:30 06:15 1.5 1,500 21½ 1/0 maximum bit more red dark warm white
every next in at by - . : 999999999999 ² \u0663 İ lamp
"""
SAID = st.lists(st.sampled_from(WORDS.split()), max_size=8).map(" ".join)
NUMBERS = st.floats(-1e12, 1e12) | st.integers(-300, 300).map(float) | st.floats()
PROPERTY_WORDS = """
power brightness color temperature humidity volume position speed swing mode program run time_left media
source channel lock timer alarm level air place status unsaid
"""
PROPERTIES = PROPERTY_WORDS.split()
SLOT_WORDS = """
device room value unit change quantity reference person duration moment title media_kind mode program color
source state phrase
"""
KINDS = SLOT_WORDS.split()
CHOICES = (
    "on",
    "off",
    "start",
    "stop",
    "pause",
    "low",
    "high",
    "auto",
    "1",
    "2",
    "open",
    "close",
    "eco",
    "dock",
)


@dataclass
class Place:
    """A home of one device, with what it holds."""

    values: dict[str, Held] = field(default_factory=dict)
    at: datetime = NOW

    def appliance(self, kind: str) -> None:
        assert kind

    def reading(self, device: str, key: str) -> Reading | None:
        assert device
        return Reading(self.values[key], NOW) if key in self.values else None


def possible(feature: Feature) -> Feature:
    """Return the feature as a bridge would give it: only what can hold words has choices."""
    chosen = feature.kind in ("choice", "trigger", "media")
    return feature if chosen else replace(feature, choices=())


def a_feature(number: int) -> st.SearchStrategy[Feature]:
    return st.builds(
        Feature,
        key=st.just(f"node/{number}"),
        kind=st.sampled_from(("switch", "number", "choice", "trigger", "text", "color", "media", "time")),
        property=st.sampled_from(PROPERTIES),
        name=st.sampled_from(("", "Start", "Return to dock", "child lock")),
        part=st.sampled_from(("", "", "left", "pump")),
        settable=st.booleans() | st.just(value=True),
        unit=st.sampled_from(("", "%", "°C", "°F", "min", "s", "mired", "K")),
        low=st.none() | NUMBERS,
        high=st.none() | NUMBERS,
        step=st.none() | NUMBERS,
        choices=st.lists(st.sampled_from(CHOICES), unique=True).map(tuple),
    ).map(possible)


DEVICES = (
    st.integers(0, 5)
    .flatmap(lambda count: st.tuples(*(a_feature(number) for number in range(count))))
    .map(lambda features: Device("z/thing", "thing", features))
)
AMOUNTS = st.builds(
    Amount,
    number=st.none() | NUMBERS,
    unit=st.sampled_from(("", "%", "°", "°C", "°F", "K", "min")),
    share=st.none() | st.floats(-1, 2) | st.sampled_from((0.0, 0.5, 1.0)),
    relative=st.booleans(),
    small=st.booleans(),
    large=st.booleans(),
)
WISHES = st.builds(
    Wish,
    want=st.sampled_from((*WAYS, "none", "ask")),
    property=st.sampled_from(PROPERTIES),
    amount=st.none() | AMOUNTS,
    options=st.lists(st.sampled_from(("eco", "hdmi two", "", "low", "on", "child lock")), max_size=2).map(
        tuple
    ),
    color=st.sampled_from(("", "#ff0000")),
    kelvin=st.none() | NUMBERS,
    title=st.sampled_from(("", "jazz", "radio four")),
    media=st.sampled_from(("", "music", "movie", "watch", "listen", "news")),
    duration_s=st.none() | NUMBERS,
    moment=st.none() | st.datetimes(timezones=st.just(UTC)),
    text=SAID,
    usual=st.booleans(),
)
HOLDS = st.dictionaries(
    st.integers(0, 4).map(lambda number: f"node/{number}"),
    st.booleans() | NUMBERS | st.sampled_from((*CHOICES, "06:30", "")),
)


@given(st.text() | SAID)
def test_any_words_are_read_or_not(words: str) -> None:
    for read in (number_in, share_in, seconds_in, kelvin_in):
        found = read(words)
        assert found is None or -1e300 < found < 1e300
    assert unit_in(words) in ("", "°C", "°F", "°", "%", "K", "h", "min", "s")
    assert len(color_in(words)) in (0, 7)
    assert names_clock(words) in (True, False)


@given(SAID | st.text(), st.datetimes(timezones=st.just(UTC)), st.booleans())
@example("hour minus 1,500", datetime(2000, 1, 1, tzinfo=UTC), False)
def test_a_moment_is_never_long_ago(words: str, at: datetime, waking: bool) -> None:  # noqa: FBT001
    found = moment_in(words, at, waking=waking)
    assert found is None or (at - found).days < 1


@given(st.integers(0, 999), st.booleans())
def test_a_number_said_is_the_number_meant(number: int, dashed: bool) -> None:  # noqa: FBT001
    assert number_in(spoken(number).replace(" ", "-" if dashed else " ")) == number


ONES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen
"""
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety"


def spoken(number: int) -> str:
    ones, tens = ONES.split(), TENS.split()
    if number < 20:
        return ones[number]
    if number < 100:
        return tens[number // 10] + (f" {ones[number % 10]}" if number % 10 else "")
    return f"{ones[number // 100]} hundred" + (f" and {spoken(number % 100)}" if number % 100 else "")


@given(st.floats(500, 20000))
def test_any_white_is_a_colour(kelvin: float) -> None:
    assert len(white_as_color(kelvin)) == 7


@given(st.data())
def test_any_clause_is_a_wish(data: st.DataObject) -> None:
    text = data.draw(st.text(max_size=60) | SAID)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=10)))
    slots = [
        Slot(data.draw(st.sampled_from(KINDS)), start, end, text[start:end], data.draw(st.booleans()))
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
        if start < end
    ]
    want, prop = data.draw(st.sampled_from((*WAYS, "none"))), data.draw(st.sampled_from(PROPERTIES))
    wish = wish_of(Clause(0, len(text), want, prop, tuple(slots)), text, NOW)
    devices = [slot for slot in slots if slot.type == "device" and not slot.excluded]
    said = {word for slot in devices for word in slot.value.lower().split()}
    assert {word for target in wish.targets for word in target.thing.split()} <= said
    assert (wish.want, wish.property) == (want, prop)


@given(WISHES, DEVICES, HOLDS)
def test_any_device_can_or_cannot(wish: Wish, device: Device, values: dict[str, Held]) -> None:
    home = cast("Home", Place(values))
    told = ways(wish, device, home)
    if isinstance(told, Cannot):
        assert told.reason
        assert told.near in (0, 1, 2)
        return
    assert told
    for key, value in told:
        feature = device.feature(key)
        assert feature is not None
        assert feature.settable
        fits(feature, value)


def fits(feature: Feature, value: Held) -> None:
    """Hold that a feature can hold what it is told."""
    if feature.kind in ("choice", "trigger") and feature.choices:
        assert value in feature.choices
    elif feature.kind in ("switch", "trigger"):
        assert isinstance(value, bool)
    elif feature.kind == "number":
        assert isinstance(value, int | float)
        assert not isinstance(value, bool)
        low, high = feature.low, feature.high
        if low is not None and high is not None and low < high and high - low < 1e9:
            assert low - 1e-5 <= value <= high + 1e-5
    elif feature.kind == "color":
        assert isinstance(value, str)
        assert value.startswith("#")
    elif feature.kind == "media":
        assert isinstance(value, str)
        assert json.loads(value)
    elif feature.kind == "time":
        assert isinstance(value, str)
        assert len(value) == 5


@given(
    st.integers(0, 100),
    st.sampled_from(
        (("brightness", 0.0, 254.0), ("volume", 0.0, 100.0), ("position", 0.0, 100.0), ("speed", 1.0, 5.0))
    ),
)
def test_what_was_set_is_what_is_read_back(percent: int, ranged: tuple[str, float, float]) -> None:
    prop, low, high = ranged
    feature = Feature("it", "number", prop, settable=True, low=low, high=high)
    device = Device("z/thing", "thing", (feature,))
    wish = Wish("set", prop, amount=Amount(share=percent / 100, unit="%"))
    told = ways(wish, device, cast("Home", Place()))
    assert isinstance(told, tuple)
    ((key, value),) = told
    assert low <= float(value) <= high
    assert abs(float(value) - (low + percent / 100 * (high - low))) <= 0.5
    again = ways(wish, device, cast("Home", Place({key: value})))
    assert again == told


@given(st.floats(1, 254), st.booleans())
def test_more_is_more_and_less_is_less(now: float, up: bool) -> None:  # noqa: FBT001
    lamp = Device(
        "z/lamp",
        "lamp",
        (Feature("it", "number", "brightness", settable=True, low=0.0, high=254.0),),
        ("light",),
    )
    told = ways(Wish("raise" if up else "lower", "brightness"), lamp, cast("Home", Place({"it": now})))
    if isinstance(told, Cannot):
        assert told.near == 2
    else:
        ((_, value),) = told
        assert float(value) > now if up else 0 < float(value) < now
