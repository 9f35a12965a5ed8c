"""Teach a peer and ask it, in an environment of its own: this imports nothing that is not Python's.

    python -m edge_nlu_bench.peers.NAME learn|read ROWS.json MODEL

The rows have `text`, and to learn from `intent` and `slots` with `start`, `end` and `type` besides.
Learned once, a peer is opened anew to be asked, so what it weighs is what reading takes. It prints one
line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time, process_time_ns
from typing import Any

WARM_UP = 20
Row = dict[str, Any]
Span = tuple[str, int, int]
Read = Callable[[str], tuple[str, Sequence[Span]]]
"""Returns the intent of a sentence, and its slots: type, start and end."""


def main(learn: Callable[[Sequence[Row], Path], None], opened: Callable[[Path], Read]) -> None:
    """Do what the command line says, on one core."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    what, file, model = sys.argv[1:]
    rows: list[Row] = json.loads(Path(file).read_text(encoding="utf-8"))
    begun = process_time()
    if what == "learn":
        learn(rows, Path(model))
        print(json.dumps({"train_cpu_s": process_time() - begun}))
        return
    read = opened(Path(model))
    opening = process_time() - begun
    for row in rows[:WARM_UP]:
        read(row["text"])
    told, times = [], []
    for row in rows:
        cpu = process_time_ns()
        told.append(read(row["text"]))
        times.append((process_time_ns() - cpu) / 1e6)
    weights = {"open_cpu_s": opening, "rss_mb": rss_mb(), "yard_ms": yard_ms()}
    print(json.dumps({"told": told, "cpu_ms": times, **weights}))


def yard_ms() -> float:
    """Return the CPU milliseconds of a loop that is always the same: the median of nine.

    It tells how fast the machine is just now, so that times of two runs can be set beside each other.
    """
    times = []
    for _ in range(9):
        begun, total = process_time_ns(), 0
        for number in range(200_000):
            total += number * number
        times.append((process_time_ns() - begun) / 1e6)
    return sorted(times)[4]


def rss_mb() -> float:
    """Return what this process holds in memory, in a million bytes."""
    told = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in told if line.startswith("VmRSS")) / 1e6
