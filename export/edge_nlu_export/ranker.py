"""Train the ranker of a pack on recordings of pretend homes, where it is known what was wished.

Each sentence that a hub took for another is an example: what spoke for it is in the hub's journal, and
whether it came true is the truth of the recording. Such a recording has to be made with a ranker that takes
every chance (`everything`), or what is never tried is never learned. It is a logistic regression; how much is
needed is chosen on homes that it was not trained on, such that so many go well for each that does not.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nlu.errors import DataError
from edge_nlu.models.ranker import RANKER
from edge_nlu_export.packing import put

Floats = npt.NDArray[np.float64]
FOLDS = 5
DECAY = 10.0
NARROWEST = 0.25
STEPS = 30
FEWEST = 200


@dataclass(frozen=True, slots=True)
class Example:
    """What spoke for taking a sentence for another, in which home, and whether it came true."""

    home: str
    told: dict[str, float]
    well: bool


def everything() -> dict[str, Any]:
    """Return a ranker that takes every chance."""
    return {"weights": {}, "needed": -1.0}


def examples(recordings: Sequence[Path]) -> list[Example]:
    """Return the examples of recordings; raise `DataError` where they hold too few."""
    found = [one for path in recordings for one in _read(path)]
    if len(found) < FEWEST:
        wanted = f"at least {FEWEST}; record more homes, with a ranker that takes every chance"
        raise DataError(recordings[0], 0, f"{len(found)} sentences were taken for others", wanted)
    return found


def trained(found: Sequence[Example], odds: float) -> dict[str, Any]:
    """Return the weights, how much is needed, and what comes of it in homes it was not trained on."""
    names = list(found[0].told)
    told = np.array([[one.told[name] for name in names] for one in found])
    well = np.array([one.well for one in found], np.float64)
    homes = sorted({one.home for one in found})
    fold = np.array([homes.index(one.home) % FOLDS for one in found])
    scores = np.empty(len(found))
    for number in range(FOLDS):
        apart = fold == number
        weights, bias = _fitted(told[~apart], well[~apart])
        scores[apart] = told[apart] @ weights + bias
    needed = _needed(scores, well, odds)
    weights, bias = _fitted(told, well)
    taken = scores > needed
    return {
        "weights": {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)},
        "needed": round(float(needed - bias), 4),
        "examples": len(found),
        "homes": len(homes),
        "taken": int(taken.sum()),
        "well": int(well[taken].sum()),
        "left_well": int(well[~taken].sum()),
    }


def write(pack: Path, ranker: dict[str, Any]) -> None:
    """Put a ranker into a pack."""
    put(pack, RANKER, (json.dumps(ranker, indent=1) + "\n").encode())


def _needed(scores: Floats, well: Floats, odds: float) -> float:
    """Return the lowest score above which, all told, so many go well for each that does not."""
    order = np.argsort(-scores)
    right = np.cumsum(well[order])
    wrong = np.arange(1, len(order) + 1) - right
    good = np.flatnonzero(right >= odds * np.maximum(wrong, 1.0))
    return float(scores[order[good[-1]]] - 1e-6) if len(good) else float(scores.max())


def _fitted(told: Floats, well: Floats) -> tuple[Floats, float]:
    """Return weights and bias by Newton's method, held back by the square of the weights."""
    # what hardly differs here may differ elsewhere
    middle, wide = told.mean(0), np.maximum(told.std(0), NARROWEST)
    rows = np.column_stack([(told - middle) / wide, np.ones(len(told))])
    decay = np.diag([DECAY] * told.shape[1] + [0.01])
    found = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        sure = 1.0 / (1.0 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (well - sure) - decay @ found
        found += np.linalg.solve((rows * (sure * (1 - sure))[:, None]).T @ rows + decay, slope)
    weights = found[:-1] / wide
    return weights, float(found[-1] - weights @ middle)


def _read(path: Path) -> Iterator[Example]:
    told: dict[tuple[str, str], dict[str, float]] = {}
    truth: dict[tuple[str, str], bool] = {}
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                at = (str(row["home"]), str(row.get("id")))
                if row["table"] == "truth":
                    truth[at] = bool(row["reached"])
                elif row["table"] == "exchanges":
                    taken = row["whole"].get("taken") or {}
                    if taken.get("because") and not taken.get("spared"):
                        told[at] = {name: float(value) for name, value in taken["because"]}
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                wanted = "a row of `edge-nlu bench record`"
                raise DataError(path, number, f"{line[:40]!r} ({error!r})", wanted) from error
    yield from (Example(f"{path.name} {at[0]}", told[at], truth[at]) for at in told if at in truth)
