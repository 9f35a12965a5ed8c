"""Read what the counter wrote: how many instructions each part of each sentence took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from edge_nlu.errors import EdgeNluError
from edge_nlu_bench.arm.marks import DECISION, Part
from edge_nlu_bench.arm.sentences import SENTENCES
from edge_nlu_bench.report import Figures

MILLION = 1e6

Spent = Mapping[Part, float]
"""What each part of the work on one sentence took."""


def spent(marks: Iterable[tuple[int, float]]) -> list[Spent]:
    """Return what each sentence took, from marks in their order: which part begins, and the count then."""
    sentences: list[Spent] = []
    now: Counter[Part] = Counter()
    part, begun = Part.NOTHING, 0.0
    for mark, count in marks:
        if part is not Part.NOTHING:
            now[part] += count - begun  # type: ignore[assignment]
            if mark == Part.NOTHING:
                sentences.append(now)
                now = Counter()
        part, begun = Part(mark), count
    if part is not Part.NOTHING:
        raise EdgeNluError(f"the count of a sentence ends while {part.name.lower()}; the guest was cut off")
    return sentences


def read_marks(lines: Iterable[str]) -> list[tuple[int, float]]:
    """Return the marks in a file of the counter."""
    return [(int(mark), float(count)) for mark, count in (line.split() for line in lines)]


def decided(sentence: Spent) -> float:
    """Return what a sentence took from text in to decision."""
    return sum(sentence.get(part, 0) for part in DECISION)


def figures(sentences: Sequence[Spent]) -> Figures:
    """Return millions of instructions: the whole path, and its parts, at the median.

    `first` is of the first round alone, in which each sentence is heard for the first time.
    """
    whole = [decided(sentence) for sentence in sentences]
    network = [sentence.get(Part.NETWORK, 0) for sentence in sentences]
    python = [of - own for of, own in zip(whole, network, strict=True)]
    parts = {part.name.lower(): [s.get(part, 0) for s in sentences] for part in Part if part}
    return {
        "n": len(sentences),
        "first_p50": millions(np.median(whole[: len(SENTENCES)])),
        "p50": millions(np.median(whole)),
        "p95": millions(np.percentile(whole, 95)),
        "most": millions(max(whole)),
        "python_p50": millions(np.median(python)),
        "python_p95": millions(np.percentile(python, 95)),
        **{f"{name}_p50": millions(np.median(of)) for name, of in parts.items()},
    }


def millions(count: float | np.floating) -> float:
    """Return a count in millions, as it is shown."""
    return round(float(count) / MILLION, 3)
