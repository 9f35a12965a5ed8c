"""Give a folder away over HTTP as real servers do, and as they do on their bad days."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Server:
    """A server on loopback.

    `instead` maps the end of a path to what is sent for it: other bytes, or a status. A line breaks after
    `breaks_after` bytes of a file; `pause_s` is waited after each byte of a target. `sent` counts bytes, and
    `asked` keeps each path with its range.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.instead: dict[str, bytes | int] = {}
        self.breaks_after: int | None = None
        self.pause_s = 0.0
        self.ranges = True
        self.sent = 0
        self.asked: list[tuple[str, str]] = []
        self._server = _Quiet(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, asked: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body for a path and a range."""
        self.asked.append((path, asked))
        instead = next((of for end, of in self.instead.items() if path.endswith(end)), None)
        file = self.folder / path.lstrip("/")
        if isinstance(instead, int):
            return instead, {}, b""
        if instead is None and not file.is_file():
            return 404, {}, b""
        whole = instead if instead is not None else file.read_bytes()
        if not asked or not self.ranges:
            return 200, {}, whole
        begin = int(asked.removeprefix("bytes=").rstrip("-"))
        if begin >= len(whole):
            return 416, {}, b""
        return 206, {"Content-Range": f"bytes {begin}-{len(whole) - 1}/{len(whole)}"}, whole[begin:]


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that go."""


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            status, headers, body = server.answer(self.path, self.headers.get("Range", ""))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            sent = body[: server.breaks_after]
            server.sent += len(sent)
            try:
                self._send(sent)
            except OSError:
                return
            if len(sent) < len(body):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

        def _send(self, body: bytes) -> None:
            if not server.pause_s or "/targets/" not in self.path:
                self.wfile.write(body)
                self.wfile.flush()
                return
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(server.pause_s)

    return Handler
