"""How likely it is that an exchange went well shows in what came next, and in what is usual in the house."""

from datetime import UTC, datetime, timedelta

import pytest

from edge_nlu.learning.rewording import WITHIN
from edge_nlu.learning.verdicts import (
    AGAIN,
    ANEW,
    BACK,
    FINE,
    GIVEN_UP,
    HAND,
    INTERRUPTED,
    LONGEST,
    RIGHT,
    SHORTEST,
    Judge,
)
from edge_nlu.values import (
    Act,
    Ask,
    Candidate,
    Clause,
    Command,
    Decision,
    Exchange,
    Understanding,
    Utterance,
    Wish,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LAMP_ON = Command("lamp", (("state", True),))
UNSURE = Ask("Sorry, I did not get that.", "unsure")


def done(command: Command = LAMP_ON, say: str = "It is on.") -> Act:
    return Act((Candidate(Wish("on", "power"), (command.device,), (command,)),), (command,), say)


def said(text: str, after_s: float, decision: Decision, want: str = "on", user: str = "") -> Exchange:
    read = Understanding(text, (), 1.0, (), (Clause(0, len(text), want, "power"),))
    return Exchange(Utterance(text, text, NOON + timedelta(seconds=after_s), "hall", user), read, decision)


LIT = said("turn on the lamp", 0, done())


@pytest.mark.parametrize(
    ("earlier", "later", "why", "good"),
    [
        pytest.param(LIT, said("what time is it", 60, done(), "ask"), FINE, True, id="nothing said"),
        pytest.param(LIT, said("no", 5, UNSURE, "deny"), BACK, False, id="no"),
        pytest.param(LIT, said("undo that", 5, done(), "undo"), BACK, False, id="undone"),
        pytest.param(LIT, said("that's right", 5, UNSURE, "confirm"), RIGHT, True, id="right"),
        pytest.param(LIT, said("thank you", 5, UNSURE, "none"), RIGHT, True, id="thanks"),
        pytest.param(LIT, said("turn on the lamp", 9, done()), AGAIN, False, id="said again"),
        pytest.param(
            said("kill the lamp", 0, UNSURE), said("turn off the lamp", 8, done()), ANEW, False, id="anew"
        ),
        pytest.param(said("glow", 0, UNSURE), said("bye", 600, UNSURE, "none"), GIVEN_UP, False, id="gone"),
        pytest.param(
            LIT,
            said("turn on the fan", 9, done(Command("fan", (("state", True),)))),
            FINE,
            True,
            id="the next thing is no complaint",
        ),
    ],
)
def test_what_comes_next_tells_how_it_went(
    earlier: Exchange, later: Exchange, why: str, *, good: bool
) -> None:
    verdict = Judge().next(earlier, later)
    assert verdict.why == why
    assert (verdict.well > 0.5) == good


def test_another_person_does_not_speak_for_the_first() -> None:
    first = said("turn on the lamp", 0, done(), user="ana")
    assert Judge().next(first, said("turn on the lamp", 5, done(), user="ben")).why == FINE


def test_putting_it_back_by_hand_is_a_complaint_only_soon_after() -> None:
    judge = Judge()
    soon = judge.put_back(LIT, 20.0)
    assert soon is not None
    assert (soon.why, soon.well < 0.2) == (HAND, True)
    assert judge.put_back(LIT, 600.0) is None
    assert judge.put_back(LIT, -5.0) is None


def test_silence_tells_less_where_nobody_ever_complains() -> None:
    quiet = Judge([(FINE, 60.0)] * 300)
    frank = Judge([(FINE, 60.0)] * 270 + [(BACK, 5.0)] * 30)
    calm = said("what time is it", 60, done(), "ask")
    assert quiet.next(LIT, calm).well < frank.next(LIT, calm).well


def test_an_interruption_tells_nothing_where_everybody_always_interrupts() -> None:
    long = said("lights", 0, done(say="The lamp in the hall is on, and so are the others, all of them now."))
    after = said("and turn on the radio please", 2, done(Command("radio", (("state", True),))))
    rare, always = Judge([(FINE, 60.0)] * 100), Judge([(INTERRUPTED, 2.0)] * 300)
    assert rare.next(long, after).why == INTERRUPTED
    assert rare.next(long, after).well < 0.6
    assert always.next(long, after).well > 0.85


def test_how_long_people_take_to_say_it_anew_is_learned() -> None:
    assert Judge().within == WITHIN
    assert Judge([(ANEW, 3.0)] * 20).within == SHORTEST
    assert Judge([(ANEW, 30.0)] * 20).within == timedelta(seconds=45)
    assert Judge([(ANEW, 89.0)] * 20).within == LONGEST


def test_what_was_long_ago_gives_way_to_how_the_house_is_now() -> None:
    changed = Judge([(INTERRUPTED, 2.0)] * 800 + [(FINE, 60.0)] * 2400)
    long = said("lights", 0, done(say="The lamp in the hall is on, and so are the others, all of them now."))
    assert changed.next(long, said("stop it", 2, UNSURE, "none")).well < 0.6


def test_a_clock_that_goes_back_says_nothing() -> None:
    assert Judge().next(LIT, said("no", -3600, UNSURE, "deny")).why == FINE
