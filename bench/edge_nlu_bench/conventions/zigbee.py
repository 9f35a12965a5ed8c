"""Devices in the list of a Zigbee2MQTT bridge: read whatever they are, written as plugs and thermostats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, ClassVar

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
    as_list,
    exact,
)
from edge_nlu_bench.conventions.writing import Way, message

SENSED_TYPES = {"numeric": "number", "binary": "switch", "enum": "choice", "text": "text"}
ZIGBEE = "zigbee2mqtt/"


class ZigbeeReader:
    """Devices in the list of a Zigbee2MQTT bridge."""

    def __init__(self, retained: Sequence[Mapping[str, Any]]) -> None:
        listed = [parsed(said["payload"]) for said in retained if said["topic"] == f"{ZIGBEE}bridge/devices"]
        self.things: tuple[Thing, ...] = tuple(map(_zigbee_thing, listed[-1] if listed else ()))
        self._by_id = {thing.id: thing for thing in self.things}

    def announces(self, topic: str) -> bool:
        """Return whether it is a message of the bridge."""
        return topic.startswith(f"{ZIGBEE}bridge/")

    def hears(self, topic: str, payload: Any) -> tuple[Thing, Heard] | None:
        """Return what a device says."""
        own = topic.removeprefix(ZIGBEE)
        if own == topic:
            return None
        if own.endswith("/availability"):
            thing = self._by_id.get(own.removesuffix("/availability"))
            said = parsed(payload)
            online = said["state"] if isinstance(said, dict) else said
            return (thing, {PRESENCE: online == "online"}) if thing else None
        thing, said = self._by_id.get(own), parsed(payload)
        return (thing, dict(_zigbee_heard(thing, said))) if thing and isinstance(said, dict) else None

    def told(self, topic: str, entry: Mapping[str, Any]) -> tuple[Thing, list[Told]] | None:
        """Return the ways in which an entry may tell a device something."""
        own = topic.removeprefix(ZIGBEE)
        if own == topic or not own.endswith("/set"):
            return None
        thing = self._by_id.get(own.removesuffix("/set"))
        if thing is None:
            return None
        ways = as_list(entry["json"]) if "json" in entry else [{"state": entry.get("text", [])}]
        near = entry.get("near", 0.0)
        told = [_zigbee_told(thing, way, near) for way in ways]
        return thing, [way for way in told if way is not None]


def _zigbee_thing(listed: Mapping[str, Any]) -> Thing:
    name = listed["friendly_name"]
    sort, traits = "sensor", []
    for expose in listed["definition"]["exposes"]:
        features = expose.get("features", ())
        if expose["type"] in ("light", "switch", "cover", "lock", "climate", "fan"):
            sort = expose["type"]
            traits += [_zigbee_trait(name, sort, feature) for feature in features]
        elif expose["name"] != "linkquality":
            traits.append(_zigbee_trait(name, "", expose))
    return Thing("zigbee2mqtt", name, "", sort, tuple(traits), announced=listed)


def _zigbee_trait(device: str, sort: str, feature: Mapping[str, Any]) -> Trait:
    key, settable = feature["property"], bool(feature["access"] & 2)
    low, high = feature.get("value_min"), feature.get("value_max")
    about = {
        ("light", "state"): "power",
        ("switch", "state"): "power",
        ("fan", "state"): "power",
        ("cover", "state"): "move",
        ("lock", "state"): "lock",
        ("light", "color_temp"): "white",
        ("light", "color"): "color",
        ("climate", "occupied_heating_setpoint"): "target",
        ("climate", "current_heating_setpoint"): "target",
        ("climate", "local_temperature"): "temperature",
        ("climate", "system_mode"): "mode",
    }.get((sort, key), key)
    if feature["type"] == "composite":
        return Trait(key, "color", "color", settable=settable)
    kind = SENSED_TYPES.get(feature["type"])
    if kind is None:
        raise DisguiseError(f"zigbee2mqtt/{device}", f"the {feature['type']} {key}")
    choices = tuple(map(str, feature.get("values", ())))
    # what is true of a contact is that it is closed
    words = (feature.get("value_on", True), feature.get("value_off", False)) if kind == "switch" else ()
    if key == "contact":
        words = (True, False)
    return Trait(
        key,
        kind,  # type: ignore[arg-type]
        about,
        key.replace("_", " "),
        settable=settable,
        unit=feature.get("unit", ""),
        low=low,
        high=high,
        choices=tuple(map(str, words)) if words else choices,
    )


def _zigbee_held(trait: Trait, value: Any) -> Held | None:
    """Return a value of the state as it is held; None where it says nothing."""
    match trait.about:
        case "brightness" if trait.settable:
            return value / (trait.high or 254) if isinstance(value, int | float) else None
        case "white":
            return float(value) if isinstance(value, int | float) else None
        case "move":
            return {"OPEN": "open", "CLOSE": "close", "STOP": "stop"}.get(value)
        case "color":
            return value if isinstance(value, dict) else None
    if trait.sort == "switch":
        return {trait.choices[0]: True, trait.choices[1]: False}.get(str(value))
    return float(value) if trait.sort == "number" and value is not None else value


def _zigbee_heard(thing: Thing, said: Mapping[str, Any]) -> Iterator[tuple[str, Held]]:
    for key, value in said.items():
        trait = thing.trait(key)
        if trait is None:
            if key in ("linkquality", "last_seen"):
                continue
            raise DisguiseError(f"zigbee2mqtt/{thing.id}", f"{key} in its state")
        held = _zigbee_held(trait, value)
        if held is not None:
            yield key, held


def _zigbee_told(thing: Thing, way: Mapping[str, Any], near: float) -> Told | None:
    """Return what one form of a command tells; None for one that only Zigbee2MQTT has."""
    told: dict[str, Wanted] = {}
    for key, values in way.items():
        trait = thing.trait(key)
        if trait is None and key.removesuffix("_step").removesuffix("_move") != key:
            return None
        if trait is None:
            raise DisguiseError(f"zigbee2mqtt/{thing.id}", f"{key} in a command")
        if trait.about == "color":
            told[key] = Wanted()
            continue
        scale = 1 / (trait.high or 254) if trait.about == "brightness" else 1.0
        found = wanted(values, near * scale, lambda value, trait=trait: _zigbee_held(trait, value))
        if not found.values:
            return None
        told[key] = found
    return told


class ZigbeeWriter:
    """A plug or a thermostat of Zigbee2MQTT."""

    prefix: ClassVar = "zigbee2mqtt"
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
        near = max((one.near for one in told.values()), default=0.0)
        for key, one in told.items():
            trait = self._thing.trait(key)
            if trait is not None:
                values = [self._value(trait, held) for held in one.values]
                said[self.KEYS[trait.about]] = values[0] if len(values) == 1 else values
        return [[{"topic": f"zigbee2mqtt/{self._id}/set", "json": said} | ({"near": near} if near else {})]]

    def beside(self, told: Told) -> list[Message]:  # noqa: ARG002 - one message says it all
        """Return nothing."""
        return []
