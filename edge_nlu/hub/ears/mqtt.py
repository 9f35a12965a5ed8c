"""Requests and results on our own topics: text or JSON on `<base>/ask`, JSON on `<base>/result`.

A request may name the satellite it was said to, who said it, and an id: the same id twice acts once. A
retained request would act again after every start, so it is none.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from edge_nlu.hub.answers import error_of
from edge_nlu.hub.desk import Answer, Request
from edge_nlu.hub.ears import Ask, clean
from edge_nlu.transport.broker import Heard, Transport, publishable
from edge_nlu.values import Message, Understanding

log = logging.getLogger(__name__)

LONGEST_NAME = 200
REFUSED = "I can't read that request."
NAMES = ("text", "satellite", "user", "id")


class MqttEar:
    """The ear on our own topics. Answers to whatever ear can be seen there too."""

    def __init__(self, base: str, transport: Transport, taken: tuple[str, ...] = ()) -> None:
        self._base = base
        self._transport = transport
        # an answer on a topic that we listen to would be a request, and so on without end
        self._taken = {*taken, f"{base}/ask"}
        self._ask: Ask | None = None
        self._told_retained = False

    def topics(self) -> tuple[str, ...]:
        """Return the topic of requests."""
        return (f"{self._base}/ask",)

    def start(self, ask: Ask) -> None:
        """Hand requests over from now on."""
        self._ask = ask

    def hear(self, heard: Heard) -> None:
        """Take in a request."""
        if self._ask is None or not heard.payload:
            return
        if heard.retained:
            if not self._told_retained:
                log.warning("a retained request on %s is ignored: it would act at every start", heard.topic)
            self._told_retained = True
            return
        request = _read(heard.payload)
        if isinstance(request, str):
            answer = error_of("", request, REFUSED)
            self._publish(f"{self._base}/result", answer)
            self._answer(heard, answer)
            return

        def reply(answer: Answer, _: Understanding | None) -> None:
            self._answer(heard, answer)

        self._ask(
            request["text"],
            reply,
            id=request["id"],
            satellite=request["satellite"],
            user=request["user"],
        )

    def answered(self, request: Request, answer: Answer) -> None:
        """Publish an answer, and once more under the satellite that wants to speak it."""
        self._publish(f"{self._base}/result", answer)
        if request.satellite and "/" not in request.satellite:
            self._publish(f"{self._base}/result/{request.satellite}", answer)

    def stop(self) -> None:
        """Take no more requests."""
        self._ask = None

    def _answer(self, heard: Heard, answer: Answer) -> None:
        """Answer on the topic that whoever asked has named."""
        if heard.answer_topic and heard.answer_topic not in self._taken:
            self._publish(heard.answer_topic, answer, heard.correlation)

    def _publish(self, topic: str, answer: Answer, correlation: bytes = b"") -> None:
        if publishable(topic):
            payload = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
            self._transport.publish(Message(topic, payload), correlation=correlation)


def _read(payload: bytes) -> dict[str, str] | str:
    """Return what a request says, or what is wrong with it."""
    try:
        text = payload.decode("utf-8").strip()
        found: Any = json.loads(text) if text.startswith("{") else {"text": text}
    except (ValueError, RecursionError) as error:
        return f"not a request: {type(error).__name__}, expected text or JSON in UTF-8"
    said = {name: found.get(name) for name in NAMES}
    said = {name: "" if value is None else value for name, value in said.items()}
    if isinstance(said["id"], int) and not isinstance(said["id"], bool) and abs(said["id"]) < 1 << 63:
        said["id"] = str(said["id"])
    for name, value in said.items():
        if not isinstance(value, str):
            return f"{name} is {json.dumps(value)[:40]}, expected a text"
        if name != "text" and len(value) > LONGEST_NAME:
            return f"{name} has {len(value)} letters, expected {LONGEST_NAME} at most"
    return {name: clean(value) for name, value in said.items()}
