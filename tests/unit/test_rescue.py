"""What a model takes for a matter of the cloud is for this home where the home knows better."""

from collections.abc import Callable

import pytest

ComesOf = Callable[..., str]

DUSTY = {"names": {"homie/vacuum": "Dusty"}}


@pytest.mark.parametrize(
    ("said", "sure", "comes"),
    [
        pytest.param(
            "dock.run: tell [Dusty](device) to go home",
            1.0,
            "act vacuum dock=True",
            id="here it has that name",
        ),
        pytest.param(
            "dock.run: tell [Billy](device) to go home", 1.0, "askcloud", id="nobody here is called so"
        ),
        pytest.param("dock.run: tell [Dusty](device) to go home", 0.4, "askcloud", id="it was read in doubt"),
        pytest.param("none.unsaid: Dusty is a nice name", 1.0, "askcloud", id="nothing is wished for"),
    ],
)
def test_a_name_of_this_home(comes_of: ComesOf, said: str, sure: float, comes: str) -> None:
    assert comes_of(said, home=0.1, confidence=sure, **DUSTY) == comes


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        pytest.param(
            "living_room_tv> none.unsaid: show me a video of a giraffe",
            'act living_room_tv power=True media={"kind": "video", "title": "giraffe"}',
            id="asked of a screen beside a player that shows videos",
        ),
        pytest.param(
            "kitchen_speaker> none.unsaid: show me a video of a giraffe", "askcloud", id="no screen"
        ),
        pytest.param(
            "living_room_tv> none.unsaid: show me a recipe for soup", "askcloud", id="no player shows recipes"
        ),
        pytest.param("living_room_tv> none.unsaid: how do giraffes sleep", "askcloud", id="nothing to show"),
    ],
)
def test_something_to_see(comes_of: ComesOf, said: str, comes: str) -> None:
    assert comes_of(said) == comes


def test_the_answer_to_a_question_of_the_hub_is_for_this_home(comes_of: ComesOf) -> None:
    unlock = "unlock.lock: unlock the [front door](device)"
    assert comes_of(unlock, "confirm.unsaid: yes", home=0.1) == "act front_door state=False"


def test_what_is_surely_for_the_cloud_stays_there(comes_of: ComesOf) -> None:
    assert comes_of("none.unsaid: will it rain tomorrow") == "askcloud"


def test_a_title_is_kept_as_it_was_said(comes_of: ComesOf) -> None:
    comes = comes_of("living_room_tv> none.unsaid: show me a video of the mars missions")
    assert '"title": "the mars missions"' in comes or '"title": "mars missions"' in comes


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        pytest.param("how hot is it", "answer 20.5 degrees in the living room.", id="measured somewhere"),
        pytest.param(
            "is it chilly in the bathroom", "answer 22.4 degrees in the bathroom.", id="measured there"
        ),
        pytest.param("how damp is it", "answer 64 percent humidity in the bathroom.", id="another sensor"),
        pytest.param("how cold is it in Oslo", "askcloud", id="no place of this home"),
        pytest.param("how bright is the moon", "askcloud", id="nothing of this home"),
        pytest.param("how stuffy is it", "askcloud", id="nothing here measures that"),
        pytest.param("is it hot tomorrow", "askcloud", id="not about now"),
    ],
)
def test_a_bare_question(comes_of: ComesOf, said: str, comes: str) -> None:
    assert comes_of(f"none.unsaid: {said}", home=0.3) == comes


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        pytest.param("none.unsaid: clean the floor", "act vacuum run=start", id="what one thing is for"),
        pytest.param("none.unsaid: floor", "askcloud", id="a word alone is no wish"),
        pytest.param("none.unsaid: clean the spaceship", "askcloud", id="nothing here is for that"),
        pytest.param(
            "ask.level: is there any [water](title) left",
            "answer Yes, the coffee maker has 70 percent water left.",
            id="no title, but something here tells how much there is",
        ),
        pytest.param("ask.level: is there any [sugar](title) left", "askcloud", id="nothing tells of that"),
    ],
)
def test_what_things_here_are_for(comes_of: ComesOf, said: str, comes: str) -> None:
    assert comes_of(said, home=0.35) == comes
