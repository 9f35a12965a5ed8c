"""A fleet's door on this machine, and homes that take part in its rounds, each with a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from edge_nlu.errors import EdgeNluError
from edge_nlu.fleet import certificates
from edge_nlu.fleet.door import Door
from edge_nlu.fleet.tasks import Reply, Tasks
from edge_nlu.learning.fitting import Lessons, Plan
from edge_nlu.learning.head import classes_of
from edge_nlu.models.pack import MANIFEST, Pack
from edge_nlu.sync.choices import Choices, Federated
from edge_nlu.wire.lessons import MOST, Taught, put_lessons
from edge_nlu.wire.rounds import Task
from edge_nlu_bench.updates.packs import another_network
from edge_nlu_bench.updates.world import world_in

PACK: Final = "some-pack-1"
NAMES: Final = ("", "off.power", "on.power", "set.brightness")
WIDTH: Final = 16
WAIT_S: Final = 60.0


def lessons(seed: int, several: int, names: tuple[str, ...] = NAMES, width: int = WIDTH) -> Lessons:
    """Return lessons that any home would learn alike: each class has a direction of its own."""
    directions = np.random.default_rng(0).normal(size=(len(names), width))
    rng = np.random.default_rng(seed)
    wanted = rng.integers(0, len(names), several)
    inputs = directions[wanted] + 0.5 * rng.normal(size=(several, width))
    inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
    return Lessons(inputs.astype(np.float32), wanted)


def task(names: tuple[str, ...] = NAMES, width: int = WIDTH, **other: object) -> Task:
    """Return a task that begins with nothing."""
    arrays = [np.zeros((len(names), width), np.float32), np.zeros(len(names), np.float32)]
    told = {"run": "run-1", "round": 1, "head": "intent", "pack": PACK, "plan": Plan(), "left_s": 60.0}
    return Task(**{**told, "names": names, "arrays": arrays, **other})  # type: ignore[arg-type]


def taught(own: Lessons, names: tuple[str, ...] = NAMES) -> Taught:
    """Return lessons as a hub puts them down, all of them said now."""
    return Taught(names, own, np.full(len(own), time.time()))


class Member:
    """A home that takes part; its sync can be started and killed again and again."""

    def __init__(self, folder: Path, name: str, url: str, every_s: float, pack_id: str) -> None:
        self.name, self.folder, self.pack_id = name, folder, pack_id
        self.outgoing = folder / "state" / "outgoing"
        pack = folder / "pack"
        pack.mkdir(parents=True)
        (pack / MANIFEST).write_text(json.dumps({"id": pack_id, "locale": "en-US", "files": {}}))
        kept = folder / "certificates"
        self.federated = Federated(
            *(url, kept / certificates.CA, kept / certificates.HUB, kept / certificates.HUB_KEY),
            heads=("intent",),
            every_s=every_s,
            most_epsilon=0.0,
        )
        self.choices = Choices(
            # nobody gives packs away there, and it is not asked for long
            url="http://127.0.0.1:9/",
            root=folder / "root.json",
            folder=folder / "sync",
            packs=folder / "state" / "packs",
            comes_along=pack,
            every_s=86_400.0,
            federated=self.federated,
        )
        self.process: subprocess.Popen[bytes] | None = None

    def learns(self, own: Lessons, names: tuple[str, ...] = NAMES) -> None:
        """Put down what there is to learn from."""
        put_lessons(self.outgoing, self.pack_id, {"intent": taught(own, names)})

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process of sync."""
        command = [sys.executable, "-m", "edge_nlu.sync", self.choices.to_json()]
        environment = {**os.environ, "MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log, env=environment)
        return self.process

    def kill(self) -> None:
        """Kill the process as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(WAIT_S)
            self.process = None


class Together:
    """A fleet of homes in one folder; `url` is where its server is reached."""

    def __init__(self, folder: Path, port: int = 0, *, lease_s: float = 0.5) -> None:
        self.folder, self.certificates = folder, folder / "certificates"
        certificates.init(self.certificates, ["127.0.0.1"])
        self.tasks = Tasks(folder / "tasks.sqlite3", lease_s=lease_s, now=time.time)
        self.door: Door | None = None
        self.members: list[Member] = []
        self._port = port

    def open(self, **limits: float) -> Door:
        """Open the door."""
        self.door = Door(
            self.tasks,
            self.certificates,
            host="127.0.0.1",
            port=self._port,
            **limits,
        )
        self._port = self.door.port
        return self.door

    @property
    def url(self) -> str:
        """Return where the server is reached."""
        return f"https://127.0.0.1:{self._port}"

    def member(self, name: str, *, every_s: float = 0.3, pack_id: str = PACK) -> Member:
        """Return a home with a certificate of the fleet, and a pack of this id."""
        member = Member(self.folder / name, name, self.url, every_s, pack_id)
        certificates.hub(self.certificates, name, member.federated.ca.parent)
        self.members.append(member)
        return member

    def gather(self) -> None:
        """Start all homes, and wait until each has asked for something to do."""
        for member in self.members:
            member.start()
        end = time.monotonic() + WAIT_S
        while missing := [one for one in self.members if one.name not in self._awake(one.pack_id)]:
            died = [one.name for one in missing if one.process is None or one.process.poll() is not None]
            if died or time.monotonic() > end:
                said = (missing[0].folder / "log").read_text(errors="replace")[-2000:]
                raise EdgeNluError(f"{missing[0].name} was waited for in vain, died: {died}; it said {said}")
            time.sleep(0.1)

    def _awake(self, pack: str) -> Mapping[str, float]:
        return self.tasks.awake("intent", pack, WAIT_S)

    def reply_to(self, key: str) -> Reply:
        """Wait for the reply to a task, and return it."""
        end = time.monotonic() + WAIT_S
        while key not in (replies := self.tasks.replies([key])):
            if time.monotonic() > end:
                raise EdgeNluError(f"task {key} was waited for in vain")
            time.sleep(0.02)
        return replies[key]

    def close(self) -> None:
        """End all processes, and close the door."""
        for member in self.members:
            member.kill()
        if self.door is not None:
            self.door.close()
        self.tasks.close()


@contextmanager
def together_in(folder: Path, port: int = 0) -> Iterator[Together]:
    """Yield a fleet whose door is still closed."""
    folder.mkdir(parents=True, exist_ok=True)
    fleet = Together(folder, port)
    try:
        yield fleet
    finally:
        fleet.close()


def measure(place: Path, *, quick: bool) -> dict[str, float]:
    """Return what a home's sync weighs at most that takes part in rounds and gets a pack, and a round's time.

    The head is the fleet's as shipped, and there are as many lessons as a home keeps.
    """
    pack = Pack.open(Pack.default_path())
    names, width = classes_of(pack.labels.wishes), pack.labels.embedding
    with together_in(place / "fleet") as fleet, world_in(place / "world") as world:
        fleet.open()
        member = fleet.member("hub-1")
        member.choices = replace(
            world.choices,
            comes_along=member.choices.comes_along,
            packs=member.choices.packs,
            federated=member.federated,
            every_s=1.0,
        )
        member.learns(lessons(1, MOST, names, width), names)
        world.give("new-1", another_network)
        process = member.start()
        seconds = []
        for number in range(1, (5 if quick else 20) + 1):
            since = time.monotonic()
            key = fleet.tasks.put(member.name, task(names, width, round=number))
            fleet.reply_to(key)
            seconds.append(time.monotonic() - since)
        while world.waiting() != "new-1":
            if process.poll() is not None:
                raise EdgeNluError(f"{member.name}: sync ended with {process.returncode}, and got no pack")
            time.sleep(0.1)
        status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        return {
            "rounds": len(seconds),
            "lessons": MOST,
            "client_rss_mb": round(peak * 1024 / 1e6, 1),
            # the first one waits for the process to start
            "round_s": round(median(seconds[1:]), 3),
            "every_s": member.federated.every_s,
            "update_bytes": len(task(names, width).to_bytes()),
        }
