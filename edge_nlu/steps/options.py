"""The ways of what is chosen by its name: modes, programs, sources, and functions that are on or off."""

from __future__ import annotations

from edge_nlu.steps.aim import Aim, Setting, Told
from edge_nlu.steps.choices import goes_on, listed, match, named
from edge_nlu.steps.levels import tidy
from edge_nlu.steps.names import words_in
from edge_nlu.steps.power import with_power
from edge_nlu.values import Feature

NAMED = ("mode", "program", "source", "speed", "swing", "color")
"""Properties whose values have names."""

STILL = ("off", "idle", "standby", "none")
PLAIN = ("none", "normal", "off", "auto", "manual", "home", "default", "schedule")
"""The modes that are left when another one is switched off, the likeliest first."""


def set_option(aim: Aim) -> Told:
    """Return how a mode, a program or a source is chosen by its name."""
    wish, prop = aim.wish, aim.wish.property
    order = dict.fromkeys((prop, "mode", "program", "source", "speed", "run"))
    if found := next((one for other in order if (one := option_of(aim, other)) is not None), None):
        told: tuple[Setting, ...] = (found,)
        return with_power(aim, told) if prop in ("source", "program") else told
    offered = [one for other in (prop, "mode") for one in aim.having(other, "choice") if one.choices]
    if not offered:
        return aim.cannot(f"{aim.name} has no {prop if prop in NAMED else 'mode'} to choose")
    choices = listed(offered[0].choices)
    if not wish.options:
        return aim.cannot(f"which one: {choices}", near=1)
    return aim.cannot(f"{aim.name} has no {wish.options[0]}, it has {choices}", near=2)


def option_of(aim: Aim, prop: str) -> Setting | None:
    """Return the setting of a property that an option of the wish, or a number, names."""
    amount = aim.wish.amount
    said = list(aim.wish.options)
    if not said and amount is not None and amount.number is not None and not amount.relative:
        said = [str(tidy(amount.number))]
    for feature in aim.having(prop):
        for option in said:
            if (
                feature.kind in ("choice", "trigger")
                and (choice := match(option, feature.choices)) is not None
            ):
                return feature.key, choice
            if feature.kind == "switch" and prop == "mode" and match(option, (feature.name,)) is not None:
                return feature.key, True
            if feature.kind == "text" and not feature.choices and aim.wish.property == prop:
                return feature.key, option
        if not said and (choice := said_choice(aim, feature)) is not None:
            return feature.key, choice
    return None


def said_choice(aim: Aim, feature: Feature) -> str | None:
    """Return the choice that the words name though no slot does: "low", "turbo", "standing"."""
    if feature.kind not in ("choice", "trigger") or (feature.property == "run" and aim.wish.want != "set"):
        return None
    words = f" {aim.wish.text.lower()} "
    named_so = [
        one for one in feature.choices if one.lower() not in ("on", "off") and f" {one.lower()} " in words
    ]
    said = words_in(words)
    found = named_so or [
        one for one in feature.choices if len(one) > 2 and any(goes_on(one.lower(), word) for word in said)
    ]
    return found[0] if len(found) == 1 else None


def function_on(aim: Aim) -> Told:
    """Return how a function is switched on: swing, child lock, a mode with a name of its own."""
    return _function(aim, on=True)


def function_off(aim: Aim) -> Told:
    """Return how a function is switched off."""
    return _function(aim, on=False)


def function_toggle(aim: Aim) -> Told:
    """Return the other of a function's on and off."""
    feature = _named_function(aim)
    now = aim.holds(feature) if feature is not None else None
    if now is None:
        return aim.cannot(f"nobody knows whether that is on at {aim.name}")
    return _function(aim, on=now is False or now in STILL)


def _function(aim: Aim, *, on: bool) -> Told:
    feature = _named_function(aim)
    if feature is None:
        if on and aim.wish.options:
            return set_option(aim)
        return aim.cannot(f"{aim.name} has no {'swing' if aim.wish.property == 'swing' else 'such mode'}")
    if feature.kind == "switch":
        return ((feature.key, on),)
    choice = _function_choice(aim, feature, on=on)
    if choice is None:
        return aim.cannot(f"{aim.name} has {listed(feature.choices)}", near=2)
    return ((feature.key, choice),)


def _named_function(aim: Aim) -> Feature | None:
    """Return the switch that was named, or what has the function among its choices."""
    prop, options = aim.wish.property, aim.wish.options
    switches, choices = list(aim.having(prop, "switch")), list(aim.having(prop, "choice"))
    if prop != "mode":
        return next(iter(switches + choices), None)
    names = {feature.name or feature.key.rsplit("/", 1)[-1]: feature for feature in switches}
    if (name := match(" ".join(options) or aim.wish.text, names)) is not None:
        return names[name]
    said = aim.wish.text.lower()
    if (name := next((name for name in names if name.lower().replace("_", " ") in said), None)) is not None:
        return names[name]
    fitting = [one for one in choices if any(match(option, one.choices) for option in options)]
    return next(iter(fitting or ([] if options else choices)), None)


def _function_choice(aim: Aim, feature: Feature, *, on: bool) -> str | None:
    if not on:
        return named(STILL if feature.property == "swing" else PLAIN, feature.choices)
    if chosen := next((match(option, feature.choices) for option in aim.wish.options), None):
        return chosen
    moving = [choice for choice in feature.choices if choice.lower() not in STILL]
    by_name = named(("on", "swing", "both", "vertical"), feature.choices)
    return by_name or (moving[0] if moving and feature.property == "swing" else None)
