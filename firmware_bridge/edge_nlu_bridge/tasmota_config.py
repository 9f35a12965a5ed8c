"""Read what a Tasmota device is: its relays, lights and shutters, and the sensors in its reports.

Its discovery message says which outputs it has and how its topics are made up. Sensors are not listed
there: what a report holds is found when it is first seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from sys import intern

from edge_nlu.values import Feature, Held
from edge_nlu_bridge import colors
from edge_nlu_bridge.payloads import (
    as_choice,
    as_held,
    as_list,
    as_mapping,
    as_number,
    as_switch,
    as_text,
    fits,
    json_of,
)

RELAY, LIGHT, SHUTTER = 1, 2, 3
WHITES, COLORS = (2, 5), (3, 4, 5)
"""Subtypes of lights that know warm and cold white, and those that know colours."""

GROUPS = frozenset({"tasmotas", "sonoffs"})
"""Topics that reach every device at once; a device that claims one is not told anything."""

MAKE = ("rl", "fn", "state", "so", "lt_st", "if", "ty", "sho")
"""The fields of a discovery message that tell what a device can do; one relay alone needs no name."""

INVERTED = 1
MOVES = {"open": "ShutterOpen", "close": "ShutterClose", "stop": "ShutterStop"}

SENSED: Mapping[str, tuple[str, str]] = {
    "Temperature": ("temperature", "°C"),
    "Humidity": ("humidity", "%"),
    "Illuminance": ("brightness", "lx"),
    "Power": ("energy", "W"),
    "Total": ("energy", "kWh"),
    "CarbonDioxide": ("air", "ppm"),
    "eCO2": ("air", "ppm"),
    "TVOC": ("air", "ppb"),
    "PM2.5": ("air", "µg/m³"),
    "PM10": ("air", "µg/m³"),
    "AirQuality": ("air", "%"),
    "Moisture": ("humidity", "%"),
}
"""What a sensor's value is called, the ontology's property for it, and its unit."""


CHIPS = frozenset({"ESP32", "ESP8266"})
"""They measure how warm they are themselves."""


@dataclass(frozen=True, slots=True)
class Output:
    """A feature, the command that sets it, and how its value is written."""

    feature: Feature
    command: str
    true: str = "ON"
    false: str = "OFF"
    inverted: bool = False

    def read(self, value: object) -> Held | None:
        """Return what a value of a report means; None when it makes no sense or is not known."""
        feature = self.feature
        if feature.kind == "switch":
            return {self.true: True, self.false: False}.get(as_text(value), as_switch(value))
        if feature.kind == "color":
            numbers = [as_number(part) for part in as_text(value).split(",")]
            hue, saturation = (*numbers, None, None)[:2]
            return colors.hex_of_hs(hue, saturation) if hue is not None and saturation is not None else None
        if self.inverted:
            number = as_number(value)
            return 100 - number if number is not None else None
        return as_held(feature, value)

    def write(self, held: Held) -> tuple[tuple[str, str], ...]:
        """Return the commands that tell it, each with what it says; none when it cannot be told that."""
        feature = self.feature
        if not fits(feature, held):
            return ()
        if feature.kind == "color":
            if not isinstance(held, str) or not colors.is_hex(held):
                return ()
            hue, saturation = colors.hs_of(held)
            # one by one, so that the brightness stays
            return ((f"{self.command}1", str(round(hue))), (f"{self.command}2", str(round(saturation))))
        if feature.choices:
            choice = as_choice(held, feature.choices)
            return ((f"{MOVES[choice]}{self.command}", ""),) if choice is not None else ()
        if feature.kind == "switch":
            return ((self.command, self.true if held else self.false),)
        if isinstance(held, str):
            return ()
        number = round(held)
        return ((self.command, str(100 - number if self.inverted else number)),)


@dataclass(frozen=True, slots=True)
class Config:
    """What a discovery message says: names, topics up to their last part, and outputs by key."""

    name: str
    topic: str
    cmnd: str
    stat: str
    tele: str
    online: str = "Online"
    offline: str = "Offline"
    switches: tuple[str, ...] = ()
    outputs: Mapping[str, Output] = field(default_factory=dict)
    types: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


def read_config(said: Mapping[str, object]) -> Config | None:
    """Return what a discovery message says; None where it lacks what it takes to reach the device."""
    topic, full = as_text(said.get("t")), as_text(said.get("ft"))
    prefixes = [as_text(prefix) for prefix in as_list(said.get("tp"))]
    if not topic or topic in GROUPS or len(prefixes) != 3 or "%prefix%" not in full:
        return None
    mac = as_text(said.get("mac"))
    for mark, word in (("%topic%", topic), ("%hostname%", as_text(said.get("hn"))), ("%id%", mac[-6:])):
        full = full.replace(mark, word)
    cmnd, stat, tele = (full.replace("%prefix%", prefix).rstrip("/") + "/" for prefix in prefixes)
    if len({cmnd, stat, tele}) < 3 or any(set(path) & {"+", "#", "%", "\0"} for path in (cmnd, stat, tele)):
        return None
    if not GROUPS.isdisjoint(cmnd.split("/")):
        return None
    several = len([relay for relay in as_list(said.get("rl")) if relay]) > 1
    named = [said.get(name) if several or name != "fn" else None for name in MAKE]
    made, types = _read_make(json.dumps(named))
    name = as_text(said.get("dn")) or topic
    friendly = [as_text(each) for each in as_list(said.get("fn"))]
    return Config(
        name=name,
        topic=topic,
        cmnd=cmnd,
        stat=stat,
        tele=tele,
        online=intern(as_text(said.get("onln")) or "Online"),
        offline=intern(as_text(said.get("ofln")) or "Offline"),
        switches=tuple(as_text(name) for name in as_list(said.get("swn"))),
        outputs=made,
        types=types,
        # with one output its name is the device's, where people gave it one
        aliases=tuple(each for each in friendly[:1] if "POWER" in made and each not in ("", "Tasmota", name)),
    )


@lru_cache(maxsize=256)
def _read_make(fields: str) -> tuple[Mapping[str, Output], tuple[str, ...]]:
    """Return outputs and types by the fields that tell them, as JSON text; devices of one make share them."""
    said = dict(zip(MAKE, as_list(json_of(fields)), strict=True))
    outputs = {output.feature.key: output for output in _outputs(said)}
    return outputs, tuple(_types(said, outputs))


def _outputs(said: Mapping[str, object]) -> Iterator[Output]:
    """Return what can be switched or set."""
    relays = [relay if isinstance(relay, int) else 0 for relay in as_list(said.get("rl"))][:32]
    names = [as_text(name) for name in as_list(said.get("fn"))]
    texts = [as_text(text) for text in as_list(said.get("state"))]
    off, on = texts[:2] if len(texts) >= 2 and all(texts[:2]) else ("OFF", "ON")
    switched = [index for index, relay in enumerate(relays) if relay in (RELAY, LIGHT)]
    fan = as_switch(said.get("if")) is True
    for index in switched:
        if fan and index > 0:
            continue  # the relays of a ceiling fan are its speeds
        alone = index == 0 and len([relay for relay in relays if relay]) == 1
        key = "POWER" if alone else f"POWER{index + 1}"
        name = names[index] if index < len(names) else ""
        part = "" if alone else "light" if fan else name or str(index + 1)
        yield Output(Feature(key, "switch", "power", "power", part, settable=True), key, on, off)
    if fan:
        speed = Feature("FanSpeed", "number", "speed", "speed", settable=True, low=0, high=3, step=1)
        yield Output(speed, "FanSpeed")
    lights = [index for index in switched if relays[index] == LIGHT]
    if lights:
        yield from _lights(said, lights)
    yield from _shutters(said, relays.count(SHUTTER))


def _lights(said: Mapping[str, object], lights: list[int]) -> Iterator[Output]:
    """Return brightness, white and colour of the light that a device is."""
    subtype, options = said.get("lt_st"), as_mapping(said.get("so"))
    percent = Feature(
        "Dimmer", "number", "brightness", "brightness", settable=True, unit="%", low=0, high=100
    )
    if as_switch(options.get("68")) is True:
        for index in lights:
            key = f"Channel{index + 1}"
            yield Output(
                Feature(key, "number", "brightness", "brightness", str(index + 1), True, True, "%", 0, 100),
                key,
            )
        return
    if subtype == 0:
        return
    yield Output(percent, "Dimmer3" if as_switch(said.get("ty")) is True else "Dimmer")
    if subtype in WHITES:
        reduced = as_switch(options.get("82")) is True
        low, high = (200, 380) if reduced else (153, 500)
        yield Output(
            Feature("CT", "number", "color", "white", settable=True, unit="mired", low=low, high=high), "CT"
        )
    if subtype in COLORS:
        yield Output(Feature("HSBColor", "color", "color", "color", settable=True), "HSBColor")


def _shutters(said: Mapping[str, object], relays: int) -> Iterator[Output]:
    """Return the shutters; each takes two relays, one to open and one to close."""
    options = as_list(said.get("sho"))
    count = max(relays // 2, min(relays, 1))
    for index in range(count):
        number = str(index + 1)
        part = number if count > 1 else ""
        option = options[index] if index < len(options) else 0
        inverted = isinstance(option, int) and bool(option & INVERTED)
        position = Feature(
            f"Shutter{number}/Position", "number", "position", "position", part, True, True, "%", 0, 100
        )
        yield Output(position, f"ShutterPosition{number}", inverted=inverted)
        moves = Feature(
            f"Shutter{number}/Move", "choice", "position", "move", part, True, False, choices=tuple(MOVES)
        )
        yield Output(moves, number)


def _types(said: Mapping[str, object], outputs: Mapping[str, Output]) -> Iterator[str]:
    relays = as_list(said.get("rl"))
    if as_switch(said.get("if")) is True:
        yield "fan"
    if SHUTTER in relays:
        yield "cover"
    if LIGHT in relays or as_switch(as_mapping(said.get("so")).get("30")) is True:
        yield "light"
    if RELAY in relays:
        yield "switch"
    if not outputs:
        yield "sensor"


def sensed(report: Mapping[str, object], switches: tuple[str, ...]) -> Iterator[tuple[Feature, object]]:
    """Return the features that a report of sensors holds, with their values."""
    fahrenheit = report.get("TempUnit") == "F"
    for sensor, values in report.items():
        if isinstance(values, dict) and sensor not in CHIPS:
            for name, value in values.items():
                prop, unit = SENSED.get(name, ("", ""))
                if prop and len(sensor) <= 40 and not isinstance(value, list | dict):
                    unit = "°F" if name == "Temperature" and fahrenheit else unit
                    label = "used in all" if name == "Total" else prop
                    part = "" if sensor == "ENERGY" else sensor
                    yield Feature(f"{sensor}/{name}", "number", prop, label, part, unit=unit), value
        elif sensor.startswith("Switch") and sensor[6:].isdecimal() and len(sensor) <= 8:
            index = int(sensor[6:]) - 1
            name = switches[index] if 0 <= index < len(switches) else ""
            yield Feature(sensor, "switch", "", name or sensor.lower()), values
