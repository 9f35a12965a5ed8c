"""What a server and a home send each other in a round comes over as it was, or is refused by name."""

from __future__ import annotations

import json
from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_nlu.errors import RoundRefusedError
from edge_nlu.learning.fitting import Lessons, Plan, change
from edge_nlu.wire.rounds import LARGEST_BYTES, Task, Update

TASK = Task(
    run="r1",
    round=3,
    head="intent",
    pack="p-1",
    names=("", "on.power"),
    arrays=[np.arange(8, dtype=np.float32).reshape(2, 4), np.ones(2, np.float32)],
    plan=Plan(epochs=1, lot=2, pace=0.5, clip=1.0, pull=0.1),
    bound=0.25,
    epsilon=2.0,
    delta=1e-5,
    left_s=60.0,
)
LESSONS = Lessons(np.eye(4, dtype=np.float32), np.array([0, 1, 1, 0]))


def same(one: Task | Update, other: Task | Update) -> bool:
    plain = replace(one, arrays=[]) == replace(other, arrays=[])
    return plain and all(map(np.array_equal, one.arrays, other.arrays))


def told_otherwise(data: bytes, **other: Any) -> bytes:
    line, _, body = data.partition(b"\n")
    return json.dumps({**json.loads(line), **other}).encode() + b"\n" + body


def test_a_task_and_its_answer_come_over_as_they_were() -> None:
    update = TASK.answered(LESSONS)
    assert same(Task.from_bytes(TASK.to_bytes()), TASK)
    assert same(Update.from_bytes(update.to_bytes()), update)
    TASK.check(update)


def test_a_home_changes_no_more_than_agreed_and_does_not_tell_how_much_it_has() -> None:
    update = TASK.answered(LESSONS)
    moved = change(update.arrays, TASK.arrays)
    assert sqrt(sum(float((one**2).sum()) for one in moved)) <= 0.25 + 1e-5
    assert update.examples == 1
    assert replace(TASK, epsilon=0.0).answered(LESSONS).examples == 4


def test_an_answer_has_one_name_for_each_home_and_round() -> None:
    assert TASK.key("hub") == TASK.key("hub")
    others = (TASK.key("other"), replace(TASK, round=4).key("hub"), replace(TASK, run="r2").key("hub"))
    assert len({TASK.key("hub"), *others}) == 4


@pytest.mark.parametrize(
    ("told", "named"),
    [
        pytest.param({"format": 9}, "format", id="another version"),
        pytest.param({"head": "everything"}, "head", id="a head that there is not"),
        pytest.param({"round": "3"}, "round", id="no number"),
        pytest.param({"round": 10**400}, "round", id="a number without end"),
        pytest.param({"epsilon": float("nan")}, "epsilon", id="an epsilon that is none"),
        pytest.param({"bound": -1}, "bound", id="less than nothing"),
        pytest.param({"plan": [1, 10**8, 1, 0, 0]}, "plan", id="a lot that would not fit"),
        pytest.param({"plan": [10**6, 8, 1, 0, 0]}, "plan", id="training without end"),
        pytest.param({"plan": [1]}, "plan", id="half a plan"),
        pytest.param({"names": ["on.power"]}, "names", id="a row without a name"),
        pytest.param({"shapes": [[2, 5], [2]]}, "bytes of numbers", id="numbers missing"),
        pytest.param({"shapes": [[2, 1 << 40], [2]]}, "shapes", id="a side without end"),
        pytest.param({"shapes": [[10]]}, "names", id="another shape"),
        pytest.param({"shapes": None}, "shapes", id="no shape"),
        pytest.param({"shapes": [[2, 4, 1], [2]]}, "shapes", id="too many sides"),
    ],
)
def test_a_task_of_another_kind_is_refused_by_name(told: dict[str, Any], named: str) -> None:
    with pytest.raises(RoundRefusedError, match=named):
        Task.from_bytes(told_otherwise(TASK.to_bytes(), **told))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_are_refused(number: float) -> None:
    update = replace(TASK.answered(LESSONS), arrays=[np.full((2, 4), number, np.float32)])
    with pytest.raises(RoundRefusedError, match="finite"):
        Update.from_bytes(update.to_bytes())


def test_too_much_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(RoundRefusedError, match="at most"):
        Update.from_bytes(b"x" * (LARGEST_BYTES + 1))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"run": "r2"}, id="another run"),
        pytest.param({"round": 4}, id="another round"),
        pytest.param({"head": "ranker"}, id="another head"),
        pytest.param({"arrays": [np.zeros(3, np.float32)]}, id="another shape"),
        pytest.param({"arrays": [one + 0.1 for one in TASK.arrays]}, id="further than agreed"),
    ],
)
def test_an_answer_to_another_task_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(RoundRefusedError, match="update of round 3"):
        TASK.check(replace(TASK.answered(LESSONS), **other))


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    for one in (Task, Update):
        with pytest.raises(RoundRefusedError):
            one.from_bytes(data)
