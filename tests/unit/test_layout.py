"""Each top-level folder holds one package of its own name, and only those five are installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE_ROOTS = {
    "export": "edge_nlu_export",
    "firmware_bridge": "edge_nlu_bridge",
    "device_profiles": "edge_nlu_profiles",
    "bench": "edge_nlu_bench",
}


@pytest.mark.parametrize("folder", SOURCE_ROOTS)
def test_no_python_lies_directly_in_a_source_root(folder: str) -> None:
    assert list((ROOT / folder).glob("*.py")) == []


@pytest.mark.parametrize(("folder", "package"), SOURCE_ROOTS.items())
def test_a_source_root_holds_one_package(folder: str, package: str) -> None:
    assert [path.parent.name for path in (ROOT / folder).glob("*/__init__.py")] == [package]


@pytest.mark.parametrize("package", ["edge_nlu", *(f"{root}/{name}" for root, name in SOURCE_ROOTS.items())])
def test_a_package_says_that_it_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").exists()


@pytest.mark.slow
def test_the_wheel_installs_the_five_packages_and_nothing_else(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"edge_nlu", *SOURCE_ROOTS.values()}
