"""Labelled sentences are read whole, or refused with the file and the line."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.errors import DataError
from edge_nlu.models.examples import example_from_marks, example_from_row, read_examples
from edge_nlu.values import Clause, Example, Slot

GOOD = {"text": "turn off the kitchen lamp", "intent": "lights_off"}
LAMP = {"type": "device", "start": 21, "end": 25, "value": "lamp"}
KITCHEN = {"type": "room", "start": 13, "end": 20}


def written(folder: Path, *lines: str, name: str = "said.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_every_field_is_read() -> None:
    row = GOOD | {
        "id": 7,
        "locale": "en-US",
        "slots": [LAMP, KITCHEN],
        "home": 1,
        "clauses": [{"start": 0, "want": "off", "property": "power", "slots": [LAMP | {"excluded": True}]}],
        "group": "lamps",
        "split": "dev",
    }
    lamp = Slot("device", 21, 25, "lamp")
    assert example_from_row(row, "said-1") == Example(
        "7",
        "en-US",
        "turn off the kitchen lamp",
        "lights_off",
        (Slot("room", 13, 20, "kitchen"), lamp),
        1.0,
        (Clause(0, 25, "off", "power", (Slot("device", 21, 25, "lamp", excluded=True),)),),
        "lamps",
    )


def test_what_nobody_said_stays_unsaid() -> None:
    assert example_from_row({"text": "lamp on"}, "said-1") == Example("said-1", "", "lamp on")
    nothing = dict.fromkeys(("locale", "intent", "slots", "home", "clauses", "group"))
    assert example_from_row({"text": "lamp on", **nothing}, "said-1") == Example("said-1", "", "lamp on")


@pytest.mark.parametrize(("want", "home"), [("off", 1.0), ("none", 0.0)])
def test_a_wish_says_whether_a_sentence_is_for_the_home(want: str, home: float) -> None:
    row = {"text": "lamp off", "clauses": [{"start": 0, "want": want, "property": "unsaid"}]}
    assert example_from_row(row, "one").home == home
    assert example_from_row(row | {"home": 0.5}, "one").home == 0.5


def test_a_sentence_may_have_no_wish() -> None:
    assert example_from_row({"text": "hm", "clauses": []}, "one").clauses == ()


def with_slot(**changed: Any) -> dict[str, Any]:
    return GOOD | {"slots": [LAMP | changed]}


def with_clauses(*clauses: Any) -> dict[str, Any]:
    return GOOD | {"clauses": [{"want": "off", "property": "power"} | clause for clause in clauses]}


BAD_ROWS = [
    pytest.param({}, "no field 'text'", id="nothing said"),
    pytest.param({"text": " "}, "text is ' '", id="blanks said"),
    pytest.param({"text": 5}, "text is 5", id="a number said"),
    pytest.param(GOOD | {"intent": 3}, "intent is 3", id="a number meant"),
    pytest.param(GOOD | {"home": "yes"}, "home is 'yes'", id="home as a word"),
    pytest.param(GOOD | {"home": 1.5}, "home is 1.5", id="more than for the home"),
    pytest.param(GOOD | {"home": float("nan")}, "home is nan", id="home is no number"),
    pytest.param(GOOD | {"slots": 5}, "slots are 5", id="slots as a number"),
    pytest.param(GOOD | {"slots": ["lamp"]}, "slots are", id="slots as words"),
    pytest.param(
        GOOD | {"slots": [{"type": "device", "end": 3}]}, "no field 'start'", id="a slot from nowhere"
    ),
    pytest.param(with_slot(type=None), "type is None", id="a slot of no type"),
    pytest.param(with_slot(start="21"), "start is '21'", id="an offset in quotes"),
    pytest.param(with_slot(start=True), "start is True", id="an offset that is no number"),
    pytest.param(with_slot(start=-4), "from -4 to 25", id="before the text"),
    pytest.param(with_slot(end=26), "the text from 0 to 25", id="beyond the text"),
    pytest.param(with_slot(end=21), "from 21 to 21", id="a slot of no words"),
    pytest.param(with_slot(start=20), "the text there is ' lamp'", id="words that do not stand there"),
    pytest.param(with_slot(excluded="no"), "excluded is 'no'", id="excluded as a word"),
    pytest.param(GOOD | {"slots": [LAMP, {"type": "room", "start": 13, "end": 22}]}, "overlap", id="overlap"),
    pytest.param(GOOD | {"clauses": "off"}, "clauses are 'off'", id="a wish as a word"),
    pytest.param(with_clauses({}), "no field 'start'", id="a wish from nowhere"),
    pytest.param(with_clauses({"start": 9}), "cut the text in order", id="words before the first wish"),
    pytest.param(with_clauses({"start": -1}), "cut the text in order", id="a wish before the text"),
    pytest.param(with_clauses({"start": 0}, {"start": 25}), "in order", id="a wish behind the text"),
    pytest.param(
        with_clauses({"start": 0}, {"start": 9}, {"start": 5}), "in order", id="wishes out of order"
    ),
    pytest.param(with_clauses({"start": 0}, {"start": 0}), "in order", id="two wishes of the same words"),
    pytest.param(with_clauses({"start": 0, "want": None}), "want is None", id="a wish for nothing"),
    pytest.param(
        with_clauses({"start": 0, "slots": [LAMP]}, {"start": 9}),
        "'lamp' is not within",
        id="a slot of another wish",
    ),
    pytest.param(
        with_clauses({"start": 0, "slots": [{"type": "room", "start": 5, "end": 12}]}, {"start": 9}),
        "'off the' is not within",
        id="a slot across wishes",
    ),
]


@pytest.mark.parametrize(("row", "reason"), BAD_ROWS)
def test_a_bad_line_is_refused_with_file_and_line(tmp_path: Path, row: Any, reason: str) -> None:
    path = written(tmp_path, json.dumps(GOOD), "", json.dumps(row), json.dumps(GOOD))
    with pytest.raises(DataError) as refused:
        read_examples(path)
    assert (refused.value.file, refused.value.line) == (path, 3)
    assert reason in refused.value.problem


@pytest.mark.parametrize(
    "line",
    ["turn off", "{", "[" * 100_000, '{"text": ' + "9" * 10_000 + "}", "nul", '{"text": "a"} {}'],
    ids=range(6),
)
def test_a_line_that_is_not_json_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(DataError, match="line 2: not JSON"):
        read_examples(written(tmp_path, json.dumps(GOOD), line))


@pytest.mark.parametrize("line", ["[]", "null", "3", '"lamp on"'])
def test_a_line_that_is_no_object_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(DataError, match=r"line 1: found .* where an object was expected"):
        read_examples(written(tmp_path, line))


def test_a_line_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b'\n{"text": "K\xfcche"}\n')
    with pytest.raises(DataError, match="line 2: not UTF-8"):
        read_examples(path)


def test_a_packed_file_reads_as_the_plain_one(tmp_path: Path) -> None:
    packed = tmp_path / "said.jsonl.gz"
    packed.write_bytes(gzip.compress(json.dumps(GOOD).encode()))
    (example,) = read_examples(packed)
    assert (example.text, example.id) == (GOOD["text"], "said.jsonl.gz-1")


@pytest.mark.parametrize("kept", [5, 30, -8, -1])
def test_a_packed_file_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    packed = tmp_path / "said.jsonl.gz"
    lines = "\n".join(json.dumps(GOOD | {"id": str(number) * 50}) for number in range(50))
    packed.write_bytes(gzip.compress(lines.encode())[:kept])
    with pytest.raises(DataError, match="cannot be read"):
        read_examples(packed)


@pytest.mark.parametrize("place", range(0, 120, 7))
def test_a_packed_file_with_a_wrong_byte_is_refused_or_reads_the_same(tmp_path: Path, place: int) -> None:
    packed = tmp_path / "said.jsonl.gz"
    data = bytearray(gzip.compress(json.dumps(GOOD).encode(), mtime=0))
    data[place % len(data)] ^= 0xFF
    packed.write_bytes(data)
    try:
        (example,) = read_examples(packed)
    except DataError:
        return
    assert example.text == GOOD["text"]  # it was in the part of the header that says nothing


def test_a_plain_file_that_calls_itself_packed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_examples(written(tmp_path, json.dumps(GOOD), name="said.jsonl.gz"))


def test_no_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_examples(tmp_path / "said.jsonl")
    with pytest.raises(DataError, match="cannot be read"):
        read_examples(tmp_path)


@pytest.mark.parametrize("name", ["said.jsonl", "said.txt"])
def test_a_file_without_a_sentence_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="no sentence in the file"):
        read_examples(written(tmp_path, "", " ", name=name))


def test_lines_end_as_any_editor_ends_them(tmp_path: Path) -> None:
    path = tmp_path / "said.txt"
    path.write_bytes(b"\xef\xbb\xbfoff.power: [lamp](device) off\r\non.power: fan on\r\n")
    assert [example.text for example in read_examples(path)] == ["lamp off", "fan on"]


def test_marked_lines_are_grouped_by_their_headings(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "# written by hand",
        "## lamps",
        "off.power: lamp off",
        "# aside",
        "on.power: on",
        name="a.txt",
    )
    assert [(example.id, example.group) for example in read_examples(path)] == [
        ("a-3", "lamps"),
        ("a-5", "lamps"),
    ]


def test_a_marked_line_is_a_frame() -> None:
    line = (
        "off.power: [everything](quantity) off but the [lamp](!device)"
        " | open.position:  and open the [blinds](device)"
    )
    text = "everything off but the lamp and open the blinds"
    assert example_from_marks(line, "one", "both") == Example(
        "one",
        "en-US",
        text,
        home=1.0,
        clauses=(
            Clause(
                0,
                28,
                "off",
                "power",
                (Slot("quantity", 0, 10, "everything"), Slot("device", 23, 27, "lamp", excluded=True)),
            ),
            Clause(28, 47, "open", "position", (Slot("device", 41, 47, "blinds"),)),
        ),
        group="both",
    )


def test_a_marked_line_for_nobody_is_not_for_the_home() -> None:
    assert example_from_marks("none.unsaid: who won", "one").home == 0.0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("turn off the lamp", "not headed by want.property"),
        ("off.power: lamp off | and fan on", "'and fan on' is not headed"),
        ("Off.power: lamp off", "not headed"),
        ("off.power:", "off.power has no words"),
        ("off.power: lamp off | on.power: ", "on.power has no words"),
        ("off.power: [lamp off", "not closed"),
        ("off.power: lamp](device) off", "not closed"),
        ("off.power: [lamp] (device) off", "not closed"),
        ("off.power: [lamp](Device) off", "not closed"),
        ("off.power: [](device) off", "not closed"),
        ("off.power: [the [big](value) lamp](device) off", "not closed"),
    ],
)
def test_a_wrongly_marked_line_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(DataError, match=r"line 2") as refused:
        read_examples(written(tmp_path, "on.power: lamp on", line, name="said.txt"))
    assert reason in refused.value.problem
