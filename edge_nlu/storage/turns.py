"""Keep the running conversations, one at each satellite, and whom the hub told something just now.

"And the spots" goes on with what was said here a moment ago, or elsewhere by somebody known: people walk
about. After a quarter of an hour nothing is running any more.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from edge_nlu.values import Act, DeviceId, Exchange

MOST = 8
RUNNING = timedelta(minutes=15)
ECHO_S = 10.0
"""A change so soon after a device was told is taken for its answer, not for somebody's hand."""
_SATELLITES = 256
_DEVICES = 1024


class Turns:
    """What was said lately, by satellite."""

    def __init__(self) -> None:
        self._said: dict[str, deque[Exchange]] = {}
        self._told: dict[DeviceId, float] = {}

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange as the latest at its satellite, or anew where more is known of what came of it."""
        utterance = exchange.utterance
        said = self._said.pop(utterance.satellite, None) or deque(maxlen=MOST)
        known = [number for number, before in enumerate(said) if before.utterance.id == utterance.id]
        if known:
            said[known[-1]] = exchange
        else:
            said.append(exchange)
        self._said[utterance.satellite] = said
        if len(self._said) > _SATELLITES:
            del self._said[next(iter(self._said))]
        if isinstance(exchange.decision, Act):
            for command in exchange.decision.commands:
                self._told.pop(command.device, None)
                self._told[command.device] = utterance.at.timestamp()
                if len(self._told) > _DEVICES:
                    del self._told[next(iter(self._told))]

    def of(self, satellite: str, user: str, at: datetime) -> tuple[Exchange, ...]:
        """Return the running conversation at a satellite, with what this user said at others."""
        oldest = at - RUNNING
        turns = [turn for turn in self._said.get(satellite, ()) if turn.utterance.at >= oldest]
        if user:
            for other, said in self._said.items():
                if other != satellite and said[-1].utterance.at >= oldest:
                    turns += [
                        turn for turn in said if turn.utterance.user == user and turn.utterance.at >= oldest
                    ]
            turns.sort(key=lambda turn: turn.utterance.at)
        return tuple(turns[-MOST:])

    def echoes(self, device: DeviceId, at: float) -> bool:
        """Return whether a change at this time is a device's answer to what it was told."""
        told = self._told.get(device)
        return told is not None and 0 <= at - told <= ECHO_S
