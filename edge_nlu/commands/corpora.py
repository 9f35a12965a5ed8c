"""Where the commands that try out a fleet on one machine find what is said in it."""

from __future__ import annotations

from pathlib import Path

import click

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(__file__).parents[2].parent / "shared" / "data",
    help="Folder of the corpora; else shared/data beside the checkout.",
)
