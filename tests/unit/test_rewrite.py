"""What was taught stands in for what was said, and nothing else does."""

import pytest

from edge_nlu.steps.rewrite import rewrite
from edge_nlu.values import Lesson

MOVIE = Lesson("phrase", "movie time", "close the blinds")
LUCY = Lesson("name", "lucy", "the reading lamp")
COFFEE = Lesson("favourite", "coffee", "a lungo", "ana")
LESSONS = (
    MOVIE,
    Lesson("phrase", "rocket fuel", "i want an espresso"),
    Lesson("phrase", "bedtime", "turn off both lamps"),
    Lesson("phrase", "cosy", "set the floor lamp to fifty percent"),
    LUCY,
    COFFEE,
    Lesson("favourite", "radio station", "jazz fm", "ana"),
)


@pytest.mark.parametrize(
    "said",
    [
        *("movie time", "Movie time!", "okay it's movie time", "let's do movie time", "movie time please"),
        *("time for movie time", "hey, movie time now, thanks", "movietime", "could you start movie time"),
        *("it is movie time everybody", "movie time mode", "alright guys, it\u2019s movie time"),
    ],
)
def test_a_phrase_said_alone_or_in_a_frame_is_what_it_stands_for(said: str) -> None:
    assert rewrite(said, LESSONS) == "close the blinds"


@pytest.mark.parametrize(
    "said",
    [
        "what time does the movie start at the cinema",
        "is it movie time yet",
        "no movie time",
        "how long is movie time",
        "when I say movie time, open the blinds",
        "from now on when I say cosy set the floor lamp to ten percent",
        "forget movie time",
        "forget what I told you about movie time",
        "movie time means dim the lights",
        "call the reading lamp cosy",
        "call lucy betty",
        "my favourite coffee is a latte",
        "remember that my favourite coffee is a latte",
        "stop",
        "",
        "turn on the light",
    ],
)
def test_anything_else_is_left_as_it_was(said: str) -> None:
    assert rewrite(said, LESSONS) == said


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("turn on lucy", "turn on the reading lamp"),
        ("turn on Lucy please", "turn on the reading lamp please"),
        ("turn off lucy when I leave", "turn off the reading lamp when I leave"),
        ("is the lucy on", "is the reading lamp on"),
        ("turn on lucyfer", "turn on lucyfer"),
        ("make me my favourite coffee", "make me a lungo"),
        ("make my favorite coffee please", "make a lungo please"),
        ("put my favourite radio station on in the kitchen", "put jazz fm on in the kitchen"),
        ("put on my favourite film", "put on my favourite film"),
        ("rocket fuel please", "i want an espresso"),
        ("bed time", "turn off both lamps"),
    ],
)
def test_names_and_favourites_are_replaced_where_they_stand(said: str, meant: str) -> None:
    assert rewrite(said, LESSONS) == meant


def test_the_latest_lesson_holds() -> None:
    newer = Lesson("phrase", "movie time", "play frozen")
    assert rewrite("movie time", (newer, MOVIE)) == "play frozen"


def test_a_phrase_may_hold_names_favourites_and_another_phrase() -> None:
    both = (Lesson("phrase", "evening", "turn on lucy and make my favourite coffee"), LUCY, COFFEE)
    assert rewrite("evening", both) == "turn on the reading lamp and make a lungo"
    assert rewrite("evening", (Lesson("phrase", "evening", "movie time"), MOVIE)) == "close the blinds"


def test_phrases_that_stand_for_each_other_come_to_an_end() -> None:
    circle = (Lesson("phrase", "evening", "dusk"), Lesson("phrase", "dusk", "evening"))
    assert rewrite("evening", circle) in ("evening", "dusk")


def test_what_is_liked_in_general_is_played_when_nothing_is_named() -> None:
    fan = (Lesson("favourite", "", "the warriors", "ana"),)
    assert rewrite("play my favourite", fan) == "play the warriors"
    assert rewrite("when does my team play", fan) == "when does the warriors play"
    assert rewrite("make my favourite coffee", fan) == "make my favourite coffee"


def test_a_favourite_may_be_asked_for_in_fewer_words() -> None:
    washing = Lesson("favourite", "washing program", "eco", "ana")
    asked = "start it on my favourite program"
    assert rewrite(asked, (washing,)) == "start it on eco"
    assert rewrite(asked, (washing, Lesson("favourite", "drying program", "extra dry", "ana"))) == asked
