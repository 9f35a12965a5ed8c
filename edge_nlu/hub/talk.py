"""Talk to a pretend home from a terminal, and say in words what came of it and why."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

from edge_nlu.errors import EdgeNluError, SettingsError, StorageError
from edge_nlu.hub import habits, view
from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.settings import Settings
from edge_nlu.hub.stage import Stage
from edge_nlu.interfaces import Home, Understander
from edge_nlu.learning.rules import spared
from edge_nlu.storage.codec import to_json
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.memory import habits_in
from edge_nlu.storage.retention import Retention
from edge_nlu.values import Act, Candidate, Exchange, Taken, Utterance

JOURNAL = "trial.sqlite3"
"""What was tried out, apart from the journal of a hub that serves a home."""

_TIME = re.compile(r"(\d{1,2}):(\d{2})")


class Came(NamedTuple):
    """What came of a sentence: as the hub tells it, and as it was written down, if it was."""

    result: dict[str, Any]
    exchange: Exchange | None


class House(Protocol):
    """A pretend home with a hub in it."""

    satellites: Collection[str]

    def about(self) -> Iterator[str]:
        """Yield where it is and what can be done there."""
        ...

    def say(self, text: str, satellite: str, user: str) -> Came:
        """Say a sentence to the hub."""
        ...

    def by_hand(self, topic: str, payload: str) -> None:
        """Let a device report something, as when somebody uses it."""
        ...

    def move(self, hour: int, minute: int) -> str:
        """Move the hub's clock, and return what to tell about that."""
        ...

    def news(self) -> Iterator[str]:
        """Yield what the hub has said of itself since the last sentence."""
        ...

    def shown(self) -> Home:
        """Return the home as it is now."""
        ...

    def journal(self) -> SqliteJournal:
        """Return where the hub keeps what it learns."""
        ...


class Talk:
    """A conversation with a pretend home."""

    def __init__(self, house: House, satellite: str = "", user: str = "") -> None:
        self._house = house
        self._satellite = satellite or next(iter(house.satellites), "")
        if satellite and satellite not in house.satellites:
            raise SettingsError("satellite", satellite, f"one of {', '.join(house.satellites)}")
        self._user = user
        self._last: Exchange | None = None

    def greeting(self) -> Iterator[str]:
        """Yield what somebody should know before the first sentence."""
        home = self._house.shown()
        rooms = ", ".join(room.id.replace("_", " ") for room in home.rooms())
        yield f"A pretend home with {len(home.all_devices())} devices ({rooms}) is listening."
        yield from self._house.about()
        yield "Say something, as in: turn on the kitchen spots and close the curtains"
        yield "Nothing leaves this machine. `:help` lists what else there is; Ctrl-D ends."

    def say(self, text: str) -> Came:
        """Say a sentence, and return what came of it."""
        return self._house.say(text, self._satellite, self._user)

    def hear(self, typed: str) -> Iterator[str]:
        """Yield the answer to a line that was typed: a sentence, or something to do to the home."""
        yield from self._house.news()
        if not typed.startswith(":"):
            came = self.say(typed)
            self._last = came.exchange
            yield from lines(came.result)
            return
        order, _, rest = typed[1:].strip().partition(" ")
        match order:
            case "set" if " " in rest:
                topic, _, payload = rest.partition(" ")
                self._house.by_hand(topic, payload)
                yield f"{topic} is now {payload}"
            case "at" if (time := _TIME.fullmatch(rest)) is not None:
                yield self._house.move(int(time[1]) % 24, int(time[2]) % 60)
            case "who":
                self._user = rest
                yield f"{rest or 'somebody'} speaks"
            case "in" if rest in self._house.satellites:
                self._satellite = rest
                yield f"spoken to {rest}"
            case "why" if self._last is not None:
                yield from reasons_of(self._last)
            case "habits":
                home = self._house.shown()
                known = habits_in(self._house.journal().rows).known(home.at)
                yield from habits.lines(habits.worth_telling(known), home)
            case "home":
                yield from view.lines(self._house.shown())
            case _:
                yield ":set TOPIC PAYLOAD   :at HH:MM   :who NAME   :in SATELLITE   :why   :habits   :home"


class OneProcess:
    """A home and a hub in this process, with a broker in memory and a clock that can be moved."""

    def __init__(self, home: str, understander: Understander, journal: Path | None) -> None:
        described = read_home(home)
        self.satellites: Collection[str] = tuple(described.get("satellites") or {})
        self._stage = Stage(described, _now(), understander, journal=journal, live=True)
        tidy(self._stage.journal)
        self._shift = timedelta()

    def about(self) -> Iterator[str]:
        """Yield nothing: there is nothing to connect to."""
        yield from ()

    def say(self, text: str, satellite: str, user: str) -> Came:
        """Say a sentence to the hub."""
        self._stage.at = _now() + self._shift
        said = Utterance(new_name(), text, self._stage.at, satellite, user)
        exchange = self._stage.handle(said)
        if exchange is None:
            raise EdgeNluError(f"utterance {said.id} was handled before; say it again")
        result = self._stage.result(exchange)
        return Came({"id": said.id, **result, "milliseconds": exchange.milliseconds}, exchange)

    def by_hand(self, topic: str, payload: str) -> None:
        """Let a device report something, as when somebody uses it."""
        self._stage.at = _now() + self._shift
        if self._stage.home is not None:
            self._stage.home.say(topic, payload)

    def move(self, hour: int, minute: int) -> str:
        """Move the clock on to this time."""
        now = _now() + self._shift
        then = now.replace(hour=hour, minute=minute)
        self._shift += (then if then >= now else then + timedelta(days=1)) - now
        return f"it is {hour:02}:{minute:02}"

    def news(self) -> Iterator[str]:
        """Yield nothing: all there is to say is said at once."""
        yield from ()

    def shown(self) -> Home:
        """Return the home as it is now."""
        return self._stage.context.snapshot(_now() + self._shift)

    def journal(self) -> SqliteJournal:
        """Return where the hub keeps what it learns."""
        return self._stage.journal


def lines(result: dict[str, Any]) -> Iterator[str]:
    """Yield what came of a sentence, for people."""
    spent = f"  ({result['milliseconds']:.1f} ms)" if "milliseconds" in result else ""
    yield f"{result['decision']}: {result['say']}{spent}"
    for sent in result.get("publishes", ()):
        yield f"  {sent['topic']}  {sent['payload']}"
    for reason in result.get("because", ())[:4]:
        yield f"  because it {reason}"


def trial() -> Path:
    """Return the file that keeps what was tried out."""
    folder = Settings().state_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / JOURNAL


def tidy(tried: SqliteJournal) -> None:
    """Let go of what was tried out so long ago that a hub would not keep it."""
    kept = Settings().journal
    # beside somebody who reads it waits until the next time
    with suppress(StorageError):
        Retention(kept.keep_days, kept.event_days).let_go(tried, _now())


def _now() -> datetime:
    return datetime.now().astimezone()


def new_name() -> str:
    """Return an id for what is tried out; who tries out what was learned wants to see it."""
    return next(name for name in (uuid4().hex[:12] for _ in count()) if not spared(name))


def told(which: str) -> Exchange:
    """Return an exchange that was tried out: the last one, or one by its id."""
    journal = SqliteJournal(Settings().state_folder() / JOURNAL)
    found = next(iter(journal.last(1)), None) if which == "last" else journal.find(which)
    journal.close()
    if found is None:
        raise EdgeNluError(f"nothing is known of {which}; say something with `edge-nlu say` first")
    return found


def reasons_of(exchange: Exchange) -> Iterator[str]:
    """Yield why a decision was made: what was read, and what spoke for and against each device."""
    understood = exchange.understanding
    yield f"said: {exchange.utterance.text}"
    if understood.text != exchange.utterance.text:
        yield f"taken as: {understood.text}{_by(exchange.taken)}"
    elif exchange.taken is not None:
        yield f"not taken as: {exchange.taken.text}{_by(exchange.taken)}, to see how it goes without"
    for clause in understood.clauses:
        slots = ", ".join(f"{slot.type} {slot.value}" for slot in clause.slots)
        yield f"read: {clause.want} {clause.property} {clause.confidence:.2f}  {slots}".rstrip()
    yield f"decided: {type(exchange.decision).__name__.lower()}, {exchange.decision.say}"
    for candidate in exchange.ranked:
        yield from _weighed(candidate, exchange)


def _by(taken: Taken | None) -> str:
    """Return by which rules a sentence was read, as `edge-nlu learned undo` takes them."""
    if taken is None:
        return ""
    return f"  (learned: {', '.join(taken.rule.split())})" if taken.rule else "  (it sounds like that)"


def _weighed(candidate: Candidate, exchange: Exchange) -> Iterator[str]:
    chosen = isinstance(exchange.decision, Act) and any(
        candidate.devices == other.devices for other in exchange.decision.candidates
    )
    yield f"  {', '.join(candidate.devices)}  {candidate.score:.2f}{'' if chosen else '  (not chosen)'}"
    for reason in candidate.because:
        yield f"    {reason.text:<40}{reason.weight:+.2f}"


def as_json_of(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as it stands in the journal, with everything spelled out."""
    found: dict[str, Any] = json.loads(to_json(exchange, shared=False))
    return found
