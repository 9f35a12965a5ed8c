"""What is usual: by time of day, kind of day, person and place, and only with enough behind it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edge_nlu.learning.habits import Habits
from edge_nlu.learning.occasions import Cause, Occasion, by_hand, occasions_of
from edge_nlu.steps.pair import HABIT
from edge_nlu.values import (
    Act,
    Candidate,
    Clause,
    Command,
    Device,
    Exchange,
    Feature,
    Outcome,
    Understanding,
    Utterance,
    Wish,
)

COFFEE, LAMP, LEFT, RIGHT, PLAYER = "h/coffee", "z/lamp", "z/left", "z/right", "h/player"
NOTHING = Outcome()
BREW = Wish("start", "run", usual=True)
MONDAY = datetime(2026, 3, 2, 7, 5, tzinfo=UTC)


def on(day: int, hour: int = 7, minute: int = 5) -> datetime:
    """Return a time so many days before Monday the second of March."""
    return MONDAY.replace(hour=hour, minute=minute) - timedelta(days=day)


def brew(what: str, at: datetime, user: str = "", place: str = "kitchen") -> Occasion:
    return Occasion(at, "start", "run", Command(COFFEE, (("brew", what),)), user, place)


def dim(value: float, at: datetime, device: str = LAMP) -> Occasion:
    return Occasion(at, "set", "brightness", Command(device, (("brightness", value),)), "", "lounge")


def turn_on(device: str, at: datetime, user: str) -> Occasion:
    return Occasion(at, "on", "power", Command(device, (("state", True),)), user, "bedroom")


def play(title: str, at: datetime, user: str = "", place: str = "lounge", kind: str = "music") -> Occasion:
    told = Command(PLAYER, (("media", f'{{"kind": "{kind}", "title": "{title}"}}'),))
    return Occasion(at, "play", "media", told, user, place)


def usual(
    occasions: Iterable[Occasion],
    wish: Wish = BREW,
    devices: tuple[str, ...] = (COFFEE,),
    at: datetime = MONDAY,
    user: str = "",
    place: str = "kitchen",
) -> list[tuple[object, float]]:
    said = Utterance("u", "as usual", at, place, user)
    found = Habits(occasions).usual(wish, devices, said, place)
    return [(command.settings[-1][1], round(sure, 2)) for command, sure in found]


# ------------------------------------------------------------------------------ how much is enough


def test_nothing_is_usual_in_a_new_home() -> None:
    assert usual([]) == []


def test_once_is_no_habit() -> None:
    assert usual([brew("espresso", on(1))]) == []


def test_the_same_said_again_at_once_is_still_once() -> None:
    assert usual([brew("espresso", on(1)), brew("espresso", on(1, minute=6))]) == []


def test_three_of_three_fill_in_and_what_was_done_instead_counts_against_it() -> None:
    ((_, two),) = usual(brew("espresso", on(day)) for day in (4, 3))
    ((_, three),) = usual(brew("espresso", on(day)) for day in (6, 4, 2))
    ((_, four),) = usual(brew("espresso", on(day)) for day in (6, 5, 4, 3))
    assert two < HABIT <= three < four < 0.7
    ((_, broken),) = usual([*(brew("espresso", on(day)) for day in (6, 4, 2)), brew("coffee", on(1))])
    assert broken < HABIT


def test_who_is_torn_has_no_clear_habit() -> None:
    torn = [brew(("espresso", "cappuccino")[day % 2], on(day)) for day in range(14, 2, -1)]
    found = usual(torn)
    assert found[0][1] < 0.6


def test_a_new_habit_soon_outweighs_an_old_one() -> None:
    days = [brew("espresso", on(day)) for day in (13, 12, 11, 10)]
    days += [brew("cappuccino", on(day)) for day in (6, 5, 4, 3)]
    found = usual(days)
    assert found[0][0] == "cappuccino"
    assert found[0][1] > 0.4


def test_one_exception_does_not_break_a_habit() -> None:
    days = [brew("espresso", on(day)) for day in range(12, 1, -1)]
    found = usual([*days, brew("cappuccino", on(1))])
    assert found[0][0] == "espresso"
    assert found[0][1] > HABIT


def test_what_was_long_ago_is_forgotten() -> None:
    assert usual(brew("espresso", on(day)) for day in range(190, 180, -1)) == []


# ------------------------------------------------------------------------------------------- when


@pytest.mark.parametrize(("hour", "expected"), [(8, 229.0), (21, 51.0), (22, 51.0)])
def test_the_time_of_day_tells_which_light(hour: int, expected: float) -> None:
    days = [dim(value, on(day, at)) for day in range(12, 0, -1) for value, at in ((229.0, 8), (51.0, 21))]
    wish = Wish("set", "brightness", usual=True)
    found = usual(days, wish, (LAMP,), MONDAY.replace(hour=hour))
    assert found[0][0] == expected
    assert found[0][1] > HABIT


def test_a_time_of_day_goes_round_midnight() -> None:
    days = [dim(51.0, on(day, 23, 50)) for day in range(6, 0, -1)]
    ((_, sure),) = usual(days, Wish("set", "brightness", usual=True), (LAMP,), MONDAY.replace(hour=0))
    assert sure > HABIT


def test_weekends_have_habits_of_their_own() -> None:
    days = [
        brew("cappuccino", at.replace(hour=8, minute=30)) if at.weekday() >= 5 else brew("espresso", at)
        for at in (on(day) for day in range(30, 1, -1))
    ]
    sunday = on(1).replace(hour=8, minute=31)
    assert usual(days, at=sunday)[0][0] == "cappuccino"
    assert usual(days, at=MONDAY)[0][0] == "espresso"
    assert min(usual(days, at=sunday)[0][1], usual(days, at=MONDAY)[0][1]) > HABIT


def test_a_drink_asked_for_at_another_time_of_day_is_only_a_guess() -> None:
    days = [brew("latte", on(day)) for day in range(12, 0, -1)]
    ((drink, sure),) = usual(days, Wish("start", "run", options=("coffee",)), at=MONDAY.replace(hour=16))
    assert drink == "latte"
    assert sure < 0.75


def test_the_usual_alone_is_that_of_this_time_of_day() -> None:
    days = [brew("latte", on(day)) for day in range(12, 0, -1)]
    assert usual(days, at=MONDAY.replace(hour=16)) == []


# -------------------------------------------------------------------------------------------- who


def test_each_person_has_habits_of_their_own() -> None:
    days = [
        brew(*pair)
        for day in range(12, 0, -1)
        for pair in (("espresso", on(day), "ana"), ("cappuccino", on(day, minute=15), "ben"))
    ]
    assert [drink for drink, _ in usual(days, user="ana", at=MONDAY.replace(minute=15))] == ["espresso"]
    assert [drink for drink, _ in usual(days, user="ben")] == ["cappuccino"]
    assert usual(days, user="carla") == []
    assert usual(days, user="")[0][1] < 0.6


def test_what_nobody_is_named_for_counts_a_little_for_everybody() -> None:
    days = [brew("espresso", on(day)) for day in range(6, 0, -1)]
    own = [brew("lungo", on(day, minute=40), "ana") for day in range(6, 0, -1)]
    assert usual(days, user="ana")[0][0] == "espresso"
    assert usual([*days, *own], user="ana")[0][0] == "lungo"


def test_my_lamp_is_the_one_that_i_turn_on() -> None:
    nights = [
        turn_on(*pair)
        for day in range(12, 0, -1)
        for pair in ((LEFT, on(day, 22, 40), "ana"), (RIGHT, on(day, 22, 40), "ben"))
    ]
    habits = Habits(nights)
    wish, at = Wish("on", "power"), MONDAY.replace(hour=22)

    def lamps(user: str) -> list[str]:
        found = habits.usual(wish, (LEFT, RIGHT), Utterance("u", "", at, "bedroom", user), "bedroom")
        return [command.device for command, sure in found if sure > 0.6]

    assert lamps("ana") == [LEFT]
    assert lamps("ben") == [RIGHT]
    assert lamps("carla") == []


# ----------------------------------------------------------------------------------- where, and what


def test_the_usual_is_what_is_done_here_at_this_time() -> None:
    days = [
        done
        for day in range(12, 0, -1)
        for done in (brew("espresso", on(day)), play("jazz", on(day, 19, 30)))
    ]
    evening = MONDAY.replace(hour=19, minute=33)
    assert usual(days, devices=())[0][0] == "espresso"
    assert "jazz" in str(usual(days, devices=(), at=evening, place="lounge")[0][0])
    assert usual(days, devices=(), at=evening, place="kitchen") == []
    assert usual(days, devices=(), at=MONDAY.replace(hour=13)) == []


def test_the_usual_keeps_to_the_property_that_is_said() -> None:
    days = [
        done for day in range(6, 0, -1) for done in (play("jazz", on(day, 19)), dim(51.0, on(day, 19, 20)))
    ]
    wish = Wish("play", "media", usual=True)
    found = usual(days, wish, (), MONDAY.replace(hour=19), place="lounge")
    assert ["jazz" in str(told) for told, _ in found] == [True]


def test_the_lamp_that_is_dimmed_is_the_one_however_far() -> None:
    days = [
        Occasion(on(day, 22), "lower", "brightness", Command(LEFT, (("level", 5.0 * day),)), "ana")
        for day in range(6, 0, -1)
    ]
    said = Utterance("u", "dim it", MONDAY.replace(hour=22), user="ana")
    ((command, sure),) = Habits(days).usual(Wish("lower", "brightness"), (LEFT, RIGHT), said, "")
    assert command.device == LEFT
    assert sure > HABIT


def test_turning_off_is_not_turning_on() -> None:
    off = [
        Occasion(on(day, 22), "off", "power", Command(LAMP, (("state", False),)), "", "bedroom")
        for day in range(9, 0, -1)
    ]
    assert usual(off, Wish("on", "power", usual=True), (LAMP,), MONDAY.replace(hour=22)) == []


def test_the_way_it_is_always_heated_may_be_called_starting() -> None:
    days = [
        Occasion(on(day, 16), "set", "temperature", Command("k", (("target", 80.0),)), "", "kitchen")
        for day in range(9, 0, -1)
    ]
    assert usual(days, BREW, ("k",), MONDAY.replace(hour=16))[0][0] == 80.0
    assert usual(days, Wish("start", "run"), ("k",), MONDAY.replace(hour=16)) == []


def test_the_station_is_of_the_kind_of_media_asked_for() -> None:
    days = [
        done
        for day in range(9, 0, -1)
        for done in (play("jazz", on(day, 7)), play("radio four", on(day, 7, 40), kind="radio"))
    ]
    found = usual(days, Wish("play", "media", media="radio"), (PLAYER,))
    assert ["radio four" in str(told) for told, _ in found] == [True]


def test_a_program_chosen_counts_for_starting_one() -> None:
    days = [
        Occasion(on(day, 20), "set", "program", Command("w", (("program", "delicates"),)))
        for day in range(5, 0, -1)
    ]
    assert usual(days, Wish("start", "run", usual=True), ("w",), MONDAY.replace(hour=20))[0][0] == "delicates"


def test_the_same_drink_with_and_without_switching_on_is_one_habit() -> None:
    plain = [brew("espresso", on(day)) for day in (4, 3)]
    full = Command(COFFEE, (("power", True), ("brew", "espresso")))
    switched = [replace(brew("espresso", on(day)), command=full) for day in (2, 1)]
    found = Habits([*plain, *switched]).usual(BREW, (COFFEE,), Utterance("u", "", MONDAY), "kitchen")
    assert [command for command, _ in found] == [full]


def test_what_is_done_by_hand_counts_where_nothing_was_ever_said() -> None:
    lamp = Device(LAMP, "lamp", (Feature("level", "number", "brightness", settable=True),))
    done = [by_hand(lamp, "level", 30.0, on(day)) for day in range(6, 0, -1)]
    seen = [one for one in done if one]
    wish = Wish("set", "brightness", usual=True)
    assert usual(seen, wish, (LAMP,))[0][0] == 30.0
    said = [dim(90.0, on(day)) for day in (3, 2, 1)]
    assert [told for told, _ in usual([*seen, *said], wish, (LAMP,))] == [90.0]


def test_a_sensor_is_no_habit() -> None:
    lamp = Device(
        LAMP, "lamp", (Feature("power_used", "number", "energy"), Feature("odd", "number", settable=True))
    )
    assert by_hand(lamp, "power_used", 3.0, MONDAY) is None
    assert by_hand(lamp, "odd", 3.0, MONDAY) is None


# -------------------------------------------------------------------------------------- what counts


def exchange(wish: Wish, *commands: Command, outcome: Outcome = NOTHING) -> Exchange:
    said = Utterance("u", "say", MONDAY, "kitchen", "ana")
    decision = Act((Candidate(wish, tuple(c.device for c in commands), commands),), commands, "ok")
    read = Understanding("say", (), 1.0, (), (Clause(0, 3, wish.want, wish.property),))
    return Exchange(said, read, decision, outcome)


def test_what_could_not_be_told_does_not_count() -> None:
    one, other = Command("a", (("on", True),)), Command("b", (("on", True),))
    acted = exchange(Wish("on", "power"), one, other, outcome=Outcome(("a",), (("b", "gone"),)))
    assert [found.command for found in occasions_of(acted, "kitchen")] == [one]


def test_putting_back_and_doing_later_do_not_count() -> None:
    told = Command("a", (("on", True),))
    assert occasions_of(exchange(Wish("undo", "power"), told), "kitchen") == ()
    assert occasions_of(exchange(Wish("off", "power", moment=MONDAY), told), "kitchen") == ()


def test_what_is_taken_back_is_as_if_it_had_never_been() -> None:
    days = [brew("espresso", on(day)) for day in (4, 3, 2)]
    habits, asked = Habits(days), Utterance("u", "", MONDAY)
    before = habits.usual(BREW, (COFFEE,), asked, "")
    wrong = habits.add(brew("cappuccino", on(1)))
    assert wrong is not None
    assert habits.usual(BREW, (COFFEE,), asked, "") != before
    habits.take_back(wrong)
    (command, sure), (_, was) = *habits.usual(BREW, (COFFEE,), asked, ""), before[0]
    assert command == before[0][0]
    assert sure == pytest.approx(was)


def test_the_usual_counts_as_what_it_was() -> None:
    habits = Habits(play("jazz", on(day, 19)) for day in (4, 3, 2))
    told = play("jazz", on(1, 19)).command
    counted = habits.add(Occasion(on(1, 19), "start", "run", told, vague=True))
    assert counted is not None
    assert (counted.want, counted.property) == ("play", "media")


# ------------------------------------------------------------------------------------- bad days


def test_a_clock_that_was_set_back_neither_breaks_nor_blows_up_a_habit() -> None:
    days = [brew("espresso", on(day)) for day in (4, 3)]
    ahead = [brew("espresso", MONDAY + timedelta(days=9000 + day)) for day in (1, 2)]
    back = [brew("espresso", on(day)) for day in (2, 1)]
    ((drink, sure),) = usual([*days, *ahead, *back])
    assert drink == "espresso"
    assert 0.4 < sure < 0.9


def test_a_clock_that_was_never_set_gives_habits_that_fade_when_it_is() -> None:
    at = datetime(1970, 1, 1, 7, 5, tzinfo=UTC)
    days = [brew("espresso", at + timedelta(days=day)) for day in range(5)]
    assert usual(days, at=at + timedelta(days=5))[0][0] == "espresso"
    assert usual(days) == []


def test_who_plays_something_else_each_time_may_still_find_a_habit() -> None:
    changing = [play(f"song {number}", on(60 - number, 19)) for number in range(50)]
    again = [play("jazz", on(day, 19)) for day in (5, 4, 3, 2, 1)]
    found = usual(
        [*changing, *again], Wish("play", "media", media="music"), (PLAYER,), MONDAY.replace(hour=19)
    )
    assert "jazz" in str(found[0][0])
    assert found[0][1] > 0.3


# ------------------------------------------------------------------------------------ after what

RINGS = Cause("h/alarm", "ringing", True)


def days_with_an_alarm(count: int = 12) -> Habits:
    """Return habits of somebody who has an espresso after the alarm, and a cappuccino at three."""
    habits = Habits()
    for day in range(count, 0, -1):
        habits.went_on(RINGS, on(day, 7, 0))
        habits.add(brew("espresso", on(day, 7, 8), "ana"))
        habits.add(brew("cappuccino", on(day, 15, 8), "ana"))
    return habits


def drink(habits: Habits, at: datetime, user: str = "ana") -> str:
    found = habits.usual(BREW, (COFFEE,), Utterance("u", "", at, user=user), "")
    return str(found[0][0].settings[-1][1]) if found and found[0][1] >= HABIT else ""


def test_what_follows_the_alarm_follows_it_at_any_time() -> None:
    habits = days_with_an_alarm()
    afternoon = MONDAY.replace(hour=15, minute=10)
    assert drink(habits, afternoon) == "cappuccino"
    habits.went_on(RINGS, afternoon - timedelta(minutes=5))
    assert drink(habits, afternoon) == "espresso"
    assert drink(habits, afternoon, "ben") == ""


def test_what_anything_may_follow_tells_nothing() -> None:
    habits = Habits()
    lamp = Cause(LAMP, "state", True)
    for day in range(20, 0, -1):
        for hour in (7, 11, 15, 19):
            habits.went_on(lamp, on(day, hour, 0))
        habits.add(brew("espresso", on(day, 7, 8)))
        habits.add(brew("cappuccino", on(day, 15, 8)))
    habits.went_on(lamp, MONDAY.replace(hour=15, minute=0))
    assert drink(habits, MONDAY.replace(hour=15, minute=10), "") == "cappuccino"


def test_habits_can_be_told_with_what_they_follow() -> None:
    told = [habit for habit in days_with_an_alarm().known(MONDAY) if habit.sure >= HABIT]
    after = [habit for habit in told if habit.after == RINGS]
    assert [habit.command.settings for habit in after] == [(("brew", "espresso"),)]
    assert after[0].times == pytest.approx(after[0].of, rel=0.01)
    assert {habit.half_hour for habit in told if habit.after is None} == {14, 30}
