"""The ways to a target and to more or less: numbers, parts of the range, how far something is open."""

from __future__ import annotations

from dataclasses import replace

from edge_nlu.steps.aim import Aim, Setting, Told
from edge_nlu.steps.amounts import LENGTHS, MEASURES
from edge_nlu.steps.choices import match, named
from edge_nlu.steps.colors import warmth_in
from edge_nlu.steps.levels import span, tidy, told_change, told_level
from edge_nlu.steps.lights import set_color
from edge_nlu.steps.names import words_in
from edge_nlu.steps.openings import move
from edge_nlu.steps.options import option_of, said_choice, set_option
from edge_nlu.steps.power import joined, switched, with_power
from edge_nlu.values import Amount, Cannot, Feature

HEATING = ("heat", "auto", "heatcool", "on", "comfort", "manual", "cool", "normal", "home")
COOLING = ("cool", *HEATING)
NAMING_LEVELS = frozenset(("speed", "fan", "level", "power", "stage", "setting", "strength"))
_SAID_OF = {
    "position": {"position", "open", "close", "shut", "opened", "closed", "half-open", "ajar"},
    "brightness": {"brightness", "bright", "brighter", "dim", "dimmer", "light"},
    "volume": {"volume", "loud", "louder", "quiet", "quieter", "sound"},
    "speed": {"speed", "fast", "faster", "slow", "slower"},
    "humidity": {"humidity", "humid", "damp", "dry"},
}
VAGUE = frozenset(("power", "speed", "level", "unsaid"))
LESS = frozenset(
    ("lower", "less", "down", "cooler", "colder", "quieter", "dimmer", "darker", "slower", "softer")
)
MORE_STEP = ("up", "more", "plus", "increase", "volumeup", "brighter", "louder")
LESS_STEP = ("down", "less", "minus", "decrease", "volumedown", "dimmer", "quieter")


def set_level(aim: Aim) -> Told:
    """Return how a property is brought to a number, a part of its range, or a level with a name."""
    wish, prop = aim.wish, aim.wish.property
    feature = _counting(aim) or aim.feature(prop, "number") or aim.feature(prop, "choice")
    if feature is None:
        return _set_otherwise(aim)
    if feature.kind == "choice" and (choice := _named_choice(aim, feature)) is not None:
        return with_power(aim, ((feature.key, choice),))
    if wish.amount is None:
        return aim.cannot(f"what to set {aim.name} to", near=1)
    if wish.amount.relative:
        return _change(aim, up=LESS.isdisjoint(wish.text.lower().split()))
    value = told_level(feature, wish.amount, aim)
    if isinstance(value, Cannot):
        other = _fitting(aim) if feature.kind == "choice" else ""
        return set_level(aim.wishing("set", other)) if other else value
    return _awake(aim, feature, ((feature.key, value),))


def _counting(aim: Aim) -> Feature | None:
    """Return the number that is counted in the unit said, whatever it is about: amps, centimetres."""
    unit = aim.wish.amount.unit if aim.wish.amount is not None else ""
    if unit not in MEASURES:
        return None
    alike = {one.lower() for one in (LENGTHS if unit in LENGTHS else (unit,))}
    numbers = (one for one in aim.device.features if one.settable and one.kind == "number")
    return next((one for one in numbers if one.unit.lower() in alike), None)


def _fitting(aim: Aim) -> str:
    """Return the level that a plain number is of where levels with names have none such: "aircon to 19"."""
    amount = aim.wish.amount
    if amount is None or amount.number is None or set(words_in(aim.wish.text)) & NAMING_LEVELS:
        return ""
    for prop in ("temperature", "humidity", "brightness", "volume"):
        number = aim.feature(prop, "number")
        if number is not None and (ends := span(number)) is not None and ends[0] <= amount.number <= ends[1]:
            return prop
    return ""


def set_any(aim: Aim) -> Told:
    """Return how something is chosen by its name, or by a number that nobody knows more of: "16 amps"."""
    told, amount = set_option(aim), aim.wish.amount
    number = _only_number(aim) if isinstance(told, Cannot) and amount is not None else None
    if number is None or amount is None:
        return told
    value = told_level(number, amount, aim)
    return value if isinstance(value, Cannot) else ((number.key, value),)


def _awake(aim: Aim, feature: Feature, told: tuple[Setting, ...]) -> Told:
    """Return the settings with what must be on for them to show."""
    if feature.property == "temperature" and (mode := running_mode(aim)) is not None:
        choice = named(COOLING if cools(aim) else HEATING, mode.choices)
        return joined(((mode.key, choice),), told) if aim.holds(mode) == "off" and choice else told
    shown = feature.property in ("temperature", "speed", "channel", "humidity")
    return with_power(aim, told) if shown else told


def running_mode(aim: Aim) -> Feature | None:
    """Return the mode by which a thermostat or an air conditioner is switched off."""
    return next((one for one in aim.having("mode", "choice") if "off" in one.choices), None)


def cools(aim: Aim) -> bool:
    """Return whether the device is there to cool."""
    return aim.is_a("air_cond", "air-cond", "aircon", "cool")


def _named_choice(aim: Aim, feature: Feature) -> str | None:
    """Return the level that has a name, as a slot or the words tell it."""
    options = (match(option, feature.choices) for option in aim.wish.options)
    return next(filter(None, options), None) or said_choice(aim, feature)


def _set_otherwise(aim: Aim) -> Told:
    """Return the way to a level that the device has under another name, or why there is none."""
    prop, amount = aim.wish.property, aim.wish.amount
    if prop in VAGUE and amount is not None and (number := _only_number(aim)) is not None:
        value = told_level(number, amount, aim)
        return value if isinstance(value, Cannot) else ((number.key, value),)
    if aim.wish.options:
        return set_option(aim)
    plain = prop == "level" or (prop == "temperature" and amount is not None and not amount.unit)
    if plain and (other := _other_level(aim)):
        return set_level(aim.wishing("set", other))
    if (main := _main_instead(aim)) and amount is not None:
        return set_level(aim.wishing("set", main))
    return aim.cannot(f"{aim.name} has no {prop} to set")


def _main_instead(aim: Aim) -> str:
    """Return the level that a value is of where nobody said what it is of: "the lamp to 45 percent"."""
    amount, prop = aim.wish.amount, aim.wish.property
    if amount is None or amount.relative or amount.unit not in ("", "%"):
        return ""
    if prop in ("temperature", "color") or _SAID_OF.get(prop, {prop}) & set(words_in(aim.wish.text)):
        return ""
    main = aim.main_level()
    return main if main not in (prop, "power", "temperature", "color") else ""


def _other_level(aim: Aim) -> str:
    """Return the level that a plain number may be of after all: how warm a blanket is, from one to six."""
    has = {feature.property for feature in aim.device.features if feature.settable}
    return next((prop for prop in ("speed", "level", "brightness", "volume") if prop in has), "")


def _only_number(aim: Aim) -> Feature | None:
    """Return the number that must be meant though nobody knows what it is about: a desk's height."""
    amount = aim.wish.amount
    if amount is not None and amount.unit in ("°", "°C", "°F", "K"):
        return None
    unknown = list(aim.having("", "number"))
    said = set(words_in(aim.wish.text))
    called = [one for one in unknown if set(words_in(one.name)) & said or one.unit.lower() in said - {""}]
    return next(iter(called), unknown[0] if len(unknown) == 1 else None)


def amounting(aim: Aim, amount: Amount | None) -> Aim:
    """Return the aim with another amount."""
    return replace(aim, wish=replace(aim.wish, amount=amount))


# --------------------------------------------------------------------------------- more and less


def more(aim: Aim) -> Told:
    """Return how there is more of a property."""
    return _change(aim, up=True)


def less(aim: Aim) -> Told:
    """Return how there is less of a property."""
    return _change(aim, up=False)


def _change(aim: Aim, *, up: bool) -> Told:
    """Return more or less of a property, counted from what the device is set to."""
    amount, prop = aim.wish.amount, aim.wish.property
    if amount is not None and not amount.relative:
        return set_level(aim.wishing("set", prop))
    feature = aim.feature(prop, "number") or aim.feature(prop, "choice")
    if feature is None and prop == "temperature" and aim.is_a("light") and next(aim.having("color"), None):
        warmth = Amount(number=warmth_in("warmer" if up else "cooler"), unit="K", relative=True)
        return set_color(amounting(aim.wishing(aim.wish.want, "color"), warmth))
    if feature is None:
        return _change_otherwise(aim, up=up)
    if prop in ("brightness", "speed") and (from_off := _from_off(aim, feature, up=up)) is not None:
        return from_off
    value = told_change(feature, amount, aim, up=up)
    if isinstance(value, Cannot):
        return value if value.near else _from_unknown(aim, feature, value, up=up)
    told: tuple[Setting, ...] = ((feature.key, value),)
    if prop == "volume" and up:
        return joined(_unmuted(aim), told)
    wakes = up if prop == "humidity" or not cools(aim) else not up
    return _awake(aim, feature, told) if prop in ("temperature", "humidity") and wakes else told


def _from_off(aim: Aim, feature: Feature, *, up: bool) -> Told | None:
    """Return what "brighter" means for a lamp that is off: switch it on."""
    on = aim.is_on()
    if on is False and not up:
        return aim.cannot(f"{aim.name} is already off", near=2)
    unknown = on is None and aim.holds(feature) in (None, 0)
    return (switched(aim, on=True) or None) if up and (on is False or unknown) else None


def _from_unknown(aim: Aim, feature: Feature, why: Cannot, *, up: bool) -> Told:
    """Return a sensible target where nobody knows what is set now."""
    amount = None
    if feature.property == "position":
        return move(aim, opening=up)
    if feature.property == "brightness":
        amount = Amount(share=1.0 if up else 0.3)
    elif feature.property == "temperature" and (now := _measured(aim)) is not None:
        amount = Amount(number=now + (1 if up else -1))
    if amount is None or feature.kind != "number":
        return why
    value = told_level(feature, amount, aim)
    return value if isinstance(value, Cannot) else ((feature.key, value),)


def _measured(aim: Aim) -> float | None:
    """Return the temperature that the device measures."""
    for feature in aim.device.features:
        if feature.property == "temperature" and not feature.settable and feature.kind == "number":
            return aim.number(feature)
    return None


def _change_otherwise(aim: Aim, *, up: bool) -> Told:
    """Return more or less of what the device only has in steps, on and off, open and closed."""
    prop = aim.wish.property
    if told := aim.choosing(prop, MORE_STEP if up else LESS_STEP):
        return told
    if prop in VAGUE and (number := _only_number(aim)) is not None:
        value = told_change(number, aim.wish.amount, aim, up=up)
        return value if isinstance(value, Cannot) else ((number.key, value),)
    if prop == "position":
        return move(aim, opening=up)
    plain = prop in ("brightness", "speed", "power", "air")
    heats = prop == "temperature" and aim.is_a("heat", "radiator")
    settings = switched(aim, on=up) if plain or heats else ()
    if not settings:
        return aim.cannot(f"{aim.name} has no {prop if prop != 'power' else 'level'} to change")
    if aim.is_on() is up:
        return aim.cannot(f"{aim.name} is already {'on' if up else 'off'}", near=2)
    return settings


# ---------------------------------------------------------------------------- sound, and how far


def _unmuted(aim: Aim) -> tuple[Setting, ...]:
    return tuple((one.key, False) for one in aim.having("volume", "switch") if aim.holds(one) is True)


def mute(aim: Aim) -> Told:
    """Return how the sound is taken away."""
    volume = aim.feature("volume", "number")
    if told := _muting(aim, on=True):
        return told
    if volume is None:
        return aim.cannot(f"{aim.name} has nothing to mute")
    return ((volume.key, tidy((span(volume) or (0.0, 100.0))[0])),)


def unmute(aim: Aim) -> Told:
    """Return how the sound is given back."""
    return _muting(aim, on=False) or aim.cannot(f"{aim.name} cannot be muted")


def _muting(aim: Aim, *, on: bool) -> tuple[Setting, ...]:
    if (switch := aim.feature("volume", "switch")) is not None:
        return ((switch.key, on),)
    return aim.choosing("volume", ("mute", "on") if on else ("unmute", "off"))


def set_position(aim: Aim) -> Told:
    """Return how something is opened so far."""
    amount = aim.wish.amount
    places = (option_of(aim, prop) for prop in ("position", "run", "mode"))
    if amount is None and (chosen := next(filter(None, places), None)) is not None:
        return (chosen,)  # a desk has its places by name
    if _counting(aim) or aim.feature("position", "number") is not None:
        return set_level(aim)
    if not any(aim.having("position")) and (main := _main_instead(aim)):
        return set_level(aim.wishing("set", main))
    told = move(aim, opening=amount is None or amount.share != 0.0)
    if isinstance(told, Cannot):
        return told
    if amount is None:
        return aim.cannot(f"how far to open {aim.name}", near=1)
    if amount.share in (0.0, 1.0):
        return told
    return aim.cannot(f"{aim.name} can only be open or closed", near=2)


def open_(aim: Aim) -> Told:
    """Return how something is opened, all the way or as far as was said."""
    return _open_or_close(aim, opening=True)


def close(aim: Aim) -> Told:
    """Return how something is closed, all the way or as far as was said."""
    return _open_or_close(aim, opening=False)


def _open_or_close(aim: Aim, *, opening: bool) -> Told:
    amount = aim.wish.amount
    if amount is None:
        chosen = option_of(aim, "run") or option_of(aim, "mode") if aim.wish.options else None
        return move(aim, opening=opening) if chosen is None else (chosen,)
    if amount.relative and (amount.share is None or amount.unit == "%"):
        return _change(aim.wishing("raise" if opening else "lower", "position"), up=opening)
    amount = replace(amount, relative=False)  # "up a third" is as far as that
    if not opening and amount.share is not None and " to " not in aim.wish.text:
        amount = replace(amount, share=1 - amount.share)  # "close it thirty percent" leaves seventy
    return set_position(amounting(aim.wishing("set", "position"), amount))
