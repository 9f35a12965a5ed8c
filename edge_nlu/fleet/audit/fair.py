"""Judge how alike a head reads what different people say, and what a counterfactual student changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from edge_nlu.fleet.audit import Figures
from edge_nlu.fleet.audit.decisions import AsNamed, Hub, decided
from edge_nlu.fleet.audit.sensitivity import SPLITS, telling
from edge_nlu.fleet.audit.swaps import Pair, effect, flips, pairs_of, students, swapped
from edge_nlu.fleet.audit.wordings import SWAPS
from edge_nlu.fleet.study.sentences import CORPUS, Corpus, chosen, embedded, together
from edge_nlu.learning.fitting import Arrays, Lessons, Plan, fitted, hits
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.examples import read_examples
from edge_nlu.models.pack import Pack
from edge_nlu.values import Example

MOST_FLIPS: Final = 0.005
MOST_LOST: Final = 0.003
TEACHER: Final = Plan(epochs=10, lot=32, pace=0.3)
JUDGES: Final = ((CORPUS, "dev"), ("nlu-evaluation", "dev"), ("nlu-evaluation", "train"))
TAUGHT, JUDGED = 2, 7
"""In so many ways a sentence is said otherwise, at most: for the student, and for its judge."""


def figures(
    corpus: Corpus, data: Path, pack: Pack, hub_with: Callable[[Encoder], Hub], every: int
) -> Iterator[tuple[str, Figures]]:
    """Yield what comes of swaps, of every so many of the sentences to learn from."""
    encoders = {"before": AsNamed(pack), "after": Encoder(pack)}
    embed = partial(embedded, encoder=encoders["after"])
    train, judges = read_examples(data / CORPUS / "train.jsonl.gz")[::every], _judges(corpus, data)
    judged = {by: pairs_of(judges, by, JUDGED) for by in SWAPS}
    hubs = {when: hub_with(encoder) for when, encoder in encoders.items()}
    for by, pairs in judged.items():
        told = decided([(one.some, one.others) for one in pairs[::every]], hubs)
        otherwise = told["decisions_after"]
        assert isinstance(otherwise, float)
        yield f"hub_{by}", {**told, "holds": otherwise <= MOST_FLIPS}
    everything = together(corpus.public, corpus.homes, corpus.choosing).lessons
    order = np.random.default_rng(0).permutation(len(everything))
    everything = chosen(everything, order)
    intents, width = len(corpus.intents), everything.inputs.shape[1]
    nothing = [np.zeros((intents, width), np.float32), np.zeros(intents, np.float32)]
    teacher = fitted(nothing, everything, TEACHER)
    taught = {by: swapped(pairs_of(train, by, TAUGHT), embed) for by in SWAPS}
    read = {by: swapped(pairs, embed) for by, pairs in judged.items()}
    plain, fair = students(teacher, everything, list(taught.values()))
    for by, both in read.items():
        found = effect(plain, fair, corpus.test.lessons, both)
        fewer = found.flips_after <= MOST_FLIPS and found.flips_after <= found.flips_before / 2
        lost = found.accuracy_before - found.accuracy_after
        told = {name: round(value, 4) for name, value in found._asdict().items()}
        yield f"swap_{by}", {**told, "holds": fewer and lost <= MOST_LOST}
    flipped, right = _with_names(corpus, train, judged["names"], nothing, encoders["before"])
    yield (
        "stand_in",
        {
            "n": len(judged["names"]),
            "flips_before": round(flipped, 4),
            "flips_after": round(flips(teacher, read["names"]), 4),
            "accuracy_before": round(right, 4),
            "accuracy_after": round(float(hits(teacher, corpus.test.lessons).mean()), 4),
        },
    )
    wanted = np.array([corpus.intents.index(str(one.intent)) for one in judges])
    scores = telling(plain, Lessons(embed([one.text for one in judges]), wanted), taught, read)
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


def _judges(corpus: Corpus, data: Path) -> list[Example]:
    """Return sentences that no head learned from, of both corpora with the same intents."""
    known = {one.text.lower() for one in read_examples(data / CORPUS / "train.jsonl.gz")}
    files = [data / folder / f"{part}.jsonl.gz" for folder, part in JUDGES]
    found: dict[str, Example] = {}
    for example in chain(*(read_examples(file) for file in files)):
        if example.intent in corpus.intents and example.text.lower() not in known:
            found.setdefault(example.text.lower(), example)
    return list(found.values())


def _with_names(
    corpus: Corpus, train: Sequence[Example], judged: Sequence[Pair], nothing: Arrays, encoder: Encoder
) -> tuple[float, float]:
    """Return how often a head that is told names changes its mind with them, and how often it is right."""
    wanted = np.array([corpus.intents.index(str(one.intent)) for one in train])
    order = np.random.default_rng(0).permutation(len(train))
    head = fitted(
        nothing, chosen(Lessons(embedded([one.text for one in train], encoder), wanted), order), TEACHER
    )
    test = Lessons(embedded(corpus.test.texts, encoder), corpus.test.lessons.wanted)
    return flips(head, swapped(judged, partial(embedded, encoder=encoder))), float(hits(head, test).mean())
