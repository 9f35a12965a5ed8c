"""A broker in memory, for a pretend home: retains, delivers in order, and remembers what was said.

Everything that is published is delivered before `publish` returns, in the order published, also what
those who hear it publish in turn. So a test or a demo needs no waiting and no network.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from threading import RLock

from edge_nlu.transport.broker import Denied, Hear, Heard, publishable
from edge_nlu.transport.topics import Topics
from edge_nlu.values import Message


class MemoryBroker:
    """What clients say to each other, with the last of it retained where they want that."""

    def __init__(self) -> None:
        self.retained: dict[str, bytes] = {}
        self._clients: list[MemoryTransport] = []
        self._said: deque[tuple[Heard, MemoryTransport | None]] = deque()
        self._lock = RLock()
        self._busy = False

    def client(self) -> MemoryTransport:
        """Return one more client of this broker."""
        return MemoryTransport(self)

    def join(self, client: MemoryTransport) -> None:
        """Let a client hear what is said from now on."""
        with self._lock:
            self._clients.append(client)

    def leave(self, client: MemoryTransport) -> None:
        """Let a client hear no more."""
        with self._lock:
            self._clients.remove(client)

    def say(self, heard: Heard, *, retain: bool = False) -> None:
        """Deliver a message to everyone who listens to its topic."""
        with self._lock:
            if retain and heard.payload:
                self.retained[heard.topic] = heard.payload
            elif retain:
                self.retained.pop(heard.topic, None)
            self._said.append((heard, None))
            self._deliver()

    def repeat(self, client: MemoryTransport, filters: Collection[str]) -> None:
        """Tell a client what is retained under these filters."""
        with self._lock:
            wanted = _matcher(filters)
            for topic, payload in self.retained.items():
                if wanted.find(topic):
                    self._said.append((Heard(topic, payload, retained=True), client))
            self._deliver()

    def _deliver(self) -> None:
        if self._busy:
            # who hears something may answer: that is delivered after it, by whoever is delivering now
            return
        self._busy = True
        try:
            while self._said:
                heard, only = self._said.popleft()
                for client in [only] if only else list(self._clients):
                    client.take(heard)
        finally:
            self._busy = False


class MemoryTransport:
    """One client of a broker in memory. `sent` is what it published, in order."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.broker = broker
        self.sent: list[Message] = []
        self.connections = 0
        self._hear: Hear | None = None
        self._filters: frozenset[str] = frozenset()
        self._wanted = _matcher(())
        self._there = True

    @property
    def connected(self) -> bool:
        """Return whether it was started and its broker was not taken away."""
        return self._hear is not None and self._there

    def start(self, hear: Hear, denied: Denied | None = None) -> None:
        """Hand over what arrives from now on; nothing is denied here."""
        del denied
        self._hear = hear
        self.broker.join(self)
        self._arrive()

    def lose(self) -> None:
        """Take the broker away, as when a cable is pulled."""
        self._there = False

    def regain(self) -> None:
        """Give the broker back."""
        self._there = True
        self._arrive()

    def listen(self, filters: Collection[str], surely: Collection[str] = ()) -> None:
        """Listen to these filters; what is retained under the new ones arrives at once."""
        filters = dict.fromkeys((*filters, *surely))
        new = [one for one in filters if one not in self._filters]
        self._filters = frozenset(filters)
        self._wanted = _matcher(filters)
        if self.connected:
            self.broker.repeat(self, new)

    def publish(self, message: Message, *, expiry_s: int = 0, correlation: bytes = b"") -> bool:
        """Deliver a message; expiry means nothing where nothing waits."""
        del expiry_s
        if not self.connected or not publishable(message.topic):
            return False
        self.sent.append(message)
        self.broker.say(Heard(message.topic, message.payload, correlation=correlation), retain=message.retain)
        return True

    def ask(self, topic: str, payload: bytes, *, answer_topic: str = "", correlation: bytes = b"") -> None:
        """Publish something that wants an answer on a topic of its own."""
        self.broker.say(Heard(topic, payload, False, answer_topic, correlation))

    def stop(self) -> None:
        """Hear and say no more."""
        if self._hear is not None:
            self._hear = None
            self.broker.leave(self)

    def take(self, heard: Heard) -> None:
        """Hand a message over if it is one that this client listens to."""
        if self.connected and self._hear is not None and self._wanted.find(heard.topic):
            self._hear(heard)

    def _arrive(self) -> None:
        self.connections += 1
        self.broker.repeat(self, self._filters)


def _matcher(filters: Collection[str]) -> Topics[bool]:
    wanted: Topics[bool] = Topics()
    for one in filters:
        wanted.add(one, True)
    return wanted
