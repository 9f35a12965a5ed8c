"""The hub asks to be taught at three moments only, and what it is taught holds from that turn on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.stage import Stage
from edge_nlu.models.encoder import Encoder
from edge_nlu.values import Act, Exchange, Lesson, Utterance

EVENING = datetime(2026, 3, 2, 18, tzinfo=UTC)


class Talk:
    """Somebody who talks to the demo home, a sentence every eight seconds."""

    def __init__(self, encoder: Encoder) -> None:
        self.stage = Stage(read_home("demo"), EVENING, encoder, live=True)
        self._numbers: Iterator[int] = iter(range(1000))

    def say(self, text: str, user: str = "ana", after: timedelta = timedelta(seconds=8)) -> Exchange:
        self.stage.at += after
        said = Utterance(str(next(self._numbers)), text, self.stage.at, "living_room_tv", user)
        exchange = self.stage.handle(said)
        assert exchange is not None
        return exchange

    def hears(self, text: str, user: str = "ana") -> str:
        """Return what is answered, with what is sent."""
        exchange = self.say(text, user)
        sent = [str(one["payload"]) for one in self.stage.result(exchange)["publishes"]]
        return " ".join([exchange.decision.say, *sent])


@pytest.fixture
def talk(encoder: Encoder) -> Talk:
    return Talk(encoder)


def test_what_fails_twice_may_be_taught_and_holds_at_once(talk: Talk) -> None:
    assert "remember" not in talk.hears("operation moonlight")
    assert "I still don't know operation moonlight" in talk.hears("operation moonlight")
    assert "From now on operation moonlight means that" in talk.hears("turn on the hallway light")
    assert '"state": "ON"' in talk.hears("operation moonlight")
    talk.say("forget operation moonlight")
    assert '"state"' not in talk.hears("operation moonlight")


def test_whoever_is_displeased_may_teach_what_failed(talk: Talk) -> None:
    talk.say("do the snuggle thing")
    assert "do the snuggle thing" in talk.hears("you never understand me")
    talk.say("dim the floor lamp to twenty percent")
    assert '"brightness": 51' in talk.hears("do the snuggle thing")


@pytest.mark.parametrize(
    "said",
    [
        ("turn on the hallway light", "turn on the hallway light"),
        ("how tall is mount everest", "how tall is mount everest"),
        ("no", "no"),
        ("you never understand me",),
        ("tell me a joke", "tell me a joke", "tell me a joke"),
        ("set the thermostat to ninety", "set the thermostat to ninety"),
    ],
)
def test_nobody_is_asked_to_teach_without_need(talk: Talk, said: tuple[str, ...]) -> None:
    assert all("I will remember it" not in talk.hears(text) for text in said)


def test_it_is_offered_once_and_not_to_another_person(talk: Talk) -> None:
    talk.say("operation moonlight", "ana")
    assert "I still don't know" not in talk.hears("operation moonlight", "ben")
    assert "I still don't know" in talk.hears("operation moonlight", "ana")
    talk.say("never mind")
    assert "I still don't know" not in talk.hears("operation moonlight", "ana")


def test_what_was_said_long_ago_is_not_the_same_again(talk: Talk) -> None:
    talk.say("operation moonlight")
    again = talk.say("operation moonlight", after=timedelta(minutes=10))
    assert "I still don't know" not in again.decision.say


def test_no_lesson_gets_around_a_question(talk: Talk) -> None:
    talk.say("operation moonlight")
    talk.say("operation moonlight")
    assert talk.hears("unlock the front door") == "Shall I unlock the front door?"
    assert "UNLOCK" not in talk.hears("operation moonlight")
    talk.say("when I say sesame, unlock the front door")
    assert talk.hears("sesame") == "Shall I unlock the front door?"


def test_preferences_are_learned_step_by_step(talk: Talk) -> None:
    assert talk.hears("learn my preferences") == "What coffee do you like best?"
    assert "What music" in talk.hears("a cappuccino")
    assert "What team" in talk.hears("jazz")
    assert "That is all" in talk.hears("the Warriors")
    kept = [(one.phrase, one.meaning, one.user) for one in talk.stage.memory.lessons("ana")]
    assert set(kept) == {
        ("coffee", "cappuccino", "ana"),
        ("music", "jazz", "ana"),
        ("team", "warriors", "ana"),
    }
    assert "cappuccino" in talk.hears("make my favourite coffee")
    assert not isinstance(talk.say("make my favourite coffee", "ben").decision, Act)


def test_whoever_wants_no_questions_is_left_alone(talk: Talk) -> None:
    talk.say("learn my preferences")
    assert talk.hears("no") == "All right, no more questions."
    assert talk.stage.memory.lessons("ana") == ()


def test_a_command_in_the_midst_of_questions_is_a_command(talk: Talk) -> None:
    talk.say("learn my preferences")
    assert '"state": "ON"' in talk.hears("turn on the hallway light")
    assert talk.stage.memory.lessons("ana") == ()


def test_what_was_taught_is_told_to_whom_it_belongs(talk: Talk) -> None:
    assert talk.hears("what did I teach you") == "Nobody has taught me anything yet."
    talk.say("I'm a Warriors fan")
    talk.stage.memory.learn((Lesson("phrase", "bedtime", "turn off the fan"),), talk.say("hello").utterance)
    assert talk.hears("what did I teach you") == "Bedtime means: turn off the fan. You like warriors."
    assert talk.hears("what do you know about me", "ben") == "Bedtime means: turn off the fan."
