"""Small hubs that come by the door and big ones that Flower reaches are one fleet to a strategy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
            member.start()
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
