"""The frames of Wyoming: events in a stream of bytes.

A frame is one line of JSON, then as many bytes of more JSON as `data_length` says, then as many bytes of
sound as `payload_length` says, which nobody needs here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

PROTOCOL = "1.8.0"
LONGEST_LINE, LONGEST_DATA, LONGEST_SOUND = 64 << 10, 256 << 10, 16 << 20

Event = tuple[str, dict[str, Any]]


class Frames:
    """Takes events out of a stream of bytes, wherever it is cut."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._head: dict[str, Any] | None = None
        self._skip = 0

    def feed(self, more: bytes) -> Iterator[Event]:
        """Yield the events that are whole now; raise ValueError for what is no frame."""
        self._bytes += more
        while (event := self._next()) is not None:
            yield event

    def _next(self) -> Event | None:
        if self._skip:
            skipped = min(self._skip, len(self._bytes))
            del self._bytes[:skipped]
            self._skip -= skipped
        if self._skip:
            return None
        if self._head is None:
            end = self._bytes.find(b"\n")
            if max(end, len(self._bytes) - 1 if end < 0 else 0) > LONGEST_LINE:
                raise ValueError("a line without end")
            if end < 0:
                return None
            self._head = _object(self._bytes[:end])
            del self._bytes[: end + 1]
        length = _length(self._head, "data_length", LONGEST_DATA)
        if len(self._bytes) < length:
            return None
        head, self._head = self._head, None
        data = {**as_table(head.get("data")), **(_object(self._bytes[:length]) if length else {})}
        del self._bytes[:length]
        self._skip = _length(head, "payload_length", LONGEST_SOUND)
        return str(head.get("type")), data


def frame(kind: str, data: dict[str, Any]) -> bytes:
    """Return the bytes of an event."""
    body = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
    head = {"type": kind, "version": PROTOCOL, "data_length": len(body)}
    return json.dumps(head).encode() + b"\n" + body


def _object(text: bytes | bytearray) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def as_table(found: Any) -> dict[str, Any]:
    """Return an object, or an empty one for anything else."""
    return found if isinstance(found, dict) else {}


def _length(head: dict[str, Any], name: str, most: int) -> int:
    found = head.get(name) or 0
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= most:
        raise ValueError(f"{name} is {found!r}")
    return found
