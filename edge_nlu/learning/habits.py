"""What this home and each person in it is used to: counts that fade.

Each thing told to a device leaves a trace: what, when, where, by whom, after what. What was done at such a
time of day, on such a day, by this person counts most; it counts half after three weeks, and less each time
that something else was done instead, so a new habit soon outweighs an old one. What mostly follows something
that has just gone on (the alarm, then coffee) goes before the time of day. How sure a habit is, is the low
end of what its counts allow: too little history does nothing. One person's habits say nothing about
another's.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from operator import mul
from typing import Final, TypeAlias

from edge_nlu.learning.causes import Causes
from edge_nlu.learning.occasions import Cause, Occasion
from edge_nlu.learning.odds import at_least
from edge_nlu.learning.times import HALF_HOURS, cell_of, day_of, left_after, nearness, other_day, other_time
from edge_nlu.values import Act, Command, DeviceId, Exchange, Held, Utterance, Wish

# with as much known of the very case, the two above count half
ENOUGH: Final = 1.5
# what nobody is named for, where somebody is; and what somebody did, where nobody is named
NAMELESS: Final = 0.5
# what is left of a habit each time that something else is done instead
INSTEAD: Final = 0.5
# done by hand, it may have been the device itself
BY_HAND: Final = 0.8
FEWEST: Final = 2
LEAST: Final = 1.2
# a cause is followed by something as a rule from here on
FOLLOWS: Final = 0.5
OPTIONS_KEPT: Final = 12
CAUSES_KEPT: Final = 12
OPTIONS_KEPT_HERE: Final = 64
# less than this is as good as nothing
FADED: Final = 0.02
SAME_WITHIN: Final = timedelta(minutes=10)

_STOPPING: Final = frozenset(["off", "stop", "pause", "close", "mute", "dock"])
_ALIKE: Final = {"program": "run"}
# said of a moment, not a habit to be asked for in the open
_MOMENTARY: Final = frozenset(
    ["raise", "lower", "pause", "resume", "next", "previous", "mute", "unmute", "toggle", "undo", "remove"]
)
_UNSAYING: Final = frozenset(["unsaid", "run", "power", "mode", "program", "status", "name", ""])
_SEEN: Final = frozenset(["movie", "series", "video", "photo", "recipe"])


class Habits:
    """All that was told to the devices of a home, counted so that looking takes microseconds."""

    def __init__(
        self, occasions: Iterable[Occasion] = (), causes: Iterable[tuple[datetime, Cause]] = ()
    ) -> None:
        self._said: dict[DeviceId, _ByWant] = {}
        self._by_hand: dict[DeviceId, _ByWant] = {}
        self._here: dict[str, _Options] = {}
        self._last: dict[tuple[str, ...], Occasion] = {}
        self._causes = Causes()
        went_on = deque(sorted(causes, key=lambda one: one[0]))
        for occasion in occasions:
            while went_on and went_on[0][0] <= occasion.at:
                at, cause = went_on.popleft()
                self._causes.add(cause, at)
            self.add(occasion)
        for at, cause in went_on:
            self._causes.add(cause, at)

    def went_on(self, cause: Cause, at: datetime) -> bool:
        """Count what went on, for what may follow; return False where it only goes on."""
        return self._causes.add(cause, at)

    def add(self, occasion: Occasion) -> Occasion | None:
        """Count an occasion, and return it as it was counted; None where it only repeats the one before."""
        before = self._causes.before(occasion.at, but=occasion.command.device)
        occasion = replace(self._settled(occasion), after=before)
        key = (*_key(occasion), occasion.user)
        last = self._last.get(key)
        if last is not None and _repeats(occasion, last):
            return None
        self._last[key] = occasion
        for options in self._options_for(occasion):
            options.add(occasion)
        return occasion

    def take_back(self, occasion: Occasion) -> None:
        """Count an occasion no longer, the one counted last."""
        for options in self._options_for(occasion):
            options.take_back(occasion)
        key = (*_key(occasion), occasion.user)
        if self._last.get(key) == occasion:
            del self._last[key]

    def usual(
        self, wish: Wish, devices: Sequence[DeviceId], utterance: Utterance, place: str
    ) -> tuple[tuple[Command, float], ...]:
        """Return what is usual in such a case, the surest first; without devices, anything usual here."""
        asked = _Asked(wish, utterance)
        fitting = self._fitting(asked, devices, place)
        by_time = _first(asked.rank(asked.by_time(options, named=bool(devices))) for options in fitting)
        for cause in self._causes.before(utterance.at):
            after = _first(asked.rank(asked.after(options, cause)) for options in fitting)
            if after and (not by_time or self._mostly_follows(after[0][0], cause, asked)):
                return after
        return by_time

    def next(self, exchange: Exchange) -> Command | None:
        """Return what this person mostly does after what they just had done; nothing anybody may do then."""
        said = exchange.utterance
        if not isinstance(exchange.decision, Act):
            return None
        done = {Cause(one.device, *setting) for one in exchange.decision.commands for setting in one.settings}
        told = {one.device for one in exchange.decision.commands}
        follows = [
            habit
            for habit in self.known(said.at)
            if habit.after in done and habit.user == said.user and habit.command.device not in told
        ]
        best = max(follows, key=lambda habit: habit.sure, default=None)
        return best.command if best is not None and best.sure >= FOLLOWS else None

    def known(self, at: datetime) -> Iterator[Habit]:
        """Yield every habit that there is at this time, each as the person has it."""
        day = day_of(at)
        for known, hand in ((self._said, False), (self._by_hand, True)):
            for by_want in known.values():
                for options in by_want.values():
                    for habit in options.known(day, self._causes):
                        yield replace(habit, by_hand=hand)

    def _fitting(self, asked: _Asked, devices: Sequence[DeviceId], place: str) -> list[list[_Told]]:
        """Return what may be told in such a case, the closest to what is wished first."""
        if not devices:
            here = self._here.get(place)
            return [asked.suiting([here])] if here is not None else []
        found = []
        for known in (self._said, self._by_hand):
            if of_devices := [by_want for device in devices if (by_want := known.get(device))]:
                for fits in asked.ways_to_fit():
                    fitting = [one for by_want in of_devices for key, one in by_want.items() if fits(key)]
                    found.append(asked.suiting(fitting))
        return found

    def _mostly_follows(self, command: Command, cause: Cause, asked: _Asked) -> bool:
        """Return whether a cause is as a rule followed by this: alarms are by coffee, a lamp by anything."""
        often = self._causes.how_often(cause, asked.day)
        followed = sum(
            left_after(asked.day - option.day) * counts * option.after.get(user, {}).get(cause, 0.0)
            for known in (self._said, self._by_hand)
            for options in known.get(command.device, {}).values()
            if options.ever_after(cause) and (option := options.like(command)) is not None
            for user, counts in asked.whose(option.after)
        )
        # less than half of all times is never surely more
        return followed > FOLLOWS * often and at_least(followed, often) >= FOLLOWS

    def _settled(self, occasion: Occasion) -> Occasion:
        """Return a vague occasion as one of what it did: "the usual" that played jazz is a wish for jazz."""
        if not occasion.vague:
            return occasion
        for (want, prop), options in self._said.get(occasion.command.device, {}).items():
            if options.like(occasion.command) is not None:
                return replace(occasion, want=want, property=prop, vague=False)
        return replace(occasion, vague=False)

    def _options_for(self, occasion: Occasion) -> Iterator[_Options]:
        known = self._by_hand if occasion.by_hand else self._said
        of_device = known.setdefault(occasion.command.device, {})
        yield of_device.setdefault((occasion.want, occasion.property), _Options(OPTIONS_KEPT))
        if not occasion.by_hand and occasion.want not in _MOMENTARY:
            yield self._here.setdefault(occasion.place, _Options(OPTIONS_KEPT_HERE))


_ByWant: TypeAlias = "dict[tuple[str, str], _Options]"


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


def _first(ranked: Iterable[tuple[tuple[Command, float], ...]]) -> tuple[tuple[Command, float], ...]:
    return next(filter(None, ranked), ())


def _repeats(occasion: Occasion, last: Occasion) -> bool:
    return occasion.command == last.command and abs(occasion.at - last.at) < SAME_WITHIN


# ------------------------------------------------------------------------------------- what is asked


class _Asked:
    """A wish that leaves something open, by whom and when: what counts for it, and how much."""

    def __init__(self, wish: Wish, utterance: Utterance) -> None:
        self.wish = wish
        self.user = utterance.user
        self.cell = cell_of(utterance.at)
        self.day = day_of(utterance.at)
        self.near = nearness(self.cell)

    def bare(self) -> bool:
        """Return whether "the usual" is all that was said: then only what is done at such a time is meant."""
        wish = self.wish
        return wish.usual and not (wish.targets or wish.options or wish.title or wish.media)

    def whose(self, users: Iterable[str]) -> Iterable[tuple[str, float]]:
        """Return whose habits say something about whoever asks, and how much."""
        if self.user:
            return ((self.user, 1.0), ("", NAMELESS))
        return [(user, NAMELESS if user else 1.0) for user in users]

    def ways_to_fit(self) -> Iterator[_Fits]:
        """Return tests of what was told before, the closest to what is wished first."""
        yield _Fits(self.wish, same_want=True, same_property=True)
        if self.wish.usual or self.wish.want == "set":
            yield _Fits(self.wish, same_want=False, same_property=True)
        if self.wish.usual and self.wish.property in _UNSAYING:
            yield _Fits(self.wish, same_want=False, same_property=False)

    def suiting(self, fitting: Iterable[_Options]) -> list[_Told]:
        """Return what was told by those whose habits count, of what is asked for."""
        found: list[_Told] = []
        for option in chain.from_iterable(fitting):
            if not self._suits(option):
                continue
            times, traces = 0, list[_Trace]()
            for user, counts in self.whose(option.cells):
                if cells := option.cells.get(user):
                    times += option.times[user]
                    traces.append((counts, cells, option.after[user]))
            if traces:
                found.append((option, left_after(self.day - option.day), times, traces))
        return found

    def by_time(self, told: Iterable[_Told], *, named: bool) -> list[_Weighed]:
        """Return what each weighs by the time of day; other times say something of what is named."""
        further = other_time(self.cell) if named and not self.bare() else other_day(self.cell)
        return [
            (
                option,
                left * sum([counts * _sum(self.near, cells) for counts, cells, _ in traces]),
                left * sum([counts * _sum(further, cells) for counts, cells, _ in traces]),
                times,
            )
            for option, left, times, traces in told
        ]

    def after(self, told: Iterable[_Told], cause: Cause) -> list[_Weighed]:
        """Return what each weighs that was ever done after this had gone on."""
        return [
            (option, near * left, 0.0, times)
            for option, left, times, traces in told
            if (near := sum([counts * after.get(cause, 0.0) for counts, _, after in traces]))
        ]

    def rank(self, weighed: Sequence[_Weighed]) -> tuple[tuple[Command, float], ...]:
        """Return the options that are habits, with the share that each has in all that was done."""
        if not weighed:
            return ()
        further = ENOUGH / (ENOUGH + sum([near for _, near, _, _ in weighed]))
        weights = [near + further * far for _, near, far, _ in weighed]
        whole = sum(weights)
        habits = [
            (option.command, at_least(weight, whole))
            for (option, _, _, times), weight in zip(weighed, weights, strict=True)
            if weight >= LEAST and times >= FEWEST
        ]
        return tuple(sorted(habits, key=lambda habit: -habit[1]))

    def _suits(self, option: _Option) -> bool:
        """Return whether an option is of the property and the kind of media that is asked for."""
        wish = self.wish
        if wish.property not in _UNSAYING and option.property not in (wish.property, "unsaid"):
            return False
        if not wish.media or not option.media:
            return True
        if wish.media in ("watch", "listen"):
            return (option.media in _SEEN) == (wish.media == "watch")
        return option.media == wish.media


@dataclass(frozen=True, slots=True)
class _Fits:
    wish: Wish
    same_want: bool
    same_property: bool

    def __call__(self, key: tuple[str, str]) -> bool:
        want, prop = key
        wish = self.wish
        if self.same_want and want != wish.want:
            return False
        if not self.same_want and (want in _STOPPING) != (wish.want in _STOPPING):
            return False
        if not self.same_property or "unsaid" in (prop, wish.property):
            return True
        return _ALIKE.get(prop, prop) == _ALIKE.get(wish.property, wish.property)


# ------------------------------------------------------------------------------------- what is counted


@dataclass(slots=True)
class _Option:
    """One thing that a device is told, with how often, for each person by time of day and kind of day."""

    command: Command
    want: str
    property: str
    day: float
    media: str
    cells: dict[str, dict[int, float]] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    after: dict[str, dict[Cause, float]] = field(default_factory=dict)

    def fade(self, day: float) -> None:
        """Let it fade up to this day, and drop what has; a clock that was set back fades nothing."""
        left = left_after(day - self.day)
        self.day = day
        if left < 1.0:
            for user, cells in self.cells.items():
                self.cells[user] = {cell: held * left for cell, held in cells.items() if held > FADED}
            for user, causes in self.after.items():
                self.after[user] = {cause: held * left for cause, held in causes.items() if held > FADED}

    def follows(self, occasion: Occasion, power: float) -> None:
        """Count what it was done after, and keep those that it was done after most."""
        causes = self.after.setdefault(occasion.user, {})
        for cause in occasion.after:
            causes[cause] = max(0.0, causes.get(cause, 0.0) + power)
        if len(causes) > CAUSES_KEPT:
            most = sorted(causes, key=lambda one: -causes[one])[: CAUSES_KEPT // 2]
            self.after[occasion.user] = {cause: causes[cause] for cause in most}

    def whole(self, day: float) -> float:
        """Return how often it was done by anybody at any time, as far as that has not faded by this day."""
        return left_after(day - self.day) * sum(sum(cells.values()) for cells in self.cells.values())


_Trace: TypeAlias = tuple[float, Mapping[int, float], Mapping[Cause, float]]
"""How much one person's habits count, by time of day what they did, and after what."""
_Told: TypeAlias = tuple[_Option, float, int, Sequence[_Trace]]
"""An option, what is left of its counts, how many times it was done, and by those whose habits count."""
_Weighed: TypeAlias = tuple[_Option, float, float, int]
"""What an option weighs: what is near, what is further off, and how many times it was done."""


class _Options:
    """What may be told in one case, each counted on its own."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._count = 0
        self._alike: dict[tuple[DeviceId, str, str], list[_Option]] = {}

    def like(self, command: Command) -> _Option | None:
        """Return the option that comes to the same as a command."""
        return next((option for option in self if _agree(option.command, command)), None)

    def __iter__(self) -> Iterator[_Option]:
        """Yield each option."""
        return chain.from_iterable(self._alike.values())

    def ever_after(self, cause: Cause) -> bool:
        """Return whether any of them was ever done after this had gone on."""
        return any(cause in causes for option in self for causes in option.after.values())

    def add(self, occasion: Occasion) -> None:
        """Count an occasion; whatever else was done in such a case counts less from now on."""
        day, cell, user = day_of(occasion.at), cell_of(occasion.at), occasion.user
        alike = self._alike.setdefault(_key(occasion), [])
        own = _same_option(alike, occasion)
        if own is None:
            media = _media_kind(occasion.command)
            own = _Option(occasion.command, occasion.want, occasion.property, day, media)
            alike.append(own)
            self._count += 1
        own.fade(day)
        own.command = _fuller(own.command, occasion.command)
        cells = own.cells.setdefault(user, {})
        counts = _counts(occasion)
        cells[cell] = cells.get(cell, 0.0) + counts
        own.times[user] = own.times.get(user, 0) + 1
        own.follows(occasion, counts)
        for option in alike:
            if option is not own:
                _lessen(option, occasion, counts)
        if self._count > self._kept:
            self._drop_least(own, day)

    def take_back(self, occasion: Occasion) -> None:
        """Undo what adding this occasion did."""
        alike = self._alike.get(_key(occasion), [])
        own = _same_option(alike, occasion)
        if own is None or occasion.user not in own.cells:
            return
        cell = cell_of(occasion.at)
        cells = own.cells[occasion.user]
        counts = _counts(occasion)
        cells[cell] = max(0.0, cells.get(cell, 0.0) - counts)
        own.times[occasion.user] -= 1
        own.follows(occasion, -counts)
        for option in alike:
            if option is not own:
                _lessen(option, occasion, -counts)
        if not any(own.times.values()):
            self._remove(own, alike)

    def known(self, day: float, causes: Causes) -> Iterator[Habit]:
        """Yield what each person is used to among these options: at a time, and after something else."""
        for alike in self._alike.values():
            for option in alike:
                left = left_after(day - option.day)
                for user, cells in option.cells.items():
                    if option.times[user] < FEWEST or not cells:
                        continue
                    cell = max(cells, key=lambda one: sum(_near(one, cells)))
                    times = left * sum(_near(cell, cells))
                    of = sum(left_after(day - o.day) * sum(_near(cell, o.cells.get(user, {}))) for o in alike)
                    said = (user, option.want, option.property, option.command)
                    half_hour, weekend = cell % HALF_HOURS, cell >= HALF_HOURS
                    yield Habit(*said, times, of, at_least(times, of), half_hour, weekend)
                    for cause, held in option.after[user].items():
                        often = causes.how_often(cause, day)
                        yield Habit(*said, held * left, often, at_least(held * left, often), after=cause)

    def _drop_least(self, own: _Option, day: float) -> None:
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

    def _remove(self, option: _Option, alike: list[_Option]) -> None:
        alike[:] = [other for other in alike if other is not option]
        self._count -= 1


def _sum(table: tuple[float, ...], cells: Mapping[int, float]) -> float:
    """Return what is held in cells, each as much as the table says."""
    held: float = sum(map(mul, map(table.__getitem__, cells), cells.values()))
    return held


def _near(cell: int, cells: Mapping[int, float]) -> Iterator[float]:
    table = nearness(cell)
    return (table[other] * held for other, held in cells.items())


def _key(occasion: Occasion) -> tuple[DeviceId, str, str]:
    return occasion.command.device, occasion.want, occasion.property


def _counts(occasion: Occasion) -> float:
    return BY_HAND if occasion.by_hand else 1.0


def _same_option(alike: Sequence[_Option], occasion: Occasion) -> _Option | None:
    """Return the option that an occasion is one more of; how far something was turned up is no matter."""
    if occasion.want in _MOMENTARY:
        return alike[0] if alike else None
    return next((option for option in alike if _agree(option.command, occasion.command)), None)


def _lessen(option: _Option, occasion: Occasion, power: float) -> None:
    """Let what was not done count less for such a time, and after what had gone on."""
    near = nearness(cell_of(occasion.at))
    cells = option.cells.get(occasion.user, {})
    for other in cells:
        if near[other] > FADED:
            cells[other] *= INSTEAD ** (power * near[other])
    causes = option.after.get(occasion.user, {})
    for cause in causes.keys() & set(occasion.after):
        causes[cause] *= INSTEAD**power


def _agree(one: Command, other: Command) -> bool:
    """Return whether two commands come to the same: one may say more, and numbers may differ by a hair."""
    if one.device != other.device:
        return False
    few, many = dict(one.settings), dict(other.settings)
    if len(few) > len(many):
        few, many = many, few
    return all(key in many and _same(value, many[key]) for key, value in few.items())


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
