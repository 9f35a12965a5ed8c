"""What the reader of a convention has to know: which device a message is of, and what it says.

Readers know the few shapes that the homes of written cases have. What they do not know they refuse.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from edge_nlu_bench.conventions.things import Heard, Thing, Told, Wanted, as_list


class Reader(Protocol):
    """The reader of one convention, with the devices it found."""

    @property
    def things(self) -> Sequence[Thing]:
        """Return the devices."""

    def announces(self, topic: str) -> bool:
        """Return whether a retained message only says what there is."""

    def hears(self, topic: str, payload: Any) -> tuple[Thing, Heard] | None:
        """Return what a device says."""

    def told(self, topic: str, entry: Mapping[str, Any]) -> tuple[Thing, list[Told]] | None:
        """Return the ways in which an entry may tell a device something, by trait."""


def parsed(payload: Any) -> Any:
    """Return a payload as the value it stands for, its text where it is none."""
    if isinstance(payload, str):
        try:
            return json.loads(payload)
        except ValueError:
            return payload
    return payload


def wanted(values: Any, near: float, held: Any) -> Wanted:
    """Return what values an expectation allows, each as `held` makes it, without those it cannot."""
    made = (held(value) for value in as_list(values))
    return Wanted(tuple(value for value in made if value is not None), near)
