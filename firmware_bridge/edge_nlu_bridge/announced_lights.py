"""What an announced lamp can be told, and what it tells.

Some lamps have a topic for each thing, some put all into one JSON object. Where brightness and colour have
topics of their own, a lamp that is off may stay dark when told them: it is switched on with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from edge_nlu_bridge.announced import Announced
from edge_nlu_bridge.channels import ByField, ByValue, Channel, Source, Teller, Words, source

COLOR_MODES = ("rgb", "rgbw", "rgbww", "hs", "xy")


def light(of: Announced) -> Iterator[Channel]:
    """Yield what a lamp can be told and tells."""
    schema = of.text("schema", "default").lower()
    if schema == "json":
        yield from _json_light(of)
    elif schema in ("default", "basic"):
        yield from _plain_light(of)


def _plain_light(of: Announced) -> Iterator[Channel]:
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


def _plain_styles(of: Announced, brightness: ByValue | None, scale: float | None) -> Iterator[Channel]:
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


def _json_light(of: Announced) -> Iterator[Channel]:
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


def _white(of: Announced, heard: tuple[Source, ...], teller: Teller | None) -> Channel:
    if of.flag("color_temp_kelvin"):
        low, high, unit = of.number("min_kelvin", 2000.0), of.number("max_kelvin", 6535.0), "K"
    else:
        low, high, unit = of.number("min_mireds", 153.0), of.number("max_mireds", 500.0), "mired"
    return of.channel("color_temp", "number", "color", "white", heard, teller, unit, low, high, 1)


def _effects(of: Announced, heard: tuple[Source, ...], teller: Teller | None) -> Iterator[Channel]:
    listed = of.choices("effect_list")
    if listed and (heard or teller):
        yield of.channel("effect", "choice", "mode", "", heard, teller, choices=listed)
