"""A month in seconds: what a home learns while people live in it, disagree, interrupt and say nothing."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.stage import Stage
from edge_nlu.learning.verdicts import BACK, FINE, HAND
from edge_nlu.models.encoder import Encoder
from edge_nlu.storage.memory import HomeMemory, habits_in
from edge_nlu.values import Exchange, Utterance

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
LAMP = "zigbee2mqtt/left_bedside_lamp"


class House:
    """The demo home over days."""

    def __init__(self, encoder: Encoder) -> None:
        self.stage = Stage(read_home("demo"), MONDAY, encoder, live=True)
        self._said = 0

    def say(self, text: str, at: datetime, user: str = "ana", satellite: str = "kitchen_speaker") -> Exchange:
        self._said += 1
        self.stage.at = at
        exchange = self.stage.handle(Utterance(str(self._said), text, at, satellite, user))
        assert exchange is not None
        return exchange

    def by_hand(self, topic: str, payload: object, at: datetime) -> None:
        self.stage.at = at
        assert self.stage.home is not None
        self.stage.home.say(topic, payload)

    def sent(self, exchange: Exchange) -> str:
        return str(self.stage.result(exchange)["publishes"])

    def verdicts(self) -> list[tuple[str, str]]:
        rows = self.stage.journal.rows("SELECT text, why FROM exchanges ORDER BY number")
        return [(str(text), str(why)) for text, why in rows]


@pytest.fixture
def house(encoder: Encoder) -> House:
    return House(encoder)


def days(count: int, hour: int, minute: int = 0) -> Iterable[datetime]:
    return (MONDAY + timedelta(days=day, hours=hour, minutes=minute) for day in range(count))


def test_a_month_of_mornings_makes_a_habit_that_outlives_a_restart(house: House) -> None:
    for at in days(30, 7):
        house.by_hand(LAMP, {"state": "ON"}, at)
        house.say("make a cappuccino", at + timedelta(minutes=6))
        house.by_hand(LAMP, {"state": "OFF"}, at + timedelta(hours=2))
        house.say("make an espresso", at + timedelta(hours=8))
    noon = MONDAY + timedelta(days=30, hours=15)
    assert "cappuccino" not in house.sent(house.say("start brewing", noon))
    house.by_hand(LAMP, {"state": "ON"}, noon + timedelta(hours=1))
    house.stage.memory.read()
    soon = noon + timedelta(hours=1, minutes=5)
    assert "cappuccino" in house.sent(house.say("start brewing", soon))
    assert "cappuccino" not in house.sent(house.say("start brewing", soon + timedelta(minutes=1), "ben"))


def test_two_people_who_correct_each_other_leave_no_habit_to_either(house: House) -> None:
    for at in days(14, 20):
        house.say("set the thermostat to 19 degrees", at, "ana", "living_room_tv")
        house.say("no, 23 degrees", at + timedelta(seconds=20), "ben", "living_room_tv")
        house.say("no, 19 degrees", at + timedelta(seconds=40), "ana", "living_room_tv")
    at = MONDAY + timedelta(days=14, hours=20)
    asked = "set the thermostat to my usual temperature"
    assert "23" not in house.sent(house.say(asked, at, "ana", "living_room_tv"))
    assert "19" not in house.sent(house.say(asked, at + timedelta(hours=1), "ben", "living_room_tv"))


def test_what_is_put_back_by_hand_is_no_habit_and_went_badly(house: House) -> None:
    for at in days(8, 22):
        house.say("turn on the left bedside lamp", at)
        house.by_hand(LAMP, {"state": "OFF"}, at + timedelta(seconds=20))
    assert {why for text, why in house.verdicts()} == {HAND}
    assert list(habits_in(house.stage.journal.each_row).known(MONDAY + timedelta(days=8))) == []


def test_a_household_that_never_complains_is_not_taken_for_content(house: House) -> None:
    for at in days(25, 18):
        house.say("turn on the kitchen spots", at)
        house.say("turn off the kitchen spots", at + timedelta(hours=3))
    assert {why for _, why in house.verdicts()} == {FINE}
    (well,) = house.stage.journal.rows("SELECT min(well) FROM exchanges WHERE shown_after_s IS NOT NULL")[0]
    assert 0.9 <= well < 0.95


def test_a_no_is_written_down_with_the_sentence_that_it_takes_back(house: House) -> None:
    house.say("turn on the kitchen spots", MONDAY)
    house.say("undo that", MONDAY + timedelta(seconds=5))
    assert house.verdicts()[0] == ("turn on the kitchen spots", BACK)


def test_a_clock_that_jumps_neither_breaks_nor_invents_a_habit(house: House) -> None:
    for at in days(10, 7):
        house.say("make a cappuccino", at)
    house.say("make an espresso", MONDAY + timedelta(days=9000))
    house.say("make a cappuccino", datetime(1970, 1, 1, 7, tzinfo=UTC))
    now = MONDAY + timedelta(days=10, hours=7)
    assert "espresso" not in house.sent(house.say("start brewing", now))
    house.stage.memory.read()
    assert isinstance(house.stage.memory, HomeMemory)


def test_hints_are_given_only_to_who_wants_them(encoder: Encoder) -> None:
    house = House(encoder)
    for at in days(12, 8):
        house.say("lock the front door", at)
        house.say("turn off the kitchen spots", at + timedelta(minutes=1))
        house.by_hand("zigbee2mqtt/kitchen_spots", {"state": "ON"}, at + timedelta(hours=9))
        house.by_hand("zigbee2mqtt/front_door", {"lock_state": "unlocked"}, at + timedelta(hours=9))
    later = MONDAY + timedelta(days=12, hours=8)
    assert "usually" not in house.say("lock the front door", later).decision.say
    rooms = {"kitchen_speaker": "kitchen"}
    keen = HomeMemory(house.stage.journal, rooms, hints=True)
    said = house.say("lock the front door", later + timedelta(minutes=30))
    assert "kitchen spots" in keen.afterthought(said, house.stage.context.snapshot(house.stage.at))


def test_what_was_not_meant_is_put_back_in_the_same_turn(house: House) -> None:
    house.say("turn on the fan and the hallway light", MONDAY)
    sent = house.sent(house.say("not the fan", MONDAY + timedelta(seconds=8)))
    assert ("bedroom_fan" in sent, "hallway_light" in sent) == (True, False)
    house.say("turn on the kitchen spots", MONDAY + timedelta(minutes=20))
    sent = house.sent(
        house.say("not the kitchen spots, the kitchen island light", MONDAY + timedelta(minutes=21))
    )
    assert sent.index("kitchen_spots") < sent.index("OFF") < sent.index("kitchen_island_light")
