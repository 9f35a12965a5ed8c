"""Take in what an owner says of the home: what is in which room, what it is called, who lives here.

Nobody has to say anything. Where somebody does, a device may be named by any of its ids, with the
convention's prefix or without, and spelt with spaces, dashes or capitals.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeVar

from edge_nlu.errors import SettingsError
from edge_nlu.values import Device, Person, Satellite

Someone = TypeVar("Someone")


@dataclass(frozen=True, slots=True)
class Layout:
    """What an owner says of the home: devices by room, names by device, people, satellites."""

    rooms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    satellites: tuple[Satellite, ...] = ()


def read_layout(found: Mapping[str, Any], place: str = "home") -> Layout:
    """Return the layout that tables `rooms`, `names`, `people` and `satellites` describe.

    `place` is where they stand, for the `SettingsError` that a wrong value raises.
    """
    _known(found, ("rooms", "names", "people", "satellites"), place)
    rooms = {
        room: _ids(devices, f"{place}.rooms.{room}")
        for room, devices in _table(found.get("rooms", {}), f"{place}.rooms").items()
    }
    names = {
        own: _text(name, f"{place}.names.{own}")
        for own, name in _table(found.get("names", {}), f"{place}.names").items()
    }
    people = _those(found, "people", place, ("room", "child"), _person)
    satellites = _those(found, "satellites", place, ("room", "screen", "child"), _satellite)
    return Layout(rooms, names, people, satellites)


def id_key(own: str) -> str:
    """Return an id as it is compared."""
    key = own.strip().lower().replace("-", "_").replace(" ", "_")
    return own if key == own else key  # most are, and a large home need not keep each twice


def id_keys(device: Device) -> Iterator[str]:
    """Yield what a device may be named by: whole ids first, then without the convention's prefix."""
    yield id_key(device.id)
    for own in device.ids:
        yield id_key(own)
    for own in (*device.ids, device.id):
        if "/" in own:
            yield id_key(own.partition("/")[2])
    yield id_key(device.id.rpartition("/")[2])


def _those(
    found: Mapping[str, Any],
    what: str,
    place: str,
    keys: Collection[str],
    make: Callable[[str, dict[str, Any], str], Someone],
) -> tuple[Someone, ...]:
    made = []
    for name, said in _table(found.get(what, {}), f"{place}.{what}").items():
        where = f"{place}.{what}.{name}"
        made.append(make(name, _known(_table(said, where), keys, where), where))
    return tuple(made)


def _person(name: str, said: dict[str, Any], place: str) -> Person:
    return Person(name, _room(said, place), _yes(said, "child", place))


def _satellite(name: str, said: dict[str, Any], place: str) -> Satellite:
    return Satellite(name, _room(said, place), _yes(said, "screen", place), _yes(said, "child", place))


def _known(found: Mapping[str, Any], keys: Collection[str], place: str) -> dict[str, Any]:
    for key in found:
        if key not in keys:
            near = get_close_matches(key, keys, 1)
            expected = near[0] if near else f"one of {', '.join(keys)}"
            raise SettingsError(f"{place}.{key}", "a key that is not known", expected)
    return dict(found)


def _table(found: object, place: str) -> dict[str, Any]:
    if not isinstance(found, Mapping):
        raise SettingsError(place, repr(found), "a table")
    return dict(found)


def _ids(found: object, place: str) -> tuple[str, ...]:
    if not isinstance(found, list | tuple) or not all(isinstance(own, str) for own in found):
        raise SettingsError(place, repr(found), "a list of device ids")
    return tuple(found)


def _text(found: object, place: str) -> str:
    if not isinstance(found, str) or not found.strip():
        raise SettingsError(place, repr(found), "a name")
    return found


def _room(said: Mapping[str, Any], place: str) -> str:
    """Return the room that is said; none where a satellite is carried about."""
    room = said.get("room")
    return "" if room is None or room == "" else _text(room, f"{place}.room")


def _yes(said: Mapping[str, Any], key: str, place: str) -> bool:
    found = said.get(key, False)
    if not isinstance(found, bool):
        raise SettingsError(f"{place}.{key}", repr(found), "true or false")
    return found
