"""Let a hub live a day in the memory that a board of 512 MB has left, with its broker beside it.

A Zero 2 W with a system on it has 292 MiB left. Hub and Mosquitto share them: where the system can hold a
group of processes to a limit (control groups, as root), a kill shows, and what lies in memory as files counts
too. Elsewhere each process may take so much data and no more.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from edge_nlu.errors import EdgeNluError
from edge_nlu_bench.life import Life
from edge_nlu_bench.report import Figures
from edge_nlu_bench.soak import Counts, first_hour, live_a_day

LEFT_MIB = 292
MIB = 1 << 20
VERSION_1, VERSION_2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")


class Limit(NamedTuple):
    """A limit of memory: what keeps it, how a process comes under it, the most that was held, and kills.

    What is held is known for a group alone.
    """

    kept_by: str
    enter: Callable[[], None]
    most: Callable[[], Figures]
    kills: Callable[[], int]


def measure(counts: Counts) -> Figures:
    """Return what became of a hub and its broker in a day under the limit."""
    # on a disk: in a folder in memory the journal would count as memory, which it does not on a board
    with tempfile.TemporaryDirectory(prefix="edge-nlu-board-") as name, _limit() as limit:
        life = Life(Path(name), counts.begins, limit.enter)
        try:
            figures = _day(life, counts)
        except (EdgeNluError, OSError):
            if life.hub.poll() is None:
                raise
            # it did not live to the evening
            figures = {}
        finally:
            life.end()
        return {
            "limit_mib": LEFT_MIB,
            "kept_by": limit.kept_by,
            "states": counts.states,
            "sentences": counts.sentences,
            "killed": max(limit.kills(), int(not figures)),
            **limit.most(),
            **figures,
        }


def _day(life: Life, counts: Counts) -> Figures:
    """Return what a hub weighed in a day that it lived to the end."""
    first_mb = first_hour(life, counts)
    live_a_day(life, counts.states, counts.sentences)
    life.check_states()
    return {
        "hub_most_mb": life.weight_mb("VmHWM"),
        "first_hour_mb": first_mb,
        "growth_mb": round(life.weight_mb() - first_mb, 1),
        "no_answer": life.ledger.no_answer,
        "wrong_states": life.ledger.wrong_states,
        "longest_ms": round(1000 * max(life.ledger.seconds), 1),
    }


@contextmanager
def _limit() -> Iterator[Limit]:
    """Yield the best limit that can be had here."""
    for root, names in (
        (VERSION_1, ("memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control")),
        (VERSION_2, ("memory.max", "memory.peak", "memory.events")),
    ):
        group = root / f"edge-nlu-bench-{os.getpid()}"
        most, peak, events = (group / name for name in names)
        try:
            group.mkdir()
            most.write_text(str(LEFT_MIB * MIB))
        except OSError:
            with suppress(OSError):
                group.rmdir()
            continue
        try:
            yield _by(group, peak, events)
        finally:
            _remove(group)
        return
    bound = (LEFT_MIB * MIB, LEFT_MIB * MIB)
    yield Limit(
        "data of each process", lambda: resource.setrlimit(resource.RLIMIT_DATA, bound), dict, lambda: 0
    )


def _by(group: Path, peak: Path, events: Path) -> Limit:
    def enter() -> None:
        (group / "cgroup.procs").write_text(str(os.getpid()))

    def most() -> Figures:
        return {"most_mib": round(int(peak.read_text()) / MIB, 1)}

    return Limit("control group", enter, most, lambda: _killed(events.read_text()))


def _killed(told: str) -> int:
    """Return how many processes were killed for memory."""
    counted = dict(line.split() for line in told.splitlines())
    return int(counted.get("oom_kill", 0))


def _remove(group: Path) -> None:
    """Take a group away, once its processes are gone from it."""
    for _ in range(100):
        with suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.05)
