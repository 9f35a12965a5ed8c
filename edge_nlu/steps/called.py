"""Find the name by which a device is spoken of.

Devices come as "reading_lamp", "Kids TV", "lounge_ceiling" or "0x00158d0000000013". Spoken, they are "the
reading lamp", "the kids TV", "the lounge ceiling light" and "the light in the hallway"; where two have
one name the room is told as well, and whoever has a name of its own, like Rosie, goes without "the".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from edge_nlu.interfaces import Home
from edge_nlu.steps.english import in_room, joined, readable, room_words, set_of, with_the
from edge_nlu.steps.names import name_words, words_in
from edge_nlu.values import Device, DeviceId

_SHORT: Final = {word: word.upper() for word in set_of("tv ac pc led usb dvd cd uv co2 hdmi av nas ups ev")}
_NAMELESS = re.compile(
    r"(?:0x)?[0-9a-f]{8,}|(?:tasmota|shelly|esp(?:home|32|8266)?|sonoff|node|device)[ _-]?(?:[0-9a-f]{4,})?",
    re.I,
)
# what nobody hears in a name: a relay is whatever hangs on it
_PLAIN = set_of("socket switch plug relay outlet")
_SENSES = set_of("sensor detector")
_OPENING = re.compile(r" (?:contact|opening|magnet|tilt)?(?: ?sensor| ?detector)?$", re.I)
_ON_DOOR = re.compile(r"(?<=door|gate) (?:smart )?lock$", re.I)
NAMED: Final = 4
"""As many devices are named one by one; more are counted."""


def spoken(device: DeviceId, home: Home) -> str:
    """Return the spoken name of a device: "the kitchen island light"."""
    known = home.device(device)
    return name_of(known, home) if known is not None else "that"


def name_of(device: Device, home: Home) -> str:
    """Return the spoken name of a device that is at hand."""
    words = bare_name(device, home)
    if _is_proper(device, words, home):
        return words
    return with_the(_with_room(device, words, home))


def opening_of(device: Device, home: Home) -> str:
    """Return the spoken name of what opens and closes: the door that a contact or a lock is on."""
    words = name_of(device, home)
    for pattern in (_ON_DOOR, _OPENING):
        stripped = pattern.sub("", words)
        if stripped not in (words, "", "the", "the door", "the window"):
            return stripped
    return words


def bare_name(device: Device, home: Home) -> str:
    """Return a device's name as it is said, without its article, always with a word for what it is."""
    words = _own_words(device, home)
    kind = home.appliance(device.kind) if device.kind else None
    phrases = (*kind.words, *kind.forms) if kind else ()
    noun = next(iter(phrases), "")
    if not words:
        noun = noun or readable(device.types[0] if device.types else "device").lower()
        return f"{noun} {in_room(device.room, home)}".strip()
    if not noun or noun in _PLAIN or _is_proper(device, words, home):
        return words
    last = noun.split()[-1]
    lowered = words.lower()
    ending = f"{lowered.split()[-1]} {last}"
    if last in _SENSES and last not in lowered and _says_one_of(ending, phrases):
        return f"{words} {last}"
    return words if _says_one_of(lowered, phrases) else f"{words} {noun}"


def _own_words(device: Device, home: Home) -> str:
    name = readable((device.name or device.id.rpartition("/")[2]).replace("/", " "))
    if _NAMELESS.fullmatch(name.replace(" ", "")):
        return ""
    said = name.split()
    if len(said) == 1 and _is_proper(device, name, home):
        return name
    people = frozenset(person.id.lower() for person in home.people())
    return _all_as_said(name, people)


@lru_cache(maxsize=4096)
def _all_as_said(name: str, people: frozenset[str]) -> str:
    return " ".join(_as_said(word, people) for word in name.split())


def _as_said(word: str, people: frozenset[str]) -> str:
    """Return a word of a name in lower case, but for short forms and people."""
    lowered = word.lower()
    owner = re.sub(r"['\u2019]s?$", "", lowered)
    if owner in people or (owner != lowered and word[0].isupper() and owner not in ("kids", "kid")):
        return word[0].upper() + word[1:]
    if lowered in _SHORT:
        return _SHORT[lowered]
    mixed = any(letter.isupper() for letter in word[1:])
    return word if mixed and (len(word) <= 4 or not word.isupper()) else lowered


@lru_cache(maxsize=4096)
def _says_one_of(name: str, said: tuple[str, ...]) -> bool:
    """Return whether some words of a name are one of these phrases."""
    words = words_in(name)
    phrases = _phrases(said)
    return any(
        words[start : start + length] in phrases
        for length in (3, 2, 1)
        for start in range(len(words) - length + 1)
    )


@lru_cache(maxsize=256)
def _phrases(said: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(words_in(phrase) for phrase in said)


def _is_proper(device: Device, name: str, home: Home) -> bool:
    """Return whether a device goes by a name of its own: one word that says nothing of what it is."""
    if not device.kind or not re.fullmatch(r"[A-Z][a-z]+", name):
        return False
    kind = home.appliance(device.kind)
    lowered = name.lower()
    if kind is None or home.kinds_called(lowered) or home.rooms_called(lowered):
        return False
    said = (*kind.words, *kind.forms, *kind.types, *kind.parts)
    return not any(word in lowered for words in said for word in words.split())


def _with_room(device: Device, words: str, home: Home) -> str:
    """Return the name with the room that the device is in, where another has the same name."""
    room = room_words(device.room, home) if device.room else ""
    # most names tell the room already, and looking for the same name takes long in a large home
    if set(room.lower().split()) <= set(words.lower().split()) or not _is_shared(device, home):
        return words
    place = in_room(device.room, home)
    if place == f"in the {room}" and len(words.split()) <= 2:
        return f"{room} {words}"
    return f"{words} {place}"


def _is_shared(device: Device, home: Home) -> bool:
    own = readable(device.name).lower()
    lists = [home.known_as(word) for word in name_words(device)]
    for other in min(lists, key=len, default=()):
        known = home.device(other) if other != device.id else None
        if known is not None and readable(known.name).lower() == own:
            return True
    return False


def names(devices: Sequence[Device], home: Home, *, opening: bool = False) -> str:
    """Return the spoken names of devices as a list; of many, how many they are."""
    called = opening_of if opening else name_of
    said = list(dict.fromkeys(called(device, home) for device in devices))
    if len(said) <= NAMED:
        return joined(said)
    return f"{len(said)} {_noun(devices, home)}"


def _noun(devices: Sequence[Device], home: Home) -> str:
    """Return a word for several devices: what they all are."""
    kinds = {device.kind for device in devices}
    kind = home.appliance(kinds.pop()) if len(kinds) == 1 else None
    return f"{kind.words[0]}s" if kind and kind.words else "devices"
