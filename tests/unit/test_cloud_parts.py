"""The parts of asking outside: what a service may say, the words it is put into, and leaving it alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from edge_nlu.cloud.breaker import FAILURES, FIRST_REST_S, LONGEST_REST_S, Breaker
from edge_nlu.cloud.homeassistant import HomeAssistant
from edge_nlu.cloud.mask import Masked
from edge_nlu.cloud.meant import _HOLES, _WORDINGS, agree, offered, reading
from edge_nlu.cloud.openai import OpenAI
from edge_nlu.cloud.replies import FILLING, LONGEST_ANSWER, Access, Frame, Spoken, spoken
from edge_nlu.cloud.webhook import Webhook
from edge_nlu.errors import SettingsError
from edge_nlu.hub.assemble import check
from edge_nlu.hub.outside import oddities
from edge_nlu.hub.settings import Cloud, Settings
from edge_nlu.values import Act, Answer, Ask, AskCloud, Exchange, Understanding, Utterance

AT = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
WISHES = {"on": ("power",), "raise": ("brightness",), "set": ("brightness",), "unlock": ("lock",)}
URL = "https://models.example/v1"


# ------------------------------------------------------------------------------- what may be said


def test_each_want_is_a_function_and_nothing_else_is_said() -> None:
    post = OpenAI(Access(URL, "token", "small"), WISHES).post("more light")
    asked = json.loads(post.body)
    assert post.url == f"{URL}/chat/completions"
    assert [tool["function"]["name"] for tool in asked["tools"]] == list(WISHES)
    assert asked["tools"][1]["function"]["parameters"]["properties"]["property"]["enum"] == [
        "brightness",
        "unsaid",
    ]
    assert asked["messages"][-1] == {"role": "user", "content": "more light"}
    assert asked["model"] == "small"
    assert post.headers["Authorization"] == "Bearer token"
    assert "Authorization" not in OpenAI(Access(URL), WISHES).post("x").headers


def test_without_wishes_there_are_no_tools() -> None:
    assert "tools" not in json.loads(OpenAI(Access(URL), {}).post("x").body)


@pytest.mark.parametrize(
    "said",
    [
        {"wishes": [{"want": "explode", "property": "power"}]},
        {"wishes": [{"want": "on", "property": "lock"}]},
        {"wishes": [{"want": "on", "property": "power", "topic": "zigbee2mqtt/lamp/set"}]},
        {"wishes": [{"want": "on", "property": "power", "device": "x" * 61}]},
        {"wishes": [{"want": "on", "property": "power", "device": {"id": 1}}]},
        {"wishes": [{"want": "on", "property": ["power"]}]},
        {"wishes": ["on"]},
        {"wishes": [{"want": "on", "property": "power"}] * 5},
        {"say": ["High."]},
        {"say": "***"},
        {"text": "High."},
        [],
        None,
    ],
)
def test_what_is_no_answer_is_refused(said: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Webhook(Access(URL), WISHES).read(said)


def test_home_assistant_that_does_not_understand_has_nothing_to_say() -> None:
    agent = HomeAssistant(Access("http://ha.local:8123/", "token", "conversation.x"), WISHES)
    assert agent.post("hello").url == "http://ha.local:8123/api/conversation/process"
    assert json.loads(agent.post("hello").body)["agent_id"] == "conversation.x"
    assert agent.read({"response": {"response_type": "error"}}) == ()


def test_an_answer_is_plain_and_short() -> None:
    assert spoken("**High**,\n\u0007 very `high`.") == Spoken("High , very high .")
    long = spoken("It is high. " * 100).say
    assert len(long) <= LONGEST_ANSWER
    assert long.endswith("high.")


# ------------------------------------------------------------------------------- the words for it


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (Frame("raise", "brightness", {"room": "here"}), "raise the brightness in here"),
        (
            Frame("on", "power", {"device": "the lamp", "room": "in the <ROOM_1>"}),
            "turn on the lamp in the kitchen",
        ),
        (Frame("on", "power", {"device": "all the lights"}), "turn on all lights"),
        (Frame("on", "power", {"device": "everything", "room": "here"}), "turn on everything in here"),
        (Frame("on", "power", {"device": "it"}), "turn on it"),
        (Frame("on", "power", {"device": "lights", "room": "upstairs"}), "turn on the lights upstairs"),
        (
            Frame("set", "brightness", {"device": "lamp", "value": "<NUMBER_1> percent"}),
            "set the brightness of the lamp to 30 percent",
        ),
        (Frame("unlock", "lock", {"device": "front door"}), "unlock the front door"),
    ],
)
def test_a_reading_is_put_into_words_of_our_own(an_evening: Any, frame: Frame, words: str) -> None:
    home = an_evening().stage.context.snapshot(AT)
    masked = Masked("", {"<ROOM_1>": "kitchen", "<NUMBER_1>": "30"})
    read = reading([frame], masked, home)
    assert read.text == words
    (clause,) = read.clauses
    assert (clause.want, clause.property) == (frame.want, frame.property)
    assert all(read.text[slot.start : slot.end] == slot.value for slot in read.slots)


@pytest.mark.parametrize(
    "frame",
    [
        Frame("on", "power", {"device": "zeppelin"}),
        Frame("on", "power", {"room": "dungeon"}),
        Frame("set", "brightness", {"device": "lamp"}),
    ],
)
def test_what_this_home_does_not_have_is_refused(an_evening: Any, frame: Frame) -> None:
    with pytest.raises(ValueError, match=r"not here|no value"):
        reading([frame], Masked(""), an_evening().stage.context.snapshot(AT))


def test_what_our_words_need_is_what_a_service_is_asked_for() -> None:
    for key, words in _WORDINGS.items():
        want = key.partition(" ")[0]
        holes = set(_HOLES.findall(words)) - {"it", "place", "property"}
        assert holes <= set(FILLING.get(want, ())), key


def test_nobody_outside_says_yes_or_teaches() -> None:
    every = dict.fromkeys(["confirm", "deny", "undo", "teach", "forget", "on", "none"], ("unsaid",))
    assert list(offered(every)) == ["on"]


def test_our_own_reading_is_taken_where_it_says_the_same(an_evening: Any) -> None:
    home = an_evening().stage.context.snapshot(AT)
    theirs = reading([Frame("on", "power", {"device": "lamp", "room": "kitchen"})], Masked(""), home)
    assert agree(theirs, theirs)
    assert not agree(replace(theirs, home=0.2), theirs)
    assert not agree(reading([Frame("on", "power", {"device": "lamp"})], Masked(""), home), theirs)


# ----------------------------------------------------------------- what it comes to, in the line


def come_of(evening: Any, frame: Frame, user: str = "ana") -> Exchange:
    """Return what comes of a sentence that nobody understands, once somebody outside has read it."""
    line = evening.stage._line
    first = line.handle(Utterance("hint", "it is like that again", AT, "kitchen_speaker", user))
    assert isinstance(first.decision, AskCloud | Ask)
    return line.explained(first, reading([frame], Masked(""), evening.stage.context.snapshot(AT)))


def test_what_is_risky_is_asked_back(an_evening: Callable[..., Any]) -> None:
    door = Frame("unlock", "lock", {"device": "front door"})
    exchange = come_of(an_evening(), door)
    assert isinstance(exchange.decision, Ask)
    assert exchange.decision.say == "Shall I unlock the front door?"
    assert isinstance(come_of(an_evening(), door, user="tom").decision, Answer)


def test_what_is_harmless_is_done_and_written_before(an_evening: Callable[..., Any]) -> None:
    evening = an_evening()
    exchange = come_of(evening, Frame("on", "power", {"device": "spots"}))
    assert isinstance(exchange.decision, Act)
    assert exchange.outcome.sent
    ((decision, outcome),) = evening.stage.journal.rows("SELECT decision, outcome FROM exchanges")
    assert (decision, outcome) == ("act", None)


def test_an_answer_from_outside_is_said(an_evening: Callable[..., Any]) -> None:
    line = an_evening().stage._line
    first = line.handle(Utterance("q", "how tall is it", AT, "kitchen_speaker"))
    assert line.explained(first, Answer("High.")).decision == Answer("High.")


def test_who_reads_what_is_no_matter_of_the_home_changes_nothing(an_evening: Callable[..., Any]) -> None:
    line = an_evening().stage._line
    first = line.handle(Utterance("q", "how tall is it", AT, "kitchen_speaker"))
    assert line.explained(first, Understanding("how tall is it", (), 0.0, (), ())) == first


# ------------------------------------------------------------------------------- leaving it alone


def test_a_service_that_fails_rests_longer_each_time() -> None:
    breaker, now = Breaker(), 1000.0
    for _ in range(FAILURES):
        assert breaker.lets_ask(now)
        breaker.failed(now)
    rests = []
    for _ in range(9):
        assert breaker.state(now) == "open"
        assert not breaker.lets_ask(now)
        rests.append(breaker.rest_until - now)
        now = breaker.rest_until
        assert breaker.state(now) == "half open"
        assert breaker.lets_ask(now)
        assert not breaker.lets_ask(now)
        breaker.failed(now)
    assert rests[:3] == [FIRST_REST_S, 2 * FIRST_REST_S, 4 * FIRST_REST_S]
    assert rests[-1] == LONGEST_REST_S
    breaker.answered()
    assert breaker.state(now) == "closed"


def test_a_rest_outlives_a_restart_but_no_leap_of_the_clock() -> None:
    assert Breaker(1010.0).state(1000.0) == "open"
    assert Breaker(1010.0).state(1020.0) == "half open"
    assert Breaker(9_999_999.0).state(1000.0) == "half open"


# ------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("cloud", "found"),
    [
        (Cloud("opanai", URL), "expected 'openai'"),
        (Cloud("openai", ""), "cloud.url"),
        (Cloud("openai", "models.example"), "cloud.url"),
        (Cloud("openai", URL, token_file="/nowhere/token"), "cloud.token_file"),
    ],
)
def test_what_cannot_be_asked_is_told_before_anything_runs(cloud: Cloud, found: str) -> None:
    with pytest.raises(SettingsError, match=found):
        check(replace(Settings(), cloud=cloud))
    check(replace(Settings(), cloud=Cloud("openai", URL)))


def test_a_token_is_never_shown() -> None:
    assert "secret" not in repr(Cloud("openai", URL, token="secret"))


def test_a_hub_that_asks_nobody_does_not_load_what_it_takes() -> None:
    code = """
import sys
from edge_nlu.hub.assemble import assemble
from edge_nlu.hub.settings import Settings
from edge_nlu.transport.memory import MemoryBroker
from edge_nlu.values import Understanding
class Nothing:
    def understand(self, text): return Understanding(text, (), 0.0, (), ())
assemble(Settings(), folder=None, transport=MemoryBroker().client(), understander=Nothing(), environment={})
print(sorted(name for name in sys.modules if name.partition(".")[0] in ("urllib3", "http", "email", "ssl")
    or name.startswith("edge_nlu.cloud.")))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("cloud", "odd"),
    [
        (Cloud("openai", URL), []),
        (Cloud("openai", "http://nas.lan:8080/v1", mask=False), []),
        (Cloud("openai", "http://192.168.1.7/v1", mask=False), []),
        (Cloud("openai", "http://models.example/v1"), ["unencrypted"]),
        (Cloud("openai", "https://172.99.0.1/v1", mask=False), ["names and numbers leave the house"]),
        (Cloud("", URL), ["nobody is asked"]),
    ],
)
def test_what_is_hardly_meant_is_told(cloud: Cloud, odd: list[str]) -> None:
    found = list(oddities(replace(Settings(), cloud=cloud)))
    assert len(found) == len(odd)
    assert all(words in told for words, told in zip(odd, found, strict=True))


@pytest.mark.parametrize(
    ("slots", "is_done"),
    [
        ({"device": "spots"}, True),
        ({"device": "lights", "room": "kitchen"}, True),
        ({"device": "oven"}, False),
        ({"device": "all lights"}, True),
        ({"device": "everything"}, False),
    ],
)
def test_what_somebody_outside_means_is_asked_back_where_it_is_risky_or_everything(
    an_evening: Callable[..., Any], slots: dict[str, str], *, is_done: bool
) -> None:
    came = come_of(an_evening(), Frame("on", "power", slots))
    assert isinstance(came.decision, Act if is_done else Ask)
    assert bool(came.outcome.sent) == is_done


def test_nobody_turned_to_words_that_somebody_outside_found(
    an_evening: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    evening, turns = an_evening(), list[Any]()
    line = evening.stage._line
    monkeypatch.setattr("edge_nlu.storage.wordings.Wordings.turned", lambda _, one: turns.append(one))
    failing = line.handle(Utterance("failing", "make it like that again", AT, "kitchen_speaker", "ana"))
    line.conclude(failing)
    line.conclude(come_of(evening, Frame("on", "power", {"device": "spots"})))
    assert turns == []


def test_whoever_says_something_else_meanwhile_is_not_surprised(an_evening: Callable[..., Any]) -> None:
    evening = an_evening()
    line, home = evening.stage._line, evening.stage.context.snapshot(AT)
    lamp = reading([Frame("on", "power", {"device": "spots"})], Masked(""), home)
    first = line.handle(Utterance("hint", "it is like that again", AT, "kitchen_speaker", "ana"))
    line.handle(Utterance("else", "never mind", AT, "kitchen_speaker", "ana"))
    assert line.explained(first, lamp) == first
    assert line.explained(first, Answer("High.")).decision == Answer("High.")
