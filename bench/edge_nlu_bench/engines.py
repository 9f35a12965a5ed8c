"""Time an engine that could count over a fleet: `python -m edge_nlu_bench.engines ENGINE ROWS`.

All count the homes of each digest over the same rows, and tell by a hash whether they found the same.
SQLite, Dask and Ray do the very job that a fleet does, the others the same SQL or its like over the rows as
CSV. What they need is installed by hand: docs/decisions/0010.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from hashlib import blake2s
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import numpy as np

from edge_nlu.fleet.mining.jobs import PARTS_A_WORKER, Alone, Cluster, Job, split_of, together

SHARDS, WORKERS = 8, 2
JOB = Job("SELECT digest, home FROM offers", "digest, home",
          "SELECT digest, COUNT(DISTINCT home) FROM part GROUP BY digest")  # fmt: skip
SQL = "SELECT digest, COUNT(DISTINCT home) AS homes FROM offers GROUP BY digest ORDER BY digest"
Rows = list[tuple[Any, ...]]


def sqlite(folder: Path) -> Rows:
    """Count with SQLite."""
    return Alone()(JOB, sorted(folder.glob("*.sqlite3")))


def dask(folder: Path) -> Rows:
    """Count with two workers of Dask."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=":0") as local:
        cluster = Cluster(local.scheduler_address)
        found = cluster(JOB, sorted(folder.glob("*.sqlite3")))
        cluster.close()
        return found


def ray(folder: Path) -> Rows:
    """Count with two workers of Ray."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    engine = import_module("ray")

    engine.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False)
    parts = PARTS_A_WORKER * WORKERS
    split = engine.remote(split_of).options(num_returns=parts)
    answer = engine.remote(lambda job, *pieces: together(job, pieces))
    pieces = [split.remote(JOB, shard, parts) for shard in sorted(folder.glob("*.sqlite3"))]
    answers = engine.get([answer.remote(JOB, *(one[part] for one in pieces)) for part in range(parts)])
    engine.shutdown()
    return sorted(row for own in answers for row in own)


def spark(folder: Path) -> Rows:
    """Count with Spark on two cores."""
    built = (
        import_module("pyspark.sql")
        .SparkSession.builder.master(f"local[{WORKERS}]")
        .config("spark.ui.enabled", "false")
    )
    session = built.config("spark.sql.shuffle.partitions", "8").getOrCreate()
    session.read.csv(f"{folder}/*.csv", schema="digest string, home string").createOrReplaceTempView("offers")
    found = [tuple(row) for row in session.sql(SQL).collect()]
    session.stop()
    return found


def duckdb(folder: Path) -> Rows:
    """Count with DuckDB."""
    engine = import_module("duckdb")

    source = f"read_csv('{folder}/*.csv', header=false, columns={{'digest': 'VARCHAR', 'home': 'VARCHAR'}})"
    return list(engine.sql(SQL.replace("FROM offers", f"FROM {source}")).fetchall())


def polars(folder: Path) -> Rows:
    """Count with Polars."""
    engine = import_module("polars")

    rows = engine.scan_csv(f"{folder}/*.csv", has_header=False, new_columns=["digest", "home"])
    counted = rows.group_by("digest").agg(engine.col("home").n_unique()).sort("digest")
    return list(counted.collect(engine="streaming").rows())


ENGINES: dict[str, Callable[[Path], Rows]] = {
    one.__name__: one for one in (sqlite, duckdb, polars, dask, ray, spark)
}


def written(folder: Path, rows: int) -> None:
    """Write rows as homes would send them: three digests each, some of them said by very many."""
    rng = np.random.default_rng(1)
    homes = rows // 3
    said = np.minimum(rng.zipf(1.2, (homes, 3)), 10 * homes)
    for shard in range(SHARDS):
        own = [
            (blake2s(b"%d" % pair, digest_size=16).digest(), blake2s(b"h%d" % home, digest_size=16).digest())
            for home in range(shard, homes, SHARDS)
            for pair in said[home].tolist()
        ]
        with (folder / f"{shard}.csv").open("w", newline="") as file:
            csv.writer(file).writerows((digest.hex(), home.hex()) for digest, home in own)
        with closing(sqlite3.connect(folder / f"{shard}.sqlite3")) as database, database:
            database.execute("CREATE TABLE offers (digest BLOB, home BLOB)")
            database.executemany("INSERT INTO offers VALUES (?, ?)", own)


def main(wanted: Sequence[str]) -> None:
    """Print a line of JSON for an engine and a number of rows."""
    name, rows = wanted[0], int(wanted[1])
    with TemporaryDirectory() as folder:
        # in a process of its own, so that its memory is not counted
        if (writer := os.fork()) == 0:
            written(Path(folder), rows)
            os._exit(0)
        os.waitpid(writer, 0)
        memory = _Memory()
        begun, cpu = time.perf_counter(), os.times()
        found = ENGINES[name](Path(folder))
        seconds = time.perf_counter() - begun
        spent = sum(os.times()[:4]) - sum(cpu[:4])
        digest = blake2s(
            json.dumps([(one.hex() if isinstance(one, bytes) else one, of) for one, of in found]).encode(),
            digest_size=8,
        ).hexdigest()
        told = {"engine": name, "rows": rows // 3 * 3, "seconds": round(seconds, 2), "cpu_s": round(spent, 2)}
        print(json.dumps({**told, "memory_mb": memory.most(), "answers": len(found), "table": digest}))


class _Memory:
    """The most memory that this process and its children had together, looked at ten times a second."""

    def __init__(self) -> None:
        self._most, self._stop = 0, Event()
        Thread(target=self._look, daemon=True).start()

    def most(self) -> int:
        self._stop.set()
        return self._most >> 20

    def _look(self) -> None:
        while not self._stop.wait(0.1):
            parents: dict[int, int] = {}
            sizes: dict[int, int] = {}
            for stat in Path("/proc").glob("[0-9]*/stat"):
                try:
                    rest = stat.read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                own = int(stat.parent.name)
                parents[own], sizes[own] = int(rest[1]), int(rest[21]) * os.sysconf("SC_PAGE_SIZE")
            self._most = max(self._most, sum(sizes[own] for own in sizes if _is_ours(own, parents)))


def _is_ours(process: int, parents: dict[int, int]) -> bool:
    while process in parents and process != os.getpid():
        process = parents[process]
    return process == os.getpid()


if __name__ == "__main__":
    main(sys.argv[1:])
