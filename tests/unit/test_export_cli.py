"""`edge-nlu export` lists its stages without loading anything heavy, and says in one line what is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RECIPE = 'name = "small"\n[data]\nlabelled = ["toy"]\n'
# an interpreter in which some libraries are not installed
WITHOUT = """
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, *more):
        return None if name.partition(".")[0] == {module!r} else self.finder.find_spec(name, *more)

sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""


def export(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge_nlu", "export", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(RECIPE)
    return path


def test_help_lists_the_stages_without_loading_torch() -> None:
    listed = export("--help", PYTHONPROFILEIMPORTTIME="1")
    stages = ["card", "distil", "make", "onnx", "pack", "quantize", "teach", "verify"]
    assert [name for name in stages if f"\n  {name} " in listed.stdout] == stages
    loaded = {line.rpartition("|")[2].strip() for line in listed.stderr.splitlines()}
    assert "click" in loaded
    assert not {"torch", "transformers", "onnx", "yaml", "numpy"} & loaded


@pytest.mark.parametrize("stage", ["make", "teach", "distil"])
@pytest.mark.parametrize("module", ["torch", "optimum"])
def test_a_missing_library_is_told_in_one_line(recipe: Path, tmp_path: Path, stage: str, module: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT.format(module=module))
    ended = export(stage, str(recipe), "--work", str(tmp_path / "runs"), PYTHONPATH=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"Error: {module} is not installed, and this needs it; run `pip install 'edge-nlu[export]'`\n"
    )
    assert not (tmp_path / "runs").exists()


@pytest.mark.torch
def test_a_recipe_that_cannot_be_used_ends_with_2_and_one_line(tmp_path: Path) -> None:
    ended = export("make", str(tmp_path / "absent.toml"))
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "a recipe in TOML" in ended.stderr
