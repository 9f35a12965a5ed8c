"""Ask the SuperNodes of Flower so that nothing that one of them answers ends a run, or holds a round up.

Flower takes whatever a SuperNode sends, waits for what it has announced, and fails where it makes no sense.
So each is waited for and heard by itself, and what fits is all that goes on from here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final, TypeAlias

from flwr.app import Message
from flwr.serverapp import Grid

from edge_nlu.errors import RoundRefusedError
from edge_nlu.fleet.messages import OwnGrid, refusal_of

Check: TypeAlias = Callable[[Message, Message], Message]
"""Given what a home was asked and its reply, returns what is made of it; anything is raised if it is none."""

LOOK_S: Final = 3.0
_LONGEST_REASON: Final = 200


class BigGrid(OwnGrid):
    """The homes of Flower's own grid, of whose replies only those come through that pass a check."""

    def __init__(self, nodes: Grid, check: Check) -> None:
        super().__init__()
        self._nodes, self._check = nodes, check
        self._asked: dict[str, Message] = {}

    def get_node_ids(self) -> Iterable[int]:
        """Return the homes that can be asked."""
        homes: Iterable[int] = self._nodes.get_node_ids()
        return homes

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Give each home its task, and return the names of the tasks."""
        asked = list(messages)
        # one that could not be given has no name
        names = zip(self._nodes.push_messages(asked), asked, strict=False) if asked else ()
        given = {name: message for name, message in names if name}
        self._asked |= given
        return list(given)

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Return what was answered to tasks of these names."""
        return [reply for name in message_ids for reply in self._pulled(name, self._asked[name])]

    def send_and_receive(
        self, messages: Iterable[Message], *, timeout: float | None = None
    ) -> Iterable[Message]:
        """Return what homes answer until all have, or time is up; with none given, what is there already."""
        end = time.monotonic() + (timeout or 0.0)
        names = list(self.push_messages(messages))
        came: SimpleQueue[Message | Exception] = SimpleQueue()
        for name in names:
            # one that is kept waiting by its home is left behind when the time is up
            Thread(target=self._wait, args=(name, self._asked.pop(name), end, came), daemon=True).start()
        replies: list[Message] = []
        with suppress(Empty):
            while len(replies) < len(names):
                reply = came.get(timeout=max(0.0, end - time.monotonic()))
                if isinstance(reply, Exception):
                    raise reply
                replies.append(reply)
        return replies

    def _wait(self, name: str, asked: Message, end: float, came: SimpleQueue[Message | Exception]) -> None:
        """Have the reply to a task put there when it has come, or what kept all from being heard."""
        try:
            while not (found := self._pulled(name, asked)):
                if time.monotonic() >= end:
                    return
                time.sleep(LOOK_S)
            came.put(found[0])
        except Exception as error:  # noqa: BLE001 - raised where somebody waits
            came.put(error)

    def _pulled(self, name: str, asked: Message) -> list[Message]:
        """Return the reply to a task if it has come; one that makes no sense is a refusal."""
        try:
            return [self._checked(asked, reply) for reply in self._nodes.pull_messages([name])]
        except RoundRefusedError as error:
            return [refusal_of(str(error), asked)]
        except Exception as error:  # noqa: BLE001 - what a home sent is opened there, and breaks it in any way
            # where it is the line that broke, and no reply, this breaks as well
            self._nodes.get_node_ids()
            return [refusal_of(f"{type(error).__name__}: {error}"[:_LONGEST_REASON], asked)]

    def _checked(self, asked: Message, reply: Message) -> Message:
        """Return what is made of a reply."""
        if reply.has_error():
            # on one line, as it comes into a log
            return refusal_of(" ".join(reply.error.reason.split())[:_LONGEST_REASON], asked)
        home, found = asked.metadata.dst_node_id, reply.metadata.src_node_id
        if found != home:
            raise RoundRefusedError("reply", f"one of home {found}", f"one of home {home}")
        return self._check(asked, reply)
