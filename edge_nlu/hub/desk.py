"""Bring requests and messages from all sides to the one thread that handles them.

Requests come first, and what devices said before them is handed over with them, so a sentence meets the
home as it was when it was said. Only so many requests may wait: one more is turned away at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition
from time import monotonic
from typing import Any

from edge_nlu.hub.inbox import FLOOD, Inbox
from edge_nlu.transport.broker import Heard
from edge_nlu.values import Understanding

Answer = dict[str, Any]

Reply = Callable[[Answer, Understanding | None], None]
"""Hears the answer to a request, and later once more if a device did not obey."""

CALM = 64
REST_S, LONGEST_REST_S = 0.05, 1.0
WORK_SHARE = 0.2
"""In a flood messages are gathered before they are handed over, so that what is said again can be left out.

Handling them then takes at most this share of the time, the rest is for receiving. Requests do not wait.
"""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody said, and who wants the answer. One that is only to be read is not acted on."""

    id: str
    text: str
    satellite: str
    user: str
    reply: Reply
    only_read: bool = False
    asked: float = 0.0


class Desk:
    """Where requests, messages and notes wait; filled by any thread, emptied by one."""

    def __init__(self, most_requests: int, inbox: Inbox) -> None:
        self._most = most_requests
        self._inbox = inbox
        self._requests: deque[Request] = deque()
        self._notes: deque[Callable[[], None]] = deque()
        self._ready = Condition()
        self._resting_until = 0.0
        self._handed_over = 0.0
        self._in_flood = False
        self._asleep = False
        self._awake = False

    @property
    def lost(self) -> int:
        """Return how many messages were lost in a flood."""
        return self._inbox.lost

    def hear(self, heard: Heard) -> None:
        """Let a message wait."""
        with self._ready:
            self._inbox.add(heard)
            if self._asleep:
                self._asleep = False
                self._ready.notify()

    def ask(self, request: Request) -> bool:
        """Let a request wait, and return False if there is no place for it."""
        with self._ready:
            if len(self._requests) >= self._most:
                return False
            self._requests.append(request)
            self._ready.notify()
            return True

    def note(self, note: Callable[[], None]) -> None:
        """Have something done by the thread that handles all."""
        with self._ready:
            self._notes.append(note)
            self._ready.notify()

    def wake(self) -> None:
        """Let whoever takes come back at once, with nothing."""
        with self._ready:
            self._awake = True
            self._ready.notify()

    def take(self, longest_s: float) -> tuple[list[Heard], list[Callable[[], None]], Request | None]:
        """Return the messages and notes that wait and the first request, after waiting for any of them."""
        begun = monotonic()
        end = begun + longest_s
        if self._in_flood:
            worked = begun - self._handed_over
            self._resting_until = begun + min(max(REST_S, worked / WORK_SHARE - worked), LONGEST_REST_S)
        with self._ready:
            while not (self._requests or self._notes or self._awake):
                now = monotonic()
                if (self._inbox and now >= self._resting_until) or now >= end:
                    break
                self._asleep = not self._inbox
                self._ready.wait(min(end, self._resting_until if self._inbox else end) - now)
                self._asleep = False
            self._awake = False
            waited = len(self._inbox)
            messages = self._inbox.take()
            # when little could be left out, resting would only make it later
            self._in_flood = waited > CALM and (waited <= FLOOD or len(messages) < waited / 2)
            self._resting_until = 0.0
            self._handed_over = monotonic()
            notes = list(self._notes)
            self._notes.clear()
            return messages, notes, self._requests.popleft() if self._requests else None

    def turn_away(self) -> list[Request]:
        """Return the requests that wait, for whom nobody will come any more."""
        with self._ready:
            left = list(self._requests)
            self._requests.clear()
            return left
