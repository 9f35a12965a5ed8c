"""Find the word of a home that a misheard or mistyped word stands for.

"The reading lamb" is the lamp, "the kithcen" the kitchen. A word within one slip of another shares its
first half or its second half with it, and a word misheard sounds the same: so words are kept by
halves and by sound, and only the few that share one are compared. A word known here is never doubted.
"""

from __future__ import annotations

import re

from edge_nlu.storage.index import Index

SHORTEST = 3
_MOST = 200
_GROUPS = (
    (re.compile(r"mb$"), "m p"),
    (re.compile(r"ph|v"), "f"),
    (re.compile(r"ck|[cgqx](?![eiy])|gh(?=$|t)"), "k"),
    (re.compile(r"^kn"), "n"),
    (re.compile(r"^wr"), "r"),
    (re.compile(r"sh|ch|sch|[cszxj](?=.)|[szx]$"), "s"),
    (re.compile(r"[bp]"), "p"),
    (re.compile(r"[dt]h?"), "t"),
)
_SILENT = re.compile(r"(?<=.)[aeiouyhw ]+")
_TWICE = re.compile(r"(.)\1+")


class Spelling:
    """The words of a home, looked up by how they are spelt and how they sound."""

    __slots__ = ("_halves", "_known", "_sounds")

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._halves = Index()
        self._sounds = Index()

    def add(self, word: str) -> None:
        """Take a word in."""
        if len(word) < SHORTEST or not word.isalpha() or word in self._known:
            return
        self._known[word] = sound = sound_of(word)
        self._sounds.add(sound, word)
        for half in _halves(word, len(word)):
            self._halves.add(half, word)

    def remove(self, word: str) -> None:
        """Take a word out."""
        sound = self._known.pop(word, None)
        if sound is None:
            return
        self._sounds.remove(sound, word)
        for half in _halves(word, len(word)):
            self._halves.remove(half, word)

    def like(self, word: str) -> tuple[str, ...]:
        """Return the words that this one may stand for, the likeliest first, at most four."""
        if word in self._known:
            return (word,)
        if len(word) < SHORTEST or not word.isalpha():
            return ()
        sound = sound_of(word)
        found: dict[str, tuple[int, bool, int]] = {}
        for other in self._near(word, sound):
            slips = slips_between(word, other)
            same = self._known[other] == sound
            if other not in found and _may_be(word, other, slips, same=same):
                found[other] = (slips, not same, abs(len(word) - len(other)))
        return tuple(sorted(found, key=lambda other: found[other])[:4])

    def _near(self, word: str, sound: str) -> list[str]:
        near = list(self._sounds.get(sound))[:_MOST]
        for length in (len(word), len(word) + 1, len(word) - 1):
            for half in _halves(word, length):
                near.extend(list(self._halves.get(half))[:_MOST])
        return near


def _may_be(word: str, other: str, slips: int, *, same: bool) -> bool:
    """Return whether few enough slips lie between two words for their length."""
    if slips > (2 if same or min(len(word), len(other)) >= 7 else 1):
        return False
    return same or word[0] == other[0] or max(len(word), len(other)) >= 6


def _halves(word: str, length: int) -> tuple[str, str]:
    """Return the halves of a word as a word of that length has them, each marked by its side."""
    middle = length // 2
    return f"{length}{word[:middle]}-", f"{length}-{word[len(word) - (length - middle) :]}"


def sound_of(word: str) -> str:
    """Return roughly how a word sounds: what people mishear for each other has one letter."""
    sound = word.lower()
    for letters, one in _GROUPS:
        sound = letters.sub(one, sound)
    if sound[:1] in "aeiouy":
        sound = "a" + sound[1:]
    return _TWICE.sub(r"\1", _SILENT.sub("", sound))


def slips_between(one: str, other: str) -> int:
    """Return how many letters are wrong, missing, too many or swapped; 3 stands for more."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, letter2 in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != letter2))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == letter2:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return min(last[-1], 3)
