"""Find who listens to a topic, among filters with `+` and `#`, at a cost that does not grow with the home."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Topics(Generic[T]):
    """Things by the topic filters that lead to them; several may stand under one filter.

    Filters with a wildcard stand level by level, the others, of which a home has thousands, as they are.
    """

    __slots__ = ("_alike", "_whole", "_wild")

    def __init__(self) -> None:
        self._wild: _Level[T] = _Level()
        self._whole: dict[str, tuple[T, ...]] = {}
        # thousands of topics, and few things that they lead to
        self._alike: dict[tuple[T, ...], tuple[T, ...]] = {}

    def add(self, topic_filter: str, thing: T) -> None:
        """Let a filter lead to a thing."""
        if _is_wild(topic_filter):
            self._wild.add(topic_filter.split("/"), thing)
        else:
            self._put(topic_filter, (*self._whole.get(topic_filter, ()), thing))

    def remove(self, topic_filter: str, thing: T) -> None:
        """Let a filter lead to a thing no longer."""
        if _is_wild(topic_filter):
            self._wild.remove(topic_filter.split("/"), thing)
        elif topic_filter in self._whole:
            self._put(topic_filter, _without(self._whole.pop(topic_filter), thing))

    def find(self, topic: str) -> list[T]:
        """Return what the filters that match a topic lead to, each thing once."""
        # what begins with $ belongs to the broker, and no wildcard at the start means it
        found = self._wild.match(topic.split("/"), 0, wild=not topic.startswith("$"))
        return list(dict.fromkeys((*found, *self._whole.get(topic, ()))))

    def _put(self, topic: str, things: tuple[T, ...]) -> None:
        if things:
            self._whole[topic] = self._alike.setdefault(things, things)


class _Level(Generic[T]):
    """What filters with a wildcard lead to that have the same levels so far."""

    __slots__ = ("_below", "_here")

    def __init__(self) -> None:
        self._below: dict[str, _Level[T]] = {}
        self._here: tuple[T, ...] = ()

    def add(self, levels: Sequence[str], thing: T) -> None:
        """Let these levels lead to a thing."""
        if levels:
            self._below.setdefault(levels[0], _Level()).add(levels[1:], thing)
        else:
            self._here += (thing,)

    def remove(self, levels: Sequence[str], thing: T) -> bool:
        """Let these levels lead to a thing no longer, and return whether nothing is left here."""
        if not levels:
            self._here = _without(self._here, thing)
        elif levels[0] in self._below and self._below[levels[0]].remove(levels[1:], thing):
            del self._below[levels[0]]
        return not self._below and not self._here

    def match(self, levels: Sequence[str], at: int, *, wild: bool) -> Iterator[T]:
        """Yield what leads from here through the levels of a topic."""
        if wild and (rest := self._below.get("#")) is not None:
            yield from rest._here
        if at == len(levels):
            yield from self._here
            return
        below = self._below.get(levels[at])
        if below is not None:
            yield from below.match(levels, at + 1, wild=True)
        any_ = self._below.get("+") if wild else None
        if any_ is not None:
            yield from any_.match(levels, at + 1, wild=True)


def _is_wild(topic_filter: str) -> bool:
    return "+" in topic_filter or "#" in topic_filter


def _without(things: tuple[T, ...], thing: T) -> tuple[T, ...]:
    at = things.index(thing) if thing in things else len(things)
    return things[:at] + things[at + 1 :]
