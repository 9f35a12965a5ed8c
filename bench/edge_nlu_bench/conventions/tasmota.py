"""Tasmota devices: read where they have one relay, written as a relay or a lamp."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, ClassVar

from edge_nlu_bench.conventions.reading import parsed, wanted
from edge_nlu_bench.conventions.things import (
    PRESENCE,
    DisguiseError,
    Heard,
    Message,
    Thing,
    Told,
    Trait,
    Wanted,
    exact,
    plain,
)
from edge_nlu_bench.conventions.writing import Way, entry, lit_beside, message, scaled


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


class TasmotaWriter:
    """A Tasmota relay or lamp."""

    prefix: ClassVar = "tasmota"

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
