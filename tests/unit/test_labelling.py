"""What each wording of a wish meant is told by what worked in the end, and only as surely as that shows."""

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edge_nlu.learning.failures import UNTOLD, failures, summed_up
from edge_nlu.learning.goals import CORRECT, HEARD, NOT_FOUND, RESULT, UNDERSTOOD, Judged, by_verdicts
from edge_nlu.learning.head import Head, trained
from edge_nlu.learning.labels import Label, Labeller
from edge_nlu.learning.occasions import Occasion
from edge_nlu.values import (
    Act,
    Answer,
    Ask,
    Candidate,
    Clause,
    Command,
    Decision,
    Exchange,
    Outcome,
    Reason,
    Slot,
    Understanding,
    Utterance,
    Wish,
)

FIRST = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
LAMP, DESK = "z/reading_lamp", "z/desk_lamp"
UNSURE = Ask("Sorry, I did not get that.", "unsure")


def act(device: str = LAMP, *, on: bool = True, score: float = 1.0) -> Act:
    told = Command(device, (("state", on),))
    because = (Reason("exact", "", 1.5), Reason("needed", "", 1.0))
    wish = Wish("on" if on else "off", "power")
    return Act((Candidate(wish, (device,), (told,), score, because),), (told,), "All right.")


def said(
    text: str,
    decision: Decision,
    *,
    want: str = "on",
    prop: str = "power",
    slots: tuple[Slot, ...] = (),
    after_s: float = 0.0,
    at: str = "hall",
    home: float = 1.0,
) -> Exchange:
    utterance = Utterance(text, text, FIRST + timedelta(seconds=after_s), at, "")
    clauses = (Clause(0, len(text), want, prop, slots),)
    outcome = Outcome((LAMP,)) if isinstance(decision, Act) else Outcome()
    return Exchange(utterance, Understanding(text, (), home, (), clauses), decision, outcome)


OFF = act(on=False)
SHINE = said("make the reader shine", UNSURE, want="set", prop="color")
ON = said("turn on the reading lamp", act(), after_s=9)


def judged(*exchanges: Exchange, well: float = 0.95) -> list[Judged]:
    return by_verdicts((number, one, well) for number, one in enumerate(exchanges, 1))


# ------------------------------------------------------------------------------- what belongs to a wish


@pytest.mark.parametrize(
    ("exchanges", "goals"),
    [
        pytest.param([SHINE, ON], [1, 1], id="said anew after it failed"),
        pytest.param([SHINE, said("lamp on", act(), after_s=9, at="attic")], [1, 2], id="elsewhere"),
        pytest.param([SHINE, said("turn on the lamp", act(), after_s=200)], [1, 2], id="much later"),
        pytest.param([ON, said("no", Answer("Well."), want="deny", after_s=15)], [1, 1], id="taken back"),
        pytest.param([ON, said("the reading lamp off", OFF, after_s=20)], [1, 1], id="the opposite"),
        pytest.param([ON, said("turn on the desk lamp", act(DESK), after_s=15)], [1, 2], id="another lamp"),
    ],
)  # fmt: skip
def test_what_belongs_to_one_wish(exchanges: list[Exchange], goals: list[int]) -> None:
    assert [one.goal for one in judged(*exchanges)] == goals


def test_what_is_said_anew_names_what_says_it() -> None:
    assert [one.rephrased for one in judged(SHINE, ON)] == [ON.utterance.id, None]


# ------------------------------------------------------------------------------------------ labels


def test_every_wording_of_a_wish_meant_what_worked_in_the_end() -> None:
    anew, own = Labeller().labels(judged(SHINE, ON))
    assert (anew.text, anew.meant, anew.read) == ("make the reader shine", "on.power", "set.color")
    assert (own.meant, own.read) == ("on.power", "on.power")
    assert own.sure > anew.sure > 0.5
    assert own.commands == ON.decision.commands  # type: ignore[union-attr]


def test_slots_of_what_worked_are_found_again_in_what_failed() -> None:
    slot = Slot("device", 12, 24, "reading lamp")
    worked = said("turn on the reading lamp", act(), slots=(slot,), after_s=9)
    failing = said("the reading lamp should be burning", UNSURE)
    (anew, _) = Labeller().labels(judged(failing, worked))
    assert [(one.type, one.value, one.start) for one in anew.slots] == [("device", "reading lamp", 4)]


def test_what_came_to_nothing_has_no_label() -> None:
    assert Labeller().labels(judged(SHINE)) == []
    assert Labeller().labels(judged(SHINE, ON, well=0.1)) == []


def test_what_was_done_by_hand_says_what_was_meant() -> None:
    hand = Occasion(
        FIRST + timedelta(seconds=12), "on", "power", Command(LAMP, (("state", True),)), by_hand=True
    )
    (label,) = Labeller().labels(judged(SHINE, well=0.1), [hand])
    assert (label.meant, label.commands) == ("on.power", (hand.command,))
    level = replace(hand, want="set", property="brightness")
    assert Labeller().labels(judged(SHINE, well=0.1), [level]) == []


def test_who_was_chosen_doubtfully_is_labelled_less_surely() -> None:
    sure, doubtful = (
        Labeller().labels(judged(said("lamp on", act(score=score))))[0].sure for score in (1.0, 0.4)
    )
    assert sure > doubtful


def test_words_that_meant_something_else_before_are_less_sure() -> None:
    known = [Label("x", "turn on the reading lamp", "off.power") for _ in range(5)]
    assert Labeller(known).labels(judged(ON))[0].sure < Labeller().labels(judged(ON))[0].sure


# ------------------------------------------------------------------------------------------- heads


def vector(*numbers: float) -> bytes:
    row = np.zeros(8, "<f4")
    row[: len(numbers)] = numbers
    return bytes((row / np.linalg.norm(row)).tobytes())


def reading(text: str, embedding: bytes, want: str, *, sure: float = 0.3, home: float = 1.0) -> Understanding:
    return Understanding(text, (), home, (), (Clause(0, 9, want, "power", (), sure),), embedding)


def head() -> Head:
    shine = [reading(f"shine {n}", vector(1, 0.1 * n), "ask") for n in range(4)]
    plain = [reading(f"turn on {n}", vector(0, 0, 1, 0.1 * n), "on") for n in range(8)]
    labels = [Label(one.text, one.text, "on.power", sure=0.95) for one in (*shine, *plain)]
    return worked_out(trained(labels, [*shine, *plain]))


def worked_out(night: Generator[None, None, Head | None]) -> Head:
    def whole() -> Generator[None, None, None]:
        made.append((yield from night))

    made: list[Head | None] = []
    for _ in whole():
        pass
    assert made[0] is not None
    return made[0]


def test_a_head_reads_what_is_like_what_was_read_wrongly_otherwise() -> None:
    for read in (reading("shine on", vector(1, 0.25), "ask"), reading("shine", vector(1, 0.1, 0.55), "ask")):
        assert head().reread(read).clauses[0].want == "on"


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(reading("turn on", vector(0, 0, 1, 0.25), "ask"), id="like what was read rightly"),
        pytest.param(reading("shine", vector(1, 0.1, 0.55), "ask", sure=0.99), id="the model is surer"),
        pytest.param(reading("shine", vector(1, 0.25), "off"), id="the very opposite"),
        pytest.param(reading("shine", vector(1, 0.25), "choose"), id="an answer to something"),
        pytest.param(reading("shine", vector(1, 0.25), "ask", home=0.1), id="not for the home"),
        pytest.param(reading("shine", vector(1, 0.25), "on"), id="already so"),
    ],
)
def test_a_head_leaves_as_it_is(read: Understanding) -> None:
    assert head().reread(read) is read


def test_labels_that_were_read_rightly_teach_no_head() -> None:
    read = reading("turn on", vector(1), "on")
    with pytest.raises(StopIteration) as done:
        next(trained([Label("1", "turn on", "on.power", sure=1.0)], [read]))
    assert done.value.value is None


# ----------------------------------------------------------------------------------------- failures


def failing(number: int, exchange: Exchange, failure: str | None, rephrased: str | None = None) -> Judged:
    return Judged(number, exchange, number, 0.1, 0.1, rephrased, failure, 0.9)


def test_failures_are_told_with_what_shows_them_and_summed_up() -> None:
    lied = said("turn on the kitchen lied", UNSURE, at="kitchen")
    anew = said("turn on the kitchen light", act(), after_s=8, at="kitchen")
    reader = said("reader on", UNSURE, slots=(Slot("device", 0, 6, "reader"),))
    burning = said("the lamp should be burning", Answer("No smoke."), want="ask", prop="smoke")
    silent = replace(ON, outcome=Outcome((), ((LAMP, "no answer"),)))
    found = failures(
        [
            failing(1, lied, HEARD, anew.utterance.id),
            Judged(2, anew, 1, 0.9, 0.9, None, CORRECT, 0.9),
            failing(3, reader, NOT_FOUND),
            failing(4, burning, UNDERSTOOD),
            failing(5, silent, RESULT),
            failing(6, said("hm", UNSURE), None),
            failing(7, said("order a pizza", UNSURE), CORRECT),
        ],
        {LAMP: "reading lamp"},
    )
    assert [one.stage for one in found] == [HEARD, NOT_FOUND, UNDERSTOOD, RESULT, UNTOLD]
    assert [one.why for one in found][:4] == [
        "'lied' was heard for 'light'",
        "nothing here is called 'reader'",
        "it was read as 'ask smoke' and did something else than was meant",
        "the reading lamp (no answer) did not do it",
    ]
    told = summed_up(found)
    assert told.startswith("5 sentences failed: ")
    assert "1 heard wrong ('lied' for 'light')" in told
    assert "1 about things not known ('reader')" in told
    assert "1 not obeyed (reading lamp)" in told


def test_of_many_failures_it_is_told_what_most_were_about_and_where() -> None:
    lied = said("turn on the lied", UNSURE, at="kitchen")
    light = said("turn on the light", act(), at="kitchen")
    of = said("light of", UNSURE, at="hall")
    rows = [failing(number, lied, HEARD, light.utterance.id) for number in range(3)]
    rows += [Judged(8, light, 8, 0.9, 0.9, None, CORRECT), failing(9, of, HEARD)]
    assert (
        summed_up(failures(rows, {}))
        == "4 sentences failed: 4 heard wrong (mostly 'lied' for 'light', kitchen)."
    )


def test_nothing_failed() -> None:
    assert summed_up([]) == "Nothing failed."
