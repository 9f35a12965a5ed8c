"""What was done of each thing that may be told in one case: how often, at what times, after what, by whom.

Counts fade, and each time that something else was done instead they count less.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import mul
from typing import Final, TypeVar

from edge_nlu.learning.causes import Causes
from edge_nlu.learning.occasions import Cause, Occasion
from edge_nlu.learning.odds import at_least
from edge_nlu.learning.times import HALF_HOURS, cell_of, day_of, left_after, nearness
from edge_nlu.values import Command, DeviceId, Held

# what is left of a habit each time that something else is done instead
INSTEAD: Final = 0.5
# done by hand, it may have been the device itself
BY_HAND: Final = 0.8
FEWEST: Final = 2
CAUSES_KEPT: Final = 12
# less than this is as good as nothing
FADED: Final = 0.02
# said of a moment, not a habit to be asked for in the open
MOMENTARY: Final = frozenset(
    ["raise", "lower", "pause", "resume", "next", "previous", "mute", "unmute", "toggle", "undo", "remove"]
)

Number = TypeVar("Number", float, complex)


@dataclass(frozen=True, slots=True)
class Habit:
    """What somebody is used to tell a device: at a time of day, or after something else.

    `half_hour` is of the day, `weekend` tells which days; both say nothing where `after` does. It was so
    `times` of `of`, and the share is at least `sure`.
    """

    user: str
    want: str
    property: str
    command: Command
    times: float
    of: float
    sure: float
    half_hour: int = 0
    weekend: bool = False
    after: Cause | None = None
    by_hand: bool = False


@dataclass(slots=True)
class Trace:
    """What one person did of one thing: how many times, and, as far as not faded, when and after what.

    `cells` are half hours of the day, counted on at weekends.
    """

    times: int = 0
    cells: dict[int, float] = field(default_factory=dict)
    after: dict[Cause, float] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Option:
    """One thing that a device is told, with what each person did of it, as it stood on a day."""

    command: Command
    want: str
    property: str
    day: float
    media: str
    traces: dict[str, Trace] = field(default_factory=dict)

    def fade(self, day: float) -> None:
        """Let it fade up to this day, and drop what has; a clock that was set back fades nothing."""
        left = left_after(day - self.day)
        self.day = day
        if left < 1.0:
            for trace in self.traces.values():
                trace.cells = {cell: held * left for cell, held in trace.cells.items() if held > FADED}
                trace.after = {cause: held * left for cause, held in trace.after.items() if held > FADED}
            self.traces = {user: trace for user, trace in self.traces.items() if trace.cells}

    def whole(self, day: float) -> float:
        """Return how often it was done by anybody at any time, as far as that has not faded by this day."""
        return left_after(day - self.day) * sum(sum(trace.cells.values()) for trace in self.traces.values())


class Options:
    """What may be told in one case, each counted on its own."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._count = 0
        self._alike: dict[tuple[DeviceId, str, str], list[Option]] = {}

    def like(self, command: Command) -> Option | None:
        """Return the option that comes to the same as a command."""
        return next((option for option in self if agree(option.command, command)), None)

    def __iter__(self) -> Iterator[Option]:
        """Yield each option."""
        return chain.from_iterable(self._alike.values())

    def add(self, occasion: Occasion) -> None:
        """Count an occasion; whatever else was done in such a case counts less from now on."""
        day, cell = day_of(occasion.at), cell_of(occasion.at)
        alike = self._alike.setdefault(case_of(occasion), [])
        own = _same_option(alike, occasion)
        if own is None:
            media = _media_kind(occasion.command)
            own = Option(occasion.command, occasion.want, occasion.property, day, media)
            alike.append(own)
            self._count += 1
        own.fade(day)
        own.command = _fuller(own.command, occasion.command)
        trace = own.traces.setdefault(occasion.user, Trace())
        counts = _counts(occasion)
        trace.cells[cell] = trace.cells.get(cell, 0.0) + counts
        trace.times += 1
        _follow(trace, occasion, counts)
        for option in alike:
            if option is not own:
                _lessen(option, occasion, counts)
        if self._count > self._kept:
            self._drop_least(own, day)

    def take_back(self, occasion: Occasion) -> None:
        """Undo what adding this occasion did."""
        alike = self._alike.get(case_of(occasion), [])
        own = _same_option(alike, occasion)
        if own is None or occasion.user not in own.traces:
            return
        cell, trace, counts = cell_of(occasion.at), own.traces[occasion.user], _counts(occasion)
        trace.cells[cell] = max(0.0, trace.cells.get(cell, 0.0) - counts)
        trace.times -= 1
        _follow(trace, occasion, -counts)
        for option in alike:
            if option is not own:
                _lessen(option, occasion, -counts)
        if not any(trace.times for trace in own.traces.values()):
            self._remove(own, alike)

    def known(self, day: float, causes: Causes) -> Iterator[Habit]:
        """Yield what each person is used to among these options: at a time, and after something else."""
        for alike in self._alike.values():
            for option in alike:
                left = left_after(day - option.day)
                for user, trace in option.traces.items():
                    if trace.times < FEWEST or not trace.cells:
                        continue
                    cells = trace.cells
                    cell = max(cells, key=lambda one: weighed(nearness(one), cells))
                    near = nearness(cell)
                    times = left * weighed(near, cells)
                    of = sum(
                        left_after(day - other.day) * weighed(near, other.traces[user].cells)
                        for other in alike
                        if user in other.traces
                    )
                    said = (user, option.want, option.property, option.command)
                    half_hour, weekend = cell % HALF_HOURS, cell >= HALF_HOURS
                    yield Habit(*said, times, of, at_least(times, of), half_hour, weekend)
                    for cause, held in trace.after.items():
                        often = causes.how_often(cause, day)
                        yield Habit(*said, held * left, often, at_least(held * left, often), after=cause)

    def _drop_least(self, own: Option, day: float) -> None:
        """Drop a quarter of the options, those done least; not at once again for the next one."""
        found = [
            (option.whole(day), option, alike)
            for alike in self._alike.values()
            for option in alike
            if option is not own
        ]
        found.sort(key=lambda one: one[0])
        for _, option, alike in found[: self._kept // 4]:
            self._remove(option, alike)

    def _remove(self, option: Option, alike: list[Option]) -> None:
        alike[:] = [other for other in alike if other is not option]
        self._count -= 1


def agree(one: Command, other: Command) -> bool:
    """Return whether two commands come to the same: one may say more, and numbers may differ by a hair."""
    if one is other or one.device != other.device:
        return one is other
    few, many = dict(one.settings), dict(other.settings)
    if len(few) > len(many):
        few, many = many, few
    return all(key in many and _same(value, many[key]) for key, value in few.items())


def case_of(occasion: Occasion) -> tuple[DeviceId, str, str]:
    """Return the case that an occasion is one of: only what is done in the same one is done instead."""
    return occasion.command.device, occasion.want, occasion.property


def weighed(table: Sequence[Number], cells: Mapping[int, float]) -> Number:
    """Return what is held in cells, each as much as the table says."""
    held: Number = sum(map(mul, map(table.__getitem__, cells), cells.values()))
    return held


def _counts(occasion: Occasion) -> float:
    return BY_HAND if occasion.by_hand else 1.0


def _same_option(alike: Sequence[Option], occasion: Occasion) -> Option | None:
    """Return the option that an occasion is one more of; how far something was turned up is no matter."""
    if occasion.want in MOMENTARY:
        return alike[0] if alike else None
    return next((option for option in alike if agree(option.command, occasion.command)), None)


def _follow(trace: Trace, occasion: Occasion, power: float) -> None:
    """Count what it was done after, and keep those that it was done after most."""
    after = trace.after
    for cause in occasion.after:
        after[cause] = max(0.0, after.get(cause, 0.0) + power)
    if len(after) > CAUSES_KEPT:
        most = sorted(after, key=lambda one: -after[one])[: CAUSES_KEPT // 2]
        trace.after = {cause: after[cause] for cause in most}


def _lessen(option: Option, occasion: Occasion, power: float) -> None:
    """Let what was not done count less for such a time, and after what had gone on."""
    trace = option.traces.get(occasion.user)
    if trace is None:
        return
    table = nearness(cell_of(occasion.at))
    for cell in trace.cells:
        if table[cell] > FADED:
            trace.cells[cell] *= INSTEAD ** (power * table[cell])
    for cause in trace.after.keys() & set(occasion.after):
        trace.after[cause] *= INSTEAD**power


def _same(one: Held, other: Held) -> bool:
    if isinstance(one, bool | str) or isinstance(other, bool | str):
        return one == other and isinstance(one, bool) == isinstance(other, bool)
    return abs(one - other) <= 0.03 * max(abs(one), abs(other))


def _fuller(old: Command, new: Command) -> Command:
    """Return the command that says more, or the new one."""
    return old if len(old.settings) > len(new.settings) else new


def _media_kind(command: Command) -> str:
    for _, value in command.settings:
        if isinstance(value, str) and value.startswith("{"):
            try:
                told = json.loads(value)
            except ValueError:
                continue
            return str(told.get("kind", ""))
    return ""
