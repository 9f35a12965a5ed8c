"""Others speak to the hub in their own protocols: Home Assistant over Wyoming, Rhasspy over Hermes."""

from __future__ import annotations

import asyncio
import json
import random
import socket
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_nlu.errors import SettingsError
from edge_nlu.hub.ears import wyoming as wyoming_ear
from edge_nlu.hub.ears.frames import Frames, frame
from edge_nlu.hub.ears.wyoming import WyomingEar
from edge_nlu.transport.broker import Heard

HALL = "[home.rooms]\nhall = ['hall_lamp']\n"
WYOMING = "[ears.wyoming]\non = true\nhost = '127.0.0.1'\nport = 0\n"
Make = Callable[..., Any]


def port_of(home: Any) -> int:
    return next(ear.port for ear in home.hub._ears if hasattr(ear, "port"))


def phone(home: Any) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port_of(home)), timeout=10)


def events(line: socket.socket, count: int = 1) -> list[tuple[str, dict[str, Any]]]:
    frames, found = Frames(), list[tuple[str, dict[str, Any]]]()
    while len(found) < count:
        more = line.recv(65536)
        assert more, "hung up"
        found += frames.feed(more)
    return found


def transcript(text: str, **context: str) -> bytes:
    return frame("transcript", {"text": text, **({"context": context} if context else {})})


# ----------------------------------------------------------------------------------------- Wyoming


@pytest.mark.skipif(find_spec("wyoming") is None, reason="needs pip install 'edge-nlu[wyoming]'")
def test_the_client_that_home_assistant_uses_is_served(house: Make) -> None:
    from wyoming.asr import Transcript
    from wyoming.client import AsyncTcpClient
    from wyoming.handle import Handled, NotHandled
    from wyoming.info import Describe, Info
    from wyoming.ping import Ping, Pong

    home = house(WYOMING + HALL + "[home.satellites]\n'assist.hall' = { room = 'hall' }\n")
    where = {"satellite_id": "assist.hall", "device_id": "d1"}

    async def talk() -> list[Any]:
        said = []
        async with AsyncTcpClient("127.0.0.1", port_of(home)) as client:
            for one in (
                Describe(),
                Ping("hello"),
                Transcript("turn on the kitchen lamp"),
                Transcript("turn on the light", language="en", context=where),
                Transcript("who won the world cup in 1998"),
            ):
                await client.write_event(one.event())
                said.append(await asyncio.wait_for(client.read_event(), 10))
        return said

    info, pong, kitchen, hall, world_cup = asyncio.run(talk())
    (program,) = Info.from_event(info).handle
    assert program.supports_home_control
    assert program.models[0].languages == ["en"]
    assert Pong.from_event(pong).text == "hello"
    assert Handled.from_event(kitchen).text == "The kitchen lamp is on."
    assert Handled.from_event(hall).context == where
    assert [message.topic.split("/")[1] for message in home.told] == ["kitchen_lamp", "hall_lamp"]
    assert NotHandled.is_type(world_cup.type)
    assert NotHandled.from_event(world_cup).text


def test_several_satellites_at_once_and_a_slow_one_among_them(house: Make) -> None:
    home = house(WYOMING)
    with phone(home) as slow, phone(home) as one, phone(home) as other:
        slow.sendall(transcript("turn on the kitchen lamp")[:20])
        one.sendall(transcript("turn on the hall lamp"))
        other.sendall(transcript("turn on the bedroom lamp"))
        assert events(other)[0][1]["text"] == "The bedroom lamp is on."
        assert events(one)[0][1]["text"] == "The hall lamp is on."
        slow.sendall(transcript("turn on the kitchen lamp")[20:])
        assert events(slow)[0][1]["text"] == "The kitchen lamp is on."


def test_sentences_of_one_connection_are_answered_in_order(house: Make) -> None:
    home = house(WYOMING)
    with phone(home) as line:
        line.sendall(transcript("turn on the hall lamp") + transcript("turn on the kitchen lamp"))
        assert [data["text"] for _, data in events(line, 2)] == [
            "The hall lamp is on.",
            "The kitchen lamp is on.",
        ]


@pytest.mark.parametrize(
    "nonsense",
    [
        b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n",
        b"[]\n",
        b'{"type": "transcript"}\n',
        b'{"type": "transcript", "data": {"text": 7}}\n',
        b'{"type": "transcript", "data_length": -1}\n',
        b'{"type": "transcript", "data_length": 99999999999}\n',
        b'{"type": "transcript", "data_length": true}\n',
        b'{"type": "transcript", "data_length": 2}\n[]',
        b'{"type": "x", "payload_length": 1e9}\n',
        b"x" * 70_000,
        b'{"a":' * 10_000 + b"\n",
        b"\xff\xfe\n",
    ],
)
def test_whoever_speaks_nonsense_is_hung_up_on_and_others_are_served(house: Make, nonsense: bytes) -> None:
    home = house(WYOMING)
    with phone(home) as other:
        with phone(home) as line:
            line.sendall(nonsense)
            assert line.recv(100) == b""
        other.sendall(transcript("turn on the hall lamp"))
        assert events(other)[0][0] == "handled"


@pytest.mark.parametrize(
    "odd",
    [
        b'{"type": "audio-chunk", "payload_length": 4000}\n' + b"\n{" * 2000,
        b'{"type": 7}\n',
        b'{"data": []}\n',
        b'{"type": "describe", "data": "x"}\n',
    ],
)
def test_what_nobody_needs_is_passed_over(house: Make, odd: bytes) -> None:
    home = house(WYOMING)
    with phone(home) as line:
        line.sendall(odd + transcript("turn on the hall lamp"))
        assert events(line, 2 if b"describe" in odd else 1)[-1][0] == "handled"


def test_a_line_too_many_ends_the_one_that_was_silent_longest(house: Make) -> None:
    home = house(WYOMING + "[limits]\nconnections = 2")
    with phone(home) as first, phone(home) as second:
        second.sendall(frame("ping", {}))
        events(second)
        first.sendall(frame("ping", {}))
        events(first)
        with phone(home) as third:
            third.sendall(transcript("turn on the hall lamp"))
            assert events(third)[0][0] == "handled"
            assert second.recv(100) == b""


def test_who_does_not_listen_is_hung_up_on(house: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wyoming_ear, "MOST_UNREAD", 4096)
    home = house(WYOMING)
    with phone(home) as line:
        ask = frame("describe", {}) * 100_000
        with pytest.raises(OSError, match=r"."):
            line.sendall(ask)
    with phone(home) as other:
        other.sendall(transcript("turn on the hall lamp"))
        assert events(other)[0][0] == "handled"


def test_a_port_in_use_is_told() -> None:
    first, second = WyomingEar("127.0.0.1", 0), WyomingEar("127.0.0.1", 0)
    first.start(lambda *_, **__: None)
    second = WyomingEar("127.0.0.1", first.port)
    with pytest.raises(SettingsError, match=r"ears\.wyoming\.port.*in use"):
        second.start(lambda *_, **__: None)
    first.stop()


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_any_bytes_are_events_or_an_error(chunks: list[bytes]) -> None:
    frames = Frames()
    try:
        for chunk in chunks:
            for kind, data in frames.feed(chunk):
                assert isinstance(kind, str)
                assert isinstance(data, dict)
    except (ValueError, RecursionError):
        return


@given(st.lists(st.integers(1, 9), max_size=60), st.text(), st.binary(max_size=30))
def test_it_does_not_matter_where_the_stream_is_cut(cuts: list[int], text: str, sound: bytes) -> None:
    head = b'{"type": "audio", "payload_length": %d}\n' % len(sound) + sound
    whole = frame("transcript", {"text": text}) + head + frame("ping", {"text": None})
    frames, found, at = Frames(), list[Any](), 0
    for cut in [*cuts, len(whole)]:
        found += frames.feed(whole[at : at + cut])
        at += cut
    expected = text.encode("utf-8", "replace").decode()
    assert found == [("transcript", {"text": expected}), ("audio", {}), ("ping", {"text": None})]


# ------------------------------------------------------------------------------------------ Hermes


def query(home: Any, text: Any, **more: Any) -> None:
    said = {
        "input": text,
        "siteId": "hall",
        "id": "q1",
        "intentFilter": None,
        "sessionId": "s1",
        "customData": "cd",
    }
    home.people.ask("hermes/nlu/query", json.dumps({**said, **more}).encode())


def heard(home: Any, count: int) -> list[tuple[str, dict[str, Any]]]:
    def others() -> list[Heard]:
        return [
            one for one in list(home.heard) if one.topic.startswith("hermes/") and "query" not in one.topic
        ]

    home.until(lambda: len(others()) >= count)
    return [(one.topic, json.loads(one.payload)) for one in others()]


HANDLER = "[ears.hermes]\non = true\n"
NLU = "[ears.hermes]\non = true\nrole = 'nlu'\n"


def test_a_handler_acts_and_ends_the_session(house: Make) -> None:
    home = house(HANDLER + HALL)
    query(home, "turn on the light")
    (intent, parsed), (end, said) = heard(home, 2)
    assert intent == "hermes/intent/on.power"
    assert parsed["intent"]["intentName"] == "on.power"
    assert (parsed["id"], parsed["siteId"], parsed["sessionId"], parsed["customData"]) == (
        "q1",
        "hall",
        "s1",
        "cd",
    )
    (slot,) = parsed["slots"]
    assert (slot["slotName"], slot["rawValue"], slot["range"]) == (
        "device",
        "light",
        {"start": 12, "end": 17},
    )
    assert end == "hermes/dialogueManager/endSession"
    assert (said["sessionId"], said["text"], said["customData"]) == ("s1", "The hall lamp is on.", "cd")
    assert [message.topic for message in home.told] == ["zigbee2mqtt/hall_lamp/set"]


def test_a_handler_that_asks_back_goes_on_with_the_session(house: Make) -> None:
    home = house(HANDLER)
    query(home, "turn on the light", siteId="default")
    _, (topic, said) = heard(home, 2)
    assert topic == "hermes/dialogueManager/continueSession"
    assert said["text"].endswith("?")
    assert home.told == []
    query(home, "the bedroom one", siteId="default", id="q2")
    assert heard(home, 4)[3][0] == "hermes/dialogueManager/endSession"
    assert [message.topic for message in home.told] == ["zigbee2mqtt/bedroom_lamp/set"]


def test_a_handler_speaks_without_a_session_too_and_tells_late_failures(house: Make) -> None:
    home = house(HANDLER + "[limits]\necho_s = 0.3")
    home.deaf = {"hall_lamp"}
    query(home, "turn on the hall lamp", sessionId=None)
    (parsed, _), (now, said), (late, trouble) = heard(home, 3)
    assert (parsed, now, late) == ("hermes/nlu/intentParsed", "hermes/tts/say", "hermes/tts/say")
    assert said == {"text": "The hall lamp is on.", "siteId": "hall"}
    assert trouble == {"text": "No answer from the hall lamp.", "siteId": "hall"}


def test_an_nlu_tells_what_was_meant_and_touches_nothing(house: Make) -> None:
    home = house(NLU)
    query(home, "turn on the hall lamp")
    query(home, "turn on the hall lamp", sessionId=None)
    query(home, "who won the world cup in 1998")
    query(home, "turn on the hall lamp", intentFilter=["play.media"])
    topics = [topic for topic, _ in heard(home, 4)]
    nothing = "hermes/nlu/intentNotRecognized"
    assert topics == ["hermes/intent/on.power", "hermes/nlu/intentParsed", nothing, nothing]
    assert heard(home, 4)[2][1] == {
        "input": "who won the world cup in 1998",
        **{"id": "q1", "siteId": "hall", "sessionId": "s1", "customData": "cd"},
    }
    assert home.told == []


def test_only_sites_of_ours_are_listened_to(house: Make) -> None:
    home = house(HANDLER + "sites = ['hall']\n")
    query(home, "turn on the kitchen lamp", siteId="attic")
    query(home, "turn on the hall lamp")
    assert len(heard(home, 2)) == 2
    assert [message.topic for message in home.told] == ["zigbee2mqtt/hall_lamp/set"]


def test_what_is_no_query_is_told_so_or_passed_over(house: Make) -> None:
    home = house(HANDLER)
    home.people.ask("hermes/nlu/query", b"\xff")
    home.people.ask("hermes/nlu/query", b"[1]")
    query(home, 7)
    query(home, "", siteId=["x"], sessionId={})
    (topic, said), (speech, nothing) = heard(home, 2)
    assert (topic, said["error"], said["sessionId"]) == ("hermes/error/nlu", "input is no text", "s1")
    assert (speech, nothing) == ("hermes/tts/say", {"text": "I heard nothing.", "siteId": "default"})


# ----------------------------------------------------------------------------------- anything at all


@pytest.mark.slow
def test_whatever_arrives_nothing_breaks_and_nothing_is_sent(
    house: Make, caplog: pytest.LogCaptureFixture
) -> None:
    home = house(HANDLER + "[limits]\ninquiries_per_s = 0")
    dice = random.Random(7)
    topics = [
        *("edge-nlu/ask", "hermes/nlu/query", "zigbee2mqtt/bridge/devices", "zigbee2mqtt/bridge/groups"),
        *("zigbee2mqtt/bridge/logging", "zigbee2mqtt/kitchen_lamp", "zigbee2mqtt/kitchen_lamp/availability"),
        *("homie/5/a/$description", "homie/5/a/$state", "homie/5/a/b/c", "tasmota/discovery/AA/config"),
        *("tele/a/LWT", "stat/a/RESULT", "homeassistant/light/a/config", "homeassistant/device/a/config"),
    ]
    seeds = [
        *(b"", b"null", b"{}", b"[]", b'"ON"', b"nan", b"-1e999", b"\x00", b"\xff\xfe", b"ON", b"true", b"1"),
        *(
            b'{"text": "what"}',
            b'{"state": {}}',
            b'[{"friendly_name": []}]',
            b'{"message": "Publish"}',
            b"{" * 3000,
        ),
    ]
    for n in range(100_000):
        payload = dice.choice(seeds)
        if dice.random() < 0.5:
            payload = bytes(dice.choices(payload or b'{}[]:,"aA1', k=dice.randrange(30)))
        home.people.ask(dice.choice(topics), payload, answer_topic=dice.choice(["", "mine", "\0", "a/#"]))
        if n % 100 == 0:
            # each by itself: in a flood most of them would be left out
            home.until(lambda: not home.hub._desk._inbox)
    last = home.answer("turn on the hall lamp", id="last")
    assert last["decision"] in ("act", "answer", "ask", "error"), last
    assert home.told in ([], home.told[-1:])
    assert "broke" not in caplog.text
    assert "could not be handled" not in caplog.text
