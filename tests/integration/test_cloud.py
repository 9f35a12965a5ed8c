"""A hub asks outside what it cannot answer, over real HTTP, and never waits longer than its deadline."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.learned import learned, undo
from edge_nlu_bench.endpoint import BAD_DAYS, Endpoint, black_hole, called, said

QUESTION = "how tall is mount everest"
HINT = "it is like the inside of a cow in my kitchen"
LATE_S = 0.3
"""A machine that tests is busy; `edge-nlu bench sync` looks closer."""
SETTINGS = """
[home.people]
ana = {{}}
[home.rooms]
kitchen = ["zigbee2mqtt/kitchen_lamp"]
[home.satellites]
panel = {{ room = "kitchen" }}
[cloud]
backend = "{backend}"
url = "{url}"
token = "secret-token"
model = "small"
deadline_s = {deadline}
first_byte_s = {first_byte}
connect_s = 0.1
"""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    one = Endpoint().start()
    yield one
    one.stop()


@pytest.fixture
def asking(house: Callable[..., Any]) -> Callable[..., Any]:
    """Build a house whose hub may ask outside."""

    def make(url: str, *, backend: str = "openai", deadline: float = 2.5, more: str = "", **so: Any) -> Any:
        settings = SETTINGS.format(url=url, backend=backend, deadline=deadline, first_byte=deadline * 0.6)
        return house(settings + more, **so)

    return make


def test_a_question_is_answered_in_words_and_names_come_back(asking: Any, endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: said("<PERSON_1> should bake it for <NUMBER_1> minutes.")
    here = asking(endpoint.url)
    answer = here.answer("who won the world cup in 1998, ana", satellite="panel", user="ana")
    assert (answer["decision"], answer["asked"]) == ("answer", "openai")
    assert answer["say"] == "ana should bake it for 1998 minutes."
    assert endpoint.words_of() == "who won the world cup in <NUMBER_1>, <PERSON_1>"
    (asked,) = endpoint.heard
    assert asked["path"] == "/v1/chat/completions"
    assert asked["headers"]["Authorization"] == "Bearer secret-token"
    assert b"kitchen" not in asked["body"]


def test_what_was_meant_is_done_here(asking: Any, endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: called(("on", {"property": "power", "device": "lamp", "room": "<ROOM_1>"}))
    here = asking(endpoint.url)
    answer = here.answer(HINT, satellite="panel")
    assert (answer["decision"], answer["targets"]) == ("act", ["kitchen_lamp"])
    assert [told.topic for told in here.told] == ["zigbee2mqtt/kitchen_lamp/set"]
    assert "kitchen" not in endpoint.words_of()


def test_a_thing_that_is_not_here_is_refused(asking: Any, endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: called(("on", {"property": "power", "device": "zeppelin"}))
    here = asking(endpoint.url)
    assert here.answer(HINT, satellite="panel")["decision"] in ("cloud", "ask")
    assert here.told == []


@pytest.mark.parametrize("day", BAD_DAYS)
def test_whatever_it_does_there_is_an_answer_in_time(asking: Any, endpoint: Endpoint, day: str) -> None:
    endpoint.day = day
    here = asking(endpoint.url, deadline=0.5)
    begun = time.monotonic()
    answer = here.answer(QUESTION)
    assert time.monotonic() - begun < 0.5 + LATE_S
    assert (answer["decision"], answer["asked"]) == ("cloud", "openai")
    assert "nobody else could help" in answer["say"]
    assert here.told == []


def test_refusing_or_black_holed_it_is_answered_in_time(asking: Any, endpoint: Endpoint) -> None:
    with ExitStack() as stack:
        refusing = endpoint.url
        endpoint.stop()
        for url in (refusing, stack.enter_context(black_hole())):
            here = asking(url, deadline=0.5)
            begun = time.monotonic()
            assert here.answer(QUESTION)["decision"] == "cloud"
            assert time.monotonic() - begun < 0.5 + LATE_S
            here.close()


def test_the_house_goes_on_while_somebody_waits(asking: Any, endpoint: Endpoint) -> None:
    endpoint.day = "slow"
    here = asking(endpoint.url, deadline=1.0)
    here.ask(QUESTION, id="question")
    begun = time.monotonic()
    assert here.answer("turn on the kitchen lamp", id="lamp")["decision"] == "act"
    assert time.monotonic() - begun < 0.5
    here.until(lambda: [one for one in here.results() if one["id"] == "question"])


def test_the_same_request_twice_is_asked_once(asking: Any, endpoint: Endpoint) -> None:
    here = asking(endpoint.url)
    endpoint.answer = lambda _: time.sleep(0.2) or said("High.")
    for _ in range(2):
        here.ask(QUESTION, id="twice")
    here.until(lambda: len(here.results()) == 2)
    assert [one["say"] for one in here.results()] == ["High.", "High."]
    assert len(endpoint.heard) == 1


def test_one_that_fails_is_left_alone_and_tried_again(
    asking: Any, endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint.day = "not json"
    here = asking(endpoint.url, folder=tmp_path / "state")
    for _ in range(5):
        here.answer(QUESTION)
    assert len(endpoint.heard) == 3
    here.close()
    # it is left alone after a restart, too
    again = asking(endpoint.url, folder=tmp_path / "state")
    again.answer(QUESTION)
    assert len(endpoint.heard) == 3


def test_a_late_answer_is_asked_for_once_more_beside_it(asking: Any, endpoint: Endpoint) -> None:
    endpoint.day = "first slow"
    endpoint.answer = lambda _: said("8849 metres.")
    here = asking(endpoint.url, deadline=1.0)
    assert here.answer(QUESTION)["say"] == "8849 metres."
    assert len(endpoint.heard) == 2


def test_out_of_order_for_a_moment_it_is_asked_again(asking: Any, endpoint: Endpoint) -> None:
    endpoint.day, endpoint.bad_until = "out of order", 1
    endpoint.answer = lambda _: said("High.")
    assert asking(endpoint.url).answer(QUESTION)["say"] == "High."
    assert len(endpoint.heard) == 2


@pytest.mark.parametrize("backend", ["webhook", "homeassistant"])
@pytest.mark.parametrize("day", ["out of order", "first slow", "breaks off"])
def test_what_may_act_is_never_asked_twice(asking: Any, endpoint: Endpoint, backend: str, day: str) -> None:
    endpoint.day = day
    here = asking(endpoint.url.removesuffix("/v1"), backend=backend, deadline=0.6)
    assert here.answer(QUESTION)["decision"] == "cloud"
    assert len(endpoint.heard) == 1


def test_a_webhook_and_home_assistant_answer(asking: Any, endpoint: Endpoint) -> None:
    root = endpoint.url.removesuffix("/v1")
    endpoint.answer = lambda _: {
        "say": "High.",
        "response": {"response_type": "query_answer", "speech": {"plain": {"speech": "Very high."}}},
    }
    assert asking(f"{root}/ask", backend="webhook").answer(QUESTION)["say"] == "High."
    assert asking(root, backend="homeassistant").answer(QUESTION)["say"] == "Very high."
    assert [one["path"] for one in endpoint.heard] == ["/ask", "/api/conversation/process"]


def test_what_is_risky_is_asked_back_as_ever(asking: Any, endpoint: Endpoint) -> None:
    endpoint.answer = lambda _: {"wishes": [{"want": "confirm", "property": "unsaid"}]}
    here = asking(endpoint.url, backend="webhook")
    assert here.answer(QUESTION)["decision"] == "cloud"


def test_what_left_is_written_down_before_it_leaves(asking: Any, endpoint: Endpoint, tmp_path: Path) -> None:
    here = asking(endpoint.url, folder=tmp_path / "state")
    here.answer("who won the world cup in 1998", id="one")
    here.close()
    journal = SqliteJournal(tmp_path / "state" / "journal.sqlite3")
    ((said_id, receiver, text, times, size),) = journal.rows(
        "SELECT utterance, receiver, text, times, bytes FROM sent"
    )
    assert (said_id, text, times) == ("one", "who won the world cup in <NUMBER_1>", 1)
    assert receiver == endpoint.url.removeprefix("http://").removesuffix("/v1")
    assert size == len(endpoint.heard[0]["body"])
    assert "secret-token" not in str(journal.rows("SELECT * FROM sent"))


def test_without_a_cloud_nobody_is_asked(house: Callable[..., Any], endpoint: Endpoint) -> None:
    answer = house("").answer(QUESTION)
    assert answer["decision"] == "cloud"
    assert "asked" not in answer
    assert endpoint.heard == []


def test_a_hub_that_stops_answers_who_waits(asking: Any, endpoint: Endpoint) -> None:
    endpoint.day = "slow"
    here = asking(endpoint.url, deadline=5.0)
    here.ask(QUESTION, id="waits")
    here.until(lambda: endpoint.heard)
    here.close()
    here.until(lambda: [one for one in here.results() if one["id"] == "waits"])


def test_what_was_explained_once_is_known_the_next_time(
    asking: Any, endpoint: Endpoint, tmp_path: Path
) -> None:
    endpoint.answer = lambda _: called(("on", {"property": "power", "device": "lamp", "room": "<ROOM_1>"}))
    here = asking(endpoint.url, folder=tmp_path / "state")
    first = here.answer(HINT, satellite="panel", id="first")
    here.answer("turn off the kitchen lamp", satellite="panel")
    again = here.answer(HINT, satellite="panel", id="again")
    assert (first["decision"], again["decision"]) == ("act", "act")
    assert "asked" not in again
    assert again["taken_as"] == "turn on the lamp in the kitchen"
    assert len(endpoint.heard) == 1
    here.close()
    journal = SqliteJournal(tmp_path / "state" / "journal.sqlite3")
    (rule,) = [one for one in learned(journal.rows) if one.kind == "rewording"]
    assert "explained" in rule.words
    undo(journal, [rule.id], "")
    journal.close()
    after = asking(endpoint.url, folder=tmp_path / "state")
    assert after.answer(HINT, satellite="panel", id="after")["asked"] == "openai"


def test_an_answer_is_not_remembered(asking: Any, endpoint: Endpoint) -> None:
    here = asking(endpoint.url)
    for name in ("one", "two"):
        assert here.answer(QUESTION, id=name)["decision"] == "answer"
    assert len(endpoint.heard) == 2
