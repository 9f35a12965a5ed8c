"""Say what an announced entity is in the words of the home: its features, how they are read and told.

Each kind of entity has its own function below, in `COMPONENTS`; the order there is also how telling a kind is
for what its device is. Kinds that nobody at home speaks of are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from edge_nlu.values import Feature, FeatureKind, Held
from edge_nlu_bridge.channels import ByField, ByValue, ByWord, Channel, Source, Teller, Words, shared, source
from edge_nlu_bridge.discovery import Entity
from edge_nlu_bridge.payloads import as_list, as_number, as_text
from edge_nlu_bridge.templates import spelled, template

CHOICES_LIMIT = 200
LEVELS = frozenset({"low", "medium", "high"})

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
PERCENT = {"unit": "%", "low": 0.0, "high": 100.0}
FAN_SPEEDS = ("auto", "low", "medium", "high")
CLIMATE_MODES = ("auto", "off", "cool", "heat", "dry", "fan_only")
BOILER_MODES = ("off", "eco", "electric", "gas", "heat_pump", "high_demand", "performance")
COLOR_MODES = ("rgb", "rgbw", "rgbww", "hs", "xy")


@dataclass(frozen=True, slots=True)
class _Announced:
    """An entity's configuration, and what can be made of it."""

    entity: Entity

    def text(self, key: str, otherwise: str = "") -> str:
        """Return a text, or what stands for it where it was left out."""
        value = self.entity.config.get(key)
        return otherwise if value is None or isinstance(value, dict | list) else spelled(value)

    def says(self, key: str, otherwise: str) -> str:
        """Return a word that is said in a message; a null means that there is none."""
        return "" if self.entity.config.get(key, "") is None else self.text(key, otherwise)

    def number(self, key: str, otherwise: float | None = None) -> float | None:
        """Return a number."""
        number = as_number(self.entity.config.get(key))
        return otherwise if number is None else number

    def flag(self, key: str) -> bool:
        """Return whether something is so."""
        return self.entity.config.get(key) is True

    def choices(self, key: str, otherwise: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the choices listed."""
        listed = self.entity.config.get(key)
        words = [spelled(word) for word in as_list(listed) if isinstance(word, str | int | float)]
        return tuple(dict.fromkeys(words or ([] if isinstance(listed, list) else otherwise)))[:CHOICES_LIMIT]

    def heard(
        self, topic: str, form: str, words: Words = (), *, spell: str = "", mirror: float | None = None
    ) -> tuple[Source, ...]:
        """Return the source that two keys name."""
        return source(self.text(topic), self.text(form), words, spell=spell, mirror=mirror)

    def topic(self, key: str) -> str:
        """Return a topic that can be sent to, or an empty string."""
        topic = self.text(key)
        return "" if set(topic) & {"+", "#", "\0"} or len(topic) > 1000 else topic

    def valued(
        self, topic: str, form: str, name: str = "value", *, spell: str = "", mirror: float | None = None
    ) -> ByValue | None:
        """Return how a value is told to the topic that a key names."""
        where, text = self.topic(topic), self.text(form)
        filled = template(text) if text else None
        if not where or (text and filled is None):
            return None
        return ByValue(where, filled, name, spell, mirror)

    def worded(
        self, topic: str, form: str, words: Sequence[tuple[Held, str]], name: str = "value"
    ) -> ByWord | None:
        """Return how words are told to the topic that a key names."""
        where, text = self.topic(topic), self.text(form)
        filled = template(text) if text else None
        if not where or not words or (text and filled is None):
            return None
        return ByWord(tuple((held, where, said) for held, said in words), filled, name)

    def channel(
        self,
        aspect: str,
        kind: FeatureKind,
        prop: str = "",
        name: str = "",
        sources: tuple[Source, ...] = (),
        teller: Teller | None = None,
        unit: str = "",
        low: float | None = None,
        high: float | None = None,
        step: float | None = None,
        choices: tuple[str, ...] = (),
    ) -> Channel:
        """Return a channel of the entity; without an aspect it is the entity itself."""
        key = f"{self.entity.handle}/{aspect}" if aspect else self.entity.handle
        said = name or aspect.replace("_", " ") or self.entity.name
        told, read = teller is not None, bool(sources)
        feature = Feature(key, kind, prop, said, "", told, read, unit, low, high, step, choices)
        return Channel(shared(feature), sources, teller)

    def on_and_off(self, prefix: str = "") -> tuple[tuple[tuple[Held, str], ...], Words]:
        """Return the words that switch on and off, and those that tell which it is."""
        on, off = self.text(f"payload_{prefix}on", "ON"), self.text(f"payload_{prefix}off", "OFF")
        words: Words = ((self.text("state_on", on), True), (self.text("state_off", off), False))
        return ((True, on), (False, off)), words


Component = Callable[[_Announced], Iterator[Channel]]


def channels(entity: Entity) -> tuple[Channel, ...]:
    """Return what can be read of an entity and told it; nothing for a kind nobody speaks of."""
    component = COMPONENTS.get(entity.component)
    if component is None or as_text(entity.config.get("device_class")) in UPKEEP:
        return ()
    found = {
        channel.feature.key: channel
        for channel in component(_Announced(entity))
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
        return (named,) if sort in TELLING else ()
    if entity.component in ("number", "select", "button", "text"):
        return ()
    component = entity.component.replace("_", "-")
    return tuple(dict.fromkeys((named, component))) if named else (component,)


# ----------------------------------------------------------------------------------------- lights


def _light(of: _Announced) -> Iterator[Channel]:
    schema = of.text("schema", "default").lower()
    if schema == "json":
        yield from _json_light(of)
    elif schema in ("default", "basic"):
        yield from _plain_light(of)


def _plain_light(of: _Announced) -> Iterator[Channel]:
    told, words = of.on_and_off()
    form = "state_value_template" if of.text("state_value_template") else "value_template"
    scale = of.number("brightness_scale", 255.0)
    by_brightness = of.text("on_command_type", "last") == "brightness"
    power = of.worded("command_topic", "command_template", told)
    brightness = of.valued("brightness_command_topic", "brightness_command_template")
    if by_brightness and power is not None and brightness is not None:
        full = brightness.tell(scale or 255.0)
        if full is not None and isinstance(full[1], str):
            power = replace(power, words=((True, full[0], full[1]), *power.words[1:]))
    whole = of.channel("power", "switch", "power", "", of.heard("state_topic", form, words), power)
    yield whole
    wake = "" if by_brightness else whole.feature.key
    first = of.text("on_command_type", "last") == "first"
    for channel in _plain_styles(of, brightness, scale):
        yield replace(channel, wake=wake, wake_first=first)


def _plain_styles(of: _Announced, brightness: ByValue | None, scale: float | None) -> Iterator[Channel]:
    if brightness or of.text("brightness_state_topic"):
        heard = of.heard("brightness_state_topic", "brightness_value_template")
        yield of.channel("brightness", "number", "brightness", "", heard, brightness, "", 0, scale, 1)
    if of.text("color_temp_command_topic") or of.text("color_temp_state_topic"):
        heard = of.heard("color_temp_state_topic", "color_temp_value_template")
        teller = of.valued("color_temp_command_topic", "color_temp_command_template")
        yield _white(of, heard, teller)
    for mode in ("rgb", "hs", "xy", "rgbw", "rgbww"):
        if of.text(f"{mode}_command_topic") or of.text(f"{mode}_state_topic"):
            heard = of.heard(f"{mode}_state_topic", f"{mode}_value_template", spell=mode)
            teller = of.valued(f"{mode}_command_topic", f"{mode}_command_template", spell=mode)
            yield of.channel("color", "color", "color", "", heard, teller)
            break
    yield from _effects(
        of,
        of.heard("effect_state_topic", "effect_value_template"),
        of.valued("effect_command_topic", "effect_command_template"),
    )


def _json_light(of: _Announced) -> Iterator[Channel]:
    topic, state = of.topic("command_topic"), of.text("state_topic")
    modes = set(of.choices("supported_color_modes"))
    modes |= {mode for mode in ("color_temp", *COLOR_MODES) if of.flag(mode)}
    if of.flag("color_mode") and not modes:
        modes = {"color_temp", "rgb"}
    on = (("state", "ON"),)

    def told(field: str, spell: str = "") -> Teller | None:
        return ByField(topic, field, (), spell, on) if topic else None

    power = ByField(topic, "state", ((True, "ON"), (False, "OFF"))) if topic else None
    words: Words = (("ON", True), ("OFF", False))
    yield of.channel("power", "switch", "power", "", source(state, "{{ value_json.state }}", words), power)
    if of.flag("brightness") or modes - {"onoff"}:
        heard = source(state, "{{ value_json.brightness }}")
        scale = of.number("brightness_scale", 255.0)
        yield of.channel("brightness", "number", "brightness", "", heard, told("brightness"), "", 0, scale, 1)
    if "color_temp" in modes:
        yield _white(of, source(state, "{{ value_json.color_temp }}"), told("color_temp"))
    spell = next((mode for mode in ("rgb", "hs", "xy", "rgbw", "rgbww") if mode in modes), "")
    if spell:
        # a white lamp may still tell where its white lies among the colours
        form = "{{ none if value_json.color_mode in {'color_temp': 1, 'white': 1} else value_json.color }}"
        yield of.channel(
            "color", "color", "color", "", source(state, form, spell=spell), told("color", spell)
        )
    if of.flag("effect"):
        yield from _effects(of, source(state, "{{ value_json.effect }}"), told("effect"))


def _white(of: _Announced, heard: tuple[Source, ...], teller: Teller | None) -> Channel:
    if of.flag("color_temp_kelvin"):
        low, high, unit = of.number("min_kelvin", 2000.0), of.number("max_kelvin", 6535.0), "K"
    else:
        low, high, unit = of.number("min_mireds", 153.0), of.number("max_mireds", 500.0), "mired"
    return of.channel("color_temp", "number", "color", "white", heard, teller, unit, low, high, 1)


def _effects(of: _Announced, heard: tuple[Source, ...], teller: Teller | None) -> Iterator[Channel]:
    listed = of.choices("effect_list")
    if listed and (heard or teller):
        yield of.channel("effect", "choice", "mode", "", heard, teller, choices=listed)


# ------------------------------------------------------------------------------ switches and fans


def _switch(of: _Announced) -> Iterator[Channel]:
    told, words = of.on_and_off()
    power = of.worded("command_topic", "command_template", told)
    heard = of.heard("state_topic", "value_template", words)
    alone = of.entity.owner is not None and not of.entity.name
    prop = "power" if alone or of.text("device_class") == "outlet" else ""
    # a switch that is no part of anything is called as its device
    yield of.channel("" if of.entity.owner else "state", "switch", prop, of.entity.name, heard, power)


def _siren(of: _Announced) -> Iterator[Channel]:
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


def _fan(of: _Announced) -> Iterator[Channel]:
    told, words = of.on_and_off()
    form = "state_value_template" if of.text("state_value_template") else "value_template"
    power = of.worded("command_topic", "command_template", told)
    yield of.channel("power", "switch", "power", "", of.heard("state_topic", form, words), power)
    low, high = of.number("speed_range_min", 1.0), of.number("speed_range_max", 100.0)
    speed = of.valued("percentage_command_topic", "percentage_command_template")
    if speed or of.text("percentage_state_topic"):
        heard = of.heard("percentage_state_topic", "percentage_value_template")
        least = low if low is not None and low > 1 else 0.0
        unit = "%" if (least, high) == (0.0, 100.0) else ""
        yield of.channel("speed", "number", "speed", "", heard, speed, unit, least, high, 1)
    presets = of.choices("preset_modes")
    if presets:
        prop = "speed" if LEVELS & {preset.lower() for preset in presets} and speed is None else "mode"
        heard = of.heard("preset_mode_state_topic", "preset_mode_value_template")
        teller = of.valued("preset_mode_command_topic", "preset_mode_command_template")
        yield of.channel("preset_mode", "choice", prop, "preset mode", heard, teller, choices=presets)
    on = of.text("payload_oscillation_on", "oscillate_on")
    off = of.text("payload_oscillation_off", "oscillate_off")
    swing = of.worded("oscillation_command_topic", "oscillation_command_template", ((True, on), (False, off)))
    if swing or of.text("oscillation_state_topic"):
        heard = of.heard("oscillation_state_topic", "oscillation_value_template", ((on, True), (off, False)))
        yield of.channel("swing", "switch", "swing", "", heard, swing)


# -------------------------------------------------------------------------------- doors and locks


def _cover(of: _Announced) -> Iterator[Channel]:
    closed, opened = of.number("position_closed", 0.0) or 0.0, of.number("position_open", 100.0) or 0.0
    mirror = closed + opened if closed > opened else None
    low, high = min(closed, opened), max(closed, opened)
    form = "position_template" if of.text("position_template") else "value_template"
    place = of.heard("position_topic", form, mirror=mirror)
    told = of.valued("set_position_topic", "set_position_template", "position", mirror=mirror)
    if told or of.text("position_topic"):
        unit = "%" if (low, high) == (0.0, 100.0) else ""
        yield of.channel("position", "number", "position", "", place, told, unit, low, high, 1)
    yield from _moved(of, settable=told is None, readable=not place)


def _moved(of: _Announced, *, settable: bool, readable: bool) -> Iterator[Channel]:
    """Return what opens, closes and stops it, and how far it says it is, where a position does not."""
    words: Words = (
        (of.text("state_open", "open"), True),
        (of.text("state_closed", "closed"), False),
        (of.text("state_opening", "opening"), True),
    )
    moves = [(choice, of.says(f"payload_{choice}", choice.upper())) for choice in ("open", "close", "stop")]
    if of.entity.component == "valve":
        moves = [move for move in moves if move[0] != "stop" or of.text("payload_stop")]
    moves = [move for move in moves if move[1]]
    switched = [(choice == "open", said) for choice, said in moves if choice != "stop"]
    heard = of.heard("state_topic", "value_template", words) if readable else ()
    power = (
        of.worded("command_topic", "command_template", switched) if settable and len(switched) == 2 else None
    )
    if heard or power:
        yield of.channel("state", "switch", "position", "position", heard, power)
    if power is not None:
        moves = [move for move in moves if move[0] == "stop"]
    teller = of.worded("command_topic", "command_template", moves)
    if teller is not None:
        yield of.channel(
            "move", "choice", "position", "", (), teller, choices=tuple(choice for choice, _ in moves)
        )


def _valve(of: _Announced) -> Iterator[Channel]:
    if not of.flag("reports_position"):
        yield from _moved(of, settable=True, readable=True)
        return
    closed, opened = of.number("position_closed", 0.0) or 0.0, of.number("position_open", 100.0) or 0.0
    mirror = closed + opened if closed > opened else None
    form = (
        of.text("value_template") or "{{ value_json.position if value_json.position is defined else value }}"
    )
    heard = source(of.text("state_topic"), form, mirror=mirror)
    told = of.valued("command_topic", "command_template", mirror=mirror)
    low, high = min(closed, opened), max(closed, opened)
    yield of.channel("position", "number", "position", "", heard, told, "%", low, high, 1)


def _lock(of: _Announced) -> Iterator[Channel]:
    words: Words = (
        (of.text("state_locked", "LOCKED"), True),
        (of.text("state_unlocked", "UNLOCKED"), False),
        (of.text("state_jammed", "JAMMED"), None),
    )
    told = ((True, of.text("payload_lock", "LOCK")), (False, of.text("payload_unlock", "UNLOCK")))
    teller = of.worded("command_topic", "command_template", told)
    yield of.channel("lock", "switch", "lock", "", of.heard("state_topic", "value_template", words), teller)
    latch = of.text("payload_open")
    opener = of.worded("command_topic", "command_template", (("open", latch),)) if latch else None
    if opener is not None:
        yield of.channel("latch", "trigger", "position", "", (), opener, choices=("open",))


# ------------------------------------------------------------------------------- warmth and water


def _climate(of: _Announced) -> Iterator[Channel]:
    yield from _temperatures(of, 7.0, 35.0)
    yield from _humidities(of)
    yield from _modes(of, "mode", "mode", "mode", of.choices("modes", CLIMATE_MODES))
    yield from _modes(of, "fan_mode", "speed", "fan mode", of.choices("fan_modes", FAN_SPEEDS))
    yield from _modes(of, "swing_mode", "swing", "swing mode", of.choices("swing_modes", ("on", "off")))
    presets = of.choices("preset_modes")
    if presets:
        presets = tuple(dict.fromkeys((*presets, "none")))
        yield from _modes(of, "preset_mode", "mode", "preset", presets)
    yield from _switched_apart(of)
    if of.text("action_topic"):
        doing = ("off", "heating", "cooling", "drying", "preheating", "defrosting", "idle", "fan")
        heard = of.heard("action_topic", "action_template")
        yield of.channel("action", "choice", "status", "", heard, choices=doing)


def _water_heater(of: _Announced) -> Iterator[Channel]:
    yield from _temperatures(of, 43.3, 60.0)
    yield from _modes(of, "mode", "mode", "mode", of.choices("modes", BOILER_MODES))
    yield from _switched_apart(of)


def _switched_apart(of: _Announced) -> Iterator[Channel]:
    told = ((True, of.text("payload_on", "ON")), (False, of.text("payload_off", "OFF")))
    power = of.worded("power_command_topic", "power_command_template", told)
    if power is not None:
        yield of.channel("power", "switch", "power", "", (), power)


def _temperatures(of: _Announced, least: float, most: float) -> Iterator[Channel]:
    fahrenheit = of.text("temperature_unit", "C").upper().startswith("F")
    unit = "°F" if fahrenheit else "°C"
    if fahrenheit:
        least, most = round(least * 9 / 5 + 32), round(most * 9 / 5 + 32)
    low, high = of.number("min_temp", least), of.number("max_temp", most)
    step = of.number("temp_step", 1.0)
    for aspect, part in (
        ("temperature", ""),
        ("temperature_low", "heating"),
        ("temperature_high", "cooling"),
    ):
        teller = of.valued(f"{aspect}_command_topic", f"{aspect}_command_template")
        if teller or of.text(f"{aspect}_state_topic"):
            heard = of.heard(f"{aspect}_state_topic", f"{aspect}_state_template")
            channel = of.channel(
                aspect, "number", "temperature", "target temperature", heard, teller, unit, low, high, step
            )
            yield replace(channel, feature=replace(channel.feature, part=part))
    if of.text("current_temperature_topic"):
        heard = of.heard("current_temperature_topic", "current_temperature_template")
        yield of.channel("current_temperature", "number", "temperature", "", heard, unit=unit)


def _humidities(of: _Announced) -> Iterator[Channel]:
    low, high = of.number("min_humidity", 0.0), of.number("max_humidity", 100.0)
    teller = of.valued("target_humidity_command_topic", "target_humidity_command_template")
    if teller or of.text("target_humidity_state_topic"):
        heard = of.heard("target_humidity_state_topic", "target_humidity_state_template")
        yield of.channel("target_humidity", "number", "humidity", "", heard, teller, "%", low, high, 1)
    if of.text("current_humidity_topic"):
        heard = of.heard("current_humidity_topic", "current_humidity_template")
        yield of.channel("current_humidity", "number", "humidity", "", heard, unit="%")


def _modes(of: _Announced, aspect: str, prop: str, name: str, listed: tuple[str, ...]) -> Iterator[Channel]:
    teller = of.valued(f"{aspect}_command_topic", f"{aspect}_command_template")
    if not listed or not (teller or of.text(f"{aspect}_state_topic")):
        return
    form = f"{aspect}_state_template" if of.text(f"{aspect}_state_template") else f"{aspect}_value_template"
    heard = of.heard(f"{aspect}_state_topic", form)
    yield of.channel(aspect, "choice", prop, name, heard, teller, choices=listed)


def _humidifier(of: _Announced) -> Iterator[Channel]:
    told, words = of.on_and_off()
    form = "state_value_template" if of.text("state_value_template") else "value_template"
    power = of.worded("command_topic", "command_template", told)
    yield of.channel("power", "switch", "power", "", of.heard("state_topic", form, words), power)
    yield from _humidities(of)
    yield from _modes(of, "mode", "mode", "mode", of.choices("modes"))


# ---------------------------------------------------------------------------------------- machines


def _vacuum(of: _Announced) -> Iterator[Channel]:
    able = of.choices("supported_features", ("start", "stop", "pause", "return_home", "locate"))
    topic = of.topic("command_topic")
    runs = [
        (choice, topic, of.text(f"payload_{choice}", choice))
        for choice in ("start", "pause", "stop")
        if choice in able and topic
    ]
    if runs:
        yield of.channel(
            "run", "choice", "run", "", (), ByWord(tuple(runs)), choices=tuple(run[0] for run in runs)
        )
    for able_to, aspect, prop, said in (
        ("return_home", "dock", "run", "return_to_base"),
        ("locate", "locate", "place", "locate"),
        ("clean_spot", "clean_spot", "run", "clean_spot"),
    ):
        if able_to in able and topic:
            teller = ByWord(((True, topic, of.text(f"payload_{said}", said)),))
            yield of.channel(aspect, "trigger", prop, "", (), teller)
    doing = ("cleaning", "docked", "paused", "idle", "returning", "error")
    state = of.text("state_topic")
    if state:
        yield of.channel(
            "status", "choice", "status", "", source(state, "{{ value_json.state }}"), choices=doing
        )
        if "battery" in of.choices("supported_features"):
            heard = source(state, "{{ value_json.battery_level }}")
            yield of.channel("battery", "number", "battery", "", heard, unit="%", low=0, high=100)
    speeds = of.choices("fan_speed_list")
    if speeds:
        teller_of = of.valued("set_fan_speed_topic", "set_fan_speed_template")
        heard = source(state, "{{ value_json.fan_speed }}")
        yield of.channel("fan_speed", "choice", "speed", "", heard, teller_of, choices=speeds)


def _lawn_mower(of: _Announced) -> Iterator[Channel]:
    runs = [
        (choice, of.topic(f"{aspect}_command_topic"), aspect)
        for choice, aspect in (("start", "start_mowing"), ("pause", "pause"))
    ]
    told = []
    for choice, topic, aspect in runs:
        teller = of.worded(f"{aspect}_command_topic", f"{aspect}_command_template", ((True, aspect),))
        part = teller.tell(True) if teller else None
        if part is not None and isinstance(part[1], str):
            told.append((choice, topic, part[1]))
    if told:
        yield of.channel(
            "run", "choice", "run", "", (), ByWord(tuple(told)), choices=tuple(run[0] for run in told)
        )
    dock = of.worded("dock_command_topic", "dock_command_template", ((True, "dock"),))
    if dock is not None:
        yield of.channel("dock", "trigger", "run", "", (), dock)
    if of.text("activity_state_topic"):
        doing = ("mowing", "paused", "docked", "returning", "error")
        heard = of.heard("activity_state_topic", "activity_value_template")
        yield of.channel("status", "choice", "status", "", heard, choices=doing)


# ------------------------------------------------------------------------------ single values


def _sensor(of: _Announced) -> Iterator[Channel]:
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


def _binary_sensor(of: _Announced) -> Iterator[Channel]:
    if of.number("off_delay") is not None:
        return  # it never says that it is over
    on, off = of.text("payload_on", "ON"), of.text("payload_off", "OFF")
    sort = of.text("device_class")
    locked = sort == "lock"
    heard = of.heard("state_topic", "value_template", ((on, not locked), (off, locked)))
    name = of.entity.name or CALLED.get(sort, sort.replace("_", " "))
    yield of.channel("", "switch", NOTICED.get(sort, ""), name, heard)


def _number(of: _Announced) -> Iterator[Channel]:
    sort = of.text("device_class")
    prop = sort if sort in ("temperature", "humidity") else ""
    heard = of.heard("state_topic", "value_template")
    teller = of.valued("command_topic", "command_template")
    low, high, step = of.number("min", 1.0), of.number("max", 100.0), of.number("step", 1.0)
    name = of.entity.name or sort.replace("_", " ")
    yield of.channel("", "number", prop, name, heard, teller, of.text("unit_of_measurement"), low, high, step)


def _select(of: _Announced) -> Iterator[Channel]:
    heard, teller = of.heard("state_topic", "value_template"), of.valued("command_topic", "command_template")
    if of.choices("options"):
        yield of.channel("", "choice", "", "", heard, teller, choices=of.choices("options"))


def _text(of: _Announced) -> Iterator[Channel]:
    heard, teller = of.heard("state_topic", "value_template"), of.valued("command_topic", "command_template")
    yield of.channel("", "text", "", "", heard, teller)


def _button(of: _Announced) -> Iterator[Channel]:
    word = (
        of.text("payload_press", "PRESS") if of.entity.component == "button" else of.text("payload_on", "ON")
    )
    teller = of.worded("command_topic", "command_template", ((True, word),))
    if teller is not None:
        yield of.channel("", "trigger", "", "", (), teller)


def _tracker(of: _Announced) -> Iterator[Channel]:
    words: Words = ((of.text("payload_home", "home"), True), (of.text("payload_not_home", "not_home"), False))
    if of.text("state_topic"):
        heard = of.heard("state_topic", "value_template", words)
        yield of.channel("", "switch", "presence", "", heard)


COMPONENTS: Mapping[str, Component] = {
    "vacuum": _vacuum,
    "lawn_mower": _lawn_mower,
    "water_heater": _water_heater,
    "climate": _climate,
    "humidifier": _humidifier,
    "fan": _fan,
    "cover": _cover,
    "valve": _valve,
    "lock": _lock,
    "light": _light,
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
