"""Write a device in a convention that is not its own: announcements, states, and what counts as telling it.

A command of a case becomes the messages that tell the same in the new convention. Where one message becomes
several, a lamp that is dimmed may be switched on too, as one message would have done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from random import Random
from typing import Any, ClassVar, Protocol

from edge_nlu_bench.things import (
    PRESENCE,
    DisguiseError,
    Heard,
    Held,
    Message,
    Thing,
    Told,
    Trait,
    Wanted,
    exact,
    plain,
)

Way = list[Message]
ROUNDING = 0.6
"""How far off a scaled whole number may be for being rounded twice."""


class Writer(Protocol):
    """A device in its new convention."""

    prefix: str

    def announce(self) -> list[Message]:
        """Return the retained messages that say what there is."""

    def say(self, heard: Heard, state: Heard) -> list[Message]:
        """Return what the device says when this changed, and then all is so."""

    def tell(self, told: Told) -> list[Way]:
        """Return the ways to tell it this; one of them has to be taken."""

    def beside(self, told: Told) -> list[Message]:
        """Return what may be sent beside it."""


def message(topic: str, payload: Any) -> Message:
    """Return a message as a home has it."""
    return {"topic": topic, "payload": payload}


def entry(topic: str, payloads: Sequence[str], near: float = 0.0) -> Message:
    """Return what an expectation says of a message; without payloads any will do."""
    said: Message = {"topic": topic}
    if payloads:
        said["text"] = payloads[0] if len(payloads) == 1 else list(payloads)
    return said | ({"near": round(near, 3)} if near else {})


def scaled(wanted: Wanted, scale: float) -> float:
    """Return how far off a value may be in another scale."""
    return wanted.near * scale + (ROUNDING if scale != 1 else 0.0)


def rgb_of(color: Mapping[str, Any]) -> tuple[int, int, int]:
    """Return the red, green and blue of a colour that Zigbee2MQTT tells."""
    if "x" not in color:
        raise DisguiseError("a colour", json.dumps(color))
    x, y = float(color["x"]), max(float(color["y"]), 1e-6)
    red, green, blue = x / y, 1.0, (1 - x - y) / y
    linear = (
        3.2406 * red - 1.5372 * green - 0.4986 * blue,
        -0.9689 * red + 1.8758 * green + 0.0415 * blue,
        0.0557 * red - 0.2040 * green + 1.0570 * blue,
    )
    most = max(*linear, 1e-6)
    parts = (max(part / most, 0.0) for part in linear)
    curved = (12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055 for part in parts)
    return tuple(round(255 * part) for part in curved)  # type: ignore[return-value]


# -------------------------------------------------------------------------------------------- Homie


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

    prefix = "homie"
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


def lit_beside(thing: Thing, told: Told, made: Any) -> list[Message]:
    """Return what may be told a lamp beside this, where its switch and its brightness are told apart."""
    if thing.sort != "light":
        return []
    abouts = {trait.about for key in told if (trait := thing.trait(key)) is not None}
    power = next((wanted for key, wanted in told.items() if key == "state"), None)
    if (
        power is not None
        and True in power.values
        and any(trait.about == "brightness" for trait in thing.traits)
    ):
        return [made("brightness", Wanted())]
    return [made("power", Wanted((True,)))] if abouts & {"brightness", "white", "color"} else []


# -------------------------------------------------------------------------------- Tasmota, Zigbee2MQTT


class TasmotaWriter:
    """A Tasmota relay or lamp."""

    prefix = "tasmota"

    def __init__(self, thing: Thing, id_: str, name: str, rng: Random) -> None:
        self._thing, self._id, self._name = thing, id_, name
        self._mac = f"{rng.randrange(16**12):012X}"
        self._form = rng.choice(("%prefix%/%topic%/", "%prefix%/%topic%/", "%topic%/%prefix%/"))
        self._of = {trait.key: trait.about for trait in thing.traits}

    def _topic(self, prefix: str, last: str) -> str:
        return self._form.replace("%prefix%", prefix).replace("%topic%", self._id) + last

    def announce(self) -> list[Message]:
        """Return the discovery message."""
        light = self._thing.sort == "light"
        white = any(trait.about == "white" for trait in self._thing.traits)
        said = {
            "ip": "192.0.2.20", "dn": self._name, "fn": [self._name, None, None, None], "hn": self._id,
            "mac": self._mac, "md": "Generic", "ty": 0, "if": 0, "ofln": "Offline", "onln": "Online",
            "state": ["OFF", "ON", "TOGGLE", "HOLD"], "sw": "14.4.1", "t": self._id, "ft": self._form,
            "tp": ["cmnd", "stat", "tele"], "rl": [2 if light else 1, 0, 0, 0, 0, 0, 0, 0],
            "lk": 1, "lt_st": (2 if white else 1) if light else 0, "ver": 1,
        }  # fmt: skip
        return [message(f"tasmota/discovery/{self._mac}/config", said)]

    def say(self, heard: Heard, state: Heard) -> list[Message]:  # noqa: ARG002 - what changed is enough
        """Return what a relay says of itself, and a lamp of what changed."""
        messages = []
        if PRESENCE in heard:
            messages.append(message(self._topic("tele", "LWT"), "Online" if heard[PRESENCE] else "Offline"))
        said: dict[str, Any] = {}
        for key, held in heard.items():
            match self._of.get(key):
                case "power":
                    said["POWER"] = "ON" if held else "OFF"
                case "brightness":
                    said["Dimmer"] = round(100 * float(held))  # type: ignore[arg-type]
                case "white":
                    said["CT"] = exact(float(held))  # type: ignore[arg-type]
        if said:
            messages.append(message(self._topic("stat", "RESULT"), said))
        if "POWER" in said:
            messages.append(message(self._topic("stat", "POWER"), said["POWER"]))
        return messages

    def tell(self, told: Told) -> list[Way]:
        """Return a command for each trait."""
        return [[self._cmnd(self._of[key], wanted) for key, wanted in told.items()]]

    def _cmnd(self, about: str, wanted: Wanted) -> Message:
        if about == "power":
            topics = [self._topic("cmnd", last) for last in ("POWER", "POWER1")]
            return {**entry("", ["ON" if held else "OFF" for held in wanted.values]), "topic": topics}
        last, scale = ("Dimmer", 100) if about == "brightness" else ("CT", 1)
        payloads = [plain(round(scale * float(held))) for held in wanted.values]  # type: ignore[arg-type]
        return entry(self._topic("cmnd", last), payloads, scaled(wanted, scale))

    def beside(self, told: Told) -> list[Message]:
        """Return that a lamp may be switched on as it is dimmed, and dimmed as it is switched on."""
        return lit_beside(self._thing, told, self._cmnd)


class ZigbeeWriter:
    """A plug or a thermostat of Zigbee2MQTT."""

    prefix = "zigbee2mqtt"
    KEYS: ClassVar = {
        "power": "state",
        "target": "occupied_heating_setpoint",
        "mode": "system_mode",
        "temperature": "local_temperature",
    }

    def __init__(self, thing: Thing, id_: str, name: str, rng: Random) -> None:
        self._thing, self._id = thing, id_
        self._address = f"0x{rng.randrange(16**16):016x}"
        if thing.convention != "tasmota" and name and not set(name.lower().split()) <= set(id_.split("_")):
            self._id = "_".join(name.lower().split())
        self._name = name

    def listed(self) -> dict[str, Any]:
        """Return what the list of the bridge says of it."""
        features = [self._feature(trait) for trait in self._thing.traits]
        model = ("TRV-16", "Danfoss") if self._thing.sort == "climate" else ("TS011F", "TuYa")
        return {
            "ieee_address": self._address, "type": "Router", "friendly_name": self._id, "supported": True,
            "disabled": False, "interview_completed": True, "power_source": "Mains (single phase)",
            "definition": {
                "model": model[0], "vendor": model[1], "description": f"{model[1]} {model[0]}",
                "exposes": [{"type": self._thing.sort, "features": features}],
            },
        }  # fmt: skip

    def _feature(self, trait: Trait) -> dict[str, Any]:
        key = self.KEYS[trait.about]
        said: dict[str, Any] = {"name": key, "property": key, "access": 7 if trait.settable else 1}
        match trait.sort:
            case "switch":
                return {"type": "binary", **said, "value_on": "ON", "value_off": "OFF"}
            case "number":
                bounds = {"value_min": trait.low, "value_max": trait.high, "value_step": trait.step}
                return {"type": "numeric", **said, "unit": "°C", **(bounds if trait.settable else {})}
            case _:
                return {"type": "enum", **said, "values": list(trait.choices)}

    @property
    def id(self) -> str:
        """Return its friendly name, which is all the name that it has."""
        return self._id

    def announce(self) -> list[Message]:
        """Return nothing: the bridge lists all its devices at once."""
        return []

    def say(self, heard: Heard, state: Heard) -> list[Message]:
        """Return its whole state, and whether it can be reached."""
        messages = []
        if PRESENCE in heard:
            said = {"state": "online" if heard[PRESENCE] else "offline"}
            messages.append(message(f"zigbee2mqtt/{self._id}/availability", said))
        if set(heard) - {PRESENCE}:
            full = {
                self.KEYS[trait.about]: self._value(trait, state[trait.key])
                for trait in self._thing.traits
                if trait.key in state
            }
            messages.append(message(f"zigbee2mqtt/{self._id}", full))
        return messages

    def _value(self, trait: Trait, held: Held) -> Any:
        if trait.sort == "switch":
            return "ON" if held else "OFF"
        return exact(held) if isinstance(held, float) else held

    def tell(self, told: Told) -> list[Way]:
        """Return the one message that sets it all."""
        said: dict[str, Any] = {}
        near = max((wanted.near for wanted in told.values()), default=0.0)
        for key, wanted in told.items():
            trait = self._thing.trait(key)
            if trait is not None:
                values = [self._value(trait, held) for held in wanted.values]
                said[self.KEYS[trait.about]] = values[0] if len(values) == 1 else values
        return [[{"topic": f"zigbee2mqtt/{self._id}/set", "json": said} | ({"near": near} if near else {})]]

    def beside(self, told: Told) -> list[Message]:  # noqa: ARG002 - one message says it all
        """Return nothing."""
        return []
