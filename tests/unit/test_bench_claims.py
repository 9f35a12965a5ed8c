"""What README.md says of how good edge-nlu is stands in the files that benches wrote."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu_bench.claims import claims, filled, unclaimed, wrong
from edge_nlu_bench.compare import read_run
from edge_nlu_bench.sources import CHECKOUT

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
BENCHMARKS = CHECKOUT / "docs" / "benchmarks"
SAID = "the pack that comes along, 4.08 MB"
MEMORY = {"bench": "memory", "provenance": "on paper", "pack": {"bytes": 4_290_001}}


@pytest.mark.parametrize("suite", sorted({suite for claim in claims() for suite in claim.suites}))
def test_every_figure_stands_in_a_file_that_is_kept(suite: str) -> None:
    file = BENCHMARKS / f"{suite}.json"
    if not file.exists():
        pytest.skip(f"{file.name} is not kept yet")
    assert list(wrong(README, read_run(file))) == []


def test_no_figure_is_given_that_nothing_is_held_against() -> None:
    part = README.partition("\n## How good it is\n")[2].partition("\n## ")[0]
    assert len(part) > 1000
    assert unclaimed(part) == []
    assert unclaimed("It takes 0.4 ms.") == ["0.4"]


def test_another_figure_or_words_that_are_gone_are_told() -> None:
    run = {"memory": MEMORY}
    told = list(wrong(README.replace("comes along, 4.08", "comes along,\n3.99"), run))
    assert told[0].startswith("memory.pack.bytes is 4.29, and 3.99 in: comes along,")
    assert "0 times instead of once: comes along, {memory" in "\n".join(wrong("", run))
    assert "memory is a quick run" in list(wrong(README, {"memory": {**MEMORY, "quick": True}}))


def test_the_figures_of_a_run_are_put_in_and_nothing_else() -> None:
    twice = f"{SAID}, {SAID}"
    assert filled(twice, {"memory": {**MEMORY, "pack": {"bytes": 14_290_001}}}) == twice.replace(
        "4.08", "14.29"
    )
    # as files have it, 44.15 and not the nearest that a processor has
    found = {"found": 0.4794, "found_low": 0.4415, "found_high": 0.5186}
    run = {"learning": {"recurring": found}}
    assert filled("again and again\n1 % were found (2 to 3)", run).endswith(
        "47.9 % were found (44.2 to 51.9)"
    )
    assert filled(README, {}) == README


def test_a_text_is_checked_and_filled_by_command(tmp_path: Path) -> None:
    (tmp_path / "memory.json").write_text(json.dumps(MEMORY))
    text = tmp_path / "README.md"
    text.write_text(SAID)
    report = ["bench", "report", str(tmp_path)]
    checked = CliRunner().invoke(cli, [*report, "--check", str(text)])
    assert checked.exit_code == 1
    assert "memory.pack.bytes is 4.29, and 4.08 in: comes along, 4.08 MB" in checked.output
    assert text.read_text() == SAID
    CliRunner().invoke(cli, [*report, "--fill", str(text)])
    assert "4.29 MB" in text.read_text()
    assert not list(tmp_path.glob("*.html"))
