"""Tell which moment words like "quarter past six tomorrow morning" mean, from now on.

A clock has twelve hours and a day has twenty-four: the next such time that makes sense is meant. Somebody
who says in the evening "wake me at seven" means the morning. "half six" is half past six, as it is in
British English. What depends on anything but the clock ("sunset", "when the washing is done") is None.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from edge_nlu.steps.amounts import ONES, SMALL, number_in, read_number, seconds_in
from edge_nlu.values import frozen

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PARTS_OF_DAY = {"morning": 8, "lunchtime": 12, "afternoon": 15, "evening": 19, "tonight": 21, "night": 22}
"""The hour that a part of the day stands for when nobody says more."""

_TOKEN = re.compile(r"\d{1,2}[:.h]\d{2}(?::\d{2})?(?!\d)|\d+|[ap]\.\s?m\b\.?|[^\W\d_]+", re.UNICODE)
_CLOCK = re.compile(r"(\d{1,2})[:.h](\d{2})")
_QUIET = """
    at by for around about on in the until till before from o clock oclock sharp exactly this next coming of
    please first thing then up early late later every each daily all week s weekdays weekday weekends weekend
    now again day
    """
_SAYS_NOTHING = frozenset(_QUIET.split())
_AM_PM = re.compile(r"\b[ap]\.?\s?m\b")
_PAST = frozenset(("past", "after", "gone"))
_TO = frozenset(("to", "before", "till", "of"))


@frozen
class _Said:
    """What the words tell of a moment: each part where they name it."""

    days: int | None = None
    part: str = ""
    half: str = ""
    hour: int | None = None
    minute: int = 0
    whole_day: bool = False


def moment_in(words: str, at: datetime, *, waking: bool = False) -> datetime | None:
    """Return the next moment that some words mean, counted from `at`, or None where they mean none.

    A length of time counts from now. `waking` says that it is for an alarm, which rings in the morning unless
    something else is said. A day alone is its first moment.
    """
    try:
        wait = _wait(words)
        if wait is not None:
            return at + timedelta(seconds=wait) if wait >= 0 else None
        said = _read(words.lower(), at)
        return None if said is None else _next(said, at, waking=waking)
    except OverflowError:
        return None


def names_clock(words: str) -> bool:
    """Return whether some words name a time of day or a length of time, not just a day or a part of one."""
    if _wait(words) is not None:
        return True
    said = _read(words.lower(), datetime(2024, 1, 1, 12))  # noqa: DTZ001 - only what is named counts
    return said is not None and said.hour is not None


def _wait(words: str) -> float | None:
    words = words.lower().removeprefix("in ")
    return None if _AM_PM.search(words) else seconds_in(words)


def _read(words: str, at: datetime) -> _Said | None:
    tokens = [re.sub(r"[.\s]", "", t) if t[:1] in "ap" and "." in t else t for t in _TOKEN.findall(words)]
    said, rest = _day(tokens, at)
    said, rest = _half(said, rest)
    rest = [token for token in rest if token not in _SAYS_NOTHING or token in _TO | _PAST]
    while rest and rest[0] in _PAST | _TO:
        rest = rest[1:]
    if not rest:
        return said if said != _Said() else None
    clock = _clock(rest, at)
    if clock is None:
        return None
    hour, minute, exact = clock
    return replace(said, hour=hour, minute=minute, half="exact" if exact and not said.half else said.half)


def _day(tokens: list[str], at: datetime) -> tuple[_Said, list[str]]:
    """Take out the words for a day."""
    said = _Said()
    rest: list[str] = []
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else ""
        weekday = next(
            (number for number, day in enumerate(DAYS) if token.removesuffix("s") in (day, day[:3])), None
        )
        named = token in ("tomorrow", "tomorow", "tommorow", "tomorrows", "today") or weekday is not None
        if named and said.days is not None:
            rest = rest[:-1] if before == "and" else rest
            continue  # "tomorrow, it's saturday": the first day is the one meant
        if token in ("tomorrow", "tomorow", "tommorow", "tomorrows"):
            after_that = tokens[max(0, place - 3) : place]
            said = replace(said, days=2 if after_that[-2:] == ["day", "after"] else 1)
            if said.days == 2:
                rest = [word for word in rest if word not in ("day", "after")]
        elif token == "today":
            said = replace(said, days=0)
        elif weekday is not None and not token.isdecimal():
            if rest and rest[-1] == "and":
                rest.pop()
            ahead = (weekday - at.weekday()) % 7
            said = replace(said, days=ahead, whole_day=True)
            if before == "next" and ahead == 0:
                said = replace(said, days=7)
        else:
            rest.append(token)
    if "week" in rest and said.days is not None and "next" not in rest and "all" not in rest:
        said = replace(said, days=said.days + 7)  # "tomorrow week"
    return said, rest


def _half(said: _Said, tokens: list[str]) -> tuple[_Said, list[str]]:
    """Take out am and pm, and the part of the day."""
    rest: list[str] = []
    for place, token in enumerate(tokens):
        if token in ("am", "pm"):
            said = replace(said, half=token)
        elif token == "m" and rest and rest[-1] in ("a", "p"):
            said = replace(said, half=rest.pop() + "m")
        elif token.rstrip("s") in PARTS_OF_DAY and token != "s":
            said = replace(said, part=token.rstrip("s"))
            if "this" in tokens[:place] and said.days is None:
                said = replace(said, days=0)
        else:
            rest.append(token)
    return said, rest


def _clock(tokens: list[str], at: datetime) -> tuple[int, int, bool] | None:
    """Return hour, minute and whether all 24 hours are told apart; None where no time is said."""
    if tokens in (["noon"], ["midday"]):
        return 12, 0, True
    if tokens == ["midnight"]:
        return 0, 0, True
    if match := _CLOCK.fullmatch(tokens[0][:5]):
        hour, minute = int(match[1]), int(match[2])
        exact = hour > 12 or hour == 0 or match[1].startswith("0")
        return _valid(hour, minute, exact) if len(tokens) == 1 else None
    for place, token in enumerate(tokens):
        if token in _PAST | _TO and place:
            return _around(tokens[:place], tokens[place + 1 :], at, before=token in _TO)
    if tokens[0] == "half" and len(tokens) == 2 and (hour_said := _hour(tokens[1:])) is not None:
        return _valid(hour_said, 30, exact=False)
    return _spoken(tokens)


def _around(
    minutes: list[str], hour: list[str], at: datetime, *, before: bool
) -> tuple[int, int, bool] | None:
    """Return the time for "quarter past six", and for "quarter past" in the hour that comes next."""
    named = {"half": 30.0, "quarter": 15.0}
    words = [word for word in minutes if word not in ("a", "minutes", "minute")]
    count = named.get(words[0]) if len(words) == 1 and words[0] in named else number_in(" ".join(words))
    if count is None or not 0 < count < 60 or count != int(count):
        return None
    minute = 60 - int(count) if before else int(count)
    if not hour:
        ahead = at if at.minute < minute else at + timedelta(hours=1)
        return ahead.hour, minute, True
    if hour in (["noon"], ["midday"], ["midnight"]):
        whole = 0 if hour == ["midnight"] else 12
        return (whole - before) % 24, minute, True
    whole_hour = _hour(hour)
    if whole_hour is None:
        return None
    if before:
        exact = whole_hour > 12 or whole_hour == 0
        return _valid((whole_hour - 1) % 24 if exact else (whole_hour - 2) % 12 + 1, minute, exact)
    return _valid(whole_hour, minute, whole_hour > 12)


def _hour(tokens: list[str]) -> int | None:
    if not all(token in SMALL or token.isdecimal() for token in tokens):
        return None
    number, end = read_number(tokens)
    if number is None or end < len(tokens) or not 0 <= number <= 24:
        return None
    return int(number) if number == int(number) else None


def _spoken(tokens: list[str]) -> tuple[int, int, bool] | None:
    """Return the time for "seven", "six thirty", "ten oh five", "eighteen hundred" and "0630"."""
    first = tokens[0]
    if len(tokens) == 1 and first.isdecimal() and len(first) in (3, 4):
        return _valid(int(first[:-2]), int(first[-2:]), len(first) == 4)
    for split in range(len(tokens), 0, -1):
        hour = _hour(tokens[:split])
        if hour is None or (split == 2 and tokens[1] in (*ONES, "oh") and hour <= 9):
            continue
        minutes = tokens[split:]
        if not minutes:
            return _valid(hour, 0, hour > 12 or hour == 0)
        if minutes == ["hundred"]:
            return _valid(hour, 0, exact=True)
        minute = number_in(" ".join(minutes))
        known = all(word in SMALL or word.isdecimal() or word == "o" for word in minutes)
        if known and minute is not None and minute < 60 and minute == int(minute):
            return _valid(hour, int(minute), hour > 12)
    if tokens[1:] in (["and", "a", "half"], ["and", "half"]) and (hour := _hour(tokens[:1])) is not None:
        return _valid(hour, 30, exact=False)
    return None


def _valid(hour: int, minute: int, exact: bool) -> tuple[int, int, bool] | None:  # noqa: FBT001
    hour, exact = (0, True) if hour == 24 else (hour, exact)
    return (hour, minute, exact) if 0 <= hour < 24 and 0 <= minute < 60 else None


def _next(said: _Said, at: datetime, *, waking: bool) -> datetime | None:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if said.hour is None:
        return _day_alone(said, at, midnight)
    hours = _hours(said, at, waking=waking)
    if said.days is not None:
        found = [midnight + timedelta(days=said.days, hours=hour, minutes=said.minute) for hour in hours]
        if said.days == 0 or said.whole_day:  # "on friday" said on a friday evening is the next
            later = [moment for moment in found if moment > at]
            return later[0] if later else found[0] + timedelta(days=7 if said.whole_day else 1)
        return found[0]
    moments = (
        midnight + timedelta(days=day, hours=hour, minutes=said.minute) for day in (0, 1) for hour in hours
    )
    return min((moment for moment in moments if moment > at), default=None)


def _day_alone(said: _Said, at: datetime, midnight: datetime) -> datetime | None:
    hour = PARTS_OF_DAY.get(said.part, 0)
    found = midnight + timedelta(days=said.days or 0, hours=hour)
    if found > at:
        return found
    if said.part == "tonight" or (said.days == 0 and not said.whole_day):
        return None if said.part else found
    return found + timedelta(days=7 if said.whole_day and said.part else 0 if said.whole_day else 1)


def _hours(said: _Said, at: datetime, *, waking: bool) -> list[int]:
    """Return the hours of the day that an hour may mean, the likeliest first."""
    hour = said.hour or 0
    if said.half == "exact" or hour > 12 or (hour == 0 and not said.half):
        return [hour]
    early, late = hour % 12, hour % 12 + 12
    if said.half in ("am", "pm"):
        return [early if said.half == "am" else late]
    if said.part == "morning":
        return [early if hour != 12 else 12]
    if said.part in ("afternoon", "evening", "lunchtime"):
        return [late if hour != 12 else 12]
    if said.part in ("tonight", "night"):
        small = early < 5  # twelve to four at night come after midnight
        return [early + (24 if small and said.days is not None else 0) if small else late]
    if said.days not in (None, 0) or (said.whole_day and waking):
        return [early] if early >= 5 else [late]
    if waking and 5 <= early <= 10 and at.hour >= 12:
        return [early + (24 if said.days == 0 else 0)]
    return [early, late]
