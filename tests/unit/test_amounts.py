"""Numbers, lengths of time, moments and colours, as people say them."""

from datetime import UTC, datetime

import pytest

from edge_nlu.steps.amounts import number_in, seconds_in, share_in, unit_in
from edge_nlu.steps.colors import color_in, color_name, kelvin_in, warmth_in, white_as_color
from edge_nlu.steps.moments import moment_in, names_clock

MONDAY = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
LATE = MONDAY.replace(hour=22, minute=30)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("twenty one and a half", 21.5),
        ("twenty-one", 21),
        ("three hundred and fifty", 350),
        ("minus ten", -10),
        ("-10", -10),
        ("minus 1.5", -1.5),
        ("2.5", 2.5),
        ("1,5", 1.5),
        ("1,500", 1500),
        ("two point two five", 2.25),
        ("point five", 0.5),
        ("a hundred", 100),
        ("hundred ninety", 190),
        ("one eighty", 180),
        ("one eighty five", 185),
        ("one oh five", 105),
        ("one one four", 114),
        ("oh five", 5),
        ("nineteen eighty four", 1984),
        ("two thousand seven hundred", 2700),
        ("a third", 1 / 3),
        ("two thirds", 2 / 3),
        ("three quarters", 0.75),
        ("three and three quarters", 3.75),
        ("half", 0.5),
        ("1/2", 0.5),
        ("21½", 21.5),
        ("level three", 3),
        ("about twenty", 20),
        ("the third", 3),
        ("21st", 21),
        ("a couple of", 2),
        ("1/0", None),
        ("a bit", None),
        ("", None),
        ("minus", None),
        ("1" * 400, None),
    ],
)
def test_a_number(words: str, expected: float | None) -> None:
    assert number_in(words) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("half", 0.5),
        ("halfway", 0.5),
        ("half way", 0.5),
        ("a third", 1 / 3),
        ("three quarters", 0.75),
        ("maximum", 1),
        ("full blast", 1),
        ("all the way", 1),
        ("minimum", 0),
        ("slowest", 0),
        ("medium", 0.5),
        ("high", 0.8),
        ("low", 0.2),
        ("21", None),
        ("three", None),
    ],
)
def test_a_part_of_the_range(words: str, expected: float | None) -> None:
    assert share_in(words) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("words", "unit"),
    [
        ("degrees", "°"),
        ("degrees celsius", "°C"),
        ("°C", "°C"),
        ("degrees fahrenheit", "°F"),
        ("F", "°F"),
        ("percent", "%"),
        ("per cent", "%"),
        ("30%", "%"),
        ("21°", "°"),
        ("kelvin", "K"),
        ("minutes", "min"),
        ("lamps", ""),
    ],
)
def test_a_unit(words: str, unit: str) -> None:
    assert unit_in(words) == unit


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("twenty five minutes", 1500),
        ("25 min", 1500),
        ("5min", 300),
        ("90s", 90),
        ("half an hour", 1800),
        ("a quarter of an hour", 900),
        ("three quarters of an hour", 2700),
        ("an hour and a half", 5400),
        ("an hour and a quarter", 4500),
        ("one and a half hours", 5400),
        ("two and a half minutes", 150),
        ("1h30", 5400),
        ("1h30m", 5400),
        ("an hour and twenty", 4800),
        ("an hour and twenty minutes", 4800),
        ("one minute thirty", 90),
        ("five more minutes", 300),
        ("another ten minutes", 600),
        ("another hour", 3600),
        ("a couple of minutes", 120),
        ("fourty minutes", 2400),
        ("two days", 172800),
        ("a while", None),
        ("fifty", None),
        ("ten minutes to eight", None),
    ],
)
def test_a_length_of_time(words: str, seconds: float | None) -> None:
    assert seconds_in(words) == seconds


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("seven", "2026-03-02 19:00"),
        ("7 pm", "2026-03-02 19:00"),
        ("five a.m.", "2026-03-03 05:00"),
        ("seven a m", "2026-03-03 07:00"),
        ("quarter past six tomorrow morning", "2026-03-03 06:15"),
        ("half six", "2026-03-02 18:30"),
        ("half past six", "2026-03-02 18:30"),
        ("ten to six", "2026-03-03 05:50"),
        ("ten minutes to eight", "2026-03-02 19:50"),
        ("quarter to midnight", "2026-03-02 23:45"),
        ("twenty past", "2026-03-02 18:20"),
        ("six thirty", "2026-03-02 18:30"),
        ("seven oh five", "2026-03-02 19:05"),
        ("five and a half", "2026-03-03 05:30"),
        ("eighteen hundred", "2026-03-03 18:00"),
        ("0630", "2026-03-03 06:30"),
        ("06:15", "2026-03-03 06:15"),
        ("6:15", "2026-03-02 18:15"),
        ("noon", "2026-03-03 12:00"),
        ("midnight", "2026-03-03 00:00"),
        ("ten minutes", "2026-03-02 18:15"),
        ("in half an hour", "2026-03-02 18:35"),
        ("tonight at nine", "2026-03-02 21:00"),
        ("tonight at two", "2026-03-03 02:00"),
        ("ten at night", "2026-03-02 22:00"),
        ("two in the morning", "2026-03-03 02:00"),
        ("quarter to four this afternoon", "2026-03-03 15:45"),
        ("saturday", "2026-03-07 00:00"),
        ("Saturday at 7", "2026-03-07 07:00"),
        ("monday six o'clock", "2026-03-09 06:00"),
        ("next monday", "2026-03-09 00:00"),
        ("the day after tomorrow at eight", "2026-03-04 08:00"),
        ("tomorrow week", "2026-03-10 00:00"),
        ("tomorrow at three", "2026-03-03 15:00"),
        ("half seven every day", "2026-03-02 19:30"),
        ("this evening", "2026-03-02 19:00"),
        ("sunset", None),
        ("the washing is done", None),
        ("nobody is home at six", None),
        ("25:00", None),
        ("99", None),
        ("", None),
        ("1" * 400 + " hours", None),
        ("9" * 30 + " hours", None),
    ],
)
def test_a_moment_after_six_on_a_monday(words: str, expected: str | None) -> None:
    found = moment_in(words, MONDAY)
    assert (found.strftime("%Y-%m-%d %H:%M") if found else None) == expected


@pytest.mark.parametrize(
    ("said_at", "words", "expected"),
    [
        (LATE, "seven", "03 07:00"),
        (MONDAY, "seven", "03 07:00"),
        (MONDAY.replace(hour=14), "seven", "03 07:00"),
        (MONDAY.replace(hour=14), "three", "02 15:00"),
        (MONDAY.replace(hour=6), "seven", "02 07:00"),
        (LATE, "7 pm", "03 19:00"),
        (LATE, "ten minutes", "02 22:40"),
    ],
)
def test_an_alarm_wakes_in_the_morning(said_at: datetime, words: str, expected: str) -> None:
    found = moment_in(words, said_at, waking=True)
    assert found is not None
    assert found.strftime("%d %H:%M") == expected


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("seven", True),
        ("ten minutes", True),
        ("saturday", False),
        ("tomorrow morning", False),
        ("sunset", False),
    ],
)
def test_whether_a_clock_is_named(words: str, named: bool) -> None:  # noqa: FBT001
    assert names_clock(words) is named


@pytest.mark.parametrize(
    ("words", "color"),
    [
        ("red", "#ff0000"),
        ("Blue", "#0000ff"),
        ("dark blue", "#00008c"),
        ("bright red", "#ff0000"),
        ("reddish", "#ff0000"),
        ("navy", "#000080"),
        ("warm white", ""),
        ("cosy", ""),
        ("", ""),
    ],
)
def test_a_colour(words: str, color: str) -> None:
    assert color_in(words) == color


def test_a_shade_is_between() -> None:
    assert color_in("sky blue") not in ("", color_in("blue"))
    assert color_in("pale pink") != color_in("pink")
    assert color_name(color_in("crimson")) == "crimson"


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        ("warm white", 2500, 3000),
        ("cool white", 4500, 6500),
        ("daylight", 5000, 6500),
        ("candlelight", 1500, 2200),
        ("white", 3500, 4500),
        ("warm white light", 2500, 3000),
    ],
)
def test_a_white(words: str, low: float, high: float) -> None:
    found = kelvin_in(words)
    assert found is not None
    assert low <= found <= high


def test_a_colour_is_no_white() -> None:
    assert kelvin_in("blue") is None


def test_warmer_and_cooler() -> None:
    warmer, cooler = warmth_in("a bit warmer"), warmth_in("cooler")
    assert warmer is not None
    assert cooler is not None
    assert warmer < 0 < cooler
    assert warmth_in("red") is None


def test_a_warm_white_as_a_colour_is_redder_than_a_cool_one() -> None:
    warm, cool = white_as_color(2200), white_as_color(6500)
    assert int(warm[5:], 16) < int(cool[5:], 16)
