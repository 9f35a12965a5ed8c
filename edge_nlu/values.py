"""The frozen nouns of the line, in the order they appear in it.

A sentence comes in as text and is understood once: its intent, whether it is for a home hub at
all, and its clauses, each a wish with the words that fill it. Nothing here can be changed after
it was made, so a value can be journalled, replayed and compared.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """A run of words that fills a place in a wish.

    An excluded slot names what the wish does not hold for: the lamp in "everything except the lamp".
    """

    type: str
    start: int
    end: int
    value: str
    excluded: bool = False
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Clause:
    """One wish of a sentence: what is wanted, of which property, and the slots that fill it."""

    start: int
    end: int
    want: str
    property: str
    slots: tuple[Slot, ...] = ()
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Scored:
    """A label and how sure the model is of it, from 0 to 1."""

    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one reading of a sentence gives: the likeliest intents first, its slots, its wishes.

    `home` says how sure it is that the sentence is meant for a home hub. `embedding` is a vector of
    unit length as little-endian float32, so that a value needs no numpy.
    """

    text: str
    intents: tuple[Scored, ...]
    home: float
    slots: tuple[Slot, ...]
    clauses: tuple[Clause, ...]
    embedding: bytes = b""
    truncated: bool = False

    @property
    def intent(self) -> str:
        """Return the likeliest intent, or an empty string where the pack knows none."""
        return self.intents[0].label if self.intents else ""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with what it means, as people labelled it; None where nobody said."""

    id: str
    locale: str
    text: str
    intent: str | None = None
    slots: tuple[Slot, ...] | None = None
    home: float | None = None
    clauses: tuple[Clause, ...] | None = None
    group: str = ""
