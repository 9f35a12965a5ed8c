"""Play a whole fleet in one process: the strategies of a server, and homes that answer at once.

A task costs what the training in it costs, so ten thousand homes fit on one machine. What a home answers
wrongly, or not at all, reaches the strategy as it does from a real fleet: as an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count

from flwr.app import Message

from edge_nlu.fleet.messages import ARRAYS, CONFIG, PULL, OwnGrid, arrays_of, refusal_of, trained
from edge_nlu.learning.fitting import Lessons, Plan, fitted

Answer = Callable[[Message], Message]


class LocalGrid(OwnGrid):
    """Homes that are functions: `answer` gets each task, and what it returns or raises is the reply."""

    def __init__(self, homes: Sequence[int], answer: Answer) -> None:
        super().__init__()
        self._homes, self._answer = homes, answer
        self._numbers = count(1)
        self._waiting: dict[str, Message] = {}

    def get_node_ids(self) -> Iterable[int]:
        """Return all homes: each is always there."""
        return self._homes

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Have every task answered, and return under which names the replies are kept."""
        names = []
        for message in messages:
            names.append(str(next(self._numbers)))
            self._waiting[names[-1]] = self._answered(message)
        return names

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Return the replies of these names."""
        return [self._waiting.pop(name) for name in message_ids if name in self._waiting]

    def send_and_receive(
        self,
        messages: Iterable[Message],
        *,
        timeout: float | None = None,  # noqa: ARG002 - nobody is waited for
    ) -> Iterator[Message]:
        """Return the replies one by one: all at once would fill the memory."""
        return map(self._answered, messages)

    def _answered(self, message: Message) -> Message:
        try:
            return self._answer(message)
        except Exception as error:  # noqa: BLE001 - whatever a home does wrong is its reply
            return refusal_of(str(error), message)


def trainer(lessons: Callable[[int], Lessons], plan: Plan) -> Answer:
    """Return homes that train what they are sent with the lessons that they have at the time."""

    def answer(task: Message) -> Message:
        mine = lessons(task.metadata.dst_node_id)
        if not len(mine):
            raise ValueError("no examples")
        own = plan._replace(pull=float(task.content[CONFIG].get(PULL, plan.pull)))
        return trained(fitted(arrays_of(task.content[ARRAYS]), mine, own), len(mine), task)

    return answer
