"""Answer questions about the home from what its devices last reported.

Yes or no comes first, then the state in words: "Yes, the oven is on, at 176 degrees", "No, the back door
is unlocked". A yes never speaks of the contrary, and a list names only what was asked for. What is not
known is not guessed: something unreachable is not off, and nothing is told of a room without a sensor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from edge_nlu.interfaces import Home
from edge_nlu.steps import chosen, doings, filled, measured, watch
from edge_nlu.steps.called import name_of, opening_of
from edge_nlu.steps.deeds import share_of, shown
from edge_nlu.steps.english import are, joined, lasting, number, plural, sentence, singular, told
from edge_nlu.steps.question import (
    ALL,
    Question,
    not_told,
    nothing_known,
    question_of,
    unreachable,
)
from edge_nlu.steps.states import (
    ALARMING,
    State,
    about,
    asked_state,
    contrary,
    fits,
    held,
    numeric,
    played,
    seconds_left,
    state,
)
from edge_nlu.values import Device, DeviceId, Wish

MANY = 8
# both are offered: neither yes nor no would be an answer
_EITHER = (
    r"\b(?:on or off|off or on|open(?:ed)? or (?:closed|shut)|(?:closed|shut) or open|up or down|down or up"
    r"|(?:un)?locked or (?:un)?locked)\b"
)
STATES = ("power", "position", "lock", "run", "swing")


def answer(wish: Wish, devices: Sequence[DeviceId], home: Home) -> str:
    """Return the spoken answer to a question about these devices, likeliest first; there may be none."""
    known = [device for one in dict.fromkeys(devices) if (device := home.device(one)) is not None]
    question = question_of(wish, known, home)
    prop = "place" if wish.want == "find" else wish.property
    if not question.devices:
        return sentence(_no_devices(question, prop))
    if _asks_ability(question):
        return sentence(_ability(question, prop))
    words = _ANSWERS.get(prop, _summary)(question)
    return sentence(f"{_only_now(question)}{words}")


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


# --------------------------------------------------------------------------- states of things


@dataclass(frozen=True, slots=True)
class Row:
    """One device in an answer: what it is called, what state it is in, and that in words."""

    device: Device
    name: str
    now: State
    words: str


def _states(prop: str) -> Callable[[Question], str]:
    return lambda question: _stated(question, prop)


def _stated(question: Question, prop: str) -> str:
    """Return the answer to a question about a plain state: on, open, locked, running."""
    home = question.home
    able = [device for device in question.devices if _counts(device, prop, question)]
    lost = [device for device in able if not home.online(device.id)]
    rows = _rows(question, prop, [device for device in able if device not in lost])
    known = [row for row in rows if row.now.word]
    if not known:
        if lost:
            return unreachable(lost, home)
        if rows:
            names = [row.name for row in rows[:3]]
            asked = asked_state(prop, question.wish.state, question.text) or "on"
            return f"I don't know yet whether {joined(names)} {are(names)} {_plain(asked)}"
        return _otherwise(question, prop)
    asked = _asked(question, prop, known)
    if question.shape == "count":
        return _counted(question, prop, asked, known)
    if question.shape in ("which", "where") or (question.shape == "what" and question.generic and asked):
        return _listed(question, asked, known)
    if not asked or question.shape in ("what", "when") or question.says(_EITHER):
        return _told(known)
    unknown = [*(row.name for row in rows if not row.now.word), *(name_of(device, home) for device in lost)]
    return _whether(question, asked, known, unknown)


def _counts(device: Device, prop: str, question: Question) -> bool:
    """Return whether a device comes into question: of everything, what is always on tells nothing."""
    if state(device, prop, question.home, question.text) is None:
        return False
    if question.thing or not question.wish.quantity or prop not in ("power", "run"):
        return True
    kind = question.home.appliance(device.kind) if device.kind else None
    if kind is not None and kind.always:
        return False
    return prop != "run" or bool(about(device, "run")) or not about(device, "brightness")


def _asked(question: Question, prop: str, known: Sequence[Row]) -> str:
    """Return the state asked about; "which are not closed" asks for those that are open."""
    asked = asked_state(prop, question.wish.state, question.text)
    if not asked and prop == "lock" and question.shape == "whether":
        asked = "locked"
    if not asked and question.shape in ("which", "count"):
        asked = {"power": "on", "position": "open", "lock": "unlocked", "run": "running"}.get(prop, "")
    raw = question.wish.state
    if not asked and raw and any(row.now.raw == raw for row in known):
        return raw
    if question.shape in ("which", "count", "what") and question.says(r"\bnot\b|n't\b"):
        return contrary(asked) or asked
    return asked


def _rows(question: Question, prop: str, devices: Sequence[Device]) -> list[Row]:
    """Return devices with their states; a door and the sensor on it are one, open where either says so."""
    rows: dict[str, Row] = {}
    for device in devices:
        now = state(device, prop, question.home, question.text)
        if now is None:
            continue
        called = opening_of if prop in ("position", "lock") else name_of
        name = called(device, question.home)
        row = Row(device, name, now, _words(device, now, prop, question))
        before = rows.get(name)
        if (
            before is None
            or not before.now.word
            or (now.word in ALARMING and before.now.word not in ALARMING)
        ):
            rows[name] = row
    return list(rows.values())


def _words(device: Device, now: State, prop: str, question: Question) -> str:
    """Return a state in words, with what is worth telling of it."""
    home = question.home
    if prop == "power":
        return f"{now.word}{measured.detail(device, now, question)}"
    if prop == "position":
        return _how_open(device, now, question)
    if prop == "swing":
        return "swinging" if now.word == "on" else "standing still"
    if prop == "run":
        left = seconds_left(device, home) if now.word == "running" else None
        if now.raw in ("on", "off") and not left:
            return now.raw
        own = now.raw if now.raw.endswith("ing") or now.word == "fault" else ""
        word = own or {"fault": "in trouble"}.get(now.word, now.word)
        if now.word == "idle" and now.raw in ("docked", "charging", "charged"):
            word = now.raw
        return f"{word}, with {lasting(left)} left" if left else word
    return now.word


def _how_open(device: Device, now: State, question: Question) -> str:
    if now.raw in ("opening", "closing"):
        return now.raw
    if now.word != "open":
        return now.word
    for feature in about(device, "position"):
        value = numeric(held(device, feature, question.home))
        share = share_of(feature, value) if value is not None else None
        if share is not None and 0 < share < 1:
            return f"{number(round(100 * share))} percent open"
    return now.word


def _told(rows: Sequence[Row]) -> str:
    """Return what state each is in, those alike together; of many without further detail."""
    brief = len(rows) > 2
    return told([(row.name, row.words.split(", at ")[0] if brief else row.words) for row in rows[:MANY]])


def _whether(question: Question, asked: str, rows: Sequence[Row], unknown: Sequence[str]) -> str:
    """Return yes or no, with the state of what decided it."""
    hits = [row for row in rows if fits(asked, question.wish.state, row.now)]
    misses = [row for row in rows if row not in hits]
    if _one_is_enough(question, asked):
        if hits and misses and _all_named(question):
            return f"only {_told(hits)}" if len(hits) == 1 else _told(hits)
        if hits:
            return f"yes, {_briefly(hits, question)}"
        return f"no, {_none(question, asked, misses)}{_unseen(unknown)}"
    if misses:
        return f"no, {_briefly(misses, question)}"
    if unknown:
        return f"{_briefly(hits, question)}{_unseen(unknown)}"
    return f"yes, {_all(question, asked, hits)}"


def _one_is_enough(question: Question, asked: str) -> bool:
    quantity = question.wish.quantity
    if quantity in ALL:
        return False
    if quantity:
        return True
    return asked in ALARMING


def _all_named(question: Question) -> bool:
    """Return whether several things were named, each asked about: "are the lamp and the fan on"."""
    return len([t for t in question.wish.targets if t.thing]) > 1 and not question.says(r"\bor\b|\beither\b")


def _briefly(rows: Sequence[Row], question: Question) -> str:
    if len(rows) <= MANY:
        return _told(rows)
    thing = plural(question.thing) if question.thing else "things"
    return f"{len(rows)} {thing} are {rows[0].now.word}, {_told(rows[:3]).split(' are ')[0]} among them"


def _none(question: Question, asked: str, rows: Sequence[Row]) -> str:
    """Return that nothing is in the state asked about."""
    if len(rows) == 1 and not (question.wish.quantity and not question.thing):
        return _told(rows)
    if not question.generic and len(rows) <= 4:
        return _told(rows)
    thing = singular(question.thing) if question.thing else ""
    return f"{f'no {thing}' if thing else 'nothing'} is {_plain(asked)} {question.place}".strip()


def _plain(asked: str) -> str:
    return {"idle": "off", "fault": "in trouble"}.get(asked, asked)


def _all(question: Question, asked: str, rows: Sequence[Row]) -> str:
    """Return that all are in the state asked about."""
    if len(rows) <= 3 or not question.generic:
        return _told(rows)
    word = rows[0].now.word if len({row.now.word for row in rows}) == 1 else _plain(asked)
    if question.wish.quantity == "everything" or not question.thing:
        return f"everything {question.place} is {word}".replace("  ", " ")
    return f"all {plural(question.thing)} {question.place} are {word}".replace("  ", " ")


def _unseen(names: Sequence[str]) -> str:
    return f"; I can't tell about {joined(list(names))}" if 0 < len(names) <= 3 else ""


def _listed(question: Question, asked: str, rows: Sequence[Row]) -> str:
    """Return those in the state asked about, and none of the others."""
    hits = [row for row in rows if fits(asked, question.wish.state, row.now)]
    if not hits:
        return _none(question, asked, ())
    more = len(hits) - MANY
    names = [row.name for row in hits[:MANY]] + ([f"{more} more"] if more > 0 else [])
    words = hits[0].words if len(hits) == 1 else hits[0].now.word
    return f"{joined(names)} {are(names)} {words}"


def _counted(question: Question, prop: str, asked: str, rows: Sequence[Row]) -> str:
    hits = [row for row in rows if fits(asked, question.wish.state, row.now)]
    if not hits:
        return _none(question, asked, ())
    noun = question.thing or "thing"
    noun = singular(noun) if len(hits) == 1 else plural(noun)
    names = joined([row.name for row in hits[:MANY]])
    listed = f": {names}" if len(hits) <= MANY else ""
    del prop
    return f"{len(hits)} {noun} {'is' if len(hits) == 1 else 'are'} {hits[0].now.word}{listed}"


def _otherwise(question: Question, prop: str) -> str:
    """Return what is known instead: of a door without a lock, that it is closed."""
    instead = {"lock": "position", "position": "lock", "run": "power", "swing": "power"}.get(prop)
    if instead:
        rows = _rows(question, instead, question.devices[:3])
        known = [row for row in rows if row.now.word]
        if known and not question.generic:
            usual = {"lock": "locked", "position": "open", "run": "running", "swing": "turning"}[prop]
            wanted = _plain(asked_state(prop, question.wish.state, question.text) or usual)
            return f"I can't tell whether {known[0].name} is {wanted}, only that it is {known[0].words}"
    return not_told(question.devices, prop, question)


# ------------------------------------------------------------------------------ anything else


def _summary(question: Question) -> str:
    """Return the most telling thing about each device, where it is not clear what was asked."""
    found: list[str] = []
    for device in question.devices[:3]:
        only = Question(question.wish, (device,), question.home, question.text, "what")
        if (playing := played(device, question.home)) is not None and playing.word in ("playing", "paused"):
            found.append(doings.media(only))
            continue
        props = [prop for prop in ("run", "lock", "position", "power") if about(device, prop)]
        rows = [row for prop in props for row in _rows(only, prop, (device,)) if row.now.word]
        if rows:
            found.append(_told(rows[:1]))
            continue
        telling = next(
            (f for f in device.features if held(device, f, question.home) is not None and f.property), None
        )
        value = held(device, telling, question.home) if telling is not None else None
        if telling is not None and value is not None:
            found.append(f"{name_of(device, question.home)} says {shown(telling, value)}")
    return joined(found) if found else not_told(question.devices, "unsaid", question)


_ANSWERS: Mapping[str, Callable[[Question], str]] = {
    **{prop: _states(prop) for prop in STATES},
    "time_left": doings.time_left,
    "timer": doings.timer,
    "alarm": doings.alarm,
    "media": doings.media,
    "temperature": measured.temperature,
    "humidity": measured.humidity,
    "brightness": measured.brightness,
    "speed": measured.speed,
    "volume": measured.volume,
    "air": measured.air,
    "energy": measured.energy,
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
