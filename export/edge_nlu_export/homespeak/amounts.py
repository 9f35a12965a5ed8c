"""Say numbers, lengths of time and times of day, as people write them and as they say them."""

from __future__ import annotations

from random import Random

from edge_nlu_export.homespeak.ontology import words

_ONES = words("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
""")
_TENS = words("zero ten twenty thirty forty fifty sixty seventy eighty ninety")
_PARTS = ("in the morning", "in the evening", "in the afternoon", "at night")
_DAYS = words("monday tuesday wednesday thursday friday saturday sunday")
_NAMED = tuple(
    (before, text.strip())
    for before, texts in {
        "": "tomorrow, tomorrow morning, tonight, this evening, later, tomorrow night, this afternoon,"
        " later tonight, every morning,"
        " every evening, every night, every day, tomorrow evening, later today,"
        " first thing in the morning, every weekday,"
        " overnight, soon, this morning, tomorrow afternoon, every saturday, every other day, next week",
        "in the": "morning, evening, afternoon, night, early morning",
        "in": "a bit, a while, a moment, a minute, a little while, half an hour, an hour, a few minutes",
        "at the": "weekend",
        "after": "dinner, lunch, sunset, dark, school, work, breakfast, midnight",
        "before": "bed, dinner, sunrise, bedtime, breakfast, school, midnight",
        "during the": "night, day, week",
    }.items()
    for text in texts.split(",")
)

_VAGUE_LENGTHS = """
    half an hour, an hour, a minute, an hour and a half, half a minute, ninety seconds, a quarter of an hour,
    three quarters of an hour, a couple of minutes, a couple of hours, a few hours, a few minutes, a while,
    one and a half hours, two and a half hours, another hour, a bit longer, a week, two days, a whole hour,
    another ten minutes, a minute and a half, twenty minutes or so
    """
_LENGTHS = tuple(" ".join(length.split()) for length in _VAGUE_LENGTHS.split(","))


def in_words(number: int, *, hyphen: bool = False) -> str:
    """Return a whole number from -999 to 999 in words."""
    if number < 0:
        return "minus " + in_words(-number, hyphen=hyphen)
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + ((("-" if hyphen else " ") + _ONES[ones]) if ones else "")
    hundreds, rest = divmod(number, 100)
    return (
        _ONES[hundreds]
        + " hundred"
        + ((" and " if hyphen else " ") + in_words(rest, hyphen=hyphen) if rest else "")
    )


def number(rng: Random, value: int, *, typed: bool) -> str:
    """Return a whole number in digits or words: digits are likelier when typed."""
    if rng.random() < (0.8 if typed else 0.3):
        return str(value)
    return in_words(value, hyphen=typed and rng.random() < 0.5)


def fine_number(rng: Random, value: int, *, typed: bool) -> str:
    """Return a number that may have a half, a quarter or a decimal behind it."""
    roll = rng.random()
    if roll < 0.8:
        return number(rng, value, typed=typed)
    if rng.random() < (0.8 if typed else 0.35):
        return f"{value}.{rng.choice((5, 5, 5, 2, 7, 25, 75))}"
    if roll < 0.93:
        return in_words(value) + " " + rng.choice(("and a half", "point five", "and a half"))
    return in_words(value) + " " + rng.choice(("and a quarter", "point two", "point seven", "point eight"))


def duration(rng: Random, *, typed: bool) -> str:
    """Return a length of time."""
    roll = rng.random()
    if roll < 0.12:
        return rng.choice(_LENGTHS)
    unit = rng.choice(("minutes",) * 6 + ("seconds", "hours", "hours", "min", "minute", "hour", "days"))
    if unit in ("minute", "hour"):
        return number(rng, 1, typed=typed) + " " + unit
    top = {"minutes": 60, "min": 60, "seconds": 90, "hours": 12, "days": 7}[unit]
    value = rng.randint(2, top)
    if rng.random() < 0.6 and value > 10:
        value = value // 5 * 5
    if unit == "min" and not typed:
        unit = "minutes"
    text = number(rng, value, typed=typed)
    if roll > 0.97:
        text += " more"
    text += (" " if unit != "min" or rng.random() < 0.7 else "") + unit
    if roll > 0.94 and unit == "hours":
        text += " and " + number(rng, rng.choice((5, 10, 15, 20, 30, 45)), typed=typed) + " minutes"
    elif 0.9 < roll <= 0.94 and unit == "minutes":
        text += (
            " "
            + rng.choice(("and ", ""))
            + number(rng, rng.choice((10, 15, 20, 30, 45)), typed=typed)
            + " seconds"
        )
    return text


def clock(rng: Random, *, typed: bool) -> str:
    """Return a time of day."""
    hour, roll = rng.randint(1, 12), rng.random()
    if rng.random() < (0.75 if typed else 0.3):
        minute = rng.choice((0, 0, 0, 15, 30, 45, 20, 10, 5, 50))
        text = f"{hour}:{minute:02}" if minute or roll < 0.15 else str(hour)
        if roll < 0.3:
            text = f"{rng.randint(0, 23)}:{rng.choice((0, 15, 30, 45, 20, 5)):02}"
        elif roll < 0.75:
            text += rng.choice(
                (" am", " pm", "am", "pm", " a.m.", " p.m.") if typed else (" am", " pm", "am", "pm")
            )
    else:
        word = in_words(hour)
        if roll < 0.45:
            text = word
        elif roll < 0.6:
            text = (
                rng.choice(
                    ("half past ", "quarter past ", "quarter to ", "ten past ", "twenty to ", "five to ")
                )
                + word
            )
        elif roll < 0.8:
            text = word + " " + rng.choice(("thirty", "fifteen", "forty five", "twenty", "ten", "oh five"))
        else:
            text = word + " o'clock"
        if rng.random() < 0.25:
            text += " " + rng.choice(("am", "pm", "a m", "p m") if not typed else ("am", "pm"))
    if rng.random() < 0.1 and not text.endswith("m"):
        text += " " + rng.choice(_PARTS)
    return text


def moment(rng: Random, *, typed: bool) -> tuple[str, str]:
    """Return a preposition, possibly empty, and a point in time."""
    roll = rng.random()
    if roll < 0.3:
        text = clock(rng, typed=typed)
        if rng.random() < 0.2:
            text += " " + rng.choice(
                ("tomorrow", "tonight", "today", "tomorrow morning", "on " + rng.choice(_DAYS))
            )
        return "at", text
    if roll < 0.5:
        return "in", duration(rng, typed=typed)
    if roll < 0.6:
        return "at", rng.choice(
            (
                "sunset",
                "sunrise",
                "noon",
                "midnight",
                "dusk",
                "dawn",
                "night",
                "bedtime",
                "lunchtime",
                "dinner time",
                "midday",
            )
        )
    if roll < 0.8:
        return rng.choice(_NAMED)
    if roll < 0.9:
        return "on", rng.choice(_DAYS) + rng.choice(
            ("", " morning", " evening", " at " + clock(rng, typed=typed), " night", "s")
        )
    return rng.choice(("before", "after", "around", "by")), clock(rng, typed=typed)
