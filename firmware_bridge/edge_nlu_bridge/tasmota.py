"""Speak with Tasmota devices: discovery, states and sensors in, `cmnd/...` out.

Each device says in its discovery message how its topics are made up, so none is taken for granted. States are
not retained: after a start they have to be asked for. A command goes to one device and never to the topics
that all devices share.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from edge_nlu.values import Command, Device, DeviceId, Event, Feature, Found, Gone, Message, Presence, Report
from edge_nlu_bridge.filters import Filters
from edge_nlu_bridge.payloads import Waiting, as_held, as_mapping, json_of, report, text_of
from edge_nlu_bridge.tasmota_config import Config, Output, read_config, sensed

DISCOVERY = "tasmota/discovery/"
FORESEEN = (f"{DISCOVERY}+/config", f"{DISCOVERY}+/sensors", "stat/+/+", "tele/+/+")
TELLING = re.compile(r"LWT|STATE|SENSOR|RESULT|STATUS\d*|POWER\d*")
NOTHING: Mapping[str, Feature] = {}
SENSORS_LIMIT = 64
"""So many values of sensors one device may have, so that no broken one fills the memory."""


class _Station:
    """What is remembered of one device to make sense of the next message."""

    __slots__ = ("config", "id", "mac", "online", "sensors")

    def __init__(self, mac: str, config: Config) -> None:
        self.id: DeviceId = f"tasmota/{config.topic}"
        self.mac = mac
        self.config = config
        self.sensors = NOTHING
        self.online: bool | None = None

    def device(self) -> Device:
        """Return it as a device of the home, with its outputs and the sensors seen so far."""
        config = self.config
        outputs = [output.feature for output in config.outputs.values()]
        # only where several sensors measure the same does it matter which one is meant
        measured = Counter((feature.property, feature.name) for feature in self.sensors.values())
        sensors = [
            feature if measured[feature.property, feature.name] > 1 else replace(feature, part="")
            for feature in self.sensors.values()
        ]
        return Device(
            id=self.id,
            name=config.name,
            features=(*outputs, *sensors),
            types=config.types,
            ids=(self.id, config.topic, f"tasmota/{self.mac}", self.mac),
            aliases=config.aliases,
        )


class Tasmota:
    """The bridge to all Tasmota devices that announce themselves."""

    name = "tasmota"

    def __init__(self) -> None:
        self._stations: dict[str, _Station] = {}
        self._devices: dict[DeviceId, _Station] = {}
        self._topics: dict[str, _Station] = {}
        self._waiting = Waiting()
        self._filters = Filters(*FORESEEN)

    def subscriptions(self) -> tuple[str, ...]:
        """Return the topic filters to listen to; topics of an unusual make need their own."""
        return self._filters.all()

    def read(self, message: Message) -> Sequence[Event]:
        """Return what a message tells."""
        path, slash, last = message.topic.rpartition("/")
        station = self._topics.get(path + slash)
        if station is not None:
            return self._read_telling(station, last, message.payload)
        if path.startswith(DISCOVERY) and last in ("config", "sensors"):
            mac = path.removeprefix(DISCOVERY)
            known = self._stations.get(mac)
            if last == "config":
                return self._read_config(mac, message.payload)
            if known is not None:
                return self._read_sensors(known, message.payload)
            self._waiting.keep(message)
        elif TELLING.fullmatch(last):
            self._waiting.keep(message)
        return ()

    def write(self, command: Command) -> Sequence[Message]:
        """Return the messages that tell a device, one for each command of it."""
        station = self._devices.get(command.device)
        if station is None:
            return ()
        messages: list[Message] = []
        for key, held in command.settings:
            output = station.config.outputs.get(key)
            told = output.write(held) if output is not None else ()
            if not told:
                return ()
            messages += [Message(station.config.cmnd + name, said.encode()) for name, said in told]
        return messages

    def inquire(self, device: DeviceId) -> Sequence[Message]:
        """Return the messages that make a device say its state, and then what its sensors measure."""
        station = self._devices.get(device)
        if station is None:
            return ()
        return [Message(f"{station.config.cmnd}STATUS", which) for which in (b"11", b"10")]

    # ------------------------------------------------------------------------- what is there

    def _read_config(self, mac: str, payload: bytes) -> list[Event]:
        station = self._stations.get(mac)
        if not payload:
            return self._forget(station) if station is not None else []
        config = read_config(as_mapping(json_of(payload)))
        if config is None or (station is not None and station.config == config):
            return []
        fresh = _Station(mac, config)
        holder = self._devices.get(fresh.id)
        if holder is not None and holder is not station:
            return []  # two of one topic would answer for each other
        events: list[Event] = []
        if station is not None and station.id == fresh.id:
            fresh.sensors, fresh.online = station.sensors, station.online
            self._leave(station)
        elif station is not None:
            events += self._forget(station)
        self._stations[mac] = self._devices[fresh.id] = fresh
        for path in (config.stat, config.tele):
            self._topics[path] = fresh
            if not _is_foreseen(path):
                self._filters.add(f"{path}+")
        return [*events, Found(fresh.device()), *self._early(fresh)]

    def _forget(self, station: _Station) -> list[Event]:
        self._leave(station)
        return [Gone(station.id)]

    def _leave(self, station: _Station) -> None:
        del self._stations[station.mac]
        del self._devices[station.id]
        for path in (station.config.stat, station.config.tele):
            self._topics.pop(path, None)
            self._filters.drop(f"{path}+")

    def _early(self, station: _Station) -> list[Event]:
        """Return what a device said before it was known."""
        config = station.config
        telling = ["STATE", "SENSOR", "LWT"]
        topics = [config.tele + last for last in telling]
        topics += [
            config.stat + last for last in ("STATUS11", "STATUS10", "RESULT", *config.outputs, "POWER1")
        ]
        events: list[Event] = []
        sensors = self._waiting.take(f"{DISCOVERY}{station.mac}/sensors")
        if sensors is not None:
            events += self._read_sensors(station, sensors.payload)
        for topic in topics:
            early = self._waiting.take(topic)
            if early is not None:
                events += self._read_telling(station, topic.rpartition("/")[2], early.payload)
        return events

    def _read_sensors(self, station: _Station, payload: bytes) -> list[Event]:
        """Return that a device has these sensors; what they measured then may be long ago."""
        said = as_mapping(as_mapping(json_of(payload)).get("sn"))
        return self._discover(station, [feature for feature, _ in sensed(said, station.config.switches)])

    def _discover(self, station: _Station, features: Sequence[Feature]) -> list[Event]:
        new = [feature for feature in features if feature.key not in station.sensors]
        room = SENSORS_LIMIT - len(station.sensors)
        if not new or room <= 0:
            return []
        station.sensors = {**station.sensors, **{feature.key: feature for feature in new[:room]}}
        return [Found(station.device())]

    # ------------------------------------------------------------------------- how it is

    def _read_telling(self, station: _Station, last: str, payload: bytes) -> Sequence[Event]:
        if last == "LWT":
            return self._read_will(station, payload)
        if not TELLING.fullmatch(last) and not payload.startswith(b"{"):
            return ()
        if last.startswith("POWER"):
            return self._reports(station, {last: text_of(payload)})
        said = as_mapping(json_of(payload))
        said = as_mapping(said.get("StatusSTS") or said.get("StatusSNS") or said)
        events: list[Event] = []
        if last in ("SENSOR", "STATUS8", "STATUS10"):
            events += self._measured(station, said)
        return [*events, *self._reports(station, said)]

    def _read_will(self, station: _Station, payload: bytes) -> list[Event]:
        said = text_of(payload) or ""
        online = {station.config.online: True, station.config.offline: False}.get(said)
        if online is None or online == station.online:
            return []
        station.online = online
        return [Presence(station.id, online)]

    def _measured(self, station: _Station, said: Mapping[str, object]) -> list[Event]:
        values = list(sensed(said, station.config.switches))
        events = self._discover(station, [feature for feature, _ in values])
        for feature, value in values:
            if feature.key in station.sensors:
                events += report(station.id, feature, value, as_held(feature, value))
        return events

    def _reports(self, station: _Station, said: Mapping[str, object]) -> list[Report]:
        reports: list[Report] = []
        for key, value in said.items():
            output = _output(station.config.outputs, key)
            if output is None and key.startswith("Shutter"):
                output = station.config.outputs.get(f"{key}/Position")
                value = as_mapping(value).get("Position", value)
            if output is not None:
                reports += report(station.id, output.feature, value, output.read(value))
        return reports


def _output(outputs: Mapping[str, Output], key: str) -> Output | None:
    """Return the output that a report names; the first of all may go with or without its number."""
    return outputs.get(key) or outputs.get({"POWER1": "POWER", "POWER": "POWER1"}.get(key, key))


def _is_foreseen(path: str) -> bool:
    return path.count("/") == 2 and path.startswith(("stat/", "tele/"))
