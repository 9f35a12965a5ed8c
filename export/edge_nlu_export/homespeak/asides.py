"""Put around a wish what people say without wishing anything: reasons, circumstances, small stories.

An aside names things, people and times that are no part of the wish. It belongs to the clause it
stands beside and has no slots, so that a model learns to let such words pass.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

from edge_nlu.values import Clause, Example
from edge_nlu_export.homespeak.ontology import is_held_out

_FILE = Path(__file__).parent / "words" / "asides.txt"


@cache
def asides() -> dict[str, tuple[str, ...]]:
    """Return what may stand before a wish and what may stand after it."""
    found: dict[str, list[str]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            part = found.setdefault(line.removeprefix("#").strip(), [])
        elif line.strip() and not is_held_out(line):
            part.append(line.strip())
    return {name: tuple(lines) for name, lines in found.items()}


def with_aside(example: Example, rng: Random) -> Example:
    """Return the sentence with an aside before or after it."""
    typed = example.text[:1].isupper()
    if rng.random() < 0.4:
        lead = rng.choice(asides()["before"])
        lead = (lead[0].upper() + lead[1:] + rng.choice((", ", " - ", ", "))) if typed else lead + " "
        return _shifted(example, lead)
    tail = rng.choice(asides()["after"])
    end = example.text.rstrip(".!?")
    text = f"{end}, {tail}{example.text[len(end) :]}" if typed else f"{example.text} {tail}"
    *others, last = example.clauses or ()
    return replace(example, text=text, clauses=(*others, replace(last, end=len(text))))


def _shifted(example: Example, lead: str) -> Example:
    by = len(lead)
    text = lead + example.text

    def moved(clause: Clause) -> Clause:
        slots = tuple(
            replace(
                slot, start=slot.start + by, end=slot.end + by, value=text[slot.start + by : slot.end + by]
            )
            for slot in clause.slots
        )
        return replace(clause, start=clause.start + by, end=clause.end + by, slots=slots)

    first, *others = (moved(clause) for clause in example.clauses or ())
    return replace(example, text=text, clauses=(replace(first, start=0), *others))
