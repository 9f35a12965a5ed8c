"""The wording that people turn to stands in for the one that fails, and for nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from edge_nlu.learning.judge import failed, took_back
from edge_nlu.learning.rewording import Rewordings, Turned, turned, wording
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
    assert turned(FAILED, WORKED) == Turned("kill the reader", "turn off the reading lamp")


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
        pytest.param(exchange("turn on the fan", DONE), WORKED, id="it worked"),
        pytest.param(
            exchange("turn off the light", Ask("Which?", "which", (Option("a", ()), Option("b", ())))),
            WORKED,
            id="it was asked which",
        ),
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


def test_a_wish_answered_with_why_not_has_failed() -> None:
    assert failed(exchange("kill the reader", Answer("There is no reader.")))
    assert failed(exchange("do the zebra thing", Answer("I know no zebra."), want="same"))
    assert not failed(exchange("is the lamp on", Answer("Yes."), want="ask"))
    assert not failed(exchange("lamp off", Answer("It is off already.", DONE.candidates)))


def test_words_of_ones_own_mean_something_else_for_others() -> None:
    earlier = exchange("my thing off", UNSURE, user="ana")
    one = turned(earlier, exchange("turn off the left lamp", DONE, 5, user="ana"))
    assert one == Turned("my thing off", "turn off the left lamp", "ana")
    known = Rewordings([one, one])
    assert known.best("my thing off", "ana") == "turn off the left lamp"
    assert known.best("my thing off", "ben") == "my thing off"


ONE = Turned("kill the reader", "turn off the reading lamp")


def test_once_is_chance_and_twice_is_known() -> None:
    assert Rewordings([ONE]).best("kill the reader", "") == "kill the reader"
    assert Rewordings([ONE, ONE]).best("Kill the reader, please!", "ben") == "turn off the reading lamp"


def test_a_wording_that_worked_by_itself_is_left_alone() -> None:
    known = Rewordings([ONE, ONE])
    assert known.works("kill the reader")
    assert not known.add(ONE)
    assert known.best("kill the reader", "") == "kill the reader"


def test_people_who_turn_to_different_things_teach_nothing() -> None:
    other = Turned("kill the reader", "stop the e-reader")
    assert Rewordings([ONE, ONE, other, other]).best("kill the reader", "") == "kill the reader"


def test_what_is_taken_back_is_gone() -> None:
    known = Rewordings([ONE, ONE])
    known.take_back("kill the reader")
    assert known.best("kill the reader", "") == "kill the reader"


def test_only_so_many_are_kept() -> None:
    known = Rewordings(Turned(f"failing {number}", "x") for number in range(5000))
    for number in range(9000):
        known.works(f"working {number}")
    assert known.works("working 0")
    assert known.add(Turned("working 3", "x"))


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
