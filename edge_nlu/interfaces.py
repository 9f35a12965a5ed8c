"""What the line needs from outside, as roles."""

from __future__ import annotations

from typing import Protocol

from edge_nlu.values import Understanding


class Understander(Protocol):
    """Reads a sentence and says what it may mean."""

    def understand(self, text: str) -> Understanding:
        """Return what the sentence may mean; any text gets an answer, none an error."""
        ...
