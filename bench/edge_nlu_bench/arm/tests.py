"""Run the tests of this repository on emulated arm64, and say which were left out and why."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from edge_nlu.errors import EdgeNluError
from edge_nlu_bench.arm.emulator import Emulator
from edge_nlu_bench.report import Figures
from edge_nlu_bench.sources import CHECKOUT

PLUGIN = "edge_nlu_bench.arm.leave_out"
FOLDER = "tests/unit"


class Tested(NamedTuple):
    """What became of the tests, and which of them were left out."""

    figures: dict[str, Figures]
    left_out: list[dict[str, str]]
    failed: bool


def run_tests(emulator: Emulator, core: str) -> Tested:
    """Run the tests of units on a core; pytest tells how it goes."""
    if not (CHECKOUT / FOLDER).is_dir():
        raise EdgeNluError(f"no {FOLDER} in {CHECKOUT}; tests are run in a checkout of the repository")
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "tested"
        python = emulator.python(core, known={"EDGE_NLU_TESTED": str(written)})
        pytest = ("-m", "pytest", "-q", "-p", PLUGIN, "-p", "no:cacheprovider", FOLDER)
        done = subprocess.run([*python, *pytest], cwd=CHECKOUT, stdout=sys.stderr)
        if not written.is_file():
            raise EdgeNluError(
                f"pytest ended with {done.returncode} and did not say what became of the tests"
            )
        told = json.loads(written.read_text(encoding="utf-8"))
    counted = {"core": core, "passed": told["passed"], "failed": told["failed"]}
    figures: dict[str, Figures] = {"tests": {**counted, "left_out": len(told["left_out"])}}
    return Tested(figures, told["left_out"], failed=done.returncode != 0)
