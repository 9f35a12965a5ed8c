"""Let a fleet of small hubs and SuperNodes learn, kill what there is at random, and see what is left."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from edge_nlu.commands.fleet_server import TOLD
from edge_nlu.errors import EdgeNluError
from edge_nlu.fleet.server import CHECKPOINT
from edge_nlu.learning.fitting import Lessons
from edge_nlu.learning.head import classes_of
from edge_nlu.models.pack import Pack
from edge_nlu.sync.state import NOT_SENT, WAITING, last_parts
from edge_nlu.wire.lessons import Taught, put_lessons
from edge_nlu_bench.drill.fleets import (
    BIG_HUB,
    BOUND,
    FLEET,
    LESSONS,
    PROMISED,
    ROUND_S,
    SIZES,
    SMALL_HUB,
    UNPROMISED,
    Size,
)
from edge_nlu_bench.drill.flower import HUNG_S, SuperLink, SuperNode, environment, free_port, resident_mb
from edge_nlu_bench.drill.promise import Kept, repository_in
from edge_nlu_bench.updates.together import Member, Together, lessons, taught, together_in

LOOK_S: Final = 0.5
SETTINGS: Final = "edge-nlu.toml"
KEPT: Final = 500


@dataclass(slots=True)
class Victim:
    """What can be killed: how, how it is started again, and when it was last at work."""

    kind: str
    name: str
    kill: Callable[[], object]
    start: Callable[[], object]
    worked_s: Callable[[], float]


@dataclass(slots=True)
class Kill:
    """A kill that is planned: in which round, and so many seconds after that has begun; then how it went."""

    victim: Victim
    round: int
    after_s: float
    away_s: float
    at_s: float = 0.0
    started: bool = False
    recovered_s: float = 0.0

    @property
    def away(self) -> bool:
        """Return whether the victim is dead now."""
        return bool(self.at_s) and not self.started


@dataclass(slots=True)
class Drill:
    """A fleet, its server's app, and what was seen of them; without an `epsilon` nothing is promised."""

    fleet: Together
    size: Size
    rng: random.Random
    epsilon: float = 0.0
    members: list[Member] = field(default_factory=list)
    nodes: dict[str, SuperNode] = field(default_factory=dict)
    heaviest: dict[str, float] = field(default_factory=dict)

    def play(self) -> dict[str, Any]:
        """Let the fleet learn to the end, and return what became of it."""
        since = time.monotonic()
        link = self._set_up()
        try:
            for member in self.members:
                member.start()
            link.start()
            for node in self.nodes.values():
                link.register(node.public)
                node.start()
            link.run(self._app)
            kills = self._planned(link)
            before = self._watch(link, kills)
            seconds = time.monotonic() - since
            self._until(self._quiet)
            self._until(self._place(TOLD).exists)
        finally:
            for one in (*self.nodes.values(), link):
                one.kill()
        return self._told(kills, before, seconds)

    # -------------------------------------------------------------------------------------------- before

    @property
    def _round_s(self) -> float:
        return ROUND_S[self.size.secagg]

    @property
    def _app(self) -> Path:
        return self.fleet.folder / "app"

    def _set_up(self) -> SuperLink:
        """Make the homes and the server's settings; nothing runs yet."""
        folder = self.fleet.folder
        pack = Pack.open(Pack.default_path())
        names, width = classes_of(pack.labels.wishes), pack.labels.embedding
        put_lessons(folder / "golden", pack.id, {"intent": self._lessons(999, names, width)})
        more = UNPROMISED
        if self.epsilon:
            repository_in(folder, pack)
            bound = BOUND[self.size.secagg]
            more = PROMISED.format(folder=folder, epsilon=self.epsilon, bound=bound)
        settings = folder / "fleet.toml"
        told = FLEET.format(
            folder=folder,
            port=self.fleet.url.rpartition(":")[2],
            rounds=self.size.rounds,
            homes=self.size.hubs + self.size.supernodes,
            round_s=self._round_s,
            secagg=str(self.size.secagg).lower(),
        )
        settings.write_text(told + more)
        for number in range(self.size.hubs):
            member = self.fleet.member(f"hub-{number + 1}", every_s=3.0, pack_id=pack.id)
            put_lessons(member.outgoing, pack.id, {"intent": self._lessons(number, names, width)})
            asked = replace(member.federated, most_epsilon=self.epsilon)
            member.choices = replace(member.choices, federated=asked)
            told = SMALL_HUB.format(
                folder=member.folder, url=asked.server, kept=asked.ca.parent, epsilon=self.epsilon
            )
            (member.folder / SETTINGS).write_text(told)
            self.members.append(member)
        link = SuperLink(folder, self.fleet.certificates)
        for number in range(self.size.supernodes):
            name = f"supernode-{number + 1}"
            home = folder / name
            home.mkdir()
            (home / "root.json").write_text("{}")
            told = BIG_HUB.format(folder=home, link=link.address, epsilon=self.epsilon)
            (home / SETTINGS).write_text(told)
            own = self._lessons(100 + number, names, width)
            put_lessons(home / "state" / "outgoing", pack.id, {"intent": own})
            self.nodes[name] = SuperNode(folder, name, link, home / SETTINGS)
        command = [sys.executable, "-m", "edge_nlu", "fleet", "app", str(settings), str(self._app)]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, timeout=HUNG_S, env=environment(folder)
        )
        return link

    def _lessons(self, seed: int, names: tuple[str, ...], width: int) -> Taught:
        """Return lessons of somebody; under a promise half of all is read rightly from the start."""
        own = lessons(seed, LESSONS, names, width)
        meant = np.where(own.wanted % 2, own.wanted, 0) if self.epsilon else own.wanted
        return taught(Lessons(own.inputs, meant), names)

    def _planned(self, link: SuperLink) -> list[Kill]:
        """Draw who is killed, and when; two rounds are left in the end to come back in."""

        def restart() -> None:
            link.start()
            link.run(self._app)

        hubs = [
            Victim("hub", one.name, one.kill, one.start, partial(_worked_s, one.choices.folder))
            for one in self.members
        ]
        big = [
            Victim("supernode", name, one.kill, one.start, partial(_worked_s, self._sync(name)))
            for name, one in self.nodes.items()
        ]
        server = Victim("server", "server", link.kill, restart, self._begun_s)
        victims = [
            victim
            for kind in (hubs, big, [server])
            for victim in self._some(kind, self.size.kills[kind[0].kind] if kind else 0)
        ]
        self.rng.shuffle(victims)
        rounds = range(1, self.size.rounds - 1)
        return [
            Kill(one, rounds[place % len(rounds)], self.rng.uniform(0, 8), self.rng.uniform(0, 5))
            for place, one in enumerate(victims)
        ]

    def _some(self, victims: Sequence[Victim], several: int) -> list[Victim]:
        """Return so many victims by lot, none twice while there are others."""
        drawn: list[Victim] = []
        while len(drawn) < several:
            drawn += self.rng.sample(victims, min(len(victims), several - len(drawn)))
        return drawn

    # -------------------------------------------------------------------------------------------- meanwhile

    def _watch(self, link: SuperLink, kills: Sequence[Kill]) -> float:
        """Kill and start as planned until the last round has passed; return how right the first head was."""
        limit_s = 3 * self._round_s * self.size.rounds
        end, before = time.monotonic() + limit_s, -1.0
        begun, begun_at = 0, 0.0
        while True:
            reached = self._reached()
            if reached.get("begun", 0) > begun:
                begun, begun_at = reached["begun"], time.monotonic()
                before = reached["right"] if before < 0 else before
            if reached.get("passed") and reached["passed"][-1]["round"] == self.size.rounds:
                return before
            if time.monotonic() > end:
                raise EdgeNluError(
                    f"drill: {begun} of {self.size.rounds} rounds in {limit_s:.0f} s; see the logs"
                )
            for one in kills:
                due = begun >= one.round and time.monotonic() > begun_at + one.after_s
                if not one.at_s and due and one.victim not in [other.victim for other in kills if other.away]:
                    one.victim.kill()
                    one.at_s = time.time()
                if one.away and time.time() > one.at_s + one.away_s:
                    one.victim.start()
                    one.started = True
            for node in self.nodes.values():
                # one that comes back before it was missed is sent away, and ends
                node.keep()
            self._note_recoveries(kills)
            self._weigh(link)
            time.sleep(LOOK_S)

    def _note_recoveries(self, kills: Sequence[Kill]) -> None:
        for one in kills:
            if one.started and not one.recovered_s and (worked := one.victim.worked_s()) > one.at_s:
                one.recovered_s = worked - one.at_s

    def _weigh(self, link: SuperLink) -> None:
        """Remember how much memory each kind of home, and the server, had at most."""
        link_mb, *nodes_mb = (sum(map(resident_mb, one.processes())) for one in (link, *self.nodes.values()))
        hubs = (resident_mb(one.process.pid, "VmHWM") for one in self.members if one.process is not None)
        seen = {
            "thin_hub": max(hubs, default=0.0),
            "supernode": max(nodes_mb),
            "superlink": link_mb,
        }
        self.heaviest = {name: max(mb, self.heaviest.get(name, 0.0)) for name, mb in seen.items()}

    def _until(self, over: Callable[[], bool]) -> None:
        """Wait until something is over, but not for ever: who looks at what is left will tell."""
        end = time.monotonic() + self._round_s
        while time.monotonic() < end and not over():
            time.sleep(LOOK_S)

    def _quiet(self) -> bool:
        """Return whether no small hub has anything left to send: it was sent, or known to be too late."""
        parts = (part for one in self.members for part in last_parts(one.choices.folder, KEPT)[0])
        return all(part.outcome != WAITING for part in parts)

    def _reached(self) -> dict[str, Any]:
        """Return how far the server has come, as it stands on its disk."""
        with suppress(FileNotFoundError), np.load(self._place(CHECKPOINT)) as read:
            told: dict[str, Any] = json.loads(read["told"].tobytes())
            return told
        return {}

    def _begun_s(self) -> float:
        """Return when the server last wrote down how far it has come."""
        return self._place(CHECKPOINT).stat().st_mtime

    def _place(self, name: str) -> Path:
        """Return where the server keeps something."""
        return self.fleet.folder / "run" / name

    def _sync(self, node: str) -> Path:
        return self.fleet.folder / node / "sync"

    # -------------------------------------------------------------------------------------------- after

    def _told(self, kills: Sequence[Kill], before: float, seconds: float) -> dict[str, Any]:
        """Return what became of the fleet, with what the server itself says in the end."""
        told = json.loads(self._place(TOLD).read_bytes())
        folders = {one.name: one.choices.folder for one in self.members}
        folders |= {name: self._sync(name) for name in self.nodes}
        parts = {name: last_parts(folder, KEPT)[0] for name, folder in folders.items()}
        passed = {one["round"]: one for one in told["passed"]}
        small = {one.name for one in self.members}
        # a round in which the server dies counts, and does not pass
        cut = self.size.kills["server"]
        # what is lost in noise is not given away, which is looked at below
        least = 0.0 if self.epsilon else before
        faults = list(_faults(told, passed, parts, small, self.size.rounds, cut, least, kills))
        promise = {}
        if self.epsilon:
            homes = {name: self.fleet.folder / name / SETTINGS for name in folders}
            kept = Kept(self.fleet.folder, told, homes)
            faults += kept.faults(before)
            promise = {"promise": kept.figures()}
        recovered = {
            kind: [round(one.recovered_s, 1) for one in kills if one.victim.kind == kind]
            for kind, several in self.size.kills.items()
            if several
        }
        return {
            "homes": {
                "hubs": self.size.hubs,
                "supernodes": self.size.supernodes,
                "lessons_each": LESSONS,
                "sum_alone": self.size.secagg,
            },
            "rounds": {
                "wanted": self.size.rounds,
                "begun": told["rounds"],
                "passed": len(passed),
                "kept": told["kept"],
                "answered": sum(one["answered"] for one in passed.values()),
                "asked": sum(one["asked"] for one in passed.values()),
                "round_s": round(median(one["seconds"] for one in passed.values()), 1),
            },
            "kills": {kind: len(times) for kind, times in recovered.items()},
            "recovered_s": {f"{kind}_slowest": max(times) for kind, times in recovered.items()},
            **promise,
            "head": {"right_before": round(before, 4), "right": round(told["right"], 4)},
            "rss_mb": {name: round(mb, 1) for name, mb in self.heaviest.items() if mb},
            "found": {"seconds": round(seconds, 1), "faults": len(faults)},
            "faults": faults,
            "answered": [
                {"home": name, "rounds": len({one.round for one in own if one.left and one.round in passed})}
                for name, own in parts.items()
            ],
            "each_kill": [
                {
                    "what": one.victim.name,
                    "round": one.round,
                    "away_s": round(one.away_s, 1),
                    "recovered_s": round(one.recovered_s, 1),
                }
                for one in kills
            ],
            "each_round": list(passed.values()),
        }


def _worked_s(sync: Path) -> float:
    """Return when a home last did a task."""
    parts, _ = last_parts(sync, 1)
    return parts[0].at_s if parts else 0.0


def _faults(
    told: Mapping[str, Any],
    passed: Mapping[int, Mapping[str, Any]],
    parts: Mapping[str, Sequence[Any]],
    small: set[str],
    rounds: int,
    cut: int,
    before: float,
    kills: Sequence[Kill],
) -> Iterator[str]:
    """Yield what went wrong, in words.

    An answer is lost if the server told a hub that it has it, and did not count it; it is counted twice if
    the server counts more than homes have made.
    """
    if told["rounds"] != rounds or len(passed) < rounds - cut:
        yield f"{told['rounds']} rounds begun and {len(passed)} passed, of {rounds}; {cut} were cut off"
    if told["right"] < before:
        yield f"{told['right']:.4f} of the golden lessons are right, {before:.4f} before"
    for number, one in passed.items():
        made = [
            name for name, own in parts.items() if any(part.round == number and part.bytes for part in own)
        ]
        sent = [
            name
            for name in small
            if any(part.round == number and part.outcome == "sent" for part in parts[name])
        ]
        if not len(sent) <= one["answered"] <= len(made):
            counted = f"{one['answered']} counted, {len(sent)} sent by hubs, {len(made)} made by all"
            yield f"round {number}: {counted}"
    for name in small:
        odd = {part.outcome for part in parts[name]} - {"sent", "too late", NOT_SENT}
        if odd:
            yield f"{name}: {', '.join(sorted(odd))}"
    for name, own in parts.items():
        if len({part.round for part in own}) < len(own):
            yield f"{name}: two parts in one round"
    for kill in kills:
        if not kill.recovered_s:
            yield f"{kill.victim.name}: killed in round {kill.round}, and never at work again"


def measure(folder: Path, *, quick: bool, secagg: bool, seed: int, epsilon: float) -> dict[str, Any]:
    """Return what became of a fleet in a folder, where all that its processes say is kept."""
    with together_in(folder.resolve(), free_port()) as fleet:
        return Drill(fleet, SIZES[secagg, quick], random.Random(seed), epsilon).play()
