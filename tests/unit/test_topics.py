"""Which filters mean a topic, and a broker in memory that goes by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_nlu.transport.broker import Heard, publishable
from edge_nlu.transport.memory import MemoryBroker
from edge_nlu.transport.topics import Topics
from edge_nlu.values import Message

LEVEL = st.sampled_from(["a", "b", "", "$SYS"])
FILTER = st.lists(st.one_of(LEVEL, st.just("+")), min_size=1, max_size=4).map("/".join)


@pytest.mark.parametrize(
    ("topic_filter", "topic", "means"),
    [
        ("lamp", "lamp", True),
        ("lamp", "lamp/set", False),
        ("+/set", "lamp/set", True),
        ("+", "lamp/set", False),
        ("lamp/#", "lamp", True),
        ("lamp/#", "lamp/a/b", True),
        ("#", "lamp/a", True),
        ("#", "$SYS/uptime", False),
        ("+/uptime", "$SYS/uptime", False),
        ("$SYS/#", "$SYS/uptime", True),
        ("a/+/+", "a//b", True),
    ],
)
def test_a_filter_means_a_topic(topic_filter: str, topic: str, *, means: bool) -> None:
    topics: Topics[str] = Topics()
    topics.add(topic_filter, "bridge")
    assert topics.find(topic) == (["bridge"] if means else [])


@given(st.lists(FILTER, min_size=1, max_size=6), st.lists(LEVEL, min_size=1, max_size=4).map("/".join))
def test_what_was_taken_out_leaves_no_trace(filters: list[str], topic: str) -> None:
    topics: Topics[str] = Topics()
    topics.add("a/+", "stays")
    before = topics.find(topic)
    for one in filters:
        topics.add(one, "goes")
    for one in filters:
        topics.remove(one, "goes")
    topics.remove("never/there", "goes")
    assert topics.find(topic) == before
    assert set(topics._wild._below) == {"a"}
    assert topics._whole == {}


def test_a_broker_in_memory_repeats_what_was_retained_and_keeps_the_order() -> None:
    broker = MemoryBroker()
    lamp, hub = broker.client(), broker.client()
    heard: list[Heard] = []

    def behave(order: Heard) -> None:
        lamp.publish(Message("lamp", order.payload, retain=True))
        lamp.publish(Message("lamp/said", order.payload))

    lamp.listen(["lamp/set"])
    lamp.start(behave)
    lamp.publish(Message("lamp", b"OFF", retain=True))
    hub.start(heard.append)
    hub.listen(["lamp", "lamp/said"])
    assert heard == [Heard("lamp", b"OFF", True)]
    assert hub.publish(Message("lamp/set", b"ON"))
    assert heard[1:] == [Heard("lamp", b"ON"), Heard("lamp/said", b"ON")]
    assert hub.sent == [Message("lamp/set", b"ON")]


def test_without_its_broker_nothing_is_sent_or_heard_and_nothing_comes_late() -> None:
    broker = MemoryBroker()
    hub, lamp = broker.client(), broker.client()
    heard: list[Heard] = []
    hub.listen(["lamp"])
    hub.start(heard.append)
    lamp.start(heard.append)
    hub.lose()
    assert not hub.publish(Message("lamp/set", b"ON"))
    lamp.publish(Message("lamp", b"ON"))
    hub.regain()
    assert (heard, hub.sent, hub.connections) == ([], [], 2)


@pytest.mark.parametrize("topic", ["", "a/+", "#", "a\0b", "x" * 2000, "a\nb"])
def test_no_message_goes_to_a_topic_that_is_none(topic: str) -> None:
    assert not publishable(topic)
