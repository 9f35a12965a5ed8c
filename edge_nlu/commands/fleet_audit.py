"""The command that attacks what a fleet publishes, and measures what a promise of privacy rests on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from edge_nlu.commands.corpora import data_option
from edge_nlu.errors import require
from edge_nlu.hub.commands import json_option

if TYPE_CHECKING:
    from edge_nlu.fleet.audit.decisions import Done
    from edge_nlu.models.encoder import Encoder

AT: Final = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


@click.command()
@json_option
@click.option("--quick", is_flag=True, help="One promise, fewer rounds and homes: within two minutes.")
@data_option
@click.option(
    "--households",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE.json",
    help="What `edge-nlu bench learning --json` wrote; adds whom hubs serve worse.",
)
def audit(*, as_json: bool, quick: bool, data: Path, households: Path | None) -> None:
    """Try to find out who took part and what they said, and plant faults that must be noticed.

    Nothing of a real fleet is needed: sentences of a public corpus are said in pretend homes. Attacks are run
    without protection, too; one that does not work there makes its figures void. Ends with 1 unless all is
    as it has to be. What each figure means: docs/federated-privacy.md.
    """
    require("flwr", "dp_accounting", extra="fleet")
    from edge_nlu.fleet.audit.everything import QUICK, Size, audited

    found: dict[str, Any] = {}
    for name, figures in audited(data, households, _hub_with, QUICK if quick else Size()):
        found[name] = figures
        if not as_json:
            click.echo(f"{name}  {'  '.join(f'{key} {value}' for key, value in figures.items())}")
    if as_json:
        click.echo(json.dumps(found, indent=1))
    if not found["audit"]["holds"]:
        raise SystemExit(1)


def _hub_with(encoder: Encoder) -> Callable[[str], Done]:
    """Return a hub that remembers nothing, in the home that comes along for trying out."""
    from edge_nlu.fleet.audit.decisions import Done
    from edge_nlu.hub.pretend import DEMO, read_home
    from edge_nlu.hub.stage import Stage
    from edge_nlu.values import Utterance

    stage = Stage(read_home(DEMO), AT, encoder, blind=True)
    numbers = count()

    def hub(text: str) -> Done:
        exchange = stage.handle(Utterance(str(next(numbers)), text, AT, "", ""))
        assert exchange is not None
        told = stage.result(exchange)
        return Done(
            exchange.understanding,
            (told["decision"], *(f"{one['topic']} {one['payload']}" for one in told["publishes"])),
        )

    return hub
