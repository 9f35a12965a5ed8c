"""The `edge-nlu bench` commands for ARM: what can be counted without a board, and measured on one."""

from __future__ import annotations

import json
import sys
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
@click.option("--tests", is_flag=True, help="Run the unit tests there instead.")
def arm(
    *, folder: Path | None, as_json: bool, quick: bool, setup: bool, where: Path | None, tests: bool
) -> None:
    """Count aarch64 instructions of a sentence of ten words, and predict its time on boards.

    Real arm64 libraries run under emulation, as on a Cortex-A53, A72 and A76: from text in to decision, in a
    home of 50 devices. Also what a hub weighs there, and what it decides otherwise than here.
    """
    require("onnx", extra="export")
    from edge_nlu_bench.arm.emulator import FOLDER, Emulator, set_up
    from edge_nlu_bench.arm.measure import MIDDLE, measure
    from edge_nlu_bench.arm.tests import run_tests
    from edge_nlu_export.cost import cost

    where = where or FOLDER
    if setup:
        click.echo(f"making an emulated arm64 in {where}", err=True)
    emulator = set_up(where) if setup else Emulator(where)
    pack = open_pack(folder)
    told = with_what(pack)
    if tests:
        tested = run_tests(emulator, MIDDLE)
        tell("arm_tests", tested.figures, told, each={"left_out": tested.left_out}, as_json=as_json)
        sys.exit(tested.failed)
    network = cost(pack.folder / pack.encoder)
    found = measure(emulator, pack, network, quick=quick, progress=_progress)
    tell("arm", found.figures, told, each={"flips": found.flips}, as_json=as_json)


@click.command()
@pack_option
@json_option
@click.option("--quick", is_flag=True, help="Say each sentence twice instead of 8 times, decide 60 of 700.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default="edge-nlu-board.json",
    show_default=True,
    help="Where to write what was measured.",
)
def board(*, folder: Path | None, as_json: bool, quick: bool, out: Path) -> None:
    """Measure on this board what is predicted for it, and write a file to send.

    For a Raspberry Pi or another board that a hub may be: the sentences that `arm` counts, from text in to
    decision, memory, what its disk takes, a digest of what it decides, and homes of 20 to 10,000 devices.
    Needs Mosquitto, but no corpora and no network, and takes some minutes; the file says what the board is
    and runs, and nothing about whose it is.
    """
    from edge_nlu_bench.arm.board import measure

    pack = open_pack(folder)
    told = with_what(pack)
    figures = measure(pack, out.resolve().parent, quick=quick, progress=_progress)
    head = {"bench": "board", "provenance": told, "quick": quick}
    written = json.dumps({**head, **figures}, ensure_ascii=False, indent=1)
    out.write_text(written + "\n", encoding="utf-8")
    tell("board", figures, told, as_json=as_json)
    click.echo(
        f"{out} holds all of it. Send it to where you have edge-nlu from, in an issue titled", err=True
    )
    click.echo(
        f"`board: {figures['board']['model']}`: then `bench report` says it and predicts no more", err=True
    )


def _progress(doing: str) -> None:
    click.echo(doing, err=True)


COMMANDS = (arm, board)
