"""Run a hub, the broker that it serves a home at, and those that it is measured beside.

All are processes of their own, and all are gone when what they were started for is done.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.pretend import payload_of
from edge_nlu.models.pack import Pack
from edge_nlu_bench import beside
from edge_nlu_bench.line import Line
from edge_nlu_bench.mosquitto import mosquitto
from edge_nlu_bench.reference import SIZE, reference_home

WAIT_S, ANSWER_S = 60.0, 5.0
HUB = (sys.executable, "-m", "edge_nlu", "hub", "run", "--config")


class Place(NamedTuple):
    """A folder for what is started, and the pack that hubs get; without one they take in new ones."""

    folder: Path
    pack: Pack | None

    @contextmanager
    def home(self, devices: int = SIZE) -> Iterator[int]:
        """Run a broker that retains what the devices of a home say, and yield its port."""
        with mosquitto(self.folder, queue=100_000 if devices > SIZE else 1000) as port:
            with Line(port, "devices") as line:
                for said in reference_home(devices)["retained"]:
                    line.publish(said["topic"], payload_of(said["payload"]), retain=True)
                line.listen("bench/end")
                line.publish("bench/end", b"")
                line.hear(WAIT_S)
            yield port

    @contextmanager
    def hub(
        self, port: int, devices: int = SIZE, more: str = "", command: Sequence[str] = HUB
    ) -> Iterator[Running]:
        """Run a hub that knows nothing yet."""
        settings = self.settings(port, devices, more)
        command = [*command, str(settings)]
        log = settings.with_suffix(".log")
        # compiled once, as what is installed is, also where a checkout may not be written to
        compiled = {"PYTHONPYCACHEPREFIX": str(self.folder / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
        with log.open("wb") as told:
            process = subprocess.Popen(command, stdout=told, stderr=told, env={**os.environ, **compiled})
        try:
            with Line(port, "listener") as line:
                line.listen("edge-nlu/result")
                yield Running(process, line, log)
        finally:
            process.terminate()
            process.wait(20)

    def settings(self, port: int, devices: int = SIZE, more: str = "") -> Path:
        """Write the settings of a hub in a home of so many devices, with a state folder of its own."""
        own = tempfile.mkdtemp(dir=self.folder)
        home = reference_home(devices)
        lines = [
            f"state_dir = {json.dumps(own)}",
            f"pack = {json.dumps(str(self.pack.folder))}" if self.pack is not None else "",
            f"[mqtt]\nhost = '127.0.0.1'\nport = {port}",
            more,
            "[home.rooms]",
            *(f"{room} = {json.dumps(own)}" for room, own in home["rooms"].items()),
            *_tables("people", home["people"]),
            *_tables("satellites", home["satellites"]),
        ]
        file = Path(own) / "edge-nlu.toml"
        file.write_text("\n".join(lines) + "\n")
        return file


def _tables(name: str, those: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for one, said in those.items():
        yield f"[home.{name}.{one}]"
        yield from (f"{key} = {json.dumps(value)}" for key, value in said.items() if value is not None)


class Running(NamedTuple):
    """A hub that runs, and somebody who hears what it answers."""

    process: subprocess.Popen[bytes]
    line: Line
    log: Path

    def answer(self, text: str, seconds: float = ANSWER_S) -> dict[str, Any] | None:
        """Ask, and return the answer, or None if none comes."""
        self.line.publish("edge-nlu/ask", text.encode())
        heard = self.line.hear(seconds)
        if heard is None:
            return None
        answer: dict[str, Any] = json.loads(heard[1])
        return answer

    def wait_for_answer(self) -> None:
        """Ask until the hub is there and knows the device that is told first."""
        end = monotonic() + WAIT_S
        while monotonic() < end and self.process.poll() is None:
            answer = self.answer("turn on the kitchen ceiling light", 0.02)
            # in a large home it may ask back which kitchen is meant
            if answer is not None and "kitchen_ceiling_light" in answer.get("targets", ()):
                return
        last = self.log.read_text(errors="replace").strip().rpartition("\n")[2]
        raise EdgeNluError(f"the hub does not answer: {last or 'it does not say why'}")

    def wait_for_rest(self) -> None:
        """Wait until the hub has taken in the home and has nothing to do."""
        end = monotonic() + WAIT_S
        while monotonic() < end:
            before = self.cpu_s()
            sleep(1)
            if self.cpu_s() - before < 0.05:
                break
        # answers to sentences that were said too early
        while self.line.hear(0.1) is not None:
            pass

    def cpu_s(self) -> float:
        """Return the CPU time that the process has had."""
        told = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def rss(self) -> int:
        """Return the bytes that the process has in memory."""
        told = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in told if line.startswith("VmRSS"))


@contextmanager
def standing(name: str, port: int, *more: str, ready: bool = True) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of those that stand beside, and yield it when it is ready."""
    command = [sys.executable, "-m", beside.__name__, name, str(port), *more]
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        )
        # whoever waits for more on standard input ends with it, the others at our word
        stack.callback(process.terminate)
        if ready:
            told_by(process)
        yield process


def told_by(process: subprocess.Popen[bytes], said: bytes = b"") -> bytes:
    """Return the next line of a process, which may wait for one of ours."""
    assert process.stdin is not None
    assert process.stdout is not None
    if said:
        process.stdin.write(said)
        process.stdin.flush()
    told = process.stdout.readline()
    if not told:
        raise EdgeNluError(f"a process to be measured ended: {process.args!r}")
    return told


def memory_folder() -> str | None:
    """Return a folder in memory: what a disk costs is another question, and differs from disk to disk."""
    shared = Path("/dev/shm")
    return str(shared) if shared.is_dir() and os.access(shared, os.W_OK) else None
