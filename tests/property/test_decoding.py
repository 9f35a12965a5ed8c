"""Whatever the model answers, what is understood could be true."""

from itertools import pairwise, product

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge_nlu.labels import Labels
from edge_nlu.models.words import split_words
from edge_nlu.steps.decode import decode, tag_path
from edge_nlu.values import Slot

HOME = Labels(
    intents=("alarm_set", "lights_on"),
    slots=("time", "place_name"),
    wants=("on", "off"),
    properties=("power",),
    home_slots=("device", "room"),
    embedding=2,
    seen_with={"alarm_set": ("time",)},
)
SAID = st.lists(st.sampled_from(["lamp", "on,", "küche", "灯", "😀", "and", "7:30"]), min_size=1, max_size=7)
# whole numbers add up without rounding, so equal sums are equal
WHOLE = st.integers(-9, 9)
ODDS = st.floats(-1e4, 1e4, width=32)
Table = npt.NDArray[np.float32]


def follows(before: int, tag: int) -> bool:
    return tag == 0 or tag % 2 == 1 or before in (tag, tag - 1)


@given(st.integers(1, 5).flatmap(lambda words: arrays(np.float32, (words, 5), elements=WHOLE)))
def test_the_path_of_tags_is_the_best_of_all_that_are_allowed(scores: Table) -> None:
    allowed = [
        path
        for path in product(range(5), repeat=len(scores))
        if all(follows(before, tag) for before, tag in pairwise((0, *path)))
    ]
    best = max(sum(row[tag] for row, tag in zip(scores, path, strict=True)) for path in allowed)
    found = tuple(tag_path(scores).tolist())
    assert found in allowed
    assert sum(row[tag] for row, tag in zip(scores, found, strict=True)) == best


@given(st.data())
def test_an_understanding_could_be_true(data: st.DataObject) -> None:
    text = " ".join(data.draw(SAID))
    places = [(word.start, word.end) for word in split_words(text)[0]]
    sentence = data.draw(arrays(np.float32, HOME.sentence_width, elements=ODDS))
    words = data.draw(arrays(np.float32, (len(places), HOME.word_width), elements=ODDS))
    understood = decode(text, places, sentence, words, HOME)
    assert [understood.clauses[0].start, *(clause.end for clause in understood.clauses)] == [
        *(clause.start for clause in understood.clauses),
        len(text),
    ]
    assert understood.clauses[0].start == 0
    assert all(text[clause.start : clause.end].strip() for clause in understood.clauses)
    stand_where_they_say(text, understood.slots)
    for clause in understood.clauses:
        stand_where_they_say(text, clause.slots)
        assert all(clause.start <= slot.start < slot.end <= clause.end for slot in clause.slots)
    certainties = [
        understood.home,
        *(part.confidence for part in (*understood.intents, *understood.slots, *understood.clauses)),
    ]
    assert all(0 <= certainty <= 1.0001 for certainty in certainties)


def stand_where_they_say(text: str, slots: tuple[Slot, ...]) -> None:
    assert all(slot.value and text[slot.start : slot.end] == slot.value for slot in slots)
    assert all(left.end <= right.start for left, right in pairwise(slots))
