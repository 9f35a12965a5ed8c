"""A pytest plugin for emulation: tests that start another program, or need what is not there, are left out.

Given with `-p`; at the end it writes what became of the tests to the file in `EDGE_NLU_TESTED`, as JSON.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Generator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings

STARTS = "starts another program, which emulation cannot"
# one of our own that is missing is no reason
MISSING = re.compile(r"ModuleNotFoundError: (No module named '(?!edge_nlu)[^']+')")
_BECAME: Counter[str] = Counter()
_LEFT_OUT: list[dict[str, str]] = []


def _not_here(*_: object, **__: object) -> NoReturn:
    pytest.skip(STARTS)


def pytest_configure() -> None:
    """Leave out whoever starts a program, and let made-up examples take the time that they take here."""
    slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("emulated", slow)
    settings.load_profile("emulated")
    subprocess.Popen.__init__ = _not_here  # type: ignore[method-assign]
    BaseProcess.start = _not_here  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    """Leave out a module that needs a library which is not there."""
    return without_libraries((yield))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    """Leave out a test that needs a library which is not there."""
    return without_libraries((yield))


def without_libraries(report: Any) -> Any:
    """Return a report in which what fails for want of a library is left out."""
    missing = MISSING.search(str(report.longrepr)) if report.failed else None
    if missing is not None:
        report.outcome = "skipped"
        report.longrepr = ("", 0, missing[1])
    return report


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
