"""Ask small hubs and big ones in the same round: those that come now and then, and SuperNodes of Flower.

A strategy sees one fleet. What a SuperNode answers is checked as what comes in by the door is, and a task
that nobody has answered by the end of a round is of no use to a SuperNode any more either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from flwr.app import Message
from flwr.serverapp import Grid

from edge_nlu.fleet.big import BigGrid
from edge_nlu.fleet.messages import OwnGrid, reply_of, update_of
from edge_nlu.fleet.thin import ThinGrid


class JointGrid(OwnGrid):
    """The homes of two grids; a SuperNode says nothing of its lessons, and counts as an average hub."""

    def __init__(self, thin: ThinGrid, big: Grid, *, round_s: float) -> None:
        super().__init__()
        self._thin, self._big, self._round_s = thin, BigGrid(big, self._checked), round_s
        self._names: set[str] = set()

    def activity(self) -> Mapping[int, float]:
        """Return about how many lessons each home has."""
        thin = self._thin.activity()
        return {**thin, **dict.fromkeys(self._big.get_node_ids(), median(thin.values()) if thin else 1.0)}

    def get_node_ids(self) -> Iterable[int]:
        """Return the homes that can be asked."""
        return [*self._thin.get_node_ids(), *self._big.get_node_ids()]

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Give each home its task, and return the names of the tasks."""
        thin, big = self._parted(messages)
        names = list(self._big.push_messages(big))
        self._names.update(names)
        return [*self._thin.push_messages(thin), *names]

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Return what was answered to tasks of these names."""
        asked = set(message_ids)
        big = self._big.pull_messages(asked & self._names)
        return [*self._thin.pull_messages(asked - self._names), *big]

    def send_and_receive(
        self, messages: Iterable[Message], *, timeout: float | None = None
    ) -> Iterable[Message]:
        """Return what homes answer until all have, or time is up; both kinds are asked at once."""
        thin, big = self._parted(messages)
        left_s = min(timeout or self._round_s, self._round_s)
        beside = ThreadPoolExecutor(1)
        small = beside.submit(self._thin.send_and_receive, thin, timeout=left_s)
        # where the SuperLink fails, that is told now, and not when small hubs have had their time
        beside.shutdown(wait=False)
        answered = self._big.send_and_receive(big, timeout=left_s)
        return [*small.result(), *answered]

    def _parted(self, messages: Iterable[Message]) -> tuple[list[Message], list[Message]]:
        """Return the messages to small hubs, and those to big ones, which then end with the round."""
        there = set(self._big.get_node_ids())
        thin: list[Message] = []
        big: list[Message] = []
        for message in messages:
            to = message.metadata.dst_node_id
            if to in there:
                # all tasks of a round share their numbers, but none its end
                kind = message.metadata.message_type
                message = Message(message.content, dst_node_id=to, message_type=kind, ttl=self._round_s)
                big.append(message)
            else:
                thin.append(message)
        return thin, big

    def _checked(self, asked: Message, reply: Message) -> Message:
        """Return a SuperNode's update as the reply to what it was asked."""
        return reply_of(update_of(reply, asked, self._round_s), asked)
