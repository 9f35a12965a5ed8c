"""The names behind a model's numbers, and where each head's numbers lie.

A model gives two arrays for a sentence: one row for the sentence as a whole, one row for each
word. Every head is a run of columns in one of them; a pack without home control has those heads
empty, and everything else stays the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

STRANGE = 4.0
"""What a slot type or a wish loses in log-odds when it never went together."""


def tags(types: tuple[str, ...]) -> int:
    """Return how many word tags a list of slot types needs: outside, and begin and inside of each."""
    return 1 + 2 * len(types) if types else 0


@dataclass(frozen=True, eq=False)
class Labels:
    """What a pack can say, in the order of its numbers.

    `seen_with` tells for each intent the slot types that went with it in training, `wishes` for each want
    the properties that it can be of; what is not named there is unlikely.
    """

    intents: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    home_slots: tuple[str, ...] = ()
    embedding: int = 0
    seen_with: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wishes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sentence: Mapping[str, slice] = field(init=False, repr=False)
    word: Mapping[str, slice] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        home = int(bool(self.wants))
        sentence = {"intent": len(self.intents), "home": home, "embedding": self.embedding}
        word = {
            "slot": tags(self.slots),
            "home_slot": tags(self.home_slots),
            "excluded": home,
            "start": home,
            "want": len(self.wants),
            "property": len(self.properties),
            "weight": home,
        }
        object.__setattr__(self, "sentence", _columns(sentence))
        object.__setattr__(self, "word", _columns(word))

    @property
    def sentence_width(self) -> int:
        """Return the columns of the sentence row."""
        return int(self.sentence["embedding"].stop)

    @property
    def word_width(self) -> int:
        """Return the columns of a word row."""
        return int(self.word["weight"].stop)

    @lru_cache(maxsize=128)  # noqa: B019 - labels live as long as their pack
    def strange(self, intent: str) -> npt.NDArray[np.float32] | None:
        """Return 1 for each slot tag that never went with the intent, or None where nothing is known."""
        seen = self.seen_with.get(intent)
        if seen is None or not self.slots:
            return None
        return np.array([0, *(slot not in seen for slot in self.slots for _ in "BI")], np.float32)

    @cached_property
    def seldom_wishes(self) -> npt.NDArray[np.float32]:
        """Return by what the odds of each want (row) with each property (column) are multiplied."""
        never = np.zeros((len(self.wants), len(self.properties)), np.float32)
        for row, want in enumerate(self.wants):
            if want in self.wishes:
                never[row] = [prop not in self.wishes[want] for prop in self.properties]
        seldom: npt.NDArray[np.float32] = np.exp(-STRANGE * never)
        return seldom

    def to_json(self) -> dict[str, Any]:
        """Return the labels as they stand in a pack's `labels.json`."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.init}

    @classmethod
    def from_json(cls, data: Any) -> Labels:
        """Return the labels of a pack's `labels.json`; raise ValueError on what a pack cannot say."""
        if not isinstance(data, dict):
            raise ValueError(f"{type(data).__name__} where label groups were expected")
        if unknown := set(data) - {f.name for f in fields(cls) if f.init}:
            raise ValueError(f"unknown label groups {sorted(unknown)}")
        lists = {
            name: _names(name, data.get(name, ()))
            for name in ("intents", "slots", "wants", "properties", "home_slots")
        }
        if bool(lists["wants"]) != bool(lists["properties"]):
            raise ValueError("wants without properties, or properties without wants")
        embedding = data.get("embedding", 0)
        if type(embedding) is not int or embedding < 0:
            raise ValueError(f"embedding {embedding!r}, which is no width")
        return cls(
            **lists,
            embedding=embedding,
            seen_with=_lists("seen_with", data.get("seen_with", {})),
            wishes=_lists("wishes", data.get("wishes", {})),
        )


def _lists(group: str, lists: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(lists, dict):
        raise ValueError(f"{group} is {type(lists).__name__}, not a list of names for each name")
    return {name: _names(f"{group} {name}", names) for name, names in lists.items()}


def _names(group: str, names: Any) -> tuple[str, ...]:
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{group} is no list of names")
    if len(set(names)) < len(names):
        raise ValueError(f"{group} has a name twice")
    return tuple(names)


def _columns(widths: dict[str, int]) -> dict[str, slice]:
    columns, at = {}, 0
    for name, width in widths.items():
        columns[name] = slice(at, at + width)
        at += width
    return columns
