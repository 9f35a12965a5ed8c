"""Of all that may be meant, what fits the home as it is now comes first."""

from collections.abc import Callable
from typing import Protocol

import pytest

from edge_nlu.models.heads import default_weights
from edge_nlu.steps.pair import Pair
from edge_nlu.steps.resolve import WORDS, resolve
from edge_nlu.values import Candidate, Exchange, Wish

WEIGHTS = {"here": 2.0, "needed": 1.0, "done": -3.0, "named": 5.0}


class Evening(Protocol):
    """What a fixture lends: an evening in the demo home."""

    exchanges: list[Exchange]

    def happens(self, line: str) -> None: ...


def may_be(device: str, **evidence: float) -> Pair:
    return Pair(Candidate(Wish("off", "power"), (device,)), tuple(evidence.items()))


@pytest.mark.parametrize(
    ("pairs", "first"),
    [
        pytest.param([may_be("far"), may_be("near", here=1)], "near", id="here beats elsewhere"),
        pytest.param([may_be("near", here=1, done=1), may_be("far")], "far", id="done was not meant"),
        pytest.param([may_be("near", here=1), may_be("named", named=1)], "named", id="a name beats near"),
        pytest.param([may_be("half", named=0.5), may_be("whole", named=1)], "whole", id="the better name"),
        pytest.param([may_be("first"), may_be("second")], "first", id="with nothing to tell, as they stand"),
        pytest.param([may_be("a"), may_be("b", glitter=9)], "a", id="what has no weight tells nothing"),
    ],
)
def test_which_comes_first(pairs: list[Pair], first: str) -> None:
    assert resolve(pairs, WEIGHTS)[0].devices == (first,)


def test_scores_add_up_to_one() -> None:
    ranked = resolve([may_be("a", here=1), may_be("b", done=1), may_be("c", named=0.7)], WEIGHTS)
    assert sum(candidate.score for candidate in ranked) == pytest.approx(1)
    assert [c.score for c in ranked] == sorted((c.score for c in ranked), reverse=True)


def test_two_alike_share_the_score() -> None:
    assert [c.score for c in resolve([may_be("a", here=1), may_be("b", here=1)], WEIGHTS)] == [0.5, 0.5]


def test_overwhelming_evidence_breaks_nothing() -> None:
    ranked = resolve([may_be("a", here=1e6), may_be("b", done=1e6)], WEIGHTS)
    assert [candidate.score for candidate in ranked] == [1, 0]


def test_nothing_may_be_meant() -> None:
    assert resolve([], WEIGHTS) == ()


def test_a_candidate_carries_its_reasons_the_weightiest_first() -> None:
    (one,) = resolve([may_be("a", needed=1, named=0.5, here=1)], WEIGHTS)
    assert [(reason.name, reason.weight) for reason in one.because] == [
        ("named", 2.5),
        ("here", 2.0),
        ("needed", 1.0),
    ]
    assert one.because[1].text == "is in this room"


def test_every_weight_can_be_said_in_words() -> None:
    assert set(default_weights()) <= set(WORDS)


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        pytest.param(
            ("living_room_tv> off.unsaid: turn [it](reference) off",),
            "living_room_floor_lamp",
            id="the one that is on, here",
        ),
        pytest.param(
            ("off.unsaid: turn [it](reference) off",),
            "living_room_floor_lamp",
            id="the one that is on, elsewhere",
        ),
        pytest.param(
            (
                "living_room_tv> on.power: turn on the [ceiling light](device)",
                'zigbee2mqtt/living_room_ceiling_light is now {"state": "ON"}',
                "living_room_tv> off.unsaid: turn [it](reference) off",
            ),
            "living_room_ceiling_light",
            id="of two that are on, the one spoken of",
        ),
        pytest.param(
            (
                "homie/5/kitchen_speaker/player/playback is now play",
                "homie/5/bedroom_speaker/player/playback is now play",
                "bedroom_speaker> pause.media: pause the [music](media_kind)",
            ),
            "bedroom_speaker",
            id="of two that play, the one here",
        ),
        pytest.param(
            (
                "homie/5/kitchen_speaker/player/playback is now play",
                "bedroom_speaker> pause.media: pause the [music](media_kind)",
            ),
            "kitchen_speaker",
            id="what plays elsewhere before what is silent here",
        ),
        pytest.param(
            ("bedroom_speaker> lower.volume: turn the [music](media_kind) down",),
            "bedroom_speaker",
            id="in silence, the player here",
        ),
        pytest.param(
            ("living_room_tv> ana says on.power: turn on [my](reference) [left lamp](device)",),
            "left_bedside_lamp",
            id="by a part of its name",
        ),
    ],
)
def test_the_weights_that_come_with_it(
    an_evening: Callable[[], Evening], lines: tuple[str, ...], first: str
) -> None:
    evening = an_evening()
    for line in lines:
        evening.happens(line)
    assert evening.exchanges[-1].ranked[0].devices[0].endswith(first)
