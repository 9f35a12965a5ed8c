"""What every `edge-nlu bench` command does: open a pack, say with what it is measured, tell the figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from edge_nlu.models.encoder import Encoder
    from edge_nlu.models.pack import Pack
    from edge_nlu_bench.report import Report

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Folder of the corpora (massive/, nlu-evaluation/, snips/, asr/); "
    "shared/data beside the checkout when not given.",
)


def open_encoder(folder: Path | None) -> Encoder:
    """Return the pack of a folder, or the one that comes along, ready to understand."""
    from edge_nlu.models.encoder import Encoder

    return Encoder(open_pack(folder))


def open_pack(folder: Path | None) -> Pack:
    """Return the pack of a folder, or the one that comes along."""
    from edge_nlu.models.pack import Pack

    return Pack.open(folder or Pack.default_path())


def with_what(pack: Pack, *libraries: str) -> str:
    """Return with what it is going to be measured, as it is before the measuring adds its own load."""
    from edge_nlu_bench.report import provenance

    return provenance(pack.id, libraries)


def tell(
    name: str,
    figures: Report,
    told: str,
    errors: Sequence[Mapping[str, str]] | None = None,
    *,
    each: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    as_json: bool,
) -> None:
    """Print what was measured, and with what, as a table or as one line of JSON; `each` is for JSON alone.

    Whether the command was asked to be quick is told too: such figures are not to be taken for whole ones.
    """
    from edge_nlu_bench.report import lines

    quick = bool(click.get_current_context().params.get("quick"))
    if as_json:
        head = {"bench": name, "provenance": told, "quick": quick}
        listed = {**(each or {}), **({} if errors is None else {"errors": errors})}
        click.echo(json.dumps({**head, **figures, **listed}, ensure_ascii=False))
        return
    click.echo("\n".join([*lines(figures), "", *["a quick run"] * quick, told]))
    for error in errors or ():
        click.echo("\n" + "\n".join(f"{field:<12}{said}" for field, said in error.items()))
