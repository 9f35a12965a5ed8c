"""Tell how alike two sentences sound, and which words of a sentence are new to a home.

A word that was heard wrong is mostly one that sounds like another the home knows well, and that stands where
nobody here says it. So a home's own sentences tell what is likely to be heard, without any dictionary.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from math import log1p
from typing import Final, NamedTuple

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
# letters that sound alike, written as one
_SOUNDS: Final = str.maketrans("eiouypdtgkcqfvszxjmnlrwh", "aaaaabttkkkkffssssnnllaa")
_EDGE: Final = ""
# so much alike may be one word heard as the other
SOUNDS_LIKE: Final = 0.6


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in small letters."""
    return tuple(_WORD.findall(text.lower().replace("\u2019", "'")))


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """Return how a word sounds, roughly: letters that sound alike as one, none twice in a row."""
    letters = word.translate(_SOUNDS)
    return "".join(letter for at, letter in enumerate(letters) if not at or letters[at - 1] != letter)


@lru_cache(maxsize=4096)
def sounds_like(one: str, other: str) -> float:
    """Return how alike two words sound, from 0 to 1."""
    if one == other:
        return 1.0
    by_sound = SequenceMatcher(None, sound(one), sound(other), autojunk=False).ratio()
    by_letter = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return (by_sound + by_letter) / 2


class Change(NamedTuple):
    """What turns one sentence into another: shares of words kept, and how alike replaced words sound.

    `alike` is that of the most alike word put in the place of another; `swapped`, `lost` and `gained` count
    words as a share of the longer sentence.
    """

    kept: float
    swapped: float
    lost: float
    gained: float
    alike: float


def change(one: Sequence[str], other: Sequence[str]) -> Change:
    """Return what turns one sentence into another."""
    longest = max(len(one), len(other), 1)
    kept = swapped = lost = gained = 0
    alike = 0.0
    for op, i, i_end, j, j_end in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        here, there = i_end - i, j_end - j
        if op == "equal":
            kept += here
            continue
        swapped += min(here, there)
        lost += max(here - there, 0)
        gained += max(there - here, 0)
        if here and there:
            alike = max(alike, max(sounds_like(a, b) for a in one[i:i_end] for b in other[j:j_end]))
    return Change(kept / longest, swapped / longest, lost / longest, gained / longest, alike)


class Usual(NamedTuple):
    """How usual a sentence is among the others of a home.

    Counts are logarithms of how many others have a word, or two words in a row: the least of the sentence and
    the mean. `unknown` is the share of words that neither sentences nor names have. `mended` is how much more
    usual it becomes with one word in place of another, and `alike` how alike those two sound.
    """

    words: float = 0.0
    rarest_word: float = 0.0
    pairs: float = 0.0
    rarest_pair: float = 0.0
    unknown: float = 0.0
    mended: float = 0.0
    alike: float = 0.0


class Vocabulary:
    """The words and pairs of words that are said in a home, each counted once a sentence, and its names."""

    def __init__(self, sentences: Iterable[Sequence[str]], names: Iterable[str]) -> None:
        self._names = {word for name in names for word in words_of(name)}
        self._words: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        for words in {tuple(words) for words in sentences}:
            self._words.update(set(words))
            self._pairs.update(set(_pairs(words)))
        self._beside: dict[tuple[str, bool], set[str]] = {}
        for first, second in self._pairs:
            self._beside.setdefault((first, True), set()).add(second)
            self._beside.setdefault((second, False), set()).add(first)

    def usual(self, words: Sequence[str]) -> Usual:
        """Return how usual a sentence is that was said here."""
        if not words:
            return Usual()
        said = [log1p(max(self._words[word] - 1, 0)) for word in words]
        pairs = [log1p(max(self._pairs[pair] - 1, 0)) for pair in _pairs(words)]
        unknown = sum(self._words[word] <= 1 and word not in self._names for word in words)
        mended, alike = max(self._mended(words, at) for at in range(len(words)))
        return Usual(
            *(sum(said) / len(said), min(said), sum(pairs) / len(pairs), min(pairs)),
            *(unknown / len(words), mended, alike),
        )

    def _mended(self, words: Sequence[str], at: int) -> tuple[float, float]:
        """Return how much more usual another word would be in a place, and how alike it sounds."""
        word = words[at]
        before, after = (words[at - 1] if at else _EDGE), (words[at + 1] if at + 1 < len(words) else _EDGE)
        now = max(self._pairs[before, word] - 1, 0) + max(self._pairs[word, after] - 1, 0)
        best = (0.0, 0.0)
        fitting = self._beside.get((before, True), set()) | self._beside.get((after, False), set())
        for other in fitting:
            then = self._pairs[before, other] + self._pairs[other, after]
            gain = log1p(then) - log1p(now)
            if gain > best[0] and other and other != word and sounds_like(word, other) >= SOUNDS_LIKE:
                best = (gain, sounds_like(word, other))
        return best


def _pairs(words: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip((_EDGE, *words), (*words, _EDGE), strict=True))
