"""The frozen list of what resembles a habit is played, and what rewordings cost is measured."""

import json
from pathlib import Path

import pytest

from edge_nlu.errors import DataError
from edge_nlu.models.pack import Pack
from edge_nlu_bench import wordings
from edge_nlu_bench.household.serving import Serving
from edge_nlu_bench.sources import frozen


def test_the_list_is_the_one_that_was_frozen() -> None:
    listed = wordings.cases()
    assert len(listed) >= 200
    assert len({case.id for case in listed}) == len(listed)
    assert sum(not case.as_ for case in listed) > 150


def test_an_edited_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").write_text((wordings.HERE / "SHA256SUMS").read_text())
    (tmp_path / "cases.jsonl").write_text((wordings.HERE / "cases.jsonl").read_text() + "\n")
    with pytest.raises(DataError, match="the set as it was frozen"):
        frozen("cases.jsonl", tmp_path)


def test_who_says_the_reader_is_served_and_a_router_is_no_reader() -> None:
    home = json.loads(frozen("home.json", wordings.HERE).read_text(encoding="utf-8"))
    those = [
        case for case in wordings.cases() if case.id in ("reader 1", "reader 4", "reader 7", "reader 11")
    ]
    found = wordings._lived(those[0].history, those, home, Serving(Pack.default_path()))
    assert [(case.say, taken, well) for case, taken, well in found] == [
        ("kill the reader", True, True),
        ("set the reader to forty percent", True, True),
        ("kill the router", False, False),
        ("start the e reader", False, False),
    ]


def test_what_rewordings_cost_grows_with_them() -> None:
    few, more = wordings.added(100), wordings.added(3000)
    assert float(more["megabytes"]) > 2 * float(few["megabytes"])
    assert float(more["added_ms_p50"]) < 0.15
    assert more["of_other_homes"] == 1500
