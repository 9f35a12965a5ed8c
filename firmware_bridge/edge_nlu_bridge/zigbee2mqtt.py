"""Speak with Zigbee2MQTT: lists of devices and groups in, their states in, `/set` and `/get` out.

The lists are the whole truth each time: what is missing from them is gone, and a device is the same under a
new name as long as its address is. Names may hold `/`, so topics are looked up whole, never cut apart. States
are full as a rule and not retained, and what the network does not know is `null`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from edge_nlu.values import Command, DeviceId, Event, Found, Gone, Message, Presence, Refusal, Report
from edge_nlu_bridge.filters import Filters
from edge_nlu_bridge.payloads import Waiting, as_mapping, as_text, items_of, json_of, report, text_of
from edge_nlu_bridge.zigbee2mqtt_lists import Listed, list_devices, list_groups

FAILED = re.compile(r"Publish '(?:set|get)' '[^']*' to '(?P<name>.+)' failed: (?P<reason>.*)", re.DOTALL)
CAUSE = re.compile(r"failed \((?P<cause>[^()]+)\)'?$")
UNABLE = re.compile(r"(?P<reason>No converter available for '[^']*') on '(?P<name>.+?)'(?::|$)", re.DOTALL)
KEPT_STATE_BYTES = 8 << 10
REASON_LIMIT = 200


class _Member:
    """What is remembered of a listed device to make sense of the next message."""

    __slots__ = ("available", "listed", "online", "state")

    def __init__(self, listed: Listed) -> None:
        self.listed = listed
        self.state = b""
        self.available: bool | None = None
        self.online: bool | None = None


class Zigbee2Mqtt:
    """The bridge to one Zigbee2MQTT under its base topic."""

    name = "zigbee2mqtt"

    def __init__(self, base: str = "zigbee2mqtt") -> None:
        self._base = base
        self._alive: bool | None = None
        self._groups: Sequence[object] = ()
        self._members: dict[str, _Member] = {}
        self._topics: dict[str, _Member] = {}
        self._waiting = Waiting()
        self._filters = Filters(
            *(f"{base}/bridge/{list_}" for list_ in ("devices", "groups", "state", "logging")),
            f"{base}/+",
            f"{base}/+/availability",
        )

    def subscriptions(self) -> tuple[str, ...]:
        """Return the topic filters to listen to; names with a `/` each need their own."""
        return self._filters.all()

    def read(self, message: Message) -> Sequence[Event]:
        """Return what a message tells."""
        member = self._topics.get(message.topic)
        if member is not None:
            return self._read_state(member, message.payload)
        start, _, rest = message.topic.partition(f"{self._base}/")
        if start or not rest:
            return ()
        match rest:
            case "bridge/devices":
                return self._read_devices(message.payload)
            case "bridge/groups":
                return self._read_groups(message.payload)
            case "bridge/state":
                return self._read_bridge_state(message.payload)
            case "bridge/logging":
                return self._read_logging(message.payload)
        if rest.endswith("/availability"):
            member = self._topics.get(message.topic.removesuffix("/availability"))
            if member is not None:
                return self._read_availability(member, message.payload)
        if not rest.startswith("bridge/") and not rest.endswith(("/set", "/get")) and message.payload:
            self._waiting.keep(message)
        return ()

    def write(self, command: Command) -> Sequence[Message]:
        """Return the one message that tells a device all that is wanted of it."""
        member = self._topics.get(command.device)
        if member is None:
            return ()
        wanted: dict[str, object] = {}
        for key, held in command.settings:
            channel = member.listed.exposed.channels.get(key)
            written = channel.write(held) if channel is not None else None
            if written is None:
                return ()
            wanted[key] = written
        return (_tell(command.device, "set", wanted),) if wanted else ()

    def inquire(self, device: DeviceId) -> Sequence[Message]:
        """Return the message that asks a device for its state; one that sleeps would not hear it."""
        member = self._topics.get(device)
        if member is None or not member.listed.mains:
            return ()
        channels = member.listed.exposed.channels
        wanted = {
            key: channel for key, channel in channels.items() if channel.gettable and channel.feature.property
        }
        asked = {
            key: channel.question()
            for key, channel in wanted.items()
            # the answer to how white a lamp is tells its colour too, and each question takes radio time
            if not channel.space or key.replace("color", "color_temp", 1) not in wanted
        }
        return (_tell(device, "get", asked),) if asked else ()

    # ------------------------------------------------------------------------- what is there

    def _read_devices(self, payload: bytes) -> Sequence[Event]:
        try:
            devices = dict(list_devices(items_of(payload), self._base))
        except ValueError:
            return ()
        return self._settle(devices)

    def _read_groups(self, payload: bytes) -> Sequence[Event]:
        try:
            self._groups = tuple(items_of(payload))
        except ValueError:
            return ()
        members = self._members.items()
        return self._settle({address: one.listed for address, one in members if not one.listed.members})

    def _settle(self, devices: Mapping[str, Listed]) -> list[Event]:
        """Return what changed since the lists were last read, and remember them."""
        listed = {**dict(list_groups(self._groups, self._base, devices)), **devices}
        events: list[Event] = []
        changed: list[tuple[str, _Member]] = []
        for address in [address for address in self._members if address not in listed]:
            events += self._forget(self._members.pop(address))
        for address, one in listed.items():
            member = self._members.get(address)
            if member is not None and member.listed == one:
                continue
            if member is None:
                member = self._members[address] = _Member(one)
            elif member.listed.id != one.id:
                events += self._forget(member)
                member.available = member.online = None
            member.listed = one
            changed.append((address, member))
        for address, member in changed:
            events += self._introduce(address, member)
        return events

    def _forget(self, member: _Member) -> list[Event]:
        gone = member.listed.id
        if self._topics.get(gone) is not member:
            return []
        del self._topics[gone]
        self._filters.drop(gone, f"{gone}/availability")
        return [Gone(gone)]

    def _introduce(self, address: str, member: _Member) -> list[Event]:
        """Return that a device is there, with what it said before anybody knew it."""
        topic = member.listed.id
        if self._topics.setdefault(topic, member) is not member:
            return []  # two of one name: the first keeps it
        if "/" in topic.removeprefix(f"{self._base}/"):
            self._filters.add(
                *(each for each in (topic, f"{topic}/availability") if not self._is_foreseen(each))
            )
        events: list[Event] = [Found(member.listed.device(self._base, address))]
        available = self._waiting.take(f"{topic}/availability")
        if available is not None:
            member.available = _is_online(available.payload)
        events += self._presence(member)
        early = self._waiting.take(topic)
        return [*events, *self._read_state(member, early.payload if early is not None else member.state)]

    def _is_foreseen(self, topic: str) -> bool:
        rest = topic.removeprefix(f"{self._base}/")
        return rest.count("/") == 1 and rest.endswith("/availability")

    # ------------------------------------------------------------------------- how it is

    def _read_state(self, member: _Member, payload: bytes) -> list[Report]:
        state = as_mapping(json_of(payload))
        if not state:
            return []
        member.state = payload if len(payload) <= KEPT_STATE_BYTES else b""
        device, channels = member.listed.id, member.listed.exposed.channels
        reports: list[Report] = []
        for key, value in state.items():
            channel = channels.get(key)
            if channel is None:
                continue
            if channel.space and state.get(key.replace("color", "color_mode", 1)) == "color_temp":
                value = None  # a white lamp still tells where its white lies among the colours
            reports += report(device, channel.feature, value, channel.read(value))
        return reports

    def _read_bridge_state(self, payload: bytes) -> list[Event]:
        alive = _is_online(payload)
        if alive is None:
            return []
        self._alive = alive
        return [event for member in self._topics.values() for event in self._presence(member)]

    def _read_availability(self, member: _Member, payload: bytes) -> list[Event]:
        if payload:
            available = _is_online(payload)
            member.available = member.available if available is None else available
        else:
            member.available = None  # taken off the broker: nobody watches any more
        return self._presence(member)

    def _presence(self, member: _Member) -> list[Event]:
        """Return whether a device can be reached, where that is known and news."""
        if self._alive is None and member.available is None:
            return []
        online = self._alive is not False and member.available is not False
        if online == member.online:
            return []
        member.online = online
        return [Presence(member.listed.id, online)]

    def _read_logging(self, payload: bytes) -> list[Event]:
        entry = as_mapping(json_of(payload))
        if entry.get("level") not in ("error", "warning"):
            return []
        message = as_text(entry.get("message"))
        said = FAILED.search(message) or UNABLE.search(message)
        member = self._topics.get(f"{self._base}/{said['name']}") if said else None
        if said is None or member is None:
            return []
        cause = CAUSE.search(message)
        reason = cause["cause"] if cause else said["reason"]
        return [Refusal(member.listed.id, reason[:REASON_LIMIT])]


def _tell(device: DeviceId, verb: str, content: Mapping[str, object]) -> Message:
    # a device is called after the topic of its state
    return Message(f"{device}/{verb}", json.dumps(content).encode())


def _is_online(payload: bytes) -> bool | None:
    """Return whether something is online; older versions say it in plain text."""
    said = text_of(payload) or ""
    state = as_text(as_mapping(json_of(payload)).get("state")) or said.strip()
    return {"online": True, "offline": False}.get(state)
