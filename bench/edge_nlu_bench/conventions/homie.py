"""Homie devices: version 5 is read, 4 and 5 are written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from random import Random
from typing import Any, ClassVar

from edge_nlu_bench.conventions.colors import rgb_of
from edge_nlu_bench.conventions.reading import parsed, wanted
from edge_nlu_bench.conventions.things import (
    PRESENCE,
    DisguiseError,
    Heard,
    Held,
    Message,
    Thing,
    Told,
    Trait,
    Wanted,
    plain,
)
from edge_nlu_bench.conventions.writing import Way, entry, lit_beside, message, scaled


class HomieReader:
    """Homie 5 devices."""

    TOPIC = re.compile(r"homie/5/([^/]+)/(.+)")

    def __init__(self, retained: Sequence[Mapping[str, Any]]) -> None:
        self.things: tuple[Thing, ...] = tuple(
            _homie_thing(found[1], parsed(said["payload"]))
            for said in retained
            if (found := self.TOPIC.fullmatch(said["topic"])) and found[2] == "$description"
        )
        self._by_id = {thing.id: thing for thing in self.things}

    def announces(self, topic: str) -> bool:
        """Return whether it is a description."""
        return topic.startswith("homie/5/") and topic.endswith("/$description")

    def hears(self, topic: str, payload: Any) -> tuple[Thing, Heard] | None:
        """Return what a device says."""
        found = self.TOPIC.fullmatch(topic)
        thing = self._by_id.get(found[1]) if found else None
        if found is None or thing is None:
            return None
        if found[2] == "$state":
            return thing, {PRESENCE: payload == "ready"}
        trait = thing.trait(found[2])
        return (thing, {trait.key: _homie_held(trait, payload)}) if trait else None

    def told(self, topic: str, entry: Mapping[str, Any]) -> tuple[Thing, list[Told]] | None:
        """Return the way in which an entry tells a device something."""
        found = self.TOPIC.fullmatch(topic.removesuffix("/set"))
        thing = self._by_id.get(found[1]) if found else None
        trait = thing.trait(found[2]) if found and thing and topic.endswith("/set") else None
        if thing is None or trait is None:
            return None
        values = entry.get("json", entry.get("text", []))
        return thing, [
            {trait.key: wanted(values, entry.get("near", 0.0), lambda value: _homie_held(trait, value))}
        ]


def _homie_thing(id_: str, said: Mapping[str, Any]) -> Thing:
    traits, types = [], []
    for node_id, node in said["nodes"].items():
        types += [node.get("type", ""), node.get("name", "")]
        for own, item in node["properties"].items():
            traits.append(_homie_trait(f"{node_id}/{own}", item))
    return Thing("homie", id_, said.get("name", ""), "appliance", tuple(traits), tuple(types), said)


def _homie_trait(key: str, item: Mapping[str, Any]) -> Trait:
    datatype, form = item.get("datatype", "string"), str(item.get("format", ""))
    sort = {
        "boolean": "switch",
        "integer": "number",
        "float": "number",
        "percent": "number",
        "enum": "choice",
    }
    low, high, step = (*(form.split(":") if sort.get(datatype) == "number" else ()), "", "", "")[:3]
    return Trait(
        key,
        sort.get(datatype, "json" if datatype == "json" else "text"),  # type: ignore[arg-type]
        key.rpartition("/")[2],
        item.get("name", ""),
        settable=item.get("settable", False),
        readable=item.get("retained", True),
        unit=item.get("unit", ""),
        low=float(low) if low else None,
        high=float(high) if high else None,
        step=float(step) if step else None,
        choices=tuple(form.split(",")) if datatype == "enum" else (),
        whole=datatype == "integer",
        schema=form if datatype == "json" else "",
    )


def _homie_held(trait: Trait, value: Any) -> Held:
    if trait.sort == "switch":
        return str(value).lower() == "true"
    if trait.sort == "number":
        return float(value)
    return parsed(value) if trait.sort == "json" else str(value)


@dataclass(frozen=True, slots=True)
class Property:
    """How a trait is a Homie property."""

    id: str
    name: str
    datatype: str
    form: str = ""
    unit: str = ""
    scale: float = 1.0
    turned: bool = False

    def written(self, held: Held) -> str:
        """Return a value as a payload."""
        if self.datatype == "boolean":
            return str(bool(held) != self.turned).lower()
        if isinstance(held, Mapping):
            return json.dumps(held) if self.datatype == "json" else ",".join(map(str, ("rgb", *rgb_of(held))))
        if self.datatype in ("integer", "float") and not isinstance(held, str):
            return plain(round(held * self.scale) if self.datatype == "integer" else held * self.scale)
        return str(held)


def _known(*alike: tuple[str, str], of: Property) -> tuple[Property, ...]:
    return tuple(replace(of, id=id_, name=name) for id_, name in alike)


SWITCH = Property("", "", "boolean")
CONTACT = Property("", "", "boolean", turned=True)
PERCENT = Property("", "", "integer", "0:100", "%")
SHARE = replace(PERCENT, scale=100)
MOVE = Property("", "", "enum", "open,close,stop")
COLOR = Property("", "", "color", "rgb")
CELSIUS = Property("", "", "float", unit="°C")
LUX = Property("", "", "integer", unit="lx")

KNOWN_PROPERTIES: Mapping[str, tuple[Property, ...]] = {
    "power": _known(("power", "Power"), ("on", "On"), ("switch", "Switch"), of=SWITCH),
    "brightness": _known(
        ("brightness", "Brightness"), ("level", "Brightness"), ("dimmer", "Dimmer"), of=SHARE
    ),
    "color": _known(("color", "Colour"), ("rgb", "Color"), of=COLOR),
    "position": _known(("position", "Position"), ("opening", "Opening"), of=PERCENT),
    "move": _known(("move", "Move"), ("control", "Control"), of=MOVE),
    "lock": _known(("locked", "Locked"), ("lock", "Lock"), of=SWITCH),
    "contact": _known(("open", "Open"), ("opened", "Opened"), of=CONTACT),
    "occupancy": _known(("motion", "Motion"), ("occupancy", "Occupancy"), of=SWITCH),
    "water_leak": _known(("leak", "Leak"), ("water-leak", "Water leak"), of=SWITCH),
    "temperature": _known(("temperature", "Temperature"), ("temp", "Temperature"), of=CELSIUS),
    "target": _known(
        ("target", "Target temperature"), ("setpoint", "Setpoint"), ("target-temp", "Target"), of=CELSIUS
    ),
    "humidity": _known(("humidity", "Humidity"), ("rel-humidity", "Relative humidity"), of=PERCENT),
    "battery": _known(("battery", "Battery"), ("battery-level", "Battery level"), of=PERCENT),
    "illuminance": _known(("illuminance", "Illuminance"), ("lux", "Illuminance"), of=LUX),
}
NODES: Mapping[str, tuple[str, ...]] = {
    "light": ("light", "lamp", "dimmer", "led", "dimmable-light"),
    "switch": ("switch", "relay", "socket", "plug", "outlet"),
    "cover": ("cover", "motor", "window-covering"),
    "garage": ("garage-door", "door-opener"),
    "lock": ("lock", "door-lock", "smart-lock"),
    "climate": ("thermostat", "heating", "climate"),
    "fan": ("fan", "ventilator"),
    "sensor": ("sensor", "environment", "measurements", "multisensor"),
}
PLAIN_NODES = ("main", "device", "unit", "core", "functions", "control", "n1", "general")


class HomieWriter:
    """A Homie device, of version 4 or 5."""

    prefix: ClassVar = "homie"
    SKIPPED: ClassVar = frozenset({"lock_state"})

    def __init__(self, thing: Thing, id_: str, name: str, rng: Random) -> None:
        self._id, self._name = id_, name or id_
        self._newer = any(trait.sort == "json" for trait in thing.traits) or rng.random() < 0.5
        self._base = f"homie/5/{id_}" if self._newer else f"homie/{id_}"
        self._thing = thing
        self._nodes = dict(self._node(thing, rng))
        self._made = {
            trait.key: self._property(trait, rng) for trait in thing.traits if trait.key not in self.SKIPPED
        }

    def _node(self, thing: Thing, rng: Random) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
        """Yield the new id of each old node, with what is said of it."""
        if thing.convention != "homie":
            words = f"{self._id} {self._name}".lower()
            sort = rng.choice(NODES["garage" if thing.sort == "cover" and "garage" in words else thing.sort])
            yield "", (rng.choice((sort, *PLAIN_NODES)), {"name": sort.capitalize(), "type": sort})
            return
        nodes = thing.announced["nodes"]
        others = rng.sample(PLAIN_NODES, len(nodes))
        for (old, said), other in zip(nodes.items(), others, strict=True):
            yield old, (other, {key: said[key] for key in ("name", "type") if key in said})

    def _property(self, trait: Trait, rng: Random) -> tuple[str, Property]:
        """Return the node of a trait, and its property there."""
        node, _, own = trait.key.rpartition("/")
        if self._thing.convention == "homie":
            item = self._thing.announced["nodes"][node]["properties"][own]
            form, unit = str(item.get("format", "")), item.get("unit", "")
            return self._nodes[node][0], Property(own, item.get("name", ""), item["datatype"], form, unit)
        known = KNOWN_PROPERTIES.get(trait.about, ())
        if trait.about == "brightness" and not trait.settable:
            known = ()
        made = rng.choice(known) if known else self._plain(trait)
        if trait.about in ("target", "white") and trait.low is not None:
            made = replace(
                made,
                form=f"{plain(trait.low)}:{plain(trait.high or 0)}"
                + (f":{plain(trait.step)}" if trait.step else ""),
            )
        return self._nodes[""][0], made

    def _plain(self, trait: Trait) -> Property:
        own = trait.about.replace("_", "-")
        name = trait.name.capitalize() or own
        match trait.sort:
            case "number" if trait.about == "white":
                return Property("color-temperature", "Colour temperature", "integer", unit="mired")
            case "number":
                return Property(own, name, "float", unit=trait.unit)
            case "switch":
                return Property(own, name, "boolean")
            case "choice":
                return Property(own, name, "enum", ",".join(trait.choices))
            case "text":
                return Property(own, name, "string")
        raise DisguiseError(self._thing.id, f"{trait.key} as a Homie property")

    def _described(self) -> dict[str, Any]:
        nodes: dict[str, Any] = {id_: {**said, "properties": {}} for id_, said in self._nodes.values()}
        for trait in self._thing.traits:
            if trait.key not in self._made:
                continue
            node, made = self._made[trait.key]
            item: dict[str, Any] = {"name": made.name, "datatype": made.datatype}
            item |= {"format": made.form} if made.form else {}
            item |= {"unit": made.unit} if made.unit else {}
            item |= {"settable": True} if trait.settable else {}
            item |= {} if self._retained(trait) else {"retained": False}
            nodes[node]["properties"][made.id] = item
        return {"homie": "5.0", "version": 1, "name": self._name, "nodes": nodes}

    def _retained(self, trait: Trait) -> bool:
        return trait.readable and not (trait.about == "move" and trait.settable)

    def announce(self) -> list[Message]:
        """Return the description, in one message or in many."""
        said = self._described()
        if self._newer:
            return [message(f"{self._base}/$description", said)]
        told = {"$homie": "4.0.0", "$name": self._name, "$nodes": ",".join(said["nodes"]), "$extensions": ""}
        for id_, node in said["nodes"].items():
            properties = node["properties"]
            told |= {f"{id_}/$name": node.get("name", ""), f"{id_}/$type": node.get("type", "")}
            told[f"{id_}/$properties"] = ",".join(properties)
            for own, item in properties.items():
                told |= {
                    f"{id_}/{own}/${key}": str(value).lower() if isinstance(value, bool) else value
                    for key, value in item.items()
                }
        return [message(f"{self._base}/{key}", value) for key, value in told.items() if value]

    def say(self, heard: Heard, state: Heard) -> list[Message]:  # noqa: ARG002 - one message for each
        """Return a message for each property that changed."""
        messages = []
        for key, held in heard.items():
            if key == PRESENCE:
                messages.append(message(f"{self._base}/$state", "ready" if held else "lost"))
            elif key in self._made and not self._hidden(key):
                node, made = self._made[key]
                messages.append(message(f"{self._base}/{node}/{made.id}", made.written(held)))
        return messages

    def _hidden(self, key: str) -> bool:
        trait = self._thing.trait(key)
        return trait is not None and trait.about == "move"

    def tell(self, told: Told) -> list[Way]:
        """Return a message for each property; what closes may be told by its position as well."""
        ways = [self._ways(key, wanted) for key, wanted in told.items()]
        return [list(way) for way in product(*ways)]

    def _ways(self, key: str, wanted: Wanted) -> list[Message]:
        node, made = self._made[key]
        ways = [self._set(node, made, wanted)]
        trait = self._thing.trait(key)
        position = next(
            (one.key for one in self._thing.traits if one.about == "position" and one.settable), ""
        )
        ends = {"open": 100.0, "close": 0.0}
        if trait is not None and trait.about == "move" and position:
            places = tuple(ends[held] for held in wanted.values if isinstance(held, str) and held in ends)
            ways += [self._set(*self._made[position], Wanted(places))] if places else []
        return ways

    def _set(self, node: str, made: Property, wanted: Wanted) -> Message:
        topic = f"{self._base}/{node}/{made.id}/set"
        if made.datatype == "json":
            values = list(wanted.values)
            return {"topic": topic, "json": values[0] if len(values) == 1 else values}
        near = scaled(wanted, made.scale) if made.datatype in ("integer", "float") else 0.0
        return entry(topic, [made.written(held) for held in wanted.values], near)

    def beside(self, told: Told) -> list[Message]:
        """Return that a lamp may be switched on as it is dimmed, and dimmed as it is switched on."""
        topics = {trait.about: trait.key for trait in self._thing.traits}
        return lit_beside(
            self._thing, told, lambda about, wanted: self._set(*self._made[topics[about]], wanted)
        )
