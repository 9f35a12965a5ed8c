"""The commands by which a fleet finds what many homes say alike, and tells nothing of any one of them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge_nlu.commands.corpora import data_option
from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.commands import json_option

if TYPE_CHECKING:
    from edge_nlu.fleet.mining.jobs import Engine

collected_argument = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
epsilon_option = click.option(
    "--epsilon", type=click.FloatRange(0, 8, min_open=True), default=1.0, show_default=True,
    help="What an epoch may cost a home of its privacy.",
)  # fmt: skip
delta_option = click.option(
    "--delta", type=click.FloatRange(0, 1e-4, min_open=True), default=1e-8, show_default=True,
    help="The chance that something is named which one home alone says.",
)  # fmt: skip
most_option = click.option(
    "--most", type=click.IntRange(1, 64), default=40, show_default=True, help="Pairs that a home may name."
)


@click.command()
@collected_argument
@click.argument("certificates", type=click.Path(path_type=Path, file_okay=False))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8470, show_default=True, help="And port.")
def inbox(*, folder: Path, certificates: Path, host: str, port: int) -> None:
    """Take in what homes send, and keep it in FOLDER until `fleet mine` has counted it.

    CERTIFICATES is what `fleet certificates init` made: only hubs come in that have one, each counts once.
    Several inboxes can run, each with its own port.
    """
    import logging

    from edge_nlu.fleet.certificates import SERVER
    from edge_nlu.fleet.mining.inbox import Inbox

    if not (certificates / SERVER).is_file():
        raise EdgeNluError(
            f"{certificates}: found no {SERVER} there, expected the folder of a fleet's certificates; "
            f"`fleet certificates init` makes it"
        )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)-7s %(message)s")
    with Inbox(folder, certificates, host, port) as server:
        click.echo(f"Taking in at https://{host}:{server.port}, keeping it in {folder}.")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("Stopped.")


@click.command()
@collected_argument
@click.option("--close", is_flag=True, help="End the epoch: name what enough homes have in common.")
@click.option(
    "--words", is_flag=True, help="Count who handed out the words of that, once; then no more come."
)
@click.option("--cluster", default="", metavar="ADDRESS", help="Scheduler of a Dask cluster that counts.")
@click.option("--weeks", is_flag=True, help="Tell how weeks went that are over for all homes.")
@json_option
def mine(*, folder: Path, close: bool, words: bool, cluster: str, weeks: bool, as_json: bool) -> None:
    """Find in FOLDER what many homes say alike, and at which stages their sentences fail.

    Every number that is shown bears noise, and is drawn once. docs/federated-privacy.md
    """
    from edge_nlu.fleet.mining.epochs import Epochs
    from edge_nlu.fleet.mining.mine import Mine, shares, spent

    engine = _engine(cluster)
    begun = time.perf_counter()
    found = Mine(folder, engine)
    if close:
        found.close()
    if words:
        found.words()
    table = found.table()
    if weeks:
        found.weeks(time.time())
    epochs = Epochs(folder)
    asked, told = epochs.asked(), epochs.told()
    report: dict[str, Any] = {
        "engine": engine.name,
        "seconds": round(time.perf_counter() - begun, 3),
        "epoch": asked.epoch if asked is not None else 0,
        "open": asked is not None and asked.named is None,
        "threshold": asked.homes if asked is not None else 0,
        "named": len(asked.named or ()) if asked is not None else 0,
        "words": asked is not None and epochs.is_worded(asked.epoch),
        "table": len(table),
        "weeks": {number: shares(week) for number, week in told.weeks.items()},
        "spent": spent(told),
    }
    click.echo(json.dumps(report) if as_json else "\n".join(_lines(report)))


@click.group()
def table() -> None:
    """Make the table of wordings that is nobody's alone."""


@table.command("open")
@collected_argument
@epsilon_option
@delta_option
@most_option
@click.option(
    "--weeks-epsilon", type=click.FloatRange(0, 8), default=0.0, show_default=True,
    help="What a week that it tells of may cost a home; 0 does not ask for weeks.",
)  # fmt: skip
def open_(*, folder: Path, epsilon: float, delta: float, most: int, weeks_epsilon: float) -> None:
    """Begin an epoch in FOLDER: a new salt, and what homes are asked and promised."""
    from edge_nlu.fleet.mining.epochs import Epochs

    asked = Epochs(folder).open(epsilon, delta, most, weeks_epsilon)
    click.echo(
        f"Epoch {asked.epoch}: at most {most} pairs a home; named is what {asked.homes} homes say, "
        f"noise and all. `fleet table pack` puts the question into a pack"
    )


@table.command()
@collected_argument
@click.argument("base", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("place", type=click.Path(path_type=Path))
def pack(*, folder: Path, base: Path, place: Path) -> None:
    """Write the pack BASE to PLACE with what FOLDER asks of homes, and with the table."""
    from edge_nlu.fleet.mining.mine import Mine
    from edge_nlu.fleet.repacked import repacked

    made = repacked(base, place, Mine(folder, _engine("")).files())
    click.echo(f"{made.id} in {place}; `fleet repo add` signs it")


@table.command()
@click.option("--homes", multiple=True, type=int, default=(500, 2_000, 10_000), show_default=True,
              help="Size of a fleet; can be given again.")  # fmt: skip
@click.option("--trials", type=int, default=1_000_000, show_default=True, help="Homes with canaries.")
@click.option("--said", type=int, default=40, show_default=True, help="Times in an epoch a home is misheard.")
@click.option("--runs", type=int, default=200, show_default=True, help="Weeks that are told.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the homes; noise has none.")
@data_option
@json_option
def simulate(
    *, homes: tuple[int, ...], trials: int, said: int, runs: int, seed: int, data: Path, as_json: bool
) -> None:
    """Show what the threshold keeps in, and what it costs, with the functions that a fleet's release uses."""
    from edge_nlu.fleet.mining.simulate import Promise, canaries, coverage, weeks, weights_in

    weights = weights_in(data)
    promises = [Promise(epsilon, 1e-8, most) for epsilon in (1.0, 3.0, 8.0) for most in (3, 40)]
    report: dict[str, Any] = {
        "canaries": [canaries(trials, one) for one in promises],
        "coverage": [
            row for one in promises for count in homes for row in coverage(weights, count, said, one, seed)
        ],
        "weeks": [weeks(500, 1.0, runs, seed)],
        "note": "pairs as often as counted on recordings; homes are pretend ones",
    }
    if as_json:
        click.echo(json.dumps({"said": said, "seed": seed, **report}))
        return
    click.echo("\n".join(_simulated(report)))


@table.command()
@click.option("--write", is_flag=True, help="Print the list instead, as the corpora make it now.")
@data_option
@json_option
def words(*, write: bool, data: Path, as_json: bool) -> None:
    """Tell what the list of ordinary words lets out: of names, of numbers, and of what people say else."""
    import textwrap

    from edge_nlu.fleet.mining.vocabulary import measured, ordinary_in

    if write:
        click.echo(textwrap.fill(" ".join(sorted(ordinary_in(data))), 109))
        return
    found = measured(data)
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(f"{found.pop('words')} words")
    for what, one in found.items():
        click.echo(f"{what.replace('_', ' ')}: {one['through']} of {one['of']} ({one['share']:.1%})")


def _engine(cluster: str) -> Engine:
    from edge_nlu.fleet.mining.jobs import Alone, Cluster

    return Cluster(cluster) if cluster else Alone()


def _lines(report: dict[str, Any]) -> Iterator[str]:
    words = "words counted" if report["words"] else "words not counted yet"
    state = "open" if report["open"] else f"closed, {report['named']} pairs named, {words}"
    yield f"epoch {report['epoch']}: {state}; it takes {report['threshold']} homes, noise and all"
    yield f"table: {report['table']} wordings"
    for number, week in report["weeks"].items():
        failing = {place: of for place, of in week["shares"].items() if place != "correct"}
        told = ", ".join(f"{place} {of:.1%}" for place, of in failing.items())
        yield f"week {number}, about {week['homes']} homes: {told or 'too few to tell'}"
    paid = report["spent"]
    yield (
        f"paid by a home that took part in all: wordings epsilon {paid['wordings_epsilon']:g}, delta "
        f"{paid['wordings_delta']:g}; weeks epsilon {paid['weeks_epsilon']:g}"
    )


def _simulated(report: dict[str, Any]) -> Iterator[str]:
    for one in report["canaries"]:
        control = one["control"]
        yield (
            f"epsilon {one['epsilon']:g}, {one['most']} pairs a home, threshold {one['threshold']}: "
            f"{one['named']} strings named of {one['trials']:,} homes that alone say them "
            f"({control['named']} at delta {control['delta']:g}, of {control['expected']} expected)"
        )
    for one in report["coverage"]:
        yield (
            f"{one['homes']:>6} homes, threshold {one['threshold']:>3}, {one['epochs']:>2} epochs, "
            f"epsilon {one['epsilon_in_all']:g} in all: {one['coverage']:.0%} of failures covered, "
            f"{one['loss']:.0%} less than by what three homes say"
        )
    for one in report["weeks"]:
        yield f"{one['homes']} homes, shares of a week: within {one['points_p99']} points, 99 of 100 times"
