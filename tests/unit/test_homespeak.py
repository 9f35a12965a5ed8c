from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from edge_nlu.values import Example
from edge_nlu_export.homespeak import HELD_OUT, PROPERTIES, SLOTS, WANTS, generate, is_held_out

NOUNS = ("anvil", "zeppelin", "lamp", "sauna", "obelisk", "trumpet")
DEFINITIONS = ("Smart ceiling light", "Roller shutter", "Aquarium light", "PIR temperature&humidity sensor")


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return list(generate(1, 12_000, extra_nouns=NOUNS, definitions=DEFINITIONS))


def test_slots_are_words_of_their_clause(examples: list[Example]) -> None:
    for example in examples:
        for clause in example.clauses or ():
            at = clause.start
            for slot in clause.slots:
                assert at <= slot.start < slot.end <= clause.end, example
                assert example.text[slot.start : slot.end] == slot.value
                assert slot.value == slot.value.strip()
                if slot.type in (
                    "device",
                    "quantity",
                    "value",
                    "unit",
                    "mode",
                    "program",
                    "source",
                    "media_kind",
                ):
                    assert not slot.value.lower().startswith(("the ", "my ", "some ", "to ", "in ")), example
                at = slot.end
                around = example.text[slot.start - 1 : slot.start] + example.text[slot.end : slot.end + 1]
                assert not any(sign.isalpha() for sign in around) or slot.type in ("value", "unit"), example


def test_clauses_cover_the_sentence(examples: list[Example]) -> None:
    for example in examples:
        clauses = example.clauses
        assert clauses
        assert clauses[0].start == 0
        assert clauses[-1].end == len(example.text)
        for clause, following in pairwise(clauses):
            assert clause.end == following.start
            assert example.text[clause.end - 1] == " "
            assert example.text[clause.end] != " "


def test_labels_are_those_of_the_ontology(examples: list[Example]) -> None:
    for example in examples:
        for clause in example.clauses or ():
            assert clause.want in WANTS
            assert clause.property in PROPERTIES
            assert all(slot.type in SLOTS for slot in clause.slots)
        assert example.home == (0.0 if example.group in ("none", "talk") else 1.0)


def test_every_label_is_told(examples: list[Example]) -> None:
    clauses = [clause for example in examples for clause in example.clauses or ()]
    assert {clause.want for clause in clauses} == set(WANTS)
    assert {clause.property for clause in clauses} == set(PROPERTIES)
    assert {slot.type for clause in clauses for slot in clause.slots} == set(SLOTS)
    assert any(slot.excluded for clause in clauses for slot in clause.slots)


def test_held_out_kinds_never_occur(examples: list[Example]) -> None:
    assert not [example.text for example in examples if is_held_out(example.text)]
    text = "\n".join(example.text.lower() for example in examples)
    assert not [word for word in HELD_OUT if f" {word} " in text]


@pytest.mark.parametrize(
    "text",
    ["turn on the rice cooker", "EV charger off", "the pill dispensers", "start the 3D printer", "wall-box"],
)
def test_held_out_words_are_known(text: str) -> None:
    assert is_held_out(text)


def test_the_same_seed_tells_the_same() -> None:
    assert list(generate(7, 300)) == list(generate(7, 300))
    assert [example.text for example in generate(7, 50)] != [example.text for example in generate(8, 50)]


def test_sentences_differ(examples: list[Example]) -> None:
    assert len({example.text for example in examples}) > 0.85 * len(examples)


def test_random_nouns_and_product_names_stand_for_devices(examples: list[Example]) -> None:
    devices = Counter(
        word
        for example in examples
        for clause in example.clauses or ()
        for slot in clause.slots
        if slot.type == "device"
        for word in slot.value.lower().split()
    )
    assert devices["zeppelin"] + devices["zeppelins"] > 0
    assert devices["roller"] > 0


def test_typed_and_heard_sentences_both_occur(examples: list[Example]) -> None:
    typed = sum(example.text[0].isupper() for example in examples)
    assert 0.12 < typed / len(examples) < 0.25


def test_written_sentences_speak_of_unknown_devices_too() -> None:
    from edge_nlu_export.homespeak.handwritten import pairs, variations

    made = list(variations(5, 3000, ["zzgadget"]))
    unknown = [example for example in made if "zzgadget" in example.text]
    assert 20 < len(unknown) < 600
    for example in unknown:
        devices = [
            slot for clause in example.clauses or () for slot in clause.slots if "zzgadget" in slot.value
        ]
        assert devices
        assert {slot.type for slot in devices} == {"device"}
    assert {kind for kind, found in pairs().items() if found} == {"wishes", "rewordings"}
