"""Promises that a pack makes of itself: sentences, and what it understands of each.

A hub asks them before it takes a pack into use, so a pack that was made well but answers otherwise
on this processor is noticed before anybody speaks to it. Promised is what a hub acts on: the
intent, and for a sentence meant for the home its wishes with their slots. A sentence the model is
in two minds about is no promise, since a rounding may tip it over.

`golden.jsonl` holds one JSON object a line:
`{"text", "intent", "clauses": [[want, property, [[slot, value, excluded], ...]], ...]}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from edge_nlu.durable import ANYBODYS, put_whole
from edge_nlu.errors import DataError
from edge_nlu.interfaces import Understander
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import GOLDEN, Pack
from edge_nlu.values import Understanding

SlotSaid: TypeAlias = tuple[str, str, bool]
Wish: TypeAlias = tuple[str, str, tuple[SlotSaid, ...]]

SURE = 0.7
"""How sure of every part the model must be of a sentence that is promised."""


@dataclass(frozen=True, slots=True)
class Golden:
    """A sentence and what is promised to be understood of it."""

    text: str
    intent: str
    clauses: tuple[Wish, ...] = ()

    def __str__(self) -> str:
        wishes = " | ".join(
            f"{want}.{prop}"
            + "".join(f" [{value}]({'!' * excluded}{slot})" for slot, value, excluded in slots)
            for want, prop, slots in self.clauses
        )
        return ", ".join(filter(None, (self.intent, wishes))) or "nothing"


def golden(understanding: Understanding) -> Golden:
    """Return what a hub would act on; the wishes of a sentence that is not for the home count for nothing."""
    wishes = understanding.clauses if understanding.home > 0.5 else ()
    return Golden(
        understanding.text,
        understanding.intent,
        tuple(
            (wish.want, wish.property, tuple((slot.type, slot.value, slot.excluded) for slot in wish.slots))
            for wish in wishes
        ),
    )


def golden_failures(pack: Pack) -> list[str]:
    """Return one line for each promise that the pack does not keep, or that says why there is none."""
    if GOLDEN not in pack.files:
        return [f"{GOLDEN}: none in the pack, expected at least one promised sentence"]
    try:
        promised = read_golden(pack.folder / GOLDEN)
    except DataError as error:
        return [str(error)]
    return broken(promised, Encoder(pack))


def broken(promised: Sequence[Golden], understander: Understander) -> list[str]:
    """Return one line for each promise that the understander does not keep."""
    found = [golden(understander.understand(sentence.text)) for sentence in promised]
    return [
        f"{promise.text!r}: found {answer}, promised {promise}"
        for promise, answer in zip(promised, found, strict=True)
        if answer != promise
    ]


def write_golden(understander: Understander, sentences: Iterable[str], path: Path) -> int:
    """Write what is understood of the sentences as promises, and return how many it is sure enough of."""
    understood = [understander.understand(text) for text in dict.fromkeys(sentences)]
    promised = [golden(understanding) for understanding in understood if _sure(understanding)]
    lines = [json.dumps(_row(promise), ensure_ascii=False) + "\n" for promise in promised]
    put_whole(path, "".join(lines).encode(), ANYBODYS)
    return len(promised)


def read_golden(path: Path) -> list[Golden]:
    """Return the promises in a file, or raise `DataError` naming the first bad line."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(path, 0, f"cannot be read ({error})", "promises, one JSON object a line") from error
    promised = [_promise(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not promised:
        raise DataError(path, 0, "no promise in the file", "at least one promised sentence")
    return promised


def _promise(path: Path, number: int, line: str) -> Golden:
    expected = "text, intent and clauses as [[want, property, [[slot, value, excluded], ...]], ...]"
    try:
        row = json.loads(line)
        promise = Golden(row["text"], row["intent"], tuple(_wish(*clause) for clause in row["clauses"]))
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(path, number, f"no promise ({type(error).__name__}: {error})", expected) from error
    if _row(promise) != row or not isinstance(promise.text, str) or not isinstance(promise.intent, str):
        raise DataError(path, number, f"no promise ({line.strip()[:60]})", expected)
    return promise


def _wish(want: str, prop: str, slots: list[list[Any]]) -> Wish:
    return want, prop, tuple((slot, value, bool(excluded)) for slot, value, excluded in slots)


def _row(promise: Golden) -> dict[str, Any]:
    return {
        "text": promise.text,
        "intent": promise.intent,
        "clauses": [[want, prop, [list(slot) for slot in slots]] for want, prop, slots in promise.clauses],
    }


def _sure(understanding: Understanding) -> bool:
    """Tell whether no part of the answer is near another one."""
    parts = [intent.confidence for intent in understanding.intents[:1]]
    if understanding.clauses:
        parts.append(max(understanding.home, 1 - understanding.home))
    if understanding.home > 0.5:
        parts += [clause.confidence for clause in understanding.clauses]
        parts += [slot.confidence for clause in understanding.clauses for slot in clause.slots]
    return bool(parts) and min(parts) >= SURE
