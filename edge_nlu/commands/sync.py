"""The commands around new model packs: look for them, take them in, go back."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge_nlu.errors import EdgeNluError, SettingsError, require
from edge_nlu.hub.commands import config_option, json_option, look_into, settings_of

if TYPE_CHECKING:
    from edge_nlu.hub.settings import Federated as Taking
    from edge_nlu.hub.settings import Settings
    from edge_nlu.storage.packs import Slot
    from edge_nlu.sync.choices import Choices, Federated, Shown
    from edge_nlu.sync.rounds import Round

EXTRA = "sync"
ANSWER_S = 90.0
"""So long a hub may take to try a pack that somebody waits for."""


@click.group()
def sync() -> None:
    """Get new model packs: signed, tried before they are used, left when people fare worse.

    How it works, and how to run it under its own user: docs/sync.md.
    """


@sync.command()
@config_option
def run(*, file: Path | None) -> None:
    """Look for new packs again and again, until it is told to stop."""
    choices = choices_of(settings_of(file))
    # as with a hub: what the command line needs would stay in memory for months
    for name in ("MALLOC_ARENA_MAX", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    os.execv(sys.executable, [sys.executable, "-m", "edge_nlu.sync", choices.to_json()])


@sync.command()
@config_option
@json_option
def check(*, file: Path | None, as_json: bool) -> None:
    """Ask the repository what it gives away, and fetch nothing."""
    came = _look(choices_of(settings_of(file)), fetch=False)
    if as_json:
        click.echo(json.dumps(_as_dict(came)))
        return
    for release in came.releases:
        given = "" if release.percent == 100 else f", to {release.percent} of 100 hubs"
        click.echo(f"{release.number:>4}  {release.pack}  {release.role}{given}")
    click.echo(f"{came.outcome}: {came.found}")


@sync.command()
@config_option
@click.argument("pack", default="")
@click.option("--no-wait", is_flag=True, help="Do not wait until the hub has tried it.")
def install(*, file: Path | None, pack: str, no_wait: bool) -> None:
    """Fetch the newest pack, or PACK (an id or the number of a release), and hand it to the hub.

    A PACK that is named comes in whatever share of the hubs it is given to so far.
    """
    from edge_nlu.storage.packs import handed_in

    choices = choices_of(settings_of(file))
    came = _look(choices, wanted=pack)
    click.echo(f"{came.outcome}: {came.found}")
    slot = handed_in(choices.incoming)
    if slot is not None and came.outcome == "handed in" and not no_wait:
        click.echo(_answer_of_hub(choices, slot))


@sync.command()
@config_option
@json_option
def status(*, file: Path | None, as_json: bool) -> None:
    """Tell which pack is in use, whether it is on trial, and how the last looks went."""
    from edge_nlu.storage.packs import Packs, bad_in, log_in, unanswered
    from edge_nlu.sync.state import last_parts, last_rounds

    settings = settings_of(file)
    packs = Packs(settings.state_folder() / "packs")
    for folder in (packs.folder, settings.sync_folder()):
        look_into(folder)
    waiting = unanswered(settings.sync_folder() / "incoming", packs.folder)
    trial = packs.trial()
    parts, spent = last_parts(settings.sync_folder(), 20)
    told = {
        "url": settings.sync.url,
        "in_use": asdict(packs.current()),
        "before": asdict(packs.previous()),
        "on_trial": asdict(trial) if trial is not None else None,
        "waiting": asdict(waiting) if waiting is not None else None,
        "bad": sorted(bad_in(packs.folder)),
        "log": list(log_in(packs.folder))[-20:],
        "rounds": last_rounds(settings.sync_folder(), 20),
        "federated": {
            "server": settings.sync.federated.server,
            **spent._asdict(),
            "most_epsilon": settings.sync.federated.most_epsilon,
            "most_delta": settings.sync.federated.most_delta,
            "parts": [one._asdict() for one in parts],
        },
    }
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(_status_lines(told, settings)))


@sync.command()
@config_option
def rollback(*, file: Path | None) -> None:
    """Go back to the pack before, and never take this one in again."""
    from edge_nlu.hub.door import knock
    from edge_nlu.hub.service import StateLock
    from edge_nlu.storage.packs import RETURNED, Packs

    settings = settings_of(file)
    if settings.pack:
        raise SettingsError(
            "pack", settings.pack, "none, so that the hub chooses; there is nothing to go back to"
        )
    folder = settings.state_folder()
    lock = StateLock(folder)
    try:
        lock.take()
    except SettingsError:
        now = knock(folder, {"do": "go back"})["id"]
    else:
        packs = Packs(folder / "packs")
        left = packs.current()
        now = packs.go_back(forever=True).id
        packs.note(RETURNED, left, "somebody asked for it")
        lock.release()
    click.echo(f"In use now: {now or 'the pack that comes along'}.")


def _look(choices: Choices, *, fetch: bool = True, wanted: str = "") -> Round:
    """Look once; what went wrong is an error here, since somebody waits."""
    from edge_nlu.sync.rounds import Rounds
    from edge_nlu.sync.state import State

    state = State(choices.folder)
    try:
        came = Rounds(choices, state).look(fetch=fetch, wanted=wanted)
    finally:
        state.close()
    if came.failed or came.outcome == "waiting":
        raise EdgeNluError(came.found)
    return came


def choices_of(settings: Settings) -> Choices:
    """Return what sync is to know of the settings."""
    require("tuf", "cryptography", extra=EXTRA)
    from edge_nlu.hub.settings import check_federated, path_of
    from edge_nlu.models.pack import Pack
    from edge_nlu.sync.choices import Choices

    check_federated(settings)
    chosen, taking, comes_along = settings.sync, settings.sync.federated, Pack.default_path()
    if chosen.folder and settings.state_folder() == settings.sync_folder():
        # what the service manager gives is sync's own
        found = f"none but sync's own, {settings.state_folder()}"
        raise SettingsError("state_dir", found, "the state folder of the hub, as /var/lib/edge-nlu")
    choices = Choices(
        url=chosen.url,
        root=path_of(chosen.root) if chosen.root else comes_along / "root.json",
        folder=settings.sync_folder(),
        packs=settings.state_folder() / "packs",
        comes_along=comes_along,
        board=settings.board,
        every_s=chosen.every_h * 3600,
        largest_bytes=chosen.largest_mb << 20,
        room_bytes=chosen.room_mb << 20,
        inbox=chosen.inbox,
        shown=_shown(taking) if chosen.tells_a_fleet else None,
        most_epsilon=taking.most_epsilon,
        most_delta=taking.most_delta,
        federated=federated_of(taking) if taking.server and not taking.supernode else None,
    )
    choices.check()
    return choices


def federated_of(chosen: Taking) -> Federated:
    """Return whose rounds to take part in, with which heads, and at what cost at most."""
    from edge_nlu.hub.settings import path_of
    from edge_nlu.sync.choices import Federated

    return Federated(
        server=chosen.server,
        ca=path_of(chosen.ca),
        certificate=path_of(chosen.certificate),
        key=path_of(chosen.key),
        heads=chosen.heads,
        every_s=chosen.every_min * 60,
        keep_s=chosen.keep_days * 86_400,
        most_epsilon=chosen.most_epsilon,
        most_delta=chosen.most_delta,
    )


def _shown(chosen: Taking) -> Shown:
    """Return by which certificate a fleet knows this hub."""
    from edge_nlu.hub.settings import path_of
    from edge_nlu.sync.choices import Shown

    return Shown(path_of(chosen.ca), path_of(chosen.certificate), path_of(chosen.key))


def _answer_of_hub(choices: Choices, slot: Slot) -> str:
    """Return what the hub says to a pack that was handed to it."""
    from edge_nlu.storage.packs import log_in

    end = time.monotonic() + ANSWER_S
    while time.monotonic() < end:
        for line in log_in(choices.packs):
            if line.get("manifest") == slot.manifest:
                return f"The hub: {line['event']}, {line['why']}"
        time.sleep(0.5)
    return "The hub has not answered yet; it takes the pack in when it runs. `edge-nlu sync status` tells."


def _as_dict(came: Round) -> dict[str, Any]:
    chosen = asdict(came.release) if came.release is not None else None
    return {
        "outcome": came.outcome,
        "found": came.found,
        "chosen": chosen,
        "releases": [asdict(release) for release in came.releases],
    }


def _status_lines(told: dict[str, Any], settings: Settings) -> Iterator[str]:
    named = settings.pack and f"{settings.pack}, which the settings name"
    yield f"in use      {named or told['in_use']['id'] or 'the pack that comes along'}"
    yield f"before      {told['before']['id'] or 'the pack that comes along'}"
    if (trial := told["on_trial"]) is not None:
        yield f"on trial    {trial['id']}, since exchange {trial['since']}"
    if (waiting := told["waiting"]) is not None:
        yield f"waiting     {waiting['id']}, for the hub to take it in"
    yield f"repository  {told['url'] or 'none; sync.url names one'}"
    for one in told["rounds"][:3]:
        at = datetime.fromtimestamp(one["at_s"]).astimezone()
        yield f"looked      {at:%Y-%m-%d %H:%M}  {one['outcome']}: {one['found']}"
    if (federated := told["federated"])["server"]:
        spent, most = federated["epsilon"], federated["most_epsilon"] or "any"
        yield f"learns with {federated['server']}, epsilon {spent:.2f} of {most} so far"
    for one in federated["parts"][:3]:
        at = datetime.fromtimestamp(one["at_s"]).astimezone()
        yield f"took part   {at:%Y-%m-%d %H:%M}  {one['head']}, round {one['round']}: {one['outcome']}"
    for line in told["log"][-5:]:
        yield f"hub         {line['at'][:16].replace('T', ' ')}  {line['event']} {line['id']}: {line['why']}"
