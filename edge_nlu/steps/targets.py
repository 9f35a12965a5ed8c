"""Tell which place belongs to which thing, by how the words for them stand.

"bedroom light and bathroom heater" are two things in two rooms, "the lamp and the spots in the kitchen" two
things in one, "the lights in the hall and the kitchen" one sort of thing in two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge_nlu.values import Slot, Target

_CURLY = "\u2019"


@dataclass(slots=True)
class _Thing:
    words: str
    place: str = ""
    own: bool = False


def targets_in(slots: Sequence[Slot], text: str) -> tuple[Target, ...]:
    """Return the things and places that slots name, each thing with its place."""
    named = [slot for slot in slots if slot.type in ("device", "room")]
    things: list[_Thing] = []
    places: list[str] = []
    waiting = ""
    run_of_places = 0
    for number, slot in enumerate(named):
        words = slot.value.lower()
        before = named[number - 1] if number else None
        if slot.type == "device":
            if before is not None and before.type == "device" and things and _adjoins(before, slot, text):
                things[-1].words += f" {words}"  # "guest" and "radiator", "the oven's light"
                continue
            joined = before is not None and before.type == "room" and _adjoins(before, slot, text)
            things.append(_Thing(words, waiting if joined else "", own=joined))
            run_of_places = 0
            waiting = ""
            continue
        after = named[number + 1] if number + 1 < len(named) else None
        if after is not None and after.type == "device" and _adjoins(slot, after, text):
            waiting = words
        elif things and _stands_for_one(slot, text):
            things.append(_Thing(things[-1].words, words, own=True))
        else:
            run_of_places += 1
            places.append(words)
            if run_of_places == 1:
                things = [thing if thing.place else replace(thing, place=words) for thing in things]
            else:
                things += [replace(thing, place=words) for thing in _in_place(things, places[-2])]
    if not things:
        return tuple(Target(place=place) for place in dict.fromkeys(places))
    return tuple(dict.fromkeys(Target(thing.words, thing.place) for thing in _spread(things, places)))


def _adjoins(place: Slot, thing: Slot, text: str) -> bool:
    """Return whether a place stands right before a thing: "kitchen spots", "the kids' room's lamp"."""
    between = text[place.end : thing.start].lower().replace(_CURLY, "'").strip()
    return between in ("", "'s", "'", "'s own")


def _stands_for_one(place: Slot, text: str) -> bool:
    """Return whether a place goes with "one": the light here "and the bedroom one"."""
    return re.match(r"\s+ones?\b", text[place.end :].lower()) is not None


def _in_place(things: Sequence[_Thing], place: str) -> list[_Thing]:
    return [thing for thing in things if thing.place == place and not thing.own]


def _spread(things: list[_Thing], places: Sequence[str]) -> list[_Thing]:
    """Give things without a place the one that was named before them, where there is only one."""
    named = dict.fromkeys((*places, *(thing.place for thing in things if thing.place)))
    if len(named) != 1:
        return things
    (place,) = named
    known = bool(places)  # a place of its own ("in the kitchen") holds for what stands before it too
    spread = []
    for thing in things:
        known = known or thing.place == place
        spread.append(replace(thing, place=place) if known and not thing.place else thing)
    return spread
