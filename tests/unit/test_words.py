"""A sentence is cut where people hear words end, and a word is spelled as the vocabulary spells it."""

from itertools import pairwise

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece

from edge_nlu.models.words import GRAMS, KERNEL, PIECES, WordReader, plain, split_words, word_windows

VOCABULARY = (
    *"abcdefghijklmnopqrstuvwxyz0123456789",
    *(f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz0123456789"),
    *(
        "light",
        "lights",
        "kitchen",
        "turn",
        "wash",
        "##ing",
        "##er",
        "##er",
        "heat",
        "##room",
        "bath",
        "un",
        "##lock",
    ),
)


def cut(text: str) -> list[str]:
    return [word.text for word in split_words(text)[0]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("turn off the lamp", ["turn", "off", "the", "lamp"], id="blanks"),
        pytest.param("lights, please!", ["lights", ",", "please", "!"], id="punctuation stands alone"),
        pytest.param("at 7:30 to 21.5", ["at", "7:30", "to", "21.5"], id="times and decimals stay whole"),
        pytest.param("20% or 5°C", ["20", "%", "or", "5", "°", "C"], id="units leave their number"),
        pytest.param("10am", ["10", "am"], id="a time of day"),
        pytest.param("what's Mia's", ["what", "'s", "Mia", "'s"], id="a short form leaves its word"),
        pytest.param("DON'T", ["DON", "'T"], id="also when shouted"),
        pytest.param("it\u2019s", ["it", "\u2019s"], id="with a printer's apostrophe"),
        pytest.param("'tis o'clock", ["'", "tis", "o", "'", "clock"], id="any other apostrophe"),
        pytest.param("wake-up", ["wake", "-", "up"], id="hyphen"),
        pytest.param("つけて 打开灯", ["つ", "け", "て", "打", "开", "灯"], id="no blanks between words"),
        pytest.param("불 켜줘", ["불", "켜줘"], id="Korean"),
        pytest.param("άναψε το μικρό φως", ["άναψε", "το", "μικρό", "φως"], id="Greek"),
        pytest.param("اطفئ الضوء", ["اطفئ", "الضوء"], id="right to left"),
        pytest.param("बत्ती बंद", ["बत्ती", "बंद"], id="vowel signs"),
        pytest.param("lamp\0on\x07", ["lamp", "on"], id="control characters"),
        pytest.param(" \t\n", [], id="blanks only"),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert cut(text) == words


def test_a_sentence_beyond_the_limit_says_that_words_are_missing() -> None:
    assert split_words("on " * 64)[1] is False
    words, truncated = split_words("on " * 65)
    assert (len(words), truncated) == (64, True)


def test_a_number_of_400_digits_is_cut_into_numbers() -> None:
    words, _ = split_words("7" * 400)
    assert "".join(word.text for word in words) == "7" * 400
    assert max(len(word.text) for word in words) == 12


@pytest.mark.parametrize(
    ("word", "spelled"),
    [
        ("Küche", "kuche"),
        ("CAFÉ", "cafe"),
        ("it\u2019s", "it's"),
        ("Ångström", "angstrom"),
        ("灯", "灯"),
        ("", ""),
    ],
)
def test_plain(word: str, spelled: str) -> None:
    assert plain(word) == spelled


def test_a_word_sees_two_neighbours_on_each_side() -> None:
    assert word_windows(3).tolist() == [[0, 0, 1, 2, 3], [0, 1, 2, 3, 0], [1, 2, 3, 0, 0]]
    assert word_windows(64).shape == (64, KERNEL)
    assert not word_windows(0).size


@pytest.mark.parametrize(
    "word",
    ["lights", "kitchens", "washer", "washing", "bathroom", "unlocking", "heater", "zzz", "turn2", "a"],
)
def test_pieces_are_those_of_the_known_library(word: str) -> None:
    known = list(dict.fromkeys(VOCABULARY))
    numbers = {piece: number for number, piece in enumerate(known, 1)}
    library = Tokenizer(WordPiece({**numbers, "[UNK]": 0}, unk_token="[UNK]"))
    assert WordReader(known, 1).pieces(word) == library.encode(word).ids


def test_a_letter_that_the_vocabulary_does_not_have_says_nothing() -> None:
    reader = WordReader(["lamp", "##s"], 1)
    assert reader.pieces("lamp\u00f8s") == [1, 2]
    assert reader.pieces("\u00f8") == []


def test_features_are_pieces_then_letter_groups_padded_with_nothing() -> None:
    reader = WordReader(["on", "off"], 100)
    row = reader.features("Off")
    assert (len(row), row[0], row[1:PIECES]) == (PIECES + GRAMS, 2, (0,) * (PIECES - 1))
    groups = [number for number in row[PIECES:] if number]
    assert len(groups) == len(["<of", "off", "ff>"])
    assert all(3 <= number < reader.rows for number in groups)


def test_a_sentence_is_a_row_for_each_word() -> None:
    reader = WordReader(["on", "off"], 100)
    said = ["on", "off", "on"]
    assert [tuple(row) for row in reader.sentence(said).tolist()] == [reader.features(word) for word in said]
    assert reader.sentence([]).shape == (0, PIECES + GRAMS)


def test_a_typing_error_keeps_most_letter_groups() -> None:
    reader = WordReader([], 100_000)
    right, wrong = (set(reader.features(word)) for word in ("thermostat", "termostat"))
    assert len(right & wrong) >= 7


def test_a_word_of_half_a_character_has_features() -> None:
    assert any(WordReader(["on"], 100).features("\ud83d"))


def test_remembering_words_takes_bounded_room() -> None:
    reader = WordReader(["on"], 10)
    for number in range(5000):
        reader.features(f"w{number}")
    reader.features("x" * 100_000)
    assert len(reader._known) <= 2048
    assert max(map(len, reader._known)) <= 32


def test_words_stand_in_order_where_they_were_said() -> None:
    text = "it's 7:30, turn on Mia's lamp 😀 つけて"
    words, _ = split_words(text)
    assert all(text[word.start : word.end] == word.text for word in words)
    assert all(left.end <= right.start for left, right in pairwise(words))
