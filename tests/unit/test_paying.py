"""What leaves for a fleet's table and weeks is counted in the home's account, or stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.learning.pairs import Pair
from edge_nlu.sync.choices import Choices
from edge_nlu.sync.paying import is_paid
from edge_nlu.sync.queue import QUEUE, Queue, take_in
from edge_nlu.sync.state import State
from edge_nlu.wire.outgoing import Item, hand_out
from edge_nlu.wire.pairs import Offer, Week, Worded, put_offer

KEY = "ab" * 16


def offer(epoch: int, epsilon: float = 1.0, delta: float = 1e-8) -> Item:
    return Item(KEY, "pairs", Offer(epoch, KEY, (bytes(16),), epsilon, delta).to_bytes())


def words(epoch: int) -> Item:
    return Item(KEY, "wordings", Worded(epoch, (Pair("name", "glow", "lamp"),)).to_bytes())


def week(number: int, epsilon: float = 0.5) -> Item:
    return Item(KEY, "count", Week.of(number, epsilon, {"correct": 10}).to_bytes())


def chosen(place: Path, **more: Any) -> Choices:
    own = dict.fromkeys(("root", "folder", "packs", "comes_along"), place)
    return Choices("https://packs.example", inbox="https://inbox.example/x", **{**own, **more})


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(tmp_path)
    yield made
    made.close()


def test_each_epoch_and_each_week_is_counted_once_and_with_all_runs(tmp_path: Path, state: State) -> None:
    choices = chosen(tmp_path)
    state.spend("run-1", "fleet.example", 0.25, 1e-4)
    for item in (offer(3), offer(3), week(2_900), words(3)):
        assert is_paid(item, choices, state)
    assert state.spent() == pytest.approx((1.75, 1e-4 + 1e-8))
    assert not is_paid(week(2_901), choices, state), "2.25 would be spent, 2 at most"
    assert not is_paid(offer(4, 0.1, 0.01), choices, state), "a delta of 0.01 is too much"
    assert state.spent() == pytest.approx((1.75, 1e-4 + 1e-8))
    assert is_paid(offer(4, 0.25), choices, state)


def test_words_of_an_epoch_that_was_not_paid_for_stay(tmp_path: Path, state: State) -> None:
    choices = chosen(tmp_path)
    assert not is_paid(offer(3, 4.0), choices, state)
    assert not is_paid(words(3), choices, state)


def test_who_sets_no_limit_pays_all_the_same(tmp_path: Path, state: State) -> None:
    assert is_paid(offer(3, 8.0), chosen(tmp_path, most_epsilon=0.0), state)
    assert state.spent().epsilon == 8.0


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b'{"epoch": 3}\n'])
def test_what_does_not_say_what_it_costs_stays(tmp_path: Path, state: State, body: bytes) -> None:
    assert not is_paid(Item(KEY, "pairs", body), chosen(tmp_path), state)


def test_a_report_costs_nothing(tmp_path: Path, state: State) -> None:
    assert is_paid(Item(KEY, "report", b"{}"), chosen(tmp_path), state)
    assert state.spent().epsilon == 0.0


def test_what_may_not_leave_is_not_queued_and_not_kept(tmp_path: Path, state: State) -> None:
    queue, outgoing, choices = Queue(tmp_path / QUEUE), tmp_path / "outgoing", chosen(tmp_path)
    put_offer(outgoing, Offer(3, KEY, (bytes(16),), 4.0, 1e-8))
    hand_out(outgoing, "wordings", words(3).body)
    hand_out(outgoing, "count", week(2_900).body)
    assert take_in(queue, outgoing, 0.0, lambda item: is_paid(item, choices, state)) == 1
    assert list(queue.waiting()) == ["count"]
    assert [one for one in outgoing.rglob("*") if one.is_file()] == []
    queue.close()
