"""Real processes on this machine: a home and the server are killed in a round, and all goes on."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge_nlu.fleet.repo import Repo, releases_in
from edge_nlu.learning.head import classes_of
from edge_nlu.models.pack import Pack
from edge_nlu.sync.state import last_parts
from edge_nlu.wire.lessons import put_lessons
from edge_nlu_bench.updates.together import WAIT_S, Together, lessons, taught, together_in

# many small steps, so that a home is at it for a while
LESSONS = 500
SETTINGS = """
folder = "{folder}/run"
certificates = "{folder}/certificates"
host = "127.0.0.1"
port = {port}
golden = "{folder}/golden"
loss = 0.2
rounds = 3
round_s = 90.0
fewest = 3
cohort = 3
most = 1.0
epochs = 20
lot = 1
pace = 0.05
repo = "{folder}/repo"
keys = "{folder}/keys"
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Together]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with together_in(tmp_path / "fleet", port) as fleet:
        yield fleet


@pytest.mark.slow
def test_a_run_outlives_a_home_and_a_server_that_die(fleet: Together) -> None:
    pack = Pack.open(Pack.default_path())
    names, width = classes_of(pack.labels.wishes), pack.labels.embedding
    put_lessons(
        fleet.folder / "golden", pack.id, {"intent": taught(lessons(9, LESSONS, names, width), names)}
    )
    repo = Repo(fleet.folder / "repo", fleet.folder / "keys")
    repo.init()
    repo.add(pack.folder)
    repo.publish()
    for number in range(3):
        member = fleet.member(f"hub-{number}", pack_id=pack.id)
        member.learns(lessons(number, LESSONS, names, width), names)
        member.start()
    first, second, _ = fleet.members

    server = serving(fleet)
    until(lambda: at_work(fleet, first.name))
    first.kill()
    first.start()
    until(lambda: last_parts(first.choices.folder, 9)[0])
    until(lambda: at_work(fleet, second.name))
    server.kill()
    server.wait(WAIT_S)

    server = serving(fleet)
    told = json.loads(server.communicate(timeout=5 * WAIT_S)[0])
    assert server.returncode == 0
    # the round in which the server died was counted, and no other one is missing
    assert told["rounds"] == 3
    assert len(told["passed"]) == 2
    assert [(one["answered"], one["kept"]) for one in told["passed"]] == [(3, True)] * 2
    assert told["right"] > 0.5
    release = releases_in(fleet.folder / "repo")[-1]
    assert (release.pack, release.role, release.base) == (told["id"], "heads", pack.id)
    for member in fleet.members:
        parts, _ = last_parts(member.choices.folder, 9)
        assert {"sent"} <= {one.outcome for one in parts} <= {"sent", "too late", "waiting"}


def serving(fleet: Together) -> subprocess.Popen[bytes]:
    file = fleet.folder / "fleet.toml"
    file.write_text(SETTINGS.format(folder=fleet.folder, port=fleet.url.rpartition(":")[2]))
    command = [sys.executable, "-m", "edge_nlu", "fleet", "server", str(file), "--json"]
    with (fleet.folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        )


def at_work(fleet: Together, hub: str) -> bool:
    """Return whether a home has a task and has not answered yet."""
    place = fleet.folder / "run" / "tasks.sqlite3"
    if not place.exists():
        return False
    with closing(sqlite3.connect(place)) as tasks:
        query = "SELECT 1 FROM tasks WHERE hub = ? AND leased_s > 0 AND reply IS NULL"
        try:
            return tasks.execute(query, (hub,)).fetchone() is not None
        except sqlite3.OperationalError:
            return False


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
