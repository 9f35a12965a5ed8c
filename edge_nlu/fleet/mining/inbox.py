"""Take in what homes send, behind a server that ends TLS: one `POST` an item, answered once it is kept.

It is the other end of `sync.inbox`. Whatever arrives whole is answered with 200, also what is late or
refused, so that no home sends it for ever; who sent it is not written down.
"""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any, Final

from edge_nlu.errors import EdgeNluError
from edge_nlu.fleet.mining.collected import Collected
from edge_nlu.wire.outgoing import KINDS, Item
from edge_nlu.wire.pairs import LARGEST_BYTES

LONGEST_S: Final = 30.0
_KEY: Final = re.compile(r"[0-9a-f]{32}")

log = logging.getLogger("edge_nlu.fleet")


class Inbox(ThreadingHTTPServer):
    """An open port that keeps items in a folder."""

    daemon_threads = True

    def __init__(self, folder: Path, host: str, port: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__((host, port), _Handler)
        self._collected = Collected(folder, str(self.server_address[1]), time.time)
        self._lock = Lock()

    def take(self, item: Item) -> str:
        """Take an item in, and return what became of it."""
        with self._lock:
            came = self._collected.take(item)
        log.info("%s: %s", item.kind, came)
        return came

    def server_close(self) -> None:
        """Let nobody in any more, and close the file."""
        super().server_close()
        self._collected.close()


class _Handler(BaseHTTPRequestHandler):
    server: Inbox
    timeout = LONGEST_S

    def do_POST(self) -> None:
        key, kind = (self.headers.get(name, "") for name in ("Idempotency-Key", "Edge-Nlu-Kind"))
        size = self.headers.get("Content-Length", "")
        if not (_KEY.fullmatch(key) and kind in KINDS and size.isdecimal()):
            return self._answer(HTTPStatus.BAD_REQUEST, "no key, kind or length")
        if int(size) > LARGEST_BYTES:
            return self._answer(HTTPStatus.OK, f"refused: {size} bytes, expected {LARGEST_BYTES} at most")
        body = self.rfile.read(int(size))
        if len(body) < int(size):
            return self._answer(HTTPStatus.BAD_REQUEST, "cut short")
        try:
            return self._answer(HTTPStatus.OK, self.server.take(Item(key, kind, body)))
        except (sqlite3.Error, OSError, EdgeNluError):
            log.exception("an item could not be kept")
            return self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "try again later")

    def _answer(self, status: HTTPStatus, came: str) -> None:
        body = json.dumps({"came": came}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Write down no addresses."""
