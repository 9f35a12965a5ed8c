"""The commands around a hub that runs: run it, check its settings, look at the home that it sees."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge_nlu.errors import StorageError

if TYPE_CHECKING:
    from edge_nlu.hub.settings import Settings

config_option = click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="Settings file; else $EDGE_NLU_CONFIG, ./edge-nlu.toml or /etc/edge-nlu/edge-nlu.toml.",
)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def hub() -> None:
    """Run a hub, and check its settings."""


@hub.command()
@config_option
def run(*, file: Path | None) -> None:
    """Listen to the home and to people, until it is told to stop."""
    from edge_nlu.hub.service import SPARING

    settings = settings_of(file)
    # what the command line needs would stay in memory for months: the hub gets a process without it
    environment = {**SPARING, **os.environ}
    if not all(os.access(code, os.W_OK) for code in (__file__, os.__file__)):
        # compiled without explanations, ours or Python's own, it cannot be kept beside the code then
        environment.setdefault("PYTHONPYCACHEPREFIX", str(settings.state_folder() / "compiled"))
    command = [sys.executable, "-m", "edge_nlu.hub", *filter(None, [settings.file])]
    os.execve(sys.executable, command, environment)


@hub.command("check-config")
@config_option
@click.option("--show", is_flag=True, help="Show every setting as it is in effect.")
def check_config(*, file: Path | None, show: bool) -> None:
    """Tell whether the settings can be used, and what in them looks odd."""
    from edge_nlu.hub.assemble import check, home
    from edge_nlu.hub.settings import path_of
    from edge_nlu.models.pack import Pack

    settings = settings_of(file)
    check(settings)
    home(settings)
    pack = Pack.open(path_of(settings.pack) if settings.pack else Pack.default_path())
    if show:
        click.echo("\n".join(_shown(settings)))
    for warning in _oddities(settings):
        click.echo(f"Warning: {warning}", err=True)
    mqtt = settings.mqtt
    click.echo(
        f"{settings.file or 'No settings file; the defaults'}: all right. Broker {mqtt.host}:{mqtt.port}, "
        f"topics {mqtt.base}/..., pack {pack.id}, state in {settings.state_folder()}"
    )


@click.group("home")
def home_group() -> None:
    """Look at the home."""


@home_group.command("show")
@config_option
@click.option("--seconds", default=2.0, show_default=True, help="How long to listen to the broker.")
@json_option
def show_home(*, file: Path | None, seconds: float, as_json: bool) -> None:
    """Show devices, rooms and states as a hub with these settings sees them."""
    from edge_nlu.hub import view
    from edge_nlu.hub.service import log_to_stderr

    settings = settings_of(file)
    log_to_stderr("warning")
    shown = view.look(settings, seconds)
    if as_json:
        click.echo(json.dumps(view.as_dicts(shown), ensure_ascii=False))
    else:
        click.echo("\n".join(view.lines(shown)))


def look_into(folder: Path) -> None:
    """Raise if there is a folder that cannot be read by whoever asks; what is not there yet is no trouble."""
    try:
        with os.scandir(folder):
            pass
    except FileNotFoundError:
        pass
    except OSError as error:
        advice = "ask as the user whose folder it is"
        raise StorageError(folder, str(error.strerror), "a folder that can be read", advice) from error


def settings_of(file: Path | None) -> Settings:
    """Return the settings of this file, or of the one that is found where none is given."""
    from edge_nlu.hub.settings import find_settings, read_settings

    return read_settings(find_settings(file))


def _shown(settings: Settings) -> Iterator[str]:
    from edge_nlu.hub.checked import every_setting, shown

    for name, value, said in every_setting(settings):
        yield f"{name} = {'(hidden)' if said['secret'] and value else shown(value)}"
    for name, choice in settings.bridges.items():
        yield f"bridges.{name} = {shown(choice.bases or choice.on)}"
    home = settings.home
    yield f"home: {len(home.rooms)} rooms, {len(home.people)} people, {len(home.satellites)} satellites"


def _oddities(settings: Settings) -> Iterator[str]:
    """Yield what can be used but is hardly meant."""
    from edge_nlu.hub import outside
    from edge_nlu.hub.settings import path_of

    mqtt, ears = settings.mqtt, settings.ears
    if not (ears.mqtt.on or ears.hermes.on or ears.wyoming.on):
        yield "no ear is on, so nobody can say anything"
    if mqtt.password_file and path_of(mqtt.password_file).stat().st_mode & 0o077:
        yield f"{mqtt.password_file} can be read by others on this machine; chmod 600 it"
    key = settings.sync.federated.key
    with suppress(PermissionError):  # under a user of its own, only sync may look there
        if key and path_of(key).stat().st_mode & 0o007:
            yield f"{key} can be read by everybody on this machine; chmod 600 it"
    if mqtt.password and mqtt.password_file:
        yield "mqtt.password is not used, since mqtt.password_file is there"
    if (mqtt.password or mqtt.password_file) and not mqtt.user:
        yield "there is a password, but no mqtt.user"
    if (mqtt.tls.ca or mqtt.tls.cert) and not mqtt.tls.on:
        yield "there are certificates, but mqtt.tls.on is false"
    yield from outside.oddities(settings)
    rooms = set(settings.home.rooms)
    placed = [(one.id, one.room) for one in settings.home.satellites]
    for who, room in (*placed, *((one.id, one.room) for one in settings.home.people)):
        if rooms and room and room not in rooms:
            yield f"{who} has the room {room}, which home.rooms does not name; fine if devices name it"
