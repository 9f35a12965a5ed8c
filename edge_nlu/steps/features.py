"""Tell what each feature of a device is about, and whether what it holds means that the device works.

A feature is about what its kind of device means by its name ("brew" starts a coffee maker), else what such
names, units and choices mean anywhere, so that a device of a kind that nobody described works as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from edge_nlu.steps.kinds import Profiles, choice_key, phrase_key, readable
from edge_nlu.values import Appliance, Feature, Held

_HOLDS = {
    "power": "switch choice",
    "brightness": "number",
    "color": "color number choice text",
    "temperature": "number",
    "humidity": "number",
    "volume": "number switch choice",
    "position": "number switch choice trigger",
    "speed": "number choice",
    "swing": "switch choice number",
    "mode": "choice switch text",
    "program": "choice text number",
    "run": "switch choice trigger text number",
    "time_left": "number time text",
    "media": "media choice text trigger switch",
    "source": "choice text",
    "channel": "number choice text",
    "lock": "switch choice trigger",
    "timer": "number time switch trigger",
    "alarm": "switch time choice trigger text",
    "battery": "number switch choice",
    "level": "number switch choice",
    "air": "number choice text",
    "presence": "switch choice text",
    "leak": "switch choice",
    "smoke": "switch choice number",
    "energy": "number",
    "place": "text trigger choice switch",
    "status": "text choice switch",
    "": "switch number choice trigger text color media time",
}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


IDLE = frozenset(
    _words("""
    off idle done stopped stop finished complete completed end ended ready standby docked paused pause none
    inactive false unknown unavailable closed locked empty error sleeping sleep charged waiting on_hold
    program_ended not_running cancelled canceled aborted initialized initial
    """)
)
"""What a machine that does nothing says it does."""
_OPEN = frozenset(_words("open opened opening ajar"))
_NEUTRAL = frozenset(_words("stop pause none toggle"))
"""Choices that many properties have beside their own."""
_PANEL = frozenset(_words("child kid baby keypad keyboard key button panel screen touch control"))
"""What such a lock locks is the buttons of the device; it lets nobody in."""

_TAIL = re.compile(r"[/.:]")
_LONGEST = 4


def about(features: Sequence[Feature], kind: str, profiles: Profiles) -> tuple[Feature, ...]:
    """Return the features, each that has no property with one, as far as it can be told."""
    return tuple(_about(feature, kind, profiles) for feature in features)


def tells_work(feature: Feature) -> bool:
    """Return whether a feature tells what its device does better than that it has power."""
    if not feature.readable or feature.kind not in ("choice", "switch", "text"):
        return False
    return feature.property == "run" or (feature.property == "media" and feature.kind == "choice")


def at_work(
    feature: Feature, value: Held | None, appliance: Appliance | None, *, told_better: bool = False
) -> bool:
    """Return whether what a feature holds means that its device is doing something.

    `told_better` says that another feature tells what it does: a player that has power may be silent.
    """
    if value is None or not feature.readable or (told_better and feature.property == "power"):
        return False
    prop = feature.property
    if prop in ("power", "run") and not (appliance and appliance.always):
        return value is True or (isinstance(value, str) and choice_key(value).replace(" ", "_") not in IDLE)
    if prop == "media":
        return (
            feature.kind == "choice" and isinstance(value, str) and choice_key(value) in ("play", "playing")
        )
    if prop == "position":
        if isinstance(value, str):
            return choice_key(value) in _OPEN
        return value is True or (value is not False and value > (feature.low or 0.0))
    if prop == "lock":
        return value is False
    return prop == "alarm" and not feature.settable and value is True


def _about(feature: Feature, kind: str, profiles: Profiles) -> Feature:
    """Return a feature with its property and part, as far as they can be told."""
    texts = _texts(feature)
    part = feature.part or _part(texts, kind, profiles)
    prop = feature.property or _property(feature, texts, kind, profiles)
    if prop == "lock" and feature.kind == "switch" and _PANEL & set(" ".join(texts).split()):
        prop = "mode"
    if part and not prop and feature.kind == "switch":
        prop = "power"
    if prop == feature.property and part == feature.part:
        return feature
    return replace(feature, property=prop, part=part)


def _texts(feature: Feature) -> tuple[str, ...]:
    """Return the names of a feature as they are looked up: what it is called, and the end of its handle."""
    tail = _TAIL.split(feature.key)[-1]
    return tuple(dict.fromkeys(filter(None, (_feature_key(tail), _feature_key(feature.name)))))


@lru_cache(maxsize=2048)
def _feature_key(name: str) -> str:
    return phrase_key(readable(name))


def _part(texts: Sequence[str], kind: str, profiles: Profiles) -> str:
    for key, part in profiles.parts(kind):
        if any(f" {key} " in f" {text} " for text in texts):
            return part
    return ""


def _property(feature: Feature, texts: Sequence[str], kind: str, profiles: Profiles) -> str:
    own = profiles.own(kind)
    for text in texts:
        if text in own and feature.kind in _HOLDS[own[text]].split():
            return own[text]
    if feature.kind in ("color", "media"):
        return feature.kind
    counted = _counted(feature, texts, kind, profiles) if feature.kind == "number" and feature.unit else None
    if counted is not None:
        return counted
    if feature.settable and (agreed := _agreed(feature, texts, profiles)):
        return agreed
    for weak in (False, True):
        if weak and feature.choices and (held := _held(feature, texts, profiles)):
            return held
        if (named := _named(feature, texts, profiles, weak=weak)) is not None:
            return named
    return _left_over(feature, kind)


def _counted(feature: Feature, texts: Sequence[str], kind: str, profiles: Profiles) -> str | None:
    """Return the property that a unit gives away; None where it may be of several."""
    unit = feature.unit.strip().lower()
    ignored = _named(feature, texts, profiles, weak=False)
    if ignored == "":
        return ""
    if unit in ("k", "kelvin"):
        return "color" if (feature.high or 0) > 1000 else "temperature"
    if found := profiles.counted(unit):
        return found
    if unit in ("s", "sec", "seconds", "min", "minutes", "h", "hours", "second", "minute", "hour"):
        if ignored in ("time_left", "timer"):
            return ignored
        return "timer" if feature.settable else ""
    if unit in ("%", "percent") and ignored is None and _named(feature, texts, profiles, weak=True) is None:
        by_kind = {"light": "brightness", "cover": "position", "fan": "speed", "speaker": "volume"}
        return by_kind.get(kind, "") if feature.settable else "level"
    return None


def _named(feature: Feature, texts: Sequence[str], profiles: Profiles, *, weak: bool) -> str | None:
    """Return the property of the longest known phrase in a feature's names; "" is of no use to speakers."""
    best: tuple[int, int] = (0, 0)
    found: str | None = None
    for text in texts:
        words = text.split()
        for end in range(len(words) if weak else 1, len(words) + 1):
            for start in range(max(0, end - _LONGEST), end):
                for prop in profiles.named(" ".join(words[start:end]), weak=weak):
                    rank = (end - start, end - len(words))
                    if rank > best or found is None:
                        if feature.kind in _HOLDS[prop].split():
                            best, found = rank, prop
                        break
    return found


def _agreed(feature: Feature, texts: Sequence[str], profiles: Profiles) -> str:
    """Return the one property that all choices belong to, where the name is of no use or says little."""
    if _named(feature, texts, profiles, weak=False):
        return ""
    own = [choice for choice in feature.choices if choice_key(choice) not in _NEUTRAL] or feature.choices
    held = [set(profiles.holding(choice)) for choice in own]
    found = set.intersection(*held) if len(feature.choices) > 1 else set()
    fits = [prop for prop in found if feature.kind in _HOLDS[prop].split()]
    return fits[0] if len(fits) == 1 else ""


def _held(feature: Feature, texts: Sequence[str], profiles: Profiles) -> str:
    """Return the property that most of a feature's choices belong to, if at least two or all do."""
    named = _named(feature, texts, profiles, weak=True)
    votes = {named: 1} if named else {}
    for choice in feature.choices:
        for prop in profiles.holding(choice):
            if feature.kind in _HOLDS[prop].split():
                votes[prop] = votes.get(prop, 0) + 1
    if not votes:
        return ""
    best = max(votes, key=lambda prop: votes[prop])
    return best if votes[best] >= min(2, len(feature.choices)) else ""


def _left_over(feature: Feature, kind: str) -> str:
    """Return what a feature is about whose name, unit and choices are unknown."""
    if not feature.settable:
        return ""
    if feature.kind == "trigger":
        return "run"
    if feature.kind == "switch":
        return "power"
    if feature.kind == "choice":
        return "mode"
    return {"light": "brightness", "fan": "speed"}.get(kind, "") if feature.kind == "number" else ""


def one_power(features: Iterable[Feature], before: Sequence[Feature]) -> tuple[Feature, ...]:
    """Return the features with one power: what a second switch of its own name turns on is a mode."""
    found = list(features)
    powers = [
        at
        for at, (feature, was) in enumerate(zip(found, before, strict=True))
        if feature.property == "power" != was.property and feature.settable and not feature.part
        if feature.kind == "switch"
    ]
    told = any(was.property == "power" and was.settable and not was.part for was in before)
    plain = [at for at in powers if _plain_power(found[at])]
    if told or plain:
        for at in set(powers) - set(plain):
            found[at] = replace(found[at], property="mode")
    return tuple(found)


def _plain_power(feature: Feature) -> bool:
    return bool({"power", "state", "on", "onoff", "relay"} & set(" ".join(_texts(feature)).split()))
