"""Talk to a pretend home from a terminal, and say in words what came of it and why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from edge_nlu.errors import EdgeNluError, SettingsError
from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.settings import Settings
from edge_nlu.hub.stage import Stage
from edge_nlu.interfaces import Understander
from edge_nlu.storage.codec import to_json
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.values import Act, Candidate, Exchange, Utterance

JOURNAL = "trial.sqlite3"
"""What was tried out, apart from the journal of a hub that serves a home."""

_TIME = re.compile(r"(\d{1,2}):(\d{2})")


class Talk:
    """A conversation with a pretend home."""

    def __init__(self, home: str, understander: Understander, satellite: str = "", user: str = "") -> None:
        self._home = read_home(home)
        satellites = self._home.get("satellites") or {}
        self._satellite = satellite or next(iter(satellites), "")
        if satellite and satellite not in satellites:
            raise SettingsError("satellite", satellite, f"one of {', '.join(satellites)}")
        self._user = user
        folder = Settings().state_folder()
        folder.mkdir(parents=True, exist_ok=True)
        self._stage = Stage(
            self._home, datetime.now().astimezone(), understander, journal=folder / JOURNAL, live=True
        )
        self._shift = timedelta()
        self._last: Exchange | None = None

    def greeting(self) -> Iterator[str]:
        """Yield what somebody should know before the first sentence."""
        home = self._stage.context.snapshot(self._stage.at)
        rooms = ", ".join(room.id.replace("_", " ") for room in home.rooms())
        yield f"A pretend home with {len(home.all_devices())} devices ({rooms}) is listening."
        yield "Say something, as in: turn on the kitchen spots and close the curtains"
        yield "Nothing leaves this machine. `:help` lists what else there is; Ctrl-D ends."

    def say(self, text: str) -> Exchange:
        """Say a sentence, and return what came of it."""
        self._stage.at = datetime.now().astimezone() + self._shift
        said = Utterance(uuid4().hex[:12], text, self._stage.at, self._satellite, self._user)
        exchange = self._stage.handle(said)
        if exchange is None:
            raise EdgeNluError(f"utterance {said.id} was handled before; say it again")
        return exchange

    def result(self, exchange: Exchange) -> dict[str, Any]:
        """Return what came of a sentence as the hub tells it."""
        result = self._stage.result(exchange)
        return {"id": exchange.utterance.id, **result, "milliseconds": exchange.milliseconds}

    def lines(self, exchange: Exchange) -> Iterator[str]:
        """Yield what came of a sentence, for people."""
        result = self.result(exchange)
        yield f"{result['decision']}: {result['say']}  ({exchange.milliseconds:.1f} ms)"
        for sent in result["publishes"]:
            yield f"  {sent['topic']}  {sent['payload']}"
        for reason in result["because"][:4]:
            yield f"  because it {reason}"

    def hear(self, typed: str) -> Iterator[str]:
        """Yield the answer to a line that was typed: a sentence, or something to do to the home."""
        if not typed.startswith(":"):
            self._last = self.say(typed)
            yield from self.lines(self._last)
            return
        order, _, rest = typed[1:].strip().partition(" ")
        match order:
            case "set" if " " in rest and self._stage.home is not None:
                topic, _, payload = rest.partition(" ")
                self._stage.home.say(topic, payload)
                yield f"{topic} is now {payload}"
            case "at" if (time := _TIME.fullmatch(rest)) is not None:
                yield self._move(int(time[1]), int(time[2]))
            case "who":
                self._user = rest
                yield f"{rest or 'somebody'} speaks"
            case "in" if rest in (self._home.get("satellites") or {}):
                self._satellite = rest
                yield f"spoken to {rest}"
            case "why" if self._last is not None:
                yield from reasons_of(self._last)
            case "home":
                yield from self._shown()
            case _:
                yield ":set TOPIC PAYLOAD   :at HH:MM   :who NAME   :in SATELLITE   :why   :home"

    def _move(self, hour: int, minute: int) -> str:
        now = datetime.now().astimezone()
        then = now.replace(hour=hour % 24, minute=minute % 60)
        self._shift = (then if then >= now else then + timedelta(days=1)) - now
        return f"it is {hour:02}:{minute:02}"

    def _shown(self) -> Iterator[str]:
        home = self._stage.context.snapshot(self._stage.at)
        for device in home.all_devices():
            known = home.device(device)
            if known is None:
                continue
            readings = ((f, home.reading(device, f.key)) for f in known.features)
            states = ", ".join(
                f"{feature.name or feature.key} {reading.value}"
                for feature, reading in readings
                if reading is not None and reading.value is not None
            )
            yield f"{known.room or '-':<14}{known.name:<28}{known.kind:<16}{states}"


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
        yield f"taken as: {understood.text}"
    for clause in understood.clauses:
        slots = ", ".join(f"{slot.type} {slot.value}" for slot in clause.slots)
        yield f"read: {clause.want} {clause.property} {clause.confidence:.2f}  {slots}".rstrip()
    yield f"decided: {type(exchange.decision).__name__.lower()}, {exchange.decision.say}"
    for candidate in exchange.ranked:
        yield from _weighed(candidate, exchange)


def _weighed(candidate: Candidate, exchange: Exchange) -> Iterator[str]:
    chosen = isinstance(exchange.decision, Act) and any(
        candidate.devices == other.devices for other in exchange.decision.candidates
    )
    yield f"  {', '.join(candidate.devices)}  {candidate.score:.2f}{'' if chosen else '  (not chosen)'}"
    for reason in candidate.because:
        yield f"    {reason.text:<40}{reason.weight:+.2f}"


def as_json_of(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as it stands in the journal, without what only a machine reads."""
    small = replace(exchange, understanding=replace(exchange.understanding, embedding=b""))
    found: dict[str, Any] = json.loads(to_json(small))
    return found
