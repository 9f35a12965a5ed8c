"""The ways of timers and alarms: how long, at what time, and what to do when one rings."""

from __future__ import annotations

import re
from datetime import timedelta
from math import isfinite

from edge_nlu.steps.aim import Aim, Told
from edge_nlu.steps.levels import span, tidy
from edge_nlu.values import Feature, Held

SECONDS = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "second": 1.0, "h": 3600.0, "hours": 3600.0, "ms": 0.001}
DISMISS = ("dismiss", "stop", "off", "disarm", "silence", "cancel", "ack")
CANCEL = ("cancel", "stop", "off", "clear", "reset", "dismiss")
SNOOZE = ("snooze", "later")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")


def set_timer(aim: Aim) -> Told:
    """Return how a timer is set to run so long."""
    feature = _timer(aim)
    if feature is None:
        return aim.cannot(f"{aim.name} has no timer")
    if aim.wish.duration_s is None:
        return aim.cannot(f"for how long to set the timer of {aim.name}", near=1)
    return _timer_told(aim, feature, aim.wish.duration_s)


def shift_timer(aim: Aim) -> Told:
    """Return how a timer runs longer or shorter; what rings is told to ring again later."""
    if aim.ringing():
        return snooze(aim)
    feature = _timer(aim)
    if feature is None:
        return snooze(aim) if next(aim.having("alarm"), None) else aim.cannot(f"{aim.name} has no timer")
    if aim.wish.duration_s is None:
        return aim.cannot(f"by how long to change the timer of {aim.name}", near=1)
    left = (aim.number(feature) or 0.0) * _second(feature)
    more = aim.wish.duration_s if aim.wish.want != "lower" else -aim.wish.duration_s
    return _timer_told(aim, feature, max(left + more, 0.0))


def timer_off(aim: Aim) -> Told:
    """Return how a timer is given up."""
    if aim.ringing():
        return alarm_off(aim)
    if told := aim.choosing("timer", CANCEL):
        return told
    for feature in (*aim.having("timer"), *aim.having("time_left")):
        if feature.kind == "number":
            return ((feature.key, tidy((span(feature) or (feature.low or 0.0, 0.0))[0])),)
        if feature.kind == "switch":
            return ((feature.key, False),)
        if feature.kind == "time":
            return ((feature.key, "00:00"),)
    return aim.cannot(f"{aim.name} has no timer")


def _timer(aim: Aim) -> Feature | None:
    kinds = ("number", "time")
    return aim.feature("timer", *kinds) or aim.feature("time_left", *kinds)


def _second(feature: Feature) -> float:
    """Return how many seconds the timer's unit has; without a unit it counts in minutes."""
    return SECONDS.get(feature.unit.strip().lower(), 60.0)


def _timer_told(aim: Aim, feature: Feature, seconds: float) -> Told:
    if feature.kind == "time":
        minutes = max(round(seconds / 60), 1) if isfinite(seconds) else 0
        if not 0 < minutes < 24 * 60:
            return aim.cannot(f"the timer of {aim.name} goes up to a day", near=2)
        return ((feature.key, f"{minutes // 60:02}:{minutes % 60:02}"),)
    value = seconds / _second(feature)
    if not isfinite(value):
        return aim.cannot(f"the timer of {aim.name} does not go that far", near=2)
    step = feature.step if feature.step and isfinite(feature.step) and feature.step > 0 else 1.0
    if value / step < 1e9:
        value = max(round(value / step), 1 if seconds > 0 else 0) * step
    low, high = span(feature) or (0.0, float("inf"))
    if not low <= value <= high:
        unit = {1.0: "seconds", 3600.0: "hours"}.get(_second(feature), "minutes")
        return aim.cannot(
            f"the timer of {aim.name} goes from {tidy(low):g} to {tidy(high):g} {unit}"
            if isfinite(high)
            else f"the timer of {aim.name} cannot run for that",
            near=2,
        )
    return ((feature.key, tidy(value)),)


# ----------------------------------------------------------------------------------------- alarms


def set_alarm(aim: Aim) -> Told:
    """Return how an alarm is set for a time, and switched on."""
    wish = aim.wish
    feature = _alarm_time(aim)
    if feature is None:
        return aim.cannot(f"{aim.name} has no alarm to set")
    moment = wish.moment
    if moment is None and wish.duration_s is not None:
        try:
            moment = aim.home.at + timedelta(seconds=wish.duration_s)
        except OverflowError:
            return aim.cannot(f"{aim.name} cannot be set that far ahead", near=2)
    if moment is None or wish.unread:
        return aim.cannot(f"for when to set {aim.name}", near=1)
    return ((feature.key, moment.strftime("%H:%M")), *_enabled(aim))


def alarm_on(aim: Aim) -> Told:
    """Return how an alarm is switched on, for its own time or for one that was said."""
    if aim.wish.moment is not None and _alarm_time(aim) is not None:
        return set_alarm(aim)
    for feature in aim.having("alarm", "switch"):
        return ((feature.key, True),)
    told = aim.choosing("alarm", ("on", "arm", "armed", "armaway", "enable"))
    return told or aim.cannot(f"{aim.name} has no alarm to switch on")


def alarm_off(aim: Aim) -> Told:
    """Return how an alarm that rings is stopped, or one that is set is switched off."""
    dismissed = aim.choosing("alarm", DISMISS)
    switches = tuple((feature.key, False) for feature in aim.having("alarm", "switch"))[:1]
    if told := (dismissed or switches) if aim.ringing() else (switches or dismissed):
        return told
    if next(aim.having("timer"), None) is not None:
        return timer_off(aim) if not aim.ringing() else aim.cannot(f"{aim.name} cannot be silenced")
    return aim.cannot(f"{aim.name} has no alarm")


def snooze(aim: Aim) -> Told:
    """Return how what rings is told to ring again later."""
    told = aim.choosing("alarm", SNOOZE) or aim.choosing("timer", SNOOZE)
    if told and not aim.ringing():
        return aim.cannot(f"{aim.name} does not ring")
    return told or aim.cannot(f"{aim.name} cannot ring again later")


def shift_alarm(aim: Aim) -> Told:
    """Return how an alarm rings later or earlier; one that rings is snoozed."""
    if aim.ringing():
        return snooze(aim)
    feature = _alarm_time(aim)
    if aim.wish.duration_s is None or feature is None:
        return snooze(aim)
    now = _minutes(aim.holds(feature))
    if now is None or not isfinite(aim.wish.duration_s):
        return aim.cannot(f"nobody knows what {aim.name} is set to now")
    more = round(aim.wish.duration_s / 60) * (-1 if aim.wish.want == "lower" else 1)
    there = (now + more) % (24 * 60)
    return ((feature.key, f"{there // 60:02}:{there % 60:02}"), *_enabled(aim))


def _alarm_time(aim: Aim) -> Feature | None:
    return aim.feature("alarm", "time") or next(
        (one for one in aim.having("alarm", "text") if not one.choices), None
    )


def _enabled(aim: Aim) -> tuple[tuple[str, Held], ...]:
    """Return the setting that lets the alarm ring, where it is not known to be on."""
    switch = next(aim.having("alarm", "switch"), None)
    return () if switch is None or aim.holds(switch) is True else ((switch.key, True),)


def _minutes(value: Held | None) -> int | None:
    found = _CLOCK.match(value) if isinstance(value, str) else None
    return int(found[1]) * 60 + int(found[2]) if found else None
