"""Mishear people as a speech recogniser does: each person in their own way, and again and again in the same.

How often a word is heard wrong, and as what, was counted on real recordings. Part of a person's errors are
their own: the recogniser gets these words wrong of them nearly every time, always as the same. The others are
chance. Names and titles have no count; they are heard as the known word that sounds most like them.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import SequenceMatcher
from functools import lru_cache
from heapq import nlargest
from random import Random

from edge_nlu_bench.noise import Confusions

# letters that sound alike, written as one; vowels say little
_SOUNDS = str.maketrans("aeiouybpdtgkcqfvszxjmnlrwh", "aaaaaabbttkkkkffssssnnllaa")
SHORTEST = 3


class Ears:
    """What a recogniser knows: the words it was counted on, and others it may take a name for."""

    def __init__(self, confusions: Confusions, names: Collection[str], channel: str) -> None:
        self.channel = channel
        self._counted = confusions.heard if channel != "sounds" else {}
        self._known = sorted({*confusions.vocabulary, *names})
        self._like = lru_cache(maxsize=None)(self._sounding_like)

    def rate(self, word: str, names: float) -> float:
        """Return the share of times that a word is heard wrong; `names` is that of words without a count."""
        if word in self._counted:
            return sum(share for _, share in self._counted[word])
        return 0.0 if self.channel == "counted" or len(word) < SHORTEST else names

    def instead(self, word: str, rng: Random) -> str:
        """Return what such a word is heard as; "" where it is lost."""
        if word in self._counted:
            others, shares = zip(*self._counted[word], strict=True)
            return str(rng.choices(others, shares)[0])
        return rng.choice(self._like(word))

    def _sounding_like(self, word: str) -> tuple[str, ...]:
        own = _sound(word)

        def likeness(other: str) -> float:
            return SequenceMatcher(None, own, _sound(other)).ratio()

        near = [other for other in self._known if other != word and abs(len(other) - len(word)) <= 2]
        return tuple(nlargest(3, near, key=likeness))


class Hearing:
    """How one person is heard."""

    def __init__(
        self, ears: Ears, seed: str, *, errors: float, again: float, steady: float, names: float
    ) -> None:
        self._ears = ears
        self._seed = seed
        self._errors, self._again, self._steady, self._names = errors, again, steady, names

    def heard(self, said: str, rng: Random) -> str:
        """Return what is heard of a sentence."""
        return " ".join(" ".join(self._word(word, rng) for word in said.split()).split())

    def _word(self, word: str, rng: Random) -> str:
        rate = self._ears.rate(word, self._names) * self._errors
        own = Random(f"{self._seed} {word}")
        if own.random() < rate * self._steady / self._again:
            return self._ears.instead(word, own) if rng.random() < self._again else word
        if rng.random() < rate * (1 - self._steady):
            return self._ears.instead(word, rng)
        return word


def _sound(word: str) -> str:
    """Return how a word sounds, roughly: letters that sound alike as one, none twice in a row."""
    letters = word.lower().translate(_SOUNDS)
    return "".join(letter for at, letter in enumerate(letters) if not at or letters[at - 1] != letter)
