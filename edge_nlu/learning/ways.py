"""See what it teaches that somebody turned from a sentence that failed to one that worked.

"kill the reader" failed, and "turn off the reading lamp" worked: the reader is the reading lamp. Where both
name the same thing it is the way of saying that differs: to kill something is to turn it off. Either serves
other sentences. A recogniser that hears "fell lamp" again and again teaches a name as well. A question that
somebody follows up with a wish was none that failed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher
from typing import Final

from edge_nlu.learning.blanks import BLANK, Blanked, Filling, blanked, key_of
from edge_nlu.learning.rules import Kind
from edge_nlu.values import Act, Answer, Command, DeviceId, Exchange, Held

LONGEST_NAME: Final = 4
SOUNDS_ALIKE: Final = 0.55
# said of the things of a room together, never the name of one
_ALL: Final = frozenset(["light", "lamp", "blind", "curtain", "shutter", "everything"])
# these alone are no name
_POINTING: Final = frozenset(["it", "that", "this", "them", "those", "one", "other", "there", "room", "both"])
_QUESTION: Final = re.compile(r"(?:is|are|was|were|do|does|did|has|have|what|which|who|when|where|why|how)\b")
# how a wish is said most plainly, by what is wanted of which property and by its blanks
_PLAINEST: Final = {
    ("on", "power", "device"): "turn on {device}",
    ("off", "power", "device"): "turn off {device}",
    ("on", "power", "room"): "turn on the lights in {room}",
    ("off", "power", "room"): "turn off the lights in {room}",
    ("raise", "brightness", "device"): "make {device} brighter",
    ("lower", "brightness", "device"): "make {device} darker",
    ("open", "position", "device"): "open {device}",
    ("close", "position", "device"): "close {device}",
    ("raise", "volume", "device"): "turn up the volume of {device}",
    ("lower", "volume", "device"): "turn down the volume of {device}",
    ("set", "brightness", "device number"): "set {device} to {number} percent",
    ("set", "temperature", "device number"): "set {device} to {number} degrees",
    ("play", "media", "title"): "play {title}",
    ("play", "media", "device title"): "play {title} on {device}",
}


@dataclass(frozen=True, slots=True)
class Way:
    """What one turn to other words teaches: a name and what it stands for, or a way of saying something."""

    kind: Kind
    failing: str
    working: str


def way_from(earlier: Exchange, later: Exchange) -> Way | None:
    """Return what it teaches that the later sentence did what the earlier one did not."""
    if isinstance(earlier.decision, Act):
        return None
    failing, working = blanked(earlier.understanding), blanked(later.understanding)
    if not failing.shape or not working.shape or _QUESTION.match(failing.shape):
        return None
    for one in failing.fillings:
        other = working.filling(one.kind)
        if other is not None and not same_thing(one, other):
            alike = failing.shape == working.shape or _about(earlier) == _about(later)
            return _name(one, other) if _may_be(one, other, working, alike=alike) else None
    return _pattern(failing, working, later) if failing.says and working.says else None


def name_from(earlier: Exchange, later: Exchange) -> Way | None:
    """Return the name that it teaches that who had said the earlier sentence meant the thing in the later."""
    one, other = (blanked(exchange.understanding).filling("device") for exchange in (earlier, later))
    return None if one is None or other is None or same_thing(one, other) else _name(one, other)


def followed_up(earlier: Exchange, later: Exchange, within: timedelta) -> bool:
    """Return whether the later sentence does what the earlier one was not taken to ask for.

    Either it only names the thing, or it moves what the earlier one was answered about as if that were asked.
    """
    gone = later.utterance.at - earlier.utterance.at
    if isinstance(earlier.decision, Act) or not isinstance(later.decision, Act):
        return False
    if not timedelta(0) <= gone <= within:
        return False
    named = blanked(later.understanding)
    if named.shape and not named.says:
        return True
    if not isinstance(earlier.decision, Answer):
        return False
    about = {device for one in earlier.decision.candidates for device in one.devices}
    return not about.isdisjoint(command.device for command in later.decision.commands)


def in_vain(earlier: Exchange, later: Exchange, within: timedelta) -> bool:
    """Return whether a sentence was taken for another in vain.

    Somebody still wants what they did before, or cancels what was done, or has it put back.
    """
    gone = later.utterance.at - earlier.utterance.at
    if earlier.taken is None or earlier.taken.spared or not timedelta(0) <= gone <= within:
        return False
    if _breaks_off(earlier, later) or _puts_back(earlier, later):
        return True
    if later.taken is not None and not set(later.taken.rule.split()).isdisjoint(earlier.taken.rule.split()):
        return True
    return _done(earlier) == _done(later) != ("", "") and _moved(earlier).isdisjoint(_moved(later))


def same_thing(one: Filling, other: Filling) -> bool:
    """Return whether two name the same: the wall light, the kitchen wall light."""
    if one.kind == "device":
        return set(one.key) <= set(other.key) or set(other.key) <= set(one.key)
    return one.key == other.key


def likeness(one: str, other: str) -> float:
    """Return from 0 to 1 how alike two phrases are, letter by letter."""
    return SequenceMatcher(None, one.lower(), other.lower()).ratio()


def _may_be(one: Filling, other: Filling, working: Blanked, *, alike: bool) -> bool:
    """Return whether one name may stand for the other: a thing has names, all else is only misheard."""
    if one.kind == "device":
        # whoever only names a thing answers which one
        return alike or not working.says
    return alike and one.kind != "number" and likeness(one.words, other.words) >= SOUNDS_ALIKE


def _name(one: Filling, other: Filling) -> Way | None:
    """Return a name; one that was misheard with its room is misheard in any room."""
    room = set(key_of(other.room))
    placed = bool(room) and room <= set(one.key) and likeness(one.words, other.words) >= SOUNDS_ALIKE
    key = tuple(word for word in one.key if not placed or word not in room)
    if not key or (_POINTING | _ALL).issuperset(key) or len(key) > LONGEST_NAME:
        return None
    working = other.bare if placed else other.words
    return Way("name", " ".join(key), working) if key_of(working) != key else None


def _pattern(failing: Blanked, working: Blanked, later: Exchange) -> Way | None:
    """Return the way of saying of the failing sentence, where both are about the same."""
    shape, device = working.shape, working.filling("device")
    blanks = sorted(BLANK.findall(failing.shape))
    if device is not None and "device" not in blanks and set(key_of(device.bare)) <= _ALL:
        # "kill the kitchen", and "turn off the kitchen lights"
        room = device.room or (other.words if (other := working.filling("room")) else "")
        if (said := failing.filling("room")) is None or said.key != key_of(room):
            return None
        bare = device.bare if "room" in BLANK.findall(shape) else f"{{room}} {device.bare}"
        shape = shape.replace("{device}", bare)
    if not blanks or blanks != sorted(BLANK.findall(shape)):
        return None
    plainest = _PLAINEST.get((*_done(later), " ".join(blanks)), shape)
    return Way("pattern", failing.shape, plainest) if plainest != failing.shape else None


def _breaks_off(earlier: Exchange, later: Exchange) -> bool:
    """Return whether somebody cancels what was done, or says "stop" with nothing else to stop."""
    said = {(clause.want, clause.property) for clause in later.understanding.clauses}
    stops = said == {("stop", "unsaid")} and _moved(later) <= _moved(earlier)
    return stops or any(want == "cancel" for want, _ in said)


def _puts_back(earlier: Exchange, later: Exchange) -> bool:
    """Return whether the later sentence has things be as they were before the earlier one."""
    told = later.decision.commands if isinstance(later.decision, Act) else ()
    return bool(earlier.before) and _settings(earlier.before) <= _settings(told)


def _settings(commands: Iterable[Command]) -> set[tuple[DeviceId, str, Held]]:
    return {(command.device, key, value) for command in commands for key, value in command.settings}


def _moved(exchange: Exchange) -> set[DeviceId]:
    commands = exchange.decision.commands if isinstance(exchange.decision, Act) else ()
    return {command.device for command in commands}


def _about(exchange: Exchange) -> str:
    """Return the property that is wanted to be otherwise."""
    return exchange.understanding.clauses[0].property


def _done(exchange: Exchange) -> tuple[str, str]:
    """Return what was done, where it was one thing."""
    if isinstance(exchange.decision, Act) and len(exchange.decision.candidates) == 1:
        wish = exchange.decision.candidates[0].wish
        return wish.want, wish.property
    return "", ""
