"""Time a step of training at home, plain and private, and what the head of a fleet costs a hub that has it.

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

from edge_nlu.learning.arrays import unpacked
from edge_nlu.learning.fitting import Arrays, Layer, Lessons, Plan, bounded, change
from edge_nlu.learning.head import Head, classes_of
from edge_nlu.models.heads import file_of
from edge_nlu.models.pack import Pack
from edge_nlu.values import Clause, Understanding
from edge_nlu_bench.report import Figures, Report
from edge_nlu_bench.resident import weight

LOT: Final = 128
LESSONS: Final = 1024
"""Of a home in a round; two times through them are 16 steps."""

CLIP, BOUND, NOISE = 1.0, 1.0, 1.0
AT_ONCE: Final = 20
QUICK, WHOLE = 200, 1000
"""Repeats, each of so many at once."""


def measure(pack: Pack, *, quick: bool) -> Report:
    """Return what both steps take, and what the head costs a hub that has it."""
    classes, repeats = classes_of(pack.labels.wishes), QUICK if quick else WHOLE
    command = [sys.executable, "-m", __name__, str(repeats)]
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    _, body = file_of("intent", classes, _numbers(len(classes), pack.labels.embedding))
    told = subprocess.run(command, env={**os.environ, **threads}, check=True, input=body, capture_output=True)
    figures: Report = json.loads(told.stdout)
    return figures


def main(body: bytes, repeats: int) -> Report:
    """Return the figures of the head in a file."""
    before = weight("VmRSS")
    stored = unpacked(body, len(body))
    head = Head(tuple(stored["meant"].tolist()), stored["weights"], stored["bias"])
    grown = weight("VmRSS") - before
    classes, width = head.weights.shape
    rows = np.eye(classes, width, dtype="<f4")
    read = [
        Understanding("", (), 1.0, (), (Clause(0, 0, "raise", "brightness"),), row.tobytes()) for row in rows
    ]
    reread = _least({"reread": lambda: [head.reread(one) for one in read[:AT_ONCE]]}, repeats)["reread"]
    return {
        "private_step": _steps(classes, width, repeats),
        "fleet_head": {
            "file_bytes": len(body),
            "memory_mb": round(grown / 1e6, 2),
            "reread_us": round(reread / AT_ONCE, 2),
        },
    }


def _steps(classes: int, width: int, repeats: int) -> Figures:
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


def _numbers(classes: int, width: int) -> Arrays:
    draw = np.random.default_rng(1)
    return [draw.normal(0, 0.1, (classes, width)).astype(np.float32), np.zeros(classes, np.float32)]


def _works(classes: int, width: int) -> Mapping[str, Callable[[], object]]:
    """Return what is timed, by name."""
    draw = np.random.default_rng(0)
    inputs = draw.normal(size=(LOT, width)).astype(np.float32)
    inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
    lessons = Lessons(inputs, draw.integers(0, classes, LOT))
    start = _numbers(classes, width)
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
    print(json.dumps(main(sys.stdin.buffer.read(), int(sys.argv[1]))))
