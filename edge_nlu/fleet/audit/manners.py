"""See whether a head that a fleet learned serves some manners of speech worse than others.

What people say in a manner goes with what they want: who greets wants other things than who does not. So the
same sentences are said in each manner, and what counts is how many more of them fail than plainly said. Each
sentence is judged by the head of a fleet in which nobody said it. Beside it stands how the manners lie apart
in which people did say their sentences, once as they are and once as if all had wanted the same.

Of many groups some differ by chance, so the largest difference of what was measured is too large. Therefore
one half of the sentences tells which groups lie furthest apart, and the other half by how much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from edge_nlu.fleet.audit import Figures
from edge_nlu.fleet.audit.shadows import Training
from edge_nlu.fleet.audit.swaps import Embed
from edge_nlu.fleet.audit.wordings import MANNERS, plain
from edge_nlu.fleet.study.homes import fleet
from edge_nlu.fleet.study.sentences import STYLES, Corpus, Rows, together
from edge_nlu.learning.fitting import Array, Arrays, Lessons, hits

FLEETS: Final = 5
"""Each leaves out a part of the sentences, which its head then judges."""

PLAIN: Final = "plain"
FEWEST: Final = 100
_SPLITS: Final = 10
_RESAMPLES: Final = 200

Floats: TypeAlias = npt.NDArray[np.float64]
Shares: TypeAlias = Callable[[Floats], Floats]
"""Returns the share of each group that fails, where sentences count with these weights."""


class Said(NamedTuple):
    """Sentences as people said them, plainly and in each manner, and which fleet judges each."""

    parts: Rows
    wanted: npt.NDArray[np.int64]
    styles: npt.NDArray[np.int64]
    as_said: Array
    plain: Array
    ways: Mapping[str, Array]
    differ: Mapping[str, npt.NDArray[np.bool_]]


class Wrong(NamedTuple):
    """Which sentences fail: as people said them, said plainly, and in each manner."""

    as_said: Floats
    plain: Floats
    ways: Mapping[str, Floats]


def said(corpus: Corpus, embed: Embed, every: int) -> Said:
    """Return all sentences that are not public, or every so many of them."""
    all_of_them = together(corpus.homes, corpus.choosing, corpus.test)
    parts = np.arange(len(all_of_them.texts)) % FLEETS
    rows = np.arange(0, len(parts), every)
    chosen = all_of_them.at(rows)
    texts = [plain(text) for text in chosen.texts]
    otherwise = {name: [manner(text) for text in texts] for name, manner in MANNERS.items()}
    return Said(
        parts[rows],
        chosen.lessons.wanted,
        chosen.styles,
        chosen.lessons.inputs,
        embed(texts),
        {name: embed(ways) for name, ways in otherwise.items()},
        {
            name: np.array([one != other for one, other in zip(ways, texts, strict=True)])
            for name, ways in otherwise.items()
        },
    )


def learned(corpus: Corpus, homes: int, alpha: float, training: Training) -> list[Arrays]:
    """Return the head of each fleet: what it makes of the sentences of the other parts."""
    parts = np.arange(len(corpus.homes.texts)) % FLEETS
    heads = []
    for number in range(FLEETS):
        others = corpus.homes.at(np.flatnonzero(parts != number))
        drawn = fleet(others, len(corpus.intents), homes, alpha, np.random.default_rng(number))
        heads.append(training(drawn.lessons, number))
    return heads


def wrong(sentences: Said, heads: Sequence[Arrays]) -> Wrong:
    """Return what fails with the heads of the fleets."""

    def fails(inputs: Array) -> Floats:
        lessons = Lessons(inputs, sentences.wanted)
        right = np.stack([hits(head, lessons) for head in heads])
        return (~right[sentences.parts, np.arange(len(lessons))]).astype(np.float64)

    ways = {name: fails(inputs) for name, inputs in sentences.ways.items()}
    return Wrong(fails(sentences.as_said), fails(sentences.plain), ways)


def alike(sentences: Said, before: Wrong, after: Wrong) -> Figures:
    """Return how far manners lie apart in which the same sentences are said."""

    def shares(fails: Wrong) -> Shares:
        more = np.stack([ways - fails.plain for ways in fails.ways.values()], 1)
        counted = np.stack(list(sentences.differ.values()), 1).astype(np.float64)
        more = np.hstack([np.zeros((len(more), 1)), more * counted])
        counted = np.hstack([np.ones((len(more), 1)), counted])
        return lambda weights: (weights @ more) / np.maximum(weights @ counted, 1e-9)

    return _told([PLAIN, *MANNERS], sentences.parts, shares(before), shares(after))


def as_said(sentences: Said, before: Wrong, after: Wrong) -> Figures:
    """Return how far the manners lie apart in which people said their sentences."""
    often = np.bincount(sentences.styles, minlength=STYLES)
    groups = np.flatnonzero(often >= FEWEST)
    member = (sentences.styles[:, None] == groups).astype(np.float64)
    wants = np.eye(sentences.wanted.max() + 1)[sentences.wanted]

    def shares(fails: Wrong) -> Shares:
        def standing(weights: Floats) -> Floats:
            """Fit a share to each group and each intent, least squares, and return those of groups."""
            own = member * weights[:, None]
            cells, failed = wants.T @ own, wants.T @ (weights * fails.as_said)
            share = cells / np.maximum(cells.sum(1, keepdims=True), 1e-9)
            inside = np.diag(cells.sum(0)) - cells.T @ share
            return np.asarray(
                np.linalg.lstsq(inside, own.T @ fails.as_said - share.T @ failed, rcond=None)[0]
            )

        return standing

    names = [
        f"{manner}, {size}" for manner in ("plain", "asks", "polite", "calls") for size in ("short", "long")
    ]
    told = _told([names[group] for group in groups], sentences.parts, shares(before), shares(after))
    for when, fails in (("before", before), ("after", after)):
        told[f"plain_{when}"] = round(float(np.ptp((member.T @ fails.as_said) / member.sum(0))), 4)
    return told


def _told(names: Sequence[str], parts: Rows, before: Shares, after: Shares) -> Figures:
    """Return how far groups lie apart, with intervals over fleets and sentences."""
    rng = np.random.default_rng(0)
    halves = rng.random((_SPLITS, len(parts))) < 1 / 2
    everybody = np.ones(len(parts))

    def both(weights: Floats) -> tuple[float, float]:
        return _apart(before, weights, halves), _apart(after, weights, halves)

    def drawn() -> Floats:
        fleets = rng.multinomial(FLEETS, np.full(FLEETS, 1 / FLEETS))
        return np.asarray(fleets[parts] * rng.poisson(1.0, len(parts)), np.float64)

    was, now = both(everybody)
    tried = np.array([both(drawn()) for _ in range(_RESAMPLES)])
    shares = after(everybody)
    figures: Figures = {"groups": len(names), "sentences": len(parts), "fleets": FLEETS}
    for name, point, values in (
        ("before", was, tried[:, 0]),
        ("after", now, tried[:, 1]),
        ("wider", now - was, tried[:, 1] - tried[:, 0]),
    ):
        low, high = np.percentile(values, (2.5, 97.5))
        ends = (("", point), ("_low", low), ("_high", high))
        figures |= {f"{name}{end}": round(float(value), 4) for end, value in ends}
    return {
        **figures,
        "largest_measured": round(float(np.ptp(shares)), 4),
        "worst": names[int(shares.argmax())],
        "best": names[int(shares.argmin())],
    }


def _apart(shares: Shares, weights: Floats, halves: npt.NDArray[np.bool_]) -> float:
    """Return by how much the groups differ in one half that the other half tells furthest apart."""
    found = []
    for half in halves:
        one, other = shares(weights * half), shares(weights * ~half)
        found += [other[one.argmax()] - other[one.argmin()], one[other.argmax()] - one[other.argmin()]]
    return float(np.mean(found))
