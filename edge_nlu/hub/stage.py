"""A hub and a home in one process, on a broker in memory: for replaying, for trying out, for tests.

Everything but the broker is what a real hub is made of. On a quiet stage nobody answers commands; on a
live one a pretend home does as it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from edge_nlu.hub.blind import BlindContext, NoMemory
from edge_nlu.hub.hands import BridgeHands
from edge_nlu.hub.nightly import Night
from edge_nlu.hub.parts import bridges, pack_id
from edge_nlu.hub.pretend import PretendHome, layout_of, payload_of
from edge_nlu.hub.reports import take_in
from edge_nlu.hub.result import result_of
from edge_nlu.hub.service import SystemClock
from edge_nlu.interfaces import Context, Memory, Understander
from edge_nlu.models.heads import head_of, weights_of
from edge_nlu.pipeline import Pipeline
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.meanings import Meanings
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.transport.broker import Heard
from edge_nlu.transport.memory import MemoryBroker
from edge_nlu.values import Exchange, Message, Utterance


class _Clock(SystemClock):
    """The clock of a stage."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the time on the stage."""
        return self._now()


class Stage:
    """A hub in the home of a file; `at` is its clock, and moves only when somebody moves it."""

    def __init__(
        self,
        home: Mapping[str, Any],
        at: datetime,
        understander: Understander,
        *,
        journal: Path | None = None,
        blind: bool = False,
        live: bool = False,
    ) -> None:
        self.at = at
        self.blind = blind
        self.bridges = bridges()
        layout = layout_of(home)
        self.context = HomeContext(appliance_profiles(), layout)
        self.context.meanings = Meanings(lambda text: understander.understand(text).embedding)
        self.journal = SqliteJournal(journal, pack=pack_id(understander))
        rooms = {satellite.id: satellite.room for satellite in layout.satellites}
        self.memory = HomeMemory(self.journal, rooms)
        self.memory.read_with(None, head_of(understander))
        self._night = Night(
            *(self.journal, self.memory, self.context, understander), _Clock(lambda: self.at), rooms
        )
        broker = MemoryBroker()
        transport = broker.client()
        self.hands = BridgeHands(self.bridges, transport, 0)
        transport.start(self._heard)
        seen: Context = BlindContext(self.context) if blind else self.context
        known: Memory = NoMemory() if blind else self.memory
        self._line = Pipeline(understander, seen, known, self.journal, self.hands, weights_of(understander))
        if live:
            self.home: PretendHome | None = PretendHome(home, broker.client())
            transport.listen(["#"])
        else:
            self.home = None
            for said in home.get("retained", ()):
                self.hear(said["topic"], payload_of(said["payload"]), retained=True)

    def hear(self, topic: str, payload: bytes, *, retained: bool = False) -> None:
        """Take in a message of a device."""
        message = Message(topic, payload, retain=retained)
        for bridge in self.bridges:
            for event in bridge.read(message):
                take_in(event, self.context, self.memory, self.at, retained=retained)

    def wait_until(self, at: datetime) -> None:
        """Let time go by, and do at once what a hub does at night."""
        self.at = at
        self._night.work()
        while self._night.working:
            self._night.work()

    def handle(self, utterance: Utterance) -> Exchange | None:
        """Say something, and return what came of it; None when it was said before."""
        if self.blind:
            utterance = replace(utterance, satellite="", user="")
        self.hands.sent = []
        begun = perf_counter()
        exchange = self._line.handle(utterance)
        spent = (perf_counter() - begun) * 1000
        if exchange is None:
            return None
        exchange = replace(exchange, milliseconds=round(spent, 3))
        self._line.conclude(exchange)
        return exchange

    def result(self, exchange: Exchange) -> dict[str, Any]:
        """Return an exchange as the hub tells it."""
        return result_of(exchange, self.hands.sent, self.context.snapshot(self.at))

    def _heard(self, heard: Heard) -> None:
        self.hear(heard.topic, heard.payload, retained=heard.retained)
