"""The `edge-nlu` command: type a sentence and see what is understood, judge a pack, look into one.

Commands that need more than a hub carries come from packages that announce them under
`edge_nlu.commands`; they are looked up when asked for, so `--help` stays quick and works without
their libraries. What goes wrong is told in one line: exit 2 for settings and usage, 1 for the rest.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from edge_nlu.commands.announced import Announced
from edge_nlu.commands.fleet import fleet
from edge_nlu.commands.privacy import privacy
from edge_nlu.commands.sync import sync
from edge_nlu.errors import EdgeNluError, SettingsError
from edge_nlu.hub import commands, habits, keeping

if TYPE_CHECKING:
    from edge_nlu.hub.talk import House
    from edge_nlu.models.encoder import Encoder
    from edge_nlu.models.pack import Pack
    from edge_nlu.values import Slot, Understanding

WEEK = 7


def main() -> None:
    """Run the command line and end the process; an error of ours becomes one line on stderr."""
    try:
        cli()
    except EdgeNluError as error:
        click.echo(f"Error: {' '.join(str(error).split())}", err=True)
        sys.exit(2 if isinstance(error, SettingsError) else 1)


pack_option = click.option(
    "--pack",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder of a model pack; the one that comes with edge-nlu when not given.",
)
json_option = commands.json_option


@click.group(
    cls=Announced, group="edge_nlu.commands", context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="edge-nlu")
def cli() -> None:
    """Understand what people say at home, without a cloud."""


cli.add_command(commands.hub)
cli.add_command(sync)
cli.add_command(fleet)
cli.add_command(privacy)
cli.add_command(commands.home_group)
cli.add_command(keeping.journal)
cli.add_command(keeping.learned)
cli.add_command(habits.habits)

home_option = click.option(
    "--home",
    "home",
    default="demo",
    show_default=True,
    metavar="HOME",
    help="The home it is said in: `demo`, or a file with rooms, people, satellites and retained messages.",
)
satellite_option = click.option("--satellite", default="", help="What it is said to; `home show` lists them.")
user_option = click.option("--user", default="", help="Who says it, where that is known.")


@cli.command()
@click.argument("text")
@click.option("--frame", is_flag=True, help="Show what is understood, and do nothing about it.")
@home_option
@satellite_option
@user_option
@pack_option
@json_option
def say(
    *, text: str, frame: bool, home: str, satellite: str, user: str, folder: Path | None, as_json: bool
) -> None:
    """Say TEXT, one sentence, in a pretend home, and see what the hub makes of it.

    No device of yours is touched: use `edge-nlu hub run` for that. `edge-nlu why last` tells the reasons.
    """
    if frame:
        understanding, milliseconds = _understand(_encoder(folder), text)
        if as_json:
            _print_json(_as_dict(understanding, milliseconds))
        else:
            click.echo("\n".join(_as_lines(understanding, milliseconds)))
        return
    from edge_nlu.hub.talk import OneProcess, Talk, lines, trial

    came = Talk(OneProcess(home, _encoder(folder), trial()), satellite, user).say(text)
    if as_json:
        _print_json(came.result)
    else:
        click.echo("\n".join(lines(came.result)))


@cli.command()
@click.argument("which", default="last", metavar="[last|ID]")
@click.option(
    "--failures", is_flag=True, help="Tell instead what failed at your hub, at which stage, and why."
)
@click.option(
    "--days",
    type=click.IntRange(min=1),
    show_default=str(WEEK),
    help="With --failures: in so many days.",
)
@commands.config_option
@json_option
def why(*, which: str, failures: bool, days: int | None, file: Path | None, as_json: bool) -> None:
    """Tell why something was done, or was not: what was read, what came into question, what spoke for it.

    It is about what was said with `edge-nlu say`. With --failures it is about the journal of the hub with
    these settings, whether it runs or not.
    """
    if failures and which != "last":
        raise click.UsageError(
            f"--failures is about all of some days: found {which!r} beside it, expected no ID"
        )
    if days is not None and not failures:
        raise click.UsageError("--days says how far back --failures goes: say both, or neither")
    if failures:
        from edge_nlu.hub import failing

        found = failing.failed_lately(file, days or WEEK)
        if as_json:
            _print_json(failing.as_dict(found))
        else:
            click.echo("\n".join(failing.lines(found)))
        return
    from edge_nlu.hub.talk import as_json_of, reasons_of, told

    exchange = told(which)
    if as_json:
        _print_json(as_json_of(exchange))
    else:
        click.echo("\n".join(reasons_of(exchange)))


@cli.command()
@click.argument("cases", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="File for the results, one a line."
)
@click.option("--no-context", "blind", is_flag=True, help="Without states, rooms, people, turns and memory.")
@pack_option
def replay(*, cases: Path, out: Path, blind: bool, folder: Path | None) -> None:
    """Play the written CASES through the real line, each in a fresh hub, with their own clock.

    Homes are looked up beside the file. A result has id, step, decision, publishes, say, intent, slots,
    targets, confidence and because.
    """
    from edge_nlu.hub.replay import replay as play

    written = 0
    with out.open("w", encoding="utf-8") as results:
        for result in play(cases, _encoder(folder), blind=blind):
            results.write(json.dumps(result, ensure_ascii=False) + "\n")
            written += 1
    click.echo(f"{written} results in {out}")


@cli.command()
@home_option
@satellite_option
@user_option
@pack_option
@click.option(
    "--broker/--no-broker",
    "real",
    default=None,
    help="Whether to start a broker, which others can join, or to keep all in one process. "
    "With a broker where the [demo] extra is installed, unless told.",
)
@click.option(
    "--script",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the lines instead of somebody who types; # begins a remark. Nothing of it is kept.",
)
def demo(
    *, home: str, satellite: str, user: str, folder: Path | None, real: bool | None, script: Path | None
) -> None:
    """Type sentences to a pretend home and see it obey; lines of a pipe do as well.

    Broker, devices and hub are there until it ends. `:set TOPIC PAYLOAD` lets a device report something by
    hand, `:who NAME` and `:in SATELLITE` say who speaks and where, `:why` tells the reasons for the last
    decision, `:habits` what people are used to, `:home` shows the home, and without a broker `:at TIME`
    moves the clock on.
    """
    from edge_nlu.hub.talk import OneProcess, Talk, trial

    with ExitStack() as stack:
        if script is not None:
            house: House = OneProcess(home, _encoder(folder), None)
        elif real or (real is None and find_spec("amqtt")):
            from edge_nlu.hub.demo import on_broker

            house = stack.enter_context(on_broker(home, _encoder(folder)))
        else:
            if real is None:
                click.echo("Without a broker, all in one process: pip install 'edge-nlu[demo]' brings one.")
            house = OneProcess(home, _encoder(folder), trial())
        talk = Talk(house, satellite, user)
        click.echo("\n".join(talk.greeting()))
        for text in _typed() if script is None else _written(script):
            click.echo("\n".join([*talk.hear(text), ""]))


@cli.group("eval")
def evaluate() -> None:
    """Judge a model pack by sentences whose meaning is known."""


@evaluate.command()
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
@pack_option
@json_option
def nlu(*, files: tuple[Path, ...], folder: Path | None, as_json: bool) -> None:
    """Understand every sentence in each FILE and count how often that was right."""
    from edge_nlu.models.encoder import Encoder
    from edge_nlu.models.score import score

    pack = _pack(folder)
    figures = score(files, Encoder(pack), pack).as_dict()
    if as_json:
        _print_json(figures)
    else:
        click.echo("\n".join(_figure_lines(figures)))


@cli.group("pack")
def packs() -> None:
    """Look after model packs."""


@packs.command()
@pack_option
@json_option
def info(*, folder: Path | None, as_json: bool) -> None:
    """Tell what a model pack is and what it knows."""
    described = _pack(folder).info()
    if as_json:
        _print_json(described)
        return
    for name, value in described.items():
        click.echo(f"{name:<12}{_in_short(value)}")


def _pack(folder: Path | None) -> Pack:
    from edge_nlu.models.pack import Pack

    return Pack.open(folder or Pack.default_path())


def _encoder(folder: Path | None) -> Encoder:
    from edge_nlu.models.encoder import Encoder

    return Encoder(_pack(folder))


def _understand(encoder: Encoder, text: str) -> tuple[Understanding, float]:
    """Return what was understood, and how many milliseconds that took."""
    begun = perf_counter()
    understanding = encoder.understand(text)
    return understanding, round((perf_counter() - begun) * 1000, 3)


def _typed() -> Iterator[str]:
    """Yield the sentences that somebody types, or that come through a pipe, until they end."""
    if sys.stdin.isatty():
        while (text := _ask()) is not None:
            if text:
                yield text
        return
    for line in sys.stdin.buffer:
        if text := line.decode(errors="replace").strip():
            click.echo(f"> {text}")
            yield text


def _written(script: Path) -> Iterator[str]:
    """Yield the lines of a script, and show them with its remarks."""
    for line in script.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text.startswith("#"):
            click.echo(text.lstrip("# "))
        elif text:
            click.echo(f"> {text}")
            yield text


def _ask() -> str | None:
    try:
        return input("> ").strip()
    except (EOFError, KeyboardInterrupt):
        return None


def _as_dict(understanding: Understanding, milliseconds: float) -> dict[str, Any]:
    """Return the frame as `say --json` prints it; the README names every field."""
    fields = asdict(understanding)
    # 1.5 kB of numbers that tell a person nothing
    del fields["embedding"], fields["unnamed"]
    best = understanding.intents[0].confidence if understanding.intents else 0.0
    return {"intent": understanding.intent, "intent_confidence": best, **fields, "milliseconds": milliseconds}


def _as_lines(understanding: Understanding, milliseconds: float) -> Iterator[str]:
    """Yield the frame for a person to read: the intent, whether it is for the home, wish by wish."""
    yield from (f"intent   {intent.label}  {intent.confidence:.2f}" for intent in understanding.intents[:1])
    yield from map(_slot_line, understanding.slots)
    yield f"home     {understanding.home:.2f}"
    for clause in understanding.clauses:
        yield f"wish     {clause.want} {clause.property}  {clause.confidence:.2f}"
        yield from map(_slot_line, clause.slots)
    if understanding.truncated:
        yield "         (too long: only the beginning was read)"
    yield f"{milliseconds:.2f} ms"


def _slot_line(slot: Slot) -> str:
    name = f"not {slot.type}" if slot.excluded else slot.type
    return f"         {name}: {slot.value}  {slot.confidence:.2f}"


def _figure_lines(figures: dict[str, Any]) -> Iterator[str]:
    """Yield each figure, with the range it lies in where there is one."""
    for name, value in figures.items():
        if name.endswith(("_low", "_high")):
            continue
        low, high = figures.get(f"{name}_low"), figures.get(f"{name}_high")
        spread = "" if low is None or high is None else f"  ({low:.4f} to {high:.4f})"
        yield f"{name:<18}" + (f"{value:.4f}" if isinstance(value, float) else str(value)) + spread


def _in_short(value: Any) -> str:
    """Return a value of the pack on one line: a table by its keys, with how many there are of each."""
    if isinstance(value, dict):
        sizes = {key: len(of) if isinstance(of, list | tuple | dict) else of for key, of in value.items()}
        return ", ".join(f"{key} ({size})" for key, size in sizes.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def _print_json(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))
