"""Find a sentence that works here and that only sounds otherwise than one that failed.

Recognisers mishear a word now and then: "switch off the garage reading trump". What worked here lately is
looked through by meaning, and what comes near counts where all that differs is one word that sounds alike. A
word that tells things apart is no slip: rooms and things of this home, numbers, on and off. Titles are never
swapped: "we don't talk anymore" is not "we don't talk about Bruno".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

import numpy as np

from edge_nlu.interfaces import Home
from edge_nlu.learning.blanks import WORD
from edge_nlu.learning.teach import PLAIN, known
from edge_nlu.values import Understanding

KEPT: Final = 1000
# so many that are nearest are looked at word by word
LOOKED_AT: Final = 8
SOUNDS_ALIKE: Final = 0.6
FEWEST_WORDS: Final = 3
_NUMBER: Final = re.compile(
    r"\d+|zero|one|two|three|four(?:th|teen|ty)?|five|six(?:th|teen|ty)?|seven(?:th|teen|ty)?|eight(?:h|een|y)?"
    r"|nine(?:teen|ty)?|ten|eleven|twelve|thirteen|fifteen|twenty|thirty|forty|fifty|hundred|half"
)
_TITLED: Final = frozenset(["play", "find", "ask", "teach"])


class Nearest:
    """What worked here lately, by what it means: a row of bytes each."""

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._rows = np.zeros((KEPT, 0), np.int8)
        self._next = 0

    def works(self, understanding: Understanding) -> None:
        """Keep a sentence that worked; the oldest gives way."""
        text = understanding.text.lower()
        if text in self._texts or _is_titled(understanding):
            return
        row = np.frombuffer(understanding.embedding, "<f4")
        if self._rows.shape[1] != len(row):
            # another pack has other numbers
            self._texts, self._rows, self._next = {}, np.zeros((KEPT, len(row)), np.int8), 0
        if len(self._texts) == KEPT:
            del self._texts[next(iter(self._texts))]
        self._rows[self._next] = np.rint(127 * row)
        self._texts[text] = self._next
        self._next = (self._next + 1) % KEPT

    def near(self, failed: Understanding, home: Home) -> Iterator[str]:
        """Yield what may have been said instead, the nearest first."""
        if not self._texts or _is_titled(failed) or 4 * self._rows.shape[1] != len(failed.embedding):
            return
        texts = list(self._texts)
        rows = self._rows[[self._texts[text] for text in texts]].astype(np.float32)
        alike = rows @ np.frombuffer(failed.embedding, "<f4")
        for number in np.argsort(-alike)[:LOOKED_AT]:
            if _may_be(failed.text.lower(), texts[number], home):
                yield texts[number]


def _is_titled(understanding: Understanding) -> bool:
    return any(clause.want in _TITLED for clause in understanding.clauses)


def _may_be(failed: str, worked: str, home: Home) -> bool:
    """Return whether two sentences differ in one word only that was heard for another."""
    one, other = WORD.findall(failed), WORD.findall(worked)
    if len(one) != len(other) or len(one) < FEWEST_WORDS:
        return False
    differing = [(heard, said) for heard, said in zip(one, other, strict=True) if heard != said]
    if len(differing) != 1:
        return False
    heard, said = differing[0]
    tells_apart = heard in PLAIN or said in PLAIN or known(heard, home) or _NUMBER.fullmatch(heard)
    return not tells_apart and SequenceMatcher(None, heard, said).ratio() >= SOUNDS_ALIKE
