"""What is wished for finds the device that is for it, though nobody named it."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.stage import Stage
from edge_nlu.storage.meanings import AT_ONCE, Meanings, what_for
from edge_nlu.values import Ask, Clause, Device, Feature, Understanding, Utterance

FEEDER = Device(
    "x/feeder", "Pet feeder", (Feature("feed", "trigger", name="Feed"), Feature("n/left", "number"))
)


def vector(*numbers: float) -> bytes:
    return (np.array(numbers, "<f4") / np.linalg.norm(numbers)).astype("<f4").tobytes()


def test_a_device_is_told_by_its_name_and_what_it_has() -> None:
    assert what_for(FEEDER) == "pet feeder: feed, left"


def test_the_nearest_comes_first() -> None:
    meanings = Meanings(lambda text: vector(1, 0) if "feeder" in text else vector(0, 1))
    lamp = Device("x/lamp", "lamp")
    near = meanings.nearest(vector(0.9, 0.1), [lamp, FEEDER])
    assert [device for device, _ in near] == ["x/feeder", "x/lamp"]
    assert near[0][1] > 0.9


def test_each_device_is_read_once_and_few_at_a_time() -> None:
    read: list[str] = []

    def embed(text: str) -> bytes:
        read.append(text)
        return vector(1, 1)

    meanings = Meanings(embed)
    hotel = [Device(f"x/{n}", f"lamp {n}") for n in range(AT_ONCE + 10)]
    assert len(meanings.nearest(vector(1, 0), hotel)) == AT_ONCE
    assert len(meanings.nearest(vector(1, 0), hotel)) == AT_ONCE + 10
    assert len(read) == AT_ONCE + 10


@pytest.mark.parametrize(
    "embedding", [pytest.param(b"", id="none"), pytest.param(vector(1, 2, 3), id="other width")]
)
def test_a_pack_without_such_vectors_finds_nothing(embedding: bytes) -> None:
    assert Meanings(lambda _: vector(1, 0)).nearest(embedding, [FEEDER]) == ()


class Hungry:
    """Reads every sentence as a wish for something to start, and knows that rice is for the hungry."""

    def understand(self, text: str) -> Understanding:
        hungry = "rice" in text or "starving" in text
        clause = Clause(0, len(text), "start", "run")
        embedding = vector(1, 0) if hungry else vector(0, 1)
        return Understanding(text, (), 1.0, (), (clause,), embedding)


def test_the_hub_asks_whether_what_it_is_for_was_meant() -> None:
    home = read_home("demo")
    description = {
        "homie": "5.0",
        "version": 1,
        "name": "Rice cooker",
        "nodes": {
            "cooker": {
                "name": "Rice cooker",
                "type": "rice-steamer",
                "properties": {
                    "run": {"name": "Cook", "datatype": "boolean", "settable": True, "retained": False}
                },
            }
        },
    }
    home["retained"] += [
        {"topic": "homie/5/rice/$description", "payload": description},
        {"topic": "homie/5/rice/$state", "payload": "ready"},
    ]
    now = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
    stage = Stage(home, now, Hungry())
    exchange = stage.handle(Utterance("1", "we are starving", now, "kitchen_speaker"))
    assert exchange is not None
    assert isinstance(exchange.decision, Ask)
    assert "rice cooker" in exchange.decision.say
    assert not stage.hands.sent
