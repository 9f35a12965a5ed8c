"""Count how often an understander is right on labelled sentences.

The figures are those of the public benchmarks: intent accuracy, slot F1 over spans of words (of
characters where a language writes without blanks), and whole frames right. For sentences with
clauses the intent is what every clause wants of which property, and a slot counts with whether it
is excluded. Each figure comes with a 95 % interval from resampling the sentences.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from edge_nlu.errors import DataError
from edge_nlu.interfaces import Understander
from edge_nlu.models.examples import read_examples
from edge_nlu.models.pack import Pack
from edge_nlu.values import Clause, Example, Slot, Understanding

RESAMPLES = 1000
BINS = 15
WITHOUT_BLANKS = ("ja", "zh")
Floats = npt.NDArray[np.float64]
Span: TypeAlias = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence judged: what was expected, what was understood, and what of it was right."""

    example: Example
    understood: Understanding
    intent: bool
    found: int
    labelled: int
    hits: int
    overlaps: int
    exact: bool
    confidence: float
    spans_found: frozenset[Span] = frozenset()
    spans_labelled: frozenset[Span] = frozenset()


@dataclass(frozen=True, slots=True)
class SlotCount:
    """How often a slot type is labelled, how often it was found, and how often both were the same words."""

    labelled: int
    found: int
    right: int

    @property
    def f1(self) -> float:
        """Return the F1 of this slot type."""
        return 2 * self.right / max(self.found + self.labelled, 1)


@dataclass(frozen=True)
class Score:
    """The verdicts on all sentences."""

    verdicts: tuple[Verdict, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures, each with the ends of its 95 % interval as `..._low` and `..._high`."""
        columns = np.array(
            [[v.intent, v.exact, v.hits, v.found, v.labelled, v.overlaps] for v in self.verdicts], np.float64
        )
        rng = np.random.default_rng(0)
        count = len(columns)
        drawn = rng.multinomial(count, [1 / count] * count, RESAMPLES) @ columns
        points, spreads = _figures(columns.sum(0), count), _figures(drawn, count)
        figures: dict[str, Any] = {"n": count}
        for name, point in points.items():
            low, high = np.percentile(spreads[name], (2.5, 97.5))
            figures |= {name: _short(point), f"{name}_low": _short(low), f"{name}_high": _short(high)}
        figures["calibration_error"] = _short(calibration_error(self.verdicts))
        homes = [
            (v.understood.home, v.example.home > 0.5) for v in self.verdicts if v.example.home is not None
        ]
        if len({label for _, label in homes}) == 2:
            figures["home_auroc"] = _short(auroc(homes))
        return figures

    def by_group(self) -> dict[str, tuple[int, int]]:
        """Return for each intent (or group of sentences) how many there are and how many are all right."""
        names = [v.example.group or v.example.intent or "" for v in self.verdicts]
        right = Counter(name for name, v in zip(names, self.verdicts, strict=True) if v.exact)
        return {name: (total, right[name]) for name, total in Counter(names).most_common()}

    def by_slot(self) -> dict[str, SlotCount]:
        """Return the counts of each slot type, the most frequent first; `!` marks what is excluded."""
        labelled = Counter(name for v in self.verdicts for name, *_ in v.spans_labelled)
        found = Counter(name for v in self.verdicts for name, *_ in v.spans_found)
        right = Counter(name for v in self.verdicts for name, *_ in v.spans_found & v.spans_labelled)
        return {
            name: SlotCount(labelled[name], found[name], right[name])
            for name, _ in (labelled + found).most_common()
        }


def score(files: Sequence[Path], understander: Understander, pack: Pack) -> Score:
    """Return the verdicts on every labelled sentence in the files."""
    examples = [example for file in files for example in read_examples(file)]
    known = {example.intent for example in examples if example.intent is not None}
    if known and not known & set(pack.labels.intents):
        raise DataError(
            files[0],
            0,
            f"none of its intents ({', '.join(sorted(known)[:4])} ...) is one of pack {pack.id}",
            "sentences labelled with intents the pack knows",
        )
    verdicts = tuple(judge(examples, understander))
    if not verdicts:
        raise DataError(files[0], 0, "no sentence has an intent or clauses", "at least one that has")
    return Score(verdicts)


def judge(examples: Iterable[Example], understander: Understander) -> Iterable[Verdict]:
    """Yield the verdict on each example that is labelled."""
    examples = list(examples)
    types = {slot.type for example in examples for slot in example.slots or ()}
    for example in examples:
        understood = understander.understand(example.text)
        if example.clauses is not None:
            yield _judge_frame(example, understood)
        elif example.intent is not None:
            yield _judge_intent(example, understood, types)


def _judge_intent(example: Example, understood: Understanding, types: set[str]) -> Verdict:
    # a slot type that the file never uses cannot be right or wrong there
    guessed = [slot for slot in understood.slots if slot.type in types]
    intent = understood.intent == example.intent
    found = _spans(guessed, example)
    labelled = _spans(example.slots or (), example)
    confidence = understood.intents[0].confidence if understood.intents else 0.0
    return _verdict(example, understood, found, labelled, intent=intent, confidence=confidence)


def _judge_frame(example: Example, understood: Understanding) -> Verdict:
    labelled = example.clauses or ()
    for_home = understood.home > 0.5
    wishes = understood.clauses if for_home else ()
    expected = labelled if example.home else ()
    intent = [_wish(clause) for clause in wishes] == [_wish(clause) for clause in expected]
    if not example.home:  # said to someone else: nothing wanted is right, however it is put
        intent = not for_home or all(clause.want == "none" for clause in understood.clauses)
        wishes = () if intent else wishes
    found = _spans([slot for clause in wishes for slot in clause.slots], example)
    wanted = _spans([slot for clause in expected for slot in clause.slots], example)
    confidence = float(np.prod([clause.confidence for clause in understood.clauses]))
    placed = not expected or [_first_word(c.start, example) for c in wishes] == [
        _first_word(c.start, example) for c in expected
    ]
    return _verdict(example, understood, found, wanted, intent=intent, confidence=confidence, placed=placed)


def _verdict(
    example: Example,
    understood: Understanding,
    found: set[Span],
    labelled: set[Span],
    *,
    intent: bool,
    confidence: float,
    placed: bool = True,
) -> Verdict:
    touching = [(f, s) for f in found for s in labelled if f[0] == s[0] and f[1] < s[2] and s[1] < f[2]]
    # two halves of one slot are one hit
    overlaps = min(len({f for f, _ in touching}), len({s for _, s in touching}))
    return Verdict(
        example=example,
        understood=understood,
        intent=intent,
        found=len(found),
        labelled=len(labelled),
        hits=len(found & labelled),
        overlaps=overlaps,
        exact=intent and placed and found == labelled,
        confidence=confidence,
        spans_found=frozenset(found),
        spans_labelled=frozenset(labelled),
    )


def _wish(clause: Clause) -> tuple[str, str]:
    return clause.want, clause.property


def _first_word(start: int, example: Example) -> int:
    return len(example.text[:start].split())


def _spans(slots: Iterable[Slot], example: Example) -> set[Span]:
    """Return the slots as type, first word and end; of characters where words have no blanks between."""
    named = [(slot.type + "!" * slot.excluded, slot) for slot in slots]
    if example.locale.startswith(WITHOUT_BLANKS):
        return {(name, slot.start, slot.end) for name, slot in named}
    words = [match.span() for match in re.finditer(r"\S+", example.text)]
    return {
        (
            name,
            sum(end <= slot.start for _, end in words),
            sum(start < slot.end for start, _ in words),
        )
        for name, slot in named
    }


def calibration_error(verdicts: Sequence[Verdict]) -> float:
    """Return the expected calibration error: how far confidence is from the share that is right."""
    bins = np.minimum((np.array([v.confidence for v in verdicts]) * BINS).astype(int), BINS - 1)
    right = np.array([v.intent for v in verdicts], np.float64)
    sure = np.array([v.confidence for v in verdicts])
    return float(
        sum(
            abs(right[bins == b].mean() - sure[bins == b].mean()) * (bins == b).mean()
            for b in np.unique(bins)
        )
    )


def auroc(scored: Sequence[tuple[float, bool]]) -> float:
    """Return how often a true one scores higher than a false one, ties counting half."""
    yes = np.array([value for value, label in scored if label])
    no = np.sort([value for value, label in scored if not label])
    below, not_above = np.searchsorted(no, yes, "left"), np.searchsorted(no, yes, "right")
    return float((below + not_above).mean() / (2 * len(no)))


def _figures(sums: Floats, count: int) -> dict[str, Floats]:
    """Return the figures of one or many sums over `count` verdicts, in the order of the columns summed."""
    intents, exact, hits, found, labelled, overlaps = np.moveaxis(sums, -1, 0)
    spans = np.maximum(found + labelled, 1)
    return {
        "intent_accuracy": intents / count,
        "slot_f1": 2 * hits / spans,
        "exact_match": exact / count,
        "slot_f1_overlap": 2 * overlaps / spans,
    }


def _short(value: Any) -> float:
    return round(float(value), 4)
