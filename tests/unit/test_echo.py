"""A command has worked when the device says so; silence and refusals are told afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from edge_nlu.hub.desk import Request
from edge_nlu.hub.echo import NO_ANSWER, PATIENCE, Echoes
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext
from edge_nlu.values import (
    Act,
    Command,
    Device,
    Exchange,
    Feature,
    Found,
    Held,
    Outcome,
    Refusal,
    Report,
    Understanding,
    Utterance,
)

AT = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
LAMP = Device(
    "z/lamp",
    "lamp",
    (
        Feature("state", "switch", "power", settable=True),
        Feature("brightness", "number", "brightness", settable=True, low=0, high=254),
        Feature("color", "color", "color", settable=True),
        Feature("effect", "trigger", "mode", settable=True, choices=("blink",)),
        Feature("blindly", "switch", "power", settable=True, readable=False),
    ),
    ("light",),
)
BLIND = Device(
    "z/blind",
    "blind",
    (Feature("position", "number", "position", settable=True, low=0, high=100),),
    ("cover",),
)
REQUEST = Request("r1", "lamp on", "", "", lambda *_: None)


def told(*commands: Command, before: Sequence[Command] = (), sent: bool = True) -> Exchange:
    utterance = Utterance("r1", "lamp on", AT)
    outcome = Outcome(tuple(command.device for command in commands)) if sent else Outcome()
    reading = Understanding("lamp on", (), 1.0, (), ())
    return Exchange(utterance, reading, Act((), commands, "Done."), outcome, tuple(before))


def waiting(exchange: Exchange) -> Echoes:
    context = HomeContext(appliance_profiles())
    for device in (LAMP, BLIND):
        context.apply(Found(device), AT)
    echoes = Echoes(3.0)
    echoes.expect(REQUEST, exchange, context.snapshot(AT), 100.0)
    return echoes


def failed(echoes: Echoes, now: float) -> list[tuple[str, str]]:
    return [device for failure in echoes.failures(now) for device in failure.devices]


@pytest.mark.parametrize(
    ("key", "wanted", "before", "said", "answered"),
    [
        ("state", True, False, True, True),
        ("state", True, False, False, False),
        ("state", True, None, True, True),
        ("state", True, False, None, False),
        ("brightness", 100.0, 10.0, 102.0, True),
        ("brightness", 100.0, 10.0, 60.0, True),
        ("brightness", 100.0, 10.0, 10.0, False),
        ("color", "#ff0000", "#00ff00", "#fe0101", True),
        ("color", "#ff0000", "#00ff00", "#00ff00", False),
    ],
)
def test_an_echo_answers(
    key: str, wanted: Held, before: Held | None, said: Held | None, *, answered: bool
) -> None:
    held = () if before is None else (Command("z/lamp", ((key, before),)),)
    echoes = waiting(told(Command("z/lamp", ((key, wanted),)), before=held))
    echoes.see(Report("z/lamp", key, said))
    assert failed(echoes, 102.9) == []
    assert failed(echoes, 103.1) == ([] if answered else [("z/lamp", NO_ANSWER)])
    assert failed(echoes, 200) == []


@pytest.mark.parametrize("key", ["effect", "blindly", "unknown"])
def test_what_says_nothing_is_not_waited_for(key: str) -> None:
    assert waiting(told(Command("z/lamp", ((key, True),)))).next_due() == float("inf")


def test_a_device_that_is_as_wanted_need_not_say_so_again() -> None:
    held = Command("z/lamp", (("state", True),))
    assert waiting(told(held, before=[held])).next_due() == float("inf")


def test_who_could_not_be_told_is_not_waited_for() -> None:
    assert waiting(told(Command("z/lamp", (("state", True),)), sent=False)).next_due() == float("inf")


def test_what_moves_gets_more_time() -> None:
    echoes = waiting(told(Command("z/blind", (("position", 0.0),))))
    assert echoes.next_due() == 100.0 + 3.0 * PATIENCE


def test_all_that_was_told_must_be_answered() -> None:
    echoes = waiting(told(Command("z/lamp", (("state", True), ("brightness", 100.0)))))
    echoes.see(Report("z/lamp", "state", True))
    assert failed(echoes, 104) == [("z/lamp", NO_ANSWER)]


def test_a_refusal_fails_at_once_and_only_whom_it_is_about() -> None:
    echoes = waiting(told(Command("z/lamp", (("state", True),)), Command("z/blind", (("position", 0.0),))))
    echoes.see(Refusal("z/lamp", "no route"))
    assert echoes.next_due() == 0.0
    assert failed(echoes, 100.1) == [("z/lamp", "no route")]
    assert failed(echoes, 200) == [("z/blind", NO_ANSWER)]


def test_several_silent_devices_of_one_request_are_one_failure() -> None:
    both = told(Command("z/lamp", (("state", True),)), Command("z/lamp2", (("state", True),)))
    echoes = waiting(both)
    (failure,) = echoes.failures(104)
    assert failure.request is REQUEST
    assert [device for device, _ in failure.devices] == ["z/lamp"]


def test_who_is_told_something_new_need_not_do_what_was_said_before() -> None:
    context = HomeContext(appliance_profiles())
    context.apply(Found(LAMP), AT)
    echoes = Echoes(3.0)
    echoes.expect(REQUEST, told(Command("z/lamp", (("state", True),))), context.snapshot(AT), 100.0)
    echoes.expect(REQUEST, told(Command("z/lamp", (("state", False),))), context.snapshot(AT), 101.0)
    echoes.see(Report("z/lamp", "state", False))
    assert failed(echoes, 200) == []
