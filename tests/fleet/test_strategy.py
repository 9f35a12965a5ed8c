"""Rounds over homes that drop out, break and cheat: who is asked, what is made of it, and how much noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict

from edge_nlu.errors import SettingsError
from edge_nlu.fleet.accounting import Privacy
from edge_nlu.fleet.local import LocalGrid, trainer
from edge_nlu.fleet.messages import EXAMPLES, arrays_of, record_of, trained
from edge_nlu.fleet.selection import Selection
from edge_nlu.fleet.strategy import ALGORITHMS, normal, secret_dice, strategy_for
from edge_nlu.learning.fitting import Arrays, Lessons, Plan, bounded
from edge_nlu.wire.rounds import Update
from edge_nlu_bench.updates.together import lessons, task

START: Arrays = [np.zeros((60, 128), np.float32), np.zeros(60, np.float32)]
EVERYBODY = Selection(cohort=100, most=1.0)
PROMISE = Privacy(epsilon=8, delta=1e-3, clip=0.5, noise=2.0, q=1.0, rounds=1)
HOMES = range(100)
JUNK = Array("float32", (60, 128), "numpy.ndarray", b"junk")


def says(moved: float, examples: float = 10) -> Callable[[Message], Message]:
    """A home that answers with every number moved by so much."""

    def answer(task: Message) -> Message:
        arrays = [array.numpy() + np.float32(moved) for array in task.content["arrays"].values()]
        told = {"arrays": ArrayRecord(arrays), "metrics": MetricRecord({EXAMPLES: examples})}
        return Message(RecordDict(told), reply_to=task)

    return answer


def breaks(_: Message) -> Message:
    raise OSError("the card is full")


def some(first: Callable[[Message], Message], several: int, others: Callable[[Message], Message]):
    return lambda task: (first if task.metadata.dst_node_id < several else others)(task)


def after(answer, name: str = "fedavg", rounds: int = 1, selection: Selection = EVERYBODY, **more) -> Arrays:
    strategy = strategy_for(name, selection, dice=np.random.default_rng(1).random, **more)
    start = ArrayRecord([array.copy() for array in START])
    result = strategy.start(grid=LocalGrid(HOMES, answer), initial_arrays=start, num_rounds=rounds)
    return result.arrays.to_numpy_ndarrays()


@pytest.mark.parametrize("answering", [100, 10, 0])
def test_homes_that_drop_out_do_not_lessen_the_noise(answering: int) -> None:
    weights, _ = after(some(says(0.0), answering, breaks), privacy=PROMISE)
    promised = PROMISE.noise * PROMISE.clip / EVERYBODY.cohort
    assert weights.std() == pytest.approx(promised, rel=0.03)


def test_homes_that_drop_out_only_weaken_the_signal() -> None:
    quiet = replace(PROMISE, noise=1e-6)
    (all_there, _), (half, _) = (after(some(says(1.0), n, breaks), privacy=quiet) for n in (100, 50))
    assert half.mean() == pytest.approx(all_there.mean() / 2, rel=1e-2)


def test_no_home_matters_more_than_the_clip() -> None:
    quiet = replace(PROMISE, noise=1e-9)
    arrays = after(some(says(1e6, examples=1e9), 1, says(0.0)), privacy=quiet)
    length = np.sqrt(sum(float((array**2).sum()) for array in arrays))
    assert length == pytest.approx(PROMISE.clip / EVERYBODY.cohort, rel=1e-3)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_errors_do_not_spoil_a_round(name: str) -> None:
    weights, _ = after(some(says(1.0), 60, breaks), name)
    assert weights.mean() > 0.005


@pytest.mark.parametrize(
    ("name", "homes", "liars", "holds"),
    [
        ("fedavg", 10, 1, False),
        # a fifth at most may lie
        ("fedtrimmed", 5, 1, True),
        ("fedtrimmed", 10, 2, True),
        ("fedtrimmed", 14, 2, True),
        ("fedtrimmed", 14, 3, False),
        ("fedtrimmed", 9, 2, False),
        # fewer than half may
        ("fedmedian", 3, 1, True),
        ("fedmedian", 9, 4, True),
        ("fedmedian", 8, 3, True),
        ("fedmedian", 8, 4, False),
    ],
)
def test_liars_within_the_bound_get_no_number_beyond_what_honest_homes_say(
    name: str, homes: int, liars: int, *, holds: bool
) -> None:
    rng = np.random.default_rng(homes)
    asked = task(bound=1.0)
    honest = [asked.answered(lessons(home, 40)).arrays for home in range(liars, homes)]
    # all lie together, as far as they may, and each number off to one side
    far = [np.where(one < 0, 9, -9) * rng.uniform(0.5, 1, one.shape) for one in honest[0]]
    lie = bounded([one.astype(np.float32) for one in far], asked.bound)
    asked.check(Update(asked.run, asked.round, asked.head, lie, 1))

    def answer(message: Message) -> Message:
        return trained(([lie] * liars + honest)[message.metadata.dst_node_id], 10, message)

    strategy = strategy_for(name, Selection(homes, 1.0))
    grid = LocalGrid(range(homes), answer)
    replies = grid.send_and_receive(
        strategy.configure_train(1, record_of(asked.arrays), ConfigRecord(), grid)
    )
    found, _ = strategy.aggregate_train(1, replies)
    within = [
        (one >= np.min(said, 0) - 1e-6) & (one <= np.max(said, 0) + 1e-6)
        for one, said in zip(arrays_of(found), zip(*honest, strict=True), strict=True)
    ]
    assert all(one.all() for one in within) == holds


@pytest.mark.parametrize(("name", "enough"), [("fedmedian", 3), ("fedtrimmed", 5)])
def test_of_too_few_answers_to_leave_a_liar_out_nothing_is_made(name: str, enough: int) -> None:
    assert not after(some(says(1.0), enough - 1, breaks), name)
    assert all(one.all() for one in after(some(says(1.0), enough, breaks), name))


@pytest.mark.parametrize("name", ["fedavg", "fedavgm", "fedprox", "fedadam", "fedyogi"])
def test_a_home_that_changes_nothing_stops_nobody(name: str) -> None:
    weights, _ = after(says(0.0), name, privacy=replace(PROMISE, noise=1e-9))
    assert np.abs(weights).max() < 1e-3


def wrong(change: Callable[[RecordDict], None]) -> Callable[[Message], Message]:
    def answer(task: Message) -> Message:
        reply = says(1000.0)(task)
        change(reply.content)
        return reply

    return answer


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda told: told.update(arrays=ArrayRecord([np.zeros(3)])), id="other shape"),
        pytest.param(lambda told: told.pop("arrays"), id="no numbers"),
        pytest.param(lambda told: told["arrays"].update({"0": JUNK}), id="no array"),
        pytest.param(
            lambda told: told.update(arrays=ArrayRecord([array + 1j for array in START])), id="other numbers"
        ),
        pytest.param(lambda told: told.pop("metrics"), id="no count"),
        pytest.param(lambda told: told["metrics"].update({EXAMPLES: -1}), id="less than none"),
        pytest.param(lambda told: told["metrics"].update({EXAMPLES: float("nan")}), id="not a count"),
        pytest.param(
            lambda told: told.update(arrays=ArrayRecord([array + np.nan for array in START])), id="not finite"
        ),
    ],
)
@pytest.mark.parametrize("privacy", [None, replace(PROMISE, noise=1e-9)])
def test_what_does_not_fit_is_left_out(change: Callable[[RecordDict], None], privacy: Privacy | None) -> None:
    with_them = after(some(wrong(change), 50, says(0.001)), privacy=privacy)
    without = after(some(breaks, 50, says(0.001)), privacy=privacy)
    assert np.allclose(with_them[0], without[0], atol=1e-7)


def test_a_home_answers_once_and_only_if_it_was_asked() -> None:
    strategy = strategy_for(
        "fedavg", EVERYBODY, replace(PROMISE, noise=1e-9), dice=np.random.default_rng(1).random
    )
    grid = LocalGrid(range(2), says(1.0))
    tasks = strategy.configure_train(1, ArrayRecord(START), ConfigRecord(), grid)
    replies = list(grid.send_and_receive(tasks))
    once, _ = strategy.aggregate_train(1, replies)
    twice, _ = strategy.aggregate_train(1, replies * 2)
    strategy.asked = {1: 1.0}
    other, _ = strategy.aggregate_train(1, replies)
    first, second, third = (record.to_numpy_ndarrays()[0].mean() for record in (once, twice, other))
    assert first == pytest.approx(second, rel=1e-4)
    assert third == pytest.approx(first / 2, rel=1e-4)


def test_a_promise_to_a_median_is_refused() -> None:
    with pytest.raises(SettingsError, match="median"):
        strategy_for("fedmedian", EVERYBODY, PROMISE)


def test_to_ask_more_often_than_is_accounted_for_is_refused() -> None:
    with pytest.raises(SettingsError, match="accounted"):
        strategy_for("fedavg", Selection(10, 0.2, by_activity=True), replace(PROMISE, q=0.1))


def test_what_all_have_in_common_gets_neither_change_nor_noise() -> None:
    common = np.eye(128)[3]
    weights, _ = after(says(1.0), privacy=PROMISE, common=common)
    assert np.abs(weights[:, 3]).max() < 1e-6
    assert weights[:, 4].std() > 0.005


def test_homes_learn() -> None:
    rng = np.random.default_rng(0)
    wanted = rng.integers(0, 60, 200)
    lessons = Lessons(np.eye(128, dtype=np.float32)[wanted] * 8, wanted)
    weights, bias = after(trainer(lambda _: lessons, Plan()), rounds=3)
    assert ((lessons.inputs @ weights.T + bias).argmax(1) == wanted).all()


def test_a_home_without_examples_says_so() -> None:
    grid = LocalGrid(
        [0], trainer(lambda _: Lessons(np.zeros((0, 128), np.float32), np.zeros(0, np.int64)), Plan())
    )
    task = Message(
        RecordDict({"arrays": ArrayRecord(START), "config": ConfigRecord()}),
        dst_node_id=0,
        message_type="train",
    )
    (reply,) = grid.send_and_receive([task])
    assert reply.error.reason == "no examples"


def test_coins_are_thrown_for_each_home() -> None:
    strategy = strategy_for("fedavg", Selection(cohort=20, most=0.5), dice=np.random.default_rng(1).random)
    grid = LocalGrid(HOMES, says(0.0))
    asked = [
        {
            task.metadata.dst_node_id
            for task in strategy.configure_train(at, ArrayRecord(START), ConfigRecord(), grid)
        }
        for at in range(300)
    ]
    several = np.array([len(one) for one in asked])
    assert several.mean() == pytest.approx(20, rel=0.05)
    # a fixed number a round would not vary; coins do by n q (1 - q)
    assert several.var() == pytest.approx(100 * 0.2 * 0.8, rel=0.3)
    together = np.mean([{3, 4} <= one for one in asked])
    assert together == pytest.approx(0.04, abs=0.035)


def test_noise_is_normal_and_cannot_be_foreseen() -> None:
    noise = normal((200, 200), secret_dice)
    assert noise.mean() == pytest.approx(0, abs=0.03)
    assert noise.std() == pytest.approx(1, rel=0.02)
    assert np.mean(np.abs(noise) > 1.96) == pytest.approx(0.05, abs=0.01)
    assert not np.array_equal(noise, normal((200, 200), secret_dice))
