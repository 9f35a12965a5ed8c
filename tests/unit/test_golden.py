"""A pack promises what it understands of a few sentences, and is asked before it is taken into use."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_nlu.errors import DataError
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.golden import (
    Golden,
    broken,
    golden,
    golden_failures,
    read_golden,
    write_golden,
)
from edge_nlu.models.pack import GOLDEN, Pack
from edge_nlu.values import Clause, Scored, Slot, Understanding
from edge_nlu_bench.updates.packs import seal

LAMP_ON = Golden("on lamp", "lights_on", (("on", "power", (("device", "lamp", False),)),))


@pytest.fixture
def toy(toy_pack: Path, tmp_path: Path) -> Path:
    """A copy of the toy pack, to be changed."""
    return Path(shutil.copytree(toy_pack, tmp_path / toy_pack.name))


def understood(home: float = 0.9, sure: float = 0.9) -> Understanding:
    lamp = Slot("device", 3, 7, "lamp", confidence=sure)
    wish = Clause(0, 7, "on", "power", (lamp,), confidence=0.9)
    return Understanding("on lamp", (Scored("lights_on", 0.9),), home, (), (wish,))


class Says:
    """Understands the same of everything."""

    def __init__(self, answer: Understanding) -> None:
        self.answer = answer

    def understand(self, text: str) -> Understanding:
        return replace(self.answer, text=text)


def test_promised_are_the_intent_and_the_wishes_with_their_slots() -> None:
    assert golden(understood()) == LAMP_ON


def test_wishes_of_a_sentence_that_is_not_for_the_home_are_not_promised() -> None:
    assert golden(understood(home=0.1)) == Golden("on lamp", "lights_on")


def test_a_pack_keeps_what_it_promised(toy: Path) -> None:
    encoder = Encoder(Pack.open(toy))
    assert write_golden(encoder, ["on lamp", "off lamp and on not", "on lamp"], toy / GOLDEN) == 2
    assert read_golden(toy / GOLDEN)[0] == LAMP_ON
    assert golden_failures(Pack.open(seal(toy))) == []


def test_a_broken_promise_is_told_with_what_was_found(toy: Path) -> None:
    row = {
        "text": "off lamp",
        "intent": "lights_on",
        "clauses": [["on", "power", [["device", "lamp", True]]]],
    }
    (toy / GOLDEN).write_text(json.dumps(row))
    assert golden_failures(Pack.open(seal(toy))) == [
        "'off lamp': found lights_off, off.power [lamp](device), promised lights_on, on.power [lamp](!device)"
    ]


def test_a_pack_without_promises_is_told(toy_pack: Path) -> None:
    (told,) = golden_failures(Pack.open(toy_pack))
    assert told.startswith("golden.jsonl: none in the pack")


def test_a_pack_whose_promises_cannot_be_read_is_told(toy: Path) -> None:
    (toy / GOLDEN).write_text("on lamp\n")
    (told,) = golden_failures(Pack.open(seal(toy)))
    assert "line 1: no promise" in told


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(understood(sure=0.5), id="of a slot"),
        pytest.param(understood(home=0.55), id="whether it is for the home"),
        pytest.param(Understanding("", (), 0.0, (), ()), id="of anything"),
    ],
)
def test_a_model_that_is_not_sure_promises_nothing(tmp_path: Path, answer: Understanding) -> None:
    assert write_golden(Says(answer), ["on lamp"], tmp_path / GOLDEN) == 0
    with pytest.raises(DataError, match="no promise in the file"):
        read_golden(tmp_path / GOLDEN)


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        '{"text": 5, "intent": "lights_on", "clauses": []}',
        '{"text": "on", "intent": "lights_on"}',
        '{"text": "on", "intent": "lights_on", "clauses": [["on", "power"]]}',
        '{"text": "on", "intent": "lights_on", "clauses": [["on", "power", [["device", "lamp", "no"]]]]}',
        '{"text": "on", "intent": "lights_on", "clauses": [], "more": 1}',
    ],
)
def test_a_line_that_is_no_promise_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / GOLDEN
    file.write_text(f"\n{line}\n")
    with pytest.raises(DataError, match="line 2: no promise"):
        read_golden(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_golden(tmp_path / GOLDEN)


words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8)
slots = st.builds(Slot, words, st.just(0), st.just(1), words, st.booleans())
clauses = st.builds(Clause, st.just(0), st.just(1), words, words, st.lists(slots, max_size=3).map(tuple))
answers = st.builds(
    Understanding,
    words,
    st.builds(Scored, words, st.just(0.9)).map(lambda scored: (scored,)),
    st.just(1.0),
    st.just(()),
    st.lists(clauses, max_size=3).map(tuple),
)


@settings(max_examples=50, deadline=None)  # each example is synced to a disk
@given(answer=answers)
def test_a_promise_read_back_is_equal(
    tmp_path_factory: pytest.TempPathFactory, answer: Understanding
) -> None:
    file = tmp_path_factory.mktemp("golden") / GOLDEN
    assert write_golden(Says(answer), [answer.text], file) == 1
    assert read_golden(file) == [golden(answer)]
    assert broken(read_golden(file), Says(answer)) == []
