"""A sentence written down in either notation reads back as it was meant."""

import json
from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from edge_nlu.models.examples import example_from_marks, example_from_row
from edge_nlu.values import Clause, Example, Slot

WORD = st.text("abclamp'é灯😀,.7", min_size=1, max_size=6)
NAME = st.sampled_from(["device", "room", "media_kind"])
# a run of words, and the slot it fills, if any, with whether that is excluded
RUN = st.tuples(
    st.lists(WORD, min_size=1, max_size=3).map(" ".join), st.none() | st.tuples(NAME, st.booleans())
)
WISH = st.sampled_from([("off", "power"), ("ask", "time_left"), ("none", "unsaid")])
CLAUSE = st.tuples(WISH, st.lists(RUN, min_size=1, max_size=4))
SENTENCE = st.lists(CLAUSE, min_size=1, max_size=3)
Sentence = list[tuple[tuple[str, str], list[tuple[str, tuple[str, bool] | None]]]]


def marked(sentence: Sentence) -> str:
    """Write a sentence down as people do."""
    return " | ".join(
        f"{want}.{prop}: "
        + " ".join(f"[{run}]({'!' * slot[1]}{slot[0]})" if slot else run for run, slot in runs)
        for (want, prop), runs in sentence
    )


def meant(sentence: Sentence) -> Example:
    """Return what the sentence means."""
    text = " ".join(run for _, runs in sentence for run, _ in runs)
    at, starts, slots = 0, [], []
    for _, runs in sentence:
        starts.append(at)
        slots.append([])
        for run, slot in runs:
            if slot:
                slots[-1].append(Slot(slot[0], at, at + len(run), run, slot[1]))
            at += len(run) + 1
    clauses = tuple(
        Clause(start, end, *wish, tuple(filled))
        for (wish, _), start, end, filled in zip(
            sentence, starts, [*starts[1:], len(text)], slots, strict=True
        )
    )
    home = float(any(clause.want != "none" for clause in clauses))
    return Example("one", "en-US", text, home=home, clauses=clauses)


@given(SENTENCE)
def test_marked_lines_read_back_as_they_were_meant(sentence: Sentence) -> None:
    assert example_from_marks(marked(sentence), "one") == meant(sentence)


@given(SENTENCE)
def test_rows_read_back_as_they_were_meant(sentence: Sentence) -> None:
    example = meant(sentence)
    assert example_from_row(json.loads(json.dumps(asdict(example))), "two") == example
