"""Take in what homes send: one `POST` an item, answered once it is kept. `entrance.py` knows who they are.

It is the other end of `sync.inbox`. Whatever arrives whole from a home that may come in is answered with 200,
also what is late or refused, so that no home sends it for ever.
"""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import time
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Final

from edge_nlu.errors import EdgeNluError
from edge_nlu.fleet.entrance import Entrance, Visit
from edge_nlu.fleet.mining.collected import Collected
from edge_nlu.wire.outgoing import KINDS, LARGEST_BYTES, Item

_KEY: Final = re.compile(r"[0-9a-f]{32}")

log = logging.getLogger("edge_nlu.fleet")


class Inbox(Entrance):
    """An open port that keeps items in a folder, of the homes whose certificates are known."""

    def __init__(self, folder: Path, certificates: Path, host: str, port: int) -> None:
        super().__init__(_Visit, certificates, host=host, port=port)
        folder.mkdir(parents=True, exist_ok=True)
        self._collected = Collected(folder, str(self.port), time.time)
        self._taking = Lock()

    def take(self, item: Item, home: str) -> str:
        """Take a home's item in, and return what became of it."""
        with self._taking:
            came = self._collected.take(item, home)
        log.info("%s: %s", item.kind, came)
        return came

    def server_close(self) -> None:
        """Let nobody in any more, and close the file."""
        super().server_close()
        with self._taking:
            self._collected.close()


class _Visit(Visit):
    server: Inbox

    def do_POST(self) -> None:  # noqa: N802 - called so by the library
        if (home := self.home()) is None or (body := self.body(LARGEST_BYTES)) is None:
            return None
        key, kind = (self.headers.get(name, "") for name in ("Idempotency-Key", "Edge-Nlu-Kind"))
        if not (_KEY.fullmatch(key) and kind in KINDS):
            return self.say(HTTPStatus.BAD_REQUEST, "no key or kind")
        try:
            came = self.server.take(Item(key, kind, body), home)
        except (sqlite3.Error, OSError, EdgeNluError):
            log.exception("an item could not be kept")
            return self.say(HTTPStatus.SERVICE_UNAVAILABLE, "try again later")
        return self.say(HTTPStatus.OK, json.dumps({"came": came}))
