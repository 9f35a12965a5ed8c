"""The student answers the same whether it reads one sentence or many, in torch or on a hub."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge_nlu.labels import Labels
from edge_nlu.models.words import WordReader, word_windows

if TYPE_CHECKING:
    from edge_nlu_export.student import FeatureReader, Student

pytestmark = pytest.mark.torch

LABELS = Labels(("on", "off"), ("place",), ("on", "off"), ("power",), ("device", "room"), embedding=8)
SENTENCES = [
    ("turn", "off", "the", "lamp"),
    ("on",),
    ("turn", "on", "the", "big", "lamp", "in", "the", "unheard", "attic", "please", "now"),
]


@pytest.fixture(scope="module")
def reader() -> FeatureReader:
    from edge_nlu_export.student import FeatureReader

    return FeatureReader(WordReader(["turn", "on", "off", "the", "lamp", "in", "a", "##ttic"], 32))


@pytest.fixture(scope="module")
def student() -> Student:
    import torch

    from edge_nlu_export.student import Shape, Student

    torch.manual_seed(1)
    return Student(Shape(8, 32, embedding=12, width=16, blocks=2), LABELS, teacher_width=4).eval()


@pytest.fixture(scope="module")
def networks(student: Student, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    from edge_nlu_export.onnx import quantize, write_onnx

    full, small = (tmp_path_factory.mktemp("networks") / name for name in ("full.onnx", "int8.onnx"))
    write_onnx(student, full)
    quantize(full, small)
    return full, small


def test_products_that_no_weight_takes_part_in_stay_as_they_are(networks: tuple[Path, Path]) -> None:
    import onnx

    _, small = networks
    left = [node.name for node in onnx.load(small).graph.node if node.op_type == "MatMul"]
    assert left == ["/student/attention/MatMul", "/student/attention/MatMul_1", "/student/MatMul_1"]


def test_padding_changes_no_answer(student: Student, reader: FeatureReader) -> None:
    from edge_nlu_export.student import read

    for words, among_others in zip(SENTENCES, read(student, reader, SENTENCES), strict=True):
        (alone,) = read(student, reader, [words])
        assert np.allclose(alone.sentence, among_others.sentence, atol=1e-5)
        assert np.allclose(alone.words, among_others.words, atol=1e-5)
        assert among_others.words.shape == (len(words), LABELS.word_width)


def test_looking_neighbours_up_is_the_same_as_shifting(student: Student, reader: FeatureReader) -> None:
    import torch

    for words in SENTENCES:
        features, mask = reader.batch([words])
        with torch.no_grad():
            shifted, looked_up = (
                student(features, mask),
                student(features, windows=torch.from_numpy(word_windows(len(words)))),
            )
        assert np.allclose(shifted.words, looked_up.words, atol=1e-5)
        assert np.allclose(shifted.sentence, looked_up.sentence, atol=1e-5)


def test_the_written_network_answers_like_the_student(
    student: Student, reader: FeatureReader, networks: tuple[Path, Path]
) -> None:
    from edge_nlu_export.onnx import run
    from edge_nlu_export.student import read

    for words, answers in zip(SENTENCES, read(student, reader, SENTENCES), strict=True):
        sentence, by_word = run(networks[0], reader.batch([words])[0][0].numpy())
        assert np.allclose(sentence, answers.sentence, atol=1e-4)
        assert np.allclose(by_word, answers.words, atol=1e-4)


def test_the_small_network_stays_near_the_full_one(
    reader: FeatureReader, networks: tuple[Path, Path]
) -> None:
    from edge_nlu_export.onnx import run

    for words in SENTENCES:
        features = reader.batch([words])[0][0].numpy()
        for full, small in zip(run(networks[0], features), run(networks[1], features), strict=True):
            assert np.linalg.norm(full - small) < 0.05 * np.linalg.norm(full)


def test_the_network_says_how_many_rows_its_table_has(student: Student, networks: tuple[Path, Path]) -> None:
    import onnx

    for path in networks:
        notes = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
        assert notes["rows"] == str(student.table.num_embeddings)


def test_a_turned_embedding_is_the_same_in_other_directions(student: Student, reader: FeatureReader) -> None:
    import copy

    import torch

    turned = copy.deepcopy(student)
    torch.manual_seed(4)
    turn = torch.linalg.qr(torch.randn(8, 8))[0]
    turned.turn_meaning(turn)
    features, mask = reader.batch(SENTENCES)
    with torch.no_grad():
        before, after = student(features, mask).sentence, turned(features, mask).sentence
    columns = LABELS.sentence["embedding"]
    assert np.allclose(after[:, columns], before[:, columns] @ turn.T, atol=1e-5)
    assert np.allclose(after[:, : columns.start], before[:, : columns.start])
