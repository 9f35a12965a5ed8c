"""Show the home as the hub would know it: what a broker tells in a few seconds, else what was kept.

Nothing is asked of devices and nothing is written, so it can be looked at beside a hub that runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import Any

from edge_nlu.errors import StorageError
from edge_nlu.hub.assemble import CONTEXT, broker, check, chosen_bridges, home
from edge_nlu.hub.desk import Desk
from edge_nlu.hub.inbox import Inbox
from edge_nlu.hub.reports import Reports
from edge_nlu.hub.service import SystemClock
from edge_nlu.hub.settings import Settings
from edge_nlu.interfaces import Home
from edge_nlu.steps.kinds import readable
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.transport.broker import Transport
from edge_nlu.values import Device, Feature, Held

PATIENCE_S = 5.0
SHOWN = 4


def look(settings: Settings, seconds: float, transport: Transport | None = None) -> Home:
    """Return the home as a broker tells it, or as it was kept where no broker answers."""
    check(settings)
    clock = SystemClock()
    context = home(settings)
    mqtt = replace(settings.mqtt, client_id=f"{settings.mqtt.client_id or settings.mqtt.base}-show")
    transport = transport or broker(replace(settings, mqtt=mqtt), silently=True)
    desk = Desk(1, Inbox(settings.limits.inbox_mb << 20))
    bridges = chosen_bridges(settings.bridges, settings.file)
    reports = Reports(bridges, context, HomeMemory(SqliteJournal(None)), clock)
    transport.listen(reports.filters())
    transport.start(desk.hear, lambda _: None)
    end, connected = monotonic() + PATIENCE_S, False
    while monotonic() < end:
        messages, _, _ = desk.take(0.1)
        reports.take(messages)
        filters = reports.settle()
        if filters is not None:
            transport.listen(filters)
        if transport.connected and not connected:
            end, connected = monotonic() + seconds, True
    transport.stop()
    if not connected:
        kept = settings.state_folder() / CONTEXT
        if not kept.is_file():
            place = f"{settings.mqtt.host}:{settings.mqtt.port}"
            raise StorageError(
                place, "no broker that lets us in", "one, or a home that was kept", "see mqtt in the settings"
            )
        context.load(kept)
    return context.snapshot(clock.now())


def lines(shown: Home) -> Iterator[str]:
    """Yield the home for a person to read, room by room."""
    devices = _devices(shown)
    rooms: dict[str, list[Device]] = {}
    for device in devices:
        rooms.setdefault(device.room, []).append(device)
    width = max((len(device.name) for device in devices), default=0)
    for room in sorted(rooms, key=lambda name: (not name, name)):
        yield readable(room) if room else "in no room that is known"
        for device in sorted(rooms[room], key=lambda one: one.name):
            state = ", ".join(_readings(device, shown)) or "state unknown"
            away = "" if shown.online(device.id) else "  (cannot be reached)"
            kind = device.kind or "kind unknown"
            yield f"  {device.name:<{width}}  {kind:<20}  {state}{away}"
            yield f"  {'':<{width}}  {device.id}"
    yield f"{len(devices)} devices in {len([room for room in rooms if room])} rooms"


def as_dicts(shown: Home) -> list[dict[str, Any]]:
    """Return the home as `home show --json` prints it; docs/hub.md names every field."""
    return [_device(device, shown) for device in _devices(shown)]


def _devices(shown: Home) -> list[Device]:
    return [device for one in shown.all_devices() if (device := shown.device(one)) is not None]


def _device(device: Device, shown: Home) -> dict[str, Any]:
    return {
        "id": device.id,
        "name": device.name,
        "ids": list(device.ids),
        "room": device.room,
        "kind": device.kind,
        "online": shown.online(device.id),
        "features": [_feature(device, feature, shown) for feature in device.features],
    }


def _feature(device: Device, feature: Feature, shown: Home) -> dict[str, Any]:
    reading = shown.reading(device.id, feature.key)
    at: datetime | None = reading.at if reading is not None else None
    return {
        "key": feature.key,
        "property": feature.property,
        "kind": feature.kind,
        "settable": feature.settable,
        "value": reading.value if reading is not None else None,
        "at": at.isoformat() if at is not None else None,
    }


def _readings(device: Device, shown: Home) -> list[str]:
    told = [
        f"{readable(feature.property or feature.key)} {_value(reading.value, feature)}"
        for feature in device.features
        if (reading := shown.reading(device.id, feature.key)) is not None and reading.value is not None
    ]
    return [*told[:SHOWN], f"and {len(told) - SHOWN} more"] if len(told) > SHOWN else told


def _value(value: Held, feature: Feature) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    number = f"{value:g}" if isinstance(value, float | int) else value
    return f"{number} {feature.unit}".strip()
