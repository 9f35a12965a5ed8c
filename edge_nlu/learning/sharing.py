"""Put together what many homes learned, without anything that tells of one of them.

A home offers what went well there and is nobody's own. What enough homes say alike is shared: a whole
wording, a way of saying something, and a name without the room that it was learned in. Whatever has a digit,
an address or somebody's name in it stays at home.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final, get_args

from edge_nlu.learning.rewording import wording
from edge_nlu.learning.rules import Kind, Rule

FEWEST: Final = 3
# of the homes that know a wording so many have to mean the same by it
AGREE: Final = 0.6
LONGEST: Final = 120
_WORD: Final = re.compile(r"[^\W_]+")
_PRIVATE: Final = re.compile(r"\d|@|://|\bwww\b")
# said one after the other they are somebody's number
_DIGITS: Final = re.compile(r"\b(?:(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)\b\W*){3}")


@dataclass(frozen=True, slots=True)
class Shared:
    """What is taken for what in so many homes."""

    kind: Kind
    failing: str
    working: str
    homes: int


def offered(rules: Iterable[Rule], names: Collection[str] = ()) -> list[Rule]:
    """Return the rules that a home may show to others; `names` are those of its people.

    A whole wording has to have gone well there. A name or a way of saying comes up too seldom in one home for
    that: what speaks for it is that other homes turned the same way.
    """
    private = {word for name in names for word in _WORD.findall(name.lower())}
    return [
        rule
        for rule in rules
        if (rule.source, rule.user) == ("home", "")
        and rule.state in (("confirmed",) if rule.kind == "whole" else ("confirmed", "trial"))
        and _says_nothing_of_a_home(rule, private)
    ]


def pooled(homes: Sequence[Iterable[Rule]], fewest: int = FEWEST) -> list[str]:
    """Return the lines of what at least so many homes say alike."""
    meant: dict[tuple[Kind, str], list[set[str]]] = defaultdict(list)
    for rules in homes:
        own: dict[tuple[Kind, str], set[str]] = defaultdict(set)
        for rule in offered(rules):
            own[rule.kind, rule.failing] |= set(_meanings(rule))
        for key, meanings in own.items():
            meant[key].append(meanings)
    lines = []
    for (kind, failing), said in sorted(meant.items()):
        times = Counter(meaning for meanings in said for meaning in meanings)
        enough = [working for working, of in times.items() if of >= max(fewest, AGREE * len(said))]
        if enough:
            working = max(enough, key=lambda one: (len(one.split()), times[one], one))
            lines.append(line_of(Shared(kind, failing, working, times[working])))
    return lines


def line_of(shared: Shared) -> str:
    """Return a rule as a line of a file."""
    return json.dumps(asdict(shared), ensure_ascii=False)


def shared_of(line: str) -> Shared:
    """Return the rule in a line of a file; ValueError says what is wrong with it."""
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"{line[:40]!r}, which is no JSON") from error
    if not isinstance(found, dict) or set(found) != {"kind", "failing", "working", "homes"}:
        raise ValueError(f"{line[:40]!r}, which is not kind, failing, working and homes")
    if found["kind"] not in get_args(Kind) or type(found["homes"]) is not int or found["homes"] < 1:
        raise ValueError(f"kind {found['kind']!r} in {found['homes']!r} homes")
    if not all(
        isinstance(found[key], str) and 0 < len(found[key]) <= LONGEST for key in ("failing", "working")
    ):
        raise ValueError(f"{line[:40]!r}, of which a wording is empty or too long")
    shared = Shared(**found)
    if not _says_nothing_of_a_home(shared, ()):
        raise ValueError(f"{shared.failing!r}, which has a number or an address in it")
    looked_up = wording(shared.failing) if shared.kind == "whole" else shared.failing
    if shared.failing != looked_up or shared.failing == shared.working:
        raise ValueError(f"{shared.failing!r}, which is no wording to look up")
    return shared


def _says_nothing_of_a_home(rule: Rule | Shared, private: Collection[str]) -> bool:
    said = f"{rule.failing} {rule.working}".lower()
    return not (_PRIVATE.search(said) or _DIGITS.search(said) or set(private) & set(_WORD.findall(said)))


def _meanings(rule: Rule) -> Iterator[str]:
    """Yield what may be meant by a rule in another home: a name also without what comes before its kind."""
    words = rule.working.split()
    yield rule.working
    if rule.kind == "name":
        yield from (" ".join(words[start:]) for start in range(1, len(words)))
