"""Lessons that the hub puts down for sync: whole or not at all, of a time, and believed only where sound."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_nlu.errors import RoundRefusedError
from edge_nlu.learning.arrays import packed, unpacked
from edge_nlu.learning.fitting import Lessons
from edge_nlu.wire.lessons import LARGEST_BYTES, MOST, Taught, lessons_in, put_lessons

NAMES = ("", "off.power", "on.power")


def layer(count: int = 4) -> Taught:
    inputs = np.linspace(0, 1, count * 5, dtype=np.float32).reshape(count, 5)
    lessons = Lessons(inputs, np.arange(count) % len(NAMES))
    return Taught(NAMES, lessons, 1000.0 - np.arange(count, dtype=np.float64))


def choice() -> Taught:
    counted = np.array([[True, True, False], [True, True, True]])
    inputs = np.ones((2, 3, 2), np.float32) * counted[:, :, None]
    return Taught(("here", "named"), Lessons(inputs, np.array([1, 2]), counted), np.array([5.0, 4.0]))


def spoiled(**arrays: object) -> bytes:
    one = layer()
    own = {"inputs": one.lessons.inputs, "wanted": one.lessons.wanted, "said_s": one.said_s}
    return packed({"names": np.array(NAMES), **own, **arrays})


def test_what_is_put_down_is_read_back(tmp_path: Path) -> None:
    put_lessons(tmp_path, "default-1", {"intent": layer(), "evidence": choice()})
    found = lessons_in(tmp_path, "default-1")
    assert set(found) == {"intent", "evidence"}
    for head, put in (("intent", layer()), ("evidence", choice())):
        names, lessons = found[head]
        assert names == put.names
        assert (lessons.inputs == put.lessons.inputs).all()
        assert (lessons.wanted == put.lessons.wanted).all()
    assert lessons_in(tmp_path, "another-2") == {}


def test_no_text_is_among_it(tmp_path: Path) -> None:
    put_lessons(tmp_path, "p", {"intent": layer()})
    (file,) = tmp_path.iterdir()
    texts = [
        array for array in unpacked(file.read_bytes(), LARGEST_BYTES).values() if array.dtype.kind == "U"
    ]
    assert [tuple(array.tolist()) for array in texts] == [NAMES]


def test_nobody_else_on_the_machine_reads_them(tmp_path: Path) -> None:
    put_lessons(tmp_path, "p", {"intent": layer()})
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o007 == 0


def test_lessons_of_another_time_are_left_out(tmp_path: Path) -> None:
    put_lessons(tmp_path, "p", {"intent": layer(), "evidence": choice()})
    found = lessons_in(tmp_path, "p", since_s=999.0)
    assert list(found) == ["intent"]
    assert len(found["intent"][1]) == 2


def test_what_is_put_down_takes_the_place_of_all_before(tmp_path: Path) -> None:
    put_lessons(tmp_path, "p", {"intent": layer(), "evidence": choice()})
    (tmp_path / "examples-ranker-p.npz.part").write_bytes(b"cut off")
    (tmp_path / "pairs-3.bin").write_bytes(b"somebody else's")
    put_lessons(tmp_path, "q", {"intent": layer()})
    assert sorted(file.name for file in tmp_path.iterdir()) == ["examples-intent-q.npz", "pairs-3.bin"]
    put_lessons(tmp_path, "q", {})
    assert [file.name for file in tmp_path.iterdir()] == ["pairs-3.bin"]
    put_lessons(tmp_path / "nowhere", "q", {})


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param(b"", "no file of arrays", id="empty"),
        pytest.param(b"PK\x03\x04 and no more", "BadZipFile", id="cut off"),
        pytest.param(bytes(LARGEST_BYTES + 1), "more than", id="too large"),
        pytest.param(packed({"inputs": np.zeros(3)}), "arrays", id="parts missing"),
        pytest.param(spoiled(text=np.array(["turn on the lamp"])), "arrays", id="a text besides"),
        pytest.param(spoiled(wanted=np.array([0, 1, 2, 3])), "class 0 to 3, of 3", id="unknown class"),
        pytest.param(spoiled(wanted=np.array([0, 1, -1, 2])), "class -1", id="class below 0"),
        pytest.param(spoiled(wanted=np.array([0, 1])), "4 inputs of 2 lessons", id="lessons without a class"),
        pytest.param(spoiled(inputs=np.full((4, 5), np.nan, np.float32)), "endless", id="no numbers"),
        pytest.param(spoiled(wanted=np.array([None] * 4, object)), "allow_pickle", id="something to run"),
    ],
)
def test_anything_else_is_refused_by_name(tmp_path: Path, body: bytes, found: str) -> None:
    (tmp_path / "examples-intent-p.npz").write_bytes(body)
    with pytest.raises(RoundRefusedError, match=f"examples-intent-p.npz: found .*{found}"):
        lessons_in(tmp_path, "p")


def test_more_lessons_than_may_be_are_refused(tmp_path: Path) -> None:
    put_lessons(tmp_path, "p", {"intent": layer(MOST + 1)})
    with pytest.raises(RoundRefusedError, match=f"expected {MOST} lessons of intent at most"):
        lessons_in(tmp_path, "p")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    put_lessons(tmp_path / "own", "p", {"intent": layer()})
    (tmp_path / "examples-intent-p.npz").symlink_to(tmp_path / "own" / "examples-intent-p.npz")
    with pytest.raises(RoundRefusedError):
        lessons_in(tmp_path, "p")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(at=st.integers(0, 1400), value=st.integers(0, 255))
def test_a_byte_that_is_another_one_never_does_more_than_be_refused(
    tmp_path: Path, at: int, value: int
) -> None:
    body = bytearray(spoiled())
    body[at % len(body)] = value
    (tmp_path / "examples-intent-p.npz").write_bytes(body)
    try:
        ((_, lessons),) = lessons_in(tmp_path, "p").values()
    except RoundRefusedError:
        return
    assert lessons.inputs.shape == (4, 5)
