"""The command `edge-nlu fleet drill`."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import SystemRandom

import click

from edge_nlu.cli import json_option
from edge_nlu.errors import SettingsError, require
from edge_nlu_bench.telling import open_pack, tell, with_what

LISTS = ("faults", "answered", "each_kill", "each_round")


@click.command()
@json_option
@click.option("--quick", is_flag=True, help="Fewer rounds and kills.")
@click.option("--secagg", is_flag=True, help="Four SuperNodes alone, and a server that sees only their sum.")
@click.option(
    "--epsilon",
    type=click.FloatRange(0.0, 1000.0),
    default=0.0,
    help="Promise each home this much privacy, by the settings of docs/fleet.md; 0 promises none.",
)
@click.option("--seed", type=int, help="Draw the same kills as a drill that told this seed.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep what all processes say in this new folder.",
)
def drill(
    *, as_json: bool, quick: bool, secagg: bool, epsilon: float, seed: int | None, out: Path | None
) -> None:
    """Let real processes learn together on this machine, and kill them at random while they do.

    A server with TLS, a dozen small hubs and two SuperNodes of Flower take part in the same rounds. What is
    counted, how long it takes to come back, and what each weighs: docs/fleet.md.
    """
    require("flwr", "dp_accounting", "cryptography", "tuf", extra="fleet")
    from edge_nlu_bench.drill.play import measure

    if out is not None and out.exists():
        raise SettingsError("--out", f"{out}, which is there", "a folder that is not there yet")
    pack = open_pack(None)
    told = with_what(pack, "flwr", "cryptography")
    seed = SystemRandom().randrange(1 << 31) if seed is None else seed
    with ExitStack() as kept:
        folder = out or Path(kept.enter_context(tempfile.TemporaryDirectory())) / "drill"
        found = measure(folder, quick=quick, secagg=secagg, seed=seed, epsilon=epsilon)
    found["found"]["seed"] = seed
    each = {name: found.pop(name) for name in LISTS}
    tell("drill", found, told, each=each, as_json=as_json)
    for fault in each["faults"]:
        click.echo(f"fault: {fault}", err=True)
    if each["faults"]:
        raise SystemExit(1)
