"""What this home and each person in it is used to: counts that fade.

Each thing told to a device leaves a trace: what, when, where, by whom, after what. What was done at such a
time of day, on such a day, by this person counts most; it counts half after three weeks, and less each time
that something else was done instead, so a new habit soon outweighs an old one. What mostly follows something
that has just gone on (the alarm, then coffee) goes before the time of day. How sure a habit is, is the low
end of what its counts allow: too little history does nothing. One person's habits say nothing about
another's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from edge_nlu.learning.asked import Asked, ByWant, Told, Weighed, ranked, surest
from edge_nlu.learning.causes import Causes
from edge_nlu.learning.counts import MOMENTARY, Habit, Options, agree, case_of
from edge_nlu.learning.occasions import Cause, Occasion
from edge_nlu.learning.odds import at_least
from edge_nlu.learning.times import day_of
from edge_nlu.values import Act, Command, DeviceId, Exchange, Utterance, Wish

# a cause is followed by something as a rule from here on
FOLLOWS: Final = 0.5
OPTIONS_KEPT: Final = 12
OPTIONS_KEPT_HERE: Final = 64
SAME_WITHIN: Final = timedelta(minutes=10)


class Habits:
    """All that was told to the devices of a home, counted so that looking takes microseconds."""

    def __init__(
        self, occasions: Iterable[Occasion] = (), causes: Iterable[tuple[datetime, Cause]] = ()
    ) -> None:
        self._said: dict[DeviceId, ByWant] = {}
        self._by_hand: dict[DeviceId, ByWant] = {}
        self._here: dict[str, Options] = {}
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
        key = (*case_of(occasion), occasion.user)
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
        key = (*case_of(occasion), occasion.user)
        if self._last.get(key) == occasion:
            del self._last[key]

    def usual(
        self, wish: Wish, devices: Sequence[DeviceId], utterance: Utterance, place: str
    ) -> tuple[tuple[Command, float], ...]:
        """Return what is usual in such a case, the surest first; without devices, anything usual here."""
        asked, named = Asked(wish, utterance), bool(devices)
        fitting = self._fitting(asked, devices, place)
        by_time = next(filter(None, (ranked(asked.by_time(told, named=named)) for told in fitting)), ())
        for cause in self._causes.before(utterance.at):
            after = [found for told in fitting if (found := asked.after(told, cause))]
            found = next((one for one in after if surest(one) is not None), [])
            best = surest(found)
            if best is not None and (not by_time or self._mostly(best.command, after, cause, asked.day)):
                return ranked(found)
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

    def _fitting(self, asked: Asked, devices: Sequence[DeviceId], place: str) -> list[list[Told]]:
        """Return what may be told in such a case, the closest to what is wished first."""
        if not devices:
            here = self._here.get(place)
            return [asked.suiting([here])] if here is not None else []
        return [
            told
            for known in (self._said, self._by_hand)
            for told in asked.fitting([known[device] for device in devices if device in known])
        ]

    def _mostly(self, command: Command, after: Iterable[list[Weighed]], cause: Cause, day: float) -> bool:
        """Return whether this is what a cause is as a rule followed by: alarms are by coffee."""
        often = self._causes.how_often(cause, day)
        times = {
            option: near for found in after for option, near, _, _ in found if agree(option.command, command)
        }
        followed = sum(times.values())
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

    def _options_for(self, occasion: Occasion) -> Iterator[Options]:
        known = self._by_hand if occasion.by_hand else self._said
        of_device = known.setdefault(occasion.command.device, {})
        yield of_device.setdefault((occasion.want, occasion.property), Options(OPTIONS_KEPT))
        if not occasion.by_hand and occasion.want not in MOMENTARY:
            yield self._here.setdefault(occasion.place, Options(OPTIONS_KEPT_HERE))


def _repeats(occasion: Occasion, last: Occasion) -> bool:
    return occasion.command == last.command and abs(occasion.at - last.at) < SAME_WITHIN
