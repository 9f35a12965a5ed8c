"""Look up what the features of a device last held: numbers, words, and how long something still takes.

A number may come as text, and a length of time in minutes, as "0:34:00", as "PT34M", or as the moment
when it ends. What nobody reported is None, and so is what makes no sense.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import isfinite

from edge_nlu.interfaces import Home
from edge_nlu.steps.english import readable
from edge_nlu.values import Device, Feature, Held


def about(device: Device, prop: str) -> tuple[Feature, ...]:
    """Return the features of a device that are about a property."""
    return tuple(feature for feature in device.features if feature.property == prop)


def held(device: Device, feature: Feature, home: Home) -> Held | None:
    """Return what a feature holds, or None where that is unknown."""
    reading = home.reading(device.id, feature.key)
    return reading.value if reading is not None else None


def since(device: Device, feature: Feature, home: Home) -> datetime | None:
    """Return since when a feature is known to hold what it holds."""
    reading = home.reading(device.id, feature.key)
    return reading.at if reading is not None and reading.value is not None else None


def numeric(value: Held | None) -> float | None:
    """Return a number that a feature holds, also one in words; None where it is none."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def meant(features: Sequence[Feature], text: str) -> tuple[Feature, ...]:
    """Return those features whose names are among the words said; all of them where none is."""
    if len(features) < 2:
        return tuple(features)
    said = set(re.findall(r"[a-z0-9]+", text.lower()))
    said |= {word.removesuffix("s") for word in said}
    named = tuple(feature for feature in features if said & _own_words(feature))
    return named or tuple(features)


def _own_words(feature: Feature) -> set[str]:
    words = set(re.findall(r"[a-z0-9]+", f"{readable(feature.name)} {readable(feature.part)}".lower()))
    return words - {"level", "state", "status", "the", "is", "of", "on", "off", "mode", feature.property}


def key_of(value: Held | None) -> str:
    """Return what a feature holds as one plain word: "on_hold" for "On hold"."""
    return readable(str(value)).lower().replace(" ", "_")


_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?$")
_LASTS = re.compile(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$")
_SECONDS = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "h": 3600.0, "hours": 3600.0, "d": 86400.0, "ms": 0.001}


def seconds_left(device: Device, home: Home) -> float | None:
    """Return how long a device still needs, in seconds; None where it does not tell."""
    for feature in about(device, "time_left"):
        left = lasting_seconds(held(device, feature, home), feature, home)
        if left is not None:
            return left
    return None


def lasting_seconds(value: Held | None, feature: Feature, home: Home) -> float | None:
    """Return a length of time that a feature holds, or that is left until the moment it holds."""
    number = numeric(value)
    if number is not None:
        return max(number * _SECONDS.get(feature.unit.strip().lower(), 60.0), 0.0)
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    if (match := _CLOCK.match(text)) is not None:
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        if feature.kind == "time":
            end = home.at.replace(hour=hours % 24, minute=minutes, second=seconds, microsecond=0)
            return (end - home.at + timedelta(days=end < home.at)).total_seconds()
        return hours * 3600 + minutes * 60 + seconds if match[3] or hours < 24 else None
    if (match := _LASTS.match(text)) is not None and len(text) > 1:
        days, hours_, minutes_, seconds_ = (float(part or 0) for part in match.groups())
        return days * 86400 + hours_ * 3600 + minutes_ * 60 + seconds_
    try:
        end = datetime.fromisoformat(text)
    except ValueError:
        return None
    return max((end - (home.at if end.tzinfo else home.at.replace(tzinfo=None))).total_seconds(), 0.0)
