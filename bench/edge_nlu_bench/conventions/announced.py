"""What all devices announced for Home Assistant have in common, and lights and covers.

One entity may stand alone or name its device; several are announced with their device at once, or one by
one under its name. Keys are written out or short, as makers do either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, ClassVar

from edge_nlu_bench.conventions.colors import rgb_of
from edge_nlu_bench.conventions.things import (
    PRESENCE,
    Heard,
    Message,
    Thing,
    Told,
    exact,
    plain,
)
from edge_nlu_bench.conventions.writing import Way, entry, message, scaled

SHORT: Mapping[str, str] = {
    "state_topic": "stat_t", "command_topic": "cmd_t", "availability_topic": "avty_t", "unique_id": "uniq_id",
    "object_id": "obj_id", "device": "dev", "identifiers": "ids", "device_class": "dev_cla",
    "unit_of_measurement": "unit_of_meas", "value_template": "val_tpl", "components": "cmps", "platform": "p",
    "position_topic": "pos_t", "set_position_topic": "set_pos_t", "origin": "o", "options": "ops",
    "brightness_scale": "bri_scl", "supported_color_modes": "sup_clrm", "payload_on": "pl_on",
    "payload_off": "pl_off", "min_mireds": "min_mirs", "max_mireds": "max_mirs",
}  # fmt: skip
ROOTS = ("devices", "things", "home", "iot", "gateway")
CLASSES: Mapping[str, str] = {
    "temperature": "temperature", "humidity": "humidity", "battery": "battery", "illuminance": "illuminance",
    "occupancy": "motion", "water_leak": "moisture", "smoke": "smoke", "power": "power", "energy": "energy",
}  # fmt: skip
COVERS = {
    "blind": "blind",
    "shade": "shade",
    "curtain": "curtain",
    "drape": "curtain",
    "shutter": "shutter",
    "garage": "garage",
    "awning": "awning",
}
OPENINGS = {"garage": "garage_door", "window": "window", "door": "door"}


def class_of(name: str, classes: Mapping[str, str], otherwise: str = "") -> str:
    """Return the device class that a name speaks of."""
    return next((sort for word, sort in classes.items() if word in name.lower()), otherwise)


def shortened(config: Any) -> Any:
    """Return a configuration with short keys."""
    if isinstance(config, dict):
        return {SHORT.get(key, key): shortened(value) for key, value in config.items()}
    return config


class HaWriter:
    """What all devices announced for Home Assistant have in common: topics, names, signs of life."""

    prefix: ClassVar = "homeassistant"

    def __init__(self, thing: Thing, id_: str, name: str, rng: Random) -> None:
        self.thing, self.id, self.name = thing, id_, name or id_.replace("_", " ")
        self.base = f"{rng.choice(ROOTS)}/{id_}"
        self.with_device, self.at_once, self.short = (rng.random() < 0.5 for _ in range(3))
        self.rng = rng

    def entities(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return component, object id within the device ("" for the device itself) and configuration."""
        raise NotImplementedError

    def announce(self) -> list[Message]:
        """Return the configurations."""
        entities = self.entities()
        device = {"identifiers": [self.id], "name": self.name}
        alive = {"availability_topic": f"{self.base}/available"}
        if len(entities) == 1 and not self.with_device:
            component, _, config = entities[0]
            ids = {"name": self.name, "unique_id": self.id, "object_id": self.id}
            return [self._config(component, self.id, {**config, **ids, **alive})]
        if self.at_once:
            parts = {
                own or component: {
                    "platform": component,
                    "unique_id": f"{self.id}_{own or component}",
                    **config,
                }
                for component, own, config in entities
            }
            whole = {"device": device, "origin": {"name": "maker"}, "components": parts, **alive}
            return [self._config("device", self.id, whole)]
        return [
            self._config(
                component,
                f"{self.id}/{own}" if own else self.id,
                {
                    "name": None,
                    **config,
                    "unique_id": f"{self.id}_{own or component}",
                    "device": device,
                    **alive,
                },
            )
            for component, own, config in entities
        ]

    def _config(self, component: str, place: str, config: dict[str, Any]) -> Message:
        return message(
            f"homeassistant/{component}/{place}/config", shortened(config) if self.short else config
        )

    def say(self, heard: Heard, state: Heard) -> list[Message]:
        """Return whether it can be reached, and what else it says."""
        said = []
        if PRESENCE in heard:
            said.append(message(f"{self.base}/available", "online" if heard[PRESENCE] else "offline"))
        return [*said, *self.states({key: held for key, held in heard.items() if key != PRESENCE}, state)]

    def states(self, heard: Heard, state: Heard) -> Iterator[Message]:
        """Yield what it says when this changed."""
        raise NotImplementedError

    def tell(self, told: Told) -> list[Way]:
        """Return the ways to tell it this."""
        raise NotImplementedError

    def beside(self, told: Told) -> list[Message]:  # noqa: ARG002 - nothing, unless said otherwise
        """Return what may be sent beside it."""
        return []


class HaLight(HaWriter):
    """A light whose commands and states are JSON."""

    def __init__(self, thing: Thing, id_: str, name: str, rng: Random) -> None:
        super().__init__(thing, id_, name, rng)
        self._scale = rng.choice((255, 255, 100, 254))
        self._of = {trait.about: trait for trait in thing.traits}
        self._space = rng.choice(("xy", "rgb"))

    def entities(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return the light."""
        modes = [mode for mode in ("white", "color") if mode in self._of]
        named = {"white": "color_temp", "color": self._space}
        config: dict[str, Any] = {
            "schema": "json",
            "state_topic": f"{self.base}/state",
            "command_topic": f"{self.base}/set",
            "brightness": "brightness" in self._of,
            "supported_color_modes": [named[mode] for mode in modes]
            or ["brightness" if "brightness" in self._of else "onoff"],
        }
        config |= {} if self._scale == 255 else {"brightness_scale": self._scale}
        white = self._of.get("white")
        if white is not None:
            config |= {"min_mireds": exact(white.low or 153), "max_mireds": exact(white.high or 500)}
        return [("light", "", config)]

    def states(self, heard: Heard, state: Heard) -> Iterator[Message]:
        """Yield the whole state."""
        if not heard:
            return
        said: dict[str, Any] = {}
        colored = "color" in self._of and self._of["color"].key in heard and not self._white_too(heard)
        for about, trait in self._of.items():
            if trait.key not in state:
                continue
            held: Any = state[trait.key]
            match about:
                case "power":
                    said["state"] = "ON" if held else "OFF"
                case "brightness":
                    said["brightness"] = round(held * self._scale)
                case "white" if not colored:
                    said |= {"color_temp": exact(held), "color_mode": "color_temp"}
                case "color" if colored:
                    color = dict(zip("rgb", rgb_of(held), strict=True)) if self._space == "rgb" else held
                    said |= {"color": color, "color_mode": self._space}
        yield message(f"{self.base}/state", said)

    def _white_too(self, heard: Heard) -> bool:
        return "white" in self._of and self._of["white"].key in heard

    def tell(self, told: Told) -> list[Way]:
        """Return the one message that tells it all."""
        said: dict[str, Any] = {}
        near = 0.0
        keys = {trait.key: about for about, trait in self._of.items()}
        for key, wanted in told.items():
            values: list[Any] = list(wanted.values)
            match keys[key]:
                case "power":
                    said["state"] = self._one(["ON" if held else "OFF" for held in values])
                case "brightness":
                    said["brightness"] = self._one([exact(held * self._scale) for held in values])
                    near = max(near, scaled(wanted, self._scale))
                case "white":
                    said["color_temp"] = self._one([exact(held) for held in values])
                    near = max(near, wanted.near)
                case "color":
                    said["color"] = {}
        return [[{"topic": f"{self.base}/set", "json": said} | ({"near": round(near, 3)} if near else {})]]

    @staticmethod
    def _one(values: list[Any]) -> Any:
        return values[0] if len(values) == 1 else values


class HaCover(HaWriter):
    """A cover with a position."""

    WORDS: ClassVar = {"open": "OPEN", "close": "CLOSE", "stop": "STOP"}

    def __init__(self, thing: Thing, id_: str, name: str, rng: Random) -> None:
        super().__init__(thing, id_, name, rng)
        self._sort = class_of(f"{id_} {name}", COVERS)
        # only some say what sort they are, but a garage door does
        self._sort = self._sort if self._sort == "garage" or rng.random() < 0.6 else ""
        self._of = {trait.about: trait.key for trait in thing.traits}

    def entities(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return the cover."""
        config = {
            "state_topic": f"{self.base}/state",
            "command_topic": f"{self.base}/set",
            "position_topic": f"{self.base}/position",
            "set_position_topic": f"{self.base}/position/set",
        }
        return [("cover", "", config | ({"device_class": self._sort} if self._sort else {}))]

    def states(self, heard: Heard, state: Heard) -> Iterator[Message]:
        """Yield where it is."""
        position: Any = state.get(self._of["position"])
        if heard and position is not None:
            yield message(f"{self.base}/position", plain(position))
            yield message(f"{self.base}/state", "open" if position else "closed")

    def tell(self, told: Told) -> list[Way]:
        """Return that it is told to move, or where to."""
        ways: list[Way] = []
        for key, wanted in told.items():
            places = [held for held in wanted.values if not isinstance(held, str)]
            if key != self._of["position"]:
                words = [held for held in wanted.values if isinstance(held, str)]
                ways.append([entry(f"{self.base}/set", [self.WORDS[word] for word in words])])
                places = [{"open": 100.0, "close": 0.0}[word] for word in words if word != "stop"]
            if places:
                texts = [plain(float(place)) for place in places]  # type: ignore[arg-type]
                ways.append([entry(f"{self.base}/position/set", texts, wanted.near)])
        return ways
