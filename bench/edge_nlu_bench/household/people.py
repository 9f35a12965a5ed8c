"""Make up people: how they say things, how they are heard, what they do every day, how they bear with a hub.

Everybody has a way of saying each thing that they keep to, and names of their own for some things. When a
hub fails them they say it otherwise, and plainer with each try.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from edge_nlu_bench.household.fleet import Fleet
from edge_nlu_bench.household.hearing import Ears, Hearing
from edge_nlu_bench.household.homes import House, Thing
from edge_nlu_bench.household.sentences import Sentences
from edge_nlu_bench.household.wishes import Wish

TABLES = ("people", "noise", "reactions")
MANNER = {
    "odd_wordings": "people.odd_wordings",
    "own_names": "people.own_names",
    "polite": "people.polite",
    "heard_wrong": "noise.errors",
}
"""The traits by which people of a fleet are told apart when it is asked whom it serves worse."""

# at the second and third try people say plainly what they mean so often
PLAINER = (0.0, 0.45, 0.75)
_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence as it is said, and what the judge needs to tell why it failed.

    A `human` one was written by people, apart from names put into it.
    """

    said: str
    named: str = ""
    """The same with the name that the home has for the thing."""

    plain: str = ""
    """The wish in the plainest words."""

    template: str = ""
    human: bool = False


@dataclass(slots=True)
class Person:
    """Somebody who lives in a home."""

    name: str
    seed: str
    traits: Mapping[str, float]
    hearing: Hearing
    silent: bool
    always_interrupts: bool
    nicknames: dict[str, str] = field(default_factory=dict)

    def often(self, trait: str, rng: Random) -> bool:
        """Return whether they do it this time."""
        return rng.random() < self.traits[trait]

    def call(self, thing: Thing) -> str:
        """Return what they call a thing, without an article."""
        return self.nicknames.get(thing.id, thing.name)


def make_people(fleet: Fleet, house: House, ears: Ears, seed: str) -> list[Person]:
    """Return the people of a home."""
    return [_person(fleet, house, ears, name, f"{seed} {name}") for name in house.people]


def _person(fleet: Fleet, house: House, ears: Ears, name: str, seed: str) -> Person:
    rng = Random(seed)
    traits = _traits(fleet, rng)
    noise = {key: traits[f"noise.{key}"] for key in ("errors", "again", "steady", "names")}
    silent = rng.random() < traits["reactions.never_reacts"]
    interrupts = rng.random() < traits["reactions.always_interrupts"]
    person = Person(name, seed, traits, Hearing(ears, seed, **noise), silent, interrupts)
    for thing in house.things:
        if thing.nicknames and person.often("people.own_names", rng):
            person.nicknames[thing.id] = rng.choice(thing.nicknames)
    return person


def manner(fleet: Fleet, home: int, name: str) -> dict[str, float]:
    """Return how somebody of a home speaks, and how badly they are heard."""
    traits = _traits(fleet, Random(f"{fleet.count('seed')} {home} {name}"))
    return {key: round(traits[trait], 3) for key, trait in MANNER.items()}


def _traits(fleet: Fleet, rng: Random) -> dict[str, float]:
    return {
        f"{table}.{key}": fleet.of(table, key).draw(rng) for table in TABLES for key in fleet.tables[table]
    }


class Speech:
    """How the people of a fleet put wishes into words."""

    def __init__(self, fleet: Fleet, sentences: Sentences) -> None:
        self._words = fleet.words
        self._side = fleet.side("wordings")
        self._sentences = sentences

    def words(
        self, person: Person, wish: Wish, house: House, here: str, tries: Sequence[Words], rng: Random
    ) -> Words:
        """Return what somebody says who wants this and stands here, after so many tries."""
        if wish.beyond:
            group = [text for text in wish.value.split("\n") if text not in [one.said for one in tries]]
            return Words(rng.choice(group or wish.value.split("\n")), human=True)
        plainer = rng.random() < PLAINER[min(len(tries), len(PLAINER) - 1)]
        own = person.call(wish.things[0])
        own = wish.things[0].name if plainer else own
        named = self._called(person, wish, wish.things[0].name, house, here, rng)
        called = named if own == wish.things[0].name else _with_article(own)
        for _ in range(8):
            template, human = self._template(person, wish, rng, plain=plainer, first=not tries)
            if template not in [one.template for one in tries]:
                break
        said = self._politely(person, _filled(template, wish, called), rng)
        return Words(said, _filled(template, wish, self.name_of(wish)), self._plainly(wish), template, human)

    def name_of(self, wish: Wish) -> str:
        """Return what plainly tells which thing is meant."""
        return f"the {wish.things[0].room} {wish.things[0].name}"

    def reply(self, wish: Wish, asked: str) -> str:
        """Return what answers a question: the wish in plain words to "what", else the thing that is meant."""
        if wish.beyond:
            return "no"
        return self._plainly(wish) if "what" in asked.lower().split() else self.name_of(wish)

    def _plainly(self, wish: Wish) -> str:
        return _filled(self._wordings(wish)["plain"][0], wish, self.name_of(wish))

    def aside(self, kind: str, rng: Random) -> str:
        """Return something that is said about the hub's last answer."""
        return str(rng.choice(self._words["reactions"][kind]))

    def _wordings(self, wish: Wish) -> Mapping[str, Sequence[str]]:
        found: Mapping[str, Sequence[str]] = self._words["wordings"][wish.sort][wish.want]
        return found

    def _template(
        self, person: Person, wish: Wish, rng: Random, *, plain: bool, first: bool
    ) -> tuple[str, bool]:
        """Return a way to say it: the one that is always theirs, or another; and whether people wrote it."""
        if plain:
            return rng.choice(self._wordings(wish)["plain"]), False
        if first and person.often("people.favourites", rng):
            rng = Random(f"{person.seed} {wish.sort} {wish.want}")
        human = self._sentences.wishes.get((wish.sort, wish.want))
        if human and person.often("people.sentences", rng):
            return rng.choice(human), True
        odd = person.often("people.odd_wordings", rng)
        return rng.choice(self._wordings(wish)[self._side if odd else "plain"]), False

    def _called(self, person: Person, wish: Wish, name: str, house: House, here: str, rng: Random) -> str:
        """Return a thing's name with its room, or without where it can only be this one."""
        thing = wish.things[0]
        alone = [one for one in house.things if one.name == name] == [thing]
        if (thing.room == here or alone) and person.often("people.short", rng):
            return f"the {name}"
        return f"the {thing.room} {name}"

    def _politely(self, person: Person, text: str, rng: Random) -> str:
        if not person.often("people.polite", rng):
            return text
        where = rng.choice(("before", "after"))
        word = rng.choice(self._words["polite"][where])
        return f"{word} {text}" if where == "before" else f"{text} {word}"


def _filled(template: str, wish: Wish, called: str) -> str:
    number = in_words(int(wish.value)) if wish.value.isdigit() else ""
    return template.format(it=called, room=wish.room, n=number, title=wish.value, drink=wish.value)


def _with_article(name: str) -> str:
    return name if name.startswith("the ") else f"the {name}"


def in_words(number: int) -> str:
    """Return a number below a hundred as a recogniser writes it."""
    if number < len(_UNITS):
        return _UNITS[number]
    tens, units = divmod(number, 10)
    return f"{_TENS[tens]} {_UNITS[units]}" if units else _TENS[tens]
