"""Live so many days in a pretend home: what people wish for, say and do, and what the hub makes of it.

Every day has its routines, wishes of the moment, things done by hand, sensors that report, and sentences from
a television. When a wish does not come true, people bear with it as their kind does. All chance comes from
the seed of the home and the number of the event, so two hubs meet the same days as far as they act alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import exp
from random import Random
from typing import Any

from edge_nlu_bench.household import wishes
from edge_nlu_bench.household.causes import CORRECT, FAILED, FALSE_WAKE, NO_HUB, REWRITTEN, cause_of
from edge_nlu_bench.household.fleet import Fleet
from edge_nlu_bench.household.hearing import Ears
from edge_nlu_bench.household.homes import House, make_house
from edge_nlu_bench.household.hub import Answer, HubLine
from edge_nlu_bench.household.people import Person, Speech, Words, make_people
from edge_nlu_bench.household.sentences import Sentences
from edge_nlu_bench.household.turns import AS_USUAL, ASIDE, OVERHEARD, Turn, Way
from edge_nlu_bench.household.wishes import Devices, Wish, as_if, reached, wish_for

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MORNING, NIGHT = 6 * 60 + 30, 23 * 60


@dataclass(frozen=True, slots=True)
class World:
    """What all homes of a fleet share."""

    fleet: Fleet
    sentences: Sentences
    ears: Ears


class Household:
    """One home, its people, its devices and its hub."""

    def __init__(self, world: World, number: int, line: HubLine, way: Way = AS_USUAL) -> None:
        self._seed = f"{world.fleet.count('seed')} {number}"
        self._fleet, self._sentences = world.fleet, world.sentences
        self._number, self._line, self._check, self._causes = number, line, way.check, way.causes
        self._planted = way.planted
        rng = Random(self._seed)
        self._house: House = make_house(self._fleet, rng)
        self._people = make_people(self._fleet, self._house, world.ears, self._seed)
        self._speech = Speech(self._fleet, self._sentences)
        self._titles: list[str] = self._fleet.words["titles"][self._fleet.side("names")]
        self._disobeyed = self._fleet.of("home", "silent").draw(rng)
        self._draws = {
            "sensor": self._fleet.of("home", "sensors").draw(rng),
            "hand": self._fleet.of("home", "by_hand").draw(rng),
            "overheard": self._fleet.of("noise", "false_wakes").draw(rng),
        }
        changes = rng.random() < self._fleet.of("drift", "homes").draw(rng)
        self._changes_on = self._fleet.of("drift", "day").whole(rng) if changes else -1
        described = self._house.described()
        self._devices = Devices((said["topic"], said["payload"]) for said in described["retained"])
        self._at = MONDAY + timedelta(hours=5)
        self._line.move_in(described, self._at, way.wordings)
        self._routines = [self._routine(person, rng) for person in self._people for _ in range(_some(person))]
        self._asked = 0

    def live(self, days: int) -> Iterator[Turn]:
        """Yield what was said, day by day."""
        yield from self._plant()
        for day in range(days):
            if day == self._changes_on:
                self._change()
            yield from self._day(day)

    # ------------------------------------------------------------------------------------- a day

    def _day(self, day: int) -> Iterator[Turn]:
        plan = Random(f"{self._seed} day {day}")
        todo: list[tuple[float, str, Any]] = [
            (plan.uniform(MORNING, NIGHT), "wish", person)
            for person in self._people
            for _ in range(_poisson(person.traits["people.wishes"], plan))
        ]
        todo += [
            (minute + plan.gauss(0, 8), "routine", (person, wish))
            for minute, person, wish in self._routines
            if person.often("people.kept", plan)
        ]
        todo += [
            (plan.uniform(0, NIGHT), what, None)
            for what, often in self._draws.items()
            for _ in range(_poisson(often, plan))
        ]
        for number, (minute, what, whose) in enumerate(sorted(todo, key=lambda one: one[0])):
            rng = Random(f"{self._seed} day {day} event {number}")
            self._at = max(self._at + timedelta(minutes=2), MONDAY + timedelta(days=day, minutes=minute))
            match what:
                case "wish":
                    yield from self._wishes(whose, day, rng)
                case "routine":
                    person, wish = whose
                    if not wishes.settled(wish, self._devices.states):
                        yield from self._pursue(person, wish, wish.room, day, rng)
                case "overheard":
                    yield self._overheard(day, rng)
                case _:
                    self._move(what, rng)

    def _wishes(self, person: Person, day: int, rng: Random) -> Iterator[Turn]:
        here = rng.choice(self._places())
        if person.often("people.beyond", rng) and self._sentences.beyond:
            group = rng.choice(self._sentences.beyond)
            yield from self._pursue(person, Wish("beyond", "none", (), "\n".join(group)), here, day, rng)
            return
        there = rng.choice(self._places()) if person.often("people.others_rooms", rng) else here
        wish = wish_for(self._house, there, self._devices.states, self._titles, rng)
        yield from self._pursue(person, wish, here, day, rng)
        if person.often("reactions.next_soon", rng) or self._check == "look-alikes":
            self._at += timedelta(seconds=rng.uniform(5, 25))
            like = self._like(wish, rng)
            if like is not None:
                yield from self._pursue(person, like, here, day, rng)

    def _like(self, wish: Wish, rng: Random) -> Wish | None:
        """Return the same wish for another thing of the sort."""
        others = [one for one in self._house.of(wish.sort) if one not in wish.things]
        if not others or wish.want not in ("on", "off", "open", "close", "raise", "lower"):
            return None
        other = rng.choice(others)
        like = replace(wish, things=(other,), room=other.room)
        return None if wishes.settled(like, self._devices.states) else like

    def _places(self) -> list[str]:
        return [room for room in self._house.rooms if self._house.of(*wishes.WANTS, room=room)]

    # ----------------------------------------------------------------------- one wish, to the end

    def _pursue(self, person: Person, wish: Wish, here: str, day: int, rng: Random) -> Iterator[Turn]:
        """Say it, and bear with what comes of it until it is so or given up."""
        tries: list[Words] = []
        patience = max(1, round(person.traits["reactions.patience"]))
        words = self._speech.words(person, wish, self._house, here, tries, rng)
        if self._check == "nothing fails" and not self._works(wish, words.said, here):
            return
        while True:
            before = dict(self._devices.states)
            turn, answer = self._turn(person, wish, words, len(tries), here, day, rng)
            yield turn
            tries.append(words)
            content = turn.reached
            if self._check == "feedback shuffled":
                content = rng.random() < 0.75
            if content:
                yield from self._after_success(person, here, day, rng)
                return
            if person.silent or not person.often("reactions.notices", rng) or self._check == "look-alikes":
                return
            if answer.decision == "ask" and person.often("reactions.answers", rng):
                self._pause(person, answer, rng)
                meant = wish if wish.beyond else self._otherwise(wish, rng)
                reply = Words(self._speech.reply(meant, answer.say))
                turn, answer = self._turn(person, wish, reply, len(tries), here, day, rng)
                yield turn
                if turn.reached:
                    return
            for said in self._after_failure(person, wish, before, here, day, rng):
                yield said
                if said.wish != ASIDE and said.reached:
                    return
            step = self._next_step(person, rng)
            if step == "by_hand":
                self._do_by_hand(wish)
            if step in ("by_hand", "gives_up") or len(tries) >= patience:
                return
            self._pause(person, answer, rng)
            if step == "rephrases":
                wanted = self._otherwise(wish, rng)
                words = self._speech.words(person, wanted, self._house, here, tries, rng)

    def _otherwise(self, wish: Wish, rng: Random) -> Wish:
        """Return the wish, or another one where rephrases are to mean nothing."""
        if self._check not in ("feedback shuffled", "rephrases permuted"):
            return wish
        while True:
            other = wish_for(self._house, rng.choice(self._places()), self._devices.states, self._titles, rng)
            if set(other.things).isdisjoint(wish.things):
                return other

    def _next_step(self, person: Person, rng: Random) -> str:
        steps = ("repeats", "rephrases", "by_hand", "gives_up")
        return rng.choices(steps, [person.traits[f"reactions.{step}"] for step in steps])[0]

    def _after_success(self, person: Person, here: str, day: int, rng: Random) -> Iterator[Turn]:
        if person.often("reactions.changes_mind", rng):
            self._at += timedelta(seconds=rng.uniform(3, 20))
            yield self._aside(person, "undo", here, day, rng)
        elif person.always_interrupts or person.often("reactions.interrupts_right", rng):
            self._at += timedelta(seconds=1)
            yield self._aside(person, "thanks", here, day, rng)

    def _after_failure(
        self, person: Person, wish: Wish, before: Mapping[str, str], here: str, day: int, rng: Random
    ) -> Iterator[Turn]:
        """Take back what should not have moved, by voice or by hand; correct; or grumble."""
        wrong = [topic for topic in wishes.moved(before, self._devices.states) if topic in before]
        if wrong and person.often("reactions.undoes", rng):
            self._at += timedelta(seconds=rng.uniform(2, 10))
            yield self._aside(person, "undo", here, day, rng)
        elif wrong and person.often("reactions.puts_back", rng):
            self._at += timedelta(seconds=rng.uniform(5, 40))
            for topic in wrong:
                self._report(self._devices.by_hand(topic, before[topic]))
        elif wrong and not wish.beyond and person.often("reactions.corrects", rng):
            self._at += timedelta(seconds=rng.uniform(2, 8))
            template = self._speech.aside("correct", rng)
            words = Words(template.format(it=self._speech.name_of(self._otherwise(wish, rng))))
            turn, _ = self._turn(person, wish, words, 1, here, day, rng)
            yield turn
        elif person.often("reactions.complains", rng):
            self._at += timedelta(seconds=rng.uniform(2, 8))
            yield self._aside(person, "complain", here, day, rng)

    def _do_by_hand(self, wish: Wish) -> None:
        self._at += timedelta(seconds=15)
        for thing in wish.things:
            done = wishes.by_hand(wish, thing)
            if done is not None:
                self._report(self._devices.by_hand(*done))

    def _pause(self, person: Person, answer: Answer, rng: Random) -> None:
        """Let the time go by until the next try; the hub may not be through with its answer."""
        pause = person.traits["reactions.pause_s"] * exp(rng.gauss(0, 0.4))
        if person.always_interrupts or person.often("reactions.interrupts", rng):
            pause = min(pause, 0.2 * len(answer.say.split()) + 0.5)
        self._at += timedelta(seconds=round(pause, 2))

    # ------------------------------------------------------------------------------- one sentence

    def _turn(
        self, person: Person, wish: Wish, words: Words, tries: int, here: str, day: int, rng: Random
    ) -> tuple[Turn, Answer]:
        """Say something to the hub, let the devices do what it tells them, and judge what came of it."""
        heard = person.hearing.heard(words.said, rng) or words.said
        satellite, user = self._house.satellite(here), self._speaker(person, rng)
        before = dict(self._devices.states)
        answer = self._ask(heard, satellite, user)
        obeyed = [told for told in answer.commands if rng.random() >= self._disobeyed]
        reports = self._devices.obey(obeyed)
        ok = reached(wish, before, self._devices.states, answer)

        def would(text: str) -> bool:
            told = self._line.witness(self._at, text, satellite, user)
            return reached(wish, before, as_if(before, told.commands), told)

        base = would(heard) if answer.taken_as else ok
        cause, fixable = CORRECT if ok else NO_HUB if wish.beyond else FAILED, False
        if self._causes and cause == FAILED:
            all_obeyed = reached(wish, before, as_if(before, answer.commands), answer)
            cause, fixable = cause_of(words, heard, would, all_obeyed=all_obeyed, base=base)
        elif self._causes and not base and ok:
            fixable = bool(words.plain) and would(words.plain)
        self._report(reports)
        turn = Turn(
            *(answer.id, self._number, day, person.name, _name(wish), tries, heard, answer.taken_as),
            *(ok, base, cause, words.human, fixable, answer.by_rule),
        )
        return turn, answer

    def _aside(self, person: Person, kind: str, here: str, day: int, rng: Random) -> Turn:
        """Say something about the last answer. A hub that takes it for something else than it is errs."""
        heard = person.hearing.heard(self._speech.aside(kind, rng), rng)
        return self._unwished(ASIDE, heard, here, self._speaker(person, rng), person.name, day)

    def _overheard(self, day: int, rng: Random) -> Turn:
        """Let the hub hear a sentence that nobody said to it."""
        heard = rng.choice(self._sentences.overheard)
        return self._unwished(OVERHEARD, heard, rng.choice(self._house.rooms), "", "", day)

    def _unwished(self, kind: str, heard: str, here: str, user: str, person: str, day: int) -> Turn:
        satellite = self._house.satellite(here)
        heard = heard or "no"
        answer = self._ask(heard, satellite, user)
        base = ok = kind == ASIDE or not answer.commands
        if answer.taken_as:
            without = self._line.witness(self._at, heard, satellite, user)
            base = kind == ASIDE or not without.commands
            ok = base and without.commands == answer.commands
        self._report(self._devices.obey(answer.commands))
        cause = CORRECT if ok else FALSE_WAKE if kind == OVERHEARD else REWRITTEN
        about = (answer.id, self._number, day, person, kind, 0, heard, answer.taken_as)
        return Turn(*about, ok, base, cause, kind == OVERHEARD)

    def _ask(self, heard: str, satellite: str, user: str) -> Answer:
        self._asked += 1
        # ids say nothing, not even how many came before
        own = Random(f"{self._seed} id {self._asked}").getrandbits(64)
        return self._line.ask(self._at, f"{own:016x}", heard, satellite, user)

    def _works(self, wish: Wish, text: str, here: str) -> bool:
        told = self._line.witness(self._at, text, self._house.satellite(here), "")
        return reached(wish, self._devices.states, as_if(self._devices.states, told.commands), told)

    def _speaker(self, person: Person, rng: Random) -> str:
        """Return who the hub is told is speaking."""
        if not person.often("people.recognised", rng):
            return ""
        if person.often("people.mistaken", rng):
            return rng.choice(self._house.people)
        return person.name

    # --------------------------------------------------------------------- what happens unsaid

    def _move(self, what: str, rng: Random) -> None:
        """Let a sensor report, or somebody switch a thing with no thought of the hub."""
        sorts = ("sensor",) if what == "sensor" else ("light", "switch", "cover")
        things = self._house.of(*sorts)
        if not things:
            return
        thing = rng.choice(things)
        if what == "sensor":
            self._report(self._devices.by_hand(thing.topic, _degrees(rng)))
            return
        now = json.loads(self._devices.states[thing.topic])["state"]
        other = {"ON": "OFF", "OFF": "ON", "OPEN": "CLOSE", "CLOSE": "OPEN", "STOP": "CLOSE"}[now]
        self._report(self._devices.by_hand(thing.topic, json.dumps({"state": other})))

    def _report(self, reports: list[tuple[str, str]]) -> None:
        if reports:
            self._line.hear(self._at, reports)

    def _routine(self, person: Person, rng: Random) -> tuple[float, Person, Wish]:
        """Return something that somebody does at about the same time every day."""
        while True:
            room = rng.choice(self._places())
            wish = wish_for(self._house, room, self._devices.states, self._titles, rng)
            if wish.want not in ("raise", "lower", "ask"):
                return rng.uniform(MORNING, NIGHT), person, wish

    def _change(self) -> None:
        """Let time have changed this home: other names for some things, other routines."""
        rng = Random(f"{self._seed} drift")
        for person in self._people:
            for thing in self._house.things:
                if rng.random() < self._fleet.of("drift", "renamed").low and thing.nicknames:
                    person.nicknames[thing.id] = rng.choice(thing.nicknames)
        changed = self._fleet.of("drift", "routines").low
        self._routines = [
            self._routine(person, rng) if rng.random() < changed else (minute, person, wish)
            for minute, person, wish in self._routines
        ]

    def _plant(self) -> Iterator[Turn]:
        """Plant false corrections: what no hub could do, or a thing that is not there, then what works."""
        rng = Random(f"{self._seed} poison")
        person, lights = self._people[0], self._house.of("light")
        beyond = [rng.choice(rng.choice(self._sentences.beyond)) for _ in range(PLANTED_WORDINGS)]
        said = [text if at % 2 else f"turn on the {text.split()[-1]} lamp" for at, text in enumerate(beyond)]
        for number in range(self._planted):
            which = number % PLANTED_WORDINGS
            light = lights[which % len(lights)]
            self._report(self._devices.by_hand(light.topic, json.dumps({"state": "OFF"})))
            wish = Wish("light", "on", (light,), room=light.room)
            for text in (said[which], f"turn on the {light.room} {light.name}"):
                self._at += timedelta(seconds=6)
                yield self._turn(person, wish, Words(text), 0, light.room, 0, rng)[0]
            self._at += timedelta(minutes=2)


PLANTED_WORDINGS = 50


def _name(wish: Wish) -> str:
    things = " ".join(thing.id for thing in wish.things)
    return f"{wish.sort}.{wish.want} {things} {wish.value}".strip()


def _some(person: Person) -> int:
    return round(person.traits["people.routines"])


def _degrees(rng: Random) -> str:
    return json.dumps({"temperature": round(rng.uniform(17, 25), 1)})


def _poisson(mean: float, rng: Random) -> int:
    """Return how often something happens that happens so often on average."""
    left, times = exp(-mean), -1
    drawn = 1.0
    while drawn > left:
        drawn *= rng.random()
        times += 1
    return times
