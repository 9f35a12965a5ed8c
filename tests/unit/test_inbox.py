"""Messages wait within a bound, and a flood loses nothing that still matters."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_nlu.hub.inbox import FLOOD, Inbox, thinned
from edge_nlu.transport.broker import Heard


def said(topic: str, payload: object) -> Heard:
    return Heard(topic, payload if isinstance(payload, bytes) else json.dumps(payload).encode())


@pytest.mark.parametrize(
    ("messages", "kept"),
    [
        pytest.param([("lamp", b"ON"), ("lamp", b"OFF")], [1], id="the last of one thing said"),
        pytest.param([("lamp", b"ON"), ("fan", b"OFF")], [0, 1], id="two topics"),
        pytest.param(
            [("lamp", {"state": "ON", "b": 1}), ("lamp", {"state": "OFF", "b": 2})], [1], id="all anew"
        ),
        pytest.param([("lamp", {"POWER": "ON"}), ("lamp", {"Dimmer": 40})], [0, 1], id="each says a part"),
        pytest.param(
            [("lamp", {"a": 1}), ("lamp", {"b": 1}), ("lamp", {"a": 2}), ("lamp", {"b": 2})],
            [2, 3],
            id="by turns",
        ),
        pytest.param(
            [("rpc", {"params": {"switch:0": 1}}), ("rpc", {"params": {"switch:1": 1}})],
            [0, 1],
            id="parts within",
        ),
        pytest.param(
            [("rpc", {"params": {"switch:0": 1}}), ("rpc", {"params": {"switch:0": 2}})],
            [1],
            id="same part within",
        ),
        pytest.param([("lamp", {"action": "toggle"}), ("lamp", b"gone")], [0, 1], id="an object, then none"),
        pytest.param([("lamp", b"{broken"), ("lamp", {"a": 1})], [1], id="no object at all"),
        pytest.param([("lamp", b"[1]"), ("lamp", b"[2]")], [1], id="lists say one thing"),
    ],
)
def test_only_what_is_said_again_is_left_out(messages: list[tuple[str, object]], kept: list[int]) -> None:
    heard = [said(topic, payload) for topic, payload in messages]
    assert thinned(heard) == [heard[at] for at in kept]


STATE = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), min_size=1)


@given(st.lists(st.tuples(st.sampled_from(["lamp", "fan"]), STATE), max_size=30))
def test_what_devices_hold_in_the_end_is_the_same(messages: list[tuple[str, dict[str, int]]]) -> None:
    def end(heard: list[Heard]) -> dict[str, dict[str, int]]:
        held: dict[str, dict[str, int]] = {}
        for one in heard:
            held.setdefault(one.topic, {}).update(json.loads(one.payload))
        return held

    heard = [said(topic, state) for topic, state in messages]
    assert end(thinned(heard)) == end(heard)


def test_in_everyday_life_nothing_is_left_out() -> None:
    inbox = Inbox(1 << 20)
    heard = [said("lamp", {"state": n}) for n in range(FLOOD)]
    for one in heard:
        inbox.add(one)
    assert inbox.take() == heard
    assert len(inbox) == 0


def test_a_flood_stays_within_its_bound_and_its_end_is_known() -> None:
    inbox = Inbox(100_000)
    for n in range(50_000):
        inbox.add(said(f"lamp-{n % 20}", {"state": n}))
    assert inbox.lost == 0
    assert sum(len(one.payload) + len(one.topic) + 200 for one in inbox._waiting) <= 100_000
    last = {one.topic: json.loads(one.payload)["state"] for one in inbox.take()}
    assert last == {f"lamp-{n % 20}": n for n in range(49_980, 50_000)}


def test_what_cannot_be_thinned_out_is_lost_and_counted() -> None:
    inbox = Inbox(10_000)
    for n in range(1000):
        inbox.add(said(f"lamp-{n}", {"state": n}))
    assert inbox.lost == 1000 - len(inbox)
    assert 0 < len(inbox) < 50
