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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from edge_nlu_bench.schema import faults

PATIENCE, LEAST_S = 6.0, 120.0
"""A suite is ended when it takes so many times as long as it should, and as long as this at least."""


class Suite(NamedTuple):
    """A command that measures, the options it knows, and the seconds that it takes, quick and whole."""

    name: str
    options: Sequence[str]
    quick_s: float
    whole_s: float


SUITES = (
    Suite("nlu", ("--pack", "--data"), 12, 40),
    Suite("context", ("--pack",), 12, 45),
    Suite("latency", ("--pack", "--data"), 35, 150),
    Suite("memory", ("--pack",), 4, 15),
    Suite("scale", ("--pack",), 7, 20),
    Suite("mqtt", ("--pack",), 30, 120),
    Suite("learning", ("--pack", "--data"), 60, 3600),
    Suite("sync", (), 60, 900),
    Suite("soak", (), 50, 1200),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a suite ended: what it wrote, or why it did not; and the seconds that took."""

    suite: Suite
    written: Mapping[str, Any] | None
    error: str
    seconds: float


def run(
    suites: Sequence[Suite],
    folder: Path,
    options: Mapping[str, str],
    *,
    quick: bool,
    begins: Callable[[Suite, float], None],
    ended: Callable[[Ended], None],
) -> list[Ended]:
    """Run suites one after the other, and return how each ended; `begins` hears the seconds that are left."""
    folder.mkdir(parents=True, exist_ok=True)
    done: list[Ended] = []
    for at, suite in enumerate(suites):
        planned = [of.quick_s if quick else of.whole_s for of in suites]
        # this machine may be slower than the one that was planned with
        pace = sum(of.seconds for of in done) / sum(planned[:at]) if at else 1.0
        begins(suite, pace * sum(planned[at:]))
        one = _run(suite, folder, options, quick=quick, limit_s=max(PATIENCE * planned[at], LEAST_S))
        done.append(one)
        ended(one)
    return done


def _run(suite: Suite, folder: Path, options: Mapping[str, str], *, quick: bool, limit_s: float) -> Ended:
    file = folder / f"{suite.name}.json"
    # what an earlier run left is none of this one
    file.unlink(missing_ok=True)
    given = [word for name in suite.options if name in options for word in (name, options[name])]
    command = [sys.executable, "-m", "edge_nlu", "bench", suite.name, "--json", *given]
    begun = monotonic()
    text, error = _told(command + ["--quick"] * quick, limit_s)
    seconds = round(monotonic() - begun, 1)
    written: dict[str, Any] | None = None
    if not error:
        try:
            written = json.loads(text)
            error = "; ".join(faults(suite.name, written or {}))
        except ValueError:
            error = f"it wrote no JSON, but {text[:60]!r}"
    if written is not None:
        part = file.with_suffix(".part")
        part.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        part.rename(file)
    return Ended(suite, written, error, seconds)


def _told(command: Sequence[str], limit_s: float) -> tuple[str, str]:
    """Return what a command prints, and why it failed, or ""."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        text, wrong = process.communicate(timeout=limit_s)
    except BaseException as error:
        # with all that it started
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        return "", f"it had not ended after {limit_s:.0f} seconds"
    last = (wrong.strip().splitlines() or ["it did not say why"])[-1]
    return text, last if process.returncode else ""
