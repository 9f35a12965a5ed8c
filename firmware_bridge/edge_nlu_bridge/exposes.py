"""Read what a Zigbee device exposes as features of the home.

Zigbee2MQTT describes each device by a list: lights, covers and locks with their own features, and single
values named by their maker. A value whose name means nothing yet stays as it is, for whoever knows the home
better. What only serves to set a device up is left out: nobody should say it by accident.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from edge_nlu.values import Feature, FeatureKind, Held
from edge_nlu_bridge import colors
from edge_nlu_bridge.payloads import (
    as_bounds,
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
from edge_nlu_bridge.zigbee_names import KEPT, is_setting, meaning, words

SPECIFIC = ("light", "cover", "lock", "climate", "fan", "switch")

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
    sorts = {as_text(item["type"]) for item in specific if _switched(item) == "state"}
    channels: dict[str, Channel] = {}
    for item in sorted(items, key=lambda item: item.get("type") not in SPECIFIC):
        for channel in _channels(item, named_parts="fan" in sorts and len(sorts) > 1):
            channels.setdefault(channel.feature.key, channel)
    if specific:
        channels = _known_of(channels)
    channels = _one_setpoint(channels)
    return Exposed(channels, _types(specific, channels, description))


def _channels(item: Mapping[str, object], *, named_parts: bool) -> Iterator[Channel]:
    sort = as_text(item.get("type"))
    if sort not in SPECIFIC:
        channel = _channel(item, "", "")
        if channel is not None:
            yield channel
        return
    for feature in map(as_mapping, as_list(item.get("features"))):
        own = sort if named_parts and feature.get("name") == "state" else ""
        channel = _channel(feature, sort, _endpoint(item) or own)
        if channel is not None:
            yield channel


def _channel(item: Mapping[str, object], sort: str, part: str) -> Channel | None:
    name, key = as_text(item.get("name")), as_text(item.get("property"))
    access = item.get("access")
    if not name or not key or not isinstance(access, int):
        return None
    if sort in ("switch", "lock") and name == "state" and _is_function(key):
        name = key  # a switch that is a function of the device, "away_mode", "child_lock"
    kind = _kind(item, sort, access)
    if kind is None or is_setting(name) or (item.get("category") and name not in KEPT):
        return None
    prop, said_part = _meaning(name, sort, kind, settable=bool(access & SETTABLE))
    feature = Feature(
        key=key,
        kind=kind,
        property=prop,
        name=" ".join(words(name)),
        part=part or _endpoint(item) or said_part,
        settable=bool(access & SETTABLE),
        readable=bool(access & (PUBLISHED | GETTABLE)),
        unit=as_text(item.get("unit")),
    )
    return _filled(feature, item, gettable=bool(access & GETTABLE))


def _endpoint(item: Mapping[str, object]) -> str:
    return as_text(item.get("endpoint")).replace("_", " ")


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
        low, high = as_bounds(item.get("value_min"), item.get("value_max"))
        step = as_number(item.get("value_step"))
        return Channel(replace(feature, low=low, high=high, step=step), gettable=gettable)
    if feature.kind in ("choice", "trigger"):
        spelled = {_spelled(value): value for value in as_list(item.get("values")) if _spelled(value)}
        if not spelled:
            return Channel(replace(feature, kind="text", property=""), gettable=gettable)
        feature = replace(feature, choices=tuple(spelled))
        if (
            feature.property == "speed"
            and not LEVELS & set(feature.choices)
            and not _is_counted(feature.choices)
        ):
            feature = replace(feature, property="mode")
        if feature.property == "mode" and _is_coded(feature.choices):
            feature = replace(feature, property="")
        return Channel(feature, written=tuple(spelled.values()), gettable=gettable)
    if feature.kind == "color":
        return Channel(feature, space="hs" if item.get("name") == "color_hs" else "xy", gettable=gettable)
    true, false = item.get("value_on", True), item.get("value_off", False)
    if feature.property == "position" and feature.name.endswith("contact"):
        true, false = False, True  # in contact is closed
    return Channel(feature, true, false, gettable=gettable)


def _is_counted(choices: Sequence[str]) -> bool:
    """Return whether choices are levels by number: "1", "2", "3", and perhaps off and auto."""
    return {"1", "2", "3"} <= set(choices)


def _is_coded(choices: Sequence[str]) -> bool:
    """Return whether choices are numbers that only their maker understands."""
    return bool(choices) and not any(map(str.isalpha, "".join(choices)))


def _spelled(value: object) -> str:
    """Return a choice as people may say it; a shout is no word."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    word = str(value)
    return word.lower() if word.isupper() else word


def _meaning(name: str, sort: str, kind: FeatureKind, *, settable: bool) -> tuple[str, str]:
    """Return the property and the part that a value speaks of, by the sort of thing it belongs to."""
    own = {("lock", "state"): "lock", ("cover", "state"): "position", ("fan", "mode"): "speed"}
    if (sort, name) in own:
        return own[sort, name], ""
    return ("color", "") if kind == "color" else meaning(name, kind, settable=settable)


def _known_of(channels: dict[str, Channel]) -> dict[str, Channel]:
    """Return the channels of a light, a lock, a thermostat: what its main features leave over is beside them.

    A switch more is a mode of it ("boost heating"), a number more only about how it does its work.
    """
    kept: dict[str, Channel] = {}
    for key, channel in channels.items():
        feature = channel.feature
        if feature.settable and not feature.property and key != "tilt":
            if feature.kind in ("number", "text") or _is_coded(feature.choices):
                continue
            channel = replace(channel, feature=replace(feature, property="mode"))
        kept[key] = channel
    return kept


def _one_setpoint(channels: dict[str, Channel]) -> dict[str, Channel]:
    """Return the channels with one wanted temperature for each part: some devices tell it in two ways."""
    seen: set[str] = set()
    kept: dict[str, Channel] = {}
    for key, channel in channels.items():
        feature = channel.feature
        if feature.property == "temperature" and feature.settable:
            if feature.part == "cooling" and "" not in seen:
                feature = replace(feature, part="")
                channel = replace(channel, feature=feature)
            if feature.part in seen:
                continue
            seen.add(feature.part)
        kept[key] = channel
    return kept


def _types(
    specific: list[Mapping[str, object]], channels: Mapping[str, Channel], description: str
) -> tuple[str, ...]:
    """Return what sort of thing it is: as its list says, by what it senses, by the words it is sold with."""
    named = [
        as_text(item["type"])
        for item in specific
        if not is_setting(_switched(item)) and (item.get("type") != "lock" or _switched(item) == "state")
    ]
    if not any(channel.feature.settable for channel in channels.values()):
        named.append("sensor")
    senses = [
        channel.feature.key.replace("_", "-")
        for channel in channels.values()
        if channel.feature.property in ("position", "presence", "leak", "smoke", "air")
        and not channel.feature.settable
    ]
    sold_as = [word.lower() for word in re.findall(r"\b[A-Za-z]{4,}\b", description)]
    # a "light sensor" is no light
    return tuple(dict.fromkeys([*named, *senses, *(word for word in sold_as if word not in SPECIFIC)]))[:12]


def _switched(item: Mapping[str, object]) -> str:
    """Return the name of what a switch switches, `state` for the device itself."""
    if item.get("type") not in ("switch", "lock"):
        return "state"
    keys = [as_text(as_mapping(feature).get("property")) for feature in as_list(item.get("features"))]
    return next((key for key in keys if _is_function(key)), "state")


def _is_function(key: str) -> bool:
    """Return whether a switch or a lock with this key is of a function beside what the device is for."""
    return not key.startswith(("state", "lock"))


def _color(value: Mapping[str, object]) -> str | None:
    """Return the colour of a lamp, however it is told."""
    x, y = as_number(value.get("x")), as_number(value.get("y"))
    if x is not None and y is not None:
        return colors.hex_of_xy(x, y)
    hue, saturation = as_number(value.get("hue")), as_number(value.get("saturation"))
    if hue is not None and saturation is not None:
        return colors.hex_of_hs(hue, saturation)
    return None
