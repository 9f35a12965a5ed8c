"""Say what was measured: figures with the range they lie in, and the machine they were taken on.

A share right of some hundred sentences is worth little without its interval, and a time is worth
nothing without the machine, its load and the versions of what ran.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from edge_nlu.models.score import RESAMPLES, auroc
from edge_nlu_bench.sources import CHECKOUT

Floats: TypeAlias = npt.NDArray[np.float64]
Figures: TypeAlias = Mapping[str, float | int | str | bool]
Report: TypeAlias = Mapping[str, Figures]
ALWAYS = ("numpy", "onnxruntime")
BOARD = (
    Path("/proc/device-tree/model"),
    Path("/sys/class/dmi/id/product_name"),
)
GOVERNOR = (Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),)


def share(name: str, of: Floats) -> dict[str, float]:
    """Return the mean over the sentences, with the ends of its 95 % interval."""
    count = len(of)
    drawn = np.random.default_rng(0).multinomial(count, [1 / count] * count, RESAMPLES) @ of / count
    return _ranged(name, of.mean(), drawn)


def separation(name: str, yes: Floats, no: Floats) -> dict[str, float]:
    """Return how often one of `yes` scores above one of `no`, with the ends of its 95 % interval."""
    point = auroc([*((score, True) for score in yes), *((score, False) for score in no)])
    above = (yes[:, None] > no[None]) + 0.5 * (yes[:, None] == no[None])
    rng = np.random.default_rng(0)
    of_yes = rng.multinomial(len(yes), [1 / len(yes)] * len(yes), RESAMPLES) / len(yes)
    of_no = rng.multinomial(len(no), [1 / len(no)] * len(no), RESAMPLES) / len(no)
    return _ranged(name, point, np.einsum("ry,yn,rn->r", of_yes, above, of_no, optimize=True))


def quotient(name: str, above: Floats, below: Floats) -> dict[str, float]:
    """Return the middle of some times by that of others, with the ends of its 95 % interval over rounds.

    Each row holds the times of one round, in which both were taken.
    """
    rounds = np.random.default_rng(0).integers(len(above), size=(RESAMPLES, len(above)))
    drawn = np.array([np.median(above[one]) / np.median(below[one]) for one in rounds])
    return _ranged(name, float(np.median(above) / np.median(below)), drawn)


def _ranged(name: str, point: float, drawn: Floats) -> dict[str, float]:
    low, high = np.percentile(drawn, (2.5, 97.5))
    ends = {name: point, f"{name}_low": low, f"{name}_high": high}
    return {end: round(float(value), 4) for end, value in ends.items()}


def lines(report: Report) -> Iterator[str]:
    """Yield the figures as a table: group, figure, value, and its range where there is one."""
    widest = max(map(len, report))
    for group, figures in report.items():
        heading = group
        for name, value in figures.items():
            if name.endswith(("_low", "_high")):
                continue
            low, high = figures.get(f"{name}_low"), figures.get(f"{name}_high")
            spread = "" if low is None or high is None else f"  ({shown(low)} to {shown(high)})"
            yield f"{heading:<{widest}}  {name:<24}{shown(value)}{spread}"
            heading = ""


def shown(value: object) -> str:
    """Return a figure as people read it."""
    if isinstance(value, float):
        return f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def provenance(pack: str, libraries: tuple[str, ...] = ()) -> str:
    """Return one line that tells what ran, and where: without it, figures cannot be compared."""
    load = " ".join(f"{of:.2f}" for of in os.getloadavg())
    found = [
        f"edge-nlu {version('edge-nlu')}",
        *_commit(CHECKOUT),
        f"pack {pack}",
        f"board {_first_line(BOARD) or 'not told'}",
        f"processor {_processor()} x{os.cpu_count()}",
        f"kernel {platform.release()}",
        f"governor {_first_line(GOVERNOR) or 'not told'}",
        f"Python {platform.python_version()}",
        *(f"{name} {of}" for name in (*ALWAYS, *libraries) if (of := _version(name))),
        f"load {load}",
    ]
    return ", ".join(found)


def _first_line(files: tuple[Path, ...]) -> str:
    """Return what the first of some files that can be read says; a virtual machine has none of them."""
    for file in files:
        with suppress(OSError):
            # boards end their name with a zero
            return file.read_text(encoding="utf-8").strip("\0 \n")
    return ""


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit(checkout: Path) -> Iterator[str]:
    """Yield the commit of a checkout, and whether it was changed since; nothing elsewhere."""
    git = shutil.which("git")
    if git is None or not (checkout / ".git").exists():
        return
    ask = [git, "-C", str(checkout)]
    commit = subprocess.run([*ask, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    if commit.returncode == 0:
        status = [*ask, "status", "--porcelain", "--untracked-files=no"]
        changed = subprocess.run(status, capture_output=True, text=True).stdout.strip()
        yield f"commit {commit.stdout.strip()}" + (" with changes" if changed else "")


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in told.splitlines() if line.startswith("model name")]
    return f"{names[0]} ({platform.machine()})" if names else platform.machine()
