"""A real dialogue manager of Hermes: sessions are answered, gone on with and ended."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.judges, pytest.mark.usefixtures("dialogue")]

MANAGER = "hermes/dialogueManager"


class Session:
    """A session in the kitchen; somebody hears for the manager, and speaks for it."""

    def __init__(self, home: Any) -> None:
        self._home = home
        self._listened = self._spoken = 0
        before = len(home.said(f"{MANAGER}/sessionStarted"))
        wanted = {"type": "action", "canBeEnqueued": False, "sendIntentNotRecognized": False}
        home.publish(f"{MANAGER}/startSession", {"init": wanted, "siteId": "kitchen", "customData": "cd"})
        self.id = home.until(lambda: home.said(f"{MANAGER}/sessionStarted")[before:])[0]["sessionId"]

    def hear(self, text: str) -> None:
        """Hear a sentence as soon as the manager listens."""
        self._home.until(lambda: len(self.said("asr/startListening")) > self._listened)
        self._listened += 1
        heard = {"text": text, "likelihood": 1.0, "seconds": 1.0, "siteId": "kitchen", "sessionId": self.id}
        self._home.publish("hermes/asr/textCaptured", heard)

    def speak(self) -> str:
        """Say what the manager wants to be said, and return it."""
        self._home.until(lambda: len(self.said("tts/say")) > self._spoken)
        say = self.said("tts/say")[self._spoken]
        self._spoken += 1
        self._home.publish(
            "hermes/tts/sayFinished", {name: say[name] for name in ("id", "siteId", "sessionId")}
        )
        return str(say["text"])

    def end(self) -> str:
        """Wait until the session is over, and return why it is."""
        over = self._home.until(lambda: self.said("dialogueManager/sessionEnded"))[0]
        assert over["customData"] == "cd"
        return str(over["termination"]["reason"])

    def said(self, topic: str) -> list[dict[str, Any]]:
        return [one for one in self._home.said(f"hermes/{topic}") if one["sessionId"] == self.id]


@pytest.fixture
def lamps(home: Any) -> Any:
    """A home with two lamps that obey."""
    power = {"type": "binary", "property": "state", "name": "state", "access": 7}
    light = [{"type": "light", "features": [{**power, "value_on": "ON", "value_off": "OFF"}]}]
    home.publish(
        "zigbee2mqtt/bridge/devices",
        [
            {
                **{"ieee_address": f"0x{name}", "friendly_name": name, "type": "Router", "supported": True},
                "definition": {"model": "L", "vendor": "V", "exposes": light},
            }
            for name in ("oven_lamp", "sink_lamp")
        ],
        retain=True,
    )
    for name in ("oven_lamp", "sink_lamp"):
        home.publish(f"zigbee2mqtt/{name}", {"state": "OFF"}, retain=True)
    return home


def test_a_handler_acts_asks_back_within_the_session_and_ends_it(lamps: Any) -> None:
    lamps.run_hub("[ears.hermes]\non = true\n")
    session = Session(lamps)
    session.hear("turn on the lamp")
    assert session.speak().endswith("?")
    session.hear("the sink lamp")
    assert session.speak() == "The sink lamp is on."
    assert session.end() == "nominal"
    assert [one["sessionId"] for one in lamps.said("hermes/intent/on.power")][:1] == [session.id]
    assert lamps.said("zigbee2mqtt/sink_lamp/set") == [{"state": "ON"}]
    assert lamps.said("zigbee2mqtt/oven_lamp/set") == []


def test_a_handler_ends_the_session_over_what_is_not_for_a_home(lamps: Any) -> None:
    lamps.run_hub("[ears.hermes]\non = true\n")
    session = Session(lamps)
    session.hear("who won the world cup in 1998")
    assert session.speak()
    assert session.end() == "nominal"


def test_an_nlu_leaves_the_session_to_the_skill(lamps: Any) -> None:
    lamps.run_hub("[ears.hermes]\non = true\nrole = 'nlu'\n")
    session = Session(lamps)
    session.hear("turn on the sink lamp")
    (intent,) = lamps.until(lambda: session.said("intent/on.power"))
    assert [slot["rawValue"] for slot in intent["slots"]] == ["sink lamp"]
    lamps.publish(f"{MANAGER}/endSession", {"sessionId": session.id, "text": "done"})
    assert session.speak() == "done"
    assert session.end() == "nominal"

    session = Session(lamps)
    session.hear("who won the world cup in 1998")
    assert session.end() == "intentNotRecognized"
    assert lamps.said("zigbee2mqtt/sink_lamp/set") == []
