"""Make up a home: its rooms, the things in them, and what a hub is told of both.

A hub is told what it is told in a house: the rooms and names that the owner wrote down, and what the devices
announce and report over MQTT. Names are often alike: there is a table lamp in more than one room.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from edge_nlu_bench.household.fleet import Fleet

OTHERS = (
    "switch",
    "switch",
    "cover",
    "cover",
    "speaker",
    "thermostat",
    "vacuum",
    "coffee",
    "sensor",
    "sensor",
)
ONCE = frozenset(["vacuum", "coffee", "thermostat"])
DRINKS = ("coffee", "espresso", "cappuccino")


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing in a home: its id, its sort, where it stands, and what the home and people call it."""

    id: str
    sort: str
    room: str
    name: str
    nicknames: tuple[str, ...]

    @property
    def topic(self) -> str:
        """Return where its state is told."""
        places = {"thermostat": f"climate/{self.id}", "speaker": f"homie/5/{self.id}/player"}
        places |= {"vacuum": f"homie/5/{self.id}/robot-vacuum", "coffee": f"homie/5/{self.id}/brewer"}
        return places.get(self.sort, f"zigbee2mqtt/{self.id}")


@dataclass(frozen=True, slots=True)
class House:
    """A home as its people know it."""

    rooms: tuple[str, ...]
    things: tuple[Thing, ...]
    people: tuple[str, ...]

    def of(self, *sorts: str, room: str = "") -> list[Thing]:
        """Return the things of these sorts, in one room or in all."""
        return [one for one in self.things if one.sort in sorts and room in ("", one.room)]

    def described(self) -> dict[str, Any]:
        """Return what a hub is told of it, in the form of a home's file."""
        announced = [_zigbee(number, thing) for number, thing in enumerate(self.things) if _is_zigbee(thing)]
        retained = {"zigbee2mqtt/bridge/state": {"state": "online"}, "zigbee2mqtt/bridge/devices": announced}
        for thing in self.things:
            retained |= dict(_TOLD[thing.sort](thing))
        return {
            "rooms": {_id(room): [one.id for one in self.of(*_TOLD, room=room)] for room in self.rooms},
            "names": {thing.id: thing.name for thing in self.things},
            "people": {person: {} for person in self.people},
            "satellites": {f"{_id(room)}_panel": {"room": _id(room)} for room in self.rooms},
            "retained": [{"topic": topic, "payload": payload} for topic, payload in retained.items()],
        }

    def satellite(self, room: str) -> str:
        """Return the satellite of a room."""
        return f"{_id(room)}_panel"


def make_house(fleet: Fleet, rng: Random) -> House:
    """Return a home of a fleet."""
    side = fleet.side("names")
    rooms = tuple(rng.sample(fleet.words["rooms"][side], fleet.of("home", "rooms").whole(rng)))
    people = tuple(rng.sample(fleet.words["people"][side], fleet.of("home", "people").whole(rng)))
    alike = fleet.of("home", "alike").draw(rng)
    things: list[Thing] = []
    for room in rooms:
        for _ in range(fleet.of("home", "lights").whole(rng)):
            _add(things, "light", room, fleet.words["names"]["light"][side], alike, rng)
    for _ in range(fleet.of("home", "others").whole(rng)):
        sort = rng.choice(OTHERS)
        if sort not in ONCE or sort not in [one.sort for one in things]:
            _add(things, sort, rng.choice(rooms), fleet.words["names"][sort][side], 0.5, rng)
    return House(rooms, tuple(things), people)


def _add(
    things: list[Thing], sort: str, room: str, names: dict[str, list[str]], alike: float, rng: Random
) -> None:
    """Put one more thing into a room, called like another elsewhere or like none."""
    here = {one.name for one in things if one.room == room}
    elsewhere = {one.name for one in things} - here
    free = [name for name in names if name not in here]
    wanted = [name for name in free if (name in elsewhere) == (rng.random() < alike)] or free
    if wanted:
        name = rng.choice(wanted)
        things.append(Thing(_id(f"{room} {name}"), sort, room, name, tuple(names[name])))


def _id(name: str) -> str:
    return name.replace(" ", "_")


# ------------------------------------------------------------------------------- what devices announce


def _is_zigbee(thing: Thing) -> bool:
    return thing.sort in _EXPOSES


def _zigbee(number: int, thing: Thing) -> dict[str, Any]:
    exposes = _EXPOSES[thing.sort]
    return {
        "ieee_address": f"0x{number + 1:016x}",
        "type": "Router",
        "friendly_name": thing.id,
        "supported": True,
        "disabled": False,
        "power_source": "Mains (single phase)",
        "definition": {"model": "1", "vendor": "pretend", "description": thing.sort, "exposes": exposes},
    }


def _number(name: str, unit: str, low: float, high: float, access: int = 7) -> dict[str, Any]:
    ends = {"value_min": low, "value_max": high} if access == 7 else {}
    return {"type": "numeric", "name": name, "property": name, "access": access, "unit": unit, **ends}


_STATE = {"name": "state", "property": "state"}
_POWER = {"type": "binary", **_STATE, "access": 7, "value_on": "ON", "value_off": "OFF"}
_MOVE = {"type": "enum", **_STATE, "access": 3, "values": ["OPEN", "CLOSE", "STOP"]}
_EXPOSES: dict[str, list[dict[str, Any]]] = {
    "light": [{"type": "light", "features": [_POWER, _number("brightness", "", 0, 254)]}],
    "switch": [{"type": "switch", "features": [_POWER]}],
    "cover": [{"type": "cover", "features": [_MOVE, _number("position", "%", 0, 100)]}],
    "sensor": [_number("temperature", "°C", 0, 0, access=1)],
}

Told = Iterator[tuple[str, object]]


def _homie(thing: Thing, node: str, kind: str, properties: dict[str, dict[str, Any]]) -> Told:
    nodes = {node: {"name": thing.name, "type": kind, "properties": properties}}
    about = {"homie": "5.0", "version": 1, "name": thing.name, "nodes": nodes}
    yield f"homie/5/{thing.id}/$description", about
    yield f"homie/5/{thing.id}/$state", "ready"


def _enum(name: str, choices: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "datatype": "enum", "format": choices, "settable": True, **more}


def _speaker(thing: Thing) -> Told:
    kinds = {"kind": {"enum": ["music", "radio", "audiobook", "podcast"]}, "title": {"type": "string"}}
    media = '{"type": "object", "properties": ' + str(kinds).replace("'", '"') + "}"
    yield from _homie(
        thing,
        "player",
        "speaker",
        {
            "playback": _enum("Playback", "play,pause,stop,next,previous"),
            "media": {"name": "Media", "datatype": "json", "settable": True, "format": media},
            "volume": {
                "name": "Volume", "datatype": "integer", "unit": "%", "settable": True, "format": "0:100",
            },
        },
    )  # fmt: skip
    yield f"{thing.topic}/playback", "stop"
    yield f"{thing.topic}/volume", "30"


def _vacuum(thing: Thing) -> Told:
    yield from _homie(
        thing,
        "robot-vacuum",
        "robot-vacuum",
        {
            "run": _enum("Run", "start,pause,stop", retained=False),
            "dock": {"name": "Dock", "datatype": "boolean", "settable": True},
            "status": _enum("Status", "idle,running,paused", settable=False),
        },
    )
    yield f"{thing.topic}/status", "idle"


def _coffee(thing: Thing) -> Told:
    yield from _homie(
        thing,
        "brewer",
        "coffee-maker",
        {
            "brew": _enum("Brew", ",".join(DRINKS), retained=False),
            "status": _enum("Status", "idle,heating,brewing,done", settable=False),
        },
    )
    yield f"{thing.topic}/status", "idle"


def _thermostat(thing: Thing) -> Told:
    names = {"name": thing.name, "unique_id": thing.id, "object_id": thing.id, "~": thing.topic}
    topics = {"current_temperature_topic": "~/current", "temperature_state_topic": "~/target"}
    more = {"temperature_command_topic": "~/target/set", "min_temp": 7, "max_temp": 30, "temp_step": 0.5}
    yield f"homeassistant/climate/{thing.id}/config", {**names, **topics, **more, "temperature_unit": "C"}
    yield f"{thing.topic}/current", "20.5"
    yield f"{thing.topic}/target", "20"


def _reports(first: dict[str, Any]) -> Any:
    def told(thing: Thing) -> Told:
        yield thing.topic, first

    return told


_TOLD: dict[str, Any] = {
    "light": _reports({"state": "OFF", "brightness": 200}),
    "switch": _reports({"state": "OFF"}),
    "cover": _reports({"state": "OPEN", "position": 100}),
    "sensor": _reports({"temperature": 20.4}),
    "speaker": _speaker,
    "vacuum": _vacuum,
    "coffee": _coffee,
    "thermostat": _thermostat,
}
