"""Measure what the model of dialogues makes of homes: wishes, what says them anew, and what went wrong.

Beside it stands what looks at two sentences at a time, tuned on the same homes that the model learned from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from edge_nlu.learning.dialogue import Vector, feature_names
from edge_nlu.learning.goals import CORRECT
from edge_nlu.models.dialogue import FAILURES, DialogueModel, Opinion, Scores, unpacked
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.models.score import RESAMPLES
from edge_nlu_bench.alone import alone, f1_of
from edge_nlu_bench.household.causes import NO_HUB
from edge_nlu_bench.household.dialogues import UNKNOWN, Told, is_wish, told_of
from edge_nlu_bench.household.recording import Recorded, Row
from edge_nlu_bench.household.tally import SIMULATED
from edge_nlu_bench.pairwise import KINDS, found_f1, pairs_of, pairwise_odds
from edge_nlu_bench.report import Figures

Floats = npt.NDArray[np.float64]
PAIRWISE: Final = "pairwise.npz"
SOON_S: Final = 30.0
COVERED: Final = 0.6
ALONE: Final = 0.7
"""No single number may tell failures this well, or it would give away what should be found out."""


class Read(NamedTuple):
    """A run with its truth, and what the model makes of it."""

    told: Told
    scores: Scores
    opinions: Sequence[Opinion]


def dialogue_figures(homes: Sequence[Recorded], pack: Pack) -> dict[str, Figures]:
    """Return what the model of a pack makes of homes that it did not learn from."""
    model = DialogueModel.open(pack)
    if model is None:
        return {}
    encoder = Encoder(pack)

    @cache
    def vector(text: str) -> Vector:
        return np.frombuffer(encoder.understand(text).embedding, "<f4")

    read = [
        [Read(told, model.scores(told.run), model.opinions(told.run)) for told in told_of(home, vector)]
        for home in homes
    ]
    return {
        "rephrases": _rephrases(read),
        "goals": _goals(read),
        "goal_labels": _labels(read),
        "failure_points": _failure_points(read),
    }


def _rephrases(homes: Sequence[Sequence[Read]]) -> Figures:
    """Return how many rephrases are found, beside those that two sentences alone tell."""
    counts = np.array([_hits(home) for home in homes], np.float64)
    with np.load(Path(__file__).parent / "household" / PAIRWISE) as file:
        weights = unpacked(dict(file))
    found = _ranged("f1", counts, _f1)
    beside = {}
    for kind in KINDS:
        pairs = pairs_of([(one.told.run, one.told.points) for home in homes for one in home], kind)
        odds = pairwise_odds(weights, kind, pairs.values)
        beside[kind] = found_f1(pairs, odds > weights[f"{kind}.line"], odds)
    traps = [trap for home in homes for one in home for trap in _look_alikes(one)]
    return {
        "n": int(counts[:, 2].sum()),
        **found,
        **{f"pairwise_{kind}_f1": round(f1, 4) for kind, f1 in beside.items()},
        **{f"better_than_{kind}": round(found["f1"] / max(f1, 0.01) - 1, 4) for kind, f1 in beside.items()},
        "look_alikes": len(traps),
        "look_alikes_taken": round(sum(traps) / max(len(traps), 1), 4),
        "note": SIMULATED,
    }


def _hits(home: Sequence[Read]) -> tuple[int, int, int]:
    """Return how many rephrases are found, said and there."""
    hits = said = wanted = 0
    for one in home:
        own = one.told.run.turns
        for at, to in enumerate(one.told.points):
            found = one.opinions[at].rephrased
            hits += to >= 0 and found == own[to]
            said += found is not None
            wanted += to >= 0
    return hits, said, wanted


def _look_alikes(one: Read) -> Iterator[bool]:
    """Yield whether a like wish for another thing, said soon after, is taken for a rephrase."""
    own = one.told.rows
    for at in range(1, len(own)):
        before, now = own[at - 1], own[at]
        gone = one.told.run.at_s[at] - one.told.run.at_s[at - 1]
        like = before["wish"].split(" ")[0] == now["wish"].split(" ")[0]
        if like and is_wish(now) and now["goal"] != before["goal"] and gone <= SOON_S:
            yield any(one.opinions[first].rephrased == one.told.run.turns[at] for first in range(at))


def _goals(homes: Sequence[Sequence[Read]]) -> Figures:
    """Return whether wishes are told apart where one follows another, and whether they were reached."""
    starts = np.array([_begun(home) for home in homes], np.float64)
    reached = [
        (1 / (1 + np.exp(-odds)), right)
        for home in homes
        for one in home
        for odds, right in zip(one.scores.reached, one.told.reached, strict=True)
        if right != UNKNOWN
    ]
    sure, right = (np.array(column, np.float64) for column in zip(*reached, strict=True))
    return {
        "n": int(starts[:, 3].sum()),
        **_ranged(
            "boundary_f1", starts, lambda one: 2 * one[..., 0] / np.maximum(one[..., 1] + one[..., 2], 1)
        ),
        "reached_right": round(float(((sure > 0.5) == (right > 0.5)).mean()), 4),
        "calibration_error": round(_calibration_error(sure, right), 4),
        "note": SIMULATED,
    }


def _begun(home: Sequence[Read]) -> tuple[int, int, int, int]:
    """Return of sentences after another: begin a wish and are said to, are said to, begin one, are there."""
    pairs = [
        (odds > 0, right == 1)
        for one in home
        for odds, right in zip(one.scores.starts[1:], one.told.starts[1:], strict=True)
    ]
    both = sum(said and right for said, right in pairs)
    return both, sum(said for said, _ in pairs), sum(right for _, right in pairs), len(pairs)


def _calibration_error(sure: Floats, right: Floats, bins: int = 15) -> float:
    """Return how far off the share that is right is from how sure it was, on average."""
    which = np.minimum((sure * bins).astype(int), bins - 1)
    off = [abs(float((sure - right)[which == one].sum())) for one in range(bins)]
    return sum(off) / max(len(sure), 1)


def _labels(homes: Sequence[Sequence[Read]]) -> Figures:
    """Return how many wordings get a wrong meaning, that of the sentence that their wish was reached with."""
    labels = sorted((label for home in homes for one in home for label in _labelled(one)), reverse=True)
    tries = [row for home in homes for one in home for row in one.told.rows if _can_be_labelled(row)]
    covered = round(COVERED * len(tries))
    wrong = np.cumsum([not right for _, right, _ in labels])
    failed = [(sure, right) for sure, right, again in labels if again]
    sure = [right for how, right in failed if how >= 0.5]
    within = np.flatnonzero(wrong <= 0.02 * np.arange(1, len(wrong) + 1))
    return {
        "n": len(tries),
        "wrong_at_60": round(float(wrong[min(covered, len(wrong)) - 1]) / max(covered, 1), 4),
        "coverage_at_2_wrong": round(float(within[-1] + 1) / max(len(tries), 1), 4) if len(within) else 0.0,
        "of_rephrased": len(sure),
        "of_rephrased_wrong": round(1 - sum(sure) / max(len(sure), 1), 4),
        "note": SIMULATED,
    }


def _can_be_labelled(row: Row) -> bool:
    return is_wish(row) and row["cause"] != NO_HUB


def _labelled(one: Read) -> Iterator[tuple[float, bool, bool]]:
    """Yield how sure each label is, whether it is right, and whether it is that of a later sentence."""
    own, at_of = one.told.rows, {number: at for at, number in enumerate(one.told.run.turns)}
    for first in range(len(own)):
        at, sure = first, 1.0
        while (then := one.opinions[at].rephrased) is not None:
            sure *= one.opinions[at].rephrased_sure
            at = at_of[then]
        right = is_wish(own[first]) and own[at]["reached"] and own[at]["goal"] == own[first]["goal"]
        yield sure * one.opinions[at].worked, bool(right and is_wish(own[at])), at != first


def _failure_points(homes: Sequence[Sequence[Read]]) -> Figures:
    """Return how often the first stage that failed is found, and whether any one number gives it away."""
    tables = np.array([_table(home) for home in homes])
    each, there = f1_of(tables.sum(0)), tables.sum((0, 2)) > 0
    scores = _alone(homes, lambda one: one.told.run.each)
    best, ids = int(scores.argmax()), float(_alone(homes, _first_digit)[0])
    beyond = [
        opinion.failure == CORRECT
        for home in homes
        for one in home
        for row, opinion in zip(one.told.rows, one.opinions, strict=True)
        if row["cause"] == NO_HUB
    ]
    return {
        "n": int(tables.sum()),
        **_ranged("macro_f1", tables, lambda table: f1_of(table)[..., there].mean(-1)),
        **{kind.replace(" ", "_"): round(float(f1), 4) for kind, f1 in zip(FAILURES, each, strict=True)},
        "no_hub_could": len(beyond),
        "no_hub_could_correct": round(sum(beyond) / max(len(beyond), 1), 4),
        "best_alone_f1": round(float(scores[best]), 4),
        "best_alone": feature_names()[0][best],
        "ids_alone_f1": round(ids, 4),
        "no_leak": bool(scores[best] <= ALONE and ids <= 1.5 / len(FAILURES)),
        "note": SIMULATED,
    }


def _table(home: Sequence[Read]) -> Floats:
    """Return how often each stage is said to have failed, by the one that did."""
    table = np.zeros((len(FAILURES), len(FAILURES)))
    for one in home:
        for right, opinion in zip(one.told.failure, one.opinions, strict=True):
            table[right, FAILURES.index(opinion.failure)] += 1
    return table


def _alone(homes: Sequence[Sequence[Read]], values_of: Callable[[Read], Vector]) -> Floats:
    """Return how well each number tells failures by itself: learned in half of the homes, tried in others."""
    runs = [one for home in homes for one in home]
    learned, judged = (
        (
            np.concatenate([values_of(one) for one in half]),
            np.array([kind for one in half for kind in one.told.failure]),
        )
        for half in (runs[: len(runs) // 2], runs[len(runs) // 2 :])
    )
    return alone(learned, judged, len(FAILURES))


def _first_digit(one: Read) -> Vector:
    return np.array([[int(row["id"][0], 16)] for row in one.told.rows], np.float32)


def _f1(counts: Floats) -> Floats:
    """Return the F1 from how many are right, said and there."""
    return np.asarray(2 * counts[..., 0] / np.maximum(counts[..., 1] + counts[..., 2], 1))


def _ranged(name: str, homes: Floats, figure: Callable[[Floats], Floats]) -> dict[str, float]:
    """Return a figure of what is counted home by home, with the ends of its 95 % interval over homes."""
    drawn = np.random.default_rng(0).multinomial(len(homes), [1 / len(homes)] * len(homes), RESAMPLES)
    spread = figure(np.tensordot(drawn, homes, 1))
    low, high = np.percentile(spread, (2.5, 97.5))
    ends = {name: float(figure(homes.sum(0))), f"{name}_low": low, f"{name}_high": high}
    return {end: round(float(value), 4) for end, value in ends.items()}
