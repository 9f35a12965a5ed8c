"""Teach a hub in several homes, use what it was taught in the very next turn, and count needless offers.

Lessons are made up of a home's own devices, words that mean nothing yet, and ways in which people teach. What
a phrase does is right when the hub sends just what it sends for the words that it stands for. Needless offers
are counted over what people say to assistants, one sentence after the other: whoever said nothing twice and
complained of nothing should not be asked to teach.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.stage import Stage
from edge_nlu.interfaces import Understander
from edge_nlu.learning.offers import ASKED
from edge_nlu.steps.called import name_of
from edge_nlu.values import Answer, Ask, Exchange, Utterance
from edge_nlu_bench.disguise import Disguise
from edge_nlu_bench.report import Figures, share
from edge_nlu_bench.sources import corpus, gzipped_rows

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOMES = 5
SPOKEN = ("massive/en-US/dev.jsonl.gz", "massive/en-US/train.jsonl.gz")
FIRST = (
    *("movie", "cosy", "party", "quiet", "reading", "dinner", "siesta", "storm", "yoga", "gaming"),
    *("pizza", "sunday", "focus", "zebra", "velvet"),
)
SECOND = ("time", "mode", "hour", "moment", "mood", "ritual", "dance", "cloud", "magic", "signal")
NAMES = ("lucy", "bertie", "sparky", "old faithful", "moonbeam", "gandalf", "pumpkin", "big bob", "ziggy")
PHRASE_WAYS = (
    "when I say {phrase}, {meaning}",
    "whenever I say {phrase} {meaning}",
    "if I say {phrase}, please {meaning}",
    "{phrase} means {meaning}",
    "from now on {phrase} means {meaning}",
    "when you hear {phrase}, I want you to {meaning}",
    "{meaning} when I say {phrase}",
    "by {phrase} I mean {meaning}",
)
NAME_WAYS = (
    "call {device} {name}",
    "from now on call {device} {name}",
    "{device} is called {name}",
    "rename {device} to {name}",
)
LIKED = ("jazz", "blues", "hard rock", "reggae", "classical music", "country music")
LIKE_WAYS = (
    "my favourite music is {liked}",
    "remember that my favourite music is {liked}",
    "{liked} is my favourite music",
)
TEAMS = ("warriors", "lakers", "giants", "red sox", "rangers")


def measure(
    understander: Understander, data: Path | None, *, lessons: int, sentences: int, seed: int
) -> dict[str, Figures]:
    """Return how many lessons are used in the next turn and can be taken back, and the needless offers."""
    rng = Random(seed)
    homes = [_home(number, seed) for number in range(HOMES)]
    used: dict[str, list[float]] = defaultdict(list)
    gone: list[float] = []
    for number in range(lessons):
        classroom = _Classroom(homes[number % HOMES], understander, rng)
        kind = ("phrase", "name", "favourite", "offered")[number // HOMES % 4]
        used[kind].append(float(classroom.teach(kind)))
        gone.append(float(classroom.forget()))
    everything = [one for found in used.values() for one in found]
    return {
        **{kind: {"n": len(found), **share("used", np.array(found))} for kind, found in used.items()},
        "all": {"n": lessons, "homes": HOMES, **share("used", np.array(everything))},
        "taken_back": {"n": len(gone), **share("gone", np.array(gone))},
        "offers": _offers(understander, data, sentences, rng),
    }


def _home(number: int, seed: int) -> dict[str, Any]:
    """Return the demo home, or what it is under other names and with other conventions."""
    home = read_home("demo")
    return Disguise(home, (), Random(f"{seed}/{number}")).home if number else home


class _Classroom:
    """A home and a person who teaches its hub."""

    def __init__(self, home: dict[str, Any], understander: Understander, rng: Random) -> None:
        self._stage = Stage(home, NOON, understander, live=True)
        self._satellites = tuple(home["satellites"])
        self._rng = rng
        self._said = 0
        self._taught = self._used = ""
        self._did: list[str] = []
        now = self._stage.context.snapshot(NOON)
        self._switched = [
            name_of(device, now)
            for own in sorted(now.with_property("power", settable=True))
            if (device := now.device(own)) is not None and device.kind in ("light", "fan")
        ]

    def teach(self, kind: str) -> bool:
        """Teach something of a kind, use it at once, and return whether that did what it should."""
        if kind == "name":
            return self._name()
        if kind == "favourite":
            return self._favourite()
        meaning = self._meaning()
        self._taught = phrase = self._phrase()
        if kind == "offered":
            while not _is_lost(self._say(phrase)):
                self._taught = phrase = self._phrase()
            self._say(phrase)
            self._say(meaning)
        else:
            self._say(self._rng.choice(PHRASE_WAYS).format(phrase=phrase, meaning=meaning))
        return self._same(self._rng.choice(("{}", "it's {}", "{} please")).format(phrase), meaning)

    def forget(self) -> bool:
        """Take it back, and return whether it then does no more what it did."""
        self._say(f"forget {self._taught}")
        return not self._did or self._sent(self._say(self._used)) != self._did

    def _phrase(self) -> str:
        return f"{self._rng.choice(FIRST)} {self._rng.choice(SECOND)}"

    def _name(self) -> bool:
        device, name = self._rng.choice(self._switched), self._rng.choice(NAMES)
        self._taught = name
        self._say(self._rng.choice(NAME_WAYS).format(device=device, name=name))
        want = self._rng.choice(("turn on", "turn off"))
        return self._same(f"{want} {name}", f"{want} {device}")

    def _favourite(self) -> bool:
        if self._rng.random() < 0.3:
            team = self._taught = self._rng.choice(TEAMS)
            self._say(f"I'm a {team} fan")
            answer = self._say("what do I like").decision
            return isinstance(answer, Answer) and team in answer.say.lower()
        liked = self._rng.choice(LIKED)
        self._taught = "my favourite music"
        self._say(self._rng.choice(LIKE_WAYS).format(liked=liked))
        return self._same("play my favourite music", f"play {liked}")

    def _meaning(self) -> str:
        wishes = [
            f"turn {self._rng.choice(('on', 'off'))} {name}"
            for name in self._rng.sample(self._switched, self._rng.choice((1, 2)))
        ]
        return " and ".join(wishes)

    def _same(self, said: str, plainly: str) -> bool:
        """Return whether something does what other words do, and does anything at all."""
        self._used, self._did = said, self._sent(self._say(said))
        return bool(self._did) and self._did == self._sent(self._say(plainly))

    def _say(self, text: str) -> Exchange:
        self._said += 1
        self._stage.at += timedelta(seconds=10)
        said = Utterance(str(self._said), text, self._stage.at, self._satellites[0], "ana")
        exchange = self._stage.handle(said)
        assert exchange is not None
        return exchange

    def _sent(self, exchange: Exchange) -> list[str]:
        return sorted(map(str, self._stage.result(exchange)["publishes"]))


def _is_lost(exchange: Exchange) -> bool:
    """Return whether the hub says of itself that it did not understand."""
    return isinstance(exchange.decision, Ask) and exchange.decision.why == "unsure"


def _offers(understander: Understander, data: Path | None, sentences: int, rng: Random) -> Figures:
    """Return how often the hub offers to learn among what people say to assistants."""
    texts = [row["text"] for name in SPOKEN for _, row in gzipped_rows(corpus(name, data))]
    rng.shuffle(texts)
    stage = Stage(read_home("demo"), NOON, understander, live=True)
    offers = 0
    for number, text in enumerate(texts[:sentences]):
        stage.at += timedelta(seconds=20)
        exchange = stage.handle(Utterance(str(number), text, stage.at, "kitchen_speaker", "ana"))
        decision = exchange.decision if exchange is not None else None
        offers += isinstance(decision, Ask) and decision.why == ASKED
    said = min(sentences, len(texts))
    return {"n": said, "needless": offers, "per_1000": round(1000 * offers / max(said, 1), 3)}
