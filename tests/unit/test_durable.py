"""Whatever moment a writer is cut off, what is found is what stood there before, or all that is new."""

import errno
import os
import signal
import sqlite3
from pathlib import Path

import pytest

from edge_nlu import durable
from edge_nlu.durable import ANYBODYS, put_whole, storing, transaction, whole
from edge_nlu.errors import StorageError

STEPS = ("open", "fsync", "replace")
OLD, NEW = b"old", b"new, and longer"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "told.json"
    put_whole(place, OLD)
    return place


def names_beside(place: Path) -> list[str]:
    return sorted(path.name for path in place.parent.iterdir())


@pytest.mark.parametrize(("mode", "rights"), [(durable.OURS, 0o640), (ANYBODYS, 0o644)])
def test_a_new_file_has_its_rights_and_its_folder(tmp_path: Path, mode: int, rights: int) -> None:
    before = os.umask(0o022)
    try:
        put_whole(tmp_path / "a" / "b", NEW, mode)
    finally:
        os.umask(before)
    assert (tmp_path / "a" / "b").read_bytes() == NEW
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == rights


def killed(place: Path, step: str, nth: int) -> bool:
    """Write in a process of its own that is killed at the n-th step of a kind; return whether it was."""
    process = os.fork()
    if process == 0:
        left, call = nth, getattr(os, step)

        def instead(*arguments: object, **named: object) -> object:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return call(*arguments, **named)

        setattr(os, step, instead)
        code = 1
        try:
            put_whole(place, NEW)
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


@pytest.mark.parametrize("step", STEPS)
def test_a_writer_that_is_killed_leaves_the_old_file_or_the_new_one(place: Path, step: str) -> None:
    found: list[bytes] = []
    while killed(place, step, len(found)):
        found.append(place.read_bytes())
    assert found
    assert found == sorted(found, reverse=True)  # the old one until the new one stands, then no other
    assert set(found) <= {OLD, NEW}
    assert place.read_bytes() == NEW
    assert names_beside(place) == [place.name]


def test_until_it_is_whole_the_old_one_stands(place: Path) -> None:
    with whole(place) as file:
        file.write(NEW)
        file.flush()
        assert place.read_bytes() == OLD
    assert place.read_bytes() == NEW


def test_on_a_full_disk_the_old_one_stands_and_nothing_takes_room(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put_whole(place, NEW)
    assert place.read_bytes() == OLD
    assert names_beside(place) == [place.name]


def insert(database: sqlite3.Connection, *rows: str) -> None:
    with transaction(database) as writing:
        for row in rows:
            writing.execute(f"INSERT INTO rows VALUES ({row})")


def test_rows_are_written_all_or_none(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "rows.sqlite3", isolation_level=None)
    database.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY ON CONFLICT FAIL)")
    insert(database, "1", "2")
    with pytest.raises(sqlite3.IntegrityError):
        insert(database, "3", "1")
    # as a full disk may, this ends the transaction by itself
    database.execute("CREATE TRIGGER full BEFORE INSERT ON rows BEGIN SELECT RAISE(ROLLBACK, 'full'); END")
    with pytest.raises(sqlite3.IntegrityError, match="full"):
        insert(database, "3")
    assert database.execute("SELECT number FROM rows").fetchall() == [(1,), (2,)]
    database.close()


@pytest.mark.parametrize("error", [PermissionError("not yours"), sqlite3.OperationalError("not yours")])
def test_what_is_refused_is_told_with_what_to_do(error: Exception) -> None:
    with (
        pytest.raises(StorageError, match=r"rows: found not yours, expected .*; make room"),
        storing(Path("rows"), "make room"),
    ):
        raise error
