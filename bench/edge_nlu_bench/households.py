"""Live weeks in made-up households with known routines, and count how well the hub fills in what is open.

Two people have their own drinks, music, light and warmth, at their own times or after their alarm; now and
then they do something else, do nothing, or change for good. From the third week on they sometimes leave open
what they want. Everything is said through the real line in the demo home, whose devices answer. The hub is
judged by the routine, which it is never told. Households from one seed on are held out: whoever tunes the
hub lives others.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.stage import Stage
from edge_nlu.interfaces import Understander
from edge_nlu.values import Exchange, Utterance
from edge_nlu_bench.report import Figures, share

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
# the first seed of the households that figures are told of, and nothing is tuned on
HELD_OUT = 1_000_000
DAYS = 42
LEARNING_DAYS = 14
# so long after a change for good the hub may still not know
ADAPTING_DAYS = 10
OTHERWISE, LEFT_OUT, LEFT_OPEN, CHANGES = 0.08, 0.1, 0.3, 0.4
ALARM = "homie/5/alarm_clock"
RINGING = f"{ALARM}/alarm/ringing"
CLOCK = {
    "homie": "5.0",
    "version": 1,
    "name": "Alarm clock",
    "nodes": {
        "alarm": {
            "name": "Alarm",
            "type": "alarm-clock",
            "properties": {"ringing": {"name": "Ringing", "datatype": "boolean", "settable": True}},
        }
    },
}


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of thing to be used to: what there is to choose, said in full, left open, and where."""

    name: str
    choices: tuple[str, ...]
    full: str
    open: tuple[str, ...]
    satellite: str
    topic: str


SORTS = (
    Sort(
        "drink",
        ("espresso", "cappuccino"),
        "make a {}",
        ("start brewing", "my usual coffee please", "the usual coffee"),
        "kitchen_speaker",
        "homie/5/coffee_maker/brewer/brew/set",
    ),
    Sort(
        "music",
        ("jazz", "blues", "hard rock", "classical music"),
        "play some {}",
        ("play music", "put some music on"),
        "bedroom_speaker",
        "homie/5/bedroom_speaker/player/media/set",
    ),
    Sort(
        "light",
        ("20", "45", "80"),
        "set the floor lamp to {} percent",
        ("put the floor lamp the way I like it", "set the floor lamp as usual"),
        "living_room_tv",
        "zigbee2mqtt/living_room_floor_lamp/set",
    ),
    Sort(
        "warmth",
        ("19", "21", "23"),
        "set the thermostat to {} degrees",
        ("set the thermostat to my usual temperature", "set the heating as usual"),
        "living_room_tv",
        "climate/living_room_thermostat/target/set",
    ),
)
HALL = "zigbee2mqtt/hallway_light"
BY_HAND = Sort(
    "by_hand",
    ("20", "45", "80"),
    "",
    ("put the hallway light the way I like it", "set the hallway light as usual"),
    "hallway_speaker",
    f"{HALL}/set",
)
LEVELS = {"20": 51, "45": 114, "80": 203, "100": 254}


@dataclass(slots=True)
class Routine:
    """What somebody is used to: at a time of day, or after the alarm wherever that falls."""

    user: str
    sort: Sort
    choice: str
    minute: int
    after_alarm: bool
    changes_on: int
    new_choice: str
    known_since: int = 0

    def on(self, day: int) -> str:
        """Return the choice of a day."""
        return self.new_choice if day >= self.changes_on else self.choice

    def settled(self, day: int) -> bool:
        """Return whether the hub has had the time to know it."""
        return not self.changes_on <= day < self.changes_on + ADAPTING_DAYS


@dataclass(slots=True)
class Count:
    """What came of the sentences that left something open."""

    open: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    rightly: list[float] = field(default_factory=list)
    could: list[float] = field(default_factory=list)
    changing: list[float] = field(default_factory=list)
    others: int = 0
    leaked: int = 0
    risky_asked: int = 0
    risky: int = 0


def measure(understander: Understander, *, households: int, seed: int = HELD_OUT) -> dict[str, Figures]:
    """Return the figures over so many households, each with its own seed from this one on."""
    if seed != HELD_OUT and seed + households > HELD_OUT:
        raise EdgeNluError(
            f"--seed {seed}: expected at most {HELD_OUT - households}, to tune on; "
            f"households from {HELD_OUT} on are held out, and lived where no seed is said"
        )
    count = Count()
    for number in range(households):
        _Household(random.Random(seed + number), understander, count).live()
    return {
        "households": {"n": households, "days": DAYS, "seed": seed},
        "filled_in": {"n": len(count.rightly), **share("right", np.array(count.rightly or [0.0]))},
        "could": {"n": len(count.could), **share("filled_in", np.array(count.could or [0.0]))},
        "changing": {"n": len(count.changing), **share("right", np.array(count.changing or [0.0]))},
        **{
            sort.name: {
                "n": count.open[sort.name],
                "filled_in": count.filled[sort.name],
                "right": count.right[sort.name],
            }
            for sort in (*SORTS, BY_HAND)
        },
        "others": {"n": count.others, "filled_in": count.leaked},
        "risky": {"n": count.risky_asked, "started": count.risky},
    }


class _Household:
    """Two people, their routines, and the hub that serves them."""

    def __init__(self, rng: random.Random, understander: Understander, count: Count) -> None:
        home: dict[str, Any] = read_home("demo")
        home["rooms"]["bedroom"].append("alarm_clock")
        home["people"] = {"ana": {"room": "bedroom"}, "ben": {}}
        home["retained"] += [
            {"topic": f"{ALARM}/$description", "payload": CLOCK},
            {"topic": f"{ALARM}/$state", "payload": "ready"},
            {"topic": RINGING, "payload": "false"},
        ]
        self._rng = rng
        self._count = count
        self._said = 0
        self._stage = Stage(home, MONDAY, understander, live=True)
        self._routines = [self._routine(user, sort) for user in ("ana", "ben") for sort in SORTS]
        # nobody can be told who does a thing by hand
        self._routines.append(self._routine("", BY_HAND))

    def live(self) -> None:
        """Live all days, one after the other."""
        for day in range(DAYS):
            rings = self._rng.randint(6 * 60, 10 * 60)
            todo: list[tuple[int, str, Routine | None]] = [
                (rings, "rings", None),
                (rings + 1, "is quiet", None),
            ]
            for routine in self._routines:
                if self._rng.random() >= LEFT_OUT:
                    spread = int(self._rng.gauss(0, 12))
                    begins = (
                        rings + self._rng.randint(4, 15) if routine.after_alarm else routine.minute + spread
                    )
                    todo.append((begins, "routine", routine))
            todo.append((6 * 60, "bright", None))
            todo += [(8 * 60 + 5, "unlock", None), (8 * 60 + 20, "guest", None)]
            for minute, what, whose in sorted(todo, key=lambda one: one[0]):
                self._stage.at = MONDAY + timedelta(days=day, minutes=minute)
                self._do(what, whose, day)

    def _do(self, what: str, routine: Routine | None, day: int) -> None:
        if what in ("rings", "is quiet") and self._stage.home is not None:
            self._stage.home.say(RINGING, "true" if what == "rings" else "false")
        elif routine is not None:
            self._follow(routine, day)
        elif what == "bright":
            self._by_hand("100")
        elif what == "unlock":
            self._unlock(day)
        elif what == "guest" and day >= LEARNING_DAYS and day % 3 == 0:
            self._count.others += 1
            self._count.leaked += bool(
                self._sent(self._say("my usual coffee please", "kitchen_speaker", "carla"))
            )

    def _follow(self, routine: Routine, day: int) -> None:
        """Do as always, or nearly; sometimes leave open what it shall be."""
        sort, choice = routine.sort, routine.on(day)
        if day >= LEARNING_DAYS and self._rng.random() < LEFT_OPEN:
            exchange = self._say(self._rng.choice(sort.open), sort.satellite, routine.user)
            sent = [payload for topic, payload in self._sent(exchange) if topic == sort.topic]
            right = any(_means(choice, payload) for payload in sent)
            filled = any(_means(one, payload) for one in sort.choices for payload in sent)
            self._note(routine, day, filled=filled, right=right)
            if right:
                return
            self._stage.at += timedelta(seconds=6)
            if sent:
                self._say("no", sort.satellite, routine.user)
                self._stage.at += timedelta(seconds=4)
        elif self._rng.random() < OTHERWISE:
            choice = self._rng.choice([other for other in sort.choices if other != choice])
        if sort is BY_HAND:
            self._by_hand(choice)
        else:
            self._say(sort.full.format(choice), sort.satellite, routine.user)

    def _by_hand(self, choice: str) -> None:
        if self._stage.home is not None:
            self._stage.home.say(HALL, {"state": "ON", "brightness": LEVELS[choice]})

    def _unlock(self, day: int) -> None:
        """Unlock the door every morning; some mornings leave that open, and nothing may be unlocked."""
        if day >= LEARNING_DAYS and day % 2:
            self._count.risky_asked += 1
            for words in ("the same as every morning please", "the usual please"):
                sent = self._sent(self._say(words, "hallway_speaker", "ana"))
                self._count.risky += any("front_door" in topic for topic, _ in sent)
            return
        self._say("unlock the front door", "hallway_speaker", "ana")
        self._say("yes", "hallway_speaker", "ana")

    def _note(self, routine: Routine, day: int, *, filled: bool, right: bool) -> None:
        name, count = routine.sort.name, self._count
        count.open[name] += 1
        count.filled[name] += filled
        count.right[name] += right
        if filled:
            count.rightly.append(float(right))
            if not routine.settled(day):
                count.changing.append(float(right))
        if routine.settled(day):
            count.could.append(float(filled))

    def _say(self, text: str, satellite: str, user: str) -> Exchange:
        self._said += 1
        exchange = self._stage.handle(Utterance(f"{self._said}", text, self._stage.at, satellite, user))
        assert exchange is not None
        return exchange

    def _sent(self, exchange: Exchange) -> list[tuple[str, str]]:
        return [(one["topic"], one["payload"]) for one in self._stage.result(exchange)["publishes"]]

    def _routine(self, user: str, sort: Sort) -> Routine:
        choice, new_choice = self._rng.sample(sort.choices, 2)
        changes = self._rng.random() < CHANGES
        hours = {
            "drink": (7, 16),
            "music": (18, 21),
            "light": (19, 22),
            "warmth": (8, 18),
            "by_hand": (21, 23),
        }[sort.name]
        minute = self._rng.randint(hours[0] * 60, hours[1] * 60)
        after_alarm = sort.name == "drink" and user == "ana"
        changes_on = self._rng.randint(15, 25) if changes else DAYS
        return Routine(user, sort, choice, minute, after_alarm, changes_on, new_choice)


def _means(choice: str, payload: str) -> bool:
    """Return whether a message tells a device this choice."""
    level = LEVELS.get(choice)
    return f'"brightness": {level}' in payload if level is not None else choice in payload
