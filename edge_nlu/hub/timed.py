"""Learn nothing of times while the clock is not set: a board without a battery wakes up in 1970.

What was taught on purpose is kept all the same, and what somebody meant by a phrase still holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from edge_nlu.hub.service import SystemClock
from edge_nlu.interfaces import Home, Memory
from edge_nlu.values import (
    Command,
    Device,
    DeviceId,
    Exchange,
    Lesson,
    Report,
    Taken,
    Understanding,
    Utterance,
    Wish,
)


class WhileClockIsSet:
    """A memory that neither learns nor tells what is usual at a time that cannot be true."""

    def __init__(self, memory: Memory, clock: SystemClock) -> None:
        self._memory = memory
        self._clock = clock

    def usual(
        self, wish: Wish, devices: Sequence[DeviceId], utterance: Utterance
    ) -> Sequence[tuple[Command, float]]:
        """Return what these devices are usually told at such a time; nothing at no time."""
        return self._memory.usual(wish, devices, utterance) if self._clock.is_set else ()

    def lessons(self, user: str) -> Sequence[Lesson]:
        """Return what holds for this person."""
        return self._memory.lessons(user)

    def teachings(self, user: str) -> Sequence[Lesson]:
        """Return what this person taught and what was taught for the whole home."""
        return self._memory.teachings(user)

    def rewording(self, utterance: Utterance) -> Taken | None:
        """Return the wording that people turn to when this one fails, where that is known."""
        return self._memory.rewording(utterance)

    def instead(
        self, tried: Exchange, home: Home, attempt: Callable[[str], Exchange | None]
    ) -> Exchange | None:
        """Return what comes of saying otherwise what came to nothing, where that leads to something."""
        return self._memory.instead(tried, home, attempt)

    def reread(self, read: Understanding, utterance: Utterance) -> Understanding:
        """Return a sentence as people here mean it."""
        return self._memory.reread(read, utterance)

    def learn(self, lessons: Sequence[Lesson], utterance: Utterance) -> None:
        """Keep what was taught, or forget it."""
        self._memory.learn(lessons, utterance)

    def afterthought(self, exchange: Exchange, home: Home) -> str:
        """Return what else is worth saying after an act; nothing at no time."""
        return self._memory.afterthought(exchange, home) if self._clock.is_set else ""

    def explained(self, failing: Exchange, working: Exchange) -> None:
        """Learn in which words somebody outside put an utterance that had failed."""
        if self._clock.is_set:
            self._memory.explained(failing, working)

    def observe(self, exchange: Exchange) -> None:
        """Learn from an exchange."""
        if self._clock.is_set:
            self._memory.observe(exchange)

    def noticed(self, device: Device, report: Report, at: datetime) -> None:
        """Learn from what a device reports."""
        if self._clock.is_set:
            self._memory.noticed(device, report, at)
