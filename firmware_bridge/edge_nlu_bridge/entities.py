"""Say what an announced entity is in the words of the home: its features, how they are read and told.

Each kind of entity has its own function, found by `COMPONENTS`; the order there is also how telling a kind is
for what its device is. Kinds that nobody at home speaks of are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from edge_nlu_bridge.announced import Announced
from edge_nlu_bridge.announced_climate import climate, fan, humidifier, water_heater
from edge_nlu_bridge.announced_lights import light
from edge_nlu_bridge.announced_machines import cover, lawn_mower, lock, vacuum, valve
from edge_nlu_bridge.channels import ByField, Channel, Teller, Words, source
from edge_nlu_bridge.discovery import Entity
from edge_nlu_bridge.payloads import as_text

MEASURED: Mapping[str, str] = {
    "temperature": "temperature",
    "humidity": "humidity",
    "moisture": "humidity",
    "battery": "battery",
    "illuminance": "brightness",
    "power": "energy",
    "energy": "energy",
    "carbon_dioxide": "air",
    "volatile_organic_compounds": "air",
    "volatile_organic_compounds_parts": "air",
    "aqi": "air",
    "pm1": "air",
    "pm25": "air",
    "pm10": "air",
}
"""The property that a number is about, by its device class; elsewhere its name and unit have to tell."""

NOTICED: Mapping[str, str] = {
    "battery": "battery",
    "door": "position",
    "garage_door": "position",
    "window": "position",
    "opening": "position",
    "lock": "lock",
    "moisture": "leak",
    "motion": "presence",
    "occupancy": "presence",
    "presence": "presence",
    "smoke": "smoke",
    "gas": "smoke",
    "carbon_monoxide": "smoke",
    "problem": "status",
    "running": "run",
    "power": "power",
}
"""The property that a yes or no is about."""

TELLING = frozenset((*MEASURED, *NOTICED)) - {"battery", "energy", "power", "problem", "running"}
"""Device classes that say what a thing is; every other thing has a battery or takes power."""

CALLED = {"battery": "battery low", "moisture": "water leak", "gas": "gas leak"}
"""What the names of device classes do not quite say."""

UPKEEP = frozenset({"connectivity", "update", "restart", "identify", "firmware"})
SORTS: Mapping[str, tuple[str, ...]] = {
    "opening": ("contact",),
    "garage": ("garage-door", "cover"),
    "outlet": ("socket", "switch"),
    "dehumidifier": ("dehumidifier", "humidifier"),
    "water": ("water-valve", "valve"),
    "gas": ("gas-valve", "valve"),
}


Component = Callable[[Announced], Iterator[Channel]]


def channels(entity: Entity) -> tuple[Channel, ...]:
    """Return what can be read of an entity and told it; nothing for a kind nobody speaks of."""
    component = COMPONENTS.get(entity.component)
    if component is None or as_text(entity.config.get("device_class")) in UPKEEP:
        return ()
    found = {
        channel.feature.key: channel
        for channel in component(Announced(entity))
        if channel.sources or channel.teller
    }
    return tuple(found.values())


def types(entity: Entity) -> tuple[str, ...]:
    """Return what sort of thing an entity is."""
    sort = as_text(entity.config.get("device_class"))
    if sort in SORTS and not (entity.component == "binary_sensor" and sort in ("gas", "lock")):
        return SORTS[sort]
    named = sort.replace("_", "-")
    if entity.component in ("sensor", "binary_sensor"):
        wet = entity.component == "sensor" and sort == "moisture"  # earth, not a leak
        return (named,) if sort in TELLING and not wet else ()
    if entity.component in ("number", "select", "button", "text"):
        return ()
    component = entity.component.replace("_", "-")
    return tuple(dict.fromkeys((named, component))) if named else (component,)


def _switch(of: Announced) -> Iterator[Channel]:
    told, words = of.on_and_off()
    power = of.worded("command_topic", "command_template", told)
    heard = of.heard("state_topic", "value_template", words)
    alone = of.entity.owner is not None and not of.entity.name
    prop = "power" if alone or of.text("device_class") == "outlet" else ""
    # a switch that is no part of anything is called as its device
    yield of.channel("" if of.entity.owner else "state", "switch", prop, of.entity.name, heard, power)


def _siren(of: Announced) -> Iterator[Channel]:
    told, words = of.on_and_off()
    power: Teller | None = of.worded("command_topic", "command_template", told)
    if power is not None and not of.text("command_template"):
        power = ByField(of.topic("command_topic"), "state", tuple((held, word) for held, word in told))
    form = (
        of.text("state_value_template") or "{{ value_json.state if value_json.state is defined else value }}"
    )
    yield of.channel("power", "switch", "power", "", source(of.text("state_topic"), form, words), power)
    tones = of.choices("available_tones")
    topic = of.topic("command_topic")
    if tones and topic and not of.text("command_template"):
        on = of.text("payload_on", "ON")
        yield of.channel(
            "tone", "choice", "mode", "", (), ByField(topic, "tone", (), "", (("state", on),)), choices=tones
        )


def _sensor(of: Announced) -> Iterator[Channel]:
    heard = of.heard("state_topic", "value_template")
    sort, unit, listed = of.text("device_class"), of.text("unit_of_measurement"), of.choices("options")
    prop, name = MEASURED.get(sort, ""), of.entity.name or sort.replace("_", " ")
    if listed:
        yield of.channel("", "choice", prop, name, heard, choices=listed)
    elif unit or sort in MEASURED or of.text("state_class"):
        low, high = (0.0, 100.0) if sort == "battery" else (None, None)
        yield of.channel("", "number", prop, name, heard, unit=unit, low=low, high=high)
    else:
        yield of.channel("", "text", prop, name, heard)


def _binary_sensor(of: Announced) -> Iterator[Channel]:
    if of.number("off_delay") is not None:
        return  # it never says that it is over
    on, off = of.text("payload_on", "ON"), of.text("payload_off", "OFF")
    sort = of.text("device_class")
    locked = sort == "lock"
    heard = of.heard("state_topic", "value_template", ((on, not locked), (off, locked)))
    name = of.entity.name or CALLED.get(sort, sort.replace("_", " "))
    yield of.channel("", "switch", NOTICED.get(sort, ""), name, heard)


def _number(of: Announced) -> Iterator[Channel]:
    sort = of.text("device_class")
    prop = sort if sort in ("temperature", "humidity") else ""
    heard = of.heard("state_topic", "value_template")
    teller = of.valued("command_topic", "command_template")
    low, high, step = of.number("min", 1.0), of.number("max", 100.0), of.number("step", 1.0)
    name = of.entity.name or sort.replace("_", " ")
    yield of.channel("", "number", prop, name, heard, teller, of.text("unit_of_measurement"), low, high, step)


def _select(of: Announced) -> Iterator[Channel]:
    heard, teller = of.heard("state_topic", "value_template"), of.valued("command_topic", "command_template")
    if of.choices("options"):
        yield of.channel("", "choice", "", "", heard, teller, choices=of.choices("options"))


def _text(of: Announced) -> Iterator[Channel]:
    heard, teller = of.heard("state_topic", "value_template"), of.valued("command_topic", "command_template")
    yield of.channel("", "text", "", "", heard, teller)


def _button(of: Announced) -> Iterator[Channel]:
    word = (
        of.text("payload_press", "PRESS") if of.entity.component == "button" else of.text("payload_on", "ON")
    )
    teller = of.worded("command_topic", "command_template", ((True, word),))
    if teller is not None:
        yield of.channel("", "trigger", "", "", (), teller)


def _tracker(of: Announced) -> Iterator[Channel]:
    words: Words = ((of.text("payload_home", "home"), True), (of.text("payload_not_home", "not_home"), False))
    if of.text("state_topic"):
        heard = of.heard("state_topic", "value_template", words)
        yield of.channel("", "switch", "presence", "", heard)


COMPONENTS: Mapping[str, Component] = {
    "vacuum": vacuum,
    "lawn_mower": lawn_mower,
    "water_heater": water_heater,
    "climate": climate,
    "humidifier": humidifier,
    "fan": fan,
    "cover": cover,
    "valve": valve,
    "lock": lock,
    "light": light,
    "siren": _siren,
    "switch": _switch,
    "binary_sensor": _binary_sensor,
    "sensor": _sensor,
    "device_tracker": _tracker,
    "select": _select,
    "number": _number,
    "text": _text,
    "button": _button,
    "scene": _button,
}
RANKS = {component: rank for rank, component in enumerate(COMPONENTS)}
