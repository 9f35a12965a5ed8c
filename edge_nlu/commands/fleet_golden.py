"""The command that makes golden lessons of any head: a home is made up, and lives through days."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.commands import json_option

if TYPE_CHECKING:
    from edge_nlu.interfaces import Understander

NIGHT: Final = "---"
BEGIN: Final = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
SOON, LATER, SLEPT = timedelta(seconds=8), timedelta(minutes=20), timedelta(hours=9, minutes=1)


@click.command()
@click.argument("days", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--home", default="demo", show_default=True, metavar="FILE", help="The home that is made up.")
@click.option(
    "--pack",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the pack that homes have; the one that comes along when not given.",
)
@json_option
def golden(*, days: Path, folder: Path, home: str, pack: Path | None, as_json: bool) -> None:
    """Say what stands in DAYS in a pretend home, and put down in FOLDER what its hub would teach.

    DAYS has a sentence on each line; an empty line lets twenty minutes go by, and --- a night. Name FOLDER as
    `golden` in the settings of `fleet server`: docs/fleet.md.
    """
    from edge_nlu.hub.pretend import read_home
    from edge_nlu.models.encoder import Encoder
    from edge_nlu.models.pack import Pack

    reader = Encoder(Pack.open(pack or Pack.default_path()))
    found = live(reader, read_home(home), days.read_text(encoding="utf-8", errors="replace"), folder)
    if not found:
        raise EdgeNluError(
            f"{days}: found nothing that a home would teach, expected sentences, and what people say where "
            f"the hub did not get them; docs/fleet.md has some"
        )
    if as_json:
        click.echo(json.dumps({"pack": reader.pack.id, "lessons": found}))
    else:
        click.echo("\n".join(f"{head}: {several} lessons" for head, several in found.items()))


def live(reader: Understander, home: Mapping[str, Any], days: str, folder: Path) -> dict[str, int]:
    """Live through days in a home, put down what its hub would teach, and return how many lessons."""
    from edge_nlu.hub.pretend import layout_of
    from edge_nlu.hub.stage import Stage
    from edge_nlu.hub.teaching import Teaching
    from edge_nlu.models.heads import head_of
    from edge_nlu.models.ranker import ranker_of
    from edge_nlu.values import Utterance
    from edge_nlu.wire import HEADS
    from edge_nlu.wire.lessons import lessons_in

    stage = Stage(home, BEGIN, reader, live=True)
    stage.memory.read_with(ranker_of(reader), head_of(reader))
    heard_by = next((one.id for one in layout_of(home).satellites), "")
    evenings = f"\n{days}".split(f"\n{NIGHT}")
    for evening, told in enumerate(evenings):
        stage.wait_until(BEGIN + timedelta(days=evening))
        for number, line in enumerate(told.strip().splitlines()):
            stage.at += SOON if line.strip() else LATER
            if line.strip():
                stage.handle(Utterance(f"{evening}-{number}", line.strip(), stage.at, heard_by, ""))
        stage.wait_until(BEGIN + timedelta(days=evening) + SLEPT)
    teaching = Teaching(stage.journal, reader, folder, HEADS, timedelta(days=len(evenings) + 1))
    for _ in teaching.tell(stage.at):
        pass
    found = {head: len(one) for head, (_, one) in lessons_in(folder, stage.journal.pack).items()}
    stage.journal.close()
    return found
