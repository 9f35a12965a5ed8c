"""Wyoming, the protocol of Home Assistant's voice assistants, over TCP.

One thread serves all connections, so none of them waits for a slow one. Whoever sends nonsense, or nothing
for long, or does not listen is hung up on.
"""

from __future__ import annotations

import logging
import os
import socket
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import cache
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from threading import Thread
from time import monotonic
from typing import Any

from edge_nlu.errors import SettingsError
from edge_nlu.hub.answers import busy
from edge_nlu.hub.desk import Answer, Request
from edge_nlu.hub.ears import Ask, clean
from edge_nlu.hub.ears.frames import Frames, as_table, frame
from edge_nlu.hub.parts import version
from edge_nlu.transport.broker import Heard
from edge_nlu.values import Understanding

log = logging.getLogger(__name__)

MOST_UNREAD = 256 << 10
MOST_UNANSWERED = 16
IDLE_S = 300.0
HANDLED = ("act", "answer", "ask")
LONGEST_NAME = 200


class _Line:
    """One connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.frames = Frames()
        self.out = bytearray()
        self.used = monotonic()
        self.waiting: dict[object, tuple[float, dict[str, Any]]] = {}


class WyomingEar:
    """The ear on a TCP port."""

    def __init__(
        self, host: str, port: int, *, satellites: Collection[str] = (), most: int = 32, wait_s: float = 10.0
    ) -> None:
        self._host, self._port = host, port
        self._satellites = frozenset(satellites)
        self._most = most
        self._wait_s = wait_s
        self._lines: dict[int, _Line] = {}
        self._done: deque[Callable[[], None]] = deque()
        self._select = DefaultSelector()
        self._door: socket.socket | None = None
        self._bell, self._rope = socket.socketpair()
        self._ask: Ask | None = None
        self._thread: Thread | None = None
        self._stopping = False

    @property
    def port(self) -> int:
        """Return the port that it listens on."""
        return int(self._door.getsockname()[1]) if self._door is not None else self._port

    def topics(self) -> tuple[str, ...]:
        """Return no topics: requests come in over TCP."""
        return ()

    def hear(self, heard: Heard) -> None:
        """Hear nothing from the broker."""

    def answered(self, request: Request, answer: Answer) -> None:
        """Leave answers to others alone."""

    def start(self, ask: Ask) -> None:
        """Open the port."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            self._door = socket.create_server((self._host, self._port), family=family, backlog=self._most)
        except OSError as error:
            raise SettingsError(
                "ears.wyoming.port",
                f"{self._host}:{self._port} ({os.strerror(error.errno or 0)})",
                "a port that is free here",
            ) from error
        self._ask = ask
        for sock in (self._door, self._bell, self._rope):
            sock.setblocking(False)
        self._select.register(self._door, EVENT_READ)
        self._select.register(self._bell, EVENT_READ)
        self._thread = Thread(target=self._serve, name="wyoming", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the port and all connections."""
        self._stopping = True
        self._ring()
        if self._thread is not None:
            self._thread.join(2.0)

    # ------------------------------------------------------------------------------ one thread

    def _serve(self) -> None:
        while not self._stopping:
            for key, events in self._select.select(1.0):
                if key.fileobj is self._door:
                    self._take_in()
                elif key.fileobj is self._bell:
                    self._bell.recv(4096)
                elif (line := self._lines.get(key.fd)) is not None:
                    self._attend(line, events)
            while self._done:
                self._done.popleft()()
            self._hang_up_on_idle()
        for line in list(self._lines.values()):
            self._hang_up(line)
        self._select.close()
        for sock in (self._door, self._bell, self._rope):
            if sock is not None:
                sock.close()

    def _take_in(self) -> None:
        try:
            sock, _ = self._door.accept() if self._door is not None else (None, None)
        except OSError:
            return
        if sock is None:
            return
        if len(self._lines) >= self._most:
            # whoever has been silent for longest has least to lose
            self._hang_up(min(self._lines.values(), key=lambda line: (bool(line.waiting), line.used)))
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines[sock.fileno()] = _Line(sock)
        self._select.register(sock, EVENT_READ)

    def _attend(self, line: _Line, events: int) -> None:
        try:
            if events & EVENT_WRITE:
                self._write(line)
            if events & EVENT_READ:
                more = line.sock.recv(65536)
                if not more:
                    self._hang_up(line)
                    return
                line.used = monotonic()
                for kind, data in line.frames.feed(more):
                    self._take(line, kind, data)
        except BlockingIOError:
            return
        except (OSError, ValueError, RecursionError) as error:
            log.debug("hung up on a Wyoming client: %s", error)
            self._hang_up(line)

    def _take(self, line: _Line, kind: str, data: dict[str, Any]) -> None:
        if kind == "describe":
            self._send(line, "info", _info())
        elif kind == "ping":
            self._send(line, "pong", {"text": data.get("text")})
        elif kind == "transcript" and self._ask is not None:
            self._take_sentence(line, self._ask, data)

    def _take_sentence(self, line: _Line, ask: Ask, data: dict[str, Any]) -> None:
        text, context = data.get("text"), as_table(data.get("context"))
        if not isinstance(text, str):
            raise ValueError("a transcript without a text")
        if len(line.waiting) >= MOST_UNANSWERED:
            raise ValueError("too many sentences at once")
        ticket = object()
        line.waiting[ticket] = (monotonic() + self._wait_s, context)

        def reply(answer: Answer, _: Understanding | None) -> None:
            self._done.append(lambda: self._answer(line, ticket, answer))
            self._ring()

        ask(clean(text), reply, satellite=self._satellite(context))

    def _satellite(self, context: dict[str, Any]) -> str:
        """Return who was spoken to: the id that our settings know, else the satellite's own."""
        found = [context.get(name) for name in ("satellite_id", "device_id")]
        ids = [clean(one) for one in found if isinstance(one, str) and 0 < len(one) <= LONGEST_NAME]
        return next((one for one in ids if one in self._satellites), ids[0] if ids else "")

    def _answer(self, line: _Line, ticket: object, answer: Answer) -> None:
        waited = line.waiting.pop(ticket, None)
        # a line that was hung up on, or an answer that comes after the answer
        if waited is None or self._lines.get(line.sock.fileno()) is not line:
            return
        said = {"text": answer["say"], "context": waited[1]} if waited[1] else {"text": answer["say"]}
        try:
            self._send(line, "handled" if answer["decision"] in HANDLED else "not-handled", said)
        except OSError:
            self._hang_up(line)

    def _send(self, line: _Line, kind: str, data: dict[str, Any]) -> None:
        line.out += frame(kind, data)
        if len(line.out) > MOST_UNREAD:
            raise OSError("does not listen")
        self._write(line)

    def _write(self, line: _Line) -> None:
        with suppress(BlockingIOError):
            del line.out[: line.sock.send(line.out)]
        self._select.modify(line.sock, EVENT_READ | EVENT_WRITE if line.out else EVENT_READ)

    def _hang_up(self, line: _Line) -> None:
        if self._lines.pop(line.sock.fileno(), None) is not None:
            self._select.unregister(line.sock)
            line.waiting.clear()
            line.sock.close()

    def _hang_up_on_idle(self) -> None:
        now = monotonic()
        for line in list(self._lines.values()):
            for ticket in [one for one, (until, _) in line.waiting.items() if until < now]:
                self._answer(line, ticket, busy(""))
            if not line.waiting and now - line.used > IDLE_S:
                self._hang_up(line)

    def _ring(self) -> None:
        """Let the thread look around; a rope that was pulled often enough already rings."""
        try:
            self._rope.send(b"!")
        except OSError:
            return


@cache
def _info() -> dict[str, Any]:
    own = {
        "name": "edge-nlu",
        "attribution": {"name": "edge-nlu", "url": ""},
        "installed": True,
        "description": "Understands what people say at home, on the hub itself",
        "version": version(),
    }
    return {"handle": [{**own, "models": [{**own, "languages": ["en"]}], "supports_home_control": True}]}
