"""Be the hub of one pretend home after another, in a process of its own, asked over standard input.

A real hub, put together by `assemble` from the same parts: its ears, its bridges, its journal. Only two
things are not those of a house: the broker is one in memory, and the clock is told. A line in is the time
and the messages that came; the line out is the messages that the hub published, in order. Nothing else comes
in, and no module that knows the wishes of people is loaded here; a test sees to that.

The judge may also ask a witness: the same hub as it came out of its box, which learns nothing, remembers
nothing and tells no device anything. It answers what would have come of a sentence.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from edge_nlu.hub.assemble import assemble
from edge_nlu.hub.blind import NoMemory
from edge_nlu.hub.hands import BridgeHands
from edge_nlu.hub.parts import bridges, default_weights
from edge_nlu.hub.pretend import layout_of
from edge_nlu.hub.result import result_of
from edge_nlu.hub.service import SystemClock
from edge_nlu.hub.settings import Journal, Limits, Settings
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.pipeline import Pipeline
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.transport.memory import MemoryBroker
from edge_nlu.values import Exchange, Message, Utterance

# a week goes by in a second here, so what is to happen after seconds of a real clock would come too late
LIMITS = Limits(echo_s=600.0, inquiries_per_s=0.0, save_every_s=86_400.0)
JOURNAL = Journal(keep_days=3650, event_days=3650)


class ToldClock(SystemClock):
    """A clock that shows what it was told last."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the time that was told."""
        return self.at


class _Present(HomeContext):
    """A home in which no conversation is kept."""

    def remember(self, exchange: Exchange) -> None:
        """Keep nothing."""


class Served:
    """A hub in a home that only its messages tell of, and the witness beside it."""

    def __init__(
        self, home: Mapping[str, Any], at: datetime, encoder: Encoder, folder: Path | None = None
    ) -> None:
        layout = layout_of(home)
        settings = Settings(limits=LIMITS, journal=JOURNAL, home=layout)
        broker = MemoryBroker()
        self._clock = ToldClock(at)
        self._transport = broker.client()
        self._outside = broker.client()
        self._outside.start(lambda _: None)
        self._hub = assemble(
            settings,
            folder=folder,
            transport=self._transport,
            understander=encoder,
            clock=self._clock,
            environment={},
        )
        self._hub.begin()
        self._bridges = bridges()
        self._context = _Present(appliance_profiles(), layout)
        nobody = MemoryBroker().client()
        nobody.start(lambda _: None)
        self._hands = BridgeHands(self._bridges, nobody, 0)
        self._witness = Pipeline(
            encoder, self._context, NoMemory(), SqliteJournal(None), self._hands, default_weights()
        )
        self._asked = 0

    def hear(self, at: datetime, messages: Iterable[Message]) -> list[Message]:
        """Let messages arrive, and return what the hub published."""
        self._clock.at = at
        for message in messages:
            self._outside.publish(message)
            for bridge in self._bridges:
                for event in bridge.read(message):
                    self._context.apply(event, at, retained=False)
        self._hub.turn(0.0)
        sent, self._transport.sent = self._transport.sent, []
        return sent

    def witness(self, text: str, satellite: str, user: str) -> dict[str, Any]:
        """Return what a hub that has learned nothing would do about a sentence now."""
        self._asked += 1
        self._hands.sent = []
        said = Utterance(f"w{self._asked}", text, self._clock.at, satellite, user)
        exchange = self._witness.handle(said)
        assert exchange is not None
        return result_of(exchange, self._hands.sent, self._context.snapshot(said.at))

    def end(self) -> None:
        """Stop the hub."""
        self._hub.end()


def serve(pack: Path) -> None:
    """Answer lines until standard input ends."""
    encoder = Encoder(Pack.open(pack))
    served: Served | None = None
    for line in sys.stdin:
        asked = json.loads(line)
        at = datetime.fromisoformat(asked["at"])
        if "home" in asked:
            if served is not None:
                served.end()
            served = Served(asked["home"], at, encoder, Path(asked["folder"]) if "folder" in asked else None)
        assert served is not None
        if "witness" in asked:
            answer: object = served.witness(**asked["witness"])
        else:
            answer = [_told(sent) for sent in served.hear(at, map(_message, asked.get("messages", ())))]
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _message(said: Mapping[str, Any]) -> Message:
    return Message(said["topic"], said["payload"].encode(), bool(said.get("retain")))


def _told(sent: Message) -> dict[str, Any]:
    return {"topic": sent.topic, "payload": sent.payload.decode()}


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
