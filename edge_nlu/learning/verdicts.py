"""Say how likely it is that an exchange went well, from what came next, and why.

Somebody who takes it back, says it anew or puts the lamp back by hand was not served; somebody who says
nothing probably was. What silence and interruptions tell differs from house to house, and so does the pause
before people say a thing anew: all three are learned from what was judged before. Where nobody ever
complains, silence tells less; where everybody always interrupts, an interruption tells nothing.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from edge_nlu.interfaces import Home
from edge_nlu.learning.judge import acted, failed, of_one_person, took_back
from edge_nlu.learning.rewording import WITHIN, like, wording
from edge_nlu.values import Act, Ask, Exchange

# how often a hub may be wrong, before anybody has said anything
WRONG: Final = 0.1
# nobody says a thing anew after so long
LONGEST: Final = timedelta(seconds=90)
SHORTEST: Final = timedelta(seconds=10)
# as many pauses make a household's own
PAUSES: Final = 5
PAUSES_KEPT: Final = 50
# what was judged so long ago counts half
HALVED_AFTER: Final = 400
# who is chosen with less was nearly another
DOUBT: Final = 0.85
# nobody wants to be asked more often how it went
RARELY: Final = timedelta(days=7)
WORDS_A_SECOND: Final = 2.5

FINE: Final = "nobody complained"
RIGHT: Final = "it was said to be right"
BACK: Final = "it was taken back"
ANEW: Final = "it was said anew"
AGAIN: Final = "it was said again"
HAND: Final = "somebody put it back by hand"
INTERRUPTED: Final = "the answer was interrupted"
GIVEN_UP: Final = "it came to nothing, and was given up"
NOTHING: Final = "it came to nothing"
DISOBEYED: Final = "a device could not be told"
ASKED: Final = "the hub asked back"
COMPLAINTS: Final = (BACK, ANEW, AGAIN, HAND)
_WELL: Final = {
    **{RIGHT: 0.98, ASKED: 0.5, AGAIN: 0.3, NOTHING: 0.15, ANEW: 0.1},
    **{DISOBEYED: 0.1, HAND: 0.08, GIVEN_UP: 0.05, BACK: 0.03},
}
_PRAISE: Final = re.compile(
    r"\b(?:thanks|thank you|perfect|well done|that's (?:right|it|better)|brilliant)\b"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How likely it is that an exchange went well, why, and how many seconds after it that showed."""

    well: float
    why: str
    after_s: float = 0.0


class Judge:
    """Judges exchanges as this household shows what it thinks of them."""

    def __init__(self, judged: Iterable[tuple[str, float]] = ()) -> None:
        self._seen: Counter[str] = Counter()
        self._pauses: deque[float] = deque(maxlen=PAUSES_KEPT)
        for why, after_s in judged:
            self._count(why, after_s)

    @property
    def within(self) -> timedelta:
        """Return how long after a sentence people here still say it anew."""
        if len(self._pauses) < PAUSES:
            return WITHIN
        late = sorted(self._pauses)[int(0.9 * len(self._pauses))]
        return min(max(timedelta(seconds=1.5 * late), SHORTEST), LONGEST)

    def at_once(self, exchange: Exchange) -> Verdict:
        """Return what can be said before anything came next."""
        if exchange.outcome.failed:
            return self._verdict(DISOBEYED)
        if failed(exchange):
            return self._verdict(NOTHING)
        return self._verdict(ASKED if isinstance(exchange.decision, Ask) else FINE)

    def next(self, earlier: Exchange, later: Exchange) -> Verdict:
        """Return what the exchange that followed says of one, and keep in mind how people here show it."""
        why = self._shown(earlier, later) or self.at_once(earlier).why
        after_s = max((later.utterance.at - earlier.utterance.at).total_seconds(), 0.0)
        self._count(why, after_s)
        return self._verdict(why, after_s)

    def put_back(self, earlier: Exchange, after_s: float) -> Verdict | None:
        """Return what it says that somebody put things back by hand so soon after an act."""
        if not acted(earlier) or not 0.0 <= after_s <= LONGEST.total_seconds():
            return None
        self._count(HAND, after_s)
        return self._verdict(HAND, after_s)

    def _verdict(self, why: str, after_s: float = 0.0) -> Verdict:
        silent = 1.0 - WRONG * (1.0 - self._outspoken())
        if why == INTERRUPTED:
            return Verdict(round(silent - 0.5 * (1.0 - self._share(INTERRUPTED)), 3), why, after_s)
        return Verdict(round(_WELL.get(why, silent), 3), why, after_s)

    def _outspoken(self) -> float:
        """Return which share of what goes wrong people here complain of."""
        complaints = sum(self._seen[why] for why in COMPLAINTS)
        return (complaints + 1.0) / (max(WRONG * self._seen.total(), complaints) + 2.0)

    def _share(self, why: str) -> float:
        return self._seen[why] / (self._seen.total() + 4.0)

    def _count(self, why: str, after_s: float) -> None:
        self._seen[why] += 1
        if why == ANEW:
            self._pauses.append(after_s)
        if self._seen.total() > 2 * HALVED_AFTER:
            self._seen = Counter({one: times // 2 for one, times in self._seen.items()})

    def _shown(self, earlier: Exchange, later: Exchange) -> str:
        gone = later.utterance.at - earlier.utterance.at
        if gone < timedelta(0) or not of_one_person(earlier.utterance, later.utterance):
            return ""
        if took_back(later, earlier):
            return BACK
        soon = gone <= self.within
        if acted(earlier) and soon and _agrees(later):
            return RIGHT
        if gone <= LONGEST and wording(earlier.utterance.text) == wording(later.utterance.text):
            return AGAIN if acted(earlier) and soon and _told_the_same(earlier, later) else ""
        if failed(earlier):
            if gone <= LONGEST and like(earlier, later):
                return ANEW
            return "" if soon else GIVEN_UP
        spoken_s = len(earlier.decision.say.split()) / WORDS_A_SECOND
        return INTERRUPTED if gone.total_seconds() < spoken_s else ""


def doubtful(exchange: Exchange, home: Home) -> bool:
    """Return whether an act matters and may have been another than was meant; a lamp never matters."""
    if not isinstance(exchange.decision, Act):
        return False
    return any(
        candidate.score < DOUBT
        and any(
            (known := home.device(device)) is not None
            and (kind := home.appliance(known.kind)) is not None
            and bool(kind.risky)
            for device in candidate.devices
        )
        for candidate in exchange.decision.candidates
    )


def _agrees(exchange: Exchange) -> bool:
    wants = [clause.want for clause in exchange.understanding.clauses]
    return wants == ["confirm"] or (
        not acted(exchange) and _PRAISE.search(exchange.utterance.text.lower()) is not None
    )


def _told_the_same(earlier: Exchange, later: Exchange) -> bool:
    return (
        isinstance(earlier.decision, Act)
        and isinstance(later.decision, Act)
        and {one.device for one in earlier.decision.commands}
        == {one.device for one in later.decision.commands}
    )
