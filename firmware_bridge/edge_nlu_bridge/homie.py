"""Speak Homie, 4 and 5 at once: descriptions and values in, `/set` out.

A Homie 5 device describes itself in one message, a Homie 4 device in dozens that may come in any order; it
is there once all of them are and it calls itself ready. A device is the same whichever version it speaks, and
where it speaks both the newer one counts. A child of a lost device is lost as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edge_nlu.values import Command, Device, DeviceId, Event, Found, Gone, Message, Presence
from edge_nlu_bridge.homie_description import Property, gather, read_description
from edge_nlu_bridge.payloads import Waiting, report, text_of

REACHABLE = {"ready": True, "alert": True, "lost": False, "disconnected": False, "sleeping": False}
"""What a state says of whether a command arrives; `init` says nothing yet."""

THINGS_LIMIT = 20_000
NOTHING: Mapping[str, Property] = {}
ATTRIBUTES_LIMIT = 4_000
"""So many attributes one Homie 4 device may have, so that no broken one fills the memory."""


class _Thing:
    """What is remembered of one Homie device to make sense of the next message.

    `device` is its id in the home, or "" as long as it is not there; `seen` tells whether it changed.
    """

    __slots__ = (
        "attributes", "children", "device", "id", "online", "properties", "root", "seen", "state", "version",
    )  # fmt: skip

    def __init__(self, id_: str, version: int) -> None:
        self.id = id_
        self.version = version
        self.attributes: dict[str, str] | None = None
        self.children: set[str] | None = None
        self.properties: Mapping[str, Property] = NOTHING
        self.root = ""
        self.device: DeviceId = ""
        self.seen = 0
        self.state = ""
        self.online: bool | None = None


class Homie:
    """The bridge to all devices under one Homie root."""

    name = "homie"

    def __init__(self, root: str = "homie") -> None:
        self._root = root
        self._things: dict[str, _Thing] = {}
        self._waiting = Waiting()
        # attributes and values of both versions lie three to five levels deep; `$target` lies deeper
        self._filters = (f"{root}/+/+", f"{root}/+/+/+", f"{root}/+/+/+/+")

    def subscriptions(self) -> tuple[str, ...]:
        """Return the topic filters to listen to."""
        return self._filters

    def read(self, message: Message) -> Sequence[Event]:
        """Return what a message tells."""
        if not message.topic.startswith(f"{self._root}/"):
            return ()
        path = message.topic[len(self._root) + 1 :].split("/")
        version = 5 if path[0] == "5" else 4
        if version == 5:
            del path[0]
        if not 2 <= len(path) <= 4 or not all(path) or len(message.topic) > 500:
            return ()
        id_, *rest = path
        if rest[-1].startswith("$"):
            return self._read_attribute(id_, version, "/".join(rest), message)
        if len(rest) == 2:
            return self._read_value(id_, version, "/".join(rest), message)
        return ()

    def write(self, command: Command) -> Sequence[Message]:
        """Return the messages that tell a device, one for each property."""
        thing = self._thing_of(command.device)
        if thing is None:
            return ()
        messages: list[Message] = []
        for key, held in command.settings:
            told = thing.properties.get(key)
            payload = told.write(held) if told is not None else None
            if payload is None:
                return ()
            messages.append(Message(f"{self._base(thing)}/{key}/set", payload.encode() or b"\0"))
        return messages

    def inquire(self, device: DeviceId) -> Sequence[Message]:  # noqa: ARG002
        """Return nothing: what a Homie device holds is retained."""
        return ()

    # ------------------------------------------------------------------------- what is there

    def _read_attribute(self, id_: str, version: int, path: str, message: Message) -> Sequence[Event]:
        text = text_of(message.payload)
        thing = self._thing(id_, version)
        if text is None or thing is None:
            return ()
        if not text and path in ("$state", "$description", "$homie"):
            return self._remove(thing)
        if path == "$state":
            return self._read_state(thing, text)
        if version == 5:
            return self._describe(thing, text) if path == "$description" else ()
        return self._read_piece(thing, path, text)

    def _thing(self, id_: str, version: int) -> _Thing | None:
        """Return what is remembered of a device; None where this version of it does not count."""
        thing = self._things.get(id_)
        if thing is None:
            if len(self._things) >= THINGS_LIMIT:
                return None
            thing = self._things[id_] = _Thing(id_, version)
        if version > thing.version:
            thing.version, thing.attributes, thing.state = version, None, ""
        return thing if version == thing.version else None

    def _read_piece(self, thing: _Thing, path: str, text: str) -> Sequence[Event]:
        """Take in one topic of a Homie 4 description."""
        pieces = thing.attributes = thing.attributes or {}
        if pieces.get(path, "") == text or len(pieces) >= ATTRIBUTES_LIMIT:
            return ()
        if text:
            pieces[path] = text
        else:
            del pieces[path]
        return self._complete(thing)

    def _complete(self, thing: _Thing) -> Sequence[Event]:
        """Return that a Homie 4 device is there, once all of its description is."""
        if REACHABLE.get(thing.state) is None or thing.attributes is None:
            return ()
        described = gather(thing.attributes)
        return self._describe(thing, described) if described is not None else ()

    def _describe(self, thing: _Thing, described: str) -> Sequence[Event]:
        description = read_description(described)
        if description is None:
            return ()
        self._adopt(thing, description.root)
        thing.properties = description.properties
        device = Device(
            id=f"{self._root}/{thing.id}",
            name=description.name or thing.id.replace("_", " ").replace("-", " "),
            features=description.features,
            types=description.types,
            ids=(f"{self._root}/{thing.id}", thing.id, f"{self._root}/5/{thing.id}"),
        )
        if thing.device and hash(device) == thing.seen:
            return self._presence(thing)
        if not device.features:  # it only holds others together
            gone, thing.device = thing.device, ""
            return [Gone(gone)] if gone else []
        thing.device, thing.seen = device.id, hash(device)
        return [Found(device), *self._early(thing), *self._presence(thing)]

    def _early(self, thing: _Thing) -> list[Event]:
        """Return what a device said before it was known."""
        events: list[Event] = []
        for key in thing.properties:
            early = self._waiting.take(f"{self._base(thing)}/{key}")
            if early is not None:
                events += self._read_value(thing.id, thing.version, key, early)
        return events

    def _adopt(self, thing: _Thing, root: str) -> None:
        """Remember whose child a device is."""
        if thing.root == root:
            return
        old = self._things.get(thing.root)
        if old is not None and old.children is not None:
            old.children.discard(thing.id)
        thing.root = root if root != thing.id else ""
        new = self._thing(thing.root, 5) if thing.root else None
        if new is not None:
            new.children = new.children or set()
            new.children.add(thing.id)

    def _remove(self, thing: _Thing) -> list[Event]:
        device, children = thing.device, thing.children
        self._adopt(thing, "")
        del self._things[thing.id]
        if children:
            self._things[thing.id] = _Thing(thing.id, thing.version)
            self._things[thing.id].children = children
        return [Gone(device)] if device else []

    # ------------------------------------------------------------------------- how it is

    def _read_value(self, id_: str, version: int, key: str, message: Message) -> Sequence[Event]:
        thing = self._things.get(id_)
        if thing is None or not thing.device:
            self._waiting.keep(message)
            return ()
        held = thing.properties.get(key) if version == thing.version else None
        text = text_of(message.payload)
        if held is None or text is None:
            return ()
        value = "" if text == "\0" else text if text else None
        return report(thing.device, held.feature, value, held.read(value) if value is not None else None)

    def _read_state(self, thing: _Thing, state: str) -> Sequence[Event]:
        thing.state = state if state in REACHABLE else ""
        events = [*(self._complete(thing) if thing.version == 4 else ()), *self._presence(thing)]
        for child in thing.children or ():
            if child in self._things:
                events += self._presence(self._things[child])
        return events

    def _presence(self, thing: _Thing) -> list[Event]:
        """Return whether a device can be reached, where that is known and news."""
        root = self._things.get(thing.root)
        online = REACHABLE.get(thing.state)
        if root is not None and REACHABLE.get(root.state) is False:
            online = False
        if not thing.device or online is None or online == thing.online:
            return []
        thing.online = online
        return [Presence(thing.device, online)]

    def _thing_of(self, device: DeviceId) -> _Thing | None:
        id_ = device.removeprefix(f"{self._root}/")
        thing = self._things.get(id_)
        return thing if thing is not None and thing.device == device else None

    def _base(self, thing: _Thing) -> str:
        return f"{self._root}/5/{thing.id}" if thing.version == 5 else f"{self._root}/{thing.id}"
