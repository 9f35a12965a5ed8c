"""Work in a copy of the process: what it returns comes back, what goes wrong is told, and nothing stays."""

import errno
import os
import pickle
import signal
from collections.abc import Generator
from pathlib import Path

import pytest

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.apart import Result, apart, here

OPEN = Path("/proc/self/fd")


def done(work: Generator[None, None, Result]) -> Result:
    """Do all slices of some work."""
    try:
        while True:
            next(work)
    except StopIteration as ended:
        result: Result = ended.value
        return result


def summed(numbers: list[int], *, then: str = "") -> Generator[None, None, list[int]]:
    yield
    numbers.append(sum(numbers))
    if then == "ended":
        os.kill(os.getpid(), signal.SIGKILL)
    if then == "wrong":
        raise LookupError("no such number")
    yield
    return numbers * 100_000


def no_children() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def test_what_a_copy_returns_comes_back_and_it_changes_nothing_here() -> None:
    numbers = [1, 2]
    assert done(apart(summed(numbers))) == [1, 2, 3] * 100_000
    assert numbers == [1, 2]
    assert no_children()
    assert done(here(summed(numbers))) == [1, 2, 3] * 100_000
    assert numbers == [1, 2, 3]


@pytest.mark.parametrize(("then", "told"), [("ended", "was ended by somebody"), ("wrong", "no such number")])
def test_what_went_wrong_in_a_copy_is_told(then: str, told: str) -> None:
    with pytest.raises(EdgeNluError, match=told):
        done(apart(summed([1], then=then)))
    assert no_children()


def test_a_copy_that_is_ended_while_it_tells_has_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_nlu.hub.apart.pickle.dumps", lambda told, whole=pickle.dumps: whole(told)[:-9])
    with pytest.raises(EdgeNluError, match="was ended by somebody"):
        done(apart(summed([1])))


def test_where_no_copy_can_be_made_no_pipe_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr(os, "fork", refused)
    before = list(OPEN.iterdir())
    with pytest.raises(OSError, match="Cannot allocate"):
        done(apart(summed([1])))
    assert list(OPEN.iterdir()) == before


def endless() -> Generator[None, None, None]:
    while True:
        yield


def test_a_copy_that_comes_to_no_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_nlu.hub.apart.LONGEST_S", 0.1)
    with pytest.raises(EdgeNluError, match="not read after"):
        done(apart(endless()))
    assert no_children()


def test_a_copy_ends_when_nobody_waits_for_it_any_longer() -> None:
    work = apart(endless())
    next(work)
    assert not no_children()
    work.close()
    assert no_children()
