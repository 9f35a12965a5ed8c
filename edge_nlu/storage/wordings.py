"""Which wordings fail here, what people turn to, and by which rules one is taken for the other.

Rules, and the exchanges that each was learned from, stand in the journal's file; looking one up touches no
disk. A rule that was withdrawn is kept, so that what it was learned from before cannot bring it back.
"""

from __future__ import annotations

# hashlib brings OpenSSL along, 3.6 MB of memory
from _blake2 import blake2s
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias, get_args

from edge_nlu.learning.blanks import blanked
from edge_nlu.learning.markov import Session, mine
from edge_nlu.learning.occasions import Occasion
from edge_nlu.learning.odds import at_least
from edge_nlu.learning.ranker import Followed
from edge_nlu.learning.rewording import (
    BY_HAND,
    Turned,
    done,
    done_by_hand,
    in_common,
    leans,
    named_anew,
    stands,
    wording,
)
from edge_nlu.learning.rules import FADING, Kind, Rule, Source, changed, left, serves, spared
from edge_nlu.learning.sharing import FEWEST, Shared, offered
from edge_nlu.learning.ways import name_from, way_from
from edge_nlu.storage.conversations import conversations
from edge_nlu.storage.journal import SqliteJournal, Statement
from edge_nlu.storage.rules import EVIDENCE, SEEN, keeping, rules_in
from edge_nlu.values import Exchange, Taken, Utterance

# conversations that are read in one slice of the night's work
AT_ONCE: Final = 64
WORKED_KEPT: Final = 4000
# evidence from somebody else counts so much against that of this person
OTHERS: Final = 0.25
# and that from another room so much, until it has gone well
ELSEWHERE: Final = 0.7
# who goes on to something in another room more often wants something else
FARTHER: Final = 0.75
# and so does who turns to what has neither the wish nor a word in common: once is not enough
UNLIKE: Final = 0.6
# of so many sentences that worked it can still be taken back what was learned from them
FRESH: Final = 8
# how sure one has to be of how often it goes well with a rule
LOWEST: Final = 0.2


_Lendable: TypeAlias = dict[str, dict[str, tuple[str, int]]]


@dataclass(slots=True)
class _Held:
    """A rule, and how much people turned so, by person and room."""

    rule: Rule
    seen: dict[tuple[str, str], float] = field(default_factory=dict)
    doubted: float = 0.0

    def weight(self, user: str, place: str) -> float:
        """Return how much speaks for a rule when this person speaks here."""
        return sum(
            much
            * (1.0 if user in ("", whose) or not whose else OTHERS)
            * (1.0 if where in ("", place) else ELSEWHERE)
            for (whose, where), much in self.seen.items()
        )

    def own(self, user: str) -> float:
        """Return how much of that is this person's own."""
        return sum(much for (whose, _), much in self.seen.items() if whose == user)


class Wordings:
    """The rules of one home; `place` tells in which room something is said.

    `shared` are rules of other homes, which count where this home has none of its own. Only those of the
    `sources` are followed.
    """

    def __init__(
        self,
        journal: SqliteJournal,
        place: Callable[[Utterance], str],
        shared: Iterable[Shared] = (),
        sources: Collection[Source] = get_args(Source),
    ) -> None:
        self._journal = journal
        self._place = place
        self._sources = sources
        self._shared = _by_wording(shared)
        self._of_pack: _Lendable = {}

    def lend(self, shared: Iterable[Shared]) -> None:
        """Lend these rules of other homes, too, which came with the pack in use."""
        self._of_pack = _by_wording(shared)

    def read(self) -> None:
        """Read what the journal holds; anew where somebody took something out of it."""
        journal = self._journal
        self._rules = {rule.id: _Held(rule) for rule in rules_in(journal)}
        for rule, user, where, weight in journal.each_row(EVIDENCE):
            if (held := self._rules.get(rule)) is not None:
                _count(held, (user, where), weight)
        self._of: dict[tuple[str, str], list[_Held]] = defaultdict(list)
        for held in self._rules.values():
            self._of[held.rule.kind, held.rule.failing].append(held)
        self._worked: OrderedDict[str, float] = OrderedDict(journal.each_row(_WORKED))
        self._doing: OrderedDict[str, str] = OrderedDict(journal.each_row(_DOING))
        self._lent: OrderedDict[str, Rule] = OrderedDict()
        self._fresh: OrderedDict[str, list[tuple[str, Turned, tuple[str, str]]]] = OrderedDict()

    # ------------------------------------------------------------------------------- looking up

    def taken(self, utterance: Utterance) -> Taken | None:
        """Return what a sentence as a whole is taken for, where a rule says so."""
        rule = self.following("whole", wording(utterance.text), utterance)
        return taken_by(rule, rule.working, utterance) if rule is not None else None

    def times_worked(self, text: str) -> float:
        """Return how often a sentence did what was wanted, as far as that has not faded."""
        return self._worked.get(wording(text), 0.0)

    def following(self, kind: Kind, failing: str, utterance: Utterance) -> Rule | None:
        """Return the rule that is followed where this is said, if one is clearly the likeliest."""
        found = self.likeliest(kind, failing, utterance)
        if found is None:
            return None
        rule, seen, lost = found.rule, found.seen, found.against
        # what was learned elsewhere has to prove itself here like anything else
        if not serves(rule, seen, lost):
            return None
        times = rule.won + seen
        return rule if at_least(times, times + rule.lost + lost) >= LOWEST else None

    def likeliest(self, kind: Kind, failing: str, utterance: Utterance) -> Followed | None:
        """Return the likeliest rule where this is said, and what speaks for it."""
        place, user = self._place(utterance), utterance.user
        fitting = [
            held
            for held in self._of.get((kind, failing), ())
            if held.rule.user in ("", user)
            and held.rule.place in ("", place)
            and held.rule.state != "withdrawn"
            and held.rule.source != "shared"
        ]
        if not fitting or "home" not in self._sources:
            return self._lend(kind, failing)
        weights = [held.weight(user, place) + held.rule.won for held in fitting]
        best = max(range(len(fitting)), key=weights.__getitem__)
        held, others = fitting[best], sum(weights) - weights[best]
        if weights[best] < 2.0 * others:
            return None  # people mean different things by it
        # a way of saying something is the same for all and everywhere
        seen = sum(held.seen.values()) if kind == "pattern" else held.weight(user, place)
        return Followed(held.rule, seen, held.own(user), held.doubted + others)

    def _lend(self, kind: Kind, failing: str) -> Followed | None:
        """Return what other homes take this for; what was withdrawn here is not lent again."""
        lendable = (self._shared, self._of_pack) if "shared" in self._sources else ()
        found = next((one for own in lendable if (one := own.get(kind, {}).get(failing))), None)
        if found is None:
            return None
        working, homes = found
        worked = self._worked.get(failing, 0.0)
        rule = Rule(kind, failing, working, source="shared", plain_won=worked, plain_lost=1.0)
        held = self._rules.get(rule.id)
        rule = held.rule if held is not None else rule
        if rule.state == "withdrawn":
            return None
        self._lent[rule.id] = rule
        if len(self._lent) > FRESH:
            self._lent.popitem(last=False)
        return Followed(rule, float(min(homes, FEWEST)), 0.0, 0.0)

    def offered(self, names: Collection[str]) -> list[Rule]:
        """Return what may be shown to other homes; `names` are those of people here."""
        return offered((held.rule for held in self._rules.values()), names)

    def is_common(self, kind: Kind, failing: str) -> bool:
        """Return whether the table of the pack in use knows what is meant by it."""
        return failing in self._of_pack.get(kind, {})

    # --------------------------------------------------------------------------------- learning

    def turned(self, one: Turned) -> None:
        """Learn from somebody who turned from what failed to what worked."""
        failing, working = wording(one.failing.utterance.text), self._working(one)
        if failing and working and wording(working) != failing:
            self.support(Rule("whole", failing, working, one.user, self._where(one)), self._doubted(one))
        self.also(one)

    def turned_to_hand(self, failing: Exchange, occasion: Occasion) -> None:
        """Learn from somebody who did by hand what a sentence had not done, if it is known how to say it."""
        own, working = wording(failing.utterance.text), self._doing.get(_key(done_by_hand(occasion), ""))
        if own and working and own != working:
            self._learn(Rule("whole", own, working), failing, failing.utterance.user, BY_HAND)

    def explained(self, one: Turned) -> None:
        """Learn what somebody outside took a sentence for that had failed."""
        failing, working = wording(one.failing.utterance.text), one.working.understanding.text
        if failing and wording(working) != failing:
            self.support(Rule("whole", failing, working, one.user, source="cloud"), one)

    def also(self, one: Turned) -> None:
        """Learn what it tells of other sentences that somebody turned: a name, or a way of saying."""
        if (way := way_from(one.failing, one.working)) is not None:
            placed = way.kind == "pattern" or bool(_rooms(one.working))
            place = "" if placed else self._place(one.failing.utterance)
            # of a way of saying it is known that both are about the same thing
            sure = one if way.kind == "pattern" else self._doubted(one)
            self.support(Rule(way.kind, way.failing, way.working, one.user, place), sure)

    def named(self, one: Turned) -> None:
        """Learn what a thing is called from somebody who meant it, and saw another one do what they said."""
        if (way := name_from(one.failing, one.working)) is not None:
            place = "" if _rooms(one.working) else self._place(one.failing.utterance)
            rule = Rule(way.kind, way.failing, way.working, one.user, place)
            self._learn(rule, one.failing, one.working.utterance.user, one.weight)

    def _doubted(self, one: Turned) -> Turned:
        """Return it with less weight where somebody went on to another room, or to something else."""
        if one.weight == 1.0:
            return one
        here = {self._place(one.failing.utterance).replace("_", " "), *_rooms(one.failing)}
        nearby = 1.0 if here.issuperset(_rooms(one.working)) else FARTHER
        akin = 1.0 if in_common(one.failing, one.working) else UNLIKE
        return replace(one, weight=nearby * akin * one.weight)

    def support(self, rule: Rule, one: Turned) -> None:
        """Count for a rule that somebody turned so, until what they turned to is taken back, too."""
        whose = self._learn(rule, one.failing, one.working.utterance.user, one.weight)
        self._fresh.setdefault(one.working.utterance.id, []).append((rule.id, one, whose))
        if len(self._fresh) > FRESH:
            self._fresh.popitem(last=False)

    def _learn(self, rule: Rule, failing: Exchange, user: str, weight: float) -> tuple[str, str]:
        """Count for a rule, which begins on trial, and return by whom and where that was."""
        said = failing.utterance
        at_s, whose = said.at.timestamp(), (user or said.user, self._place(said))
        held = self._rules.get(rule.id)
        if held is not None and held.rule.state == "withdrawn" and at_s <= held.rule.at_s:
            return whose
        if held is None:
            worked = self._worked.get(rule.failing, 0.0) if rule.kind != "name" else 0.0
            held = self._rules[rule.id] = _Held(replace(rule, at_s=at_s, plain_won=worked, plain_lost=1.0))
            self._of[rule.kind, rule.failing].append(held)
        elif held.rule.state == "withdrawn":
            held.rule = replace(held.rule, state="trial", at_s=at_s)
        who = dict.fromkeys((said.user, user))
        held.rule = replace(
            held.rule, source=rule.source, said_by=" ".join(dict.fromkeys((*held.rule.said_by.split(), *who)))
        )
        _count(held, whose, weight)
        row = (rule.id, at_s, weight, *whose, " ".join(who), said.id)
        self._journal.put_off([keeping(held.rule), (SEEN, row)])
        return whose

    def mine(self) -> Iterator[None]:
        """Learn from whole conversations of the last weeks, with pauses; all of it is written, or nothing."""
        said_here: list[Session] = []
        for session in conversations(self._journal, self._place):
            said_here.append(session)
            if len(said_here) % AT_ONCE == 0:
                yield
        mined = mine([said_here])
        yield
        statements: list[Statement] = []
        for found in mined:
            known = self._of.get(("whole", found.failing), ())
            for said in found.seen:
                rule = next((held.rule for held in known if held.rule.working == found.working), None)
                if rule is None or (rule.state == "withdrawn" and said.at_s > rule.at_s):
                    rule = rule or Rule(
                        "whole", found.failing, found.working, place=said.place, plain_lost=1.0
                    )
                    rule = replace(rule, state="trial", at_s=said.at_s, said_by=said.user)
                if rule.state != "withdrawn":
                    row = (rule.id, said.at_s, found.sure, said.user, said.place, said.user, said.id)
                    statements += [keeping(rule), (SEEN, row)]
        self._journal.keep(statements)
        self.read()

    def went(self, exchange: Exchange, *, well: bool) -> None:
        """Learn from how an exchange went: by a rule, without it, or by no rule at all."""
        said = exchange.utterance
        taken = exchange.taken
        if not well:
            self._unsay(said.id)
        if (taken := exchange.taken) is not None:
            for held in filter(None, map(self._used, taken.rule.split())):
                at_s = said.at.timestamp()
                self._put(
                    held, left(held.rule, well=well) if taken.spared else changed(held.rule, at_s, well=well)
                )
            if not taken.spared:
                return
        own = wording(said.text)
        if leans(exchange) or wording(exchange.understanding.text) != own:
            return
        shape = blanked(exchange.understanding).shape
        if taken is None:
            for held in (*self._of.get(("whole", own), ()), *self._of.get(("pattern", shape), ())):
                self._put(held, left(held.rule, well=well))
        if well:
            self._works(exchange, own)
            self._works(exchange, shape, alone=False)

    def take_back(self, failing: str) -> None:
        """Forget what people turned to from this wording."""
        for held in self._of.get(("whole", failing), ()):
            held.seen.clear()
            self._put(held, replace(held.rule, state="withdrawn"))
            self._journal.put_off([("DELETE FROM evidence WHERE rule = ?", (held.rule.id,))])

    def _used(self, rule: str) -> _Held | None:
        """Return what is held of a rule; one that was lent is held from its first use on."""
        lent = self._lent.pop(rule, None)
        if rule not in self._rules and lent is not None:
            self._rules[rule] = _Held(lent)
            self._of[lent.kind, lent.failing].append(self._rules[rule])
        return self._rules.get(rule)

    def _put(self, held: _Held, rule: Rule) -> None:
        held.rule = rule
        self._journal.put_off([keeping(rule)])

    def _unsay(self, utterance: str) -> None:
        """Take back what was learned from an exchange that did not go well in the end, either."""
        for rule, one, whose in self._fresh.pop(utterance, ()):
            held = self._rules.get(rule)
            if held is not None:
                held.seen[whose] = max(held.seen.get(whose, 0.0) - one.weight, 0.0)
                row = (rule, one.failing.utterance.id)
                self._journal.put_off([("DELETE FROM evidence WHERE (rule, utterance) = (?, ?)", row)])

    def _works(self, exchange: Exchange, own: str, *, alone: bool = True) -> None:
        """Keep in mind that a wording, or one with blanks, works by itself, and what for."""
        times = self._worked[own] = FADING * self._worked.get(own, 0.0) + 1.0
        self._worked.move_to_end(own)
        if len(self._worked) > WORKED_KEPT:
            self._worked.popitem(last=False)
        doing = self._key(exchange) if alone and stands(exchange) else ""
        known = self._doing.get(doing)
        if doing and (known is None or times >= self._worked.get(known, 0.0)):
            self._doing[doing] = own
            if len(self._doing) > WORKED_KEPT:
                self._doing.popitem(last=False)
        said = exchange.utterance
        row = (said.at.timestamp(), own, said.user, said.id, times, doing)
        self._journal.put_off([(_WORKS, row)])

    def _working(self, one: Turned) -> str:
        """Return a wording that stands by itself for what somebody turned to, or "" where none is known."""
        if stands(one.working):
            return wording(one.working.understanding.text)
        if (doing := done(one.working)) == "":
            return ""
        here = _key(doing, self._place(one.failing.utterance))
        known = self._doing.get(_key(doing, "")) or self._doing.get(here, "")
        return known or wording(named_anew(one.failing, one.working))

    def _where(self, one: Turned) -> str:
        """Return the room in which that holds, "" for all: "the lamp" is another one in every room."""
        here = self._place(one.failing.utterance)
        if _rooms(one.failing) or any(
            room not in ("", here.replace("_", " ")) for room in _rooms(one.working)
        ):
            return ""
        return here

    def _key(self, exchange: Exchange) -> str:
        doing = done(exchange)
        return _key(doing, "" if _rooms(exchange) else self._place(exchange.utterance)) if doing else ""


def _by_wording(shared: Iterable[Shared]) -> _Lendable:
    """Return rules by what fails; there are thousands, and as little as can be is kept of each."""
    found: _Lendable = defaultdict(dict)
    for one in shared:
        found[one.kind].setdefault(one.failing, (one.working, one.homes))
    return found


def taken_by(rule: Rule, text: str, utterance: Utterance) -> Taken:
    """Return that a sentence is taken for a text by a rule, or is one of those that are spared."""
    return Taken(rule.id, text, spared=spared(utterance.id))


def _key(doing: str, place: str) -> str:
    return blake2s(f"{doing} {place}".encode(), digest_size=8).hexdigest()


def _rooms(exchange: Exchange) -> list[str]:
    slots = (slot for clause in exchange.understanding.clauses for slot in clause.slots)
    return [slot.value.lower() for slot in slots if slot.type == "room"]


def _count(held: _Held, whose: tuple[str, str], weight: float) -> None:
    held.seen[whose] = held.seen.get(whose, 0.0) + weight
    held.doubted += 1.0 - weight


_WORKED: Final = "SELECT wording, times FROM worked ORDER BY number"
_DOING: Final = "SELECT done, wording FROM worked WHERE done != '' ORDER BY times"
_WORKS: Final = (
    "INSERT OR REPLACE INTO worked (at_s, wording, said_by, utterance, times, done) VALUES (?, ?, ?, ?, ?, ?)"
)
