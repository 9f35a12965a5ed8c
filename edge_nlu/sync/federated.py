"""Take part in rounds of a fleet: train a head at home on what the home knows, and send what became of it.

Only numbers of the head leave, cut to the length that was agreed; the lessons stay. What was trained is on
the disk before it is sent, under a name that is the same however often it is sent, and goes when the server
has it or has no more use for it.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Final
from urllib.parse import urlsplit

import urllib3

from edge_nlu.errors import RoundRefusedError, StorageError, UnreachableError
from edge_nlu.sync.choices import Choices, Federated
from edge_nlu.sync.queue import Queue, deliver
from edge_nlu.sync.rounds import Round
from edge_nlu.sync.state import NOT_SENT, TRIED, WITHDRAWN, State, alone
from edge_nlu.sync.training import Own, Training
from edge_nlu.wire.outgoing import Item
from edge_nlu.wire.rounds import ANSWERED, DECLINED, KEY_HEADER, LARGEST_BYTES, Task

UPDATES: Final = "updates.sqlite3"
"""What waits for the fleet's server; what waits for the inbox is in a queue of its own."""

SHORTEST_S: Final = 15.0
SLOWEST_S: Final = 60.0
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_TIMEOUT: Final = urllib3.Timeout(connect=10.0, read=30.0)
_OVER: Final = 410
"""The status by which a server says that a round has ended without us."""


class TakingPart:
    """A home's part in the rounds of a fleet."""

    def __init__(
        self, choices: Choices, federated: Federated, state: State, *, now: Callable[[], float] = time.time
    ) -> None:
        self._choices = choices
        self._federated = federated
        self._state = state
        self._now = now
        self._server = Server(federated)
        self._training = Training(choices, federated, state, self._server.host, now)

    def first_in_s(self) -> float:
        """Return after how many seconds to ask for the first time after a start."""
        return random.uniform(0, min(SHORTEST_S, self._federated.every_s))

    def next_in_s(self) -> float:
        """Return after how many seconds to ask again."""
        every = self._federated.every_s
        if failures := self._state.part_failures:
            return random.uniform(0, min(every, SHORTEST_S * 2.0 ** min(failures, 20)))
        return random.uniform(0.9, 1.1) * every

    def look(self) -> Round:
        """Send what waits, ask for a task, do it, and send what came of it."""
        folder = self._choices.folder
        # looks are put off themselves, and no task is asked for while an update waits
        with alone(folder), closing(Queue(folder / UPDATES, longest_pause_s=0)) as updates:
            try:
                came = self._look(updates)
            except RoundRefusedError as error:
                came = Round("refused", str(error))
            except UnreachableError as error:
                came = Round("unreachable", str(error))
            except StorageError as error:
                came = Round("failed", str(error))
            self._state.keep("part_failures", str(self._state.part_failures + 1 if came.failed else 0))
            return came

    def _look(self, updates: Queue) -> Round:
        self._deliver(updates)
        if waiting := sum(items for items, _ in updates.waiting().values()):
            return Round("waiting", f"{waiting} updates wait until {self._server.host} can be reached")
        lessons = self._training.lessons()
        if not lessons:
            return Round("nothing to do", "this home has no lessons yet")
        offer = _offer(self._training.pack, {head: len(one) for head, (_, one) in lessons.items()})
        self._state.note_offer(self._server.host, len(offer), self._now())
        given = self._server.task(offer)
        if given is None:
            return Round("nothing to do", f"{self._server.host} has no task now")
        return self._take(updates, *given, lessons)

    def _take(self, updates: Queue, key: str, task: Task, lessons: Own) -> Round:
        """Do a task, or decline it, and send what came of it."""
        named = f"{task.head}, round {task.round} of {task.run}"
        update, why = self._training.update(key, task, lessons)
        if update is None:
            self._server.put(key, why.encode() if why == ANSWERED else DECLINED)
            return Round("declined", f"{named}: {why}")
        updates.put(Item(key, "update", update.to_bytes()), self._now())
        self._deliver(updates)
        part, own = self._state.part(key), lessons[task.head][1]
        return Round("took part", f"{named}, with {len(own)} lessons: {part.outcome if part else ''}")

    def _deliver(self, updates: Queue) -> None:
        """Send what is due, and write down what became of each."""

        def send(item: Item) -> None:
            part = self._state.part(item.key)
            over = part is not None and part.closes_s < self._now()
            self._state.note_outcome(item.key, NOT_SENT if over else self._server.put(item.key, item.body))

        def gone(key: str, tries: int) -> None:
            self._state.note_outcome(key, TRIED if tries else WITHDRAWN)

        deliver(updates, self._training.outgoing, send, self._server.host, self._now, gone)


class Server:
    """A fleet's server, which knows this home by its certificate."""

    def __init__(self, federated: Federated) -> None:
        self._url = federated.server.rstrip("/")
        self.host = urlsplit(federated.server).netloc
        self._pool = urllib3.PoolManager(
            *(1, None),
            maxsize=1,
            timeout=_TIMEOUT,
            retries=False,
            cert_reqs="CERT_REQUIRED",
            ca_certs=str(federated.ca),
            cert_file=str(federated.certificate),
            key_file=str(federated.key),
        )

    def task(self, offer: bytes) -> tuple[str, Task] | None:
        """Return what there is to do for a home that offers this, and under which name to answer."""
        status, key, body = self._asked("POST", "task", offer)
        if status == 204:
            return None
        if status != 200 or not _KEY.fullmatch(key):
            raise RoundRefusedError(self._url, f"status {status}, {body[:200]!r}", "a task, or none")
        return key, Task.from_bytes(body)

    def put(self, key: str, body: bytes) -> str:
        """Give an answer, and return what became of it."""
        status, _, said = self._asked("PUT", f"updates/{key}", body)
        if status == 200:
            return "sent"
        if status == _OVER:
            return "too late"
        if status in (400, 413, 422):
            return f"refused: {said[:200].decode(errors='replace')}"
        raise UnreachableError(self._url, f"status {status}")

    def _asked(self, method: str, path: str, body: bytes) -> tuple[int, str, bytes]:
        """Return status, name and body of an answer; it may be neither large nor slow."""
        end = time.monotonic() + SLOWEST_S
        try:
            answer = self._pool.request(
                method, f"{self._url}/{path}", body=body, redirect=False, preload_content=False
            )
            with closing(answer):
                read = b""
                while piece := answer.read1(1 << 16):
                    read += piece
                    if len(read) > LARGEST_BYTES or time.monotonic() > end:
                        found = f"{len(read)} bytes in {SLOWEST_S:.0f} s, and more to come"
                        raise RoundRefusedError(self._url, found, f"{LARGEST_BYTES} at most, and soon")
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise UnreachableError(self._url, f"{type(error).__name__}: {error}"[:200]) from error
        if answer.status == 403:
            raise RoundRefusedError(self._url, read[:200].decode(errors="replace"), "to be let in")
        return answer.status, answer.headers.get(KEY_HEADER, ""), read


def _offer(pack: str, lessons: Mapping[str, int]) -> bytes:
    """Return what a server is told first: how many lessons there are, as the next lower power of two."""
    told = {head: 1 << (count.bit_length() - 1) for head, count in lessons.items() if count}
    return json.dumps({"pack": pack, "lessons": told}).encode()
