"""Whatever was understood, there is a decision, and nothing moves that should not."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_nlu.hub.pretend import read_home
from edge_nlu.hub.stage import Stage
from edge_nlu.interfaces import Home
from edge_nlu.steps.pair import Pair
from edge_nlu.steps.resolve import WORDS, resolve
from edge_nlu.values import (
    Act,
    Candidate,
    Clause,
    Command,
    Exchange,
    Feature,
    Held,
    Slot,
    Understanding,
    Utterance,
    Wish,
)

NOW = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
HOME = read_home("demo")
HOME["satellites"]["phone"] = {"room": None}


def listed(words: str) -> list[str]:
    return words.split()


# the ontology's words, and one that it does not have
WANTS = listed("""
    on off toggle set raise lower open close lock unlock start stop pause resume dock play next previous mute
    unmute find ask remove teach forget correct undo same confirm deny cancel choose leave none sing
""")
PROPERTIES = listed("""
    power brightness color temperature humidity volume position speed swing mode program run time_left media
    source channel lock timer alarm battery level air presence leak smoke energy place status name unsaid
    glitter
""")
SLOTS = listed("""
    device room value unit change quantity reference person duration moment title media_kind mode program
    color source state phrase
""")
THINGS = [
    "front door",
    "oven",
    "floor lamp",
    "bedside lamp",
    "lights",
    "tv",
    "vacuum",
    "curtains",
    "spots",
    "fan",
]
ROOMS = ["kitchen", "living room", "bedroom", "upstairs", "here", "attic", "everywhere", "my room"]
WORDS_SAID = [
    *THINGS,
    *ROOMS,
    *[
        "it",
        "all",
        "both",
        "everything",
        "left one",
        "usual",
        "ten",
        "200",
        "half",
        "percent",
        "degrees",
        "a bit",
    ],
    *["auto", "eco", "latte", "red", "jazz", "ten minutes", "seven", "tomorrow", "ana", "tom", "on", "off"],
]
words = st.one_of(st.sampled_from(WORDS_SAID), st.text(max_size=12))
Run: TypeAlias = tuple[str, str | None, bool]
runs: st.SearchStrategy[list[Run]] = st.lists(
    st.tuples(words, st.none() | st.sampled_from(SLOTS), st.sampled_from([False, False, False, True])),
    max_size=4,
)


@dataclass(frozen=True)
class Said:
    """A sentence as it was understood, who said it and to what."""

    understanding: Understanding
    satellite: str
    user: str


Marked: TypeAlias = tuple[str, str, list[Run], float]
Reported: TypeAlias = tuple[str, str]


def clauses(wants: Sequence[str], runs: st.SearchStrategy[list[Run]]) -> st.SearchStrategy[Marked]:
    trust = st.sampled_from([1.0, 1.0, 0.65, 0.3])
    return st.tuples(st.sampled_from(wants), st.sampled_from(PROPERTIES), runs, trust)


@st.composite
def said(draw: st.DrawFn, wants: Sequence[str], runs: st.SearchStrategy[list[Run]] = runs) -> Said:
    """Draw a sentence of one wish or several, marked as a model may mark it."""
    drawn = draw(st.lists(clauses(wants, runs), min_size=1, max_size=3))
    text, found = "", []
    for want, prop, filled, trust in drawn:
        start, slots = len(text), []
        for words, kind, excluded in filled or [("so", None, False)]:
            if kind is not None and words:
                slots.append(Slot(kind, len(text), len(text) + len(words), words, excluded))
            text += f"{words} "
        found.append(Clause(start, len(text), want, prop, tuple(slots), trust))
    home = draw(st.sampled_from([1.0, 1.0, 0.1]))
    understanding = Understanding(text, (), home, (), tuple(found))
    satellite = draw(
        st.sampled_from(["kitchen_speaker", "living_room_tv", "bedroom_speaker", "phone", "", "?"])
    )
    return Said(understanding, satellite, draw(st.sampled_from(["", "ana", "tom", "stranger"])))


reports = st.sampled_from(
    [
        ("zigbee2mqtt/front_door", '{"state": "UNLOCK", "lock_state": "unlocked"}'),
        ("zigbee2mqtt/front_door", '{"state": "LOCK", "lock_state": "locked"}'),
        ("homie/5/oven/oven/power", "true"),
        ("homie/5/kitchen_speaker/player/playback", "play"),
        ("homie/5/vacuum/$state", "lost"),
        ("zigbee2mqtt/living_room_floor_lamp", '{"state": "OFF"}'),
    ]
)


class House:
    """The demo home, where every sentence is understood as it is marked."""

    def __init__(self) -> None:
        self.heard = Understanding("", (), 0.0, (), ())
        self.stage = Stage(HOME, NOW, self)
        self.sentences = 0

    def understand(self, text: str) -> Understanding:
        assert isinstance(text, str)
        return self.heard

    def hears(self, said: Said) -> Exchange:
        self.heard = said.understanding
        self.sentences += 1
        self.stage.at += timedelta(seconds=20)
        text = said.understanding.text
        exchange = self.stage.handle(
            Utterance(f"u{self.sentences}", text, self.stage.at, said.satellite, said.user)
        )
        assert exchange is not None
        return exchange

    def lives(self, evening: Sequence[Said | Reported]) -> list[Exchange]:
        """Let sentences be said and devices report, and return what came of the sentences."""
        exchanges = []
        for one in evening:
            if isinstance(one, Said):
                exchanges.append(self.hears(one))
            else:
                topic, payload = one
                self.stage.hear(topic, payload.encode())
        return exchanges

    @property
    def home(self) -> Home:
        return self.stage.context.snapshot(self.stage.at)


def commands(exchange: Exchange) -> tuple[Command, ...]:
    return exchange.decision.commands if isinstance(exchange.decision, Act) else ()


def takes(feature: Feature, value: Held) -> bool:
    """Return whether a feature can hold a value."""
    match feature.kind:
        case "switch":
            return isinstance(value, bool)
        case "number":
            low = float("-inf") if feature.low is None else feature.low
            high = float("inf") if feature.high is None else feature.high
            return isinstance(value, float | int) and low <= value <= high
        case "choice":
            return not feature.choices or value in feature.choices
    return True


def evening(wants: Sequence[str]) -> st.SearchStrategy[list[Said | Reported]]:
    return st.lists(st.one_of(said(wants), said(wants), reports), min_size=1, max_size=4)


@given(evening(WANTS))
@settings(max_examples=100)
def test_any_frame_gets_a_decision_that_can_be_told(one: list[Said | Reported]) -> None:
    house = House()
    for exchange in house.lives(one):
        result = house.stage.result(exchange)
        assert result["decision"] in ("act", "answer", "ask", "cloud")
        assert result["say"].strip()
        assert json.loads(json.dumps(result)) == result


@given(evening(WANTS))
@settings(max_examples=100)
def test_no_device_is_told_what_it_cannot_take(one: list[Said | Reported]) -> None:
    house = House()
    for exchange in house.lives(one):
        assert exchange.outcome.failed == ()
        told = commands(exchange)
        assert len({command.device for command in told}) == len(told)
        for command in told:
            device = house.home.device(command.device)
            assert device is not None
            for key, value in command.settings:
                feature = device.feature(key)
                assert feature is not None
                assert feature.settable
                assert takes(feature, value)


@given(evening([want for want in WANTS if want != "confirm"]))
@settings(max_examples=100)
def test_no_door_is_unlocked_without_a_yes(one: list[Said | Reported]) -> None:
    for exchange in House().lives(one):
        for command in commands(exchange):
            assert command.device != "zigbee2mqtt/front_door" or dict(command.settings) == {"state": True}


@given(st.lists(said(WANTS), min_size=1, max_size=3))
@settings(max_examples=100)
def test_a_child_has_nothing_risky_done_with_or_without_a_yes(sentences: list[Said]) -> None:
    house = House()
    for one in sentences:
        exchange = house.hears(Said(one.understanding, one.satellite, "tom"))
        for command in commands(exchange):
            told = dict(command.settings)
            assert told.get("oven/power") is not True
            assert "oven/target" not in told
            assert command.device != "zigbee2mqtt/front_door" or told == {"state": True}


@given(said(["leave"]), st.lists(said(WANTS), max_size=1))
@settings(max_examples=100)
def test_a_negated_wish_sends_nothing(negated: Said, before: list[Said]) -> None:
    house = House()
    house.lives(before)
    assert commands(house.hears(negated)) == ()
    assert house.stage.hands.sent == []


@given(said(["none"]))
def test_talk_that_wishes_for_nothing_sends_nothing(talk: Said) -> None:
    house = House()
    assert commands(house.hears(talk)) == ()


@given(evening(WANTS))
@settings(max_examples=50)
def test_the_same_evening_goes_the_same_way_twice(one: list[Said | Reported]) -> None:
    once, again = House().lives(one), House().lives(one)
    assert [exchange.decision for exchange in once] == [exchange.decision for exchange in again]


ONE_THING = st.lists(
    st.one_of(
        st.tuples(st.sampled_from([thing for thing in THINGS if thing[-1] != "s"]), st.just("device")),
        st.tuples(st.sampled_from(["kitchen", "bedroom", "living room"]), st.just("room")),
        st.tuples(st.sampled_from(["ten", "auto", "please"]), st.sampled_from([None, "value", "mode"])),
    ).map(lambda run: (*run, False)),
    max_size=2,
)
# all lights and all blinds of a room may be meant though one was named
NOT_OF_A_ROOM = ("brightness", "position", "color")


@given(said(["on", "off", "set", "start", "stop", "pause", "lock", "play"], ONE_THING))
@settings(max_examples=150)
def test_it_acts_only_on_a_clear_winner(one: Said) -> None:
    exchange = House().hears(one)
    if isinstance(exchange.decision, Act):
        for candidate in exchange.decision.candidates:
            if candidate.wish.property not in NOT_OF_A_ROOM:
                assert candidate.score > 0.5


evidence = st.lists(st.tuples(st.sampled_from([*WORDS, "glitter"]), st.floats(-1, 1)), max_size=5)
weights = st.dictionaries(st.sampled_from(list(WORDS)), st.floats(-20, 20))


@given(st.lists(evidence, min_size=1, max_size=8), weights)
def test_scores_of_a_choice_add_up_to_one(
    choice: list[list[tuple[str, float]]], weighing: dict[str, float]
) -> None:
    pairs = [
        Pair(Candidate(Wish("on", "power"), (str(number),)), tuple(found))
        for number, found in enumerate(choice)
    ]
    ranked = resolve(pairs, weighing)
    assert sum(candidate.score for candidate in ranked) == pytest.approx(1)
    assert [c.score for c in ranked] == sorted((c.score for c in ranked), reverse=True)
    assert sorted(c.devices for c in ranked) == sorted(p.candidate.devices for p in pairs)
