"""Run every suite, each in a process of its own, and keep what each wrote.

A suite that fails, hangs, or writes less than it should loses nobody else's figures. How long each takes is
known roughly; how much longer it takes here shows after the first.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from edge_nlu.durable import ANYBODYS, put_whole
from edge_nlu_bench.schema import faults

PATIENCE, LEAST_S, GRACE_S = 6.0, 900.0, 20.0
"""A suite is ended when it takes so many times as long as it should, and as long as this at least."""


class Suite(NamedTuple):
    """A command that measures, the options it knows, and the seconds that it takes, quick and whole.

    One that only counts can run beside one that takes times.
    """

    name: str
    options: Sequence[str]
    quick_s: float
    whole_s: float
    only_counts: bool = False


SUITES = (
    Suite("nlu", ("--pack", "--data"), 12, 40, only_counts=True),
    Suite("context", ("--pack",), 10, 45, only_counts=True),
    Suite("latency", ("--pack", "--data"), 30, 150),
    Suite("memory", ("--pack",), 4, 15),
    Suite("scale", ("--pack",), 6, 20),
    Suite("mqtt", ("--pack",), 30, 120),
    Suite("learning", ("--pack", "--data"), 60, 3600, only_counts=True),
    Suite("sync", (), 60, 900),
    Suite("soak", (), 60, 1200, only_counts=True),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a suite ended: what it wrote, or why it did not; and the seconds that took."""

    suite: Suite
    written: Mapping[str, Any] | None
    error: str
    seconds: float


class Runner:
    """Runs suites into a folder; `begins` hears the seconds that are left, `ended` how each ended."""

    def __init__(
        self,
        folder: Path,
        options: Mapping[str, str],
        *,
        quick: bool,
        begins: Callable[[Suite, float], None],
        ended: Callable[[Ended], None],
    ) -> None:
        self._folder = folder
        self._options = options
        self._quick = quick
        self._begins = begins
        self._ended = ended
        self._one_speaks = Lock()
        self._stopping = False
        self._done: list[Ended] = []
        self._lanes: list[list[Suite]] = []

    def run(self, suites: Sequence[Suite]) -> list[Ended]:
        """Run suites, and return how each ended.

        One follows the other; quick, and with a core for each, those that only count run beside the others.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        cores = sorted(os.sched_getaffinity(0))
        lanes = [[one for one in suites if one.only_counts is counting] for counting in (False, True)]
        if not self._quick or len(cores) == 1 or not all(lanes):
            lanes = [list(suites)]
        self._lanes = lanes
        # who takes times keeps to the last core
        places = [set(cores), set(cores[:-1])]
        with ThreadPoolExecutor(len(lanes)) as pool:
            running = [pool.submit(self._run_all, *lane) for lane in zip(lanes, places, strict=False)]
            try:
                for one in running:
                    one.result()
            except BaseException:
                self._stopping = True
                raise
        return self._done

    def _run_all(self, suites: Sequence[Suite], cores: Collection[int]) -> None:
        for suite in suites:
            if self._stopping:
                return
            with self._one_speaks:
                self._begins(suite, self._left_s())
            one = self._run(suite, cores)
            with self._one_speaks:
                self._done.append(one)
                self._ended(one)

    def _planned_s(self, suite: Suite) -> float:
        return suite.quick_s if self._quick else suite.whole_s

    def _left_s(self) -> float:
        """Return the seconds that are left, by what was done and how long that took here."""
        done = {one.suite for one in self._done}
        spent = sum(one.seconds for one in self._done)
        pace = spent / sum(map(self._planned_s, done)) if done else 1.0
        return pace * max(
            sum(self._planned_s(one) for one in lane if one not in done) for lane in self._lanes
        )

    def _run(self, suite: Suite, cores: Collection[int]) -> Ended:
        file = self._folder / f"{suite.name}.json"
        # what an earlier run left is none of this one
        file.unlink(missing_ok=True)
        given = [
            word for name in suite.options if name in self._options for word in (name, self._options[name])
        ]
        command = [sys.executable, "-m", "edge_nlu", "bench", suite.name, "--json", *given]
        begun = monotonic()
        limit_s = max(PATIENCE * self._planned_s(suite), LEAST_S)
        text, error = _told(command + ["--quick"] * self._quick, limit_s, cores)
        seconds = round(monotonic() - begun, 1)
        written: dict[str, Any] | None = None
        if text:
            try:
                written = json.loads(text)
            except ValueError:
                error = error or f"it wrote no JSON, but {text[:60]!r}"
        if written is not None:
            error = error or "; ".join(faults(suite.name, written))
            body = json.dumps(written, ensure_ascii=False, indent=1) + "\n"
            put_whole(file, body.encode(), ANYBODYS)
        return Ended(suite, written, error, seconds)


def _told(command: Sequence[str], limit_s: float, cores: Collection[int]) -> tuple[str, str]:
    """Return what a command prints, and why it failed, or ""."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(_prepared, cores),
    )
    try:
        text, wrong = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        # as somebody would at the keyboard: then it ends what it started
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=GRACE_S)
        process.kill()
        process.communicate()
        return "", f"it had not ended after {limit_s:.0f} seconds"
    last = (wrong.strip().splitlines() or ["it did not say why"])[-1]
    return text, last if process.returncode else ""


def _prepared(cores: Collection[int]) -> None:
    """Keep a process to these cores, and let it be interrupted, which in the background we are not."""
    os.sched_setaffinity(0, cores)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
