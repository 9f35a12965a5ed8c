"""The student keeps the pieces that its sentences need, then as many more as there is room for."""

from edge_nlu.models.words import WordReader
from edge_nlu_export.vocabulary import choose_pieces

TEACHER = [
    "[PAD]",
    "[UNK]",
    "the",
    "##ing",
    "lamp",
    "turn",
    "heat",
    "garden",
    "é",
    "a",
    "b",
    "##a",
    "##b",
    "1",
    "!",
]
SENTENCES = [("Turn", "heating", "a"), ("turn", "lamp")]


def test_letters_come_first_then_what_is_used_then_whole_words() -> None:
    chosen = choose_pieces(TEACHER, SENTENCES, 100)
    assert set(chosen[:5]) == {"a", "b", "##a", "##b", "1"}
    assert chosen[5] == "turn"
    assert set(chosen[6:9]) == {"heat", "##ing", "lamp"}
    assert chosen[9:] == ["the", "garden", "!"]


def test_only_so_many_are_kept_the_most_useful_ones() -> None:
    assert choose_pieces(TEACHER, SENTENCES, 6) == choose_pieces(TEACHER, SENTENCES, 100)[:6]


def test_marks_of_the_teacher_and_foreign_letters_are_left_out() -> None:
    assert not {"[PAD]", "[UNK]", "é"} & set(choose_pieces(TEACHER, SENTENCES, 100))


def test_what_the_sentences_say_can_be_spelt() -> None:
    pieces = choose_pieces(TEACHER, SENTENCES, 9)
    reader = WordReader(pieces, 1)
    assert [pieces[number - 1] for number in reader.pieces("heating")] == ["heat", "##ing"]
