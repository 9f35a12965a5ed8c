"""What a disguise knows of a device: what it can do, apart from how its convention says it.

The readers and writers of conventions share nothing but this. A trait is one thing that is told or read; its
value is held in one way whatever the convention: a switch as true or false, brightness as a share of 1, white
in mired, positions in per cent, colours as x and y.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from edge_nlu.errors import EdgeNluError

Held = bool | float | str | Mapping[str, Any]
Sort = Literal["switch", "number", "choice", "text", "color", "json"]
Message = dict[str, Any]

PRESENCE = "$online"
"""The trait that every device has: whether it can be reached."""


class DisguiseError(EdgeNluError):
    """Something in a home or a case that no other convention is known for."""

    def __init__(self, what: str, found: str) -> None:
        super().__init__(
            f"{what}: {found} cannot be disguised; teach the bench to read it, or leave the case out"
        )
        self.what = what
        self.found = found


@dataclass(frozen=True, slots=True)
class Trait:
    """One thing that a device tells or is told; a trigger is only told, and does something once."""

    key: str
    sort: Sort
    about: str = ""
    name: str = ""
    settable: bool = False
    readable: bool = True
    unit: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    whole: bool = False
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """A device: how it is called, what it can do, and how it was announced."""

    convention: str
    id: str
    name: str
    sort: str
    traits: tuple[Trait, ...]
    types: tuple[str, ...] = ()
    announced: Any = None

    def trait(self, key: str) -> Trait | None:
        """Return a trait by its key."""
        return next((trait for trait in self.traits if trait.key == key), None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an expectation allows for a trait: some values, perhaps so far off; without values any."""

    values: tuple[Held, ...] = ()
    near: float = 0.0


Heard = Mapping[str, Held]
"""What a message says, by trait."""

Told = Mapping[str, Wanted]
"""What a command says, by trait."""


def plain(number: float) -> str:
    """Return a number as devices write it."""
    number = round(number, 4)
    return str(int(number)) if number == int(number) else str(number)


def exact(number: float) -> float | int:
    """Return a whole number as one."""
    number = round(number, 4)
    return int(number) if number == int(number) else number


def as_list(value: Any) -> list[Any]:
    """Return a value, or several, as several."""
    return value if isinstance(value, list) else [value]
