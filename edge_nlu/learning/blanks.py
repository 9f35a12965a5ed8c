"""Put blanks where a sentence names things, rooms, numbers and titles: "kill the reader" is "kill {device}".

What is left is a way of saying something that serves every other thing, and other homes. Politeness and
articles are left out, since nobody means anything else by them. Only a sentence of one wish has such a shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from edge_nlu.values import Slot, Understanding

WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
BLANK: Final = re.compile(r"\{(\w+)\}")
_KINDS: Final = {
    **{"device": "device", "reference": "device", "room": "room"},
    **{"value": "number", "title": "title", "program": "title", "media_kind": "title"},
}
_ARTICLES: Final = frozenset(["the", "a", "an"])
_SAID_AROUND: Final = (
    *("please", "okay", "ok", "um", "uh", "er", "hey", "hmm", "oh", "well", "so", "then", "now", "thanks"),
    *("thank you", "cheers", "would you", "could you", "can you", "will you", "i want you to", "for me"),
)
_POLITE: Final = sorted(
    (tuple(words.split()) for words in _SAID_AROUND),
    key=len,
    reverse=True,
)


@dataclass(frozen=True, slots=True)
class Filling:
    """The words in a blank, without an article; `room` is those of them that name a room beside a thing."""

    kind: str
    words: str
    start: int
    end: int
    room: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """Return the words such that singular and plural are equal."""
        return key_of(self.words)

    @property
    def bare(self) -> str:
        """Return the words without those of the room."""
        gone = set(key_of(self.room))
        return " ".join(word for word in self.words.split() if not gone.issuperset(key_of(word)))


@dataclass(frozen=True, slots=True)
class Blanked:
    """A sentence with blanks, and what stands in them; `shape` is "" where it cannot be had."""

    shape: str
    fillings: tuple[Filling, ...] = ()

    def filling(self, kind: str) -> Filling | None:
        """Return what stands in the blank of a kind."""
        return next((one for one in self.fillings if one.kind == kind), None)

    @property
    def says(self) -> bool:
        """Return whether any words are left beside the blanks."""
        return bool(BLANK.sub("", self.shape).strip())


def key_of(words: str) -> tuple[str, ...]:
    """Return words such that two that differ in articles, case or number are equal."""
    said = WORD.findall(words.lower().replace("\u2019", "'"))
    return tuple(_singular(word) for word in said if word not in _ARTICLES)


def _singular(word: str) -> str:
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def blanked(understanding: Understanding) -> Blanked:
    """Return what was said with blanks in it."""
    if len(understanding.clauses) != 1 or understanding.truncated:
        return Blanked("")
    slots = [slot for slot in understanding.clauses[0].slots if slot.type in _KINDS]
    if any(slot.excluded for slot in understanding.clauses[0].slots):
        return Blanked("")
    words = [(match.start(), match.end(), match[0].lower()) for match in WORD.finditer(understanding.text)]
    first, last = _plain([word for *_, word in words])
    shape: list[str] = []
    fillings: list[Filling] = []
    for run in _runs(words[first:last], slots):
        slot, kind = run[0][1], run[0][2]
        said = [word for word, *_ in run if word[2] not in _ARTICLES]
        if slot is None:
            shape += [word[2] for word in said]
        elif said:
            start, end = said[0][0], said[-1][1]
            rooms = [word[2] for word, one, _ in run if one is not None and one.type == "room"]
            room = " ".join(rooms) if kind == "device" else ""
            fillings.append(Filling(kind, understanding.text[start:end].lower(), start, end, room))
            shape.append(f"{{{kind}}}")
    kinds = [filling.kind for filling in fillings]
    if not shape or len(set(kinds)) < len(kinds):
        return Blanked("")
    return Blanked(" ".join(shape), tuple(fillings))


_Word = tuple[int, int, str]
_Placed = tuple[_Word, Slot | None, str]


def _runs(words: Iterable[_Word], slots: Sequence[Slot]) -> list[list[_Placed]]:
    """Return runs of words: those of a thing and of the room before it are one, as are those in no slot."""
    runs: list[list[_Placed]] = []
    for word in words:
        slot = next((one for one in slots if one.start <= word[0] < one.end), None)
        kind = _KINDS[slot.type] if slot is not None else ""
        before = runs[-1][-1][2] if runs else None
        if before == kind:
            runs[-1].append((word, slot, kind))
        elif before == "room" and kind == "device":
            runs[-1] = [(*placed[:2], kind) for placed in runs[-1]] + [(word, slot, kind)]
        else:
            runs.append([(word, slot, kind)])
    return runs


def _plain(words: Sequence[str]) -> tuple[int, int]:
    """Return where what is said begins and ends, without what politeness puts around it."""
    first, last = 0, len(words)
    while length := next((len(p) for p in _POLITE if tuple(words[first : first + len(p)]) == p), 0):
        first += length
    while length := next(
        (len(p) for p in _POLITE if last > first and tuple(words[last - len(p) : last]) == p), 0
    ):
        last -= length
    return (first, last) if first < last else (0, len(words))
