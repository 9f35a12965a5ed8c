"""Speak with whatever announces itself for Home Assistant: announcements and states in, commands out.

Devices say in a retained announcement on which topics they tell and are told what, so no topic is known
beforehand. Entities that name the same device are one device of the home. Devices that another bridge speaks
to directly announce themselves too, and are left to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from edge_nlu.values import (
    Command,
    Device,
    DeviceId,
    Event,
    Feature,
    Found,
    Gone,
    Held,
    Message,
    Presence,
    Report,
)
from edge_nlu_bridge.channels import ByField, ByValue, ByWord, Channel, Part, Payload, Source, messages
from edge_nlu_bridge.discovery import Entity, entities
from edge_nlu_bridge.entities import RANKS, channels, types
from edge_nlu_bridge.payloads import LIST_LIMIT_BYTES, Waiting, as_list, as_mapping, as_text, json_of
from edge_nlu_bridge.templates import MISSING, Template, spelled, template

TYPES_LIMIT = 12
FEW = 3
"""A device of so few entities may be named by the ids of any of them."""


@dataclass(frozen=True, slots=True)
class _Watch:
    """A topic that says whether something can be reached, and its words for yes and no."""

    topic: str
    form: Template | None
    yes: str
    no: str

    def read(self, payload: Payload) -> bool | None:
        said = payload.through(self.form)
        word = "" if said is MISSING else spelled(said).strip()
        return {self.yes: True, self.no: False}.get(word)


@dataclass(frozen=True, slots=True)
class _Member:
    """An entity as it counts here: its channels, and how one knows that it can be reached."""

    entity: Entity
    channels: tuple[Channel, ...]
    watches: tuple[_Watch, ...] = ()
    mode: str = "latest"


class _Node:
    """What is remembered of one device to make sense of the next message."""

    __slots__ = (
        "device",
        "held",
        "id",
        "identities",
        "latest",
        "listeners",
        "members",
        "online",
        "said",
        "told",
    )

    def __init__(self, device: DeviceId, identities: tuple[str, ...]) -> None:
        self.id = device
        self.identities = identities
        self.members: dict[str, _Member] = {}
        self.device: Device | None = None
        self.listeners: dict[str, tuple[tuple[Channel, Source], ...]] = {}
        self.told: dict[str, Channel] = {}
        self.held: dict[str, Held | None] = {}
        self.said: dict[_Watch, bool] = {}
        self.latest: bool | None = None
        self.online: bool | None = None

    def settle(self) -> None:
        """Bring up to date what follows from the members."""
        members = sorted(
            self.members.values(), key=lambda member: (RANKS[member.entity.component], member.entity.key)
        )
        self.told = {channel.feature.key: channel for channel in _parted(members)}
        listeners: dict[str, list[tuple[Channel, Source]]] = {}
        for channel in self.told.values():
            for heard in channel.sources:
                listeners.setdefault(heard.topic, []).append((channel, heard))
        self.listeners = {topic: tuple(heard) for topic, heard in listeners.items()}
        watched = {watch for member in members for watch in member.watches}
        self.said = {watch: yes for watch, yes in self.said.items() if watch in watched}
        self.device = _described(self, members) if members else None

    def topics(self) -> set[str]:
        """Return the topics that tell something of the device."""
        return {*self.listeners, *(watch.topic for one in self.members.values() for watch in one.watches)}

    def presence(self) -> list[Event]:
        """Return whether the device can be reached, where that is known and news."""
        verdicts = [self._verdict(member) for member in self.members.values() if member.watches]
        known = [verdict for verdict in verdicts if verdict is not None]
        if not known or any(known) == self.online:
            return []
        self.online = any(known)
        return [Presence(self.id, self.online)]

    def _verdict(self, member: _Member) -> bool | None:
        said = [self.said[watch] for watch in member.watches if watch in self.said]
        if not said:
            return None
        if member.mode == "all":
            return all(said)
        return any(said) if member.mode == "any" or self.latest is None else self.latest


class HomeAssistant:
    """The bridge to devices that announce themselves under one discovery prefix."""

    name = "homeassistant"

    def __init__(self, prefix: str = "homeassistant", skip: Sequence[str] = ("zigbee2mqtt/",)) -> None:
        self._prefix = prefix
        self._skip = tuple(skip)
        self._announced: dict[str, tuple[int, _Node, tuple[str, ...]]] = {}
        self._known: dict[str, _Node] = {}
        self._nodes: dict[DeviceId, _Node] = {}
        self._topics: dict[str, dict[_Node, None]] = {}
        self._wild: dict[str, dict[_Node, None]] = {}
        self._latest = Waiting(topics=2_000, size_bytes=256 << 10)
        self._foreseen = (f"{prefix}/+/+/config", f"{prefix}/+/+/+/config")
        self._filters: tuple[str, ...] | None = self._foreseen

    def subscriptions(self) -> tuple[str, ...]:
        """Return the topic filters to listen to: announcements, and every topic that one of them named.

        They grow with each device found, so ask again after each `Found` and `Gone`.
        """
        if self._filters is None:
            plain = (topic for topic in self._topics if not any(_covers(wild, topic) for wild in self._wild))
            others = list(self._wild)
            wild = (one for one in others if not any(_covers(other, one) for other in others if other != one))
            own = (
                topic for topic in (*plain, *wild) if not any(_covers(each, topic) for each in self._foreseen)
            )
            self._filters = (*self._foreseen, *own)
        return self._filters

    def read(self, message: Message) -> Sequence[Event]:
        """Return what a message tells."""
        topic = message.topic
        start, _, place = topic.partition(f"{self._prefix}/")
        if not start and place.endswith("/config") and place.count("/") in (2, 3):
            return self._read_announced(place.removesuffix("/config"), message.payload)
        if not topic.startswith(self._skip) and message.payload:
            self._latest.keep(message)
        nodes = [*self._topics.get(topic, ())]
        nodes += [node for wild, named in self._wild.items() if _covers(wild, topic) for node in named]
        if not nodes:
            return ()
        payload = Payload(message.payload)
        return [event for node in dict.fromkeys(nodes) for event in self._read_told(node, topic, payload)]

    def write(self, command: Command) -> Sequence[Message]:
        """Return the messages that tell a device, those in one JSON object together."""
        node = self._nodes.get(command.device)
        if node is None:
            return ()
        parts: list[Part] = []
        woken = {key for key, held in node.held.items() if held is True}
        woken |= {key for key, _ in command.settings}
        for key, held in command.settings:
            channel = node.told.get(key)
            part = channel.tell(held) if channel is not None else None
            if channel is None or part is None:
                return ()
            wake = node.told.get(channel.wake)
            on = wake.tell(True) if wake is not None and wake.feature.key not in woken else None
            woken.add(channel.wake)
            both = [on, part] if channel.wake_first else [part, on]
            parts += [one for one in both if one is not None]
        return messages(parts)

    def inquire(self, device: DeviceId) -> Sequence[Message]:
        """Return nothing: here nobody can be asked."""
        del device
        return ()

    # ------------------------------------------------------------------------- what is there

    def _read_announced(self, place: str, payload: bytes) -> list[Event]:
        if "" in place.split("/"):
            return []
        before = self._announced.get(place)
        if not payload:
            return self._withdraw(place)
        if before is not None and before[0] == hash(payload):
            return []
        said = as_mapping(json_of(payload, LIST_LIMIT_BYTES))
        if not said or said.get("migrate_discovery") is True:
            return []
        found = [member for member in map(_member, entities(place, said)) if not self._is_skipped(member)]
        found = [member for member in found if member.channels]
        if not found:
            return self._withdraw(place)
        node = self._node_of(found[0].entity, place)
        events = self._withdraw(place) if before is not None and before[1] is not node else []
        old = before[2] if before is not None and before[1] is node else ()
        topics = node.topics()
        for key in old:
            node.members.pop(key, None)
        fresh = {member.entity.key: member for member in found}
        node.members.update(fresh)
        self._announced[place] = hash(payload), node, tuple(fresh)
        return [*events, *self._resettle(node, topics), *self._early(node, fresh)]

    def _withdraw(self, place: str) -> list[Event]:
        """Return what follows when an announcement is taken back."""
        _, node, keys = self._announced.pop(place, (0, None, ()))
        if node is None:
            return []
        topics = node.topics()
        for key in keys:
            node.members.pop(key, None)
        return self._resettle(node, topics)

    def _resettle(self, node: _Node, topics: set[str]) -> list[Event]:
        """Return that a device is there, is another or is gone, and listen to what it tells now."""
        before = node.device
        node.settle()
        self._listen(node, topics)
        if node.device is None:
            self._nodes.pop(node.id, None)
            for identity in node.identities:
                if self._known.get(identity) is node:
                    del self._known[identity]
            return [Gone(node.id)] if before is not None else []
        return [Found(node.device)] if node.device != before else []

    def _listen(self, node: _Node, before: set[str]) -> None:
        after = node.topics()
        for topic in before - after:
            table = self._wild if set(topic) & {"+", "#"} else self._topics
            listeners = table.get(topic, {})
            listeners.pop(node, None)
            if not listeners:
                table.pop(topic, None)
                self._filters = None
        for topic in after - before:
            table = self._wild if set(topic) & {"+", "#"} else self._topics
            if topic not in table:
                self._filters = None
            table.setdefault(topic, {})[node] = None

    def _node_of(self, entity: Entity, place: str) -> _Node:
        """Return the device that an entity belongs to, a new one where nobody spoke of it before."""
        identities = entity.owner.identities if entity.owner else (f"/{place}",)
        node = next((self._known[each] for each in identities if each in self._known), None)
        if node is None:
            name = (
                entity.owner.identities[0]
                if entity.owner
                else "/".join(filter(None, (entity.node, entity.object_id)))
            )
            device = f"{self.name}/{name}"
            if device in self._nodes:
                device = f"{self.name}/{place}"  # two kinds of entities with one object id
            node = self._nodes[device] = _Node(device, ())
        node.identities = tuple(dict.fromkeys((*node.identities, *identities)))
        for identity in identities:
            self._known.setdefault(identity, node)
        return node

    def _is_skipped(self, member: _Member) -> bool:
        """Return whether an entity is one that another bridge speaks to."""
        heard = [each.topic for channel in member.channels for each in channel.sources]
        told = [topic for channel in member.channels for topic in _told_topics(channel)]
        return bool(self._skip) and any(topic.startswith(self._skip) for topic in (*heard, *told))

    def _early(self, node: _Node, fresh: Mapping[str, _Member]) -> list[Event]:
        """Return what was said of new entities before they were known."""
        keys = {channel.feature.key for member in fresh.values() for channel in member.channels}
        topics = {
            heard.topic
            for member in fresh.values()
            for channel in member.channels
            for heard in channel.sources
        }
        topics |= {watch.topic for member in fresh.values() for watch in member.watches}
        events: list[Event] = []
        for topic in sorted(topics):
            said = self._latest.take(topic)
            if said is not None:
                self._latest.keep(said)
                told = self._read_told(node, topic, Payload(said.payload))
                events += [event for event in told if not isinstance(event, Report) or event.key in keys]
        return [*events, *node.presence()]

    # ------------------------------------------------------------------------- how it is

    def _read_told(self, node: _Node, topic: str, payload: Payload) -> list[Event]:
        events: list[Event] = []
        watches = {watch for member in node.members.values() for watch in member.watches}
        for watch in watches:
            if watch.topic == topic or _covers(watch.topic, topic):
                yes = watch.read(payload)
                if yes is not None:
                    node.said[watch] = node.latest = yes
        events += node.presence()
        for channel, heard in self._heard(node, topic):
            told, held = heard.read(channel.feature, payload)
            if told:
                if channel.feature.property == "power":
                    node.held[channel.feature.key] = held
                events.append(Report(node.id, channel.feature.key, held))
        return events

    def _heard(self, node: _Node, topic: str) -> Iterator[tuple[Channel, Source]]:
        yield from node.listeners.get(topic, ())
        if self._wild:
            for named, heard in node.listeners.items():
                if named != topic and _covers(named, topic):
                    yield from heard


def _member(entity: Entity) -> _Member:
    config = entity.config
    watches: list[_Watch] = []
    yes, no = config.get("payload_available"), config.get("payload_not_available")
    listed = [as_mapping(each) for each in as_list(config.get("availability"))]
    if as_text(config.get("availability_topic")):
        listed.append(
            {
                "topic": config.get("availability_topic"),
                "value_template": config.get("availability_template"),
                "payload_available": yes,
                "payload_not_available": no,
            }
        )
    for each in listed:
        text = as_text(each.get("value_template"))
        form = template(text) if text else None
        topic = as_text(each.get("topic"))
        if topic and (form or not text):
            available, unavailable = each.get("payload_available"), each.get("payload_not_available")
            watches.append(
                _Watch(
                    topic,
                    form,
                    "online" if available is None else spelled(available),
                    "offline" if unavailable is None else spelled(unavailable),
                )
            )
    mode = as_text(config.get("availability_mode")) or "latest"
    return _Member(entity, channels(entity), tuple(watches), mode)


def _told_topics(channel: Channel) -> Iterable[str]:
    match channel.teller:
        case ByWord(words=words):
            return [topic for _, topic, _ in words]
        case ByValue(topic=topic) | ByField(topic=topic):
            return (topic,)
    return ()


def _described(node: _Node, members: Sequence[_Member]) -> Device:
    entities_ = [member.entity for member in members]
    owners = [entity.owner for entity in entities_ if entity.owner]
    lone = entities_[0]
    name = (
        next((owner.name for owner in owners if owner.name), "") or as_text(lone.config.get("name")).strip()
    )
    named = name or (owners[0].identities[0] if owners else lone.object_id.replace("_", " "))
    ids = [node.id, node.id.partition("/")[2], *(each for owner in owners for each in owner.identities)]
    ids += [entity.node for entity in entities_]
    # where a device has a node of its own, objects in it are called after what they measure
    ids += [
        each
        for entity in entities_
        if not entity.node
        for each in (f"homeassistant/{entity.object_id}", entity.object_id)
    ]
    if len(entities_) <= FEW:
        ids += [entity.unique for entity in entities_]
    features = tuple(channel.feature for channel in node.told.values())
    sorts = [sort for entity in entities_ for sort in types(entity)]
    if not any(feature.settable for feature in features):
        sorts = ["sensor", *sorts]
    return Device(
        id=node.id,
        name=named,
        features=features,
        types=tuple(dict.fromkeys(sorts))[:TYPES_LIMIT],
        ids=tuple(dict.fromkeys(filter(None, ids))),
        room=next((owner.area for owner in owners if owner.area), ""),
    )


def _parted(members: Sequence[_Member]) -> Iterator[Channel]:
    """Yield the channels of a device, each named by its entity where several entities have the like."""
    having: dict[tuple[str, ...], set[str]] = {}
    for member in members:
        for channel in member.channels:
            having.setdefault(_likeness(member, channel.feature), set()).add(member.entity.key)
    for member in members:
        for channel in member.channels:
            feature = channel.feature
            several = len(having[_likeness(member, feature)]) > 1
            if several and not feature.part:
                part = _part(member.entity, feature)
                if not part and feature.settable:
                    part = _sort(member.entity, members[0].entity)
                channel = replace(channel, feature=replace(feature, part=part))
            yield channel


def _likeness(member: _Member, feature: Feature) -> tuple[str, ...]:
    """Return what two features have in common when only a name tells them apart."""
    entity = member.entity
    if feature.settable:
        return "told", feature.property or (entity.component if entity.component == "switch" else feature.key)
    sort = as_text(entity.config.get("device_class"))
    return "heard", feature.property or feature.key, feature.kind, sort or entity.component


def _part(entity: Entity, feature: Feature) -> str:
    """Return the name of an entity without the words for what it measures."""
    spare = {*feature.property.split("_"), *as_text(entity.config.get("device_class")).split("_")}
    words = entity.name.split()
    return " ".join(word for word in words if word.lower() not in spare) if len(words) > 1 else entity.name


def _sort(entity: Entity, first: Entity) -> str:
    return "" if entity.component == first.component else entity.component.replace("_", " ")


def _covers(wild: str, topic: str) -> bool:
    """Return whether a topic filter lets a topic, or another filter, through."""
    names, levels = wild.split("/"), topic.split("/")
    for at, name in enumerate(names):
        if name == "#":
            return True
        if at >= len(levels) or (name != levels[at] and (name != "+" or levels[at] == "#")):
            return False
    return len(names) == len(levels)
