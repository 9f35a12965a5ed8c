"""What is counted under emulation is read, summed up and turned into predictions; a board is recorded."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edge_nlu.errors import EdgeNluError
from edge_nlu.models.pack import Pack
from edge_nlu.storage.profiles import Cost, hub_profile
from edge_nlu_bench import whole
from edge_nlu_bench.arm import board, emulator, marks, measure
from edge_nlu_bench.arm.counts import decided, figures, read_marks, spent
from edge_nlu_bench.arm.emulator import CORES, Emulator
from edge_nlu_bench.arm.leave_out import without_libraries
from edge_nlu_bench.arm.marks import Part
from edge_nlu_bench.arm.sentences import SENTENCES, WARM_UP, conversation, one_by_one
from edge_nlu_bench.arm.turns import Turns
from edge_nlu_bench.arm.weight import Weight, guest_weight

TURN = (Part.DECIDING, Part.READING, Part.NETWORK, Part.READING, Part.DECIDING)
AFTER = (Part.WRITING, Part.ACTING, Part.LEARNING, Part.NOTHING)


def written(*takes: float, first: int = 1000) -> list[str]:
    """Return the lines of a counter for one sentence whose parts take so much, one after the other."""
    lines, count = [], float(first)
    for part, takes_so_much in zip((*TURN, *AFTER), (*takes, 0), strict=True):
        lines.append(f"{int(part)} {count:.0f}")
        count += takes_so_much
    return lines


# ------------------------------------------------------------------------------------------ counting


def test_a_part_that_comes_twice_is_summed_up() -> None:
    (one,) = spent(read_marks(written(5, 10, 400, 20, 70, 30, 8, 90)))
    assert one == {
        Part.DECIDING: 75,
        Part.READING: 30,
        Part.NETWORK: 400,
        Part.WRITING: 30,
        Part.ACTING: 8,
        Part.LEARNING: 90,
    }
    assert decided(one) == 505


def test_what_lies_between_sentences_belongs_to_none() -> None:
    lines = [*written(1, 1, 1, 1, 1, 1, 1, 1), *written(2, 2, 2, 2, 2, 2, 2, 2, first=9_000_000)]
    assert [decided(one) for one in spent(read_marks(lines))] == [5, 10]


def test_a_guest_that_was_cut_off_is_told() -> None:
    with pytest.raises(EdgeNluError, match="ends while network"):
        spent(read_marks(written(1, 1, 1, 1, 1, 1, 1, 1)[:3]))


def test_figures_are_millions_and_python_is_what_is_no_network() -> None:
    lines = [line for million in (2, 4, 6) for line in written(0, million * 1e6, 4e6, 0, 1e6, 0, 0, 0)]
    found = figures(spent(read_marks(lines)))
    assert found["n"] == 3
    assert (found["p50"], found["p95"], found["most"]) == (9, 10.8, 11)
    assert (found["python_p50"], found["python_p95"]) == (5, 6.8)
    assert (found["network_p50"], found["deciding_p50"], found["writing_p50"]) == (4, 1, 0)


def test_growth_is_of_the_middle_sentence() -> None:
    small, large = (spent(read_marks(written(0, 0, 0, 0, million * 1e6, 0, 0, 0))) for million in (8, 10))
    assert measure.growth({20: small, 10_000: large}) == {
        "20_devices_p50": 8,
        "10000_devices_p50": 10,
        "p50_ratio": 1.25,
    }


def test_the_counter_knows_the_marks_that_are_made() -> None:
    source = Path(marks.__file__).with_name("counter.c").read_text()
    (number,) = re.findall(r"#define MARKS (0x[0-9A-F]+)u", source)
    assert int(number, 16) == marks.MARKS
    marks.mark(Part.NETWORK)  # and a mark is of no consequence


def test_a_hub_marks_each_part_of_a_sentence_once_it_begins(toy_pack: Path) -> None:
    made: list[Part] = []
    turns = Turns(toy_pack, made.append)
    (turn,) = one_by_one(["turn on the kitchen ceiling light"])
    result = turns.say(0, turn)
    assert result["decision"]
    assert made == [*TURN, *AFTER]


# --------------------------------------------------------------------------------------- the sentences


def test_every_sentence_has_ten_words_and_is_said_once_a_round() -> None:
    assert {len(text.split()) for text in SENTENCES} == {10}
    talk = conversation(2)
    assert [turn["text"] for turn in talk[: len(WARM_UP)]] == list(WARM_UP)
    assert sorted(turn["text"] for turn in talk[len(WARM_UP) :]) == sorted(SENTENCES * 2)
    assert talk == conversation(2)
    times = [turn["at"] for turn in talk[len(WARM_UP) :]]
    assert times == sorted(times)


# ------------------------------------------------------------------------------------------ predicting


def test_predictions_are_of_the_counted_core_and_lie_between_its_ends() -> None:
    lines = [line for million in range(1, 21) for line in written(0, million * 1e6, 0, 0, 0, 0, 0, 0)]
    found = measure.predicted(hub_profile("pi-4"), Cost(9.8e6, 1.4e6), spent(read_marks(lines)))
    assert found["core"] == "Cortex-A72"
    for name in ("p50", "p95"):
        low, middle, high = (found[f"predicted_{name}_ms{end}"] for end in ("_low", "", "_high"))
        assert isinstance(low, float)
        assert isinstance(middle, float)
        assert isinstance(high, float)
        assert low < middle < high
        assert middle == pytest.approx((low * high) ** 0.5, abs=0.01)
    clock, slow = hub_profile("pi-4").clock.value, hub_profile("pi-4").instructions_per_cycle.value[0]
    fetching = 1.4e6 / hub_profile("pi-4").bandwidth.value / 1e6
    assert found["predicted_p50_ms_high"] == pytest.approx(10.5 / (clock * slow) + fetching, abs=0.01)


def test_every_profile_with_a_core_that_is_counted_is_predicted() -> None:
    counted = [profile for profile in measure.hub_profiles() if profile.core.value in CORES]
    assert {"zero-2w", "pi-4", "pi-5"} <= {profile.name for profile in counted}


def test_a_flip_shows_what_differs() -> None:
    talk = one_by_one(["lights on", "lights off"])
    same = dict.fromkeys(measure.COMPARED, "same")
    other = {**same, "say": "Sorry?", "milliseconds": 3}
    (flip,) = measure.flipped(talk, [(same, {**same, "milliseconds": 7}), (same, other)])
    assert flip == {"text": "lights off", "x86": '{"say": "same"}', "arm64": '{"say": "Sorry?"}'}


# -------------------------------------------------------------------------------------------- weighing


def test_what_the_emulator_needs_itself_is_no_weight_of_the_guest() -> None:
    smaps = """
4000000000-4000800000 r-xp 00000000 00:00 0  root/usr/bin/python3.11
Rss:                100 kB
Anonymous:            4 kB
5500000000-5500800000 rw-p 00000000 00:00 0
Rss:                 50 kB
Anonymous:           50 kB
7f0000000000-7f0000800000 rw-p 00000000 00:00 0
Rss:               9000 kB
Anonymous:         9000 kB
""".strip()
    assert guest_weight(smaps.splitlines()) == Weight(150 * 1024, 54 * 1024)


# -------------------------------------------------------------------------------------------- emulating


def test_without_an_emulated_machine_it_is_said_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(EdgeNluError, match=r"bench arm --setup"):
        Emulator(tmp_path)


def test_another_system_is_told_that_it_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(emulator.shutil, "which", lambda _: None)
    told = {"ID": "fedora", "VERSION_ID": "44", "PRETTY_NAME": "Fedora 44"}
    monkeypatch.setattr(emulator.platform, "freedesktop_os_release", lambda: told)
    with pytest.raises(EdgeNluError, match=r"qemu-user.*Fedora 44.*Debian 12"):
        emulator.set_up(tmp_path)


@pytest.mark.parametrize(
    ("missing", "becomes"), [("tuf.api", "skipped"), ("edge_nlu.steps.gone", "failed"), ("", "failed")]
)
def test_only_what_needs_a_library_that_is_not_there_is_left_out(missing: str, becomes: str) -> None:
    told = f"E   ModuleNotFoundError: No module named '{missing}'" if missing else "E   assert 1 == 2"
    report = without_libraries(SimpleNamespace(failed=True, outcome="failed", longrepr=told))
    assert report.outcome == becomes


@pytest.mark.slow
def test_real_arm64_decides_and_is_counted() -> None:
    if not (emulator.FOLDER / "ready").is_file():
        pytest.skip("no emulated arm64 here; `edge-nlu bench arm --setup` makes one")
    pack = Pack.open(Pack.default_path())
    found = figures(measure.counted(Emulator(), "Cortex-A72", pack, conversation(0) + conversation(1)[3:6]))
    assert found["n"] == 3
    p50, network, python = (found[name] for name in ("p50", "network_p50", "python_p50"))
    assert 0 < float(network) < float(p50) < 30
    assert 0 < float(python) < 15


# ---------------------------------------------------------------------------------------------- boards


def board_of(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_a_board_is_recorded_with_all_that_a_figure_depends_on(tmp_path: Path) -> None:
    root = board_of(
        tmp_path,
        {
            board.MODEL: "Raspberry Pi 4 Model B Rev 1.4\0",
            f"{board.FREQUENCY}/cpuinfo_max_freq": "1800000\n",
            f"{board.FREQUENCY}/scaling_governor": "ondemand\n",
            f"{board.FREQUENCY}/scaling_cur_freq": "600000\n",
            board.HEAT: "48312\n",
            "proc/meminfo": "MemTotal:  930000 kB\nMemAvailable: 700000 kB\n",
            "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
        },
    )
    found = board.described(root)
    assert (found["model"], found["profile"]) == ("Raspberry Pi 4 Model B Rev 1.4", "pi-4")
    assert (found["most_mhz"], found["governor"], found["memory_mb"]) == (1800, "ondemand", 952)
    assert found["system"] == "Debian GNU/Linux 12 (bookworm)"
    now = board.state(root)
    assert (now["celsius"], now["mhz"], now["memory_left_mb"]) == (48.312, 600, 717)


def test_what_a_board_does_not_tell_is_missing_and_no_zero(tmp_path: Path) -> None:
    found, now = board.described(tmp_path), board.state(tmp_path)
    assert (found["model"], found["profile"], found["governor"]) == ("unknown", "none", "unknown")
    assert (now["celsius"], now["memory_left_mb"]) == (-1, -1)


def test_a_board_is_told_from_others_of_its_make() -> None:
    def name(model: str) -> str | None:
        profile = board.profile_of(model)
        return profile and profile.name

    assert name("Raspberry Pi Zero 2 W Rev 1.0") == "zero-2w"
    assert name("Raspberry Pi 5 Model B Rev 1.0") == "pi-5"
    assert name("Raspberry Pi 3 Model B Plus Rev 1.3") == "pi-3"
    assert name("Some other board") is None


def test_nothing_tells_whose_board_it_is(tmp_path: Path) -> None:
    root = board_of(tmp_path, {"etc/hostname": "annas-pi\n", "proc/cpuinfo": "Serial : 10000000abcdef01\n"})
    told = json.dumps([board.described(root), board.state(root)])
    assert "annas-pi" not in told
    assert "abcdef01" not in told


def test_a_sentence_on_a_board_is_told_in_milliseconds() -> None:
    sentences = spent(read_marks(written(1e6, 2e6, 3e6, 0, 0, 4e6, 0, 0)))
    found = board.sentence_figures(sentences, sentences)
    assert (found["n"], found["wall_p50_ms"], found["cpu_p95_ms"]) == (1, 6, 6)
    assert (found["network_cpu_p50_ms"], found["writing_cpu_p50_ms"]) == (3, 4)
    assert found["cpu_first_p50_ms"] == 6


def test_a_journal_on_disk_is_written_and_blocks_are_synced(toy_pack: Path, tmp_path: Path) -> None:
    wall, _ = board._times(Pack.open(toy_pack), 1, journal=tmp_path / "journal.sqlite")
    assert len(wall) == len(SENTENCES)
    assert min(sentence[Part.WRITING] for sentence in wall) > 0
    assert len(board.synced(tmp_path / "synced")) == board.SYNCS
    assert (tmp_path / "synced").stat().st_size == board.SYNCS * board.BLOCK


def test_what_a_board_measured_takes_the_place_of_its_prediction() -> None:
    predicted = {"predicted_p95_ms": 4.0}
    run: Any = {
        "arm": {"pi_4": predicted, "pi_5": predicted},
        "board": {"quick": False, "board": {"profile": "pi-4"}, "sentence": {"wall_p95_ms": 5.5}},
    }
    aims = {said: found for said, found, *_ in whole._aims(run)}
    assert aims["ms, p95, on a Pi 4"] == "5.5"
    assert aims["ms, p95, predicted for a Pi 5"] == "4"
    assert "ms, p95, predicted for a Pi 4" not in aims


def test_other_decisions_have_another_digest() -> None:
    result = dict.fromkeys(measure.COMPARED, "same")
    assert measure.digest([result]) == measure.digest([{**result, "score": 0.5}])
    assert measure.digest([result]) != measure.digest([{**result, "targets": ["lamp"]}])
