"""Make a student's confidence mean what it says.

One temperature for a head divides all its numbers, so what it answers stays and only how sure it is
changes. It is found on sentences the student did not learn from, and written into the weights, so
that a hub needs no extra step.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from edge_nlu_export.student import Student

Numbers = npt.NDArray[np.float64]
TEMPERATURES = np.geomspace(0.4, 4.0, 60)


def temperature(scores: Sequence[Numbers], right: Sequence[int]) -> float:
    """Return the temperature under which the right answers are likeliest."""
    logits, labels = np.stack(scores).astype(np.float64), np.array(right)
    costs = [float(_cost(logits / t, labels)) for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(costs))])


def _cost(logits: Numbers, labels: npt.NDArray[np.int64]) -> np.float64:
    top = logits.max(1, keepdims=True)
    log_sum = top[:, 0] + np.log(np.exp(logits - top).sum(1))
    return np.mean(log_sum - logits[np.arange(len(labels)), labels])


@torch.no_grad()
def cool_sentence(student: Student, head: str, by: float) -> None:
    """Divide a head of the sentence row by a temperature."""
    columns = student.heads.labels.sentence[head]
    student.heads.sentence.weight[columns] /= by
    student.heads.sentence.bias[columns] /= by


@torch.no_grad()
def cool_words(student: Student, head: str, by: float) -> None:
    """Divide a head of the word rows by a temperature."""
    columns = student.heads.labels.word[head]
    student.heads.word.weight[columns] /= by
    student.heads.word.bias[columns] /= by
    student.hint.weight[columns] /= by
