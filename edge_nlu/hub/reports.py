"""Keep the home as devices tell it: each message goes to the bridges that listen to its topic.

A bridge that breaks over a message costs that message and a line in the log, nothing more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from edge_nlu.hub.desk import CALM
from edge_nlu.hub.service import SystemClock
from edge_nlu.interfaces import Bridge, Memory
from edge_nlu.storage.context import HomeContext
from edge_nlu.transport.broker import Heard
from edge_nlu.transport.topics import Topics
from edge_nlu.values import Event, Message, Report

log = logging.getLogger(__name__)

MOST_TOPICS = 4096
"""So many topics are known by heart; the bridges of others are looked up."""

See = Callable[[Event], None]


def take_in(
    event: Event, context: HomeContext, memory: Memory, at: datetime, *, retained: bool, by_hand: bool = True
) -> None:
    """Let the home know of an event, and the memory where somebody may have done it by hand."""
    changed = context.apply(event, at, retained=retained)
    if changed and by_hand and isinstance(event, Report) and not retained:
        device = context.snapshot(at).device(event.device)
        if device is not None:
            memory.noticed(device, event, at)


class Reports:
    """The way from messages to the home."""

    def __init__(
        self,
        bridges: Sequence[Bridge],
        context: HomeContext,
        memory: Memory,
        clock: SystemClock,
        see: Sequence[See] = (),
    ) -> None:
        self._bridges = bridges
        self._context = context
        self._memory = memory
        self._clock = clock
        self._see = see
        self._routes: Topics[Bridge] = Topics()
        self._filters: dict[str, tuple[str, ...]] = {}
        self._known: dict[str, tuple[Bridge, ...]] = {}
        self._alike: dict[tuple[int, ...], tuple[Bridge, ...]] = {}
        self._broken: set[str] = set()
        self.settle()

    def take(self, messages: list[Heard]) -> None:
        """Take in what was heard, out of the list, so that it makes room for what the home keeps of it.

        What comes in a flood is nobody's hand, so nothing is learned from it.
        """
        at = self._clock.now()
        by_hand = len(messages) <= CALM
        messages.reverse()
        while messages:
            heard = messages.pop()
            bridges = self._known.get(heard.topic)
            for bridge in self._look_up(heard.topic) if bridges is None else bridges:
                self._read(bridge, heard, at, by_hand=by_hand)

    def _look_up(self, topic: str) -> tuple[Bridge, ...]:
        found = tuple(self._routes.find(topic))
        if len(self._known) >= MOST_TOPICS:
            self._known.clear()
        # a home has many topics, and few ways for them
        self._known[topic] = found = self._alike.setdefault(tuple(map(id, found)), found)
        return found

    def settle(self) -> tuple[str, ...] | None:
        """Return all topic filters to listen to now, or None where they are as they were."""
        changed = False
        for number, bridge in enumerate(self._bridges):
            name = f"{number} {bridge.name}"
            now, before = bridge.subscriptions(), self._filters.get(name, ())
            if now is before:
                continue
            changed = True
            self._filters[name] = now
            fresh, gone = set(now).difference(before), set(before).difference(now)
            for one in gone:
                self._routes.remove(one, bridge)
            for one in fresh:
                self._routes.add(one, bridge)
        if not changed:
            return None
        self._known.clear()
        return self._all_filters()

    def filters(self) -> tuple[str, ...]:
        """Return all topic filters to listen to."""
        return self.settle() or self._all_filters()

    def _all_filters(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for filters in self._filters.values() for one in filters))

    def _read(self, bridge: Bridge, heard: Heard, at: datetime, *, by_hand: bool) -> None:
        try:
            events = bridge.read(Message(heard.topic, heard.payload, heard.retained))
            for event in events:
                take_in(event, self._context, self._memory, at, retained=heard.retained, by_hand=by_hand)
                for see in self._see:
                    see(event)
        except Exception as error:  # one convention must not silence the others
            trouble = f"{bridge.name} {type(error).__name__}"
            if trouble not in self._broken:
                self._broken.add(trouble)
                log.exception("the bridge %s broke over a message on %s", bridge.name, heard.topic)
