"""Slips of finger and ear change little, and every word still knows where it came from."""

import gzip
import json
from pathlib import Path
from random import Random

import pytest

from edge_nlu_export.slips import Slips, mistype, read_slips

WORDS = ("turn", "off", "the", "big", "lamp", "in", "the", "kitchen", "please")
HEARD = {"lamp": [("lamb", 5), ("the camp", 1)], "off": [("of", 2)]}
TYPING, HEARING = Slips(1.0, 0.0), Slips(0.0, 1.0, HEARD)


def test_a_sentence_without_slips_is_left_alone() -> None:
    assert Slips(0, 0).slip(WORDS, Random(1)) == [(word, place) for place, word in enumerate(WORDS)]


@pytest.mark.parametrize("slips", [TYPING, HEARING], ids=["typing", "hearing"])
def test_a_slip_touches_one_word_and_the_others_keep_their_place(slips: Slips) -> None:
    for seed in range(500):
        heard = slips.slip(WORDS, Random(seed))
        places = [place for _, place in heard]
        assert places == sorted(places)
        changed = {place for word, place in heard if word != WORDS[place]}
        lost = set(range(len(WORDS))) - set(places)
        # two words written as one are the only slip that reaches further than its own word
        assert len(changed) <= 1
        assert len(lost) <= 1
        assert not changed or not lost or max(lost) == max(changed) + 1
        assert all(word and " " not in word for word, _ in heard)


def test_a_misheard_word_that_became_two_has_one_source() -> None:
    heard = [tuple(HEARING.slip(("the", "lamp"), Random(seed))) for seed in range(50)]
    assert set(heard) == {(("the", 0), ("lamb", 1)), (("the", 0), ("the", 1), ("camp", 1))}


def test_slips_happen_as_often_as_they_should() -> None:
    rng, clean = Random(1), [(word, place) for place, word in enumerate(WORDS)]
    slips = Slips(0.2, 0.12, HEARD)
    share = sum(slips.slip(WORDS, rng) != clean for _ in range(5000)) / 5000
    assert 0.29 < share < 0.34
    surely = sum(slips.surely().slip(WORDS, rng) != clean for _ in range(1000)) / 1000
    assert surely > 0.97


def test_the_same_chance_makes_the_same_slip() -> None:
    assert TYPING.slip(WORDS, Random(3)) == TYPING.slip(WORDS, Random(3))


@pytest.mark.parametrize("words", [("on",), ("a", "b"), ("20", "%")])
def test_sentences_too_short_to_spoil_stay(words: tuple[str, ...]) -> None:
    for slips in (TYPING, HEARING):
        if words != ("on",):
            assert [word for word, _ in slips.slip(words, Random(1))] == list(words)
        assert slips.slip(words, Random(1))


def test_a_slip_of_a_finger_is_one_letter_away() -> None:
    for seed in range(300):
        assert abs(len(mistype("kitchen", Random(seed))) - len("kitchen")) <= 1


def test_confusions_come_from_a_file_without_lost_and_invented_words(tmp_path: Path) -> None:
    rows = [
        {"said": "lamp", "heard": "lamb", "times": 5},
        {"said": "the", "heard": "", "times": 9},
        {"said": "", "heard": "please", "times": 2},
    ]
    path = tmp_path / "confusions.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    assert read_slips(path, 0.1, 0.2) == Slips(0.1, 0.2, {"lamp": [("lamb", 5)]})
    assert read_slips(None, 0.1, 0.2) == Slips(0.1, 0.2)
