"""Be the hub of one pretend home after another, in a process of its own, asked over standard input.

A real hub, put together by `assemble` from the same parts: its ears, its bridges, its journal. Only two
things are not those of a house: the broker is one in memory, and the clock is told. A line in is a list of
times and the messages that came then; the line out is what the hub published at the last of them, in order.
Nothing else comes in, and no module that knows the wishes of people is loaded here; a test sees to that.

The judge may also ask a witness: the same hub as it came out of its box, which learns nothing, remembers
nothing and tells no device anything. It answers what would have come of a sentence.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from time import process_time
from typing import Any

from edge_nlu.hub.assemble import assemble
from edge_nlu.hub.blind import NoMemory
from edge_nlu.hub.hands import BridgeHands
from edge_nlu.hub.parts import bridges
from edge_nlu.hub.pretend import layout_of
from edge_nlu.hub.result import result_of
from edge_nlu.hub.service import SystemClock
from edge_nlu.hub.settings import Journal, Learning, Limits, Settings
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.heads import weights_of
from edge_nlu.models.pack import Pack
from edge_nlu.pipeline import Pipeline
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.layout import Layout
from edge_nlu.transport.memory import MemoryBroker
from edge_nlu.values import Exchange, Message, Understanding, Utterance

# a week goes by in a second here, so what is to happen after seconds of a real clock would come too late
LIMITS = Limits(echo_s=600.0, inquiries_per_s=0.0, save_every_s=86_400.0)
JOURNAL = Journal(keep_days=3650, event_days=3650)
KNOWN = 20_000
"""Texts of which is kept what they may mean."""


class ToldClock(SystemClock):
    """A clock that shows what it was told last."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the time that was told."""
        return self.at


class _Reader(Encoder):
    """An encoder that reads each text once: what a sentence may mean depends on nothing else."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(pack)
        self._read = lru_cache(maxsize=KNOWN)(super().understand)

    def understand(self, text: str) -> Understanding:
        """Return what the sentence may mean."""
        return self._read(text)


class _Present(HomeContext):
    """A home in which no conversation is kept."""

    def remember(self, exchange: Exchange) -> None:
        """Keep nothing."""


class Witness:
    """A hub that hears of devices, learns nothing, remembers nothing and tells no device anything."""

    def __init__(self, layout: Layout, encoder: Encoder) -> None:
        self._bridges = bridges()
        self._context = _Present(appliance_profiles(), layout)
        nobody = MemoryBroker().client()
        nobody.start(lambda _: None)
        self._hands = BridgeHands(self._bridges, nobody, 0)
        self._line = Pipeline(
            encoder, self._context, NoMemory(), SqliteJournal(None), self._hands, weights_of(encoder)
        )
        self._asked = 0

    def hear(self, at: datetime, message: Message) -> None:
        """Take in what a device reports."""
        for bridge in self._bridges:
            for event in bridge.read(message):
                self._context.apply(event, at, retained=False)

    def result(self, at: datetime, text: str, satellite: str, user: str) -> dict[str, Any]:
        """Return what would come of a sentence now."""
        self._asked += 1
        self._hands.sent = []
        said = Utterance(f"w{self._asked}", text, at, satellite, user)
        exchange = self._line.handle(said)
        assert exchange is not None
        return result_of(exchange, self._hands.sent, self._context.snapshot(at))


class Served:
    """A hub in a home that only its messages tell of, and the witness beside it."""

    def __init__(self, told: Mapping[str, Any], at: datetime, encoder: Encoder) -> None:
        self._layout = layout_of(told["home"])
        self._encoder = encoder
        settings = Settings(
            limits=LIMITS, journal=JOURNAL, learning=Learning(wordings=told["wordings"]), home=self._layout
        )
        broker = MemoryBroker()
        self._clock = ToldClock(at)
        self._transport = broker.client()
        self._outside = broker.client()
        self._outside.start(lambda _: None)
        self._hub = assemble(
            settings,
            folder=Path(told["folder"]) if "folder" in told else None,
            transport=self._transport,
            understander=encoder,
            clock=self._clock,
            environment={},
        )
        self._hub.begin()
        self._witness: Witness | None = None
        self._unheard: list[tuple[datetime, Message]] = []
        self.nights_s = 0.0

    def hear(self, at: datetime, messages: Iterable[Message]) -> list[Message]:
        """Let messages arrive, and return what the hub published."""
        self._clock.at = at
        for message in messages:
            self._outside.publish(message)
            self._unheard.append((at, message))
        self._hub.turn(0.0)
        begun = process_time()
        while self._hub.working:
            self._hub.turn(0.0)
        self.nights_s += process_time() - begun
        sent, self._transport.sent = self._transport.sent, []
        return sent

    def witness(self, at: datetime, text: str, satellite: str, user: str) -> dict[str, Any]:
        """Return what a hub that has learned nothing would do about a sentence now.

        It hears of what went on when it is asked: in many homes it never is.
        """
        self._witness = self._witness or Witness(self._layout, self._encoder)
        for heard_at, message in self._unheard:
            self._witness.hear(heard_at, message)
        self._unheard.clear()
        return self._witness.result(at, text, satellite, user)

    def end(self) -> None:
        """Stop the hub."""
        self._hub.end()


class Serving:
    """The process: one home after the other."""

    def __init__(self, pack: Path) -> None:
        self._encoder = _Reader(Pack.open(pack))
        self._served: Served | None = None

    def answer(self, asked: Mapping[str, Any]) -> object:
        """Do what a line says, and return what came of it."""
        left = self._served
        if left is not None and ("home" in asked or "leave" in asked):
            left.end()
            self._served = None
        if "leave" in asked:
            assert left is not None
            return {"nights_s": left.nights_s}
        at = datetime.fromisoformat(asked["at"])
        if "home" in asked:
            self._served = Served(asked, at, self._encoder)
        assert self._served is not None
        if "witness" in asked:
            return self._served.witness(at, **asked["witness"])
        return [_told(sent) for sent in self._served.hear(at, map(_message, asked["messages"]))]


def serve(pack: Path) -> None:
    """Answer the last of each batch of lines until standard input ends."""
    serving = Serving(pack)
    for batch in sys.stdin:
        *before, last = json.loads(batch)
        for asked in before:
            serving.answer(asked)
        sys.stdout.write(json.dumps(serving.answer(last)) + "\n")
        sys.stdout.flush()


def _message(said: Mapping[str, Any]) -> Message:
    return Message(said["topic"], said["payload"].encode(), bool(said.get("retain")))


def _told(sent: Message) -> dict[str, Any]:
    return {"topic": sent.topic, "payload": sent.payload.decode()}


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
