"""Read from a pack how much each thing counts that speaks for taking a sentence for another."""

from __future__ import annotations

import json
from math import isfinite
from typing import Final

from edge_nlu.errors import PackForeignError
from edge_nlu.interfaces import Understander
from edge_nlu.learning.ranker import Ranker
from edge_nlu.models.pack import Pack

RANKER: Final = "ranker.json"


def ranker_of(understander: Understander) -> Ranker | None:
    """Return the ranker in the pack that somebody reads with, if there is one."""
    pack = getattr(understander, "pack", None)
    if not isinstance(pack, Pack) or RANKER not in pack.files:
        return None
    try:
        told = json.loads((pack.folder / RANKER).read_bytes())
        weights = {str(name): float(weight) for name, weight in told["weights"].items()}
        needed = float(told["needed"])
        if not all(map(isfinite, (needed, *weights.values()))):
            raise ValueError("a weight that is no number, or endless")
        return Ranker(weights, needed)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        found = f"{RANKER} that cannot be used ({error!r})"
        raise PackForeignError(pack.folder, found, "weights by name, and how much is needed") from error
