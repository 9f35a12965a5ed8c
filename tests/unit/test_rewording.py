"""The wording that people turn to stands in for the one that fails, and for nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edge_nlu.learning.judge import failed, took_back
from edge_nlu.learning.rewording import SpeakingOn, Turned, follows, named_anew, turned, wording
from edge_nlu.values import (
    Act,
    Answer,
    Ask,
    AskCloud,
    Candidate,
    Clause,
    Command,
    Decision,
    Exchange,
    Option,
    Outcome,
    Reason,
    Slot,
    Understanding,
    Utterance,
    Wish,
)

NINE = datetime(2026, 2, 20, 21, 0, tzinfo=UTC)
UNSURE = Ask("Sorry, I did not get that.", "unsure")
CLOUD = AskCloud("That is not for me.")
OFF = Command("z/lamp", (("state", False),))
DONE = Act((Candidate(Wish("off", "power"), ("z/lamp",), (OFF,)),), (OFF,), "All right.")


def exchange(
    text: str,
    decision: Decision,
    after_s: float = 0,
    *,
    home: float = 1.0,
    want: str = "off",
    user: str = "",
    satellite: str = "lounge",
    slots: tuple[Slot, ...] = (),
    outcome: Outcome | None = None,
) -> Exchange:
    read = Understanding(text, (), home, (), (Clause(0, len(text), want, "power", slots),))
    said = Utterance(f"{text}-{after_s}", text, NINE + timedelta(seconds=after_s), satellite, user)
    return Exchange(said, read, decision, outcome or Outcome(("z/lamp",)))


FAILED = exchange("kill the reader", UNSURE)
WORKED = exchange("turn off the reading lamp", DONE, 8)


def test_a_wording_that_fails_is_followed_by_one_that_works() -> None:
    assert turned(FAILED, WORKED, weight=0.9) == Turned(FAILED, WORKED, 0.9)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        pytest.param(FAILED, exchange("turn it off", DONE, 31), id="half a minute later"),
        pytest.param(FAILED, exchange("turn off the lamp", DONE, -5), id="the clock was set back"),
        pytest.param(FAILED, exchange("turn off the lamp", DONE, 5, satellite="hall"), id="in another room"),
        pytest.param(
            exchange("kill the reader", UNSURE, user="ana"),
            exchange("turn off the lamp", DONE, 5, user="ben"),
            id="somebody else",
        ),
        pytest.param(FAILED, exchange("zap the reader", UNSURE, 5), id="fails as well"),
        pytest.param(FAILED, exchange("please kill the reader", DONE, 5), id="the same wording"),
        pytest.param(FAILED, exchange("the left one", DONE, 5, want="choose"), id="an answer"),
        pytest.param(
            FAILED, exchange("turn it off", DONE, 5, slots=(Slot("reference", 5, 7, "it"),)), id="points back"
        ),
        pytest.param(
            exchange("how tall is mount everest", CLOUD, home=0.0, want="none"),
            WORKED,
            id="a question of knowledge",
        ),
        pytest.param(exchange("is the lamp on", UNSURE, want="ask"), WORKED, id="a question about the home"),
        pytest.param(exchange("turn off the light", DONE), WORKED, id="it did the same"),
        pytest.param(exchange("turn on the reader", UNSURE, want="on"), WORKED, id="the opposite"),
        pytest.param(
            FAILED,
            exchange("turn off the reading lamp", DONE, 5, outcome=Outcome((), (("z/lamp", "gone"),))),
            id="the device could not be told",
        ),
    ],
)
def test_other_things_that_follow_each_other_are_no_rewording(earlier: Exchange, later: Exchange) -> None:
    assert turned(earlier, later) is None


def test_a_sentence_that_seemed_not_to_be_for_the_home_counts_when_it_is_alike() -> None:
    odd = exchange("reading lamp kaput", CLOUD, home=0.2, want="none")
    assert turned(odd, WORKED) is not None


@pytest.mark.parametrize(
    ("named", "fits", "expected"),
    [
        pytest.param("z/heater", 7.0, False, id="which heater, and then a lamp"),
        pytest.param("z/lamp", 7.0, True, id="the same thing in other words"),
        pytest.param("z/heater", 6.5, True, id="it only sounded like a heater"),
    ],
)
def test_who_names_another_thing_wishes_for_something_else(
    named: str,
    fits: float,
    expected: bool,  # noqa: FBT001
) -> None:
    def naming(one: Exchange, device: str, weight: float) -> Exchange:
        because = (Reason("named", "fits the words said", weight),)
        return replace(one, ranked=(Candidate(Wish("off", "power"), (device,), (), 1.0, because),))

    earlier, later = naming(FAILED, named, fits), naming(WORKED, "z/lamp", 7.0)
    assert expected == (turned(earlier, later) is not None)
    # how often people speak on is counted whatever they speak of
    assert follows(earlier, later)


def test_a_wish_answered_with_why_not_has_failed() -> None:
    assert failed(exchange("kill the reader", Answer("There is no reader.")))
    assert failed(exchange("do the zebra thing", Answer("I know no zebra."), want="same"))
    assert not failed(exchange("is the lamp on", Answer("Yes."), want="ask"))
    assert not failed(exchange("lamp off", Answer("It is off already.", DONE.candidates)))


def test_words_of_ones_own_mean_something_else_for_others() -> None:
    earlier = exchange("my thing off", UNSURE, user="ana")
    one = turned(earlier, exchange("turn off the left lamp", DONE, 5, user="ana"))
    assert one is not None
    assert one.user == "ana"


@pytest.mark.parametrize(
    ("why", "asked", "answer", "expected"),
    [
        pytest.param("which", "Which one?", "the left lamp", True, id="which one"),
        pytest.param("sure", "Shall I turn off the left lamp?", "the left lamp", True, id="shall I"),
        pytest.param("sure", "Shall I turn off the left lamp?", "the right lamp", False, id="another one"),
    ],
)
def test_what_is_answered_is_what_was_asked_for(why: str, asked: str, answer: str, expected: bool) -> None:  # noqa: FBT001
    question = Ask(asked, why, (Option("left", DONE.candidates), Option("right", ())))
    later = exchange(answer, DONE, 5, want="choose", slots=(Slot("device", 4, len(answer), answer[4:]),))
    earlier = exchange("kill the reader", question, slots=(Slot("device", 9, 15, "reader"),))
    assert (turned(earlier, later) is not None) is expected
    assert named_anew(earlier, later) == f"kill the {answer[4:]}"


def test_what_follows_a_failure_no_oftener_than_a_success_tells_nothing() -> None:
    speaking_on = SpeakingOn()
    assert speaking_on.telling > 0.85
    for _ in range(10):
        speaking_on.count(failed=True, spoke_on=True)
        speaking_on.count(failed=False, spoke_on=True)
    assert speaking_on.telling < 0.3
    assert SpeakingOn(speaking_on.counted).telling == speaking_on.telling


@pytest.mark.parametrize(
    ("want", "expected"), [("deny", True), ("undo", True), ("correct", True), ("on", False)]
)
def test_an_act_is_taken_back_by_what_is_said_next(want: str, expected: bool) -> None:  # noqa: FBT001
    assert took_back(exchange("no", UNSURE, 5, want=want), exchange("turn off the lamp", DONE)) is expected


def test_no_to_a_question_takes_nothing_back() -> None:
    asked = exchange("turn it off", Ask("The lamp?", "sure"))
    assert not took_back(exchange("no", Answer("All right."), 5, want="deny"), asked)


def test_no_an_hour_later_takes_nothing_back() -> None:
    assert not took_back(exchange("no", UNSURE, 3600, want="deny"), exchange("turn off the lamp", DONE))


def test_politeness_makes_no_other_wording() -> None:
    assert wording("Okay, kill the reader please!") == wording("kill the reader")
