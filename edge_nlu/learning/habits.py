"""What this home and each person in it is used to: counts that fade.

Each thing told to a device leaves a trace: what, when, where, by whom. What was done at such a time of day,
on such a day, by this person counts most; it counts half after three weeks, and less each time that
something else was done instead, so a new habit soon outweighs an old one. One person's habits say
nothing about another's. Twice is the least that makes a habit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from math import exp
from typing import Final, TypeAlias

from edge_nlu.values import Act, Command, Device, DeviceId, Exchange, Held, Utterance, Wish

HALF_LIFE_DAYS: Final = 21.0
# a quarter past seven is much like seven, ten is not
TIME_SPREAD_H: Final = 1.5
# of a device that is named, a habit of another time of day still says a little
OTHER_TIME: Final = 0.2
# how much the habits of working days say about a weekend, and the other way round
OTHER_DAY: Final = 0.5
# with as much known of the very case, the two above count half
ENOUGH: Final = 1.5
# what nobody is named for, where somebody is; and what somebody did, where nobody is named
NAMELESS: Final = 0.5
# what is left of a habit each time that something else is done instead
INSTEAD: Final = 0.8
# done by hand, it may have been the device itself
BY_HAND: Final = 0.6
FEWEST: Final = 2
LEAST: Final = 1.2
# speaks against every habit, so that twice of twice is not yet sure
DOUBT: Final = 0.8
OPTIONS_KEPT: Final = 12
OPTIONS_KEPT_HERE: Final = 64
# less than this is as good as nothing
FADED: Final = 0.02
SAME_WITHIN: Final = timedelta(minutes=10)

_HALF_HOURS: Final = 48
_STOPPING: Final = frozenset(["off", "stop", "pause", "close", "mute", "dock"])
_SWITCHED: Final = {"lock": ("lock", "unlock"), "position": ("open", "close"), "run": ("start", "stop")}
_ALIKE: Final = {"program": "run"}
# said of a moment, not a habit to be asked for in the open
_MOMENTARY: Final = frozenset(
    ["raise", "lower", "pause", "resume", "next", "previous", "mute", "unmute", "toggle", "undo", "remove"]
)
_UNSAYING: Final = frozenset(["unsaid", "run", "power", "mode", "program", "status", "name", ""])
_SEEN: Final = frozenset(["movie", "series", "video", "photo", "recipe"])


@dataclass(frozen=True, slots=True)
class Occasion:
    """One time that a device was told something, by a sentence or by hand.

    `place` is where it was said. A `vague` one came of "the usual", and says no more than what was told.
    """

    at: datetime
    want: str
    property: str
    command: Command
    user: str = ""
    place: str = ""
    utterance: str = ""
    by_hand: bool = False
    vague: bool = False


def occasions_of(exchange: Exchange, place: str) -> tuple[Occasion, ...]:
    """Return what an exchange told to devices, as far as it may be a habit."""
    decision = exchange.decision
    if not isinstance(decision, Act):
        return ()
    said = exchange.utterance
    lost = {device for device, _ in exchange.outcome.failed}
    return tuple(
        Occasion(said.at, wish.want, wish.property, command, said.user, place, said.id, vague=wish.usual)
        for candidate in decision.candidates
        if (wish := candidate.wish).want not in ("undo", "ask", "find") and wish.moment is None
        for command in candidate.commands
        if command.device not in lost and command.settings
    )


def by_hand(device: Device, key: str, value: Held, at: datetime) -> Occasion | None:
    """Return what somebody did by hand, where a report tells of something that can be a habit."""
    feature = device.feature(key)
    if feature is None or not feature.settable or not feature.property:
        return None
    if feature.kind == "switch":
        want = _SWITCHED.get(feature.property, ("on", "off"))[not value]
    else:
        want = "play" if feature.kind == "media" else "set"
    return Occasion(at, want, feature.property, Command(device.id, ((key, value),)), by_hand=True)


class Habits:
    """All that was told to the devices of a home, counted so that looking takes microseconds."""

    def __init__(self, occasions: Iterable[Occasion] = ()) -> None:
        self._said: dict[DeviceId, dict[tuple[str, str], _Options]] = {}
        self._by_hand: dict[DeviceId, dict[tuple[str, str], _Options]] = {}
        self._here: dict[str, _Options] = {}
        self._last: dict[tuple[str, ...], Occasion] = {}
        for occasion in occasions:
            self.add(occasion)

    def add(self, occasion: Occasion) -> Occasion | None:
        """Count an occasion, and return it as it was counted; None where it only repeats the one before."""
        occasion = self._settled(occasion)
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
        if devices and not any(d in self._said or d in self._by_hand for d in devices):
            return ()
        asked = _Asked(wish, utterance)
        if not devices:
            here = self._here.get(place)
            return asked.rank(here.weighed(asked, other_day(asked.cell))) if here is not None else ()
        further = other_day(asked.cell) if asked.bare() else other_time(asked.cell)
        for known in (self._said, self._by_hand):
            of_devices = [(device, found) for device in devices if (found := known.get(device))]
            if not of_devices:
                continue
            for fits in asked.ways_to_fit():
                weighed = [
                    one
                    for _, found in of_devices
                    for key, options in found.items()
                    if fits(key)
                    for one in options.weighed(asked, further)
                ]
                if ranked := asked.rank(weighed):
                    return ranked
        return ()

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


def _repeats(occasion: Occasion, last: Occasion) -> bool:
    return occasion.command == last.command and abs(occasion.at - last.at) < SAME_WITHIN


# ------------------------------------------------------------------------------------- what is asked


class _Asked:
    """A wish that leaves something open, by whom and when: what counts for it, and how much."""

    def __init__(self, wish: Wish, utterance: Utterance) -> None:
        self.wish = wish
        self.user = utterance.user
        self.cell = _cell(utterance.at)
        self.day = _day(utterance.at)
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

    def rank(self, weighed: Iterable[_Weighed]) -> tuple[tuple[Command, float], ...]:
        """Return the options that are habits, with the share that each has in all that was done."""
        fitting = [one for one in weighed if self._suits(one[0])]
        if not fitting:
            return ()
        further = ENOUGH / (ENOUGH + sum([near for _, near, _, _ in fitting]))
        weights = [near + further * far for _, near, far, _ in fitting]
        whole = sum(weights) + DOUBT
        habits = [
            (option.command, weight / whole)
            for (option, _, _, times), weight in zip(fitting, weights, strict=True)
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

    def fade(self, day: float) -> None:
        """Let it fade up to this day, and drop what has; a clock that was set back fades nothing."""
        left = _left(day - self.day)
        self.day = day
        if left < 1.0:
            for user, cells in self.cells.items():
                self.cells[user] = {cell: held * left for cell, held in cells.items() if held > FADED}

    def whole(self, day: float) -> float:
        """Return how often it was done by anybody at any time, as far as that has not faded by this day."""
        return _left(day - self.day) * sum(sum(cells.values()) for cells in self.cells.values())


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
        options = (option for options in self._alike.values() for option in options)
        return next((option for option in options if _agree(option.command, command)), None)

    def add(self, occasion: Occasion) -> None:
        """Count an occasion; whatever else was done in such a case counts less from now on."""
        day, cell, user = _day(occasion.at), _cell(occasion.at), occasion.user
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
        cells[cell] = cells.get(cell, 0.0) + (BY_HAND if occasion.by_hand else 1.0)
        own.times[user] = own.times.get(user, 0) + 1
        for option in alike:
            if option is not own:
                _lessen(option, user, cell, 1.0)
        if self._count > self._kept:
            self._drop_least(own, day)

    def take_back(self, occasion: Occasion) -> None:
        """Undo what adding this occasion did."""
        alike = self._alike.get(_key(occasion), [])
        own = _same_option(alike, occasion)
        if own is None or occasion.user not in own.cells:
            return
        cell = _cell(occasion.at)
        cells = own.cells[occasion.user]
        cells[cell] = max(0.0, cells.get(cell, 0.0) - (BY_HAND if occasion.by_hand else 1.0))
        own.times[occasion.user] -= 1
        for option in alike:
            if option is not own:
                _lessen(option, occasion.user, cell, -1.0)
        if not any(own.times.values()):
            self._remove(own, alike)

    def weighed(self, asked: _Asked, further: Sequence[float]) -> Iterator[_Weighed]:
        """Return what each option weighs for whoever asks."""
        table, day = asked.near, asked.day
        for options in self._alike.values():
            for option in options:
                near = far = 0.0
                times = 0
                for user, counts in asked.whose(option.cells):
                    cells = option.cells.get(user)
                    if cells:
                        times += option.times[user]
                        near += counts * sum([table[cell] * held for cell, held in cells.items()])
                        far += counts * sum([further[cell] * held for cell, held in cells.items()])
                if times:
                    left = _left(day - option.day)
                    yield option, near * left, far * left, times

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


def _key(occasion: Occasion) -> tuple[DeviceId, str, str]:
    return occasion.command.device, occasion.want, occasion.property


def _same_option(alike: Sequence[_Option], occasion: Occasion) -> _Option | None:
    """Return the option that an occasion is one more of; how far something was turned up is no matter."""
    if occasion.want in _MOMENTARY:
        return alike[0] if alike else None
    return next((option for option in alike if _agree(option.command, occasion.command)), None)


def _lessen(option: _Option, user: str, cell: int, power: float) -> None:
    cells = option.cells.get(user)
    if cells:
        near = nearness(cell)
        for other in cells:
            if near[other] > FADED:
                cells[other] *= INSTEAD ** (power * near[other])


def _agree(one: Command, other: Command) -> bool:
    """Return whether two commands come to the same: one may say more, and numbers may differ by a hair."""
    if one.device != other.device:
        return False
    few, many = sorted((dict(one.settings), dict(other.settings)), key=len)
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


# ----------------------------------------------------------------------------------------- time


def _day(at: datetime) -> float:
    return at.timestamp() / 86400


def _cell(at: datetime) -> int:
    """Return the half hour of the day, counted on at weekends."""
    weekend = at.weekday() >= 5
    return (at.hour * 60 + at.minute) // 30 + weekend * _HALF_HOURS


def _left(days: float) -> float:
    """Return what is left of a count after some days."""
    return 1.0 if days <= 0.0 else 0.5 ** (days / HALF_LIFE_DAYS)


@lru_cache(maxsize=2 * _HALF_HOURS)
def nearness(cell: int) -> tuple[float, ...]:
    """Return how near each half hour of the same kind of day is to this one, from 0 to 1."""
    return _of_week(cell, _by_time(cell), _NEVER)


@lru_cache(maxsize=2 * _HALF_HOURS)
def other_day(cell: int) -> tuple[float, ...]:
    """Return how much the same half hours of the other kind of day say besides."""
    return _of_week(cell, _NEVER, tuple([OTHER_DAY * near for near in _by_time(cell)]))


@lru_cache(maxsize=2 * _HALF_HOURS)
def other_time(cell: int) -> tuple[float, ...]:
    """Return how much other times and other kinds of day say besides, of something that is named."""
    near = _by_time(cell)
    says = [OTHER_TIME + (1 - OTHER_TIME) * one for one in near]
    same = tuple([all_ - one for all_, one in zip(says, near, strict=True)])
    return _of_week(cell, same, tuple([OTHER_DAY * one for one in says]))


# how near two half hours are to each other, by how many lie between them
_APART: Final = tuple(
    [exp(-0.5 * (min(apart, _HALF_HOURS - apart) / 2 / TIME_SPREAD_H) ** 2) for apart in range(_HALF_HOURS)]
)
_NEVER: Final = (0.0,) * _HALF_HOURS


def _by_time(cell: int) -> tuple[float, ...]:
    """Return how near each half hour of a day is to this one."""
    at = cell % _HALF_HOURS
    return _APART[_HALF_HOURS - at :] + _APART[: _HALF_HOURS - at]


def _of_week(cell: int, same: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    """Return what holds for half hours of the same and of the other kind of day, in the order of cells."""
    return same + other if cell < _HALF_HOURS else other + same
