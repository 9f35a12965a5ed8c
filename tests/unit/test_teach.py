"""What people teach is read from their own words, with the model's help and without it."""

from datetime import UTC, datetime

import pytest

from edge_nlu.learning.teach import forgotten, lessons_of, phrase_key, refusal
from edge_nlu.steps.wish import wish_of
from edge_nlu.values import Clause, Lesson, Slot, Wish

AT = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)


class Known:
    """A home of which only the words that it knows matter."""

    def __init__(self, words: str) -> None:
        self.words = frozenset(words.split())

    def known_as(self, word: str) -> tuple[str, ...]:
        return (word,) if word in self.words else ()

    kinds_called = rooms_called = known_as


HOME = Known("lamp reading light lights kitchen lounge fan floor coffee bedroom")


def read(text: str, phrase: str = "", *, want: str = "teach", rest: str = "") -> list[Wish]:
    """Return the wishes of a sentence that teaches, with the phrase and the wishes after it marked."""
    cut = text.index(rest) if rest else len(text)
    slots = (Slot("phrase", at := text.index(phrase), at + len(phrase), phrase),) if phrase else ()
    clauses = [Clause(0, cut, want, "name", slots)]
    if rest:
        clauses.append(Clause(cut, len(text), "on", "power"))
    return [wish_of(clause, text, AT) for clause in clauses]


def taught(text: str, phrase: str = "", **marked: str) -> list[tuple[str, str, str]]:
    found = lessons_of(read(text, phrase, **marked), text, HOME, "ana")  # type: ignore[arg-type]
    return [(lesson.kind, lesson.phrase, lesson.meaning) for lesson in found]


@pytest.mark.parametrize(
    ("text", "phrase", "rest", "expected"),
    [
        (
            "when I say movie time, close the blinds",
            "movie time",
            "close",
            ("movie time", "close the blinds"),
        ),
        ("when I say movie time, close the blinds", "", "close", ("movie time", "close the blinds")),
        ("when I say movie time, close the blinds", "", "", ("movie time", "close the blinds")),
        ("whenever I say cosy set the lamp to ten", "cosy", "set", ("cosy", "set the lamp to ten")),
        ("whenever I say cosy set the lamp to ten", "", "", ("cosy", "set the lamp to ten")),
        ("from now on if I say cosy please dim it all", "", "", ("cosy", "dim it all")),
        ("when I ask for rocket fuel I want an espresso", "", "", ("rocket fuel", "i want an espresso")),
        ("when I ask for calm then I want you to dim the lamp", "", "", ("calm", "dim the lamp")),
        (
            'when I say "lights out", turn them all off',
            "lights out",
            "turn",
            ("lights out", "turn them all off"),
        ),
        (
            "turn off the lamp whenever I say good night",
            "good night",
            "",
            ("good night", "turn off the lamp"),
        ),
        ("each time I tell you siesta, shut the blinds", "", "", ("siesta", "shut the blinds")),
        ("bedtime means turn off both lamps", "bedtime", "turn", ("bedtime", "turn off both lamps")),
        ("bedtime means turn off both lamps", "", "", ("bedtime", "turn off both lamps")),
        ("could you remember that dusk means lamp on", "dusk", "", ("dusk", "lamp on")),
        ("sundowner stands for dim the lights", "", "", ("sundowner", "dim the lights")),
        ("by siesta I mean close the blinds", "", "", ("siesta", "close the blinds")),
        ("when I say lights camera action, lamp on", "lights", "lamp", ("lights camera action", "lamp on")),
        (
            "when I say we're off to bed turn it all off",
            "we're off",
            "",
            ("we're off to bed", "turn it all off"),
        ),
        ("if I say I'm home alone turn on the lamp", "I'm home", "", ("i'm home alone", "turn on the lamp")),
        (
            "when I say dinner is ready switch it off",
            "dinner is",
            "switch",
            ("dinner is ready", "switch it off"),
        ),
        ("when I say play time, dim the lamp", "play time", "dim", ("play time", "dim the lamp")),
        ("when I say siesta the blinds should close", "siesta", "", ("siesta", "the blinds should close")),
        ("new command. when I say focus, lamp on", "focus", "lamp", ("focus", "lamp on")),
    ],
)
def test_a_phrase_stands_for_the_rest_of_the_sentence(
    text: str, phrase: str, rest: str, expected: tuple[str, str]
) -> None:
    assert taught(text, phrase, rest=rest) == [("phrase", *expected)]


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("from now on call the reading lamp lucy", "lucy", ("lucy", "the reading lamp")),
        ("from now on call the reading lamp lucy", "", ("lucy", "the reading lamp")),
        ("call the lamp in the kitchen big bob", "", ("big bob", "the lamp in the kitchen")),
        ("rename the floor lamp to big bertha", "", ("big bertha", "the floor lamp")),
        ("the reading lamp is now called Lucy", "Lucy", ("lucy", "the reading lamp")),
        ("lucy is what we call the reading lamp", "", ("lucy", "the reading lamp")),
        ("refer to the fan as windy please", "", ("windy", "the fan")),
    ],
)
def test_a_thing_gets_a_name(text: str, phrase: str, expected: tuple[str, str]) -> None:
    assert taught(text, phrase) == [("name", *expected)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my favourite coffee is a lungo", ("coffee", "a lungo")),
        ("remember that my favourite coffee is a lungo", ("coffee", "a lungo")),
        ("my favorite radio station's jazz fm", ("radio station", "jazz fm")),
        ("a lungo is my favourite coffee", ("coffee", "a lungo")),
        ("I'm a Warriors fan", ("", "warriors")),
        ("I'm a big fan of the Warriors", ("", "the warriors")),
        ("I prefer oat milk", ("", "oat milk")),
        ("I like jazz best", ("", "jazz")),
    ],
)
def test_a_favourite_is_the_speakers_own(text: str, expected: tuple[str, str]) -> None:
    (lesson,) = lessons_of(read(text), text, HOME, "ana")  # type: ignore[arg-type]
    assert lesson == Lesson("favourite", *expected, "ana")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("forget what I told you about movie time", ""),
        ("forget movie time", "movie time"),
        ("you can forget about movie time again", ""),
        ("forget everything I said about movie time", ""),
    ],
)
def test_what_was_taught_can_be_taken_back(text: str, phrase: str) -> None:
    assert taught(text, phrase, want="forget") == [("forget", "movie time", "")]


@pytest.mark.parametrize(
    "text",
    [
        "coffee as usual please",
        "learn my preferences",
        "turn on the lamp",
        "if I say stop will the fan stop",
        "",
        "call",
    ],
)
def test_a_sentence_that_teaches_nothing_gives_no_lesson(text: str) -> None:
    want = "ask" if text.startswith("if") else "teach"
    assert taught(text, want=want) == []
    assert refusal(read(text, want=want), text, HOME, "") == ""  # type: ignore[arg-type]


def test_nothing_is_forgotten_without_a_word_for_it() -> None:
    assert taught("movie time is over", "movie time", want="forget") == []
    assert taught("movie time doesn't mean that any more", "movie time", want="forget") != []


def test_a_phrase_taught_plainly_is_read_though_the_model_saw_only_a_wish() -> None:
    text = "if I tell you goodnight, please switch everything off"
    assert taught(text, want="off") == [("phrase", "goodnight", "switch everything off")]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("when I say stop, turn on the lights", "stop"),
        ("when I say yes, turn on the lights", "yes"),
        ("when I say lights off, turn on the lights", "lights off"),
        ("when I say turn on the kitchen light, unlock the door", "turn on the kitchen light"),
        ("call the reading lamp everything", "everything"),
    ],
)
def test_what_means_something_already_is_refused_with_the_reason(text: str, phrase: str) -> None:
    assert taught(text, phrase) == []
    assert "already" in refusal(read(text, phrase), text, HOME, "")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [("when I say cosy", "cosy"), ("call it lucy", "lucy"), ("bedtime means that", "bedtime")],
)
def test_what_stands_for_nothing_is_refused_with_the_reason(text: str, phrase: str) -> None:
    assert taught(text, phrase) == []
    assert "stands for" in refusal(read(text, phrase), text, HOME, "")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("when I say b, turn on the lights", "b"),
        ("k9 means turn on the lights", "k9"),
        ("bedtime means vz", "bedtime"),
    ],
)
def test_a_letter_or_two_teach_nothing(text: str, phrase: str) -> None:
    assert taught(text, phrase) == []
    assert "I did not get" in refusal(read(text, phrase), text, HOME, "")  # type: ignore[arg-type]


def test_a_phrase_cannot_stand_for_itself() -> None:
    assert taught("movie time means movie time") == []


def test_forgetting_takes_back_ones_own_and_the_homes_before_anybody_elses() -> None:
    home, anas, bens = (Lesson("phrase", "movie time", "x", user) for user in ("", "ana", "ben"))
    assert forgotten(Lesson("forget", "movie time", user="ana"), [home, anas, bens]) == (home, anas)
    assert forgotten(Lesson("forget", "Movie-Time", user="carla"), [anas, bens]) == (anas, bens)
    assert forgotten(Lesson("forget", "cosy", user="ana"), [anas]) == ()


def test_a_favourite_is_forgotten_by_what_it_is_of() -> None:
    coffee = Lesson("favourite", "coffee", "a lungo", "ana")
    assert forgotten(Lesson("forget", "my favourite coffee", user="ana"), [coffee]) == (coffee,)


def test_the_same_phrase_is_the_same_however_it_is_written() -> None:
    assert phrase_key("Bed time") == phrase_key("bedtime") == phrase_key("the bed-time")
