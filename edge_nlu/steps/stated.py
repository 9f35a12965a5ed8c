"""Answer whether things are on, open, locked or running, which of them are, and how many.

Of several things one is enough where it is about something to worry about: a window left open, a light
left on. Where it is about all being well, it takes all of them, and what cannot be seen is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge_nlu.steps import measured
from edge_nlu.steps.asking import ALARMING, asked_state, contrary, fits
from edge_nlu.steps.called import name_of, opening_of
from edge_nlu.steps.deeds import share_of
from edge_nlu.steps.english import are, joined, lasting, number, plural, singular, told
from edge_nlu.steps.question import ALL, Question, not_told, unreachable
from edge_nlu.steps.readings import about, held, numeric, seconds_left
from edge_nlu.steps.states import State, state
from edge_nlu.values import Device, frozen

MANY = 8
_DOORS = ("position", "lock")
# both are offered: neither yes nor no would be an answer
_EITHER = (
    r"\b(?:on or off|off or on|open(?:ed)? or (?:closed|shut)|(?:closed|shut) or open|up or down|down or up"
    r"|(?:un)?locked or (?:un)?locked)\b"
)


@frozen
class Row:
    """One device in an answer, and what state it is in."""

    device: Device
    now: State
    prop: str
    question: Question

    @property
    def name(self) -> str:
        """Return what it is called: a contact is the door that it is on."""
        called = opening_of if self.prop in _DOORS else name_of
        return called(self.device, self.question.home)

    @property
    def words(self) -> str:
        """Return its state in words, with what is worth telling of it."""
        return _words(self.device, self.now, self.prop, self.question)


def stated(question: Question, prop: str) -> str:
    """Return the answer to a question about a plain state: on, open, locked, running."""
    home = question.home
    able = rows_of(question, prop, question.devices)
    rows = [row for row in able if home.online(row.device.id)]
    lost = [row.device for row in able if not home.online(row.device.id)]
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
        return _counted(question, asked, known)
    if question.shape in ("which", "where") or (question.shape == "what" and question.generic and asked):
        return _listed(question, asked, known)
    if not asked or question.shape in ("what", "when") or question.says(_EITHER):
        return tell(known)
    unknown = [*(row.name for row in rows if not row.now.word), *(name_of(device, home) for device in lost)]
    return _whether(question, asked, known, unknown)


def _counts(device: Device, prop: str, question: Question) -> bool:
    """Return whether a device comes into question: of everything, what is always on tells nothing."""
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


def rows_of(question: Question, prop: str, devices: Sequence[Device]) -> list[Row]:
    """Return devices that have such a state, with it; a door and the sensor on it are one."""
    rows: dict[str, Row] = {}
    for device in devices:
        now = state(device, prop, question.home, question.text)
        if now is None or not _counts(device, prop, question):
            continue
        row = Row(device, now, prop, question)
        key = row.name if prop in _DOORS else device.id
        before = rows.get(key)
        # a door is open where either says so
        if before is None or not before.now.word or now.word in ALARMING:
            rows[key] = row
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


def tell(rows: Sequence[Row]) -> str:
    """Return what state each is in, those alike together; of many without further detail."""
    brief = len(rows) > 2
    return told([(row.name, row.words.split(", at ")[0] if brief else row.words) for row in rows[:MANY]])


def _whether(question: Question, asked: str, rows: Sequence[Row], unknown: Sequence[str]) -> str:
    """Return yes or no, with the state of what decided it."""
    hits = [row for row in rows if fits(asked, question.wish.state, row.now)]
    misses = [row for row in rows if not fits(asked, question.wish.state, row.now)]
    if _one_is_enough(question, asked):
        if hits and misses and _all_named(question):
            return f"only {tell(hits)}" if len(hits) == 1 else tell(hits)
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
        return tell(rows)
    thing = plural(question.thing) if question.thing else "things"
    return f"{len(rows)} {thing} are {rows[0].now.word}, {joined([row.name for row in rows[:3]])} among them"


def _none(question: Question, asked: str, rows: Sequence[Row]) -> str:
    """Return that nothing is in the state asked about."""
    if len(rows) == 1 and not (question.wish.quantity and not question.thing):
        return tell(rows)
    if not question.generic and len(rows) <= 4:
        return tell(rows)
    thing = singular(question.thing) if question.thing else ""
    return f"{f'no {thing}' if thing else 'nothing'} is {_plain(asked)} {question.place}".strip()


def _plain(asked: str) -> str:
    return {"idle": "off", "fault": "in trouble"}.get(asked, asked)


def _all(question: Question, asked: str, rows: Sequence[Row]) -> str:
    """Return that all are in the state asked about."""
    if len(rows) <= 3 or not question.generic:
        return tell(rows)
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


def _counted(question: Question, asked: str, rows: Sequence[Row]) -> str:
    hits = [row for row in rows if fits(asked, question.wish.state, row.now)]
    if not hits:
        return _none(question, asked, ())
    noun = question.thing or "thing"
    noun = singular(noun) if len(hits) == 1 else plural(noun)
    names = joined([row.name for row in hits[:MANY]])
    listed = f": {names}" if len(hits) <= MANY else ""
    return f"{len(hits)} {noun} {'is' if len(hits) == 1 else 'are'} {hits[0].now.word}{listed}"


def _otherwise(question: Question, prop: str) -> str:
    """Return what is known instead: of a door without a lock, that it is closed."""
    instead = {"lock": "position", "position": "lock", "run": "power", "swing": "power"}.get(prop)
    if instead:
        rows = rows_of(question, instead, question.devices[:3])
        known = [row for row in rows if row.now.word]
        if known and not question.generic:
            usual = {"lock": "locked", "position": "open", "run": "running", "swing": "turning"}[prop]
            wanted = _plain(asked_state(prop, question.wish.state, question.text) or usual)
            return f"I can't tell whether {known[0].name} is {wanted}, only that it is {known[0].words}"
    return not_told(question.devices, prop, question)
