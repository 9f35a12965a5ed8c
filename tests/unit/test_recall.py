"""A sentence is part of a conversation: it answers, goes on, mends, or takes back what was said before."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from edge_nlu.values import Outcome

ComesOf = Callable[..., str]

UNLOCK = "unlock.lock: unlock the [front door](device)"
SPOTS_ON = "on.power: turn on the [kitchen](room) [spots](device)"
BEDSIDE_ON = "on.power: turn on the [bedside lamp](device)"
LEFT_ON = "on.power: turn on the [left bedside lamp](device)"
LAMP_DIM = "set.brightness: dim the [floor lamp](device) to [thirty](value) [percent](unit)"
WARMER = "set.temperature: set the [thermostat](device) to [19](value) [degrees](unit)"
LEAVES_IT = "answer All right, I leave it."
NOTHING_TO_UNDO = "answer There is nothing that I could undo."


@pytest.mark.parametrize(
    ("lines", "comes"),
    [
        pytest.param((UNLOCK, "confirm.unsaid: yes please"), "act front_door state=False", id="yes"),
        pytest.param((UNLOCK, "deny.unsaid: better not"), LEAVES_IT, id="no"),
        pytest.param((UNLOCK, "cancel.unsaid: never mind"), LEAVES_IT, id="never mind"),
        pytest.param(
            (UNLOCK, "tom says confirm.unsaid: yes"),
            "answer Please ask a grown-up to unlock the front door.",
            id="a child's yes is none",
        ),
        pytest.param(
            (UNLOCK, "living_room_tv> confirm.unsaid: yes"),
            "answer All right.",
            id="a yes in another room answers nothing",
        ),
        pytest.param(
            (UNLOCK, "deny.unsaid: no", "confirm.unsaid: yes"),
            "answer All right.",
            id="a yes after the no comes too late",
        ),
        pytest.param(
            (UNLOCK, "18:40", "confirm.unsaid: yes"),
            "answer All right.",
            id="a yes half an hour later answers nothing",
        ),
        pytest.param(
            (BEDSIDE_ON, "choose.unsaid: the [left one](reference)"),
            "act left_bedside_lamp state=True",
            id="one by its side",
        ),
        pytest.param(
            (BEDSIDE_ON, "choose.unsaid: the [second one](reference)"),
            "act right_bedside_lamp state=True",
            id="one by its number",
        ),
        pytest.param(
            (BEDSIDE_ON, "choose.unsaid: [both](quantity) of them"),
            "act left_bedside_lamp state=True, right_bedside_lamp state=True",
            id="both",
        ),
        pytest.param(
            (BEDSIDE_ON, "choose.unsaid: the [right lamp](device)"),
            "act right_bedside_lamp state=True",
            id="one by its name",
        ),
        pytest.param(
            (BEDSIDE_ON, "choose.unsaid: the [lamp](device) in the [hallway](room)"),
            "act hallway_light state=True",
            id="none of them, but one in another room",
        ),
        pytest.param(
            (BEDSIDE_ON, "confirm.unsaid: yes"),
            "ask which: Which one: the left bedside lamp or the right bedside lamp?",
            id="a yes to two lamps is asked again",
        ),
        pytest.param((BEDSIDE_ON, "deny.unsaid: no thanks"), LEAVES_IT, id="neither"),
        pytest.param(
            (BEDSIDE_ON, "off.power: turn off the [floor lamp](device)"),
            "act living_room_floor_lamp state=False",
            id="something else was more important",
        ),
    ],
)
def test_a_question_is_answered(comes_of: ComesOf, lines: tuple[str, ...], comes: str) -> None:
    assert comes_of(*lines) == comes


@pytest.mark.parametrize(
    ("lines", "comes"),
    [
        pytest.param(
            (SPOTS_ON, "same.unsaid: and the [island light](device)"),
            "act kitchen_island_light state=True",
            id="the same for another",
        ),
        pytest.param(
            (SPOTS_ON, "same.unsaid: [hallway light](device) too"),
            "act hallway_light state=True",
            id="the same elsewhere",
        ),
        pytest.param((SPOTS_ON, "same.unsaid: again"), "act kitchen_spots state=True", id="again"),
        pytest.param(
            (SPOTS_ON, "off.unsaid: turn [them](reference) off again"),
            "act kitchen_spots state=False",
            id="them are those spoken of",
        ),
        pytest.param(
            ("off.power: turn off the [floor lamp](device)", "on.unsaid: turn [it](reference) on again"),
            "act living_room_floor_lamp state=True",
            id="it is the one spoken of, though in another room",
        ),
        pytest.param(
            (LAMP_DIM, "same.unsaid: the [hallway light](device) too"),
            "act hallway_light brightness=76",
            id="the same amount",
        ),
        pytest.param(
            (
                "ask.lock: is the [front door](device) [locked](state)",
                "unlock.unsaid: unlock [it](reference)",
            ),
            "ask sure: Shall I unlock the front door?",
            id="it is what was asked about",
        ),
    ],
)
def test_a_wish_goes_on(comes_of: ComesOf, lines: tuple[str, ...], comes: str) -> None:
    assert comes_of(*lines) == comes


@pytest.mark.parametrize(
    ("lines", "comes"),
    [
        pytest.param(
            (LEFT_ON, "correct.unsaid: no, the [right one](reference)"),
            "act left_bedside_lamp state=False, right_bedside_lamp state=True",
            id="the wrong lamp is put back",
        ),
        pytest.param(
            (LEFT_ON, "correct.unsaid: I meant the [hallway light](device)"),
            "act left_bedside_lamp state=False, hallway_light state=True",
            id="the lamp that was meant has a name",
        ),
        pytest.param(
            (WARMER, "correct.unsaid: sorry I meant [twenty three](value)"),
            "act living_room_thermostat temperature=23",
            id="the number was misheard",
        ),
        pytest.param(
            (
                "set.temperature: [oven](device) to [190](value)"
                " | correct.temperature: no wait, make it [200](value) [degrees](unit)",
            ),
            "act oven power=True target=200",
            id="the speaker mends it in the same breath",
        ),
        pytest.param(
            (f"{SPOTS_ON} | cancel.unsaid: oh never mind",), LEAVES_IT, id="taken back in the same breath"
        ),
        pytest.param(
            (SPOTS_ON, "deny.unsaid: no"),
            "act kitchen_spots state=False",
            id="a no right after the deed puts it back",
        ),
        pytest.param(
            ("lock.lock: lock up", "deny.unsaid: nope, wrong"),
            "answer All right.",
            id="where nothing was done, a no puts nothing back",
        ),
        pytest.param(
            (
                'zigbee2mqtt/front_door is now {"state": "UNLOCK", "lock_state": "unlocked"}',
                "lock.lock: lock the [front door](device)",
                "deny.unsaid: no",
            ),
            "ask sure: Shall I unlock the front door?",
            id="what is risky to put back is asked about",
        ),
        pytest.param(
            ("start.run: run the [robot vacuum](device)", "deny.unsaid: no"),
            "ask unsure: Sorry. What should I do instead?",
            id="what nobody knows how to put back",
        ),
    ],
)
def test_what_was_understood_wrongly_is_mended(comes_of: ComesOf, lines: tuple[str, ...], comes: str) -> None:
    assert comes_of(*lines) == comes


@pytest.mark.parametrize(
    ("lines", "comes"),
    [
        pytest.param(("undo.unsaid: undo that",), NOTHING_TO_UNDO, id="nothing was done"),
        pytest.param((SPOTS_ON, "undo.unsaid: undo that"), "act kitchen_spots state=False", id="off again"),
        pytest.param(
            (LAMP_DIM, "undo.unsaid: put it back to what it was"),
            "act living_room_floor_lamp brightness=128.0",
            id="as bright as before",
        ),
        pytest.param(
            (LAMP_DIM, "ask.lock: is the [front door](device) [locked](state)", "undo.unsaid: undo that"),
            "act living_room_floor_lamp brightness=128.0",
            id="a question in between changes nothing",
        ),
        pytest.param((UNLOCK, "undo.unsaid: undo that"), NOTHING_TO_UNDO, id="a question did nothing"),
    ],
)
def test_a_deed_is_taken_back(comes_of: ComesOf, lines: tuple[str, ...], comes: str) -> None:
    assert comes_of(*lines) == comes


@pytest.mark.parametrize("said", ["cancel.unsaid: never mind", "deny.unsaid: no", "confirm.unsaid: yes"])
def test_a_word_into_the_silence_moves_nothing(comes_of: ComesOf, said: str) -> None:
    assert comes_of(said).startswith("answer All right")


def test_never_mind_drops_all_that_was_said_with_it(comes_of: ComesOf) -> None:
    both = "off.power: turn off the [floor lamp](device) | close.position: and close the [curtains](device)"
    assert comes_of(f"{both} | cancel.unsaid: oh never mind") == LEAVES_IT


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        pytest.param(
            "on.power: switch the [island light](device) on, sorry, | off.power: switch [it](reference) off",
            "act kitchen_island_light state=False",
            id="the contrary of the same",
        ),
        pytest.param(
            "on.power: switch on the [island light](device), actually | on.power: the [spots](device)",
            "act kitchen_spots state=True",
            id="the same of another",
        ),
        pytest.param(
            "on.power: switch on the [island light](device) | on.power: and the [spots](device)",
            "act kitchen_island_light state=True, kitchen_spots state=True",
            id="nothing is taken back",
        ),
    ],
)
def test_who_thinks_again_while_talking(comes_of: ComesOf, said: str, comes: str) -> None:
    assert comes_of(said) == comes


def test_a_no_may_go_on_with_another_choice(comes_of: ComesOf) -> None:
    washing = "start.run: [washing machine](device) on [eco](program)"
    assert comes_of(washing, "deny.unsaid: no, cotton") == ("act washing_machine program=cotton run=start")
    assert comes_of(washing, "deny.unsaid: no, nonsense").startswith("ask unsure")


def test_what_was_done_can_be_asked_about(comes_of: ComesOf) -> None:
    lamp = "on.power: switch on the [island light](device)"
    why = comes_of(lamp, "confirm.unsaid: but why")
    assert why.startswith("answer Because the kitchen island light fits the words said, is in this room")
    assert comes_of(lamp, "none.unsaid: why did it rain in April last year", home=0.0) == "askcloud"


def test_the_other_of_two_that_were_spoken_of(comes_of: ComesOf) -> None:
    both = "bedroom_speaker> on.power: [both](quantity) [bedside lamps](device) on"
    left = "bedroom_speaker> off.power: put the [left one](reference) out"
    assert comes_of(both, left) == "act left_bedside_lamp state=False"
    other = "bedroom_speaker> off.power: put the [other one](reference) out"
    assert comes_of(both, left, other) == "act right_bedside_lamp state=False"


def test_on_and_off_in_one_breath(comes_of: ComesOf) -> None:
    said = "off.power: [island light](device) on, [spots](device) off"
    assert comes_of(said) == "act kitchen_island_light state=True, kitchen_spots state=False"


def test_what_did_not_answer_is_told_once_more(an_evening: Callable[..., Any]) -> None:
    evening = an_evening()
    evening.happens("on.power: switch on the [spots](device) | on.power: and the [island light](device)")
    told = evening.exchanges[-1]
    failed = ("zigbee2mqtt/kitchen_spots", "no answer")
    # as the hub does when a device stays silent
    evening.stage.context.remember(replace(told, outcome=Outcome(told.outcome.sent[1:], (failed,))))
    evening.happens("ask.unsaid: what happened?")
    assert evening.exchanges[-1].decision.say == "No answer from the kitchen spots."
    evening.stage.context.remember(replace(told, outcome=Outcome((), (failed,))))
    assert len(evening.stage.context.snapshot(evening.stage.at).turns("kitchen_speaker")) == 2


def test_one_more_try_is_for_what_failed(an_evening: Callable[..., Any]) -> None:
    evening = an_evening()
    evening.happens("on.power: switch on the [spots](device) | on.power: and the [island light](device)")
    told = evening.exchanges[-1]
    failed = ("zigbee2mqtt/kitchen_spots", "no answer")
    evening.stage.context.remember(replace(told, outcome=Outcome((), (failed,))))
    evening.happens("same.unsaid: once more")
    assert [command.device for command in evening.exchanges[-1].decision.commands] == [failed[0]]
