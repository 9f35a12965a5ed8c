"""See that somebody turns from a wording that fails to one that works.

"kill the reader" fails, and eight seconds later "turn off the reading lamp" works: one stands for the other.
So it is with an act that was taken back, and with a question of the hub that is answered. Somebody who wants
the next thing speaks again as well, so it tells only as much as people here speak on more often after a
failure than after a success. What is said only in answer to something ("the left one") helps nobody another
time, but the thing that it names may be put into what was said before. Words like "my" mean something else
for everyone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final

from edge_nlu.learning.blanks import blanked, key_of
from edge_nlu.learning.judge import acted, of_one_person
from edge_nlu.learning.occasions import Occasion
from edge_nlu.learning.teach import PLAIN
from edge_nlu.values import Act, Ask, DeviceId, Exchange, Wish

WITHIN: Final = timedelta(seconds=30)
BY_HAND_WITHIN: Final = timedelta(seconds=60)
# somebody may do something by hand just then who did not mean that
BY_HAND: Final = 0.8
FADING: Final = 0.98
FOR_HOME: Final = 0.5
# so much likeness makes up for a sentence that did not seem to be for the home
ALIKE: Final = 0.5
_DONE: Final = frozenset(
    [
        "want",
        "property",
        "amount",
        "options",
        "color",
        "kelvin",
        "title",
        "media",
        "duration_s",
        "not_options",
    ]
)
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_EMPTY: Final = frozenset(
    ["please", "okay", "ok", "um", "uh", "er", "hey", "hmm", "oh", "well", "so", "then", "now"]
)
_POLITE: Final = re.compile(
    r"^(?:(?:can|could|would|will) you )+(?=.)|(?<=.)(?: (?:thanks|thank you|cheers|would you|will you))+$"
)
_OWN: Final = frozenset(["my", "mine", "our", "ours", "me", "us", "i"])
# said in answer to what was before: they do not stand for themselves
_LEANING: Final = frozenset(
    ["correct", "same", "choose", "confirm", "deny", "cancel", "undo", "leave", "none", "teach", "forget"]
)
_OPPOSITE: Final = frozenset(
    frozenset(pair)
    for pair in (("on", "off"), ("open", "close"), ("raise", "lower"), ("lock", "unlock"), ("start", "stop"))
)
_POINTING: Final = frozenset(["it", "that", "this", "them", "those", "these", "one", "other", "there"])


@dataclass(frozen=True, slots=True)
class Turned:
    """That somebody turned from one exchange to another; `user` is "" where that holds for everyone.

    `weight` is from 0 to 1: how likely both were the same wish.
    """

    failing: Exchange
    working: Exchange
    weight: float = 1.0

    @property
    def user(self) -> str:
        """Return for whom it holds: "my lamp" is another one for everybody else."""
        said = (*_words(self.failing.utterance.text), *_words(self.working.understanding.text))
        return self.working.utterance.user if _OWN.intersection(said) else ""


def turned(
    earlier: Exchange, later: Exchange, within: timedelta = WITHIN, *, weight: float = 1.0
) -> Turned | None:
    """Return that somebody turned to what worked later from an exchange that did not go well.

    `weight` is how likely somebody who speaks on still wants the same.
    """
    if not later.understanding.clauses or not acted(later) or not _may_be_one(earlier, later, within):
        return None
    if wording(earlier.utterance.text) == wording(later.understanding.text) or earlier.taken is not None:
        return None
    if acted(earlier) and done(earlier) == done(later):
        return None
    if answers(earlier, later) or later.understanding.clauses[0].want == "correct":
        return Turned(earlier, later, weight)
    return Turned(earlier, later, weight) if not leans(later) and like(earlier, later) else None


def turned_to_hand(earlier: Exchange, occasion: Occasion) -> bool:
    """Return whether somebody did by hand what the hub had not done."""
    gone = occasion.at - earlier.utterance.at
    wants = [(clause.want, clause.property) for clause in earlier.understanding.clauses]
    asked = wants == [(occasion.want, occasion.property)]
    return asked and timedelta(0) < gone <= BY_HAND_WITHIN and not acted(earlier) and not leans(earlier)


def answers(earlier: Exchange, later: Exchange) -> bool:
    """Return whether the later exchange does what the earlier one asked about."""
    if not isinstance(later.decision, Act) or stands(later):
        return False
    if not isinstance(earlier.decision, Ask):
        return False
    if earlier.decision.why == "sure" and not set(_words(later.utterance.text)) <= set(
        _words(earlier.decision.say)
    ):
        return False
    asked = {
        device for option in earlier.decision.options for one in option.candidates for device in one.devices
    }
    return any(asked.intersection(one.devices) for one in later.decision.candidates)


def named_anew(earlier: Exchange, later: Exchange) -> str:
    """Return the earlier sentence with the thing in it that the later one names, if it names one."""
    one, other = (blanked(exchange.understanding).filling("device") for exchange in (earlier, later))
    if one is None or other is None or one.key == other.key:
        return ""
    text = earlier.understanding.text
    return f"{text[: one.start]}{other.words}{text[one.end :]}"


def stands(exchange: Exchange) -> bool:
    """Return whether what was done is what the words alone ask for, not what was asked for before."""
    if not isinstance(exchange.decision, Act) or leans(exchange):
        return False
    said = {(clause.want, clause.property) for clause in exchange.understanding.clauses}
    return all((one.wish.want, one.wish.property) in said for one in exchange.decision.candidates)


def done(exchange: Exchange) -> str:
    """Return what was done such that doing the same again is equal, or "" where nothing was."""
    if not isinstance(exchange.decision, Act):
        return ""
    return _doing((one.wish, one.devices) for one in exchange.decision.candidates)


def done_by_hand(occasion: Occasion) -> str:
    """Return what was done by hand, equal to the same done by voice."""
    return _doing([(Wish(occasion.want, occasion.property), (occasion.command.device,))])


def _doing(done: Iterable[tuple[Wish, Iterable[DeviceId]]]) -> str:
    found = [
        ({name: held for name, held in asdict(wish).items() if name in _DONE and held}, sorted(devices))
        for wish, devices in done
    ]
    return json.dumps(sorted(found, key=str), sort_keys=True, default=str)


def follows(earlier: Exchange, later: Exchange, within: timedelta = WITHIN) -> bool:
    """Return whether somebody speaks on as they would to say the same otherwise.

    After a success it is never the same, though it looks so: only what it looks like is compared.
    """
    return (
        acted(later)
        and _may_be_one(earlier, later, within)
        and not leans(later)
        and _of_a_sort(earlier, later)
        and wording(earlier.utterance.text) != wording(later.utterance.text)
    )


def _may_be_one(earlier: Exchange, later: Exchange, within: timedelta) -> bool:
    first, second = earlier.utterance, later.utterance
    if first.satellite != second.satellite or not of_one_person(first, second):
        return False
    return timedelta(0) <= second.at - first.at <= within


def wording(text: str) -> str:
    """Return a text such that two that differ only in politeness are equal."""
    return _POLITE.sub("", " ".join(word for word in _words(text) if word not in _EMPTY))


def leans(exchange: Exchange) -> bool:
    """Return whether what was said makes sense only after what was said before."""
    return points(exchange) or any(clause.want in _LEANING for clause in exchange.understanding.clauses)


def points(exchange: Exchange) -> bool:
    """Return whether what was said points to something: "it", "the other one"."""
    return any(
        slot.type == "reference" and not _POINTING.isdisjoint(_words(slot.value))
        for clause in exchange.understanding.clauses
        for slot in clause.slots
    )


def like(earlier: Exchange, later: Exchange) -> bool:
    """Return whether both may be the same wish: of a sort, and not about other things."""
    return _of_a_sort(earlier, later) and not about_other_things(earlier, later)


def _of_a_sort(earlier: Exchange, later: Exchange) -> bool:
    """Return whether both are for the home, or alike in their words."""
    wants, others = _wants(earlier), _wants(later)
    if "ask" in wants or any(frozenset((one, other)) in _OPPOSITE for one in wants for other in others):
        return False
    if earlier.understanding.home >= FOR_HOME <= later.understanding.home:
        return True
    one, other = set(_words(earlier.utterance.text)), set(_words(later.utterance.text))
    return len(one & other) >= ALIKE * min(len(one), len(other))


def about_other_things(earlier: Exchange, later: Exchange) -> bool:
    """Return whether the earlier sentence names things here as clearly as the later one names others."""
    one, other = _named(earlier), _named(later)
    if not one or not other or max(one.values()) < max(other.values()):
        return False
    acting = later.decision.candidates if isinstance(later.decision, Act) else later.ranked
    return one.keys().isdisjoint(device for candidate in acting for device in candidate.devices)


def in_common(earlier: Exchange, later: Exchange) -> bool:
    """Return whether both want the same to be done, or have a word in common that tells what is meant."""
    if answers(earlier, later) or not _wants(earlier).isdisjoint(_wants(later)):
        return True
    one, other = (set(key_of(exchange.utterance.text)) - PLAIN for exchange in (earlier, later))
    return not one.isdisjoint(other)


def _named(exchange: Exchange) -> dict[DeviceId, float]:
    """Return the things that a sentence names, with how well the words fit."""
    return {
        device: reason.weight
        for candidate in exchange.ranked
        for reason in candidate.because
        if reason.name == "named" and reason.weight > 0
        for device in candidate.devices
    }


def _wants(exchange: Exchange) -> set[str]:
    return {clause.want for clause in exchange.understanding.clauses}


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("\u2019", "'"))


class SpeakingOn:
    """How often people here speak on soon after a failure, and how often after a success."""

    def __init__(self, counted: Sequence[float] = (0.0, 0.0, 0.0, 0.0)) -> None:
        self.failures, self.after_failures, self.successes, self.after_successes = counted

    def count(self, *, failed: bool, spoke_on: bool) -> None:
        """Count that somebody spoke on after an exchange, or did not; what was long ago fades."""
        if failed:
            self.failures = FADING * self.failures + 1.0
            self.after_failures = FADING * self.after_failures + spoke_on
        else:
            self.successes = FADING * self.successes + 1.0
            self.after_successes = FADING * self.after_successes + spoke_on

    @property
    def counted(self) -> tuple[float, float, float, float]:
        """Return what was counted."""
        return self.failures, self.after_failures, self.successes, self.after_successes

    @property
    def telling(self) -> float:
        """Return how likely it is that somebody who speaks on after a failure still wants the same."""
        after_failure = (self.after_failures + 2.0) / (self.failures + 4.0)
        after_success = (self.after_successes + 0.2) / (self.successes + 4.0)
        return max(0.0, 1.0 - after_success / after_failure)
