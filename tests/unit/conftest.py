"""What tests of the line share: the demo home, where somebody says sentences whose meaning is marked."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from edge_nlu.hub.pretend import payload_of, read_home
from edge_nlu.hub.stage import Stage
from edge_nlu.models.examples import example_from_marks
from edge_nlu.steps.scene import Scene, scene_of
from edge_nlu.steps.wish import wish_of
from edge_nlu.values import Act, Answer, Ask, Command, Decision, Exchange, Understanding, Utterance, Wish

EVENING = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)


@dataclass
class Marked:
    """Understands what it was told beforehand."""

    known: dict[str, Understanding] = field(default_factory=dict)

    def learn(self, line: str, home: float | None, confidence: float) -> str:
        """Take in a marked sentence, and return it without its marks."""
        example = example_from_marks(line, "one")
        # a sentence read without trust is read so in all its wishes
        clauses = tuple(replace(clause, confidence=confidence) for clause in example.clauses or ())
        sure = home if home is not None else example.home or 0.0
        self.known[example.text] = Understanding(example.text, (), sure, (), clauses)
        return example.text

    def understand(self, text: str) -> Understanding:
        """Return what was marked; a sentence that nobody marked wishes for nothing."""
        return self.known.get(text) or Understanding(text, (), 0.0, (), ())


def shown(command: Command) -> str:
    """Return a command in short: "oven target=200"."""
    settings = " ".join(f"{key.rpartition('/')[2]}={value}" for key, value in command.settings)
    return f"{command.device.rpartition('/')[2]} {settings}"


def in_short(decision: Decision) -> str:
    """Return a decision in a line: what is sent, what is said, or what is asked."""
    match decision:
        case Act(commands=commands):
            return f"act {', '.join(map(shown, commands))}"
        case Answer():
            return f"answer {decision.say}"
        case Ask():
            return f"ask {decision.why}: {decision.say}"
    return type(decision).__name__.lower()


class Evening:
    """An evening in a home; each line is a sentence, or what happens there.

    `stat/bedroom_fan/POWER is now ON` is a report of a device, `20:15` the clock; before a sentence stands
    what it is said to, `phone> `, and who says it, `tom says `.
    """

    def __init__(self, **changed: object) -> None:
        self.reader = Marked()
        self.stage = Stage({**read_home("demo"), **changed}, EVENING, self.reader)
        self.exchanges: list[Exchange] = []

    def happens(self, line: str, *, home: float | None = None, confidence: float = 1.0) -> None:
        """Let one thing happen."""
        if line[:2].isdigit() and line[2:3] == ":":
            self.stage.at = self.stage.at.replace(hour=int(line[:2]), minute=int(line[3:5]))
            return
        if " is now " in line:
            topic, _, payload = line.partition(" is now ")
            self.stage.hear(topic, payload_of(payload))
            return
        exchange = self.stage.handle(self._said(line, home, confidence))
        assert exchange is not None
        self.exchanges.append(exchange)

    def aimed(self, line: str) -> tuple[Wish, Scene]:
        """Return the first wish of a sentence, and the scene in which it would be said."""
        said = self._said(line, None, 1.0)
        home = self.stage.context.snapshot(self.stage.at)
        wish = wish_of(self.reader.understand(said.text).clauses[0], said.text, said.at)
        return wish, scene_of(said, home, self.stage.memory)

    def _said(self, line: str, home: float | None, confidence: float) -> Utterance:
        satellite, _, line = line.rpartition("> ")
        user, _, line = line.rpartition(" says ")
        text = self.reader.learn(line, home, confidence)
        own = f"u{len(self.exchanges)}"
        return Utterance(own, text, self.stage.at, satellite or "kitchen_speaker", user)


def come_of(*lines: str, home: float | None = None, confidence: float = 1.0, **changed: object) -> str:
    """Return what comes of the last line said on an evening in the demo home, after all that went before.

    `home` and `confidence` are how sure it is that the last line is for a home, and what it wishes for.
    """
    evening = Evening(**changed)
    for line in lines[:-1]:
        evening.happens(line)
    evening.happens(lines[-1], home=home, confidence=confidence)
    return in_short(evening.exchanges[-1].decision)


@pytest.fixture(scope="session")
def comes_of() -> Callable[..., str]:
    """What comes of the last line said on an evening in the demo home, after all that went before."""
    return come_of


@pytest.fixture(scope="session")
def an_evening() -> Callable[..., Evening]:
    """An evening in the demo home, as its file has it but for what is changed."""
    return Evening
