"""The home is found by its words, kinds, rooms and abilities, whatever changes in it."""

import sqlite3
import time
import tracemalloc
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from edge_nlu.errors import SettingsError
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import RECENT, HomeContext, HomeNow
from edge_nlu.storage.index import Index
from edge_nlu.storage.layout import Layout, read_layout
from edge_nlu.storage.spelling import Spelling, slips_between, sound_of
from edge_nlu.values import (
    Act,
    Answer,
    Command,
    Device,
    Exchange,
    Feature,
    Found,
    Gone,
    Held,
    Person,
    Presence,
    Refusal,
    Report,
    Satellite,
    Understanding,
    Utterance,
)

PROFILES = appliance_profiles()
NOW = datetime(2026, 3, 2, 18, 5, tzinfo=timezone(timedelta(hours=1)))
POWER = Feature("state", "switch", "power", settable=True)
BRIGHTNESS = Feature("brightness", "number", "brightness", settable=True, low=0, high=254)
WARMTH = Feature("temperature", "number", "temperature", unit="°C")
LAYOUT = Layout(
    rooms={"kitchen": ["kettle"], "master_bedroom": ["bedside-lamp"], "kids_room": [], "landing": []},
    names={"zigbee2mqtt/0x1d": "hallway lamp"},
    people=(Person("ana", "master_bedroom"), Person("mia", "kids_room", child=True)),
    satellites=(Satellite("lounge_tv", "lounge", screen=True), Satellite("phone")),
)


def lamp(own: str, name: str = "") -> Device:
    ids = (f"zigbee2mqtt/{own}", own)
    return Device(f"zigbee2mqtt/{own}", name or own, (POWER, BRIGHTNESS), ("light",), ids)


def relay(own: str, name: str = "") -> Device:
    return Device(f"tasmota/{own}", name or own, (POWER,), ("switch",), (own,))


def home(*devices: Device, layout: Layout = LAYOUT) -> HomeContext:
    context = HomeContext(PROFILES, layout)
    for device in devices:
        context.apply(Found(device), NOW)
    return context


def now(context: HomeContext, minutes: float = 0) -> HomeNow:
    return context.snapshot(NOW + timedelta(minutes=minutes))


def say(
    context: HomeContext, device: str, value: Held | None, key: str = "state", minutes: float = 0
) -> bool:
    return context.apply(Report(device, key, value), NOW + timedelta(minutes=minutes))


def room_of(context: HomeContext, device: str) -> str:
    found = now(context).device(device)
    assert found is not None
    return found.room


class TestFinding:
    def test_a_device_is_known_by_each_word_of_its_name(self) -> None:
        here = now(home(lamp("reading_lamp"), lamp("floor_lamp")))
        assert list(here.known_as("lamps")) == ["zigbee2mqtt/reading_lamp", "zigbee2mqtt/floor_lamp"]
        assert list(here.known_as("Reading")) == ["zigbee2mqtt/reading_lamp"]
        assert not here.known_as("the")
        assert not here.known_as("two words")

    def test_a_device_is_known_by_kind_and_ability(self) -> None:
        here = now(home(lamp("spots"), relay("fan")))
        assert list(here.of_kind("light")) == ["zigbee2mqtt/spots"]
        assert list(here.with_property("power", settable=True)) == ["zigbee2mqtt/spots", "tasmota/fan"]
        assert list(here.with_property("brightness", settable=True)) == ["zigbee2mqtt/spots"]
        assert "tasmota/fan" in here.with_property("power", settable=False)
        assert "tasmota/fan" not in here.of_kind("light")
        assert len(here.of_kind("oven")) == 0

    def test_a_kind_serves_wishes_that_name_nobody(self) -> None:
        window = Device("z/window", "window", (Feature("contact", "switch", "position"),), ("contact",))
        here = now(home(relay("fan"), relay("heater"), window))
        assert list(here.serving("raise.air")) == ["tasmota/fan"]
        assert list(here.serving("raise.temperature")) == ["tasmota/heater"]
        assert list(here.tasked("towels")) == ["tasmota/heater"]
        assert not list(here.tasked("tea"))

    def test_a_renamed_device_answers_to_its_new_name_alone(self) -> None:
        context = home(lamp("reading_lamp"))
        say(context, "zigbee2mqtt/reading_lamp", True)
        context.apply(Found(replace(lamp("reading_lamp", "sofa light"), ids=("0x1",))), NOW)
        here = now(context)
        assert not here.known_as("reading")
        assert list(here.known_as("sofa")) == ["zigbee2mqtt/reading_lamp"]
        assert here.reading("zigbee2mqtt/reading_lamp", "state") is not None
        assert list(here.active()) == ["zigbee2mqtt/reading_lamp"]

    def test_a_device_that_is_gone_is_nowhere(self) -> None:
        context = home(lamp("kitchen_lamp"))
        say(context, "zigbee2mqtt/kitchen_lamp", True)
        assert context.apply(Gone("zigbee2mqtt/kitchen_lamp"), NOW)
        assert not context.apply(Gone("zigbee2mqtt/kitchen_lamp"), NOW)
        here = now(context)
        found = (
            here.all_devices(),
            here.known_as("lamp"),
            here.of_kind("light"),
            here.active(),
            here.recent(),
        )
        assert not any(map(list, found))
        assert here.device("zigbee2mqtt/kitchen_lamp") is None
        assert not here.in_room("kitchen")
        assert not here.online("zigbee2mqtt/kitchen_lamp")

    def test_the_same_found_again_changes_nothing(self) -> None:
        context = home(lamp("spots"))
        assert not context.apply(Found(lamp("spots")), NOW)
        assert context.apply(Found(lamp("spots", "other spots")), NOW)

    def test_a_device_is_called_as_its_owner_says(self) -> None:
        here = now(home(lamp("0x1D")))
        assert [here.device(found).name for found in here.known_as("hallway")] == ["hallway lamp"]  # type: ignore[union-attr]

    def test_a_taught_name_holds_before_and_after_the_device_is_found(self) -> None:
        context = home()
        context.add_alias("zigbee2mqtt/spots", "lucy")
        context.apply(Found(lamp("spots")), NOW)
        assert list(now(context).known_as("lucy")) == ["zigbee2mqtt/spots"]
        context.add_alias("zigbee2mqtt/spots", "the gang")
        assert list(now(context).known_as("gang")) == ["zigbee2mqtt/spots"]
        context.remove_alias("zigbee2mqtt/spots", "lucy")
        assert not now(context).known_as("lucy")
        assert now(context).words_like("lucie") == ()
        context.apply(Found(lamp("spots", "left spots")), NOW)
        assert list(now(context).known_as("gang")) == ["zigbee2mqtt/spots"]

    def test_a_group_answers_to_its_name_but_is_none_of_all_the_lights(self) -> None:
        group = replace(lamp("downlights"), members=("zigbee2mqtt/a", "zigbee2mqtt/b"))
        context = home(lamp("a", "kitchen a"), lamp("b", "kitchen b"), replace(group, room="kitchen"))
        say(context, "zigbee2mqtt/downlights", True)
        here = now(context)
        assert list(here.known_as("downlight")) == ["zigbee2mqtt/downlights"]
        for found in (
            here.of_kind("light"),
            here.in_room("kitchen"),
            here.with_property("power", settable=True),
        ):
            assert "zigbee2mqtt/downlights" not in found
            assert "zigbee2mqtt/a" in found
        assert not here.active()


class TestRooms:
    @pytest.mark.parametrize(
        ("device", "room"),
        [
            pytest.param(relay("kettle"), "kitchen", id="as configured"),
            pytest.param(lamp("Bedside Lamp"), "master_bedroom", id="however it is spelt"),
            pytest.param(Device("homie/lounge_tv", "TV"), "lounge", id="a satellite that is a device"),
            pytest.param(replace(lamp("x"), room="Kitchen"), "kitchen", id="as it suggests"),
            pytest.param(replace(lamp("x"), room="Home"), "home", id="an area called home"),
            pytest.param(replace(lamp("x"), room="Man Cave"), "man_cave", id="a new one as it suggests"),
            pytest.param(lamp("Kitchen/ceiling"), "kitchen", id="before a slash"),
            pytest.param(lamp("Snug/ceiling"), "snug", id="a new one before a slash"),
            pytest.param(lamp("kitchen_ceiling"), "kitchen", id="its name begins so"),
            pytest.param(
                lamp("bedroom_ceiling"), "master_bedroom", id="its name begins with another word for it"
            ),
            pytest.param(lamp("kids_lamp"), "kids_room", id="its name begins with half of it"),
            pytest.param(lamp("mias_room_lamp", "Mia's room lamp"), "kids_room", id="somebody's room"),
            pytest.param(lamp("loft_lamp"), "loft", id="a new one that any home may have"),
            pytest.param(lamp("spot_1", "ceiling spot kitchen"), "kitchen", id="its name holds it"),
            pytest.param(lamp("x1", "garage door"), "", id="a thing, not a room"),
            pytest.param(lamp("x1", "upstairs heating"), "", id="a floor is no room"),
            pytest.param(lamp("x1", "home battery"), "", id="nor is the home"),
            pytest.param(lamp("left_lamp"), "", id="nobody knows"),
        ],
    )
    def test_where_a_device_is(self, device: Device, room: str) -> None:
        context = home(device)
        assert room_of(context, device.id) == room
        if room:
            assert list(now(context).in_room(room)) == [device.id]

    def test_several_kinds_of_things_named_alike_make_a_room(self) -> None:
        context = home(lamp("snug_lamp"), relay("snug_fan", "snug fan"))
        assert room_of(context, "zigbee2mqtt/snug_lamp") == ""
        context.apply(Found(relay("snug_heater", "snug heater")), NOW)
        assert set(now(context).in_room("snug")) == {
            "zigbee2mqtt/snug_lamp",
            "tasmota/snug_fan",
            "tasmota/snug_heater",
        }
        assert now(context).rooms_called("the snug") == ("snug",)

    def test_things_that_differ_by_side_make_no_room(self) -> None:
        context = home(*(relay(f"left_{what}", f"left {what}") for what in ("lamp", "fan", "heater")))
        assert not any(room_of(context, device) for device in now(context).all_devices())

    def test_a_room_goes_with_its_last_device_unless_its_owner_named_it(self) -> None:
        context = home(lamp("loft_lamp"), relay("kettle"))
        for device in tuple(now(context).all_devices()):
            context.apply(Gone(device), NOW)
        assert now(context).rooms_called("loft") == ()
        assert now(context).rooms_called("kitchen") == ("kitchen",)
        context.apply(Found(lamp("loft_lamp")), NOW)
        assert now(context).rooms_called("attic") == ("loft",)

    def test_without_an_owner_each_bedroom_is_its_own(self) -> None:
        context = home(lamp("bedroom_lamp"), lamp("master_bedroom_lamp"), layout=Layout())
        assert room_of(context, "zigbee2mqtt/bedroom_lamp") == "bedroom"
        assert room_of(context, "zigbee2mqtt/master_bedroom_lamp") == "master_bedroom"


FLAT = Layout(
    rooms=dict.fromkeys(
        ("kitchen", "living_room", "bathroom", "guest_bathroom", "hallway", "kids_room", "master_bedroom"), ()
    )
    | dict.fromkeys(("study", "landing", "outside", "upstairs_toilet"), ()),
    people=(Person("ana", "master_bedroom"), Person("mia", "kids_room", child=True)),
)


@pytest.mark.parametrize(
    ("words", "rooms"),
    [
        ("kitchen", ["kitchen"]),
        ("the lounge", ["living_room"]),
        ("loo", ["bathroom"]),
        ("bathrooms", ["bathroom", "guest_bathroom"]),
        ("guest bathroom", ["guest_bathroom"]),
        ("kids' room", ["kids_room"]),
        ("the children\u2019s room", ["kids_room"]),
        ("Mia's room", ["kids_room"]),
        ("ana's bedroom", ["master_bedroom"]),
        ("bedroom", ["master_bedroom"]),
        ("hall", ["hallway"]),
        ("office", ["study"]),
        ("garden", ["outside"]),
        (
            "upstairs",
            ["bathroom", "guest_bathroom", "kids_room", "master_bedroom", "landing", "upstairs_toilet"],
        ),
        ("upstairs toilet", ["upstairs_toilet"]),
        ("downstairs", ["kitchen", "living_room", "hallway"]),
        ("the whole house", [*FLAT.rooms]),
        ("everywhere", [*FLAT.rooms]),
        ("here", []),
        ("sauna", []),
        ("", []),
    ],
)
def test_what_rooms_are_called(words: str, rooms: list[str]) -> None:
    called = now(home(layout=FLAT)).rooms_called(words)
    if words in ("upstairs", "downstairs"):
        assert set(called) <= set(rooms)
        assert {"landing", "kids_room"} <= set(called) or words == "downstairs"
    else:
        assert list(called) == rooms


@pytest.mark.parametrize(
    ("words", "rooms"),
    [
        ("the sauna", ("sauna_room",)),
        ("attic", ("attic_bedroom",)),
        ("the attic floor", ("attic_bedroom",)),
        ("kitchen wall", ("kitchen",)),
        ("garden", ()),  # two begin like this
        ("guest", ()),  # says which room, not where
        ("the floor", ()),
    ],
)
def test_the_first_words_of_a_room_name_it_where_nothing_else_does(
    words: str, rooms: tuple[str, ...]
) -> None:
    names = ("sauna_room", "attic_bedroom", "kitchen", "garden_room", "garden_hut", "guest_room")
    assert tuple(now(home(layout=Layout(dict.fromkeys(names, ())))).rooms_called(words)) == rooms


def test_a_guest_bathroom_alone_is_the_bathroom() -> None:
    assert now(home(layout=Layout({"guest_bathroom": ()}))).rooms_called("the loo") == ("guest_bathroom",)


class TestReadings:
    def test_what_was_never_said_is_unknown(self) -> None:
        here = now(home(lamp("spots")))
        assert here.reading("zigbee2mqtt/spots", "state") is None
        assert here.reading("zigbee2mqtt/spots", "none") is None
        assert here.reading("none", "state") is None

    def test_a_reading_has_its_time_and_zone(self) -> None:
        context = home(lamp("spots"))
        assert say(context, "zigbee2mqtt/spots", True, minutes=2)
        reading = now(context).reading("zigbee2mqtt/spots", "state")
        assert reading is not None
        assert (reading.value, reading.at) == (True, NOW + timedelta(minutes=2))
        assert reading.at.utcoffset() == timedelta(hours=1)

    def test_said_again_is_no_change_but_newer(self) -> None:
        context = home(lamp("spots"))
        say(context, "zigbee2mqtt/spots", True)
        assert not say(context, "zigbee2mqtt/spots", True, minutes=5)
        reading = now(context).reading("zigbee2mqtt/spots", "state")
        assert reading is not None
        assert reading.at == NOW + timedelta(minutes=5)

    def test_a_device_may_not_know(self) -> None:
        context = home(lamp("spots"))
        say(context, "zigbee2mqtt/spots", True)
        say(context, "zigbee2mqtt/spots", None)
        reading = now(context).reading("zigbee2mqtt/spots", "state")
        assert reading is not None
        assert reading.value is None
        assert not now(context).active()

    def test_what_nobody_found_cannot_report(self) -> None:
        context = home(lamp("spots"))
        assert not say(context, "zigbee2mqtt/other", True)
        assert not say(context, "zigbee2mqtt/spots", True, key="other")
        assert not context.apply(Refusal("zigbee2mqtt/spots", "no answer"), NOW)

    def test_what_is_on_and_can_be_reached_is_active(self) -> None:
        context = home(lamp("spots"))
        say(context, "zigbee2mqtt/spots", True)
        assert list(now(context).active()) == ["zigbee2mqtt/spots"]
        assert context.apply(Presence("zigbee2mqtt/spots", online=False), NOW)
        assert not context.apply(Presence("zigbee2mqtt/spots", online=False), NOW)
        assert not context.apply(Presence("zigbee2mqtt/other", online=False), NOW)
        assert not now(context).active()
        assert not now(context).online("zigbee2mqtt/spots")
        context.apply(Presence("zigbee2mqtt/spots", online=True), NOW)
        assert list(now(context).active()) == ["zigbee2mqtt/spots"]
        say(context, "zigbee2mqtt/spots", False)
        assert not now(context).active()

    def test_a_player_that_has_power_and_is_silent_is_not_active(self) -> None:
        playback = Feature("playback", "choice", "media", settable=True, choices=("play", "stop"))
        features = (Feature("state", "switch", "power", settable=True), playback)
        context = home(Device("homie/tv", "tv", features))
        say(context, "homie/tv", True)
        assert list(now(context).active()) == ["homie/tv"]  # nobody knows better
        say(context, "homie/tv", "stop", key="playback")
        assert not now(context).active()
        say(context, "homie/tv", "play", key="playback")
        assert list(now(context).active()) == ["homie/tv"]


class TestRecent:
    def test_what_changed_last_comes_first(self) -> None:
        context = home(lamp("a"), lamp("b"))
        for device in ("zigbee2mqtt/a", "zigbee2mqtt/b", "zigbee2mqtt/a"):
            say(context, device, not list(now(context).active()))
        assert now(context).recent()[0] == "zigbee2mqtt/a"

    def test_what_a_broker_repeats_did_not_happen(self) -> None:
        context = home(lamp("a"))
        context.apply(Report("zigbee2mqtt/a", "state", value=True), NOW, retained=True)
        assert not now(context).recent()

    def test_the_first_that_is_heard_is_no_change_unless_it_is_on(self) -> None:
        context = home(lamp("a"), lamp("b"))
        say(context, "zigbee2mqtt/a", False)
        say(context, "zigbee2mqtt/b", True)
        assert list(now(context).recent()) == ["zigbee2mqtt/b"]

    def test_a_thermometer_does_nothing_that_people_would_call_a_change(self) -> None:
        context = home(Device("z/sensor", "sensor", (WARMTH,)))
        say(context, "z/sensor", 20.0, "temperature")
        say(context, "z/sensor", 21.0, "temperature")
        assert not now(context).recent()

    def test_after_an_hour_it_is_forgotten_and_there_are_never_many(self) -> None:
        context = home(*(lamp(f"lamp_{number}") for number in range(40)))
        for device in now(context).all_devices():
            say(context, device, True)
        assert len(now(context).recent()) == RECENT
        assert not now(context, minutes=61).recent()

    def test_the_answer_to_a_command_is_nobodys_hand(self) -> None:
        context = home(lamp("a"), lamp("b"))
        told = Command("zigbee2mqtt/a", (("state", True),))
        context.remember(exchange("turn on a", decision=Act((), (told,), "")))
        say(context, "zigbee2mqtt/a", True, minutes=0.1)
        say(context, "zigbee2mqtt/b", True, minutes=0.1)
        assert list(now(context).recent()) == ["zigbee2mqtt/b"]
        say(context, "zigbee2mqtt/a", False, minutes=5)
        assert list(now(context, minutes=5).recent()) == ["zigbee2mqtt/a", "zigbee2mqtt/b"]


def exchange(
    text: str,
    satellite: str = "hall",
    user: str = "",
    minutes: float = 0,
    decision: Act | Answer | None = None,
) -> Exchange:
    utterance = Utterance(text, text, NOW + timedelta(minutes=minutes), satellite, user)
    return Exchange(utterance, Understanding(text, (), 1.0, (), ()), decision or Answer("no"))


def texts(turns: Iterable[Exchange]) -> list[str]:
    return [turn.utterance.text for turn in turns]


class TestTurns:
    def test_a_conversation_has_its_latest_turns_for_a_while(self) -> None:
        context = home()
        for number in range(20):
            context.remember(exchange(str(number), minutes=number))
        assert texts(now(context, minutes=19).turns("hall")) == [str(number) for number in range(12, 20)]
        assert texts(now(context, minutes=33).turns("hall")) == ["18", "19"]
        assert texts(now(context, minutes=60).turns("hall")) == []
        assert texts(now(context).turns("kitchen")) == []

    def test_somebody_known_goes_on_elsewhere(self) -> None:
        context = home()
        context.remember(exchange("one", "hall", "ana", 0))
        context.remember(exchange("two", "kitchen", "ben", 1))
        context.remember(exchange("three", "kitchen", "ana", 2))
        assert texts(now(context, 3).turns("hall", "ana")) == ["one", "three"]
        assert texts(now(context, 3).turns("hall")) == ["one"]
        assert texts(now(context, 3).turns("kitchen", "ana")) == ["one", "two", "three"]

    def test_only_so_many_satellites_are_kept(self) -> None:
        context = home()
        for number in range(1000):
            context.remember(exchange("hello", f"satellite {number}"))
        assert texts(now(context).turns("satellite 0")) == []
        assert texts(now(context).turns("satellite 999")) == ["hello"]


class TestPeople:
    def test_who_lives_here_and_what_listens(self) -> None:
        here = now(home())
        assert here.person("mia") == Person("mia", "kids_room", child=True)
        assert here.person("zoe") is None
        assert [person.id for person in here.people()] == ["ana", "mia"]
        assert here.satellite("lounge_tv") == Satellite("lounge_tv", "lounge", screen=True)
        assert here.satellite("other") is None
        assert "lounge" in [room.id for room in here.rooms()]


class TestLayout:
    def test_reads_what_an_owner_wrote(self) -> None:
        said = {
            "rooms": {"kitchen": ["kettle"]},
            "names": {"z/1": "lamp"},
            "people": {"mia": {"room": "kids_room", "child": True}, "ana": {}},
            "satellites": {"tv": {"room": "kitchen", "screen": True}, "phone": {"room": None}},
        }
        assert read_layout(said) == Layout(
            {"kitchen": ("kettle",)},
            {"z/1": "lamp"},
            (Person("mia", "kids_room", child=True), Person("ana")),
            (Satellite("tv", "kitchen", screen=True), Satellite("phone")),
        )

    @pytest.mark.parametrize(
        ("said", "setting"),
        [
            ({"room": {}}, "home.room"),
            ({"rooms": []}, "home.rooms"),
            ({"rooms": {"kitchen": "kettle"}}, "home.rooms.kitchen"),
            ({"names": {"z/1": ""}}, "home.names.z/1"),
            ({"people": {"mia": {"chld": True}}}, "home.people.mia.chld"),
            ({"people": {"mia": {"child": "yes"}}}, "home.people.mia.child"),
            ({"satellites": {"tv": {"room": 3}}}, "home.satellites.tv.room"),
        ],
    )
    def test_tells_what_cannot_be_used(self, said: dict[str, object], setting: str) -> None:
        with pytest.raises(SettingsError) as caught:
            read_layout(said)
        assert caught.value.setting == setting


class TestSpelling:
    @pytest.mark.parametrize(
        ("heard", "meant"),
        [
            ("lamb", "lamp"),
            ("reeding", "reading"),
            ("kithcen", "kitchen"),
            ("therostat", "thermostat"),
            ("curtians", "curtain"),
            ("van", "fan"),
            ("lamps", "lamp"),
            ("hallwey", "hallway"),
        ],
    )
    def test_finds_what_was_meant(self, heard: str, meant: str) -> None:
        names = ("reading_lamp", "kitchen_curtain", "thermostat", "fan", "hallway_light")
        assert now(home(*map(lamp, names))).words_like(heard)[0] == meant

    @pytest.mark.parametrize("word", ["night", "banana", "on", "x1y2", "", "it is"])
    def test_does_not_find_what_is_not_there(self, word: str) -> None:
        assert now(home(lamp("light"))).words_like(word) == ()

    def test_a_known_word_stands_for_itself(self) -> None:
        assert now(home(lamp("lamb_lamp"))).words_like("lamb") == ("lamb",)

    def test_a_word_that_is_gone_is_not_found(self) -> None:
        context = home(lamp("zebra"))
        assert now(context).words_like("zebbra") == ("zebra",)
        context.apply(Gone("zigbee2mqtt/zebra"), NOW)
        assert now(context).words_like("zebbra") == ()

    def test_knows_words_of_kinds_and_rooms_too(self) -> None:
        here = now(home(relay("x", "bedroom fan")))
        assert here.words_like("ventilater") == ("ventilator",)
        assert here.words_like("kithcen") == ("kitchen",)

    @pytest.mark.parametrize(
        ("one", "other", "slips"),
        [
            ("lamp", "lamp", 0),
            ("lamp", "lmap", 1),
            ("lamp", "lam", 1),
            ("lamp", "stamp", 2),
            ("lamp", "oven", 3),
        ],
    )
    def test_counts_slips(self, one: str, other: str, slips: int) -> None:
        assert slips_between(one, other) == slips

    def test_what_sounds_alike_has_one_sound(self) -> None:
        assert sound_of("lamb") == sound_of("lamp")
        assert sound_of("fan") == sound_of("van")
        assert sound_of("lamp") != sound_of("light")

    def test_takes_out_what_it_never_had(self) -> None:
        spelling = Spelling()
        spelling.remove("lamp")
        spelling.add("lamp")
        spelling.add("lamp")
        spelling.remove("lamp")
        assert spelling.like("lamb") == ()


class TestKept:
    def test_a_home_comes_back_as_it_was(self, tmp_path: Path) -> None:
        context = home(lamp("Kitchen/ceiling"), relay("kettle"), Device("z/s", "loft sensor", (WARMTH,)))
        say(context, "zigbee2mqtt/Kitchen/ceiling", True)
        say(context, "zigbee2mqtt/Kitchen/ceiling", 120.0, "brightness", minutes=1)
        say(context, "z/s", None, "temperature")
        context.apply(Presence("tasmota/kettle", online=False), NOW)
        assert context.save(tmp_path / "context.sqlite3") == ""
        again = home()
        assert again.load(tmp_path / "context.sqlite3") == ""
        before, after = now(context), now(again)
        assert list(after.all_devices()) == list(before.all_devices())
        assert list(after.active()) == ["zigbee2mqtt/Kitchen/ceiling"]
        assert list(after.in_room("loft")) == ["z/s"]
        assert not after.online("tasmota/kettle")
        for device in before.all_devices():
            assert after.device(device) == before.device(device)
            for key in ("state", "brightness", "temperature"):
                assert after.reading(device, key) == before.reading(device, key)

    def test_what_no_bridge_finds_again_goes(self, tmp_path: Path) -> None:
        context = home(lamp("a"), lamp("b"))
        say(context, "zigbee2mqtt/a", True)
        context.save(tmp_path / "context.sqlite3")
        again = home()
        again.load(tmp_path / "context.sqlite3")
        again.apply(Found(lamp("a")), NOW)
        assert again.forget_unseen() == ("zigbee2mqtt/b",)
        assert again.forget_unseen() == ()
        assert list(now(again).all_devices()) == ["zigbee2mqtt/a"]
        assert list(now(again).active()) == ["zigbee2mqtt/a"]

    def test_a_device_moves_where_its_owner_says_now(self, tmp_path: Path) -> None:
        context = home(relay("kettle"))
        context.save(tmp_path / "context.sqlite3")
        again = home(layout=Layout({"pantry": ("kettle",)}))
        again.load(tmp_path / "context.sqlite3")
        assert room_of(again, "tasmota/kettle") == "pantry"

    def test_it_is_written_over(self, tmp_path: Path) -> None:
        path = tmp_path / "context.sqlite3"
        home(lamp("a"), lamp("b")).save(path)
        home(lamp("c")).save(path)
        again = home()
        again.load(path)
        assert list(now(again).all_devices()) == ["zigbee2mqtt/c"]

    def test_nothing_kept_is_no_warning(self, tmp_path: Path) -> None:
        assert home().load(tmp_path / "context.sqlite3") == ""

    @pytest.mark.parametrize(
        "damage", ["text", "cut", "version", "row", "feature", "reading", "shape", "time"]
    )
    def test_a_damaged_file_is_put_aside(self, tmp_path: Path, damage: str) -> None:
        path = tmp_path / "context.sqlite3"
        context = home(*(lamp(f"lamp_{number}") for number in range(200)))
        say(context, "zigbee2mqtt/lamp_1", True)
        context.save(path)
        spoil(path, damage)
        again = home()
        assert "damaged" in again.load(path)
        assert not now(again).all_devices()
        assert not path.exists()
        assert (tmp_path / "context.sqlite3.damaged").exists()
        assert context.save(path) == ""
        assert again.load(path) == ""

    def test_a_damaged_file_is_written_over_in_the_end(self, tmp_path: Path) -> None:
        path = tmp_path / "context.sqlite3"
        path.write_text("this is no database, whatever its name says " * 100)
        assert "damaged" in home(lamp("a")).save(path)
        assert home(lamp("a")).save(path) == ""

    def test_a_place_that_cannot_be_written_is_a_warning(self, tmp_path: Path) -> None:
        assert "could not be written" in home(lamp("a")).save(tmp_path / "none" / "context.sqlite3")

    def test_a_reader_in_the_middle_leaves_the_file_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "context.sqlite3"
        home(lamp("a")).save(path)
        reader = sqlite3.connect(path, timeout=0)
        rows = reader.execute("select id from devices")
        assert rows.fetchone() == ("zigbee2mqtt/a",)
        reader.close()
        assert home(lamp("b")).save(path) == ""


def spoil(path: Path, damage: str) -> None:
    if damage == "text":
        path.write_text("this is no database, whatever its name says " * 100)
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 8192)
    else:
        statements = {
            "version": "pragma user_version = 99",
            "row": "update devices set names = '[[1, 2]]'",
            "feature": "update shapes set features = '[[1, 2, 3]]'",
            "reading": "update devices set readings = '{\"state\": [[], 1.0]}'",
            "shape": "update devices set shape = 77",
            "time": "update devices set readings = '{\"state\": [true, 1e300]}'",
        }
        with sqlite3.connect(path) as database:
            database.execute(statements[damage])
        database.close()


class TestIndex:
    def test_keeps_the_order_and_lets_go(self) -> None:
        index = Index()
        names = [f"name {number}" for number in range(20)]
        for number, name in enumerate(names):
            assert index.add("word", name) is (number == 0)
            assert not index.add("word", name)
        assert list(index.get("word")) == names
        for name in names[:-1]:
            assert not index.remove("word", name)
            assert not index.remove("word", name)
        assert list(index.get("word")) == names[-1:]
        assert index.remove("word", names[-1])
        assert "word" not in index
        assert not index.remove("word", names[-1])
        assert list(index.get("word")) == []


def seconds_for_changes(devices: int) -> float:
    """Return the time that a change takes at best: a report, and now and then a new name."""
    context = home(*(lamp(f"hall_{number}", f"hall lamp {number % 50}") for number in range(devices)))
    ids = list(now(context).all_devices())[:20]
    best = float("inf")
    for turn in range(7):
        started = time.process_time()
        for number in range(1000):
            say(context, ids[number % 20], (number // 20 + turn) % 2 == 0)
            if number % 20 == 0:
                own = ids[number % 20].removeprefix("zigbee2mqtt/")
                context.apply(Found(lamp(own, f"hall lamp {turn} {number}")), NOW)
        best = min(best, time.process_time() - started)
    return best


def seconds_for_looking(devices: int) -> float:
    context = home(*(lamp(f"hall_{number}", f"hall lamp {number}") for number in range(devices)))
    say(context, "zigbee2mqtt/hall_3", True)
    best = float("inf")
    for _ in range(7):
        started = time.process_time()
        for _ in range(200):
            here = now(context)
            look(here)
        best = min(best, time.process_time() - started)
    return best


def look(here: HomeNow) -> None:
    """Use every way there is to look, without going through what was found."""
    here.device("zigbee2mqtt/hall_3")
    here.all_devices()
    assert "zigbee2mqtt/hall_3" in here.known_as("lamps")
    assert "zigbee2mqtt/hall_3" in here.of_kind("light")
    assert "zigbee2mqtt/hall_3" in here.with_property("power", settable=True)
    assert "zigbee2mqtt/hall_3" in here.in_room("hall")
    here.serving("raise.brightness"), here.tasked("book"), here.kinds_called("lamp"), here.appliance("light")
    assert len(here.of_kind("light")) >= 20
    (
        here.active(),
        here.recent(),
        here.reading("zigbee2mqtt/hall_3", "state"),
        here.online("zigbee2mqtt/hall_3"),
    )
    assert here.words_like("lamb") == ("lamp",)
    here.rooms(), here.rooms_called("hall"), here.person("ana"), here.satellite("phone"), here.turns("phone")


@pytest.mark.slow
class TestSize:
    def test_a_change_costs_the_same_in_a_large_home(self) -> None:
        assert seconds_for_changes(10_000) < 2 * seconds_for_changes(20)

    def test_looking_costs_the_same_in_a_large_home(self) -> None:
        assert seconds_for_looking(10_000) < 2 * seconds_for_looking(20)

    def test_a_device_takes_little(self) -> None:
        def context(devices: int) -> HomeContext:
            made = home(*(lamp(f"hall_{number}", f"hall lamp {number % 50}") for number in range(devices)))
            for device in now(made).all_devices():
                say(made, device, True)
                say(made, device, float(len(device)), "brightness")
            return made

        warm = context(20)
        tracemalloc.start()
        large = context(2000)
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(now(large).all_devices()) == 100 * len(now(warm).all_devices())
        assert taken < 2000 * 1500  # bytes; ten thousand devices may take 20 MB
