"""Send what waits, and tell those who give packs away how each fared here, where there is an address.

A report says which pack was kept, given back or refused, and nothing of the home or of what was said in it;
it bears no name of the hub. Its key comes from the hub's own entry, so the same entry is reported once.
"""

from __future__ import annotations

import json
import time
from contextlib import closing
from hashlib import blake2s
from typing import Any, Final
from urllib.parse import urlsplit

from edge_nlu.storage.packs import KEPT, REFUSED, RETURNED, log_in
from edge_nlu.sync.choices import Choices
from edge_nlu.sync.inbox import Inbox
from edge_nlu.sync.paying import is_paid
from edge_nlu.sync.queue import QUEUE, Queue, deliver, take_in
from edge_nlu.sync.state import State
from edge_nlu.wire.outgoing import Item

REPORTED: Final = frozenset([KEPT, RETURNED, REFUSED])
OUTGOING: Final = "outgoing"


def leave(choices: Choices) -> int:
    """Send what the hub has handed out and how packs fared, and return how many items left."""
    if not choices.inbox:
        return 0
    with closing(Queue(choices.folder / QUEUE)) as queue, closing(State(choices.folder)) as state:
        now = time.time()
        for entry in log_in(choices.packs):
            if entry.get("event") in REPORTED:
                queue.put(_report(entry), now)
        outgoing = choices.packs.with_name(OUTGOING)
        take_in(queue, outgoing, now, lambda item: is_paid(item, choices, state))
        send = Inbox(choices.inbox, choices.shown).send
        return deliver(queue, outgoing, send, urlsplit(choices.inbox).netloc, time.time)


def _report(entry: dict[str, Any]) -> Item:
    told = {name: entry.get(name) for name in ("event", "id", "release", "manifest")}
    key = blake2s(json.dumps(entry, sort_keys=True).encode(), digest_size=16).hexdigest()
    return Item(key, "report", json.dumps(told).encode())
