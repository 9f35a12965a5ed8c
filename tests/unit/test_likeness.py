"""Sentences are a pair where their frames are the same, however their numbers and articles are written."""

from __future__ import annotations

import random

import pytest

from edge_nlu.models.examples import example_from_marks

pytestmark = pytest.mark.torch


def key(line: str) -> object:
    from edge_nlu_export.likeness import frame_key

    return frame_key(example_from_marks(line, "1", ""))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("off.power: turn off the [lamp](device)", "off.power: kill [the lamp](device) please"),
        (
            "set.brightness: [lamp](device) to [twenty-five](value)",
            "set.brightness: put the [Lamp](device) at [25](value)",
        ),
        (
            "on.power: [hall](room) [light](device) on",
            "on.power: switch on the [light](device) in the [hall](room)",
        ),
    ],
)
def test_the_same_in_other_words(one: str, other: str) -> None:
    assert key(one) == key(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("off.power: [lamp](device) off", "on.power: [lamp](device) on"),
        ("off.power: [lamp](device) off", "off.power: not the [lamp](!device)"),
        ("off.power: [hall](room) [lamp](device) off", "off.power: [attic](room) [lamp](device) off"),
        (
            "set.brightness: [lamp](device) to [15](value)",
            "set.brightness: [lamp](device) to [fifty](value)",
        ),
    ],
)
def test_what_differs_in_one_thing(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize(
    "line", ["none.unsaid: what a day", "undo.unsaid: no, back", "raise.temperature: it is cold in here"]
)
def test_what_leaves_too_much_open_has_no_key(line: str) -> None:
    assert key(line) is None


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("The Lamp", "lamp"),
        ("twenty five", "25"),
        ("twenty-five", "25"),
        ("one hundred", "1 hundred"),
        ("a bit", "bit"),
    ],
)
def test_values_are_compared_by_what_they_mean(said: str, same: str) -> None:
    from edge_nlu_export.likeness import same_value

    assert same_value(said) == same


def test_pairs_of_generated_sentences_differ_in_words_alone() -> None:
    from edge_nlu_export.homespeak import generate
    from edge_nlu_export.likeness import frame_pairs, neighbours

    pairs = frame_pairs(generate(3, 4000), 1)
    assert len(pairs) > 50
    assert pairs == frame_pairs(generate(3, 4000), 1)
    assert all(pair.said != pair.meant for pair in pairs)
    assert sorted(neighbours(pairs), key=str) == sorted(pairs, key=str)


def test_rounds_take_the_kinds_in_turn() -> None:
    from edge_nlu_export.attune import PAIRS, TEXTS, rounds
    from edge_nlu_export.likeness import Alike

    kinds = {
        name: [Alike((name, str(number)), (str(number),), (number,)) for number in range(count)]
        for name, count in (("few", 5), ("many", 400), ("one", 1))
    }
    made = rounds(kinds, 200, 7, random.Random(1).randrange(9))
    assert [one.pairs[0].said[0] for one in made] == ["few", "many"] * 3 + ["few"]
    assert [len(one.pairs) for one in made[:2]] == [5, PAIRS]
    assert all(len(one.texts) == TEXTS and max(one.texts) < 200 for one in made)


def test_a_pair_of_the_same_meaning_is_no_mistake() -> None:
    import torch

    from edge_nlu_export.attune import alike_loss
    from edge_nlu_export.likeness import Alike

    said = torch.eye(4)[[0, 0, 1]]
    pairs = [
        Alike(("a",), ("b",), ("lamp",)),
        Alike(("c",), ("d",), ("lamp",)),
        Alike(("e",), ("f",), ("tv",)),
    ]
    others = [Alike(pair.said, pair.meant, (pair.said,)) for pair in pairs]
    assert float(alike_loss(said, said, pairs)) < 0.01 < float(alike_loss(said, said, others))
