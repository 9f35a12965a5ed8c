"""The line: from what was said to what is done.

Each stage is named once, in order. The home is photographed at the start, and nothing refreshes that
picture while the sentence is on its way; the exchange is written down before anything moves, so that
after a power cut it is known what may have been done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from edge_nlu.interfaces import Context, Hands, Home, Journal, Memory, Understander
from edge_nlu.learning.judge import failed
from edge_nlu.learning.offers import asked_about, offered, remembered, taught_by
from edge_nlu.learning.teach import lessons_of, refusal
from edge_nlu.steps import say
from edge_nlu.steps.care import doubted, risky
from edge_nlu.steps.decide import decide
from edge_nlu.steps.resolve import Weights
from edge_nlu.steps.rewrite import rewrite
from edge_nlu.steps.scene import scene_of
from edge_nlu.steps.spot import spot
from edge_nlu.steps.wish import wish_of
from edge_nlu.values import (
    Act,
    Answer,
    AskCloud,
    Candidate,
    Command,
    Decision,
    Exchange,
    Learn,
    Understanding,
    Utterance,
)

# as many candidates are kept with an exchange, to explain it
KEPT = 8


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Everything that a sentence meets on its way."""

    understander: Understander
    context: Context
    memory: Memory
    journal: Journal
    hands: Hands
    weights: Weights

    def handle(self, utterance: Utterance) -> Exchange | None:
        """Take one utterance to a decision, write it down and act on it; None when it was handled before."""
        home = self.context.snapshot(utterance.at)
        tried = self._tried(utterance, home)
        decision = tried.decision
        lessons = decision.lessons if isinstance(decision, Learn) else taught_by(tried, home)
        decision = offered(tried, home) or remembered(decision, lessons)
        if isinstance(decision, Act) and (more := self.memory.afterthought(tried, home)):
            decision = replace(decision, say=f"{decision.say} {more}")
        exchange = replace(tried, decision=decision, before=_held(_commands(decision), home))
        if not self.journal.write(exchange):
            return None
        exchange = self._acted(exchange, home)
        if lessons:
            self.memory.learn(lessons, utterance)
        self.context.remember(exchange)
        return exchange

    def explained(self, exchange: Exchange, meant: Understanding | Answer) -> Exchange:
        """Take an utterance on that somebody else could answer or read; what is read is decided here."""
        home = self.context.snapshot(exchange.utterance.at)
        if isinstance(meant, Answer):
            exchange = replace(exchange, decision=meant)
        elif _went_on(exchange.utterance, home):
            # whoever has said something else meanwhile, perhaps "forget it", is not surprised by an act
            return exchange
        else:
            decision, ranked = self._choose(meant, exchange.utterance, home)
            if isinstance(decision, AskCloud | Learn):
                return exchange
            decision = doubted(decision, home)
            before = _held(_commands(decision), home)
            kept = tuple(ranked[:KEPT])
            first = exchange
            exchange = Exchange(exchange.utterance, meant, decision, before=before, ranked=kept)
            known = self.understander.understand(meant.text) == meant
            if known and isinstance(decision, Act) and not risky(decision, home):
                self.memory.explained(first, exchange)
        self.journal.amend(exchange)
        exchange = self._acted(exchange, home)
        self.context.remember(exchange)
        return exchange

    def conclude(self, exchange: Exchange) -> None:
        """Learn from an exchange and write down what came of it, when nobody waits any more."""
        try:
            self.memory.observe(exchange)
        finally:
            self.journal.finish(exchange)

    def _acted(self, exchange: Exchange, home: Home) -> Exchange:
        """Tell the devices of an exchange, and return it with what came of that and what else there was."""
        told = _commands(exchange.decision)
        if told:
            exchange = replace(exchange, outcome=self.hands.tell(told))
        # devices answer later, so this is still what they held before
        others = [c for candidate in exchange.ranked for c in candidate.commands if c not in told]
        return replace(exchange, seen=_held(dict.fromkeys(others), home))

    def _tried(self, utterance: Utterance, home: Home) -> Exchange:
        """Return what a sentence comes to, also in the wording that is known to work where its own fails."""
        text = rewrite(utterance.text, self.memory.lessons(utterance.user))
        taken = self.memory.rewording(utterance) if text == utterance.text else None
        tried = None
        if taken is not None and taken.spared:
            tried = self._read(text, utterance, home)
            if not failed(tried):
                return replace(tried, taken=taken)
            # that it comes to nothing by itself is known without leaving it so
            taken = replace(taken, spared=False)
        if taken is not None:
            reworded = self._read(taken.text, utterance, home)
            if not (failed(reworded) or risky(reworded.decision, home) or _is_so(reworded.decision, home)):
                return replace(reworded, taken=taken)
        tried = tried or self._read(text, utterance, home)
        if isinstance(tried.decision, Learn) or risky(tried.decision, home):
            return tried
        other = self.memory.instead(tried, home, lambda said: self._done(said, utterance, home))
        return self._meant(tried, home) if other is None else other

    def _meant(self, tried: Exchange, home: Home) -> Exchange:
        """Return what comes of a sentence as people here mean it, where that is to do something not risky."""
        meant = self.memory.reread(tried.understanding, tried.utterance)
        if meant is tried.understanding:
            return tried
        other = self._decided(meant, tried.utterance, home)
        fine = isinstance(other.decision, Act) and not risky(other.decision, home)
        return other if fine and not _is_so(other.decision, home) else tried

    def _done(self, text: str, utterance: Utterance, home: Home) -> Exchange | None:
        """Return what a sentence comes to, where that is to do something, and nothing risky."""
        tried = self._read(text, utterance, home)
        fine = isinstance(tried.decision, Act) and not risky(tried.decision, home)
        return tried if fine and not _is_so(tried.decision, home) else None

    def _read(self, text: str, utterance: Utterance, home: Home) -> Exchange:
        return self._decided(self.understander.understand(text), utterance, home)

    def _decided(self, understanding: Understanding, utterance: Utterance, home: Home) -> Exchange:
        decision, ranked = self._choose(understanding, utterance, home)
        return Exchange(utterance, understanding, decision, ranked=tuple(ranked[:KEPT]))

    def _choose(
        self, understanding: Understanding, utterance: Utterance, home: Home
    ) -> tuple[Decision, Sequence[Candidate]]:
        text = understanding.text
        clauses = [spot(clause, text, home) for clause in understanding.clauses]
        wishes = [wish_of(clause, text, utterance.at) for clause in clauses]
        if lessons := lessons_of(wishes, text, home, utterance.user):
            return Learn(lessons, say.taught(lessons)), ()
        if reason := refusal(wishes, text, home, utterance.user):
            return Answer(reason), ()
        if told := asked_about(utterance, wishes, home, self.memory.teachings(utterance.user)):
            return told, ()
        meaning = understanding.embedding if len(wishes) == 1 else b""
        scene = scene_of(utterance, home, self.memory, meaning)
        return decide(understanding, wishes, scene, self.weights)


def _went_on(utterance: Utterance, home: Home) -> bool:
    """Return whether something else was said since at the same satellite."""
    turns = home.turns(utterance.satellite) if utterance.satellite else ()
    return bool(turns) and turns[-1].utterance.id != utterance.id


def _is_so(decision: Decision, home: Home) -> bool:
    """Return whether an act would change nothing: nobody wishes for what is so already."""
    told = _commands(decision)
    return bool(told) and _held(told, home) == told


def _commands(decision: Decision) -> tuple[Command, ...]:
    return decision.commands if isinstance(decision, Act) else ()


def _held(commands: Iterable[Command], home: Home) -> tuple[Command, ...]:
    """Return what the features that commands are about hold now, as commands that would put it back."""
    return tuple(
        Command(command.device, settings)
        for command in commands
        if (
            settings := tuple(
                (key, reading.value)
                for key, _ in command.settings
                if (reading := home.reading(command.device, key)) is not None and reading.value is not None
            )
        )
    )
