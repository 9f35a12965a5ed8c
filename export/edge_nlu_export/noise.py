"""Spoil a sentence the way fingers and microphones do, and keep what it means.

One word is changed at a time. Slots and clauses move with their words; an edit that would cut through
a slot's edge, swallow a slot, or turn "on" into "off" is not made, and the example comes back as it was.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from edge_nlu.values import Clause, Example, Slot
from edge_nlu_export.homespeak.ontology import is_held_out, words


@dataclass(frozen=True, slots=True)
class Edit:
    """Some letters of a text and what stands there instead."""

    start: int
    end: int
    by: str

    def applied(self, text: str) -> str:
        """Return the text with the edit made."""
        return text[: self.start] + self.by + text[self.end :]

    @property
    def growth(self) -> int:
        """Return by how many letters the text gets longer."""
        return len(self.by) - (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood instead of some words, and how often."""

    words: str
    times: int


Confusions = Mapping[str, Sequence[Heard]]

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_ATTEMPTS = 8
_LONGEST = 3

# Without these words a wish turns into another, or into its opposite.
_TELLING = frozenset(
    words("""
    on off up down open close closed shut lock unlock locked unlocked start stop pause resume play next
    previous mute unmute not no yes don't dont never and then but except cancel undo more less to by
    warmer cooler brighter darker louder quieter turn out leave set raise lower
    """)
)


# Typing

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    key: "".join(
        row[near]
        for row, shift in ((_KEYS[at - 1] if at else "", 0), (keys, 0), (_KEYS[at + 1] if at < 2 else "", 0))
        for near in (here + shift - 1, here + shift, here + shift + 1)
        if 0 <= near < len(row) and row[near] != key
    )
    for at, keys in enumerate(_KEYS)
    for here, key in enumerate(keys)
}


def typing_error(text: str, rng: Random) -> Edit | None:
    """Return a slip of the fingers somewhere in the text, or None where no word is long enough."""
    longer = [found for found in _WORD.finditer(text) if len(found[0]) > 2 and found[0].isalpha()]
    if not longer:
        return None
    word = rng.choice(longer)
    slip = rng.choice((_swapped, _dropped, _dropped, _doubled, _beside, _beside, _joined, _split))
    return slip(text, word.start(), word.end(), rng)


def _swapped(text: str, start: int, end: int, rng: Random) -> Edit:
    at = rng.randrange(start, end - 1)
    return Edit(at, at + 2, text[at + 1] + text[at])


def _dropped(_: str, start: int, end: int, rng: Random) -> Edit:
    at = rng.randrange(start + 1, end)
    return Edit(at, at + 1, "")


def _doubled(text: str, start: int, end: int, rng: Random) -> Edit:
    at = rng.randrange(start, end)
    return Edit(at, at + 1, text[at] * 2)


def _beside(text: str, start: int, end: int, rng: Random) -> Edit:
    at = rng.randrange(start, end)
    near = _NEIGHBOURS.get(text[at].lower(), text[at])
    return Edit(at, at + 1, rng.choice(near))


def _joined(text: str, start: int, end: int, rng: Random) -> Edit:
    if text[end : end + 1] == " " and end + 1 < len(text):
        return Edit(end, end + 1, "")
    return _swapped(text, start, end, rng)


def _split(text: str, start: int, end: int, rng: Random) -> Edit:
    if end - start < 5:
        return _doubled(text, start, end, rng)
    at = rng.randrange(start + 2, end - 1)
    return Edit(at, at, " ")


# Hearing


def read_confusions(path: Path) -> dict[str, tuple[Heard, ...]]:
    """Return what recognisers understood instead of what was said, from a file of JSON lines.

    Words training must not see and words nobody knows ("unk") are left out.
    """
    found: dict[str, list[Heard]] = {}
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as lines
    ):
        for line in lines:
            if not line.strip():
                continue
            row = json.loads(line)
            said, heard = str(row["said"]).lower(), str(row["heard"]).lower()
            telling = _TELLING & {*said.split(), *heard.split()}
            if said != heard and not telling and "unk" not in heard.split() and not is_held_out(heard):
                found.setdefault(said, []).append(Heard(heard, int(row["times"])))
    return {said: tuple(heard) for said, heard in found.items()}


def misheard(text: str, rng: Random, confusions: Confusions) -> Edit | None:
    """Return one word or a few understood as others, or None where nothing in the text is ever confused."""
    spans = [(found.start(), found.end()) for found in _WORD.finditer(text)]
    edits: list[Edit] = []
    weights: list[int] = []
    for first in range(len(spans)):
        for last in range(first, min(first + _LONGEST, len(spans))):
            start, end = spans[first][0], spans[last][1]
            for heard in confusions.get(text[start:end].lower(), ()):
                edits.append(Edit(start, end, heard.words) if heard.words else _without(text, start, end))
                weights.append(heard.times)
    for heard in confusions.get("", ()) if spans else ():
        at = rng.choice(spans)[0]
        edits.append(Edit(at, at, heard.words + " "))
        weights.append(max(1, heard.times // 8))
    return rng.choices(edits, weights)[0] if edits else None


def _without(text: str, start: int, end: int) -> Edit:
    if text[end : end + 1] == " ":
        return Edit(start, end + 1, "")
    return Edit(start - 1, end, "") if start and text[start - 1] == " " else Edit(start, end, "")


# Both, on labelled sentences


def with_typing_error(example: Example, rng: Random) -> Example:
    """Return the example with a typing error, or as it was where every slip would spoil a slot."""
    for _ in range(_ATTEMPTS):
        edit = typing_error(example.text, rng)
        spoiled = None if edit is None else _edited(example, edit)
        if spoiled is not None and spoiled.text != example.text:
            return spoiled
    return example


def with_misheard_word(example: Example, rng: Random, confusions: Confusions) -> Example:
    """Return the example with words understood as others, or as it was where that would spoil a slot."""
    for _ in range(_ATTEMPTS):
        edit = misheard(example.text, rng, confusions)
        spoiled = None if edit is None else _edited(example, edit)
        if spoiled is not None and spoiled.text != example.text:
            return spoiled
    return example


class _SpoiledError(Exception):
    """The edit would leave a slot or a clause without its words."""


def _edited(example: Example, edit: Edit) -> Example | None:
    text = edit.applied(example.text)
    if not text.strip() or is_held_out(text):
        return None
    try:
        slots = None if example.slots is None else _moved_slots(example.slots, edit, text)
        clauses = None if example.clauses is None else _moved_clauses(example.clauses, edit, text)
    except _SpoiledError:
        return None
    return replace(example, text=text, slots=slots, clauses=clauses)


def _moved_slots(slots: Sequence[Slot], edit: Edit, text: str) -> tuple[Slot, ...]:
    return tuple(_moved(slot, edit, text) for slot in slots)


def _moved(slot: Slot, edit: Edit, text: str) -> Slot:
    start, end = slot.start, slot.end
    inserts = edit.start == edit.end
    if edit.end <= start:
        if not inserts and edit.end == start and not edit.by.endswith(" "):
            raise _SpoiledError
        start, end = start + edit.growth, end + edit.growth
    elif edit.start >= end:
        if edit.start == end and not edit.by.startswith(" ") and text[edit.start : edit.start + 1].isalnum():
            raise _SpoiledError
    elif (
        start <= edit.start
        and edit.end <= end
        and not (inserts and edit.by.endswith(" ") and len(edit.by) > 1)
    ):
        end += edit.growth
    else:
        raise _SpoiledError
    value = text[start:end]
    if not value.strip() or value != value.strip():
        raise _SpoiledError
    return replace(slot, start=start, end=end, value=value)


def _moved_clauses(clauses: Sequence[Clause], edit: Edit, text: str) -> tuple[Clause, ...]:
    starts = [_moved_start(clause.start, edit) for clause in clauses]
    ends = [*starts[1:], len(text)]
    if any(not text[start:end].strip() for start, end in zip(starts, ends, strict=True)):
        raise _SpoiledError
    return tuple(
        replace(clause, start=start, end=end, slots=_moved_slots(clause.slots, edit, text))
        for clause, start, end in zip(clauses, starts, ends, strict=True)
    )


def _moved_start(start: int, edit: Edit) -> int:
    if start <= edit.start:
        return start
    if start < edit.end or (start == edit.end and not edit.by and edit.end - edit.start == 1):
        raise _SpoiledError  # a joining word, or the blank before it, is gone
    return start + edit.growth
