"""What Flower runs of a fleet where big hubs are SuperNodes: the server's rounds, and a home's part in them.

Small hubs come to the same rounds by the fleet's own door, which the server opens here as everywhere. A big
hub reads its own settings file: the same heads, the same limit of privacy and the same account of what was
spent hold, by whichever way it takes part. `edge-nlu fleet app` makes what `flwr run` gives to a SuperLink.
"""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click
from flwr.app import Context, Message
from flwr.client.mod import secaggplus_mod
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp

from edge_nlu.errors import EdgeNluError, SettingsError

if TYPE_CHECKING:
    from edge_nlu.wire.rounds import Task, Update

SETTINGS: Final = "settings"
"""Under this name both sides are told their settings file."""

server = ServerApp()
client = ClientApp()
masked_client = ClientApp(mods=[secaggplus_mod])


@server.main()  # type: ignore[untyped-decorator]
def serve(grid: Grid, context: Context) -> None:
    """Run what is left of the rounds, with all hubs, and say what came of them."""
    from edge_nlu.commands.fleet_server import run
    from edge_nlu.commands.fleet_settings import read_fleet_settings

    settings = read_fleet_settings(Path(str(context.run_config[SETTINGS])))
    click.echo(json.dumps(run(settings, grid)))


@client.train()  # type: ignore[untyped-decorator]
def train(message: Message, context: Context) -> Message:
    """Do a task with the lessons of this home, or say why not."""
    from edge_nlu.fleet.messages import refusal_of, reply_of, task_of
    from edge_nlu.wire.rounds import Task

    # refused by the same rules as one that comes by the door
    task = Task.from_bytes(task_of(message, message.metadata.ttl).to_bytes())
    update, why = _done(task, context)
    return refusal_of(why, message) if update is None else reply_of(update, message)


@masked_client.train()  # type: ignore[untyped-decorator]
def train_masked(message: Message, context: Context) -> Message:
    """Do a task so that nobody sees what came of it alone; who declines is missed, as one that has died."""
    from edge_nlu.fleet.masked import masked_reply, masked_task

    task = masked_task(message, message.metadata.ttl)
    update, why = _done(task, context)
    if update is None:
        raise EdgeNluError(f"{task.head}, round {task.round} of {task.run}, declined: {why}")
    return masked_reply(update, task, message)


def _done(task: Task, context: Context) -> tuple[Update | None, str]:
    """Return what came of a task at this home, or None and why it is declined."""
    from edge_nlu.commands.sync import choices_of, federated_of
    from edge_nlu.hub.commands import settings_of
    from edge_nlu.sync.state import State, alone
    from edge_nlu.sync.training import Training

    if SETTINGS not in context.node_config:
        expected = "--node-config 'settings=\"/etc/edge-nlu/edge-nlu.toml\"'"
        raise SettingsError("SuperNode", "no settings file of the hub", expected)
    settings = settings_of(Path(str(context.node_config[SETTINGS])))
    chosen = settings.sync.federated
    if not (chosen.server and chosen.supernode):
        return None, "this home takes part by no SuperNode (sync.federated.server and supernode)"
    choices, federated = choices_of(settings), federated_of(chosen)
    server = urlsplit(chosen.server).netloc
    key = task.key(server)
    with alone(choices.folder), closing(State(choices.folder)) as state:
        training = Training(choices, federated, state, server)
        update, why = training.update(key, task, training.lessons())
        if update is not None:
            # from here on it is the SuperNode's to send
            state.note_outcome(key, "sent")
        return update, why
