"""Read the lists of a Zigbee network: its devices, and the groups they form.

A list may hold what nobody can do anything with: the coordinator, devices that are not supported or that were
switched off, groups without members. They are left out. A group can be told what all of its members can.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from edge_nlu.values import Device, DeviceId, Feature
from edge_nlu_bridge.exposes import Channel, Exposed, read_exposes
from edge_nlu_bridge.payloads import as_list, as_mapping, as_text


@dataclass(frozen=True, slots=True)
class Listed:
    """A device or group as the network lists it; `mains` tells whether it listens at any time.

    A network may have thousands, and the home keeps what they are: here only what tells one from another.
    """

    id: DeviceId
    exposed: Exposed
    mains: bool = False
    members: tuple[DeviceId, ...] = ()

    def device(self, base: str, address: str) -> Device:
        """Return it as a device of the home."""
        name = self.id.removeprefix(f"{base}/")
        ids = (self.id, name) if self.members else (self.id, name, address, f"{base}/{address}")
        return Device(
            id=self.id,
            name=name,
            features=self.exposed.features,
            types=self.exposed.types,
            ids=tuple(dict.fromkeys(ids)),
            members=self.members,
        )


def list_devices(items: Iterable[object], base: str) -> Iterator[tuple[str, Listed]]:
    """Return the devices of a list, each with its address."""
    for item in map(as_mapping, items):
        address, name = as_text(item.get("ieee_address")), as_text(item.get("friendly_name"))
        definition = as_mapping(item.get("definition"))
        if not address or not _is_name(name) or not definition or item.get("disabled") is True:
            continue
        exposes = json.dumps(definition.get("exposes"))
        exposed = read_exposes(exposes, as_text(definition.get("description")))
        if exposed.channels and item.get("type") != "Coordinator":
            yield address, Listed(f"{base}/{name}", exposed, mains=_is_awake(item))


def list_groups(
    items: Sequence[object], base: str, devices: Mapping[str, Listed]
) -> Iterator[tuple[str, Listed]]:
    """Return the groups of a list that have members we know; a number is their address."""
    for group in map(as_mapping, items):
        name = as_text(group.get("friendly_name"))
        addresses = [
            as_text(as_mapping(member).get("ieee_address")) for member in as_list(group.get("members"))
        ]
        members = [devices[address] for address in addresses if address in devices]
        exposed = _common(members) if members and _is_name(name) else None
        if exposed is not None and exposed.channels:
            ids = tuple(dict.fromkeys(member.id for member in members))
            yield f"group {group.get('id')}", Listed(f"{base}/{name}", exposed, members=ids)


def _is_awake(item: Mapping[str, object]) -> bool:
    source = as_text(item.get("power_source")).lower()
    if "mains" in source or "dc source" in source:
        return True
    return "battery" not in source and item.get("type") == "Router"


def _is_name(name: str) -> bool:
    return 0 < len(name) <= 200 and set(name).isdisjoint("+#\0") and not name.startswith("bridge/")


def _common(members: Sequence[Listed]) -> Exposed:
    """Return what all members of a group can be told."""
    first, *others = (member.exposed for member in members)
    channels: dict[str, Channel] = {}
    for key, channel in first.channels.items():
        theirs = [other.channels.get(key) for other in others]
        if channel.feature.settable and all(their and _alike(channel, their) for their in theirs):
            feature = channel.feature
            for their in theirs:
                feature = _narrowed(feature, their.feature) if their else feature
            channels[key] = replace(channel, feature=feature)
    types = [name for name in first.types if all(name in other.types for other in others)]
    return Exposed(channels, tuple(types))


def _alike(one: Channel, other: Channel) -> bool:
    return (one.feature.kind, one.feature.property, one.feature.choices, one.true) == (
        other.feature.kind,
        other.feature.property,
        other.feature.choices,
        other.true,
    )


def _narrowed(one: Feature, other: Feature) -> Feature:
    """Return a number that both can hold."""
    lows = [low for low in (one.low, other.low) if low is not None]
    highs = [high for high in (one.high, other.high) if high is not None]
    return replace(one, low=max(lows, default=None), high=min(highs, default=None))
