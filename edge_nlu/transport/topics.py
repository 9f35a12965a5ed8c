"""Find who listens to a topic, among filters with `+` and `#`, at a cost that does not grow with the home."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Topics(Generic[T]):
    """Things by the topic filters that lead to them; several may stand under one filter.

    Filters with a wildcard stand level by level, the others, of which a home has thousands, as they are.
    """

    __slots__ = ("_below", "_here")

    def __init__(self) -> None:
        self._below: dict[str, Topics[T]] = {}
        self._here: tuple[T, ...] = ()

    def add(self, topic_filter: str, thing: T) -> None:
        """Let a filter lead to a thing."""
        node = self
        for level in _levels(topic_filter):
            below = node._below.get(level)
            if below is None:
                below = node._below[level] = Topics()
            node = below
        node._here += (thing,)

    def remove(self, topic_filter: str, thing: T) -> None:
        """Let a filter lead to a thing no longer."""
        path: list[tuple[Topics[T], str]] = []
        node = self
        for level in _levels(topic_filter):
            below = node._below.get(level)
            if below is None:
                return
            path.append((node, level))
            node = below
        if thing in node._here:
            at = node._here.index(thing)
            node._here = node._here[:at] + node._here[at + 1 :]
        for above, level in reversed(path):
            if above._below[level]._below or above._below[level]._here:
                return
            del above._below[level]

    def find(self, topic: str) -> list[T]:
        """Return what the filters that match a topic lead to, each thing once."""
        levels = topic.split("/")
        # what begins with $ belongs to the broker, and no wildcard at the start means it
        found = [*self._match(levels, 0, wild=not topic.startswith("$"))]
        if (whole := self._below.get(topic)) is not None:
            found += whole._here
        return list(dict.fromkeys(found))

    def _match(self, levels: list[str], at: int, *, wild: bool) -> Iterator[T]:
        if wild and (rest := self._below.get("#")) is not None:
            yield from rest._here
        if at == len(levels):
            yield from self._here
            return
        below = self._below.get(levels[at])
        if below is not None:
            yield from below._match(levels, at + 1, wild=True)
        any_ = self._below.get("+") if wild else None
        if any_ is not None:
            yield from any_._match(levels, at + 1, wild=True)


def _levels(topic_filter: str) -> list[str]:
    return topic_filter.split("/") if "+" in topic_filter or "#" in topic_filter else [topic_filter]
