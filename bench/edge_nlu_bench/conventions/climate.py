"""Thermostats announced for Home Assistant, the one component of it that homes of cases have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from edge_nlu_bench.conventions.reading import parsed, wanted
from edge_nlu_bench.conventions.things import PRESENCE, DisguiseError, Heard, Thing, Told, Trait


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
