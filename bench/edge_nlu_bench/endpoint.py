"""A model endpoint of our own that speaks the OpenAI-compatible protocol, and has bad days.

It answers as it is told beforehand, by what is in the question. On a bad day it is slow, hangs, drips, breaks
off, sends megabytes, talks nonsense or calls what was never offered; what it was asked it remembers.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Final

Say = Mapping[str, Any]

SLOW_S: Final = 20.0
"""So long a slow day lasts, which nobody waits for."""

HUGE: Final = b'{"choices": [{"message": {"content": "' + 2_000_000 * b"word " + b'"}}]}'

NONSENSE: Final[Mapping[str, bytes]] = {
    "not json": b"<html><body>504 from a proxy that says 200</body></html>",
    "empty": b"",
    "half": b'{"choices": [{"message": {"content": "I',
    "another schema": b'{"result": "ok", "data": [1, 2, 3]}',
    "a list": b"[" * 5000,
    "a number for words": b'{"choices": [{"message": {"content": 42}}]}',
    "no choices": b'{"choices": []}',
    "arguments not json": b'{"choices": [{"message": {"tool_calls": [{"function":'
    b' {"name": "on", "arguments": "turn it on!"}}]}}]}',
    "not offered": b'{"choices": [{"message": {"tool_calls": [{"function":'
    b' {"name": "publish", "arguments": "{\\"topic\\": \\"zigbee2mqtt/front_door/set\\"}"}}]}}]}',
    "a slot of its own": b'{"choices": [{"message": {"tool_calls": [{"function": {"name": "on", "arguments":'
    b' "{\\"property\\": \\"power\\", \\"topic\\": \\"zigbee2mqtt/lamp/set\\"}"}}]}}]}',
    "a wrong property": b'{"choices": [{"message": {"tool_calls": [{"function": {"name": "lock", "arguments":'
    b' "{\\"property\\": \\"color\\"}"}}]}}]}',
    "yes to its own question": b'{"choices": [{"message": {"tool_calls": [{"function":'
    b' {"name": "confirm", "arguments": "{\\"property\\": \\"unsaid\\"}"}}]}}]}',
    "not utf-8": b'{"choices": [{"message": {"content": "\xff\xfe"}}]}',
}


class Endpoint:
    """The endpoint: `day` is how it does today, `answer` makes of a question what it says."""

    def __init__(self) -> None:
        self.day = "good"
        self.bad_until = 0
        self.heard: list[dict[str, Any]] = []
        self.answer: Callable[[str], Say] = lambda _: said("I do not know.")
        self.over = Event()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # the end of an answer would wait for word that its beginning came
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                endpoint.heard.append({"path": self.path, "headers": dict(self.headers), "body": body})
                endpoint.serve(self, body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def start(self) -> Endpoint:
        """Serve from now on."""
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        """Refuse connections from now on."""
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    def serve(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """Answer one request as is the way of the day."""
        day = self.day if not self.bad_until or len(self.heard) <= self.bad_until else "good"
        # whoever asked may be gone by then
        try:
            _DAYS.get(day, _good)(self, handler, body)
        except OSError:
            handler.close_connection = True

    def words_of(self, number: int = -1) -> str:
        """Return the sentence of a question that was asked here."""
        asked: dict[str, Any] = json.loads(self.heard[number]["body"])
        return str(asked["messages"][-1]["content"] if "messages" in asked else asked["text"])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing of those who hung up."""


def said(words: str) -> Say:
    """Return an answer in words."""
    return {"choices": [{"message": {"role": "assistant", "content": words}}]}


def called(*functions: tuple[str, Mapping[str, str]]) -> Say:
    """Return an answer that calls functions."""
    calls = [{"function": {"name": name, "arguments": json.dumps(slots)}} for name, slots in functions]
    return {"choices": [{"message": {"role": "assistant", "content": None, "tool_calls": calls}}]}


@contextmanager
def black_hole() -> Iterator[str]:
    """Yield an address at which connections never come about."""
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        # whoever comes after these waits for ever
        filling = [socket.socket() for _ in range(4)]
        for one in filling:
            one.setblocking(False)
            one.connect_ex(hole.getsockname())
        yield f"http://127.0.0.1:{hole.getsockname()[1]}/v1"
        for one in filling:
            one.close()


def _send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _good(endpoint: Endpoint, handler: BaseHTTPRequestHandler, body: bytes) -> None:
    asked = json.loads(body)
    text = asked["messages"][-1]["content"] if "messages" in asked else asked["text"]
    _send(handler, json.dumps(endpoint.answer(text)).encode())


def _slow(endpoint: Endpoint, handler: BaseHTTPRequestHandler, body: bytes) -> None:
    endpoint.over.wait(SLOW_S)
    _good(endpoint, handler, body)


def _first_slow(endpoint: Endpoint, handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """Let the first who asks wait, and no other."""
    (_slow if len(endpoint.heard) == 1 else _good)(endpoint, handler, body)


def _drips(endpoint: Endpoint, handler: BaseHTTPRequestHandler, _: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    end = time.monotonic() + SLOW_S
    while time.monotonic() < end and not endpoint.over.wait(0.05):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def _drips_headers(endpoint: Endpoint, handler: BaseHTTPRequestHandler, _: bytes) -> None:
    end = time.monotonic() + SLOW_S
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while time.monotonic() < end and not endpoint.over.wait(0.05):
        handler.wfile.write(b".")
        handler.wfile.flush()


def _huge(_: Endpoint, handler: BaseHTTPRequestHandler, __: bytes) -> None:
    _send(handler, HUGE)


def _breaks_off(_: Endpoint, handler: BaseHTTPRequestHandler, __: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.close_connection = True


def _hangs_up(_: Endpoint, handler: BaseHTTPRequestHandler, __: bytes) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def _elsewhere(_: Endpoint, handler: BaseHTTPRequestHandler, __: bytes) -> None:
    handler.send_response(307)
    handler.send_header("Location", "/v1/elsewhere")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def _status(status: int) -> Callable[[Endpoint, BaseHTTPRequestHandler, bytes], None]:
    return lambda _, handler, __: _send(handler, b'{"error": {"message": "no"}}', status)


def _nonsense(body: bytes) -> Callable[[Endpoint, BaseHTTPRequestHandler, bytes], None]:
    return lambda _, handler, __: _send(handler, body)


_DAYS: Final[Mapping[str, Callable[[Endpoint, BaseHTTPRequestHandler, bytes], None]]] = {
    "good": _good,
    "slow": _slow,
    "first slow": _first_slow,
    "drips": _drips,
    "drips headers": _drips_headers,
    "huge": _huge,
    "breaks off": _breaks_off,
    "hangs up": _hangs_up,
    "elsewhere": _elsewhere,
    "out of order": _status(503),
    "too many": _status(429),
    "wrong token": _status(401),
    **{day: _nonsense(body) for day, body in NONSENSE.items()},
}
BAD_DAYS: Final = tuple(day for day in _DAYS if day not in ("good", "first slow"))
