"""Fitting at home: small steps whose every example is bounded, as if each slope had been built."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from edge_nlu.learning.fitting import Arrays, Lessons, Plan, bounded, change, fitted

CLASSES, WIDTH, CANDIDATES = 5, 7, 3
_reals = st.floats(-3, 3, width=32)
_counts = st.integers(1, 9)


def _matrix(*shape: int) -> st.SearchStrategy[np.ndarray]:
    return arrays_of.arrays(np.float32, shape, elements=_reals)


@st.composite
def layers(draw: st.DrawFn) -> tuple[Arrays, Lessons]:
    lessons = draw(_counts)
    wanted = draw(arrays_of.arrays(np.int64, lessons, elements=st.integers(0, CLASSES - 1)))
    return [draw(_matrix(CLASSES, WIDTH)), draw(_matrix(CLASSES))], Lessons(
        draw(_matrix(lessons, WIDTH)), wanted
    )


@st.composite
def choices(draw: st.DrawFn) -> tuple[Arrays, Lessons]:
    lessons = draw(_counts)
    wanted = draw(arrays_of.arrays(np.int64, lessons, elements=st.integers(0, CANDIDATES - 1)))
    counted = np.arange(CANDIDATES) <= wanted[:, None]
    inputs = draw(_matrix(lessons, CANDIDATES, WIDTH)) * counted[:, :, None]
    return [draw(_matrix(WIDTH))], Lessons(inputs, wanted, counted)


def _softmax(odds: np.ndarray) -> np.ndarray:
    grown: np.ndarray = np.exp(odds - odds.max())
    grown /= grown.sum()
    return grown


def slope(arrays: Arrays, lessons: Lessons, row: int) -> Arrays:
    """Return the slope of one example, written out."""
    numbers = [array.astype(np.float64) for array in arrays]
    inputs, wanted = lessons.inputs[row].astype(np.float64), lessons.wanted[row]
    if inputs.ndim == 1:
        weights, bias = numbers
        wrong = _softmax(weights @ inputs + bias)
        wrong[wanted] -= 1
        return [np.outer(wrong, inputs), wrong]
    assert lessons.counted is not None
    inputs = inputs[lessons.counted[row]]
    wrong = _softmax(inputs @ numbers[0])
    wrong[wanted] -= 1
    return [wrong @ inputs]


def _length(arrays: Arrays) -> float:
    return float(np.sqrt(sum((array.astype(np.float64) ** 2).sum() for array in arrays)))


@given(st.one_of(layers(), choices()), st.sampled_from([0.0, 0.05, 1.0, 30.0]))
def test_a_step_is_that_of_slopes_built_and_bounded_one_by_one(
    given_: tuple[Arrays, Lessons], clip: float
) -> None:
    arrays, lessons = given_
    plan = Plan(epochs=1, lot=len(lessons), pace=0.3, clip=clip)
    wanted = [array.astype(np.float64) for array in arrays]
    for row in range(len(lessons)):
        own = slope(arrays, lessons, row)
        share = min(1.0, clip / max(_length(own), 1e-12)) if clip else 1.0
        for array, part in zip(wanted, own, strict=True):
            array -= plan.pace / len(lessons) * share * part
    for found, array in zip(fitted(arrays, lessons, plan), wanted, strict=True):
        assert np.abs(found - array).max() <= 1e-6 * max(1.0, np.abs(array).max())


@given(st.one_of(layers(), choices()), st.floats(0.01, 3))
def test_one_example_moves_the_numbers_no_further_than_its_bound(
    given_: tuple[Arrays, Lessons], clip: float
) -> None:
    arrays, lessons = given_
    alone = lessons.at(slice(1))
    moved = change(fitted(arrays, alone, Plan(epochs=1, pace=1.0, clip=clip)), arrays)
    assert _length(moved) <= clip + 1e-5


@given(st.one_of(layers(), choices()), st.floats(0.001, 100))
def test_a_whole_change_is_no_longer_than_its_bound_and_turned_nowhere(
    given_: tuple[Arrays, Lessons], bound: float
) -> None:
    arrays, _ = given_
    found = bounded(arrays, bound)
    assert _length(found) <= bound * (1 + 1e-5)
    share = min(1.0, bound / max(_length(arrays), 1e-12))
    assert all(np.allclose(one, array * share, rtol=1e-4) for one, array in zip(found, arrays, strict=True))


def test_a_pull_keeps_a_home_near_the_fleet_and_never_throws_it_beyond() -> None:
    arrays, lessons = _blobs()
    loose, held, nailed = (
        _length(change(fitted(arrays, lessons, Plan(pull=pull)), arrays)) for pull in (0.0, 1.0, 1e6)
    )
    assert nailed < 1e-3 < held < loose


def test_it_tells_apart_what_lies_apart() -> None:
    arrays, lessons = _blobs()
    weights, bias = fitted(arrays, lessons, Plan(epochs=20, clip=1.0))
    found = (lessons.inputs @ weights.T + bias).argmax(1)
    assert (found == lessons.wanted).mean() == 1


def test_it_learns_what_speaks_for_a_candidate() -> None:
    draw = np.random.default_rng(4)
    told = draw.normal(size=(200, 4, 3)).astype(np.float32)
    lessons = Lessons(told, (told @ np.array([2.0, 0.0, -1.0], np.float32)).argmax(1))
    (weights,) = fitted([np.zeros(3, np.float32)], lessons, Plan(epochs=20, clip=2.0))
    assert ((told @ weights).argmax(1) == lessons.wanted).mean() > 0.95


@pytest.mark.parametrize("epochs", [0, 3])
def test_with_nothing_to_learn_from_or_no_time_all_stays(epochs: int) -> None:
    arrays, lessons = _blobs()
    none = lessons.at(slice(0)) if epochs else lessons
    found = fitted(arrays, none, Plan(epochs=epochs))
    assert all((one == array).all() and one is not array for one, array in zip(found, arrays, strict=True))


def test_sure_and_far_numbers_stay_numbers() -> None:
    arrays, lessons = _blobs()
    far = [np.float32(300) * np.eye(CLASSES, WIDTH, 1, dtype=np.float32), arrays[1]]
    found = fitted(far, Lessons(lessons.inputs * 100, lessons.wanted), Plan(clip=0.5))
    assert all(np.isfinite(array).all() for array in found)


def _blobs() -> tuple[Arrays, Lessons]:
    draw = np.random.default_rng(3)
    wanted = np.arange(60) % CLASSES
    inputs = np.eye(CLASSES, WIDTH)[wanted] + draw.normal(0, 0.05, (60, WIDTH))
    return (
        [np.zeros((CLASSES, WIDTH), np.float32), np.zeros(CLASSES, np.float32)],
        Lessons(inputs.astype(np.float32), wanted),
    )
