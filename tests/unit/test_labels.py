"""Labels name the numbers of a model; what a pack cannot say is refused."""

import json
from typing import Any

import pytest

from edge_nlu.labels import Labels

HOME = Labels(
    intents=("alarm_set", "weather_query"),
    slots=("time", "place_name"),
    wants=("on", "off"),
    properties=("power", "brightness", "unsaid"),
    home_slots=("device",),
    embedding=4,
    seen_with={"alarm_set": ("time",)},
)


def test_every_head_has_its_own_columns_one_after_the_other() -> None:
    for columns, width in ((HOME.sentence, HOME.sentence_width), (HOME.word, HOME.word_width)):
        taken = [number for head in columns.values() for number in range(head.start, head.stop)]
        assert taken == list(range(width))


def test_a_slot_type_has_two_tags_and_outside_has_one() -> None:
    assert HOME.word["slot"] == slice(0, 5)
    assert HOME.word["home_slot"] == slice(5, 8)


def test_a_pack_without_home_control_has_those_heads_empty() -> None:
    plain = Labels(intents=("alarm_set",), slots=("time",))
    assert (plain.sentence_width, plain.word_width) == (1, 3)


def test_a_place_is_strange_in_an_alarm() -> None:
    strange = HOME.strange("alarm_set")
    assert strange is not None
    assert strange.tolist() == [0, 0, 0, 1, 1]


def test_nothing_is_strange_where_nothing_is_known() -> None:
    assert HOME.strange("weather_query") is None
    assert Labels(intents=("alarm_set",), seen_with={"alarm_set": ()}).strange("alarm_set") is None


def test_labels_read_back_are_equal() -> None:
    read = Labels.from_json(json.loads(json.dumps(HOME.to_json())))
    assert read.to_json() == HOME.to_json()
    assert (read.sentence, read.word) == (HOME.sentence, HOME.word)


def test_labels_may_leave_out_what_they_do_not_have() -> None:
    assert Labels.from_json({}).to_json() == Labels().to_json()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(["on"], "list", id="no groups"),
        pytest.param(None, "NoneType", id="nothing"),
        pytest.param({"moods": ["glad"]}, "moods", id="a group of another version"),
        pytest.param({"intents": "on"}, "intents", id="a word for a list"),
        pytest.param({"intents": ["on", 2]}, "intents", id="a number for a name"),
        pytest.param({"slots": ["time", "time"]}, "slots", id="a name twice"),
        pytest.param({"wants": ["on"]}, "without properties", id="a wish about nothing"),
        pytest.param({"properties": ["power"]}, "without wants", id="a property nobody wants"),
        pytest.param({"embedding": -1}, "embedding", id="a width below nothing"),
        pytest.param({"embedding": 1e999}, "embedding", id="an endless width"),
        pytest.param({"embedding": True}, "embedding", id="a width that is no number"),
        pytest.param({"seen_with": ["on"]}, "seen_with", id="slots of no intent"),
        pytest.param({"seen_with": {"on": "time"}}, "seen_with on", id="a word for the slots of an intent"),
    ],
)
def test_what_a_pack_cannot_say_is_refused(data: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Labels.from_json(data)
