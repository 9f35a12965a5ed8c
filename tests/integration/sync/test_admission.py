"""A hub takes in a pack while it runs, keeps it if people fare as well, and leaves it if they do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.admission import RUNS, got_worse
from edge_nlu.hub.door import knock
from edge_nlu.models.pack import Pack
from edge_nlu.storage.packs import Slot, hand_in, log_in
from edge_nlu_bench.updates.home import Home
from edge_nlu_bench.updates.packs import another_network, confused, contrary, fewer_promises

COMES_ALONG = Slot()


def pack_read_with(home: Home) -> str:
    assert home.hub is not None
    return home.hub._upkeep._journal.pack


def test_a_new_pack_comes_in_while_people_talk_and_no_request_is_lost(
    home: Home, pack: Callable[..., Path]
) -> None:
    home.start()
    slot = home.hand_in(pack("new-1", fewer_promises))
    answered = 0
    while not home.events(slot):
        assert home.wish()
        answered += 1
    assert answered > 0
    assert home.wish()
    assert home.packs.current() == slot
    assert pack_read_with(home) == "new-1"
    home.stop()
    # and it starts with it
    home.start()
    assert home.wish()
    assert pack_read_with(home) == "new-1"


def test_a_pack_that_serves_as_well_as_the_one_before_is_kept(home: Home, pack: Callable[..., Path]) -> None:
    home.file.write_text(f"state_dir = '{home.state}'\n[sync]\ntrial_turns = 20\n")
    home.start()
    slot = home.take_in(pack("new-1", another_network))
    for _ in range(19):
        assert home.wish()
    assert home.packs.trial() is not None
    home.wish()
    home.until(lambda: home.events(slot) == ["in use", "kept"])
    assert home.packs.trial() is None
    assert home.packs.current() == slot


@pytest.mark.parametrize("change", [confused, contrary])
def test_a_pack_that_keeps_its_promises_and_fails_people_is_left_within_20_turns_for_good(
    home: Home, pack: Callable[..., Path], change: Callable[[Path], object]
) -> None:
    home.start()
    for _ in range(40):
        home.wish()
    bad = pack("bad-1", change)
    slot = home.take_in(bad)
    assert home.turns_until_left(slot) <= 20
    home.until(lambda: home.events(slot) == ["in use", "returned"])
    assert home.wish()
    # handed in once more, under a higher number, it is not even tried
    home.hand_in(bad)
    home.until(lambda: "refused" in home.events(slot))
    assert home.packs.current() == COMES_ALONG


def test_a_pack_on_trial_is_watched_though_all_that_was_said_is_forgotten(
    home: Home, pack: Callable[..., Path]
) -> None:
    home.start()
    for _ in range(10):
        home.wish()
    slot = home.take_in(pack("bad-1", confused))
    knock(home.state, {"do": "forget"})
    assert home.turns_until_left(slot) <= 20


def promise_another_answer(folder: Path) -> None:
    golden = folder / "golden.jsonl"
    golden.write_text(golden.read_text().replace("weather_query", "play_music"))


def promise_nothing(folder: Path) -> None:
    (folder / "golden.jsonl").unlink()


def be_large(folder: Path) -> None:
    with (folder / "encoder.int8.onnx").open("ab") as file:
        # a remark of a megabyte
        file.write(b"\x32\xff\xff\x3f" + bytes(0xFFFFF))


def be_no_network(folder: Path) -> None:
    (folder / "encoder.int8.onnx").write_bytes(b"\xff" * 100)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(promise_another_answer, "promised", id="an answer is another than was promised"),
        pytest.param(promise_nothing, "no promised sentence", id="it promises nothing"),
        pytest.param(be_large, "this board carries", id="it is too large for the board"),
        pytest.param(be_no_network, "does not load", id="its network cannot be loaded"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_hub_goes_on(
    home: Home, pack: Callable[..., Path], change: Callable[[Path], object], why: str
) -> None:
    home.start()
    slot = home.hand_in(pack("odd-1", change))
    home.until(lambda: home.events(slot))
    (line,) = log_in(home.packs.folder)
    assert line["event"] == "refused"
    assert why in line["why"]
    assert home.packs.current() == COMES_ALONG
    assert home.packs.is_bad(slot.manifest)
    assert home.wish()
    assert not list(home.packs.folder.glob("*.part"))


def test_what_is_not_what_was_announced_is_refused(home: Home, pack: Callable[..., Path]) -> None:
    slot = home.hand_in(pack("new-1", fewer_promises))
    other = Slot(slot.id, slot.release, "0" * 64)
    hand_in(home.incoming, other)
    home.start()
    home.until(lambda: home.events(other))
    assert home.events(other) == ["refused"]
    assert home.packs.current() == COMES_ALONG


def test_what_is_only_half_there_is_tried_again_later(home: Home, pack: Callable[..., Path]) -> None:
    home.start()
    whole = pack("new-1", fewer_promises)
    network = (whole / "encoder.int8.onnx").read_bytes()
    (whole / "encoder.int8.onnx").unlink()
    slot = home.hand_in(whole)
    home.until(lambda: home.events(slot))
    assert home.events(slot) == ["put off"]
    assert not home.packs.is_bad(slot.manifest)
    (home.incoming / "new-1" / "encoder.int8.onnx").write_bytes(network)
    home.stop()
    home.start()
    home.until(lambda: home.packs.current() == slot)


def test_a_manifest_that_would_fill_the_memory_is_not_read(home: Home, pack: Callable[..., Path]) -> None:
    home.start()
    large = pack("large-1", fewer_promises)
    manifest = large / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" " * 65_536)
    slot = home.hand_in(large)
    home.until(lambda: home.events(slot))
    (entry,) = log_in(home.packs.folder)
    assert (entry["event"], entry["why"]) == (
        "put off",
        "cannot be copied: its manifest has more than 65,536 bytes",
    )


def test_a_link_that_leads_elsewhere_is_not_followed(
    home: Home, pack: Callable[..., Path], tmp_path: Path
) -> None:
    home.start()
    evil = pack("evil-1", fewer_promises)
    secret = tmp_path / "secret"
    (evil / "labels.json").rename(secret)
    slot = home.hand_in(evil)
    (home.incoming / "evil-1" / "labels.json").unlink(missing_ok=True)
    (home.incoming / "evil-1" / "labels.json").symlink_to(secret)
    home.until(lambda: home.events(slot))
    assert home.events(slot)[-1] == "put off"
    assert home.packs.current() == COMES_ALONG


def test_an_older_one_is_refused(home: Home, pack: Callable[..., Path]) -> None:
    home.start()
    new = home.hand_in(pack("new-7", fewer_promises), release=7)
    home.until(lambda: home.events(new))
    assert home.packs.current() == new
    old = home.hand_in(pack("old-3", another_network), release=3)
    home.until(lambda: home.events(old))
    assert home.events(old) == ["refused"]
    assert home.packs.current() == new


def test_cut_off_again_and_again_with_a_new_pack_the_hub_goes_back(
    home: Home, pack: Callable[..., Path]
) -> None:
    home.start()
    slot = home.take_in(pack("new-1", fewer_promises))
    for _ in range(RUNS + 1):
        # ended as it should it does not count
        home.stop()
        home.start()
    assert home.packs.current() == slot
    home.stop()
    for _ in range(RUNS):
        home.packs.started()
    home.start()
    assert home.packs.current() == COMES_ALONG
    assert home.events(slot)[:2] == ["in use", "returned"]
    assert home.packs.is_bad(slot.manifest)


@pytest.mark.parametrize("both", [False, True], ids=["the pack in use", "and the one before"])
def test_a_damaged_pack_is_left_for_the_one_before_or_that_which_comes_along(
    home: Home, pack: Callable[..., Path], *, both: bool
) -> None:
    home.start()
    first = home.take_in(pack("new-1", fewer_promises))
    second = home.take_in(pack("new-2", another_network))
    home.stop()
    for slot in (second, first) if both else (second,):
        (home.packs.place(slot.id) / "labels.json").write_text("{")
    home.start()
    assert home.packs.current() == (COMES_ALONG if both else first)
    assert home.wish()
    # damaged is not bad: fetched again it may come in again
    assert not home.packs.is_bad(second.manifest)


def test_somebody_goes_back_while_the_hub_runs(home: Home, pack: Callable[..., Path]) -> None:
    home.start()
    slot = home.take_in(pack("new-1", fewer_promises))
    assert knock(home.state, {"do": "go back"}) == {"id": ""}
    assert home.packs.current() == COMES_ALONG
    assert home.packs.is_bad(slot.manifest)
    assert pack_read_with(home) == Pack.open(Pack.default_path()).id
    with pytest.raises(EdgeNluError, match="nothing was changed"):
        knock(home.state, {"do": "go back"})


def test_whoever_names_a_pack_keeps_it(home: Home, pack: Callable[..., Path]) -> None:
    home.file.write_text(f"state_dir = '{home.state}'\npack = '{Pack.default_path()}'\n")
    home.start()
    slot = home.hand_in(pack("new-1"))
    for _ in range(5):
        home.wish()
    assert home.events(slot) == []
    assert not home.packs.folder.exists()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"id": "../x"}', '{"id": "log"}', '{"id": 1}', '{"id": "a", "b": 1}']
)
def test_a_request_that_makes_no_sense_is_none(home: Home, text: str) -> None:
    home.incoming.mkdir(parents=True)
    (home.incoming / "request").write_text(text)
    home.start()
    assert home.wish()
    assert list(log_in(home.packs.folder)) == []


@pytest.mark.parametrize(
    ("failed", "turns", "failed_before", "turns_before", "worse"),
    [
        pytest.param(4, 4, 0, 200, False, id="a few failures in a row happen"),
        pytest.param(5, 5, 10, 200, True, id="nothing works any more"),
        pytest.param(12, 18, 20, 200, True, id="two thirds fail where a tenth did"),
        pytest.param(8, 40, 40, 200, False, id="as before"),
        pytest.param(13, 20, 120, 200, False, id="a home in which much fails"),
        pytest.param(20, 20, 120, 200, True, id="a home in which much fails, and now all"),
        pytest.param(5, 12, 0, 0, False, id="a home of which little is known"),
    ],
)
def test_worse_is_what_chance_would_hardly_do(
    failed: int, turns: int, failed_before: int, turns_before: int, *, worse: bool
) -> None:
    assert got_worse(failed, turns, failed_before, turns_before) is worse


def test_the_log_says_what_was_done_and_why(home: Home, pack: Callable[..., Path]) -> None:
    home.start()
    slot = home.take_in(pack("new-1", fewer_promises))
    home.until(lambda: home.events(slot))
    line: dict[str, Any] = json.loads((home.packs.folder / "log").read_text())
    assert (line["id"], line["manifest"], line["release"]) == (slot.id, slot.manifest, 1)
    assert line["why"] == "on trial for 60 turns"
