"""Requests come before a flood of messages, and one too many is turned away."""

from __future__ import annotations

import threading
import time

import pytest

from edge_nlu.hub import desk as desk_module
from edge_nlu.hub.desk import CALM, Desk, Request
from edge_nlu.hub.inbox import Inbox
from edge_nlu.transport.broker import Heard


def desk(most: int = 3) -> Desk:
    return Desk(most, Inbox(1 << 20))


def request(name: str) -> Request:
    return Request(name, "turn it off", "", "", lambda *_: None)


def test_a_request_too_many_is_turned_away() -> None:
    full = desk()
    assert [full.ask(request(str(n))) for n in range(4)] == [True, True, True, False]
    first = full.take(0)[2]
    assert first is not None
    assert [first.id, *(one.id for one in full.turn_away())] == ["0", "1", "2"]


def test_what_devices_said_before_a_request_comes_with_it() -> None:
    one = desk()
    one.hear(Heard("lamp", b"ON"))
    one.ask(request("a"))
    messages, _, taken = one.take(0)
    assert messages == [Heard("lamp", b"ON")]
    assert taken is not None
    assert taken.id == "a"


def test_nothing_comes_of_waiting_for_nothing() -> None:
    begun = time.monotonic()
    assert desk().take(0.05) == ([], [], None)
    assert time.monotonic() - begun >= 0.05


def test_a_message_a_note_and_a_request_each_wake_who_waits() -> None:
    for wake in (
        lambda one: one.hear(Heard("lamp", b"ON")),
        lambda one: one.note(lambda: None),
        lambda one: one.ask(request("a")),
        lambda one: one.wake(),
    ):
        one = desk()
        threading.Timer(0.05, wake, [one]).start()
        begun = time.monotonic()
        one.take(10)
        assert time.monotonic() - begun < 5


def flood(one: Desk) -> None:
    for n in range(CALM + 1):
        one.hear(Heard(f"lamp-{n}", b"ON"))
    assert len(one.take(0)[0]) == CALM + 1


def test_after_a_flood_messages_are_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "REST_S", 0.1)
    one = desk()
    flood(one)
    begun = time.monotonic()
    one.hear(Heard("lamp", b"OFF"))
    assert one.take(10)[0] == [Heard("lamp", b"OFF")]
    assert 0.05 < time.monotonic() - begun < 5


def test_in_a_flood_no_request_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "REST_S", 60)
    one = desk()
    flood(one)
    one.hear(Heard("lamp", b"OFF"))
    one.ask(request("a"))
    begun = time.monotonic()
    messages, _, taken = one.take(60)
    assert (messages, taken is not None) == ([Heard("lamp", b"OFF")], True)
    assert time.monotonic() - begun < 5
