"""The `edge-nlu bench` commands for ARM: what can be counted without a board, and measured on one."""

from __future__ import annotations

from pathlib import Path

import click

from edge_nlu.cli import json_option, pack_option
from edge_nlu.errors import require
from edge_nlu_bench.telling import open_pack, tell, with_what


@click.command()
@pack_option
@json_option
@click.option("--quick", is_flag=True, help="Say each sentence twice instead of 8 times, compare 60 of 700.")
@click.option("--setup", is_flag=True, help="Make the emulated arm64 first; as root, on Debian 12 on x86_64.")
@click.option(
    "--folder",
    "where",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where it lies; build/arm in the checkout when not given.",
)
def arm(*, folder: Path | None, as_json: bool, quick: bool, setup: bool, where: Path | None) -> None:
    """Count aarch64 instructions of a sentence of ten words, and predict its time on boards.

    Real arm64 libraries run under emulation, as on a Cortex-A53, A72 and A76: from text in to decision, in a
    home of 50 devices. Also what a hub weighs there, and what it decides otherwise than here.
    """
    require("onnx", "export")
    from edge_nlu_bench.arm.emulator import FOLDER, Emulator, set_up
    from edge_nlu_bench.arm.measure import measure
    from edge_nlu_export.cost import cost

    where = where or FOLDER
    if setup:
        click.echo(f"making an emulated arm64 in {where}", err=True)
    emulator = set_up(where) if setup else Emulator(where)
    pack = open_pack(folder)
    told = with_what(pack)
    network = cost(pack.folder / pack.encoder)
    found = measure(emulator, pack, network, quick=quick, progress=lambda doing: click.echo(doing, err=True))
    tell("arm", found.figures, told, each={"flips": found.flips}, as_json=as_json)


COMMANDS = (arm,)
