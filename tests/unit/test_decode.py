"""The model's numbers become an understanding that could be true."""

import numpy as np
import numpy.typing as npt
import pytest

from edge_nlu.labels import Labels
from edge_nlu.steps.decode import decode, nothing, tag_path
from edge_nlu.values import Understanding

HOME = Labels(
    intents=("alarm_set", "weather_query", "lights_on"),
    slots=("time", "place_name"),
    wants=("on", "off"),
    properties=("power", "brightness"),
    home_slots=("device", "room"),
    embedding=2,
    seen_with={"alarm_set": ("time",)},
)


class Said:
    """A sentence with what the model says of each word, all silent to begin with."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places: list[tuple[int, int]] = []
        for word in text.split():
            start = text.index(word, self.places[-1][1] if self.places else 0)
            self.places.append((start, start + len(word)))
        self.sentence = np.zeros(HOME.sentence_width, np.float32)
        self.words = np.zeros((len(self.places), HOME.word_width), np.float32)
        self.words[:, HOME.word["slot"].start] = self.words[:, HOME.word["home_slot"].start] = 5
        self.words[:, HOME.word["start"].start] = -5
        self.words[:, HOME.word["excluded"].start] = -5

    def with_(self, head: str, word: int, column: int = 0, odds: float = 10.0) -> "Said":
        self.words[word, HOME.word[head].start + column] = odds
        return self

    def intent(self, name: str, odds: float = 10.0) -> "Said":
        self.sentence[HOME.intents.index(name)] = odds
        return self

    def understood(self) -> Understanding:
        return decode(self.text, self.places, self.sentence, self.words, HOME)


def test_nothing_said() -> None:
    assert nothing("", HOME) == Understanding("", (), 0.0, (), (), b"\0" * 8)
    empty = np.zeros((0, HOME.word_width), np.float32)
    assert decode("", [], np.zeros(HOME.sentence_width, np.float32), empty, HOME) == nothing("", HOME)


def test_the_likeliest_intent_stands_first() -> None:
    understood = Said("wake me").intent("alarm_set").intent("lights_on", 8).understood()
    assert [intent.label for intent in understood.intents] == ["alarm_set", "lights_on", "weather_query"]
    assert understood.intents[0].confidence == pytest.approx(1 / (1 + np.exp(-2) + np.exp(-10)), rel=1e-5)


@pytest.mark.parametrize(("odds", "home"), [(0.0, 0.5), (2.0, 0.8808), (1e6, 1.0), (-1e6, 0.0)])
def test_for_the_home_or_not(odds: float, home: float) -> None:
    said = Said("lamp on")
    said.sentence[HOME.sentence["home"]] = odds
    assert said.understood().home == pytest.approx(home, abs=1e-4)


def test_a_slot_goes_on_over_several_words() -> None:
    (slot,) = (
        Said("to half past two")
        .with_("slot", 1, 1)
        .with_("slot", 2, 2)
        .with_("slot", 3, 2)
        .understood()
        .slots
    )
    assert (slot.type, slot.value, slot.start, slot.end) == ("time", "half past two", 3, 16)


def test_two_slots_of_a_type_can_touch() -> None:
    slots = Said("lamp fan").with_("home_slot", 0, 1).with_("home_slot", 1, 1).understood().clauses[0].slots
    assert [slot.value for slot in slots] == ["lamp", "fan"]


def test_a_slot_cannot_go_on_without_having_begun() -> None:
    (slot,) = Said("the big lamp").with_("slot", 1, 2).with_("slot", 2, 2).understood().slots
    assert slot.value in ("the big lamp", "big lamp")


def test_a_slot_of_one_type_does_not_go_on_as_another() -> None:
    said = Said("noon Rome").with_("slot", 0, 1).with_("slot", 1, 4).with_("slot", 1, 3, 9.0)
    assert [(slot.type, slot.value) for slot in said.understood().slots] == [
        ("time", "noon"),
        ("place_name", "Rome"),
    ]


def test_a_slot_is_as_sure_as_its_words_are_on_average() -> None:
    said = Said("half two").with_("slot", 0, 1, 5.0).with_("slot", 0, 0, 0.0).with_("slot", 1, 2)
    sure = [np.exp(5) / (np.exp(5) + 4), np.exp(10) / (np.exp(10) + np.exp(5) + 3)]
    assert said.understood().slots[0].confidence == pytest.approx(np.mean(sure), rel=1e-5)


def test_a_place_is_unlikely_in_an_alarm_but_not_elsewhere() -> None:
    assert not Said("in Rome").with_("slot", 1, 3, 8.0).intent("alarm_set").understood().slots
    assert Said("in Rome").with_("slot", 1, 3, 8.0).intent("weather_query").understood().slots


def test_a_new_wish_begins_at_its_joining_word_and_cuts_a_slot() -> None:
    said = Said("lights on and fan off").with_("start", 2)
    said.with_("home_slot", 1, 1).with_("home_slot", 2, 2).with_("home_slot", 3, 2)
    first, second = said.understood().clauses
    assert (first.start, first.end, second.start, second.end) == (0, 10, 10, 21)
    assert [slot.value for slot in first.slots] == ["on"]
    assert [slot.value for slot in second.slots] == ["and fan"]


def test_the_weightiest_word_of_a_clause_says_what_is_wanted() -> None:
    said = (
        Said("lights off please on and on")
        .with_("want", 1, 1)
        .with_("want", 3, 0, 20.0)
        .with_("weight", 1, 0, 9.0)
    )
    (clause,) = said.understood().clauses
    assert (clause.want, clause.property) == ("off", "power")


def test_a_clause_is_heard_however_weighty_another_is() -> None:
    said = Said("lights off and on").with_("start", 2).with_("want", 1, 1).with_("want", 3, 0)
    said.with_("weight", 1, 0, 500.0)
    assert [clause.want for clause in said.understood().clauses] == ["off", "on"]


def test_a_clause_is_as_sure_as_its_want_and_its_property_together() -> None:
    (clause,) = Said("off").with_("want", 0, 1, 2.0).understood().clauses
    assert clause.confidence == pytest.approx(1 / (1 + np.exp(-2)) * 0.5, rel=1e-5)


def test_what_stands_after_except_is_excluded() -> None:
    said = (
        Said("all lights except lamp").with_("home_slot", 1, 1).with_("home_slot", 3, 1).with_("excluded", 3)
    )
    slots = said.understood().clauses[0].slots
    assert [(slot.value, slot.excluded) for slot in slots] == [("lights", False), ("lamp", True)]


def test_a_pack_without_home_control_knows_no_wishes() -> None:
    plain = Labels(intents=("alarm_set",), slots=("time",))
    words = np.array([[0, 9, 0]], np.float32)
    understood = decode("noon", [(0, 4)], np.zeros(1, np.float32), words, plain)
    assert (understood.intent, understood.home, understood.clauses) == ("alarm_set", 0.0, ())
    assert [slot.value for slot in understood.slots] == ["noon"]


def test_a_pack_for_the_home_alone_knows_no_intents() -> None:
    only_home = Labels(wants=("on",), properties=("power",))
    row, words = (
        np.zeros(only_home.sentence_width, np.float32),
        np.zeros((1, only_home.word_width), np.float32),
    )
    understood = decode("on", [(0, 2)], row, words, only_home)
    assert (understood.intent, understood.slots) == ("", ())
    assert [clause.want for clause in understood.clauses] == ["on"]


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_mean_nothing(broken: float) -> None:
    assert Said("lamp on").with_("weight", 0, 0, broken).understood() == nothing("lamp on", HOME)


def test_an_embedding_of_nothing_stays_nothing() -> None:
    assert Said("lamp").understood().embedding == b"\0" * 8


@pytest.mark.parametrize(
    ("scores", "path"),
    [
        pytest.param([[3, 0, 0], [3, 0, 0]], [0, 0], id="outside"),
        pytest.param([[0, 3, 0], [0, 0, 3]], [1, 2], id="allowed as it is"),
        pytest.param([[1, 0, 9]], [0], id="nothing begins with going on"),
        pytest.param([[3, 2, 0], [0, 0, 9]], [1, 2], id="begins earlier so that it can go on"),
        pytest.param([[9, 0, 0], [0, 2, 3]], [0, 1], id="begins where it wanted to go on"),
    ],
)
def test_tag_path(scores: list[list[float]], path: list[int]) -> None:
    table: npt.NDArray[np.float32] = np.array(scores, np.float32)
    assert tag_path(table).tolist() == path
