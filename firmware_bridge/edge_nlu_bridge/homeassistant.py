"""Speak with whatever announces itself for Home Assistant: announcements and states in, commands out.

Devices say in a retained announcement on which topics they tell and are told what, so no topic is known
beforehand. Entities that name the same device are one device of the home. Devices that another bridge speaks
to directly announce themselves too, and are left to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from edge_nlu.values import Command, DeviceId, Event, Found, Gone, Message
from edge_nlu_bridge.channels import Payload, messages
from edge_nlu_bridge.discovery import entities
from edge_nlu_bridge.members import Member, Node, member_of, told_topics
from edge_nlu_bridge.payloads import LIST_LIMIT_BYTES, Waiting, as_mapping, json_of

DIRECT = ("zigbee2mqtt/", "shelly")
"""How topics begin of devices that other bridges speak to, where they are not told otherwise."""


class HomeAssistant:
    """The bridge to devices that announce themselves under one discovery prefix."""

    name = "homeassistant"

    def __init__(self, prefix: str = "homeassistant", skip: Sequence[str] = DIRECT) -> None:
        self._prefix = prefix
        self._skip = tuple(skip)
        self._announced: dict[str, tuple[int, Node]] = {}
        self._known: dict[str, Node] = {}
        self._nodes: dict[DeviceId, Node] = {}
        self._topics: dict[str, Node | list[Node]] = {}
        self._wild: dict[str, set[str]] = {}
        self._latest = Waiting(topics=2_000, size_bytes=256 << 10)
        self._foreseen = (f"{prefix}/+/+/config", f"{prefix}/+/+/+/config")
        self._filters: tuple[str, ...] | None = self._foreseen

    def leave_to_others(self, bases: Iterable[str]) -> None:
        """Leave devices that tell under these topics to the bridges that speak to them directly."""
        self._skip = (*self._skip, *(f"{base}/" for base in bases))

    def subscriptions(self) -> tuple[str, ...]:
        """Return the topic filters to listen to: announcements, and every topic that one of them named.

        They grow with each device found, so ask again after each `Found` and `Gone`.
        """
        if self._filters is None:
            named = (topic for topic in self._topics if not self._is_covered(topic))
            self._filters = (*self._foreseen, *named)
        return self._filters

    def read(self, message: Message) -> Sequence[Event]:
        """Return what a message tells."""
        start, _, place = message.topic.partition(f"{self._prefix}/")
        if not start and place.endswith("/config") and place.count("/") in (2, 3):
            return self._read_announced(place.removesuffix("/config"), message.payload)
        if message.payload and not message.topic.startswith(self._skip):
            self._latest.keep(message)
        heard = [topic for topic in self._named(message.topic) if topic in self._topics]
        if not heard:
            return ()
        payload = Payload(message.payload)
        return [event for topic in heard for node in self._at(topic) for event in node.hear(topic, payload)]

    def write(self, command: Command) -> Sequence[Message]:
        """Return the messages that tell a device, what goes into one JSON object together."""
        node = self._nodes.get(command.device)
        return messages(node.tell(command.settings)) if node is not None else ()

    def inquire(self, device: DeviceId) -> Sequence[Message]:
        """Return nothing: here nobody can be asked."""
        del device
        return ()

    # ------------------------------------------------------------------------- what is there

    def _read_announced(self, place: str, payload: bytes) -> list[Event]:
        if "" in place.split("/"):
            return []
        if not payload:
            return self._withdraw(place)
        mark, holder = self._announced.get(place, (0, None))
        if holder is not None and mark == hash(payload):
            return []
        said = as_mapping(json_of(payload, LIST_LIMIT_BYTES))
        if not said or said.get("migrate_discovery") is True:
            return []
        found = [member_of(entity, place) for entity in entities(place, said)]
        found = [member for member in found if member.channels and not self._is_skipped(member)]
        if not found:
            return self._withdraw(place)
        node = self._node_of(found[0], place)
        events = self._withdraw(place) if holder not in (None, node) else []
        fresh = {member.key: member for member in found}
        self._announced[place] = hash(payload), node
        kept = [member for member in node.members if member.place != place and member.key not in fresh]
        return [*events, *self._settle(node, [*kept, *fresh.values()]), *self._early(node, fresh)]

    def _withdraw(self, place: str) -> list[Event]:
        """Return what follows when an announcement is taken back."""
        _, node = self._announced.pop(place, (0, None))
        if node is None:
            return []
        return self._settle(node, [member for member in node.members if member.place != place])

    def _settle(self, node: Node, members: Sequence[Member]) -> list[Event]:
        """Return that a device is there, is another or is gone, and listen to what it tells now."""
        topics, before = node.topics(), node.mark
        device = node.settle(members)
        node.mark = None if device is None else hash(device)
        for topic in topics - node.topics():
            self._leave(topic, node)
        for topic in node.topics() - topics:
            self._join(topic, node)
        if device is not None:
            return [Found(device)] if node.mark != before else []
        if self._nodes.get(node.id) is not node:
            return []  # another announcement took over all that it had
        del self._nodes[node.id]
        for identity in node.identities:
            del self._known[identity]
        return [Gone(node.id)] if before is not None else []

    def _node_of(self, member: Member, place: str) -> Node:
        """Return the device that an entity belongs to, a new one where nobody spoke of it before."""
        identities = member.owner.identities if member.owner else (f"/{place}",)
        node = next((self._known[each] for each in identities if each in self._known), None)
        if node is None:
            name = identities[0] if member.owner else place.partition("/")[2]
            device = f"{self.name}/{name}"
            if device in self._nodes:
                device = f"{self.name}/{place}"  # several kinds of entities with one object id
            node = self._nodes[device] = Node(device)
        new = tuple(each for each in identities if each not in self._known)
        self._known.update(dict.fromkeys(new, node))
        node.identities += new
        return node

    def _is_skipped(self, member: Member) -> bool:
        """Return whether an entity is one that another bridge speaks to."""
        heard = (source.topic for channel in member.channels for source in channel.sources)
        told = (topic for channel in member.channels for topic in told_topics(channel))
        return any(topic.startswith(self._skip) for topics in (heard, told) for topic in topics)

    def _early(self, node: Node, fresh: Collection[str]) -> list[Event]:
        """Return what was said of new entities before they were known."""
        found = [member for member in node.members if member.key in fresh]
        keys = {channel.feature.key for member in found for channel in member.channels}
        topics = {
            source.topic for member in found for channel in member.channels for source in channel.sources
        }
        topics |= {watch.topic for member in found for watch in member.watches}
        events: list[Event] = []
        for topic in sorted(topics):
            said = self._latest.take(topic)
            if said is not None:
                self._latest.keep(said)  # whoever is announced next may read it too
                events += node.hear(topic, Payload(said.payload), keys)
        return [*events, *node.presence()]

    # --------------------------------------------------------------------------- who listens

    def _join(self, topic: str, node: Node) -> None:
        if topic not in self._topics:
            self._filters = None
            if _is_wild(topic):
                self._wild.setdefault(_end(topic), set()).add(topic)
        there = self._topics.setdefault(topic, node)
        if isinstance(there, list):
            there.append(node)
        elif there is not node:
            self._topics[topic] = [there, node]

    def _leave(self, topic: str, node: Node) -> None:
        there = self._topics[topic]
        if isinstance(there, list):
            there.remove(node)
        if there is node or there == []:
            del self._topics[topic]
            self._filters = None
            if _is_wild(topic):
                self._wild[_end(topic)].discard(topic)

    def _at(self, topic: str) -> Sequence[Node]:
        there = self._topics.get(topic, [])
        return there if isinstance(there, list) else (there,)

    def _named(self, topic: str) -> Iterator[str]:
        """Yield a topic, and the filters in use that let it through."""
        yield topic
        if self._wild:
            for end in {_end(topic), ""}:
                yield from (wild for wild in self._wild.get(end, ()) if wild != topic and covers(wild, topic))

    def _is_covered(self, topic: str) -> bool:
        foreseen = any(covers(wild, topic) for wild in self._foreseen)
        return foreseen or any(wild != topic for wild in self._named(topic))


def covers(wild: str, topic: str) -> bool:
    """Return whether a topic filter lets a topic, or all that another filter does, through."""
    names, levels = wild.split("/"), topic.split("/")
    for at, name in enumerate(names):
        if name == "#":
            return True
        if at >= len(levels) or (name != levels[at] and (name != "+" or levels[at] == "#")):
            return False
    return len(names) == len(levels)


def _is_wild(topic: str) -> bool:
    return "+" in topic or "#" in topic


def _end(topic: str) -> str:
    """Return the last level of a topic, an empty string where it may be any."""
    last = topic.rpartition("/")[2]
    return "" if last in ("+", "#") else last
