"""What announced thermostats, boilers, fans and humidifiers can be told, and what they tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from edge_nlu_bridge.announced import Announced
from edge_nlu_bridge.channels import Channel

LEVELS = frozenset({"low", "medium", "high"})
FAN_SPEEDS = ("auto", "low", "medium", "high")
CLIMATE_MODES = ("auto", "off", "cool", "heat", "dry", "fan_only")
BOILER_MODES = ("off", "eco", "electric", "gas", "heat_pump", "high_demand", "performance")


def climate(of: Announced) -> Iterator[Channel]:
    """Yield what a thermostat or an air conditioner can be told and tells."""
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


def water_heater(of: Announced) -> Iterator[Channel]:
    """Yield what a boiler can be told and tells."""
    yield from _temperatures(of, 43.3, 60.0)
    yield from _modes(of, "mode", "mode", "mode", of.choices("modes", BOILER_MODES))
    yield from _switched_apart(of)


def _switched_apart(of: Announced) -> Iterator[Channel]:
    told = ((True, of.text("payload_on", "ON")), (False, of.text("payload_off", "OFF")))
    power = of.worded("power_command_topic", "power_command_template", told)
    if power is not None:
        yield of.channel("power", "switch", "power", "", (), power)


def _temperatures(of: Announced, least: float, most: float) -> Iterator[Channel]:
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


def _humidities(of: Announced) -> Iterator[Channel]:
    low, high = of.number("min_humidity", 0.0), of.number("max_humidity", 100.0)
    teller = of.valued("target_humidity_command_topic", "target_humidity_command_template")
    if teller or of.text("target_humidity_state_topic"):
        heard = of.heard("target_humidity_state_topic", "target_humidity_state_template")
        yield of.channel("target_humidity", "number", "humidity", "", heard, teller, "%", low, high, 1)
    if of.text("current_humidity_topic"):
        heard = of.heard("current_humidity_topic", "current_humidity_template")
        yield of.channel("current_humidity", "number", "humidity", "", heard, unit="%")


def _modes(of: Announced, aspect: str, prop: str, name: str, listed: tuple[str, ...]) -> Iterator[Channel]:
    teller = of.valued(f"{aspect}_command_topic", f"{aspect}_command_template")
    if not listed or not (teller or of.text(f"{aspect}_state_topic")):
        return
    form = f"{aspect}_state_template" if of.text(f"{aspect}_state_template") else f"{aspect}_value_template"
    heard = of.heard(f"{aspect}_state_topic", form)
    yield of.channel(aspect, "choice", prop, name, heard, teller, choices=listed)


def humidifier(of: Announced) -> Iterator[Channel]:
    """Yield what a humidifier can be told and tells."""
    told, words = of.on_and_off()
    form = "state_value_template" if of.text("state_value_template") else "value_template"
    power = of.worded("command_topic", "command_template", told)
    yield of.channel("power", "switch", "power", "", of.heard("state_topic", form, words), power)
    yield from _humidities(of)
    yield from _modes(of, "mode", "mode", "mode", of.choices("modes"))


def fan(of: Announced) -> Iterator[Channel]:
    """Yield what a fan can be told and tells."""
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
