"""Hermes, the topics of Rhasspy and Snips: a dialogue manager asks what was meant, and hears it.

As `nlu` the hub tells what was meant and touches nothing: a skill of the owner's acts. As `handler` it is
that skill too: it acts, speaks, ends the session, or goes on with it when it has to ask back. A site is
the satellite that was spoken to.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from edge_nlu.hub.desk import Answer, Request
from edge_nlu.hub.ears import Ask, clean
from edge_nlu.transport.broker import Heard, Transport
from edge_nlu.values import Message, Slot, Understanding

QUERY = "hermes/nlu/query"
PARSED = "hermes/nlu/intentParsed"
NOT_RECOGNIZED = "hermes/nlu/intentNotRecognized"
FAILED = "hermes/error/nlu"
END = "hermes/dialogueManager/endSession"
GO_ON = "hermes/dialogueManager/continueSession"
SAY = "hermes/tts/say"

COPIED = ("id", "siteId", "sessionId", "customData")
LONGEST_NAME = 200
SURE_OF_HOME = 0.5
NO_INTENT = "none"


class HermesEar:
    """The ear on the topics of Hermes."""

    def __init__(self, transport: Transport, *, handles: bool, sites: Collection[str] = ()) -> None:
        self._transport = transport
        self._handles = handles
        self._sites = frozenset(sites)
        self._ask: Ask | None = None

    def topics(self) -> tuple[str, ...]:
        """Return the topic of queries."""
        return (QUERY,)

    def start(self, ask: Ask) -> None:
        """Hand queries over from now on."""
        self._ask = ask

    def hear(self, heard: Heard) -> None:
        """Take in a query; what is none is told on the topic for errors, if it is an object at all."""
        if self._ask is None or heard.retained:
            return
        query = _object(heard.payload)
        if query is None:
            return
        site = _name(query.get("siteId")) or "default"
        if self._sites and site not in self._sites:
            return
        text = query.get("input")
        if not isinstance(text, str):
            self._publish(FAILED, {"error": "input is no text", "context": QUERY, **_copied(query)})
            return

        def reply(answer: Answer, understanding: Understanding | None) -> None:
            self._reply(query, site, answer, understanding)

        # an id belongs to one session: a session goes on with further queries under its own id
        self._ask(clean(text), reply, satellite=site, only_read=not self._handles)

    def answered(self, request: Request, answer: Answer) -> None:
        """Leave answers to others alone."""

    def stop(self) -> None:
        """Take no more queries."""
        self._ask = None

    # ---------------------------------------------------------------------------------- answering

    def _reply(
        self, query: dict[str, Any], site: str, answer: Answer, understanding: Understanding | None
    ) -> None:
        if understanding is None:
            # turned away, or a device did not obey, which comes when the session is long over
            if answer["decision"] == "failed":
                self._publish(SAY, {"text": answer["say"], "siteId": site})
            elif self._handles:
                self._speak(query, site, answer)
            else:
                self._publish(FAILED, {"error": answer.get("error", ""), "context": QUERY, **_copied(query)})
            return
        intent = _intent(understanding)
        wanted = query.get("intentFilter")
        if isinstance(wanted, list) and wanted and intent not in wanted:
            intent = NO_INTENT
        if intent == NO_INTENT and not self._handles:
            self._publish(NOT_RECOGNIZED, {"input": query["input"], **_copied(query)})
            return
        self._publish(
            f"hermes/intent/{intent}" if _text(query.get("sessionId")) else PARSED,
            _parsed(query, understanding, intent),
        )
        if self._handles:
            self._speak(query, site, answer)

    def _speak(self, query: dict[str, Any], site: str, answer: Answer) -> None:
        """Say an answer: within the session, which goes on if it is a question, or just so."""
        session = _text(query.get("sessionId"))
        if not session:
            self._publish(SAY, {"text": answer["say"], "siteId": site})
        elif answer["decision"] == "ask":
            said = {"sessionId": session, "text": answer["say"], "customData": query.get("customData")}
            self._publish(GO_ON, {**said, "siteId": site, "sendIntentNotRecognized": False})
        else:
            said = {"sessionId": session, "text": answer["say"], "customData": query.get("customData")}
            self._publish(END, {**said, "siteId": site})

    def _publish(self, topic: str, said: dict[str, Any]) -> None:
        payload = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
        self._transport.publish(Message(topic, payload))


def _intent(understanding: Understanding) -> str:
    """Return the intent's name: what is wanted of which property, as `on.power`."""
    if understanding.home < SURE_OF_HOME or not understanding.clauses:
        return NO_INTENT
    first = understanding.clauses[0]
    return NO_INTENT if first.want == "none" else f"{first.want}.{first.property}"


def _parsed(query: dict[str, Any], understanding: Understanding, intent: str) -> dict[str, Any]:
    clauses = understanding.clauses[:1]
    return {
        "input": understanding.text,
        "rawInput": query["input"],
        "intent": {
            "intentName": intent,
            "confidenceScore": round(clauses[0].confidence if clauses else 0.0, 4),
        },
        "slots": [_slot(slot) for clause in clauses for slot in clause.slots],
        **_copied(query),
    }


def _slot(slot: Slot) -> dict[str, Any]:
    return {
        "entity": slot.type,
        "slotName": f"not_{slot.type}" if slot.excluded else slot.type,
        "confidence": round(slot.confidence, 4),
        "rawValue": slot.value,
        "value": {"kind": "Custom", "value": slot.value},
        "range": {"start": slot.start, "end": slot.end},
    }


def _copied(query: dict[str, Any]) -> dict[str, Any]:
    return {name: query.get(name) for name in COPIED}


def _object(payload: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _name(found: Any) -> str:
    return clean(found) if isinstance(found, str) and len(found) <= LONGEST_NAME else ""


def _text(found: Any) -> str:
    return found if isinstance(found, str) else ""
