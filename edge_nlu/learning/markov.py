"""Find which wording leads to what people want, from whole conversations of one home or of many.

Who says one wording and then another walks a chain that ends in success or in giving up. What is solved is
how often somebody who began with one wording comes to say another and succeeds with it: where that is
likelier than to succeed with the first, the other is what was meant. Many homes count alike, so a household
that says a thing a thousand times is one of many. How often a wording succeeds is taken at the low end.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np

from edge_nlu.learning.odds import at_least

# what speaks for either end before a wording was heard
PRIOR: Final = 0.5
# it has to be so much likelier to succeed with the other wording
MARGIN: Final = 0.15
# where several homes are read together, one counts at most so much for a wording
A_HOME: Final = 3.0
# so many wordings are looked at that one may lead to; who goes on beyond them counts as giving up
LARGEST: Final = 48


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of a conversation: its wording, who said it where and when, and what came of it.

    `reached` is how likely it did what was wanted; `rephrases` is the number of the sentence in the
    conversation that this one says anew, or -1.
    """

    id: str
    wording: str
    user: str = ""
    place: str = ""
    at_s: float = 0.0
    reached: float = 0.0
    rephrases: int = -1


@dataclass(frozen=True, slots=True)
class Mined:
    """That one wording is best said as another: how likely it is to succeed so, at least, and by itself.

    `seen` are the sentences in which somebody turned from the one to the other, in so many `homes`.
    """

    failing: str
    working: str
    sure: float
    plain: float
    homes: int
    seen: tuple[Said, ...]


Session: TypeAlias = Sequence[Said]


def mine(homes: Sequence[Sequence[Session]]) -> list[Mined]:
    """Return for each wording the one that people mean by it, where that does better; the surest first."""
    chain = _Chain(len(homes) > 1)
    for number, home in enumerate(homes):
        chain.read(number, home)
    found = (one for wording in chain.steps if (one := chain.best(wording)) is not None)
    return sorted(found, key=lambda one: (-one.sure, one.failing, one.working))


@dataclass(slots=True)
class _Counts:
    """What a wording led to: other wordings, success, giving up; and in how many homes it was said."""

    onward: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    won: float = 0.0
    lost: float = 0.0

    @property
    def times(self) -> float:
        """Return how often it was said."""
        return sum(self.onward.values()) + self.won + self.lost

    def add(self, other: _Counts, share: float) -> None:
        """Count what was counted elsewhere, or a share of it."""
        for wording, times in other.onward.items():
            self.onward[wording] += share * times
        self.won += share * other.won
        self.lost += share * other.lost


class _Chain:
    """All wordings with what they led to, and who turned from which to which."""

    def __init__(self, many: bool) -> None:  # noqa: FBT001
        self.steps: dict[str, _Counts] = {}
        self._many = many
        self._turns: dict[tuple[str, str], dict[str, tuple[int, Said]]] = defaultdict(dict)

    def read(self, number: int, home: Sequence[Session]) -> None:
        """Count the conversations of a home."""
        own: dict[str, _Counts] = defaultdict(_Counts)
        for session in home:
            anew = {said.rephrases: at for at, said in reversed([*enumerate(session)]) if said.rephrases >= 0}
            for at, said in enumerate(session):
                counts = own[said.wording]
                if (next_at := anew.get(at)) is not None:
                    counts.onward[session[next_at].wording] += 1.0
                    for working in _led_to(session, anew, at):
                        self._turns[said.wording, working][said.id] = (number, said)
                else:
                    counts.won += said.reached
                    counts.lost += 1.0 - said.reached
        for wording, counts in own.items():
            share = min(1.0, A_HOME / counts.times) if self._many else 1.0
            self.steps.setdefault(wording, _Counts()).add(counts, share)

    def best(self, wording: str) -> Mined | None:
        """Return the wording that is best said in place of one, where that beats staying with it."""
        if not self.steps[wording].onward:
            return None
        reached = self._reachable(wording)
        visits = self._visits(reached)
        plain = float(visits[0]) * self._succeeds(wording)
        scores = [
            float(visits[at]) * at_least(self.steps[other].won, self.steps[other].times)
            for at, other in enumerate(reached)
        ]
        at = max(range(1, len(reached)), key=scores.__getitem__, default=0)
        if at == 0 or scores[at] < plain + MARGIN or not (turns := self._turns.get((wording, reached[at]))):
            return None
        seen = tuple(said for _, said in turns.values())
        homes = len({number for number, _ in turns.values()})
        return Mined(wording, reached[at], round(scores[at], 4), round(plain, 4), homes, seen)

    def _succeeds(self, wording: str) -> float:
        counts = self.steps[wording]
        return (counts.won + PRIOR / 2) / (counts.times + PRIOR)

    def _reachable(self, wording: str) -> list[str]:
        """Return the wordings that one may lead to, itself first, the nearest before those farther off."""
        found = {wording: None}
        waiting = deque([wording])
        while waiting and len(found) < LARGEST:
            for onward in self.steps[waiting.popleft()].onward:
                if onward not in found:
                    found[onward] = None
                    waiting.append(onward)
        return [*found][:LARGEST]

    def _visits(self, reached: list[str]) -> np.typing.NDArray[np.float64]:
        """Return how often each of these is said by somebody who begins with the first."""
        place = {wording: at for at, wording in enumerate(reached)}
        stays = np.zeros((len(reached), len(reached)))
        for wording, at in place.items():
            counts = self.steps[wording]
            for onward, times in counts.onward.items():
                if onward in place:
                    stays[at, place[onward]] = times / (counts.times + PRIOR)
        begins = np.zeros(len(reached))
        begins[0] = 1.0
        visits = np.linalg.solve((np.eye(len(reached)) - stays).T, begins)
        return visits.astype(np.float64, copy=False)


def _led_to(session: Session, anew: dict[int, int], at: int) -> Iterator[str]:
    """Yield the wordings in which a sentence of a conversation was said anew, one after the other."""
    own = session[at].wording
    while (next_at := anew.get(at, at)) > at:
        at = next_at
        if session[at].wording != own:
            yield session[at].wording
