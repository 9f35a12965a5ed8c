"""The line keeps its order: the home is photographed, understood, written down, and only then moved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from edge_nlu.errors import StorageError
from edge_nlu.hub.blind import NoMemory
from edge_nlu.models.examples import example_from_marks
from edge_nlu.models.heads import default_weights
from edge_nlu.pipeline import Pipeline
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext, HomeNow
from edge_nlu.storage.layout import Layout
from edge_nlu.values import (
    Act,
    Answer,
    Ask,
    AskCloud,
    Command,
    Device,
    Exchange,
    Feature,
    Found,
    Learn,
    Lesson,
    Outcome,
    Person,
    Report,
    Satellite,
    Taken,
    Understanding,
    Utterance,
)

NOW = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)
LAYOUT = Layout(people=(Person("ana"),), satellites=(Satellite("hall_panel", "hall"),))
SENTENCES = {
    example.text: Understanding(example.text, (), example.home or 0.0, (), example.clauses or ())
    for example in (
        example_from_marks(line, "one")
        for line in (
            "off.power: turn off the [hall lamp](device)",
            "on.power: turn on the [hall lamp](device)",
            "unlock.lock: unlock the [front door](device)",
            "ask.lock: is the [front door](device) [locked](state)",
            "on.power: turn on the [spaceship](device)",
            "undo.unsaid: undo that",
            "none.unsaid: who won the cup",
            "teach.name: when I say [night night](phrase), | off.power: turn off the [hall lamp](device)",
            "confirm.unsaid: yes",
        )
    )
}


@dataclass
class World:
    """All that is outside the line, in one: it keeps the order of what it was asked."""

    asked: list[str] = field(default_factory=list)
    written: dict[str, Exchange] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    learned: list[Lesson] = field(default_factory=list)
    broken: Collection[str] = ()
    reworded: str = ""

    def __post_init__(self) -> None:
        self.context = HomeContext(appliance_profiles(), LAYOUT)
        switch = Feature("state", "switch", "power", settable=True)
        bolt = Feature("state", "switch", "lock", settable=True)
        for own, kind, feature in (("hall lamp", "light", switch), ("front door", "lock", bolt)):
            self.context.apply(Found(Device(own, own, (feature,), (kind,), room="hall")), NOW)
            self.context.apply(Report(own, "state", True), NOW)
        self.line = Pipeline(self, self, Learning(self), self, self, default_weights())

    def says(self, text: str, own: str = "") -> Exchange | None:
        """Let somebody say something in the hall."""
        at = NOW + timedelta(minutes=len(self.written))
        exchange = self.line.handle(Utterance(own or f"u{len(self.asked)}", text, at, "hall_panel", "ana"))
        if exchange is not None:
            self._note("answer")
            self.line.conclude(exchange)
        return exchange

    # the world as it looks from the line

    def snapshot(self, at: datetime) -> HomeNow:
        self._note("snapshot")
        return self.context.snapshot(at)

    def understand(self, text: str) -> Understanding:
        self._note(f"understand {text}")
        return SENTENCES.get(text) or Understanding(text, (), 0.0, (), ())

    def write(self, exchange: Exchange) -> bool:
        self._note("write")
        if exchange.utterance.id in self.written:
            return False
        self.written[exchange.utterance.id] = exchange
        return True

    def amend(self, exchange: Exchange) -> None:
        self._note("amend")
        self.written[exchange.utterance.id] = exchange

    def tell(self, commands: Sequence[Command]) -> Outcome:
        settings = ", ".join(f"{c.device} {value}" for c in commands for _, value in c.settings)
        self._note(f"send {settings}")
        return Outcome(tuple(command.device for command in commands))

    def finish(self, exchange: Exchange) -> None:
        self._note("finish")
        self.outcomes[exchange.utterance.id] = exchange.outcome

    def remember(self, exchange: Exchange) -> None:
        self._note("remember")
        self.context.remember(exchange)

    def _note(self, what: str) -> None:
        self.asked.append(what)
        if what.partition(" ")[0] in self.broken:
            raise StorageError("journal.sqlite3", "no room", "a disk with room", "make room")


class Learning(NoMemory):
    """A memory that tells the world what it was asked."""

    def __init__(self, world: World) -> None:
        self.world = world

    def rewording(self, utterance: Utterance) -> Taken | None:
        assert utterance.user == "ana"
        spared = utterance.text == "spare the lamp"
        return Taken("r1", self.world.reworded, spared=spared) if self.world.reworded else None

    def learn(self, lessons: Sequence[Lesson], utterance: Utterance) -> None:
        assert utterance.user == "ana"
        self.world.asked.append("learn")
        self.world.learned += lessons

    def observe(self, exchange: Exchange) -> None:
        assert exchange.utterance.id in self.world.written
        self.world.asked.append("observe")


def test_an_act_is_written_before_it_is_sent() -> None:
    world = World()
    exchange = world.says("turn off the hall lamp")
    assert world.asked == [
        "snapshot",
        "understand turn off the hall lamp",
        "write",
        "send hall lamp False",
        "remember",
        "answer",
        "observe",
        "finish",
    ]
    assert exchange is not None
    assert exchange.outcome == Outcome(("hall lamp",))
    assert world.outcomes == {exchange.utterance.id: exchange.outcome}


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("is the front door locked", Answer),
        ("turn on the spaceship", Answer),
        ("unlock the front door", Ask),
        ("who won the cup", AskCloud),
        ("words that nobody understands", AskCloud),
    ],
)
def test_what_is_no_act_sends_nothing_and_is_written_down(text: str, decision: type) -> None:
    world = World()
    exchange = world.says(text)
    assert exchange is not None
    assert isinstance(exchange.decision, decision)
    assert world.asked == [
        *("snapshot", f"understand {text}", "write", "remember", "answer", "observe", "finish")
    ]


def test_the_same_utterance_acts_once() -> None:
    world = World()
    assert world.says("turn off the hall lamp", "same") is not None
    world.asked.clear()
    assert world.says("turn off the hall lamp", "same") is None
    assert world.asked == ["snapshot", "understand turn off the hall lamp", "write"]


def test_the_same_words_of_another_utterance_act_again() -> None:
    world = World()
    first, second = world.says("turn off the hall lamp", "one"), world.says("turn off the hall lamp", "two")
    assert first is not None
    assert second is not None
    assert world.asked.count("send hall lamp False") == 2


def test_what_cannot_be_written_is_not_sent() -> None:
    world = World(broken=["write"])
    with pytest.raises(StorageError):
        world.says("turn off the hall lamp")
    assert world.asked == ["snapshot", "understand turn off the hall lamp", "write"]


def test_what_is_taught_is_written_down_and_then_kept() -> None:
    world = World()
    exchange = world.says("when I say night night, turn off the hall lamp")
    assert exchange is not None
    assert isinstance(exchange.decision, Learn)
    assert world.asked[2:] == ["write", "learn", "remember", "answer", "observe", "finish"]
    assert [(lesson.phrase, lesson.meaning) for lesson in world.learned] == [
        ("night night", "turn off the hall lamp")
    ]


def test_another_wording_goes_through_the_line_in_place_of_what_was_said() -> None:
    world = World(reworded="turn off the hall lamp")
    exchange = world.says("lamp begone")
    assert exchange is not None
    assert (exchange.utterance.text, exchange.understanding.text) == ("lamp begone", "turn off the hall lamp")
    assert exchange.taken == Taken("r1", "turn off the hall lamp")
    assert "send hall lamp False" in world.asked


@pytest.mark.parametrize("other", ["unlock the front door", "words that nobody understands"])
def test_no_other_wording_leads_into_something_risky_or_to_nothing(other: str) -> None:
    exchange = World(reworded=other).says("turn off the hall lamp")
    assert exchange is not None
    assert exchange.understanding.text == "turn off the hall lamp"
    assert exchange.taken is None


def test_a_sentence_that_is_spared_is_left_as_it_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SENTENCES, "spare the lamp", SENTENCES["turn off the hall lamp"])
    exchange = World(reworded="play jazz").says("spare the lamp")
    assert exchange is not None
    assert isinstance(exchange.decision, Act)
    assert exchange.taken == Taken("r1", "play jazz", spared=True)


def test_a_sentence_that_comes_to_nothing_by_itself_is_not_spared() -> None:
    exchange = World(reworded="turn off the hall lamp").says("spare the lamp")
    assert exchange is not None
    assert exchange.understanding.text == "turn off the hall lamp"
    assert exchange.taken == Taken("r1", "turn off the hall lamp")


def test_what_was_before_is_kept_to_be_put_back() -> None:
    world = World()
    exchange = world.says("turn off the hall lamp")
    assert exchange is not None
    assert exchange.before == (Command("hall lamp", (("state", True),)),)
    world.says("undo that")
    assert world.asked[-5] == "send hall lamp True"


def test_what_nobody_knows_cannot_be_put_back() -> None:
    world = World()
    world.context.apply(Report("hall lamp", "state", None), NOW)
    exchange = world.says("turn off the hall lamp")
    assert exchange is not None
    assert exchange.before == ()


def test_a_yes_is_to_the_question_just_before() -> None:
    world = World()
    world.says("unlock the front door")
    exchange = world.says("yes")
    assert exchange is not None
    assert isinstance(exchange.decision, Act)
    assert "send front door False" in world.asked


def test_the_picture_of_the_home_is_taken_once() -> None:
    world = World()
    world.says("turn off the hall lamp")
    assert world.asked.count("snapshot") == 1


def test_what_was_weighed_is_kept_with_the_exchange() -> None:
    exchange = World().says("turn off the hall lamp")
    assert exchange is not None
    (weighed,) = exchange.ranked
    assert weighed.devices == ("hall lamp",)
    assert {reason.name for reason in weighed.because} >= {"named", "needed", "here"}
