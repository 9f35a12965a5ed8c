"""Know the rooms of a home by what people call them.

The bathroom is the loo, the kids' room is Mia's, "upstairs" is several rooms. A room's own name comes
first, then what such rooms are called anywhere, then the last word of its name: with a guest bathroom
alone, "the bathroom" is that one. Which floor a room is on is a guess where its name does not say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from edge_nlu.steps.kinds import readable
from edge_nlu.steps.names import is_plural, words_in
from edge_nlu.storage.appliances import RoomWords
from edge_nlu.storage.index import Index
from edge_nlu.storage.layout import id_key
from edge_nlu.values import Person, Room

_LONGEST = 3
_OWN_ROOMS = ("room", "bedroom")
_CHILDREN = ("kids' room", "children's room", "child's room", "kids' bedroom")
# the room is meant though only a part of it is named: the cellar floor
_PARTS = frozenset({"floor", "wall", "ceiling", "area", "corner", "side", "end", "section", "space"})
_WHICH = frozenset(
    words_in(
        """big small main master front back left right upper lower first second third new old middle top
        bottom spare guest living dining family"""
    )
)
_FILLERS = frozenset({"whole", "entire", "all", "every", "complete"})


class Rooms:
    """The rooms of one home; a new one costs its own words and nothing more."""

    def __init__(self, words: RoomWords, owned: Iterable[str] = (), people: Iterable[Person] = ()) -> None:
        self._usual = words
        self._people = tuple(people)
        self._owner = dict.fromkeys(owned)
        self._rooms: dict[str, Room] = {}
        self._new: list[Room] = []
        self._all: tuple[Room, ...] = ()
        self._own, self._other, self._heads, self._fronts = Index(), Index(), Index(), Index()
        self._floors = {_key(name): floor for floor in words.floors for name in floor.words}
        self._whole = {_key(name) for name in words.whole}
        self._called: dict[str, tuple[str, ...]] = {}
        self._phrases: dict[str, tuple[str, ...]] = {_key(room): (room,) for room in words.rooms}
        for room, names in words.rooms.items():
            for name in names:
                self._phrases[_key(name)] = (*self._phrases.get(_key(name), ()), room)
        for room in self._owner:
            self.add(room)

    def __contains__(self, room: str) -> bool:
        return room in self._rooms

    def get(self, room: str) -> Room | None:
        """Return the room with this id."""
        return self._rooms.get(room)

    def all(self) -> tuple[Room, ...]:
        """Return the rooms, in the order they became known."""
        return self._all

    def add(self, room: str, name: str = "") -> Room:
        """Return the room with this id, which is made where there is none yet."""
        if room in self._rooms:
            return self._rooms[room]
        own = readable(name or room).lower()
        theirs = tuple(self._of_people(room))
        usual = self._usual_names(own)
        made = Room(room, tuple(dict.fromkeys((own, *theirs, *usual))))
        head = own.rpartition(" ")[2]
        heads = (head, *self._usual_names(head)) if head != own and _key(head) in self._phrases else ()
        self._put(self._own, (own, readable(room), *theirs), room)
        self._put(self._other, usual, room)
        self._put(self._heads, heads, room)
        self._put(self._fronts, self._front(own), room)
        self._rooms[room] = made
        self._new.append(made)
        self._changed()
        return made

    def take_new(self) -> list[Room]:
        """Return the rooms made since this was last asked."""
        made, self._new = self._new, []
        return made

    def of_area(self, area: str) -> str:
        """Return the room that a device or its owner calls its area, which is made where there is none."""
        named = self.named(_key(area))
        return named[0] if len(named) == 1 else self.add(id_key(readable(area)), readable(area)).id

    def in_names(self, names: Sequence[str], is_thing: Callable[[str], object]) -> str:
        """Return the room whose words names of a thing begin with or hold, most words first, or "".

        A room that there is not yet is made if any home may have it and the words name no thing as well:
        "kitchen ceiling" makes a kitchen, "garage door" no garage.
        """
        told = [words_in(readable(name)) for name in names]
        for length in range(_LONGEST, 0, -1):
            for words in told:
                if len(words) >= length and (room := self._beginning(" ".join(words[:length]), is_thing)):
                    return room
        for words in told:
            for start in range(1, len(words)):
                for length in range(_LONGEST, 0, -1):
                    named = self.named(" ".join(words[start : start + length]), own=True)
                    if len(named) == 1:
                        return named[0]
        return ""

    def _beginning(self, phrase: str, is_thing: Callable[[str], object]) -> str:
        """Return the room that a name begins with, made if need be: "kids tv" is in the kids' room."""
        for own in (phrase, f"{phrase} room"):
            usual = self._phrases.get(own, ())
            is_usual = bool(usual) and _key(usual[0]) == own
            # where the owner named rooms, the bedroom may well be the master bedroom
            named = self.named(own, own=own != phrase or (is_usual and not self._owner))
            if len(named) == 1:
                return named[0]
            if usual and not named and not is_thing(own) and (own == phrase or is_usual):
                return self.add(usual[0] if is_usual else id_key(own), "" if is_usual else own).id
        return ""

    def remove(self, room: str) -> None:
        """Take a room out, unless the owner named it."""
        if room in self._owner or room not in self._rooms:
            return
        gone = self._rooms.pop(room)
        head = gone.words[0].rpartition(" ")[2]
        for index in (self._own, self._other, self._heads):
            for name in (*gone.words, readable(room), head, *self._usual_names(head)):
                index.remove(_key(name), room)
        for name in self._front(gone.words[0]):
            self._fronts.remove(_key(name), room)
        self._changed()

    def called(self, words: str) -> tuple[str, ...]:
        """Return the ids of the rooms that these words name, none where they name none."""
        found = self._called.get(words)
        if found is None:
            if len(self._called) > 500:
                self._called.clear()
            found = self._called[words] = tuple(self._look_up(words))
        return found

    def named(self, phrase: str, *, own: bool = False) -> tuple[str, ...]:
        """Return the rooms that a phrase in the singular names, by their own name first, or by that alone."""
        tiers = (self._own,) if own else (self._own, self._other, self._heads)
        return next((tuple(found) for index in tiers if (found := index.get(phrase))), ())

    def _look_up(self, words: str) -> Iterable[str]:
        said = [word for word in words_in(words) if word not in _FILLERS]
        phrase = " ".join(said) or _key(words)
        if not phrase:
            return ()
        if is_plural(words):
            tiers = (index.get(phrase) for index in (self._own, self._other, self._heads))
            if every := dict.fromkeys(room for tier in tiers for room in tier):
                return every
        if found := self.named(phrase):
            return found
        if phrase in self._whole:
            return self._rooms
        if found := tuple(self._on_floor(phrase)):
            return found
        front = tuple(self._fronts.get(phrase))
        if len(front) == 1:
            return front
        rest, _, part = phrase.rpartition(" ")
        return self.called(rest) if rest and part in _PARTS else ()

    def _on_floor(self, phrase: str) -> Iterable[str]:
        """Return the rooms on a floor, or those of them that the rest of the phrase names."""
        if floor := self._floors.get(phrase):
            return [room for room in self._rooms if self._floor_of(room) == floor.id]
        for name, floor in self._floors.items():
            for rest in (phrase.removeprefix(name + " "), phrase.removesuffix(" " + name)):
                if rest != phrase:
                    return [room for room in self.called(rest) if self._floor_of(room) == floor.id]
        return ()

    def _floor_of(self, room: str) -> str:
        own = f" {_key(self._rooms[room].words[0])} "
        for name, floor in self._floors.items():
            if f" {name} " in own:
                return floor.id
        usual = self._phrases.get(own.strip(), ())
        return next((floor.id for floor in self._usual.floors if set(usual) & set(floor.rooms)), "")

    def _of_people(self, room: str) -> Iterator[str]:
        for person in self._people:
            if person.room == room:
                yield from (f"{person.id}'s {own}" for own in _OWN_ROOMS)
                if person.child:
                    yield from _CHILDREN

    def _front(self, own: str) -> tuple[str, ...]:
        """Return the words before the last one of a room's name: the sauna is in the sauna room.

        Some words only say which one of them it is, as in guest room, or what it is not: a bath room.
        """
        front = own.rpartition(" ")[0]
        return (front,) if front and _WHICH.isdisjoint(front.split()) else ()

    def _usual_names(self, own: str) -> tuple[str, ...]:
        """Return what a room of this name is usually called."""
        usual = self._phrases.get(_key(own), ())
        if usual and _key(usual[0]) == _key(own):
            usual = usual[:1]
        return tuple(name for room in usual for name in self._usual.rooms[room])

    def _put(self, index: Index, names: Iterable[str], room: str) -> None:
        for name in names:
            index.add(_key(name), room)

    def _changed(self) -> None:
        self._all = tuple(self._rooms.values())
        self._called.clear()


def _key(name: str) -> str:
    """Return what a room is called as it is looked up."""
    return " ".join(words_in(readable(name)))
