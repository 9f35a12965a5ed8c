"""A pack that breaks a promise is no release, and the report says which one by how much."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from edge_nlu.errors import PackError, PackForeignError, PackRefusedError
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.golden import write_golden
from edge_nlu.models.pack import GOLDEN, Pack
from edge_nlu.models.score import Verdict
from edge_nlu.storage.profiles import hub_profile
from edge_nlu.values import Example, Understanding
from edge_nlu_bench.updates.packs import seal
from edge_nlu_export.cost import cost
from edge_nlu_export.promises import Promise, Report
from edge_nlu_export.verify import (
    Limits,
    against_current,
    against_full,
    resident_bytes,
    ten_words,
    verify,
    within_budget,
)

ZERO = hub_profile("zero-2w")
SAID = [
    Example("1", "en", "on lamp", intent="lights_on"),
    Example("2", "en", "off lamp", intent="lights_off"),
    Example("3", "en", "lamp on and not", intent="lights_on"),
]


def judged(*right: bool) -> list[Verdict]:
    """Return verdicts on as many sentences, each wholly right or wholly wrong."""
    return [
        Verdict(
            Example(str(number), "en", f"sentence {number}", intent="x"),
            Understanding(f"sentence {number}", (), 0.0, (), ()),
            intent=yes,
            found=0,
            labelled=0,
            hits=0,
            overlaps=0,
            exact=yes,
            confidence=1.0,
        )
        for number, yes in enumerate(right)
    ]


def of_thousand(right: int, *also_wrong: int) -> list[Verdict]:
    return judged(*(number < right and number not in also_wrong for number in range(1000)))


@pytest.fixture
def promising(toy_pack: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Copies of the toy pack that promise what they understand of the sentences said."""

    def made(name: str) -> Path:
        folder = Path(shutil.copytree(toy_pack, tmp_path / name))
        write_golden(Encoder(Pack.open(folder)), [example.text for example in SAID], folder / GOLDEN)
        return seal(folder)

    return made


def changed(folder: Path, table: str, row: int, column: int, value: float) -> Path:
    """Return the pack after changing one number of its network."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(folder / "encoder.onnx")
    for tensor in model.graph.initializer:
        if tensor.name == table:
            numbers = np.array(numpy_helper.to_array(tensor))
            numbers[row, column] = value
            tensor.CopyFrom(numpy_helper.from_array(numbers, table))
    onnx.save(model, folder / "encoder.onnx")
    return seal(folder)


def named(report: Report, name: str) -> Promise:
    return next(promise for promise in report.promises if promise.name == name)


@pytest.mark.parametrize(
    ("full", "small", "lost", "kept"),
    [
        pytest.param(of_thousand(800), of_thousand(800), 0, True, id="nothing lost"),
        pytest.param(of_thousand(800), of_thousand(796), 0.5, True, id="just within"),
        pytest.param(of_thousand(800), of_thousand(795), 0.625, False, id="one too many"),
        pytest.param(of_thousand(800), of_thousand(805, 1, 2, 3), 0, True, id="as many right, others"),
        pytest.param(of_thousand(0), of_thousand(0), 100, False, id="nothing right to begin with"),
        pytest.param([], [], 100, False, id="nothing judged"),
    ],
)
def test_rounding_may_lose_half_a_percent_of_what_was_right(
    *, full: list[Verdict], small: list[Verdict], lost: float, kept: bool
) -> None:
    promises = against_full(full, small, Limits())
    assert [promise.measured for promise in promises] == [pytest.approx(lost)] * 2
    assert [promise.kept for promise in promises] == [kept] * 2


@pytest.mark.parametrize(
    ("new", "broken"),
    [
        pytest.param(of_thousand(800), [], id="the same"),
        pytest.param(of_thousand(820, *range(20)), [], id="as many right, two percent of them others"),
        pytest.param(
            of_thousand(830, *range(21)), ["newly wrong sentences"], id="better, but too many newly wrong"
        ),
        pytest.param(of_thousand(799), ["right sentences"], id="one fewer"),
    ],
)
def test_a_new_pack_is_no_worse_than_the_one_in_use(new: list[Verdict], broken: list[str]) -> None:
    promises = against_current(of_thousand(800), new, [], Limits())
    assert [promise.name for promise in promises if not promise.kept] == broken


def test_a_lost_golden_sentence_is_one_too_many() -> None:
    *_, golden = against_current(judged(True), judged(True), ["'on lamp': found nothing"], Limits())
    assert (golden.kept, golden.note) == (False, "'on lamp': found nothing")


def test_sentences_that_went_wrong_are_named() -> None:
    _, wrong, _ = against_current(judged(True, True), judged(False, True), [], Limits())
    assert wrong.note == "1 of 2, 0 newly right, as 'sentence 0'"


@pytest.mark.parametrize(
    ("too_much", "broken"),
    [
        ({}, []),
        ({"size_bytes": 4_000_001}, ["size"]),
        ({"memory_bytes": 68_100_000}, ["memory"]),
        ({"here_ms": 20.1}, ["time of ten words here"]),
        ({"hub_ms": 20.1}, ["time of ten words there, predicted"]),
    ],
)
def test_a_pack_fits_its_hub(too_much: dict[str, float], broken: list[str]) -> None:
    fits = {"size_bytes": 4_000_000, "memory_bytes": 68_000_000, "here_ms": 20.0, "hub_ms": 20.0}
    promises = within_budget(ZERO, **{**fits, **too_much})  # type: ignore[arg-type]
    assert [promise.name for promise in promises if not promise.kept] == broken


def test_a_good_pack_keeps_every_promise(promising: Callable[[str], Path]) -> None:
    new, current = promising("new"), promising("current")
    report = verify(new, new / "encoder.onnx", SAID, ZERO, current=current)
    assert report.kept, report.lines()
    report.require()
    assert [promise.name for promise in report.promises] == [
        "whole files",
        "golden sentences",
        "intents lost to small weights",
        "frames lost to small weights",
        "right sentences",
        "newly wrong sentences",
        "golden sentences of the pack in use",
        "size",
        "memory",
        "time of ten words here",
        "time of ten words there, predicted",
    ]
    assert "predicted" in named(report, "time of ten words there, predicted").note
    assert report.as_dict()["kept"] is True


def test_a_pack_that_forgot_a_word_is_refused(promising: Callable[[str], Path]) -> None:
    new, current = promising("new"), promising("current")
    changed(new, "sentence_table", row=2, column=1, value=-9)  # "off" no longer means lights_off
    report = verify(new, current / "encoder.onnx", SAID, ZERO, current=current)
    assert {promise.name for promise in report.promises if not promise.kept} == {
        "golden sentences",
        "golden sentences of the pack in use",
        "intents lost to small weights",
        "frames lost to small weights",
        "right sentences",
        "newly wrong sentences",
    }
    with pytest.raises(PackRefusedError) as caught:
        report.require()
    assert (caught.value.promise, caught.value.limit) == ("golden sentences", "at most 0 broken")
    assert caught.value.found.startswith("1 broken ('off lamp': found lights_on")


def test_a_damaged_pack_is_asked_nothing_more(promising: Callable[[str], Path]) -> None:
    new = promising("new")
    (new / "labels.json").write_text("{}")
    report = verify(new, new / "encoder.onnx", SAID, ZERO)
    assert [(promise.name, promise.kept) for promise in report.promises] == [("whole files", False)]
    assert "labels.json is damaged" in report.lines()[0]


def test_a_pack_without_golden_sentences_is_refused(toy_pack: Path) -> None:
    report = verify(toy_pack, toy_pack / "encoder.onnx", SAID, ZERO)
    assert [promise.name for promise in report.promises if not promise.kept] == ["golden sentences"]


def test_a_network_for_other_labels_is_no_full_precision_of_it(promising: Callable[[str], Path]) -> None:
    new = promising("new")
    with pytest.raises(PackError, match=r"nowhere\.onnx"):
        verify(new, new / "nowhere.onnx", SAID, ZERO)


def test_memory_is_that_of_a_process_of_its_own(toy_pack: Path) -> None:
    assert 20e6 < resident_bytes(toy_pack, ["on lamp"] * 10) < 90e6


def test_a_process_that_ends_early_is_told(tmp_path: Path) -> None:
    with pytest.raises(PackForeignError, match=r"a process that ends with .*PackMissingError"):
        resident_bytes(tmp_path, ["on lamp"])


@pytest.mark.parametrize(
    ("texts", "first"),
    [(["on", "one two three four five six seven eight nine", "off " * 30], 9), (["on"], 1)],
)
def test_time_is_taken_of_sentences_near_ten_words(texts: Sequence[str], first: int) -> None:
    assert len(ten_words(texts)[0].split()) == first


def test_a_report_reads_as_lines() -> None:
    promises = (
        Promise("size", 3.712, 4.0, "MB"),
        Promise("right sentences", 70.1, 72.0, "%", "701 of 1000", at_least=True),
    )
    assert Report(Path("packs/new"), "zero-2w", promises).lines() == [
        "kept    size             3.71 MB, at most 4 MB",
        "BROKEN  right sentences  70.10 %, at least 72 %  (701 of 1000)",
    ]


def test_a_network_that_multiplies_is_counted(tmp_path: Path) -> None:
    from onnx import TensorProto, helper, numpy_helper, save

    nodes = [
        helper.make_node("Cast", ["features"], ["read"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["read", "weights"], ["words"]),
        helper.make_node("Transpose", ["words"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["words", "turned"], ["odds"]),
    ]
    inputs = [
        helper.make_tensor_value_info("features", TensorProto.INT32, [1, "words", 14]),
        helper.make_tensor_value_info("windows", TensorProto.INT32, ["words", 5]),
    ]
    weights = numpy_helper.from_array(np.ones((14, 3), np.float32), "weights")
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("words", "odds")]
    graph = helper.make_graph(nodes, "counted", inputs, outputs, [weights])
    save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8),
        tmp_path / "counted.onnx",
    )
    counted = cost(tmp_path / "counted.onnx", words=10)
    assert (counted.macs, counted.weight_bytes) == (10 * 14 * 3 + 10 * 3 * 10, 14 * 3)
