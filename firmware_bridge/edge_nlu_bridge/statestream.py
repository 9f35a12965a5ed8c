"""Read what Home Assistant's statestream says of its entities; there is no way to tell them anything.

Each entity has a topic for its state and one for each attribute, in no order and retained for ever. What an
entity can tell is known only as its attributes come, so a device may be found again with more to it. Its name
is an attribute too, in quotes. Entities of devices that announce themselves on MQTT are left to the bridges
that speak to those devices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from edge_nlu.values import (
    Command,
    Device,
    DeviceId,
    Event,
    Feature,
    FeatureKind,
    Found,
    Gone,
    Held,
    Message,
    Presence,
    Report,
)
from edge_nlu_bridge.channels import Words, color_of, meaning
from edge_nlu_bridge.discovery import entity_ids
from edge_nlu_bridge.entities import MEASURED, NOTICED, UPKEEP
from edge_nlu_bridge.payloads import (
    LIST_LIMIT_BYTES,
    as_held,
    as_list,
    as_mapping,
    as_media,
    as_text,
    is_unknown,
    json_of,
    text_of,
)

NAME_LIMIT = 200
ON: Words = (("on", True), ("off", False))
OPEN: Words = (("open", True), ("opening", True), ("closed", False))
LOCKED: Words = (("locked", True), ("unlocked", False), ("open", False))
HOME: Words = (("home", True), ("not_home", False))
PLAYER = ("playing", "paused", "idle", "buffering", "standby", "on", "off")
MACHINE = ("cleaning", "mowing", "docked", "paused", "idle", "returning", "error")


@dataclass(frozen=True, slots=True)
class _Telling:
    """What one topic of an entity tells."""

    kind: FeatureKind
    property: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    words: Words = ()
    choices: tuple[str, ...] = ()
    listed: str = ""

    def read(self, feature: Feature, value: object) -> Held | None:
        """Return what a value means; None when it makes no sense or is not known."""
        if self.words:
            return meaning(self.words, value)
        if self.kind == "color":
            return color_of(value, "rgb")
        return as_held(feature, value)


def _switch(prop: str = "power", words: Words = ON) -> _Telling:
    return _Telling("switch", prop, words=words)


def _percent(prop: str) -> _Telling:
    return _Telling("number", prop, "%", 0, 100)


def _of(prop: str, listed: str) -> _Telling:
    return _Telling("choice", prop, listed=listed)


DEGREES = _Telling("number", "temperature")
WARMTH = {
    "current_temperature": DEGREES,
    "temperature": DEGREES,
    "target_temp_low": DEGREES,
    "target_temp_high": DEGREES,
    "current_humidity": _percent("humidity"),
    "humidity": _percent("humidity"),
    "fan_mode": _of("speed", "fan_modes"),
    "swing_mode": _of("swing", "swing_modes"),
    "preset_mode": _of("mode", "preset_modes"),
    "hvac_action": _Telling("text", "status"),
}
DOMAINS: Mapping[str, Mapping[str, _Telling]] = {
    "light": {
        "state": _switch(),
        "brightness": _Telling("number", "brightness", "", 0, 255),
        "color_temp_kelvin": _Telling("number", "color", "K"),
        "rgb_color": _Telling("color", "color"),
        "effect": _of("mode", "effect_list"),
    },
    "switch": {"state": _switch()},
    "input_boolean": {"state": _switch("")},
    "siren": {"state": _switch()},
    "fan": {
        "state": _switch(),
        "percentage": _percent("speed"),
        "preset_mode": _of("mode", "preset_modes"),
        "oscillating": _Telling("switch", "swing"),
    },
    "cover": {"state": _switch("position", OPEN), "current_position": _percent("position")},
    "valve": {"state": _switch("position", OPEN), "current_position": _percent("position")},
    "lock": {"state": _switch("lock", LOCKED)},
    "climate": {"state": _of("mode", "hvac_modes"), **WARMTH},
    "water_heater": {"state": _of("mode", "operation_list"), **WARMTH},
    "humidifier": {
        "state": _switch(),
        "humidity": _percent("humidity"),
        "current_humidity": _percent("humidity"),
        "mode": _of("mode", "available_modes"),
    },
    "media_player": {
        "state": _Telling("choice", "media", choices=PLAYER),
        "media_title": _Telling("media", "media"),
        "volume_level": _Telling("number", "volume", "", 0, 1),
        "is_volume_muted": _Telling("switch", "volume"),
        "source": _of("source", "source_list"),
    },
    "vacuum": {
        "state": _Telling("choice", "status", choices=MACHINE),
        "battery_level": _percent("battery"),
        "fan_speed": _of("speed", "fan_speed_list"),
    },
    "lawn_mower": {"state": _Telling("choice", "status", choices=MACHINE)},
    "person": {"state": _switch("presence", HOME)},
    "device_tracker": {"state": _switch("presence", HOME)},
    "binary_sensor": {"state": _switch("")},
    "sensor": {"state": _Telling("text")},
    "number": {"state": _Telling("number")},
    "input_number": {"state": _Telling("number")},
    "select": {"state": _of("", "options")},
    "input_select": {"state": _of("", "options")},
}
DESCRIBING = frozenset(
    [
        *(each.listed for told in DOMAINS.values() for each in told.values() if each.listed),
        *("friendly_name", "device_class", "unit_of_measurement", "state_class"),
        *("color_mode", "media_content_type"),
    ]
)
GONE = frozenset({"unavailable"})


class _Seen:
    """What is remembered of an entity: its state and the attributes that matter."""

    __slots__ = ("device", "domain", "object_id", "online", "reported", "said")

    def __init__(self, domain: str, object_id: str) -> None:
        self.domain = domain
        self.object_id = object_id
        self.said: dict[str, object] = {}
        self.device: Device | None = None
        self.online: bool | None = None
        self.reported: dict[str, Held | None] = {}


class Statestream:
    """The bridge that reads one base topic of a statestream, and what is announced under a prefix."""

    name = "statestream"

    def __init__(self, base: str = "homeassistant_statestream", prefix: str = "homeassistant") -> None:
        self._base = base
        self._prefix = prefix
        self._entities: dict[str, _Seen] = {}
        self._announced: set[str] = set()
        self._filters = (f"{base}/+/+/+", f"{prefix}/+/+/config", f"{prefix}/+/+/+/config")

    def subscriptions(self) -> tuple[str, ...]:
        """Return the topic filters to listen to."""
        return self._filters

    def read(self, message: Message) -> Sequence[Event]:
        """Return what a message tells."""
        start, _, place = message.topic.partition(f"{self._prefix}/")
        if not start and place.endswith("/config"):
            return self._read_announced(place, message.payload)
        start, _, rest = message.topic.partition(f"{self._base}/")
        domain, *names = rest.split("/")
        if start or len(names) != 2 or domain not in DOMAINS or not names[0]:
            return ()
        object_id, attribute = names
        if attribute not in DOMAINS[domain] and attribute not in DESCRIBING:
            return ()
        if f"{domain}/{object_id}" in self._announced:
            return ()
        seen = self._entities.setdefault(f"{domain}/{object_id}", _Seen(domain, object_id))
        if not _take(seen, attribute, message.payload):
            return ()
        return self._tell(seen)

    def write(self, command: Command) -> Sequence[Message]:
        """Return nothing: here nobody can be told anything."""
        del command
        return ()

    def inquire(self, device: DeviceId) -> Sequence[Message]:
        """Return nothing: here nobody can be asked."""
        del device
        return ()

    def _read_announced(self, place: str, payload: bytes) -> list[Event]:
        """Return that entities are gone whose device announces itself: it is spoken to directly."""
        events: list[Event] = []
        for entity in entity_ids(place, as_mapping(json_of(payload, LIST_LIMIT_BYTES))):
            if entity.partition("/")[0] in DOMAINS:
                self._announced.add(entity)
                seen = self._entities.pop(entity, None)
                events += self._forget(seen) if seen is not None else []
        return events

    def _tell(self, seen: _Seen) -> list[Event]:
        """Return what changed of an entity."""
        if "state" not in seen.said:
            return self._forget(seen)
        features = {feature.key: (feature, telling) for feature, telling in _features(seen)}
        if not features:
            return self._forget(seen)
        before, seen.device = seen.device, _described(seen, [feature for feature, _ in features.values()])
        events: list[Event] = [] if before == seen.device else [Found(seen.device)]
        online = seen.said["state"] not in GONE
        if online != seen.online:
            seen.online = online
            events.append(Presence(seen.device.id, online))
        changed = {feature.key for feature in before.features} if before else set()
        changed -= {key for key in changed if before and before.feature(key) == seen.device.feature(key)}
        for key, (feature, telling) in features.items():
            told, held = _read(seen, feature, telling)
            if told and (key in changed or key not in seen.reported or seen.reported[key] != held):
                seen.reported[key] = held
                events.append(Report(seen.device.id, key, held))
        return events

    def _forget(self, seen: _Seen) -> list[Event]:
        if seen.device is None:
            return []
        gone = Gone(seen.device.id)
        seen.device, seen.online = None, None
        seen.reported.clear()
        return [gone]


def _take(seen: _Seen, attribute: str, payload: bytes) -> bool:
    """Remember what a topic says; return whether it is news."""
    text = text_of(payload)
    if text is None or len(text) > 10_000:
        return False
    value: object = text
    if attribute != "state":
        value = json_of(text)
        if value is None and text.strip() not in ("", "null"):
            return False
    if not text:
        return seen.said.pop(attribute, None) is not None
    if attribute in seen.said and seen.said[attribute] == value:
        return False
    seen.said[attribute] = value
    return True


def _features(seen: _Seen) -> Iterator[tuple[Feature, _Telling]]:
    """Yield the features of an entity, as far as its attributes are known."""
    told = DOMAINS[seen.domain]
    for attribute, plain in told.items():
        if attribute not in seen.said:
            continue
        telling = _fitting(seen, plain) if attribute == "state" else plain
        choices = telling.choices
        if telling.listed:
            listed = as_list(seen.said.get(telling.listed))
            choices = tuple(dict.fromkeys(each for each in listed if isinstance(each, str)))[:200]
        if telling.kind == "choice" and not choices:
            continue
        if telling.kind == "text" and not as_text(seen.said.get("friendly_name")):
            continue  # any words at all could be such a state
        name = seen.said.get("device_class") if attribute == "state" else attribute
        yield (
            Feature(
                attribute,
                telling.kind,
                telling.property,
                as_text(name).replace("_", " "),
                settable=False,
                unit=telling.unit,
                low=telling.low,
                high=telling.high,
                choices=choices,
            ),
            telling,
        )


def _fitting(seen: _Seen, plain: _Telling) -> _Telling:
    """Return what the state tells, by what the attributes say that it is."""
    sort, unit = as_text(seen.said.get("device_class")), as_text(seen.said.get("unit_of_measurement"))
    if seen.domain == "binary_sensor":
        words: Words = (("on", False), ("off", True)) if sort == "lock" else ON
        return _switch(NOTICED.get(sort, ""), words)
    if seen.domain == "sensor" and (unit or "state_class" in seen.said or sort in MEASURED):
        return _Telling("number", MEASURED.get(sort, ""), unit)
    if seen.domain in ("number", "input_number"):
        return replace(plain, unit=unit)
    return plain


def _read(seen: _Seen, feature: Feature, telling: _Telling) -> tuple[bool, Held | None]:
    """Return whether anything is told of a feature, and what."""
    value = seen.said.get(feature.key)
    if seen.said["state"] in GONE or is_unknown(feature, value) or value in ("unknown", ""):
        return True, None
    if telling.kind == "media":
        sort = as_text(seen.said.get("media_content_type"))
        return True, as_media({"title": value, **({"kind": sort} if sort else {})})
    if telling.kind == "color" and seen.said.get("color_mode") in ("color_temp", "white"):
        return True, None
    held = telling.read(feature, value)
    return held is not None, held


def _described(seen: _Seen, features: Sequence[Feature]) -> Device:
    name = as_text(seen.said.get("friendly_name")).strip()[:NAME_LIMIT]
    sort = as_text(seen.said.get("device_class"))
    own = f"{seen.domain}/{seen.object_id}"
    sensing = seen.domain in ("sensor", "binary_sensor")
    sorts = ["sensor", sort] if sensing else [sort, seen.domain.removeprefix("input_")]
    return Device(
        id=f"{Statestream.name}/{own}",
        name=name or seen.object_id.replace("_", " "),
        features=tuple(features),
        types=tuple(dict.fromkeys(each.replace("_", "-") for each in sorts if each and each not in UPKEEP)),
        ids=(f"{Statestream.name}/{own}", own, seen.object_id),
    )
