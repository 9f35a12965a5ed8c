"""Hold device messages until there is time for them, within a bound however many come.

In everyday life each message is passed on, in order. In a flood, what a later message on the same topic
says again is left out: of a lamp that reports a hundred times a second only the last state matters. One
that says something else (another key of the same topic) stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from edge_nlu.transport.broker import Heard

FLOOD = 256
"""So many messages at once are a flood."""

_OVERHEAD = 200

# two objects with the same names in the same order say the same things: quicker to see than by reading both
_NAMES = re.compile(rb'"([^"\\\\]*)"\s*:')


class Inbox:
    """Messages that wait. `lost` counts those for which there was no room."""

    def __init__(self, most_bytes: int) -> None:
        self.lost = 0
        self._most = most_bytes
        self._bytes = 0
        self._thin_at = most_bytes
        self._waiting: list[Heard] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, heard: Heard) -> None:
        """Let a message wait; when there is no room even after thinning out, it is lost."""
        size = _size(heard)
        if self._bytes + size > self._thin_at:
            self._waiting = thinned(self._waiting)
            self._bytes = sum(map(_size, self._waiting))
            # not at every message when little can be left out
            self._thin_at = min(self._most, self._bytes + max(self._most // 4, size))
        if self._bytes + size > self._most:
            self.lost += 1
            return
        self._bytes += size
        self._waiting.append(heard)

    def take(self) -> list[Heard]:
        """Return what waits, in order, and wait for more with nothing."""
        taken, self._waiting = self._waiting, []
        self._bytes, self._thin_at = 0, self._most
        return thinned(taken) if len(taken) > FLOOD else taken


def thinned(messages: Iterable[Heard]) -> list[Heard]:
    """Return the messages, in order, without those that say nothing but what a later one says again."""
    latest: dict[str, Heard] = {}
    # only of topics that are heard again: what a broker retains comes once
    names: dict[str, list[bytes]] = {}
    said: dict[str, dict[str, Any]] = {}
    kept = []
    for heard in reversed(list(messages)):
        topic, payload = heard[0], heard[1]
        later = latest.get(topic)
        if later is None:
            latest[topic] = heard
            kept.append(heard)
            continue
        if topic not in names:
            names[topic] = _NAMES.findall(later[1])
        if _NAMES.findall(payload) != names[topic] and _adds(heard, later, said):
            kept.append(heard)
    kept.reverse()
    return kept


def _adds(heard: Heard, later: Heard, said: dict[str, dict[str, Any]]) -> bool:
    """Return whether a message says something by a name that no later one on its topic has."""
    now = _object(heard.payload)
    if heard.topic not in said:
        said[heard.topic] = _object(later.payload) or {}
    if now is None or _covers(said[heard.topic], now):
        return False
    said[heard.topic] = _merged(said[heard.topic], now)
    return True


def _size(heard: Heard) -> int:
    return len(heard.payload) + len(heard.topic) + _OVERHEAD


def _object(payload: bytes) -> dict[str, Any] | None:
    """Return a payload that says several things by name, or None where it says one thing."""
    if not payload.startswith(b"{"):
        return None
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _covers(later: dict[str, Any], earlier: dict[str, Any]) -> bool:
    for key, value in earlier.items():
        if key not in later:
            return False
        if isinstance(value, dict) and not (isinstance(later[key], dict) and _covers(later[key], value)):
            return False
    return True


def _merged(later: dict[str, Any], earlier: dict[str, Any]) -> dict[str, Any]:
    both = {**earlier, **later}
    for key, value in earlier.items():
        if isinstance(value, dict) and isinstance(later.get(key), dict):
            both[key] = _merged(later[key], value)
    return both
