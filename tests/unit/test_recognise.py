"""A device is what it says it is, what people call it, or what its features look like, in this order."""

from dataclasses import replace

import pytest

from edge_nlu.steps.features import at_work
from edge_nlu.steps.kinds import readable
from edge_nlu.steps.recognise import recognise
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.values import Device, Feature, Held

PROFILES = appliance_profiles()
POWER = Feature("state", "switch", "power", settable=True)
CONTACT = Feature("contact", "switch", "position")
WARMTH = Feature("temperature", "number", "temperature", unit="°C")
TARGET = Feature("target", "number", "temperature", settable=True, unit="°C")
ROOM_TARGET = replace(TARGET, low=5.0, high=30.0)
SPEED = Feature("speed", "number", "speed", settable=True, low=0.0, high=10.0)
HEAT = Feature("heat", "choice", "mode", settable=True, choices=("off", "warm"))


def known(name: str, *features: Feature, types: tuple[str, ...] = (), ids: tuple[str, ...] = ()) -> Device:
    return recognise(Device("bridge/1", name, features, types, ids or ("1",)), PROFILES)


def told(
    key: str, kind: str, *choices: str, unit: str = "", name: str = "", high: float | None = None
) -> Feature:
    return Feature(key, kind, name=name, settable=True, unit=unit, choices=choices, high=high)  # type: ignore[arg-type]


def tells(key: str, kind: str, *choices: str, unit: str = "", name: str = "") -> Feature:
    return Feature(key, kind, name=name, unit=unit, choices=choices)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "types", "features", "kind"),
    [
        pytest.param("towel_rail", ("switch",), (POWER,), "heater", id="a switch by its name"),
        pytest.param("Bedroom fan", ("switch",), (POWER,), "fan", id="a relay by its name"),
        pytest.param("hallway lamp", ("switch",), (POWER,), "light", id="a switch called lamp"),
        pytest.param("Heater plug", ("switch",), (POWER,), "heater", id="what is plugged in"),
        pytest.param("TV lamp", ("switch",), (POWER,), "light", id="the last word counts"),
        pytest.param("Lamp by the TV", ("switch",), (POWER,), "light", id="where it stands does not"),
        pytest.param("Lucy", ("switch",), (POWER,), "switch", id="a switch and no more"),
        pytest.param("Desk", ("switch",), (POWER,), "switch", id="what stands on it"),
        pytest.param(
            "Lamp", ("switch", "finger", "vacuum"), (POWER,), "light", id="a description counts less"
        ),
        pytest.param("Hall", ("sensor", "opening"), (CONTACT,), "contact_sensor", id="another type"),
        pytest.param(
            "Hall", ("sensor", "vacuum"), (WARMTH,), "climate_sensor", id="no vacuum, it does nothing"
        ),
        pytest.param("Hall", ("smoke",), (WARMTH,), "climate_sensor", id="a sensor tells what it is for"),
        pytest.param("Heating", ("switch",), (POWER,), "heater", id="no thermostat without degrees"),
        pytest.param("Upstairs heating", ("climate",), (TARGET,), "thermostat", id="a thermostat"),
        pytest.param("Bedroom AC", ("climate",), (TARGET,), "air_conditioner", id="a climate of a kind"),
        pytest.param("garage_door", ("cover",), (CONTACT,), "garage_door", id="a cover of a kind"),
        pytest.param("lounge_curtains", ("cover",), (CONTACT,), "cover", id="a cover"),
        pytest.param(
            "garage_door_sensor", ("sensor", "contact"), (CONTACT,), "contact_sensor", id="a sensor"
        ),
        pytest.param("master_bedroom_window", ("sensor", "contact"), (CONTACT,), "window", id="a window"),
        pytest.param("front_door_contact", (), (CONTACT,), "contact_sensor", id="a contact"),
        pytest.param("bathroom_sensor", ("sensor",), (WARMTH,), "climate_sensor", id="which sensor"),
        pytest.param("fridge temperature", ("sensor",), (WARMTH,), "climate_sensor", id="no fridge"),
        pytest.param("Front door", ("lock",), (Feature("state", "switch", "lock"),), "lock", id="a lock"),
        pytest.param("Kitchen radio", ("media_player",), (), "speaker", id="a player by its name"),
        pytest.param("Bedroom", ("media_player", "tv"), (), "tv", id="a player by its other type"),
        pytest.param("Fridge", ("refrigerator",), (), "fridge", id="a type of another name"),
        pytest.param("Pizza", ("countertop-oven",), (), "oven", id="a type by its last word"),
        pytest.param("Hatchy", ("egg-incubator",), (TARGET,), "", id="something nobody described"),
        pytest.param("Hall radiator", ("climate",), (ROOM_TARGET,), "thermostat", id="a set point for rooms"),
        pytest.param("Hall radiator", (), (POWER, ROOM_TARGET), "thermostat", id="a radiator that is set"),
        pytest.param("Hall heater", (), (ROOM_TARGET,), "thermostat", id="a heater that is only set"),
        pytest.param("Hall heater", (), (POWER, ROOM_TARGET), "heater", id="a heater with a switch"),
        pytest.param("Hall radiator", ("switch",), (POWER,), "heater", id="a radiator that is switched"),
        pytest.param("Massage chair", (), (POWER, SPEED), "furniture", id="what has a speed is no fan"),
        pytest.param("Lucy", (), (POWER, SPEED), "fan", id="speed and no more"),
        pytest.param("Lucy", (), (POWER, SPEED, HEAT), "socket", id="speed and more"),
        pytest.param(
            "Lucy", (), (POWER, Feature("b", "number", "brightness", settable=True)), "light", id="looks"
        ),
        pytest.param(
            "Lucy", (), (Feature("m", "switch", "presence"),), "motion_sensor", id="looks of a sensor"
        ),
        pytest.param("Lucy", (), (), "", id="nothing is known"),
    ],
)
def test_kind(name: str, types: tuple[str, ...], features: tuple[Feature, ...], kind: str) -> None:
    assert known(name, *features, types=types).kind == kind


def test_a_kind_that_is_known_stays() -> None:
    assert recognise(Device("b/1", "lamp", (POWER,), kind="fan"), PROFILES).kind == "fan"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("living_room_ceiling_light", "living room ceiling light"),
        ("Kitchen/ceiling", "Kitchen ceiling"),
        ("KitchenLamp", "Kitchen Lamp"),
        ("TV", "TV"),
        ("  desk-lamp ", "desk lamp"),
        ("0x00158d0000000013", "0x00158d0000000013"),
        ("", ""),
    ],
)
def test_a_name_becomes_words(name: str, words: str) -> None:
    assert readable(name) == words


@pytest.mark.parametrize(
    ("name", "ids", "aliases"),
    [
        ("TV", ("homie/living_room_tv", "living_room_tv"), ("living room tv",)),
        ("Living room TV", ("tv",), ()),
        ("Lamp", ("0x00158d0000000013", "zigbee2mqtt/0x00158d0000000013"), ()),
        ("Lamp", ("tasmota_AABBCC",), ()),
        ("Upstairs heating", ("upstairs_thermostat",), ("upstairs thermostat",)),
    ],
)
def test_ids_that_are_words_are_other_names(
    name: str, ids: tuple[str, ...], aliases: tuple[str, ...]
) -> None:
    assert known(name, ids=ids).aliases == aliases


def test_what_a_device_says_it_is_is_another_name_where_it_tells_more() -> None:
    assert known("Warmy", POWER, types=("towel-rail",)).aliases == ("towel rail",)
    assert known("Hatchy", TARGET, types=("egg-incubator",)).aliases == ("egg incubator",)
    assert known("Brewy", POWER, types=("coffee-maker",)).aliases == ()


@pytest.mark.parametrize(
    ("feature", "prop"),
    [
        (told("c/power", "switch"), "power"),
        (told("c/run", "trigger", "start", "pause", "stop"), "run"),
        (told("c/control", "choice", "start", "pause", "resume"), "run"),
        (told("c/action", "trigger", "start", "stop"), "run"),
        (told("c/action", "trigger", "open", "close", "stop"), "position"),
        (told("c/command", "trigger", "lock", "unlock"), "lock"),
        (told("c/command", "choice", "lock", "unlock"), "lock"),
        (tells("c/action", "choice", "start", "stop"), ""),
        (told("child_lock", "switch", name="Child lock"), "mode"),
        (tells("c/status", "choice", "idle", "cooking", "done"), "run"),
        (tells("c/status", "text"), "status"),
        (tells("c/remaining", "number", unit="min", name="Remaining time"), "time_left"),
        (tells("c/elapsed", "number", unit="min"), ""),
        (told("c/timer", "number", unit="min"), "timer"),
        (told("c/program", "choice", "eco", "auto", "quick"), "program"),
        (told("c/mode", "choice", "white", "brown"), "mode"),
        (told("c/keep-warm", "switch", name="Keep warm"), "mode"),
        (told("c/target", "number", unit="°C", name="Target temperature"), "temperature"),
        (told("c/setpoint", "number"), "temperature"),
        (tells("c/probe", "number", unit="°F"), "temperature"),
        (told("c/ct", "number", unit="K", high=6500), "color"),
        (told("c/tone", "number", unit="mired"), "color"),
        (told("c/state", "choice", "OPEN", "CLOSE", "STOP"), "position"),
        (tells("c/door", "switch"), "position"),
        (told("c/lock", "switch", name="Child lock"), "mode"),
        (told("c/locked", "switch"), "lock"),
        (tells("c/power", "number", unit="W", name="Power"), "energy"),
        (tells("c/energy", "number", unit="kWh"), "energy"),
        (tells("c/co2", "number", unit="ppm"), "air"),
        (tells("c/lux", "number", unit="lx"), "brightness"),
        (tells("c/humidity", "number", unit="%"), "humidity"),
        (tells("c/water", "number", unit="%", name="Water level"), "level"),
        (tells("c/battery", "number", unit="%"), "battery"),
        (tells("c/battery_low", "switch"), "battery"),
        (tells("c/water_leak", "switch"), "leak"),
        (tells("c/occupancy", "switch"), "presence"),
        (tells("c/smoke", "switch"), "smoke"),
        (told("c/oscillate", "switch", name="Oscillation"), "swing"),
        (told("c/fan_mode", "choice", "low", "medium", "high"), "speed"),
        (told("c/level", "choice", "low", "medium", "high"), "speed"),
        (told("c/volume", "number", unit="%"), "volume"),
        (told("c/mute", "switch"), "volume"),
        (told("c/playback", "choice", "play", "pause", "next"), "media"),
        (told("c/media", "media"), "media"),
        (told("c/in", "choice", "hdmi1", "hdmi2"), "source"),
        (told("c/input", "choice", "one", "two"), "source"),
        (told("c/channel", "number"), "channel"),
        (told("c/locate", "trigger"), "place"),
        (told("c/espresso", "trigger"), "run"),
        (told("c/tint", "color"), "color"),
        (told("c/snooze", "trigger"), "alarm"),
        (tells("c/linkquality", "number"), ""),
        (told("c/power_on_behavior", "choice", "on", "off", "previous"), ""),
        (told("c/calibration", "number", unit="°C", name="Temperature calibration"), ""),
        (tells("c/ph", "number"), ""),
        (tells("c/next-dose", "text", name="Next dose"), ""),
    ],
    ids=lambda value: value.key if isinstance(value, Feature) else value,
)
def test_a_feature_is_about_what_its_name_unit_or_choices_say(feature: Feature, prop: str) -> None:
    assert known("Gadget", feature).features[0].property == prop


@pytest.mark.parametrize(
    ("name", "kind", "feature", "prop"),
    [
        ("Espresso machine", "coffee-maker", told("b/brew", "trigger", "espresso", "latte"), "run"),
        ("Alarm clock", "alarm-clock", told("a/time", "time", name="Alarm time"), "alarm"),
        ("Alarm clock", "alarm-clock", told("a/action", "trigger", "dismiss", "snooze"), "alarm"),
        ("Vacuum", "robot-vacuum", told("v/dock", "trigger", name="Return to dock"), "run"),
        ("Fan", "fan", told("f/level", "number"), "speed"),
        ("Lamp", "light", told("l/level", "number"), "brightness"),
        ("Lamp", "light", told("l/amount", "number", unit="%"), "brightness"),
        ("Feeder", "pet-feeder", told("f/feed", "switch"), "run"),
        ("Valve", "valve", told("v/state", "switch"), "position"),
    ],
)
def test_a_kind_has_names_of_its_own(name: str, kind: str, feature: Feature, prop: str) -> None:
    assert known(name, feature, types=(kind,)).features[0].property == prop


def test_what_the_convention_says_of_a_feature_stays() -> None:
    feature = Feature("brightness", "number", "speed", settable=True)
    assert known("lamp", feature).features == (feature,)


def test_parts_of_a_device_are_told_apart() -> None:
    hood = known("Hood", told("h/power", "switch"), told("h/light", "switch"), types=("range-hood",))
    assert [(feature.property, feature.part) for feature in hood.features] == [
        ("power", ""),
        ("power", "light"),
    ]


def test_a_second_switch_of_its_own_name_is_a_mode() -> None:
    cooker = known("Cooker", told("c/power", "switch"), told("c/crispy", "switch"))
    assert [feature.property for feature in cooker.features] == ["power", "mode"]


def test_a_switch_of_any_name_turns_on_what_has_no_other() -> None:
    assert known("Thing", told("c/bubbles", "switch")).features[0].property == "power"


@pytest.mark.parametrize(
    ("feature", "value", "working"),
    [
        (POWER, True, True),
        (POWER, False, False),
        (POWER, None, False),
        (Feature("s", "choice", "run"), "brewing", True),
        (Feature("s", "choice", "run"), "Idle", False),
        (Feature("s", "choice", "run"), "not-running", False),
        (Feature("p", "choice", "media", settable=True), "play", True),
        (Feature("p", "choice", "media", settable=True), "pause", False),
        (Feature("t", "text", "media"), "play", False),
        (Feature("p", "number", "position"), 0.0, False),
        (Feature("p", "number", "position"), 40.0, True),
        (Feature("p", "number", "position", low=-10.0), -10.0, False),
        (Feature("p", "choice", "position"), "close", False),
        (Feature("p", "choice", "position"), "open", True),
        (CONTACT, True, True),
        (Feature("l", "switch", "lock"), False, True),
        (Feature("l", "switch", "lock"), True, False),
        (Feature("r", "switch", "alarm"), True, True),
        (Feature("e", "switch", "alarm", settable=True), True, False),
        (WARMTH, 20.0, False),
    ],
)
def test_what_works(feature: Feature, value: Held | None, working: bool) -> None:  # noqa: FBT001
    assert at_work(feature, value, None) is working


def test_power_alone_is_no_work_where_something_tells_better() -> None:
    assert not at_work(POWER, True, None, told_better=True)
    assert at_work(Feature("s", "choice", "run"), "brewing", None, told_better=True)


def test_a_lock_of_buttons_is_a_mode() -> None:
    purifier = known("Purifier", POWER, Feature("child_lock", "switch", "lock", settable=True))
    assert purifier.features[1].property == "mode"


def test_what_is_always_on_does_not_work() -> None:
    fridge = PROFILES.appliance("fridge")
    assert not at_work(POWER, True, fridge)
    assert at_work(CONTACT, True, fridge)  # its door stands open
