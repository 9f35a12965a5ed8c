"""Answer questions about the home from what its devices last reported.

Yes or no comes first, then the state in words: "Yes, the oven is on, at 176 degrees", "No, the back door
is unlocked". A yes never speaks of the contrary, and a list names only what was asked for. What is not
known is not guessed: something unreachable is not off, and nothing is told of a room without a sensor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from edge_nlu.interfaces import Home
from edge_nlu.steps import chosen, doings, filled, measured, meters, watch
from edge_nlu.steps.asking import asked_state
from edge_nlu.steps.called import name_of
from edge_nlu.steps.deeds import shown
from edge_nlu.steps.english import joined, sentence
from edge_nlu.steps.names import words_in
from edge_nlu.steps.players import played
from edge_nlu.steps.question import Question, not_told, nothing_known, question_of
from edge_nlu.steps.readings import about, held
from edge_nlu.steps.stated import rows_of, stated, tell
from edge_nlu.steps.states import state
from edge_nlu.values import Device, DeviceId, Wish

STATES = ("power", "position", "lock", "run", "swing")
_FULL = ("battery", "level")
CLOSEST: Mapping[str, tuple[str, ...]] = {
    "leak": ("humidity",),
    "level": ("battery", "humidity"),
    "battery": ("level",),
    "air": ("humidity",),
    "speed": ("level",),
}
"""What comes closest to a property that something does not have."""


def answer(wish: Wish, devices: Sequence[DeviceId], home: Home) -> str:
    """Return the spoken answer to a question about these devices, likeliest first; there may be none."""
    known = [device for one in dict.fromkeys(devices) if (device := home.device(one)) is not None]
    question = question_of(wish, known, home)
    prop = "place" if wish.want == "find" else wish.property
    if not question.devices:
        return sentence(_no_devices(question, prop))
    if _asks_ability(question):
        return sentence(_ability(question, prop))
    if prop in _FULL and question.shape == "whether" and (doing := _own_doing(question)):
        prop, question = "run", replace(question, wish=replace(wish, state=doing))
    prop = _meant(question, prop)
    words = _ANSWERS.get(prop, _summary)(question)
    return sentence(f"{_only_now(question)}{words}")


def _meant(question: Question, prop: str) -> str:
    """Return the property that is asked about, another one where what was named has no such.

    A fridge that was "left open" is not on or off, and a plant has no level but is more or less dry.
    """
    if not question.thing or prop not in {*STATES, *CLOSEST}:
        return prop
    said = question.wish.state
    home, text = question.home, question.text
    if any(has(device, prop, home, text) for device in question.devices):
        return prop
    other = [one for one in STATES if said and asked_state(one, said, "")]
    if question.says(r"\b(?:water(?:ing|ed)?|dry|wet|thirsty|damp|moist)\b"):
        other.append("humidity")
    found = (
        one
        for one in (*other, *CLOSEST.get(prop, ()))
        if any(has(device, one, home, text) for device in question.devices)
    )
    return next(found, prop)


def has(device: Device, prop: str, home: Home, text: str) -> bool:
    """Return whether a device tells of a property, in whatever way."""
    if prop in STATES:
        return state(device, prop, home, text) is not None
    return bool(about(device, prop))


def _own_doing(question: Question) -> str:
    """Return the word for what a device has a function of its own for: "charging"; "" where none is said."""
    said = [word for word in words_in(question.text) if word.endswith("ing")]
    own = {
        word
        for device in question.devices
        for feature in about(device, "run")
        for word in words_in(f"{feature.name} {feature.part}")
    }
    return next((word for word in said if word in own), "")


def _no_devices(question: Question, prop: str) -> str:
    if prop == "status":
        return "everything looks fine"
    if prop == "place":
        thing = question.thing
        return f"I don't know where {f'the {thing} is' if thing else 'that is'}"
    if prop in ("power", "run") and not question.thing and question.wish.quantity:
        return f"{'no, ' if question.shape == 'whether' else ''}nothing {question.place}".strip()
    return nothing_known(question, prop)


def _only_now(question: Question) -> str:
    """Return a word of warning where the question is about a time that is over."""
    moment = question.wish.moment
    past = moment is not None and moment < question.home.at
    before = question.says(r"\b(?:yesterday|last night|this morning|since|earlier|before)\b")
    told = question.says(r"\b(?:did|was|were|has|have|had)\b")
    return "I only know how it is now: " if told and (past or before) else ""


def _asks_ability(question: Question) -> bool:
    return question.says(r"\b(?:able to|could you|can you|would you)\b.*\bif\b")


def _ability(question: Question, prop: str) -> str:
    names = joined([name_of(device, question.home) for device in question.devices[:3]])
    if any(feature.settable for device in question.devices for feature in about(device, prop)):
        return f"yes, I can do that with {names} if you ask me to"
    return f"no, I can't do that with {names}"


def _summary(question: Question) -> str:
    """Return the most telling thing about each device, where it is not clear what was asked."""
    found: list[str] = []
    for device in question.devices[:3]:
        only = Question(question.wish, (device,), question.home, question.text, "what")
        if (playing := played(device, question.home)) is not None and playing.word in ("playing", "paused"):
            found.append(doings.media(only))
            continue
        props = [prop for prop in ("run", "lock", "position", "power") if about(device, prop)]
        rows = [row for prop in props for row in rows_of(only, prop, (device,)) if row.now.word]
        if rows:
            found.append(tell(rows[:1]))
            continue
        telling = next(
            (f for f in device.features if held(device, f, question.home) is not None and f.property), None
        )
        value = held(device, telling, question.home) if telling is not None else None
        if telling is not None and value is not None:
            found.append(f"{name_of(device, question.home)} says {shown(telling, value)}")
    return joined(found) if found else not_told(question.devices, "unsaid", question)


_ANSWERS: Mapping[str, Callable[[Question], str]] = {
    **{prop: partial(stated, prop=prop) for prop in STATES},
    "time_left": doings.time_left,
    "timer": doings.timer,
    "alarm": doings.alarm,
    "media": doings.media,
    "temperature": measured.temperature,
    "humidity": measured.humidity,
    "brightness": measured.brightness,
    "speed": measured.speed,
    "volume": measured.volume,
    "air": meters.air,
    "energy": meters.energy,
    "level": filled.level,
    "battery": filled.battery,
    "mode": chosen.mode,
    "program": chosen.program,
    "source": chosen.source,
    "channel": chosen.channel,
    "color": chosen.color,
    "presence": watch.presence,
    "leak": watch.leak,
    "smoke": watch.smoke,
    "place": watch.place,
    "status": watch.status,
    "unsaid": _summary,
}
