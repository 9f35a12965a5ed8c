"""Make one device of the home out of the entities that name it.

Its features are those of its entities, each named by its entity where several have the like. It can be
reached when what it names as a sign of life says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from edge_nlu.values import Device, DeviceId, Event, Feature, Held, Presence, Report
from edge_nlu_bridge.channels import ByField, ByValue, ByWord, Channel, Part, Payload, Source
from edge_nlu_bridge.discovery import Entity, Owner
from edge_nlu_bridge.entities import RANKS, channels, types
from edge_nlu_bridge.payloads import as_list, as_mapping, as_text
from edge_nlu_bridge.templates import MISSING, Template, spelled, template

TYPES_LIMIT = 12
FEW = 3
"""A device of so few entities may be named by the ids of any of them."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A topic that says whether something can be reached, and its words for yes and no."""

    topic: str
    form: Template | None
    yes: str
    no: str

    def read(self, payload: Payload) -> bool | None:
        """Return what a message says; None when it says neither."""
        said = payload.through(self.form)
        word = "" if said is MISSING else spelled(said).strip()
        return {self.yes: True, self.no: False}.get(word)


@dataclass(frozen=True, slots=True)
class Member:
    """An entity as it counts here: its channels, and how one knows that it can be reached."""

    entity: Entity
    channels: tuple[Channel, ...]
    watches: tuple[Watch, ...] = ()
    mode: str = "latest"


class Node:
    """What is remembered of one device to make sense of the next message."""

    __slots__ = (
        "_held",
        "_latest",
        "_listeners",
        "_online",
        "_said",
        "_watches",
        "channels",
        "device",
        "id",
        "identities",
        "members",
    )

    def __init__(self, device: DeviceId) -> None:
        self.id = device
        self.identities: tuple[str, ...] = ()
        self.members: dict[str, Member] = {}
        self.device: Device | None = None
        self.channels: dict[str, Channel] = {}
        self._listeners: dict[str, tuple[tuple[Channel, Source], ...]] = {}
        self._watches: dict[str, tuple[Watch, ...]] = {}
        self._held: dict[str, Held | None] = {}
        self._said: dict[Watch, bool] = {}
        self._latest: bool | None = None
        self._online: bool | None = None

    def settle(self) -> None:
        """Bring up to date what follows from the members."""
        members = sorted(
            self.members.values(), key=lambda member: (RANKS[member.entity.component], member.entity.key)
        )
        self.channels = {channel.feature.key: channel for channel in _parted(members)}
        listeners: dict[str, list[tuple[Channel, Source]]] = {}
        for channel in self.channels.values():
            for heard in channel.sources:
                listeners.setdefault(heard.topic, []).append((channel, heard))
        self._listeners = {topic: tuple(heard) for topic, heard in listeners.items()}
        watches: dict[str, dict[Watch, None]] = {}
        for watch in (watch for member in members for watch in member.watches):
            watches.setdefault(watch.topic, {})[watch] = None
        self._watches = {topic: tuple(there) for topic, there in watches.items()}
        self._said = {watch: yes for watch, yes in self._said.items() if watch.topic in watches}
        self.device = _described(self, members) if members else None

    def topics(self) -> set[str]:
        """Return the topics, some with wildcards, that tell something of the device."""
        return {*self._listeners, *self._watches}

    def hear(self, topic: str, payload: Payload, only: Collection[str] | None = None) -> list[Event]:
        """Return what a message tells that came for one of these topics, perhaps of some features only."""
        for watch in self._watches.get(topic, ()):
            yes = watch.read(payload)
            if yes is not None:
                self._said[watch] = self._latest = yes
        events = self.presence() if topic in self._watches else []
        for channel, heard in self._listeners.get(topic, ()):
            feature = channel.feature
            if only is not None and feature.key not in only:
                continue
            told, held = heard.read(feature, payload)
            if told:
                if feature.property == "power":
                    self._held[feature.key] = held
                events.append(Report(self.id, feature.key, held))
        return events

    def tell(self, settings: Sequence[tuple[str, Held]]) -> list[Part]:
        """Return what tells the device all this; nothing when it cannot be told any of it."""
        parts: list[Part] = []
        awake = {key for key, held in self._held.items() if held is True}
        awake |= {key for key, _ in settings}
        for key, held in settings:
            channel = self.channels.get(key)
            part = channel.tell(held) if channel is not None else None
            if channel is None or part is None:
                return []
            wake = self.channels.get(channel.wake)
            on = wake.tell(True) if wake is not None and channel.wake not in awake else None
            awake.add(channel.wake)
            parts += [one for one in ([on, part] if channel.wake_first else [part, on]) if one is not None]
        return parts

    def presence(self) -> list[Event]:
        """Return whether the device can be reached, where that is known and news."""
        verdicts = [self._verdict(member) for member in self.members.values() if member.watches]
        known = [verdict for verdict in verdicts if verdict is not None]
        if not known or any(known) == self._online:
            return []
        self._online = any(known)
        return [Presence(self.id, self._online)]

    def _verdict(self, member: Member) -> bool | None:
        said = [self._said[watch] for watch in member.watches if watch in self._said]
        if not said:
            return None
        if member.mode == "all":
            return all(said)
        return any(said) if member.mode == "any" or self._latest is None else self._latest


def member_of(entity: Entity) -> Member:
    """Return an entity as it counts for its device."""
    config = entity.config
    listed = [as_mapping(each) for each in as_list(config.get("availability"))]
    if as_text(config.get("availability_topic")):
        renamed = {"topic": "availability_topic", "value_template": "availability_template"}
        words = {name: name for name in ("payload_available", "payload_not_available")}
        listed.append({name: config.get(key) for name, key in (renamed | words).items()})
    watches = tuple(watch for watch in map(_watch, listed) if watch is not None)
    return Member(entity, channels(entity), watches, as_text(config.get("availability_mode")) or "latest")


def _watch(said: Mapping[str, object]) -> Watch | None:
    topic, text = as_text(said.get("topic")), as_text(said.get("value_template"))
    form = template(text) if text else None
    if not topic or (text and form is None):
        return None
    yes, no = said.get("payload_available"), said.get("payload_not_available")
    return Watch(
        topic,
        form,
        "online" if yes is None else spelled(yes),
        "offline" if no is None else spelled(no),
    )


def told_topics(channel: Channel) -> Iterable[str]:
    """Return the topics that a channel is told on."""
    match channel.teller:
        case ByWord(words=words):
            return [topic for _, topic, _ in words]
        case ByValue(topic=topic) | ByField(topic=topic):
            return (topic,)
    return ()


def _described(node: Node, members: Sequence[Member]) -> Device:
    parts = [member.entity for member in members]
    owners = [part.owner for part in parts if part.owner]
    names = [owner.name for owner in owners] or [as_text(part.config.get("name")).strip() for part in parts]
    unnamed = owners[0].identities[0] if owners else parts[0].object_id.replace("_", " ")
    features = tuple(channel.feature for channel in node.channels.values())
    sorts = [] if any(feature.settable for feature in features) else ["sensor"]
    sorts += [sort for part in parts for sort in types(part)]
    return Device(
        id=node.id,
        name=next(filter(None, names), unnamed),
        features=features,
        types=tuple(dict.fromkeys(sorts))[:TYPES_LIMIT],
        ids=tuple(dict.fromkeys(filter(None, _ids(node, parts, owners)))),
        room=next((owner.area for owner in owners if owner.area), ""),
    )


def _ids(node: Node, parts: Sequence[Entity], owners: Sequence[Owner]) -> Iterator[str]:
    """Yield the names that a configuration may use for a device."""
    convention, _, own = node.id.partition("/")
    yield from (node.id, own)
    for owner in owners:
        yield from owner.identities
    for part in parts:
        yield part.node
        if not part.node:
            # within a node, objects are only called after what they measure
            yield from (f"{convention}/{part.object_id}", part.object_id)
    if len(parts) <= FEW:
        yield from (part.unique for part in parts)


def _parted(members: Sequence[Member]) -> Iterator[Channel]:
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


def _likeness(member: Member, feature: Feature) -> tuple[str, ...]:
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
