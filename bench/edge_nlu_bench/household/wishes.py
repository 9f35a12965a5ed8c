"""What somebody wishes for, and whether it came true: known to the judge alone.

A wish has come true when the things it is about are as wanted and nothing else has moved. It is judged by the
state of the devices, or by what was said where it was a question, and never by what the hub thinks it did.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from edge_nlu.hub.pretend import PretendHome
from edge_nlu.transport.broker import Denied, Hear, Heard
from edge_nlu.values import Message
from edge_nlu_bench.household.homes import DRINKS, House, Thing
from edge_nlu_bench.household.hub import Answer, Said

WANTS: Mapping[str, tuple[str, ...]] = {
    "light": ("on", "off", "on", "off", "set", "raise", "lower"),
    "switch": ("on", "off"),
    "cover": ("open", "close"),
    "thermostat": ("set",),
    "speaker": ("play", "play", "raise", "lower"),
    "vacuum": ("start", "dock"),
    "coffee": ("start",),
    "sensor": ("ask",),
}
LEVELS = (10, 20, 30, 40, 50, 60, 70, 80)
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
NEAR = 6  # of 254, or of a hundred


@dataclass(frozen=True, slots=True)
class Wish:
    """Something wanted of things; `value` is the number, the title or the drink. Beyond home: of none."""

    sort: str
    want: str
    things: tuple[Thing, ...]
    value: str = ""
    room: str = ""

    @property
    def beyond(self) -> bool:
        """Return whether no hub of a home can fulfil it."""
        return not self.things


class Devices:
    """The devices of a home: they do as they are told and report it. `states` is the last of each topic."""

    def __init__(self, retained: Iterable[tuple[str, object]]) -> None:
        self._line = _Recorder()
        said = [{"topic": topic, "payload": payload} for topic, payload in retained]
        self._home = PretendHome({"retained": said}, self._line)
        self._line.said.clear()

    @property
    def states(self) -> dict[str, str]:
        """Return what each topic told last."""
        return self._line.states

    def obey(self, commands: Iterable[Said]) -> list[tuple[str, str]]:
        """Do what was told, and return what is reported."""
        for told in commands:
            self._line.hear(Heard(told.topic, told.payload.encode()))
        return self._line.taken()

    def by_hand(self, topic: str, state: str) -> list[tuple[str, str]]:
        """Let somebody use a thing by hand, and return what is reported."""
        if state.startswith("{"):
            return self.obey([Said(f"{topic}/set", state)])
        self._home.say(topic, state)
        return self._line.taken()


def as_if(states: Mapping[str, str], commands: Iterable[Said]) -> dict[str, str]:
    """Return the states of a home as they would be if its devices did what is told; nothing moves."""
    told = tuple(commands)
    if not told:
        return dict(states)
    tried = Devices(states.items())
    tried.obey(told)
    return tried.states


class _Recorder:
    """A line of the devices on which the judge listens."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.states: dict[str, str] = {}
        self.connected, self.connections = True, 1
        self.hear: Hear = lambda _: None

    def start(self, hear: Hear, denied: Denied) -> None:
        del denied
        self.hear = hear

    def listen(self, filters: object, surely: object = ()) -> None:
        del filters, surely

    def publish(self, message: Message, *, expiry_s: int = 0, correlation: bytes = b"") -> bool:
        del expiry_s, correlation
        self.states[message.topic] = message.payload.decode()
        self.said.append((message.topic, message.payload.decode()))
        return True

    def stop(self) -> None:
        """Do nothing."""

    def taken(self) -> list[tuple[str, str]]:
        said, self.said = self.said, []
        return said


def wish_for(house: House, room: str, states: Mapping[str, str], titles: list[str], rng: Random) -> Wish:
    """Return a wish for something in a room that is not so yet."""
    lights = house.of("light", room=room)
    if len(lights) > 1 and rng.random() < 0.12:
        lit = [_state(states, one).get("state") == "ON" for one in lights]
        return Wish("lights", "off" if any(lit) else "on", tuple(lights), room=room)
    thing = rng.choice(house.of(*WANTS, room=room))
    want = rng.choice(WANTS[thing.sort])
    if thing.sort in ("light", "switch") and want in ("on", "off"):
        want = "off" if _state(states, thing).get("state") == "ON" else "on"
    elif thing.sort == "light" and want in ("raise", "lower"):
        want = "lower" if _state(states, thing).get("brightness", 0) > 150 else "raise"
        if _state(states, thing).get("state") != "ON":
            want = "on"
    elif thing.sort == "cover":
        want = "close" if _state(states, thing).get("state") == "OPEN" else "open"
    elif thing.sort == "vacuum":
        want = "dock" if states.get(f"{thing.topic}/status") == "running" else "start"
    elif thing.sort == "speaker" and want in ("raise", "lower"):
        want = "lower" if float(states.get(f"{thing.topic}/volume", "30")) > 40 else "raise"
    return Wish(thing.sort, want, (thing,), _value(thing, want, states, titles, rng), room)


def _value(thing: Thing, want: str, states: Mapping[str, str], titles: list[str], rng: Random) -> str:
    match thing.sort, want:
        case "light", "set":
            now = _state(states, thing).get("brightness", 0) / 2.54
            return str(rng.choice([level for level in LEVELS if abs(level - now) > 8]))
        case "thermostat", _:
            now = float(states.get(f"{thing.topic}/target", "20"))
            return str(rng.choice([degrees for degrees in range(16, 26) if degrees != now]))
        case "speaker", "play":
            playing = states.get(f"{thing.topic}/media", "")
            return rng.choice([title for title in titles if title not in playing])
        case "coffee", _:
            return rng.choice(DRINKS)
    return ""


def reached(wish: Wish, before: Mapping[str, str], after: Mapping[str, str], answer: Answer) -> bool:
    """Return whether a wish came true between two states of the home, and nothing else moved."""
    if wish.beyond:
        return False
    if wish.want == "ask":
        told = float(_state(after, wish.things[0])["temperature"])
        said = (float(number.replace(",", ".")) for number in _NUMBER.findall(answer.say))
        return answer.decision == "answer" and told in said
    own = tuple(thing.topic for thing in wish.things)
    extra = _lit_too(wish)
    if any(not topic.startswith(own) and not extra(topic) for topic in moved(before, after)):
        return False
    return all(_is_so(wish, thing, before, after, answer) for thing in wish.things)


def moved(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Yield the topics that tell something else than before."""
    yield from (topic for topic, state in after.items() if before.get(topic) != state)


def _lit_too(wish: Wish) -> Any:
    """Return what else may be meant by "the lights" of a room: whatever is called a light there."""
    place = f"zigbee2mqtt/{wish.room.replace(' ', '_')}_"
    return lambda topic: wish.sort == "lights" and topic.startswith(place) and "lights" in topic


def _is_so(
    wish: Wish, thing: Thing, before: Mapping[str, str], after: Mapping[str, str], answer: Answer
) -> bool:
    now, then = _state(after, thing), _state(before, thing)
    match thing.sort, wish.want:
        case (("light" | "switch"), ("on" | "off")):
            return bool(now.get("state") == wish.want.upper())
        case "light", "set":
            wanted = float(wish.value) * 2.54
            return now.get("state") == "ON" and abs(now.get("brightness", 0) - wanted) <= NEAR
        case "light", ("raise" | "lower"):
            more = now.get("brightness", 0) - then.get("brightness", 0)
            return bool(more > 0 if wish.want == "raise" else more < 0)
        case "cover", _:
            return bool(now.get("state") == wish.want.upper())
        case "thermostat", _:
            return float(after.get(f"{thing.topic}/target", "0")) == float(wish.value)
        case "speaker", "play":
            return wish.value in after.get(f"{thing.topic}/media", "").lower()
        case "speaker", _:
            more = float(after[f"{thing.topic}/volume"]) - float(before[f"{thing.topic}/volume"])
            return more > 0 if wish.want == "raise" else more < 0
        case "vacuum", "start":
            return after.get(f"{thing.topic}/status") == "running"
        case "vacuum", _:
            return any(told.topic == f"{thing.topic}/dock/set" for told in answer.commands)
        case "coffee", _:
            return any(told == (f"{thing.topic}/brew/set", wish.value) for told in answer.commands)
    raise AssertionError(f"nobody judges {wish.want} of a {thing.sort}")


def by_hand(wish: Wish, thing: Thing) -> tuple[str, str] | None:
    """Return how somebody does by hand what they wished of a thing; None where one cannot."""
    match thing.sort, wish.want:
        case (("light" | "switch"), ("on" | "off")):
            return thing.topic, json.dumps({"state": wish.want.upper()})
        case "light", "set":
            return thing.topic, json.dumps({"brightness": round(float(wish.value) * 2.54)})
        case "cover", _:
            return thing.topic, json.dumps({"state": wish.want.upper()})
        case "thermostat", _:
            return f"{thing.topic}/target", wish.value
    return None


def settled(wish: Wish, states: Mapping[str, str]) -> bool:
    """Return whether nothing is left to wish for, as far as the state of the things can tell."""
    nothing = Answer((), {"decision": "", "say": ""})
    return all(_is_so(wish, thing, states, states, nothing) for thing in wish.things)


def _state(states: Mapping[str, str], thing: Thing) -> dict[str, Any]:
    """Return the state of a thing that tells all of it at once, or nothing."""
    found = states.get(thing.topic, "{}")
    return dict(json.loads(found)) if found.startswith("{") else {}
