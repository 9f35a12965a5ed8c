"""A line to a broker with nothing between: MQTT 3.1.1, quality of service 0, one thread, no library.

So what is timed over it is the broker and whoever answers, and a flood is as fast as the broker takes it.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from types import TracebackType
from typing import Self

CONNECT, CONNACK, PUBLISH, SUBSCRIBE, SUBACK, DISCONNECT = 0x10, 0x20, 0x30, 0x82, 0x90, 0xE0


class Line:
    """A client of a broker on this machine."""

    def __init__(self, port: int, name: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._got = bytearray()
        # clean session, and no keeping alive: nobody else has the time for it
        self._socket.sendall(packet(CONNECT, _text("MQTT") + b"\x04\x02\x00\x00" + _text(name)))
        self._until(CONNACK)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._socket.sendall(packet(DISCONNECT, b""))
        self._socket.close()

    def listen(self, *filters: str) -> None:
        """Listen to topics from now on."""
        asked = b"".join(_text(one) + b"\x00" for one in filters)
        self._socket.sendall(packet(SUBSCRIBE, b"\x00\x01" + asked))
        self._until(SUBACK)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish a message."""
        self._socket.sendall(message(topic, payload, retain=retain))

    def send(self, messages: bytes) -> None:
        """Send messages that were made before."""
        self._socket.sendall(messages)

    def hear(self, seconds: float) -> tuple[str, bytes] | None:
        """Return the next message, or None if none comes in time."""
        self._socket.settimeout(seconds)
        try:
            while True:
                kind, body = self._next()
                if kind & 0xF0 == PUBLISH:
                    (size,) = struct.unpack_from(">H", body)
                    return body[2 : 2 + size].decode(), bytes(body[2 + size :])
        except TimeoutError:
            return None

    def _until(self, wanted: int) -> None:
        while self._next()[0] != wanted:
            pass

    def _next(self) -> tuple[int, bytes]:
        while True:
            size, at, shift = 0, 1, 0
            while at < len(self._got):
                size |= (self._got[at] & 127) << shift
                at, shift = at + 1, shift + 7
                if not self._got[at - 1] & 128:
                    break
            else:
                size = -1
            if size >= 0 and len(self._got) >= at + size:
                kind, body = self._got[0], bytes(self._got[at : at + size])
                del self._got[: at + size]
                return kind, body
            came = self._socket.recv(1 << 16)
            if not came:
                raise ConnectionError("the broker has hung up")
            self._got += came


def message(topic: str, payload: bytes, *, retain: bool = False) -> bytes:
    """Return a message as it goes over the line."""
    return packet(PUBLISH | retain, _text(topic) + payload)


def packet(kind: int, body: bytes) -> bytes:
    """Return a packet as it goes over the line."""
    size, length = len(body), bytearray()
    while True:
        size, rest = divmod(size, 128)
        length.append(rest | (128 if size else 0))
        if not size:
            return bytes([kind]) + bytes(length) + body


def _text(text: str) -> bytes:
    told = text.encode()
    return struct.pack(">H", len(told)) + told
