"""A hub gets a process without the command line, which keeps its compiled code where that may be written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu.hub import commands
from edge_nlu.hub.service import SPARING


@pytest.mark.parametrize(
    ("not_ours", "kept"),
    [(None, False), (commands.__file__, True), (os.__file__, True)],
    ids=["none", "ours", "Python"],
)
def test_compiled_code_that_may_not_lie_beside_the_code_lies_in_the_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, not_ours: str | None, *, kept: bool
) -> None:
    begun: list[Any] = []
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    monkeypatch.setattr(os, "access", lambda code, _: code != not_ours)
    monkeypatch.setattr(os, "execve", lambda *how: begun.append(how))
    settings = tmp_path / "edge-nlu.toml"
    settings.write_text(f"state_dir = '{tmp_path / 'state'}'\n")
    done = CliRunner().invoke(cli, ["hub", "run", "--config", str(settings)])
    assert done.exit_code == 0, done.output
    ((_, command, environment),) = begun
    assert command[1:] == ["-m", "edge_nlu.hub", str(settings)]
    compiled = str(tmp_path / "state" / "compiled") if kept else None
    assert environment.get("PYTHONPYCACHEPREFIX") == compiled
    # what somebody chose counts
    expected = {**SPARING, "OPENBLAS_NUM_THREADS": "3"}
    assert {name: environment[name] for name in SPARING} == expected
