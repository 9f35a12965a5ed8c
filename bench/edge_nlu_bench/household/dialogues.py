"""Put the truth of a home beside what its hub saw, run by run of sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import Final, NamedTuple

from edge_nlu.learning.dialogue import BY_HAND_S, Run, Vector, runs_of
from edge_nlu.models.dialogue import FAILURES, REACH
from edge_nlu_bench.household.causes import NO_HUB, REWRITTEN
from edge_nlu_bench.household.recording import Recorded, Row, lived
from edge_nlu_bench.household.turns import ASIDE, OVERHEARD

DAY_S: Final = 86_400.0
UNKNOWN: Final = -100
"""Where there is no truth, or none that says anything."""

TAKEN_FOR: Final = {NO_HUB: "correct", REWRITTEN: "understood wrong"}
"""What no hub could have done is nobody's failure; a wrong rewrite is a way to understand wrongly."""


class Told(NamedTuple):
    """A run of sentences with the truth of each; `points` is which one says it anew, or none, -1.

    `rows` are those of the recording that the truth comes from.
    """

    run: Run
    starts: list[int]
    reached: list[int]
    worked: list[int]
    failure: list[int]
    points: list[int]
    rows: Sequence[Row]


def told_of(home: Recorded, vector: Callable[[str], Vector], days: float = inf) -> list[Told]:
    """Return the runs of a home with their truth, read in pieces of so many days as if none were before."""
    seen = lived(home, vector)
    reached = {row["goal"] for row in seen.truth if row["reached"] and is_wish(row)}
    found = []
    for first, last in _pieces([turn.at_s for turn in seen.turns], days * DAY_S):
        begun, ended = seen.turns[first].at_s, seen.turns[last - 1].at_s + BY_HAND_S
        moved = [one for one in seen.moved if begun <= one.at_s <= ended]
        found += [
            _told([seen.truth[first + number] for number in run.turns], run, reached)
            for run in runs_of(seen.turns[first:last], moved, seen.place)
        ]
    return found


def _pieces(times: Sequence[float], long_s: float) -> Iterator[tuple[int, int]]:
    """Yield from which to which number so long a time goes."""
    first = 0
    for number, at in enumerate(times):
        if at - times[first] >= long_s:
            yield first, number
            first = number
    if times:
        yield first, len(times)


def is_wish(row: Row) -> bool:
    """Return whether a sentence was a try at a wish."""
    return row["wish"] not in (ASIDE, OVERHEARD)


def _told(own: Sequence[Row], run: Run, reached: set[int]) -> Told:
    goals = [row["goal"] for row in own]
    starts = [int(not at or goals[at - 1] != goal or goal < 0) for at, goal in enumerate(goals)]
    points = []
    for at, row in enumerate(own):
        anew = (
            then
            for then in range(at + 1, min(at + 1 + REACH, len(own)))
            if goals[then] == goals[at] and is_wish(own[then])
        )
        points.append(next(anew, -1) if is_wish(row) and not row["reached"] else -1)
    return Told(
        run,
        [UNKNOWN, *starts[1:]],
        [int(goal in reached) if goal >= 0 else UNKNOWN for goal in goals],
        [int(row["reached"] and is_wish(row)) for row in own],
        [FAILURES.index(TAKEN_FOR.get(row["cause"], row["cause"])) for row in own],
        points,
        own,
    )
