"""Sentences come from folders and from people's own files, and one bad line stops everything."""

import gzip
import json
from pathlib import Path

import pytest

from edge_nlu.errors import DataError
from edge_nlu.values import Clause, Example, Slot
from edge_nlu_export.corpora import (
    definitions,
    device_names,
    imagined,
    judging,
    kept_apart,
    labelled,
    read_yaml,
    same_text,
    texts,
    with_wish,
)

OWN = """
- text: lights out in the den
  intent: iot_hue_lightoff
  slots:
    - {type: house_place, start: 18, end: 21, value: den}
- {id: mine, text: play some jazz, home: 1}
"""


def said(text: str, intent: str | None = None) -> Example:
    return Example("e", "en-US", text, intent)


def test_a_yaml_file_gives_its_sentences(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(OWN)
    first, second = labelled(path)
    assert (first.id, first.intent) == ("own.yaml-1", "iot_hue_lightoff")
    assert first.slots == (Slot("house_place", 18, 21, "den"),)
    assert (second.id, second.text, second.intent, second.home) == ("mine", "play some jazz", None, 1.0)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        pytest.param("- text: [", 1, "cannot be read", id="no YAML"),
        pytest.param("text: lights out", 1, "found dict", id="no list"),
        pytest.param("- lights out", 0, "entry 1: found str", id="an entry without fields"),
        pytest.param("- {text: go}\n- {intent: a}", 0, "entry 2: no field 'text'", id="no text"),
        pytest.param(
            "- {text: go on, slots: [{type: a, start: 0, end: 2, value: on}]}",
            0,
            "entry 1: slot a",
            id="shifted",
        ),
    ],
)
def test_a_bad_entry_of_a_yaml_file_is_named(tmp_path: Path, text: str, line: int, problem: str) -> None:
    path = tmp_path / "own.yml"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        labelled(path)
    assert (caught.value.file, caught.value.line) == (path, line)
    assert problem in caught.value.problem


def test_a_yaml_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent\.yaml"):
        read_yaml(tmp_path / "absent.yaml")


def test_a_folder_gives_what_to_learn_from_and_what_to_judge_by(tmp_path: Path) -> None:
    for part in ("train", "dev"):
        (tmp_path / f"{part}.jsonl.gz").write_bytes(gzip.compress(json.dumps({"text": part}).encode()))
    assert [e.text for e in labelled(tmp_path)] == ["train"]
    assert [e.text for e in judging(tmp_path)] == ["dev"]


def test_a_file_of_ones_own_is_not_judged_by(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("off.power: [lamp](device) off\n")
    assert [e.text for e in labelled(tmp_path / "own.txt")] == ["lamp off"]
    assert judging(tmp_path / "own.txt") == []


def test_one_bad_line_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "own.jsonl").write_text('{"text": "lamp on"}\n{"text": 3}\n{"text": "lamp off"}\n')
    with pytest.raises(DataError, match="line 2"):
        labelled(tmp_path / "own.jsonl")


def test_a_tenth_is_kept_apart_and_always_the_same() -> None:
    sentences = [said(f"turn on lamp {number}") for number in range(4000)]
    apart = [e for e in sentences if kept_apart(e)]
    assert 320 < len(apart) < 480
    assert apart == [e for e in sentences if kept_apart(e)]
    assert all(kept_apart(said(e.text.upper(), "other")) for e in apart)


@pytest.mark.parametrize(
    ("intent", "home", "wish"),
    [
        ("iot_hue_lightoff", 1, ("off", "power")),
        ("alarm_query", 1, ("ask", "alarm")),
        ("iot_hue_lightchange", 1, None),
        ("weather_query", 0, ("none", "unsaid")),
        ("datetime_query", None, None),
        (None, None, None),
    ],
)
def test_an_intent_tells_the_wish_where_it_leaves_no_doubt(
    intent: str | None, home: float | None, wish: tuple[str, str] | None
) -> None:
    told = with_wish(said("what now", intent))
    assert told.home == home
    assert told.clauses == (wish and (Clause(0, 8, *wish),))


def test_a_wish_that_people_labelled_stays() -> None:
    labelled_by_hand = Example("e", "en-US", "on", "iot_wemo_off", clauses=(Clause(0, 2, "on", "power"),))
    assert with_wish(labelled_by_hand) == labelled_by_hand


def test_case_blanks_and_marks_make_no_other_sentence() -> None:
    assert same_text("Turn it off, please!") == same_text("turn it off  please")
    assert same_text("turn it off") != same_text("turn it on")
    assert texts([[said("lamp on"), said("lamp off")], [said("Lamp on.")]]) == ["Lamp on.", "lamp off"]


def test_a_dictionary_gives_words_with_their_definitions(tmp_path: Path) -> None:
    (tmp_path / "data.noun").write_text(
        "  1 a licence, indented\n"
        '01 06 n 02 floor_lamp 0 lamp 0 000 | a lamp that stands; "it fell"; tall\n'
        "02 06 n 01 7_up 0 000 | no word\n"
    )
    assert list(definitions(tmp_path)) == [("floor lamp", "noun.06", "a lamp that stands")]
    assert list(definitions(tmp_path / "absent")) == []


def test_definitions_of_devices_give_their_names(tmp_path: Path) -> None:
    path = tmp_path / "devices.json.gz"
    path.write_bytes(gzip.compress(json.dumps([{"description": "Radiator valve"}]).encode()))
    assert device_names(path) == ["Radiator valve"]


def test_things_are_spoken_of_with_a_dictionarys_words() -> None:
    dictionary = [
        ("kettle", "noun.06", "a metal vessel for boiling water over a fire"),
        ("Paris", "noun.15", "a town"),
        ("boil", "verb.30", "bring to boiling"),
        ("hot", "adj.00", "having a high temperature"),
    ]
    made = list(imagined(dictionary, 1, 20))
    assert made == list(imagined(dictionary, 1, 20))
    assert len(made) == 20
    assert all("kettle" in text for text in made)
    assert any(text.startswith("kettle: ") for text in made)
    assert not list(imagined([], 1, 20))
