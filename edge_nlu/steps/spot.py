"""Find the home's own names in a clause, whatever a model took their words for.

No model has heard the names of this home. In "play jazz in the bureau" it may take the bureau for a song, in
"the music room" a room and something else, and in "Dusty, come back" it hears nothing at all. What is
a whole name here is that name. A part of one proves nothing, and what is asked to be played may be called
like a room: that is one only where something is played in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from edge_nlu.interfaces import Home
from edge_nlu.steps.names import EMPTY, WORD, is_called, is_whole_name, names_kind_only, stem, words_in
from edge_nlu.values import Clause, Device, Slot

_NAMING = frozenset(["device", "room", "title", "person"])
# what a name of this home is taken for, where the model never heard of it
_TAKEN_FOR = frozenset(["title", "media_kind", "mode", "program", "source", "value", "state", "reference"])
_PLACED = re.compile(r"\b(?:in|into|on|to|at|for|from|of)\s+(?:the |my |our |your )?$", re.IGNORECASE)
_NO_NAMES = frozenset(["teach", "forget", "none"])
_LONGEST = 3
# more devices with a word in their names tell that it is no name
_COMMON = 12


def spot(clause: Clause, text: str, home: Home) -> Clause:
    """Return the clause with the names of rooms and devices of this home as what they are."""
    if clause.want in _NO_NAMES:
        return clause
    slots = [_typed(slot, clause, text, home) for slot in _joined(clause.slots, text, home)]
    slots += _missed(clause, slots, text, home)
    return replace(clause, slots=tuple(sorted(slots, key=lambda slot: slot.start)))


def _joined(slots: Sequence[Slot], text: str, home: Home) -> list[Slot]:
    """Return slots with those put together that are one room's name: "music" and "room"."""
    kept: list[Slot] = []
    for slot in slots:
        before = kept[-1] if kept else None
        if (
            before is not None
            and {before.type, slot.type} <= _NAMING
            and before.excluded == slot.excluded
            and text[before.end : slot.start].isspace()
            and _is_room(text[before.start : slot.end], home)
        ):
            name = text[before.start : slot.end]
            kept[-1] = replace(before, type="room", end=slot.end, value=name)
        else:
            kept.append(slot)
    return kept


def _typed(slot: Slot, clause: Clause, text: str, home: Home) -> Slot:
    """Return a slot as the room or the device that its words are the whole name of."""
    if slot.type == "device":
        is_thing = home.kinds_called(slot.value.lower()) or _named(slot.value, home)
        return slot if is_thing or not _is_room(slot.value, home) else replace(slot, type="room")
    if slot.type not in _TAKEN_FOR:
        return slot
    if _named(slot.value, home):
        return replace(slot, type="device")
    placed = clause.want != "play" or _PLACED.search(text[clause.start : slot.start])
    return replace(slot, type="room") if placed and _is_room(slot.value, home) else slot


def _missed(clause: Clause, slots: Sequence[Slot], text: str, home: Home) -> Iterator[Slot]:
    """Yield the names that no slot tells of: a device's, where none is named, and a room's after "in"."""
    types = {slot.type for slot in slots}
    if {"device", "room"} <= types:
        return
    words = [
        word
        for word in WORD.finditer(text, clause.start, clause.end)
        if not any(slot.start < word.end() and word.start() < slot.end for slot in slots)
    ]
    if "device" not in types and (name := _device_in(words, home)):
        yield Slot("device", *name, text[name[0] : name[1]])
    elif "room" not in types:
        yield from (Slot("room", *name, text[name[0] : name[1]]) for name in _room_in(words, text, home))


def _device_in(words: Sequence[re.Match[str]], home: Home) -> tuple[int, int] | None:
    """Return where a device's whole name stands, where it is more than a word for things of its kind."""
    said = [stem(word[0].lower()) for word in words]
    known = dict.fromkeys(
        device for word in said if len(devices := home.known_as(word)) <= _COMMON for device in devices
    )
    for one in known:
        device = home.device(one)
        if device is None or not is_called(said, device, home):
            continue
        own = {word for name in (device.name, *device.aliases) for word in words_in(name)}
        place = [number for number, word in enumerate(said) if word in own]
        start, end = words[place[0]].start(), words[place[-1]].end()
        if len(place) == place[-1] - place[0] + 1 and not _says_kind(said[place[0] : place[-1] + 1], home):
            return start, end
    return None


def _says_kind(said: Sequence[str], home: Home) -> bool:
    phrase = " ".join(said)
    return bool(home.kinds_called(phrase)) or names_kind_only(phrase, home)


def _room_in(words: Sequence[re.Match[str]], text: str, home: Home) -> list[tuple[int, int]]:
    for first, word in enumerate(words):
        if word[0].lower() in EMPTY or not _PLACED.search(text[: word.start()]):
            continue
        for last in reversed(words[first : first + _LONGEST]):
            if _is_room(text[word.start() : last.end()], home):
                return [(word.start(), last.end())]
    return []


def _is_room(words: str, home: Home) -> bool:
    """Return whether words are a room's own name, not only one of many for such rooms."""
    said = words_in(words)
    rooms = (home.room(room) for room in home.rooms_called(words.lower()))
    return any(room is not None and words_in(room.words[0]) == said for room in rooms)


def _named(words: str, home: Home) -> Device | None:
    """Return the device that has these words as its whole name."""
    said = words_in(words)
    devices = home.known_as(said[0]) if said else ()
    if len(devices) > _COMMON:
        return None
    known = (home.device(device) for device in devices)
    return next((one for one in known if one is not None and is_whole_name(words, one)), None)
