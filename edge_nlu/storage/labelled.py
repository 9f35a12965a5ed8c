"""Keep what sentences were judged to mean, and the head that learned from it."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np

from edge_nlu.learning.head import Head
from edge_nlu.learning.labels import Label
from edge_nlu.storage.codec import from_json, to_json
from edge_nlu.storage.journal import Statement

LABELS_KEPT: Final = 2000
"""By then the oldest are half a year old."""

Rows = Callable[[str], Iterable[tuple[Any, ...]]]


def labels_in(rows: Iterable[tuple[Any, ...]]) -> list[Label]:
    """Return the labels that rows hold as `LABELS` finds them, the latest last."""
    return [
        Label(
            *(utterance, text, meant, read, intent),
            *(from_json(slots, tuple), from_json(commands, tuple), sure, user),
        )
        for utterance, text, meant, read, intent, slots, commands, sure, user in rows
    ]


def keeping_labels(labels: Iterable[tuple[Label, float]]) -> list[Statement]:
    """Return what keeps labels, each with when it was said, and lets go of the oldest."""
    rows = [
        (
            *(at_s, label.utterance, label.text, label.meant, label.read, label.intent),
            *(to_json(label.slots), to_json(label.commands), label.sure, label.user),
        )
        for label, at_s in labels
    ]
    return [*((_LABEL, row) for row in rows), (_FEWER, (LABELS_KEPT,))]


def head_in(rows: Rows) -> dict[str, Head]:
    """Return the head that a journal holds by the pack that it is for, if it holds one."""
    found = {}
    for pack, meant, weights in rows("SELECT pack, meant, weights FROM heads"):
        names = tuple(json.loads(meant))
        held = np.frombuffer(b64decode(weights), "<f4")
        if names and held.size % len(names) == 0:
            table = held.reshape(len(names), -1)
            found[pack] = Head(names, np.ascontiguousarray(table[:, :-1]), table[:, -1].copy())
    return found


def keeping_head(head: Head | None, pack: str, at_s: float) -> list[Statement]:
    """Return what keeps a head in place of the one before, or none."""
    gone: list[Statement] = [("DELETE FROM heads", ())]
    if head is None:
        return gone
    table = np.column_stack([head.weights, head.bias]).astype("<f4")
    row = (at_s, pack, json.dumps(head.meant), b64encode(table.tobytes()).decode())
    return [*gone, ("INSERT INTO heads (at_s, pack, meant, weights) VALUES (?, ?, ?, ?)", row)]


LABELS: Final = (
    "SELECT utterance, text, meant, read, intent, slots, commands, sure, user FROM labels ORDER BY number"
)
_LABEL: Final = (
    "INSERT OR REPLACE INTO labels"
    " (at_s, utterance, text, meant, read, intent, slots, commands, sure, user)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_FEWER: Final = (
    "DELETE FROM labels WHERE number <= (SELECT number FROM labels ORDER BY number DESC LIMIT 1 OFFSET ?)"
)
