"""Weigh a process that understands: after each library, with the pack open, and in use.

Memory once touched is seldom given back, so only a process that did nothing before tells the truth.
Several are started and the median is taken: the figure moves a little from start to start.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

from edge_nlu.errors import EdgeNluError
from edge_nlu.models.examples import read_examples
from edge_nlu.models.pack import Pack
from edge_nlu_bench import resident
from edge_nlu_bench.report import Figures
from edge_nlu_bench.sources import frozen

SENTENCES = 100
MEGABYTE = 1e6
CARRIED = """
import sys
import edge_nlu.cli, edge_nlu.hub.assemble, edge_nlu.models.encoder, edge_nlu.transport.paho
edge_nlu.hub.assemble.chosen_bridges({})
print(len(sys.modules))
top = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names
print(*sorted(name for name in top if not name.startswith(("_", "edge_nlu"))))
"""
"""What a hub has imported before it does anything: each library more costs every hub its memory."""


def measure(pack: Pack, processes: int) -> dict[str, Figures]:
    """Return the resident set after each step, and the peak, at the median of fresh processes."""
    said = [example.text for example in read_examples(frozen("home-seen.txt"))[:SENTENCES]]
    weighed = [_weigh(pack.folder, said) for _ in range(processes)]
    middle = {step: median(of[step] for of in weighed) for step in weighed[0]}
    return {
        "process": {"processes": processes, "sentences": len(said)},
        "rss_mb": {step: round(weight / MEGABYTE, 1) for step, weight in middle.items()},
        "pack": {"bytes": pack.size_bytes},
        "imports": _carried(),
    }


def _carried() -> Figures:
    told = subprocess.run([sys.executable, "-P", "-c", CARRIED], check=True, capture_output=True, text=True)
    modules, names = told.stdout.splitlines()
    return {"modules": int(modules), "libraries": len(names.split()), "names": names}


def _weigh(folder: Path, said: list[str]) -> dict[str, int]:
    command = [sys.executable, "-P", str(resident.__file__), str(folder)]
    done = subprocess.run(command, input="\n".join(said), capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word why"])[-1]
        raise EdgeNluError(f"the process to be weighed ended with {done.returncode}: {last}")
    steps = (line.split() for line in done.stdout.splitlines())
    return {step: int(weight) for step, weight in steps}
