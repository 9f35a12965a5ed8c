"""Speak with Shelly devices of the second generation and later, by their remote calls.

A device says that it is there by `online`, tells what changes in notifications that hold only that, and
answers calls on a topic of ours. Its parts (`switch:0`, `cover:1`) are known once they were told of; their
names are in its settings, which it is asked for together with its state.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from zlib import crc32

from edge_nlu.values import (
    Command,
    Device,
    DeviceId,
    Event,
    Feature,
    Found,
    Gone,
    Message,
    Presence,
    Refusal,
    Report,
)
from edge_nlu_bridge.payloads import Waiting, as_mapping, as_text, fits, is_unknown, json_of
from edge_nlu_bridge.shelly_parts import MOVE, PARTS, TYPES, Aspect, call, part_of, value_at

OURS = "edge-nlu/shelly"
ANSWERS = f"{OURS}/rpc"
NOTIFICATIONS = "/events/rpc"
ONLINE = "/online"
FORESEEN = (ANSWERS, "+/online", "+/events/rpc", "+/+/events/rpc", "+/status/+")
MAKER = "shelly"
ASK_INFO, ASK_CONFIG, ASK_STATUS, TELL = range(4)
PARTS_LIMIT = 64
REASON_LIMIT = 200


class _Station:
    """What is remembered of one device to make sense of the next message."""

    __slots__ = ("device", "ids", "name", "names", "online", "parts", "prefix")

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.name = ""
        self.names: dict[str, str] | None = None
        self.ids: tuple[str, ...] = ()
        self.parts: dict[str, set[str]] = {}
        self.online: bool | None = None
        self.device: Device | None = None

    def described(self) -> Device:
        """Return the device with the parts known so far."""
        features = [feature for feature, _ in self.features()]
        kinds = {part.partition(":")[0] for part in self.parts}
        types = [name for kind, name in TYPES.items() if kind in kinds]
        if not any(feature.settable for feature in features):
            types = ["sensor", *types]
        named = self.name
        if not named and self.names and len(set(self.names.values())) == 1:
            named = next(iter(self.names.values()))  # a relay alone is what it switches
        return Device(
            id=f"{Shelly.name}/{self.prefix}",
            name=named or self.prefix,
            features=tuple(features),
            types=tuple(dict.fromkeys(types)),
            ids=tuple(dict.fromkeys((f"{Shelly.name}/{self.prefix}", self.prefix, *sorted(self.ids)))),
        )

    def features(self) -> list[tuple[Feature, Aspect]]:
        """Return the features, each with where it stands in the state."""
        found: list[tuple[Feature, Aspect]] = []
        order = list(PARTS)
        parts = sorted(self.parts, key=lambda part: (order.index(part.partition(":")[0]), part))
        for part in parts:
            kind = part.partition(":")[0]
            known = self.parts[part]
            for aspect in PARTS[kind]:
                if aspect.path not in known:
                    continue
                found.append((self._feature(part, aspect), aspect))
            if kind == "cover":
                moves = Feature(f"{part}/move", "choice", "position", "move", self._part(part), True, False)
                found.append((replace(moves, choices=("stop",)), MOVE))
        return found

    def _feature(self, part: str, aspect: Aspect) -> Feature:
        return Feature(
            f"{part}/{aspect.path}",
            aspect.kind,
            aspect.property,
            aspect.name,
            self._part(part),
            bool(aspect.told),
            True,
            aspect.unit,
            aspect.low,
            aspect.high,
            aspect.step,
        )

    def _part(self, part: str) -> str:
        """Return how a part is called, where there are several of its kind."""
        kind, _, number = part.partition(":")
        if sum(each.startswith(f"{kind}:") for each in self.parts) < 2:
            return ""
        own = (self.names or {}).get(part, "")
        return own or str(int(number) + 1 if int(number) < 100 else int(number))


class Shelly:
    """The bridge to all Shelly devices on the broker that speak by remote calls."""

    name = "shelly"

    def __init__(self) -> None:
        self._stations: dict[str, _Station] = {}
        self._calls: dict[int, _Station] = {}
        self._waiting = Waiting(topics=500, size_bytes=64 << 10)
        self._filters: tuple[str, ...] = FORESEEN

    def subscriptions(self) -> tuple[str, ...]:
        """Return the topic filters to listen to; topics under a prefix with a `/` need their own."""
        return self._filters

    def read(self, message: Message) -> Sequence[Event]:
        """Return what a message tells."""
        topic = message.topic
        if topic == ANSWERS:
            return self._read_answer(as_mapping(json_of(message.payload)))
        if topic.endswith(NOTIFICATIONS):
            return self._read_notification(topic.removesuffix(NOTIFICATIONS), message.payload)
        prefix, _, last = topic.rpartition("/")
        if last == "online":
            return self._read_online(message)
        prefix, _, between = prefix.rpartition("/")
        station = self._stations.get(prefix)
        if between == "status" and (station is not None or prefix.startswith(MAKER)):
            state = json_of(message.payload)
            if part_of(last) and isinstance(state, dict):
                return self._overlay(station or self._station(prefix), {last: state})
        return ()

    def write(self, command: Command) -> Sequence[Message]:
        """Return the calls that tell a device, one for each of its parts."""
        station = self._known(command.device)
        if station is None or station.device is None:
            return ()
        aspects = {feature.key: (feature, aspect) for feature, aspect in station.features()}
        calls: dict[tuple[str, str], dict[str, object]] = {}
        for key, held in command.settings:
            feature, aspect = aspects.get(key, (None, None))
            if feature is None or aspect is None or not fits(feature, held):
                return ()
            part = key.partition("/")[0]
            told = call(part, aspect, held)
            if told is None:
                return ()
            method, params = told
            there = calls.setdefault((part, method), {"id": int(part.partition(":")[2])})
            if there.get("on") is False:
                params.pop("on", None)
            if "config" in params:
                params["config"] = {**as_mapping(there.get("config")), **as_mapping(params["config"])}
            there |= params
        return [_request(station, TELL, method, params) for (_, method), params in calls.items()]

    def inquire(self, device: DeviceId) -> Sequence[Message]:
        """Return the calls that make a device say its state, and its names where those are not known."""
        station = self._known(device)
        if station is None:
            return ()
        asked = [_request(station, ASK_STATUS, "Shelly.GetStatus", {})]
        if station.names is None:
            asked.insert(0, _request(station, ASK_CONFIG, "Shelly.GetConfig", {}))
        return asked

    # ------------------------------------------------------------------------- what is there

    def _known(self, device: DeviceId) -> _Station | None:
        prefix = device.removeprefix(f"{self.name}/")
        return self._stations.get(prefix) if prefix != device else None

    def _station(self, prefix: str) -> _Station:
        station = self._stations.get(prefix)
        if station is None:
            station = self._stations[prefix] = _Station(prefix)
            self._calls[_number(prefix)] = station
            if "/" in prefix:
                status = f"{prefix}/status/+" if prefix.count("/") else ""
                self._filters = (*self._filters, *filter(None, (f"{prefix}/online", status)))
        return station

    def _read_online(self, message: Message) -> list[Event]:
        prefix = message.topic.removesuffix(ONLINE)
        station = self._stations.get(prefix)
        online = {b"true": True, b"false": False}.get(message.payload.strip())
        if station is not None and not message.payload:
            return self._forget(station)
        if online is None:
            return []
        if station is None and not prefix.startswith(MAKER):
            self._waiting.keep(message)  # a device that goes by another name tells later that it is one
            return []
        station = station or self._station(prefix)
        return [*self._describe(station), *self._presence(station, online=online)]

    def _presence(self, station: _Station, *, online: bool) -> list[Event]:
        if online == station.online:
            return []
        station.online = online
        return [Presence(f"{self.name}/{station.prefix}", online)]

    def _forget(self, station: _Station) -> list[Event]:
        del self._stations[station.prefix]
        self._calls.pop(_number(station.prefix), None)
        own = (f"{station.prefix}/online", f"{station.prefix}/status/+")
        if any(filter_ in own for filter_ in self._filters):
            self._filters = tuple(filter_ for filter_ in self._filters if filter_ not in own)
        return [Gone(f"{self.name}/{station.prefix}")] if station.device is not None else []

    def _describe(self, station: _Station) -> list[Event]:
        described = station.described()
        if described == station.device:
            return []
        station.device = described
        return [Found(described)]

    # ------------------------------------------------------------------------- how it is

    def _read_notification(self, prefix: str, payload: bytes) -> list[Event]:
        said = as_mapping(json_of(payload))
        source = as_text(said.get("src"))
        if not source.startswith(MAKER) or said.get("method") not in ("NotifyStatus", "NotifyFullStatus"):
            return []
        station = self._station(prefix)
        station.ids = tuple(dict.fromkeys((*station.ids, source)))
        return self._overlay(station, as_mapping(said.get("params")))

    def _read_answer(self, said: Mapping[str, object]) -> list[Event]:
        number = said.get("id")
        if not isinstance(number, int):
            return []
        station, source = self._calls.get(number // 4), as_text(said.get("src"))
        if station is None and source.startswith(MAKER) and _number(source) == number // 4:
            station = self._station(source)  # asked before a restart of ours
        if station is None:
            return []
        error = as_mapping(said.get("error"))
        if error:
            if number % 4 != TELL or station.device is None:
                return []
            reason = as_text(error.get("message")) or f"error {error.get('code')}"
            return [Refusal(station.device.id, reason[:REASON_LIMIT])]
        result = as_mapping(said.get("result"))
        if not result:
            return []
        match number % 4:
            case 0 | 1:
                return self._read_names(station, result)
            case 2:
                return self._overlay(station, result)
        return []

    def _read_names(self, station: _Station, result: Mapping[str, object]) -> list[Event]:
        """Return what follows from the settings of a device: how it and its parts are called."""
        system = as_mapping(as_mapping(result.get("sys")).get("device"))
        station.name = (as_text(system.get("name")) or as_text(result.get("name"))).strip() or station.name
        ids = [as_text(result.get("id")), as_text(system.get("mac"))]
        station.ids = tuple(dict.fromkeys((*station.ids, *filter(None, ids))))
        named = {part: as_text(as_mapping(told).get("name")).strip() for part, told in result.items()}
        station.names = {part: name for part, name in named.items() if name and part_of(part)}
        return self._describe(station)

    def _overlay(self, station: _Station, params: Mapping[str, object]) -> list[Event]:
        """Return what a state tells of the parts in it, be it whole or only what changed."""
        told: list[tuple[str, object]] = []
        for part, state in params.items():
            kind = part_of(part)
            if not kind or not isinstance(state, dict):
                continue
            if part not in station.parts and len(station.parts) >= PARTS_LIMIT:
                continue
            for aspect in PARTS[kind]:
                there, value = value_at(state, aspect.path)
                if there and not (value is None and aspect.path in ("current_pos", "state")):
                    station.parts.setdefault(part, set()).add(aspect.path)
                    told.append((f"{part}/{aspect.path}", value))
        if not told and station.device is None:
            return []
        events = self._describe(station)
        early = self._waiting.take(station.prefix + ONLINE)
        if early is not None:
            events += self._read_online(early)
        features = {feature.key: (feature, aspect) for feature, aspect in station.features()}
        for key, value in told:
            if key in features:
                feature, aspect = features[key]
                held = aspect.read(feature, value)
                if held is not None or is_unknown(feature, value):
                    events.append(Report(f"{self.name}/{station.prefix}", key, held))
        return events


def _number(prefix: str) -> int:
    """Return the number by which answers are known to be this device's."""
    return crc32(prefix.encode()) >> 4  # with the kind of call it still is a number of 30 bits


def _request(station: _Station, ask: int, method: str, params: Mapping[str, object]) -> Message:
    call = {"id": _number(station.prefix) * 4 + ask, "src": OURS, "method": method}
    said = {**call, "params": params} if params else call
    return Message(f"{station.prefix}/rpc", json.dumps(said).encode())
