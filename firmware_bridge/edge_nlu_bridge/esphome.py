"""Speak with ESPHome nodes that announce nothing for Home Assistant; the others are left to that bridge.

Such a node only says that it is there, on `<node>/status`, and what its parts hold, on topics that name what
they are: `<node>/switch/relay/state`. So a part is known once it was heard, and what it is called is all that
there is to say what it does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from edge_nlu.values import Command, DeviceId, Event, Found, Gone, Message
from edge_nlu_bridge.channels import Payload, messages
from edge_nlu_bridge.discovery import Entity, Owner, whole
from edge_nlu_bridge.members import Node, member_of
from edge_nlu_bridge.payloads import as_mapping, as_number, as_text, json_of, text_of

PREFIX = "homeassistant"
FORESEEN = (
    "+/status",
    "+/+/+/state",
    "+/+/+/+/state",
    f"{PREFIX}/+/+/config",
    f"{PREFIX}/+/+/+/config",
)
NAME = re.compile(r"[^/+#\0$]{1,100}")
OTHERS = frozenset({PREFIX, "edge-nlu", "zigbee2mqtt", "homie", "tasmota", "esphome"})
"""Whose status is not a node's."""

NODES_LIMIT = 1_000
PARTS_LIMIT = 5_000
SAID_LIMIT = 500
"""So many parts of all nodes, each with so short a state, can be kept."""

Heard: TypeAlias = Mapping[str, str]
"""What a part says, by what it says it of: "" for its state, `position`, `speed_level`."""


class _Known:
    """A node, what its parts say, and whether it announces itself, which makes it somebody else's."""

    __slots__ = ("alive", "announced", "heard", "node")

    def __init__(self, name: str) -> None:
        self.node = Node(f"{Esphome.name}/{name}")
        self.heard: dict[tuple[str, str], dict[str, str]] = {}
        self.alive: bytes | None = None
        self.announced: set[str] = set()


class Esphome:
    """The bridge to ESPHome nodes without announcements."""

    name = "esphome"

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._places: dict[str, tuple[str, ...]] = {}
        self._parts = 0

    def subscriptions(self) -> tuple[str, ...]:
        """Return the topic filters to listen to."""
        return FORESEEN

    def read(self, message: Message) -> Sequence[Event]:
        """Return what a message tells."""
        name, *path = message.topic.split("/")
        if name == PREFIX:
            if path[-1:] == ["config"] and len(path) in (3, 4):
                return self._read_announcement("/".join(path[:-1]), message.payload)
            return ()
        if name in OTHERS or not NAME.fullmatch(name):
            return ()
        if path == ["status"]:
            return self._read_status(name, message.payload)
        if len(path) in (3, 4) and path[-1] == "state" and path[0] in KINDS and path[1]:
            return self._read_state(name, path, message)
        return ()

    def write(self, command: Command) -> Sequence[Message]:
        """Return the messages that tell a node."""
        start, _, name = command.device.partition("/")
        known = self._known.get(name) if start == self.name else None
        return messages(known.node.tell(command.settings)) if known else ()

    def inquire(self, device: DeviceId) -> Sequence[Message]:
        """Return nothing: what a node holds is retained."""
        del device
        return ()

    # ------------------------------------------------------------------------- what is there

    def _of(self, name: str) -> _Known | None:
        """Return what is known of a node, from now on also of a new one as long as there are not too many."""
        if name not in self._known and len(self._known) < NODES_LIMIT:
            self._known[name] = _Known(name)
        return self._known.get(name)

    def _read_announcement(self, place: str, payload: bytes) -> list[Event]:
        """Return that nodes are gone from here which announce themselves."""
        config = whole(as_mapping(json_of(payload)))
        parts = [config, *(whole(as_mapping(part)) for part in as_mapping(config.get("components")).values())]
        topics = [as_text(part.get(key)) for part in parts for key in ("state_topic", "command_topic")]
        names = tuple(dict.fromkeys(topic.partition("/")[0] for topic in topics if "/" in topic))
        events: list[Event] = []
        for name in self._places.pop(place, ()):
            if name not in names and name in self._known:
                self._known[name].announced.discard(place)
        for name in names:
            known = self._of(name)
            if known is not None:
                known.announced.add(place)
                events += self._settle(name, known)
        if names:
            self._places[place] = names
        return events

    def _read_status(self, name: str, payload: bytes) -> list[Event]:
        if payload.strip() not in (b"online", b"offline") and not (not payload and name in self._known):
            return []
        known = self._of(name)
        if known is None:
            return []
        known.alive = payload or None
        return self._settle(name, known)

    def _settle(self, name: str, known: _Known) -> list[Event]:
        """Return what follows for a node from who it is, and what its parts are."""
        before, node = known.node.mark, known.node
        old = {channel.feature.key for member in node.members for channel in member.channels}
        fresh: list[Entity] = []
        if known.alive is not None and not known.announced:
            owner = Owner((name,), name.replace("-", " ").replace("_", " "))
            for (kind, part), heard in known.heard.items():
                component, config = KINDS[kind](f"{name}/{kind}/{part}", heard)
                config |= {"name": part.replace("_", " "), "availability_topic": f"{name}/status"}
                fresh.append(Entity(component, name, part, config, owner))
        device = node.settle(member for member in map(member_of, fresh) if member.channels)
        if device is None:
            known.node = Node(node.id)
            return [Gone(node.id)] if before is not None else []
        node.mark = hash(device)
        events: list[Event] = [Found(device)] if node.mark != before else []
        if known.alive is not None:
            events += node.hear(f"{name}/status", Payload(known.alive))
        for (kind, part), heard in known.heard.items():
            for aspect, said in heard.items():
                topic = "/".join(filter(None, (name, kind, part, aspect, "state")))
                told = node.hear(topic, Payload(said.encode()))
                events += [event for event in told if getattr(event, "key", "") not in old]
        return events

    # ------------------------------------------------------------------------- how it is

    def _read_state(self, name: str, path: Sequence[str], message: Message) -> Sequence[Event]:
        known, said = self._of(name), text_of(message.payload)
        if known is None or not said or len(said) > SAID_LIMIT:
            return ()
        kind, part, aspect = path[0], path[1], path[2] if len(path) == 4 else ""
        if (kind, part) not in known.heard:
            if self._parts >= PARTS_LIMIT:
                return ()
            self._parts += 1
        heard = known.heard.setdefault((kind, part), {})
        shape = KINDS[kind]("", heard) if heard else None
        heard[aspect] = said
        if shape != KINDS[kind]("", heard):
            return self._settle(name, known)
        return known.node.hear(message.topic, Payload(message.payload))


# ------------------------------------------------------------------------- what a part announces

Config: TypeAlias = dict[str, object]


def _plain(component: str, *, told: bool = True) -> Callable[[str, Heard], tuple[str, Config]]:
    def config(base: str, heard: Heard) -> tuple[str, Config]:
        del heard
        topics: Config = {"state_topic": f"{base}/state"}
        if told:
            topics["command_topic"] = f"{base}/command"
        return component, topics

    return config


def _sensor(base: str, heard: Heard) -> tuple[str, Config]:
    said = heard.get("", "").strip()
    counted = as_number(said) is not None or said.lower() == "nan"
    return "sensor", {"state_topic": f"{base}/state", "state_class": "measurement" if counted else None}


def _light(base: str, heard: Heard) -> tuple[str, Config]:
    said = as_mapping(json_of(heard.get("", "")))
    color = as_mapping(said.get("color"))
    modes = ["color_temp"] if "color_temp" in said else []
    modes += ["rgb"] if "r" in color else []
    return "light", {
        "schema": "json",
        "state_topic": f"{base}/state",
        "command_topic": f"{base}/command",
        "brightness": "brightness" in said,
        "supported_color_modes": modes,
    }


def _fan(base: str, heard: Heard) -> tuple[str, Config]:
    config: Config = {"state_topic": f"{base}/state", "command_topic": f"{base}/command"}
    if "oscillation" in heard:
        config["oscillation_state_topic"] = f"{base}/oscillation/state"
        config["oscillation_command_topic"] = f"{base}/oscillation/command"
    return "fan", config


def _cover(base: str, heard: Heard) -> tuple[str, Config]:
    config: Config = {"state_topic": f"{base}/state", "command_topic": f"{base}/command"}
    if "position" in heard:
        config["position_topic"] = f"{base}/position/state"
        config["set_position_topic"] = f"{base}/position/command"
    return "cover", config


def _climate(base: str, heard: Heard) -> tuple[str, Config]:
    config: Config = {}
    for aspect, key in (
        ("mode", "mode"),
        ("target_temperature", "temperature"),
        ("target_temperature_low", "temperature_low"),
        ("target_temperature_high", "temperature_high"),
        ("fan_mode", "fan_mode"),
        ("swing_mode", "swing_mode"),
    ):
        if aspect in heard:
            config[f"{key}_state_topic"] = f"{base}/{aspect}/state"
            config[f"{key}_command_topic"] = f"{base}/{aspect}/command"
    if "current_temperature" in heard:
        config["current_temperature_topic"] = f"{base}/current_temperature/state"
    if "action" in heard:
        config["action_topic"] = f"{base}/action/state"
    return "climate", config


KINDS: Mapping[str, Callable[[str, Heard], tuple[str, Config]]] = {
    "switch": _plain("switch"),
    "lock": _plain("lock"),
    "binary_sensor": _plain("binary_sensor", told=False),
    # nobody said how far a number goes or what there is to select
    "number": _sensor,
    "select": _sensor,
    "sensor": _sensor,
    "light": _light,
    "fan": _fan,
    "cover": _cover,
    "valve": _cover,
    "climate": _climate,
}
