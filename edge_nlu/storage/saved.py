"""Keep the home as last reported in a file, so that a hub that starts again does not begin with nothing.

The file is written whole in one transaction, so a power cut leaves the state before it or after it.
A damaged one is put aside under another name, and the home fills again from what devices report.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeAlias

from edge_nlu.values import Device, DeviceId, Feature, Held

Kept: TypeAlias = tuple[Device, bool, Mapping[str, tuple[Held | None, float]]]
"""A device, whether it could be reached, and its readings with their times in seconds since 1970."""

VERSION = 1
_LATEST = 4e9  # the year 2096: a time beyond is none that a hub wrote
_SCHEMA = (
    "drop table if exists shapes",
    "drop table if exists devices",
    "create table shapes (id integer primary key, features text not null)",
    "create table devices (id text primary key, name text not null, kind text not null, room text not null,"
    " shape integer not null, names text not null, online integer not null, readings text not null)",
    f"pragma user_version = {VERSION}",
)
_FIELDS = tuple(field.name for field in fields(Feature))


def write(path: Path, devices: Iterable[Kept]) -> str:
    """Write the devices of a home to a file in place of those that it held, and return a warning, or ""."""
    try:
        _write(path, devices)
    except (OSError, sqlite3.OperationalError) as error:
        return f"{path} could not be written ({error}); what it held stays"
    except sqlite3.DatabaseError as error:
        return _put_aside(path, error)
    return ""


def read(path: Path) -> tuple[list[Kept], str]:
    """Return the devices that a file holds, and a warning where it could not be read, or ""."""
    if not path.exists():
        return [], ""
    try:
        with closing(sqlite3.connect(path)) as database:
            return list(_rows(database)), ""
    except (sqlite3.DatabaseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return [], _put_aside(path, error)


def _write(path: Path, devices: Iterable[Kept]) -> None:
    # nobody else's business
    path.touch(0o600)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        # a device that is gone is not to be found byte by byte
        database.execute("pragma secure_delete = on")
        database.execute("begin immediate")
        for statement in _SCHEMA:
            database.execute(statement)
        shapes: dict[tuple[Feature, ...], int] = {}
        database.executemany(
            "insert into devices values (?, ?, ?, ?, ?, ?, ?, ?)", (_row(kept, shapes) for kept in devices)
        )
        database.executemany(
            "insert into shapes values (?, ?)",
            ((number, json.dumps([_to_list(one) for one in shape])) for shape, number in shapes.items()),
        )
        database.execute("commit")


def _row(kept: Kept, shapes: dict[tuple[Feature, ...], int]) -> tuple[Any, ...]:
    device, online, readings = kept
    shape = shapes.setdefault(device.features, len(shapes))
    names = json.dumps([device.types, device.ids, device.aliases, device.members])
    return (device.id, device.name, device.kind, device.room, shape, names, online, json.dumps(readings))


def _rows(database: sqlite3.Connection) -> Iterator[Kept]:
    version = database.execute("pragma user_version").fetchone()[0]
    if version != VERSION:
        raise ValueError(f"version {version}, expected {VERSION}")
    shapes = {
        number: tuple(_feature(one) for one in json.loads(features))
        for number, features in database.execute("select id, features from shapes")
    }
    query = "select id, name, kind, room, shape, names, online, readings from devices order by rowid"
    for own, name, kind, room, shape, names, online, readings in database.execute(query):
        types, ids, aliases, members = (tuple(map(str, found)) for found in json.loads(names))
        device = Device(
            DeviceId(own), str(name), shapes[shape], types, ids, str(room), str(kind), aliases, members
        )
        yield device, bool(online), dict(_reading(key, found) for key, found in json.loads(readings).items())


def _reading(key: str, found: Any) -> tuple[str, tuple[Held | None, float]]:
    value, at = found
    if not isinstance(value, bool | int | float | str | None) or not 0 <= at < _LATEST:
        raise ValueError(f"{found!r} as a reading")
    return key, (value, float(at))


def _to_list(feature: Feature) -> list[Any]:
    return [getattr(feature, name) for name in _FIELDS]


def _feature(found: Any) -> Feature:
    values = dict(zip(_FIELDS, found, strict=True))
    if not isinstance(values["key"], str) or not isinstance(values["property"], str):
        raise ValueError(f"{found!r} as a feature")
    return Feature(**{**values, "choices": tuple(map(str, values["choices"]))})


def _put_aside(path: Path, error: Exception) -> str:
    """Move a file out of the way, with what SQLite keeps beside it, and return the warning."""
    aside = path.with_name(path.name + ".damaged")
    try:
        path.replace(aside)
        path.with_name(path.name + "-journal").unlink(missing_ok=True)
    except OSError as also:
        return f"{path} is damaged ({error}) and could not be put aside ({also}); the home starts empty"
    return f"{path} was damaged ({error}) and now stands beside as {aside.name}; the home starts empty"
