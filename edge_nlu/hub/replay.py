"""Play written cases through the real line, with their own clock and nobody to answer.

Each case gets a fresh hub with an empty memory: real bridges, context, model, resolver and memory,
and a transport that only records. What a case expects is not looked at here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_nlu.errors import DataError
from edge_nlu.hub.blind import BlindContext, NoMemory
from edge_nlu.hub.parts import bridges, default_weights
from edge_nlu.hub.result import result_of
from edge_nlu.interfaces import Bridge, Context, Memory, Understander
from edge_nlu.pipeline import Pipeline
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.layout import read_layout
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.values import Command, Message, Outcome, Report, Utterance


@dataclass(slots=True)
class Recorder:
    """Hands that write down what they would send."""

    bridges: Sequence[Bridge]
    sent: list[Message] = field(default_factory=list)

    def tell(self, commands: Sequence[Command]) -> Outcome:
        """Write down the messages of these commands."""
        told = []
        for command in commands:
            messages = [message for bridge in self.bridges for message in bridge.write(command)]
            self.sent += messages
            if messages:
                told.append(command.device)
        failed = tuple((c.device, "no bridge speaks to it") for c in commands if c.device not in told)
        return Outcome(tuple(told), failed)


class Stage:
    """One case's hub."""

    def __init__(
        self, home: dict[str, Any], at: datetime, understander: Understander, *, blind: bool
    ) -> None:
        self.bridges = bridges()
        layout = read_layout({name: said for name, said in home.items() if name != "retained"})
        self.context = HomeContext(appliance_profiles(), layout)
        self.hands = Recorder(self.bridges)
        journal = SqliteJournal(None)
        self.memory = HomeMemory(journal, {satellite.id: satellite.room for satellite in layout.satellites})
        seen: Context = BlindContext(self.context) if blind else self.context
        known: Memory = NoMemory() if blind else self.memory
        self.blind = blind
        self.line = Pipeline(understander, seen, known, journal, self.hands, default_weights())
        self.at = at
        for message in home.get("retained", ()):
            self.hear(message["topic"], message["payload"], retained=True)

    def hear(self, topic: str, payload: object, *, retained: bool = False) -> None:
        """Take in a message that arrives."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        message = Message(topic, text.encode(), retain=retained)
        for bridge in self.bridges:
            for event in bridge.read(message):
                changed = self.context.apply(event, self.at, retained=retained)
                if changed and isinstance(event, Report) and not retained:
                    self._notice(event)

    def _notice(self, report: Report) -> None:
        device = self.context.snapshot(self.at).device(report.device)
        if device is not None:
            self.memory.noticed(device, report, self.at)

    def ask(self, name: str, step: dict[str, Any]) -> dict[str, Any]:
        """Say something, and return what came of it."""
        self.hands.sent.clear()
        utterance = Utterance(name, step["ask"], self.at, step.get("satellite", ""), step.get("user", ""))
        if self.blind:
            utterance = replace(utterance, satellite="", user="")
        exchange = self.line.handle(utterance)
        if exchange is None:
            return {}
        return result_of(exchange, self.hands.sent, self.context.snapshot(self.at))


def replay(cases: Path, understander: Understander, *, blind: bool = False) -> Iterator[dict[str, Any]]:
    """Yield a result for each thing said in the cases, in order; homes are looked up beside the file."""
    homes: dict[str, dict[str, Any]] = {}
    with cases.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                case = json.loads(line)
                home = homes.get(case["home"]) or _home(cases.parent / "homes" / f"{case['home']}.json")
                homes[case["home"]] = home
            except (KeyError, TypeError, ValueError, OSError) as error:
                raise DataError(cases, number, f"{type(error).__name__}: {error}", "a case") from error
            yield from _play(case, home, understander, blind=blind)


def _home(path: Path) -> dict[str, Any]:
    home: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return home


def _play(
    case: dict[str, Any], home: dict[str, Any], understander: Understander, *, blind: bool
) -> Iterator[dict[str, Any]]:
    stage = Stage(home, _time(case["now"]), understander, blind=blind)
    for index, step in enumerate(case["steps"]):
        if "at" in step:
            stage.at = _time(step["at"])
        elif "mqtt" in step:
            stage.hear(step["mqtt"], step["payload"])
        else:
            yield {"id": case["id"], "step": index, **stage.ask(f"{case['id']}-{index}", step)}


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    # a case tells local time without a zone; any zone will do
    return at if at.tzinfo else at.replace(tzinfo=UTC)
