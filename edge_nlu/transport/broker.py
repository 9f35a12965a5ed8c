"""What the hub asks of a broker: let me hear these topics, tell this topic that, and am I connected.

What arrives is handed over in the network's own thread, so whoever hears must be quick and raise nothing.
Telling never waits: it is refused at once when there is no connection, and nothing is kept for later.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple, Protocol

from edge_nlu.values import Message


class Heard(NamedTuple):
    """A message that arrived; a retained one was said before we listened.

    Whoever wants an answer names a topic for it, and gets `correlation` back with it (MQTT 5).
    """

    topic: str
    payload: bytes
    retained: bool = False
    answer_topic: str = ""
    correlation: bytes = b""


Hear = Callable[[Heard], None]

Denied = Callable[[str], None]
"""Is told a topic on which the broker does not let us publish."""


class Transport(Protocol):
    """The way to and from a broker."""

    @property
    def connected(self) -> bool:
        """Return whether the broker can be told something now."""
        ...

    @property
    def connections(self) -> int:
        """Return how often a connection was made since the start."""
        ...

    def start(self, hear: Hear, denied: Denied) -> None:
        """Connect, now or as soon as the broker is there, and hand over what arrives."""
        ...

    def listen(self, filters: Collection[str], surely: Collection[str] = ()) -> None:
        """Listen to these topic filters, and no longer to those of before that are not among them.

        What is said on those topics that are listened to `surely` is not lost in a flood of the others.
        """
        ...

    def publish(self, message: Message, *, expiry_s: int = 0, correlation: bytes = b"") -> bool:
        """Tell the broker, and return False where that is not possible now.

        With `expiry_s` the message is worthless after so many seconds.
        """
        ...

    def stop(self) -> None:
        """Say goodbye and disconnect."""
        ...


def publishable(topic: str) -> bool:
    """Return whether a message can be published on this topic."""
    return 0 < len(topic) <= 1024 and not any(letter in topic for letter in "+#\0") and topic.isprintable()
