"""Turn labelled sentences into the numbers that training compares with.

Spans become one tag a word; a clause becomes a run of words. What nobody labelled is marked as
unknown and costs nothing in training.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge_nlu.labels import Labels
from edge_nlu.models.words import Word, split_words
from edge_nlu.values import Example, Slot

UNKNOWN = -100
MAX_CLAUSES = 5
Tags = npt.NDArray[np.int16]


@dataclass(slots=True)
class Target:
    """One sentence as words and, where known, the number of each head's right answer."""

    words: tuple[str, ...]
    intent: int
    home: float
    slots: Tags | None
    home_slots: Tags | None
    excluded: Tags | None
    clauses: tuple[tuple[int, int, int, int], ...]  # first word, end, want, property
    text: str


def targets(examples: Iterable[Example], labels: Labels) -> list[Target]:
    """Return the targets of the sentences that have words; labels the model lacks count as unknown."""
    intents = {name: number for number, name in enumerate(labels.intents)}
    return [made for example in examples if (made := _target(example, labels, intents)) is not None]


def _target(example: Example, labels: Labels, intents: dict[str, int]) -> Target | None:
    words, _ = split_words(example.text)
    if not words:
        return None
    home_slots = excluded = None
    clauses: list[tuple[int, int, int, int]] = []
    if example.clauses is not None and labels.wants:
        inner = [slot for clause in example.clauses for slot in clause.slots]
        if example.home and example.slots is None:  # the intents of public data say nothing of slots at home
            home_slots = bio(words, inner, labels.home_slots)
            excluded = _excluded(words, inner)
        clauses = _clauses(words, example, labels)
    known = (
        example.slots is not None
        and labels.slots
        and all(slot.type in labels.slots for slot in example.slots)
    )
    return Target(
        words=tuple(word.text for word in words),
        intent=intents.get(example.intent or "", UNKNOWN),
        home=float("nan") if example.home is None else example.home,
        slots=bio(words, example.slots or (), labels.slots) if known else None,
        home_slots=home_slots,
        excluded=excluded,
        clauses=tuple(clauses),
        text=example.text,
    )


def bio(words: Sequence[Word], slots: Sequence[Slot], types: Sequence[str]) -> Tags:
    """Return a tag for each word: 0 outside, 1 + 2t where a slot of type t begins, 2 + 2t inside it."""
    found = np.zeros(len(words), np.int16)
    for slot in slots:
        if slot.type not in types:
            continue
        tag = 1 + 2 * list(types).index(slot.type)
        for number, word in enumerate(words):
            if word.start < slot.end and word.end > slot.start:
                found[number] = tag
                tag += tag % 2  # odd begins, the even one after it goes on
    return found


def _excluded(words: Sequence[Word], slots: Sequence[Slot]) -> Tags:
    """Mark the words of excluded slots with 1, those of the others with 0; words of no slot are unknown."""
    found = np.full(len(words), UNKNOWN, np.int16)
    for slot in slots:
        for number, word in enumerate(words):
            if word.start < slot.end and word.end > slot.start:
                found[number] = slot.excluded
    return found


def _clauses(words: Sequence[Word], example: Example, labels: Labels) -> list[tuple[int, int, int, int]]:
    clauses = example.clauses or ()
    firsts = [sum(word.end <= clause.start for word in words) for clause in clauses]
    ends = [*firsts[1:], len(words)]
    return [
        (first, end, labels.wants.index(clause.want), labels.properties.index(clause.property))
        for clause, first, end in zip(clauses, firsts, ends, strict=True)
        if first < end
    ][:MAX_CLAUSES]
