"""Written cases are played line by line: each in a fresh hub, with its own clock, and nobody answering."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.errors import DataError
from edge_nlu.hub.replay import replay
from edge_nlu.models.examples import example_from_marks
from edge_nlu.values import Understanding

DOCUMENTED = "id step decision publishes say intent slots targets confidence because"
LAMP_OFF = {"topic": "cmnd/desk_lamp/POWER", "payload": "OFF"}
LAMP_ON = {"topic": "cmnd/desk_lamp/POWER", "payload": "ON"}


class Understander:
    """Understands a few sentences."""

    def __init__(self, *lines: str) -> None:
        examples = [example_from_marks(line, "one") for line in lines]
        self._known = {
            e.text: Understanding(e.text, (), e.home or 0.0, (), e.clauses or ()) for e in examples
        }

    def understand(self, text: str) -> Understanding:
        return self._known.get(text) or Understanding(text, (), 0.0, (), ())


READER = Understander(
    "off.power: [desk lamp](device) off",
    "on.power: [desk lamp](device) on",
    "off.unsaid: turn [it](reference) off",
    "on.power: [light](device) on",
    "undo.unsaid: undo that",
    "none.unsaid: who won the cup",
    "ask.power: is the [desk lamp](device) [on](state)",
    "teach.name: when I say [work is over](phrase), | off.power: [desk lamp](device) off",
)


def tasmota(own: str, name: str) -> list[dict[str, Any]]:
    told: dict[str, Any] = {
        "dn": name,
        "fn": [name],
        "t": own,
        "ft": "%prefix%/%topic%/",
        "tp": ["cmnd", "stat", "tele"],
    }
    told |= {"rl": [1], "state": ["OFF", "ON", "TOGGLE", "HOLD"], "ofln": "Offline", "onln": "Online"}
    mac = f"{len(own):012X}"
    topic = f"tasmota/discovery/{mac}/config"
    return [
        {"topic": topic, "payload": {**told, "mac": mac, "sw": "14.2.0", "ver": 1}},
        {"topic": f"tele/{own}/LWT", "payload": "Online"},
        {"topic": f"stat/{own}/POWER", "payload": "ON"},
    ]


STUDY = {
    "rooms": {"study": ["desk_lamp"], "hall": ["hall_light"]},
    "people": {"ana": {"room": "study"}},
    "satellites": {"desk_panel": {"room": "study"}, "hall_panel": {"room": "hall"}},
    "retained": [*tasmota("desk_lamp", "Desk lamp"), *tasmota("hall_light", "Hall light")],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "homes").mkdir()
    (tmp_path / "homes" / "study.json").write_text(json.dumps(STUDY))
    return tmp_path


def case(own: str, *steps: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"id": own, "home": "study", "now": "2026-03-02T18:05:00", "steps": list(steps), **more}


def ask(text: str, satellite: str | None = "desk_panel", **more: object) -> dict[str, Any]:
    return {"ask": text, "satellite": satellite, **more}


def played(folder: Path, *cases: dict[str, Any], blind: bool = False) -> list[dict[str, Any]]:
    file = folder / "cases.jsonl"
    file.write_text("\n\n".join(map(json.dumps, cases)))
    return list(replay(file, READER, blind=blind))


def test_a_result_for_each_thing_said_in_order(folder: Path) -> None:
    results = played(
        folder,
        case(
            "a", ask("desk lamp off"), {"mqtt": "stat/desk_lamp/POWER", "payload": "OFF"}, ask("desk lamp on")
        ),
        case("b", {"at": "2026-03-02T18:20:00"}, ask("who won the cup")),
    )
    assert [(r["id"], r["step"], r["decision"]) for r in results] == [
        ("a", 0, "act"),
        ("a", 2, "act"),
        ("b", 1, "cloud"),
    ]
    assert [r["publishes"] for r in results] == [[LAMP_OFF], [LAMP_ON], []]


def test_a_result_has_the_documented_fields(folder: Path) -> None:
    (result,) = played(folder, case("a", ask("desk lamp off")))
    assert set(result) == set(DOCUMENTED.split())
    assert (result["say"], result["intent"]) == ("The desk lamp is off.", "off.power")
    assert result["slots"]["device"] == "desk lamp"
    assert result["targets"] == ["desk_lamp"]
    assert 0.9 < result["confidence"] <= 1
    assert all(isinstance(reason, str) for reason in result["because"])
    assert json.loads(json.dumps(result)) == result


@pytest.mark.parametrize(
    ("steps", "decision"),
    [
        pytest.param([ask("undo that")], "answer", id="an answer"),
        pytest.param([ask("who won the cup")], "cloud", id="not for the hub"),
        pytest.param([ask("when I say work is over, desk lamp off")], "answer", id="a lesson"),
        pytest.param([ask("is the desk lamp on")], "answer", id="a question about the home"),
    ],
)
def test_how_a_decision_is_called(folder: Path, steps: list[dict[str, Any]], decision: str) -> None:
    assert played(folder, case("a", *steps))[-1]["decision"] == decision


def test_a_case_remembers_but_the_next_one_is_fresh(folder: Path) -> None:
    lesson = ask("when I say work is over, desk lamp off")
    results = played(
        folder,
        case("a", lesson, ask("work is over")),
        case("b", ask("work is over")),
        case("c", ask("desk lamp off"), ask("undo that")),
        case("d", ask("undo that")),
    )
    assert [result["publishes"] for result in results] == [[], [LAMP_OFF], [], [LAMP_OFF], [LAMP_ON], []]


def test_what_devices_say_counts(folder: Path) -> None:
    off = {"mqtt": "stat/desk_lamp/POWER", "payload": "OFF"}
    results = played(folder, case("a", ask("is the desk lamp on"), off, ask("is the desk lamp on")))
    assert [result["say"] for result in results] == ["Yes, the desk lamp is on.", "No, the desk lamp is off."]


def test_where_it_is_said_counts(folder: Path) -> None:
    results = played(folder, case("a", ask("turn it off")), case("b", ask("turn it off", "hall_panel")))
    assert [result["targets"] for result in results] == [["desk_lamp"], ["hall_light"]]


def test_without_context_nobody_knows_what_is_on_or_where_it_is_said(folder: Path) -> None:
    cases = [
        case("a", ask("turn it off")),
        case("b", ask("desk lamp off")),
        case("c", ask("desk lamp off"), ask("undo that")),
        case("d", ask("is the desk lamp on")),
    ]
    results = played(folder, *cases, blind=True)
    assert [bool(result["publishes"]) for result in results] == [False, True, True, False, False]
    assert results[-1]["say"] == "I don't know yet whether the desk lamp is on."


def test_a_satellite_and_a_speaker_may_be_unknown(folder: Path) -> None:
    (result,) = played(folder, case("a", ask("desk lamp off", None, user=None)))
    assert result["publishes"] == [LAMP_OFF]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        pytest.param("{not a case", "JSON", id="no JSON"),
        pytest.param('["a"]', "a case", id="a list"),
        pytest.param('{"id": "x"}', "home", id="no home"),
        pytest.param(json.dumps(case("x") | {"home": "castle"}), "castle", id="a home without a file"),
    ],
)
def test_a_bad_line_is_named_by_file_and_number(folder: Path, line: str, named: str) -> None:
    file = folder / "cases.jsonl"
    file.write_text(json.dumps(case("a", ask("desk lamp off"))) + "\n\n" + line + "\n")
    results: Iterator[dict[str, Any]] = replay(file, READER)
    assert next(results)["id"] == "a"
    with pytest.raises(DataError, match=named) as error:
        next(results)
    assert (error.value.file, error.value.line) == (file, 3)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"now": "tea time"}, id="no time"),
        pytest.param({"steps": None}, id="no steps"),
        pytest.param({"steps": [{"sing": "a song"}]}, id="a step that nobody knows"),
        pytest.param({"steps": ["desk lamp off"]}, id="a step that is no object"),
    ],
)
def test_a_bad_case_is_named_as_well(folder: Path, broken: dict[str, Any]) -> None:
    with pytest.raises(DataError) as error:
        played(folder, case("a") | broken)
    assert error.value.line == 1
