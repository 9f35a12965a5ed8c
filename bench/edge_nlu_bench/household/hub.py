"""Reach the hub of a pretend home: tell it what devices and people say, and take what it publishes.

What goes to the hub are the messages of a real house and the time, nothing else: no wish, no reason, and no
name of who spoke beyond what a recogniser of voices would tell. The witness is asked by the judge alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.pretend import payload_of

SERVING = "edge_nlu_bench.household.serving"
ASK, RESULT = "edge-nlu/ask", "edge-nlu/result"

Wordings = Literal["off", "home", "shared", "both"]
"""Whose rewordings a hub uses."""


class Said(NamedTuple):
    """A message on the broker."""

    topic: str
    payload: str


class Answer(NamedTuple):
    """What came of a sentence: what the hub told devices, and what it told people."""

    commands: tuple[Said, ...]
    result: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Return which sentence it answers."""
        return str(self.result["id"])

    @property
    def decision(self) -> str:
        """Return what the hub did: act, answer, ask, cloud, failed."""
        return str(self.result["decision"])

    @property
    def say(self) -> str:
        """Return what the hub said."""
        return str(self.result["say"])

    @property
    def by_rule(self) -> str:
        """Return the rules by which the hub took the sentence for another, if any."""
        return str(self.result.get("by_rule", ""))

    @property
    def taken_as(self) -> str:
        """Return what the hub took the sentence for, where that is something that it learned by itself."""
        return str(self.result.get("taken_as", "")) if "by_rule" in self.result else ""


class HubLine:
    """The line to a process that is the hub of one home after another.

    A hub keeps its journal in memory, or in the `folder` that is set when it moves in. `home` is what it was
    told of its home. What wants no answer waits until something does: each way to the process costs time.
    """

    folder: Path | None = None
    home: Mapping[str, Any] = {}

    def __init__(self, pack: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", SERVING, str(pack)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._waiting: list[Mapping[str, Any]] = []

    def close(self) -> None:
        """Let the process end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def move_in(self, home: Mapping[str, Any], at: datetime, wordings: Wordings = "both") -> None:
        """Start a hub that knows nothing in a home; `wordings` is its setting of that name."""
        self.home = described = {name: told for name, told in home.items() if name != "retained"}
        first = [(said["topic"], payload_of(said["payload"]).decode()) for said in home["retained"]]
        kept = {} if self.folder is None else {"folder": str(self.folder)}
        told = {"home": described, "wordings": wordings, **kept}
        self._later({"at": at.isoformat(), **told, "messages": _messages(first, retain=True)})

    def move_out(self) -> float:
        """Stop the hub of this home, so that its journal holds all; return its CPU seconds of nights."""
        return float(self._answer({"leave": True})["nights_s"])

    def ask(self, at: datetime, id_: str, text: str, satellite: str, user: str) -> Answer:
        """Say something to the hub, over its own topics."""
        request = json.dumps({"text": text, "satellite": satellite, "user": user, "id": id_})
        told = self._answer({"at": at.isoformat(), "messages": _messages([(ASK, request)])})
        sent = [Said(**one) for one in told]
        answers = [json.loads(said.payload) for said in sent if said.topic == RESULT]
        own = [answer for answer in answers if answer["id"] == id_]
        if not own:
            raise EdgeNluError(f"the hub did not answer {text!r}; found {len(answers)} other answers")
        return Answer(tuple(said for said in sent if not said.topic.startswith("edge-nlu/")), own[0])

    def hear(self, at: datetime, reports: Iterable[tuple[str, str]]) -> None:
        """Let the hub hear what devices report."""
        self._later({"at": at.isoformat(), "messages": _messages(reports)})

    def witness(self, at: datetime, text: str, satellite: str, user: str) -> Answer:
        """Return what a hub that never learned anything would do now; nobody hears of it."""
        asked = {"text": text, "satellite": satellite, "user": user}
        result = self._answer({"at": at.isoformat(), "witness": asked})
        return Answer(tuple(Said(sent["topic"], sent["payload"]) for sent in result["publishes"]), result)

    def cpu_s(self) -> float:
        """Return the CPU time that the hub's process has had."""
        told = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def _later(self, line: Mapping[str, Any]) -> None:
        """Hand something over with the next that wants an answer."""
        self._waiting.append(line)

    def _answer(self, line: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        lines, self._waiting = [*self._waiting, line], []
        self._process.stdin.write(json.dumps(lines) + "\n")
        self._process.stdin.flush()
        answered = self._process.stdout.readline()
        if not answered:
            raise EdgeNluError("the hub of a pretend home ended; what it said is above")
        return json.loads(answered)


def _messages(said: Iterable[tuple[str, str]], *, retain: bool = False) -> list[dict[str, Any]]:
    more = {"retain": True} if retain else {}
    return [{"topic": topic, "payload": payload, **more} for topic, payload in said]
