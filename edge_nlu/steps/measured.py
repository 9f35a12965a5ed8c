"""Answer how warm, damp, bright, loud or fast it is.

A thermometer speaks for its room, an oven for itself. Where a thing both measures and is set to
something, the measured value is told unless the question is about what was set. Two places asked about
are compared, and a value asked about with a number ("is it over 25 degrees") is a yes or a no.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from edge_nlu.steps.called import name_of
from edge_nlu.steps.deeds import shown
from edge_nlu.steps.english import age, are, in_place, in_room, joined, set_of
from edge_nlu.steps.question import (
    SENSORS,
    STALE,
    Question,
    not_told,
    nothing_known,
    reachable,
    unreachable,
)
from edge_nlu.steps.readings import about, held, meant, numeric
from edge_nlu.steps.states import State, state
from edge_nlu.values import Device, Feature, frozen

_MORE = (
    "warmer|hotter|higher|louder|brighter|more|damper|moister|wetter|stuffier|toastier|milder|faster|fuller"
    "|warmest|hottest|highest|loudest|brightest|most|dampest|wettest|toastiest|stuffiest"
)
_LESS = (
    "colder|cooler|chillier|lower|quieter|softer|dimmer|darker|drier|dryer|fresher|slower|less|emptier"
    "|coldest|coolest|chilliest|lowest|quietest|dimmest|darkest|driest|least|freshest"
)
_LINKED = rf"\b(?:{_MORE}|{_LESS})\b"
_SUPERLATIVE = r"\b(?:\w+est|most|least)\b"
_ABOVE = r"\b(?:over|above|more than|at least|exceed|past|higher than|(?:hott|warm)er than|up to|reached)\b"
_BELOW = r"\b(?:under|below|less than|at most|lower than|(?:cold|cool)er than|down to)\b"
_WANTED = r"\bset\b|\bsetting\b|\bsetpoint\b|\btarget\b|\bsupposed\b|\bwanted\b|\bmeant to\b|\baiming\b"
# what stands in a room to tell about the room
_OF_ROOM = set_of("climate_sensor thermostat air_sensor air_conditioner light_sensor motion_sensor")
MANY = 6


@frozen
class Told:
    """A number that a device tells, in words, with where it is."""

    device: Device
    feature: Feature
    value: float
    words: str
    where: str


def temperature(question: Question) -> str:
    """Return how warm it is, or what is set."""
    if question.says(_WANTED) and not question.says(r"\bset off\b"):
        wanted = _told(question, "temperature", settable=True)
        if wanted:
            return joined([f"{name_of(one.device, question.home)} is set to {one.words}" for one in wanted])
    if question.place and not question.wish.names_a_thing():
        busy = question.home.active()
        if not any(speaks_for_room(device) or device.id in busy for device in question.devices):
            return nothing_known(question, "temperature")  # a cold oven says nothing of its kitchen
    return _measured(question, "temperature")


def humidity(question: Question) -> str:
    """Return how humid it is."""
    return _measured(question, "humidity", "humidity")


def brightness(question: Question) -> str:
    """Return how bright a light is set, or how light it is in a room."""
    lights = [device for device in question.devices if any(f.settable for f in about(device, "brightness"))]
    dark = [
        device for device in lights if (now := state(device, "power", question.home)) and now.word == "off"
    ]
    if lights and len(dark) == len(question.devices):
        names = [name_of(device, question.home) for device in dark[:MANY]]
        return f"{joined(names)} {are(names)} off"
    return _measured(question, "brightness")


def speed(question: Question) -> str:
    """Return how fast something runs."""
    for device in question.devices:
        now = state(device, "power", question.home)
        if now is not None and now.word == "off" and len(question.devices) == 1:
            return f"{name_of(device, question.home)} is off"
    return _measured(question, "speed")


def volume(question: Question) -> str:
    """Return how loud something is, or whether it is muted."""
    home = question.home
    muted = [device for device in question.devices if _is_muted(question, device)]
    if question.says(r"\bmuted?\b|\bsilent\b|\bsound (?:is )?off\b"):
        if muted:
            names = [name_of(device, home) for device in muted]
            return f"yes, {joined(names)} {are(names)} muted"
        told = _told(question, "volume")
        return f"no, {_all_said(question, told[:MANY], '')}" if told else "no"
    if muted and len(question.devices) == 1:
        return f"{name_of(muted[0], home)} is muted"
    return _measured(question, "volume")


def _is_muted(question: Question, device: Device) -> bool:
    return any(held(device, feature, question.home) is True for feature in about(device, "volume"))


# --------------------------------------------------------------------------------- numbers


def _told(question: Question, prop: str, *, settable: bool = False) -> list[Told]:
    """Return what each device tells of a property: what it measures, else what it is set to."""
    home = question.home
    found: list[Told] = []
    for device in question.devices:
        if not home.online(device.id):
            continue
        features = sorted(about(device, prop), key=lambda f: f.settable != settable)
        known = [f for f in features if numeric(held(device, f, home)) is not None]
        best = [f for f in known if f.settable == known[0].settable] if known else []
        named = meant(best, question.text)
        if not named:
            word = next((f for f in features if isinstance(held(device, f, home), str)), None)
            if word is not None and prop == "speed":
                text = shown(word, held(device, word, home) or "")
                found.append(Told(device, word, 0.0, text, _where(question, device)))
            continue
        feature = named[0]
        value = numeric(held(device, feature, home)) or 0.0
        found.append(Told(device, feature, value, shown(feature, value), _where(question, device)))
    return found


def _where(question: Question, device: Device) -> str:
    """Return the room that a device speaks for; "" for itself, or for a thing named that it hangs on."""
    thing = question.thing
    of_thing = thing and device.kind and device.kind not in question.home.kinds_called(thing)
    return in_room(device.room, question.home) if speaks_for_room(device) and not of_thing else ""


def speaks_for_room(device: Device) -> bool:
    """Return whether what a device measures is that of its room, not of itself."""
    if not device.room:
        return False
    if device.kind:
        return device.kind in _OF_ROOM
    return not any(feature.settable for feature in device.features)


def _measured(question: Question, prop: str, what: str = "") -> str:
    """Return numbers in words: one, those of several places, or two compared."""
    home = question.home
    told = _told(question, prop)
    if not told:
        online, lost = reachable(question.devices, home)
        has = [device for device in online if about(device, prop)]
        if lost and not has:
            return unreachable(lost, home)
        return unknown(question, has[0], prop) if has else not_told(question.devices, prop, question)
    sides = _sides(question, told)
    if len(sides) == 2 and question.says(_LINKED):
        return _compared(question, sides, what)
    if len(told) > 1 and question.says(_SUPERLATIVE):
        least = question.says(rf"\b(?:{_LESS})\b")
        best = (min if least else max)(told, key=lambda one: one.value)
        return f"{_place(question, best)}, with {best.words}"
    limit = _limit(question)
    if limit is not None and question.shape == "whether":
        return _against(question, told[0], limit, what)
    return _all_said(question, _distinct(told)[:MANY], what) + _not_there(question, told, prop)


def _not_there(question: Question, told: Sequence[Told], prop: str) -> str:
    """Return of which of the places compared nothing is known."""
    places = [target.place for target in question.wish.targets if target.place]
    rooms = {one.device.room for one in told}
    missing = [place for place in places if not rooms & set(question.home.rooms_called(place))]
    if len(places) < 2 or len(missing) != 1:
        return ""
    sensor = SENSORS.get(prop, "sensor")
    return f"; I have no {sensor} {in_place(missing[0])}"


def _distinct(told: Sequence[Told]) -> list[Told]:
    """Return one reading of each room: a second sensor there adds nothing."""
    found: dict[str, Told] = {}
    for one in told:
        found.setdefault(one.where or one.device.id, one)
    return list(found.values())


def _all_said(question: Question, told: Sequence[Told], what: str) -> str:
    """Return several numbers in words, things with the same number together."""
    placed = [_said(question, one, what if one is told[0] else "") for one in told if one.where]
    alike: dict[str, list[Told]] = {}
    for one in told:
        if not one.where:
            alike.setdefault(_words(question, one, what), []).append(one)
    for words, those in alike.items():
        names = [name_of(one.device, question.home) for one in those]
        if those[0].feature.property == "volume":
            placed.append(f"the volume of {joined(names)} is {words}")
        else:
            placed.append(f"{joined(names)} {are(names)} {words}")
    return "; ".join(placed) if any(", " in part for part in placed) else joined(placed)


def _said(question: Question, one: Told, what: str) -> str:
    if one.where:
        return _aged(question, one, f"{one.words} {what}".strip() + f" {one.where}")
    return _all_said(question, [one], what)


def _words(question: Question, one: Told, what: str) -> str:
    at = {"speed": "on", "humidity": "measuring"}.get(one.feature.property, "at")
    return _aged(question, one, f"{at} {one.words} {what}".strip())


def _aged(question: Question, one: Told, words: str) -> str:
    reading = question.home.reading(one.device.id, one.feature.key)
    if reading is None or one.feature.settable or question.home.at - reading.at < STALE:
        return words
    return f"{words}, as of {age(reading.at, question.home.at)}"


def _place(question: Question, one: Told) -> str:
    return one.where or name_of(one.device, question.home)


def unknown(question: Question, device: Device, prop: str) -> str:
    """Return that a device has not told yet."""
    where = in_room(device.room, question.home)
    how = {
        "temperature": "how warm it is",
        "humidity": "how humid it is",
        "brightness": "how bright it is",
        "air": "how good the air is",
    }.get(prop, f"the {prop} of {name_of(device, question.home)}")
    return f"I don't know {how} {where if 'it is' in how else ''} yet".replace("  ", " ")


def compared(question: Question, prop: str) -> str:
    """Return two places compared, "" where it is not two that are asked about."""
    sides = _sides(question, _told(question, prop))
    return _compared(question, sides, "") if len(sides) == 2 and question.says(_LINKED) else ""


def _sides(question: Question, told: Sequence[Told]) -> list[Told]:
    """Return the two things that are compared: of two places the first of each, else the first two."""
    if len(told) < 2 or not (
        question.says(r"\bthan\b|\bor\b|\bcompared\b") or len(question.wish.targets) == 2
    ):
        return []
    first = told[0]
    other = next((one for one in told if one.device.room != first.device.room), told[1])
    return [first, other]


def _compared(question: Question, sides: Sequence[Told], what: str) -> str:
    one, other = sides
    more = question.says(rf"\b(?:{_MORE})\b")
    if not question.says(r"\bthan\b") and question.shape != "whether":
        best, rest = (one, other) if (one.value > other.value) == more else (other, one)
        told = f"{_place(question, best)}, with {best.words}"
        return f"{told}; it is {_bare(rest)} {_place(question, rest)}"
    if one.value == other.value:
        return f"no, it is {one.words} in both"
    yes = (one.value > other.value) == more
    here = f"{one.words} {what}".strip() + f" {_with(question, one)}"
    return f"{'yes' if yes else 'no'}, {here} and {_bare(other)} {_with(question, other)}"


def _with(question: Question, one: Told) -> str:
    return one.where or f"for {name_of(one.device, question.home)}"


def _bare(one: Told) -> str:
    """Return the number without its unit, which was just said."""
    return one.words.split()[0]


def _limit(question: Question) -> float | None:
    said = question.wish.amount
    if said is None:
        return None
    if said.number is not None:
        return said.number
    return 100 * said.share if said.share is not None else None


def _against(question: Question, one: Told, limit: float, what: str) -> str:
    """Return whether a value is above, below or at a limit, with what it is."""
    said = question.wish.amount
    feature = one.feature
    if said is not None and said.unit == "°F" and "f" not in feature.unit.lower():
        limit = (limit - 32) * 5 / 9
    elif said is not None and said.unit == "°C" and "f" in feature.unit.lower():
        limit = limit * 9 / 5 + 32
    checks: tuple[tuple[str, Callable[[float], bool]], ...] = (
        (_BELOW, lambda value: value < limit),
        (_ABOVE, lambda value: value >= limit if "at least" in question.text else value > limit),
    )
    value = float(one.words.split()[0]) if re.match(r"-?\d+(?:\.\d+)?\b", one.words) else one.value
    holds = next((check(value) for words, check in checks if question.says(words)), abs(value - limit) < 0.5)
    return f"{'yes' if holds else 'no'}, {_said(question, one, what)}"


def detail(device: Device, now: State, question: Question) -> str:
    """Return what is worth telling of something that is on: how warm, how bright, how fast it is."""
    home = question.home
    if now.word != "on":
        return ""
    for prop in ("temperature", "brightness", "speed"):
        features = sorted(about(device, prop), key=lambda f: f.settable)
        feature = next((f for f in features if numeric(held(device, f, home)) is not None), None)
        if feature is None or (prop == "temperature" and feature.settable and speaks_for_room(device)):
            continue
        words = shown(feature, numeric(held(device, feature, home)) or 0.0)
        if prop == "brightness" and (words == "100 percent" or not feature.settable):
            continue
        return f", {'on' if prop == 'speed' else 'at'} {words}"
    return ""
