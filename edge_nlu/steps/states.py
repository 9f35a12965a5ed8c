"""Tell what state a device is in from what its features last held.

One maker's lock says True, another's "locked"; one washing machine says "running", another "rinsing" and
a third only how many minutes are left. Here each becomes the same plain word. What nobody reported is
unknown, never off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from edge_nlu.interfaces import Home
from edge_nlu.steps.english import readable, set_of
from edge_nlu.steps.players import played
from edge_nlu.steps.readings import about, held, key_of, meant, numeric, seconds_left, since
from edge_nlu.values import Device, Feature, Held, frozen

_ON = set_of("on true yes active enabled 1")
_OFF = set_of("off false no inactive disabled standby 0 none")
_OPEN = set_of("open opened opening ajar tilted")
_CLOSED = set_of("closed close closing shut")
_RUNNING = set_of("""
    on run start started active busy work in_use in_progress cycle heat cool play true resume operate
    preheat prewash wash rinse spin dry brew cook clean boil bake print mow
    """)
_DONE = set_of("done finished finish complete completed end ended success cycle_complete program_ended")
_PAUSED = set_of("paused pause hold on_hold suspended interrupted holding pausing")
_FAULT = set_of("error fault stuck jammed problem failed failure blocked needs_attention clogged warning")
_NOT_WORKING = set_of("waiting sleeping remaining nothing pending")
_GOOD = set_of("ok okay good normal fine none no_error no_problem off clear online ready healthy 0 false")


@frozen
class State:
    """What a device is: a plain word, "" where nobody knows, and what the device itself says."""

    word: str = ""
    raw: str = ""
    at: datetime | None = None


def state(device: Device, prop: str, home: Home, text: str = "") -> State | None:
    """Return what state a device is in as to a property; None where it has no such state at all."""
    match prop:
        case "power":
            return _power(device, home, text)
        case "position":
            features = sorted(about(device, "position"), key=lambda feature: feature.kind != "number")
            return _first(device, meant(features, text), home, _position)
        case "lock":
            return _first(device, about(device, "lock"), home, _lock)
        case "swing":
            return _first(device, about(device, "swing"), home, _switched)
        case "run":
            return _run(device, home, text)
        case "media":
            playing = played(device, home)
            return State(playing.word, playing.title) if playing is not None else None
    return None


def _first(
    device: Device, features: Iterable[Feature], home: Home, word_of: Callable[[Held, Feature], str]
) -> State | None:
    """Return the state that the first feature tells which tells one."""
    features = [feature for feature in features if feature.kind != "trigger"]
    for feature in features:
        value = held(device, feature, home)
        word = word_of(value, feature) if value is not None else ""
        if word:
            return State(word, _raw(value), since(device, feature, home))
    return State() if features else None


def _raw(value: Held | None) -> str:
    return readable(value).lower() if isinstance(value, str) else ""


def _switched(value: Held, feature: Feature) -> str:
    number = numeric(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    if number is not None:
        return "on" if number > (feature.low or 0.0) or (number > 0 and not feature.low) else "off"
    return "off" if key_of(value) in _OFF | {"fixed", "stopped"} else "on"


def _position(value: Held, feature: Feature) -> str:
    number = numeric(value)
    if isinstance(value, bool):
        return "open" if value else "closed"
    if number is not None:
        return "open" if number > (feature.low or 0.0) else "closed"
    key = key_of(value)
    return "open" if key in _OPEN | _ON else "closed" if key in _CLOSED | _OFF else ""


def _lock(value: Held, feature: Feature) -> str:
    del feature
    if isinstance(value, bool):
        return "locked" if value else "unlocked"
    key = key_of(value)
    if key in ("locked", "lock", "secured", "locking"):
        return "locked"
    return (
        "unlocked"
        if key in ("unlocked", "unlock", "not_fully_locked", "open", "unlatched", "unlocking")
        else ""
    )


def _power(device: Device, home: Home, text: str) -> State | None:
    """Return whether a device is on: what its switch says, else what follows from what it does."""
    switches = meant([f for f in about(device, "power") if f.kind != "trigger"], text)
    whole = [feature for feature in switches if not feature.part] or switches
    told = [_first(device, [feature], home, _switched) for feature in whole]
    known = [one for one in told if one is not None]
    if known:
        return next(
            (one for one in known if one.word == "on"), next((one for one in known if one.word), known[0])
        )
    for prop in ("mode", "speed", "brightness"):
        for feature in about(device, prop):
            if prop == "mode" and not any(key_of(choice) in _OFF for choice in feature.choices):
                continue
            if feature.settable or prop == "mode":
                return _first(device, [feature], home, _switched)
    if about(device, "run"):
        running = _run(device, home, text)
        if running is not None:
            word = {"running": "on", "": ""}.get(running.word, "off")
            return State(word, running.raw, running.at)
    playing = played(device, home)
    if playing is not None:
        return State({"playing": "on", "paused": "on", "": ""}.get(playing.word, "off"))
    bare = [f for f in device.features if f.kind == "switch" and not f.property and f.settable]
    return _first(device, bare, home, _switched) if len(bare) == 1 else None


def _run(device: Device, home: Home, text: str = "") -> State | None:
    """Return what a machine is at: running, paused, done, idle or in some trouble."""
    features = [f for f in (*about(device, "run"), *about(device, "status")) if f.kind != "trigger"]
    features.sort(key=lambda feature: feature.settable)
    docks = any("dock" in key_of(feature.name or feature.key) for feature in device.features)
    has = False
    for feature in features:
        value = held(device, feature, home)
        if feature.property == "status" and (
            isinstance(value, bool) or key_of(value) in _GOOD - _OFF - {"ready"}
        ):
            continue
        has = True
        word = _working(value, docks=docks) if value is not None else ""
        if word:
            return State(word, _raw(value), since(device, feature, home))
    left = seconds_left(device, home)
    if left is not None:
        return State("running" if left > 0 else "idle")
    if has:
        return State()
    if about(device, "power"):
        switched = _power(device, home, text)
        if switched is not None:
            return State({"on": "running", "off": "idle"}.get(switched.word, ""), switched.word, switched.at)
    return State() if about(device, "time_left") else None


def _working(value: Held, *, docks: bool) -> str:
    key = key_of(value)
    if isinstance(value, bool):
        return "running" if value else "idle"
    if key in _PAUSED:
        return "paused"
    if key in _FAULT:
        return "fault"
    if key in _DONE:
        return "done"
    if key == "charging" and docks:
        return "idle"
    return "running" if key in _RUNNING or (key.endswith("ing") and key not in _NOT_WORKING) else "idle"


def in_trouble(device: Device, home: Home) -> str:
    """Return what is wrong with a device in its own words, or ""."""
    for feature in (*about(device, "status"), *about(device, "run")):
        value = held(device, feature, home)
        if feature.property == "status" and value is True:
            return readable(feature.name or "problem").lower()
        if isinstance(value, str) and (key_of(value) in _FAULT or _names_trouble(feature, value)):
            return readable(value).lower()
    return ""


def _names_trouble(feature: Feature, value: str) -> bool:
    named = re.search(r"error|fault|problem|warning|alert", key_of(feature.name or feature.key))
    return named is not None and key_of(value) not in _GOOD and bool(value.strip())
