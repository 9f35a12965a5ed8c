"""The hub is not heavier than it was, and understands no less: beside figures that are kept here.

Only what is exact and quick: memory, bytes and imports, the frozen sets of sentences, and the bytes of a new
pack over a line that breaks.
"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu_bench.compare import compare, read_gates, read_run
from edge_nlu_bench.meaning import TRAIN
from edge_nlu_bench.sources import CORPORA

KEPT = Path(__file__).parent


@pytest.mark.parametrize(
    ("suite", "quick", "gates"), [("memory", ["--quick"], 5), ("home", [], 5), ("meaning", [], 2)]
)
def test_nothing_is_worse_than_before(suite: str, quick: list[str], gates: int, tmp_path: Path) -> None:
    if suite == "meaning" and not all((CORPORA / name).exists() for name in TRAIN):
        pytest.skip("the corpora that wordings are looked up among are not here")
    now = tmp_path / f"{suite}.json"
    now.write_text(CliRunner().invoke(cli, ["bench", suite, *quick, "--json"]).output)
    ended = CliRunner().invoke(cli, ["bench", "compare", str(KEPT / now.name), str(now)])
    assert ended.exit_code == 0, ended.output
    assert f"{gates} figures compared, 0 of them" in ended.output
    assert json.loads(now.read_text())["bench"] == suite


def test_a_new_pack_costs_no_more_over_a_bad_line(tmp_path: Path) -> None:
    pytest.importorskip("tuf")
    from edge_nlu_bench.updates.measure import bad_line

    gates = [gate for gate in read_gates() if gate.group == "bad_line"]
    now = {"sync": {"quick": True, "bad_line": bad_line(tmp_path)}}
    (ratio,) = compare(read_run(KEPT / "sync.json"), now, gates)
    assert ratio.wrong == "", ratio
    assert ratio.old == pytest.approx(1, abs=0.01)
