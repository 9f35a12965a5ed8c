"""What benches write is as documented, a failing suite loses no other, and what got worse is told."""

import json
import os
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from edge_nlu.cli import cli
from edge_nlu.errors import DataError, SettingsError
from edge_nlu_bench import suites, whole
from edge_nlu_bench.compare import read_gates
from edge_nlu_bench.schema import faults, schema
from edge_nlu_bench.sheet import WORDS
from edge_nlu_bench.sources import CHECKOUT
from edge_nlu_bench.suites import Ended, Runner, Suite

MEMORY: Mapping[str, Any] = {
    "bench": "memory",
    "provenance": "on paper",
    "process": {"processes": 1, "sentences": 100},
    "rss_mb": {"python": 10, "numpy": 20, "onnxruntime": 50, "pack": 60, "sentences": 61.5, "peak": 62},
    "pack": {"bytes": 4_000_000},
    "imports": {"modules": 400, "libraries": 3, "names": "click numpy onnxruntime"},
}


def bench(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["bench", *map(str, arguments)])


def changed(group: str, **figures: object) -> dict[str, Any]:
    return {**MEMORY, group: {**MEMORY[group], **figures}}


def written(path: Path, run: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps({"provenance": "on paper", **run}))
    return path


# ------------------------------------------------------------------------------------ what is written


def test_what_a_suite_writes_is_looked_at() -> None:
    assert list(faults("memory", MEMORY)) == []
    without = {name: of for name, of in MEMORY.items() if name not in ("pack", "provenance")}
    assert list(faults("memory", without)) == ["provenance is missing"]
    assert list(faults("memory", {**without, "provenance": "on paper"})) == ["no group pack"]
    less = {**MEMORY, "process": {"processes": 1}}
    assert list(faults("memory", less)) == ["process has no sentences"]
    (nonsense,) = faults("memory", changed("rss_mb", peak=float("nan")))
    assert nonsense.startswith("rss_mb.peak is nan")
    (word,) = faults("memory", {**MEMORY, "quick": "yes"})
    assert word.startswith("quick is 'yes'")
    (empty,) = faults("latency", {"bench": "latency", "provenance": "", **_groups("latency")})
    assert empty.startswith("no list distribution")


def test_what_only_a_whole_run_writes_is_not_missed_in_a_quick_one() -> None:
    written = soak(31, 10_000)
    assert list(faults("soak", written)) == []
    del written["journal"]["last_week_by_the_week_before"]
    assert list(faults("soak", written)) == ["journal has no last_week_by_the_week_before"]
    assert list(faults("soak", {**written, "quick": True})) == []


def _groups(suite: str) -> dict[str, dict[str, int]]:
    return {name: dict.fromkeys(figures, 1) for name, figures in schema()[suite]["groups"].items()}


def test_every_suite_has_a_schema_and_every_figure_of_it_is_documented() -> None:
    page = (CHECKOUT / "docs" / "bench.md").read_text(encoding="utf-8")
    assert {suite.name for suite in suites.SUITES} <= set(schema())
    for suite, parts in schema().items():
        assert f"## `{suite}`" in page
        for figures in (figures for part in parts.values() for figures in part.values()):
            assert [
                name
                for name in figures
                if f"`{name}`" not in page and f"..._{name.rpartition('_')[2]}" not in page
            ] == []


# ------------------------------------------------------------------------------------- one after another


def running(told: Mapping[str, tuple[str, str]], folder: Path, *chosen: Suite) -> list[Ended]:
    """Run suites whose commands print this and fail like that."""
    left: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suites, "_told", lambda command, *_: told[command[command.index("bench") + 1]])
        given = {"--pack": "x", "--data": "y"}
        runner = Runner(folder, given, quick=True, begins=lambda _, s: left.append(s), ended=lambda _: None)
        done = runner.run(chosen)
    assert left[0] == max(sum(s.quick_s for s in chosen if s.only_counts is kind) for kind in (True, False))
    return done


def plain(*names: str) -> list[Suite]:
    return [Suite(name, ("--pack",), 1, 1) for name in names]


def test_a_suite_that_fails_loses_no_other_and_leaves_nothing_old(tmp_path: Path) -> None:
    (tmp_path / "scale.json").write_text("of last week")
    good, bad = (json.dumps(MEMORY), ""), ("", "something broke")
    done = running(
        {"scale": bad, "memory": good, "mqtt": ("no json", "")}, tmp_path, *plain("scale", "memory", "mqtt")
    )
    assert [one.error for one in done] == ["something broke", "", "it wrote no JSON, but 'no json'"]
    assert [path.name for path in tmp_path.iterdir()] == ["memory.json"]
    assert json.loads((tmp_path / "memory.json").read_text()) == MEMORY


def test_a_suite_that_writes_too_little_has_failed_and_what_it_wrote_is_kept(tmp_path: Path) -> None:
    less = {name: of for name, of in MEMORY.items() if name != "pack"}
    (done,) = running({"memory": (json.dumps(less), "")}, tmp_path, *plain("memory"))
    assert done.error == "no group pack"
    assert (tmp_path / "memory.json").exists()


def test_all_says_what_failed_and_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"memory": (json.dumps(MEMORY), ""), "scale": ("", "something broke")}
    monkeypatch.setattr(suites, "_told", lambda command, *_: told[command[command.index("bench") + 1]])
    ended = bench("all", "--quick", "--only", "scale,memory,scale", "--out", tmp_path)
    assert ended.exit_code == 1
    assert "2 of 2: memory, about" in ended.output
    assert "1 of 2 suites in" in ended.output
    assert "scale failed: something broke" in ended.output
    assert "4,000,000" in ended.output
    assert isinstance(bench("all", "--only", "speed").exception, SettingsError)


def test_what_only_counts_runs_beside_what_takes_times(tmp_path: Path) -> None:
    chosen = [Suite("scale", (), 3, 9), Suite("nlu", (), 4, 9, only_counts=True), Suite("mqtt", (), 2, 9)]
    failing = {one.name: ("", "so") for one in chosen}
    assert {one.suite.name for one in running(failing, tmp_path, *chosen)} == {"scale", "nlu", "mqtt"}


def test_a_suite_that_hangs_is_ended_and_what_one_says_though_it_fails_is_kept() -> None:
    cores = os.sched_getaffinity(0)
    _, error = suites._told(["sleep", "60"], 0.2, cores)
    assert error == "it had not ended after 0 seconds"
    assert suites._told(["sh", "-c", "echo so; echo why >&2; exit 1"], 9, cores) == ("so\n", "why")


# ------------------------------------------------------------------------------------- before and after


def test_what_is_as_before_passes(tmp_path: Path) -> None:
    ended = bench("compare", *[written(tmp_path / "memory.json", MEMORY)] * 2)
    assert ended.exit_code == 0
    assert "0 of them worse" in ended.output
    assert "4,000,000" in ended.output


@pytest.mark.parametrize(
    ("group", "figures", "fails"),
    [
        ("pack", {"bytes": 4_100_000}, "memory.pack.bytes"),
        ("pack", {"bytes": 3_000_000}, ""),
        ("imports", {"libraries": 4}, "memory.imports.libraries"),
        ("rss_mb", {"sentences": 67}, ""),
        ("rss_mb", {"sentences": 68}, "memory.rss_mb.sentences"),
        # milliseconds and what is loaded on the way are no gates
        ("rss_mb", {"numpy": 99}, ""),
    ],
)
def test_what_got_worse_fails(tmp_path: Path, group: str, figures: dict[str, float], fails: str) -> None:
    old = written(tmp_path / "old.json", MEMORY)
    new = written(tmp_path / "new.json", changed(group, **figures))
    ended = bench("compare", old, new)
    failing = [line.split()[0] for line in ended.output.splitlines() if "FAILS" in line]
    assert failing == ([fails] if fails else [])
    assert ended.exit_code == bool(fails)
    told = json.loads(bench("compare", old, new, "--json").output)["figures"]
    assert [row["figure"] for row in told if row["wrong"]] == failing


def folder(path: Path, *runs: Mapping[str, Any]) -> Path:
    path.mkdir(parents=True)
    for one in runs:
        written(path / f"{one['bench']}.json", one)
    return path


def test_a_figure_or_a_suite_that_one_of_two_runs_lacks_fails(tmp_path: Path) -> None:
    growth = {"bench": "scale", "growth": {"p50_ratio": 1.0}}
    whole_run = folder(tmp_path / "whole", MEMORY, growth)
    less = folder(tmp_path / "less", {**MEMORY, "pack": {}})
    ended = bench("compare", whole_run, less)
    gone = [line.split()[0] for line in ended.output.splitlines() if "it is gone" in line]
    assert ended.exit_code == 1
    assert gone == ["memory.pack.bytes", "scale.growth.p50_ratio"]
    ended = bench("compare", less, whole_run)
    assert ended.exit_code == 1
    assert ended.output.count("it was not there before") == 2
    # a bound holds, though there was nothing before
    slow = folder(tmp_path / "slow", MEMORY, {**growth, "growth": {"p50_ratio": 1.6}})
    assert "it may be 1.5 at most" in bench("compare", less, slow).output
    assert isinstance(bench("compare", whole_run, folder(tmp_path / "empty")).exception, DataError)


def test_a_quick_run_is_compared_with_a_quick_one(tmp_path: Path) -> None:
    runs = [written(tmp_path / f"{kind}.json", {**MEMORY, "quick": kind}) for kind in (True, False)]
    refused = bench("compare", *runs).exception
    assert isinstance(refused, SettingsError)
    assert "--quick of memory" in str(refused)
    assert bench("compare", runs[0], runs[0]).exit_code == 0


def test_what_has_nothing_in_common_is_not_compared(tmp_path: Path) -> None:
    one, other = written(tmp_path / "a", MEMORY), written(tmp_path / "b", {"bench": "scale"})
    assert "memory in one and scale in the other" in str(bench("compare", one, other).exception)
    board = written(tmp_path / "c", {"bench": "board"})
    assert "none for" in str(bench("compare", board, board).exception)


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {**MEMORY, "pack": 3},
        {**MEMORY, "pack": {"bytes": [1]}},
        {**MEMORY, "over_time": [1]},
        {"pack": {}},
    ],
)
def test_what_no_bench_wrote_is_told(tmp_path: Path, wrong: object) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(wrong))
    refused = bench("compare", file, file).exception
    assert isinstance(refused, DataError)
    assert "wrong.json" in str(refused)


def test_in_a_folder_what_is_of_no_bench_is_passed_over_and_two_of_one_are_refused(tmp_path: Path) -> None:
    run = folder(tmp_path / "run", MEMORY)
    (run / "fleet.json").write_text('{"audit": {"epsilon": null}}')
    assert bench("compare", run, run).exit_code == 0
    written(run / "again.json", MEMORY)
    assert "another file of `memory`" in str(bench("compare", run, run).exception)


@pytest.mark.parametrize(
    ("share", "low", "high", "fails"),
    [(0.88, 0.86, 0.89, False), (0.80, 0.78, 0.84, True), (0.99, 0.98, 1.0, False)],
)
def test_a_share_is_worse_when_the_intervals_lie_apart(
    tmp_path: Path, share: float, low: float, high: float, *, fails: bool
) -> None:
    runs = []
    gates = tmp_path / "gates.toml"
    gates.write_text("[nlu.seen]\nexact_match = { worse = 'less', interval = true }\n")
    for name, ends in (("old", (0.9, 0.85, 0.95)), ("new", (share, low, high))):
        figures = dict(zip(("exact_match", "exact_match_low", "exact_match_high"), ends, strict=True))
        runs.append(written(tmp_path / f"{name}.json", {"bench": "nlu", "seen": figures}))
    assert bench("compare", *runs, "--gates", gates).exit_code == fails


def test_a_ratio_may_not_pass_its_aim_whatever_it_was(tmp_path: Path) -> None:
    old = written(tmp_path / "old.json", {"bench": "scale", "growth": {"p50_ratio": 1.6}})
    assert "it may be 1.5 at most" in bench("compare", old, old).output


@pytest.mark.parametrize(
    ("gates", "told"),
    [
        ("[scale.20_devices]\np50_ms = { worse = 'more' }", "a time"),
        ("x = 3", "x in gates.toml: found 3"),
        ("[scale]\ngrowth = 3", "scale.growth in gates.toml: found 3"),
        ("[scale.growth]\nratio = 3", "scale.growth.ratio in gates.toml: found 3"),
        ("[scale.growth]\nratio = { worse = 'sideways' }", "found 'sideways', expected 'more' or 'less'"),
        ("[scale.growth]\nratio = { margin = 0.1 }", "found None, expected 'more' or 'less'"),
        ("[scale.growth]\nratio = { worse = 'more', most = '3' }", "found '3', expected a number"),
        ("[scale.growth]\nratio = { worse = 'more', margin = true }", "found True, expected a number"),
        ("[scale.growth]\nratio = { worse = 'more', interval = 1 }", "found 1, expected true or false"),
        ("[scale.growth]\nratio = { worse = 'more', more = 1 }", "found 'more', expected some of worse,"),
        ("[scale", "expected TOML"),
    ],
)
def test_a_gate_that_cannot_be_is_told(tmp_path: Path, gates: str, told: str) -> None:
    file = tmp_path / "gates.toml"
    file.write_text(gates)
    with pytest.raises(SettingsError) as refused:
        read_gates(file)
    assert told in str(refused.value)
    assert len(read_gates()) > 20


def test_an_interval_is_asked_for_where_there_is_none(tmp_path: Path) -> None:
    runs = [written(tmp_path / "old.json", {"bench": "nlu", "seen": {"exact_match": 0.9}})] * 2
    assert "it has no interval" in bench("compare", *runs).output


# ---------------------------------------------------------------------------------------------- the page


def full(suite: str, **groups: Mapping[str, Any] | list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a suite may write: ones, but for what is given."""
    named: dict[str, Any] = {name.replace("*", "20"): of for name, of in _groups(suite).items()}
    for name, of in groups.items():
        named[name] = {**named.get(name, {}), **of} if isinstance(of, dict) else of
    return {"bench": suite, "provenance": "on paper", **named}


LATENCY: Mapping[str, Any] = full(
    "latency",
    peer={"intent_accuracy": 0.85, "trained_on": 2000},
    ratio={"cpu_p50": 18.0, "cpu_p50_low": 17.0, "cpu_p50_high": 19.0},
    distribution=[
        dict.fromkeys(schema()["latency"]["lists"]["distribution"], at / 5) | {"percent": at}
        for at in range(1, 100)
    ],
)
SCALE: Mapping[str, Any] = full("scale", growth={"p50_ratio": 1.0})


def soak(days: int, states_a_day: int) -> dict[str, Any]:
    rows = [{"day": at + 1, "rss_mb": 80.0, "journal_mb": at, "cpu_s": 1.0} for at in range(days)]
    lived = {"days": days, "states_a_day": states_a_day}
    journal = {"last_week_by_the_week_before": 1.0}
    return full("soak", over_time=rows, lived=lived, memory={"growth_mb": 3.0}, journal=journal)


def peers(**fasttext: Any) -> dict[str, Any]:
    written = full("peers", fasttext=fasttext, hassil={"as_before": True})
    home = written.pop("20_devices_20")
    return {**written, "20_devices_plain": home, "200_devices_plain": home}


def reported(path: Path, *runs: Mapping[str, Any]) -> tuple[Result, str, str]:
    ended = bench("report", folder(path / "run", *runs), "--out", path / "page" / "all.html")
    page = path / "page"
    return ended, (page / "all.html").read_text(), (page / "all.md").read_text()


def test_all_is_on_one_page_that_stands_by_itself(tmp_path: Path) -> None:
    strange = {**MEMORY, "provenance": "on <paper>"}
    counts = [{"change": "before", "commit": "abc", "counts": [7_000_000, 8_000_000, 9_000_000]}]
    changes = {"bench": "changes", "provenance": "counted", "steps": counts}
    ended, page, marked = reported(tmp_path, strange, LATENCY, SCALE, soak(31, 10_000), changes)
    assert ended.exit_code == 0, ended.output
    assert "Not measured: nlu, context, mqtt, learning, sync." in page
    assert "edge-nlu bench peers --setup" in page
    assert page.count("<svg") == 4
    assert "on &lt;paper&gt;" in page
    assert "viewport" in page
    assert re.findall(r"https?:|src=|href=|<script", page) == []
    assert "| growth of a decision from 20 to 10,000 devices | 1 | at most 1.5 | reached |" in marked
    assert "| MB grown in a month since its first hour | 3 | at most 2 | not reached |" in marked
    assert "| ratio | cpu_p50 | 18.0000 | 17.0000 to 19.0000 |" in marked
    assert "| ms, p95, predicted for a Pi 4 | not measured | at most 6 |  |" in marked
    assert "MiniLM learned from 2,000 sentences" in marked
    assert "| before | abc | 8.00 | 8.90 | 3 |" in marked
    pictures = re.findall(r"\]\((.*\.svg)\)", marked)
    assert len(pictures) == 4
    for name in pictures:
        drawn = (tmp_path / "page" / name).read_text()
        assert ElementTree.fromstring(drawn).tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize(("days", "states"), [(3, 10_000), (31, 2000)])
def test_a_short_soak_says_nothing_of_a_month(tmp_path: Path, days: int, states: int) -> None:
    _, _, marked = reported(tmp_path, soak(days, states))
    assert f"too short to say anything of a month: days {days}, states_a_day {states}." in marked
    assert "| MB grown in a month since its first hour | 3 | at most 2 | too short to say |" in marked
    assert "| reached |" not in marked


def test_what_is_predicted_is_not_called_reached_until_a_board_measures_it(tmp_path: Path) -> None:
    arm = full(
        "arm", pi_4={"predicted_p95_ms": 4.0, "predicted_p95_ms_low": 3.0, "predicted_p95_ms_high": 5.5}
    )
    arm |= {"cortex_a72": arm["cortex_a20"], "flips": []}
    _, _, marked = reported(tmp_path / "arm", arm)
    assert "| ms, p95, predicted for a Pi 4 | 4 (3 to 5.5) | at most 6 | predicted |" in marked
    board = full("board", board={"profile": "pi-4"}, sentence={"wall_p95_ms": 5.0})
    _, _, marked = reported(tmp_path / "both", arm, board)
    assert "| ms, p95, on a Pi 4 | 5 | at most 6 | reached |" in marked


def test_quick_runs_and_runs_of_different_states_are_named(tmp_path: Path) -> None:
    old, new = ("x, commit 1, pack p, load 1", "x, commit 2 with changes, pack p, load 2")
    quick = {**MEMORY, "quick": True, "provenance": old}
    board = {"bench": "board", "provenance": "x, commit 3, pack p", "board": {"profile": "pi-4"}}
    _, page, marked = reported(tmp_path, quick, {**SCALE, "provenance": new}, board)
    assert "Quick runs, each figure from fewer repetitions: memory." in page
    assert "| bytes of the pack | 4,000,000, quick |" in marked
    assert "Not all of one run: commit 1 (memory); commit 2 with changes (scale)." in page
    assert "pack p" not in page.partition("<h2>")[0]


def test_what_lacks_a_figure_is_not_drawn_and_fails_the_report(tmp_path: Path) -> None:
    less = {name: of for name, of in LATENCY.items() if name != "distribution"}
    ended, page, _ = reported(tmp_path, less, SCALE)
    assert ended.exit_code == 1
    assert "latency is not drawn, since it is not as docs/bench.md has it: no list distribution" in page
    assert page.count("<svg") == 1


def test_a_page_is_not_written_over_its_other_half(tmp_path: Path) -> None:
    run = folder(tmp_path / "run", MEMORY)
    refused = bench("report", run, "--out", tmp_path / "page.md").exception
    assert isinstance(refused, SettingsError)
    assert not (tmp_path / "page.md").exists()


def test_aims_are_looked_for_where_figures_are() -> None:
    for _, place, how, aim in whole.AIMS:
        assert how in WORDS
        assert aim >= 0
        assert known(*place.split(".")), place
    for gate in read_gates():
        assert known(gate.suite, gate.group, gate.figure), gate.name


def known(suite: str, group: str, figure: str) -> bool:
    """Return whether a bench writes this figure."""
    if suite in schema():
        groups = [one for kind in ("groups", "whole") for one in schema()[suite].get(kind, {}).items()]
        return any(fnmatchcase(group, of) and figure.removesuffix("_low") in names for of, names in groups)
    kept = json.loads((CHECKOUT / "tests" / "gate" / f"{suite}.json").read_text())
    return figure in kept[group]


def test_a_peer_that_is_worse_than_it_was_found_to_be_fails_the_report(tmp_path: Path) -> None:
    ended, page, _ = reported(tmp_path, peers(found=0.70, before=0.85, as_before=False))
    assert ended.exit_code == 1
    assert "The peer fasttext does not reach what it was found to reach: 0.7 here, 0.85 before." in page
    assert "fasttext" in ended.output
    # intents against cost, and growth
    assert page.count("<svg") == 2


def test_learning_whose_checks_do_not_hold_fails_the_report(tmp_path: Path) -> None:
    said = {"void": True, "failed_checks": "null fleet", "correct_to_incorrect_low": 24.1}
    ended, page, _ = reported(tmp_path, full("learning", rewrites=said))
    assert ended.exit_code == 1
    assert "Checks of learning do not hold (null fleet): its figures mean nothing." in page


def test_a_peer_that_was_not_checked_is_named(tmp_path: Path) -> None:
    ended, page, _ = reported(tmp_path, peers())
    assert ended.exit_code == 0
    assert "Not checked against what they were found to reach before: fasttext, crf, minilm." in page
