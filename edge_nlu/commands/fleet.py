"""The commands of those who give packs to a fleet of hubs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_nlu.commands.announced import Announced
from edge_nlu.commands.fleet_app import app
from edge_nlu.commands.fleet_audit import audit
from edge_nlu.commands.fleet_golden import golden
from edge_nlu.commands.fleet_mining import inbox, mine, table
from edge_nlu.commands.fleet_server import certificates, server
from edge_nlu.commands.fleet_simulate import simulate
from edge_nlu.errors import require
from edge_nlu.hub.commands import json_option

if TYPE_CHECKING:
    from edge_nlu.fleet.repo import Repo

EXTRA = "sync"
ROLES = ("root", "targets", "models", "heads", "snapshot", "timestamp")

folder_argument = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
keys_option = click.option(
    "--keys",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder with `offline` and `online` keys; never one that is given away.",
)


@click.group(cls=Announced, group="edge_nlu.commands.fleet")
def fleet() -> None:
    """Look after a fleet of hubs, on a server."""


for command in (app, audit, certificates, golden, inbox, mine, server, simulate, table):
    fleet.add_command(command)


@fleet.group()
def repo() -> None:
    """Make, fill and sign the repository that hubs get their packs from.

    FOLDER is given away by any web server; hubs get its root.json once, by a way that can be trusted.
    How to run one: docs/sync.md.
    """


@repo.command()
@folder_argument
@keys_option
def init(*, folder: Path, keys: Path) -> None:
    """Make the keys and an empty repository in FOLDER."""
    _repo(folder, keys).init()
    click.echo(f"Give {folder / 'root.json'} to hubs; lock {keys / 'offline'} away.")


@repo.command()
@folder_argument
@click.argument("pack", type=click.Path(path_type=Path, exists=True, file_okay=False))
@keys_option
@click.option(
    "--percent", type=click.IntRange(0, 100), default=100, show_default=True, help="To so many of 100 hubs."
)
@click.option("--base", default="", metavar="ID", help="It is that pack with another head.")
@click.option("--board", "boards", multiple=True, help="Only for this kind of board; can be given again.")
def add(*, folder: Path, pack: Path, keys: Path, percent: int, base: str, boards: tuple[str, ...]) -> None:
    """Sign PACK with the offline keys; `publish` lets hubs see it. Added again, it goes to another share."""
    release, size = _repo(folder, keys).add(pack, percent=percent, base=base, boards=boards)
    click.echo(
        f"{release.pack}, release {release.number} of {release.role}, for {release.percent} of 100 hubs: "
        f"{size:,} bytes that may have to be fetched; `publish` lets hubs see it"
    )
    if base:
        paid = release.privacy
        cost = (
            f"epsilon {paid.epsilon:g}, delta {paid.delta:g}"
            if paid
            else "nothing, as no head in it is known"
        )
        click.echo(f"Signed about what homes paid for its heads: {cost}.")


@repo.command()
@folder_argument
@keys_option
def publish(*, folder: Path, keys: Path) -> None:
    """Sign what is there for another day; the online keys are enough. Run it every few hours."""
    until = _repo(folder, keys).publish()
    click.echo(f"Published; holds until {until:%Y-%m-%d %H:%M} UTC.")


@repo.command()
@folder_argument
@click.argument("role", type=click.Choice(ROLES))
@keys_option
def rotate(*, folder: Path, role: str, keys: Path) -> None:
    """Make new keys for ROLE, and believe the old ones no longer; all keys are needed."""
    _repo(folder, keys).rotate(role)
    click.echo(f"{role} has new keys; those in {keys} that are not named any more can be deleted.")


@repo.command("show")
@folder_argument
@json_option
def show(*, folder: Path, as_json: bool) -> None:
    """Show the packs in FOLDER, published or not."""
    require("tuf", extra=EXTRA)
    from edge_nlu.fleet.repo import releases_in

    found = releases_in(folder)
    if as_json:
        click.echo(json.dumps([{"pack": one.pack, "role": one.role, **one.custom()} for one in found]))
        return
    for one in found:
        based = f", a head of {one.base}" if one.base else ""
        click.echo(f"{one.number:>4}  {one.pack}  {one.percent} of 100 hubs{based}")


def _repo(folder: Path, keys: Path) -> Repo:
    require("tuf", "cryptography", extra=EXTRA)
    from edge_nlu.fleet.repo import Repo

    return Repo(folder, keys)
