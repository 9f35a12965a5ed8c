"""Learn which wording people turn to when one fails.

"kill the reader" fails, and eight seconds later "turn off the reading lamp" works. Seen twice, the first
stands for the second from then on. A wording that ever worked by itself is left alone, and so is a
question that was never for the home. What is said only in answer to something ("the left one") helps nobody
another time, and words like "my" mean something else for everyone.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from edge_nlu.learning.judge import acted, failed
from edge_nlu.values import Exchange

WITHIN: Final = timedelta(seconds=30)
FEWEST: Final = 2
FOR_HOME: Final = 0.5
# so much likeness makes up for a sentence that did not seem to be for the home
ALIKE: Final = 0.5
WORKED_KEPT: Final = 4096
FAILED_KEPT: Final = 1024

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_EMPTY: Final = frozenset(
    ["please", "okay", "ok", "um", "uh", "er", "hey", "hmm", "oh", "well", "so", "then", "now"]
)
_OWN: Final = frozenset(["my", "mine", "our", "ours", "me", "us", "i"])
# said in answer to what was before: they do not stand for themselves
_LEANING: Final = frozenset(
    ["correct", "same", "choose", "confirm", "deny", "cancel", "undo", "leave", "none", "teach", "forget"]
)
_POINTING: Final = frozenset(["it", "that", "this", "them", "those", "these", "one", "other", "there"])


@dataclass(frozen=True, slots=True)
class Turned:
    """That somebody turned from one wording to another; `user` is "" where that holds for everyone."""

    failing: str
    working: str
    user: str = ""


def turned(earlier: Exchange, later: Exchange, within: timedelta = WITHIN) -> Turned | None:
    """Return what somebody turned to, where the later exchange says anew what failed in the earlier one."""
    first, second = earlier.utterance, later.utterance
    if first.satellite != second.satellite or (first.user and second.user and first.user != second.user):
        return None
    if not timedelta(0) <= second.at - first.at <= within or not failed(earlier) or not acted(later):
        return None
    working = later.understanding.text
    if wording(first.text) == wording(working) or leans(later) or not like(earlier, later):
        return None
    own = _OWN.intersection((*_words(first.text), *_words(working)))
    return Turned(wording(first.text), working, second.user if own else "")


def wording(text: str) -> str:
    """Return a text such that two that differ only in politeness are equal."""
    return " ".join(word for word in _words(text) if word not in _EMPTY)


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
    """Return whether both may be the same wish: both for the home, or alike in their words."""
    if any(clause.want == "ask" for clause in earlier.understanding.clauses):
        return False
    if earlier.understanding.home >= FOR_HOME <= later.understanding.home:
        return True
    one, other = set(_words(earlier.utterance.text)), set(_words(later.utterance.text))
    return len(one & other) >= ALIKE * min(len(one), len(other))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("\u2019", "'"))


class Rewordings:
    """Which wordings failed, what people turned to, and which wordings work by themselves."""

    def __init__(self, turned_to: Iterable[Turned] = (), worked: Iterable[str] = ()) -> None:
        self._turned: OrderedDict[str, dict[tuple[str, str], int]] = OrderedDict()
        self._worked: OrderedDict[str, None] = OrderedDict()
        for wording_ in worked:
            self.works(wording_)
        for one in turned_to:
            self.add(one)

    def add(self, one: Turned) -> bool:
        """Count that somebody turned from one wording to another; return False where it does not count."""
        if not one.failing or one.failing in self._worked:
            return False
        counts = self._turned.setdefault(one.failing, {})
        counts[one.working, one.user] = counts.get((one.working, one.user), 0) + 1
        self._turned.move_to_end(one.failing)
        if len(self._turned) > FAILED_KEPT:
            self._turned.popitem(last=False)
        return True

    def works(self, failing: str) -> bool:
        """Keep in mind that a wording works by itself; return whether that is new."""
        new = failing not in self._worked
        self._worked[failing] = None
        self._worked.move_to_end(failing)
        self._turned.pop(failing, None)
        if len(self._worked) > WORKED_KEPT:
            self._worked.popitem(last=False)
        return new

    def take_back(self, failing: str) -> None:
        """Forget what people turned to from this wording."""
        self._turned.pop(failing, None)

    def best(self, text: str, user: str) -> str:
        """Return the wording that people turn to from this one, or the text itself."""
        if not self._turned:
            return text
        counts = self._turned.get(wording(text))
        if not counts:
            return text
        fitting = {working: times for (working, whose), times in counts.items() if whose in ("", user)}
        if not fitting:
            return text
        best = max(fitting, key=lambda working: fitting[working])
        if fitting[best] < FEWEST or 2 * fitting[best] <= sum(fitting.values()):
            return text
        return best
