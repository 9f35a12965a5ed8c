"""Choose what a home offers to a fleet's table of wordings, and name it so that only who knows it can tell.

A pair is what is said and what it is taken for, without room, person or day. Of each pair a home tells at
first no more than a digest, salted anew for each epoch of a fleet: so the fleet can count homes that say the
same, and learns nothing of what only it has never heard of. Who guesses the words can make the digest, too;
therefore there are few pairs, and none with somebody's name or a number in it.
"""

from __future__ import annotations

# hashlib brings OpenSSL along, 3.6 MB of memory
from _blake2 import blake2s
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from edge_nlu.learning.rules import Kind, Rule
from edge_nlu.learning.sharing import AGREE, Shared

DIGEST_BYTES: Final = 16
NAMED_BY: Final = 2
"""Words of a name that are told: "wall light", not "Leo's old wall light"."""

# a way of saying is the same everywhere, a whole wording is seldom said twice
_BROADEST: Final[tuple[Kind, ...]] = ("pattern", "name", "whole")


class Pair(NamedTuple):
    """What is taken for what."""

    kind: Kind
    failing: str
    working: str


def digest(salt: bytes, pair: Pair) -> bytes:
    """Return what stands for a pair in an epoch."""
    return blake2s("\n".join(pair).encode(), key=salt, digest_size=DIGEST_BYTES).digest()


def pairs_of(rules: Iterable[Rule]) -> list[Pair]:
    """Return rules that a home may show as pairs, those first that serve it best and others may say, too."""
    ordered = sorted(
        rules,
        key=lambda rule: (_BROADEST.index(rule.kind), rule.state != "confirmed", -rule.won, rule.failing),
    )
    # "the lamp" is another one in every room
    anywhere = (rule for rule in ordered if rule.kind != "whole" or not rule.place)
    pairs = (Pair(rule.kind, rule.failing, _broadly(rule)) for rule in anywhere)
    return [pair for pair in dict.fromkeys(pairs) if pair.failing != pair.working]


def table_of(named: Iterable[tuple[Pair, int]]) -> list[Shared]:
    """Return the rules of a table from pairs with their homes.

    Of pairs that fail alike the longest counts that most homes mean; where they mean different things, none.
    """
    by: dict[tuple[Kind, str], dict[str, int]] = {}
    for pair, homes in named:
        by.setdefault((pair.kind, pair.failing), {})[pair.working] = homes
    table = []
    for (kind, failing), meant in sorted(by.items()):
        agreed = [one for one in meant if meant[one] >= AGREE * sum(_weighed(meant, one))]
        if agreed:
            working = max(agreed, key=lambda one: (len(one.split()), meant[one], one))
            table.append(Shared(kind, failing, working, meant[working]))
    return table


def _broadly(rule: Rule) -> str:
    """Return what a rule takes its wording for in other homes, too."""
    return " ".join(rule.working.split()[-NAMED_BY:]) if rule.kind == "name" else rule.working


def _weighed(meant: dict[str, int], one: str) -> Iterator[int]:
    """Yield the homes that mean this, and those that mean something else and not just less of it."""
    yield meant[one]
    for other, homes in meant.items():
        if other != one and not (f" {one}".endswith(f" {other}") or f" {other}".endswith(f" {one}")):
            yield homes
