"""Turn the model's numbers into an understanding that could be true.

The model scores every word and the sentence on its own; here they are made to agree. A slot cannot
go on without having begun, a slot that never goes with the intent is unlikely, and the words of one
clause together say what it wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import exp, isfinite, sqrt
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from edge_nlu.labels import STRANGE, Labels
from edge_nlu.values import Clause, Scored, Slot, Understanding

Array: TypeAlias = npt.NDArray[np.float32]
Tags: TypeAlias = npt.NDArray[np.intp]
Span: TypeAlias = tuple[int, int]

ALTERNATIVES = 3
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
    """Return what the model's answers for a sentence mean; `places` are the words' offsets in the text.

    Answers that are not all finite numbers mean nothing.
    """
    # a sum of squares is finite only if every number in it is
    if not places or not isfinite(np.vdot(sentence, sentence) + np.vdot(words, words)):
        return replace(nothing(text, labels), truncated=truncated)
    intents = _intents(sentence[labels.sentence["intent"]], labels)
    slot_scores = words[:, labels.word["slot"]]
    strange = labels.strange(intents[0].label) if intents else None
    if strange is not None:
        slot_scores = slot_scores - STRANGE * strange
    clauses: tuple[Clause, ...] = ()
    home = 0.0
    if labels.wants:
        home = _sigmoid(float(sentence[labels.sentence["home"].start]))
        clauses = _clauses(text, places, words, labels)
    embedding = sentence[labels.sentence["embedding"]]
    length = sqrt(embedding @ embedding) or 1.0
    return Understanding(
        text=text,
        intents=intents,
        home=home,
        slots=tuple(_slots(text, places, slot_scores, labels.slots)),
        clauses=clauses,
        embedding=(embedding / length).tobytes(),
        truncated=truncated,
    )


def tag_path(scores: Array) -> Tags:
    """Return the best tags in which nothing goes on that did not begin.

    Tag 0 is outside, 1 + 2t begins type t, 2 + 2t goes on with it.
    """
    best: Tags = scores.argmax(1)
    before = OUTSIDE
    for tag in best.tolist():
        if tag > OUTSIDE and tag % 2 == 0 and before not in (tag, tag - 1):
            return _viterbi(scores)
        before = tag
    return best  # what is best for each word is allowed, so nothing better exists


def _viterbi(scores: Array) -> Tags:
    totals = scores.copy()  # the best sums of all paths that end in each tag
    begin, inside = totals[:, 1::2], totals[:, 2::2]
    inside[0] = -np.inf
    for row in range(1, len(totals)):
        before = totals[row - 1]
        gone_on = inside[row] + np.maximum(begin[row - 1], inside[row - 1])
        totals[row] += before[before.argmax()]
        inside[row] = gone_on
    path = np.zeros(len(totals), np.intp)
    tag = path[-1] = int(totals[-1].argmax())
    for row in range(len(totals) - 2, -1, -1):
        if tag > OUTSIDE and tag % 2 == 0:
            tag -= int(totals[row, tag] <= totals[row, tag - 1])
        else:
            tag = int(totals[row].argmax())
        path[row] = tag
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
    excluded: Sequence[float] = (),
) -> list[Slot]:
    """Return the slots that the tags spell; a slot never runs over a place in `breaks`.

    `excluded` are each word's odds of being turned down, empty where nothing can be.
    """
    if not types:
        return []
    tags = tag_path(scores).tolist()
    sure = _certainties(scores, tags)
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
        start, end = places[first][0], places[at - 1][1]
        out = sum(excluded[first:at]) > 0
        confidence = sum(sure[first:at]) / (at - first)
        slots.append(Slot(types[(tag - 1) // 2], start, end, text[start:end], out, confidence))
    return slots


def _certainties(scores: Array, tags: Sequence[int]) -> list[float]:
    """Return for each word how sure its tag is; 0 for the words outside, which nobody asks about."""
    sure = [0.0] * len(tags)
    rows = [row for row, tag in enumerate(tags) if tag != OUTSIDE]
    if rows:
        said = scores.take(rows, 0)
        odds = np.exp(said - np.maximum.reduce(said, 1, keepdims=True))
        for number, (row, all_odds) in enumerate(zip(rows, np.add.reduce(odds, 1).tolist(), strict=True)):
            sure[row] = odds.item(number, tags[row]) / all_odds
    return sure


def _clauses(text: str, places: Sequence[Span], words: Array, labels: Labels) -> tuple[Clause, ...]:
    columns = labels.word
    starts = words[:, columns["start"].start].tolist()
    firsts = [row for row, odds in enumerate(starts) if row == 0 or odds > 0]
    excluded = words[:, columns["excluded"].start].tolist()
    slots = _slots(text, places, words[:, columns["home_slot"]], labels.home_slots, firsts, excluded)
    weights = words[:, columns["weight"].start]
    said = words[:, columns["want"].start : columns["property"].stop]
    clauses = []
    for first, last in zip(firsts, [*firsts[1:], len(places)], strict=True):
        heard = _softmax(weights[first:last]) @ said[first:last]
        want, prop, sure = _likeliest(heard, labels)
        start = places[first][0] if first else 0
        end = places[last][0] if last < len(places) else len(text)
        clauses.append(
            Clause(
                start,
                end,
                labels.wants[want],
                labels.properties[prop],
                tuple(slot for slot in slots if start <= slot.start < end),
                sure,
            )
        )
    return tuple(clauses)


def _likeliest(heard: Array, labels: Labels) -> tuple[int, int, float]:
    """Return the likeliest want and property, by number, and how likely they are together."""
    wants, properties = heard[: len(labels.wants)], heard[len(labels.wants) :]
    # the odds of few and few, multiplied: powers of e take longer than all else here
    odds = _odds(wants)[:, None] * _odds(properties) * labels.seldom_wishes
    best = int(odds.argmax())
    return *divmod(best, len(labels.properties)), odds.item(best) / float(np.add.reduce(odds, None))


def _softmax(scores: Array) -> Array:
    odds = _odds(scores)
    odds /= np.add.reduce(odds)
    return odds


def _odds(scores: Array) -> Array:
    """Return the odds against the best."""
    odds: Array = np.exp(scores - scores[scores.argmax()])
    return odds


def _sigmoid(odds: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))
