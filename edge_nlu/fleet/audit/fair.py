"""Judge how alike a head reads what different people say, and what a counterfactual student changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from edge_nlu.fleet.audit import Figures
from edge_nlu.fleet.audit.sensitivity import SPLITS, telling
from edge_nlu.fleet.audit.swaps import effect, odds, students, swapped
from edge_nlu.fleet.audit.wordings import SWAPS
from edge_nlu.fleet.study.sentences import CORPUS, SCALE, Corpus, together
from edge_nlu.learning.fitting import Array, Arrays, Lessons, Plan, fitted
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.examples import read_examples
from edge_nlu.models.pack import Pack
from edge_nlu.values import Example

STAND_IN: Final = "john"
"""Is read where the pack finds a name, whoever is named."""

MOST_FLIPS: Final = 0.005
MOST_LOST: Final = 0.003
TEACHER: Final = Plan(epochs=10, lot=32, pace=0.3)
TAUGHT, JUDGED = 2, 7
"""In so many ways a sentence is said otherwise, at most: for the student, and for its judge."""


def figures(corpus: Corpus, data: Path, every: int) -> Iterator[tuple[str, Figures]]:
    """Yield what comes of swaps, of every so many of the sentences to learn from."""
    everything = together(corpus.public, corpus.homes, corpus.choosing).lessons
    order = np.random.default_rng(0).permutation(len(everything))
    everything = Lessons(everything.inputs[order], everything.wanted[order])
    intents, width = len(corpus.intents), everything.inputs.shape[1]
    nothing = [np.zeros((intents, width), np.float32), np.zeros(intents, np.float32)]
    teacher = fitted(nothing, everything, TEACHER)
    train, dev = (read_examples(data / CORPUS / f"{part}.jsonl.gz") for part in ("train", "dev"))
    dev = [one for one in dev if one.intent in corpus.intents]
    taught = {by: swapped(train[::every], by, _scaled, TAUGHT) for by in SWAPS}
    judged = {by: swapped(dev, by, _scaled, JUDGED) for by in SWAPS}
    plain, fair = students(teacher, everything, list(taught.values()))
    for by, pairs in judged.items():
        found = effect(plain, fair, corpus.test.lessons, pairs)
        fewer = found.flips_after <= MOST_FLIPS and found.flips_after <= found.flips_before / 2
        lost = found.accuracy_before - found.accuracy_after
        told: Figures = {name: round(value, 4) for name, value in found._asdict().items()}
        yield f"swap_{by}", {**told, "holds": fewer and lost <= MOST_LOST}
    yield "stand_in", _stood_in(train[::every], dev, corpus.intents, nothing)
    scores = telling(plain, corpus.test.lessons, taught, judged)
    yield (
        "sensitivity",
        {
            "groups": scores.groups,
            "splits": SPLITS,
            "accumulated": round(scores.accumulated, 3),
            "plainer": round(scores.plainer, 3),
            "better_in": scores.better_in,
            "tells_harm": scores.tells_harm,
        },
    )


def _stood_in(
    train: Sequence[Example], dev: Sequence[Example], intents: Sequence[str], nothing: Arrays
) -> Figures:
    """Return what comes of it where every name that the pack finds is read as one and the same."""
    known = {intent: number for number, intent in enumerate(intents)}
    taught, judged = (np.array([known[str(one.intent)] for one in part]) for part in (train, dev))
    order = np.random.default_rng(0).permutation(len(train))
    found: Figures = {}
    for when, embed in (("before", _scaled), ("after", _anonymous)):
        inputs = embed([one.text for one in train])
        head = fitted(nothing, Lessons(inputs[order], taught[order]), TEACHER)
        pairs = swapped(dev, "names", embed, JUDGED)
        flips = odds(head, pairs.some).argmax(1) != odds(head, pairs.others).argmax(1)
        right = odds(head, embed([one.text for one in dev])).argmax(1) == judged
        found |= {"n": len(flips), f"flips_{when}": round(float(flips.mean()), 4)}
        found |= {f"accuracy_{when}": round(float(right.mean()), 4)}
    return found


def _anonymous(texts: Sequence[str]) -> Array:
    """Return the embeddings of sentences in which one name stands for all."""
    return _scaled([_with_stand_in(text) for text in texts])


def _with_stand_in(text: str) -> str:
    for slot in sorted(_encoder().understand(text).slots, key=lambda slot: -slot.start):
        if slot.type == "person":
            own = "'s" if text[slot.start : slot.end].partition(" ")[0].endswith("'s") else ""
            text = text[: slot.start] + STAND_IN + own + text[slot.end :]
    return text


def embedded(texts: Sequence[str]) -> Array:
    """Return the embeddings of sentences, by the shipped pack."""
    read = b"".join(_encoder().understand(text).embedding for text in texts)
    return np.frombuffer(read, "<f4").reshape(len(texts), -1)


def _scaled(texts: Sequence[str]) -> Array:
    return embedded(texts) * SCALE


@cache
def _encoder() -> Encoder:
    return Encoder(Pack.open(Pack.default_path()))
