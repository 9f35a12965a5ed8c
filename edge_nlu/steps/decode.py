"""Turn the model's numbers into an understanding that could be true.

The model scores every word and the sentence on its own; here they are made to agree. A slot cannot
go on without having begun, a slot that never goes with the intent is unlikely, and the words of one
clause together say what it wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from edge_nlu.labels import Labels
from edge_nlu.values import Clause, Scored, Slot, Understanding

Array: TypeAlias = npt.NDArray[np.float32]
Span: TypeAlias = tuple[int, int]

ALTERNATIVES = 3
STRANGE = 4.0  # what a slot type loses in log-odds when it never went with the intent
OUTSIDE = 0


def nothing(text: str, labels: Labels) -> Understanding:
    """Return the understanding of a text without words."""
    width = b"\0" * (4 * labels.embedding)
    return Understanding(text=text, intents=(), home=0.0, slots=(), clauses=(), embedding=width)


def decode(
    text: str,
    places: Sequence[Span],
    sentence: Array,
    words: Array,
    labels: Labels,
    *,
    truncated: bool = False,
) -> Understanding:
    """Return what the model's answers for a sentence mean; `places` are the words' offsets in the text."""
    intents = _intents(sentence[labels.sentence["intent"]], labels)
    slot_scores = words[:, labels.word["slot"]]
    strange = labels.strange(intents[0].label) if intents else None
    if strange is not None:
        slot_scores = slot_scores - STRANGE * strange
    clauses: tuple[Clause, ...] = ()
    home = 0.0
    if labels.wants:
        home = float(_sigmoid(sentence[labels.sentence["home"]])[0])
        clauses = _clauses(text, places, words, labels)
    embedding = sentence[labels.sentence["embedding"]]
    length = float(np.sqrt(embedding @ embedding)) or 1.0
    return Understanding(
        text=text,
        intents=intents,
        home=home,
        slots=tuple(_slots(text, places, slot_scores, labels.slots)),
        clauses=clauses,
        embedding=(embedding / length).tobytes(),
        truncated=truncated,
    )


def tag_path(scores: Array) -> npt.NDArray[np.intp]:
    """Return the best tags in which nothing goes on that did not begin.

    Tag 0 is outside, 1 + 2t begins type t, 2 + 2t goes on with it.
    """
    best = scores.argmax(1)
    before = np.concatenate(([OUTSIDE], best[:-1]))
    goes_on = (best > 0) & (best % 2 == 0)
    if not np.any(goes_on & (before != best) & (before != best - 1)):
        return best  # what is best for each word is allowed, so nothing better exists
    return _viterbi(scores)


def _viterbi(scores: Array) -> npt.NDArray[np.intp]:
    count, width = scores.shape
    begin, inside = np.arange(1, width, 2), np.arange(2, width, 2)
    total = scores[0].copy()
    total[inside] = -np.inf
    came_from = np.zeros((count, width), np.intp)
    for row in range(1, count):
        top = int(total.argmax())
        came_from[row] = top
        stay = np.where(total[inside] > total[begin], inside, begin)
        came_from[row, inside] = stay
        reached = np.full(width, total[top], scores.dtype)
        reached[inside] = total[stay]
        total = reached + scores[row]
    path = np.zeros(count, np.intp)
    path[-1] = total.argmax()
    for row in range(count - 1, 0, -1):
        path[row - 1] = came_from[row, path[row]]
    return path


def _intents(scores: Array, labels: Labels) -> tuple[Scored, ...]:
    if not labels.intents:
        return ()
    odds = _softmax(scores)
    best = odds.argsort()[: -ALTERNATIVES - 1 : -1]
    return tuple(Scored(labels.intents[number], float(odds[number])) for number in best.tolist())


def _slots(
    text: str,
    places: Sequence[Span],
    scores: Array,
    types: Sequence[str],
    breaks: Sequence[int] = (),
    excluded: Array | None = None,
) -> list[Slot]:
    """Return the slots that the tags spell; a slot never runs over a place in `breaks`."""
    if not types:
        return []
    tags = tag_path(scores).tolist()
    slots = []
    at = 0
    while at < len(tags):
        tag = tags[at]
        first, at = at, at + 1
        if tag == OUTSIDE:
            continue
        inside = tag + tag % 2
        while at < len(tags) and tags[at] == inside and at not in breaks:
            at += 1
        sure = float(np.mean([_softmax(scores[row])[tags[row]] for row in range(first, at)]))
        start, end = places[first][0], places[at - 1][1]
        out = excluded is not None and float(excluded[first:at].mean()) > 0
        slots.append(Slot(types[(tag - 1) // 2], start, end, text[start:end], out, sure))
    return slots


def _clauses(text: str, places: Sequence[Span], words: Array, labels: Labels) -> tuple[Clause, ...]:
    firsts = [0, *(np.flatnonzero(words[1:, labels.word["start"].start] > 0) + 1).tolist()]
    slots = _slots(
        text,
        places,
        words[:, labels.word["home_slot"]],
        labels.home_slots,
        firsts,
        words[:, labels.word["excluded"]],
    )
    weights = np.exp(words[:, labels.word["weight"]] - words[:, labels.word["weight"]].max())
    said = words[:, labels.word["want"].start : labels.word["property"].stop] * weights
    clauses = []
    for first, last in zip(firsts, [*firsts[1:], len(places)], strict=True):
        heard = said[first:last].sum(0) / weights[first:last].sum()
        wants, properties = _softmax(heard[: len(labels.wants)]), _softmax(heard[len(labels.wants) :])
        want, prop = int(wants.argmax()), int(properties.argmax())
        start = places[first][0] if first else 0
        end = places[last][0] if last < len(places) else len(text)
        clauses.append(
            Clause(
                start,
                end,
                labels.wants[want],
                labels.properties[prop],
                tuple(slot for slot in slots if start <= slot.start < end),
                float(wants[want] * properties[prop]),
            )
        )
    return tuple(clauses)


def _softmax(scores: Array) -> Array:
    odds: Array = np.exp(scores - scores.max())
    odds /= odds.sum()
    return odds


def _sigmoid(scores: Array) -> Array:
    odds: Array = 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
    return odds
