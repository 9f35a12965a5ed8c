"""All wishes of a sentence are settled before anything moves; what is unclear or risky is asked back."""

import json
from collections.abc import Callable

import pytest

ComesOf = Callable[..., str]

UNSURE = "ask unsure: Sorry, I did not get that. What should I do?"
NOT_LATER = "answer I can't do things at a later time, so I left everything as it is."
OUT = {"satellites": {"phone": {"room": None}, "kitchen_speaker": {"room": "kitchen"}}}
NURSERY = {"satellites": {"toy": {"room": "bedroom", "child": True}}}


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        pytest.param(
            "off.power: turn off the [floor lamp](device)",
            "act living_room_floor_lamp state=False",
            id="the one lamp of that name goes off",
        ),
        pytest.param(
            "set.brightness: dim the [floor lamp](device) to [thirty](value) [percent](unit)",
            "act living_room_floor_lamp brightness=76",
            id="per cents are reckoned in what the lamp counts in",
        ),
        pytest.param(
            "set.temperature: set the [oven](device) to [200](value) [degrees](unit)",
            "act oven power=True target=200",
            id="an oven is switched on with its temperature",
        ),
        pytest.param(
            "close.position: close the [curtains](device) | off.power: and turn off the [floor lamp](device)",
            "act living_room_curtains position=0, living_room_floor_lamp state=False",
            id="two wishes are done together",
        ),
        pytest.param(
            "start.run: start brewing",
            "ask value: Which one: coffee, espresso or cappuccino?",
            id="what a word hints at is asked about",
        ),
        pytest.param(
            "lock.lock: lock the [front door](device)",
            "act front_door state=True",
            id="locking up is no risk",
        ),
        pytest.param(
            "off.power: turn off [all](quantity) the [lights](device)",
            "act living_room_floor_lamp state=False",
            id="of all lights, those that are on",
        ),
        pytest.param(
            "on.power: turn on the [lights](device)",
            "act kitchen_island_light state=True, kitchen_spots state=True",
            id="the lights are those of the speaker's room",
        ),
        pytest.param(
            "on.power: turn on [all](quantity) the [lights](device) in the [bedroom](room)",
            "act left_bedside_lamp state=True, right_bedside_lamp state=True",
            id="all lights of a room are those in it",
        ),
        pytest.param(
            "off.power: turn off [everything](quantity) except the [coffee maker](!device)",
            "act living_room_floor_lamp state=False",
            id="what is excepted stays on",
        ),
        pytest.param(
            "set.brightness: [kitchen](room) [spots](device) to [half](value)"
            " | set.brightness: and the [island light](device) to [ten](value) [percent](unit)",
            "act kitchen_spots brightness=127, kitchen_island_light brightness=25",
            id="each wish has its own value",
        ),
    ],
)
def test_what_is_clear_is_done(comes_of: ComesOf, said: str, comes: str) -> None:
    assert comes_of(said) == comes


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        pytest.param(
            "on.power: turn on the [bedside lamp](device)",
            "ask which: Which one: the left bedside lamp or the right bedside lamp?",
            id="torn between two lamps",
        ),
        pytest.param(
            "off.power: turn off the [floor lamp](device) | on.power: and turn on the [bedside lamp](device)",
            "ask which: Which one: the left bedside lamp or the right bedside lamp?",
            id="the wish that is torn holds back the one that is clear",
        ),
        pytest.param(
            "on.power: turn on the [lights](device) in the [attic](room)",
            "answer I know no attic here.",
            id="no such room",
        ),
        pytest.param(
            "on.power: turn on the [dishwasher](device)",
            "answer I know no dishwasher here.",
            id="no such thing",
        ),
        pytest.param(
            "close.position: close the [curtains](device) | on.power: and turn on the [dishwasher](device)",
            "answer I know no dishwasher here.",
            id="the wish that nothing can fulfil holds back the one that can be",
        ),
        pytest.param(
            "set.temperature: set the [oven](device) to [400](value) [degrees](unit)",
            "answer The oven goes from 30 to 280 degrees.",
            id="hotter than the oven goes",
        ),
        pytest.param(
            "on.power: turn on the [fan](device) in the [kitchen](room)",
            "answer There is no fan in the kitchen; there is one in the bedroom.",
            id="it is told where there is one",
        ),
        pytest.param(
            "off.power: turn off the [floor lamp](device) at [seven](moment)",
            NOT_LATER,
            id="nothing is done later",
        ),
        pytest.param(
            "off.power: turn off the [floor lamp](device) for [ten minutes](duration)",
            NOT_LATER,
            id="nothing is done for a while that the device cannot count",
        ),
        pytest.param("start.run: start", UNSURE, id="nothing is started by chance"),
        pytest.param("none.unsaid: who won the world cup", "askcloud", id="this is not for a hub"),
    ],
)
def test_what_is_not_clear_moves_nothing(comes_of: ComesOf, said: str, comes: str) -> None:
    assert comes_of(said) == comes


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        pytest.param(
            "unlock.lock: unlock the [front door](device)",
            "ask sure: Shall I unlock the front door?",
            id="a door is never unlocked without a question",
        ),
        pytest.param(
            "ana says unlock.lock: unlock the [front door](device)",
            "ask sure: Shall I unlock the front door?",
            id="not for those who live here either",
        ),
        pytest.param(
            "close.position: close the [curtains](device) | unlock.lock: and unlock the [front door](device)",
            "ask sure: Shall I close the living room curtains and unlock the front door?",
            id="what goes with it waits for the answer",
        ),
        pytest.param(
            "tom says unlock.lock: unlock the [front door](device)",
            "answer Please ask a grown-up to unlock the front door.",
            id="a child is sent to a grown-up",
        ),
        pytest.param(
            "tom says on.power: turn on the [oven](device)",
            "answer Please ask a grown-up to turn on the oven.",
            id="also with an oven",
        ),
        pytest.param(
            "tom says off.power: turn off the [floor lamp](device)",
            "act living_room_floor_lamp state=False",
            id="a child may have the light off",
        ),
        pytest.param(
            "ana says on.power: turn on the [oven](device)",
            "act oven power=True",
            id="a grown-up at home may have the oven on",
        ),
    ],
)
def test_what_is_risky_is_asked_back(comes_of: ComesOf, said: str, comes: str) -> None:
    assert comes_of(said) == comes


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        pytest.param(
            "phone> ana says on.power: turn on the [oven](device)",
            "ask sure: Shall I turn on the oven?",
            id="an oven is asked about where nobody may be at home",
        ),
        pytest.param(
            "phone> tom says on.power: turn on the [oven](device)",
            "answer Please ask a grown-up to turn on the oven.",
            id="a child may not from afar either",
        ),
        pytest.param(
            "phone> off.power: turn off the [floor lamp](device)",
            "act living_room_floor_lamp state=False",
            id="the light goes off from afar",
        ),
    ],
)
def test_what_is_said_from_afar(comes_of: ComesOf, said: str, comes: str) -> None:
    assert comes_of(said, **OUT) == comes


def test_somebody_away_whom_nobody_knows_cannot_say_yes(comes_of: ComesOf) -> None:
    lines = ("phone> unlock.lock: unlock the [front door](device)", "phone> confirm.unsaid: yes")
    assert comes_of(*lines, **OUT) == "ask sure: Shall I unlock the front door?"


def test_a_toy_may_not_do_what_a_child_may_not(comes_of: ComesOf) -> None:
    said = "toy> on.power: turn on the [oven](device)"
    assert comes_of(said, **NURSERY) == "answer Please ask a grown-up to turn on the oven."


@pytest.mark.parametrize(
    "said",
    [
        "leave.lock: do not unlock the [front door](device)",
        "leave.power: leave the [floor lamp](device) [on](state)",
        "leave.power: don't turn on the [oven](device)",
        "leave.power: don't turn off the [lights](device) in the [living room](room)",
        "off.power: turn off the [floor lamp](device) | leave.power: no actually leave it [on](state)",
    ],
)
def test_what_is_not_wanted_is_left(comes_of: ComesOf, said: str) -> None:
    assert comes_of(said).startswith("answer All right")


@pytest.mark.parametrize(
    ("said", "trust", "comes"),
    [
        ("start.run: start the [vacuum](device)", 0.9, "act vacuum run=start"),
        ("start.run: start the [vacuum](device)", 0.3, "ask sure: Shall I start the robot vacuum?"),
        (
            "close.position: move the [curtains](device)",
            0.6,
            "ask sure: Shall I close the living room curtains?",
        ),
        ("off.power: [floor lamp](device) off", 0.6, "act living_room_floor_lamp state=False"),
        ("on.power: [floor lamp](device) off", 0.4, "act living_room_floor_lamp state=False"),
    ],
    ids=[
        "read well",
        "read badly",
        "the wrong way round is worse than a question",
        "the little word says so",
        "the little word knows better than a reading that nobody trusts",
    ],
)
def test_what_was_read_without_trust_is_asked_back(
    comes_of: ComesOf, said: str, trust: float, comes: str
) -> None:
    assert comes_of(said, confidence=trust) == comes


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        ("ask.lock: is the [front door](device) [locked](state)", "answer Yes, the front door is locked."),
        (
            "ask.power: [which](quantity) [lights](device) are [on](state)",
            "answer The living room floor lamp is on, at 50 percent.",
        ),
        ("ask.power: is the [dishwasher](device) [on](state)", "answer I know no dishwasher here."),
        (
            "ask.time_left: how long will the [washing machine](device) take",
            "answer 42 minutes left on the washing machine.",
        ),
    ],
)
def test_questions_are_answered_from_what_is_known(comes_of: ComesOf, said: str, comes: str) -> None:
    assert comes_of(said) == comes


def test_a_question_holds_nothing_back(comes_of: ComesOf) -> None:
    asked = "ask.position: is the [window](device) [open](state) | off.power: and turn off the [lamp](device)"
    assert comes_of(f"living_room_tv> {asked}") == "act living_room_floor_lamp state=False"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(
            (
                "phone> ana says unlock.lock: unlock the [front door](device)",
                "phone> ana says confirm.unsaid: yes | on.power: and turn on the [oven](device)",
            ),
            id="the oven was not asked about",
        ),
        pytest.param(
            (
                "phone> ana says on.power: turn on the [oven](device)",
                "phone> ana says confirm.unsaid: yes | unlock.lock: and unlock the [front door](device)",
            ),
            id="the door was not asked about",
        ),
    ],
)
def test_a_yes_is_only_to_what_was_asked(comes_of: ComesOf, lines: tuple[str, ...]) -> None:
    assert comes_of(*lines, **OUT).startswith("ask sure: ")


def test_a_yes_goes_with_a_wish_that_is_no_risk(comes_of: ComesOf) -> None:
    unlock = "unlock.lock: unlock the [front door](device)"
    more = "confirm.unsaid: yes | off.power: and turn off the [floor lamp](device)"
    assert comes_of(unlock, more) == "act front_door state=False, living_room_floor_lamp state=False"


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        pytest.param(
            "off.power: [lights](device) off in the [living room](room)"
            " | on.power: and on in the [bedroom](room)",
            "act living_room_floor_lamp state=False,"
            " left_bedside_lamp state=True, right_bedside_lamp state=True",
            id="what was named once holds for both places",
        ),
        pytest.param(
            "ask.temperature: how warm is it",
            "answer 20.5 degrees in the living room.",
            id="an oven does not tell how warm a kitchen is",
        ),
        pytest.param(
            "lower.temperature: it's boiling",
            "act living_room_thermostat temperature=19",
            id="an oven that is off is not turned down",
        ),
        pytest.param(
            "bedroom_speaker> raise.temperature: it's freezing in bed",
            "act living_room_thermostat temperature=21",
            id="a towel rail warms only who stands beside it",
        ),
        pytest.param(
            "bedroom_speaker> raise.temperature: warm up the towels",
            "act towel_rail state=True",
            id="but what is said of it is for it",
        ),
        pytest.param(
            "on.power: turn on the [light](device) in [my room](room)",
            "answer I don't know which room is yours.",
            id="nobody knows whose room is meant",
        ),
    ],
)
def test_what_should_come_of_it(comes_of: ComesOf, said: str, comes: str) -> None:
    assert comes_of(said) == comes


def test_here_is_no_room_to_somebody_away(comes_of: ComesOf) -> None:
    said = "phone> on.power: turn on the [light](device) in [here](room)"
    assert "here here" not in comes_of(said, **OUT)


@pytest.mark.parametrize(
    ("lines", "comes"),
    [
        pytest.param(
            (
                "off.power: turn off the [lights](device) in the [kitchen](room)"
                " | close.position: and shut the [curtains](device)",
            ),
            "act living_room_curtains position=0",
            id="what is so already holds nothing back",
        ),
        pytest.param(
            ("ask.position: is the [bathroom](room) [window](device) [open](state)",),
            "answer There is no window in the bathroom; there is one in the bedroom.",
            id="a window elsewhere is not the one asked about",
        ),
        pytest.param(
            (
                "homie/5/washing_machine/$state is now lost",
                "start.run: start the [washing machine](device)",
            ),
            "answer The washing machine cannot be reached right now.",
            id="what cannot be reached is not started",
        ),
        pytest.param(
            (
                'zigbee2mqtt/left_bedside_lamp is now {"state": "ON"}',
                "bedroom_speaker> off.power: could you switch [that](reference) off",
            ),
            "act left_bedside_lamp state=False",
            id="of all that stands here, what is on",
        ),
        pytest.param(
            ("toggle.lock: toggle the [front door](device)",),
            "ask sure: Shall I unlock the front door?",
            id="the other of locked and unlocked",
        ),
        pytest.param(
            ("lock.lock: is it time to lock, lock please",),
            "answer The front door is already locked.",
            id="all is so already",
        ),
        pytest.param(
            ("set.alarm: get me up at [six](moment)",),
            "answer I know no alarm clock here.",
            id="there is nothing for it",
        ),
        pytest.param(
            ("set.color: [purple](color) light in the [kitchen](room)",),
            "answer The kitchen island light can only be warm or cool white.",
            id="nothing there can do it",
        ),
        pytest.param(
            ("set.color: make it [murky](color)",),
            "answer I don't know the colour murky.",
            id="no time, but a colour that nobody knows",
        ),
        pytest.param(
            ("start.run: run the [washing machine](device) for [ten minutes](duration)",),
            NOT_LATER,
            id="nothing could end it in time",
        ),
        pytest.param(
            ("ask.level: how full is the [hoover](device)",),
            "answer The battery of the robot vacuum is at 96 percent.",
            id="what holds nothing has a battery",
        ),
    ],
)
def test_the_home_as_it_is(comes_of: ComesOf, lines: tuple[str, ...], comes: str) -> None:
    assert comes_of(*lines) == comes


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        pytest.param(
            "set.temperature: let the [oven](device) have [170](value) [degrees](unit)",
            "act oven power=True target=170",
            id="only one thing by that name takes such a value",
        ),
        pytest.param(
            "open.position: the [curtains](device) please",
            "ask sure: Shall I open the living room curtains?",
            id="nothing tells which way",
        ),
    ],
)
def test_what_thing_and_value_leave_open(comes_of: ComesOf, said: str, comes: str) -> None:
    assert comes_of(said, confidence=0.45) == comes


CLOCK = {
    "homie": "5.0",
    "version": 1,
    "name": "Alarm clock",
    "nodes": {
        "alarm": {
            "type": "alarm-clock",
            "properties": {
                "ringing": {"name": "Ringing", "datatype": "boolean"},
                "action": {
                    "name": "Action",
                    "datatype": "enum",
                    "format": "dismiss,snooze",
                    "settable": True,
                    "retained": False,
                },
            },
        }
    },
}
ROSIE = {
    "homie": "5.0",
    "version": 1,
    "name": "Rosie",
    "nodes": {
        "robot": {
            "type": "robot-vacuum",
            "properties": {
                "command": {
                    "name": "Command",
                    "datatype": "enum",
                    "format": "start,stop,clean_lights",
                    "settable": True,
                    "retained": False,
                }
            },
        }
    },
}


def found(name: str, description: object) -> tuple[str, str]:
    """Return what happens when a device turns up."""
    return (
        f"homie/5/{name}/$description is now {json.dumps(description)}",
        f"homie/5/{name}/$state is now ready",
    )


def test_an_alarm_that_rings_is_put_off(comes_of: ComesOf) -> None:
    clock = found("clock", CLOCK)
    said = "play.media: I want to snooze a bit"
    rings = "homie/5/clock/alarm/ringing is now true"
    assert comes_of(*clock, rings, said, confidence=0.6) == "act clock action=snooze"
    assert "clock" not in comes_of(*clock, said, confidence=0.6)


def test_whoever_is_called_by_name_is_meant(comes_of: ComesOf) -> None:
    said = "start.run: Rosie, clean [lights](device) please"
    assert comes_of(*found("rosie", ROSIE), said) == "act rosie command=clean_lights"


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        pytest.param(
            "raise.unsaid: turn [that](reference) up", UNSURE, id="a lamp in another room is not seen"
        ),
        pytest.param(
            "open.position: pull the [curtains](device) in please",
            "act living_room_curtains position=0",
            id="brought in is closed, however that was read",
        ),
        pytest.param(
            "living_room_tv> lower.brightness: I can hardly see my own feet",
            "ask sure: Shall I set the living room floor lamp to 65 percent?",
            id="whoever cannot see wants more light",
        ),
        pytest.param(
            "choose.unsaid: crumbs, crumbs",
            "ask sure: Shall I start the robot vacuum?",
            id="nothing was asked, but a word hints at who is for it",
        ),
        pytest.param(
            "off.power: switch of the [floor lamp](device)",
            "act living_room_floor_lamp state=False",
            id="of is heard for off",
        ),
    ],
)
def test_what_words_and_place_make_plain(comes_of: ComesOf, said: str, comes: str) -> None:
    assert comes_of(said, confidence=0.6) == comes
