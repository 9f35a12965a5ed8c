"""Set up the environments that peers live in, and run a peer in its own.

They exclude one another, and some exclude edge-nlu: each gets a virtual environment in a folder of its
own, with the versions in `environments.toml`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_nlu.errors import EdgeNluError

FILE = Path(__file__).with_name("environments.toml")
ROOT = Path(__file__).parents[2]
MARK = "installed.json"
WITHIN = 0.02
"""A peer may be so much below what it was found to reach."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment of a peer: what is installed there, and what the peer was found to reach."""

    name: str
    folder: Path
    install: Sequence[str]
    found: Mapping[str, float]

    @property
    def versions(self) -> str:
        """Return what it was run with, for the line of provenance."""
        return f"{self.name} ({' '.join(self.install) or 'beside edge-nlu'})"

    @property
    def is_ready(self) -> bool:
        """Return whether everything is installed."""
        try:
            installed = json.loads((self.folder / MARK).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return not self.install
        return bool(installed == list(self.install))

    def set_up(self) -> None:
        """Make the environment, and install what is missing."""
        if self.is_ready:
            return
        venv.create(self.folder, with_pip=True, clear=True)
        done = subprocess.run(
            [self.folder / "bin" / "pip", "install", "--quiet", *self.install], capture_output=True, text=True
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
            raise EdgeNluError(f"peer {self.name} could not be installed in {self.folder}: {last}")
        (self.folder / MARK).write_text(json.dumps(list(self.install)), encoding="utf-8")

    def run(self, module: str, *arguments: str) -> Any:
        """Run a module of this package there, on one thread, and return what it prints."""
        python = str(self.folder / "bin" / "python") if self.install else sys.executable
        threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
        environment = {**os.environ, **threads, "PYTHONPATH": str(ROOT)}
        command = [python, "-m", f"{__package__}.{module}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
            raise EdgeNluError(f"peer {self.name} ended with {done.returncode}: {last}")
        return json.loads(done.stdout.splitlines()[-1])


def environments(folder: Path) -> Mapping[str, Environment]:
    """Return the environments of all peers, in this folder."""
    with FILE.open("rb") as file:
        said = tomllib.load(file)
    return {name: Environment(name, folder / name, **of) for name, of in said.items()}


def as_before(found: float, before: float) -> dict[str, float | bool]:
    """Return whether a peer reaches what it was found to reach, less two points."""
    return {"found": round(found, 4), "before": before, "as_before": found >= before - WITHIN}


def check(known: Mapping[str, Environment]) -> None:
    """Raise an error that says how to set up what is missing."""
    missing = [one.name for one in known.values() if not one.is_ready]
    if missing:
        raise EdgeNluError(
            f"{' and '.join(missing)} are not installed; run `edge-nlu bench peers --setup`, which needs a "
            f"package index, or name the folder where they are with --folder"
        )
