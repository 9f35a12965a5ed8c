"""Small hubs that come by the door and big ones that Flower reaches are one fleet to a strategy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, Message, MetricRecord, RecordDict

from edge_nlu.fleet.joint import JointGrid
from edge_nlu.fleet.local import LocalGrid
from edge_nlu.fleet.messages import ARRAYS, EXAMPLES, METRICS, number_of, reply_of, task_of
from edge_nlu.fleet.selection import Selection
from edge_nlu.fleet.server import Progress, Study, main
from edge_nlu.fleet.strategy import strategy_for
from edge_nlu.fleet.thin import ThinGrid
from edge_nlu_bench.updates.together import PACK, Together, lessons, task, together_in

BIG = (71, 72)
ROUND_S = 20.0


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Together]:
    with together_in(tmp_path / "fleet") as fleet:
        fleet.open()
        for number in range(2):
            member = fleet.member(f"hub-{number}")
            member.learns(lessons(number, 40))
        fleet.gather()
        yield fleet


def joined(fleet: Together, big: LocalGrid) -> JointGrid:
    assert fleet.door is not None
    thin = ThinGrid(fleet.tasks, fleet.door.known, head="intent", pack=PACK, within_s=60.0, round_s=ROUND_S)
    return JointGrid(thin, big, round_s=ROUND_S)


def run(grid: JointGrid, folder: Path, rounds: int, bound: float = 0.0) -> Progress:
    study = Study(task(bound=bound), rounds, ROUND_S, fewest=4)
    strategy = strategy_for("fedavg", Selection(4, 1.0), activity=grid.activity)
    return main(grid, strategy, study, lessons(99, 400), folder)


def honest(message: Message) -> Message:
    home = message.metadata.dst_node_id
    return reply_of(task_of(message, ROUND_S).answered(lessons(home, 40)), message)


@pytest.mark.slow
def test_both_kinds_answer_in_the_same_rounds(fleet: Together, tmp_path: Path) -> None:
    grid = joined(fleet, LocalGrid(BIG, honest))
    progress = run(grid, tmp_path / "run", 2)
    assert [(one.asked, one.answered) for one in progress.passed] == [(4, 4), (4, 4)]
    assert progress.right > 0.9
    assert set(grid.get_node_ids()) == {*BIG, number_of("hub-0"), number_of("hub-1")}
    alone = [
        Message(RecordDict({ARRAYS: ArrayRecord()}), dst_node_id=home, message_type="train") for home in BIG
    ]
    assert len(list(grid.pull_messages(grid.push_messages(alone)))) == len(BIG)
    # a SuperNode counts as an average hub: these have 40 lessons, told as the next lower power of two
    assert set(grid.activity().values()) == {32.0}


def written(*claimed: int) -> bytes:
    """What numpy writes before so many numbers, of which none follow."""
    file = BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": claimed}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue()


def with_data(data: bytes) -> Callable[[Message], None]:
    def spoil(reply: Message) -> None:
        for one in reply.content[ARRAYS].values():
            one.data = data

    return spoil


def with_arrays(*arrays: Any) -> Callable[[Message], None]:
    return lambda reply: reply.content.update({ARRAYS: ArrayRecord([np.asarray(one) for one in arrays])})


def with_examples(examples: Any) -> Callable[[Message], None]:
    return lambda reply: reply.content.update({METRICS: MetricRecord({EXAMPLES: examples})})


def from_another(reply: Message) -> None:
    reply.metadata.__dict__["_src_node_id"] = BIG[1]


class Nodes(LocalGrid):
    """SuperNodes, of which one's reply is spoiled on its way."""

    def __init__(self, spoil: Callable[[Message], None]) -> None:
        super().__init__(range(70, 74), honest)
        self.spoil, self.broken = spoil, False

    def get_node_ids(self) -> Iterable[int]:
        if self.broken:
            raise ConnectionError("the SuperLink is gone")
        return super().get_node_ids()

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        for reply in super().pull_messages(message_ids):
            if reply.metadata.src_node_id == BIG[0]:
                reply = deepcopy(reply)
                self.spoil(reply)
            yield reply


class Nobody:
    """No small hub is there."""

    def activity(self) -> dict[int, float]:
        return {}

    def get_node_ids(self) -> list[int]:
        return []

    def send_and_receive(self, messages: list[Message], *, timeout: float | None = None) -> list[Message]:
        assert timeout
        assert not messages
        return []


def raises(error: Exception) -> Callable[[Message], None]:
    def spoil(_: Message) -> None:
        raise error

    return spoil


def spoiled(nodes: Nodes, folder: Path) -> Progress:
    nobody: Any = Nobody()
    return run(JointGrid(nobody, nodes, round_s=1.0), folder, 1, bound=4.0)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(with_examples(float("inf")), id="endless examples"),
        pytest.param(with_examples([1, 2]), id="a list of examples"),
        pytest.param(with_examples(-1), id="less than no examples"),
        pytest.param(with_data(b""), id="no bytes"),
        pytest.param(with_data(b"PK\x03\x04garbage"), id="half a zip"),
        pytest.param(with_data(b"\x80\x04."), id="a pickle"),
        pytest.param(with_data(written(10**14)), id="a claim to all memory"),
        pytest.param(with_data(written(4, 16)), id="cut short"),
        pytest.param(with_data(b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65_535), id="a deep header"),
        pytest.param(with_arrays(np.zeros((4, 16)), np.zeros(4)), id="twice as wide"),
        pytest.param(with_arrays(np.zeros((16, 4), "f4"), np.zeros(4, "f4")), id="another shape"),
        pytest.param(with_arrays(np.full((4, 16), np.nan, "f4"), np.zeros(4, "f4")), id="none"),
        pytest.param(with_arrays(np.ones((4, 16), "f4"), np.ones(4, "f4")), id="too far"),
        pytest.param(with_arrays(*[np.zeros(1, "f4")] * 3), id="one more"),
        pytest.param(with_arrays(), id="no array"),
        pytest.param(lambda reply: reply.content.clear(), id="nothing"),
        pytest.param(lambda reply: reply.content.update({ARRAYS: MetricRecord()}), id="no arrays"),
        pytest.param(from_another, id="another home's"),
        pytest.param(raises(MemoryError()), id="not to be opened"),
        pytest.param(lambda _: time.sleep(12), id="announced and held back"),
    ],
)
def test_nothing_that_a_big_hub_answers_ends_or_stalls_a_round(
    tmp_path: Path, spoil: Callable[[Message], None]
) -> None:
    since = time.monotonic()
    (passed,) = spoiled(Nodes(spoil), tmp_path / "run").passed
    assert (passed.asked, passed.answered, passed.kept) == (4, 3, True)
    assert time.monotonic() - since < 10


def test_a_line_that_breaks_is_no_answer(tmp_path: Path) -> None:
    def breaks(_: Message) -> None:
        nodes.broken = True
        raise ConnectionError("the line broke")

    class Slow(Nobody):
        def send_and_receive(self, messages: list[Message], *, timeout: float | None = None) -> list[Message]:
            waited.append(time_is_up.wait(10))
            return super().send_and_receive(messages, timeout=timeout)

    nodes, time_is_up, waited = Nodes(breaks), Event(), list[bool]()
    slow: Any = Slow()
    with pytest.raises(ConnectionError, match="SuperLink is gone"):
        run(JointGrid(slow, nodes, round_s=5.0), tmp_path / "run", 1)
    # nor does it wait for small hubs
    time_is_up.set()
    assert waited in ([], [True])


@pytest.mark.slow
def test_a_big_hub_may_not_answer_what_a_small_one_may_not(fleet: Together, tmp_path: Path) -> None:
    def too_far(message: Message) -> Message:
        if message.metadata.dst_node_id == BIG[0]:
            return honest(message)
        arrays = ArrayRecord({name: Array(one.numpy() + 9) for name, one in message.content[ARRAYS].items()})
        return Message(RecordDict({ARRAYS: arrays, METRICS: MetricRecord({EXAMPLES: 5})}), reply_to=message)

    progress = run(joined(fleet, LocalGrid(BIG, too_far)), tmp_path / "run", 1, bound=1.0)
    assert [(one.asked, one.answered) for one in progress.passed] == [(4, 3)]
    assert max(float(np.abs(one).max()) for one in progress.arrays) <= 1.0
