"""What a sentence and the hub's answer to it look like in numbers, and what two have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log1p
from typing import Final, TypeAlias

from edge_nlu.learning.judge import acted, failed, took_back
from edge_nlu.learning.rewording import leans, wording
from edge_nlu.learning.verdicts import WORDS_A_SECOND
from edge_nlu.values import Act, Answer, Ask, AskCloud, Candidate, Command, DeviceId, Exchange, Held

Numbers: TypeAlias = dict[str, float]

_WANTS: Final = {
    **dict.fromkeys(("deny", "undo", "cancel"), "back"),
    **dict.fromkeys(("correct", "choose", "same", "confirm"), "lean"),
    **dict.fromkeys(("on", "open", "start", "play", "resume"), "on"),
    **dict.fromkeys(("off", "close", "stop", "pause", "dock"), "off"),
    **dict.fromkeys(("set", "raise", "lower"), "set"),
    **dict.fromkeys(("ask", "find"), "ask"),
    "none": "none",
}
_REASONS: Final = ("named", "exact", "only", "needed", "there", "here", "elsewhere")
_GAPS_S: Final = (3.0, 8.0, 20.0, 45.0, 90.0)


def told_in(exchange: Exchange) -> Sequence[Command]:
    """Return what devices were told."""
    return exchange.decision.commands if isinstance(exchange.decision, Act) else ()


def decided(exchange: Exchange) -> Numbers:
    """Return what the hub decided, and whether it came to nothing."""
    decision = exchange.decision
    why = decision.why if isinstance(decision, Ask) else ""
    return {
        "act": float(acted(exchange)),
        "answer": float(isinstance(decision, Answer)),
        "answer about something": float(isinstance(decision, Answer) and bool(decision.candidates)),
        "cloud": float(isinstance(decision, AskCloud)),
        **{f"ask {one}": float(why == one) for one in ("which", "sure", "value", "unsure", "teach")},
        "failed": float(failed(exchange)),
        "not told": float(bool(exchange.outcome.failed)),
    }


def read(exchange: Exchange) -> Numbers:
    """Return what was understood, and how surely."""
    found = exchange.understanding
    wants = {_WANTS.get(clause.want, "other") for clause in found.clauses}
    sure = [clause.confidence for clause in found.clauses]
    slots = [slot.confidence for clause in found.clauses for slot in clause.slots]
    intents = [one.confidence for one in found.intents]
    return {
        "home": found.home,
        "clauses": float(len(found.clauses)),
        "sure of clauses": min(sure, default=0.0),
        "sure of slots": min(slots, default=1.0),
        "sure of intent": max(intents, default=0.0),
        "pointing": float(leans(exchange)),
        **{f"want {kind}": float(kind in wants) for kind in (*sorted(set(_WANTS.values())), "other")},
        **{
            f"slot {kind}": float(any(slot.type == kind for clause in found.clauses for slot in clause.slots))
            for kind in ("device", "room", "value", "title")
        },
    }


def chosen(exchange: Exchange) -> Numbers:
    """Return what spoke for what was chosen, and how near the next was."""
    ranked = exchange.ranked
    best = ranked[0] if ranked else None
    weights = {reason.name: reason.weight for reason in best.because} if best is not None else {}
    return {
        "score": best.score if best is not None else 0.0,
        "next score": ranked[1].score if len(ranked) > 1 else 0.0,
        "ranked": log1p(len(ranked)),
        **{f"for it {name}": weights.get(name, 0.0) / 4.0 for name in _REASONS},
    }


def alike(first: Exchange, second: Exchange) -> Numbers:
    """Return how alike two sentences are in what was wanted of what, by whom."""
    told, told_then = settings_of(told_in(first)), settings_of(told_in(second))
    users = first.utterance.user, second.utterance.user
    held = settings_of(first.before)
    both = told.keys() & told_then.keys()
    wants, wants_then = _wants(first), _wants(second)
    same_want = bool(wants & wants_then)
    near, near_then = _devices(first.ranked), _devices(second.ranked)
    return {
        "same words": float(wording(first.utterance.text) == wording(second.utterance.text)),
        "same want": float(same_want),
        "same property": float(bool({p for _, p in wants} & {p for _, p in wants_then})),
        "same told": _overlap({d for d, _ in told}, {d for d, _ in told_then}),
        "same told values": float(bool(both) and all(told[key] == told_then[key] for key in both)),
        "other told values": float(any(told[key] != told_then[key] for key in both)),
        "puts back": float(any(key in held and held[key] == told_then[key] for key in told_then)),
        "same near": _overlap(near, near_then),
        "told then was near": _overlap(near, {d for d, _ in told_then}),
        "same thing": float(thing_of(first) == thing_of(second) != ""),
        "same place": float(slots_of(first, "room") == slots_of(second, "room") != set()),
        "other place": float(bool(slots_of(first, "room") ^ slots_of(second, "room"))),
        "same values": float(slots_of(first, "value") == slots_of(second, "value") != set()),
        "same title": float(slots_of(first, "title") == slots_of(second, "title") != set()),
        "takes back": float(took_back(second, first)),
        "points": float(leans(second)),
        "acts then": float(acted(second)),
        "fails then": float(failed(second)),
        "asked": float(isinstance(first.decision, Ask)),
        "same user": float(users[0] == users[1] != ""),
        "other user": float(bool(users[0] and users[1]) and users[0] != users[1]),
    }


def gaps(name: str, seconds: float | None) -> Numbers:
    """Return a time as steps that it is past, with its logarithm; None is never."""
    gone = 1e5 if seconds is None else max(seconds, 0.0)
    return {
        f"{name} never": float(seconds is None),
        f"{name} log": log1p(min(gone, 600.0)) / 6.4,
        **{f"{name} over {step:g}": float(gone > step) for step in _GAPS_S},
    }


def spoken_s(exchange: Exchange) -> float:
    """Return how many seconds the answer takes to say."""
    return len(exchange.decision.say.split()) / WORDS_A_SECOND


def thing_of(exchange: Exchange) -> str:
    """Return what the thing was called that something was wanted of, or ""."""
    return next(iter(sorted(slots_of(exchange, "device"))), "")


def slots_of(exchange: Exchange, kind: str) -> set[str]:
    """Return the words in the slots of a kind."""
    return {
        slot.value.lower()
        for clause in exchange.understanding.clauses
        for slot in clause.slots
        if slot.type == kind
    }


def shape_of(exchange: Exchange) -> str:
    """Return a sentence with its slots left out: how it was put, whatever it was about."""
    text = exchange.understanding.text.lower()
    slots = sorted(
        (slot.start, slot.end, slot.type) for one in exchange.understanding.clauses for slot in one.slots
    )
    for start, end, kind in reversed(slots):
        text = f"{text[:start]}{{{kind}}}{text[end:]}"
    return wording(text)


def settings_of(commands: Iterable[Command]) -> dict[tuple[DeviceId, str], Held]:
    """Return what commands set, by device and feature."""
    return {(one.device, key): value for one in commands for key, value in one.settings}


def _wants(exchange: Exchange) -> set[tuple[str, str]]:
    return {(clause.want, clause.property) for clause in exchange.understanding.clauses}


def _devices(candidates: Iterable[Candidate]) -> set[DeviceId]:
    return {device for one in candidates for device in one.devices}


def _overlap(one: set[DeviceId], other: set[DeviceId]) -> float:
    return len(one & other) / max(len(one | other), 1)
