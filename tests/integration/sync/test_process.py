"""Sync as a process of its own, under its own user, beside a hub that runs; and the commands for it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytest.importorskip("tuf", reason="needs the [sync] extra")

from edge_nlu.cli import cli
from edge_nlu.storage.packs import Packs, Slot
from edge_nlu.sync.__main__ import NICE
from edge_nlu.transport.broker import Heard
from edge_nlu.transport.paho import Access, PahoTransport
from edge_nlu.values import Message
from edge_nlu_bench.updates.packs import another_network, fewer_promises
from edge_nlu_bench.updates.world import World

WAIT_S = 60.0
NOBODY = 65534
# the interpreter may lie where another user cannot get at it: what it needs is loaded before
AS_NOBODY = f"""
import os, sys
import edge_nlu.sync.__main__ as sync, edge_nlu.sync.rounds, tuf.api.serialization.json
import _strptime, encodings.idna, stringprep, unicodedata, tempfile, http.client
os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
"""


def until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def told(*arguments: object, code: int = 0) -> str:
    """Return what a command of sync says."""
    done = CliRunner().invoke(cli, ["sync", *map(str, arguments)])
    assert (done.exit_code, isinstance(done.exception, SystemExit | None)) == (code, True), done.exception
    return done.output


def test_packs_are_asked_for_by_hand(world: World, told_settings: Callable[..., Path]) -> None:
    config = ("--config", told_settings())
    world.give("new-1", percent=0)
    assert "to 0 of 100 hubs" in told("check", *config)
    assert told("install", *config).startswith("nothing new")
    assert "handed in: new-1, release 1" in told("install", "new-1", "--no-wait", *config)
    status = json.loads(told("status", "--json", *config))
    assert status["waiting"]["id"] == "new-1"
    assert [one["outcome"] for one in status["rounds"]] == ["handed in", "nothing new", "nothing new"]
    assert "waiting     new-1" in told("status", *config)
    packs = Packs(world.choices.packs)
    packs.switch(Slot("new-1", 1, "1" * 64), None)
    assert "the pack that comes along" in told("rollback", *config)
    assert packs.is_bad("1" * 64)


def test_what_goes_wrong_is_told_in_a_sentence(world: World, told_settings: Callable[..., Path]) -> None:
    command = [sys.executable, "-m", "edge_nlu", "sync"]
    for arguments, code, said in (
        (["check", "--config", str(world.folder / "none.toml")], 2, "no such file"),
        (["rollback", "--config", str(told_settings())], 1, "nothing was changed"),
    ):
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == code
        assert said in done.stderr
        assert done.stderr.count("\n") == 1


def test_sync_sees_neither_journal_nor_models() -> None:
    code = "import sys, edge_nlu.sync.__main__, edge_nlu.sync.rounds; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    unwanted = {
        "edge_nlu.storage.journal",
        "edge_nlu.storage.context",
        "edge_nlu.models.pack",
        "edge_nlu.hub",
    }
    assert loaded & {*unwanted, "numpy", "onnxruntime", "click", "paho"} == set()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs the right to become another user")
def test_sync_serves_as_another_user_who_cannot_read_what_was_said(world: World) -> None:
    world.give("new-1", another_network)
    # where pytest keeps its folders, another user is not let in
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        _serve_as_nobody(world, Path(folder))


def _serve_as_nobody(world: World, folder: Path) -> None:
    state, own = folder / "state", folder / "sync"
    journal = state / "journal.sqlite3"
    state.mkdir(mode=0o711)
    journal.touch(0o600)
    shutil.copytree(world.choices.comes_along, folder / "pack", ignore=lambda *_: ["encoder.int8.onnx"])
    shutil.copy(world.choices.root, folder / "root.json")
    own.mkdir()
    os.chown(own, NOBODY, NOBODY)
    world.choose(
        root=folder / "root.json", comes_along=folder / "pack", folder=own, packs=state / "packs", every_s=1.0
    )
    command = [sys.executable, "-c", f"{AS_NOBODY}\nsync.main()", world.choices.to_json()]
    with subprocess.Popen(command) as sync:
        try:
            until(lambda: world.waiting() == "new-1" or sync.poll() is not None)
            assert sync.poll() is None
            status = dict(
                line.split(":\t")
                for line in Path(f"/proc/{sync.pid}/status").read_text().splitlines()
                if ":\t" in line
            )
            assert int(status["VmRSS"].split()[0]) <= 50_000
            assert int(status["VmHWM"].split()[0]) <= 70_000
            # as far behind this process as there is room for
            own = os.getpriority(os.PRIO_PROCESS, 0)
            assert os.getpriority(os.PRIO_PROCESS, sync.pid) == min(own + NICE, 19)
        finally:
            sync.terminate()
            sync.wait(20)
    read = [sys.executable, "-c", f"{AS_NOBODY}\nopen({str(journal)!r}).read()"]
    done = subprocess.run(read, capture_output=True, text=True, check=False)
    assert "PermissionError" in done.stderr


class Running:
    """A hub's process at a broker, and the process of sync beside it."""

    def __init__(self, broker: Any, world: World) -> None:
        self.packs = Packs(world.choices.packs)
        self.results: list[dict[str, Any]] = []
        self.there = False
        self._file = world.folder / "hub.toml"
        self._file.write_text(
            f"state_dir = '{world.choices.folder}'\n[mqtt]\nhost = '127.0.0.1'\nport = {broker.port}\n"
        )
        self._log = (world.folder / "hub.log").open("ab")
        world.choose(every_s=1.0)
        self._sync = subprocess.Popen([sys.executable, "-m", "edge_nlu.sync", world.choices.to_json()])
        self._people = PahoTransport(Access("127.0.0.1", broker.port, client_id="people"))
        self._people.listen(["edge-nlu/#"])
        self._people.start(self._hear)
        until(lambda: self._people.connected)
        self.start()

    def start(self) -> None:
        self.there = False
        command = [sys.executable, "-m", "edge_nlu.hub", str(self._file)]
        self._hub = subprocess.Popen(command, stderr=self._log)
        until(lambda: self.there)

    def kill(self) -> None:
        self._hub.send_signal(signal.SIGKILL)
        self._hub.wait(20)

    def answers(self) -> bool:
        before = len(self.results)
        self._people.publish(Message("edge-nlu/ask", b"what time is it"))
        until(lambda: len(self.results) > before)
        return bool(self.results[-1]["say"])

    def close(self) -> None:
        for process in (self._hub, self._sync):
            process.terminate()
            process.wait(20)
        self._people.stop()
        self._log.close()

    def _hear(self, heard: Heard) -> None:
        if heard.topic == "edge-nlu/status":
            self.there = heard.payload == b"online"
        elif heard.topic == "edge-nlu/result":
            self.results.append(json.loads(heard.payload))


@pytest.mark.slow
def test_a_pack_goes_from_the_repository_into_a_hub_that_goes_back_when_it_keeps_dying(
    world: World, broker: Any
) -> None:
    running = Running(broker, world)
    try:
        assert running.answers()
        world.give("new-1", fewer_promises)
        until(lambda: running.packs.current().id == "new-1")
        assert running.answers()
        for _ in range(3):
            assert running.packs.current().id == "new-1"
            running.kill()
            running.start()
        assert running.packs.current() == Slot()
        assert running.answers()
        # the fleet gives something better away
        world.give("new-2", another_network)
        until(lambda: running.packs.current().id == "new-2")
        assert running.answers()
    finally:
        running.close()
