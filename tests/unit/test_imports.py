"""A hub must not carry what only workstations and servers need."""

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import edge_nlu

HEAVY = {"torch", "transformers", "optimum", "flwr", "tokenizers", "sklearn", "scipy"}
LATER_OR_ELSEWHERE = (
    *("edge_nlu.__main__", "edge_nlu.sync", "edge_nlu.fleet"),
    # only Flower's own processes load it
    "edge_nlu.commands.fleet_apps",
)


def loaded_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after running the code."""
    code += "\nimport sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}


def hub_modules() -> list[str]:
    found = pkgutil.walk_packages(edge_nlu.__path__, "edge_nlu.")
    return sorted(module.name for module in found if not module.name.startswith(LATER_OR_ELSEWHERE))


def test_everything_a_hub_may_import_leaves_heavy_libraries_alone() -> None:
    loaded = loaded_after("\n".join(f"import {name}" for name in hub_modules()))
    assert "edge_nlu" in loaded
    assert loaded & HEAVY == set()


def test_the_command_line_loads_neither_numbers_nor_models_until_asked() -> None:
    assert loaded_after("import edge_nlu.cli") & {*HEAVY, "numpy", "onnxruntime"} == set()


@pytest.mark.parametrize("command", ["--help", "export --help", "bench --help"])
def test_help_loads_no_heavy_library(command: str) -> None:
    ask = f"""
from edge_nlu.cli import cli
cli({command.split()}, standalone_mode=False)
"""
    assert loaded_after(ask) & HEAVY == set()


def test_a_hub_carries_no_mail_no_archives_and_no_secrets() -> None:
    start = """
from edge_nlu.hub.assemble import chosen_bridges, home
from edge_nlu.hub.settings import Settings
from edge_nlu.models.heads import default_weights
home(Settings())
assert chosen_bridges({}) and default_weights()
"""
    assert loaded_after(start) & {"email", "zipfile", "tempfile", "_hashlib"} == set()


def test_what_runs_the_models_keeps_no_account_of_it_for_its_maker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    assert "onnxruntime" in loaded_after("import edge_nlu.models.encoder")
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize("folder", ["steps", "learning"])
def test_no_step_looks_at_the_clock(folder: str) -> None:
    package = Path(edge_nlu.__file__).parent / folder
    looking = [path.name for path in package.rglob("*.py") if ".now(" in path.read_text(encoding="utf-8")]
    assert looking == []
