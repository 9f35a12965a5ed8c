"""The `edge-nlu export` commands: make a model pack from sentences, stage by stage or all at once.

Nothing heavy is imported before a command runs, and a missing library is told in one line.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_nlu.errors import require

if TYPE_CHECKING:
    from edge_nlu_export.work import Work

NEEDED = ("torch", "transformers", "onnx", "optimum", "yaml")


@click.group()
def export() -> None:
    """Make model packs: teach, distil, quantize, verify, pack.

    Every command takes a RECIPE.toml and works in its folder under --work. `make` runs all stages in
    order and goes on where it was stopped.
    """


def _work(recipe: Path, data: Path, folder: Path, threads: int, seed: int | None) -> Work:
    require(*NEEDED, extra="export")
    from edge_nlu_export.recipe import read_recipe

    read = read_recipe(recipe)
    if seed is not None:
        read = replace(read, name=f"{read.name}-{seed}", seed=seed)

    # seconds to import, so only for a recipe that can be used
    import torch

    from edge_nlu_export.work import Work

    if threads:
        torch.set_num_threads(threads)
    return Work(read, recipe, data, folder / read.name, _say)


def _say(line: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')}  {line}")
    sys.stdout.flush()


def _stage(name: str, stages: tuple[str, ...], help_text: str) -> None:
    @export.command(name, help=help_text)
    @click.argument("recipe", type=click.Path(path_type=Path))
    @click.option(
        "--data",
        type=click.Path(path_type=Path),
        default=Path("../shared/data"),
        show_default=True,
        help="Folder that the recipe's data paths start from.",
    )
    @click.option(
        "--work",
        "folder",
        type=click.Path(path_type=Path),
        default=Path("runs"),
        show_default=True,
        help="Folder for what the stages leave behind.",
    )
    @click.option("--threads", type=click.IntRange(min=0), default=0, help="Processor threads; 0 takes all.")
    @click.option("--seed", type=click.IntRange(min=0), help="Another seed than the recipe's.")
    @click.option("--again", is_flag=True, help="Run it even if it is done.")
    def command(
        *, recipe: Path, data: Path, folder: Path, threads: int, seed: int | None, again: bool
    ) -> None:
        work = _work(recipe, data, folder, threads, seed)
        from edge_nlu_export.make import STAGES, follow

        follow(work, stages or STAGES, again=again)


_stage(
    "teach",
    ("vocabulary", "prepare", "teach", "label", "tutor"),
    "Teach the teachers, and let them label what students read.",
)
_stage(
    "distil",
    ("attune", "meanings", "distil", "embed"),
    "Let the student learn from labels, teachers and wishes.",
)
_stage("onnx", ("onnx",), "Write the student as the network that a hub runs.")
_stage("quantize", ("quantize",), "Make the network small.")
_stage("pack", ("pack",), "Put the pack together, with golden sentences and a manifest.")
_stage(
    "verify", ("verify",), "Say of each promise whether the pack keeps it; one that breaks any is no release."
)
_stage("card", ("card",), "Write the model card.")
_stage("make", (), "Run all stages of a recipe that are not done yet.")


@export.command()
@click.argument("records", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RECORD...")
@click.option("--pack", type=click.Path(path_type=Path), required=True, help="Pack to put the model into.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--epochs", type=click.IntRange(min=1), default=12, show_default=True)
@click.option("--threads", type=click.IntRange(min=0), default=1, show_default=True, help="0 takes all.")
@click.option(
    "--pairwise",
    "other",
    type=click.Path(path_type=Path),
    metavar="FILE.npz",
    help="Tune what the model is compared with, too, and write it there.",
)
def dialogue(
    *, records: tuple[Path, ...], pack: Path, seed: int, epochs: int, threads: int, other: Path | None
) -> None:
    """Train the model that reads days as dialogues, and put it into a pack.

    RECORD is a recording of `edge-nlu bench record`. The first is of homes as they are: every sixth of them
    is kept to set right how sure the model is. In the others, what is rare may happen often.
    """
    require("torch", extra="export")
    import torch

    from edge_nlu_export.dialogue import Course, make

    torch.set_num_threads(threads or torch.get_num_threads())
    make(records, pack, Course(epochs=epochs, seed=seed), other, _say)


@export.command()
@click.argument("records", nargs=-1, type=click.Path(path_type=Path), metavar="RECORD...")
@click.option("--pack", type=click.Path(path_type=Path), required=True, help="Pack to put the ranker into.")
@click.option(
    "--odds",
    type=click.FloatRange(min=0.0),
    default=13.0,
    show_default=True,
    help="So many have to go well for each that does not.",
)
@click.option("--everything", is_flag=True, help="Put one in that takes every chance, to record with.")
def ranker(*, records: tuple[Path, ...], pack: Path, odds: float, everything: bool) -> None:
    """Train what weighs whether a sentence is better taken for another, and put it into a pack.

    RECORD is a recording of `edge-nlu bench record --pack` with a pack that has --everything.
    """
    if not records and not everything:
        raise click.UsageError("name a recording, or --everything")
    from edge_nlu_export import ranker as making

    made = making.everything() if everything else making.trained(making.examples(records), odds)
    making.write(pack, made)
    _say(", ".join(f"{name} {value}" for name, value in made.items() if name != "weights"))
