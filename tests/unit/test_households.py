"""Pretend households are the same for the same seed, and what they wish for stays with the judge."""

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from edge_nlu.errors import SettingsError
from edge_nlu.models.pack import Pack
from edge_nlu_bench.household.causes import CORRECT, FALSE_WAKE, NO_HUB, UNDERSTOOD
from edge_nlu_bench.household.fleet import Fleet, read_fleet
from edge_nlu_bench.household.hearing import Ears, Hearing
from edge_nlu_bench.household.homes import House, Thing, make_house
from edge_nlu_bench.household.hub import SERVING, Answer, HubLine, Said
from edge_nlu_bench.household.living import Household
from edge_nlu_bench.household.neighbourhood import world_of
from edge_nlu_bench.household.sanity import _between, _more_with_time, _no_leak, _no_odds, _untouched
from edge_nlu_bench.household.tally import tallied
from edge_nlu_bench.household.turns import AS_USUAL, Turn, Way
from edge_nlu_bench.household.wishes import Devices, Wish, as_if, reached
from edge_nlu_bench.noise import Confusions

PAGE = Path(__file__).parents[2] / "docs" / "households.md"
FLEET = read_fleet()
LAMP = Thing("attic_sofa_lamp", "light", "attic", "sofa lamp", ("couch light",))
OTHER = Thing("attic_table_lamp", "light", "attic", "table lamp", ())
HOUSE = House(("attic",), (LAMP, OTHER), ("priya",))
ACTED = Answer((), {"decision": "act", "say": "", "id": "1"})


def test_the_page_names_every_key_of_the_fleet() -> None:
    told = set(re.findall(r"^\| `(\w+\.\w+)` \|", PAGE.read_text(), re.MULTILINE))
    assert told == {f"{table}.{key}" for table, keys in FLEET.tables.items() for key in keys}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param("[noise]\nerors = 1", r"noise\.erors: found a key that is not known, expected 'errors'"),
        pytest.param("[nois]\nerrors = 1", r"\[nois\]: found a table that is not known, expected 'noise'"),
        pytest.param("[noise]\nerrors = [2, 1]", r"\[2, 1\], expected \[low, high\] with 0 <= low <= high"),
        pytest.param("[noise]\nerrors = 'many'", r"expected a number, or \[low, high\]"),
        pytest.param("[fleet]\nhomes = 1.5", "expected a whole number"),
        pytest.param("[sides]\nnoise = 'loud'", "expected one of counted, sounds, both"),
        pytest.param("[noise", "expected a TOML file of a fleet"),
    ],
)
def test_a_wrong_fleet_is_told_by_its_key(tmp_path: Path, said: str, told: str) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text(said)
    with pytest.raises(SettingsError, match=told):
        read_fleet(file)


def test_another_fleet_differs_where_it_says_so(tmp_path: Path) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text("[noise]\nerrors = 3\n[fleet]\nseed = 7\n")
    other = read_fleet(file)
    assert (other.of("noise", "errors"), other.count("seed")) == ((3, 3), 7)
    assert other.of("people", "wishes") == FLEET.of("people", "wishes")
    assert other.sha256 != FLEET.sha256


def test_a_home_is_its_seed() -> None:
    assert make_house(FLEET, Random("1")).described() == make_house(FLEET, Random("1")).described()
    assert make_house(FLEET, Random("1")) != make_house(FLEET, Random("2"))


# ------------------------------------------------------------------------------------------- hearing


def hearing(errors: float, *, steady: float = 1.0) -> Hearing:
    counted = Confusions({"lamp": (("lamb", 0.2), ("ramp", 0.2)), "off": (("of", 0.1),)})
    return Hearing(
        Ears(counted, ["sofa"], "both"), "somebody", errors=errors, again=1.0, steady=steady, names=0.0
    )


def test_a_word_is_heard_wrong_again_and_again_in_the_same_way() -> None:
    heard = {hearing(100.0).heard("sofa lamp off", Random(number)) for number in range(20)}
    assert len(heard) == 1
    assert heard != {"sofa lamp off"}


def test_who_is_heard_right_is_always_heard_right() -> None:
    assert hearing(0.0).heard("sofa lamp off", Random(1)) == "sofa lamp off"


def test_errors_by_chance_are_as_often_as_counted() -> None:
    ears = hearing(1.0, steady=0.0)
    wrong = sum(ears.heard("lamp", Random(number)) != "lamp" for number in range(1000))
    assert 330 < wrong < 470


# -------------------------------------------------------------------------------------------- wishes


def devices() -> Devices:
    return Devices((said["topic"], said["payload"]) for said in HOUSE.described()["retained"])


def told(thing: Thing, state: str) -> Said:
    return Said(f"zigbee2mqtt/{thing.id}/set", f'{{"state": "{state}"}}')


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        pytest.param([told(LAMP, "ON")], True, id="the lamp is on"),
        pytest.param([told(OTHER, "ON")], False, id="another is on"),
        pytest.param([told(LAMP, "ON"), told(OTHER, "ON")], False, id="both are on"),
        pytest.param([], False, id="nothing moved"),
    ],
)
def test_a_wish_has_come_true_when_it_is_so_and_nothing_else_moved(
    commands: list[Said], *, expected: bool
) -> None:
    before = devices().states
    assert reached(Wish("light", "on", (LAMP,)), before, as_if(before, commands), ACTED) is expected


def test_what_would_be_moves_nothing() -> None:
    home = devices()
    before = dict(home.states)
    as_if(before, [told(LAMP, "ON")])
    assert home.states == before


# ----------------------------------------------------------------------------------------- the tally


def turn(**said: Any) -> Turn:
    plain = {"id": "0", "home": 0, "day": 0, "person": "priya", "wish": "light.on", "tries": 0}
    plain |= {"heard": "x", "taken_as": "", "reached": True, "base": True, "cause": CORRECT, "human": False}
    return Turn(**{**plain, **said})


def failing(**said: Any) -> Turn:
    return turn(**{"reached": False, "base": False, "cause": UNDERSTOOD, "fixable": True, **said})


WON = turn(taken_as="y", base=False, by_rule="r")
LOST = failing(taken_as="y", base=True, by_rule="r")


def test_rewrites_are_counted_by_what_they_changed() -> None:
    homes = [[WON] * 9 + [LOST] + [failing(taken_as="y")] * 2 + [turn(taken_as="y")] + [turn()] * 87] * 4
    rewrites = tallied(homes)["rewrites"]
    assert (rewrites["n"], rewrites["coverage"]) == (52, 0.13)
    assert (rewrites["correct_to_incorrect"], rewrites["wins_to_losses"]) == (3.0, 9.0)
    assert 0 < rewrites["correct_to_incorrect_low"] < 3.0
    assert 0 < rewrites["wins_to_losses_low"] < 9.0


def test_a_failure_recurs_from_the_third_time_and_is_found_when_it_is_rewritten_rightly() -> None:
    never = [failing(heard="a")] * 3
    rare = [failing(heard="b")] * 2
    found = [failing(heard="c"), failing(heard="c"), turn(heard="c", taken_as="y", base=False)]
    recurring = tallied([never + rare + found])["recurring"]
    assert (recurring["n"], recurring["found"]) == (2, 0.5)


def test_what_no_hub_could_do_is_nobodys_failure() -> None:
    figures = tallied([[turn(), failing(cause=NO_HUB)]])
    assert (figures["failures"]["n"], figures["wishes"]["n"]) == (0, 1)


def test_false_wakes_are_failures_but_no_wishes() -> None:
    figures = tallied([[turn(), failing(wish="overheard", cause=FALSE_WAKE)]])
    assert (figures["failures"]["false_wake"], figures["wishes"]["n"]) == (1, 1)


# ---------------------------------------------------------------------------------------- the checks


def test_a_check_in_which_nothing_may_be_learned_fails_when_something_is() -> None:
    assert _untouched([[turn()] * 1000])[0]
    assert not _untouched([[turn()] * 100 + [WON] * 2])[0]


def test_rephrases_that_mean_nothing_may_not_put_things_right() -> None:
    assert _no_odds([[WON, LOST] * 20])[0]
    assert not _no_odds([[WON] * 30 + [LOST] * 5])[0]


def test_a_check_of_few_sentences_says_that_it_cannot_tell() -> None:
    assert _untouched([[turn()] * 100])[1:] == ("too little to tell: 0 of 100 sentences rewritten", False)
    assert _no_odds([[WON] * 5]).told is False
    assert _more_with_time([[WON] * 5]).told is False


def test_what_is_put_right_lies_between_what_could_be_and_what_a_table_does() -> None:
    def days(*, again: int, ours: int) -> list[Turn]:
        told = [failing(heard="a"), turn(heard="b", tries=1)] * again
        return told + [replace(WON, heard=f"c{number}", fixable=True) for number in range(ours)]

    assert not _between([days(again=40, ours=10)]).holds
    assert _between([days(again=20, ours=10)]).told is False
    found = _between([days(again=4, ours=40)])
    assert (found.holds, found.told) == (True, True)


def test_the_second_half_of_the_time_has_to_bring_more() -> None:
    early, late = [replace(WON, day=1)] * 30, [replace(WON, day=12)] * 40
    assert _more_with_time([[*early, *late]]).holds
    assert not _more_with_time([[*late, *[replace(WON, day=1)] * 50]]).holds


def test_an_id_that_gives_the_failures_away_is_noticed() -> None:
    def turns(*, leaking: bool) -> list[Turn]:
        rng = Random(4)
        ids = [f"{rng.getrandbits(60):015x}" for _ in range(2000)]
        return [
            failing(id=f"f{own}") if rng.random() < 0.3 else turn(id=f"{'1' if leaking else 'f'}{own}")
            for own in ids
        ]

    assert not _no_leak(turns(leaking=True))[0]
    assert _no_leak(turns(leaking=False))[0]


# ------------------------------------------------------------------------------------ with a real hub


class Overheard(HubLine):
    """A line to the hub that keeps all that crosses it, but for what the judge asks the witness."""

    def __init__(self, pack: Path) -> None:
        super().__init__(pack)
        self.lines: list[Mapping[str, Any]] = []

    def _later(self, line: Mapping[str, Any]) -> None:
        self.lines.append(line)
        super()._later(line)

    def _answer(self, line: Mapping[str, Any]) -> Any:
        if "witness" not in line:
            self.lines.append(line)
        return super()._answer(line)


def small(fleet: Fleet) -> Fleet:
    return fleet.changed(people={"wishes": 6, "own_names": 0.4}, home={"people": 1, "rooms": 3})


def lived(line: HubLine, way: Way = AS_USUAL, days: int = 2) -> list[Turn]:
    return list(Household(world_of(small(FLEET), None), 3, line, way).live(days))


@pytest.mark.data
@pytest.mark.slow
def test_a_household_lives_the_same_days_again_and_its_truth_stays_with_the_judge() -> None:
    line = Overheard(Pack.default_path())
    first = lived(line)
    crossed, line.lines = line.lines, []
    assert lived(line) == first
    assert line.lines == crossed
    line.close()
    assert sum(one.reached for one in first) > len(first) / 3
    assert any(not one.reached for one in first)
    requests = [
        said["payload"]
        for one in crossed
        for said in one.get("messages", ())
        if said["topic"] == "edge-nlu/ask"
    ]
    assert len(requests) == len(first)
    asked = r'\{"text": "[^"]+", "satellite": "[\w]+_panel", "user": "[a-z]*", "id": "[0-9a-f]{16}"\}'
    assert all(re.fullmatch(asked, request) for request in requests)
    assert {key for one in crossed for key in one} <= {"at", "home", "wordings", "messages"}
    assert {key for one in crossed for said in one.get("messages", ()) for key in said} <= {
        "topic",
        "payload",
        "retain",
    }
    truth = {one.name for one in fields(Turn)} - {"id", "home", "day", "person"}
    homes = [key for one in crossed for key in one.get("home", ())]
    assert truth.isdisjoint(homes)


@pytest.mark.data
@pytest.mark.slow
def test_nothing_is_rewritten_where_nothing_fails() -> None:
    line = HubLine(Pack.default_path())
    turns = lived(line, Way("nothing fails"))
    line.close()
    assert turns
    assert _untouched([turns])[0]


def test_the_process_of_the_hub_loads_nothing_that_knows_wishes() -> None:
    code = (
        f"import sys, {SERVING}; print(*(name for name in sys.modules if name.startswith('edge_nlu_bench')))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(loaded.split()) == {"edge_nlu_bench", "edge_nlu_bench.household", SERVING}
