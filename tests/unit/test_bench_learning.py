"""What each layer takes away is told home by home, and the page tells what the JSON does."""

import gzip
import json
import re
from pathlib import Path

import pytest

from edge_nlu.models.pack import Pack
from edge_nlu_bench.household.causes import CORRECT, UNDERSTOOD
from edge_nlu_bench.household.fleet import Fleet, read_fleet
from edge_nlu_bench.household.hub import HubLine
from edge_nlu_bench.household.neighbourhood import Lived, Street, live_in
from edge_nlu_bench.household.tally import SIMULATED, by_home, by_person, layered, tallied
from edge_nlu_bench.household.turns import Turn, Way
from edge_nlu_bench.learning import Measured
from edge_nlu_bench.page import drawn
from edge_nlu_bench.report import shown

PLAIN = {"id": "0", "home": 0, "person": "priya", "wish": "light.on", "tries": 0, "human": False}


def turns(*, right: int, wrong: int, won: int = 0, lost: int = 0, day: int = 0) -> list[Turn]:
    def some(n: int, taken_as: str, *, base: bool, ok: bool) -> list[Turn]:
        about = {"day": day, "heard": "x", "taken_as": taken_as, "reached": ok, "base": base}
        return [Turn(**{**PLAIN, **about, "cause": CORRECT if ok else UNDERSTOOD})] * n

    return [
        *some(right, "", base=True, ok=True),
        *some(wrong, "", base=False, ok=False),
        *some(won, "y", base=False, ok=True),
        *some(lost, "y", base=True, ok=False),
    ]


LAYERS = {
    "off": [turns(right=70, wrong=30), turns(right=80, wrong=10, day=8)],
    "shared": [turns(right=75, wrong=25), turns(right=80, wrong=10, day=8)],
    "both": [turns(right=75, wrong=15, won=10), turns(right=79, wrong=10, lost=1, day=8)],
}


def test_a_layer_takes_away_a_part_of_what_fails_without_any() -> None:
    defects = layered(LAYERS)["defects"]
    assert (defects["without"], defects["with_shared"], defects["with_both"]) == (40, 35, 26)
    assert (defects["removed_by_shared"], defects["removed_further_by_personal"]) == (0.125, 0.225)
    assert defects["removed"] == 0.35


def test_a_home_is_harmed_in_which_more_is_lost_than_won() -> None:
    assert layered(LAYERS)["defects"]["homes_harmed"] == 0.5
    assert [(home["won"], home["lost"]) for home in by_home(LAYERS)] == [(10, 0), (0, 1)]


def test_it_is_told_of_everybody_how_much_of_what_they_said_failed() -> None:
    (priya,) = by_person(LAYERS)
    assert (priya["said_off"], priya["failed_off"]) == (190, 40)
    assert (priya["said_both"], priya["failed_both"]) == (190, 26)


def test_failures_are_told_by_the_week() -> None:
    figures = layered(LAYERS)
    assert [name for name in figures if name.startswith("week")] == ["week_1"]
    assert (figures["week_1"]["off"], figures["week_1"]["both"]) == (15, 7.5)


# ------------------------------------------------------------------------------------------ the page


def measured() -> Measured:
    confirmed = {"confirmed_whole": 3, "confirmed_name": 1, "confirmed_pattern": 0}
    figures = {
        "fleet": {"sha256": "abc", "seed": 1, "homes": 2, "days": 7},
        **tallied(LAYERS["both"]),
        **{name: {**group, **confirmed} for name, group in layered(LAYERS).items()},
        "check_null_fleet": {"holds": False, "told": True, "found": "3 of 900 sentences <rewritten>"},
        "check_look_alikes": {"holds": True, "told": False, "found": "too little to tell: 0 of 9"},
    }
    figures["rewrites"] = {**figures["rewrites"], "void": True, "failed_checks": "check_null_fleet"}
    rule = {"kind": "whole", "source": "home", "failing": "kill the reader", "working": "turn off the lamp"}
    return Measured(
        figures, by_home(LAYERS), by_person(LAYERS), [{**rule, "won": 4.0, "lost": 0.0, "week": 1}]
    )


def test_the_page_stands_by_itself() -> None:
    page = drawn(measured(), "edge-nlu, somewhere")
    assert not re.search(r"https?:|//|<script|<link|src=|url\(", page)
    assert 'name="viewport"' in page
    assert page.count("<svg") == page.count("</svg>") == 3


def test_the_page_tells_the_figures_of_the_json() -> None:
    found = measured()
    page = drawn(found, "edge-nlu, somewhere")
    for group, name in (
        ("rewrites", "coverage"),
        ("rewrites", "correct_to_incorrect_low"),
        ("defects", "removed_by_shared"),
        ("defects", "homes_harmed"),
    ):
        assert f"<td>{shown(found.figures[group][name])}</td>" in page
    assert "kill the reader" in page
    assert "3 of 900 sentences &lt;rewritten&gt;" in page
    assert SIMULATED in page
    assert "These figures mean nothing: check_null_fleet failed." in page
    assert re.search(r'<td class="bad">fails</td>.*<td>open</td>', page, re.DOTALL)


# ----------------------------------------------------------------------------------- with a real hub


def corpora(folder: Path) -> Path:
    """Write sentences by hand where the corpora would lie."""
    rows = {
        "massive/en-US/dev.jsonl.gz": [
            {"text": "what is the weather like", "intent": "weather_query", "slots": []},
            {"text": "tell me the weather", "intent": "weather_query", "slots": []},
            {"text": "is there any weather today", "intent": "weather_query", "slots": []},
            {"text": "any weather", "intent": "weather_query", "slots": []},
            {"text": "why is the sky blue", "intent": "qa_factoid", "slots": []},
            {"text": "how tall is a tree", "intent": "qa_factoid", "slots": []},
            {"text": "that was a joke", "intent": "general_joke", "slots": []},
            {"text": "say that again", "intent": "general_repeat", "slots": []},
        ],
        "nlu-evaluation/dev.jsonl.gz": [],
        "asr/confusions.jsonl.gz": [{"said": "lamp", "heard": "lamb", "times": 5, "said_times": 100}],
    }
    for name, said in rows.items():
        file = folder / name
        file.parent.mkdir(parents=True)
        with gzip.open(file, "wt") as out:
            out.writelines(json.dumps(row) + "\n" for row in said)
    return folder


def small(fleet: Fleet) -> Fleet:
    people = {"wishes": 8, "own_names": 0.5, "odd_wordings": 0.5, "favourites": 0.95, "sentences": 0}
    reactions = {"patience": 4, "notices": 1, "rephrases": 1, "by_hand": 0, "gives_up": 0, "never_reacts": 0}
    return fleet.changed(
        people=people | {"beyond": 0.02}, reactions=reactions, home={"people": 1, "rooms": 3}
    )


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Return two homes that lived two weeks: without rewordings, with shared ones, and with their own."""
    ways = (
        Way(wordings="off", causes=False),
        Way(wordings="shared", causes=False),
        Way(wordings="home"),
    )
    homes = tuple((number, way) for number in (3, 4) for way in ways)
    line = HubLine(Pack.default_path())
    found = live_in(
        Street("small", small(read_fleet()), homes, 14), line, corpora(tmp_path_factory.mktemp("c"))
    )
    line.close()
    return found


@pytest.mark.slow
def test_a_hub_learns_from_what_goes_wrong(lived: Lived) -> None:
    off, own = lived.homes[0::3], lived.homes[2::3]
    rewrites = tallied(own)["rewrites"]
    assert not any(one.taken_as for home in off for one in home)
    assert int(rewrites["won"]) > int(rewrites["lost"]) + int(rewrites["in_vain"])
    defects = layered({"off": off, "shared": off, "both": own})["defects"]
    assert float(defects["removed"]) > 0
    assert any(rule.state == "confirmed" for rules in lived.rules[2::3] for rule in rules)


@pytest.mark.slow
def test_where_nobody_shares_anything_shared_rewordings_change_nothing(lived: Lived) -> None:
    off, shared = lived.homes[0::3], lived.homes[1::3]
    assert off == shared
