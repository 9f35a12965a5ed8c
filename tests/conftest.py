"""What several tests share: a pack small enough to read, and leaving out what cannot run here."""

import hashlib
import json
import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from edge_nlu.labels import Labels
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu.models.words import GRAMS, KERNEL, PIECES

CORPORA = Path(__file__).parents[2] / "shared" / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = {}
    if find_spec("torch") is None:
        absent["torch"] = pytest.mark.skip(reason="needs the [export] extra")
    if not CORPORA.is_dir():
        absent["data"] = pytest.mark.skip(reason="needs the corpora in ../shared/data")
    if "EDGE_NLU_JUDGES" not in os.environ:
        absent["judges"] = pytest.mark.skip(reason="needs real programs: make judges")
    for item in items:
        for marker in item.iter_markers():
            if marker.name in absent:
                item.add_marker(absent[marker.name])


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """What understands with the pack that comes along."""
    return Encoder(Pack.open(Pack.default_path()))


@pytest.fixture(scope="session")
def toy_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack that knows five words: each adds its own numbers, so what it understands is plain to see."""
    labels = Labels(
        intents=("lights_on", "lights_off"),
        slots=("device_type",),
        wants=("on", "off"),
        properties=("power",),
        home_slots=("device",),
        embedding=2,
    )
    pieces = ["on", "off", "lamp", "and", "not"]
    on, off, lamp, joining, excepted = range(1, len(pieces) + 1)
    rows = 1 + len(pieces) + 1
    sentence = np.zeros((rows, labels.sentence_width), np.float32)
    sentence[on, labels.sentence["intent"]] = 8, 0
    sentence[off, labels.sentence["intent"]] = 0, 9
    sentence[[on, off, lamp], labels.sentence["home"].start] = 4
    sentence[:, labels.sentence["embedding"]] = 1, 0
    words = np.zeros((rows, labels.word_width), np.float32)
    words[on, labels.word["want"]] = 8, 0
    words[off, labels.word["want"]] = 0, 8
    words[[on, off], labels.word["weight"].start] = 8
    words[joining, labels.word["start"].start] = 4
    words[lamp, labels.word["slot"].start + 1] = 8
    words[lamp, labels.word["home_slot"].start + 1] = 8
    words[:, labels.word["excluded"].start] = -4
    words[excepted, labels.word["home_slot"].start + 1] = 8
    words[excepted, labels.word["excluded"].start] = 200
    folder = tmp_path_factory.mktemp("packs") / "toy-1"
    folder.mkdir()
    (folder / "encoder.onnx").write_bytes(_adding_network(sentence, words))
    (folder / "vocabulary.txt").write_text("\n".join(pieces) + "\n")
    (folder / "labels.json").write_text(json.dumps(labels.to_json()))
    _write_manifest(folder)
    return folder


def _adding_network(sentence: np.ndarray, words: np.ndarray) -> bytes:
    """Return a network that adds what a table says of each feature; neighbours say nothing to it."""
    from onnx import TensorProto, helper, numpy_helper

    of_sentence = [
        helper.make_node("Gather", ["sentence_table", "features"], ["for_sentence"]),
        helper.make_node("ReduceSum", ["for_sentence", "words_and_features"], ["sentence"], keepdims=0),
    ]
    of_words = [
        helper.make_node("Gather", ["word_table", "features"], ["for_words"]),
        helper.make_node("ReduceSum", ["for_words", "only_features"], ["words"], keepdims=0),
    ]
    graph = helper.make_graph(
        [*of_sentence, *of_words],
        "toy",
        [
            helper.make_tensor_value_info("features", TensorProto.INT32, [1, "words", PIECES + GRAMS]),
            helper.make_tensor_value_info("windows", TensorProto.INT32, ["words", KERNEL]),
        ],
        [
            helper.make_tensor_value_info("sentence", TensorProto.FLOAT, [1, sentence.shape[1]]),
            helper.make_tensor_value_info("words", TensorProto.FLOAT, [1, "words", words.shape[1]]),
        ],
        [
            numpy_helper.from_array(sentence, "sentence_table"),
            numpy_helper.from_array(words, "word_table"),
            numpy_helper.from_array(np.array([1, 2]), "words_and_features"),
            numpy_helper.from_array(np.array([2]), "only_features"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"rows": str(len(words))})
    return bytes(model.SerializeToString())


def _write_manifest(folder: Path) -> None:
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    checked = {
        name: {"size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in files.items()
    }
    described = {"id": "toy-1", "locale": "en", "encoder": "encoder.onnx", "buckets": 1, "files": checked}
    (folder / "manifest.json").write_text(json.dumps({"format": 1, **described}))
