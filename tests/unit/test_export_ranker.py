"""The ranker learns from recordings what speaks for taking a sentence for another."""

import json
from pathlib import Path
from random import Random

import pytest

from edge_nlu.errors import DataError
from edge_nlu_export.ranker import Example, examples, trained


def examples_where_evidence_tells(count: int) -> list[Example]:
    rng = Random(1)
    found = []
    for number in range(count):
        seen = rng.random()
        well = rng.random() < (0.98 if seen > 0.5 else 0.4)
        found.append(Example(str(number % 20), {"seen": seen, "noise": rng.random()}, well))
    return found


def test_what_tells_gets_weight_and_enough_of_it_is_needed() -> None:
    made = trained(examples_where_evidence_tells(1000), odds=9.0)
    assert made["weights"]["seen"] > 3 * abs(made["weights"]["noise"])
    assert made["well"] >= 9.0 * (made["taken"] - made["well"])
    assert made["taken"] > 300


def test_where_nothing_tells_enough_nothing_is_taken() -> None:
    rng = Random(2)
    found = [Example(str(n % 9), {"noise": rng.random()}, rng.random() < 0.5) for n in range(400)]
    assert trained(found, odds=99.0)["taken"] <= 4


def recorded(told: list[tuple[str, float]], *, reached: bool, number: int, spared: bool = False) -> list[str]:
    taken = {"is": "Taken", "rule": "a", "text": "turn off", "because": told, "spared": spared}
    whole = {"is": "Exchange", "taken": taken}
    rows: list[dict[str, object]] = [
        {"home": 1, "table": "exchanges", "id": str(number), "whole": whole},
        {"home": 1, "table": "truth", "id": str(number), "reached": reached},
    ]
    return [json.dumps(row) for row in rows]


def test_examples_are_what_was_taken_for_something_else_with_the_truth(tmp_path: Path) -> None:
    lines = [
        line
        for number in range(250)
        for line in recorded([("seen", number / 250)], reached=number > 100, number=number)
    ]
    lines += recorded([("seen", 1.0)], reached=False, number=251, spared=True)
    lines.append(json.dumps({"home": 1, "table": "exchanges", "id": "252", "whole": {"is": "Exchange"}}))
    recording = tmp_path / "recording.jsonl"
    recording.write_text("\n".join(lines) + "\n")
    found = examples([recording])
    assert len(found) == 250
    assert sum(one.well for one in found) == 149
    assert found[200].told == {"seen": 0.8}


@pytest.mark.parametrize(
    "line", ["{", '{"home": 1}', '{"home": 1, "table": "exchanges", "id": "1", "whole": 3}']
)
def test_what_is_no_recording_is_refused(tmp_path: Path, line: str) -> None:
    recording = tmp_path / "recording.jsonl"
    recording.write_text(line + "\n")
    with pytest.raises(DataError, match="bench record"):
        examples([recording])


def test_too_few_are_refused(tmp_path: Path) -> None:
    recording = tmp_path / "recording.jsonl"
    recording.write_text("\n".join(recorded([("seen", 1.0)], reached=True, number=1)))
    with pytest.raises(DataError, match="takes every chance"):
        examples([recording])
