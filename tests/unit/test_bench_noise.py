"""A sentence is spoiled by one error, of a kind that fingers make or that an ear is known to make."""

import gzip
import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_nlu.errors import DataError
from edge_nlu_bench.noise import (
    NEIGHBOURS,
    Confusions,
    read_confusions,
    with_misheard_word,
    with_typing_error,
)
from edge_nlu_bench.robustness import CONFUSIONS, DEV
from edge_nlu_bench.sources import CORPORA, gzipped_rows

HEARD = Confusions(
    {
        "lamp": (("lamb", 0.3), ("", 0.1)),
        "the": (("a", 0.01),),
        "on": (("", 0.5),),
        "blinds": (("blind", 0.2),),
    }
)


def one_slip_apart(left: str, right: str) -> bool:
    """Tell whether one letter was left out, put in or exchanged, or two neighbours swapped."""
    while left and right and left[0] == right[0]:
        left, right = left[1:], right[1:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    return len(left) + len(right) == 1 or len(left) == len(right) == 1 or left == right[::-1] != ""


def write(path: Path, rows: list[object]) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    return path


@settings(deadline=None)  # a busy machine is no error
@given(st.text("abc deé'9 A", min_size=1, max_size=12), st.integers(0, 99))
def test_a_typing_error_is_one_slip_and_needs_a_word_of_three_letters(middle: str, seed: int) -> None:
    typed = with_typing_error(f"{middle} lamp", random.Random(seed))
    assert one_slip_apart(typed, f"{middle} lamp")
    assert with_typing_error("a 21 tv", random.Random(seed)) == "a 21 tv"


def test_every_kind_of_slip_happens() -> None:
    typed = Counter(with_typing_error("lamp on", random.Random(seed)) for seed in range(2000))
    assert {"lmap on", "lam on", "laamp on", "kamp on", "lampon", "la mp on"} <= set(typed)
    assert all(one_slip_apart(text, "lamp on") for text in typed)


def test_the_same_seed_makes_the_same_error() -> None:
    said = "close the blinds in the hall"
    assert with_typing_error(said, random.Random(4)) == with_typing_error(said, random.Random(4))
    assert with_misheard_word(said, random.Random(4), HEARD) == with_misheard_word(
        said, random.Random(4), HEARD
    )


@pytest.mark.parametrize(("key", "beside"), [("g", "tyfhvb"), ("q", "wa"), ("p", "ol"), ("m", "njk")])
def test_the_keys_beside_a_key_are_those_that_touch_it(key: str, beside: str) -> None:
    assert set(NEIGHBOURS[key]) == set(beside)


def test_a_key_beside_keeps_the_letter_large() -> None:
    assert all(with_typing_error("QQQ", random.Random(seed)).isupper() for seed in range(200))


def test_what_is_misheard_more_often_is_misheard_more_often_here() -> None:
    heard = Counter(with_misheard_word("lamp the", random.Random(seed), HEARD) for seed in range(4100))
    assert set(heard) == {"lamb the", "the", "lamp a"}
    assert heard["lamb the"] > 2 * heard["the"] > 10 * heard["lamp a"] > 0


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        pytest.param("Blinds", "blind", id="large letters are heard like small ones"),
        pytest.param("the, sofa", "a, sofa", id="marks stay where they are"),
        pytest.param("lamps", "lamp", id="a word nobody counted turns into the known one most like it"),
        pytest.param("?", "?", id="no word"),
    ],
)
def test_one_word_is_misheard(said: str, heard: str) -> None:
    assert with_misheard_word(said, random.Random(0), HEARD) == heard


def test_the_only_word_is_never_lost() -> None:
    assert all(with_misheard_word("on", random.Random(seed), HEARD) for seed in range(20))


def test_confusions_are_shares_of_the_times_a_single_word_was_said(tmp_path: Path) -> None:
    rows: list[object] = [
        {"said": "light", "heard": "lights", "times": 16, "said_times": 64},
        {"said": "light", "heard": "unk", "times": 4, "said_times": 64},
        {"said": "audio book", "heard": "audiobook", "times": 16, "said_times": None},
        {"said": "", "heard": "the", "times": 39},
    ]
    confusions = read_confusions(write(tmp_path / "heard.jsonl.gz", rows))
    assert confusions == Confusions({"light": (("lights", 0.25), ("", 0.0625))})
    assert confusions.vocabulary == ["light", "lights"]


@pytest.mark.parametrize(
    "line",
    ["light lights 16\n", '{"said": "light"}\n', "[]\n", '{"said": "a", "heard": "b", "times": "x"}\n'],
)
def test_a_bad_line_is_named(line: str, tmp_path: Path) -> None:
    good = {"said": "light", "heard": "lights", "times": 16, "said_times": 64}
    path = write(tmp_path / "heard.jsonl.gz", [good, line])
    with pytest.raises(DataError) as told:
        read_confusions(path)
    assert (told.value.file, told.value.line) == (path, 2)


def test_a_list_without_any_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no word that was misheard"):
        read_confusions(write(tmp_path / "heard.jsonl.gz", [{"said": "", "heard": "the", "times": 39}]))


@pytest.mark.data
def test_every_sentence_of_the_corpus_can_be_misheard() -> None:
    confusions = read_confusions(CORPORA / CONFUSIONS)
    said = [row["text"] for _, row in gzipped_rows(CORPORA / DEV)][:300]
    assert [text for text in said if with_misheard_word(text, random.Random(0), confusions) == text] == []
