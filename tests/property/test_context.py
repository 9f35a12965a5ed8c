"""Whatever happens in a home, it is found by what it is now."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from edge_nlu.steps.features import at_work
from edge_nlu.steps.names import words_in
from edge_nlu.steps.recognise import recognise
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import RECENT, HomeContext, HomeNow
from edge_nlu.storage.index import Index
from edge_nlu.storage.layout import Layout
from edge_nlu.storage.spelling import Spelling
from edge_nlu.values import Device, Event, Feature, Found, Gone, Presence, Report

PROFILES = appliance_profiles()
START = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
LAYOUT = Layout({"kitchen": ("b/3",), "study": ()})

OWN = st.sampled_from([f"b/{number}" for number in range(6)])
THINGS = ["lamp", "lamps", "fan", "heater", "kettle", "door", "sensor", "window"]
PLACES = ["kitchen", "loft", "snug", "left", "reading", "2", "\u00c4"]
NAMES = st.lists(st.sampled_from([*THINGS, *PLACES]), max_size=4).map(" ".join)
KEYS = st.sampled_from(["state", "brightness", "status", "odd"])
VALUES = st.one_of(
    st.none(), st.booleans(), st.floats(0, 254), st.sampled_from(["idle", "running", "ON", ""])
)
FEATURES = st.lists(
    st.builds(
        Feature,
        KEYS,
        st.sampled_from(["switch", "number", "choice", "trigger", "text"]),
        st.sampled_from(["", "power", "brightness", "run", "position", "temperature"]),
        settable=st.booleans(),
        readable=st.booleans(),
        choices=st.sampled_from([(), ("start", "stop"), ("open", "close")]),
    ),
    max_size=3,
    unique_by=lambda feature: feature.key,
).map(tuple)
DEVICES = st.builds(
    Device,
    OWN,
    NAMES,
    FEATURES,
    st.sampled_from([(), ("light",), ("switch",), ("sensor", "contact"), ("thing-of-mine",)]),
    room=st.sampled_from(["", "", "Kitchen", "Attic"]),
    members=st.sampled_from([(), (), ("b/1", "b/2")]),
)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Found, DEVICES),
    st.builds(Gone, OWN),
    st.builds(Report, OWN, KEYS, VALUES),
    st.builds(Presence, OWN, st.booleans()),
)


def played(events: list[Event], layout: Layout = LAYOUT) -> HomeContext:
    context = HomeContext(PROFILES, layout)
    for minute, event in enumerate(events):
        context.apply(event, START + timedelta(minutes=minute))
    return context


def check(here: HomeNow) -> None:
    """Compare what is found with what going through every device would find."""
    words, kinds, rooms, abilities = (defaultdict[object, set[str]](set) for _ in range(4))
    active = set()
    for own in here.all_devices():
        device = here.device(own)
        assert device is not None
        for name in (device.name, *device.aliases):
            for word in words_in(name):
                words[word].add(own)
        if device.members:
            continue
        kinds[device.kind].add(own)
        if device.room:
            rooms[device.room].add(own)
        for feature in device.features:
            if feature.property and feature.settable:
                abilities[feature.property, True].add(own)
            if feature.property and feature.readable:
                abilities[feature.property, False].add(own)
            reading = here.reading(own, feature.key)
            if reading and here.online(own) and at_work(feature, reading.value, here.appliance(device.kind)):
                active.add(own)
    for word in ("kitchen", "lamp", "fan", "sensor", "left", "\u00e4"):
        assert set(here.known_as(word)) == words[word]
    for kind in ("light", "fan", "", "heater"):
        assert set(here.of_kind(kind)) == kinds[kind]
        assert len(here.of_kind(kind)) == len(kinds[kind])
    for room in ("kitchen", "study", "attic", "loft", "snug"):
        assert set(here.in_room(room)) == rooms[room]
        assert bool(here.rooms_called(room)) or not rooms[room]
    for prop in ("power", "brightness", "run"):
        for settable in (True, False):
            assert set(here.with_property(prop, settable=settable)) == abilities[prop, settable]
    assert set(here.active()) == active
    assert len(here.recent()) <= RECENT
    assert set(here.recent()) <= set(here.all_devices())
    assert {"kitchen", "study"} <= {room.id for room in here.rooms()}


@given(st.lists(EVENTS, max_size=30))
def test_every_index_tells_what_the_devices_tell(events: list[Event]) -> None:
    check(played(events).snapshot(START + timedelta(minutes=30)))


@given(st.lists(EVENTS, max_size=20), st.lists(EVENTS, max_size=6))
def test_a_home_that_was_kept_is_the_home(events: list[Event], more: list[Event]) -> None:
    context = played(events)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "context.sqlite3"
        assert context.save(path) == ""
        again = HomeContext(PROFILES, LAYOUT)
        assert again.load(path) == ""
    at = START + timedelta(hours=1)
    before, after = context.snapshot(at), again.snapshot(at)
    assert list(after.all_devices()) == list(before.all_devices())
    assert set(after.active()) == set(before.active())
    for own in before.all_devices():
        device = before.device(own)
        assert device is not None
        assert after.device(own) == device
        for feature in device.features:
            assert after.reading(own, feature.key) == before.reading(own, feature.key)
    for event in more:
        again.apply(event, at)
    check(again.snapshot(at))
    again.forget_unseen()
    check(again.snapshot(at))


@given(DEVICES)
def test_a_device_is_recognised_once_and_for_all(device: Device) -> None:
    known = recognise(device, PROFILES)
    assert known.id == device.id
    assert [feature.key for feature in known.features] == [feature.key for feature in device.features]
    assert recognise(known, PROFILES) == known


@given(st.text(max_size=12), FEATURES, st.lists(st.text(max_size=12), max_size=3).map(tuple))
@example("in the", (), ())
@example("/", (), ("/",))
def test_any_name_and_type_will_do(name: str, features: tuple[Feature, ...], types: tuple[str, ...]) -> None:
    device = Device(f"b/{name}", name, features, types, (name,))
    context = played([Found(device), Found(replace(device, room=name))])
    here = context.snapshot(START)
    check(here)
    assert here.device(device.id) is not None
    here.rooms_called(name), here.words_like(name), here.known_as(name), here.kinds_called(name)


WORDS = st.text("abcdefghiklmnoprstuw", min_size=6, max_size=12)


@given(st.lists(WORDS, min_size=1, max_size=20), st.data())
def test_one_slip_in_a_word_is_forgiven(known: list[str], data: st.DataObject) -> None:
    spelling = Spelling()
    for word in known:
        spelling.add(word)
    word = data.draw(st.sampled_from(known))
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("aeiorst"))
    slip = data.draw(st.sampled_from([word[:at] + word[at + 1 :], word[:at] + letter + word[at + 1 :]]))
    found = spelling.like(slip)
    assert found
    assert word in found or slip in known or len(found) == 4
    for gone in known:
        spelling.remove(gone)
    assert spelling.like(slip) == ()


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("ab"), st.integers(0, 12).map(str))))
def test_an_index_is_a_set_by_word(steps: list[tuple[bool, str, str]]) -> None:
    index, sets = Index(), defaultdict[str, dict[str, None]](dict)
    for adding, word, name in steps:
        if adding:
            index.add(word, name)
            sets[word][name] = None
        else:
            index.remove(word, name)
            sets[word].pop(name, None)
        assert list(index.get(word)) == list(sets[word])
        assert (word in index) == bool(sets[word])
