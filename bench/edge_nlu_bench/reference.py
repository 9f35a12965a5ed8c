"""The reference home, in which hubs are weighed and timed: 50 devices of four conventions, or many more.

Six satellites, four people, eight rooms. A larger home has the same mixture in more rooms, so what it costs
more is due to its size alone. What is returned has the form of a home's file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ROOMS = ("kitchen", "living_room", "bedroom", "study", "bathroom", "hallway", "nursery", "cellar")
SATELLITES = {
    "kitchen_speaker": {"room": "kitchen", "screen": False},
    "living_room_panel": {"room": "living_room", "screen": True},
    "bedroom_speaker": {"room": "bedroom", "screen": False},
    "study_speaker": {"room": "study", "screen": False},
    "nursery_speaker": {"room": "nursery", "screen": False, "child": True},
    "phone": {"room": None, "screen": True},
}
PEOPLE = {
    "ana": {"room": "bedroom"},
    "ben": {"room": "bedroom"},
    "cleo": {"room": "nursery", "child": True},
    "dan": {"room": "study"},
}
SIZE = 50

# In this order, again and again; the convention in which a thing is told, and what it is called.
MIXTURE = (
    ("zigbee2mqtt", "ceiling light"),
    ("zigbee2mqtt", "floor lamp"),
    ("homie", "speaker"),
    ("tasmota", "fan"),
    ("homeassistant", "thermostat"),
    ("zigbee2mqtt", "blinds"),
    ("zigbee2mqtt", "window"),
    ("homie", "humidifier"),
    ("tasmota", "heater"),
    ("homeassistant", "air sensor"),
)


def reference_home(devices: int = SIZE) -> dict[str, Any]:
    """Return the reference home, or one like it with so many devices."""
    rooms: dict[str, list[str]] = {}
    retained: list[dict[str, Any]] = []
    listed: list[dict[str, Any]] = []
    for number in range(devices):
        room = room_of(number)
        convention, name = MIXTURE[number % len(MIXTURE)]
        own = f"{room}_{name.replace(' ', '_')}"
        rooms.setdefault(room, []).append(own)
        if convention == "zigbee2mqtt":
            listed.append(_zigbee(own, name, number))
            retained += _said({f"zigbee2mqtt/{own}": STATES[name]})
        else:
            retained += _said(dict(TELLING[convention](own, name, number)))
    first = {"zigbee2mqtt/bridge/state": {"state": "online"}, "zigbee2mqtt/bridge/devices": listed}
    return {
        "rooms": rooms,
        "people": PEOPLE,
        "satellites": SATELLITES,
        "retained": [*_said(first), *retained],
    }


def room_of(number: int) -> str:
    """Return the room in which the device of this number stands."""
    at = number // len(MIXTURE)
    floor, name = divmod(at, len(ROOMS))
    return f"{ROOMS[name]}_{floor + 1}" if floor else ROOMS[name]


def _said(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"topic": topic, "payload": payload} for topic, payload in told.items()]


POWER = {
    "type": "binary",
    "name": "state",
    "property": "state",
    "access": 7,
    "value_on": "ON",
    "value_off": "OFF",
    "value_toggle": "TOGGLE",
}
POSITION = {
    "type": "numeric",
    "name": "position",
    "property": "position",
    "access": 7,
    "unit": "%",
    "value_min": 0,
    "value_max": 100,
}
MOVING = {**POWER, "type": "enum", "values": ["OPEN", "CLOSE", "STOP"]}
CONTACT = {"type": "binary", "name": "contact", "property": "contact", "access": 1}
CONTACT |= {"value_on": False, "value_off": True}


def _number(name: str, unit: str, low: int, high: int) -> dict[str, Any]:
    said = {"type": "numeric", "name": name, "property": name, "access": 7}
    return {**said, "unit": unit, "value_min": low, "value_max": high}


LIGHT = [POWER, _number("brightness", "", 0, 254), _number("color_temp", "mired", 153, 454)]
EXPOSES: dict[str, list[dict[str, Any]]] = {
    "ceiling light": [{"type": "light", "features": LIGHT}],
    "floor lamp": [{"type": "light", "features": LIGHT}],
    "blinds": [{"type": "cover", "features": [MOVING, POSITION]}],
    "window": [CONTACT],
}
STATES: dict[str, dict[str, Any]] = {
    "ceiling light": {"state": "OFF", "brightness": 254, "color_temp": 370, "linkquality": 120},
    "floor lamp": {"state": "ON", "brightness": 128, "color_temp": 370, "linkquality": 96},
    "blinds": {"state": "OPEN", "position": 100, "linkquality": 80},
    "window": {"contact": True, "battery": 90, "linkquality": 60},
}


def _zigbee(own: str, name: str, number: int) -> dict[str, Any]:
    """Return an entry in the list of all devices, as long as they usually are."""
    return {
        "ieee_address": f"0x{number:016x}",
        "type": "EndDevice" if name == "window" else "Router",
        "network_address": number,
        "friendly_name": own,
        "supported": True,
        "disabled": False,
        "interview_completed": True,
        "power_source": "Battery" if name == "window" else "Mains (single phase)",
        "definition": {
            "model": "R1",
            "vendor": "Reference",
            "description": name,
            "supports_ota": False,
            "exposes": EXPOSES[name],
        },
    }


def _homie(own: str, name: str, number: int) -> Iterator[tuple[str, Any]]:
    del number
    power = {"name": "Power", "datatype": "boolean", "settable": True}
    level = {"name": "Volume", "datatype": "integer", "unit": "%", "settable": True, "format": "0:100"}
    if name == "speaker":
        playback = {"name": "Playback", "datatype": "enum", "settable": True, "format": "play,pause,stop"}
        told: dict[str, Any] = {"playback": (playback, "stop"), "volume": (level, "30")}
    else:
        told = {"power": (power, "false"), "level": ({**level, "name": "Humidity"}, "45")}
    node = {"name": name, "type": name, "properties": {key: said for key, (said, _) in told.items()}}
    called = own.replace("_", " ")
    yield f"homie/5/{own}/$description", {"homie": "5.0", "version": 1, "name": called, "nodes": {"it": node}}
    yield f"homie/5/{own}/$state", "ready"
    for key, (_, value) in told.items():
        yield f"homie/5/{own}/it/{key}", value


def _tasmota(own: str, name: str, number: int) -> Iterator[tuple[str, Any]]:
    del name
    mac, called = f"{number:012X}", own.replace("_", " ")
    yield (
        f"tasmota/discovery/{mac}/config",
        {
            "ip": "192.0.2.10",
            "dn": called,
            "fn": [called],
            "hn": own,
            "mac": mac,
            "md": "Plug",
            "ty": 0,
            "ofln": "Offline",
            "onln": "Online",
            "state": ["OFF", "ON", "TOGGLE", "HOLD"],
            "sw": "14.2.0",
            "t": own,
            "ft": "%prefix%/%topic%/",
            "tp": ["cmnd", "stat", "tele"],
            "rl": [1, 0, 0, 0, 0, 0, 0, 0],
            "ver": 1,
        },
    )
    yield f"tele/{own}/LWT", "Online"
    yield f"stat/{own}/POWER", "OFF"


def _homeassistant(own: str, name: str, number: int) -> Iterator[tuple[str, Any]]:
    called = own.replace("_", " ")
    about = {"name": called, "unique_id": f"{own}_{number}", "object_id": own}
    if name == "thermostat":
        told = {
            "~": f"climate/{own}",
            "current_temperature_topic": "~/current",
            "temperature_state_topic": "~/target",
            "temperature_command_topic": "~/target/set",
            "min_temp": 7,
            "max_temp": 30,
            "temp_step": 0.5,
            "temperature_unit": "C",
        }
        yield f"homeassistant/climate/{own}/config", {**about, **told}
        yield f"climate/{own}/current", "20.5"
        yield f"climate/{own}/target", "20"
    else:
        told = {"state_topic": f"air/{own}", "device_class": "humidity", "unit_of_measurement": "%"}
        yield f"homeassistant/sensor/{own}/config", {**about, **told}
        yield f"air/{own}", "52"


TELLING = {"homie": _homie, "tasmota": _tasmota, "homeassistant": _homeassistant}
