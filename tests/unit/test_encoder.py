"""Whatever is said to a home gets an understanding, never an error and never late."""

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from edge_nlu.models.encoder import PERSON, Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.values import Understanding


@pytest.fixture(scope="module")
def encoder(toy_pack: Path) -> Encoder:
    return Encoder(Pack.open(toy_pack))


def wishes(understanding: Understanding) -> list[tuple[str, ...]]:
    return [
        (clause.want, clause.property, *("!" * slot.excluded + slot.value for slot in clause.slots))
        for clause in understanding.clauses
    ]


def test_two_wishes_in_one_sentence(encoder: Encoder) -> None:
    understood = encoder.understand("Lamp on, and off the LAMP!")
    assert wishes(understood) == [("on", "power", "Lamp"), ("off", "power", "LAMP")]
    assert understood.home > 0.9
    assert not understood.truncated


def test_an_excluded_lamp(encoder: Encoder) -> None:
    assert wishes(encoder.understand("off lamp not")) == [("off", "power", "lamp", "!not")]


def test_the_intent_comes_with_what_else_it_may_be(encoder: Encoder) -> None:
    understood = encoder.understand("off lamp")
    assert understood.intent == "lights_off"
    assert [intent.label for intent in understood.intents] == ["lights_off", "lights_on"]
    assert sum(intent.confidence for intent in understood.intents) == pytest.approx(1)


def test_the_embedding_has_unit_length(encoder: Encoder) -> None:
    embedding = np.frombuffer(encoder.understand("on lamp").embedding, "<f4")
    assert np.linalg.norm(embedding) == pytest.approx(1)


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\0", "\x1b\x07", "\u00a0"])
def test_nothing_said_is_nothing_understood(encoder: Encoder, text: str) -> None:
    assert encoder.understand(text) == Understanding(text, (), 0.0, (), (), b"\0" * 8)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("lamp " * 10_000, id="ten thousand words"),
        pytest.param("lamp" * 10_000, id="a word of forty thousand letters"),
        pytest.param("7" * 400, id="four hundred digits"),
        pytest.param("1.2:3," * 5_000, id="a number that does not end"),
        pytest.param("'" * 40_000, id="apostrophes"),
        pytest.param("\u200d" * 40_000, id="zero-width joiners"),
        pytest.param("e\u0301" * 20_000, id="accents"),
        pytest.param("\ud83d " * 5_000, id="halves of characters"),
        pytest.param(" " * 100_000 + "lamp on", id="blanks before anything"),
        pytest.param("\U0001f9d1\u200d\U0001f680" * 5_000, id="emoji"),
        pytest.param("灯を消して" * 2_000, id="without blanks"),
        pytest.param("[](!((((" * 5_000, id="brackets"),
    ],
)
def test_too_much_said_is_read_from_its_beginning_in_time(encoder: Encoder, text: str) -> None:
    begun = perf_counter()
    understood = encoder.understand(text)
    assert perf_counter() - begun < 1  # it takes milliseconds; the rest is for a busy machine
    assert understood.text == text
    assert understood.truncated == (len(text) > 4000)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a\0b lamp \0 on", id="NUL"),
        pytest.param("\ud800 lamp \udfff", id="lone surrogates"),
        pytest.param("\u202eno pmal\u202c on", id="turned around"),
        pytest.param("شغّل المصباح من فضلك", id="right to left"),
        pytest.param("👩\u200d🚀 lamp 💡 on 🏳️\u200d🌈", id="emoji"),
        pytest.param("क्या बत्ती बंद है", id="Hindi"),
        pytest.param("เปิดไฟ", id="Thai"),
        pytest.param("\u0130I\u0131i ẞß ﬁ", id="letters that grow when made small"),
        pytest.param("\u0301\u0301 \u0301", id="accents on nothing"),
        pytest.param("<<<>>> ##on [UNK] [CLS]", id="marks of the vocabulary"),
    ],
)
def test_any_writing_is_read(encoder: Encoder, text: str) -> None:
    understood = encoder.understand(text)
    assert understood.clauses
    assert understood.clauses[0].start == 0
    assert understood.clauses[-1].end == len(text)


def test_words_beyond_the_sixty_fourth_are_left_out(encoder: Encoder) -> None:
    understood = encoder.understand("x " * 64 + "lamp")
    assert understood.truncated
    assert not understood.slots


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize("where", ["sentence", "words"])
def test_a_network_that_answers_no_numbers_is_not_understood(
    toy_pack: Path, broken: float, where: str
) -> None:
    encoder = Encoder(Pack.open(toy_pack))
    network = encoder._session

    class Broken:
        def run(self, names: Any, asked: Any) -> list[Any]:
            answers = dict(zip(names, network.run(names, asked), strict=True))
            answers[where] = answers[where].copy()
            answers[where].flat[::3] = broken
            return list(answers.values())

    encoder._session = Broken()
    understood = encoder.understand("on lamp")
    assert understood == Understanding("on lamp", (), 0.0, (), (), b"\0" * 8)


def test_the_same_sentence_is_understood_the_same_way_again(encoder: Encoder) -> None:
    assert encoder.understand("on lamp and off lamp") == encoder.understand("on lamp and off lamp")


def test_who_is_named_changes_nothing_about_what_is_wanted() -> None:
    encoder = Encoder(Pack.open(Pack.default_path()))
    said = "send an email to {}"
    one, other = (encoder.understand(said.format(name)) for name in ("mary", "priya"))
    assert [(slot.type, slot.value) for slot in other.slots if slot.type == PERSON] == [(PERSON, "priya")]
    assert encoder.read(one.text).embedding != encoder.read(other.text).embedding
    assert one.taught == other.taught
    assert one.embedding != other.embedding
    assert wishes(one) == [tuple(word.replace("priya", "mary") for word in wish) for wish in wishes(other)]


def test_what_a_wish_does_not_hold_for_is_not_lost_over_a_name() -> None:
    encoder = Encoder(Pack.open(Pack.default_path()))
    (clause,) = encoder.understand("Set every radiator to 20, apart from Lena's.").clauses
    assert [slot.value for slot in clause.slots if slot.excluded] == ["Lena"]
