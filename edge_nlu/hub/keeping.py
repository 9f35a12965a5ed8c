"""The commands about what a hub keeps: show it, hand it out, forget it, undo what was learned."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from edge_nlu.hub.commands import config_option, json_option, settings_of

if TYPE_CHECKING:
    from edge_nlu.hub.settings import Settings
    from edge_nlu.storage.reading import Entry

AGO = {"m": "minutes", "h": "hours", "d": "days"}
T = TypeVar("T", bound=Callable[..., None])


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Return a time as people write it, with the zone of this machine where none is said."""
    if value is None:
        return None
    if value[:-1].isdigit() and value[-1] in AGO:
        return datetime.now().astimezone() - timedelta(**{AGO[value[-1]]: int(value[:-1])})
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        expected = "2026-03-02, 2026-03-02T18:30, or so long ago: 30m, 12h, 7d"
        raise click.BadParameter(f"found {value!r}, expected {expected}", ctx, param) from error
    return at if at.tzinfo is not None else at.astimezone()


def _day(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """Return a day as the journal writes it, "" for none."""
    try:
        return date.fromisoformat(value).isoformat() if value else ""
    except ValueError as error:
        raise click.BadParameter(f"found {value!r}, expected a day: 2026-03-02", ctx, param) from error


def which_options(command: T) -> T:
    """Let a command be told which entries it is about."""
    for option in (
        click.option("--until", callback=_moment, metavar="TIME", help="Only what was before this time."),
        click.option(
            "--since",
            callback=_moment,
            metavar="TIME",
            help="Only from this time on: 2026-03-02, or 7d for days ago.",
        ),
        click.option("--device", default="", help="Only what has to do with this device."),
        click.option("--person", default="", help="Only what has to do with this person."),
    ):
        command = option(command)
    return command


@click.group()
def journal() -> None:
    """Look into what the hub has kept, hand it out, or let it be forgotten.

    What is kept, for how long, and who can see it: docs/memory.md.
    """


@journal.command()
@config_option
@which_options
@click.option("--failures", is_flag=True, help="Only what went wrong, or was not understood.")
@click.option("--why", "reasons", is_flag=True, help="Tell the reasons for each decision.")
@click.option("--limit", default=20, show_default=True, help="So many at most.")
@json_option
def show(
    *,
    file: Path | None,
    person: str,
    device: str,
    since: datetime | None,
    until: datetime | None,
    failures: bool,
    reasons: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Show what was said and what came of it, the latest first."""
    from edge_nlu.hub.talk import reasons_of
    from edge_nlu.storage.reading import Wanted, reading

    with reading(journal_of(settings_of(file))) as opened:
        found = list(opened.entries(Wanted(person, device, since, until, failures), limit))
    if as_json:
        click.echo(json.dumps([_as_dict(entry) for entry in found], ensure_ascii=False))
        return
    for entry in found:
        click.echo("\n".join(_lines(entry)))
        if reasons:
            click.echo("\n".join(f"    {line}" for line in reasons_of(entry.exchange)))


@journal.command()
@config_option
@click.option(
    "--out", type=click.File("w", encoding="utf-8"), default="-", help="File to write; else printed."
)
def export(*, file: Path | None, out: Any) -> None:
    """Hand out all that the journal holds as JSON Lines: one row of one table in each line."""
    from edge_nlu.storage.reading import reading

    with reading(journal_of(settings_of(file))) as opened:
        for row in opened.everything():
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


@journal.command()
@config_option
@which_options
@click.option("--everything", is_flag=True, help="Forget all that was ever said, done, learned and taught.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(
    *,
    file: Path | None,
    person: str,
    device: str,
    since: datetime | None,
    until: datetime | None,
    everything: bool,
    yes: bool,
) -> None:
    """Forget a person, a device, a time, or everything, for good.

    What was learned from it is forgotten, too: habits, preferences, what was taught, rewordings. Several
    options together mean what fits all of them. It works while the hub runs and while it does not.
    """
    from edge_nlu.hub.talk import trial
    from edge_nlu.storage.forgetting import Which
    from edge_nlu.storage.forgetting import forget as forget_in
    from edge_nlu.storage.journal import SqliteJournal

    if everything == any((person, device, since, until)):
        raise click.UsageError(
            "say what to forget: --person, --device, --since, --until, or --everything alone"
        )
    settings = settings_of(file)
    journal_of(settings)
    asked = {"person": person, "device": device, "since": _said(since), "until": _said(until)}
    counted = ask(settings, {"do": "count", **asked})
    click.echo(f"To be forgotten: {_in_words(counted['rows'])}.")
    if not yes:
        click.confirm("Forget it for good?", abort=True)
    gone = ask(settings, {"do": "forget", **asked})
    # what was tried out with `edge-nlu say` is kept apart
    if (tried := trial()).exists():
        tried_out = SqliteJournal(tried)
        forget_in(tried_out, Which(tuple(gone["names"]), since, until))
        tried_out.close()
    click.echo(f"Forgotten: {_in_words(gone['rows'])}.")
    for own in gone["still_there"]:
        click.echo(f"{own} is still in the home: its name and what it tells now stay until it is taken out.")


@click.group()
def learned() -> None:
    """Look at what was learned without anybody asking for it, and undo it."""


@learned.command("show")
@config_option
@json_option
def show_learned(*, file: Path | None, as_json: bool) -> None:
    """Show habits and rewordings with the id of each, the latest first."""
    from edge_nlu.storage.learned import learned as all_learned
    from edge_nlu.storage.reading import reading

    settings = settings_of(file)
    with reading(journal_of(settings)) as opened:
        found = all_learned(opened.rows)
    if as_json:
        hidden = ("table", "numbers")
        told = [{name: of for name, of in asdict(one).items() if name not in hidden} for one in found]
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for one in found:
        times = "1 time" if one.times == 1 else f"{one.times} times"
        click.echo(f"{one.id}  {one.days[-1]}  {one.kind}: {one.words}, {times}")


@learned.command()
@config_option
@click.argument("items", nargs=-1, metavar="[ID]...")
@click.option(
    "--day", callback=_day, metavar="DAY", help="All that was learned on this day, such as 2026-03-02."
)
def undo(*, file: Path | None, items: tuple[str, ...], day: str) -> None:
    """Undo what was learned: each ID that `learned show` lists, or all of one day.

    What it was learned from is taken away, so it does not come back by itself.
    """
    if bool(items) == bool(day):
        raise click.UsageError("say what to undo: ids, as `edge-nlu learned show` lists them, or --day")
    settings = settings_of(file)
    journal_of(settings)
    asked = {"do": "undo", "items": items, "day": day}
    undone = ask(settings, asked)["undone"]
    click.echo("\n".join(f"Undone: {words}" for words in undone) or "Nothing was learned on that day.")


def ask(settings: Settings, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the hub that runs with these settings; where none does, do it here, under its lock."""
    from edge_nlu.errors import SettingsError
    from edge_nlu.hub.assemble import CONTEXT, OUTGOING, home, kept
    from edge_nlu.hub.door import knock
    from edge_nlu.hub.records import Records
    from edge_nlu.hub.service import StateLock

    folder = settings.state_folder()
    lock = StateLock(folder)
    try:
        lock.take()
    except SettingsError:
        return knock(folder, asked)
    try:
        opened, memory = kept(settings, folder)
        context = home(settings)
        context.load(folder / CONTEXT)
        records = Records(opened, memory, context, folder / CONTEXT, folder / OUTGOING)
        answer = records.answer(asked)
        opened.close()
        return answer
    finally:
        lock.release()


def journal_of(settings: Settings) -> Path:
    """Return the journal of these settings, with all in it that a running hub has not written yet."""
    from edge_nlu.errors import EdgeNluError
    from edge_nlu.hub.assemble import JOURNAL

    path = settings.state_folder() / JOURNAL
    if not path.exists():
        raise EdgeNluError(f"{path}: found no journal there; it begins when a hub runs with these settings")
    ask(settings, {"do": "settle"})
    return path


def _lines(entry: Entry) -> Iterator[str]:
    """Yield an exchange for people."""
    exchange = entry.exchange
    said, outcome = exchange.utterance, exchange.outcome
    who = ", ".join(filter(None, (said.user, said.satellite))) or "somebody"
    yield f'{said.at:%Y-%m-%d %H:%M:%S}  {who}: "{said.text}"'
    yield f"    {type(exchange.decision).__name__.lower()}: {exchange.decision.say}"
    if outcome.sent:
        yield f"    told {', '.join(outcome.sent)}"
    for device, reason in outcome.failed:
        yield f"    failed: {device}, {reason}"
    well = "" if entry.well is None else f"; went well with {entry.well:.2f}: {entry.why}"
    yield f"    {exchange.milliseconds:.1f} ms, pack {entry.pack or 'unknown'}{well}"


def _as_dict(entry: Entry) -> dict[str, Any]:
    """Return an exchange as docs/memory.md describes it, field by field."""
    exchange = entry.exchange
    said, outcome = exchange.utterance, exchange.outcome
    return {
        "id": said.id,
        "at": said.at.isoformat(),
        "satellite": said.satellite,
        "user": said.user,
        "text": said.text,
        "decision": type(exchange.decision).__name__.lower(),
        "say": exchange.decision.say,
        "told": list(outcome.sent),
        "failed": [{"device": device, "reason": reason} for device, reason in outcome.failed],
        "milliseconds": exchange.milliseconds,
        "pack": entry.pack,
        "well": entry.well,
        "why": entry.why,
    }


def _said(at: datetime | None) -> str:
    return at.isoformat() if at is not None else ""


_WORDS = {
    "exchanges": "exchanges",
    "lessons": "things taught",
    "occasions": "traces of habits",
    "events": "reports of devices",
}


def _in_words(rows: Mapping[str, int]) -> str:
    """Return how much of what there is."""
    other = sum(of for table, of in rows.items() if table not in _WORDS)
    counted = [f"{rows.get(table, 0):,} {words}" for table, words in _WORDS.items()]
    return ", ".join([*counted, f"{other:,} other rows"])
