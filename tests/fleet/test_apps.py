"""The app that a SuperLink is given names ours, and Flower takes it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli


@pytest.mark.slow
@pytest.mark.parametrize(("more", "client"), [("", "client"), ("secagg = true", "masked_client")])
def test_flower_takes_the_app(tmp_path: Path, more: str, client: str) -> None:
    (tmp_path / "ca.pem").touch()
    here, file, app = json.dumps(str(tmp_path)), tmp_path / "fleet.toml", tmp_path / "app"
    file.write_text(f"folder = {here}\ncertificates = {here}\n{more}\n")
    made = CliRunner().invoke(cli, ["fleet", "app", str(file), str(app)], catch_exceptions=False)
    assert made.exit_code == 0
    assert f"client = fleet_apps.{client}\n" in (app / "fleet_app" / "__init__.py").read_text()
    flwr = Path(sys.executable).with_name("flwr")
    built = subprocess.run(
        [str(flwr), "build", "--app", str(app)], cwd=tmp_path, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stdout + built.stderr
    assert list(tmp_path.glob("*.fab"))
