from __future__ import annotations

import gzip
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from edge_nlu.values import Clause, Example, Slot
from edge_nlu_export.homespeak import generate
from edge_nlu_export.noise import (
    Confusions,
    Edit,
    Heard,
    misheard,
    read_confusions,
    typing_error,
    with_misheard_word,
    with_typing_error,
)

TEXT = "turn off the kitchen lamp and open the window"
KITCHEN, LAMP = Slot("room", 13, 20, "kitchen"), Slot("device", 21, 25, "lamp")
WINDOW = Slot("device", 39, 45, "window")
EXAMPLE = Example(
    "e-1",
    "en-US",
    TEXT,
    slots=(KITCHEN, LAMP, WINDOW),
    clauses=(Clause(0, 26, "off", "power", (KITCHEN, LAMP)), Clause(26, 45, "open", "position", (WINDOW,))),
)
CONFUSIONS: Confusions = {
    "the": (Heard("", 9), Heard("a", 3)),
    "lamp": (Heard("lamb", 5), Heard("", 1)),
    "kitchen lamp": (Heard("chicken camp", 2),),
    "window": (Heard("wind oh", 2),),
    "": (Heard("please", 4),),
}


def assert_is_whole(example: Example) -> None:
    slots = [*(example.slots or ()), *(slot for clause in example.clauses or () for slot in clause.slots)]
    for slot in slots:
        assert example.text[slot.start : slot.end] == slot.value
        assert slot.value == slot.value.strip() != ""
    clauses = example.clauses or ()
    if clauses:
        assert (clauses[0].start, clauses[-1].end) == (0, len(example.text))
    for clause, following in pairwise(clauses):
        assert clause.end == following.start
    for clause in clauses:
        assert all(clause.start <= slot.start < slot.end <= clause.end for slot in clause.slots)
        assert example.text[clause.start : clause.end].strip()


@pytest.mark.parametrize("seed", range(200))
def test_a_typing_error_keeps_slots_and_clauses(seed: int) -> None:
    spoiled = with_typing_error(EXAMPLE, Random(seed))
    assert_is_whole(spoiled)
    assert abs(len(spoiled.text) - len(TEXT)) <= 1
    assert [slot.type for slot in spoiled.slots or ()] == ["room", "device", "device"]


@pytest.mark.parametrize("seed", range(100))
def test_a_misheard_word_keeps_slots_and_clauses(seed: int) -> None:
    spoiled = with_misheard_word(EXAMPLE, Random(seed), CONFUSIONS)
    assert_is_whole(spoiled)
    assert len(spoiled.slots or ()) == 3
    assert [clause.want for clause in spoiled.clauses or ()] == ["off", "open"]


def test_noise_works_without_clauses() -> None:
    flat = replace(EXAMPLE, clauses=None)
    assert_is_whole(with_typing_error(flat, Random(3)))
    assert_is_whole(with_misheard_word(flat, Random(3), CONFUSIONS))


def test_noise_on_what_is_generated() -> None:
    rng = Random(5)
    changed = 0
    for example in generate(5, 1500):
        typed, heard = with_typing_error(example, rng), with_misheard_word(example, rng, CONFUSIONS)
        assert_is_whole(typed)
        assert_is_whole(heard)
        changed += (typed.text != example.text) + (heard.text != example.text)
    assert changed > 2000


def test_the_same_chance_makes_the_same_error() -> None:
    assert with_typing_error(EXAMPLE, Random(9)) == with_typing_error(EXAMPLE, Random(9))


def test_what_cannot_be_spoiled_stays() -> None:
    assert typing_error("12 %", Random(1)) is None
    assert misheard("unheard of", Random(1), {"lamp": (Heard("lamb", 1),)}) is None
    lone = Example("e-2", "en-US", "lamp", slots=(Slot("device", 0, 4, "lamp"),))
    assert with_misheard_word(lone, Random(1), {"lamp": (Heard("", 1),)}) == lone


def test_an_edit_replaces_letters() -> None:
    assert Edit(5, 8, "on").applied("turn off it") == "turn on it"


def test_confusions_leave_out_what_turns_a_wish_around(tmp_path: Path) -> None:
    rows = [
        {"said": "light", "heard": "lights", "times": 16, "said_times": 63},
        {"said": "on", "heard": "off", "times": 9, "said_times": 100},
        {"said": "wemo", "heard": "unk", "times": 8, "said_times": 8},
        {"said": "sounds", "heard": "sauna", "times": 2, "said_times": None},
        {"said": "", "heard": "please", "times": 3, "said_times": None},
    ]
    path = tmp_path / "confusions.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    assert read_confusions(path) == {"light": (Heard("lights", 16),), "": (Heard("please", 3),)}
