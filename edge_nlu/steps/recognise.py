"""Tell what a device is, by what it says, by what people call it, and by what it can do.

A plain relay may be a heater, a lamp or a fan: only its name says so. So a device is first what it says
it is, where that says something; then what people call it; and last what its features look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from edge_nlu.steps.features import about, one_power
from edge_nlu.steps.kinds import Profiles, phrase_key, readable, type_key
from edge_nlu.steps.names import WORD, stem, words_in
from edge_nlu.values import Device, Feature

PLAIN = frozenset({"socket", "switch"})
"""Kinds that are whatever is behind them, as soon as their name tells."""
_BROAD = frozenset(
    ["sensor", "binary-sensor", "number", "select", "button", "text", "device", "node", "thing", "entity"]
)
_SEEMS = (
    ("brightness", "light"),
    ("color", "light"),
    ("lock", "lock"),
    ("position", "cover"),
    ("media", "speaker"),
    ("volume", "speaker"),
    ("temperature", "thermostat"),
    ("swing", "fan"),
    ("speed", "fan"),
    ("power", "socket"),
)
_CUT = re.compile(r"\s(?:in|by|of|on|at|near|behind|under|over|next to|beside|above|for|from)\s")
_OWN_WORD = re.compile(r"[^\W\d_]{2,}|\d{1,2}")
_LONGEST = 4
_ROOM_WARM = 35.0
# much has a speed and is no fan: without such words, it has nothing else
_BLOWING = frozenset(["fan", "wind", "air", "vent", "ventilation", "oscillation", "oscillate", "swing"])
_OF_FANS = frozenset(["power", "speed", "swing", "timer", ""])
_MAKERS = frozenset(["tasmota", "shelly", "esphome", "esp", "zigbee", "homie", "sonoff", "device", "node"])


def recognise(device: Device, profiles: Profiles) -> Device:
    """Return the device with its kind, its name as words, and a property for each feature that has none."""
    features = about(device.features, "", profiles)
    kind = device.kind or _by_set_point(_kind(device, features, profiles), features)
    if kind:
        features = about(device.features, kind, profiles)
    features = one_power(features, device.features)
    name = readable(device.name)
    aliases = _other_names(device, name, kind, profiles)
    return replace(device, kind=kind, name=name, features=features, aliases=aliases)


def _kind(device: Device, features: Sequence[Feature], profiles: Profiles) -> str:
    """Return the kind by what the device says it is, by its name, then by its features.

    The first of its types is a claim; the others may be no more than words of its description.
    """
    has = {feature.property for feature in features}
    phrases = list(_kinds_in(device.name, profiles))
    for alias in (*device.aliases, *_id_names(device)):
        phrases.extend(_kinds_in(alias, profiles))
    first = device.types[0] if device.types else ""
    kinds = profiles.kinds_typed(first) or _kinds_of_words(first, profiles)
    plain = kinds[0] if kinds and kinds[0] in PLAIN else ""
    if kinds and not plain and (kind := _chosen(kinds, device, phrases, has, profiles)):
        return kind
    named = _first_fit(phrases, has, profiles)
    if named and named not in PLAIN:
        return named
    if plain or named:
        return plain or named
    told = any(feature.settable and feature.property for feature in features)
    for kind in (kind for name in device.types[1:] for kind in profiles.kinds_typed(name)[:1]):
        if _has_needs(kind, has, profiles) and (told or profiles.appliances[kind].needs):
            return kind
    # what says that it is something that nobody described is not what its features look like
    strange = told and any(type_key(name) not in _BROAD for name in device.types)
    return "" if strange else _seems(features, has, profiles)


def _by_set_point(kind: str, features: Sequence[Feature]) -> str:
    """Return the kind, but thermostat of what heats to as warm as rooms are and has no switch."""
    told = [feature for feature in features if feature.settable]
    if kind != "heater" or any(feature.property == "power" for feature in told):
        return kind
    for feature in told:
        scale = feature.unit.replace("°", "").strip().lower()[:1]
        if feature.property == "temperature" and (feature.high or 0) <= (95 if scale == "f" else _ROOM_WARM):
            return "thermostat"
    return kind


def _chosen(
    kinds: Sequence[str], device: Device, phrases: Sequence[Sequence[str]], has: set[str], profiles: Profiles
) -> str:
    """Return which of the kinds of a type it is: as its name says, as another type says, or the likeliest."""
    for called in phrases:
        for kind in called:
            if kind in kinds and _has_needs(kind, has, profiles):
                return kind
    others = (profiles.kinds_typed(name)[:1] for name in device.types)
    found = next((kind for other in others for kind in other if kind in kinds[1:]), kinds[0])
    return "" if _only_tells(found, profiles) and not _has_needs(found, has, profiles) else found


def _first_fit(phrases: Sequence[Sequence[str]], has: set[str], profiles: Profiles) -> str:
    plain = ""
    for called in phrases:
        for kind in called:
            if not _has_needs(kind, has, profiles):
                continue
            if kind not in PLAIN:
                return kind
            plain = plain or kind
    return plain


def _kinds_of_words(name: str, profiles: Profiles) -> tuple[str, ...]:
    """Return the kinds that the last words of an unknown type name: "countertop-oven" is an oven."""
    words = phrase_key(readable(name)).split()
    for start in range(max(0, len(words) - _LONGEST), len(words)):
        kinds = profiles.kinds_calling(" ".join(words[start:]))
        if kinds and kinds[0] not in PLAIN:
            return kinds if len(kinds) <= 2 else ()  # "sensor" alone says nothing
    return ()


def _kinds_in(name: str, profiles: Profiles) -> Iterator[tuple[str, ...]]:
    """Yield the kinds that parts of a name call, the last words and the longest runs of them first."""
    text = readable(name).lower()
    head = _CUT.split(text, 1)[0]
    for part in (head, text[len(head) :]):
        words = [stem(word) for word in WORD.findall(part)]
        for end in range(len(words), 0, -1):
            for start in range(max(0, end - _LONGEST), end):
                if kinds := profiles.kinds_calling(" ".join(words[start:end])):
                    yield kinds


def _has_needs(kind: str, has: set[str], profiles: Profiles) -> bool:
    needs = profiles.appliances[kind].needs
    return not needs or any(prop in has for prop in needs)


def _only_tells(kind: str, profiles: Profiles) -> bool:
    """Return whether a kind is one of sensors, which have nothing to be told."""
    appliance = profiles.appliances[kind]
    return bool(appliance.needs) and appliance.always and not appliance.steps


def _seems(features: Sequence[Feature], has: set[str], profiles: Profiles) -> str:
    told = {feature.property for feature in features if feature.settable}
    blows = bool(_BLOWING & {word for feature in features for word in words_in(readable(feature.key))})
    for prop, kind in _SEEMS:
        if prop in told and kind in profiles.appliances and (kind != "fan" or blows or told <= _OF_FANS):
            return kind
    if told - {""}:
        return ""
    for kind in profiles.appliances:
        if _only_tells(kind, profiles) and _has_needs(kind, has, profiles):
            return kind
    return ""


def _id_names(device: Device) -> Iterator[str]:
    """Yield the ids of a device that are words, as words."""
    for own in device.ids or (device.id.partition("/")[2],):
        if any(own != other and own.endswith(f"/{other}") for other in device.ids):
            continue  # the same with the convention's prefix
        words = readable(own)
        found = words.lower().split()
        if not 0 < len(found) <= 6 or found[0].isdigit() or _MAKERS & set(found):
            continue
        if all(_OWN_WORD.fullmatch(word) for word in found):
            yield words


def _other_names(device: Device, name: str, kind: str, profiles: Profiles) -> tuple[str, ...]:
    """Return what else a device is called: what it was named, what its ids say, and what it says it is.

    "TV" is also the living room tv; what calls itself a towel rail is one, whatever its owner calls it.
    """
    others = list(_id_names(device))
    own = readable(device.types[0]) if device.types else ""
    if own and not profiles.kinds_called(own):
        strange = not kind and not profiles.kinds_typed(own)
        if strange or kind in profiles.kinds_calling(phrase_key(own)):
            others.append(own)
    found = {phrase_key(text): text for text in (name, *device.aliases)}
    for words in others:
        key = phrase_key(words)
        if not any(set(key.split()) <= set(known.split()) for known in found):
            found[key] = words
    return tuple(found.values())[1:]
