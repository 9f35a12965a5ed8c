"""A pytest plugin for emulation: a test that starts another program is left out, since that would not run.

Given with `-p`; at the end it writes what became of the tests to the file in `EDGE_NLU_TESTED`, as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

import pytest

STARTS = "starts another program, which emulation cannot"
_BECAME: Counter[str] = Counter()
_LEFT_OUT: list[dict[str, str]] = []


def _not_here(*_: object, **__: object) -> NoReturn:
    pytest.skip(STARTS)


def pytest_configure() -> None:
    """Leave out whoever starts a program."""
    subprocess.Popen.__init__ = _not_here  # type: ignore[method-assign]


def pytest_runtest_logreport(report: Any) -> None:
    """Count what became of a test."""
    if report.skipped:
        _BECAME["left_out"] += 1
        _LEFT_OUT.append({"test": report.nodeid, "why": str(report.longrepr[-1]).removeprefix("Skipped: ")})
    elif report.failed or report.when == "call":
        _BECAME[report.outcome] += 1


def pytest_collectreport(report: Any) -> None:
    """Count a module that as a whole was left out, or could not be read."""
    if report.skipped:
        pytest_runtest_logreport(report)
    elif report.failed:
        _BECAME["failed"] += 1


def pytest_sessionfinish() -> None:
    """Write down what became of the tests."""
    told = {"passed": _BECAME["passed"], "failed": _BECAME["failed"], "left_out": _LEFT_OUT}
    Path(os.environ["EDGE_NLU_TESTED"]).write_text(json.dumps(told), encoding="utf-8")
