"""Mark where each part of the work on a sentence begins.

A mark asks the system whether a file is a terminal that nobody has open: that is a call which the emulator
sees, and it changes nothing. It takes a few hundred instructions by itself.
"""

from __future__ import annotations

import os
from enum import IntEnum

MARKS = 0x0ED6E000


class Part(IntEnum):
    """Part of the work on a sentence; a mark says which begins."""

    NOTHING = 0
    DECIDING = 1
    READING = 2
    NETWORK = 3
    WRITING = 4
    ACTING = 5
    LEARNING = 6


DECISION = (Part.DECIDING, Part.READING, Part.NETWORK)
"""What happens from text in to decision; then it is written down, done, and learned from."""


def mark(part: Part) -> None:
    """Tell the emulator that a part begins."""
    os.isatty(MARKS + part)
