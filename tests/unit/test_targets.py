"""Labels become one number a word, and what nobody labelled is unknown."""

from math import isnan

import numpy as np
import pytest

from edge_nlu.labels import Labels
from edge_nlu.models.examples import example_from_marks
from edge_nlu.models.words import split_words
from edge_nlu.values import Clause, Example, Slot
from edge_nlu_export.targets import MAX_CLAUSES, UNKNOWN, Target, bio, targets

LABELS = Labels(
    intents=("lights_off", "play_music"),
    slots=("song_name", "house_place"),
    wants=("on", "off", "none"),
    properties=("power", "unsaid"),
    home_slots=("device", "room"),
)


def target(example: Example) -> Target:
    (made,) = targets([example], LABELS)
    return made


def test_a_slot_begins_once_and_goes_on() -> None:
    text = "play blue moon and halo in the den"
    slots = (Slot("song_name", 5, 14, "blue moon"), Slot("song_name", 19, 23, "halo"))
    den = Slot("house_place", 31, 34, "den")
    assert bio(split_words(text)[0], (*slots, den), LABELS.slots).tolist() == [0, 1, 2, 0, 1, 0, 0, 3]


def test_two_slots_side_by_side_both_begin() -> None:
    slots = (Slot("song_name", 0, 4, "halo"), Slot("song_name", 5, 12, "jolene "))
    assert bio(split_words("halo jolene")[0], slots, LABELS.slots).tolist() == [1, 1]


def test_a_slot_that_covers_part_of_a_word_takes_the_word() -> None:
    assert bio(split_words("denlamp on")[0], (Slot("house_place", 0, 3, "den"),), LABELS.slots).tolist() == [
        3,
        0,
    ]


def test_a_sentence_with_intent_and_slots_knows_nothing_of_a_home() -> None:
    made = target(Example("e", "en", "play halo", "play_music", (Slot("song_name", 5, 9, "halo"),)))
    assert (made.words, made.intent) == (("play", "halo"), 1)
    assert made.slots is not None
    assert made.slots.tolist() == [0, 1]
    assert isnan(made.home)
    assert (made.home_slots, made.excluded, made.clauses) == (None, None, ())


def test_a_sentence_for_a_home_has_clauses_slots_and_what_is_left_out() -> None:
    made = target(
        example_from_marks(
            "off.power: [lights](device) off except the [lamp](!device) | on.power: and [it](room) on", "m"
        )
    )
    assert made.home == 1
    assert made.clauses == ((0, 5, 1, 0), (5, 8, 0, 0))
    assert made.home_slots is not None
    assert made.home_slots.tolist() == [1, 0, 0, 0, 1, 0, 3, 0]
    assert made.excluded is not None
    assert made.excluded.tolist() == [0, UNKNOWN, UNKNOWN, UNKNOWN, 1, UNKNOWN, 0, UNKNOWN]
    assert (made.intent, made.slots) == (UNKNOWN, None)


def test_a_public_sentence_with_its_wish_leaves_slots_at_home_unknown() -> None:
    clauses = (Clause(0, 10, "off", "power"),)
    made = target(Example("e", "en", "lights out", "lights_off", (), home=1.0, clauses=clauses))
    assert (made.clauses, made.home_slots) == (((0, 2, 1, 0),), None)


def test_labels_that_the_model_lacks_are_unknown() -> None:
    made = target(Example("e", "en", "taxi now", "transport_taxi", (Slot("time", 5, 8, "now"),)))
    assert (made.intent, made.slots) == (UNKNOWN, None)


def test_a_pack_without_home_control_learns_no_clauses() -> None:
    plain = Labels(intents=("lights_off",), slots=("house_place",))
    (made,) = targets([example_from_marks("off.power: [lamp](device) off", "m")], plain)
    assert (made.clauses, made.home_slots) == ((), None)


def test_sentences_without_words_are_left_out() -> None:
    assert targets([Example("e", "en", " "), Example("e", "en", "on")], LABELS)[0].text == "on"
    assert len(targets([Example("e", "en", " "), Example("e", "en", "on")], LABELS)) == 1


def test_only_so_many_clauses_count() -> None:
    wish = " | ".join(["on.power: lamp on"] * (MAX_CLAUSES + 2))
    assert len(target(example_from_marks(wish, "m")).clauses) == MAX_CLAUSES


def test_a_property_that_is_not_known_is_no_silent_guess() -> None:
    with pytest.raises(ValueError, match="tuple"):
        target(example_from_marks("on.weather: lamp on", "m"))


def test_tags_are_small_numbers() -> None:
    assert bio(split_words("on")[0], (), LABELS.slots).dtype == np.int16
