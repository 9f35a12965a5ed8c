"""Any text whatsoever is cut into words and understood."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordPiece

from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.models.words import GRAMS, PIECES, WordReader, split_words

# every character there is, halves of pairs and characters without meaning among them
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)
PRICKLY = st.text(st.sampled_from("a1.,:'\u2019s \u200d\u0301\ud83d\U0001f600灯\0[]-"), max_size=200)
PIECE = st.text("abc", min_size=1, max_size=3)
VOCABULARY = st.lists(st.one_of(PIECE, PIECE.map("##{}".format)), unique=True, max_size=30)


@pytest.fixture(scope="module")
def encoder(toy_pack: Path) -> Encoder:
    return Encoder(Pack.open(toy_pack))


@given(text=ANY_TEXT | PRICKLY)
@settings(max_examples=300)
def test_any_text_is_understood(encoder: Encoder, text: str) -> None:
    understood = encoder.understand(text)
    assert understood.text == text
    if understood.clauses:
        assert understood.clauses[0].start == 0
        assert understood.clauses[-1].end == len(text)
    else:
        assert not split_words(text)[0]


@given(text=ANY_TEXT | PRICKLY)
def test_words_stand_in_order_where_they_were_said_and_leave_out_only_blanks(text: str) -> None:
    words, _ = split_words(text, len(text))
    assert all(word.text and text[word.start : word.end] == word.text for word in words)
    assert all(left.end <= right.start for left, right in pairwise(words))
    said = {place for word in words for place in range(word.start, word.end)}
    assert all(
        char.isspace() or char < " " or char == "\x7f" for at, char in enumerate(text) if at not in said
    )


@given(word=ANY_TEXT)
def test_any_word_has_features_within_the_table(word: str) -> None:
    reader = WordReader(["lamp", "##s"], 50)
    row = reader.features(word)
    assert len(row) == PIECES + GRAMS
    assert all(0 <= number < reader.rows for number in row)
    assert reader.features(word) == row


@given(VOCABULARY, st.text("abc", min_size=1, max_size=12))
def test_pieces_are_those_of_the_known_library(vocabulary: list[str], word: str) -> None:
    letters = ["a", "b", "c", "##a", "##b", "##c"]
    known = list(dict.fromkeys([*letters, *vocabulary]))
    numbers = {piece: number for number, piece in enumerate(known, 1)}
    library = Tokenizer(WordPiece({**numbers, "[UNK]": 0}, unk_token="[UNK]"))
    assert WordReader(known, 1).pieces(word) == library.encode(word).ids
