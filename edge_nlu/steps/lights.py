"""The ways of coloured and white light."""

from __future__ import annotations

from math import isfinite

from edge_nlu.steps.aim import Aim, Setting, Told
from edge_nlu.steps.choices import match
from edge_nlu.steps.colors import color_name, white_as_color
from edge_nlu.steps.levels import tidy
from edge_nlu.steps.power import joined, switched
from edge_nlu.values import Feature

MIRED = 1e6
USUAL_KELVIN = 3500.0
STEP_KELVIN = 600.0


def set_color(aim: Aim) -> Told:
    """Return how a light gets a colour or a white; a lamp that is off is switched on with it."""
    wish, amount = aim.wish, aim.wish.amount
    white = _white(aim)
    told: Told
    if amount is not None and amount.unit == "K" and amount.relative:
        told = _warmer(aim, white, amount.number or 0.0)
    elif wish.want in ("raise", "lower"):
        told = _warmer(aim, white, STEP_KELVIN if wish.want == "raise" else -STEP_KELVIN)
    elif wish.kelvin is not None:
        told = _white_told(aim, white, wish.kelvin)
    elif wish.color:
        told = _colored(aim, wish.color)
    else:
        what = f"the colour {wish.unread}" if wish.unread else "which colour"
        return aim.cannot(
            f"{what}" if not wish.unread else f"nobody knows {what}", near=0 if wish.unread else 1
        )
    if isinstance(told, tuple) and aim.is_on() is False:
        return joined(switched(aim, on=True), told)
    return told


def _white(aim: Aim) -> Feature | None:
    return aim.feature("color", "number")


def _white_told(aim: Aim, feature: Feature | None, kelvin: float) -> Told:
    if feature is not None:
        return (_as_setting(feature, kelvin),)
    if next(aim.having("color", "color"), None) is not None:
        return _colored(aim, white_as_color(kelvin))
    return aim.cannot(f"the white of {aim.name} cannot be set")


def _warmer(aim: Aim, feature: Feature | None, more: float) -> Told:
    """Return a white that is warmer or cooler than it is now."""
    if feature is None:
        return aim.cannot(f"the white of {aim.name} cannot be set")
    now = aim.number(feature)
    kelvin = _turned(feature, now) if now is not None and now > 0 and isfinite(now) else USUAL_KELVIN
    setting = _as_setting(feature, max(kelvin + more, 500.0))
    if setting[1] == now:
        return aim.cannot(f"{aim.name} is already at its {'coolest' if more > 0 else 'warmest'}", near=2)
    return (setting,)


def _as_setting(feature: Feature, kelvin: float) -> Setting:
    """Return the setting nearest to a white; whites are a matter of taste, so it may stop at the end."""
    value = _turned(feature, min(max(kelvin, 1.0), 1e5))
    low = feature.low if feature.low is not None and isfinite(feature.low) else value
    high = feature.high if feature.high is not None and isfinite(feature.high) else value
    return feature.key, tidy(min(max(float(round(value)), low), max(low, high)))


def _turned(feature: Feature, value: float) -> float:
    """Return kelvin in the feature's counting, or the other way round."""
    return MIRED / value if _in_mired(feature) else value


def _in_mired(feature: Feature) -> bool:
    if feature.unit:
        return "mir" in feature.unit.lower()
    return feature.high is not None and feature.high <= 1000


def _colored(aim: Aim, color: str) -> Told:
    for feature in aim.having("color"):
        if feature.kind == "color":
            return ((feature.key, color),)
        if feature.kind == "choice" and (choice := match(color_name(color), feature.choices)) is not None:
            return ((feature.key, choice),)
    if _white(aim) is not None:
        return aim.cannot(f"{aim.name} can only be warm or cool white")
    return aim.cannot(f"{aim.name} cannot show colours")
