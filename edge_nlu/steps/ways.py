"""Tell what a device would be told for a wish, or why it cannot be.

Nothing here knows a device: only features, by what they are about and by their kind. The same wish has
many ways, since things are built differently: "off" is a switch, a thermostat's mode, a player's stop, an
alarm's dismiss. `WAYS` lists them by what is wanted; each way is a function from an aim to settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from edge_nlu.interfaces import Home
from edge_nlu.steps.aim import Aim, Setting, Told
from edge_nlu.steps.choices import listed, match, named
from edge_nlu.steps.clocks import (
    alarm_off,
    alarm_on,
    set_alarm,
    set_timer,
    shift_alarm,
    shift_timer,
    timer_off,
)
from edge_nlu.steps.levels import levels_of, span, tidy, told_change, told_level
from edge_nlu.steps.lights import set_color
from edge_nlu.steps.machines import dock, find, pause_run, program_only, resume_run, start, stop_run
from edge_nlu.steps.media import play, playback
from edge_nlu.values import Amount, Cannot, Device, Feature, Held, Wish

Way: TypeAlias = Callable[[Aim], Told]

A_LITTLE = Amount(share=0.2, unit="%")
LEVELS = ("brightness", "volume", "temperature", "speed", "position", "humidity", "channel", "level")
NAMED = ("mode", "program", "source", "speed", "swing", "color")
OPENING = ("open", "opened", "up", "openup")
CLOSING = ("close", "closed", "shut", "down")
HEATING = ("heat", "auto", "heatcool", "on", "comfort", "manual", "cool", "normal", "home")
IDLE_MODES = ("off", "idle", "standby", "none")
DULL_MODES = ("none", "normal", "off", "auto", "manual", "home", "default", "schedule")


def ways(wish: Wish, device: Device, home: Home) -> tuple[tuple[str, Held], ...] | Cannot:
    """Return what the device's features would be told, in order, or why it cannot do what is wished.

    `near` of a `Cannot` is 1 where only a choice is missing that habit or a question can fill in, 2 where the
    device can do it but not to that value.
    """
    aim = Aim(wish, device, home, home.appliance(device.kind) if device.kind else None)
    table = WAYS.get(wish.want)
    if table is None:
        return aim.cannot(f"{aim.name} cannot be told that")
    if wish.property == "unsaid" and (served := _served(aim)) is not None:
        return served
    prop = meant(aim)
    aim = aim.wishing(wish.want, prop)
    if (served := _served(aim)) is not None:
        return served
    return table.get(prop, table[""])(aim)


def meant(aim: Aim) -> str:
    """Return the property that is meant where the words did not say: what the device has or is doing."""
    wish = aim.wish
    if wish.property != "unsaid":
        return wish.property
    if wish.want in ("raise", "lower", "set"):
        return _level_meant(aim)
    if wish.want in ("stop", "pause", "resume", "start", "next", "previous", "off"):
        return _activity_meant(aim)
    fixed = {"open": "position", "close": "position", "lock": "lock", "unlock": "lock", "play": "media"}
    return fixed.get(wish.want, {"mute": "volume", "unmute": "volume", "dock": "run"}.get(wish.want, "power"))


def _level_meant(aim: Aim) -> str:
    wish, amount = aim.wish, aim.wish.amount
    if amount is not None and amount.unit in ("°", "°C", "°F"):
        return "temperature"
    if wish.color or wish.kelvin is not None or (amount is not None and amount.unit == "K"):
        return "color"
    if aim.ringing():
        return "alarm"
    if wish.options:
        return next((prop for prop in NAMED if _option(aim, prop) is not None), "mode")
    if wish.title or (wish.media and wish.want == "set"):
        return "media"
    if wish.duration_s is not None:
        return "timer"
    if wish.moment is not None:
        return "alarm"
    return main_level(aim)


def main_level(aim: Aim) -> str:
    """Return the property that "turn it up" is about: volume of a player, speed of a fan, and so on."""
    has = {feature.property for feature in aim.device.features if feature.settable}
    if "media" in has and "volume" in has:
        return "volume"
    sort = f"{aim.device.kind} {' '.join(aim.device.types)}".lower()
    order: tuple[str, ...] = ("temperature", "brightness", "speed", "position", "volume", "humidity", "color")
    if "fan" in sort or "purifier" in sort or "hood" in sort:
        order = ("speed", *order)
    return next((prop for prop in order if prop in has), "power")


def _activity_meant(aim: Aim) -> str:
    """Return what a bare "stop" or "pause" is about: what rings, plays or runs, else what there is."""
    if aim.wish.want == "off":
        return "alarm" if aim.ringing() else "power"
    if aim.ringing():
        return "alarm"
    player, status = aim.playback(), aim.status()
    if player in ("play", "pause") and aim.wish.want != "start":
        return "media"
    has = {feature.property for feature in aim.device.features if feature.settable}
    if status and "run" in has:
        return "run"
    wanted = (
        ("run", "media", "position", "timer") if aim.wish.want == "start" else ("media", "run", "position")
    )
    return next((prop for prop in wanted if prop in has), "timer" if "timer" in has else "run")


def _served(aim: Aim) -> Told | None:
    """Return the way by which the device's kind serves the wish, where it has none of its own."""
    wish = aim.wish
    serves = dict(aim.appliance.serves) if aim.appliance else {}
    other = serves.get(f"{wish.want}.{wish.property}")
    want, _, prop = (other or "").partition(".")
    if not other or (want, prop) == (wish.want, wish.property):
        return None
    own = aim.feature(wish.property)
    if own is not None and not (want == "on" and aim.is_on() is False):
        return None
    on = aim.is_on()
    if on is not None and want in ("on", "off") and on == (want == "on"):
        return aim.cannot(f"{aim.name} is already {want}", near=2)
    amount = None if want in ("on", "off") else wish.amount
    return ways(replace(wish, want=want, property=prop, amount=amount), aim.device, aim.home)


# ------------------------------------------------------------------------------------ on and off


def switched(aim: Aim, *, on: bool) -> tuple[Setting, ...]:
    """Return the settings of the device's own switch; several gangs are switched together."""
    found = [feature for feature in aim.having("power") if _power_value(feature, on=on) is not None]
    if len(found) > 1:
        chosen = aim.feature("power")
        if chosen is not None and (not chosen.part or _is_named(chosen, aim)):
            found = [chosen]
    settings: list[Setting] = []
    for feature in found:
        value = _power_value(feature, on=on)
        if value is not None:
            settings.append((feature.key, value))
    return tuple(settings)


def _is_named(feature: Feature, aim: Aim) -> bool:
    return f" {feature.part.lower()}" in f" {aim.wish.text.lower()}"


def _power_value(feature: Feature, *, on: bool) -> Held | None:
    if feature.kind == "switch":
        return on
    if feature.kind in ("choice", "trigger"):
        return named(("on", "poweron", "turnon") if on else ("off", "poweroff", "turnoff"), feature.choices)
    return None


def with_power(aim: Aim, told: Told) -> Told:
    """Return settings with the device switched on first, where it is known to be off."""
    if isinstance(told, Cannot) or aim.is_on() is not False:
        return told
    first = switched(aim, on=True)
    return (*first, *(one for one in told if one not in first))


def turn_on(aim: Aim) -> Told:
    """Return how it is switched on, with the amount, colour or mode that was said with it."""
    wish = aim.wish
    if wish.title or wish.media in ("music", "radio", "podcast", "audiobook"):
        return with_power(aim, play(aim))
    if (amount := _amount_on(aim)) is not None:
        level = main_level(aim)
        told = set_level(_amounting(aim.wishing("set", level), amount))
        return told if level == "brightness" else _both(switched(aim, on=True), told)
    if wish.color or wish.kelvin is not None:
        return _both(switched(aim, on=True), set_color(aim))
    if wish.options:
        told = set_option(aim.wishing("set", "mode"))
        return _both(switched(aim, on=True), told)
    return switched(aim, on=True) or _on_otherwise(aim)


def _amount_on(aim: Aim) -> Amount | None:
    """Return what something is switched on with; "a little" is a fifth of a light or a fan."""
    amount, level = aim.wish.amount, main_level(aim)
    if amount is None or level == "power":
        return None
    if amount.relative and amount.number is None:
        return A_LITTLE if level in ("brightness", "speed", "volume") else None
    return replace(amount, relative=False)


def _amounting(aim: Aim, amount: Amount) -> Aim:
    return replace(aim, wish=replace(aim.wish, amount=amount))


def _both(first: Sequence[Setting], told: Told) -> Told:
    return told if isinstance(told, Cannot) else (*first, *told)


def _on_otherwise(aim: Aim) -> Told:
    """Return how a device without a switch is switched on."""
    if (feature := aim.feature("brightness", "number")) is not None:
        return ((feature.key, tidy((span(feature) or (0.0, 100.0))[1])),)
    if (feature := aim.feature("mode", "choice")) is not None and named(("off",), feature.choices):
        choice = named(HEATING, feature.choices)
        if choice is not None:
            return ((feature.key, choice),)
    for feature in aim.having("speed"):
        if feature.kind == "choice" and levels_of(feature):
            return ((feature.key, levels_of(feature)[0]),)
        if feature.kind == "number" and (ends := span(feature)) is not None and ends[0] == 0:
            return set_level(_amounting(aim.wishing("set", "speed"), Amount(share=0.5)))
    for prop, way in (("media", play), ("run", start), ("alarm", alarm_on)):
        if next(aim.having(prop), None) is not None:
            return way(aim)
    return aim.cannot(f"{aim.name} cannot be switched on")


def turn_off(aim: Aim) -> Told:
    """Return how it is switched off."""
    return switched(aim, on=False) or _off_otherwise(aim)


def _off_otherwise(aim: Aim) -> Told:
    """Return how a device without a switch is switched off."""
    for prop, way in (("media", _media("stop")), ("run", stop_run)):
        if next(aim.having(prop), None) is not None and not isinstance(told := way(aim), Cannot):
            return told
    for prop in ("mode", "speed"):
        feature = aim.feature(prop, "choice")
        if feature is not None and (choice := named(IDLE_MODES, feature.choices)) is not None:
            return ((feature.key, choice),)
    for prop in ("brightness", "speed"):
        feature = aim.feature(prop, "number")
        if feature is not None and (ends := span(feature)) is not None and ends[0] == 0:
            return ((feature.key, tidy(ends[0])),)
    if next(aim.having("alarm"), None) is not None:
        return alarm_off(aim)
    if next(aim.having("timer"), None) is not None:
        return timer_off(aim)
    return aim.cannot(f"{aim.name} cannot be switched off")


def toggle(aim: Aim) -> Told:
    """Return the other of on and off."""
    if told := aim.choosing("power", ("toggle",)):
        return told
    on = aim.is_on()
    if on is None:
        return aim.cannot(f"nobody knows whether {aim.name} is on")
    return turn_off(aim) if on else turn_on(aim)


def switch_function(prop: str, *, on: bool) -> Way:
    """Return the way to switch a function on or off: swing, a mode with a name of its own."""

    def way(aim: Aim) -> Told:
        feature = _function(aim, prop)
        if feature is None:
            if on and aim.wish.options:
                return set_option(aim.wishing("set", prop))
            return aim.cannot(f"{aim.name} has no {'swing' if prop == 'swing' else 'such mode'}")
        if feature.kind == "switch":
            return ((feature.key, on),)
        choice = _function_choice(aim, feature, on=on)
        if choice is None:
            return aim.cannot(f"{aim.name} has {listed(feature.choices)}", near=2)
        return ((feature.key, choice),)

    return way


def _function(aim: Aim, prop: str) -> Feature | None:
    """Return the switch that was named, or what has the function among its choices."""
    said = " ".join(aim.wish.options) or aim.wish.text
    switches = list(aim.having(prop, "switch"))
    if prop != "mode":
        return next(iter((*switches, *aim.having(prop, "choice"))), None)
    names = {feature.name or feature.key.rsplit("/")[-1]: feature for feature in switches}
    if (name := match(said, names)) is not None:
        return names[name]
    for feature in switches:
        if (feature.name or feature.key).lower().replace("_", " ") in said.lower():
            return feature
    choices = list(aim.having(prop, "choice"))
    fitting = [one for one in choices if any(match(option, one.choices) for option in aim.wish.options)]
    return next(iter(fitting or (choices if not aim.wish.options else ())), None)


def _function_choice(aim: Aim, feature: Feature, *, on: bool) -> str | None:
    if on:
        chosen = next((match(option, feature.choices) for option in aim.wish.options), None)
        moving = [choice for choice in feature.choices if choice.lower() not in ("off", "false", "none")]
        by_name = named(("on", "swing", "both", "vertical"), feature.choices)
        return chosen or by_name or (moving[0] if moving and feature.property == "swing" else None)
    return named(IDLE_MODES if feature.property == "swing" else DULL_MODES, feature.choices)


# --------------------------------------------------------------------------------------- setting


def set_level(aim: Aim) -> Told:
    """Return how a property is brought to a number, a part of its range, or a level with a name."""
    wish, prop = aim.wish, aim.wish.property
    feature = aim.feature(prop, "number") or aim.feature(prop, "choice")
    if feature is None:
        return _set_otherwise(aim)
    if feature.kind == "choice" and (choice := _said_choice(aim, feature)) is not None:
        return with_power(aim, ((feature.key, choice),))
    if wish.amount is None:
        return aim.cannot(f"what to set {aim.name} to", near=1)
    if wish.amount.relative:
        return change(aim, up=not _says_less(wish.text))
    value = told_level(feature, wish.amount, aim)
    if isinstance(value, Cannot):
        return value
    return _awake(aim, feature, ((feature.key, value),))


def _awake(aim: Aim, feature: Feature, told: tuple[Setting, ...]) -> Told:
    """Return the settings with what must be on for them to show."""
    prop = feature.property
    if prop == "temperature" and (mode := aim.feature("mode", "choice")) is not None:
        if aim.holds(mode) == "off" and (choice := named(HEATING, mode.choices)) is not None:
            return ((mode.key, choice), *told)
        return told
    return with_power(aim, told) if prop in ("temperature", "speed", "channel", "humidity") else told


def _said_choice(aim: Aim, feature: Feature) -> str | None:
    """Return the choice that the words name: "low", "turbo"."""
    for option in aim.wish.options:
        if (choice := match(option, feature.choices)) is not None:
            return choice
    words = f" {aim.wish.text.lower()} "
    found = [choice for choice in feature.choices if f" {choice.lower()} " in words and choice != "on"]
    return found[0] if len(found) == 1 else None


def _says_less(text: str) -> bool:
    less = ("lower", "less", "down", "cooler", "colder", "quieter", "dimmer", "darker", "slower", "softer")
    return any(word in less for word in text.lower().split())


def _set_otherwise(aim: Aim) -> Told:
    """Return the way to a level that the device has under another name, or why there is none."""
    wish = aim.wish
    if wish.options:
        return set_option(aim)
    if wish.property == "position":
        return set_position(aim)
    if wish.property == "level" and (prop := main_level(aim)) != "power":
        return set_level(aim.wishing("set", prop))
    names = {"level": "level", "speed": "speed", "brightness": "brightness", "channel": "channel"}
    return aim.cannot(f"{aim.name} has no {names.get(wish.property, wish.property)} to set")


def set_position(aim: Aim) -> Told:
    """Return how something is opened so far."""
    amount = aim.wish.amount
    feature = aim.feature("position", "number")
    if amount is None or feature is not None:
        return set_level(aim) if feature is not None else aim.cannot(f"how far to open {aim.name}", near=1)
    if amount.share in (0.0, 1.0):
        return move(aim, opening=amount.share == 1.0)
    if next(aim.having("position"), None) is None:
        return aim.cannot(f"{aim.name} cannot be opened or closed")
    return aim.cannot(f"{aim.name} can only be open or closed", near=2)


def set_option(aim: Aim) -> Told:
    """Return how a mode, a program or a source is chosen by its name."""
    wish = aim.wish
    if not wish.options and wish.amount is not None and wish.property not in NAMED:
        return set_level(aim)
    order = dict.fromkeys((wish.property, "mode", "program", "source", "speed"))
    if found := next((one for prop in order if (one := _option(aim, prop)) is not None), None):
        told: tuple[Setting, ...] = (found,)
        return with_power(aim, told) if wish.property in ("source", "program") else told
    features = [one for prop in (wish.property, "mode") for one in aim.having(prop, "choice") if one.choices]
    if features and not wish.options:
        return aim.cannot(f"which one: {listed(features[0].choices)}", near=1)
    if features:
        said = wish.options[0]
        return aim.cannot(f"{aim.name} has no {said}, it has {listed(features[0].choices)}", near=2)
    return aim.cannot(f"{aim.name} has no {wish.property if wish.property in NAMED else 'mode'} to choose")


def _option(aim: Aim, prop: str) -> Setting | None:
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
    return None


# --------------------------------------------------------------------------------- more and less


def raise_(aim: Aim) -> Told:
    """Return how there is more of a property."""
    return change(aim, up=True)


def lower(aim: Aim) -> Told:
    """Return how there is less of a property."""
    return change(aim, up=False)


def change(aim: Aim, *, up: bool) -> Told:
    """Return more or less of a property, counted from what the device is set to."""
    wish, prop = aim.wish, aim.wish.property
    amount = wish.amount
    if amount is not None and not amount.relative:
        return set_level(aim.wishing("set", prop))
    feature = aim.feature(prop, "number") or aim.feature(prop, "choice")
    if feature is None:
        return _change_otherwise(aim, up=up)
    if prop in ("brightness", "speed") and (told := _from_off(aim, up=up)) is not None:
        return told
    value = told_change(feature, amount, aim, up=up)
    if isinstance(value, Cannot):
        return value if value.near else _from_unknown(aim, feature, value, up=up)
    told = ((feature.key, value),)
    if prop == "volume" and up and (muted := _muted(aim)) is not None:
        return ((muted.key, False), *told)
    return _awake(aim, feature, told) if prop == "temperature" and up else told


def _from_off(aim: Aim, *, up: bool) -> Told | None:
    """Return what "brighter" means for a lamp that is off: switch it on."""
    on = aim.is_on()
    if on is False:
        return turn_on(_plain(aim)) if up else aim.cannot(f"{aim.name} is already off", near=2)
    if on is None and up:
        feature = aim.feature(aim.wish.property)
        if feature is not None and aim.holds(feature) in (None, 0) and switched(aim, on=True):
            return turn_on(_plain(aim))
    return None


def _plain(aim: Aim) -> Aim:
    return replace(aim, wish=replace(aim.wish, want="on", property="power", amount=None))


def _from_unknown(aim: Aim, feature: Feature, why: Cannot, *, up: bool) -> Told:
    """Return a sensible target where nobody knows what is set now."""
    if feature.property == "brightness" and feature.kind == "number":
        share = 1.0 if up else 0.3
        value = told_level(feature, Amount(share=share), aim)
        return value if isinstance(value, Cannot) else ((feature.key, value),)
    if feature.property == "position":
        return move(aim, opening=up)
    if feature.property == "temperature" and (now := _measured(aim)) is not None:
        value = told_level(feature, Amount(number=now + (1 if up else -1)), aim)
        return value if isinstance(value, Cannot) else ((feature.key, value),)
    return why


def _measured(aim: Aim) -> float | None:
    """Return the temperature that the device measures."""
    for feature in aim.device.features:
        if feature.property == "temperature" and not feature.settable and feature.kind == "number":
            return aim.number(feature)
    return None


def _change_otherwise(aim: Aim, *, up: bool) -> Told:
    """Return more or less of what the device only has on and off, open and closed, warm and cold."""
    prop = aim.wish.property
    if prop == "position":
        return move(aim, opening=up)
    if prop == "channel":
        return _media("next" if up else "previous")(aim)
    heats = any(word in f"{aim.device.kind} {' '.join(aim.device.types)}" for word in ("heat", "radiator"))
    plain = prop in ("brightness", "speed", "power", "air") or (prop == "temperature" and heats)
    settings = switched(aim, on=up) if plain else ()
    if not settings:
        return aim.cannot(f"{aim.name} has no {prop if prop != 'unsaid' else 'level'} to change")
    if aim.is_on() is up:
        return aim.cannot(f"{aim.name} is already {'on' if up else 'off'}", near=2)
    return settings


def change_color(aim: Aim) -> Told:
    """Return a warmer or a cooler light; "more colour" is none."""
    return set_color(aim)


def _muted(aim: Aim) -> Feature | None:
    feature = next(aim.having("volume", "switch"), None)
    return feature if feature is not None and aim.holds(feature) is True else None


def mute(*, on: bool) -> Way:
    """Return the way to take the sound away or to give it back."""

    def way(aim: Aim) -> Told:
        for feature in aim.having("volume", "switch"):
            return ((feature.key, on),)
        if told := aim.choosing("volume", ("mute", "on") if on else ("unmute", "off")):
            return told
        volume = aim.feature("volume", "number")
        if volume is None or not on:
            return aim.cannot(f"{aim.name} has nothing to mute" if on else f"{aim.name} is not muted")
        return ((volume.key, tidy((span(volume) or (0.0, 100.0))[0])),)

    return way


# ------------------------------------------------------------------------- opening, locking, media


def move(aim: Aim, *, opening: bool) -> Told:
    """Return how something is opened or closed all the way."""
    for feature in aim.having("position"):
        ends = span(feature)
        if feature.kind == "number" and ends is not None:
            return ((feature.key, tidy(ends[1] if opening else ends[0])),)
        if feature.kind == "switch":
            return ((feature.key, opening),)
    if told := aim.choosing("position", OPENING if opening else CLOSING):
        return told
    if next((one for one in aim.device.features if one.property == "position"), None) is not None:
        return aim.cannot(f"{aim.name} only tells whether it is open")
    return aim.cannot(f"{aim.name} cannot be {'opened' if opening else 'closed'}")


def open_or_close(*, opening: bool) -> Way:
    """Return the way to open or close, all the way or as far as was said."""

    def way(aim: Aim) -> Told:
        amount = aim.wish.amount
        if amount is None:
            return move(aim, opening=opening)
        if amount.relative and (amount.share is None or amount.unit == "%"):
            return change(aim.wishing("raise" if opening else "lower", "position"), up=opening)
        amount = replace(amount, relative=False)  # "up a third" is as far as that
        if not opening and amount.share is not None and " to " not in aim.wish.text:
            amount = replace(amount, share=1 - amount.share)  # "close it thirty percent" leaves seventy
        return set_position(_amounting(aim.wishing("set", "position"), amount))

    return way


def lock(*, locked: bool) -> Way:
    """Return the way to lock or unlock."""

    def way(aim: Aim) -> Told:
        for feature in aim.having("lock", "switch"):
            return ((feature.key, locked),)
        words = ("lock", "locked", "secure") if locked else ("unlock", "unlocked", "unsecure")
        if told := aim.choosing("lock", words):
            return told
        return aim.cannot(f"{aim.name} has no lock")

    return way


def _media(want: str) -> Way:
    return lambda aim: playback(aim, want)


def activity(want: str, run: Way) -> Mapping[str, Way]:
    """Return the ways of stop, pause and resume: a player's, a machine's, a cover's, an alarm's."""

    def fitting(aim: Aim) -> Told:
        has = {feature.property for feature in aim.device.features if feature.settable}
        prop = aim.wish.property
        if want == "stop" and (aim.ringing() or (prop == "alarm" and "alarm" in has)):
            return alarm_off(aim)
        order = ("media", "run") if prop == "media" else ("run", "media")
        ways_of = {"media": _media(want), "run": run}
        for name in order:
            if name in has and not isinstance(told := ways_of[name](aim), Cannot):
                return told
        if want == "stop" and "position" in has:
            return _halt(aim)
        return run(aim)

    return {"": fitting, "position": _halt if want == "stop" else fitting}


def _halt(aim: Aim) -> Told:
    """Return how something that moves is stopped where it is."""
    if told := aim.choosing("position", ("stop", "pause", "halt")):
        return told
    return stop_run(aim) if next(aim.having("run"), None) else aim.cannot(f"{aim.name} cannot be stopped")


def step_on(*, forward: bool) -> Way:
    """Return the way to the next or the previous: a title, a channel, a mode."""

    def way(aim: Aim) -> Told:
        told = playback(aim, "next" if forward else "previous")
        if not isinstance(told, Cannot):
            return told
        if (channel := aim.feature("channel", "number")) is not None:
            value = told_change(channel, None, aim, up=forward)
            return value if isinstance(value, Cannot) else ((channel.key, value),)
        for prop in ("channel", "mode", "program", "source"):
            feature = aim.feature(prop, "choice")
            if feature is not None and aim.holds(feature) in feature.choices:
                at = feature.choices.index(str(aim.holds(feature)))
                step = 1 if forward else -1
                return ((feature.key, feature.choices[(at + step) % len(feature.choices)]),)
        return told

    return way


def begin(aim: Aim) -> Told:
    """Return how a machine starts, switched on first."""
    if next(aim.having("run"), None) is None:
        if next(aim.having("media"), None) is not None and not aim.wish.options:
            return with_power(aim, play(aim))
        settings = program_only(aim)
        if isinstance(settings, Cannot):
            return settings
        told = (*(() if _is_light(aim) else switched(aim, on=True)), *settings)
        if told:
            return told
        if next(aim.having("position"), None) is not None:  # a valve that waters
            return move(aim, opening=True)
        if next(aim.having("timer"), None) is not None and aim.wish.duration_s is not None:
            return set_timer(aim)
        return aim.cannot(f"{aim.name} cannot be started")
    return with_power(aim, start(aim))


def _is_light(aim: Aim) -> bool:
    """Return whether it is a light, which has nothing to start."""
    return aim.device.kind == "light" or "light" in aim.device.types


def end(aim: Aim) -> Told:
    """Return how a machine stops; one that only has a switch is switched off."""
    told = stop_run(aim)
    if isinstance(told, Cannot) and (off := switched(aim, on=False)):
        return off
    if isinstance(told, Cannot) and next(aim.having("position"), None) is not None:
        return move(aim, opening=False) if "valve" in aim.device.kind else _halt(aim)
    return told


def begin_playing(aim: Aim) -> Told:
    """Return how something is played, switched on first."""
    return with_power(aim, play(aim))


def only(why: str) -> Way:
    """Return a way that there never is."""
    return lambda aim: aim.cannot(f"{aim.name} {why}")


def _off_media(aim: Aim) -> Told:
    told = playback(aim, "stop")
    return turn_off(aim) if isinstance(told, Cannot) else told


WAYS: Mapping[str, Mapping[str, Way]] = {
    "on": {
        "": turn_on,
        "swing": switch_function("swing", on=True),
        "mode": switch_function("mode", on=True),
        "program": set_option,
        "source": set_option,
        "alarm": alarm_on,
        "timer": set_timer,
        "media": begin_playing,
        "run": begin,
        "lock": only("cannot be switched on"),
        "position": only("cannot be switched on"),
    },
    "off": {
        "": turn_off,
        "swing": switch_function("swing", on=False),
        "mode": switch_function("mode", on=False),
        "alarm": alarm_off,
        "timer": timer_off,
        "media": _off_media,
        "run": end,
        "volume": mute(on=True),
        "lock": only("cannot be switched off"),
        "position": only("cannot be switched off"),
    },
    "toggle": {"": toggle},
    "set": {
        "": set_option,
        **dict.fromkeys(LEVELS, set_level),
        "position": set_position,
        "color": set_color,
        "timer": set_timer,
        "time_left": set_timer,
        "alarm": set_alarm,
        "media": begin_playing,
        "run": begin,
    },
    "raise": {
        "": raise_,
        "timer": shift_timer,
        "time_left": shift_timer,
        "alarm": shift_alarm,
        "color": change_color,
    },
    "lower": {
        "": lower,
        "timer": shift_timer,
        "time_left": shift_timer,
        "alarm": shift_alarm,
        "color": change_color,
    },
    "open": {"": open_or_close(opening=True)},
    "close": {"": open_or_close(opening=False)},
    "lock": {"": lock(locked=True)},
    "unlock": {"": lock(locked=False)},
    "start": {"": begin, "timer": set_timer, "alarm": set_alarm, "media": begin_playing},
    "stop": {**activity("stop", end), "timer": timer_off, "alarm": alarm_off},
    "pause": activity("pause", pause_run),
    "resume": {**activity("resume", resume_run)},
    "dock": {"": dock},
    "play": {"": begin_playing},
    "next": {"": step_on(forward=True)},
    "previous": {"": step_on(forward=False)},
    "mute": {"": mute(on=True)},
    "unmute": {"": mute(on=False)},
    "find": {"": find},
    "remove": {"": alarm_off, "timer": timer_off, "time_left": timer_off},
}
"""The ways by what is wanted, then by property; "" is for every other one."""
