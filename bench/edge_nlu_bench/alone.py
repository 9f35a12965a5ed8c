"""Ask of each number by itself how well it tells what went wrong: one that tells it well gives it away."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from edge_nlu.learning.dialogue import Vector

Floats = npt.NDArray[np.float64]
Kinds = npt.NDArray[np.int64]


def f1_of(table: Floats) -> Floats:
    """Return the F1 of each kind from tables of what was there by what was said."""
    hits = np.diagonal(table, axis1=-2, axis2=-1)
    return np.asarray(2 * hits / np.maximum(table.sum(-1) + table.sum(-2), 1))


def alone(learned: tuple[Vector, Kinds], judged: tuple[Vector, Kinds], kinds: int) -> Floats:
    """Return for each number the macro F1 that it has by itself: learned on one half, judged on the other."""
    (values, right), (others, wanted) = learned, judged
    found = []
    for column in range(values.shape[1]):
        steps = np.unique(np.quantile(values[:, column], np.linspace(0.05, 0.95, 19)))
        into, then = (np.digitize(half[:, column], steps) for half in (values, others))
        counts = np.zeros((len(steps) + 1, kinds))
        np.add.at(counts, (into, right), 1)
        each = np.maximum(counts.sum(0), 1)
        # the rare count as much as the common, or something between
        said = [(counts / each**power).argmax(1)[then] for power in (0.0, 0.5, 1.0)]
        found.append(max(_macro(one, wanted, kinds) for one in said))
    return np.array(found)


def _macro(said: Kinds, wanted: Kinds, kinds: int) -> float:
    table = np.zeros((kinds, kinds))
    np.add.at(table, (wanted, said), 1)
    return float(f1_of(table)[table.sum(1) > 0].mean())
