"""Only words that say nothing of anybody are ordinary, and the corpora say which."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu.fleet.mining.vocabulary import ordinary_in
from edge_nlu.learning.ordinary import WORDS, is_ordinary
from edge_nlu_bench.sources import CORPORA


@pytest.mark.parametrize(
    "text",
    ["kill the {device}", "turn {device} up to {number}", "don't dim it", "the lamp's too bright", "wi-fi"],
)
def test_what_people_say_to_homes_is_ordinary(text: str) -> None:
    assert is_ordinary(text, "turn off the lamp")


@pytest.mark.parametrize(
    "text",
    [
        "zebulon",
        "the lamp of zebulon",
        "lamp ½",
        "lamp 2",
        "lamp two",
        "l a m p",
        "lamp_z",
        "lamp\u200bz",
        "lamp 🧸",
        "lampé",
    ],
)
def test_one_word_that_is_not_on_the_list_is_enough(text: str) -> None:
    assert not is_ordinary("turn off the lamp", text)


@pytest.mark.data
@pytest.mark.slow
def test_the_list_is_that_of_the_corpora() -> None:
    assert set(WORDS.split()) == ordinary_in(CORPORA)


@pytest.mark.data
@pytest.mark.slow
def test_of_the_names_and_numbers_of_the_corpora_none_gets_through() -> None:
    done = CliRunner().invoke(cli, ["fleet", "table", "words", "--data", str(CORPORA), "--json"])
    found = json.loads(done.output)
    through = {what: one["through"] for what, one in found.items() if what != "words"}
    assert [through[f"sentences_with_{what}"] for what in ("names", "numbers")] == [0, 0]
    assert (through["names"], found["names"]["of"]) == (0, 811)
    assert found["names_held_out"]["share"] < 0.05
    assert found["ordinary_sentences"]["share"] > 0.8
