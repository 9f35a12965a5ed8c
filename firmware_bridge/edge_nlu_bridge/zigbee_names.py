"""Tell what the names of a Zigbee device's values mean at home.

Makers have thousands of names for the same few things, but most end in the word that matters:
`soil_moisture`, `outdoor_temperature`, `countdown_l1`. A name that no table here knows means nothing yet.
What only serves to set a device up (what a lamp does after a power cut) is told apart by its words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from edge_nlu.values import FeatureKind

SETTING_WORDS = """
    action actions adaptation algorithm allow backlight ballast behavior bind breaker calibrate calibrated
    calibration check clear command compensation config consumer control count deadband deadzone debug
    delay detach detection device device_mode dimming direction display distance duration effect_color
    effect_speed enable enabled enablement factor format frequency gradient group hold hysterersis
    hysteresis identify inching indicator interval invert last learn led limit linkquality load location
    max maximum min minimum motor name network offset operation_mode options orientation outage pairing
    period pin powerup press programming protect protection pulse pwm radar ramp range record relay report
    reporting reset resolution reversal sampling scale scene schedule seen sensitivity sensor set setback
    setting setup standby startup switch_mode test threshold timeout transition type unit units unoccupied
    update v0 v1 value version weekly wiring
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
    "effect": "mode",
    "lock": "mode",
    "speed": "speed",
    "oscillation": "swing",
    "swing": "swing",
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
    {"ac", "carbon", "current", "fan", "heating", "local", "occupied", "system", "target", "temperature"}
)
"""Words before the last one that name no part of the device."""

EXPECTED: Mapping[str, tuple[FeatureKind, ...]] = {
    "power": ("switch",),
    "presence": ("switch",),
    "leak": ("switch",),
    "smoke": ("switch",),
    "position": ("switch", "number"),
    "air": ("number", "choice"),
    "mode": ("switch", "choice", "trigger"),
    "speed": ("number", "choice"),
    "swing": ("switch", "choice"),
    "lock": ("switch",),
    "status": ("choice",),
}
"""What holds such a property, where it is not a number."""

WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
NUMBERED = re.compile(r"l?\d+|[abc]")


def words(name: str) -> list[str]:
    """Return the words of a name: `soil_moisture` and `soilMoisture` have two."""
    return [word.lower() for word in WORDS.findall(name)] or [name]


def is_setting(name: str) -> bool:
    """Return whether a name is of something that only sets a device up."""
    return name not in KEPT and (name in SETTINGS or not SETTINGS.isdisjoint(words(name)))


def meaning(name: str, kind: FeatureKind, *, settable: bool) -> tuple[str, str]:
    """Return the property that a name stands for, and the part of the device that it speaks of."""
    if name in NAMED:
        prop = NAMED[name]
        return (prop, "") if kind in EXPECTED.get(prop, ("number",)) else ("", "")
    *before, last = words(name)
    if before and NUMBERED.fullmatch(last):
        *before, last = *before[:-1], last, before[-1]
    prop = MEANINGS.get(last, "")
    if not prop or _is_odd(prop, name, before, kind, settable=settable):
        return "", ""
    return prop, "" if prop == "mode" else " ".join(word for word in before if word not in PLAIN_WORDS)


def _is_odd(prop: str, name: str, before: list[str], kind: FeatureKind, *, settable: bool) -> bool:
    """Return whether a name only looks as if it meant this property."""
    if kind not in EXPECTED.get(prop, ("number",)):
        return True
    if prop == "temperature" and settable:
        # `eco_temperature` is what a mode aims at; the one that is wanted now is called so
        return not PLAIN_WORDS.union({"cooling"}).issuperset(before)
    if prop == "temperature":
        return "setpoint" in name or "target" in before
    if prop in ("timer", "volume"):
        return not settable
    # `low_co2` is where an alarm goes off; nobody sets what a sensor measures
    if "position" in name or (settable and prop not in ("mode", "speed", "swing")):
        return bool(before)
    return False
