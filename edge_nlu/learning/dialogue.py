"""Put what was said at one place, one sentence after the other, into numbers that a model can read.

A run is what was said at one satellite without a long pause. Of each sentence it holds what the hub made of
it, what it told, what came of that, and how usual the words are in this home; of each two sentences, how they
differ in words, meaning, things and time. Only what a hub sees goes in: no name, no id and no word by itself.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import log1p
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from edge_nlu.learning import verdicts
from edge_nlu.learning.hearing import Vocabulary, change, sounds_like, words_of
from edge_nlu.learning.judge import acted
from edge_nlu.learning.rewording import wording
from edge_nlu.learning.traits import (
    Numbers,
    alike,
    chosen,
    decided,
    gaps,
    read,
    shape_of,
    slots_of,
    spoken_s,
    thing_of,
    told_in,
)
from edge_nlu.values import (
    AskCloud,
    Command,
    DeviceId,
    Exchange,
    Held,
    Understanding,
    Utterance,
)

Vector: TypeAlias = npt.NDArray[np.float32]

# so long nothing was said: what comes then is another matter
PAUSE: Final = timedelta(minutes=5)
# a run is cut here, whatever comes next
LONGEST: Final = 24
# a device answers so soon, and people reach for the switch so soon
ECHO_S: Final = 10.0
BY_HAND_S: Final = 90.0
WHYS: Final = (
    *(verdicts.FINE, verdicts.RIGHT, verdicts.BACK, verdicts.ANEW, verdicts.AGAIN, verdicts.HAND),
    *(verdicts.INTERRUPTED, verdicts.GIVEN_UP, verdicts.NOTHING, verdicts.DISOBEYED, verdicts.ASKED),
)


class Moved(NamedTuple):
    """Something new that a device told: when, which, what, and the value as JSON."""

    at_s: float
    device: DeviceId
    key: str
    value: Held | None


@dataclass(frozen=True, slots=True)
class Turn:
    """An exchange, why it is thought to have gone well or not, and the vector of its text."""

    exchange: Exchange
    why: str
    vector: Vector

    @property
    def at_s(self) -> float:
        """Return when it was said."""
        return self.exchange.utterance.at.timestamp()

    @property
    def commands(self) -> Sequence[Command]:
        """Return what devices were told."""
        return told_in(self.exchange)


@dataclass(frozen=True, slots=True)
class Place:
    """What things and rooms are called here, and which room a device or a satellite is in."""

    names: Mapping[DeviceId, str] = field(default_factory=dict)
    rooms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """Sentences of one satellite by their numbers and times, with numbers of each and of each two of them."""

    turns: tuple[int, ...]
    at_s: tuple[float, ...]
    each: Vector
    pairs: Vector


def feature_names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the numbers of each sentence are, and of each two."""
    said = Utterance("", "", datetime.fromtimestamp(0, UTC))
    turn = Turn(Exchange(said, Understanding("", (), 0.0, (), ()), AskCloud("")), "", np.zeros(0, np.float32))
    home = _Home([turn], (), Place())
    return tuple(home.each(0, None, None)), tuple(home.pair(0, 0, 0))


def runs_of(turns: Sequence[Turn], moved: Sequence[Moved], place: Place, since: int = 0) -> Iterator[Run]:
    """Yield the runs of a home's turns, in the order said, without those that end before a number."""
    home = _Home(turns, moved, place)
    yield from (home.run(numbers) for numbers in _cut(turns) if numbers[-1] >= since)


def _cut(turns: Sequence[Turn]) -> Iterator[tuple[int, ...]]:
    """Yield the numbers of turns that follow each other at one satellite."""
    open_: dict[str, list[int]] = {}
    for number, turn in enumerate(turns):
        said = turn.exchange.utterance
        run = open_.setdefault(said.satellite, [])
        if run and (len(run) == LONGEST or said.at - turns[run[-1]].exchange.utterance.at > PAUSE):
            yield tuple(run)
            run.clear()
        run.append(number)
    yield from (tuple(run) for run in open_.values())


class _Home:
    """All that was said and moved in a home, looked at for what each sentence may be compared with."""

    def __init__(self, turns: Sequence[Turn], moved: Sequence[Moved], place: Place) -> None:
        self._turns, self._place = turns, place
        self._words = [words_of(turn.exchange.understanding.text) for turn in turns]
        rooms = {room.replace("_", " ") for room in place.rooms.values()}
        self._called = {
            "device": {words_of(name) for name in place.names.values()},
            "room": {words_of(room) for room in rooms},
        }
        self._name_words = {word for names in self._called.values() for name in names for word in name}
        self._vocabulary = Vocabulary(self._words, (*place.names.values(), *rooms))
        self._hours = Counter(turn.exchange.utterance.at.hour for turn in turns)
        self._shapes = [shape_of(turn.exchange) for turn in turns]
        fine = [number for number, turn in enumerate(turns) if _went_well(turn)]
        self._worked_shapes = Counter(shape for shape, _ in {(self._shapes[n], self._words[n]) for n in fine})
        self._worked_things = Counter(
            thing for thing, _ in {(thing_of(turns[n].exchange), self._words[n]) for n in fine}
        )
        self._said = Counter(wording(turn.exchange.utterance.text) for turn in turns)
        self._came_to_nothing = Counter(
            wording(turn.exchange.utterance.text) for turn in turns if not _went_well(turn)
        )
        self._hand = _by_hand(turns, moved)
        self._hand_at = [one.at_s for one in self._hand]
        self._told = _told(moved)

    def run(self, numbers: tuple[int, ...]) -> Run:
        """Return a run of turns in numbers."""
        each = []
        for at, number in enumerate(numbers):
            before = self._turns[numbers[at - 1]] if at else None
            after = self._turns[numbers[at + 1]] if at + 1 < len(numbers) else None
            each.append(list(self.each(number, before, after).values()))
        # written where it belongs: as lists all of it would take many times the memory for a moment
        width, count = len(self.pair(numbers[0], numbers[0], 0)), len(numbers)
        pairs = np.zeros((count, count, width), np.float32)
        for i, one in enumerate(numbers):
            for j, other in enumerate(numbers[i + 1 :], i + 1):
                pairs[i, j] = list(self.pair(one, other, j - i).values())
        times = tuple(self._turns[number].at_s for number in numbers)
        return Run(numbers, times, np.array(each, np.float32), pairs)

    # ---------------------------------------------------------------------------- one sentence

    def each(self, number: int, before: Turn | None, after: Turn | None) -> Numbers:
        """Return a sentence in numbers, between the one before and the one after."""
        turn = self._turns[number]
        exchange = turn.exchange
        return {
            **decided(exchange),
            **read(exchange),
            **chosen(exchange),
            **{f"why {why}": float(turn.why == why) for why in WHYS},
            **self._known(number),
            **self._came_of(turn, after),
            **gaps("since", None if before is None else turn.at_s - before.at_s),
            **gaps("until", None if after is None else after.at_s - turn.at_s),
            "interrupted": float(after is not None and after.at_s - turn.at_s < spoken_s(exchange)),
            "user known": float(bool(exchange.utterance.user)),
            "hour": self._hours[exchange.utterance.at.hour] / len(self._turns) * 10.0,
            "rewritten": float(exchange.understanding.text != exchange.utterance.text),
        }

    def _known(self, number: int) -> Numbers:
        """Return how well the words of a sentence are known here."""
        exchange, words = self._turns[number].exchange, self._words[number]
        thing = thing_of(exchange)
        text = wording(exchange.utterance.text)
        fine = int(_went_well(self._turns[number]))
        own = {word for word in words if word in self._name_words}
        return {
            **self._called_so("device", exchange),
            **self._called_so("room", exchange),
            **{f"usual {name}": value for name, value in self._vocabulary.usual(words)._asdict().items()},
            "words": log1p(len(words)),
            "words of names": len(own) / max(len(words), 1),
            "thing worked": log1p(max(self._worked_things[thing] - fine, 0)) if thing else 0.0,
            "shape worked": log1p(max(self._worked_shapes[self._shapes[number]] - fine, 0)),
            "said besides": log1p(self._said[text] - 1),
            "went wrong besides": (self._came_to_nothing[text] - (1 - fine)) / max(self._said[text] - 1, 1),
        }

    def _called_so(self, kind: str, exchange: Exchange) -> Numbers:
        """Return how well what things or rooms were called fits their names here; the worst counts."""
        likest, known = 1.0, 1.0
        for value in slots_of(exchange, kind):
            words = words_of(value)
            if words in self._called[kind]:
                continue
            sounds = (_sounds_like(words, name) for name in self._called[kind])
            likest = min(likest, max(sounds, default=0.0))
            known = min(known, sum(word in self._name_words for word in words) / max(len(words), 1))
        return {f"{kind} likest": likest, f"{kind} known": known, f"{kind} so": float(likest == 1.0)}

    def _came_of(self, turn: Turn, after: Turn | None) -> Numbers:
        """Return what devices told after a sentence, and what was done by hand then."""
        at = turn.at_s
        held = {(one.device, key): value for one in turn.exchange.before for key, value in one.settings}
        wanted = [
            (one.device, key)
            for one in turn.commands
            for key, value in one.settings
            if (one.device, key) in held and held[one.device, key] != value
        ]
        silent = [one for one in wanted if not self._answered(one, at)]
        until = min(at + BY_HAND_S, after.at_s if after is not None else at + BY_HAND_S)
        first, last = bisect_right(self._hand_at, at), bisect_right(self._hand_at, until)
        hand = self._hand[first:last]
        near = {device for one in turn.exchange.ranked for device in one.devices}
        here = self._place.rooms.get(turn.exchange.utterance.satellite, "")
        told = {one.device for one in turn.commands}
        return {
            "told": log1p(len(told)),
            "to change": float(bool(wanted)),
            "changed nothing": float(bool(held) and not wanted),
            "no echo": len(silent) / max(len(wanted), 1),
            "hand": float(bool(hand)),
            "hand on told": float(any(one.device in told for one in hand)),
            "hand back": float(any(held.get((one.device, one.key)) == one.value for one in hand)),
            "hand on near": float(any(one.device in near and one.device not in told for one in hand)),
            "hand here": float(any(self._place.rooms.get(one.device, "?") == here for one in hand)),
        }

    def _answered(self, which: tuple[DeviceId, str], at: float) -> bool:
        times = self._told.get(which, [])
        first = bisect_right(times, at - 0.001)
        return first < len(times) and times[first] <= at + ECHO_S

    # --------------------------------------------------------------------------- two sentences

    def pair(self, one: int, other: int, apart: int) -> Numbers:
        """Return in numbers how a later sentence differs from one so many before it."""
        first, second = self._turns[one], self._turns[other]
        same_words = change(self._words[one], self._words[other])
        return {
            **{f"change {name}": value for name, value in same_words._asdict().items()},
            "nearness": float(first.vector @ second.vector),
            **alike(first.exchange, second.exchange),
            **gaps("gap", second.at_s - first.at_s),
            **{f"apart {count}": float(apart == count) for count in (1, 2, 3)},
        }


def _went_well(turn: Turn) -> bool:
    """Return whether devices were told something, and nobody showed that it was wrong."""
    return acted(turn.exchange) and turn.why in (verdicts.FINE, verdicts.RIGHT)


def _sounds_like(one: Sequence[str], other: Sequence[str]) -> float:
    """Return how alike two names sound; below 1, since names that are the same were looked for before."""
    return min(sounds_like(" ".join(one), " ".join(other)), 0.99)


def _told(moved: Iterable[Moved]) -> dict[tuple[DeviceId, str], list[float]]:
    """Return when each feature of each device told something new."""
    found: dict[tuple[DeviceId, str], list[float]] = defaultdict(list)
    for one in moved:
        found[one.device, one.key].append(one.at_s)
    return found


def _by_hand(turns: Sequence[Turn], moved: Iterable[Moved]) -> list[Moved]:
    """Return what moved that the hub had not told to: somebody did it by hand."""
    told: dict[DeviceId, list[float]] = defaultdict(list)
    keys = set()
    for turn in turns:
        for command in turn.commands:
            told[command.device].append(turn.at_s)
            keys |= {(command.device, key) for key, _ in command.settings}
    found = []
    for one in moved:
        times = told.get(one.device, [])
        last = bisect_right(times, one.at_s)
        echo = last > 0 and one.at_s - times[last - 1] <= ECHO_S
        if not echo and (isinstance(one.value, bool) or (one.device, one.key) in keys):
            found.append(one)
    return found
