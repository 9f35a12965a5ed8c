"""The command that makes an app of a fleet's rounds, for a SuperLink of Flower."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import click

from edge_nlu.errors import require

PROJECT: Final = """\
[project]
name = "edge-nlu-fleet"
version = "1.0.0"
description = "The rounds of a fleet of hubs."
license = "Apache-2.0"
dependencies = []

[tool.flwr.app]
publisher = "edge-nlu"

[tool.flwr.app.components]
serverapp = "fleet_app:server"
clientapp = "fleet_app:client"

[tool.flwr.app.config]
settings = {settings}
"""
# Flower looks for names that are assigned, without importing anything
PACKAGE: Final = """\
from edge_nlu.commands import fleet_apps

client = fleet_apps.{client}
server = fleet_apps.server
"""


@click.command()
@click.argument("settings_file", metavar="SETTINGS", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def app(*, settings_file: Path, folder: Path) -> None:
    """Make an app in FOLDER that runs the rounds of SETTINGS on a SuperLink, with SuperNodes and small hubs.

    It holds no code but the names of ours. How to run it: docs/fleet.md, "Big hubs".
    """
    from edge_nlu.commands.fleet_settings import read_fleet_settings

    require("flwr", extra="fleet")
    client = "masked_client" if read_fleet_settings(settings_file).secagg else "client"
    package = folder / "fleet_app"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text(PACKAGE.format(client=client), encoding="utf-8")
    # a string of JSON is one of TOML, too
    told = PROJECT.format(settings=json.dumps(str(settings_file.resolve())))
    (folder / "pyproject.toml").write_text(told, encoding="utf-8")
    click.echo(f"`flwr run {folder} CONNECTION` gives it to a SuperLink.")
