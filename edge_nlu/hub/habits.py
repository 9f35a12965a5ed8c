"""Tell in plain words what people in a home are used to, and show it from a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from edge_nlu.hub.commands import config_option, json_option, settings_of
from edge_nlu.steps.called import name_of
from edge_nlu.steps.deeds import deeds_of, shown
from edge_nlu.steps.english import readable, sentence
from edge_nlu.values import Candidate, Command, Wish

if TYPE_CHECKING:
    from edge_nlu.interfaces import Home
    from edge_nlu.learning.counts import Habit
    from edge_nlu.learning.occasions import Cause

SURE: Final = 0.75
_HISSING: Final = re.compile(r"(?:s|x|z|ch|sh|o)$")


@click.group()
def habits() -> None:
    """Look at what people in this home are used to."""


@habits.command()
@config_option
@click.option("--all", "everything", is_flag=True, help="What is not sure enough to act on, too.")
@json_option
def show(*, file: Path | None, everything: bool, as_json: bool) -> None:
    """Show the habits that the hub has seen, the surest first, as docs/learning.md explains them."""
    from edge_nlu.hub.assemble import CONTEXT, home
    from edge_nlu.hub.keeping import journal_of
    from edge_nlu.storage.memory import habits_in
    from edge_nlu.storage.reading import reading

    settings = settings_of(file)
    kept = journal_of(settings)
    context = home(settings)
    context.load(settings.state_folder() / CONTEXT)
    at = datetime.now().astimezone()
    with reading(kept) as opened:
        known = worth_telling(habits_in(opened.rows).known(at), everything=everything)
    if as_json:
        click.echo(json.dumps([asdict(habit) for habit in known], ensure_ascii=False))
    else:
        click.echo("\n".join(lines(known, context.snapshot(at))))


def worth_telling(known: Iterable[Habit], *, everything: bool = False) -> list[Habit]:
    """Return the habits that are acted on, the surest first, and of each only what tells most of it."""
    from edge_nlu.steps.pair import HABIT

    best: dict[tuple[str, str, str, Command], Habit] = {}
    for habit in sorted(known, key=lambda one: (one.sure, one.after is not None), reverse=True):
        if everything or habit.sure >= HABIT:
            own = best.setdefault((habit.user, habit.want, habit.property, habit.command), habit)
            if own.after is None and habit.after is not None and habit.sure >= HABIT:
                best[habit.user, habit.want, habit.property, habit.command] = habit
    return sorted(best.values(), key=lambda one: -one.sure)


def lines(known: Iterable[Habit], home: Home) -> Iterator[str]:
    """Yield each habit in a sentence: "After the alarm clock rings, Ana makes an espresso (9 of 10)"."""
    told = list(dict.fromkeys(_line(habit, home) for habit in known))
    yield from told or ["Nothing is a habit here yet."]


def _line(habit: Habit, home: Home) -> str:
    when = _after(habit.after, home) if habit.after is not None else _at(habit)
    who = readable(habit.user).title() if habit.user else "somebody"
    deeds = deeds_of((_candidate(habit.want, habit.property, habit.command),), home)
    does = _third_person(deeds[0].do) if deeds else f"uses {habit.command.device}"
    hand = " by hand" if habit.by_hand else ""
    sure = "sure" if habit.sure >= SURE else f"likely, at least {habit.sure:.0%} of the time"
    return f"{when}, {who} {does}{hand} ({round(habit.times)} of {round(habit.of)} times, {sure})"


def _at(habit: Habit) -> str:
    hour, half = divmod(habit.half_hour, 2)
    return f"{'At weekends' if habit.weekend else 'On working days'} at about {hour}:{30 * half:02}"


def _after(cause: Cause, home: Home) -> str:
    device = home.device(cause.device)
    feature = device.feature(cause.key) if device is not None else None
    if device is None or feature is None:
        return f"After {cause.device}"
    if feature.property == "alarm":
        return f"After {name_of(device, home)} rings"
    deeds = deeds_of(
        (_candidate("", feature.property, Command(device.id, ((cause.key, cause.value),))),), home
    )
    did = deeds[0].did if deeds else f"{name_of(device, home)} is {shown(feature, cause.value)}"
    return sentence(f"after {did}").rstrip(".")


def _candidate(want: str, prop: str, command: Command) -> Candidate:
    return Candidate(Wish(want, prop), (command.device,), (command,))


def _third_person(deed: str) -> str:
    """Return a deed as somebody does it: "turn off the lamp" is "turns off the lamp"."""
    verb, _, rest = deed.partition(" ")
    return f"{verb}{'es' if _HISSING.search(verb) else 's'} {rest}".rstrip()
