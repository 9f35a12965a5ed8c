"""Tell why a sentence failed: the first thing that, put right alone, would have made it work.

This is the truth that a hub's own guess is measured by. It is found by trying: the witness, a hub that learns
nothing, is asked what would have come of the same sentence heard right, with the home's own names, in plain
words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from edge_nlu_bench.household.people import Words

CORRECT: Final = "correct"
FAILED: Final = "failed"
"""For a reason that nobody asked about."""

FALSE_WAKE: Final = "false wake"
HEARD: Final = "heard wrong"
UNDERSTOOD: Final = "understood wrong"
NOT_FOUND: Final = "thing not found"
RESULT: Final = "result wrong"
NO_HUB: Final = "no hub could"
REWRITTEN: Final = "rewritten wrong"
CAUSES: Final = (FALSE_WAKE, HEARD, UNDERSTOOD, NOT_FOUND, RESULT, REWRITTEN, NO_HUB)
"""Why a sentence came to nothing. What no hub could have done is nobody's failure."""


def cause_of(
    words: Words,
    heard: str,
    would: Callable[[str], bool],
    *,
    all_obeyed: bool,
    base: bool,
) -> tuple[str, bool]:
    """Return why a wish that is for a home failed, and whether plain words would have worked.

    `would` tells if a sentence would have worked; `all_obeyed`, if this one had, were all devices to obey.
    """
    if all_obeyed:
        return RESULT, False
    fixable = bool(words.plain) and would(words.plain)
    if base:
        return REWRITTEN, fixable
    if heard != words.said and would(words.said):
        return HEARD, fixable
    if words.named and would(words.named):
        return NOT_FOUND, fixable
    return UNDERSTOOD, fixable
