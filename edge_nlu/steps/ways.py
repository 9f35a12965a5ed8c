"""Tell what a device would be told for a wish, or why it cannot be.

Nothing here knows a device: only features, by what they are about and by their kind. The same wish has
many ways, since things are built differently: "off" is a switch, a thermostat's mode, a player's stop, an
alarm's dismiss. `WAYS` lists them by what is wanted; each way is a function from an aim to settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from edge_nlu.interfaces import Home
from edge_nlu.steps.aim import Aim, Told
from edge_nlu.steps.clocks import (
    alarm_off,
    alarm_on,
    set_alarm,
    set_timer,
    shift_alarm,
    shift_timer,
    timer_off,
)
from edge_nlu.steps.levels import told_change
from edge_nlu.steps.lights import set_color
from edge_nlu.steps.machines import (
    begin,
    dock,
    find,
    pause_run,
    pause_timer,
    resume_run,
    resume_timer,
    stop_run,
)
from edge_nlu.steps.media import play, playback
from edge_nlu.steps.openings import halt, lock, move, unlock
from edge_nlu.steps.options import NAMED, function_off, function_on, function_toggle, option_of, set_option
from edge_nlu.steps.power import switched, with_power
from edge_nlu.steps.setting import close, less, more, mute, open_, set_any, set_level, set_position, unmute
from edge_nlu.steps.switching import set_power, stop_media, toggle, toggle_position, turn_off, turn_on
from edge_nlu.values import Cannot, Device, Held, Wish

Way: TypeAlias = Callable[[Aim], Told]

LEVELS = ("brightness", "volume", "temperature", "speed", "humidity", "channel", "level")
FIXED = {
    "open": "position",
    "close": "position",
    "lock": "lock",
    "unlock": "lock",
    "play": "media",
    "mute": "volume",
    "unmute": "volume",
    "dock": "run",
    "find": "place",
}
"""What wishes are about that can only be about one thing."""


def ways(wish: Wish, device: Device, home: Home) -> tuple[tuple[str, Held], ...] | Cannot:
    """Return what the device's features would be told, in order, or why it cannot do what is wished.

    `near` of a `Cannot` is 1 where only a choice is missing that habit or a question can fill in, 2 where the
    device can do it but not to that value.
    """
    aim = Aim(wish, device, home, home.appliance(device.kind) if device.kind else None)
    table = WAYS.get(wish.want)
    if table is None:
        return aim.cannot(f"{aim.name} cannot be told that")
    aim = aim.wishing(wish.want, meant(aim))
    served = _served(aim)
    return served if served is not None else table.get(aim.wish.property, table[""])(aim)


def meant(aim: Aim) -> str:
    """Return the property that is meant where the words did not say: what the device has or is doing."""
    wish = aim.wish
    if wish.property != "unsaid":
        return wish.property
    if wish.want in ("raise", "lower", "set"):
        return _level_meant(aim)
    if wish.want in ("stop", "pause", "resume", "start", "next", "previous"):
        return _activity_meant(aim)
    return "alarm" if wish.want == "off" and aim.ringing() else FIXED.get(wish.want, "power")


def _level_meant(aim: Aim) -> str:
    wish, amount = aim.wish, aim.wish.amount
    unit = amount.unit if amount is not None else ""
    if unit in ("°", "°C", "°F"):
        return "temperature"
    if wish.color or wish.kelvin is not None or unit == "K":
        return "color"
    if aim.ringing():
        return "alarm"
    if wish.options or (amount is not None and amount.share is not None and unit == ""):
        chosen = next((prop for prop in NAMED if option_of(aim, prop) is not None), "")
        if chosen or wish.options:
            return chosen or "mode"
    if wish.title or (wish.media and wish.want == "set"):
        return "media"
    if amount is None and wish.want == "set":
        said = (prop for prop in ("mode", "program", "source", "run") if option_of(aim, prop) is not None)
        if chosen := next(said, ""):
            return chosen
    if wish.duration_s is not None and amount is None:
        return "timer"
    if wish.moment is not None and amount is None:
        return "alarm"
    return aim.main_level()


def _activity_meant(aim: Aim) -> str:
    """Return what a bare "stop" or "pause" is about: what rings, plays or runs, else what there is."""
    if aim.ringing():
        return "alarm"
    starts = aim.wish.want == "start"
    if aim.playback() in ("play", "pause") and not starts:
        return "media"
    has = {feature.property for feature in aim.device.features if feature.settable}
    if aim.status() and "run" in has:
        return "run"
    order = ("run", "media", "position", "timer") if starts else ("media", "run", "position", "timer")
    return next((prop for prop in order if prop in has), "run")


def _served(aim: Aim) -> Told | None:
    """Return the way by which the device's kind serves the wish, where it has none of its own."""
    wish = aim.wish
    wished = f"{wish.want}.{wish.property}"
    serves = aim.appliance.serves if aim.appliance else ()
    want, _, prop = next((done for served, done in serves if served == wished), "").partition(".")
    if not want or (want, prop) == (wish.want, wish.property):
        return None
    on = aim.is_on()
    if aim.feature(wish.property) is not None and not (want == "on" and on is False):
        return None
    if on is not None and want in ("on", "off") and on == (want == "on"):
        return aim.cannot(f"{aim.name} is already {want}", near=2)
    amount = None if want in ("on", "off") else wish.amount
    return ways(replace(wish, want=want, property=prop, amount=amount), aim.device, aim.home)


# ------------------------------------------------------------------ what plays, runs, moves, rings


def activity(want: str, run: Way) -> Way:
    """Return the way to stop, pause or resume whatever of it the device does."""

    def way(aim: Aim) -> Told:
        has = {feature.property for feature in aim.device.features if feature.settable}
        if want == "stop" and aim.ringing():
            return alarm_off(aim)
        how: dict[str, Way] = {"run": run, "media": lambda aim: playback(aim, want)}
        for prop in ("media", "run") if aim.wish.property == "media" else ("run", "media"):
            if prop in has and not isinstance(told := how[prop](aim), Cannot):
                return told
        return halt(aim) if want == "stop" and "position" in has else run(aim)

    return way


def stop(aim: Aim) -> Told:
    """Return how a machine stops; one that only has a switch is switched off, a valve is closed."""
    told = stop_run(aim)
    if not isinstance(told, Cannot):
        return told
    if next(aim.having("position"), None) is not None:
        return move(aim, opening=False) if aim.is_a("valve", "sprinkler", "irrigation") else halt(aim)
    return switched(aim, on=False) or told


def start_playing(aim: Aim) -> Told:
    """Return how something is played, switched on first."""
    return with_power(aim, play(aim))


def following(want: str) -> Way:
    """Return the way to the next or the previous: a title, a channel, a mode."""

    def way(aim: Aim) -> Told:
        prop = aim.wish.property
        told = playback(aim, want)
        if not isinstance(told, Cannot) and prop not in ("mode", "program", "source", "channel"):
            return told
        if (channel := aim.feature("channel", "number")) is not None:
            value = told_change(channel, None, aim, up=want == "next")
            return value if isinstance(value, Cannot) else ((channel.key, value),)
        for other in dict.fromkeys((prop, "channel", "mode", "program", "source")):
            feature = aim.feature(other, "choice")
            now = aim.holds(feature) if feature is not None else None
            if feature is not None and isinstance(now, str) and now in feature.choices:
                there = feature.choices.index(now) + (1 if want == "next" else -1)
                return ((feature.key, feature.choices[there % len(feature.choices)]),)
        return told

    return way


def only(why: str) -> Way:
    """Return a way that there never is."""
    return lambda aim: aim.cannot(f"{aim.name} {why}")


TIMES: Mapping[str, Way] = {"timer": shift_timer, "time_left": shift_timer, "alarm": shift_alarm}

WAYS: Mapping[str, Mapping[str, Way]] = {
    "on": {
        "": turn_on,
        "swing": function_on,
        "mode": function_on,
        "program": set_option,
        "source": set_option,
        "alarm": alarm_on,
        "timer": set_timer,
        "media": start_playing,
        "run": begin,
        "volume": unmute,
        "lock": only("cannot be switched on"),
        "position": only("cannot be switched on"),
    },
    "off": {
        "": turn_off,
        "swing": function_off,
        "mode": function_off,
        "alarm": alarm_off,
        "timer": timer_off,
        "media": stop_media,
        "run": stop,
        "volume": mute,
        "lock": only("cannot be switched off"),
        "position": only("cannot be switched off"),
    },
    "toggle": {
        "": toggle,
        "swing": function_toggle,
        "mode": function_toggle,
        "position": toggle_position,
    },
    "set": {
        "": set_any,
        **dict.fromkeys(LEVELS, set_level),
        "power": set_power,
        "position": set_position,
        "color": set_color,
        "timer": set_timer,
        "time_left": set_timer,
        "alarm": set_alarm,
        "media": start_playing,
        "run": begin,
    },
    "raise": {"": more, "color": set_color, **TIMES},
    "lower": {"": less, "color": set_color, **TIMES},
    "open": {"": open_},
    "close": {"": close},
    "lock": {"": lock},
    "unlock": {"": unlock},
    "start": {"": begin, "timer": set_timer, "alarm": set_alarm, "media": start_playing},
    "stop": {"": activity("stop", stop), "position": halt, "timer": timer_off, "alarm": alarm_off},
    "pause": {"": activity("pause", pause_run), "timer": pause_timer},
    "resume": {"": activity("resume", resume_run), "timer": resume_timer},
    "dock": {"": dock},
    "play": {"": start_playing},
    "next": {"": following("next")},
    "previous": {"": following("previous")},
    "mute": {"": mute},
    "unmute": {"": unmute},
    "find": {"": find},
    "remove": {"": alarm_off, "timer": timer_off, "time_left": timer_off},
}
"""The ways by what is wanted, then by property; "" is for every other one."""
