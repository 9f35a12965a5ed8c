"""Read sentences with the pack in use; another one takes its place between two sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from edge_nlu.values import Understanding

if TYPE_CHECKING:
    from edge_nlu.models.encoder import Encoder
    from edge_nlu.models.pack import Pack


class InUse:
    """The pack in use. `changed` are told when it is another one, `broken` counts sentences it broke on."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.changed: list[Callable[[], None]] = []
        self.broken = 0

    @property
    def pack(self) -> Pack:
        """Return the pack in use."""
        return self._encoder.pack

    def understand(self, text: str) -> Understanding:
        """Return what the sentence may mean."""
        try:
            return self._encoder.understand(text)
        except Exception:
            self.broken += 1
            raise

    def use(self, opening: Callable[[], Encoder]) -> None:
        """Read with another pack from now on, or with this one as before where that cannot be opened.

        This one is let go first: two of them in memory, if for a moment, would leave a gap that stays.
        """
        self._encoder.close()
        try:
            self._encoder = opening()
        except BaseException:
            self._encoder.open()
            raise
        self.broken = 0
        for tell in self.changed:
            tell()
