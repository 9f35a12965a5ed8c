"""What each thing in a home would be told for a wish, and what it cannot do."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

import pytest

from edge_nlu.interfaces import Home
from edge_nlu.steps.ways import ways
from edge_nlu.values import Amount, Appliance, Cannot, Device, Feature, Held, Reading, Wish

NOW = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)


@dataclass
class Place:
    """A home of one device, with what it holds."""

    values: dict[str, Held] = field(default_factory=dict)
    profile: Appliance | None = None
    at: datetime = NOW

    def appliance(self, kind: str) -> Appliance | None:
        return self.profile if self.profile and self.profile.kind == kind else None

    def reading(self, device: str, key: str) -> Reading | None:
        assert device
        return Reading(self.values[key], NOW) if key in self.values else None


def switch(key: str = "state", prop: str = "power", **more: object) -> Feature:
    return Feature(key, "switch", prop, settable=True, **more)  # type: ignore[arg-type]


def number(key: str, prop: str, low: float | None, high: float | None, **more: object) -> Feature:
    return Feature(key, "number", prop, settable=True, low=low, high=high, **more)  # type: ignore[arg-type]


def choice(key: str, prop: str, choices: str, kind: str = "choice") -> Feature:
    return Feature(key, kind, prop, settable=True, choices=tuple(choices.split(",")))  # type: ignore[arg-type]


def told(key: str, prop: str, kind: str = "number", **more: object) -> Feature:
    return Feature(key, kind, prop, **more)  # type: ignore[arg-type]


LAMP = Device(
    "z/lamp", "lamp", (switch(), number("brightness", "brightness", 0, 254)), ("light",), kind="light"
)
WHITE = Device(
    "z/white",
    "white lamp",
    (*LAMP.features, number("color_temp", "color", 150, 500, unit="mired")),
    kind="light",
)
COLOR = Device(
    "z/color",
    "colour lamp",
    (*WHITE.features, Feature("color", "color", "color", settable=True)),
    kind="light",
)
PLAIN_LAMP = Device("t/plain", "spots", (switch(),), ("light",), kind="light")
OVEN = Device(
    "h/oven",
    "Wall oven",
    (
        switch("power"),
        told("temperature", "temperature", unit="°C"),
        number("target", "temperature", 30, 280, unit="°C", step=5),
        number("timer", "timer", 0, 600, unit="min"),
    ),
    ("oven",),
    kind="oven",
)
THERMOSTAT = Device(
    "c/thermostat",
    "Thermostat",
    (
        told("current", "temperature", unit="°C"),
        number("target", "temperature", 7, 30, unit="°C", step=0.5),
        choice("mode", "mode", "off,heat,cool,auto"),
    ),
    ("climate",),
    kind="thermostat",
)
AMERICAN = Device("c/us", "Heating", (number("target", "temperature", 45, 90, unit="°F"),), ("climate",))
HEATER = Device("t/heater", "Bathroom heater", (switch("POWER"),), ("switch",), kind="heater")
BLINDS = Device(
    "z/blinds",
    "blinds",
    (choice("state", "position", "OPEN,CLOSE,STOP"), number("position", "position", 0, 100, unit="%")),
    ("cover",),
)
DOOR = Device("z/door", "back door", (switch("state", "lock"), told("battery", "battery")), ("lock",))
CONTACT = Device("z/contact", "window", (told("contact", "position", "switch"),))
FAN = Device(
    "h/fan",
    "Lounge fan",
    (switch("power"), number("speed", "speed", 1, 3), switch("oscillate", "swing")),
    ("fan",),
    kind="fan",
)
LEVEL_FAN = Device(
    "e/fan", "fan", (switch(), choice("mode", "speed", "off,low,medium,high,auto")), ("fan",), kind="fan"
)
SPEAKER = Device(
    "h/speaker",
    "Kitchen speaker",
    (
        choice("playback", "media", "play,pause,stop,next,previous"),
        told("kind", "media", "choice", choices=("music", "radio", "audiobook", "podcast")),
        Feature("media", "media", "media", settable=True, choices=("music", "radio", "audiobook", "podcast")),
        number("volume", "volume", 0, 100, unit="%"),
        switch("mute", "volume"),
    ),
    ("speaker",),
    kind="speaker",
)
TV = Device(
    "h/tv",
    "Lounge TV",
    (
        switch("power"),
        choice("playback", "media", "play,pause,stop,next,previous"),
        Feature("media", "media", "media", settable=True, choices=("movie", "series", "video", "music")),
        number("volume", "volume", 0, 100, unit="%"),
        switch("mute", "volume"),
        choice("input", "source", "hdmi1,hdmi2,tuner"),
    ),
    ("television",),
    kind="tv",
)
WASHER = Device(
    "h/washer",
    "Washing machine",
    (
        switch("power"),
        choice("program", "program", "cotton,delicates,quick,eco"),
        choice("run", "run", "start,pause,stop", "trigger"),
        told("status", "run", "choice", choices=("idle", "running", "paused", "done")),
    ),
    ("washing-machine",),
    kind="washing_machine",
)
COFFEE = Device(
    "h/coffee",
    "Coffee maker",
    (
        switch("power"),
        choice("brew", "run", "coffee,espresso,cappuccino", "trigger"),
        told("status", "run", "choice"),
    ),
    ("coffee-maker",),
    kind="coffee_maker",
)
KETTLE = Device(
    "h/kettle",
    "Kettle",
    (switch("power"), number("target", "temperature", 40, 100, unit="°C", step=5)),
    ("kettle",),
    kind="kettle",
)
VACUUM = Device(
    "h/vacuum",
    "Robot vacuum",
    (
        switch("power"),
        choice("program", "program", "auto,spot,edge"),
        choice("run", "run", "start,pause,stop", "trigger"),
        told("status", "run", "choice"),
        Feature("dock", "trigger", "run", name="Return to dock", settable=True),
    ),
    ("robot-vacuum",),
    kind="robot_vacuum",
)
HA_VACUUM = Device(
    "c/vacuum",
    "Hoover",
    (choice("command", "run", "start,pause,stop,return_to_base,locate,clean_spot", "trigger"),),
)
FEEDER = Device("h/feeder", "Cat feeder", (Feature("feed", "trigger", "run", name="Feed", settable=True),))
CLOCK = Device(
    "h/clock",
    "Alarm clock",
    (
        Feature("time", "time", "alarm", settable=True),
        switch("enabled", "alarm"),
        told("ringing", "alarm", "switch"),
        choice("action", "alarm", "dismiss,snooze", "trigger"),
    ),
    ("alarm-clock",),
)
SOCKETS = Device(
    "t/sockets", "garden sockets", (switch("POWER1", part="pump"), switch("POWER2", part="fountain"))
)

HOT_TUB = Device(
    "h/tub",
    "Hot tub",
    (switch("jets", part="jets"), switch("heater", part="heater"), number("target", "temperature", 20, 40)),
)
WINE = Device(
    "h/wine", "Wine cooler", (number("target", "temperature", 5, 18), switch("light", part="light"))
)
GATE = Device(
    "s/gate",
    "gate",
    (choice("command", "run", "open,close,stop", "trigger"), told("open", "position", "switch")),
)
DESK = Device(
    "e/desk", "desk", (number("height", "", 60, 130, unit="cm"), choice("preset", "mode", "sit,stand"))
)
STANDING = Device(
    "h/desk",
    "Standing desk",
    (
        number("height", "position", 65, 125, unit="cm", step=1),
        choice("preset", "run", "sit,stand", "trigger"),
    ),
    ("desk",),
)
WALLBOX = Device("h/box", "Wallbox", (switch("on"), number("current", "speed", 6, 32, unit="A")))
PORTIONS = Device("h/cat", "Cat feeder", (number("feed", "run", 1, 4, step=1),))
BLANKET = Device(
    "h/blanket",
    "Blanket",
    (switch("power"), number("level", "speed", 0, 5), number("timer", "timer", 0, 600, unit="min")),
)
DUSTY = Device(
    "c/dusty",
    "Dusty",
    (
        choice("run", "run", "start,pause,stop", "trigger"),
        Feature("clean_spot", "trigger", "run", name="Clean spot", settable=True),
    ),
)
AIR_CON = Device(
    "c/ac",
    "Air con",
    (
        number("temperature", "temperature", 16, 30, unit="°C", step=1),
        choice("mode", "mode", "off,auto,cool,heat,dry"),
        choice("swing", "swing", "off,vertical,horizontal"),
    ),
    kind="air_conditioner",
)
TRV = Device(
    "z/trv",
    "radiator",
    (
        number("setpoint", "temperature", 5, 35, unit="°C", step=0.5),
        choice("preset", "mode", "none,boost,eco"),
        choice("system_mode", "mode", "off,heat,auto"),
        switch("child_lock", "mode", name="Child lock"),
    ),
)
HA_FAN = Device(
    "c/fan", "fan", (switch(), number("percentage", "speed", 0, 100, unit="%", step=33.333)), ("fan",)
)
LITTER = Device("h/litter", "litter box", (choice("command", "run", "clean,empty,level", "trigger"),))
VALVE = Device(
    "z/valve",
    "valve",
    (switch("1", part="beds"), switch("2", part="lawn"), number("t", "timer", 0, 60, unit="min")),
)
RADIO = Device(
    "e/radio", "radio", (switch(), choice("preset", "source", "BBC Radio 4,Jazz FM")), kind="speaker"
)
BULB = Device("h/bulb", "bulb", (number("level", "brightness", 0, 1),), ("light",), kind="light")

COFFEE_PROFILE = Appliance(
    "coffee_maker", words=("coffee maker", "coffee machine"), tasks=("coffee", "latte", "espresso")
)
KETTLE_PROFILE = Appliance("kettle", words=("kettle",), tasks=("tea", "hot water"))
HEATER_PROFILE = Appliance(
    "heater", serves=(("raise.temperature", "on.power"), ("lower.temperature", "off.power"))
)
FAN_PROFILE = Appliance("fan", serves=(("raise.air", "on.power"), ("lower.temperature", "on.power")))
PROFILES = {one.kind: one for one in (COFFEE_PROFILE, KETTLE_PROFILE, HEATER_PROFILE, FAN_PROFILE)}


def aimed(want: str, device: Device, values: dict[str, Held] | None = None, **more: object) -> object:
    """Return what the device is told for a wish like "set.brightness", or the reason of its Cannot."""
    verb, _, prop = want.partition(".")
    wish = Wish(verb, prop, **more)  # type: ignore[arg-type]
    home = cast("Home", Place(values or {}, PROFILES.get(device.kind)))
    way = ways(wish, device, home)
    return (way.near, way.reason) if isinstance(way, Cannot) else way


def share(part: float) -> Amount:
    return Amount(share=part)


def percent(part: float) -> Amount:
    return Amount(share=part / 100, unit="%")


def degrees(count: float, unit: str = "°") -> Amount:
    return Amount(count, unit)


def more(count: float | None = None, unit: str = "", **other: object) -> Amount:
    return Amount(count, unit, relative=True, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("want", "device", "values", "said", "expected"),
    [
        pytest.param("on.power", LAMP, {}, {}, (("state", True),), id="a lamp on"),
        pytest.param("off.power", LAMP, {}, {}, (("state", False),), id="a lamp off"),
        pytest.param("toggle.power", LAMP, {"state": True}, {}, (("state", False),), id="the other of on"),
        pytest.param(
            "on.power", LAMP, {}, {"amount": more(small=True)}, (("brightness", 51),), id="a little"
        ),
        pytest.param(
            "on.power", LAMP, {}, {"amount": percent(30)}, (("brightness", 76),), id="on at 30 percent"
        ),
        pytest.param("on.power", DOOR, {}, {}, None, id="a lock is not switched on"),
        pytest.param("on.lock", DOOR, {}, {}, None, id="a lock is not switched on, as a lock"),
        pytest.param("on.power", BLINDS, {}, {}, None, id="blinds are not switched on"),
        pytest.param("off.power", SPEAKER, {}, {}, (("playback", "stop"),), id="a speaker off"),
        pytest.param("off.power", THERMOSTAT, {}, {}, (("mode", "off"),), id="a thermostat off"),
        pytest.param("on.power", THERMOSTAT, {}, {}, (("mode", "heat"),), id="a thermostat on"),
        pytest.param("on.power", FEEDER, {}, {}, (("feed", True),), id="what only runs is started"),
        pytest.param(
            "off.power", SOCKETS, {}, {}, (("POWER1", False), ("POWER2", False)), id="both gangs together"
        ),
        pytest.param(
            "on.power", SOCKETS, {}, {"text": "turn on the pump"}, (("POWER1", True),), id="one gang"
        ),
        pytest.param(
            "set.brightness", LAMP, {}, {"amount": percent(30)}, (("brightness", 76),), id="30 percent"
        ),
        pytest.param("set.brightness", LAMP, {}, {"amount": share(0.5)}, (("brightness", 127),), id="half"),
        pytest.param(
            "set.brightness", LAMP, {}, {"amount": percent(10)}, (("brightness", 25),), id="10 percent"
        ),
        pytest.param(
            "set.brightness", LAMP, {}, {"amount": degrees(30, "")}, (("brightness", 76),), id="to 30"
        ),
        pytest.param(
            "set.brightness", LAMP, {}, {"amount": share(0)}, (("brightness", 3),), id="dimmest is on"
        ),
        pytest.param(
            "set.unsaid", LAMP, {}, {"amount": percent(100)}, (("brightness", 254),), id="to a hundred"
        ),
        pytest.param(
            "set.brightness", PLAIN_LAMP, {}, {"amount": share(0.5)}, None, id="a lamp without levels"
        ),
        pytest.param("set.brightness", LAMP, {}, {}, "near", id="to what"),
        pytest.param("set.temperature", OVEN, {}, {"amount": degrees(210)}, (("target", 210),), id="an oven"),
        pytest.param(
            "set.temperature",
            OVEN,
            {},
            {"amount": degrees(350, "°F")},
            (("target", 177),),
            id="an oven in °F",
        ),
        pytest.param(
            "set.temperature",
            THERMOSTAT,
            {},
            {"amount": degrees(68, "°F")},
            (("target", 20),),
            id="heating in °F",
        ),
        pytest.param(
            "set.temperature", AMERICAN, {}, {"amount": degrees(20, "°C")}, (("target", 68),), id="°C to °F"
        ),
        pytest.param(
            "set.temperature",
            AMERICAN,
            {},
            {"amount": degrees(70)},
            (("target", 70),),
            id="degrees of the house",
        ),
        pytest.param(
            "set.temperature", THERMOSTAT, {}, {"amount": degrees(21.5)}, (("target", 21.5),), id="and a half"
        ),
        pytest.param(
            "set.temperature",
            THERMOSTAT,
            {"mode": "off"},
            {"amount": degrees(21)},
            (("mode", "heat"), ("target", 21)),
            id="heating that is off heats",
        ),
        pytest.param(
            "set.temperature",
            KETTLE,
            {"power": False},
            {"amount": degrees(80)},
            (("power", True), ("target", 80)),
            id="a kettle that is off is switched on",
        ),
        pytest.param("set.temperature", OVEN, {}, {"amount": degrees(900)}, "near", id="too hot"),
        pytest.param(
            "set.temperature", HEATER, {}, {"amount": degrees(22)}, None, id="a heater without degrees"
        ),
        pytest.param("set.speed", FAN, {}, {"amount": degrees(3, "")}, (("speed", 3),), id="level three"),
        pytest.param("set.speed", FAN, {}, {"amount": degrees(7, "")}, "near", id="level seven"),
        pytest.param(
            "set.speed",
            FAN,
            {"power": False},
            {"amount": share(1)},
            (("power", True), ("speed", 3)),
            id="full",
        ),
        pytest.param(
            "set.speed", LEVEL_FAN, {}, {"amount": share(0.2)}, (("mode", "low"),), id="low by share"
        ),
        pytest.param(
            "set.speed", LEVEL_FAN, {}, {"amount": degrees(2, "")}, (("mode", "medium"),), id="second"
        ),
        pytest.param(
            "set.mode", LEVEL_FAN, {}, {"options": ("auto",)}, (("mode", "auto"),), id="a mode of speed"
        ),
        pytest.param("set.volume", SPEAKER, {}, {"amount": percent(15)}, (("volume", 15),), id="volume"),
        pytest.param("set.volume", SPEAKER, {}, {"amount": percent(150)}, "near", id="too loud"),
        pytest.param("set.position", BLINDS, {}, {"amount": share(0.5)}, (("position", 50),), id="halfway"),
        pytest.param("set.position", BLINDS, {}, {"amount": percent(30)}, (("position", 30),), id="open 30"),
        pytest.param(
            "close.position",
            BLINDS,
            {},
            {"amount": percent(30), "text": "close it thirty percent"},
            (("position", 70),),
            id="close thirty percent",
        ),
        pytest.param("set.mode", THERMOSTAT, {}, {"options": ("auto",)}, (("mode", "auto"),), id="a mode"),
        pytest.param(
            "set.mode", THERMOSTAT, {}, {"options": ("heating",)}, (("mode", "heat"),), id="heating"
        ),
        pytest.param("set.source", TV, {}, {"options": ("hdmi two",)}, (("input", "hdmi2"),), id="HDMI two"),
        pytest.param("set.source", TV, {}, {"options": ("hdmi nine",)}, "near", id="HDMI nine"),
        pytest.param("set.program", WASHER, {}, {"options": ("eco",)}, (("program", "eco"),), id="a program"),
        pytest.param("set.program", LAMP, {}, {"options": ("eco",)}, None, id="a lamp has no programs"),
        pytest.param("set.mode", OVEN, {}, {"options": ("grill",)}, None, id="an oven without modes"),
    ],
)
def test_switched_and_set(
    want: str, device: Device, values: dict[str, Held], said: dict[str, object], expected: object
) -> None:
    check(aimed(want, device, values, **said), expected)


def check(found: object, expected: object) -> None:
    """Compare with settings, or with a Cannot: "near" one whose value is out of reach, None any other."""
    if expected == "near":
        assert isinstance(found, tuple)
        assert found[0] in (1, 2)
    elif expected is None:
        assert isinstance(found, tuple)
        assert found[0] == 0
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("want", "device", "values", "said", "expected"),
    [
        pytest.param(
            "raise.brightness", LAMP, {"state": False}, {}, (("state", True),), id="dark: switch it on"
        ),
        pytest.param("raise.brightness", LAMP, {}, {}, (("state", True),), id="unknown: switch it on"),
        pytest.param(
            "raise.brightness",
            LAMP,
            {"state": True, "brightness": 127},
            {},
            (("brightness", 165),),
            id="brighter",
        ),
        pytest.param(
            "raise.brightness",
            LAMP,
            {"state": True, "brightness": 127},
            {"amount": more(small=True)},
            (("brightness", 152),),
            id="a bit brighter",
        ),
        pytest.param(
            "raise.brightness",
            LAMP,
            {"state": True, "brightness": 254},
            {},
            "near",
            id="already at its brightest",
        ),
        pytest.param(
            "lower.brightness",
            LAMP,
            {"state": True, "brightness": 20},
            {},
            (("brightness", 3),),
            id="not off",
        ),
        pytest.param("lower.brightness", LAMP, {"state": False}, {}, "near", id="already off"),
        pytest.param(
            "lower.brightness",
            LAMP,
            {"state": True, "brightness": 200},
            {"amount": Amount(share=0.5, relative=True)},
            (("brightness", 100),),
            id="dim by half",
        ),
        pytest.param(
            "lower.brightness", PLAIN_LAMP, {"state": True}, {}, (("state", False),), id="too bright"
        ),
        pytest.param("raise.volume", TV, {"volume": 20}, {}, (("volume", 30),), id="louder"),
        pytest.param(
            "lower.volume",
            TV,
            {"volume": 70},
            {"amount": more(large=True)},
            (("volume", 45),),
            id="way too loud",
        ),
        pytest.param("raise.volume", TV, {}, {}, None, id="louder than nobody knows"),
        pytest.param(
            "raise.volume",
            TV,
            {"volume": 20, "mute": True},
            {},
            (("mute", False), ("volume", 30)),
            id="unmuted",
        ),
        pytest.param("raise.volume", TV, {"volume": 97}, {}, (("volume", 100),), id="stops at the end"),
        pytest.param("raise.temperature", THERMOSTAT, {"target": 20}, {}, (("target", 21),), id="cold"),
        pytest.param(
            "raise.temperature",
            THERMOSTAT,
            {"target": 21},
            {"amount": more(1, "°")},
            (("target", 22),),
            id="one",
        ),
        pytest.param(
            "raise.temperature", THERMOSTAT, {"current": 18.2}, {}, (("target", 19),), id="as measured"
        ),
        pytest.param("raise.temperature", HEATER, {"POWER": False}, {}, (("POWER", True),), id="a heater on"),
        pytest.param(
            "lower.temperature", HEATER, {"POWER": True}, {}, (("POWER", False),), id="a heater off"
        ),
        pytest.param("lower.temperature", HEATER, {"POWER": False}, {}, "near", id="a heater is off already"),
        pytest.param("lower.temperature", FAN, {"power": False}, {}, (("power", True),), id="a fan cools"),
        pytest.param("raise.air", FAN, {"power": False}, {}, (("power", True),), id="a breeze"),
        pytest.param("raise.temperature", LAMP, {}, {}, None, id="a lamp does not heat"),
        pytest.param("lower.unsaid", FAN, {"speed": 3}, {"amount": more(1)}, (("speed", 2),), id="one lower"),
        pytest.param("raise.unsaid", SPEAKER, {"volume": 50}, {}, (("volume", 60),), id="turn it up"),
        pytest.param("raise.unsaid", OVEN, {"target": 180}, {}, (("target", 185),), id="an oven up"),
        pytest.param(
            "raise.speed", LEVEL_FAN, {"mode": "low", "state": True}, {}, (("mode", "medium"),), id="faster"
        ),
        pytest.param("raise.position", BLINDS, {"position": 40}, {}, (("position", 60),), id="a bit further"),
        pytest.param("raise.volume", TV, {}, {"amount": percent(40)}, (("volume", 40),), id="up to forty"),
    ],
)
def test_more_and_less(
    want: str, device: Device, values: dict[str, Held], said: dict[str, object], expected: object
) -> None:
    check(aimed(want, device, values, **said), expected)


@pytest.mark.parametrize(
    ("want", "device", "values", "said", "expected"),
    [
        pytest.param("open.position", BLINDS, {}, {}, (("position", 100),), id="blinds open"),
        pytest.param("close.position", BLINDS, {}, {}, (("position", 0),), id="blinds close"),
        pytest.param("stop.position", BLINDS, {}, {}, (("state", "STOP"),), id="blinds stop"),
        pytest.param("open.position", CONTACT, {}, {}, None, id="a contact cannot open"),
        pytest.param("lock.lock", DOOR, {}, {}, (("state", True),), id="lock"),
        pytest.param("unlock.lock", DOOR, {}, {}, (("state", False),), id="unlock"),
        pytest.param("lock.lock", LAMP, {}, {}, None, id="lock a lamp"),
        pytest.param("set.color", COLOR, {}, {"color": "#ff0000"}, (("color", "#ff0000"),), id="red"),
        pytest.param(
            "set.color",
            COLOR,
            {"state": False},
            {"color": "#ff0000"},
            (("state", True), ("color", "#ff0000")),
            id="on",
        ),
        pytest.param("set.color", WHITE, {}, {"color": "#00ff00"}, None, id="green in white"),
        pytest.param("set.color", LAMP, {}, {"color": "#00ff00"}, None, id="green in a plain lamp"),
        pytest.param("set.color", HEATER, {}, {"color": "#0000ff"}, None, id="a blue towel rail"),
        pytest.param("set.color", WHITE, {}, {"kelvin": 2700.0}, (("color_temp", 370),), id="warm white"),
        pytest.param(
            "set.color", WHITE, {}, {"kelvin": 1900.0}, (("color_temp", 500),), id="candlelight, clamped"
        ),
        pytest.param(
            "set.color",
            WHITE,
            {"color_temp": 250},
            {"amount": more(-600, "K")},
            (("color_temp", 294),),
            id="warmer",
        ),
        pytest.param("on.swing", FAN, {}, {}, (("oscillate", True),), id="swing"),
        pytest.param("off.swing", LAMP, {}, {}, None, id="a lamp does not swing"),
        pytest.param("mute.volume", TV, {}, {}, (("mute", True),), id="mute"),
        pytest.param("unmute.volume", TV, {}, {}, (("mute", False),), id="unmute"),
        pytest.param(
            "start.run",
            WASHER,
            {},
            {"options": ("eco",)},
            (("program", "eco"), ("run", "start")),
            id="on eco",
        ),
        pytest.param(
            "start.run",
            WASHER,
            {"power": False},
            {},
            (("power", True), ("run", "start")),
            id="switched on first",
        ),
        pytest.param(
            "start.run", WASHER, {"power": True}, {}, (("run", "start"),), id="not switched on again"
        ),
        pytest.param("start.run", WASHER, {}, {"options": ("wool",)}, "near", id="no wool"),
        pytest.param(
            "start.run", COFFEE, {}, {"options": ("espresso",)}, (("brew", "espresso"),), id="espresso"
        ),
        pytest.param("start.run", COFFEE, {}, {"options": ("latte",)}, "near", id="no latte"),
        pytest.param("start.run", COFFEE, {}, {"options": ("coffee",)}, (("brew", "coffee"),), id="a coffee"),
        pytest.param(
            "start.run", COFFEE, {}, {"options": ("coffee",), "usual": True}, "near", id="the usual coffee"
        ),
        pytest.param("start.run", COFFEE, {}, {}, "near", id="which one"),
        pytest.param("start.run", KETTLE, {}, {"options": ("cup of tea",)}, (("power", True),), id="tea"),
        pytest.param("start.run", KETTLE, {}, {"options": ("sandwich",)}, None, id="no sandwich"),
        pytest.param("start.run", FEEDER, {}, {}, (("feed", True),), id="feed the cat"),
        pytest.param("start.run", VACUUM, {}, {}, (("run", "start"),), id="vacuum"),
        pytest.param("dock.run", VACUUM, {}, {}, (("dock", True),), id="to its dock"),
        pytest.param("dock.run", HA_VACUUM, {}, {}, (("command", "return_to_base"),), id="to its base"),
        pytest.param("find.place", HA_VACUUM, {}, {}, (("command", "locate"),), id="where is it"),
        pytest.param("dock.run", LAMP, {}, {}, None, id="a lamp has no dock"),
        pytest.param("pause.unsaid", VACUUM, {"status": "running"}, {}, (("run", "pause"),), id="pause it"),
        pytest.param("resume.unsaid", VACUUM, {"status": "paused"}, {}, (("run", "start"),), id="go on"),
        pytest.param("stop.run", KETTLE, {}, {}, (("power", False),), id="stop what has a switch"),
        pytest.param(
            "pause.unsaid", TV, {"playback": "play"}, {}, (("playback", "pause"),), id="pause a film"
        ),
        pytest.param(
            "resume.unsaid", TV, {"playback": "pause"}, {}, (("playback", "play"),), id="resume a film"
        ),
        pytest.param("next.media", SPEAKER, {}, {}, (("playback", "next"),), id="skip"),
        pytest.param(
            "stop.unsaid", CLOCK, {"ringing": True}, {}, (("action", "dismiss"),), id="it rings: stop"
        ),
        pytest.param(
            "raise.timer", CLOCK, {"ringing": True}, {"duration_s": 300.0}, (("action", "snooze"),), id="5"
        ),
        pytest.param(
            "raise.timer", CLOCK, {"ringing": False}, {"duration_s": 300.0}, None, id="nothing rings"
        ),
        pytest.param(
            "set.alarm",
            CLOCK,
            {},
            {"moment": datetime(2026, 3, 3, 6, 15, tzinfo=UTC)},
            (("time", "06:15"), ("enabled", True)),
            id="wake me",
        ),
        pytest.param("set.alarm", CLOCK, {}, {"unread": "sunrise"}, "near", id="at sunrise"),
        pytest.param("remove.alarm", CLOCK, {}, {}, (("enabled", False),), id="no alarm"),
        pytest.param("set.timer", OVEN, {}, {"duration_s": 1500.0}, (("timer", 25),), id="oven timer"),
        pytest.param(
            "raise.timer", OVEN, {"timer": 10}, {"duration_s": 300.0}, (("timer", 15),), id="add five"
        ),
        pytest.param("set.timer", OVEN, {}, {"duration_s": 1e6}, "near", id="too long"),
        pytest.param("set.timer", OVEN, {}, {}, "near", id="for how long"),
        pytest.param("remove.timer", OVEN, {}, {}, (("timer", 0),), id="cancel the timer"),
        pytest.param("none.unsaid", LAMP, {}, {}, None, id="no wish"),
    ],
)
def test_everything_else(
    want: str, device: Device, values: dict[str, Held], said: dict[str, object], expected: object
) -> None:
    check(aimed(want, device, values, **said), expected)


@pytest.mark.parametrize(
    ("want", "device", "values", "said", "expected"),
    [
        pytest.param(
            "set.temperature",
            HOT_TUB,
            {"jets": False, "heater": False},
            {"amount": degrees(38)},
            (("target", 38),),
            id="parts stay as they are",
        ),
        pytest.param("on.power", HOT_TUB, {}, {"text": "turn the jets on"}, (("jets", True),), id="one part"),
        pytest.param(
            "off.power", HOT_TUB, {}, {"text": "hot tub off"}, (("jets", False), ("heater", False)), id="all"
        ),
        pytest.param(
            "off.power", WINE, {}, {"text": "wine cooler off"}, None, id="its light is not the cooler"
        ),
        pytest.param(
            "off.power", WINE, {}, {"text": "wine cooler light off"}, (("light", False),), id="its light"
        ),
        pytest.param("open.position", GATE, {}, {}, (("command", "open"),), id="a gate by command"),
        pytest.param("set.position", GATE, {}, {"amount": share(0.5)}, "near", id="a gate halfway"),
        pytest.param("raise.unsaid", DESK, {"height": 80}, {}, (("height", 87),), id="a desk up"),
        pytest.param(
            "set.unsaid", DESK, {}, {"amount": degrees(110, "")}, (("height", 110),), id="a desk to 110"
        ),
        pytest.param(
            "set.unsaid", DESK, {}, {"options": ("stand",)}, (("preset", "stand"),), id="a desk to stand"
        ),
        pytest.param(
            "on.power", AIR_CON, {}, {}, (("mode", "cool"),), id="what cools is switched on to cool"
        ),
        pytest.param("on.swing", AIR_CON, {}, {}, (("swing", "vertical"),), id="swing by choice"),
        pytest.param("off.swing", AIR_CON, {}, {}, (("swing", "off"),), id="swing off by choice"),
        pytest.param(
            "lower.temperature",
            AIR_CON,
            {"mode": "off", "temperature": 24},
            {},
            (("mode", "cool"), ("temperature", 23)),
            id="too hot",
        ),
        pytest.param(
            "set.speed",
            replace(AIR_CON, features=(*AIR_CON.features, choice("fan", "speed", "auto,low,high"))),
            {"mode": "cool"},
            {"amount": degrees(19, ""), "text": "aircon to nineteen"},
            (("temperature", 19),),
            id="no level of the fan but degrees",
        ),
        pytest.param(
            "set.unsaid",
            STANDING,
            {},
            {"amount": Amount(0.9, "m")},
            (("height", 90),),
            id="metres in centimetres",
        ),
        pytest.param("set.unsaid", STANDING, {}, {"amount": Amount(105)}, (("height", 105),), id="plain cm"),
        pytest.param("set.unsaid", STANDING, {}, {"amount": Amount(2, "m")}, "near", id="two metres"),
        pytest.param(
            "set.position",
            STANDING,
            {},
            {"text": "desk into standing position"},
            (("preset", "stand"),),
            id="standing",
        ),
        pytest.param(
            "set.position",
            STANDING,
            {},
            {"options": ("sitting position",)},
            (("preset", "sit"),),
            id="sitting position",
        ),
        pytest.param(
            "set.unsaid", STANDING, {}, {"text": "make the desk stand"}, (("preset", "stand"),), id="stand"
        ),
        pytest.param(
            "set.volume", WALLBOX, {}, {"amount": Amount(10, "A")}, (("current", 10),), id="counted in amps"
        ),
        pytest.param("set.brightness", LAMP, {}, {"amount": Amount(10, "A")}, "near", id="a lamp in amps"),
        pytest.param(
            "set.position",
            WHITE,
            {},
            {"amount": percent(100), "text": "the lamp to 100 percent"},
            (("brightness", 254),),
            id="not the position of a lamp",
        ),
        pytest.param(
            "set.speed",
            WHITE,
            {},
            {"amount": percent(100), "text": "speed to 100 percent"},
            None,
            id="a lamp has no speed",
        ),
        pytest.param(
            "raise.unsaid",
            STANDING,
            {"height": 72},
            {"amount": Amount(10, "cm", relative=True)},
            (("height", 82),),
            id="ten centimetres up",
        ),
        pytest.param(
            "close.position",
            STANDING,
            {},
            {"options": ("sitting position",)},
            (("preset", "sit"),),
            id="down to sitting",
        ),
        pytest.param(
            "off.power",
            LEVEL_FAN,
            {},
            {"options": ("auto",), "text": "fan on auto"},
            (("state", False),),
            id="a speed is no mode",
        ),
        pytest.param(
            "off.power",
            TRV,
            {},
            {"options": ("eco",), "text": "radiator on eco"},
            (("preset", "eco"),),
            id="on a mode is not off",
        ),
        pytest.param("start.run", PORTIONS, {}, {"quantity": "two"}, (("feed", 2),), id="two by quantity"),
        pytest.param(
            "start.run",
            VACUUM,
            {"power": True},
            {"text": "start it with the edge program"},
            (("program", "edge"), ("run", "start")),
            id="a program that no slot tells",
        ),
        pytest.param("start.run", PORTIONS, {}, {}, (("feed", 1),), id="one portion"),
        pytest.param(
            "start.run", PORTIONS, {}, {"amount": degrees(2, "")}, (("feed", 2),), id="two portions"
        ),
        pytest.param("start.run", PORTIONS, {}, {"amount": degrees(9, "")}, "near", id="nine portions"),
        pytest.param(
            "on.power",
            BLANKET,
            {},
            {"duration_s": 1800.0},
            (("power", True), ("timer", 30)),
            id="on for a time",
        ),
        pytest.param(
            "start.run",
            DUSTY,
            {},
            {"options": ("spot clean",)},
            (("clean_spot", True),),
            id="a trigger by its name in another order",
        ),
        pytest.param("off.power", TRV, {}, {}, (("system_mode", "off"),), id="off by the mode that has it"),
        pytest.param("on.mode", TRV, {}, {"options": ("boost",)}, (("preset", "boost"),), id="boost on"),
        pytest.param("off.mode", TRV, {}, {"options": ("boost",)}, (("preset", "none"),), id="boost off"),
        pytest.param(
            "on.mode", TRV, {}, {"options": ("child lock",)}, (("child_lock", True),), id="child lock"
        ),
        pytest.param(
            "set.speed",
            HA_FAN,
            {},
            {"amount": degrees(2, "")},
            (("percentage", 67),),
            id="level of per cents",
        ),
        pytest.param(
            "start.run",
            LITTER,
            {},
            {"text": "empty the litter box"},
            (("command", "empty"),),
            id="a task said",
        ),
        pytest.param(
            "start.run",
            VALVE,
            {},
            {"duration_s": 600.0},
            (("t", 10), ("1", True), ("2", True)),
            id="for ten minutes",
        ),
        pytest.param("start.run", VALVE, {}, {"text": "water the lawn"}, (("2", True),), id="one zone"),
        pytest.param("start.run", LAMP, {}, {}, None, id="a lamp has nothing to start"),
        pytest.param(
            "play.media",
            RADIO,
            {"state": False},
            {"title": "jazz fm"},
            (("state", True), ("preset", "Jazz FM")),
            id="a station",
        ),
        pytest.param(
            "set.brightness", BULB, {}, {"amount": percent(30)}, (("level", 0.3),), id="a bulb from 0 to 1"
        ),
        pytest.param(
            "set.brightness", BULB, {}, {"amount": degrees(30, "")}, (("level", 0.3),), id="30 of 0 to 1"
        ),
        pytest.param(
            "raise.brightness", BULB, {"level": 0.5}, {}, (("level", 0.65),), id="brighter of 0 to 1"
        ),
        pytest.param(
            "toggle.position", BLINDS, {"position": 0}, {}, (("position", 100),), id="the other of closed"
        ),
        pytest.param("off.volume", TV, {}, {}, (("mute", True),), id="sound off"),
        pytest.param("next.source", TV, {"input": "tuner"}, {}, (("input", "hdmi1"),), id="the next input"),
        pytest.param(
            "open.position",
            BLINDS,
            {"position": 0},
            {"amount": more(small=True)},
            (("position", 13),),
            id="a crack",
        ),
        pytest.param(
            "open.position",
            BLINDS,
            {},
            {"amount": Amount(share=0.25, relative=True)},
            (("position", 25),),
            id="up a quarter",
        ),
    ],
)
def test_things_that_are_built_otherwise(
    want: str, device: Device, values: dict[str, Held], said: dict[str, object], expected: object
) -> None:
    check(aimed(want, device, values, **said), expected)


@pytest.mark.parametrize(
    ("device", "said", "expected"),
    [
        (TV, {"title": "hunger games"}, {"kind": "movie", "title": "hunger games"}),
        (TV, {"title": "some jazz"}, {"kind": "music", "title": "some jazz"}),
        (TV, {"title": "frozen", "media": "watch"}, {"kind": "movie", "title": "frozen"}),
        (SPEAKER, {"title": "harry potter"}, {"kind": "music", "title": "harry potter"}),
        (SPEAKER, {"title": "the hobbit", "media": "listen"}, {"kind": "music", "title": "the hobbit"}),
        (SPEAKER, {"title": "radio four", "media": "listen"}, {"kind": "radio", "title": "radio four"}),
        (SPEAKER, {"title": "radio four"}, {"kind": "radio", "title": "radio four"}),
        (SPEAKER, {"title": "space", "media": "podcast"}, {"kind": "podcast", "title": "space"}),
        (SPEAKER, {"media": "radio"}, {"kind": "radio"}),
        (SPEAKER, {"media": "news"}, {"kind": "radio", "title": "news"}),
        (SPEAKER, {"title": "frozen", "media": "movie"}, None),
        (SPEAKER, {"title": "frozen", "media": "watch"}, None),
    ],
)
def test_played(device: Device, said: dict[str, object], expected: dict[str, str] | None) -> None:
    found = aimed("play.media", device, {}, **said)
    assert isinstance(found, tuple)
    if expected is None:
        assert found[0] == 2
    else:
        ((key, text),) = found
        assert (key, json.loads(text)) == ("media", expected)


def test_play_with_nothing_said_goes_on() -> None:
    assert aimed("play.media", SPEAKER) == (("playback", "play"),)


def test_a_tv_that_is_off_is_switched_on_to_play() -> None:
    found = aimed("play.media", TV, {"power": False}, title="frozen")
    assert isinstance(found, tuple)
    assert found[0] == ("power", True)


@pytest.mark.parametrize(
    ("want", "device", "said", "words"),
    [
        ("set.temperature", OVEN, {"amount": degrees(900)}, "the wall oven goes from 30 to 280 degrees"),
        ("start.run", WASHER, {"options": ("wool",)}, "it has cotton, delicates, quick and eco"),
        ("start.run", COFFEE, {}, "which one: coffee, espresso and cappuccino"),
        ("set.color", WHITE, {"color": "#00ff00"}, "the white lamp can only be warm or cool white"),
        ("lock.lock", LAMP, {}, "the lamp has no lock"),
    ],
)
def test_what_cannot_be_is_said_plainly(
    want: str, device: Device, said: dict[str, object], words: str
) -> None:
    found = aimed(want, device, {}, **said)
    assert isinstance(found, tuple)
    assert words in found[1]
