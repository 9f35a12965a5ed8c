"""Kill a process at every step it takes on the disk, and see that what is left heals by itself.

A step is a call that changes what is on the disk: a file opened for writing, a rename, a sync, a deletion.
The n-th of them does not happen: the process is killed instead, as by a power cut.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.admission import Admission, leave_deadly, opened
from edge_nlu.hub.inuse import InUse
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.packs import IN_USE, INCOMING, REFUSED, Packs, Slot, handed_in, log_in
from edge_nlu_bench.updates.home import Home
from edge_nlu_bench.updates.packs import fewer_promises
from edge_nlu_bench.updates.world import World

STEPS: Final = ("replace", "rename", "fsync", "unlink", "mkdir", "rmdir", "posix_spawn")
LONGEST_S: Final = 120.0
MOST_STEPS: Final = 1000


def killed(step: int, work: Callable[[], object]) -> bool:
    """Do some work in a process of its own that is killed at a step; return False if it has not so many."""
    process = os.fork()
    if process == 0:
        _count_steps(step)
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    end = time.monotonic() + LONGEST_S
    while True:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            raise EdgeNluError(f"step {step}: the process did not end within {LONGEST_S:.0f} seconds")
        time.sleep(0.002)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, -signal.SIGKILL):
        raise EdgeNluError(f"step {step}: the process ended with {code}, expected to be killed or done")
    return code == -signal.SIGKILL


def _count_steps(step: int) -> None:
    """Let this process be killed at a step."""
    left = step

    def counted(call: Callable[..., Any], changes: Callable[..., bool] = lambda *_, **__: True) -> Any:
        def instead(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            if changes(*arguments, **named):
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left -= 1
            return call(*arguments, **named)

        return instead

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    io.open = counted(io.open, _writes)


def _writes(_: object, mode: str = "r", *__: object, **___: object) -> bool:
    return any(letter in mode for letter in "wax+")


class Reader:
    """Reads nothing, with a pack that is whole: opening it checks every file."""

    def __init__(self, folder: Path) -> None:
        self.pack = Pack.open(folder)

    def close(self) -> None:
        """Let go of nothing."""


def whole(folder: Path) -> Encoder:
    """Return a pack opened without its network."""
    return Reader(folder)  # type: ignore[return-value]


class Slots:
    """The packs of a hub without the rest of the hub; each `start` is a run of it."""

    def __init__(self, state: Path) -> None:
        self.packs = Packs(state / "packs")
        self._state = state

    def start(self) -> Admission:
        """Do what a hub does with its packs when it starts, and return who takes them in."""
        leave_deadly(self.packs)
        in_use = InUse(opened(self.packs, whole, Pack.default_path()))
        return Admission(
            self.packs,
            self._state / INCOMING,
            in_use,
            SqliteJournal(None),
            whole,
            Pack.default_path(),
            board="",
            trial_turns=60,
        )

    def run(self) -> None:
        """Run until what was handed in is taken in or refused, and end as it should be."""
        admission, slot = self.start(), handed_in(self._state / INCOMING)
        end = time.monotonic() + LONGEST_S
        while slot is not None and not self.answered(slot) and time.monotonic() < end:
            admission.work()
            time.sleep(0.01)
        admission.end()

    def answered(self, slot: Slot) -> bool:
        """Return whether a pack was taken in or refused."""
        return any(
            one["manifest"] == slot.manifest and one["event"] in (IN_USE, REFUSED)
            for one in log_in(self.packs.folder)
        )

    def go_back(self) -> None:
        """Go back to the pack before."""
        admission = self.start()
        admission.go_back()
        admission.end()


def survive_fetching(world: World, every: int = 1) -> tuple[int, int]:
    """Kill sync at every step of fetching a pack; return how many kills there were, and how many healed."""
    world.give("first-1", fewer_promises)
    kills = healed = 0
    for step in range(0, MOST_STEPS, every):
        _forget(world.choices.folder)
        if not killed(step, world.look):
            break
        kills += 1
        # whatever lies there now, the hub is never asked to take in half a pack
        world.waiting()
        world.look()
        healed += world.waiting() == "first-1"
    return kills, healed


def survive_installing(folder: Path, first: Path, second: Path, every: int = 1) -> tuple[int, int]:
    """Kill a hub at every step of taking in a pack, and of going back; return kills, and how many healed."""
    kills = healed = 0
    for step in range(0, MOST_STEPS, every):
        home = Home(folder / f"in-{step}")
        slots = Slots(home.state)
        home.hand_in(first)
        slots.run()
        slots.packs.keep()
        slot = home.hand_in(second)
        if not killed(step, slots.run):
            break
        kills += 1
        # it starts with one of the two, and takes the new one in
        in_use = slots.packs.current()
        slots.run()
        healed += in_use.id in (first.name, second.name) and slots.packs.current() == slot
    for step in range(0, MOST_STEPS, every):
        home = Home(folder / f"back-{step}")
        slots = Slots(home.state)
        for pack in (first, second):
            home.hand_in(pack)
            slots.run()
        if not killed(step, slots.go_back):
            break
        kills += 1
        # what was remembered as bad is left when the hub starts
        slots.start().end()
        if slots.packs.current().id == second.name:
            slots.go_back()
        healed += slots.packs.current().id == first.name
    return kills, healed


def _forget(state: Path) -> None:
    """Begin as a hub that has never looked."""
    if state.exists():
        shutil.rmtree(state)
