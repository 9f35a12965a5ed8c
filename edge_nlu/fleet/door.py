"""Let homes take part in rounds; who may come in is the matter of `entrance.py`, what they get of `tasks.py`.

POST /task           a home tells what it could learn from, and gets a task (200) or none (204)
PUT  /updates/KEY    the home's answer: taken or known (200), late (410), refused (422, a sentence)
"""

from __future__ import annotations

import json
import logging
import re
from http import HTTPStatus
from pathlib import Path
from typing import Final

from edge_nlu.errors import RoundRefusedError
from edge_nlu.fleet.entrance import Entrance, Visit
from edge_nlu.fleet.tasks import LATE, Offer, Tasks
from edge_nlu.wire import HEADS
from edge_nlu.wire.lessons import MOST
from edge_nlu.wire.rounds import KEY_HEADER, LARGEST_BYTES

LARGEST_OFFER: Final = 4096
_KEY: Final = re.compile(r"/updates/([0-9a-f]{32})")

log = logging.getLogger("edge_nlu.fleet")


class Door(Entrance):
    """An open door; it lets homes in at once."""

    def __init__(self, tasks: Tasks, certificates: Path, *, host: str, port: int, **longest_s: float) -> None:
        self.tasks = tasks
        super().__init__(_Visit, certificates, host=host, port=port, **longest_s)
        self.open()


class _Visit(Visit):
    server: Door

    def do_POST(self) -> None:  # noqa: N802 - called so by the library
        if (hub := self.home()) is None or (body := self.body(LARGEST_OFFER)) is None:
            return None
        if self.path != "/task":
            return self.say(HTTPStatus.NOT_FOUND, f"no {self.path} here; POST /task, or PUT /updates/KEY")
        try:
            found = self.server.tasks.next_for(hub, _offer(body))
        except RoundRefusedError as error:
            return self.say(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        if found is None:
            return self.say(HTTPStatus.NO_CONTENT)
        key, task = found
        return self.say(HTTPStatus.OK, task.to_bytes(), {KEY_HEADER: key})

    def do_PUT(self) -> None:  # noqa: N802 - called so by the library
        if (hub := self.home()) is None or (body := self.body(LARGEST_BYTES)) is None:
            return None
        named = _KEY.fullmatch(self.path)
        if named is None:
            return self.say(HTTPStatus.NOT_FOUND, f"no {self.path} here; POST /task, or PUT /updates/KEY")
        try:
            came = self.server.tasks.answer(hub, named[1], body)
        except RoundRefusedError as error:
            log.warning("%s: %s", hub, error)
            return self.say(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        return self.say(HTTPStatus.GONE if came == LATE else HTTPStatus.OK, came)


def _offer(body: bytes) -> Offer:
    expected = f"a pack, and for each head how many lessons, {MOST} at most"
    try:
        told = json.loads(body)
        pack, lessons = told["pack"], told["lessons"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RoundRefusedError("offer", f"{body[:40]!r}", expected) from error
    sound = isinstance(pack, str) and isinstance(lessons, dict) and set(lessons) <= set(HEADS)
    if not sound or not all(type(count) is int and 0 <= count <= MOST for count in lessons.values()):
        raise RoundRefusedError("offer", f"{body[:60]!r}", expected)
    return Offer(pack, lessons)
