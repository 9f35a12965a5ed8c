"""Labels are wrong where want, things or value are; what heads gain is counted in words new to the home."""

from typing import Any

import pytest

from edge_nlu.models.pack import Pack
from edge_nlu.storage.codec import to_json
from edge_nlu.values import Command
from edge_nlu_bench.household.recording import Recorded
from edge_nlu_bench.labels import labels_figures

LAMPS = ("kitchen spots", "hallway light", "study floor lamp", "attic reading lamp", "bedroom desk lamp")


def home() -> Recorded:
    """Return a home in which lamps shall be burning, one a day, and are turned on next."""
    made = Recorded(1)
    for day, lamp in enumerate(LAMPS):
        _said(made, f"the {lamp} should be burning", lamp, day, tries=0, reached=False)
        _said(made, f"turn on the {lamp}", lamp, day, tries=1, reached=True)
    for day, lamp in enumerate(LAMPS):
        _said(made, f"switch on the {lamp}", lamp, day, tries=0, reached=True)
    return made


def _said(made: Recorded, text: str, lamp: str, day: int, *, tries: int, reached: bool) -> None:
    own = f"u{len(made.truth)}"
    thing = lamp.replace(" ", "_")
    made.truth[own] = {
        **{"id": own, "home": 1, "day": day, "heard": text, "wish": f"light.on {thing}", "tries": tries},
        **{"reached": reached, "cause": "correct" if reached else "understood wrong", "taken_as": ""},
    }
    row: dict[str, Any] = {"utterance": own, "text": text, "meant": "on.power", "read": "", "intent": ""}
    told = {"slots": "[]", "commands": on(thing), "sure": 0.95, "user": ""}
    made.tables["labels"].append({**row, **told})


def on(thing: str) -> str:
    return to_json((Command(f"z/{thing}", (("state", True),)),))


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack.open(Pack.default_path())


def test_labels_of_what_was_wished_for_are_right_and_teach_as_much_as_the_truth(pack: Pack) -> None:
    told = labels_figures([home()], pack)
    assert (told["automatic_labels"]["coverage"], told["automatic_labels"]["wrong"]) == (0.6, 0.0)
    heads = told["heads"]
    assert heads["gained"] == heads["gained_with_truth"]
    assert int(heads["gained"]) > 0
    assert heads["made_wrong"] == 0


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"meant": "off.power"}, id="another want"),
        pytest.param({"commands": on("cellar_lamp")}, id="another thing"),
    ],
)
def test_a_label_of_something_else_is_wrong(pack: Pack, changed: dict[str, Any]) -> None:
    one = home()
    one.tables["labels"][0].update({**changed, "sure": 0.99})
    assert labels_figures([one], pack)["automatic_labels"]["wrong"] == pytest.approx(1 / 9, abs=1e-3)
