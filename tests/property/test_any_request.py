"""Whatever bytes arrive at an ear, it raises nothing, and hands over only what is a request."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge_nlu.hub.ears.hermes import HermesEar
from edge_nlu.hub.ears.mqtt import MqttEar
from edge_nlu.transport.broker import Heard
from edge_nlu.transport.memory import MemoryBroker, MemoryTransport

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
TEXT = st.text(max_size=8)
OURS = st.fixed_dictionaries(
    {"text": TEXT | JSON},
    optional={"satellite": TEXT | JSON, "user": TEXT | JSON, "id": TEXT | JSON, "more": JSON},
)
QUERY = st.fixed_dictionaries(
    {"input": TEXT | JSON},
    optional={
        "siteId": TEXT | JSON,
        "sessionId": TEXT | JSON,
        "id": JSON,
        "customData": JSON,
        "intentFilter": JSON,
    },
)
ANSWER = {"id": "r", "decision": "act", "say": "Done."}


def payloads(said: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    return st.binary(max_size=60) | said.map(lambda found: json.dumps(found).encode())


class Asked:
    """Hears requests, and answers each at once."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, text: str, reply: Any, **more: Any) -> None:
        self.requests.append((text, more))
        reply(ANSWER, None)
        reply({**ANSWER, "decision": "failed"}, None)


def transport() -> MemoryTransport:
    line = MemoryBroker().client()
    line.start(lambda _: None)
    return line


@given(payloads(OURS), st.text(max_size=12), st.binary(max_size=4), st.booleans())
def test_on_our_topic(payload: bytes, topic: str, correlation: bytes, retained: bool) -> None:  # noqa: FBT001
    line, asked = transport(), Asked()
    ear = MqttEar("edge-nlu", line)
    ear.start(asked)
    ear.hear(Heard("edge-nlu/ask", payload, retained, topic, correlation))
    for text, more in asked.requests:
        for said in (text, *more.values()):
            assert isinstance(said, str)
            assert said.encode().decode() == said
    assert not (retained and asked.requests)
    for message in line.sent:
        assert isinstance(json.loads(message.payload), dict)
        assert not message.retain


@given(payloads(QUERY), st.booleans())
def test_on_the_topics_of_hermes(payload: bytes, handles: bool) -> None:  # noqa: FBT001
    line, asked = transport(), Asked()
    ear = HermesEar(line, handles=handles)
    ear.start(asked)
    ear.hear(Heard("hermes/nlu/query", payload))
    for text, more in asked.requests:
        assert text.encode().decode() == text
        assert more["satellite"]
        assert more["only_read"] is not handles
    for message in line.sent:
        assert message.topic.startswith("hermes/")
        assert isinstance(json.loads(message.payload), dict)
