"""Put down at night what this home could train a fleet's heads with, as far as its owner allows.

It is what the hub found out by itself: what sentences meant, which device was meant among which, and whether
it was right to take a sentence for another. Only numbers and classes are written, of the last days alone and
no more than so many; all of it is written anew each night, so what was forgotten is gone from it. It stays in
the house: sync trains with it, and sends what became of a head.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge_nlu.interfaces import Understander
from edge_nlu.learning import head, ranker, weights
from edge_nlu.learning.fitting import Lessons
from edge_nlu.learning.head import SURE
from edge_nlu.learning.labels import Label
from edge_nlu.learning.weights import Choice
from edge_nlu.models.heads import names_of, weights_of
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.judged import exchange_from
from edge_nlu.storage.labelled import LABELS, labels_in
from edge_nlu.values import Exchange
from edge_nlu.wire.lessons import MOST, Taught, may_hold, put_lessons

log = logging.getLogger(__name__)

AT_ONCE: Final = 8
UNDECIDED: Final = (0.4, 0.6)
"""How likely something went well where nobody can really tell."""


class Teaching:
    """Puts lessons for these heads down in a folder, those of the time to keep; without heads, none."""

    def __init__(
        self,
        journal: SqliteJournal,
        understander: Understander,
        outgoing: Path,
        heads: Sequence[str],
        keep: timedelta,
    ) -> None:
        self._journal = journal
        self._understander = understander
        self._outgoing = outgoing
        self._heads = heads
        self._keep = keep

    def tell(self, now: datetime) -> Iterator[None]:
        """Put down what there is to learn from now, with pauses."""
        pack, since = self._journal.pack, (now - self._keep).timestamp()
        if self._heads and not may_hold(pack):
            log.warning("pack %r: no lessons are put down for a pack of such a name", pack)
            return
        found: dict[str, Taught] = {}
        for one in self._heads:
            names = names_of(one, self._understander)
            if not names:
                continue
            if one == "intent":
                lessons, said_s = yield from self._meant(names, since)
            else:
                choices = self._devices(since) if one == "evidence" else self._taken(since)
                dated = yield from choices
                lessons = weights.lessons_of([choice for _, choice in dated], names)
                said_s = [at_s for at_s, _ in dated]
            if len(lessons):
                found[one] = Taught(names, lessons, np.array(said_s, np.float64))
            yield
        put_lessons(self._outgoing, pack, found)

    def _meant(
        self, classes: Sequence[str], since: float
    ) -> Generator[None, None, tuple[Lessons, list[float]]]:
        """Return what sentences meant instead of what is read in them, the latest first."""
        at = self._times(since)
        labels = self._labels(at)[:MOST]
        readings = yield from head.readings_of(labels, self._understander)
        lessons, said = head.lessons_of(labels, readings, classes)
        return lessons, [at[utterance] for utterance in said]

    def _devices(self, since: float) -> Generator[None, None, list[tuple[float, Choice]]]:
        """Return which device was meant among those that came into question, the latest first."""
        at, in_use = self._times(since), weights_of(self._understander)
        found: list[tuple[float, Choice]] = []
        labels = [label for label in self._labels(at) if label.commands and label.sure >= SURE]
        for number, label in enumerate(labels[:MOST], 1):
            for exchange, _, _ in self._exchanges(_OF_UTTERANCE, (label.utterance, self._journal.pack)):
                if (choice := weights.choice_of(label, exchange, in_use)) is not None:
                    found.append((at[label.utterance], choice))
            if number % AT_ONCE == 0:
                yield
        return found

    def _taken(self, since: float) -> Generator[None, None, list[tuple[float, Choice]]]:
        """Return whether sentences were rightly taken for others, the latest first."""
        low, high = UNDECIDED
        found: list[tuple[float, Choice]] = []
        rows = self._exchanges(_TAKEN, (since, self._journal.pack, low, high, MOST))
        for number, (exchange, at_s, well) in enumerate(rows, 1):
            taken = exchange.taken
            if taken is not None and taken.because and not taken.spared:
                found.append((at_s, ranker.choice_of(taken.because, well=well > high)))
            if number % AT_ONCE == 0:
                yield
        return found

    def _times(self, since: float) -> dict[str, float]:
        """Return when each sentence was said that has a label, of those after a time."""
        return dict(self._journal.rows("SELECT utterance, at_s FROM labels WHERE at_s >= ?", (since,)))

    def _labels(self, at: dict[str, float]) -> list[Label]:
        """Return labels of these sentences, the latest first."""
        return [label for label in reversed(labels_in(self._journal.rows(LABELS))) if label.utterance in at]

    def _exchanges(self, query: str, values: Sequence[Any]) -> Iterator[tuple[Exchange, float, float]]:
        for whole, at_s, well in self._journal.rows(query, values):
            # of another version, whose values are not known here
            with suppress(ValueError):
                yield exchange_from(whole, None), at_s, well


_EXCHANGES: Final = "SELECT whole, at_s, well FROM exchanges WHERE whole != '' AND"
_OF_UTTERANCE: Final = f"{_EXCHANGES} id = ? AND pack = ?"
_TAKEN: Final = (
    f"{_EXCHANGES} at_s >= ? AND pack = ? AND well NOT BETWEEN ? AND ?"
    """ AND whole LIKE '%"is":"Taken"%' ORDER BY number DESC LIMIT ?"""
)
