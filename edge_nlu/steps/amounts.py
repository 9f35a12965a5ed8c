"""Read numbers, parts, units and lengths of time as people say them.

"twenty one and a half", "minus ten", "one eighty" (an oven), "oh five", "2.5" and "1,5" are numbers;
"half", "maximum" and "full blast" are parts of whatever range the thing has; "an hour and a half" and
"1h30" are lengths of time. What cannot be read is None, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from math import isfinite


def _words(text: str) -> list[str]:
    return text.split()


ONES = {
    word: number
    for number, word in enumerate(
        _words("""
        zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen
        """)
    )
}
TENS = {
    word: 10 * number
    for number, word in enumerate(_words("twenty thirty forty fifty sixty seventy eighty ninety"), 2)
}
SMALL = {
    **ONES,
    **TENS,
    "oh": 0,
    "nought": 0,
    "nil": 0,
    "fourty": 40,
    "ninty": 90,
    "fivety": 50,
    "couple": 2,
    "dozen": 12,
    "first": 1,
    "second": 2,
    "fourth": 4,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
}
LARGE = {"hundred": 100.0, "thousand": 1e3, "million": 1e6}
PARTS = {
    "half": 1 / 2,
    "halves": 1 / 2,
    "third": 1 / 3,
    "thirds": 1 / 3,
    "quarter": 1 / 4,
    "quarters": 1 / 4,
    "fifth": 1 / 5,
    "fifths": 1 / 5,
    "tenth": 1 / 10,
    "tenths": 1 / 10,
    "½": 1 / 2,
    "⅓": 1 / 3,
    "⅔": 2 / 3,
    "¼": 1 / 4,
    "¾": 3 / 4,
}
ORDINALS = {"third": 3.0, "fifth": 5.0, "tenth": 10.0}

EXTREMES = {
    1.0: _words("""
        maximum max maxed full fully fullest highest top most brightest loudest hottest warmest fastest
        strongest completely entirely entire whole total wide peak
    """),
    0.8: _words("high strong bright loud fast"),
    0.5: _words("middle medium mid midway halfway moderate centre center"),
    0.2: _words("low gentle soft slow dim"),
    0.0: _words("minimum min lowest bottom least dimmest quietest coldest coolest slowest softest weakest"),
}
"""Words for a part of the range, each with its share; a low and a high setting are not the very last."""
_SHARES = {word: share for share, words in EXTREMES.items() for word in words}
_PHRASES = (("all the way", 1.0), ("half way", 0.5), ("flat out", 1.0), ("as far as it goes", 1.0))

_UNITS = {
    "°C": ("degrees celsius", "degree celsius", "celsius", "centigrade", "degrees centigrade", "°c", "c"),
    "°F": ("degrees fahrenheit", "degree fahrenheit", "fahrenheit", "°f", "f"),
    "°": ("degrees", "degree", "deg", "°"),
    "%": ("percent", "per cent", "percents", "percentage", "pct", "%", "points", "percentage points"),
    "K": ("kelvin", "kelvins", "k", "degrees kelvin"),
    "h": ("hours", "hour", "hrs", "hr", "h"),
    "min": ("minutes", "minute", "mins", "min", "m", "minits", "minit"),
    "s": ("seconds", "second", "secs", "sec", "s"),
    "cm": ("centimetres", "centimetre", "centimeters", "centimeter", "cm", "cms"),
    "mm": ("millimetres", "millimetre", "millimeters", "millimeter", "mm"),
    "m": ("metres", "metre", "meters", "meter"),
    "A": ("amps", "amp", "amperes", "ampere"),
}
MEASURES = frozenset(("cm", "mm", "m", "A"))
"""Units that only a feature counted in them can have."""
LENGTHS = {"mm": 1.0, "cm": 10.0, "m": 1000.0}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_TIME_UNITS = {
    **{word: unit for unit in ("s", "min", "h") for word in _UNITS[unit]},
    **dict.fromkeys(("days", "day"), "d"),
    **dict.fromkeys(("weeks", "week"), "w"),
}
_SMALLER = {"w": "d", "d": "h", "h": "min", "min": "s"}

_TOKEN = re.compile(
    r"\d+/\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|[½⅓⅔¼¾]|°\s?[cf]?\b|[%°]|[^\W\d_]+", re.UNICODE
)
_MINUS = re.compile(r"(?<![\w.,)])[-−–]\s?(?=[\d.])")  # noqa: RUF001 - a minus as phones type it


def tokens(words: str) -> list[str]:
    """Return the words, numbers and signs of an amount in lower case; hyphens only join words."""
    return _TOKEN.findall(_MINUS.sub(" minus ", words.lower().replace("per cent", "percent")))


@lru_cache(maxsize=2048)
def number_in(words: str) -> float | None:
    """Return the first number in some words, in digits or spelled out, or None."""
    found, _ = read_number(tokens(words))
    return found


def read_number(said: Sequence[str]) -> tuple[float | None, int]:
    """Return the first number in a list of tokens and the place after it; None when there is none."""
    for start, token in enumerate(said):
        if not _begins(said, start):
            continue
        negative = token in ("minus", "negative")
        value, end = _run(said, start + negative)
        if value is not None:
            return (-value if negative else value), end
    return None, len(said)


def _begins(said: Sequence[str], at: int) -> bool:
    token = said[at]
    after = said[at + 1] if at + 1 < len(said) else ""
    if token in ("minus", "negative", "a", "an"):
        return bool(after) and after not in ("a", "an") and _begins(said, at + 1)
    if token == "point":
        return after in ONES or after in ("oh", "nought") or after.isdecimal()
    return token[0].isdecimal() or token in SMALL or token in LARGE or token in PARTS


def _run(said: Sequence[str], at: int) -> tuple[float | None, int]:
    """Read the number that begins here: the parts up to a thousand, a million, then halves and points."""
    article = said[at] in ("a", "an")
    at += article
    if article and said[at] in ORDINALS:  # "a third" is a part, "third" alone a place in a row
        return PARTS[said[at]], at + 1
    total = 0.0
    group: float | None = None
    last = ""
    while at < len(said):
        token = said[at]
        kind, value = _kind(token)
        if kind == "digits" and group is None:
            group = value
        elif kind in ("one", "ten") and (joined := _join(group, last, kind, value)) is not None:
            group = joined
        elif token in LARGE:
            group = (1.0 if group is None else group) * LARGE[token]
            if token != "hundred":
                total, group = total + group, 0.0
        elif token == "and" and last == "large" and at + 1 < len(said) and _kind(said[at + 1])[0]:
            at += 1
            continue
        else:
            break
        last = "large" if token in LARGE else kind
        at += 1
    return _with_parts(said, at, None if group is None else total + group)


def _kind(token: str) -> tuple[str, float]:
    """Return whether a token is digits, a one (below ten), a ten (10 to 99) or nothing, and its value."""
    if token[0].isdecimal():
        return "digits", _digits(token)
    value = SMALL.get(token)
    if value is None:
        return "", 0.0
    return ("one" if value < 10 else "ten"), float(value)


def _digits(token: str) -> float:
    if "/" in token:
        over, under = (float(part) for part in token.split("/"))
        return over / under if under else float("nan")
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", token):
        return float(token.replace(",", ""))
    return float(token.replace(",", "."))


def _join(group: float | None, last: str, kind: str, value: float) -> float | None:
    """Return what a further small number makes of those before it, or None when it begins another one."""
    if group is None:
        return value
    if last == "large" or (last == "digits" and group >= 100 and group % 100 == 0):
        return group + value
    if kind == "one":
        # twenty one; one oh five and one one four are read digit by digit
        return group + value if last == "ten" and group % 10 == 0 and value else group * 10 + value
    if last in ("one", "ten") and group < 100:
        return group * 100 + value  # one eighty, nineteen eighty
    return None


def _with_parts(said: Sequence[str], at: int, value: float | None) -> tuple[float | None, int]:
    """Add what may follow a whole number: "and a half", "point five", "thirds" of it."""
    after = said[at] if at < len(said) else ""
    if after == "point":
        digits = at + 1
        while digits < len(said) and (said[digits].isdecimal() or SMALL.get(said[digits], 10) < 10):
            digits += 1
        if digits > at + 1:
            text = "".join(str(SMALL.get(word, word)) for word in said[at + 1 : digits])
            return _sane((value or 0.0) + float("0." + text)), digits
    if after in PARTS:
        if value is None:
            return (ORDINALS[after] if after in ORDINALS else PARTS[after]), at + 1
        # "21½" has a half more, "two thirds" are so many of them
        return _sane(value + PARTS[after] if not after.isalpha() else value * PARTS[after]), at + 1
    if after == "and" and value is not None:
        part = at + 1
        count = 1.0
        if part < len(said) and said[part] in ("a", "one", "three"):
            count = 3.0 if said[part] == "three" else 1.0
            part += 1
        if part < len(said) and said[part] in PARTS:
            return _sane(value + count * PARTS[said[part]]), part + 1
    return _sane(value), at


def _sane(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


@lru_cache(maxsize=2048)
def share_in(words: str) -> float | None:
    """Return the part of a range that some words name: "half", "maximum", "a third", "all the way"."""
    text = " ".join(words.lower().replace("-", " ").split())
    for phrase, share in _PHRASES:
        if phrase in text:
            return share
    said = tokens(text)
    for token in said:
        if token in _SHARES:
            return _SHARES[token]
    if any(token in PARTS or "/" in token for token in said):
        number = number_in(text)
        if number is not None and 0 < number < 1:
            return number
    return None


@lru_cache(maxsize=1024)
def unit_in(words: str) -> str:
    """Return the unit that some words name or end with, of a temperature, a time, a length, %, K, A or ""."""
    said = tokens(words)
    for length in (2, 1):
        if len(said) >= length and (unit := _UNIT_OF.get(" ".join(said[-length:]).replace("° ", "°"))):
            return unit
    return ""


@lru_cache(maxsize=1024)
def seconds_in(words: str) -> float | None:
    """Return a length of time in seconds: "25 minutes", "an hour and a half", "1h30"; None if it is none."""
    said = [token for token in tokens(words) if token not in ("more", "another", "of", "about", "or", "so")]
    units = [place for place, token in enumerate(said) if token in _TIME_UNITS and _measures(said, place)]
    if not units:
        return None
    total = 0.0
    start = 0
    for place in units:
        size = SECONDS[_TIME_UNITS[said[place]]]
        number = _how_many(said[start:place])
        if number is None or (place == start and said[place].endswith("s") and "another" not in words):
            return None
        total += number * size
        start = place + 1
    rest = _rest(said[start:], _TIME_UNITS[said[units[-1]]])
    return None if rest is None else _sane(total + rest)


def _measures(said: Sequence[str], place: int) -> bool:
    """Return whether a word stands for a unit here: not the "m" of "a m", nor the second of two hours."""
    if len(said[place]) == 1:
        return place > 0 and said[place - 1][0].isdecimal()
    return not (said[place] == "second" and place + 1 < len(said) and said[place + 1] in _TIME_UNITS)


def _how_many(said: Sequence[str]) -> float | None:
    """Return the number before a unit of time: "half an", "three quarters", "and twenty", none for one."""
    number, end = read_number(said)
    if number is not None:
        return number if all(token in ("a", "an", "the") for token in said[end:]) else None
    if "few" in said:
        return 3.0
    return 1.0 if all(token in ("a", "an", "the", "and", "whole", "full", "one") for token in said) else None


def _rest(said: Sequence[str], unit: str) -> float | None:
    """Return the seconds after the last unit: "and a half", "and twenty", "30" of 1h30."""
    after = [token for token in said if token not in ("and", "long", "please", "time")]
    if not after:
        return 0.0
    number, end = read_number(after)
    if number is None or end < len(after) or not _begins(after, 0):
        return None if any(token in SMALL or token[0].isdecimal() for token in after) else 0.0
    if any(token in PARTS for token in after):
        return number * SECONDS[unit]
    smaller = _SMALLER.get(unit)
    return number * SECONDS[smaller] if smaller else None
