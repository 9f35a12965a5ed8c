"""Read the phrase files and turn their lines into small random writers.

A phrase file holds scenarios and rules. A scenario (`== name`) lists lines as people write frames in
`docs/ontology.md`: `want.property: words`, clauses cut by ` | `. In the words,

    (a|b|)          one of these, or nothing
    [slot words]    a slot, [!slot words] an excluded one
    $name           a rule, a word list, or something the scene says (`$thing`, `$is`)
    > at the start  a bare command, which can be asked for politely or forbidden

A rule (`:: name`) lists its alternatives. `3* ` before a line makes it three times as likely. After the
property a line may name the rows of devices it speaks of: `lower.* lights fans: ...`; the scenario's own
`rows` line says so for all its lines. `*` is the property the row has by degrees.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")

OPEN, NAMED, SHUT, NOT = "\x01", "\x02", "\x03", "\x04"

_NAME = re.compile(r"\$([a-z_0-9]+)")
_WEIGHT = re.compile(r"(\d+)\* *")
_HEAD = re.compile(r"([a-z]+)\.([a-z_*~]+)((?: [a-z_]+)*): ?")
_SLOT = re.compile(r"(!?[a-z_]+) ")


class Teller(Protocol):
    """What a writer asks: chance, and the words behind a name."""

    def chance(self) -> float:
        """Return the next number from 0 to 1."""

    def say(self, name: str, out: list[str]) -> None:
        """Write what the name stands for."""


Writer = Callable[[Teller, list[str]], None]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One clause of a line: its labels, the rows it may speak of, and its words."""

    want: str
    property: str
    rows: tuple[str, ...]
    write: Writer
    is_command: bool


@dataclass(frozen=True, slots=True)
class Weighted(Generic[T]):
    """Things to pick from, some likelier than others."""

    items: tuple[T, ...]
    upto: tuple[float, ...]

    def pick(self, chance: float) -> T:
        """Return the thing that a chance from 0 to 1 falls on."""
        return self.items[bisect(self.upto, chance * self.upto[-1])]


def weighted(pairs: Iterable[tuple[T, float]]) -> Weighted[T]:
    """Return things to pick from by their weights."""
    items, weights = zip(*pairs, strict=True)
    return Weighted(tuple(items), tuple(accumulate(weights)))


@dataclass(slots=True)
class Grammar:
    """All scenarios and rules of the phrase files."""

    scenarios: dict[str, Weighted[tuple[Pattern, ...]]] = field(default_factory=dict)
    rules: dict[str, Writer] = field(default_factory=dict)


def read_grammar(paths: Sequence[Path]) -> Grammar:
    """Return the grammar that the phrase files describe together."""
    scenarios: dict[str, list[tuple[tuple[Pattern, ...], float]]] = {}
    rules: dict[str, list[tuple[Writer, float]]] = {}
    for path in paths:
        kind, name = "", ""
        rows: tuple[str, ...] = ()
        for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            line = raw.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith(("== ", ":: ")):
                kind, name, rows = line[:2], line[3:].strip(), ()
            elif line.startswith("rows: "):
                rows = tuple(line[6:].split())
            else:
                try:
                    weight, body = _weight(line)
                    if kind == "==":
                        scenarios.setdefault(name, []).append((_patterns(body, rows), weight))
                    else:
                        rules.setdefault(name, []).append((_compile(body), weight))
                except ValueError as error:
                    raise ValueError(f"{path.name}, line {number}: {error}") from error
    return Grammar(
        {name: weighted(lines) for name, lines in scenarios.items()},
        {name: _choice(weighted(lines)) for name, lines in rules.items()},
    )


def _weight(line: str) -> tuple[float, str]:
    found = _WEIGHT.match(line)
    return (float(found[1]), line[found.end() :]) if found else (1.0, line)


def _patterns(line: str, rows: tuple[str, ...]) -> tuple[Pattern, ...]:
    return tuple(_pattern(part.strip(), rows) for part in _split(line))


def _pattern(part: str, rows: tuple[str, ...]) -> Pattern:
    head = _HEAD.match(part)
    if head is None:
        raise ValueError(f"{part!r} is not headed by want.property:")
    body = part[head.end() :]
    command = body.startswith(">")
    return Pattern(
        head[1], head[2], tuple(head[3].split()) or rows, _compile(body.removeprefix(">")), command
    )


def _split(text: str, mark: str = "|") -> list[str]:
    """Cut a text at the marks that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if sign == mark and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    if depth:
        raise ValueError(f"a bracket is not closed in {text!r}")
    return [*parts, text[start:]]


def _compile(text: str) -> Writer:
    """Return the writer of some words."""
    writers: list[Writer] = []
    at = 0
    while at < len(text):
        sign = text[at]
        if sign == "(":
            end = _closing(text, at)
            writers.append(_options(text[at + 1 : end]))
        elif sign == "[":
            end = _closing(text, at)
            writers.append(_slot(text[at + 1 : end]))
        elif sign == "$":
            found = _NAME.match(text, at)
            if found is None:
                raise ValueError(f"no name after $ in {text!r}")
            writers.append(_named(found[1]))
            end = found.end() - 1
        else:
            end = at
            while end + 1 < len(text) and text[end + 1] not in "([$":
                end += 1
            writers.append(_literal(text[at : end + 1]))
        at = end + 1
    return writers[0] if len(writers) == 1 else _sequence(tuple(writers))


def _closing(text: str, at: int) -> int:
    depth = 0
    for end in range(at, len(text)):
        depth += (text[end] in "([") - (text[end] in ")]")
        if depth == 0:
            return end
    raise ValueError(f"a bracket is not closed in {text!r}")


def _options(text: str) -> Writer:
    parts = [_weight(part) for part in _split(text)]
    return _choice(weighted((_compile(part), weight) for weight, part in parts))


def _slot(text: str) -> Writer:
    found = _SLOT.match(text)
    if found is None:
        raise ValueError(f"[{text}] names no slot")
    inner = _compile(text[found.end() :])
    head = OPEN + found[1].replace("!", NOT) + NAMED

    def write(teller: Teller, out: list[str]) -> None:
        out.append(head)
        inner(teller, out)
        out.append(SHUT)

    return write


def _literal(text: str) -> Writer:
    return lambda _, out: out.append(text)


def _named(name: str) -> Writer:
    return lambda teller, out: teller.say(name, out)


def _sequence(writers: tuple[Writer, ...]) -> Writer:
    def write(teller: Teller, out: list[str]) -> None:
        for writer in writers:
            writer(teller, out)

    return write


def _choice(options: Weighted[Writer]) -> Writer:
    def write(teller: Teller, out: list[str]) -> None:
        options.pick(teller.chance())(teller, out)

    return write
