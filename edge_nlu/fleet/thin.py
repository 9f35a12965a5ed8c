"""Reach homes that only now and then ask for something to do, by Flower's own way of talking to homes.

A task waits in the table until its home comes for it; the answer waits there until the round is read. A
strategy notices nothing of that: a home that did not come in time is one that did not answer.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Final

from flwr.app import Message

from edge_nlu.fleet.certificates import Known
from edge_nlu.fleet.messages import OwnGrid, number_of, refusal_of, reply_of, task_of
from edge_nlu.fleet.tasks import Tasks

LOOK_S: Final = 0.2
"""So often it is looked whether a home has answered."""


class ThinGrid(OwnGrid):
    """The homes that were there within `within_s`, may come in, and have lessons for a head of a pack."""

    def __init__(
        self, tasks: Tasks, known: Known, *, head: str, pack: str, within_s: float, round_s: float
    ) -> None:
        super().__init__()
        self._tasks, self._known = tasks, known
        self._head, self._pack, self._within_s = head, pack, within_s
        self._round_s = round_s
        self._asked: dict[str, Message] = {}
        # of a round in which a server was cut off: it is not done again, and nobody needs to train for it
        tasks.forget()

    def activity(self) -> Mapping[int, float]:
        """Return about how many lessons each home has."""
        return {number_of(hub): count for hub, count in self._awake().items()}

    def get_node_ids(self) -> Iterable[int]:
        """Return the homes that can be asked."""
        return [number_of(hub) for hub in self._awake()]

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Put a task there for each home that is still known, and return the names of the tasks."""
        hubs = {number_of(hub): hub for hub in self._known.names()}
        keys = []
        for message in messages:
            if (hub := hubs.get(message.metadata.dst_node_id)) is not None:
                keys.append(self._tasks.put(hub, task_of(message, self._round_s)))
                self._asked[keys[-1]] = message
        return keys

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Return what was answered to tasks of these names; each answer once."""
        replies = self._tasks.replies(self._asked.keys() & set(message_ids))
        answered = [(reply, self._asked.pop(key)) for key, reply in replies.items()]
        return [
            refusal_of(reply.why, message) if reply.update is None else reply_of(reply.update, message)
            for reply, message in answered
        ]

    def send_and_receive(
        self, messages: Iterable[Message], *, timeout: float | None = None
    ) -> Iterable[Message]:
        """Return what homes answer until all have, or time is up."""
        end = time.monotonic() + min(timeout or self._round_s, self._round_s)
        keys = list(self.push_messages(messages))
        replies: list[Message] = []
        while len(replies) < len(keys) and time.monotonic() < end:
            time.sleep(LOOK_S)
            replies += self.pull_messages(keys)
        replies += self.pull_messages(keys)
        for key in keys:
            self._asked.pop(key, None)
        self._tasks.forget()
        return replies

    def _awake(self) -> dict[str, float]:
        names = set(self._known.names())
        awake = self._tasks.awake(self._head, self._pack, self._within_s)
        return {hub: count for hub, count in awake.items() if hub in names}
