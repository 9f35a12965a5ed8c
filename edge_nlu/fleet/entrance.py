"""An open port that lets homes in by HTTPS, each by its certificate, and nobody else.

One request to a connection. A home may hold a few connections at once; where it opens another, its oldest
ends. Whoever is slow is cut off after a while, however slowly they go on, and sooner who is not known: who
has shown no certificate yet, or one that is not written down, or no longer. Where it is full, those make
room. So nobody who keeps connections open keeps the homes out.

What is answered is the matter of who inherits: an `Entrance` with a `Visit` that has `do_POST` and the like.
"""

from __future__ import annotations

import logging
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

from edge_nlu.errors import StorageError
from edge_nlu.fleet.certificates import CA, SERVER, SERVER_KEY, Known

MOST_CONNECTIONS: Final = 64
MOST_OF_A_HOME: Final = 2
LONGEST_S: Final = 30.0
"""A connection is cut after so long; an update goes over a slow line in a third of it."""

UNKNOWN_LONGEST_S: Final = 5.0
"""And after so long while nobody who is known has shown a certificate."""

LOOK_S: Final = 0.2

log = logging.getLogger("edge_nlu.fleet")


@dataclass(slots=True)
class _Guest:
    """A connection: since when, and which home's; "" is one that may not come in, None not known yet."""

    since_s: float
    home: str | None = None


class Entrance(ThreadingHTTPServer):
    """An open port; port 0 takes any that is free. Nobody is let in before `open`."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        visit: type[Visit],
        certificates: Path,
        *,
        host: str,
        port: int,
        longest_s: float = LONGEST_S,
        unknown_longest_s: float = UNKNOWN_LONGEST_S,
    ) -> None:
        self.known = Known(certificates)
        self._longest = {True: longest_s, False: unknown_longest_s}
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_3
        self._tls.verify_mode = ssl.CERT_REQUIRED
        self._tls.load_verify_locations(certificates / CA)
        self._tls.load_cert_chain(certificates / SERVER, certificates / SERVER_KEY)
        self._guests: dict[socket.socket, _Guest] = {}
        self._lock = Lock()
        super().__init__((host, port), visit)

    @property
    def port(self) -> int:
        """Return the port that is open."""
        return int(self.server_address[1])

    def open(self) -> None:
        """Let homes in from now on, in a thread of its own."""
        Thread(target=self.serve_forever, args=(LOOK_S,), name="entrance", daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more."""
        self.shutdown()
        self.server_close()
        with self._lock:
            _cut(*self._guests)

    def home_of(self, private: ssl.SSLSocket) -> str:
        """Return the name of the home at the other end, or "" where it may not come in."""
        return self.known.name_of(private.getpeercert(binary_form=True) or b"")

    def process_request(self, request: Any, client_address: Any) -> None:
        """Let somebody in; where it is full, the oldest who is not known goes."""
        with self._lock:
            # who showed what counts for nothing goes before who may still be about to show something
            strangers = [
                (guest.home is None, guest.since_s, one)
                for one, guest in self._guests.items()
                if not guest.home
            ]
            full = len(self._guests) >= MOST_CONNECTIONS
            if full and strangers:
                _cut(goes := min(strangers, key=lambda one: one[:2])[2])
                del self._guests[goes]
            if has_room := not full or bool(strangers):
                self._guests[request] = _Guest(time.monotonic())
        if has_room:
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Have a certificate shown, and answer; in a thread of its own, as strangers may take their time."""
        request.settimeout(self._longest[False])
        # under the same number the connection is known, and can be cut, while it becomes a private one
        with (
            suppress(ssl.SSLError, OSError),
            self._tls.wrap_socket(request.dup(), server_side=True) as private,
        ):
            home = self.home_of(private)
            self._knows(request, home)
            private.settimeout(self._longest[bool(home)])
            self.RequestHandlerClass(private, client_address, self)  # type: ignore[arg-type]

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        with self._lock:
            self._guests.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Cut off whoever takes too long; called every `LOOK_S`."""
        now = time.monotonic()
        with self._lock:
            _cut(
                *(
                    one
                    for one, guest in self._guests.items()
                    if now - guest.since_s >= self._longest[bool(guest.home)]
                )
            )

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - nobody is named
        """Say that a request broke; the others go on."""
        log.exception("a request broke")

    def _knows(self, request: socket.socket, home: str) -> None:
        """Write down whose connection it is; of too many of one home, the oldest goes."""
        with self._lock:
            if request not in self._guests:
                return  # cut off in the meantime
            self._guests[request].home = home
            own = [one for one, guest in self._guests.items() if home and guest.home == home]
            for one in own[:-MOST_OF_A_HOME]:
                _cut(one)
                del self._guests[one]


class Visit(BaseHTTPRequestHandler):
    """One request of one home."""

    server: Entrance
    connection: ssl.SSLSocket
    server_version = "edge-nlu"
    sys_version = ""
    timeout = None

    def handle(self) -> None:
        """Answer, and say where it cannot be written down."""
        try:
            super().handle()
        except StorageError as error:
            log.error("%s", error)
            self.say(HTTPStatus.SERVICE_UNAVAILABLE, "the server cannot write; ask again later")
        except (OSError, ValueError):
            pass  # cut off, by us or by them

    def home(self) -> str | None:
        """Return which home it is; who is not known, or no longer, is told so and let out."""
        if name := self.server.home_of(self.connection):
            return name
        self.say(HTTPStatus.FORBIDDEN, "this certificate is not known here, or no longer")
        return None

    def body(self, most: int) -> bytes | None:
        """Return what was sent; None, and the reason is told, where it has no length or is too long."""
        told = self.headers.get("Content-Length", "")
        if not told.isascii() or not told.isdigit():
            self.say(HTTPStatus.LENGTH_REQUIRED, "how long is it? Content-Length tells")
            return None
        if len(told) > 10 or int(told) > most:
            self.say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{told[:20]} bytes, {most} at most")
            return None
        body = self.rfile.read(int(told))
        return body if len(body) == int(told) else None

    def say(self, status: HTTPStatus, what: str | bytes = b"", also: dict[str, str] | None = None) -> None:
        """Answer, with further headers."""
        body = what.encode() if isinstance(what, str) else what
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), "Connection": "close", **(also or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep addresses of homes out of the log."""


def _cut(*guests: socket.socket) -> None:
    """End connections from outside; the threads that wait for them wake up."""
    for one in guests:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
