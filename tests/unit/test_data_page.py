"""What docs/data.md shows can be read as it says."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest

from edge_nlu.errors import DataError
from edge_nlu.models.examples import read_examples
from edge_nlu_bench.sources import CORPORA

PAGE = Path(__file__).parents[2] / "docs" / "data.md"


def shown(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize(("language", "name", "count"), [("json", "said.jsonl", 2), ("text", "said.txt", 3)])
def test_the_sentences_shown_can_be_read(tmp_path: Path, language: str, name: str, count: int) -> None:
    path = tmp_path / name
    path.write_text(shown(language), encoding="utf-8")
    assert len(read_examples(path)) == count


def test_the_error_shown_is_the_one_that_comes(tmp_path: Path) -> None:
    slots = '[{"type": "device", "start": 7, "end": 11, "value": "lamp"}]'
    path = tmp_path / "said.jsonl"
    path.write_text(f'{{"text": "lamp on"}}\n{{"text": "off the lamp", "slots": {slots}}}\n')
    with pytest.raises(DataError) as refused:
        read_examples(path)
    assert f"Error: {refused.value}".replace(f"{tmp_path}/", "") in shown("console")


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not beside the checkout")
def test_the_corpora_are_those_whose_sums_are_told() -> None:
    told = re.findall(
        r"\| `(\S+\.jsonl\.gz)` \| ([\d,]+) \|.*`([0-9a-f]{64})`", PAGE.read_text(encoding="utf-8")
    )
    assert len(told) == 6
    for name, lines, sha256 in told:
        held = gzip.decompress((CORPORA / name).read_bytes())
        assert (held.count(b"\n"), hashlib.sha256(held).hexdigest()) == (int(lines.replace(",", "")), sha256)
