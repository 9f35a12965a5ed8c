"""Let a hub live a month within the hour: real processes, and clocks that go by as fast as all is done.

A hub and a Mosquitto, each a process of its own; devices that tell and obey, people who speak. The broker
goes away now and then, new packs come in, the clock is put back, summer time begins, and at last the power
fails. Nothing may be lost over it, no answer be late, and the hub may not grow.
"""

from __future__ import annotations

import json
import mmap
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.assemble import JOURNAL, PACKS
from edge_nlu.models.pack import MANIFEST, checksum
from edge_nlu.storage.packs import INCOMING, KEPT, Packs, Slot, hand_in, log_in
from edge_nlu_bench import warped_hub
from edge_nlu_bench.line import Line
from edge_nlu_bench.mosquitto import mosquitto
from edge_nlu_bench.report import Figures
from edge_nlu_bench.running import Place, memory_folder, told_by
from edge_nlu_bench.traffic import COMMANDS, DAY_S, Devices, Said
from edge_nlu_bench.updates.packs import another_network, make

ZONE = ZoneInfo("Europe/Berlin")
MEGABYTE = 1e6
DEADLINE_S = 2.5
"""What `cloud.deadline_s` promises a voice turn; a hub without a cloud keeps it all the more."""

LOST_S = 20.0
WAIT_S = 90.0
PACE_S = 0.001
"""Between two messages of devices: each is then handled by itself, as in a home, and not in a flood."""

HOUR_S = 3600
NIGHT_S = 3 * HOUR_S + 600.0
KEPT_DAYS = 28
"""So many days at least the journal keeps what was said, as it comes."""

Row: TypeAlias = dict[str, float]


class Counts(NamedTuple):
    """How much is lived: from when on, how long, and what a day brings."""

    begins: datetime
    days: int
    states: int
    sentences: int
    broker_every: int
    pack_every: int
    idle_s: float


LONG = Counts(datetime(2026, 3, 1, tzinfo=ZONE), 31, 10_000, 50, broker_every=5, pack_every=8, idle_s=30)
QUICK = Counts(datetime(2026, 3, 28, tzinfo=ZONE), 3, 2000, 40, broker_every=2, pack_every=2, idle_s=5)


@dataclass
class Ledger:
    """What was asked, and what came of it."""

    ids: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    decisions: Counter[str] = field(default_factory=Counter)
    no_answer: int = 0
    no_command: int = 0
    wrong_states: int = 0


class Life:
    """A hub and its home, from one start of the hub to the next."""

    def __init__(self, folder: Path, begins: datetime, enter: Callable[[], None] | None = None) -> None:
        self._enter = enter
        self._folder = folder
        self._times = folder / "clock"
        self._times.write_bytes(bytes(warped_hub.TIMES.size))
        with self._times.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), warped_hub.TIMES.size)
        self._gone = self._unset = 0.0
        self.put_clock(begins)
        self.devices = Devices(1)
        self.wishes = self.devices.wishes()
        self.ledger = Ledger()
        self.begin_broker()
        self.file = Place(folder, None).settings(self.port)
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
        """Take the broker away for a moment; whoever wants it comes back."""
        self._broker.close()
        self.pass_time(60)
        self.begin_broker(self.port)
        self.wait_for_hub()

    def begin_hub(self) -> None:
        """Start the hub, and wait until it listens."""
        environment = {"MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1", "TZ": ZONE.key, **os.environ}
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

    def cut_power(self) -> None:
        """End the hub at once, and start it on a board that does not know the time yet."""
        self.hub.kill()
        self.hub.wait()
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
        warped_hub.TIMES.pack_into(self._map, 0, ahead, gone)

    # -------------------------------------------------------------------------------- hub and people

    def tell(self) -> None:
        """Let a device tell something."""
        self.devices.tell(self.line, *self.devices.news())
        time.sleep(PACE_S)

    def say(self, said: Said | None = None) -> str:
        """Say something, and return what the hub decides, or "" when no answer comes."""
        said = said or next(self.wishes)
        ledger, own = self.ledger, f"soak-{len(self.ledger.ids)}"
        ledger.ids.append(own)
        request = {"id": own, "text": said.text, "satellite": said.satellite}
        if said.user:
            request["user"] = said.user
        told: list[tuple[str, bytes]] = []
        answers: list[dict[str, Any]] = []

        def heard(topic: str, payload: bytes) -> bool:
            if topic.startswith("edge-nlu/"):
                answer = json.loads(payload) if topic == "edge-nlu/result" else {}
                answers.extend([answer] if answer.get("id") == own else [])
            else:
                told.append((topic, payload))
                self.devices.obey(self.line, topic, payload)
            return bool(answers)

        begun = time.perf_counter()
        self.line.publish("edge-nlu/ask", json.dumps(request).encode())
        if not self._heard_until(heard, LOST_S, must=False):
            ledger.no_answer += 1
            return ""
        ledger.seconds.append(time.perf_counter() - begun)
        decision = str(answers[0]["decision"])
        ledger.decisions[decision] += 1
        if said.lamp:
            wanted = f"zigbee2mqtt/{said.lamp}/set"
            right = [json.loads(payload).get("state") for topic, payload in told if topic == wanted]
            ledger.no_command += said.state not in right
        return decision

    def rest(self) -> None:
        """Wait until the hub has nothing left to do."""
        told_by(self.hub, b"rest\n")

    def check_states(self) -> None:
        """Count the lamps whose state the hub does not know as they told it last."""
        known: Mapping[str, Any] = json.loads(told_by(self.hub, b"states\n"))
        for lamp in self.devices.lamps:
            is_on = self.devices.state(lamp)["state"] == "ON"
            self.ledger.wrong_states += known.get(f"zigbee2mqtt/{lamp}/state") is not is_on

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
        """Return the CPU time of all threads of the hub, those of today."""
        tasks = Path(f"/proc/{self.hub.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def journal_mb(self) -> float:
        """Return the size of the journal's files."""
        return sum(path.stat().st_size for path in self.state.glob(f"{JOURNAL}*")) / MEGABYTE

    def missing(self, ids: Sequence[str]) -> int:
        """Return how many of these sentences the journal does not have."""
        with closing(sqlite3.connect(f"file:{self.state / JOURNAL}?mode=ro", uri=True)) as journal:
            kept = {own for (own,) in journal.execute("SELECT id FROM exchanges")}
        return len(set(ids) - kept)


def measure(counts: Counts, lived: Callable[[], None]) -> tuple[dict[str, Figures], list[Row]]:
    """Return what became of a hub over so long a time, and what it weighed day by day.

    `lived` is called after each day.
    """
    with _place() as folder:
        life = Life(folder, counts.begins)
        try:
            return _month(life, counts, lived)
        finally:
            life.end()


def _month(life: Life, counts: Counts, lived: Callable[[], None]) -> tuple[dict[str, Figures], list[Row]]:
    first_mb = first_hour(life, counts)
    idle = 0.0
    rows: list[Row] = []
    happened: Counter[str] = Counter()
    for day in range(counts.days):
        before = life.cpu_s()
        live_a_day(life, counts.states, counts.sentences)
        life.check_states()
        spent = life.cpu_s() - before
        rows.append(
            {
                "day": day + 1,
                "rss_mb": life.weight_mb(),
                "journal_mb": round(life.journal_mb(), 2),
                "cpu_s": round(spent, 2),
            }
        )
        if day == 0:
            # once the first night's work is done
            idle = _idle(life, counts.idle_s) * DAY_S
        _mishaps(life, counts, day, happened)
        lived()
    young = life.ledger.ids[-counts.sentences * min(counts.days, KEPT_DAYS) :]
    life.cut_power()
    life.say()
    life.put_clock(counts.begins)
    life.pass_time(counts.days * DAY_S)
    for _ in range(counts.sentences):
        life.say()
    life.rest()
    life.check_states()
    busy = median(float(row["cpu_s"]) for row in rows)
    weights = [float(row["rss_mb"]) for row in rows]
    figures: dict[str, Figures] = {
        "lived": {
            "days": counts.days,
            "states_a_day": counts.states,
            "sentences_a_day": counts.sentences,
            "broker_restarts": happened["broker"],
            "packs_handed_in": happened["pack"],
            "packs_kept": sum(one["event"] == KEPT for one in log_in(life.state / PACKS)),
            "clock_changes": happened["clock"],
            "power_cuts": 1,
        },
        "memory": {
            "first_hour_mb": first_mb,
            "most_mb": max(weights),
            "last_mb": weights[-1],
            "growth_mb": round(max(weights) - first_mb, 1),
        },
        "journal": {
            "size_mb": round(life.journal_mb(), 1),
            "largest_mb": max(row["journal_mb"] for row in rows),
        },
        "lost": _lost(life, young),
        "answers": _answers(life.ledger),
        "energy": {
            "busy_cpu_s_a_day": round(busy, 2),
            "idle_cpu_s_a_day": round(idle, 2),
            "cpu_s_a_day": round(busy + idle, 2),
        },
    }
    return figures, rows


def first_hour(life: Life, counts: Counts) -> float:
    """Let a busy hour go by, in which people try out everything, and return what the hub weighs then."""
    for _ in range(counts.states // 24):
        life.tell()
    for _ in range(counts.sentences):
        life.say()
        life.pass_time(HOUR_S / counts.sentences)
    life.rest()
    return life.weight_mb()


def _idle(life: Life, seconds: float) -> float:
    """Return the CPU time that a second takes in which nothing happens."""
    before, begun = life.cpu_s(), time.monotonic()
    time.sleep(seconds)
    return (life.cpu_s() - before) / (time.monotonic() - begun)


def live_a_day(life: Life, states: int, sentences: int) -> None:
    """Let a day go by, with its night."""
    begun = life.now()
    events = sorted([*((at + 0.5) * DAY_S / states for at in range(states)), NIGHT_S, *_spoken(sentences)])
    spoken = set(_spoken(sentences))
    for at in events:
        life.pass_time(max(begun + at - life.now(), 0.0))
        if at == NIGHT_S:
            life.rest()
        elif at in spoken:
            life.say()
        else:
            life.tell()
    life.rest()


def _spoken(sentences: int) -> list[float]:
    """Return when in a day people speak: from seven in the morning to eleven at night."""
    return [DAY_S * 7 / 24 + (at + 0.25) * DAY_S * 16 / 24 / sentences for at in range(sentences)]


def _mishaps(life: Life, counts: Counts, day: int, happened: Counter[str]) -> None:
    """Let happen what happens every few days."""
    if day % counts.broker_every == counts.broker_every - 1:
        life.restart_broker()
        happened["broker"] += 1
    if day % counts.pack_every == counts.pack_every - 1:
        happened["pack"] += 1
        _hand_in(life, happened["pack"])
    if day in (counts.days // 3, counts.days // 2):
        # once it is put back, once it was ahead for a while
        true = datetime.fromtimestamp(life.now(), ZONE)
        life.put_clock(true - timedelta(minutes=90) if day == counts.days // 3 else true + timedelta(hours=5))
        for _ in range(5):
            life.say()
        life.put_clock(true + timedelta(minutes=1))
        happened["clock"] += 1


def _hand_in(life: Life, release: int) -> None:
    """Hand in a new pack, and wait until the hub has taken it in."""
    made = make(life.state / INCOMING / f"month-{release}", another_network)
    slot = Slot(made.name, release, checksum(made / MANIFEST))
    hand_in(made.parent, slot)
    packs, end = Packs(life.state / PACKS), time.monotonic() + WAIT_S
    while packs.current() != slot and time.monotonic() < end:
        # it looks every few seconds
        life.pass_time(2)
        life.rest()


def _lost(life: Life, young: Sequence[str]) -> Figures:
    ledger = life.ledger
    return {
        "answers": ledger.no_answer,
        "commands": ledger.no_command,
        "states": ledger.wrong_states,
        "journal": life.missing(young),
        "after_deadline": sum(seconds > DEADLINE_S for seconds in ledger.seconds),
    }


def _answers(ledger: Ledger) -> Figures:
    times = np.percentile(ledger.seconds, (50, 95, 99)) * 1000
    named = dict(zip(("p50_ms", "p95_ms", "p99_ms"), (round(float(one), 2) for one in times), strict=True))
    longest = round(max(ledger.seconds) * 1000, 1)
    return {
        "n": len(ledger.ids),
        **dict(ledger.decisions),
        **named,
        "longest_ms": longest,
        "deadline_s": DEADLINE_S,
    }


@contextmanager
def _place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="edge-nlu-soak-", dir=memory_folder()) as name:
        yield Path(name)
