"""Put numbers, times, places and lists into English words.

Numbers are spoken as the device gave them ("20.5", "176", "-3.2"), units as words ("degrees"). Whether
it is "in the kitchen", "on the landing", "in Mia's room" or just "outside" is decided here, and nothing
that depends on what is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from math import isfinite

from edge_nlu.interfaces import Home


def set_of(words: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(words.split())


_UNITS = {
    "°": ("degree", "degrees"),
    "°c": ("degree", "degrees"),
    "°f": ("degree", "degrees"),
    "c": ("degree", "degrees"),
    "f": ("degree", "degrees"),
    "℃": ("degree", "degrees"),
    "℉": ("degree", "degrees"),
    "celsius": ("degree", "degrees"),
    "fahrenheit": ("degree", "degrees"),
    "%": ("percent", "percent"),
    "percent": ("percent", "percent"),
    "% rh": ("percent", "percent"),
    "s": ("second", "seconds"),
    "sec": ("second", "seconds"),
    "seconds": ("second", "seconds"),
    "min": ("minute", "minutes"),
    "m": ("metre", "metres"),
    "minutes": ("minute", "minutes"),
    "h": ("hour", "hours"),
    "hours": ("hour", "hours"),
    "d": ("day", "days"),
    "lx": ("lux", "lux"),
    "w": ("watt", "watts"),
    "kw": ("kilowatt", "kilowatts"),
    "wh": ("watt hour", "watt hours"),
    "kwh": ("kilowatt hour", "kilowatt hours"),
    "mwh": ("megawatt hour", "megawatt hours"),
    "v": ("volt", "volts"),
    "mv": ("millivolt", "millivolts"),
    "a": ("amp", "amps"),
    "ma": ("milliamp", "milliamps"),
    "va": ("volt-ampere", "volt-amperes"),
    "hz": ("hertz", "hertz"),
    "k": ("kelvin", "kelvin"),
    "db": ("decibel", "decibels"),
    "ppm": ("part per million", "parts per million"),
    "ppb": ("part per billion", "parts per billion"),
    "µg/m³": ("microgram per cubic metre", "micrograms per cubic metre"),
    "μg/m³": ("microgram per cubic metre", "micrograms per cubic metre"),
    "ug/m3": ("microgram per cubic metre", "micrograms per cubic metre"),
    "mg/m³": ("milligram per cubic metre", "milligrams per cubic metre"),
    "bq/m³": ("becquerel per cubic metre", "becquerels per cubic metre"),
    "l": ("litre", "litres"),
    "ml": ("millilitre", "millilitres"),
    "m³": ("cubic metre", "cubic metres"),
    "m3": ("cubic metre", "cubic metres"),
    "l/min": ("litre a minute", "litres a minute"),
    "g": ("gram", "grams"),
    "kg": ("kilogram", "kilograms"),
    "mm": ("millimetre", "millimetres"),
    "cm": ("centimetre", "centimetres"),
    "hpa": ("hectopascal", "hectopascals"),
    "bar": ("bar", "bar"),
    "rpm": ("turn a minute", "turns a minute"),
    "eur": ("euro", "euros"),
    "€": ("euro", "euros"),
    "usd": ("dollar", "dollars"),
    "$": ("dollar", "dollars"),
    "gbp": ("pound", "pounds"),
    "£": ("pound", "pounds"),
}
# places that are said without "in the"
_ADVERBS = set_of("""
    here there outside inside outdoors indoors upstairs downstairs everywhere anywhere overhead underneath
    """)
_ON = set_of("""
    landing stairs staircase terrace patio balcony porch veranda deck drive driveway roof lawn decking floor
    """)
_PREPOSITIONS = set_of("in on at under behind by beside above below next near inside outside around over")
# a whole home as a place adds nothing to an answer
WHOLE = set_of("house home flat apartment everywhere anywhere building place")
_COLORS = {
    "red": (255, 0, 0),
    "orange": (255, 128, 0),
    "yellow": (255, 230, 0),
    "green": (0, 255, 0),
    "turquoise": (0, 230, 210),
    "light blue": (110, 190, 255),
    "blue": (0, 0, 255),
    "purple": (170, 0, 255),
    "pink": (255, 100, 190),
    "warm white": (255, 200, 140),
    "white": (255, 255, 255),
}


def number(value: float) -> str:
    """Return a number in digits, with at most two after the point."""
    if not isfinite(value):
        return "an unknown number of"
    rounded = round(float(value), 2)
    if rounded == int(rounded):
        return str(int(rounded))
    return f"{rounded:.2f}".rstrip("0")


def unit_word(unit: str, value: float = 2.0) -> str:
    """Return a unit in words; one that is not known is said as it is written."""
    words = _UNITS.get(unit.strip().lower())
    if words is None:
        return unit.strip()
    return words[0] if value == 1 else words[1]


def amount(value: float, unit: str = "") -> str:
    """Return a number with its unit in words: "20.5 degrees"."""
    return f"{number(value)} {unit_word(unit, value)}".strip()


def joined(parts: Sequence[str], last: str = "and") -> str:
    """Return parts as a list: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def are(names: Sequence[str]) -> str:
    """Return "is" or "are" for what is named."""
    return "are" if len(names) > 1 or is_plural(names[0]) else "is"


def told(states: Sequence[tuple[str, str]]) -> str:
    """Return what is what, those alike together: "the spots and the lamp are off and the fan is on"."""
    alike: dict[str, list[str]] = {}
    for name, words in states:
        alike.setdefault(words, []).append(name)
    parts = [f"{joined(names)} {are(names)} {words}" for words, names in alike.items()]
    return "; ".join(parts) if any(", " in part for part in parts) else joined(parts)


def sentence(words: str) -> str:
    """Return words as a sentence: a capital at its start and a full stop at its end."""
    words = " ".join(words.split())
    if not words:
        return ""
    return words[0].upper() + words[1:] + ("" if words[-1] in ".?" else ".")


def lasting(seconds: float) -> str:
    """Return a length of time: "45 seconds", "34 minutes", "1 hour and 5 minutes"."""
    if seconds < 90:
        return amount(round(seconds), "s") if seconds != 60 else "1 minute"
    minutes = round(seconds / 60)
    if minutes < 90:
        return amount(minutes, "min")
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return amount(round(hours / 24), "d")
    return joined([amount(hours, "h"), *([amount(rest, "min")] if rest else [])])


def age(since: datetime, now: datetime) -> str:
    """Return how long ago something was, in round words."""
    hours = (now - since).total_seconds() / 3600
    if hours >= 48:
        return f"{round(hours / 24)} days ago"
    return f"{amount(round(hours), 'h')} ago" if hours >= 1.5 else "a while ago"


def clock(at: datetime) -> str:
    """Return a time of day as it is said: "6:30"."""
    return f"{at.hour}:{at.minute:02d}"


def clock_of(text: str) -> str:
    """Return a time of day that a device holds as it is said: "6:30" for "06:30:00"."""
    match = re.match(r"(\d{1,2}):(\d{2})", text.strip())
    return f"{int(match[1])}:{match[2]}" if match else text.strip()


@lru_cache(maxsize=4096)
def readable(word: str) -> str:
    """Return what a device says as people would: "extra dry" for "extra_dry"."""
    return " ".join(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word).replace("_", " ").replace("-", " ").split())


def singular(word: str) -> str:
    """Return words with the last in its singular, as it is said."""
    if re.search(r"(sses|shes|ches|xes)$", word):
        return word[:-2]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and re.search(r"[^su]s$", word) else word


def plural(words: str) -> str:
    """Return words with the last in its plural."""
    if is_plural(words):
        return words
    if re.search(r"(s|sh|ch|x)$", words):
        return words + "es"
    return words[:-1] + "ies" if re.search(r"[^aeiou]y$", words) else words + "s"


def is_plural(words: str) -> bool:
    """Return whether words name several things."""
    last = words.split()[-1].lower() if words.split() else ""
    return singular(last) != last and not last.endswith(
        ("'s", "is", "us", "ics", "news", "glass", "gas", "bus")
    )


def article(words: str) -> str:
    """Return words with "a" or "an" before them."""
    return f"{'an' if re.match(r'(?!uni|use|one|eu)[aeiou]', words.lower()) else 'a'} {words}"


def room_words(room: str, home: Home) -> str:
    """Return what a room is called, by its id."""
    known = home.room(room)
    return readable(known.words[0] if known and known.words else room)


def in_room(room: str, home: Home) -> str:
    """Return where a room's things are: "in the kitchen", "outside"; "" where nobody knows."""
    return in_place(room_words(room, home)) if room else ""


def in_place(place: str) -> str:
    """Return words that somebody used for a place as where it is: "in the study", "upstairs"."""
    words = place.replace("\u2019", "'").strip()
    said = words.lower().split()
    if not said or words.lower() in ("whole house", "whole home"):
        return ""
    if said[0] in _PREPOSITIONS or said[-1] in _ADVERBS:
        return words
    if said[0] in ("my", "our"):
        return " ".join(["in your", *words.split()[1:]])
    on = "on" if said[-1] in _ON else "in"
    return f"{on} {with_the(words)}"


def with_the(words: str) -> str:
    """Return words with "the", or without it after somebody's name or "my"."""
    first = words.split()[0] if words.split() else ""
    kind_of = first.lower().removesuffix("'s").removesuffix("'")
    if first.lower() in ("the", "a", "an", "your", "my", "our"):
        return words
    owned = first.endswith(("'s", "s'")) and kind_of not in _OWNERS
    return words if owned else f"the {words}"


_OWNERS = set_of("kids kid children child boys girls baby guest guests parents dog cat men women")


def color_word(color: str) -> str:
    """Return the plain name of the colour that `#rrggbb` comes closest to."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
        return readable(color)
    parts = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    top = max(parts) or 1
    bright = [255 * part / top for part in parts]

    def off(name: str) -> float:
        return sum((mine - its) ** 2 for mine, its in zip(bright, _COLORS[name], strict=True))

    return min(_COLORS, key=off)


def white_word(kelvin: float) -> str:
    """Return what a white of so many kelvin is called."""
    return next(
        (
            name
            for most, name in ((2300, "very warm white"), (3300, "warm white"), (4700, "white"))
            if kelvin < most
        ),
        "cool white",
    )
