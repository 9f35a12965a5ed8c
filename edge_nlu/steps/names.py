"""Tell how well words that somebody used for a thing fit a device.

People say "the spots", "the island light", "the telly", "the reading lamb". What they say is matched
word by word against the device's own name, the words for its kind, and the room it is in; the last
word counts twice, since it says what sort of thing is meant. A word that fits nothing speaks against
the device: the garage door is not the front door.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache

from edge_nlu.interfaces import Home
from edge_nlu.values import Device, Feature

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_DOUBLED = re.compile(r"^[^aeiou]*[aeiou][bdgmnpt]$")  # a short verb doubles its last letter: mop, run
# said with a thing without telling which one
EMPTY = frozenset(WORD.findall("a an the my our your his her their this that some one ones of in on at for"))


def words_in(text: str) -> tuple[str, ...]:
    """Return the words of a text, in lower case and singular, without those that tell nothing."""
    return _words_in(text.lower())


@lru_cache(maxsize=1024)
def _words_in(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in WORD.findall(text) if word not in EMPTY)


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Return a word in its singular, without a possessive ending; never shorter than three letters."""
    word = word.replace("\u2019", "'").removesuffix("'s").removesuffix("'")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def doing(word: str) -> str:
    """Return the form of a verb in which it goes on: brew, brewing; bake, baking; mop, mopping."""
    if word.endswith("e") and not word.endswith("ee"):
        return word[:-1] + "ing"
    return word + (word[-1] if _DOUBLED.search(word) else "") + "ing"


def is_plural(thing: str) -> bool:
    """Return whether the last word of a thing names several."""
    found = WORD.findall(thing.lower())
    return bool(found) and stem(found[-1]) != found[-1]


@lru_cache(maxsize=16384)
def _name_words(name: str, aliases: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for text in (name, *aliases) for word in words_in(text))


def name_words(device: Device) -> frozenset[str]:
    """Return the words of a device's name and of what else it is called."""
    return _name_words(device.name, device.aliases)


def fit(thing: str, device: Device, home: Home) -> float:
    """Return from 0 to 1 how well a thing's words fit the device."""
    return fitting(thing, home)(device)


def fitting(thing: str, home: Home) -> Callable[[Device], float]:
    """Return what tells from 0 to 1 how well a thing's words fit a device, for many devices in turn."""
    said = words_in(thing)
    kinds = _kinds_named(said, home)
    misheard = [home.words_like(word) for word in said]

    def fits(device: Device) -> float:
        own = name_words(device)
        if said and own.issuperset(said):
            return 1.0
        place = place_words(device.room, home)
        got = whole = 0.0
        for position, word in enumerate(said):
            weight = 2.0 if position == len(said) - 1 else 1.0
            whole += weight
            if word in own or device.kind in kinds[position]:
                got += weight
            elif word in place or word in _part_words(device.features):
                got += 0.8 * weight
            elif any(like in own or like in place for like in misheard[position]):
                got += 0.75 * weight
        return got / whole if whole else 0.0

    return fits


@lru_cache(maxsize=1024)
def _part_words(features: tuple[Feature, ...]) -> frozenset[str]:
    """Return the words for what a device has: the fan of an air conditioner, the timer of an oven."""
    return frozenset(
        word for feature in features for text in (feature.part, feature.property) for word in words_in(text)
    )


def is_named(thing: str, device: Device, home: Home) -> bool:
    """Return whether a thing's words are the device's own name, but for the room that it is in."""
    said, place = set(words_in(thing)), place_words(device.room, home)
    return any(own and own - place <= said and said <= own | place for own in _names(device))


def is_whole_name(words: str, device: Device) -> bool:
    """Return whether words are a device's whole name, place and all: "the upstairs heating"."""
    return frozenset(words_in(words)) in tuple(_names(device))


def is_called(words: Collection[str], device: Device, home: Home) -> bool:
    """Return whether a whole name of the device is among some words, but for the room that it is in."""
    place = place_words(device.room, home)
    return any(own - place and own - place <= set(words) for own in _names(device))


def _names(device: Device) -> Iterator[frozenset[str]]:
    for name in (device.name, *device.aliases):
        yield frozenset(words_in(name))


def names_kind_only(thing: str, home: Home) -> bool:
    """Return whether a thing's words say what kind of thing it is and nothing more: "the lights"."""
    said = words_in(thing)
    return len(said) == 1 and any(said[0] in words_in(kind) for kind in home.kinds_called(said[0]))


def _kinds_named(said: Sequence[str], home: Home) -> list[set[str]]:
    """Return the kinds that each word names, alone or with others: "washing machine" names one as a whole."""
    kinds: list[set[str]] = [set() for _ in said]
    for length in (3, 2, 1):
        for start in range(len(said) - length + 1):
            named = home.kinds_called(" ".join(said[start : start + length]))
            for position in range(start, start + length):
                kinds[position].update(named)
    return kinds


def place_words(room: str, home: Home) -> frozenset[str]:
    """Return the words that people have for a room."""
    known = home.room(room) if room else None
    return _words_of(known.words) if known is not None else frozenset()


@lru_cache(maxsize=1024)
def _words_of(phrases: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for phrase in phrases for word in words_in(phrase))
