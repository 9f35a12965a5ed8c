"""Rank what a wish may be about by how well it fits the home as it is now.

"turn it off" names no device. Of all that can be turned off, the one that is on, in the room where
the person stands, is the likeliest; one that is already off is the least likely. The weights come
from the caller: they were learned from situations, and a home can learn its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp
from typing import Final

from edge_nlu.steps.pair import Pair
from edge_nlu.values import Candidate, Reason

WORDS: Final = {
    "named": "fits the words said",
    "exact": "is called just that",
    "there": "is in the place said",
    "here": "is in this room",
    "elsewhere": "is in another room",
    "spoken_of": "was spoken of just before",
    "changed": "changed a moment ago",
    "apt": "is the kind of thing for this",
    "going_on": "is doing something",
    "at_it": "is at it",
    "needed": "is not yet as wished",
    "done": "is already as wished",
    "mentioned": "shares a word of its name with the sentence",
    "hinted": "does what a word hints at",
    "own": "stands in the speaker's own room",
    "suits": "suits what shall be played",
    "served": "helps, though it is not what was named",
    "usual": "is usual at such a time",
    "only": "is the only one that can",
    "offline": "cannot be reached",
}
"""What each piece of evidence says, in words for people."""

Weights = Mapping[str, float]


def resolve(pairs: Sequence[Pair], weights: Weights) -> tuple[Candidate, ...]:
    """Return the candidates, likeliest first; their scores are probabilities that add up to one."""
    if not pairs:
        return ()
    sums = [sum(weights.get(name, 0.0) * amount for name, amount in pair.evidence) for pair in pairs]
    top = max(sums)
    likely = [exp(value - top) for value in sums]
    whole = sum(likely)
    ranked = [_scored(pair, share / whole, weights) for pair, share in zip(pairs, likely, strict=True)]
    return tuple(sorted(ranked, key=lambda candidate: -candidate.score))


def _scored(pair: Pair, score: float, weights: Weights) -> Candidate:
    aimed = pair.candidate
    return Candidate(aimed.wish, aimed.devices, aimed.commands, score, _reasons(pair, weights))


def _reasons(pair: Pair, weights: Weights) -> tuple[Reason, ...]:
    weighed = [
        Reason(name, WORDS.get(name, name), round(weights.get(name, 0.0) * amount, 2))
        for name, amount in pair.evidence
    ]
    return tuple(sorted(weighed, key=lambda reason: -abs(reason.weight)))
