"""Run a hub and its home on clocks that go by as fast as all is done: a broker, devices that obey, people.

All that is asked and what came of it is written down, to see in the end whether something was lost.
"""

from __future__ import annotations

import json
import mmap
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.assemble import JOURNAL
from edge_nlu.hub.service import SPARING
from edge_nlu_bench import warped_hub
from edge_nlu_bench.line import Line
from edge_nlu_bench.mosquitto import mosquitto
from edge_nlu_bench.running import Place, told_by
from edge_nlu_bench.traffic import COMMANDS, Devices, Said

ZONE = ZoneInfo("Europe/Berlin")
MEGABYTE = 1e6
LOST_S = 20.0
SENT_S = 0.2
WAIT_S = 90.0
PACE_S = 0.001
"""Between two messages of devices: each is then handled by itself, as in a home, and not in a flood."""
KEEP_DAYS = 7
"""So long the journal keeps what was said: a month shows whether it stays as large as it is."""


@dataclass
class Ledger:
    """What was asked, and what came of it."""

    ids: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    decisions: Counter[str] = field(default_factory=Counter)
    no_answer: int = 0
    no_command: int = 0
    wrong_states: int = 0


@dataclass
class Came:
    """What comes of one sentence: what devices are told, and answers."""

    own: str
    told: list[tuple[str, bytes]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)


class Life:
    """A hub and its home, from one start of the hub to the next."""

    def __init__(self, folder: Path, begins: datetime, enter: Callable[[], None] | None = None) -> None:
        self._enter = enter
        self._folder = folder
        self._times = folder / "clock"
        self._times.write_bytes(bytes(warped_hub.TIMES.size))
        with self._times.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), warped_hub.TIMES.size)
        self._gone = 0.0
        self._asked = 0
        self.put_clock(begins)
        self.devices = Devices(1)
        self.wishes = self.devices.wishes()
        self.ledger = Ledger()
        self.begin_broker()
        self.file = Place(folder, None).settings(self.port, more=f"[journal]\nkeep_days = {KEEP_DAYS}")
        self.state = self.file.parent
        self.begin_hub()

    # ------------------------------------------------------------------------------ what goes on

    def begin_broker(self, port: int = 0) -> None:
        """Start the broker; devices find it and tell everything."""
        self._broker = ExitStack()
        self.port = self._broker.enter_context(mosquitto(self._folder, port=port, enter=self._enter))
        self.line = self._broker.enter_context(Line(self.port, "home"))
        self.line.listen("edge-nlu/result", "edge-nlu/status", *COMMANDS)
        self.devices.announce(self.line)

    def restart_broker(self) -> None:
        """Take the broker away for a moment, in which every lamp is switched; whoever wants it comes back."""
        self._broker.close()
        self.pass_time(60)
        for lamp in self.devices.lamps:
            self.devices.switch(lamp)
        self.begin_broker(self.port)
        self.wait_for_hub()
        self.check_states()
        self.say()

    def begin_hub(self) -> None:
        """Start the hub, and wait until it listens."""
        environment = {**SPARING, "TZ": ZONE.key, **os.environ}
        command = [sys.executable, "-m", warped_hub.__name__, str(self.file), str(self._times)]
        with (self._folder / "hub.log").open("ab") as log:
            self.hub = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                preexec_fn=self._enter,
            )
        self.wait_for_hub()

    def wait_for_hub(self) -> None:
        """Wait until the hub says that it is there, and has taken in the home."""
        self._heard_until(lambda topic, payload: topic == "edge-nlu/status" and payload == b"online", WAIT_S)
        self.rest()

    def kill(self, after_s: float) -> None:
        """End the hub at once, so long after somebody spoke: what it did by then it must have written down.

        It starts again on a board that does not know the time yet.
        """
        came = self._ask(next(self.wishes))
        self._heard_until(lambda *message: self._comes(came, *message) and False, after_s, must=False)
        self.hub.kill()
        self.hub.wait()
        # what it sent before it ended is still on its way
        while (late := self.line.hear(SENT_S)) is not None:
            self._comes(came, *late)
        self.ledger.ids += [came.own] if came.told or came.answers else []
        self._put(0.0 - time.time(), self._gone)
        self.begin_hub()

    def end(self) -> None:
        """End all."""
        self.hub.terminate()
        self.hub.wait(WAIT_S)
        self._broker.close()

    # -------------------------------------------------------------------------------- time

    def put_clock(self, at: datetime) -> None:
        """Put the clock; what goes by steadily does not notice."""
        self._put(at.timestamp() - time.time(), self._gone)

    def pass_time(self, seconds: float) -> None:
        """Let time go by."""
        self._put(self._ahead + seconds, self._gone + seconds)

    def now(self) -> float:
        """Return the hub's time of day, in seconds as the system counts them."""
        return time.time() + self._ahead

    def _put(self, ahead: float, gone: float) -> None:
        self._ahead, self._gone = ahead, gone
        # at once: to pack into it would let the hub see zeros for a moment, which is another year
        self._map[:] = warped_hub.TIMES.pack(ahead, gone)

    # -------------------------------------------------------------------------------- hub and people

    def tell(self) -> None:
        """Let a device tell something."""
        self.devices.tell(self.line, *self.devices.news())
        time.sleep(PACE_S)

    def say(self, said: Said | None = None) -> str:
        """Say something, and return what the hub decides, or "" when no answer comes."""
        said, ledger = said or next(self.wishes), self.ledger
        begun = time.perf_counter()
        came = self._ask(said)
        ledger.ids.append(came.own)
        if not self._heard_until(lambda *message: self._comes(came, *message), LOST_S, must=False):
            ledger.no_answer += 1
            return ""
        ledger.seconds.append(time.perf_counter() - begun)
        decision = str(came.answers[0]["decision"])
        ledger.decisions[decision] += 1
        if came.told:
            self.rest()
        if said.lamp:
            wanted = f"zigbee2mqtt/{said.lamp}/set"
            right = [json.loads(payload).get("state") for topic, payload in came.told if topic == wanted]
            ledger.no_command += said.state not in right
        return decision

    def _ask(self, said: Said) -> Came:
        """Say something to the hub, and return what is to be filled with what comes of it."""
        self._asked += 1
        request = {"id": f"soak-{self._asked}", "text": said.text, "satellite": said.satellite}
        if said.user:
            request["user"] = said.user
        self.line.publish("edge-nlu/ask", json.dumps(request).encode())
        return Came(request["id"])

    def _comes(self, came: Came, topic: str, payload: bytes) -> bool:
        """Put down what comes of a sentence; devices obey. Return whether it is answered."""
        if not topic.startswith("edge-nlu/"):
            came.told.append((topic, payload))
            self.devices.obey(self.line, topic, payload)
        elif topic == "edge-nlu/result" and (answer := json.loads(payload)).get("id") == came.own:
            came.answers.append(answer)
        return bool(came.answers)

    def rest(self) -> None:
        """Wait until the hub has nothing left to do."""
        told_by(self.hub, b"rest\n")

    def check_states(self) -> None:
        """Count the things that devices told last, and the hub takes to be otherwise."""
        known: Mapping[str, Any] = json.loads(told_by(self.hub, b"states\n"))
        for reading, value in self.devices.readings():
            self.ledger.wrong_states += known.get(reading) != value

    def _heard_until(self, is_it: Callable[[str, bytes], bool], seconds: float, *, must: bool = True) -> bool:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.hub.poll() is None:
            heard = self.line.hear(left)
            if heard is not None and is_it(*heard):
                return True
        if must:
            last = (self._folder / "hub.log").read_text(errors="replace").strip().rpartition("\n")[2]
            raise EdgeNluError(f"the hub does not answer: {last or 'it does not say why'}")
        return False

    # --------------------------------------------------------------------------------- weights

    def weight_mb(self, name: str = "VmRSS") -> float:
        """Return what the hub's process holds in memory, or another weight of it, in a million bytes."""
        told = Path(f"/proc/{self.hub.pid}/status").read_text().splitlines()
        kibibytes = next(int(line.split()[1]) for line in told if line.startswith(name))
        return round(1024 * kibibytes / MEGABYTE, 1)

    def cpu_s(self) -> float:
        """Return the CPU time of the hub: its threads, those of today, and the processes that it ended."""
        own = Path(f"/proc/{self.hub.pid}")
        threads = sum(int((task / "schedstat").read_text().split()[0]) for task in (own / "task").iterdir())
        of_children = map(int, (own / "stat").read_text().rpartition(")")[2].split()[13:15])
        return threads / 1e9 + sum(of_children) / os.sysconf("SC_CLK_TCK")

    def journal_mb(self) -> float:
        """Return the size of the journal's files."""
        return round(sum(path.stat().st_size for path in self.state.glob(f"{JOURNAL}*")) / MEGABYTE, 2)

    def missing(self, ids: Sequence[str]) -> int:
        """Return how many of these sentences the journal does not have."""
        with closing(sqlite3.connect(f"file:{self.state / JOURNAL}?mode=ro", uri=True)) as journal:
            kept = {own for (own,) in journal.execute("SELECT id FROM exchanges")}
        return len(set(ids) - kept)
