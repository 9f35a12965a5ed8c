"""What counts for a wish that leaves something open, said by somebody at some time, and how much.

What was done at such a time of day, on such a day, by this person counts most. One person's habits say
nothing about another's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, TypeAlias

from edge_nlu.learning.counts import FEWEST, Option, Options, Trace, weighed
from edge_nlu.learning.occasions import Cause
from edge_nlu.learning.odds import at_least
from edge_nlu.learning.times import cell_of, day_of, left_after, near_and_far
from edge_nlu.values import Command, Utterance, Wish

# with as much known of the very case, what was done at other times counts half
ENOUGH: Final = 1.5
# what nobody is named for, where somebody is; and what somebody did, where nobody is named
NAMELESS: Final = 0.5
LEAST: Final = 1.2

_STOPPING: Final = frozenset(["off", "stop", "pause", "close", "mute", "dock"])
_ALIKE: Final = {"program": "run"}
_UNSAYING: Final = frozenset(["unsaid", "run", "power", "mode", "program", "status", "name", ""])
_SEEN: Final = frozenset(["movie", "series", "video", "photo", "recipe"])

ByWant: TypeAlias = dict[tuple[str, str], Options]
"""What one device is told, by want and property."""
Traces: TypeAlias = Sequence[tuple[float, Trace]]
"""What was done by those whose habits count, and how much they do."""
Told: TypeAlias = tuple[Option, float, Traces]
"""An option, and what is left of its counts."""
Weighed: TypeAlias = tuple[Option, float, float, Traces]
"""What an option weighs: what is near, and what is further off."""


class Asked:
    """A wish that leaves something open, by whom and when."""

    def __init__(self, wish: Wish, utterance: Utterance) -> None:
        self.day = day_of(utterance.at)
        self._wish = wish
        self._cell = cell_of(utterance.at)
        self._stops = wish.want in _STOPPING
        self._wide = wish.usual or wish.want == "set"
        self._whose = ((utterance.user, 1.0), ("", NAMELESS)) if utterance.user else None

    def fitting(self, by_wants: Iterable[ByWant]) -> Iterator[list[Told]]:
        """Yield what devices were told in such a case, the closest to what is wished first, then more."""
        found = [
            (far, options)
            for by_want in by_wants
            for (want, prop), options in by_want.items()
            if (far := self._how_far(want, prop)) is not None
        ]
        for most in sorted({far for far, _ in found}):
            yield self.suiting(options for far, options in found if far <= most)

    def suiting(self, fitting: Iterable[Options]) -> list[Told]:
        """Return what was told by those whose habits count, of what is asked for."""
        found: list[Told] = []
        for option in chain.from_iterable(fitting):
            known = option.traces
            whose = self._whose or [(user, NAMELESS if user else 1.0) for user in known]
            traces = [(counts, known[user]) for user, counts in whose if user in known]
            if traces and self._suits(option):
                found.append((option, left_after(self.day - option.day), traces))
        return found

    def by_time(self, told: Iterable[Told], *, named: bool) -> list[Weighed]:
        """Return what each weighs by the time of day; other times say something of what is named."""
        table = near_and_far(self._cell, other_times=named and not self._is_bare())
        found: list[Weighed] = []
        for option, left, traces in told:
            weight = 0j
            for counts, trace in traces:
                weight += counts * weighed(table, trace.cells)
            found.append((option, left * weight.real, left * weight.imag, traces))
        return found

    def after(self, told: Iterable[Told], cause: Cause) -> list[Weighed]:
        """Return what each weighs that was ever done after this had gone on."""
        found: list[Weighed] = []
        for option, left, traces in told:
            followed = 0.0
            for counts, trace in traces:
                if cause in trace.after:
                    followed += counts * trace.after[cause]
            if followed:
                found.append((option, left * followed, 0.0, traces))
        return found

    def _is_bare(self) -> bool:
        """Return whether "the usual" is all that was said: then only what is done at such a time is meant."""
        wish = self._wish
        return wish.usual and not (wish.targets or wish.options or wish.title or wish.media)

    def _how_far(self, want: str, prop: str) -> int | None:
        """Return how far such a case is from what is wished, 0 for the same; None where it does not fit."""
        wish = self._wish
        if want != wish.want and not (self._wide and (want in _STOPPING) == self._stops):
            return None
        if _ALIKE.get(prop, prop) == _ALIKE.get(wish.property, wish.property) or "unsaid" in (
            prop,
            wish.property,
        ):
            return int(want != wish.want)
        return 2 if wish.usual and wish.property in _UNSAYING else None

    def _suits(self, option: Option) -> bool:
        """Return whether an option is of the property and the kind of media that is asked for."""
        wish = self._wish
        if wish.property not in _UNSAYING and option.property not in (wish.property, "unsaid"):
            return False
        if not wish.media or not option.media:
            return True
        if wish.media in ("watch", "listen"):
            return (option.media in _SEEN) == (wish.media == "watch")
        return option.media == wish.media


def surest(found: Sequence[Weighed]) -> Option | None:
    """Return the option that is most of all a habit, if any is."""
    habits = [(near, option) for option, near, _, traces in found if _is_habit(near, traces)]
    return max(habits, key=lambda one: one[0])[1] if habits else None


def ranked(found: Sequence[Weighed]) -> tuple[tuple[Command, float], ...]:
    """Return the options that are habits, the surest first, with the share of each in all that was done."""
    if not found:
        return ()
    further = ENOUGH / (ENOUGH + sum([near for _, near, _, _ in found]))
    weights = [near + further * far for _, near, far, _ in found]
    whole = sum(weights)
    habits = [
        (option.command, at_least(weight, whole))
        for (option, _, _, traces), weight in zip(found, weights, strict=True)
        if _is_habit(weight, traces)
    ]
    return tuple(sorted(habits, key=lambda habit: -habit[1]))


def _is_habit(weight: float, traces: Traces) -> bool:
    return weight >= LEAST and sum([trace.times for _, trace in traces]) >= FEWEST
