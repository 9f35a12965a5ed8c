"""Turn what a service takes a sentence for into words of our own, read as the model would read them.

"like a cave in here" comes back as more brightness, here; that is "make it brighter in here", with its slots
marked. So it goes through the line like anything that somebody says, and where the hub's own model reads
those words in the same way, they can be kept for the next time. A thing or a room that this home does not
have is refused before anything is decided about it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from edge_nlu.cloud.mask import Masked
from edge_nlu.cloud.replies import Frame, Wishes
from edge_nlu.interfaces import Home
from edge_nlu.steps.decide import FOR_HOME
from edge_nlu.steps.names import words_in
from edge_nlu.values import Clause, Slot, Understanding

_NOT_TO_BE_SAID: Final = frozenset(
    ["teach", "forget", "correct", "undo", "same", "confirm", "deny", "cancel", "choose", "leave", "none"]
)
"""Wants of a conversation with the hub itself: only people say yes, or teach it something."""

_WORDINGS: Final = {
    "on": "turn on {it}",
    "off": "turn off {it}",
    "on mode": "turn on {mode}[ on {it}]",
    "off mode": "turn off {mode}[ on {it}]",
    "on swing": "turn on the swing[ of {it}]",
    "off swing": "turn off the swing[ of {it}]",
    "off alarm": "turn off the alarm",
    "off timer": "turn off the timer",
    "toggle": "toggle {it}",
    "set": "set the {property}[ of {it}] to {value}",
    "set alarm": "set an alarm for {moment}",
    "set timer": "set a timer for {duration}",
    "set color": "make {it} {color}",
    "set mode": "set {it} to {mode} mode",
    "set program": "set {it} to {program}",
    "set source": "set {it} to {source}",
    "set position": "open {it} to {value}",
    "set unsaid": "set {it} to {value}",
    "raise": "raise the {property}[ of {it}][ by {change}]",
    "raise air": "get some fresh air[ {place}]",
    "raise unsaid": "turn up {it}[ by {change}]",
    "lower": "lower the {property}[ of {it}][ by {change}]",
    "lower unsaid": "turn down {it}[ by {change}]",
    "open": "open {it}",
    "close": "close {it}",
    "lock": "lock {it}",
    "unlock": "unlock {it}",
    "start": "start {it}[ on {program}]",
    "stop": "stop {it}",
    "pause": "pause {it}",
    "resume": "resume {it}",
    "dock": "send {it} back to its dock",
    "play": "play {title}[ on {it}]",
    "next": "next {property}[ on {it}]",
    "next media": "play the next song[ on {it}]",
    "previous": "previous {property}[ on {it}]",
    "previous media": "play the previous song[ on {it}]",
    "mute": "mute {it}",
    "unmute": "unmute {it}",
    "find": "where is {it}",
    "remove": "cancel the {property}",
    "ask": "what is the {property}[ of {it}]",
    "ask power": "is {it} on",
    "ask position": "is {it} open",
    "ask lock": "is {it} locked",
    "ask run": "is {it} running",
    "ask time_left": "how long will {it} take",
    "ask status": "is everything all right[ with {it}]",
}
_LEADING: Final = re.compile(r"^(?:in |at |on )?(?:the |a |an |some )?", re.IGNORECASE)
_EVERYTHING: Final = frozenset(["everything", "all", "anything", "both"])
_POINTING: Final = frozenset(["it", "that", "this", "them", "these", "those"])
_QUANTITY: Final = re.compile(
    r"^(?P<many>all|every|both|any|each)(?: of)?(?: the)? (?P<rest>.+)$", re.IGNORECASE
)
_VALUE: Final = re.compile(
    r"^(?P<value>.+?)\s*(?P<unit>degrees(?: celsius| fahrenheit)?|percent|%|°[CF]?|kelvin)$", re.IGNORECASE
)
_OPEN: Final = frozenset(["here", "there", "upstairs", "downstairs", "outside", "inside", "everywhere"])
_PARTS: Final = re.compile(r"\[([^\]]*)\]|([^\[\]]+)")
_HOLES: Final = re.compile(r"\{(\w+)\}")


def offered(wishes: Wishes) -> Wishes:
    """Return what a service may take a sentence for: the wishes of the model that there are words for."""
    return {want: of for want, of in wishes.items() if want not in _NOT_TO_BE_SAID and want in _WORDINGS}


def reading(frames: Sequence[Frame], masked: Masked, home: Home) -> Understanding:
    """Return frames as an understanding; raise a ValueError where they cannot be meant in this home."""
    text, clauses = "", list[Clause]()
    for frame in frames:
        text += " and " if text else ""
        start = len(text)
        slots = {name: masked.restored(words) for name, words in frame.slots.items()}
        _check(slots, home)
        told = _Telling(text)
        told.say(_wording(frame), slots, frame.property)
        text = told.text
        clauses.append(Clause(start, len(text), frame.want, frame.property, tuple(told.slots)))
    if not clauses:
        raise ValueError("nothing was meant")
    found = tuple(slot for clause in clauses for slot in clause.slots)
    return Understanding(text, (), 1.0, found, tuple(clauses))


def agree(ours: Understanding, theirs: Understanding) -> bool:
    """Return whether our reading of some words comes to the same wishes as theirs, with the same words."""
    return (
        ours.home >= FOR_HOME
        and len(ours.clauses) == len(theirs.clauses)
        and all(map(_alike, ours.clauses, theirs.clauses))
    )


def _alike(ours: Clause, theirs: Clause) -> bool:
    same = ours.want == theirs.want and theirs.property in (ours.property, "unsaid")
    return same and _filling(ours) == _filling(theirs)


def _filling(clause: Clause) -> set[str]:
    # "kitchen spots" are a room and a thing to the one, a thing to the other; a state is told by the words
    told = (slot.value for slot in clause.slots if slot.type not in ("state", "media_kind"))
    return {word for words in told for word in words_in(words)}


def _wording(frame: Frame) -> str:
    return _WORDINGS.get(f"{frame.want} {frame.property}") or _WORDINGS[frame.want]


def _check(slots: dict[str, str], home: Home) -> None:
    """Raise a ValueError for a thing or a room that is not in this home."""
    (_, device), room = _thing(slots), slots.get("room", "")
    if room and _bare(room).lower() not in _OPEN and not home.rooms_called(_bare(room)):
        raise ValueError("a room that is not here")
    for word in words_in(device):
        known = home.known_as(word) or home.kinds_called(word) or home.rooms_called(word)
        if not known and not home.kinds_called(device.lower()):
            raise ValueError("a thing that is not here")


def _thing(slots: dict[str, str]) -> tuple[str, str]:
    """Return how many of the things are meant, where that is said, and what they are called."""
    device = _bare(slots.get("device", ""))
    if device.lower() in _EVERYTHING:
        return device, ""
    apart = _QUANTITY.match(device)
    many, device = (apart["many"], apart["rest"]) if apart else ("", device)
    return many, "" if device.lower() in _POINTING else device


def _bare(words: str) -> str:
    return _LEADING.sub("", words).strip(" .")


class _Telling:
    """A text that grows, and the slots marked in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.slots: list[Slot] = []

    def say(self, wording: str, slots: dict[str, str], prop: str) -> None:
        """Say a wording with its holes filled; what is in brackets only where its hole can be."""
        for optional, plain in _PARTS.findall(wording):
            holes = _HOLES.findall(optional)
            if optional and not any(_fills(hole, slots) for hole in holes):
                continue
            self._fill(optional or plain, slots, prop)
        self.text = self.text.rstrip()

    def _fill(self, part: str, slots: dict[str, str], prop: str) -> None:
        for number, piece in enumerate(_HOLES.split(part)):
            if number % 2 == 0:
                self.text += piece
            elif piece == "property":
                self.text += prop.replace("_", " ") if prop != "unsaid" else "one"
            elif piece in ("it", "place"):
                self._say_it(slots, only_place=piece == "place")
            elif not slots.get(piece):
                raise ValueError(f"no {piece}")
            elif piece == "value" and (apart := _VALUE.match(slots[piece])):
                self._mark("value", apart["value"])
                self.text += " "
                self._mark("unit", apart["unit"])
            else:
                self._mark(piece, slots[piece])

    def _say_it(self, slots: dict[str, str], *, only_place: bool) -> None:
        """Say the thing, and where it is."""
        many, device = _thing(slots)
        room = _bare(slots.get("room", ""))
        if not only_place and not device and not many and room and self.text.endswith(" of "):
            self.text = self.text.removesuffix("of ")
        elif not only_place:
            if many:
                self._mark("quantity", many)
                self.text += " "
            if device:
                # "mia's lamp" and "my lamp" take no article
                own = many or "'s " in device.replace("\u2019", "'") or device.lower().startswith("my ")
                self.text += "" if own else "the "
                self._mark("device", device)
            elif not many:
                self.text += "it"
            self.text = self.text.rstrip() + (" " if room else "")
        if room:
            self.text += "" if room.lower() in _OPEN - {"here", "there"} else "in "
            self.text += "" if room.lower() in _OPEN or "'s " in room else "the "
            self._mark("room", room)

    def _mark(self, slot: str, words: str) -> None:
        start = len(self.text)
        self.text += words
        self.slots.append(Slot(slot, start, len(self.text), words))


def _fills(hole: str, slots: dict[str, str]) -> bool:
    if hole == "it":
        return bool(slots.get("device") or slots.get("room"))
    return bool(slots.get("room" if hole == "place" else hole))
