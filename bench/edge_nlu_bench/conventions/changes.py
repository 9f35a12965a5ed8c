"""Which conventions a device of one convention may change to."""

from __future__ import annotations

from edge_nlu_bench.conventions.announced import HaCover, HaLight
from edge_nlu_bench.conventions.entities import HaEntities, component_of
from edge_nlu_bench.conventions.homie import HomieWriter
from edge_nlu_bench.conventions.tasmota import TasmotaWriter
from edge_nlu_bench.conventions.things import Thing
from edge_nlu_bench.conventions.writing import Writer
from edge_nlu_bench.conventions.zigbee import ZigbeeWriter


def changes(thing: Thing) -> list[type[Writer]]:
    """Return the writers of the conventions that a device may change to."""
    colored = any(trait.about == "color" for trait in thing.traits)
    sayable = all(component_of(trait) for trait in thing.traits if trait.about != "lock_state")
    match thing.convention, thing.sort:
        case "zigbee2mqtt", "light":
            return [HaLight, HomieWriter] if colored else [HaLight, HomieWriter, TasmotaWriter]
        case "zigbee2mqtt", "cover":
            return [HaCover, HomieWriter]
        case "zigbee2mqtt", "switch" if len(thing.traits) == 1:
            return [HaEntities, HomieWriter, TasmotaWriter]
        case "zigbee2mqtt", "switch" | "lock" | "sensor" if sayable:
            return [HaEntities, HomieWriter]
        case "homie", _ if sayable:
            return [HaEntities, HomieWriter]
        case "homeassistant", _:
            return [ZigbeeWriter, HomieWriter]
        case "tasmota", _:
            return [ZigbeeWriter]
    return [HomieWriter]
