"""Read what devices announce about themselves for Home Assistant: entities, one by one or by the device.

Announcements are written short: keys are abbreviated, topics begin with a base that `~` stands for. Here they
become whole again, so that beyond this file there is one way to say each thing. What is announced for upkeep
only (diagnostics, settings, what is switched off by default) nobody speaks of, except for the battery.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from edge_nlu_bridge.operations import spelled
from edge_nlu_bridge.payloads import as_list, as_mapping, as_text

NAME_LIMIT = 200
COMPONENTS_LIMIT = 200
OURSELVES = "edge-nlu"
"""The origin of what a hub like this one announces about itself; it is no device of the home."""


def _table(words: str) -> Mapping[str, str]:
    return dict(pair.split(":") for pair in words.split())


WHOLE = _table("""
    avty:availability avty_mode:availability_mode bri_scl:brightness_scale clrm:color_mode
    clr_temp_k:color_temp_kelvin cmps:components cod_arm_req:code_arm_required cod_form:code_format
    def_ent_id:default_entity_id dev:device dev_cla:device_class e:encoding en:enabled_by_default
    ent_cat:entity_category exp_aft:expire_after fanspd_lst:fan_speed_list fx_list:effect_list ic:icon
    init:initial max_hum:max_humidity max_k:max_kelvin max_mirs:max_mireds min_hum:min_humidity
    min_k:min_kelvin min_mirs:min_mireds o:origin obj_id:object_id off_dly:off_delay
    on_cmd_type:on_command_type ops:options opt:optimistic p:platform pos_clsd:position_closed
    pos_open:position_open pr_modes:preset_modes ret:retain spd_rng_max:speed_range_max
    spd_rng_min:speed_range_min sup_clrm:supported_color_modes sup_feat:supported_features
    swing_h_modes:swing_horizontal_modes t:topic temp_unit:temperature_unit uniq_id:unique_id
    unit_of_meas:unit_of_measurement whit_scl:white_scale stat_cla:state_class fanspd_t:fan_speed_topic
    hum_state_tpl:target_humidity_state_template cmd_on_tpl:command_on_template
    cmd_off_tpl:command_off_template
    set_fan_spd_t:set_fan_speed_topic pl_stpa:payload_start_pause bri_tpl:brightness_template
    av_tones:available_tones pl:payload
""")
SPELLED = {
    "pl": _table("""
        avail:available not_avail:not_available on:on off:off open:open cls:close stop:stop lock:lock
        unlk:unlock osc_on:oscillation_on osc_off:oscillation_off prs:press strt:start paus:pause
        ret:return_to_base
        loc:locate cln_sp:clean_spot home:home not_home:not_home rst:reset rst_hum:reset_humidity
        rst_mode:reset_mode rst_pct:reset_percentage rst_pr_mode:reset_preset_mode ton:turn_on toff:turn_off
        trig:trigger disarm:disarm arm_away:arm_away arm_home:arm_home
    """),
    "stat": _table("""
        on:on off:off open:open opening:opening clsd:closed closing:closing stopped:stopped locked:locked
        locking:locking unlocked:unlocked unlocking:unlocking jam:jammed jammed:jammed
    """),
}
"""What a message says, for `payload_` and `state_`."""

ABOUT = _table("""
    act:action activity:activity act_stat:activity_state avty:availability bat_lev:battery_level
    bri:brightness bri_stat:brightness_state clr_temp:color_temp clrm:color_mode curr_hum:current_humidity
    curr_temp:current_temperature dir:direction dock:dock err:error fan_mode:fan_mode fanspd:fan_speed
    fx:effect hs:hs hum:target_humidity json_attr:json_attributes lrst:last_reset mode:mode osc:oscillation
    pause:pause
    pause_mw:pause pct:percentage pos:position pow:power pr_mode:preset_mode rgb:rgb rgbw:rgbw rgbww:rgbww
    send:send set_pos:set_position spd:speed stat:state strt_mw:start_mowing
    swing_h_mode:swing_horizontal_mode swing_mode:swing_mode temp:temperature temp_hi:temperature_high
    temp_lo:temperature_low
    tilt:tilt
    tilt_status:tilt_status whit:white xy:xy
""")
USES = _table("""
    cmd_t:command_topic cmd_tpl:command_template stat_t:state_topic stat_tpl:state_template
    val_tpl:value_template t:topic tpl:template
""")


@lru_cache(maxsize=1024)
def whole_key(key: str) -> str:
    """Return the key that an abbreviation stands for, or the key itself."""
    if key in WHOLE:
        return WHOLE[key]
    if key in USES and key != "t":
        return USES[key]
    first, _, rest = key.partition("_")
    if first in SPELLED and rest in SPELLED[first]:
        return f"{'payload' if first == 'pl' else 'state'}_{SPELLED[first][rest]}"
    for use, meaning in USES.items():
        about = key.removesuffix(f"_{use}")
        if about != key and about in ABOUT:
            return f"{ABOUT[about]}_{meaning}"
    return key


DEVICE_KEYS = _table("ids:identifiers cns:connections mdl:model mf:manufacturer sa:suggested_area")


@dataclass(frozen=True, slots=True)
class Owner:
    """The device that an entity belongs to: what identifies it, and how it is called."""

    identities: tuple[str, ...]
    name: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """One announced entity, its configuration made whole."""

    component: str
    node: str
    object_id: str
    config: Mapping[str, object]
    owner: Owner | None = None

    @property
    def key(self) -> str:
        """Return what names the entity among all that are announced."""
        return "/".join(filter(None, (self.component, self.node, self.object_id)))

    @property
    def handle(self) -> str:
        """Return what names the entity in its device, as far as may be the same for all of one make."""
        if self.owner is None:
            return self.component
        slug = re.sub(r"\W+", "_", self.owner.name.lower())
        tail = self.object_id
        for start in (self.node, *self.owner.identities, slug):
            if start and tail.lower().startswith(start.lower()):
                rest = tail[len(start) :]
                if rest[:1] in ("", "_", "-"):
                    tail = rest[1:]
                    break
        return self.component if tail in ("", self.component) else f"{self.component}/{tail}"

    @property
    def name(self) -> str:
        """Return what the entity is called, without the name of its device; "" where it is the device."""
        name = as_text(self.config.get("name")).strip()[:NAME_LIMIT]
        device = self.owner.name if self.owner else ""
        if device and name.lower().startswith(device.lower()):
            return name[len(device) :].strip(" -_:")
        return name

    @property
    def unique(self) -> str:
        """Return the id that its maker gave it."""
        return spelled(self.config.get("unique_id") or "")[:NAME_LIMIT]


def entities(place: str, announced: Mapping[str, object]) -> tuple[Entity, ...]:
    """Return the entities that an announcement at `light/lamp` or `device/lamp` tells of."""
    component, *between, name = place.split("/")
    node = between[0] if between else ""
    config = whole(announced)
    if as_mapping(config.get("origin")).get("name") == OURSELVES:
        return ()
    owner = _owner(as_mapping(config.get("device")))
    if component != "device":
        return (Entity(component, node, name, config, owner),) if _is_spoken_of(config) else ()
    return tuple(_components(config, node or name, owner))


def _components(config: Mapping[str, object], node: str, owner: Owner | None) -> Iterator[Entity]:
    shared = {key: value for key, value in config.items() if key not in ("components", "device", "origin")}
    for name, given in list(as_mapping(config.get("components")).items())[:COMPONENTS_LIMIT]:
        own = whole(as_mapping(given), as_text(config.get("~")))
        component = as_text(own.get("platform"))
        # with its platform alone a component says that it is gone
        if component and len(own) > 1 and _is_spoken_of(own):
            yield Entity(component, node, name, {**shared, **own}, owner)


def entity_ids(place: str, announced: Mapping[str, object]) -> Iterator[str]:
    """Yield what Home Assistant calls all entities of an announcement, as `light/hall_lamp`."""
    config = whole(announced)
    device = as_text(as_mapping(config.get("device")).get("name"))
    component = place.partition("/")[0]
    each = as_mapping(config.get("components")).values() if component == "device" else [config]
    for own in map(whole, map(as_mapping, list(each)[:COMPONENTS_LIMIT])):
        sort = as_text(own.get("platform")) if component == "device" else component
        name = as_text(own.get("name", own.get("device_class")))
        chosen = as_text(own.get("default_entity_id")).partition(".")[2] or as_text(own.get("object_id"))
        full = name if name.lower().startswith(device.lower()) else f"{device} {name}"
        yield f"{sort}/{re.sub('[^a-z0-9]+', '_', (chosen or full).lower()).strip('_')}"


def whole(announced: Mapping[str, object], base: str = "") -> dict[str, object]:
    """Return a configuration with its keys written out and its topics complete."""
    config = {whole_key(key): value for key, value in announced.items()}
    base = as_text(config.get("~")) or base
    for key, value in config.items():
        if isinstance(value, str) and key.endswith("topic"):
            config[key] = _complete(value, base)
    sources = config.get("availability")
    if isinstance(sources, list | dict):
        listed = sources if isinstance(sources, list) else [sources]
        config["availability"] = [whole(as_mapping(source), base) for source in listed[:20]]
    return config


def _complete(topic: str, base: str) -> str:
    if base and topic.startswith("~"):
        return base + topic[1:]
    return topic[:-1] + base if base and topic.endswith("~") else topic


def _owner(given: Mapping[str, object]) -> Owner | None:
    device = {DEVICE_KEYS.get(key, key): value for key, value in given.items()}
    identifiers = device.get("identifiers")
    named = as_list(identifiers) or ([identifiers] if identifiers else [])
    identities = [spelled(each)[:NAME_LIMIT] for each in named if isinstance(each, str | int) and each]
    for pair in map(as_list, as_list(device.get("connections"))):
        identities += [spelled(each)[:NAME_LIMIT] for each in pair[1:2] if isinstance(each, str) and each]
    if not identities:
        return None
    name, area = as_text(device.get("name")).strip(), as_text(device.get("suggested_area")).strip()
    return Owner(tuple(dict.fromkeys(identities)), name[:NAME_LIMIT], area[:NAME_LIMIT])


def _is_spoken_of(config: Mapping[str, object]) -> bool:
    if config.get("device_class") == "battery":
        return True
    return not config.get("entity_category") and config.get("enabled_by_default") is not False
