"""Answer what goes on: how long machines still take, timers, alarms, and what plays where.

Of several machines each is told with its time. A display that still shows minutes while its machine is
done says nothing; a player that was switched off plays nothing, whatever it played last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from edge_nlu.steps.called import name_of
from edge_nlu.steps.english import clock, clock_of, joined, lasting
from edge_nlu.steps.players import Playing, played
from edge_nlu.steps.question import Question, not_told, reachable, unreachable
from edge_nlu.steps.readings import about, held, lasting_seconds, seconds_left, since
from edge_nlu.steps.states import state
from edge_nlu.values import Device

MANY = 6

# ------------------------------------------------------------------------------------ how long


def time_left(question: Question) -> str:
    """Return how long it still takes: "34 minutes left on the tumble dryer"."""
    home = question.home
    online, lost = reachable(question.devices, home)
    if not online:
        return unreachable(lost, home)
    left = [
        (device, seconds)
        for device in online
        if (seconds := _left(device, question)) is not None and seconds > 0
    ]
    if left:
        by_then = _by_then(question, left)
        return by_then or _spans(question, left)
    timers = [device for device in online if _timer_left(device, question)]
    if timers:
        return timer(question)
    return joined([_no_time(device, question) for device in online[:3]])


def _left(device: Device, question: Question) -> float | None:
    """Return the seconds left; a machine that does nothing has none, whatever its display shows."""
    now = state(device, "run", question.home)
    if now is not None and now.word in ("done", "idle"):
        return None
    return seconds_left(device, question.home)


def _spans(question: Question, left: Sequence[tuple[Device, float]]) -> str:
    home = question.home
    if question.shape == "when" and len(left) == 1:
        device, seconds = left[0]
        at = clock(home.at + timedelta(seconds=seconds))
        return f"{name_of(device, home)} will be done in {lasting(seconds)}, at {at}"
    first, *others = left[:MANY]
    said = [f"{lasting(first[1])} left on {name_of(first[0], home)}"]
    said += [f"{lasting(seconds)} on {name_of(device, home)}" for device, seconds in others]
    return joined(said)


def _by_then(question: Question, left: Sequence[tuple[Device, float]]) -> str:
    """Return whether it is done by the time asked about, "" where none is."""
    moment = question.wish.moment
    if moment is None or question.shape != "whether" or len(left) != 1:
        return ""
    in_time = question.home.at + timedelta(seconds=left[0][1]) <= moment
    return f"{'yes' if in_time else 'no'}, {_spans(question, left)}"


def _no_time(device: Device, question: Question) -> str:
    name = name_of(device, question.home)
    now = state(device, "run", question.home)
    if now is None:
        return not_told([device], "time_left", question)
    if now.word == "running":
        return f"{name} is running, but does not say for how long"
    if now.word == "":
        return f"I don't know yet what {name} is doing"
    if now.word == "idle":
        return f"{name} is not running"
    return f"{name} is {'done' if now.word == 'done' else now.raw or now.word}"


def timer(question: Question) -> str:
    """Return what timers there are."""
    home = question.home
    online, lost = reachable(question.devices, home)
    if lost and not online:
        return unreachable(lost, home)
    running = [(device, words) for device in online if (words := _timer_left(device, question))]
    whether = question.shape == "whether"
    if running:
        said = joined([f"{words} on {_timer_name(device, question)}" for device, words in running[:MANY]])
        if question.shape == "count":
            return f"{len(running)}: {said}"
        return f"{'yes, ' if whether else ''}{said}"
    if online and not any(about(device, "timer") for device in online):
        return not_told(online, "timer", question)
    return f"{'no, ' if whether else ''}no timer is running"


def _timer_name(device: Device, question: Question) -> str:
    name = name_of(device, question.home)
    return name if "timer" in name else f"{name}'s timer"


def _timer_left(device: Device, question: Question) -> str:
    """Return what is left of a device's timer in words, "" where none runs."""
    home = question.home
    features = about(device, "timer")
    if any(held(device, feature, home) is False for feature in features if "ring" not in feature.key.lower()):
        return ""
    for feature in sorted(features, key=lambda f: f.settable):
        seconds = lasting_seconds(held(device, feature, home), feature, home)
        if seconds is None or seconds <= 0:
            continue
        if feature.settable and feature.kind == "number":
            # a timer that was set runs down, though the device may only tell what it was set to
            began = since(device, feature, home)
            gone = (home.at - began).total_seconds() if began is not None else 0.0
            if 0 < gone < seconds and gone >= 90:
                return f"about {lasting(seconds - gone)}"
            if gone >= seconds:
                continue
        return lasting(seconds)
    return ""


def alarm(question: Question) -> str:
    """Return when alarms are set: "your alarm is set for 6:30"."""
    home = question.home
    online, lost = reachable(question.devices, home)
    if lost and not online:
        return unreachable(lost, home)
    whether = question.shape == "whether"
    known = [device for device in online if about(device, "alarm")]
    if not known:
        return not_told(online, "alarm", question)
    if any(_rings(device, question) for device in known):
        return f"{'yes, ' if whether else ''}your alarm is ringing"
    times = [time for device in known for time in _alarm_times(device, question)]
    if times:
        several = len(times) > 1
        words = f"your alarm{'s' if several else ''} {'are' if several else 'is'} set for {joined(times)}"
        return f"{'yes, ' if whether else ''}{words}"
    if any(_is_off(device, question) for device in known):
        return f"{'no, ' if whether else ''}no alarm is set"
    return "I don't know yet when your alarm is set"


def _rings(device: Device, question: Question) -> bool:
    return any(
        held(device, f, question.home) in (True, "ringing", "triggered")
        for f in about(device, "alarm")
        if not f.settable and f.kind in ("switch", "choice", "text") and "enable" not in f.key.lower()
    )


def _is_off(device: Device, question: Question) -> bool:
    return any(
        held(device, f, question.home) in (False, "off", "disabled")
        for f in about(device, "alarm")
        if f.kind in ("switch", "choice") and (f.settable or "enable" in f.key.lower())
    )


def _alarm_times(device: Device, question: Question) -> list[str]:
    if _is_off(device, question):
        return []
    return [
        clock_of(value)
        for feature in about(device, "alarm")
        if isinstance(value := held(device, feature, question.home), str)
        and re.match(r"\d{1,2}:\d{2}", value)
    ]


# --------------------------------------------------------------------------------- what plays


def media(question: Question) -> str:
    """Return what plays and where."""
    home = question.home
    online, lost = reachable(question.devices, home)
    if lost and not online:
        return unreachable(lost, home)
    players = [(device, now) for device in online if (now := played(device, home)) is not None]
    if not players:
        return not_told(online, "media", question)
    whether = question.shape == "whether"
    playing = [(device, now) for device, now in players if now.word == "playing"]
    if playing:
        said = joined([_plays(device, now, question) for device, now in playing[:MANY]])
        return f"{_is_it(playing, question) if whether else ''}{said}"
    paused = [(device, now) for device, now in players if now.word == "paused"]
    if paused:
        said = joined([_plays(device, now, question) for device, now in paused[:3]])
        return f"{'no, ' if whether and not question.says('paused') else 'yes, ' if whether else ''}{said}"
    if all(not now.word for _, now in players):
        return f"I don't know yet what {name_of(players[0][0], home)} plays"
    return f"{'no, ' if whether else ''}nothing is playing {_where(question)}".strip()


def _is_it(playing: Sequence[tuple[Device, Playing]], question: Question) -> str:
    """Return yes where something plays; where a title was asked about, only if it is that."""
    asked = question.wish.title.lower()
    hit = not asked or any(asked in f"{now.title} {now.kind}".lower() for _, now in playing)
    return "yes, " if hit else "no, "


def _where(question: Question) -> str:
    if question.place:
        return question.place
    named = question.wish.names_a_thing()
    return f"on {name_of(question.devices[0], question.home)}" if named and len(question.devices) == 1 else ""


def _plays(device: Device, now: Playing, question: Question) -> str:
    on = f"on {name_of(device, question.home)}"
    what = now.title or {"radio": "the radio", "news": "the news"}.get(now.kind, now.kind)
    if not what:
        return f"{name_of(device, question.home)} is {now.word}"
    if now.word == "paused":
        return f"{what} is paused {on}"
    return f"{what} is playing {on}"
