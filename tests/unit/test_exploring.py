"""Whether an act was right is asked seldom, of near ties that come often, and of nothing risky."""

from datetime import UTC, datetime

import pytest

from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.stage import Stage
from edge_nlu.learning.exploring import PROPENSITY, is_asked, propensity
from edge_nlu.values import Act, Candidate, Command, Exchange, Understanding, Utterance, Wish

EVENING = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
ON = Wish("on", "power")
SPOTS, ISLAND = "zigbee2mqtt/kitchen_spots", "zigbee2mqtt/kitchen_island_light"
DOOR = "zigbee2mqtt/front_door"


class Silent:
    """Understands nothing."""

    def understand(self, text: str) -> Understanding:
        return Understanding(text, (), 0.0, (), ())


def stage() -> Stage:
    return Stage(read_home("demo"), EVENING, Silent())


def candidate(device: str, score: float, *, key: str = "state", value: bool = True) -> Candidate:
    return Candidate(ON, (device,), (Command(device, ((key, value),)),), score)


def exchange(first: Candidate, second: Candidate, id_: str = "u1") -> Exchange:
    said = Utterance(id_, "light on", EVENING, "kitchen_display", "")
    decision = Act((first,), first.commands, "All right.")
    return Exchange(said, Understanding("light on", (), 1.0, (), ()), decision, ranked=(first, second))


TIE = exchange(candidate(SPOTS, 0.55), candidate(ISLAND, 0.45))


@pytest.mark.parametrize(
    ("done", "times", "asked"),
    [
        pytest.param(TIE, 6, PROPENSITY, id="a tie that comes often"),
        pytest.param(TIE, 0, None, id="said for the first time"),
        pytest.param(exchange(candidate(SPOTS, 0.8), candidate(ISLAND, 0.2)), 99, None, id="a clear winner"),
        pytest.param(
            exchange(candidate(SPOTS, 0.5), candidate(SPOTS, 0.5)), 99, None, id="the same either way"
        ),
        pytest.param(
            exchange(candidate(DOOR, 0.5, value=False), candidate(SPOTS, 0.5)), 99, None, id="something risky"
        ),
    ],
)
def test_what_is_worth_a_question(done: Exchange, times: int, asked: float | None) -> None:
    home = stage().context.snapshot(EVENING)
    assert propensity(done, home, lambda: times) == asked


def test_it_is_asked_as_often_as_is_kept() -> None:
    asked = sum(is_asked(f"u{number}", PROPENSITY) for number in range(4000)) / 4000
    assert abs(asked - PROPENSITY) < 0.03
