"""The command that plays fleets of real sentences on one machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from edge_nlu.commands.corpora import data_option
from edge_nlu.errors import require
from edge_nlu.hub.commands import json_option


@click.command()
@json_option
@click.option("--quick", is_flag=True, help="Few homes, sentences and rounds: to see that it runs.")
@data_option
@click.option(
    "--public",
    type=click.IntRange(1, 80),
    default=5,
    show_default=True,
    help="So many of 100 sentences are public, and taught the head that homes begin with.",
)
@click.option("--seeds", type=click.IntRange(2, 5), default=3, show_default=True, help="So many fleets.")
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.html", help="Draw the curves."
)
@click.option("--choose", is_flag=True, help="Only try settings, on sentences kept for that.")
def simulate(
    *,
    as_json: bool,
    quick: bool,
    data: Path,
    public: int,
    seeds: int,
    report: Path | None,
    choose: bool,
) -> None:
    """Compare algorithms, ways to ask homes, and promises of privacy, over real sentences in pretend homes.

    What each figure means: docs/federated-privacy.md.
    """
    require("flwr", "dp_accounting", extra="fleet")
    from edge_nlu.fleet import simulate as study
    from edge_nlu.fleet.study import page, sentences, settings

    if choose:
        for tried in settings.choose(sentences.read(data, public_percent=public)):
            click.echo(json.dumps(tried))
        return
    size = study.QUICK if quick else study.Size(seeds=seeds)
    found: dict[str, Any] = {}
    for name, figures in study.Study(data, public, size).sections():
        found[name] = figures
        if not as_json:
            click.echo("\n".join(_lines(name, figures)))
    if report is not None:
        report.write_text(page.drawn(found), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(found, indent=1))


def _lines(name: str, figures: dict[str, Any]) -> list[str]:
    """Return a line for each figure, with its interval where it has one; curves are for the page."""
    lines: list[str] = []
    for key, value in figures.items():
        if isinstance(value, dict) and set(value) == {"mean", "low", "high"}:
            lines.append(f"{name} {key}  {value['mean']:.4f}  ({value['low']:.4f} to {value['high']:.4f})")
        elif isinstance(value, dict):
            lines += _lines(f"{name} {key}", value)
        elif key != "curve":
            lines.append(f"{name} {key}  " + (f"{value:.4f}" if isinstance(value, float) else str(value)))
    return lines
