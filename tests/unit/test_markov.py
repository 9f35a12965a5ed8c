"""Chains over wordings, solved as one would by hand."""

import pytest

from edge_nlu.learning.markov import MARGIN, PRIOR, Said, mine
from edge_nlu.learning.odds import at_least


def session(*words: str, reached: float = 1.0, home: str = "") -> list[Said]:
    """Return a conversation in which each sentence says the one before anew, and the last ends it."""
    last = len(words) - 1
    return [
        Said(f"{home}{'-'.join(words)}-{at}", word, reached=reached if at == last else 0.0, rephrases=at - 1)
        for at, word in enumerate(words)
    ]


def test_who_fails_with_one_and_succeeds_with_another_meant_that() -> None:
    (found,) = mine([[session("kill it", "turn it off"), *[session("turn it off")] * 4]])
    onward = 1 / (1 + PRIOR)
    assert (found.failing, found.working) == ("kill it", "turn it off")
    assert found.sure == pytest.approx(onward * at_least(5, 5), abs=1e-4)
    assert found.plain == pytest.approx((PRIOR / 2) / (1 + PRIOR), abs=1e-4)
    assert [said.wording for said in found.seen] == ["kill it"]


def test_a_way_over_a_third_wording_counts_as_far_as_it_leads() -> None:
    chats = [*[session("a", "b", "c")] * 3, *[session("c")] * 5]
    found = {one.failing: one for one in mine([chats])}
    step = 3 / (3 + PRIOR)
    assert {one.failing: one.working for one in found.values()} == {"a": "c", "b": "c"}
    assert found["a"].sure == pytest.approx(step * step * at_least(8, 8), abs=1e-4)
    assert found["b"].sure == pytest.approx(step * at_least(8, 8), abs=1e-4)


def test_saying_it_again_is_a_step_that_leads_nowhere() -> None:
    # from "a" people say "a" again half of the time: N(a,a) = 1 / (1 - 2/(4 + prior))
    chats = [session("a", "a", "b"), session("a", "a", "b"), *[session("b")] * 6]
    (found,) = mine([chats])
    stays, onward = 2 / (4 + PRIOR), 2 / (4 + PRIOR)
    visits = 1 / (1 - stays)
    assert found.plain == pytest.approx(visits * (PRIOR / 2) / (4 + PRIOR), abs=1e-4)
    assert found.sure == pytest.approx(visits * onward * at_least(8, 8), abs=1e-4)


@pytest.mark.parametrize(
    "chats",
    [
        pytest.param([session("a"), session("b")], id="nobody turned"),
        pytest.param([session("a", "b", reached=0.0)] * 4, id="the other fails, too"),
        pytest.param([*[session("a")] * 8, session("a", "b"), *[session("b")] * 8], id="it works mostly"),
        pytest.param(
            [session("a", other) for other in "bcdefgh"] + [session(other) for other in "bcdefgh"],
            id="everybody turns to something else",
        ),
    ],
)
def test_what_is_not_clearly_better_is_left(chats: list[list[Said]]) -> None:
    assert mine([chats]) == []


def test_homes_are_counted_not_sentences() -> None:
    loud = [session("a", "wrong", home=f"x{n}") for n in range(1000)] + [session("wrong")] * 1000
    quiet = [[session("a", "right", home=f"{n}"), *[session("right")] * 3] for n in range(9)]
    (found,) = mine([loud, *quiet])
    assert (found.working, found.homes) == ("right", 9)
    assert found.sure > found.plain + MARGIN


def test_of_very_many_wordings_the_likeliest_is_found() -> None:
    others = [session("a", f"w{number}") for number in range(300)]
    chats = [*[session("a", "best")] * 900, *others, *others[::-1], *[session("best")] * 9]
    assert [(one.failing, one.working) for one in mine([chats])] == [("a", "best")]
