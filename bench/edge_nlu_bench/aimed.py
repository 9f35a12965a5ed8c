"""Tell whether a sentence came to what was meant: one rule, whoever was asked.

What was done, or answered about, is a set of steps: an action, and a device. Right is whoever takes each
thing that is meant, or all of its kind in its room, with the right action, and nothing else. Of a kind, what
is so already may be left out: lights that are on, when they shall be on. Actions are told apart as far as
all who are asked do: covers are opened and closed by `on` and `off`, and a value that is raised is `set`.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import TypeAlias

from edge_nlu.values import Act, Answer, DeviceId, Exchange

Step: TypeAlias = tuple[str, DeviceId]
_ACTIONS = {"open": "on", "close": "off", "raise": "set", "lower": "set"}


@dataclass(frozen=True, slots=True)
class Meant:
    """An action that is wanted of one of some things, or of all of a kind in a room.

    `undone` are those of the kind that are not yet as they shall be.
    """

    action: str
    any_of: Set[DeviceId]
    kind: Set[DeviceId]
    undone: Set[DeviceId]

    def is_met(self, taken: Set[Step]) -> bool:
        """Return whether what is done to this kind is what was meant."""
        devices = {device for action, device in taken if action == self.action and device in self.kind}
        return (len(devices) == 1 and devices <= self.any_of) or (bool(devices) and self.undone <= devices)


def is_right(taken: Set[Step], meant: Iterable[Meant]) -> bool:
    """Return whether these steps are what was meant, and nothing else."""
    may_be = {(one.action, device) for one in meant for device in one.kind}
    return taken <= may_be and all(one.is_met(taken) for one in meant)


def steps(exchange: Exchange | None) -> set[Step]:
    """Return what edge-nlu decided to do, or answered about."""
    match exchange.decision if exchange is not None else None:
        case Act(candidates=found) | Answer(candidates=found):
            return {
                (_ACTIONS.get(one.wish.want, one.wish.want), device)
                for one in found
                for device in one.devices
            }
    return set()
