"""Answer what a watchman would be asked: is anybody there, does anything leak or burn, is all well.

"Is everything alright" goes through what may go wrong, the worst first: smoke, water, doors that are
open or unlocked, windows, things in trouble, weak batteries, what cannot be reached. Blinds and fridges
do as they please.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from edge_nlu.steps.called import name_of, names, opening_of
from edge_nlu.steps.english import in_room, is_plural, joined, lasting, set_of
from edge_nlu.steps.players import played
from edge_nlu.steps.question import Question, not_told, nothing_known, reachable, unreachable
from edge_nlu.steps.readings import about, held, numeric, seconds_left
from edge_nlu.steps.states import in_trouble, state
from edge_nlu.values import Device, Feature

MANY = 5
WEAK = 15.0
_YES = set_of(
    "home detected motion present occupied true on yes wet alarm leak smoke at_home triggered moving"
)
# what lets people or weather in; blinds and curtains do not
_WAYS_IN = set_of("door window garage_door gate contact_sensor lock")

# --------------------------------------------------------------------------- who is there


def presence(question: Question) -> str:
    """Return whether somebody is there."""
    home = question.home
    online, lost = reachable(question.devices, home)
    if lost and not online:
        return unreachable(lost, home)
    watching = [device for device in online if about(device, "presence")]
    if not watching:
        return not_told(online, "presence", question) if online else nothing_known(question, "presence")
    trackers = [device for device in watching if _where_somebody_is(device, question)]
    if trackers:
        return joined([_tracked(device, question) for device in trackers])
    told = {device.id: _detects(device, "presence", question) for device in watching}
    there = [device for device in watching if told[device.id]]
    if there:
        rooms = list(dict.fromkeys(in_room(d.room, home) or f"at {name_of(d, home)}" for d in there))
        if question.shape in ("where", "which"):
            return f"there is motion {joined(rooms)}"
        return f"yes, there is motion {joined(rooms)}"
    place = question.place
    if all(value is None for value in told.values()):
        return f"I don't know yet whether anybody is {place or 'there'}"
    if question.says(r"\bno ?(?:one|body)\b|\bempty\b"):
        return f"yes, there is nobody {place}".strip()
    prefix = "" if question.says(r"\bwho\b") else "no, "
    return f"{prefix}{f'nobody {place}' if place else _no_motion(watching, question)}"


def _no_motion(watching: Sequence[Device], question: Question) -> str:
    place = _one_place(watching, question)
    return f"there is no motion {place}" if place else "there is nobody that I can see"


def _one_place(devices: Sequence[Device], question: Question) -> str:
    rooms = {device.room for device in devices}
    return in_room(rooms.pop(), question.home) if len(rooms) == 1 else ""


def _where_somebody_is(device: Device, question: Question) -> str:
    """Return where a person's tracker says that they are, "" for what only sees motion."""
    for feature in about(device, "presence"):
        value = held(device, feature, question.home)
        if feature.kind in ("text", "choice") and isinstance(value, str) and value and not feature.unit:
            lowered = value.lower()
            if lowered not in _YES - {"home", "at_home"} and lowered not in (
                "clear",
                "off",
                "none",
                "false",
                "no",
            ):
                return lowered
    return ""


def _tracked(device: Device, question: Question) -> str:
    where = _where_somebody_is(device, question)
    name = name_of(device, question.home)
    if where in ("home", "at_home"):
        return f"{'yes, ' if question.shape == 'whether' else ''}{name} is at home"
    if where in ("not_home", "away", "outside", "nobody", "empty"):
        return f"{'no, ' if question.shape == 'whether' else ''}{name} is away"
    return f"{name} is in {where.replace('_', ' ')}"


def _detects(device: Device, prop: str, question: Question) -> bool | None:
    """Return whether a device detects something, None where it has not told."""
    found: bool | None = None
    for feature in about(device, prop):
        value = held(device, feature, question.home)
        if value is None:
            continue
        number = numeric(value)
        if isinstance(value, bool):
            hit = value
        elif number is not None:
            hit = number > 0 if prop != "smoke" else number > 50
        else:
            hit = str(value).lower().replace(" ", "_") in _YES
        found = bool(found) or hit
    return found


# ------------------------------------------------------------------------- water and smoke


def leak(question: Question) -> str:
    """Return whether, or where, there is water that should not be there."""
    return _danger(question, "leak", "water leak", "dry")


def smoke(question: Question) -> str:
    """Return whether there is smoke or gas."""
    gas = question.says(r"\bgas\b|\bcarbon monoxide\b|\bmonoxide\b")
    return _danger(question, "smoke", "gas" if gas else "smoke", "")


def _danger(question: Question, prop: str, what: str, fine: str) -> str:
    home = question.home
    online, lost = reachable(question.devices, home)
    if lost and not online:
        return unreachable(lost, home)
    watching = [device for device in online if about(device, prop)]
    if not watching:
        return not_told(online, prop, question) if online else nothing_known(question, prop)
    told = {device.id: _detects(device, prop, question) for device in watching}
    hits = [device for device in watching if told[device.id]]
    a = "a " if what.endswith("leak") else ""
    if hits:
        where = joined(list(dict.fromkeys(in_room(d.room, home) or f"at {name_of(d, home)}" for d in hits)))
        if question.shape == "whether":
            return f"yes, there is {a}{what} {where}"
        return f"there is {a}{what} {where}"
    place = question.place or _one_place(watching, question)
    if all(value is None for value in told.values()):
        return f"I don't know yet whether there is {what} {place}".strip()
    prefix = "no, " if question.shape == "whether" else ""
    if fine and place:
        room = re.sub(r"^(?:in|on) ", "", place)
        return f"{prefix}it is {fine} {place}" if room == place else f"{prefix}{room} is {fine}"
    return f"{prefix}there is no {what} {place}".strip()


# ----------------------------------------------------------------------------------- where


def place(question: Question) -> str:
    """Return where things are."""
    home = question.home
    for prop, words, tell in (
        ("leak", r"\bwater (?:is |coming|leak)|\bleak|\bdrip|\bwet\b|\bflood", leak),
        ("smoke", r"\bsmoke (?:is |coming)|\bburning\b|\bsmell of\b", smoke),
    ):
        watching = [known for d in home.with_property(prop, settable=False) if (known := home.device(d))]
        if question.says(words) and watching:
            return tell(replace(question, devices=tuple(watching)))
    found = []
    for device in question.devices[:MANY]:
        name = name_of(device, home)
        verb = "are" if is_plural(name) else "is"
        told = next(
            (str(v) for f in about(device, "place") if isinstance(v := held(device, f, home), str) and v), ""
        )
        room = next(iter(home.rooms_called(told)), "") if told else ""
        where = in_room(room, home) if room else f"in {told}" if told else in_room(device.room, home)
        found.append(
            f"{name} {verb} {where}"
            if where and where not in name
            else f"I don't know where {name} {verb}"
            if not where
            else f"{name}, as its name says"
        )
    return joined(list(dict.fromkeys(found))) if found else "I don't know where that is"


# ------------------------------------------------------------------------------- all's well


def status(question: Question) -> str:
    """Return how something is doing; of the whole home, what is wrong there."""
    named = question.wish.names_a_thing()
    if named or (len(question.devices) == 1 and not question.wish.quantity):
        return "; ".join(_doing(device, question) for device in question.devices[:MANY])
    wrong = _wrong(question)
    if not wrong:
        where = question.place
        return f"everything looks fine {where}".strip()
    more = f", and {len(wrong) - MANY} more things" if len(wrong) > MANY else ""
    said = ". ".join(words[0].upper() + words[1:] for words in wrong[:MANY])
    return f"{said}{more}"


def _wrong(question: Question) -> list[str]:
    """Return all that is wrong, the worst first."""
    home = question.home
    online, lost = reachable(question.devices, home)
    wrong: list[str] = []
    for prop, what in (("smoke", "smoke"), ("leak", "a water leak")):
        rooms = [
            in_room(device.room, home) or f"at {name_of(device, home)}"
            for device in online
            if about(device, prop) and _detects(device, prop, question)
        ]
        if rooms:
            wrong.append(f"there is {what} {joined(list(dict.fromkeys(rooms)))}")
    for device in online:
        trouble = in_trouble(device, home)
        if trouble:
            wrong.append(f"{name_of(device, home)} reports: {trouble}")
    wrong += _openings(online, question)
    weak = [device for device in online if _weak(device, question)]
    if weak:
        battery = "batteries" if len(weak) > 1 else "battery"
        wrong.append(f"the {battery} of {names(weak, home)} {'are' if len(weak) > 1 else 'is'} low")
    if lost:
        wrong.append(f"I can't reach {names(lost, home)}")
    return wrong


def _openings(devices: Sequence[Device], question: Question) -> list[str]:
    found: list[str] = []
    for prop, word in (("lock", "unlocked"), ("position", "open")):
        hits = [
            opening_of(device, question.home)
            for device in devices
            if (device.kind in _WAYS_IN or not device.kind)
            and (now := state(device, prop, question.home)) is not None
            and now.word == word
        ]
        said = list(dict.fromkeys(hits))
        if said:
            several = len(said) > 1 or is_plural(said[0])
            found.append(f"{joined(said)} {'are' if several else 'is'} {word}")
    return found


def _weak(device: Device, question: Question) -> bool:
    return any(_is_weak(feature, device, question) for feature in about(device, "battery"))


def _is_weak(feature: Feature, device: Device, question: Question) -> bool:
    value = held(device, feature, question.home)
    number = numeric(value)
    if number is not None:
        return number < WEAK and feature.unit.lower() not in ("v", "mv")
    return value is True or str(value).lower() in ("low", "critical", "empty")


def _doing(device: Device, question: Question) -> str:
    """Return how one device is doing."""
    home = question.home
    name = name_of(device, home)
    verb = "are" if is_plural(name) else "is"
    if not home.online(device.id):
        asked = question.says(r"\bonline\b|\bworking\b|\breachable\b|\bok(?:ay)?\b|\balright\b")
        return f"{'no, ' if asked and question.shape == 'whether' else ''}{name} {verb} not reachable"
    if question.says(r"\bonline\b|\breachable\b|\bconnected\b"):
        return f"yes, {name} {verb} reachable"
    trouble = in_trouble(device, home)
    whether = question.shape == "whether"
    if trouble:
        return f"{name} {'report' if verb == 'are' else 'reports'}: {trouble}"
    weak = f", but the battery of {name} is low" if _weak(device, question) else ""
    doing = _does(device, question)
    it = "they" if verb == "are" else "it"
    if whether or question.says(r"\bwrong\b|\bup with\b|\bmatter\b|\bok(?:ay)?\b"):
        return f"everything looks fine with {name}{f', {it} {verb} {doing}' if doing else ''}{weak}"
    return f"{name} {verb} {doing}{weak}" if doing else f"everything looks fine with {name}{weak}"


def _does(device: Device, question: Question) -> str:
    """Return what a device is at, in a word or two; "" where it tells nothing."""
    home = question.home
    playing = played(device, home)
    if playing is not None and playing.word in ("playing", "paused"):
        return f"{playing.word} {playing.title or playing.kind}".strip()
    for prop in ("lock", "position", "run", "power"):
        if prop in ("run",) and not (about(device, "run") or about(device, "time_left")):
            continue
        now = state(device, prop, home)
        if now is None or not now.word:
            continue
        words = (
            now.raw
            if prop == "run" and now.raw and (now.raw.endswith(("ing", "ed")) or now.word == "idle")
            else now.word
        )
        left = seconds_left(device, home) if now.word == "running" else None
        return f"{words}, with {lasting(left)} left" if left else words
    return ""
