"""Answer how much power something uses, and how good the air is.

"How much is it using" is about watts now, "how much has it used" about kilowatt hours so far. Air is told
as good or bad with the number behind it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from edge_nlu.steps.called import name_of
from edge_nlu.steps.deeds import shown
from edge_nlu.steps.english import in_room, joined
from edge_nlu.steps.measured import MANY, compared, unknown
from edge_nlu.steps.question import Question, not_told, reachable, telling, unreachable, with_age
from edge_nlu.steps.readings import about, held, meant, numeric
from edge_nlu.values import Device, Feature


def energy(question: Question) -> str:
    """Return how much power or energy something uses."""
    home = question.home
    online, lost = reachable(question.devices, home)
    if lost and not online:
        return unreachable(lost, home)
    found: list[str] = []
    for device in online[:MANY]:
        features = [f for f in about(device, "energy") if numeric(held(device, f, home)) is not None]
        feature = _energy_meant(question, features)
        if feature is None:
            continue
        words = with_age(shown(feature, numeric(held(device, feature, home)) or 0.0), device, feature, home)
        uses = "is using" if feature.unit.strip().lower() in ("w", "kw", "va", "a", "ma") else "has used"
        if feature.unit.strip().lower() in ("v", "mv", "hz") or re.search("produc|solar", _label(feature)):
            uses = "is at" if "h" not in feature.unit.lower() else "has made"
        found.append(f"{name_of(device, home)} {uses} {words}")
    if not found:
        return not_told(question.devices, "energy", question)
    cost = question.says(r"\bcosts?\b|\bcosting\b|\bmoney\b|\bbill\b|\bexpensive\b")
    return ("I don't know what that costs; " if cost and "cost" not in " ".join(found) else "") + joined(
        found
    )


def _label(feature: Feature) -> str:
    return f"{feature.name} {feature.key}".lower()


def _energy_meant(question: Question, features: Sequence[Feature]) -> Feature | None:
    """Return the reading that is meant: watts for what is drawn now, kilowatt hours for what was used."""
    over_time = question.says(
        r"\bkilowatt hours?\b|\bkwh\b|\benergy\b|\btoday\b|\bmonth\b|\bweek\b|\byesterday\b|\bconsum"
        r"|\bcosts?\b|\bcosting\b|\busage\b|\bused\b|\bso far\b|\bhas\b"
    )
    units: tuple[str, ...] = (
        ("kwh", "wh", "mwh", "w", "kw") if over_time else ("w", "kw", "va", "a", "kwh", "wh")
    )
    if question.says(r"\bvolts?\b|\bvoltage\b"):
        units = ("v", "mv")
    elif question.says(r"\bamps?\b|\bampere|\bcurrent draw\b"):
        units = ("a", "ma")
    for unit in units:
        fitting = [feature for feature in features if feature.unit.strip().lower() == unit]
        if fitting:
            named = meant(fitting, question.text)
            return named[0]
    return features[0] if features else None


_AIR = {
    # what it is called, what is still good, and from where on it is bad
    "co2": ("CO2", 1000.0, 1500.0),
    "carbon dioxide": ("CO2", 1000.0, 1500.0),
    "pm2": ("fine dust", 15.0, 35.0),
    "pm10": ("dust", 45.0, 100.0),
    "voc": ("VOC", 500.0, 1000.0),
    "radon": ("radon", 100.0, 300.0),
    "aqi": ("air quality index", 50.0, 100.0),
}


def air(question: Question) -> str:
    """Return how good the air is."""
    home = question.home
    named = next((key for key in _AIR if question.says(rf"\b{key}")), "")
    if named and not question.thing:
        question = telling(question, "air", named)
    online, lost = reachable(question.devices, home)
    if lost and not online:
        return unreachable(lost, home)
    both = compared(question, "air")
    if both:
        return both
    found = [words for device in online if (words := _air_of(question, device))]
    if found:
        return joined(found[:MANY])
    has = [device for device in online if about(device, "air")]
    return unknown(question, has[0], "air") if has else not_told(question.devices, "air", question)


def _air_of(question: Question, device: Device) -> str:
    home = question.home
    where = in_room(device.room, home) or f"at {name_of(device, home)}"
    for feature in meant(about(device, "air"), question.text):
        value = held(device, feature, home)
        number = numeric(value)
        if number is None and isinstance(value, str) and value:
            return f"the air {where} is {shown(feature, value)}"
        if number is None:
            continue
        key = next((key for key in _AIR if key in _label(feature).replace("_", " ").replace(".", "")), "")
        name, good, bad = _AIR.get(key, ("", 0.0, 0.0))
        words = with_age(shown(feature, number), device, feature, home)
        if not name:
            return f"{words} {where}"
        how = "good" if number < good else "not so good" if number < bad else "bad"
        return f"the air {where} is {how}: {words} {f'of {name}' if feature.unit else name}".strip()
    return ""
