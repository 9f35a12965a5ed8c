"""What counts as an occasion: what devices were told by a sentence or by hand, and what it may have followed.

An alarm that rings, a door that opens, a lamp that is switched on: whatever is done soon after may be done
because of it. Numbers that creep and sensors that flicker are no causes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from edge_nlu.values import Act, Command, Device, DeviceId, Exchange, Held

_SWITCHED: Final = {"lock": ("lock", "unlock"), "position": ("open", "close"), "run": ("start", "stop")}


# what a device may be heard to do that people follow with something else
_TELLING: Final = frozenset(["alarm", "power", "lock", "position", "run", "media"])


class Cause(NamedTuple):
    """Something that went on in the home: what a feature came to hold; looked up often, so a bare tuple."""

    device: DeviceId
    key: str
    value: Held


@dataclass(frozen=True, slots=True)
class Occasion:
    """One time that a device was told something, by a sentence or by hand.

    `place` is where it was said. A `vague` one came of "the usual", and says no more than what was told.
    `after` is what had gone on just before.
    """

    at: datetime
    want: str
    property: str
    command: Command
    user: str = ""
    place: str = ""
    utterance: str = ""
    by_hand: bool = False
    vague: bool = False
    after: tuple[Cause, ...] = ()


def cause_of(device: Device, key: str, value: Held) -> Cause | None:
    """Return what a device's report tells that something else may follow."""
    feature = device.feature(key)
    if feature is None or feature.property not in _TELLING or feature.kind not in ("switch", "choice"):
        return None
    if feature.property == "alarm" and value is False:
        return None
    return Cause(device.id, key, value)


def occasions_of(exchange: Exchange, place: str) -> tuple[Occasion, ...]:
    """Return what an exchange told to devices, as far as it may be a habit."""
    decision = exchange.decision
    if not isinstance(decision, Act):
        return ()
    said = exchange.utterance
    lost = {device for device, _ in exchange.outcome.failed}
    return tuple(
        Occasion(said.at, wish.want, wish.property, command, said.user, place, said.id, vague=wish.usual)
        for candidate in decision.candidates
        if (wish := candidate.wish).want not in ("undo", "ask", "find") and wish.moment is None
        for command in candidate.commands
        if command.device not in lost and command.settings
    )


def by_hand(device: Device, key: str, value: Held, at: datetime) -> Occasion | None:
    """Return what somebody did by hand, where a report tells of something that can be a habit."""
    feature = device.feature(key)
    if feature is None or not feature.settable or not feature.property:
        return None
    if feature.kind == "switch":
        want = _SWITCHED.get(feature.property, ("on", "off"))[not value]
    else:
        want = "play" if feature.kind == "media" else "set"
    return Occasion(at, want, feature.property, Command(device.id, ((key, value),)), by_hand=True)
