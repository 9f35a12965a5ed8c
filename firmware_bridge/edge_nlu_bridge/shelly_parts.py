"""The parts of Shelly devices: what each can tell and be told, in the words of the home and of its calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from edge_nlu.values import Feature, FeatureKind, Held
from edge_nlu_bridge.channels import color_as, color_of
from edge_nlu_bridge.payloads import as_held, as_mapping, as_text, exact


@dataclass(frozen=True, slots=True)
class Aspect:
    """One value in the state of a part: where it stands, what it is, how it is told."""

    path: str
    kind: FeatureKind
    property: str
    name: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    told: str = ""
    words: Mapping[str, Held] = field(default_factory=dict)

    def read(self, feature: Feature, value: object) -> Held | None:
        """Return what a value means; None when it makes no sense or is not known."""
        if self.words:
            return self.words.get(as_text(value))
        if self.kind == "color":
            return color_of(value, "rgb")
        return as_held(feature, value)


def _aspect(path: str, kind: FeatureKind, prop: str, name: str = "", **more: object) -> Aspect:
    return replace(Aspect(path, kind, prop, name or prop), **more)  # type: ignore[arg-type]


ON = _aspect("output", "switch", "power", told="on")
BRIGHTNESS = _aspect(
    "brightness", "number", "brightness", unit="%", low=0, high=100, step=1, told="brightness"
)
COLOR = _aspect("rgb", "color", "color", told="rgb")
WHITE = _aspect("ct", "number", "color", "white", unit="K", low=2700, high=6500, told="ct")
POWER = _aspect("apower", "number", "energy", "power", unit="W")
USED = _aspect("aenergy/total", "number", "energy", "used in all", unit="Wh")
OPENED = {"open": True, "opening": True, "stopped": True, "closed": False}

PARTS: Mapping[str, tuple[Aspect, ...]] = {
    "switch": (ON, POWER, USED),
    "light": (ON, BRIGHTNESS, POWER, USED),
    "rgb": (ON, BRIGHTNESS, COLOR, POWER, USED),
    "rgbw": (ON, BRIGHTNESS, COLOR, POWER, USED),
    "cct": (ON, BRIGHTNESS, WHITE, POWER, USED),
    "cover": (
        _aspect("current_pos", "number", "position", unit="%", low=0, high=100, step=1, told="pos"),
        _aspect("state", "switch", "position", told="state", words=OPENED),
        POWER,
        USED,
    ),
    "thermostat": (
        _aspect(
            "target_C",
            "number",
            "temperature",
            "target temperature",
            unit="°C",
            low=5,
            high=35,
            told="target_C",
        ),
        _aspect("current_C", "number", "temperature", "current temperature", unit="°C"),
        _aspect("enable", "switch", "power", told="enable"),
        _aspect("output", "switch", "status", "heating"),
    ),
    "temperature": (_aspect("tC", "number", "temperature", unit="°C"),),
    "humidity": (_aspect("rh", "number", "humidity", unit="%", low=0, high=100),),
    "illuminance": (_aspect("lux", "number", "brightness", "illuminance", unit="lx"),),
    "devicepower": (_aspect("battery/percent", "number", "battery", unit="%", low=0, high=100),),
    "smoke": (_aspect("alarm", "switch", "smoke"),),
    "flood": (_aspect("alarm", "switch", "leak"),),
    "input": (_aspect("state", "switch", "", "input"),),
    "pm1": (POWER, USED),
    "em1": (_aspect("act_power", "number", "energy", "power", unit="W"),),
    "em": (_aspect("total_act_power", "number", "energy", "power", unit="W"),),
}
TYPES: Mapping[str, str] = {
    "cover": "cover",
    "thermostat": "thermostat",
    "light": "light",
    "rgb": "light",
    "rgbw": "light",
    "cct": "light",
    "switch": "switch",
    "flood": "leak-sensor",
    "smoke": "smoke-sensor",
    "temperature": "temperature",
    "illuminance": "illuminance",
}
"""What a device is by its parts, the most telling first."""

MOVE = _aspect("move", "choice", "position")
CALLS = {"rgb": "RGB", "rgbw": "RGBW", "cct": "CCT"}


def part_of(part: str) -> str:
    """Return the kind of a part like `switch:0`, or an empty string."""
    kind, _, number = part.partition(":")
    return kind if kind in PARTS and number.isascii() and number.isdecimal() and len(number) <= 5 else ""


def value_at(state: Mapping[str, object], path: str) -> tuple[bool, object]:
    """Return whether a value is there, and the value."""
    name, _, rest = path.partition("/")
    if name not in state:
        return False, None
    return value_at(as_mapping(state[name]), rest) if rest else (True, state[name])


def call(part: str, aspect: Aspect, held: Held) -> tuple[str, dict[str, object]] | None:
    """Return the call that sets a value of a part, and what it says."""
    kind = part.partition(":")[0]
    method = CALLS.get(kind, kind.capitalize())
    if kind == "cover":
        if aspect.path == "current_pos" and not isinstance(held, str):
            return "Cover.GoToPosition", {"pos": round(held)}
        return f"Cover.{_move(held)}", {}
    if kind == "thermostat":
        value = held if isinstance(held, bool | str) else exact(held)
        return "Thermostat.SetConfig", {"config": {aspect.told: value}}
    if aspect.kind == "color":
        color = color_as(held, "rgb")
        return (f"{method}.Set", {"on": True, "rgb": list(color.values())}) if color else None
    if isinstance(held, bool):
        return f"{method}.Set", {"on": held}
    return (f"{method}.Set", {"on": True, aspect.told: round(held)}) if not isinstance(held, str) else None


def _move(held: Held) -> str:
    if isinstance(held, bool):
        return "Open" if held else "Close"
    return "Stop"
