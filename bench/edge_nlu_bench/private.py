"""Time a step of training at home, plain and with the reach of each example and of the home bounded.

The head is the fleet's, as wide as the embeddings of the pack, with a class for each of its wishes; examples
are rows of unit length, since time does not depend on what they mean. A process of its own computes on one
thread: a second one would be told apart from neither step.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Final

import numpy as np

from edge_nlu.learning.fitting import Arrays, Layer, Lessons, Plan, bounded, change
from edge_nlu.learning.head import classes_of
from edge_nlu.models.pack import Pack
from edge_nlu_bench.report import Figures

LOT: Final = 128
LESSONS: Final = 1024
"""Of a home in a round; two times through them are 16 steps."""

CLIP, BOUND, NOISE = 1.0, 1.0, 1.0
AT_ONCE: Final = 20


def measure(pack: Pack, *, quick: bool) -> Figures:
    """Return what both steps take; quick repeats them 200 times instead of 1,000."""
    classes, repeats = len(classes_of(pack.labels.wishes)), 200 if quick else 1000
    command = [sys.executable, "-m", __name__, str(classes), str(pack.labels.embedding), str(repeats)]
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    told = subprocess.run(command, env={**os.environ, **threads}, check=True, capture_output=True, text=True)
    figures: dict[str, float | int] = json.loads(told.stdout)
    return figures


def figures(classes: int, width: int, repeats: int) -> dict[str, float | int]:
    """Return the times of a head of this size, and how they stand to each other."""
    least = _least(_works(classes, width), repeats)
    steps = Plan().epochs * LESSONS // LOT
    once = least["bounded"] + least["noise"]
    private = least["clipped_step"] + once / steps
    every = least["clipped_step"] + least["noise"]
    return {
        "classes": classes,
        "width": width,
        "lot": LOT,
        "steps_in_round": steps,
        "repeats": repeats,
        "products_us": round(least["products"], 1),
        "plain_step_us": round(least["plain_step"], 1),
        "plain_over_products": round(least["plain_step"] / least["products"], 3),
        "clipped_step_us": round(least["clipped_step"], 1),
        "noise_us": round(least["noise"], 1),
        "bounded_us": round(least["bounded"], 1),
        "private_step_us": round(private, 1),
        "private_step_ratio": round(private / least["plain_step"], 3),
        "noise_every_step_us": round(every, 1),
        "noise_every_step_ratio": round(every / least["plain_step"], 3),
    }


def _works(classes: int, width: int) -> Mapping[str, Callable[[], object]]:
    """Return what is timed, by name."""
    draw = np.random.default_rng(0)
    inputs = draw.normal(size=(LOT, width)).astype(np.float32)
    inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
    lessons = Lessons(inputs, draw.integers(0, classes, LOT))
    start: Arrays = [
        draw.normal(0, 0.1, (classes, width)).astype(np.float32),
        np.zeros(classes, np.float32),
    ]
    plain, private = Layer(start, Plan(lot=LOT)), Layer(start, Plan(lot=LOT, clip=CLIP))
    lot = Layer.ready(lessons)
    # with the column of the bias, as in a step
    weights = np.column_stack(start)
    odds, slope, noisy = np.empty((classes, LOT), np.float32), np.empty_like(weights), weights.copy()

    def products() -> None:
        np.matmul(weights, lot.inputs.T, out=odds)
        np.matmul(odds, lot.inputs, out=slope)

    def noise() -> None:
        drawn = draw.standard_normal(noisy.shape, np.float32)
        drawn *= NOISE
        np.add(weights, drawn, out=noisy)

    return {
        "products": products,
        "plain_step": lambda: plain.step(lot),
        "clipped_step": lambda: private.step(lot),
        "bounded": lambda: bounded(change(private.arrays, start), BOUND),
        "noise": noise,
    }


def _least(works: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Return the microseconds of each where nothing else came between, taken by turns."""
    least = dict.fromkeys(works, float("inf"))
    for _ in range(repeats):
        for name, work in works.items():
            begun = perf_counter()
            for _ in range(AT_ONCE):
                work()
            least[name] = min(least[name], (perf_counter() - begun) / AT_ONCE * 1e6)
    return least


if __name__ == "__main__":
    print(json.dumps(figures(*map(int, sys.argv[1:]))))
