"""What the hub tells about an exchange, the same on every way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edge_nlu.interfaces import Home
from edge_nlu.values import (
    Act,
    Answer,
    Ask,
    AskCloud,
    Candidate,
    Command,
    Decision,
    DeviceId,
    Exchange,
    Learn,
    Message,
)

NAMES = {Act: "act", Answer: "answer", Ask: "ask", AskCloud: "cloud", Learn: "answer"}


def result_of(exchange: Exchange, sent: Sequence[Message], home: Home) -> dict[str, Any]:
    """Return a result as the README documents it, field by field."""
    decision = exchange.decision
    candidates = _candidates(decision)
    devices = dict.fromkeys([device for c in candidates for device in c.devices])
    said, text = exchange.utterance.text, exchange.understanding.text
    return {
        "decision": NAMES[type(decision)],
        "publishes": [{"topic": m.topic, "payload": m.payload.decode(errors="replace")} for m in sent],
        "say": decision.say,
        "intent": _intent(exchange),
        "slots": _slots(exchange),
        "targets": [own_id(device, home) for device in devices],
        "confidence": round(min((c.score for c in candidates), default=0.0), 4),
        "because": [f"{r.text} ({r.weight:+.2f})" for c in candidates[:1] for r in c.because],
        **({} if text == said else {"taken_as": text}),
        **({"by_rule": taken.rule} if (taken := exchange.taken) and not taken.spared else {}),
    }


def _candidates(decision: Decision) -> Sequence[Candidate]:
    match decision:
        case Act(candidates=found) | Answer(candidates=found):
            return found
        case Ask(options=options):
            return [candidate for option in options for candidate in option.candidates]
    return ()


def _intent(exchange: Exchange) -> str:
    clauses = exchange.understanding.clauses
    if not clauses or clauses[0].want == "none":
        return exchange.understanding.intent
    return "+".join(f"{clause.want}.{clause.property}" for clause in clauses)


def _slots(exchange: Exchange) -> dict[str, object]:
    """Return what was said by slot, and what it came to: values as they were sent."""
    slots: dict[str, object] = {}
    for clause in exchange.understanding.clauses:
        for slot in clause.slots:
            slots.setdefault(slot.type, slot.value)
    commands: Sequence[Command] = exchange.decision.commands if isinstance(exchange.decision, Act) else ()
    for command in commands:
        slots.update(command.settings)
    return slots


def own_id(device: DeviceId, home: Home) -> str:
    """Return the id that a device has in its own convention."""
    known = home.device(device)
    return known.ids[0] if known and known.ids else device
