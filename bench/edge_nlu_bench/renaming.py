"""Rename a home and all that is said in it, so that nobody can know it by its words.

What words there are is read off the home: its rooms, the names and ids of its devices, its people. Each gets
another of its sort, once for the whole home, so two lamps that shared a noun still do and a room keeps one
name in ids, in names and in speech. A new word must not already mean something in that home or in what is
said there. In speech a word for a place is only taken for a device's when the device's noun follows ("floor
lamp", not "the hallway floor").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from edge_nlu_bench.othernames import (
    ADJECTIVES,
    ANYWHERE,
    BEFORE_ROOMS,
    FIXED_NOUNS,
    KEPT,
    MUTE_ROOMS,
    NOUNS,
    PEOPLE,
    PLACES,
    ROOMS,
)

WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+|['’])?")  # noqa: RUF001 - people type both
BLANK = re.compile(r"[\s_\-/]*")
LONGEST = 5

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Called:
    """What a home calls a device: by its id, by its own name, perhaps by one its people gave it."""

    id: str
    name: str
    gives_light: bool = False

    @property
    def opaque(self) -> bool:
        """Return whether the id is a number that tells nothing."""
        return re.fullmatch(r"0x[0-9a-f]+|[0-9a-f]{8,}", self.id) is not None


@dataclass(frozen=True, slots=True)
class Entry:
    """Other words for some words; with `before` only where one of those nouns follows."""

    new: Words
    before: frozenset[str] | None = None
    spoken: bool = True


@dataclass(slots=True)
class Names:
    """Old and new words of one home."""

    entries: dict[Words, Entry] = field(default_factory=dict)
    nouns: set[str] = field(default_factory=set)

    def spoken(self, text: str) -> str:
        """Return what somebody says, said in the home's new words."""
        return self._replaced(text, speech=True)

    def told(self, text: str) -> str:
        """Return a part of an answer in the new words; a place may stand there without its noun."""
        return self._replaced(text, speech=False, mute=True)

    def named(self, text: str) -> str:
        """Return a name or an id in the new words."""
        return self._replaced(text, speech=False)

    def _replaced(self, text: str, *, speech: bool, mute: bool = False) -> str:
        found = list(WORD.finditer(text))
        made: list[str] = []
        at = end = 0
        while at < len(found):
            size, entry, ending = self._entry(text, found, at, speech=speech, mute=mute)
            before, first = text[end : found[at].start()], found[at]
            if entry is None:
                made += [before, first.group()]
            else:
                if made and made[-1].lower() in ("a", "an"):
                    made[-1] = made[-1][0] + ("n" if entry.new[0][0] in "aeio" else "")
                gap = "_" if "_" in text else "-" if "-" in text and " " not in text else " "
                new = gap.join(entry.new) + ending
                capital = first.group()[0].isupper() and (at == 0 or not first.group().isupper())
                made += [before, new[0].upper() + new[1:] if capital else new]
            end = found[at + size - 1].end()
            at += size
        return "".join([*made, text[end:]])

    def _entry(
        self, text: str, found: Sequence[re.Match[str]], at: int, *, speech: bool, mute: bool
    ) -> tuple[int, Entry | None, str]:
        """Return how many words are known here, by what they are replaced, and what ends the last."""
        for size in range(min(LONGEST, len(found) - at), 0, -1):
            run = found[at : at + size]
            gaps = (text[one.end() : other.start()] for one, other in pairwise(run))
            if not all(BLANK.fullmatch(gap) for gap in gaps):
                continue
            for words, ending in _forms([one.group() for one in run]):
                entry = self.entries.get(words)
                if entry is None or ((speech or mute) and not entry.spoken):
                    continue
                if speech and entry.before is not None and not self._follows(found, at + size, entry.before):
                    continue
                return size, entry, ending
        return 1, None, ""

    @staticmethod
    def _follows(found: Sequence[re.Match[str]], at: int, nouns: Collection[str]) -> bool:
        """Return whether one of these nouns stands here."""
        if at >= len(found):
            return False
        word = _bare(found[at].group())[0]
        return word in nouns or _singular(word) in nouns


def renamed(
    rooms: Iterable[str], devices: Sequence[Called], people: Iterable[str], texts: Iterable[str], rng: Random
) -> Names:
    """Return other names for all that is in a home, none of which is in these texts."""
    return _Renaming(tuple(rooms), devices, tuple(people), tuple(texts), rng).names


class _Renaming:
    """Goes through a home and finds another word for each."""

    def __init__(
        self,
        rooms: Sequence[str],
        devices: Sequence[Called],
        people: Sequence[str],
        texts: Sequence[str],
        rng: Random,
    ) -> None:
        self.names = Names()
        self._rng = rng
        self._rooms = [words_of(room) for room in rooms]
        self._taken = {words_of(text) for text in (*rooms, *people)}
        called = [
            one
            for device in devices
            for one in (device.id, device.name)
            if not device.opaque or one != device.id
        ]
        self._said = {_singular(word) for text in (*texts, *rooms, *called) for word in words_of(text)}
        self._phrases = {run for text in (*texts, *called) for run in _runs(words_of(text))}
        for room in self._rooms:
            self._rename_room(room)
        for number, person in enumerate(people):
            self._rename_person(words_of(person), number)
        self._rename_devices(devices)

    # ------------------------------------------------------------------------------------- rooms

    def _rename_room(self, room: Words) -> None:
        known = ROOMS.get(" ".join(room), ())
        if known:
            new = self._pick(known, room, keeping=())
        else:
            head = room[-1]
            before = BEFORE_ROOMS.get(
                room[0] if len(room) > 1 else head, BEFORE_ROOMS.get(head, BEFORE_ROOMS["room"])
            )
            new = self._pick([f"{adjective} {head}" for adjective in before], room, keeping=(head,))
        if new == room:
            return
        self.names.entries[room] = Entry(new, spoken=" ".join(room) not in MUTE_ROOMS)
        self.names.entries[("".join(room),)] = self.names.entries[room]
        if len(room) > 1:
            # "kids tv" is named after the kids room
            short = new[:-1] if new[-1] == room[-1] and len(new) > 1 else new
            self.names.entries.setdefault(room[:-1], Entry(short, frozenset()))

    def _rename_person(self, person: Words, number: int) -> None:
        start = self._rng.randrange(len(PEOPLE)) if number == 0 else 0
        free = [
            name
            for name in (*PEOPLE[start:], *PEOPLE[:start])
            if name not in self._said and (name,) not in self._taken
        ]
        if free:
            self._taken.add((free[0],))
            self.names.entries[person] = Entry((free[0],))

    # ----------------------------------------------------------------------------------- devices

    def _rename_devices(self, devices: Sequence[Called]) -> None:
        parts = [(device, words) for device in devices for words in self._own_words(device)]
        split = [(device, *_split(words)) for device, words in parts]
        self.names.nouns = {noun[-1] for _, _, noun in split if noun} | FIXED_NOUNS
        self.names.nouns |= {_singular(noun) for noun in self.names.nouns}
        for _, _, noun in split:
            if noun and noun not in self.names.entries and " ".join(noun) in NOUNS:
                new = self._known_noun(noun) or self._pick(NOUNS[" ".join(noun)], noun, keeping=())
                if new != noun:
                    self.names.entries[noun] = Entry(new)
                    self.names.nouns.add(new[-1])
        nouns = frozenset(self.names.nouns)
        heads = {room[-1] for room in self._rooms}  # "the bedroom" is the master bedroom
        for device, places, noun in split:
            for place in places:
                if (place,) not in self.names.entries and place not in heads:
                    sort = "light" if device.gives_light else "other"
                    new = self._pick(PLACES.get(place, ANYWHERE[sort]), (place,), keeping=())
                    self.names.entries[(place,)] = Entry(new, nouns if noun else None)
        for words, entry in list(self.names.entries.items()):
            if entry.before is not None and not entry.before:
                self.names.entries[words] = Entry(entry.new, nouns)

    def _known_noun(self, noun: Words) -> Words | None:
        """Return the new words of a noun that this one is a short or a long form of."""
        for words, entry in self.names.entries.items():
            size = min(len(words), len(noun))
            if words[-size:] == noun[-size:] and " ".join(words) in NOUNS:
                return entry.new
        return None

    def _own_words(self, device: Called) -> Iterator[Words]:
        """Yield the words of a device's id and name, without the room they begin with."""
        for text in dict.fromkeys([device.name] if device.opaque else [device.id, device.name]):
            words = words_of(text)
            starts = [start for room in self._rooms for start in (room, room[:-1]) if start]
            longest = max((start for start in starts if words[: len(start)] == start), key=len, default=())
            if words[len(longest) :]:
                yield words[len(longest) :]

    # ------------------------------------------------------------------------------------- choice

    def _pick(self, others: Iterable[str], old: Words, keeping: Collection[str]) -> Words:
        """Return one of these that means nothing here yet, the old words where there is none.

        No word of it may be known but those of `keeping` and of the old words.
        """
        free = []
        for other in others:
            words = words_of(other)
            if words == old or words in self._taken or words in self._phrases:
                continue
            if self._said & {_singular(word) for word in set(words) - {*keeping, *old, "room"}}:
                continue
            free.append(words)
        if not free:
            return old
        new = self._rng.choice(free)
        self._taken.add(new)
        self._said |= {_singular(word) for word in new} - {"room"}
        return new


def adorned(name: str, rng: Random, taken: Collection[str]) -> str:
    """Return a name in which every word is kept with an adjective before it."""
    free = [adjective for adjective in ADJECTIVES if f"{adjective} {name}" not in taken]
    return f"{rng.choice(free)} {name}"


def words_of(text: str) -> Words:
    """Return the words of a text or an id, small and bare."""
    return tuple(_bare(found.group())[0] for found in WORD.finditer(text))


def _bare(word: str) -> tuple[str, str]:
    """Return a word without its possessive, and that."""
    word = word.replace("’", "'")  # noqa: RUF001 - people type both
    if word.lower().endswith("'s"):
        return word[:-2].lower(), "'s"
    return (word[:-1].lower(), "'") if word.endswith("'") else (word.lower(), "")


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _forms(run: Sequence[str]) -> Iterator[tuple[Words, str]]:
    """Yield what these words may be a form of, with what was added to the last of them."""
    *first, last = run
    word, ending = _bare(last)
    head = tuple(_bare(one)[0] for one in first)
    yield (*head, word), ending
    if _singular(word) != word:
        yield (*head, _singular(word)), "s" + ending


def _runs(words: Words) -> Iterator[Words]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST, len(words)) + 1):
            yield words[start:end]


def _split(words: Words) -> tuple[Words, Words]:
    """Return the words for a place in a device's name, and its noun, which may be missing."""
    for start in range(len(words)):
        if " ".join(words[start:]) in NOUNS:
            return _places(words[:start]), words[start:]
    if words[-1] in FIXED_NOUNS:
        return _places(words[:-1]), words[-1:]
    return _places(words), ()


def _places(words: Words) -> Words:
    return tuple(word for word in words if word not in FIXED_NOUNS and word not in KEPT)
