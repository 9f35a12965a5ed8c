"""Tell a fleet at night what this home has learned, as far as its owner allows, and of nobody here.

Digests of a few pairs of wordings go first. They go once an epoch, and no oftener than every four weeks,
whatever a fleet asks: each time costs a little of the privacy that it promises. Words follow only for pairs
that this home offered and the fleet named, which enough homes say. Nothing is told but what is made of
ordinary words alone, and in which the filter that guards questions to the outside finds no name, number or
address. How a week went is told where the fleet says beforehand what that may cost. What is handed out is
sent by sync when there is time, and if the home's owner allows what it costs.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from edge_nlu.cloud.mask import mask
from edge_nlu.interfaces import Understander
from edge_nlu.learning.failures import failures
from edge_nlu.learning.goals import CORRECT
from edge_nlu.learning.ordinary import is_ordinary
from edge_nlu.learning.pairs import Pair, digest, pairs_of
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.forgetting import FORGET_OFFERED, OFFERED
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.judged import SINCE, judged_from
from edge_nlu.storage.wordings import Wordings
from edge_nlu.wire.outgoing import hand_out
from edge_nlu.wire.pairs import (
    ASKED,
    LARGEST_BYTES,
    MOST_PAIRS,
    WEEK_S,
    Asked,
    Offer,
    Week,
    Worded,
    begin_of,
    put_offer,
    week_of,
)

log = logging.getLogger(__name__)

EPOCH_S: Final = 4 * WEEK_S
"""Two offers are at least so far apart."""

AT_ONCE: Final = 8
FEWEST_SAID: Final = 10
"""A week in which less was said tells of single sentences."""

_OFFERED, _OFFERED_AT, _WORDED, _TOLD = "pairs offered", "pairs offered at", "pairs worded", "week told"
# what is called so in many homes tells of none
_ANYBODYS: Final = ("ROOM", "THING")
_MARK: Final = "INSERT OR REPLACE INTO marks VALUES (?, ?)"


class Sharing:
    """Tells what may be told; `private` are names and words that never leave."""

    def __init__(
        self,
        journal: SqliteJournal,
        own: Wordings,
        context: HomeContext,
        understander: Understander,
        outgoing: Path,
        *,
        private: Sequence[str] = (),
        wordings: bool,
        weeks: bool,
    ) -> None:
        self._journal = journal
        self._own = own
        self._context = context
        self._understander = understander
        self._outgoing = outgoing
        self._private = private
        self._wordings = wordings
        self._weeks = weeks

    def tell(self, now: datetime) -> Iterator[None]:
        """Tell what is due, with pauses."""
        asked = self._asked()
        if asked is not None and self._wordings and (due := self._due(asked, now.timestamp())):
            pairs = yield from self._nobodys(now)
            if due == _OFFERED:
                self._offer(asked, pairs, now.timestamp())
            else:
                self._word(asked, pairs)
        yield
        if asked is not None and self._weeks and asked.weeks:
            self._tell_week(asked, now)

    def _asked(self) -> Asked | None:
        """Return what the fleet asks with the pack in use."""
        pack = getattr(self._understander, "pack", None)
        if pack is None or ASKED not in pack.files or pack.files[ASKED] > LARGEST_BYTES:
            return None
        try:
            return Asked.from_json((pack.folder / ASKED).read_text(encoding="utf-8"))
        except ValueError as error:
            log.warning("%s of pack %s asks nothing: found %s", ASKED, pack.id, error)
            return None

    def _due(self, asked: Asked, now: float) -> str:
        """Return what the fleet is to be told of pairs: digests, words, or "" for nothing."""
        if asked.named:
            return _WORDED if asked.epoch > self._mark(_WORDED) else ""
        since = now - self._mark(_OFFERED_AT)
        open_ = asked.named is None and asked.epoch > self._mark(_OFFERED)
        return _OFFERED if open_ and not 0 <= since < EPOCH_S else ""

    def _nobodys(self, now: datetime) -> Generator[None, None, list[Pair]]:
        """Return the pairs that may be told, the best first."""
        home = self._context.snapshot(now)
        names = (*self._private, *(person.id for person in home.people()))
        fine = []
        ordinary = (
            pair for pair in pairs_of(self._own.offered(names)) if is_ordinary(pair.failing, pair.working)
        )
        for at, pair in enumerate(ordinary, 1):
            said = (self._understander.understand(text) for text in (pair.failing, pair.working))
            held = (own for one in said for own in mask(one, home, self._private).held)
            if all(own.strip("<>").rpartition("_")[0] in _ANYBODYS for own in held):
                fine.append(pair)
            if at % AT_ONCE == 0:
                yield
        return fine

    def _offer(self, asked: Asked, pairs: Sequence[Pair], now: float) -> None:
        """Hand out digests; cut off in between none are, since twice would be too often."""
        # what the table has is left out, so that what is said less often gets its turn
        new = [pair for pair in pairs if not self._own.is_common(pair.kind, pair.failing)]
        digests = tuple(digest(asked.salt, pair) for pair in new[: min(asked.most, MOST_PAIRS)])
        epoch = float(asked.epoch)
        own = ((f"{OFFERED}{one.hex()}", epoch) for one in digests)
        marks = ((_OFFERED, epoch), (_OFFERED_AT, now), *own)
        self._journal.keep([FORGET_OFFERED, *((_MARK, mark) for mark in marks)])
        if digests:
            promised = (asked.epsilon, asked.delta)
            put_offer(self._outgoing, Offer(asked.epoch, uuid4().hex, digests, *promised))

    def _word(self, asked: Asked, pairs: Sequence[Pair]) -> None:
        """Hand out the words of what was offered and named.

        Cut off in between they are handed out again, which changes nothing.
        """
        digests = {digest(asked.salt, pair): pair for pair in pairs}
        named = (one for one in asked.named or () if one in digests)
        words = tuple(digests[one] for one in named if self._mark(f"{OFFERED}{one.hex()}") == asked.epoch)
        if words:
            hand_out(self._outgoing, "wordings", Worded(asked.epoch, words).to_bytes())
        self._journal.keep([(_MARK, (_WORDED, float(asked.epoch)))])

    def _tell_week(self, asked: Asked, now: datetime) -> None:
        """Hand out how the last week went, once."""
        week = week_of(now.timestamp()) - 1
        if week <= self._mark(_TOLD):
            return
        self._journal.keep([(_MARK, (_TOLD, float(week)))])
        until = begin_of(week + 1)
        judged = judged_from(self._journal.rows(SINCE, (begin_of(week),)))
        judged = [one for one in judged if one.exchange.utterance.at.timestamp() < until]
        failed = Counter(one.stage for one in failures(judged, {}))
        counted = {CORRECT: len(judged) - failed.total(), **failed}
        if len(judged) >= FEWEST_SAID:
            hand_out(self._outgoing, "count", Week.of(week, asked.weeks, counted).to_bytes())

    def _mark(self, name: str) -> float:
        return self._journal.mark(name) or 0.0
