"""The hub at work: one thread takes in what devices say, handles sentences, and does the quiet work between.

So the order of things is plain, and nothing needs a lock but the desk that all sides put their matters on.
The broker may be away, a device silent, a bridge broken, a request nonsense: the next sentence is handled.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from time import monotonic, sleep

from edge_nlu.hub.answerer import Answerer
from edge_nlu.hub.desk import Desk
from edge_nlu.hub.ears import Ear
from edge_nlu.hub.reports import Reports
from edge_nlu.hub.service import ServiceManager
from edge_nlu.hub.upkeep import Upkeep
from edge_nlu.transport.broker import Heard, Transport

log = logging.getLogger(__name__)

LONGEST_S = 5.0
"""So often at least the hub looks around. Most of a day nothing happens: then this is what it costs."""

PAUSE_S = 0.1
MOST_TROUBLES = 100


class Hub:
    """A hub; whoever calls `run` is its thread."""

    def __init__(
        self,
        transport: Transport,
        desk: Desk,
        reports: Reports,
        answerer: Answerer,
        upkeep: Upkeep,
        ears: Sequence[Ear],
        service: ServiceManager,
    ) -> None:
        self._transport = transport
        self._desk = desk
        self._reports = reports
        self._answerer = answerer
        self._upkeep = upkeep
        self._ears = ears
        self._by_topic = {topic: ear for ear in ears for topic in ear.topics()}
        self._service = service
        self._started: list[Ear] = []
        self._stopping = False
        self._lost = 0
        self._alive_at = 0.0
        self._troubles: set[str] = set()
        answerer.also = [ear.answered for ear in ears]

    def run(self) -> None:
        """Work until `stop` is called."""
        try:
            self.begin()
            while not self._stopping:
                self._try_a_turn()
        finally:
            self.end()

    def begin(self) -> None:
        """Take in what was kept, and listen from now on."""
        self._upkeep.begin()
        self._transport.listen(self._reports.filters(), tuple(self._by_topic))
        for ear in self._ears:
            ear.start(self._answerer.ask)
            self._started.append(ear)
        self._transport.start(self.hear, self._denied)
        self._service.tell("READY=1")

    def end(self) -> None:
        """Listen no more, and save what is worth it."""
        self._service.tell("STOPPING=1")
        for ear in self._started:
            ear.stop()
        self._answerer.turn_all_away()
        self._transport.stop()
        self._upkeep.end()

    def stop(self) -> None:
        """Let `run` come to its end; any thread may say so."""
        self._stopping = True
        self._desk.wake()

    def hear(self, heard: Heard) -> None:
        """Take a message from the network's thread."""
        ear = self._by_topic.get(heard.topic)
        if ear is None:
            self._desk.hear(heard)
            return
        try:
            ear.hear(heard)
        except Exception:  # whatever somebody sends, the network's thread goes on
            log.exception("a request on %s broke its ear", heard.topic)

    @property
    def working(self) -> bool:
        """Return whether there is quiet work that the next turn goes on with."""
        return self._upkeep.working

    def turn(self, longest_s: float = LONGEST_S) -> None:
        """Do what has come up, or wait for it a little."""
        if self._service.watchdog_s:
            longest_s = min(longest_s, self._service.watchdog_s / 6)
        due = min(self._answerer.echoes.next_due(), self._upkeep.next_due())
        messages, notes, request = self._desk.take(min(longest_s, due - monotonic()))
        for note in notes:
            note()
        if messages:
            self._reports.take(messages)
            filters = self._reports.settle()
            if filters is not None:
                self._transport.listen(filters, tuple(self._by_topic))
        if request is not None:
            self._answerer.handle(request)
        self._answerer.look()
        self._upkeep.work(self._transport.connections)
        self._say_alive()

    def _try_a_turn(self) -> None:
        """Do what has come up; a full disk, or a fault of ours, must not end the house's hub."""
        try:
            self.turn()
        except Exception as error:  # as above
            if repr(error) not in self._troubles and len(self._troubles) < MOST_TROUBLES:
                self._troubles.add(repr(error))
                log.exception("something went wrong, the hub goes on")
            sleep(PAUSE_S)

    def _say_alive(self) -> None:
        now = monotonic()
        if self._service.watchdog_s and now - self._alive_at > self._service.watchdog_s / 3:
            self._alive_at = now
            self._service.tell("WATCHDOG=1")
        if self._desk.lost > self._lost:
            log.warning("%d device messages were lost in a flood", self._desk.lost - self._lost)
            self._lost = self._desk.lost

    def _denied(self, topic: str) -> None:
        """Take note, in the network's thread, that the broker did not take a command."""
        self._desk.note(lambda: self._answerer.denied(topic))
