"""Read the homes of written cases: which device a message is of, and what it says.

These readers know the few shapes that homes are written in, and were made apart from the hub's own bridges,
which are what is tried. What they do not know they refuse.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from edge_nlu_bench.things import PRESENCE, DisguiseError, Heard, Held, Thing, Told, Trait, Wanted, as_list

SENSED_TYPES = {"numeric": "number", "binary": "switch", "enum": "choice", "text": "text"}
ZIGBEE = "zigbee2mqtt/"


class Reader(Protocol):
    """The reader of one convention, with the devices it found."""

    @property
    def things(self) -> Sequence[Thing]:
        """Return the devices."""

    def announces(self, topic: str) -> bool:
        """Return whether a retained message only says what there is."""

    def hears(self, topic: str, payload: Any) -> tuple[Thing, Heard] | None:
        """Return what a device says."""

    def told(self, topic: str, entry: Mapping[str, Any]) -> tuple[Thing, list[Told]] | None:
        """Return the ways in which an entry may tell a device something, by trait."""


def readers(retained: Sequence[Mapping[str, Any]]) -> tuple[Reader, ...]:
    """Return the readers of all conventions, knowing the devices that these messages announce."""
    return ZigbeeReader(retained), HomieReader(retained), ClimateReader(retained), TasmotaReader(retained)


def parsed(payload: Any) -> Any:
    """Return a payload as the value it stands for, its text where it is none."""
    if isinstance(payload, str):
        try:
            return json.loads(payload)
        except ValueError:
            return payload
    return payload


def wanted(values: Any, near: float, held: Any) -> Wanted:
    """Return what values an expectation allows, each as `held` makes it, without those it cannot."""
    made = (held(value) for value in as_list(values))
    return Wanted(tuple(value for value in made if value is not None), near)


# -------------------------------------------------------------------------------------- Zigbee2MQTT


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


# -------------------------------------------------------------------------------------------- Homie


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


# --------------------------------------------------------------------- Home Assistant: climate alone


class ClimateReader:
    """Thermostats announced for Home Assistant; other components are refused."""

    TOPICS: ClassVar = {
        "current_temperature_topic": "temperature",
        "temperature_state_topic": "target",
        "mode_state_topic": "mode",
        "availability_topic": PRESENCE,
    }
    COMMANDS: ClassVar = {"temperature_command_topic": "target", "mode_command_topic": "mode"}

    def __init__(self, retained: Sequence[Mapping[str, Any]]) -> None:
        self._heard: dict[str, tuple[Thing, str]] = {}
        self._told: dict[str, tuple[Thing, str]] = {}
        self.things: tuple[Thing, ...] = tuple(
            self._thing(said["topic"], parsed(said["payload"]))
            for said in retained
            if self.announces(said["topic"])
        )

    def announces(self, topic: str) -> bool:
        """Return whether it is the configuration of an entity."""
        return topic.startswith("homeassistant/") and topic.endswith("/config")

    def _thing(self, topic: str, said: Mapping[str, Any]) -> Thing:
        component, own = topic.split("/")[1], topic.split("/")[-2]
        if component != "climate":
            raise DisguiseError(topic, f"the component {component}")
        low, high = float(said.get("min_temp", 7)), float(said.get("max_temp", 35))
        step = float(said.get("temp_step", 1))
        modes = tuple(said.get("modes", ()))
        traits = (
            Trait("temperature", "number", "temperature", "Temperature", unit="°C"),
            Trait("target", "number", "target", "Target temperature", True, True, "°C", low, high, step),
            Trait("mode", "choice", "mode", "Mode", settable=True, choices=modes),
        )
        thing = Thing("homeassistant", own, said["name"], "climate", traits, ("thermostat",), said)
        base = said.get("~", "")
        for keys, known in ((self.TOPICS, self._heard), (self.COMMANDS, self._told)):
            known |= {
                said[key].replace("~", base): (thing, trait) for key, trait in keys.items() if key in said
            }
        return thing

    def hears(self, topic: str, payload: Any) -> tuple[Thing, Heard] | None:
        """Return what a thermostat says."""
        thing, key = self._heard.get(topic, (None, ""))
        if thing is None:
            return None
        if key == PRESENCE:
            return thing, {key: payload == "online"}
        return thing, {key: str(payload) if key == "mode" else float(payload)}

    def told(self, topic: str, entry: Mapping[str, Any]) -> tuple[Thing, list[Told]] | None:
        """Return the way in which an entry tells a thermostat something."""
        thing, key = self._told.get(topic, (None, ""))
        if thing is None:
            return None
        held = str if key == "mode" else float
        return thing, [{key: wanted(entry.get("text", []), entry.get("near", 0.0), held)}]


# ------------------------------------------------------------------------------------------ Tasmota


class TasmotaReader:
    """Tasmota devices with one relay."""

    TOPIC = re.compile(r"(cmnd|stat|tele)/([^/]+)/(\w+)")

    def __init__(self, retained: Sequence[Mapping[str, Any]]) -> None:
        found = [parsed(said["payload"]) for said in retained if self.announces(said["topic"])]
        self.things: tuple[Thing, ...] = tuple(map(_relay, found))
        self._by_id = {thing.id: thing for thing in self.things}

    def announces(self, topic: str) -> bool:
        """Return whether it is a discovery message."""
        return topic.startswith("tasmota/discovery/")

    def hears(self, topic: str, payload: Any) -> tuple[Thing, Heard] | None:
        """Return what a relay says."""
        found = self.TOPIC.fullmatch(topic)
        thing = self._by_id.get(found[2]) if found else None
        if found is None or thing is None or found[1] == "cmnd":
            return None
        if found[3] == "LWT":
            return thing, {PRESENCE: payload == "Online"}
        said = parsed(payload)
        power = said.get("POWER") if isinstance(said, dict) else payload
        return thing, {"power": power == "ON"} if power is not None else {}

    def told(self, topic: str, entry: Mapping[str, Any]) -> tuple[Thing, list[Told]] | None:
        """Return the way in which an entry switches a relay."""
        found = self.TOPIC.fullmatch(topic)
        thing = self._by_id.get(found[2]) if found and found[1] == "cmnd" else None
        if found is None or thing is None or found[3] not in ("POWER", "POWER1"):
            return None
        return thing, [{"power": wanted(entry.get("text", []), 0.0, {"ON": True, "OFF": False}.get)}]


def _relay(said: Mapping[str, Any]) -> Thing:
    if [relay for relay in said["rl"] if relay] != [1] or said["ft"] != "%prefix%/%topic%/":
        raise DisguiseError(f"tasmota {said['t']}", "anything but one relay with usual topics")
    power = Trait("power", "switch", "power", "Power", settable=True, choices=("ON", "OFF"))
    return Thing("tasmota", said["t"], said["dn"], "switch", (power,), announced=said)
