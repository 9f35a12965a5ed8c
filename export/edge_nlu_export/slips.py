"""Slips of finger and ear, word by word, while training.

Each word that comes out says which word it came from, so that labels and what the teachers thought
of the clean sentence can follow it.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

KEYS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "o",
    "a": "qsz", "s": "adw", "d": "sfe", "f": "dgr", "g": "fht", "h": "gjy", "j": "hku", "k": "jli", "l": "ko",
    "z": "xa", "x": "zcs", "c": "xvd", "v": "cbf", "b": "vng", "n": "bmh", "m": "nj",
}  # fmt: skip


@dataclass(frozen=True)
class Slips:
    """How often each kind of slip happens, and what words are misheard as."""

    typing: float = 0.2
    hearing: float = 0.12
    confusions: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)

    def surely(self, share: float = 1.0) -> Slips:
        """Return the same slips, one in that share of the sentences."""
        return replace(self, typing=0.6 * share, hearing=0.4 * share)

    def slip(self, words: Sequence[str], rng: random.Random) -> list[tuple[str, int]]:
        """Return the words as they were typed or heard, each with the place of the word it came from."""
        heard = [(word, place) for place, word in enumerate(words)]
        chance = rng.random()
        if chance < self.typing:
            return self._mistyped(heard, rng)
        if chance < self.typing + self.hearing:
            return self._misheard(heard, rng)
        return heard

    def _mistyped(self, words: list[tuple[str, int]], rng: random.Random) -> list[tuple[str, int]]:
        places = [place for place, (word, _) in enumerate(words) if word.isalpha() and len(word) > 2]
        if not places:
            return words
        at = rng.choice(places)
        word, source = words[at]
        if rng.random() < 0.12:  # a blank too many or too few
            if at + 1 < len(words) and rng.random() < 0.5:
                return [*words[:at], (word + words[at + 1][0], source), *words[at + 2 :]]
            cut = rng.randrange(1, len(word))
            return [*words[:at], (word[:cut], source), (word[cut:], source), *words[at + 1 :]]
        return [*words[:at], (mistype(word, rng), source), *words[at + 1 :]]

    def _misheard(self, words: list[tuple[str, int]], rng: random.Random) -> list[tuple[str, int]]:
        places = [place for place, (word, _) in enumerate(words) if word in self.confusions]
        if not places or (len(words) > 3 and rng.random() < 0.25):
            if len(words) < 4:
                return words
            at = rng.randrange(len(words))
            return words[:at] + words[at + 1 :]
        at = rng.choice(places)
        options = self.confusions[words[at][0]]
        heard = rng.choices([h for h, _ in options], [times for _, times in options])[0]
        swapped = [*words[:at], *((part, words[at][1]) for part in heard.split()), *words[at + 1 :]]
        return swapped or words


def read_slips(confusions: Path | None, typing: float, hearing: float) -> Slips:
    """Return slips of those shares, with what is misheard from a file of counted confusions."""
    heard: dict[str, list[tuple[str, int]]] = {}
    if confusions is not None:
        with gzip.open(confusions, "rt", encoding="utf-8") as file:
            for row in map(json.loads, file):
                if row["said"] and row["heard"]:
                    heard.setdefault(row["said"], []).append((row["heard"], row["times"]))
    return Slips(typing, hearing, heard)


def mistype(word: str, rng: random.Random) -> str:
    """Return the word with one slip of a finger."""
    at = rng.randrange(len(word))
    kind = rng.random()
    if kind < 0.3 and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind < 0.55:
        return word[:at] + word[at + 1 :]
    if kind < 0.7:
        return word[:at] + word[at] + word[at:]
    near = KEYS.get(word[at].lower(), "e")
    return word[:at] + rng.choice(near) + word[at + (kind < 0.9) :]
