"""The ways of what opens and what locks: all the way, stopped on the way, locked."""

from __future__ import annotations

from edge_nlu.steps.aim import Aim, Told
from edge_nlu.steps.levels import span, tidy

OPENING = ("open", "opened", "up", "openup")
CLOSING = ("close", "closed", "shut", "down")
LOCKING = ("lock", "locked", "secure")
UNLOCKING = ("unlock", "unlocked", "unsecure")


def move(aim: Aim, *, opening: bool) -> Told:
    """Return how something is opened or closed all the way."""
    number = aim.feature("position", "number")
    if number is not None and (ends := span(number)) is not None:
        return ((number.key, tidy(ends[1] if opening else ends[0])),)
    if switches := aim.gangs(list(aim.having("position", "switch"))):
        return tuple((feature.key, opening) for feature in switches)
    for prop in ("position", "run", "mode", ""):
        if told := aim.choosing(prop, OPENING if opening else CLOSING):
            return told
    if any(feature.property == "position" for feature in aim.device.features):
        return aim.cannot(f"{aim.name} only tells whether it is open")
    return aim.cannot(f"{aim.name} cannot be {'opened' if opening else 'closed'}")


def halt(aim: Aim) -> Told:
    """Return how something that moves is stopped where it is."""
    told = aim.choosing("position", ("stop", "pause", "halt")) or aim.choosing("run", ("stop", "pause"))
    return told or aim.cannot(f"{aim.name} cannot be stopped")


def lock(aim: Aim) -> Told:
    """Return how it is locked."""
    return _locked(aim, locked=True)


def unlock(aim: Aim) -> Told:
    """Return how it is unlocked."""
    return _locked(aim, locked=False)


def _locked(aim: Aim, *, locked: bool) -> Told:
    if (switch := aim.feature("lock", "switch")) is not None:
        return ((switch.key, locked),)
    told = aim.choosing("lock", LOCKING if locked else UNLOCKING)
    return told or aim.cannot(f"{aim.name} has no lock")
