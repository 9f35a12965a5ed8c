"""What the writer of a convention has to know: announcements, states, and what counts as telling a device.

A command of a case becomes the messages that tell the same in the new convention. Where one message becomes
several, a lamp that is dimmed may be switched on too, as one message would have done.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, ClassVar, Protocol

from edge_nlu_bench.conventions.things import Heard, Message, Thing, Told, Wanted

Way = list[Message]
ROUNDING = 0.6
"""How far off a scaled whole number may be for being rounded twice."""


class Writer(Protocol):
    """A device in its new convention."""

    prefix: ClassVar[str]

    def __init__(self, thing: Thing, id_: str, name: str, rng: Random) -> None: ...

    def announce(self) -> list[Message]:
        """Return the retained messages that say what there is."""

    def say(self, heard: Heard, state: Heard) -> list[Message]:
        """Return what the device says when this changed, and then all is so."""

    def tell(self, told: Told) -> list[Way]:
        """Return the ways to tell it this; one of them has to be taken."""

    def beside(self, told: Told) -> list[Message]:
        """Return what may be sent beside it."""


def message(topic: str, payload: Any) -> Message:
    """Return a message as a home has it."""
    return {"topic": topic, "payload": payload}


def entry(topic: str, payloads: Sequence[str], near: float = 0.0) -> Message:
    """Return what an expectation says of a message; without payloads any will do."""
    said: Message = {"topic": topic}
    if payloads:
        said["text"] = payloads[0] if len(payloads) == 1 else list(payloads)
    return said | ({"near": round(near, 3)} if near else {})


def scaled(wanted: Wanted, scale: float) -> float:
    """Return how far off a value may be in another scale."""
    return wanted.near * scale + (ROUNDING if scale != 1 else 0.0)


def lit_beside(thing: Thing, told: Told, made: Any) -> list[Message]:
    """Return what may be told a lamp beside this, where its switch and its brightness are told apart."""
    if thing.sort != "light":
        return []
    abouts = {trait.about for key in told if (trait := thing.trait(key)) is not None}
    power = next((wanted for key, wanted in told.items() if key == "state"), None)
    if (
        power is not None
        and True in power.values
        and any(trait.about == "brightness" for trait in thing.traits)
    ):
        return [made("brightness", Wanted())]
    return [made("power", Wanted((True,)))] if abouts & {"brightness", "white", "color"} else []
