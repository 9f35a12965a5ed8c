"""Answer how full something is: water, beans, a bin, a battery.

"Is there enough water" is no below 15 percent, "is the bin full" yes from 85 on. Some devices tell no
number but only that it is low or full. Where several devices are asked about, those that need something
are named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from edge_nlu.steps.called import name_of, names
from edge_nlu.steps.deeds import share_of, shown
from edge_nlu.steps.english import is_plural, joined, readable, set_of
from edge_nlu.steps.question import ALL, ANY, Question, not_told, reachable, telling, unreachable, with_age
from edge_nlu.steps.readings import about, held, meant, numeric
from edge_nlu.values import Device, Feature, frozen

LITTLE = 0.15
MUCH = 0.85
_LOW = r"\blow\b|\bempty\b|\bflat\b|\bdead\b|\bdying\b|\bdie\b|\bout of\b"
_NEEDS = (
    r"\b(?:need|needs|needing|want|wants)\b.*\b(?:fill|filling|refill|refilling|topping|top|water|more|salt|beans"
    r"|charg\w*|batter\w*|replac\w*|chang\w*)\b|\btop up\b|\brun(?:ning)? (?:low|out)\b"
    r"|\bneeds? (?:a )?(?:new|refill)"
)
_FULL = (
    r"\bfull(?:y)?\b|\boverflowing\b|\b(?:need|needs|want|wants) (?:to be )?empty(?:ing|ied)?\b|\bcharged\b"
)
_ENOUGH = r"\benough\b|\bany\b|\bleft\b|\blast\b|\bholding up\b|\bok(?:ay)?\b|\bgood\b|\bfine\b"
# what fills up in use, so that much of it is what one wants to know of
_WASTE = r"dust|bin|grounds|drip|litter|ash|waste|drawer|tray|bag|condens"
_SUBSTANCES = (
    r"\b(?:cat food|dog food|food|kibble|oil|milk|salt|beans|water|ink|paper|rinse aid|diesel|fuel|detergent"
    r"|soap|fertili[sz]er|pellets|ice|feed|coffee|toner)\b"
)
_STATE_WORDS = set_of(
    "level state low empty full remaining is the sensor percentage replace change needs needed need life"
)
_HOLDERS = set_of("tank container reservoir compartment hopper")
_GONE = set_of("low empty almost_empty missing refill critical none needed")
_THERE = set_of("full ok okay good normal high fine sufficient enough charged")


@frozen
class Fill:
    """How full something is: a part where it tells a number, else whether it is low or full."""

    device: Device
    feature: Feature
    share: float | None
    low: bool | None
    full: bool | None
    words: str


def level(question: Question) -> str:
    """Return how much there is of what a device holds."""
    substance = _substance(question)
    if substance and not question.thing:
        question = telling(question, "level", substance)
    fills, failed = _fills(question, "level")
    if failed:
        return failed
    if _asks_each(question, fills):
        return _among(question, fills, "level")
    return joined(list(dict.fromkeys(_level(question, fill) for fill in fills[:6])))


def battery(question: Question) -> str:
    """Return how full a battery is."""
    fills, failed = _fills(question, "battery")
    if failed:
        return failed
    if _asks_each(question, fills):
        return _among(question, fills, "battery")
    if len(fills) > 1:
        alike: dict[str, list[str]] = {}
        for fill in fills[:6]:
            alike.setdefault(fill.words, []).append(name_of(fill.device, question.home))
        return joined([f"the battery of {joined(those)} is at {words}" for words, those in alike.items()])
    return _battery(question, fills[0])


def _fills(question: Question, prop: str) -> tuple[list[Fill], str]:
    """Return how full all is that was asked about; else why that cannot be told."""
    home = question.home
    online, lost = reachable(question.devices, home)
    found = [
        fill
        for device in online
        for feature in _features(device, prop, question)
        if (fill := _fill(device, feature, question)) is not None
    ]
    if found:
        return found, ""
    if lost:
        return [], unreachable(lost, home)
    has = [device for device in online if about(device, prop)]
    if has:
        it = "its battery" if prop == "battery" else "it"
        return [], f"{name_of(has[0], home)} has not told yet how full {it} is"
    return [], not_told(question.devices, prop, question)


def _features(device: Device, prop: str, question: Question) -> Sequence[Feature]:
    features = [f for f in about(device, prop) if f.kind != "trigger"]
    features.sort(key=lambda feature: feature.kind != "number")
    return features[:1] if prop == "battery" else meant(features, question.text)


def _fill(device: Device, feature: Feature, question: Question) -> Fill | None:
    value = held(device, feature, question.home)
    number = numeric(value)
    if number is not None:
        share = share_of(feature, number)
        if share is None and feature.property == "battery" and 0 <= number <= 100:
            share = number / 100
        words = shown(feature, number)
        if share is not None and not feature.unit:
            words = f"{words} percent" if (feature.high or 100) == 100 else f"{round(100 * share)} percent"
        low = None if share is None else share < LITTLE
        return Fill(device, feature, share, low, None if share is None else share >= MUCH, words)
    label = f"{feature.name} {feature.key}".lower()
    if isinstance(value, bool):
        low = value if re.search("low|empty|missing|refill|need|replace|change", label) else None
        full = value if re.search("full", label) else None
        if low is None and full is None:
            low = value if feature.property == "battery" else not value
        words = ("low" if low else "fine") if low is not None else ("full" if full else "not full")
        return Fill(device, feature, None, low, full, words)
    if isinstance(value, str) and value:
        key = readable(value).lower().replace(" ", "_")
        low = True if key in _GONE else False if key in _THERE else None
        return Fill(device, feature, None, low, key == "full" or None, readable(value).lower())
    return None


def _asks_each(question: Question, fills: Sequence[Fill]) -> bool:
    devices = {fill.device.id for fill in fills}
    return len(devices) > 1 and (question.wish.quantity in ALL | ANY or question.generic)


def _thing(fill: Fill, question: Question) -> str:
    """Return what there is much or little of: "water" of a water level, else what was asked about."""
    own = _own_words(fill)
    return own if own not in ("", "tank", "container", "stock", "fill", "filling") else _substance(question)


def _own_words(fill: Fill) -> str:
    words = readable(fill.feature.name or fill.feature.key.rpartition("/")[2]).lower().split()
    words = [word for word in words if word not in _STATE_WORDS]
    inside = [word for word in words if word not in _HOLDERS]
    return " ".join(inside or words)


def _substance(question: Question) -> str:
    text = question.text
    for target in question.wish.targets:
        text = text.replace(target.thing.lower() or "\0", " ")
    found = re.search(_SUBSTANCES, text)
    return found[0] if found else ""


def _level(question: Question, fill: Fill) -> str:
    name = name_of(fill.device, question.home)
    thing = _thing(fill, question)
    substance = _substance(question)
    waste = re.search(_WASTE, f"{thing} {question.text}") is not None
    if substance and thing and substance.split()[-1] not in thing and not waste:
        return f"I only know that {_has(fill, name, thing)}"
    if question.shape == "whether":
        full = fill.full if fill.full is not None or not fill.low else False
        if question.says(_FULL) and full is not None:
            return f"{'yes' if full else 'no'}, {_at(fill, name, thing)}"
        if question.says(rf"{_LOW}|{_NEEDS}") and fill.low is not None:
            return f"{'yes' if fill.low else 'no'}, {_has(fill, name, thing)}"
        if fill.low is not None and not waste:
            return f"{'no' if fill.low else 'yes'}, {_has(fill, name, thing)}"
    words = _at(fill, name, thing) if waste else _has(fill, name, thing)
    return with_age(words, fill.device, fill.feature, question.home)


def _has(fill: Fill, name: str, thing: str) -> str:
    """Return how much there is left: "the coffee maker has only 4 percent water left"."""
    have = "have" if is_plural(name) else "has"
    if fill.share is None and fill.low is None and not re.match(r"-?\d", fill.words):
        return _at(fill, name, thing)
    if not re.match(r"-?\d", fill.words):
        if fill.low:
            return f"{name} {have} little {thing or 'in it'}{' left' if thing else ''}"
        return f"{name} {have} enough {thing}".strip() if thing else f"{name} is filled"
    only = "only " if fill.low else ""
    return f"{name} {have} {only}{fill.words} {thing} left".replace("  ", " ")


def _at(fill: Fill, name: str, thing: str) -> str:
    it = f"the {thing} of {name}" if thing else name
    at = "at " if re.match(r"-?\d", fill.words) else ""
    return f"{it} {'are' if is_plural(it) and thing else 'is'} {at}{fill.words}"


def _battery(question: Question, fill: Fill) -> str:
    home = question.home
    name = name_of(fill.device, home)
    number = re.match(r"-?\d", fill.words) is not None
    only = "only " if fill.low and number else ""
    told = f"the battery of {name} is {'at ' if number else ''}{only}{fill.words}"
    if question.shape != "whether":
        return with_age(told, fill.device, fill.feature, home)
    if question.says(r"\bcharged\b|\bfull(?:y)?\b"):
        full = fill.share >= 0.95 if fill.share is not None else fill.full
        if full is None:
            full = fill.low is False
        return f"{'yes' if full else 'no'}, {told}"
    if question.says(rf"{_LOW}|{_NEEDS}|\bcharging\b|\bnew batter|\breplac") and fill.low is not None:
        return f"{'yes' if fill.low else 'no'}, {told}"
    if question.says(_ENOUGH) and fill.low is not None:
        return f"{'no' if fill.low else 'yes'}, {told}"
    return told


def _among(question: Question, fills: Sequence[Fill], prop: str) -> str:
    """Return which of several devices run low, or that none does."""
    home = question.home
    waste = question.says(_WASTE) and question.says(_FULL)
    hits = [fill for fill in fills if (fill.full if waste else fill.low)]
    what = "full" if waste else "low"
    if hits:
        listed = [
            f"{name_of(fill.device, home)}{f' ({fill.words})' if fill.words[:1].isdigit() else ''}"
            for fill in hits[:8]
        ]
        prefix = (
            "" if question.shape in ("which", "what", "count") else "yes, " if _asks_low(question) else "no, "
        )
        of = f"the {'batteries' if len(hits) > 1 else 'battery'} of " if prop == "battery" else ""
        several = len(hits) > 1
        return f"{prefix}{of}{joined(listed)} {'are' if several else 'is'} {what}"
    devices = list({fill.device.id: fill.device for fill in fills}.values())
    if waste:
        return "no, nothing is full"
    prefix = (
        "" if question.shape in ("which", "what", "count") else "no, " if _asks_low(question) else "yes, "
    )
    if prop == "battery":
        whose = f" of {names(devices, home)}" if len(devices) <= 3 else ""
        return f"{prefix}all batteries{whose} are fine"
    return f"{prefix}nothing is running low"


def _asks_low(question: Question) -> bool:
    return question.says(rf"{_LOW}|{_NEEDS}|\bnew batter|\breplac|\bcharging\b|\bneed") or not question.says(
        _ENOUGH
    )
