"""The ways of on and off: a switch, a thermostat's mode, a player's stop, a lamp's brightness."""

from __future__ import annotations

import re
from dataclasses import replace

from edge_nlu.steps.aim import Aim, Told
from edge_nlu.steps.choices import named
from edge_nlu.steps.clocks import alarm_off, alarm_on, set_timer, timer_off
from edge_nlu.steps.levels import levels_of, span, tidy
from edge_nlu.steps.lights import set_color
from edge_nlu.steps.machines import start, stop_run
from edge_nlu.steps.media import play, stop_playing
from edge_nlu.steps.openings import lock, move, unlock
from edge_nlu.steps.options import STILL, option_of, set_option
from edge_nlu.steps.power import joined, switched, with_power
from edge_nlu.steps.setting import COOLING, HEATING, amounting, cools, running_mode, set_level
from edge_nlu.values import Amount, Cannot

_OFF = re.compile(r"\b(?:off|out|stop|kill|end|cut|shut|no|deactivate|disable|cancel|turn down|unplug)\b")
A_LITTLE = Amount(share=0.2, unit="%")


def turn_on(aim: Aim) -> Told:
    """Return how it is switched on, with the amount, colour or mode that was said with it."""
    wish = aim.wish
    if wish.title or wish.media in ("music", "radio", "podcast", "audiobook"):
        return with_power(aim, play(aim))
    on = switched(aim, on=True)
    if (amount := _amount_on(aim)) is not None:
        level = aim.main_level()
        told = set_level(amounting(aim.wishing("set", level), amount))
        return told if level == "brightness" else joined(on, told)
    if wish.color or wish.kelvin is not None:
        return joined(on, set_color(aim))
    if wish.options:
        return joined(on, set_option(aim.wishing("set", "mode")))
    told = on or _on_otherwise(aim)
    if wish.duration_s and next(aim.having("timer", "number"), None) is not None:
        return joined(on, set_timer(aim)) if on else told
    return told


def _amount_on(aim: Aim) -> Amount | None:
    """Return what something is switched on with; "a little" is a fifth of a light or a fan."""
    amount, level = aim.wish.amount, aim.main_level()
    if amount is None or level == "power":
        return None
    if amount.relative and amount.number is None:
        return A_LITTLE if level in ("brightness", "speed", "volume") else None
    return replace(amount, relative=False)


def _on_otherwise(aim: Aim) -> Told:
    """Return how a device without a switch is switched on."""
    if (feature := aim.feature("brightness", "number")) is not None:
        return ((feature.key, tidy((span(feature) or (0.0, 100.0))[1])),)
    if (mode := running_mode(aim)) is not None:
        choice = named(COOLING if cools(aim) else HEATING, mode.choices)
        if choice is not None:
            return ((mode.key, choice),)
    for feature in aim.having("speed"):
        if feature.kind == "choice" and levels_of(feature):
            return ((feature.key, levels_of(feature)[0]),)
        if feature.kind == "number" and (ends := span(feature)) is not None and ends[0] == 0:
            return set_level(amounting(aim.wishing("set", "speed"), Amount(share=0.5)))
    for prop, way in (("media", play), ("run", start), ("alarm", alarm_on)):
        if next(aim.having(prop), None) is not None:
            return way(aim)
    return aim.cannot(f"{aim.name} cannot be switched on")


def turn_off(aim: Aim) -> Told:
    """Return how it is switched off; to one of its modes where that is what was said: "on sleep"."""
    if aim.wish.options and not _OFF.search(aim.wish.text.lower()):
        chosen = option_of(aim, "mode") or option_of(aim, "program")
        if chosen is not None:
            return with_power(aim, (chosen,))
    return switched(aim, on=False) or _off_otherwise(aim)


def _off_otherwise(aim: Aim) -> Told:
    """Return how a device without a switch is switched off."""
    for prop, way in (("media", stop_playing), ("run", stop_run)):
        if next(aim.having(prop), None) is not None and not isinstance(told := way(aim), Cannot):
            return told
    for prop in ("mode", "speed"):
        if stilled := aim.choosing(prop, STILL[:-1]):
            return stilled
    for prop in ("brightness", "speed"):
        feature = aim.feature(prop, "number")
        if feature is not None and (ends := span(feature)) is not None and ends[0] == 0:
            return ((feature.key, tidy(ends[0])),)
    if next(aim.having("alarm"), None) is not None:
        return alarm_off(aim)
    if next(aim.having("timer"), None) is not None:
        return timer_off(aim)
    return aim.cannot(f"{aim.name} cannot be switched off")


def set_power(aim: Aim) -> Told:
    """Return how it is brought to a number that nobody knows more of, or to on or off as its words say."""
    if aim.wish.amount is not None and not isinstance(told := set_level(aim), Cannot):
        return told
    return turn_off(aim) if " off" in f" {aim.wish.text.lower()}" else turn_on(aim)


def stop_media(aim: Aim) -> Told:
    """Return how what plays is ended; a player that cannot be stopped is switched off."""
    told = stop_playing(aim)
    return turn_off(aim) if isinstance(told, Cannot) else told


def toggle(aim: Aim) -> Told:
    """Return the other of on and off."""
    if told := aim.choosing("power", ("toggle",)):
        return told
    on = aim.is_on()
    if on is None and any(feature.property in ("position", "lock") for feature in aim.device.features):
        return toggle_position(aim)
    if on is None:
        return aim.cannot(f"nobody knows whether {aim.name} is on")
    return turn_off(aim) if on else turn_on(aim)


def toggle_position(aim: Aim) -> Told:
    """Return the other of open and closed, of locked and unlocked for what only has a lock."""
    for feature in aim.device.features:
        if feature.property == "position" and (now := aim.holds(feature)) is not None:
            return move(aim, opening=now in (False, 0, "closed", "close"))
    for feature in aim.device.features:
        if feature.property == "lock" and (now := aim.holds(feature)) is not None:
            return unlock(aim) if now in (True, "locked", "lock") else lock(aim)
    return aim.cannot(f"nobody knows whether {aim.name} is open")
