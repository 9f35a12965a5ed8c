"""Count over what homes sent, on this machine or on many, with the same job.

A job takes rows out of every shard (an SQLite file that one receiver wrote), puts rows that belong together
into the same part, and asks each part one question. Parts have nothing to do with each other, so it makes no
difference to the answer whether there is one part, or hundreds on as many machines.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias
from zlib import crc32

from edge_nlu.errors import require

Row: TypeAlias = tuple[Any, ...]
PARTS_A_WORKER: Final = 4
"""So many parts a worker, so that one that is slow does not hold up all."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked. Rows with the same first value belong together; `columns` names those of a `part`."""

    rows: str
    columns: str
    answer: str
    about: tuple[Any, ...] = ()


class Engine(Protocol):
    """Does a job on shards, and returns all answers in order."""

    name: str

    def __call__(self, job: Job, shards: Sequence[Path]) -> list[Row]:
        """Return the answers."""
        ...


class Alone:
    """SQLite on this machine; what does not fit into memory goes to a file that is gone afterwards."""

    name = "sqlite"

    def __call__(self, job: Job, shards: Sequence[Path]) -> list[Row]:
        """Return the answers."""
        return sorted(_answers(job, chain.from_iterable(_rows(job, shard) for shard in shards)))


class Cluster:
    """Workers of Dask, by the address of their scheduler; all see the shards under the same path."""

    name = "dask"

    def __init__(self, address: str) -> None:
        require("distributed", extra="mining")
        from distributed import Client

        self._client = Client(address)

    def __call__(self, job: Job, shards: Sequence[Path]) -> list[Row]:
        """Return the answers."""
        client = self._client
        parts = PARTS_A_WORKER * max(len(client.scheduler_info()["workers"]), 1)
        split = [client.submit(split_of, job, shard, parts, pure=False) for shard in shards]
        pieces = [[client.submit(_piece, one, part, pure=False) for one in split] for part in range(parts)]
        answers = client.gather([client.submit(together, job, own, pure=False) for own in pieces])
        return sorted(chain.from_iterable(answers))

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close()


def _rows(job: Job, shard: Path) -> Iterable[Row]:
    with closing(sqlite3.connect(f"file:{shard}?mode=ro", uri=True)) as database:
        yield from database.execute(job.rows, job.about)


def split_of(job: Job, shard: Path, parts: int) -> list[bytes]:
    """Return the rows of a shard by parts, packed, since engines look into lists for very long."""
    split: list[list[Row]] = [[] for _ in range(parts)]
    for row in _rows(job, shard):
        # the same on every machine, as Python's own hash is not
        key = row[0] if isinstance(row[0], bytes) else str(row[0]).encode()
        split[crc32(key) % parts].append(row)
    return [pickle.dumps(rows) for rows in split]


def together(job: Job, pieces: Iterable[bytes]) -> list[Row]:
    """Return what the pieces of a part, one of each shard, answer together."""
    return _answers(job, chain.from_iterable(map(pickle.loads, pieces)))


def _piece(split: Sequence[bytes], part: int) -> bytes:
    return split[part]


def _answers(job: Job, rows: Iterable[Row]) -> list[Row]:
    """Return what a part answers."""
    with closing(sqlite3.connect("")) as database:
        database.execute(f"CREATE TABLE part ({job.columns})")
        marks = ", ".join("?" * len(job.columns.split(",")))
        database.executemany(f"INSERT INTO part VALUES ({marks})", rows)
        return database.execute(job.answer).fetchall()
