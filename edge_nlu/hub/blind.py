"""The hub without any context, to measure what context is worth.

It knows which devices there are, what they can do and what they are called, and the sentence. It knows
no states, no rooms of speakers, no people, nothing that was said before, and nothing that was learned.
"""

# ruff: noqa: ARG002 - one answer for all
from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from edge_nlu.interfaces import Home
from edge_nlu.storage.context import HomeContext, HomeNow
from edge_nlu.values import (
    Command,
    Device,
    DeviceId,
    Exchange,
    Lesson,
    Person,
    Reading,
    Report,
    Satellite,
    Understanding,
    Utterance,
    Wish,
)


class BlindContext:
    """A context that shows the devices of a home, and nothing of what goes on in it."""

    def __init__(self, context: HomeContext) -> None:
        self._context = context

    def snapshot(self, at: datetime) -> BlindHome:
        """Return the home as somebody knows it who only has a list of its devices."""
        return BlindHome(self._context, at)

    def remember(self, exchange: Exchange) -> None:
        """Forget the exchange at once."""


class BlindHome(HomeNow):
    """A home whose states, people and conversations nobody knows."""

    def active(self) -> Sequence[DeviceId]:
        """Return nothing."""
        return ()

    def recent(self) -> Sequence[DeviceId]:
        """Return nothing."""
        return ()

    def reading(self, device: DeviceId, key: str) -> Reading | None:
        """Return None."""
        return None

    def person(self, user: str) -> Person | None:
        """Return None."""
        return None

    def satellite(self, satellite: str) -> Satellite | None:
        """Return None."""
        return None

    def turns(self, satellite: str, user: str = "") -> Sequence[Exchange]:
        """Return nothing."""
        return ()


class NoMemory:
    """A memory that keeps nothing."""

    def usual(
        self,
        wish: Wish,
        devices: Sequence[DeviceId],
        utterance: Utterance,
    ) -> Sequence[tuple[Command, float]]:
        """Return nothing."""
        return ()

    def lessons(self, user: str) -> Sequence[Lesson]:
        """Return nothing."""
        return ()

    def teachings(self, user: str) -> Sequence[Lesson]:
        """Return nothing."""
        return ()

    def rewording(self, utterance: Utterance) -> None:
        """Return nothing."""

    def instead(self, tried: Exchange, home: Home, attempt: Callable[[str], Exchange | None]) -> None:
        """Return nothing."""

    def reread(self, read: Understanding, utterance: Utterance) -> Understanding:
        """Return the very same."""
        return read

    def learn(self, lessons: Sequence[Lesson], utterance: Utterance) -> None:
        """Keep nothing."""

    def afterthought(self, exchange: Exchange, home: Home) -> str:
        """Return nothing."""
        return ""

    def explained(self, failing: Exchange, working: Exchange) -> None:
        """Learn nothing."""

    def observe(self, exchange: Exchange) -> None:
        """Learn nothing."""

    def noticed(self, device: Device, report: Report, at: datetime) -> None:
        """Learn nothing."""
