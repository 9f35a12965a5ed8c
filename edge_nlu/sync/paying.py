"""Count what leaves for a fleet's table and its weeks in the home's account, before it leaves.

An offer costs what its epoch was promised to cost, and so does the telling of a week; the words of an epoch
are paid with its offer. What would cost more than the owner allows, together with all runs of training, stays
at home.
"""

from __future__ import annotations

import json
import logging
from urllib.parse import urlsplit

from edge_nlu.sync.choices import Choices
from edge_nlu.sync.state import Cost, State
from edge_nlu.wire.outgoing import Item

WORDINGS, WEEKS = "wordings", "weeks"
"""With what the names begin under which these costs are written down."""

log = logging.getLogger(__name__)


def is_paid(item: Item, choices: Choices, state: State) -> bool:
    """Return whether an item may leave, as to what it costs; that is on the disk then."""
    if item.kind not in ("pairs", "wordings", "count"):
        return True
    host = urlsplit(choices.inbox).netloc
    try:
        told = json.loads(item.body.partition(b"\n")[0])
        what, which = (WEEKS, told["week"]) if item.kind == "count" else (WORDINGS, told["epoch"])
        cost = Cost(0.0, 0.0) if item.kind == "wordings" else Cost(told["epsilon"], told.get("delta", 0.0))
    except (ValueError, KeyError, TypeError) as error:
        log.warning("an item of kind %s does not say what it costs: %r", item.kind, error)
        return False
    run = f"{what} {which} {host}"
    before = state.spent(but=run)
    if item.kind == "wordings":
        return before != state.spent()
    for what, would, allowed in (
        ("epsilon", before.epsilon + cost.epsilon, choices.most_epsilon),
        ("delta", before.delta + cost.delta, choices.most_delta),
    ):
        if choices.most_epsilon and would > allowed:
            limit = f"{allowed:g} at most (sync.federated.most_{what})"
            log.warning("%s stay here: %.4g of %s would be spent, %s", run, would, what, limit)
            return False
    state.spend(run, host, *cost)
    return True
