"""See how often a hub does something else when others say the same, with the pack that comes along.

Each sentence comes by itself, and nothing is remembered. Once it is read with the very names in it, and once
as hubs do, with one name for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from edge_nlu.fleet.audit import Figures
from edge_nlu.models.encoder import Encoder
from edge_nlu.values import Understanding

FOR_HOME: Final = 0.5


class Done(NamedTuple):
    """What a hub made of a sentence: how it read it, and what it decided and would publish."""

    read: Understanding
    did: tuple[str, ...]

    @property
    def wishes(self) -> tuple[tuple[str, str], ...]:
        """Return what is wanted of a home, in order."""
        wanted = self.read.clauses if self.read.home >= FOR_HOME else ()
        return tuple((one.want, one.property) for one in wanted)


Hub: TypeAlias = Callable[[str], Done]
"""Is told a sentence."""


class AsNamed(Encoder):
    """Reads names as they are."""

    def understand(self, text: str) -> Understanding:
        """Return what the sentence may mean, by the very names in it."""
        return self.read(text)


def decided(pairs: Sequence[tuple[str, str]], hubs: Mapping[str, Hub]) -> Figures:
    """Return the shares of these pairs that each hub takes for another wish, and decides otherwise."""
    figures: Figures = {"n": len(pairs)}
    for when, hub in hubs.items():
        done = {text: hub(text) for text in dict.fromkeys(chain(*pairs))}
        wished = [done[one].wishes != done[other].wishes for one, other in pairs]
        did = [done[one].did != done[other].did for one, other in pairs]
        figures |= {f"wishes_{when}": round(float(np.mean(wished)), 4)}
        figures |= {f"decisions_{when}": round(float(np.mean(did)), 4)}
    return figures
