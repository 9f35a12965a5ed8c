"""Read some sentences otherwise than the model does, as people in this home have meant them.

"the desk lamp should be burning" is read as a question about smoke. Once it was said anew as "turn on the
desk lamp", the next lamp that should be burning is turned on. A small layer over the embedding tells which
want and property is meant instead, or, by far mostly, that the model is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from edge_nlu.interfaces import Understander
from edge_nlu.learning.fitting import Lessons
from edge_nlu.learning.labels import Label
from edge_nlu.learning.rewording import FOR_HOME, wording
from edge_nlu.values import Clause, Understanding

Matrix: TypeAlias = npt.NDArray[np.float32]

AS_READ: Final = ""
"""The class of what the model read rightly."""

SURE: Final = 0.6
"""With less, or less than the model is sure of its own reading, that stays."""

SCALE: Final = 8.0
"""Embeddings have unit length; so far apart they are told apart within few steps, here and in a fleet."""

DECAY: Final = 1e-4
PACE: Final = 0.125
MOMENTUM: Final = 0.9
STEPS: Final = 200
AT_ONCE: Final = 20
"""Steps in one slice of the night's work."""

READ_AT_ONCE: Final = 8
"""And texts, which take far longer."""

MOST_TIMES: Final = 4
_PAIRS: Final = (("on", "off"), ("open", "close"), ("raise", "lower"), ("lock", "unlock"), ("start", "stop"))
_OPPOSITES: Final = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
# what leans on what was said before, or is no wish, means nothing by itself
_ABOUT_TALK: Final = frozenset(
    ["none", "leave", "same", "choose", "correct", "confirm", "deny", "cancel", "undo", "teach", "forget"]
)


@dataclass(frozen=True, slots=True)
class Head:
    """What may be meant instead of what was read (`meant`; as read comes first), and a layer that tells."""

    meant: tuple[str, ...]
    weights: Matrix
    bias: Matrix

    def reread(self, read: Understanding) -> Understanding:
        """Return what a sentence with one wish means here: as it was read, unless something else is sure."""
        if len(read.clauses) != 1 or read.home < FOR_HOME or read.clauses[0].want in _ABOUT_TALK:
            return read
        scores = self.weights @ np.frombuffer(read.taught, "<f4") + self.bias
        best = int(scores.argmax())
        if best == 0:
            return read
        sure = 1 / float(np.exp(scores - scores[best]).sum())
        clause = read.clauses[0]
        want, _, prop = self.meant[best].partition(".")
        # a word that was heard wrong is no reason to do the very opposite
        opposite = _OPPOSITES.get(clause.want) == want
        if opposite or sure < max(SURE, clause.confidence) or self.meant[best] == _as_one(clause):
            return read
        return replace(read, clauses=(replace(clause, want=want, property=prop, confidence=sure),))


def classes_of(wishes: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return what any home with a pack may mean: as read, and each of its wishes that means something."""
    known = (f"{want}.{prop}" for want in wishes if want not in _ABOUT_TALK for prop in wishes[want])
    return (AS_READ, *sorted(known))


def readings_of(
    labels: Sequence[Label], understander: Understander
) -> Generator[None, None, list[Understanding]]:
    """Return what is read in the texts of labels, each read once, and pause after each slice of the work."""
    known: dict[str, Understanding] = {}
    for label in labels:
        if label.text not in known:
            known[label.text] = understander.understand(label.text)
            if len(known) % READ_AT_ONCE == 0:
                yield
    return [known[label.text] for label in labels]


def trained(labels: Sequence[Label], readings: Sequence[Understanding]) -> Generator[None, None, Head | None]:
    """Return the head that these labels teach, if they teach one, and pause after each slice of the work.

    `readings` are what the model reads in the texts of the labels.
    """
    said = _said(labels, readings)
    meant = (AS_READ, *sorted({one.instead for one in said} - {AS_READ}))
    if len(meant) == 1:
        return None
    weight = np.array([one.weight for one in said], np.float32)
    inputs = np.frombuffer(b"".join(one.embedding for one in said), "<f4").reshape(len(said), -1) * SCALE
    wanted = np.zeros((len(said), len(meant)), np.float32)
    wanted[np.arange(len(said)), [meant.index(one.instead) for one in said]] = 1
    shares = (weight / weight.sum())[:, None]
    weights = np.zeros((len(meant), inputs.shape[1]), np.float32)
    bias = np.zeros(len(meant), np.float32)
    speed, bias_speed = np.zeros_like(weights), np.zeros_like(bias)
    for step in range(STEPS):
        odds = inputs @ weights.T + bias
        odds = np.exp(odds - odds.max(1, keepdims=True))
        wrong = (odds / odds.sum(1, keepdims=True) - wanted) * shares
        speed = MOMENTUM * speed - PACE * (wrong.T @ inputs + DECAY * weights)
        bias_speed = MOMENTUM * bias_speed - PACE * wrong.sum(0)
        weights, bias = weights + speed, bias + bias_speed
        if step % AT_ONCE == AT_ONCE - 1:
            yield
    return Head(meant, (weights * SCALE).astype(np.float32), bias.astype(np.float32))


def lessons_of(
    labels: Sequence[Label], readings: Sequence[Understanding], classes: Sequence[str]
) -> tuple[Lessons, list[str]]:
    """Return what sure labels teach a head with these classes, and of which utterance each lesson is.

    They come as the labels do, each wording once; what is no class teaches nothing.
    """
    known = {name: number for number, name in enumerate(classes)}
    said = [one for one in _said(labels, readings) if one.sure >= SURE and one.instead in known]
    held = b"".join(one.embedding for one in said)
    inputs = (
        np.frombuffer(held, "<f4").reshape(len(said), -1) * np.float32(SCALE)
        if said
        else np.zeros((0, 0), np.float32)
    )
    wanted = np.array([known[one.instead] for one in said], np.int64)
    return Lessons(inputs, wanted), [one.utterance for one in said]


class _Said(NamedTuple):
    """A wording, what it means instead of what was read, how sure that is and how much it counts."""

    utterance: str
    embedding: bytes
    instead: str
    sure: float
    weight: float


def _said(labels: Sequence[Label], readings: Sequence[Understanding]) -> list[_Said]:
    """Return each wording with one wish once, with the surest of its labels."""
    surest: dict[str, tuple[Label, Understanding]] = {}
    times: Counter[str] = Counter()
    for label, read in zip(labels, readings, strict=True):
        own = wording(label.text)
        times[own] += 1
        if len(read.clauses) == 1 and (own not in surest or label.sure > surest[own][0].sure):
            surest[own] = (label, read)
    return [
        _Said(
            label.utterance,
            read.taught,
            AS_READ if label.meant == _as_one(read.clauses[0]) else label.meant,
            label.sure,
            sqrt(min(times[own], MOST_TIMES)) * max(2 * label.sure - 1, 0.0),
        )
        for own, (label, read) in surest.items()
    ]


def _as_one(clause: Clause) -> str:
    return f"{clause.want}.{clause.property}"
