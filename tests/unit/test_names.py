"""People name things by their own names, by what they are, and by where they stand."""

from datetime import UTC, datetime

import pytest

from edge_nlu.steps.names import doing, fit, is_called, is_named, is_plural, names_kind_only, words_in
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext, HomeNow
from edge_nlu.storage.layout import Layout
from edge_nlu.values import Device, Feature, Found

NOW = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
POWER = Feature("state", "switch", "power", settable=True)
BRIGHT = Feature("brightness", "number", "brightness", settable=True, low=0, high=254)
TIMER = Feature("timer", "number", "timer", "timer", settable=True, unit="min", low=0, high=600)


def a_home() -> HomeNow:
    """Return a home with a few things whose names share words."""
    context = HomeContext(appliance_profiles(), Layout(names={"reading": "Lucy"}))
    for own, name, room, types, *features in (
        ("spots", "kitchen spots", "kitchen", "light", POWER, BRIGHT),
        ("island", "kitchen island light", "kitchen", "light", POWER, BRIGHT),
        ("reading", "reading lamp", "living_room", "light", POWER, BRIGHT),
        ("telly", "TV", "living_room", "television", POWER),
        ("washer", "washing machine", "bathroom", "washing-machine", POWER),
        ("garage", "garage door", "garage", "garage-door", POWER),
        ("oven", "oven", "kitchen", "oven", POWER, TIMER),
    ):
        context.apply(Found(Device(own, name, tuple(features), (types,), (own,), room)), NOW)
    return context.snapshot(NOW)


HOME = a_home()


def of(own: str) -> Device:
    device = HOME.device(own)
    assert device is not None
    return device


@pytest.mark.parametrize(
    ("verb", "going_on"),
    [("brew", "brewing"), ("bake", "baking"), ("mop", "mopping"), ("dry", "drying"), ("free", "freeing")],
)
def test_a_verb_as_it_goes_on(verb: str, going_on: str) -> None:
    assert doing(verb) == going_on


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Kitchen Spots", ("kitchen", "spot")),
        ("the kids' room", ("kid", "room")),
        ("Mia\u2019s lamp", ("mia", "lamp")),
        ("batteries", ("battery",)),
        ("both switches", ("both", "switch")),
        ("gas glass bus", ("gas", "glass", "bus")),
        ("the one of my", ()),
        ("", ()),
    ],
)
def test_words_are_compared_in_the_singular(text: str, words: tuple[str, ...]) -> None:
    assert words_in(text) == words


@pytest.mark.parametrize(
    ("thing", "several"), [("lights", True), ("kitchen spots", True), ("glass", False), ("", False)]
)
def test_whether_several_are_named(thing: str, several: bool) -> None:  # noqa: FBT001
    assert is_plural(thing) is several


@pytest.mark.parametrize(
    ("thing", "device"),
    [
        pytest.param("spots", "spots", id="by its own word"),
        pytest.param("the kitchen spots", "spots", id="by its whole name"),
        pytest.param("lamp", "spots", id="by what it is"),
        pytest.param("telly", "telly", id="by another word for what it is"),
        pytest.param("washer", "washer", id="by a short word for what it is"),
        pytest.param("Lucy", "reading", id="by the name that it was given"),
    ],
)
def test_a_thing_fits_as_a_whole(thing: str, device: str) -> None:
    assert fit(thing, of(device), HOME) == 1


@pytest.mark.parametrize(
    ("thing", "better", "worse"),
    [
        pytest.param("island light", "island", "spots", id="its own word counts"),
        pytest.param("reading lamb", "reading", "island", id="misheard, it is still called so"),
        pytest.param("garage door", "garage", "telly", id="another thing does not fit"),
        pytest.param("oven timer", "oven", "washer", id="what it has counts as well"),
        pytest.param("kitchen lamp", "spots", "reading", id="the room that it is in"),
        pytest.param("reading spots", "spots", "telly", id="the last word says what sort of thing"),
    ],
)
def test_one_thing_fits_better_than_another(thing: str, better: str, worse: str) -> None:
    assert fit(thing, of(better), HOME) > fit(thing, of(worse), HOME)


@pytest.mark.parametrize("thing", ["spaceship", "", "the", "\u706f", "..."])
def test_words_for_something_else_fit_nothing(thing: str) -> None:
    assert fit(thing, of("spots"), HOME) == 0


@pytest.mark.parametrize(
    ("thing", "device", "called"),
    [
        ("spots", "spots", True),
        ("kitchen spots", "spots", True),
        ("island spots", "spots", False),
        ("light", "island", False),
        ("island light", "island", True),
        ("lamp", "spots", False),
        ("Lucy", "reading", True),
        ("", "spots", False),
    ],
)
def test_a_name_is_whole_without_its_room(thing: str, device: str, called: bool) -> None:  # noqa: FBT001
    assert is_named(thing, of(device), HOME) is called


@pytest.mark.parametrize(
    ("said", "device", "called"),
    [
        ("tell lucy to shine", "reading", True),
        ("could the island get more light", "island", True),
        ("could the island get warmer", "island", False),
    ],
)
def test_a_name_is_found_in_a_sentence(said: str, device: str, called: bool) -> None:  # noqa: FBT001
    assert is_called(words_in(said), of(device), HOME) is called


@pytest.mark.parametrize(
    ("thing", "only"),
    [
        pytest.param("the lights", True, id="lights are all there are"),
        pytest.param("ovens", True, id="several"),
        pytest.param("lamps", False, id="lamps are rather those with lamp in their name"),
        pytest.param("reading lamp", False, id="one of them"),
        pytest.param("lucy", False, id="a name"),
    ],
)
def test_whether_only_the_kind_is_said(thing: str, only: bool) -> None:  # noqa: FBT001
    assert names_kind_only(thing, HOME) is only
