"""From households that live to a model in a pack that reads their days."""

from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from click.testing import CliRunner

from edge_nlu.cli import cli
from edge_nlu.errors import DataError
from edge_nlu.models.dialogue import DIALOGUE, DialogueModel
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu_bench.household.dialogues import told_of
from edge_nlu_bench.household.recording import read


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", r"line 2: '\{'"),
        ('{"home": 0}', "line 2: .*expected an object with home, table and its columns"),
        ('{"home": 0, "table": "exchanges"}', "line 2: .*'id'"),
        ('{"home": 0, "table": "exchanges", "id": "x"}', "no truth of 'x' in home 0"),
    ],
)
def test_a_bad_line_of_a_recording_is_told(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "record.jsonl"
    file.write_text(f'{{"home": 0, "table": "events"}}\n{line}\n')
    with pytest.raises(DataError, match=told):
        read(file)


@pytest.mark.torch
@pytest.mark.data
@pytest.mark.slow
def test_a_recording_becomes_a_model_that_a_hub_runs(tmp_path: Path) -> None:
    record, pack = tmp_path / "record.jsonl.gz", Path(copytree(Pack.default_path(), tmp_path / "pack"))
    before = Pack.open(pack)
    _run("bench", "record", "--homes", "2", "--days", "2", "--out", str(record))
    _run("export", "dialogue", str(record), "--pack", str(pack), "--epochs", "1")
    made = Pack.open(pack)
    assert made.id != before.id
    assert (pack / DIALOGUE).read_bytes() != (before.default_path() / DIALOGUE).read_bytes()
    card = (pack / "CARD.md").read_text()
    assert card.startswith(f"# {made.id}\n")
    assert card.count("## Reading days") == 1
    model, encoder = DialogueModel.open(made), Encoder(made)
    assert model is not None
    homes = read(record)
    assert [home.home for home in homes] == [0, 1]
    for one in told_of(homes[0], lambda text: np.frombuffer(encoder.understand(text).embedding, "<f4")):
        assert len(model.opinions(one.run)) == len(one.rows)


def _run(*command: str) -> None:
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 0, done.output


@pytest.mark.torch
def test_the_hub_computes_what_was_trained() -> None:
    import torch

    from edge_nlu_export.dialogue_network import Network

    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    each, pair = (rng.normal(size=shape).astype(np.float32) for shape in ((5, 9), (5, 5, 4)))
    pair[np.tril_indices(5)] = 0
    network = Network(
        [np.zeros(9, np.float32), np.zeros(4, np.float32)], [np.ones(9, np.float32), np.ones(4, np.float32)]
    )
    network.eval()
    with torch.no_grad():
        real = torch.ones(1, 5, dtype=torch.bool)
        there = network(torch.from_numpy(each)[None], torch.from_numpy(pair)[None], real)
    from edge_nlu.learning.dialogue import Run

    here = DialogueModel(network.weights()).scores(Run(tuple(range(5)), (0.0,) * 5, each, pair))
    assert np.allclose(here.failure, there["failure"][0].numpy(), atol=1e-4)
    assert np.allclose(here.points, there["points"][0].softmax(-1).numpy(), atol=1e-4)
    assert np.allclose(here.reached, there["reached"][0].numpy(), atol=1e-4)
