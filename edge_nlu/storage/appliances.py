"""Read what kinds of devices there are, what rooms are called, and how features are called.

The shipped profiles are TOML files by family (`lighting.toml`, `kitchen.toml`), one table for a kind.
An owner's own folder may hold more such files: a kind described there takes the place of the shipped
one. A line that cannot be used is told by file and key, since a profile is made to be edited.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

import edge_nlu_profiles
from edge_nlu.errors import SettingsError
from edge_nlu.steps.kinds import PROPERTIES, Profiles, PropertyWords
from edge_nlu.steps.names import doing
from edge_nlu.values import Appliance

WANTS = (
    *("on", "off", "toggle", "set", "raise", "lower", "open", "close", "lock", "unlock", "start", "stop"),
    *("pause", "resume", "dock", "play", "next", "previous", "mute", "unmute", "find"),
)
"""What a profile can speak of being wanted; docs/ontology.md says what each means."""

RISKS = ("confirm", "guarded")


@dataclass(frozen=True, slots=True)
class Floor:
    """A floor, what it is called, and the rooms that are usually there."""

    id: str
    words: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoomWords:
    """What people call rooms: names by usual id, words for the whole home, floors."""

    rooms: Mapping[str, tuple[str, ...]]
    whole: tuple[str, ...] = ()
    floors: tuple[Floor, ...] = ()


def appliance_profiles(own: Path | None = None) -> Profiles:
    """Return the shipped profiles, with those of an owner's folder in place of the shipped of their kind."""
    shipped, words = _shipped()
    if own is None:
        return Profiles(shipped, words)
    if not own.is_dir():
        raise SettingsError(str(own), "no such folder", "a folder of appliance profiles in TOML")
    return Profiles({**shipped, **read_folder(own)}, words)


def read_folder(folder: Path) -> dict[str, Appliance]:
    """Return the appliances that the files of a folder describe, by kind."""
    found: dict[str, Appliance] = {}
    at: dict[str, Path] = {}
    for path in sorted(folder.glob("*.toml")):
        for kind, appliance in read_appliances(path).items():
            if kind in found:
                raise SettingsError(
                    f"{path}: {kind}", f"a kind that {at[kind].name} describes too", "it once"
                )
            found[kind], at[kind] = appliance, path
    return found


def read_appliances(path: Path) -> dict[str, Appliance]:
    """Return the appliances of one file, by kind; raise `SettingsError` naming the file and the key."""
    return {
        kind: _appliance(kind, _table(entry, f"{path}: {kind}"), str(path))
        for kind, entry in _read(path, "appliance profiles in TOML").items()
    }


def property_words(path: Path | None = None) -> tuple[PropertyWords, ...]:
    """Return how features are called, by property."""
    path = path or _folder() / "properties.toml"
    known = {"names": _words, "weak": _words, "units": _words, "choices": _words}
    return tuple(
        PropertyWords(
            _one_of(name, (*PROPERTIES, ""), f"{path}: {name}"), **_keys(entry, known, f"{path}: {name}")
        )
        for name, entry in _read(path, "words for properties in TOML").items()
    )


@lru_cache(maxsize=1)
def room_words() -> RoomWords:
    """Return what people call rooms, as shipped."""
    return read_rooms(_folder() / "rooms.toml")


def read_rooms(path: Path) -> RoomWords:
    """Return what a file says that rooms are called."""
    found = _keys(
        _read(path, "words for rooms in TOML"), dict.fromkeys(("rooms", "whole", "floors"), _table), str(path)
    )
    rooms = {room: _words(words, f"{path}: rooms.{room}") for room, words in found.get("rooms", {}).items()}
    whole = _keys(found.get("whole", {}), {"words": _words}, f"{path}: whole")
    floors = tuple(
        Floor(floor, **_keys(entry, {"words": _words, "rooms": _words}, f"{path}: floors.{floor}"))
        for floor, entry in found.get("floors", {}).items()
    )
    return RoomWords(rooms, whole.get("words", ()), floors)


@lru_cache(maxsize=1)
def _shipped() -> tuple[dict[str, Appliance], tuple[PropertyWords, ...]]:
    return read_folder(_folder() / "appliances"), property_words()


def _folder() -> Path:
    return Path(edge_nlu_profiles.__file__).parent


def _read(path: Path, expected: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(str(path), str(error), expected) from error


def _appliance(kind: str, found: Mapping[str, Any], path: str) -> Appliance:
    place = f"{path}: {kind}"
    values = _keys(found, _READERS, place)
    if not values.get("words") and not values.get("forms"):
        raise SettingsError(f"{place}.words", repr(found.get("words")), "what people call it")
    return Appliance(kind, **values)


def _keys(found: object, readers: Mapping[str, Callable[[Any, str], Any]], place: str) -> dict[str, Any]:
    """Return the values of a table, each read as its key wants it."""
    table = _table(found, place)
    for key in table:
        if key not in readers:
            raise SettingsError(f"{place}.{key}", "a key that is not known", _nearest(key, readers))
    return {key: readers[key](value, f"{place}.{key}") for key, value in table.items()}


def _table(found: object, place: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise SettingsError(place, repr(found), "a table")
    return found


def _words(found: object, place: str) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(word, str) and word.strip() for word in found):
        raise SettingsError(place, repr(found), "a list of words")
    return tuple(found)


def _tasks(found: object, place: str) -> tuple[str, ...]:
    """Return what a kind is for, and the same as it goes on: who says "start brewing" says "brew"."""
    words = _words(found, place)
    return tuple(dict.fromkeys([*words, *(doing(word) for word in words if word.isalpha())]))


def _yes_or_no(found: object, place: str) -> bool:
    if not isinstance(found, bool):
        raise SettingsError(place, repr(found), "true or false")
    return found


def _properties(found: object, place: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, _one_of(value, PROPERTIES, f"{place}.{name}")) for name, value in _table(found, place).items()
    )


def _needs(found: object, place: str) -> tuple[str, ...]:
    return tuple(_one_of(name, PROPERTIES, place) for name in _words(found, place))


def _wishes(found: object, place: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (_wish(name, f"{place}.{name}"), _wish(value, f"{place}.{name}"))
        for name, value in _table(found, place).items()
    )


def _risks(found: object, place: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (_wish(name, f"{place}.{name}"), _one_of(value, RISKS, f"{place}.{name}"))
        for name, value in _table(found, place).items()
    )


def _steps(found: object, place: str) -> tuple[tuple[str, float], ...]:
    steps = []
    for name, value in _table(found, place).items():
        _one_of(name, PROPERTIES, f"{place}.{name}")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise SettingsError(f"{place}.{name}", repr(value), "a number above 0")
        steps.append((name, float(value)))
    return tuple(steps)


def _wish(found: object, place: str) -> str:
    want, _, prop = str(found).partition(".")
    _one_of(want, WANTS, place)
    _one_of(prop, PROPERTIES, place)
    return f"{want}.{prop}"


def _one_of(found: object, known: Collection[str], place: str) -> str:
    if not isinstance(found, str) or found not in known:
        raise SettingsError(place, repr(found), _nearest(str(found), known))
    return found


def _nearest(key: str, known: Collection[str]) -> str:
    near = get_close_matches(key, known, 1)
    return near[0] if near else f"one of {', '.join(filter(None, known))}"


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "words": _words,
    "forms": _words,
    "types": _words,
    "parts": _words,
    "tasks": _tasks,
    "needs": _needs,
    "properties": _properties,
    "serves": _wishes,
    "risky": _risks,
    "steps": _steps,
    "everything": _yes_or_no,
    "always": _yes_or_no,
}
