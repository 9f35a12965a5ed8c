"""Killed at any moment, the hub knows afterwards what it may have done."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.memory import HomeMemory

HUB = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.retention import Retention
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.values import *

journal = SqliteJournal(Path(sys.argv[1]))
memory = HomeMemory(journal)
told = Command("z/lamp", (("state", True),))
wish = Wish("on", "power")
act = Act((Candidate(wish, ("z/lamp",), (told,)),), (told,), "All right.")
for number in range(int(sys.argv[2]), 100000):
    said = Utterance(f"u{number}", f"lamp {number}", datetime.now(UTC), "hall", "ana")
    read = Understanding(said.text, (), 1.0, (), (Clause(0, 4, "on", "power"),))
    exchange = Exchange(said, read, act)
    assert journal.write(exchange)
    print("written", number, flush=True)
    # here the lamp would be told
    print("told", number, flush=True)
    exchange = Exchange(said, read, act, Outcome(("z/lamp",)))
    journal.finish(exchange)
    print("finished", number, flush=True)
    memory.learn((Lesson("phrase", f"phrase {number}", "lamp on", "ana"),), said)
    print("learned", number, flush=True)
    memory.observe(exchange)
    if number % 7 == 6:
        journal.keep([("DELETE FROM marks", ())])
        Retention(1, 1).tidy(journal, said.at)
        Retention(1, 1).tidy(journal, said.at + timedelta(days=1))
        memory.learn((Lesson("forget", f"phrase {number - 3}", user="ana"),), said)
"""


@pytest.mark.slow
@pytest.mark.parametrize("after_ms", [0, 1, 3, 7, 12, 20, 33, 54])
def test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path: Path, after_ms: int) -> None:
    path = tmp_path / "journal.sqlite3"
    start = 0
    for _ in range(3):
        lines = _until_killed(path, start, after_ms)
        said = {word: [int(line.split()[1]) for line in lines if line.startswith(word)] for word in _WORDS}
        journal = SqliteJournal(path)
        assert journal.damaged == []
        rows = dict(journal.rows("SELECT id, outcome FROM exchanges"))
        assert {f"u{number}" for number in said["written"]} <= rows.keys()
        assert all(rows[f"u{number}"] is not None for number in said["finished"])
        # whatever may have been told and is not finished is known to be so, and nothing else
        left = journal.unfinished()
        unfinished = {found.utterance.id for found in left}
        begun = {f"u{number}" for number in set(said["written"]) - set(said["finished"])}
        assert begun >= unfinished - {f"u{max(said['written'], default=start - 1) + 1}"}
        taught = {lesson.phrase for lesson in HomeMemory(journal).lessons("ana")}
        forgotten = {f"phrase {number - 3}" for number in range(start + 200) if number % 7 == 6}
        assert {f"phrase {number}" for number in said["learned"]} - forgotten <= taught
        for found in left:
            journal.finish(found)
        start = max((int(name[1:]) for name in rows), default=start - 1) + 1
        journal.close()


_WORDS = ("written", "told", "finished", "learned")


def _until_killed(path: Path, start: int, after_ms: int) -> list[str]:
    """Return what a hub said until it was killed so long after its first exchange."""
    command = [sys.executable, "-c", HUB, str(path), str(start)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as hub:
        assert hub.stdout is not None
        first = hub.stdout.readline()
        time.sleep(after_ms / 1000)
        hub.send_signal(signal.SIGKILL)
        rest = hub.stdout.read()
    # a line that was cut off was not heard
    return [first.strip(), *(line for line in rest.splitlines(keepends=True) if line.endswith("\n"))]
