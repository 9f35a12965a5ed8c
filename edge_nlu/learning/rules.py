"""Rules by which a sentence is taken for another, and what speaks for them.

A rule begins on trial: somebody said one thing, it failed, and said another. It serves while it is likelier
to go well with it than without, by what came of both; people who turned from one wording to the other count
like a time that it went well. Gone well twice it is confirmed. At the first complaint it is withdrawn, and
people have to turn to the other wording anew. What happened long ago fades.
"""

from __future__ import annotations

# hashlib brings OpenSSL along, 3.6 MB of memory
from _blake2 import blake2s
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal, TypeAlias

import numpy as np

Kind: TypeAlias = Literal["whole", "name", "pattern"]
State: TypeAlias = Literal["trial", "confirmed", "withdrawn"]
Source: TypeAlias = Literal["home", "shared", "cloud"]

# it has to be so much likelier than not that it goes better with the rule than without
SURE: Final = 0.75
CONFIRMED_AFTER: Final = 2
FADING: Final = 0.97
# one of so many sentences that a rule would change is left as it was said
SPARED: Final = 20
_GRID: Final = (np.arange(400) + 0.5) / 400
_LOGS: Final = (np.log(_GRID), np.log1p(-_GRID))


@dataclass(frozen=True, slots=True)
class Rule:
    """What is taken for what, by whom and where; `user` and `place` are "" where it holds for all.

    `won` and `lost` count what came of sentences that it changed, `plain_won` and `plain_lost` what came of
    them as they were said. It stands as it does since `at_s`, in seconds since 1970. `said_by` names those
    from whom it was learned.
    """

    kind: Kind
    failing: str
    working: str
    user: str = ""
    place: str = ""
    source: Source = "home"
    state: State = "trial"
    at_s: float = 0.0
    won: float = 0.0
    lost: float = 0.0
    plain_won: float = 0.0
    plain_lost: float = 0.0
    said_by: str = ""

    @property
    def id(self) -> str:
        """Return what it is called: the same for the same rule, whenever it is learned."""
        own = "\n".join((self.kind, self.failing, self.working, self.user, self.place))
        return blake2s(own.encode(), digest_size=6).hexdigest()


def serves(rule: Rule, seen: float, otherwise: float = 0.0) -> bool:
    """Return whether a rule is followed; `seen` is how often people turned so, `otherwise` elsewhere."""
    return rule.state != "withdrawn" and better(rule, seen, otherwise) >= SURE


def better(rule: Rule, seen: float, otherwise: float = 0.0) -> float:
    """Return how likely it is that a sentence goes better with a rule than without."""
    return _above(
        *(round(rule.won + seen, 2), round(rule.lost + otherwise, 2)),
        *(round(rule.plain_won, 2), round(rule.plain_lost, 2)),
    )


def changed(rule: Rule, at_s: float, *, well: bool) -> Rule:
    """Return a rule after it changed a sentence, and that went well or not."""
    faded = replace(rule, won=FADING * rule.won + well, lost=FADING * rule.lost + (not well))
    if not well:
        return replace(faded, state="withdrawn", at_s=at_s)
    if rule.state == "trial" and faded.won > CONFIRMED_AFTER * FADING:
        return replace(faded, state="confirmed", at_s=at_s)
    return faded


def left(rule: Rule, *, well: bool) -> Rule:
    """Return a rule after a sentence was left as it was said, and that went well or not."""
    return replace(
        rule,
        plain_won=FADING * rule.plain_won + well,
        plain_lost=FADING * rule.plain_lost + (not well),
    )


def spared(utterance: str) -> bool:
    """Return whether the sentence with this id is one of those that no rule changes."""
    return blake2s(utterance.encode(), digest_size=2).digest()[0] % SPARED == 0


@lru_cache(maxsize=4096)
def _above(won: float, lost: float, plain_won: float, plain_lost: float) -> float:
    """Return how likely one share lies above another, each under its beta posterior with a flat prior."""
    one, other = _density(won, lost), _density(plain_won, plain_lost)
    return float(one @ (other.cumsum() - 0.5 * other))


def _density(won: float, lost: float) -> np.typing.NDArray[np.float64]:
    dense = won * _LOGS[0] + lost * _LOGS[1]
    dense = np.exp(dense - dense.max())
    shares: np.typing.NDArray[np.float64] = dense / dense.sum()
    return shares
