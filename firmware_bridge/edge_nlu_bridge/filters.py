"""Keep the topic filters of a bridge: those it always has, and those that its devices add.

Topics of some devices can only be known once the device is. A filter more must not overlap with another, or
the same message would come twice.
"""

from __future__ import annotations


class Filters:
    """The topic filters of a bridge; the same tuple as long as none comes or goes."""

    def __init__(self, *always: str) -> None:
        self._always = always
        self._added: dict[str, None] = {}
        self._all: tuple[str, ...] | None = always

    def add(self, *filters: str) -> None:
        """Listen to these too."""
        for filter_ in filters:
            if filter_ not in self._added:
                self._added[filter_] = None
                self._all = None

    def drop(self, *filters: str) -> None:
        """Listen to these no longer."""
        for filter_ in filters:
            if filter_ in self._added:
                del self._added[filter_]
                self._all = None

    def all(self) -> tuple[str, ...]:
        """Return all filters, those that are always there first."""
        if self._all is None:
            self._all = (*self._always, *self._added)
        return self._all
