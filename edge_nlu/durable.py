"""Write things down such that whoever looks finds all of it or nothing, whatever moment the power goes.

A file is written beside its place, brought to the disk, and renamed there; rows are written in one go.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from edge_nlu.errors import StorageError

if TYPE_CHECKING:
    from sqlite3 import Connection

PART: Final = ".part"
"""At the end of the name of what is not whole yet."""

OURS: Final = 0o640
"""The rights of a file for the hub, and sync where it runs under a user of its own; for nobody else."""

ANYBODYS: Final = 0o666
"""The rights of a file that others may read, as far as the umask lets them."""


def put_whole(place: Path, body: bytes, mode: int = OURS) -> None:
    """Write a file; it is on the disk when this returns."""
    with whole(place, mode) as file:
        file.write(body)


@contextmanager
def whole(place: Path, mode: int = OURS) -> Iterator[IO[bytes]]:
    """Give a file to write to, which takes its place when all of it is written."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f"{place.name}{PART}")
    try:
        part.touch(mode)
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    except BaseException:
        # half a file only takes room, on a disk that may be full
        part.unlink(missing_ok=True)
        raise
    settle(place.parent)


def settle(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def storing(file: Path, advice: str) -> Iterator[None]:
    """Raise `StorageError`, with what to do now, where the disk or a database refuses."""
    # whoever writes no rows need not know of databases
    from sqlite3 import DatabaseError

    try:
        yield
    except (DatabaseError, OSError) as error:
        raise StorageError(file, str(error), "a file that can be written", advice) from error


@contextmanager
def transaction(database: Connection) -> Iterator[Connection]:
    """Let rows be written, all or none; nobody else writes meanwhile."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield database
        database.execute("COMMIT")
    except BaseException:
        # a full disk may have ended it already
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
