"""Let homes in by HTTPS, each by its certificate, and nobody else; what they ask and answer is in `tasks.py`.

    POST /task           a home tells what it could learn from, and gets a task (200) or none (204)
    PUT  /updates/KEY    the home's answer: taken or known (200), late (410), refused (422, a sentence)

One request to a connection. Whoever is slow is cut off after a while, however slowly they go on, and whoever
did not show a certificate first; so nobody who keeps connections open keeps the others out.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Final

from edge_nlu.errors import RoundRefusedError, StorageError
from edge_nlu.fleet.certificates import CA, SERVER, SERVER_KEY, Known
from edge_nlu.fleet.tasks import LATE, Offer, Tasks
from edge_nlu.wire import HEADS
from edge_nlu.wire.rounds import KEY_HEADER, LARGEST_BYTES

MOST_CONNECTIONS: Final = 64
LONGEST_S: Final = 30.0
"""A connection is cut after so long; an update goes over a slow line in a third of it."""

UNKNOWN_LONGEST_S: Final = 5.0
"""And after so long while nobody has shown a certificate."""

LOOK_S: Final = 0.2
LARGEST_OFFER: Final = 4096
_KEY: Final = re.compile(r"/updates/([0-9a-f]{32})")

log = logging.getLogger("edge_nlu.fleet")


@dataclass(slots=True)
class _Guest:
    """A connection: since when, and whether it has shown a certificate."""

    since_s: float
    shown: bool = False


class Door(ThreadingHTTPServer):
    """An open port; port 0 takes any that is free."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        tasks: Tasks,
        certificates: Path,
        *,
        host: str,
        port: int,
        longest_s: float = LONGEST_S,
        unknown_longest_s: float = UNKNOWN_LONGEST_S,
    ) -> None:
        self.tasks = tasks
        self.known = Known(certificates)
        self._longest = {True: longest_s, False: unknown_longest_s}
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_3
        self._tls.verify_mode = ssl.CERT_REQUIRED
        self._tls.load_verify_locations(certificates / CA)
        self._tls.load_cert_chain(certificates / SERVER, certificates / SERVER_KEY)
        self._guests: dict[socket.socket, _Guest] = {}
        self._lock = Lock()
        super().__init__((host, port), _Handler)
        Thread(target=self.serve_forever, args=(LOOK_S,), name="door", daemon=True).start()

    @property
    def port(self) -> int:
        """Return the port that is open."""
        return int(self.server_address[1])

    def close(self) -> None:
        """Let nobody in any more."""
        self.shutdown()
        self.server_close()
        for guest in self._after(0.0):
            _cut(guest)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Let somebody in; where it is full, whoever has not shown a certificate for longest goes."""
        with self._lock:
            full = len(self._guests) >= MOST_CONNECTIONS
            strangers = [one for one, guest in self._guests.items() if not guest.shown]
            goes = min(strangers, key=lambda one: self._guests[one].since_s) if full and strangers else None
            if not full or goes is not None:
                self._guests[request] = _Guest(time.monotonic())
        if goes is not None:
            _cut(goes)
        if full and goes is None:
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Have a certificate shown, and answer; in a thread of its own, as strangers may take their time."""
        request.settimeout(self._longest[False])
        # under the same number the connection is known, and can be cut, while it becomes a private one
        with (
            suppress(ssl.SSLError, OSError),
            self._tls.wrap_socket(request.dup(), server_side=True) as private,
        ):
            with self._lock:
                if request in self._guests:
                    self._guests[request].shown = True
            private.settimeout(self._longest[True])
            self.RequestHandlerClass(private, client_address, self)  # type: ignore[arg-type]

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        with self._lock:
            self._guests.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Cut off whoever takes too long; called every `LOOK_S`."""
        for one in self._after(None):
            _cut(one)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - nobody is named
        """Say that a request broke; the others go on."""
        log.exception("a request broke")

    def _after(self, longest_s: float | None) -> list[socket.socket]:
        now = time.monotonic()
        with self._lock:
            return [
                one
                for one, guest in self._guests.items()
                if now - guest.since_s >= (self._longest[guest.shown] if longest_s is None else longest_s)
            ]


def _cut(guest: socket.socket) -> None:
    """End a connection from outside; the thread that waits for it wakes up."""
    with suppress(OSError):
        guest.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One request of one home."""

    server: Door
    server_version = "edge-nlu"
    sys_version = ""
    timeout = None

    def do_POST(self) -> None:
        if (hub := self._hub()) is None or (body := self._body(LARGEST_OFFER)) is None:
            return None
        if self.path != "/task":
            return self._say(HTTPStatus.NOT_FOUND, f"no {self.path} here; POST /task, or PUT /updates/KEY")
        try:
            found = self.server.tasks.next_for(hub, _offer(body))
        except RoundRefusedError as error:
            return self._say(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        if found is None:
            return self._say(HTTPStatus.NO_CONTENT)
        key, task = found
        return self._say(HTTPStatus.OK, task.to_bytes(), {KEY_HEADER: key})

    def do_PUT(self) -> None:
        if (hub := self._hub()) is None or (body := self._body(LARGEST_BYTES)) is None:
            return None
        named = _KEY.fullmatch(self.path)
        if named is None:
            return self._say(HTTPStatus.NOT_FOUND, f"no {self.path} here; POST /task, or PUT /updates/KEY")
        try:
            came = self.server.tasks.answer(hub, named[1], body)
        except RoundRefusedError as error:
            log.warning("%s: %s", hub, error)
            return self._say(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        return self._say(HTTPStatus.GONE if came == LATE else HTTPStatus.OK, came)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep addresses of homes out of the log."""

    def handle(self) -> None:
        """Answer, and say where it cannot be written down."""
        try:
            super().handle()
        except StorageError as error:
            log.error("%s", error)
            self._say(HTTPStatus.SERVICE_UNAVAILABLE, "the server cannot write; ask again later")
        except (OSError, ValueError):
            pass  # cut off, by us or by them

    def _hub(self) -> str | None:
        """Return which home it is; who is not known, or no longer, is told so and let out."""
        shown = self.connection.getpeercert(binary_form=True) or b""
        if name := self.server.known.name_of(shown):
            return name
        self._say(HTTPStatus.FORBIDDEN, "this certificate is not known here, or no longer")
        return None

    def _body(self, most: int) -> bytes | None:
        told = self.headers.get("Content-Length", "")
        if not told.isascii() or not told.isdigit():
            self._say(HTTPStatus.LENGTH_REQUIRED, "how long is it? Content-Length tells")
            return None
        if len(told) > 10 or int(told) > most:
            self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{told[:20]} bytes, {most} at most")
            return None
        body = self.rfile.read(int(told))
        return body if len(body) == int(told) else None

    def _say(self, status: HTTPStatus, what: str | bytes = b"", also: dict[str, str] | None = None) -> None:
        body = what.encode() if isinstance(what, str) else what
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), "Connection": "close", **(also or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _offer(body: bytes) -> Offer:
    expected = "a pack, and for each head how many lessons"
    try:
        told = json.loads(body)
        pack, lessons = told["pack"], told["lessons"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RoundRefusedError("offer", f"{body[:40]!r}", expected) from error
    sound = isinstance(pack, str) and isinstance(lessons, dict) and set(lessons) <= set(HEADS)
    if not sound or not all(type(count) is int and 0 <= count <= 1 << 30 for count in lessons.values()):
        raise RoundRefusedError("offer", f"{body[:40]!r}", expected)
    return Offer(pack, lessons)
