"""Put what came of a request into the words of an answer; docs/hub.md names every field."""

from __future__ import annotations

from collections.abc import Sequence

from edge_nlu.hub.desk import Answer
from edge_nlu.hub.hands import NOT_CONNECTED
from edge_nlu.hub.result import result_of
from edge_nlu.interfaces import Home
from edge_nlu.steps import say
from edge_nlu.values import Act, DeviceId, Exchange, Message


def answer_of(exchange: Exchange, sent: Sequence[Message], home: Home, milliseconds: float) -> Answer:
    """Return the answer to a request that was handled."""
    result = result_of(exchange, sent, home)
    answer = {"id": exchange.utterance.id, **result, "milliseconds": round(milliseconds, 3)}
    answer["commands"] = answer.pop("publishes")
    failed = exchange.outcome.failed
    if isinstance(exchange.decision, Act) and failed:
        if not exchange.outcome.sent:
            answer["decision"] = "failed"
        answer["failed"] = _named(failed, home)
        answer["say"] = _say(failed, home, said="" if not exchange.outcome.sent else answer["say"])
    return answer


def failure_of(exchange: Exchange, failed: Sequence[tuple[DeviceId, str]], home: Home) -> Answer:
    """Return the answer that follows when devices did not do what was said."""
    return {
        "id": exchange.utterance.id,
        "decision": "failed",
        "say": _say(failed, home, said=""),
        "targets": [_own_id(device, home) for device, _ in failed],
        "failed": _named(failed, home),
    }


def error_of(request: str, error: str, spoken: str) -> Answer:
    """Return the answer to a request that was not handled at all."""
    return {"id": request, "decision": "error", "error": error, "say": spoken}


def busy(request: str) -> Answer:
    """Return the answer when too many requests wait."""
    return error_of(request, "busy", say.busy())


def _say(failed: Sequence[tuple[DeviceId, str]], home: Home, *, said: str) -> str:
    if all(reason == NOT_CONNECTED for _, reason in failed):
        return say.cut_off()
    trouble = say.no_answer([device for device, _ in failed], home)
    return f"{said} {trouble}".strip()


def _named(failed: Sequence[tuple[DeviceId, str]], home: Home) -> list[dict[str, str]]:
    return [{"device": _own_id(device, home), "reason": reason} for device, reason in failed]


def _own_id(device: DeviceId, home: Home) -> str:
    known = home.device(device)
    return known.ids[0] if known and known.ids else device
