"""Tell what state a device is in from what its features last held.

One maker's lock says True, another's "locked"; one washing machine says "running", another "rinsing" and
a third only how many minutes are left. Here each becomes the same plain word, and the words that people
use when they ask ("shut", "finished", "lit") become those words too. What nobody reported is unknown,
never off.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge_nlu.interfaces import Home
from edge_nlu.steps.english import readable, set_of
from edge_nlu.values import Device, Feature, Held

WORDS = r"[a-z0-9]+(?:'[a-z]+)?"
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

ASKED = {
    "power": {
        "on": "on lit running glowing burning going working active switched_on turned_on left_on alight up",
        "off": "off out dark switched_off turned_off",
    },
    "position": {
        "open": "open opened ajar up raised wide_open unshut",
        "closed": "closed shut close down drawn lowered closing_properly",
    },
    "lock": {
        "locked": "locked bolted secured secure lockd lock locked_up latched",
        "unlocked": "unlocked open unlatched unbolted unlock opened",
    },
    "run": {
        "running": "running on going busy working moving in_use active at_it at_work cleaning washing drying"
        " brewing cooking heating mowing printing baking charging playing spinning cooling",
        "done": "done finished ready complete completed over through clean dry washed watered fed cooked"
        " baked brewed dried cleaned emptied finish",
        "idle": "off stopped stop idle free empty available",
        "paused": "paused on_hold halted",
        "fault": "stuck jammed blocked broken",
    },
    "media": {
        "playing": "playing on running going",
        "paused": "paused on_hold",
        "stopped": "off stopped over finished",
    },
    "swing": {
        "on": "on oscillating swinging turning rotating moving",
        "off": "off still",
    },
}
"""What people ask for, by property: each plain state with the words for it."""

ALARMING = frozenset(("on", "open", "unlocked", "running", "paused", "playing", "fault"))
"""States that one of several things is enough for: "did I leave a window open"."""

_CONTRARY = {
    "on": "off",
    "off": "on",
    "open": "closed",
    "closed": "open",
    "locked": "unlocked",
    "unlocked": "locked",
}


@dataclass(frozen=True, slots=True)
class State:
    """What a device is: a plain word, "" where nobody knows, and what the device itself says."""

    word: str = ""
    raw: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Playing:
    """What a player does, and what plays."""

    word: str = ""
    title: str = ""
    kind: str = ""


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
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(value)
    except ValueError:
        return None


def meant(features: Sequence[Feature], text: str) -> tuple[Feature, ...]:
    """Return those features whose names are among the words said; all of them where none is."""
    said = set(re.findall(r"[a-z0-9]+", text.lower()))
    said |= {word.removesuffix("s") for word in said}
    named = tuple(feature for feature in features if said & _own_words(feature))
    return named or tuple(features)


def _own_words(feature: Feature) -> set[str]:
    words = set(re.findall(r"[a-z0-9]+", f"{readable(feature.name)} {readable(feature.part)}".lower()))
    return words - {"level", "state", "status", "the", "is", "of", "on", "off", "mode", feature.property}


# -------------------------------------------------------------------------------- plain states


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


def _key(value: Held | None) -> str:
    return readable(str(value)).lower().replace(" ", "_")


def _switched(value: Held, feature: Feature) -> str:
    number = numeric(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    if number is not None:
        return "on" if number > (feature.low or 0.0) or (number > 0 and not feature.low) else "off"
    return "off" if _key(value) in _OFF | {"fixed", "stopped"} else "on"


def _position(value: Held, feature: Feature) -> str:
    number = numeric(value)
    if isinstance(value, bool):
        return "open" if value else "closed"
    if number is not None:
        return "open" if number > (feature.low or 0.0) else "closed"
    key = _key(value)
    return "open" if key in _OPEN | _ON else "closed" if key in _CLOSED | _OFF else ""


def _lock(value: Held, feature: Feature) -> str:
    del feature
    if isinstance(value, bool):
        return "locked" if value else "unlocked"
    key = _key(value)
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
            if prop == "mode" and not any(_key(choice) in _OFF for choice in feature.choices):
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
    docks = any("dock" in _key(feature.name or feature.key) for feature in device.features)
    has = False
    for feature in features:
        value = held(device, feature, home)
        if feature.property == "status" and (
            isinstance(value, bool) or _key(value) in _GOOD - _OFF - {"ready"}
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
    key = _key(value)
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
        if isinstance(value, str) and (_key(value) in _FAULT or _names_trouble(feature, value)):
            return readable(value).lower()
    return ""


def _names_trouble(feature: Feature, value: str) -> bool:
    named = re.search(r"error|fault|problem|warning|alert", _key(feature.name or feature.key))
    return named is not None and _key(value) not in _GOOD and bool(value.strip())


# ----------------------------------------------------------------------------------- machines


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


# ------------------------------------------------------------------------------------- players


_PLAYING = set_of("play playing on buffering")
_STOPPED = set_of("stop stopped idle off standby ended")
_KINDS = set_of(
    "music radio audiobook podcast movie series video recipe photo news tvshow episode channel playlist"
)


def played(device: Device, home: Home) -> Playing | None:
    """Return what a player plays; None for what is no player."""
    features = about(device, "media")
    if not features:
        return None
    word = title = kind = ""
    for feature in features:
        value = held(device, feature, home)
        if not isinstance(value, str) or not value.strip():
            word = word or ({True: "playing", False: "stopped"}[value] if isinstance(value, bool) else "")
            continue
        key = _key(value)
        if feature.kind == "media" or value.lstrip().startswith("{"):
            title, kind = _media(value, title, kind)
        elif key in _PAUSED:
            word = "paused"
        elif key in _PLAYING or key in _STOPPED:
            word = "playing" if key in _PLAYING else "stopped"
        elif key in _KINDS:
            kind = kind or readable(value).lower()
        elif feature.kind == "text":
            title = _titled(feature, value, title)
    switched = _first(device, about(device, "power"), home, _switched)
    if switched is not None and switched.word == "off":
        word = "stopped"
    if not word and (title or kind):
        word = "playing"
    return Playing(word, title, kind)


def _media(value: str, title: str, kind: str) -> tuple[str, str]:
    try:
        parts = json.loads(value)
    except ValueError:
        return title or value, kind
    if not isinstance(parts, dict):
        return title, kind
    return str(parts.get("title") or title), str(parts.get("kind") or kind)


def _titled(feature: Feature, value: str, title: str) -> str:
    """Return a title with its artist: one may come before or after the other."""
    if "artist" in _key(feature.name or feature.key):
        return f"{title} by {value}" if title else value
    if not title:
        return value
    return title if "album" in _key(feature.name or feature.key) else f"{value} by {title}"


# ------------------------------------------------------------------------------ what is asked


def asked_state(prop: str, words: str, text: str) -> str:
    """Return the plain state that somebody asks about, in a word tagged as one or anywhere in the text."""
    known = ASKED.get(prop, {})
    for said in (words, text):
        lowered = f" {' '.join(re.findall(WORDS, said.lower()))} "
        found = [
            (len(synonym), lowered.rindex(f" {synonym} "), name)
            for name, synonyms in known.items()
            for synonym in (one.replace("_", " ") for one in synonyms.split())
            if f" {synonym} " in lowered
        ]
        if found and said == words:
            return max(found)[2]
        # the state asked about stands late: "did I switch on ... and is it off"
        if found:
            return max(found, key=lambda one: one[1])[2]
    return ""


def fits(asked: str, words: str, now: State) -> bool:
    """Return whether a device is in the state asked about."""
    said = words.lower().strip()
    if said and now.raw and said == now.raw:
        return True
    if asked == "idle":
        return now.word in ("idle", "done", "off")
    if asked == "done":
        return now.word in ("done", "idle")
    if asked == "stopped":
        return now.word != "playing"
    return asked == now.word


def contrary(word: str) -> str:
    """Return the other of two states, or ""."""
    return _CONTRARY.get(word, "")
