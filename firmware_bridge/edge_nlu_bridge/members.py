"""Make one device of the home out of the entities that name it.

Its features are those of its entities, each named by its entity where several have the like. It can be
reached when what it names as a sign of life says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from edge_nlu.values import Device, DeviceId, Event, Feature, Held, Presence, Report
from edge_nlu_bridge.channels import ByField, ByValue, ByWord, Channel, Part, Payload, Source, shared
from edge_nlu_bridge.discovery import Entity, Owner
from edge_nlu_bridge.entities import RANKS, channels, types
from edge_nlu_bridge.operations import MISSING, spelled
from edge_nlu_bridge.payloads import as_list, as_mapping, as_text
from edge_nlu_bridge.templates import Template, template

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
    """An entity as it counts for its device: how it is called, its channels, its signs of life."""

    key: str
    handle: str
    component: str
    called: str
    name: str
    sort: str
    types: tuple[str, ...]
    ids: tuple[str, ...]
    owner: Owner | None
    channels: tuple[Channel, ...]
    watches: tuple[Watch, ...] = ()
    mode: str = "latest"
    place: str = ""
    """Where it was announced; another announcement may have taken it over."""


class Node:
    """What is remembered of one device to make sense of the next message."""

    __slots__ = ("_latest", "_on", "_online", "_said", "id", "identities", "mark", "members")

    def __init__(self, device: DeviceId) -> None:
        self.id = device
        self.identities: tuple[str, ...] = ()
        self.members: tuple[Member, ...] = ()
        self.mark: int | None = None
        self._on: tuple[str, ...] = ()
        self._said: tuple[tuple[Watch, bool], ...] = ()
        self._latest: bool | None = None
        self._online: bool | None = None

    def settle(self, members: Iterable[Member]) -> Device | None:
        """Take these entities for all that it has; return the device, None when it has nothing."""
        ranked = sorted(members, key=lambda member: (RANKS[member.component], member.key))
        self.members = tuple(_apart(ranked))
        watches = {watch for member in self.members for watch in member.watches}
        self._said = tuple(said for said in self._said if said[0] in watches)
        return _described(self) if self.members else None

    def topics(self) -> set[str]:
        """Return the topics, some with wildcards, that tell something of the device."""
        heard = {
            heard.topic for member in self.members for channel in member.channels for heard in channel.sources
        }
        return heard | {watch.topic for member in self.members for watch in member.watches}

    def hear(self, topic: str, payload: Payload, only: Collection[str] | None = None) -> list[Event]:
        """Return what a message tells that came for one of these topics, perhaps of some features only."""
        watched = False
        reports: list[Event] = []
        for member in self.members:
            for watch in member.watches:
                watched = (watch.topic == topic and self._watch(watch, payload)) or watched
            for channel in member.channels:
                for heard in channel.sources:
                    if heard.topic == topic and (only is None or channel.feature.key in only):
                        reports += self._report(channel, heard, payload)
        return [*self.presence(), *reports] if watched else reports

    def _report(self, channel: Channel, heard: Source, payload: Payload) -> Iterator[Event]:
        feature = channel.feature
        told, held = heard.read(feature, payload)
        if told:
            if feature.property == "power":
                others = (key for key in self._on if key != feature.key)
                self._on = (*others, feature.key) if held is True else tuple(others)
            yield Report(self.id, feature.key, held)

    def _watch(self, watch: Watch, payload: Payload) -> bool:
        yes = watch.read(payload)
        if yes is None:
            return False
        if (watch, yes) not in self._said:
            self._said = (*(said for said in self._said if said[0] != watch), (watch, yes))
        self._latest = yes
        return True

    def tell(self, settings: Sequence[tuple[str, Held]]) -> list[Part]:
        """Return what tells the device all this; nothing when it cannot be told any of it."""
        channels = {channel.feature.key: channel for member in self.members for channel in member.channels}
        parts: list[Part] = []
        awake = {*self._on, *(key for key, _ in settings)}
        for key, held in settings:
            channel = channels.get(key)
            part = channel.tell(held) if channel is not None else None
            if channel is None or part is None:
                return []
            wake = channels.get(channel.wake)
            on = wake.tell(held=True) if wake is not None and channel.wake not in awake else None
            awake.add(channel.wake)
            parts += [one for one in ([on, part] if channel.wake_first else [part, on]) if one is not None]
        return parts

    def presence(self) -> list[Event]:
        """Return whether the device can be reached, where that is known and news."""
        verdicts = [self._verdict(member) for member in self.members if member.watches]
        known = [verdict for verdict in verdicts if verdict is not None]
        if not known or any(known) == self._online:
            return []
        self._online = any(known)
        return [Presence(self.id, self._online)]

    def _verdict(self, member: Member) -> bool | None:
        said = [yes for watch, yes in self._said if watch in member.watches]
        if not said:
            return None
        if member.mode == "all":
            return all(said)
        return any(said) if member.mode == "any" or self._latest is None else self._latest


def member_of(entity: Entity, place: str = "") -> Member:
    """Return an entity as it counts for its device."""
    config = entity.config
    listed = [as_mapping(each) for each in as_list(config.get("availability"))]
    if as_text(config.get("availability_topic")):
        renamed = {"topic": "availability_topic", "value_template": "availability_template"}
        words = {name: name for name in ("payload_available", "payload_not_available")}
        listed.append({name: config.get(key) for name, key in (renamed | words).items()})
    watches = tuple(shared(watch) for watch in map(_watch, listed) if watch is not None)
    # within a node, objects are only called after what they measure
    ids = (entity.node,) if entity.node else (entity.object_id,)
    return Member(
        key=place if entity.key == place else entity.key,
        handle=entity.handle,
        component=entity.component,
        called=as_text(config.get("name")).strip() or entity.object_id.replace("_", " "),
        name=entity.name,
        sort=shared(as_text(config.get("device_class"))),
        types=shared(types(entity)),
        ids=(*ids, entity.unique),
        owner=shared(entity.owner),
        channels=channels(entity),
        watches=watches,
        mode=as_text(config.get("availability_mode")) or "latest",
        place=place,
    )


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


def _described(node: Node) -> Device:
    owners = [member.owner for member in node.members if member.owner]
    names = [owner.name for owner in owners] or [member.called for member in node.members]
    features = tuple(feature for feature in _parted(node.members))
    sorts = [] if any(feature.settable for feature in features) else ["sensor"]
    sorts += [sort for member in node.members for sort in member.types]
    return Device(
        id=node.id,
        name=next(filter(None, names), node.id.partition("/")[2]),
        features=shared(features),
        types=shared(tuple(dict.fromkeys(sorts))[:TYPES_LIMIT]),
        ids=tuple(dict.fromkeys(filter(None, _ids(node, owners)))),
        room=next((owner.area for owner in owners if owner.area), ""),
    )


def _ids(node: Node, owners: Sequence[Owner]) -> Iterator[str]:
    """Yield the names that a configuration may use for a device."""
    convention, _, own = node.id.partition("/")
    yield from (node.id, own)
    for owner in owners:
        yield from owner.identities
    for member in node.members:
        named, unique = member.ids
        yield from (f"{convention}/{named}", named)
        if len(node.members) <= FEW:
            yield unique


def _apart(members: Sequence[Member]) -> Iterator[Member]:
    """Yield members no two of which have the same handle."""
    counted = Counter(member.handle for member in members)
    for member in members:
        if counted[member.handle] == 1:
            yield member
            continue
        start = len(member.handle)
        channels_ = tuple(
            replace(
                channel,
                feature=replace(channel.feature, key=member.key + channel.feature.key[start:]),
                wake=channel.wake and member.key + channel.wake[start:],
            )
            for channel in member.channels
        )
        yield replace(member, channels=channels_)


def _parted(members: Sequence[Member]) -> Iterator[Feature]:
    """Yield the features of a device, each named by its entity where several entities have the like."""
    having: dict[tuple[str, ...], set[str]] = {}
    for member in members:
        for channel in member.channels:
            having.setdefault(_likeness(member, channel.feature), set()).add(member.key)
    for member in members:
        for channel in member.channels:
            feature = channel.feature
            if len(having[_likeness(member, feature)]) > 1 and not feature.part:
                part = _part(member, feature)
                if not part and feature.settable and member.component != members[0].component:
                    part = member.component.replace("_", " ")
                feature = shared(replace(feature, part=part))
            yield feature


def _likeness(member: Member, feature: Feature) -> tuple[str, ...]:
    """Return what two features have in common when only a name tells them apart."""
    if feature.settable:
        return "told", feature.property or (member.component if member.component == "switch" else feature.key)
    return "heard", feature.property or feature.key, feature.kind, member.sort or member.component


def _part(member: Member, feature: Feature) -> str:
    """Return the name of an entity without the words for what it measures."""
    spare = {*feature.property.split("_"), *member.sort.split("_")}
    words = member.name.split()
    return " ".join(word for word in words if word.lower() not in spare) if len(words) > 1 else member.name
