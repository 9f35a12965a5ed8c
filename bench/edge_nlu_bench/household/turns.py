"""Name the ways in which pretend households live, and what there is to tell of each sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edge_nlu_bench.household.hub import Wordings

ASIDE, OVERHEARD = "aside", "overheard"
"""In place of a wish: what is said about an answer, and what nobody said to the hub."""

Check = Literal["", "nothing fails", "feedback shuffled", "rephrases permuted", "look-alikes"]
"""Ways to live in which a hub should learn nothing, for the sanity checks."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a household lives: with which check, and whose rewordings its hub uses.

    Without `causes` nobody asks why things fail, which takes a third of the time. `planted` is how many false
    corrections it begins with.
    """

    check: Check = ""
    wordings: Wordings = "both"
    causes: bool = True
    planted: int = 0


AS_USUAL = Way()


@dataclass(frozen=True, slots=True)
class Turn:
    """One sentence that the hub heard, and what came of it; `base` is what would have without rewriting.

    `wish` tells the wishes of a home apart. `fixable` means that the plainest words for the same wish would
    have worked. `by_rule` names the rules by which it was rewritten, if any: what only sounds like something
    that works needs none.
    """

    id: str
    home: int
    day: int
    person: str
    wish: str
    tries: int
    heard: str
    taken_as: str
    reached: bool
    base: bool
    cause: str
    human: bool
    fixable: bool = False
    by_rule: str = ""
