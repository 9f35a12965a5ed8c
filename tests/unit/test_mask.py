"""Personal words stay in the house, and come back in an answer."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_nlu.cloud.mask import Masked, mask
from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.stage import Stage
from edge_nlu.interfaces import Home
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.values import Scored, Slot, Understanding
from edge_nlu_bench.planted import masking_figures

AT = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)


class Nothing:
    """Understands nothing."""

    def understand(self, text: str) -> Understanding:
        return Understanding(text, (), 0.0, (), ())


@cache
def demo() -> Home:
    return Stage(read_home("demo"), AT, Nothing()).context.snapshot(AT)


@pytest.fixture
def home() -> Home:
    return demo()


def left(text: str, home: Home, *own: str) -> str:
    masked = mask(Nothing().understand(text), home, own)
    assert masked.restored(masked.text).casefold() == text.casefold()
    return masked.text


@pytest.mark.parametrize(
    ("said", "leaves"),
    [
        ("remind Ana to ring 0171 555 1234", "remind <PERSON_1> to ring <PHONE_1>"),
        ("ana's bike, TOM's bike and ana's car", "<PERSON_1>'s bike, <PERSON_2>'s bike and <PERSON_1>'s car"),
        ("it is like a cave in the living room", "it is like a cave in the <ROOM_1>"),
        ("is analysis harder than the bathrooming", "is analysis harder than the bathrooming"),
        ("mail jane dot x at example dot org", "mail <MAIL_1>"),
        ("mail a.b+c@x-y.example", "mail <MAIL_1>"),
        ("I live at 221b Baker Street", "I live at <ADDRESS_1>"),
        ("on the street where you live", "on the street where you live"),
        ("the wifi password is butterfly seven, ok", "the wifi password is <SECRET_1>, ok"),
        ("at 7:30 in 1998", "at <TIME_1> in <NUMBER_1>"),
        ("my code four four two one", "my code <NUMBER_1>"),
        ("one of them or twenty", "one of them or twenty"),
        ("SW1A 2AA", "<CODE_1> <CODE_2>"),
        ("\u0664\u0662 and \u00bd", "<NUMBER_1> and \u00bd"),
        ("what does <PERSON_1> mean", "what does <<CODE_1>> mean"),
        ("call Dr Haverkamp or haverkamp", "call <NAME_1> or <NAME_2>"),
    ],
)
def test_what_leaves(home: Home, said: str, leaves: str) -> None:
    assert left(said, home, "Dr Haverkamp") == leaves


def test_somebody_the_model_hears_of_is_masked_unless_it_is_about_the_world(home: Home) -> None:
    text = "call miles davis"
    slots = (Slot("person", 5, 16, "miles davis"),)
    private = Understanding(text, (Scored("email_query", 0.9),), 0.0, slots, ())
    public = Understanding(text, (Scored("qa_factoid", 0.9),), 0.0, slots, ())
    assert mask(private, home).text == "call <PERSON_1>"
    assert mask(public, home).text == text


@given(st.text(max_size=80))
def test_whatever_is_said_no_digit_leaves_and_all_comes_back(text: str) -> None:
    masked = mask(Nothing().understand(text), demo(), ())
    bare = masked.text
    for placeholder in masked.held:
        bare = bare.replace(placeholder, "")
    assert not any(letter.isdecimal() for letter in bare)
    if "_" not in text:
        assert masked.restored(masked.text).casefold() == text.casefold()


def test_a_placeholder_comes_back_however_it_is_written() -> None:
    masked = Masked("", {"<PERSON_1>": "Ana", "<NUMBER_1>": "7"})
    assert masked.restored("<PERSON_1> has <number_1>; PERSON_1 too") == "Ana has 7; Ana too"
    assert masked.restored("and <PERSON_2>?") == "and that person?"


@pytest.mark.slow
def test_of_planted_words_hardly_any_leaves() -> None:
    found = masking_figures(Encoder(Pack.open(Pack.default_path())), seed=7)["masking"]
    assert found["sentences"] >= 300
    assert min(found[name] for name in ("digits", "mail_addresses", "known_names")) >= 0.99
    assert found["other_words_masked"] < 0.02
