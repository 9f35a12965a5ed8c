"""Whether an act was right is asked seldom, of near ties that come often, and of nothing risky."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.stage import Stage
from edge_nlu.learning.exploring import PROPENSITY, SELDOM, is_asked, propensity
from edge_nlu.steps.care import risky
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.values import Act, Candidate, Command, Exchange, Understanding, Utterance, Wish

EVENING = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
ON = Wish("on", "power")
SPOTS, ISLAND = "zigbee2mqtt/kitchen_spots", "zigbee2mqtt/kitchen_island_light"
DOOR = "zigbee2mqtt/front_door"


class Silent:
    """Understands nothing."""

    def understand(self, text: str) -> Understanding:
        return Understanding(text, (), 0.0, (), ())


class House:
    """The demo home, where the same was said so often, and time goes on by weeks."""

    def __init__(self, times: int, *, questions: bool = True) -> None:
        self.stage = Stage(read_home("demo"), EVENING, Silent())
        self.memory = HomeMemory(self.stage.journal, questions=questions)
        for number in range(times):
            before = exchange(candidate(SPOTS, 0.9), candidate(ISLAND, 0.1), f"before {number}")
            self.memory.wordings.went(before, well=True)

    def asked(self, done: Exchange, count: int = 40, apart: timedelta = timedelta(0)) -> int:
        """Say it so often, so long apart, and return how often it was asked whether that did it."""
        home = self.stage.context.snapshot(EVENING)
        asked = 0
        for number in range(count):
            said = replace(done.utterance, id=f"u{number}", at=EVENING + number * apart)
            one = replace(done, utterance=said)
            asked += bool(self.memory.afterthought(one, home))
            self.stage.journal.write(one)
        return asked


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
    ],
)
def test_what_is_worth_a_question(done: Exchange, times: int, asked: float | None) -> None:
    assert propensity(done, lambda: times) == asked


def test_it_is_asked_as_often_as_is_kept() -> None:
    asked = sum(is_asked(f"u{number}", PROPENSITY) for number in range(4000)) / 4000
    assert abs(asked - PROPENSITY) < 0.03


def test_a_tie_that_comes_often_is_asked_about_once_in_two_weeks() -> None:
    assert House(6).asked(TIE) == 1
    assert 5 < House(6).asked(TIE, apart=SELDOM) < 16


def test_how_likely_the_question_was_is_kept() -> None:
    house = House(6)
    house.asked(TIE, apart=SELDOM)
    kept = house.stage.journal.rows("SELECT DISTINCT propensity FROM exchanges WHERE propensity IS NOT NULL")
    assert {row[0] for row in kept} == {PROPENSITY, 1 - PROPENSITY}


def test_nothing_of_it_is_asked_of_what_is_risky_or_where_nobody_wants_it() -> None:
    unlocked = exchange(candidate(DOOR, 0.52, value=False), candidate(SPOTS, 0.48))
    home = House(6).stage.context.snapshot(EVENING)
    assert risky(unlocked.decision, home)
    assert House(6, questions=False).asked(TIE, apart=SELDOM) == 0
    assert House(6).asked(unlocked, apart=timedelta(hours=1)) == 1, (
        "a risky one is asked about by its own rule"
    )
