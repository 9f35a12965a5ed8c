"""Say of a wish that was reached what each of its wordings meant, and how sure that is.

"make the reader shine" came to nothing, and "turn on the reading lamp" was fine: both meant the same. Nobody
said so, thus each label has a probability, from what spoke for the act, how it was taken, and what the same
words meant before. Who asks for labels sets how sure they must be, and gets fewer of them for it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log, log1p
from typing import Final, Literal, TypeAlias

from edge_nlu.learning.goals import Judged, answered, is_aside
from edge_nlu.learning.hearing import words_of
from edge_nlu.learning.judge import acted
from edge_nlu.learning.occasions import Occasion
from edge_nlu.learning.rewording import leans, wording
from edge_nlu.values import Act, Answer, Ask, Command, Exchange, Slot

Evidence: TypeAlias = dict[str, float]
Kind: TypeAlias = Literal["own", "anew", "hand"]
"""Whether the wording itself worked, another one that somebody turned to, or the hand."""

SPOKE: Final = ("exact", "there", "elsewhere", "done", "needed")
WEIGHTS: Final[Mapping[Kind, Mapping[str, float]]] = {
    "own": {
        "worked": 0.46,
        "answer": -0.84,
        "done": -3.47,
        "elsewhere": -1.16,
        "exact": 1.83,
        "needed": 1.56,
        "other before": -0.85,
        "read": 2.96,
        "same before": 0.41,
        "score": 1.75,
        "several": 1.15,
        "there": 1.33,
        "always": -4.5,
    },
    "anew": {
        "worked": 0.41,
        "acted": -1.41,
        "answer": -2.83,
        "done": -3.04,
        "elsewhere": -1.32,
        "exact": 1.7,
        "pause": -0.18,
        "score": -2.27,
        "leans": -0.58,
        "asked": 0.41,
        "always": 2.28,
    },
    "hand": {"pause": -0.62, "shared things": 0.15, "shared words": 0.18, "always": 7.39},
}
"""How much each piece of evidence weighs: logistic regressions over 80 practice households whose wishes are
known, with goals told apart by the model of dialogues and by verdicts alone, so that they hold for both."""

HALF: Final = 0.5
"""What is less likely is no label; who needs surer ones takes those above a threshold of their own."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a sentence meant, and how sure that is.

    `meant` is want and property as one, "on.power", and `read` what was read at the time, "" where that was
    not one wish; `slots` are those of the sentence's own words.
    """

    utterance: str
    text: str
    meant: str
    read: str = ""
    intent: str = ""
    slots: tuple[Slot, ...] = ()
    commands: tuple[Command, ...] = ()
    sure: float = 0.0
    user: str = ""


class Labeller:
    """Labels wish after wish, in the order said, and keeps in mind what was meant by which words."""

    def __init__(self, known: Iterable[Label] = ()) -> None:
        self._meant: dict[str, Counter[str]] = defaultdict(Counter)
        for label in known:
            self._meant[wording(label.text)][_sense(label)] += 1

    def labels(self, goal: Sequence[Judged], hands: Sequence[Occasion] = ()) -> list[Label]:
        """Return a label for each wording of a wish, however sure; none where it came to nothing.

        `hands` is what was done by hand soon after.
        """
        return [
            replace(label, sure=round(_sure(WEIGHTS[kind], evidence), 4))
            for label, kind, evidence in self.weigh(goal, hands)
        ]

    def weigh(
        self, goal: Sequence[Judged], hands: Sequence[Occasion] = ()
    ) -> list[tuple[Label, Kind, Evidence]]:
        """Return labels for the wordings of a wish, what speaks for each, and by which weights."""
        wishes = [one for one in goal if not is_aside(one.exchange)]
        last = next((one for one in reversed(wishes) if answered(one.exchange)), None)
        if wishes and (last is None or last.worked < HALF):
            return self._by_hand(wishes, hands)
        meant = _meant(last.exchange) if last is not None else ""
        if last is None or not meant:
            return []
        found: list[tuple[Label, Kind, Evidence]] = []
        for one in wishes:
            if one.number > last.number:
                break
            # what is said in answer to something means nothing by itself
            if leans(one.exchange) or not wording(one.exchange.utterance.text):
                continue
            label = _label(one.exchange, last.exchange, meant)
            senses = self._meant[wording(label.text)]
            evidence = {
                **_taken(last),
                **_spoke_for(last.exchange),
                **_said_before(senses, _sense(label)),
            }
            if one is last:
                # what worked was read rightly
                found.append((replace(label, meant=label.read or meant), "own", evidence))
            else:
                found.append((label, "anew", {**evidence, **_turned(one, last)}))
        return self._kept(found)

    def _by_hand(
        self, wishes: Sequence[Judged], hands: Sequence[Occasion]
    ) -> list[tuple[Label, Kind, Evidence]]:
        """Return labels for what somebody did by hand in the end."""
        # a hand that sets a level may have raised or lowered it
        if len({(hand.want, hand.property) for hand in hands}) != 1 or hands[0].want == "set":
            return []
        commands = tuple(hand.command for hand in hands)
        found: list[tuple[Label, Kind, Evidence]] = []
        for one in wishes:
            if leans(one.exchange) or not wording(one.exchange.utterance.text):
                continue
            label = _label(one.exchange, None, f"{hands[0].want}.{hands[0].property}")
            label = replace(label, commands=commands)
            found.append((label, "hand", _done(one, hands)))
        return self._kept(found)

    def _kept(self, found: list[tuple[Label, Kind, Evidence]]) -> list[tuple[Label, Kind, Evidence]]:
        for label, _, _ in found:
            self._meant[wording(label.text)][_sense(label)] += 1
        return found


def _meant(exchange: Exchange) -> str:
    """Return want and property of what was done or answered, or "" where these were several."""
    decision = exchange.decision
    wishes = [c.wish for c in decision.candidates] if isinstance(decision, Act | Answer) else []
    found = {f"{wish.want}.{wish.property}" for wish in wishes}
    return found.pop() if len(found) == 1 else ""


def _label(exchange: Exchange, last: Exchange | None, meant: str) -> Label:
    said, clauses = exchange.utterance, exchange.understanding.clauses
    return Label(
        said.id,
        said.text,
        meant,
        f"{clauses[0].want}.{clauses[0].property}" if len(clauses) == 1 else "",
        last.understanding.intent if last is not None else "",
        _slots(said.text, last) if last is not None else (),
        last.decision.commands if last is not None and isinstance(last.decision, Act) else (),
        user=said.user,
    )


def _slots(text: str, last: Exchange) -> tuple[Slot, ...]:
    """Return the slots of the wording that worked, where they stand in another."""
    lowered = text.lower()
    said = [slot for clause in last.understanding.clauses for slot in clause.slots]
    found = ((slot, lowered.find(slot.value.lower())) for slot in said)
    return tuple(
        replace(slot, start=at, end=at + len(slot.value), value=text[at : at + len(slot.value)])
        for slot, at in found
        if at >= 0
    )


def _sense(label: Label) -> str:
    """Return what words would have to mean again to mean the same."""
    told = sorted((command.device, *map(str, command.settings)) for command in label.commands)
    return f"{label.meant} {told}"


# ------------------------------------------------------------------------------------------ evidence


def _taken(last: Judged) -> Evidence:
    """Return how what was done was taken."""
    worked = min(max(last.worked, 0.01), 0.99)
    return {
        "worked": log(worked / (1 - worked)),
    }


def _spoke_for(exchange: Exchange) -> Evidence:
    """Return what spoke for what was done."""
    decision = exchange.decision
    candidates = decision.candidates if isinstance(decision, Act | Answer) else ()
    because = {reason.name for candidate in candidates for reason in candidate.because}
    return {
        "score": min((candidate.score for candidate in candidates), default=0.0),
        "read": min((clause.confidence for clause in exchange.understanding.clauses), default=0.0),
        "answer": float(isinstance(decision, Answer)),
        "several": float(len(candidates) > 1),
        "leans": float(leans(exchange)),
        **{name: float(name in because) for name in SPOKE},
    }


def _said_before(senses: Mapping[str, int], sense: str) -> Evidence:
    """Return how often the same words meant the same, and something else."""
    same = senses.get(sense, 0)
    return {"same before": log1p(same), "other before": log1p(sum(senses.values()) - same)}


def _turned(one: Judged, last: Judged) -> Evidence:
    """Return how likely it is that somebody turned from one wording to another for the same wish."""
    first, then = one.exchange, last.exchange
    gone = (then.utterance.at - first.utterance.at).total_seconds()
    return {
        "pause": log1p(max(gone, 0.0)),
        "asked": float(isinstance(first.decision, Ask)),
        "acted": float(acted(first)),
    }


def _done(one: Judged, hands: Sequence[Occasion]) -> Evidence:
    """Return how likely it is that what was done by hand is what somebody had asked for."""
    exchange, first = one.exchange, hands[0]
    gone = (first.at - exchange.utterance.at).total_seconds()
    near = {device for candidate in exchange.ranked for device in candidate.devices}
    own = set(words_of(exchange.utterance.text))
    named = set(words_of(first.command.device.replace("_", " ")))
    return {
        "pause": log1p(max(gone, 0.0)),
        "shared words": len(own & named) / max(len(named), 1),
        "shared things": float(first.command.device in near),
    }


def _sure(weights: Mapping[str, float], evidence: Evidence) -> float:
    odds = weights["always"] + sum(weights.get(name, 0.0) * amount for name, amount in evidence.items())
    return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))
