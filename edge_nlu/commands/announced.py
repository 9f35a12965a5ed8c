"""Commands that installed packages announce, beside our own; none is imported before it is asked for."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

import click

from edge_nlu.errors import EdgeNluError


class Announced(click.Group):
    """The commands that were added, and those that packages announce under `group`."""

    def __init__(self, *arguments: Any, group: str, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._group = group

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, without importing any."""
        return sorted({*super().list_commands(ctx), *entry_points(group=self._group).names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name; ours before an announced one."""
        own = super().get_command(ctx, cmd_name)
        announced = entry_points(group=self._group, name=cmd_name)
        return own or next((_load(entry) for entry in announced), None)


def _load(entry: EntryPoint) -> click.Command:
    """Return the announced command, or one that says why it cannot be had: the others still work."""
    try:
        command = entry.load()
    except (ImportError, AttributeError) as error:
        return _out_of_order(entry, str(error))
    if not isinstance(command, click.Command):
        return _out_of_order(entry, f"{entry.value} is no command")
    return command


def _out_of_order(entry: EntryPoint, reason: str) -> click.Command:
    def refuse() -> None:
        raise EdgeNluError(f"command {entry.name} cannot be loaded: {reason}; install its package again")

    takes_anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(
        entry.name, callback=refuse, help=f"(Cannot be loaded: {reason})", context_settings=takes_anything
    )
