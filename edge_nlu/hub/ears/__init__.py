"""The ways that requests come in and answers go out; each speaks a protocol that others defined.

An ear takes whatever arrives, from anybody, and raises nothing: what is no request is answered by saying
so, or not at all. It never waits for the hub, since it hears in the network's own thread.
"""

from __future__ import annotations

from typing import Protocol

from edge_nlu.hub.desk import Answer, Reply, Request
from edge_nlu.transport.broker import Heard


class Ask(Protocol):
    """Hands a request to the hub."""

    def __call__(
        self,
        text: str,
        reply: Reply,
        *,
        id: str = "",
        satellite: str = "",
        user: str = "",
        only_read: bool = False,
    ) -> None:
        """Take a request, or turn it away; `reply` hears what comes of it in either case."""
        ...


class Ear(Protocol):
    """One way that requests come in."""

    def topics(self) -> tuple[str, ...]:
        """Return the topics to listen to, without wildcards."""
        ...

    def start(self, ask: Ask) -> None:
        """Hand requests over from now on."""
        ...

    def hear(self, heard: Heard) -> None:
        """Take in a message on one of the topics."""
        ...

    def answered(self, request: Request, answer: Answer) -> None:
        """Take note of an answer to anybody."""
        ...

    def stop(self) -> None:
        """Take no more requests."""
        ...


def clean(text: str) -> str:
    """Return a text that can be written anywhere: halves of characters become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
