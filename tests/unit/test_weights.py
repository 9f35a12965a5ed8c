"""From situations in which the right device is known, a home learns what speaks for one."""

import pytest

from edge_nlu.learning.weights import Choice, learn_weights
from edge_nlu.steps.pair import Pair
from edge_nlu.steps.resolve import resolve
from edge_nlu.values import Candidate, Wish

START = {"here": 1.0, "needed": 1.0, "spoken_of": 1.0}
# the lamp here was not meant, but the one that was spoken of
SPOKEN_OF_BEATS_HERE = Choice(((("here", 1.0),), (("spoken_of", 1.0),)), 1)
NEEDED_COUNTS = Choice(((("here", 1.0), ("needed", 1.0)), (("here", 1.0),)), 0)


def meant(choice: Choice, weights: dict[str, float]) -> int:
    """Return which one of a choice these weights put first."""
    pairs = [
        Pair(Candidate(Wish("off", "power"), (str(number),)), tuple(evidence))
        for number, evidence in enumerate(choice.evidence)
    ]
    return int(resolve(pairs, weights)[0].devices[0])


@pytest.mark.parametrize("choice", [SPOKEN_OF_BEATS_HERE, NEEDED_COUNTS])
def test_what_was_learned_puts_the_right_one_first(choice: Choice) -> None:
    learned = learn_weights([SPOKEN_OF_BEATS_HERE, NEEDED_COUNTS], START)
    assert meant(choice, learned) == choice.right


def test_right_ones_win_though_some_situations_disagree() -> None:
    odd = Choice(SPOKEN_OF_BEATS_HERE.evidence, 0)
    learned = learn_weights([SPOKEN_OF_BEATS_HERE] * 4 + [odd], START)
    assert meant(SPOKEN_OF_BEATS_HERE, learned) == 1
    # one in five was the lamp here after all, and so sure the weights are, not more
    assert 1.0 < learned["spoken_of"] - learned["here"] < 2.0


def test_a_pull_keeps_a_home_with_little_to_tell_near_the_start() -> None:
    weak = learn_weights([SPOKEN_OF_BEATS_HERE], START, pull=0.001)
    strong = learn_weights([SPOKEN_OF_BEATS_HERE], START, pull=1.0)

    def moved(weights: dict[str, float]) -> float:
        return sum(abs(weights[name] - START[name]) for name in START)

    assert 0 < moved(strong) < 0.7
    assert moved(strong) < moved(weak)


def test_what_no_situation_tells_of_stays_as_it_is() -> None:
    learned = learn_weights([SPOKEN_OF_BEATS_HERE], START)
    assert learned["needed"] == START["needed"]


def test_evidence_without_a_weight_teaches_nothing() -> None:
    unheard = Choice(((("sparkles", 1.0),), (("needed", 1.0),)), 0)
    assert set(learn_weights([unheard], START)) == set(START)


def test_a_choice_of_one_teaches_nothing() -> None:
    assert learn_weights([Choice(((("here", 1.0),),), 0)], START) == START


def test_the_same_situations_teach_the_same() -> None:
    choices = [SPOKEN_OF_BEATS_HERE, NEEDED_COUNTS]
    assert learn_weights(choices, START) == learn_weights(choices, START)
