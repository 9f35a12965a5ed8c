"""The ways of a device's own switch."""

from __future__ import annotations

from collections.abc import Sequence

from edge_nlu.steps.aim import Aim, Setting, Told
from edge_nlu.steps.choices import named
from edge_nlu.values import Cannot, Feature, Held

ON = ("on", "poweron", "turnon")
OFF = ("off", "poweroff", "turnoff")


def switched(aim: Aim, *, on: bool) -> tuple[Setting, ...]:
    """Return the settings of the device's own switch; several gangs are switched together."""
    found = aim.gangs([feature for feature in aim.having("power") if not _aside(feature, aim)])
    told = ((feature.key, _value(feature, on=on)) for feature in found)
    return tuple((key, value) for key, value in told if value is not None)


def _aside(feature: Feature, aim: Aim) -> bool:
    """Return whether a switch is only of a light in something else that nobody named."""
    name = f"{feature.part} {feature.name} {feature.key.rsplit('/', 1)[-1]}".lower()
    if "light" not in name and "lamp" not in name:
        return False
    return not (aim.is_a("light", "lamp") or any(word in aim.wish.text.lower() for word in ("light", "lamp")))


def _value(feature: Feature, *, on: bool) -> Held | None:
    if feature.kind == "switch":
        return on
    if feature.kind in ("choice", "trigger"):
        return named(ON if on else OFF, feature.choices)
    return None


def with_power(aim: Aim, told: Told) -> Told:
    """Return settings with the device switched on first, where it is known to be off."""
    if aim.is_on() is not False or isinstance(told, Cannot):
        return told
    whole = {feature.key for feature in aim.having("power") if not feature.part}
    return joined([one for one in switched(aim, on=True) if one[0] in whole], told)


def joined(first: Sequence[Setting], told: Told) -> Told:
    """Return settings after others, none of them twice."""
    return told if isinstance(told, Cannot) else (*first, *(one for one in told if one not in first))
