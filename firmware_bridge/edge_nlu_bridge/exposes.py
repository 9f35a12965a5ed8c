"""Read what a Zigbee device exposes as features of the home.

Zigbee2MQTT describes each device by a list: lights, covers and locks with their own features, and single
values named by the vendor's converter. What their names mean here is in the tables below; a value with a
name that is in none of them stays as it is, and whoever knows the home better may say what it is. What only
serves to set a device up (what a lamp does after a power cut) is left out: nobody should say it by accident.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from edge_nlu.values import Feature, FeatureKind, Held
from edge_nlu_bridge import colors
from edge_nlu_bridge.payloads import (
    as_choice,
    as_held,
    as_list,
    as_mapping,
    as_number,
    as_switch,
    as_text,
    exact,
    fits,
    json_of,
)

SPECIFIC = ("light", "cover", "lock", "climate", "fan", "switch")

SETTING_WORDS = """
    action actions adaptation algorithm backlight ballast behavior calibrate calibrated calibration clear
    compensation config consumer control count deadband deadzone debug delay detach detection device
    device_mode dimming direction display distance effect_color effect_speed enable enabled enablement factor
    frequency gradient group hysteresis identify inching indicator interval invert last led limit linkquality
    load location max maximum min minimum motor name network operation_mode options orientation outage pairing
    pin programming protect protection pulse pwm radar ramp range record relay reporting reset reversal scale
    scene schedule seen sensitivity sensor set setback setup startup switch_mode threshold timeout transition
    type unit units unoccupied update version weekly wiring
"""
SETTINGS = frozenset(SETTING_WORDS.split())
"""Words in the names of what sets a device up or tells how it does, and is nothing to people at home."""

KEPT = frozenset(
    {"battery", "battery_low", "child_lock", "keypad_lockout", "turbo_mode", "eco_mode", "boost"}
)
"""What people do speak of though the converter files it under settings."""

MEANINGS: Mapping[str, str] = {
    "state": "power",
    "brightness": "brightness",
    "position": "position",
    "contact": "position",
    "temperature": "temperature",
    "humidity": "humidity",
    "moisture": "humidity",
    "illuminance": "brightness",
    "occupancy": "presence",
    "presence": "presence",
    "motion": "presence",
    "leak": "leak",
    "smoke": "smoke",
    "gas": "smoke",
    "monoxide": "smoke",
    "battery": "battery",
    "co2": "air",
    "voc": "air",
    "pm25": "air",
    "pm10": "air",
    "formaldehyd": "air",
    "power": "energy",
    "energy": "energy",
    "setpoint": "temperature",
    "timer": "timer",
    "mode": "mode",
    "preset": "mode",
    "lock": "mode",
    "speed": "speed",
    "oscillation": "swing",
    "countdown": "timer",
    "volume": "volume",
}
"""The ontology's property by the last word of a name; words before it name a part, as in `soil_moisture`."""

NAMED: Mapping[str, str] = {
    "color_temp": "color",
    "lock_state": "lock",
    "running_state": "status",
    "running_mode": "status",
    "fan_mode": "speed",
    "swing_mode": "swing",
    "air_quality": "air",
    "voc_index": "air",
    "illuminance_lux": "brightness",
    "carbon_monoxide": "smoke",
    "water_leak": "leak",
}

PLAIN_WORDS = frozenset(
    (
        "ac",
        "carbon",
        "current",
        "fan",
        "heating",
        "local",
        "occupied",
        "system",
        "target",
        "temperature",
        "water",
    )
)
"""Words before the last one that name no part of the device."""

EXPECTED: Mapping[str, tuple[FeatureKind, ...]] = {
    "power": ("switch",),
    "presence": ("switch",),
    "leak": ("switch",),
    "smoke": ("switch",),
    "position": ("switch", "number"),
    "air": ("number", "choice"),
    "mode": ("switch", "choice"),
    "speed": ("number", "choice"),
    "swing": ("switch", "choice"),
}
"""What holds such a property, where it is not a number."""

WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
LEVELS = frozenset({"low", "medium", "high"})
LOCKED = {"locked": True, "unlocked": False, "not_fully_locked": False}
PUBLISHED, SETTABLE, GETTABLE = 1, 2, 4


@dataclass(frozen=True, slots=True)
class Channel:
    """A feature, and how the device writes what it holds in the JSON of its state."""

    feature: Feature
    true: object = True
    false: object = False
    written: tuple[object, ...] = ()
    space: str = ""
    gettable: bool = False

    def read(self, value: object) -> Held | None:
        """Return what a value of the state means; None when it makes no sense or is not known."""
        feature = self.feature
        if feature.key == "lock_state":
            return LOCKED.get(as_text(value))
        if feature.kind == "color":
            return _color(as_mapping(value))
        if feature.kind == "switch":
            if value == self.true and type(value) is type(self.true):
                return True
            if value == self.false and type(value) is type(self.false):
                return False
            held = as_switch(value)
            return not held if self.true is False and held is not None else held
        return as_held(feature, value)

    def write(self, held: Held) -> object:
        """Return what tells the device; None when it cannot be told that."""
        feature = self.feature
        if not fits(feature, held):
            return None
        if feature.kind == "switch":
            return self.true if held else self.false
        if feature.kind == "color":
            return self._written_color(held)
        if feature.choices:
            choice = as_choice(held, feature.choices)
            return self.written[feature.choices.index(choice)] if choice is not None else None
        return exact(held) if isinstance(held, float | int) else held

    def question(self) -> object:
        """Return what asks for this value in a `/get`."""
        if self.feature.kind != "color":
            return ""
        return {"x": "", "y": ""} if self.space == "xy" else {"hue": "", "saturation": ""}

    def _written_color(self, held: Held) -> object:
        if not isinstance(held, str) or not colors.is_hex(held):
            return None
        if self.space == "xy":
            x, y = colors.xy_of(held)
            return {"x": x, "y": y}
        hue, saturation = colors.hs_of(held)
        return {"hue": exact(hue), "saturation": exact(saturation)}


@dataclass(frozen=True, slots=True)
class Exposed:
    """What a device exposes: its channels by key, and what sort of thing it is."""

    channels: Mapping[str, Channel]
    types: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[Feature, ...]:
        """Return the features in the order exposed."""
        return tuple(channel.feature for channel in self.channels.values())


@lru_cache(maxsize=512)
def read_exposes(exposes: str, description: str = "") -> Exposed:
    """Return what a list of exposes, as JSON text, says; devices of one model share the answer."""
    items = [as_mapping(item) for item in as_list(json_of(exposes))]
    specific = [item for item in items if item.get("type") in SPECIFIC]
    # "turn on the fan" needs a part where the lamp in it has a switch of its own
    sorts = {as_text(item["type"]) for item in specific}
    channels: dict[str, Channel] = {}
    for item in sorted(items, key=lambda item: item.get("type") not in SPECIFIC):
        for channel in _channels(item, named_parts={"light", "fan"} <= sorts):
            channels.setdefault(channel.feature.key, channel)
    channels = _one_setpoint(channels)
    return Exposed(channels, _types(specific, channels, description))


def _channels(item: Mapping[str, object], *, named_parts: bool) -> Iterator[Channel]:
    sort = as_text(item.get("type"))
    if sort not in SPECIFIC:
        channel = _channel(item, "", "")
        if channel is not None:
            yield channel
        return
    part = as_text(item.get("endpoint")).replace("_", " ") or (sort if named_parts else "")
    for feature in as_list(item.get("features")):
        channel = _channel(as_mapping(feature), sort, part)
        if channel is not None:
            yield channel


def _channel(item: Mapping[str, object], sort: str, part: str) -> Channel | None:
    name, key = as_text(item.get("name")), as_text(item.get("property"))
    access = item.get("access")
    if not name or not key or not isinstance(access, int):
        return None
    if sort == "switch" and name == "state" and not key.startswith("state"):
        name = key  # a switch that is a function of the device, "away_mode"
    kind = _kind(item, sort, access)
    if kind is None or _is_setting(name) or (item.get("category") and name not in KEPT):
        return None
    endpoint = as_text(item.get("endpoint")).replace("_", " ")
    prop, said_part = _meaning(name, sort, kind, settable=bool(access & SETTABLE))
    feature = Feature(
        key=key,
        kind=kind,
        property=prop,
        name=" ".join(_words(name)),
        part=part or endpoint or said_part,
        settable=bool(access & SETTABLE),
        readable=bool(access & (PUBLISHED | GETTABLE)),
        unit=as_text(item.get("unit")),
    )
    return _filled(feature, item, gettable=bool(access & GETTABLE))


def _kind(item: Mapping[str, object], sort: str, access: int) -> FeatureKind | None:
    match item.get("type"):
        case "binary":
            return "switch"
        case "numeric":
            return "number"
        case "enum":
            if item.get("name") == "lock_state":
                return "switch"
            return "choice" if access & (PUBLISHED | GETTABLE) else "trigger"
        case "text":
            return "text"
        case "composite" if sort == "light" and as_text(item.get("name")).startswith("color_"):
            return "color"
        case _:
            return None


def _filled(feature: Feature, item: Mapping[str, object], *, gettable: bool) -> Channel:
    """Return the channel with its bounds, choices and spellings."""
    if feature.kind == "number":
        low, high = as_number(item.get("value_min")), as_number(item.get("value_max"))
        step = as_number(item.get("value_step"))
        return Channel(replace(feature, low=low, high=high, step=step), gettable=gettable)
    if feature.kind in ("choice", "trigger"):
        spelled = {_spelled(value): value for value in as_list(item.get("values")) if _spelled(value)}
        feature = replace(feature, choices=tuple(spelled))
        if feature.property == "speed" and not LEVELS & set(feature.choices):
            feature = replace(feature, property="mode")
        return Channel(feature, written=tuple(spelled.values()), gettable=gettable)
    if feature.kind == "color":
        return Channel(feature, space="hs" if item.get("name") == "color_hs" else "xy", gettable=gettable)
    true, false = item.get("value_on", True), item.get("value_off", False)
    if feature.property == "position" and feature.key.startswith("contact"):
        true, false = False, True  # in contact is closed
    return Channel(feature, true, false, gettable=gettable)


def _spelled(value: object) -> str:
    """Return a choice as people may say it; a shout is no word."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    word = str(value)
    return word.lower() if word.isupper() else word


def _meaning(name: str, sort: str, kind: FeatureKind, *, settable: bool) -> tuple[str, str]:
    """Return the property that a name stands for, and the part of the device that it speaks of."""
    if sort == "lock" and name == "state":
        return "lock", ""
    if sort == "cover" and name == "state":
        return "position", ""
    if sort == "fan" and name == "mode":
        return "speed", ""
    if kind == "color":
        return "color", ""
    if name in NAMED:
        return NAMED[name], ""
    *before, last = _words(name)
    prop = MEANINGS.get(last, "")
    if not prop or _is_odd(prop, name, before, kind, settable=settable):
        return "", ""
    return prop, "" if prop == "mode" else " ".join(word for word in before if word not in PLAIN_WORDS)


def _is_odd(prop: str, name: str, before: list[str], kind: FeatureKind, *, settable: bool) -> bool:
    """Return whether a name only looks as if it meant this property."""
    if kind not in EXPECTED.get(prop, ("number",)):
        return True
    last = name.rpartition("_")[2]
    if prop == "temperature" and settable:
        # `eco_temperature` is what a mode aims at; the one that is wanted now is called so
        return not PLAIN_WORDS.union({"cooling"}).issuperset(before)
    if prop == "temperature":
        return last == "setpoint" or "target" in before
    if last == "position" or (settable and prop in ("power", "brightness", "battery")):
        return bool(before)
    return prop == "speed" and "effect" in before


def _one_setpoint(channels: dict[str, Channel]) -> dict[str, Channel]:
    """Return the channels with one wanted temperature for each part: some devices tell it in two ways."""
    seen: set[tuple[str, str]] = set()
    kept: dict[str, Channel] = {}
    for key, channel in channels.items():
        feature = channel.feature
        if feature.property == "temperature" and feature.settable:
            if feature.part == "cooling" and not any(part == "" for _, part in seen):
                channel = replace(channel, feature=replace(feature, part=""))
            place = ("temperature", channel.feature.part)
            if place in seen:
                continue
            seen.add(place)
        kept[key] = channel
    return kept


def _types(
    specific: list[Mapping[str, object]], channels: Mapping[str, Channel], description: str
) -> tuple[str, ...]:
    """Return what sort of thing it is: as its list says, by what it senses, by the words it is sold with."""
    named = [as_text(item["type"]) for item in specific if not _is_setting(_switched(item))]
    if not any(channel.feature.settable for channel in channels.values()):
        named.append("sensor")
    senses = [
        channel.feature.key.replace("_", "-")
        for channel in channels.values()
        if channel.feature.property in ("position", "presence", "leak", "smoke", "air")
        and not channel.feature.settable
    ]
    sold_as = [word.lower() for word in re.findall(r"\b[A-Za-z]{3,}\b", description)]
    return tuple(dict.fromkeys([*named, *senses, *sold_as]))[:12]


def _switched(item: Mapping[str, object]) -> str:
    """Return the name of what a switch switches, `state` for the device itself."""
    if item.get("type") != "switch":
        return "state"
    keys = [as_text(as_mapping(feature).get("property")) for feature in as_list(item.get("features"))]
    return next((key for key in keys if not key.startswith("state")), "state")


def _is_setting(name: str) -> bool:
    return name not in KEPT and (name in SETTINGS or not SETTINGS.isdisjoint(_words(name)))


def _words(name: str) -> list[str]:
    return [word.lower() for word in WORDS.findall(name)] or [name]


def _color(value: Mapping[str, object]) -> str | None:
    """Return the colour of a lamp, however it is told."""
    x, y = as_number(value.get("x")), as_number(value.get("y"))
    if x is not None and y is not None:
        return colors.hex_of_xy(x, y)
    hue, saturation = as_number(value.get("hue")), as_number(value.get("saturation"))
    if hue is not None and saturation is not None:
        return colors.hex_of_hs(hue, saturation)
    return None
