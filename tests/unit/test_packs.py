"""Which pack is in use has one answer at any moment, and what failed is remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_nlu.errors import EdgeNluError
from edge_nlu.storage.packs import (
    IN_USE,
    PUT_OFF,
    Packs,
    Slot,
    Trial,
    hand_in,
    handed_in,
    is_id,
    log_in,
    unanswered,
)

ONE, TWO = Slot("one-1", 1, "1" * 64), Slot("two-2", 2, "2" * 64)


@pytest.fixture
def packs(tmp_path: Path) -> Packs:
    return Packs(tmp_path / "packs")


def test_without_any_it_is_the_one_that_comes_along(packs: Packs) -> None:
    assert (packs.current(), packs.previous(), packs.trial()) == (Slot(), Slot(), None)
    assert not packs.folder.exists()
    with pytest.raises(EdgeNluError, match="nothing was changed"):
        packs.go_back(forever=True)


def test_one_comes_and_goes(packs: Packs) -> None:
    packs.switch(ONE, None)
    packs.switch(TWO, Trial("two-2", 7, 1, 20))
    assert (packs.current(), packs.previous(), packs.trial()) == (TWO, ONE, Trial("two-2", 7, 1, 20))
    assert packs.go_back(forever=True) == ONE
    assert (packs.current(), packs.trial()) == (ONE, None)
    assert packs.is_bad(TWO.manifest)
    assert not packs.is_bad(ONE.manifest)
    assert packs.go_back(forever=False) == Slot()
    assert not packs.is_bad(ONE.manifest)


def test_a_trial_of_another_pack_counts_for_nothing(packs: Packs) -> None:
    packs.switch(ONE, Trial("two-2", 0, 0, 0))
    assert packs.trial() is None
    assert packs.started() == 0


def test_runs_that_were_cut_off_are_counted(packs: Packs) -> None:
    packs.switch(ONE, Trial("one-1", 0, 0, 0))
    packs.ended()
    counted = []
    for cut_off in (False, True, True, False, True):
        counted.append(packs.started())
        if not cut_off:
            packs.ended()
    assert counted == [0, 0, 1, 2, 2]
    packs.keep()
    assert packs.started() == 0


@pytest.mark.parametrize("text", ["", "{", "7", '{"id": 7}', '{"id": "one", "release": "1"}', '{"other": 1}'])
def test_a_file_that_makes_no_sense_is_as_none(packs: Packs, text: str) -> None:
    packs.folder.mkdir()
    for name in ("current", "previous", "trial", "bad", "log"):
        (packs.folder / name).write_text(text)
    assert (packs.current(), packs.previous(), packs.trial()) == (Slot(), Slot(), None)


def test_only_the_one_in_use_and_the_one_before_stay(packs: Packs) -> None:
    for name in ("zero-0", "one-1", "two-2", "three-3.part"):
        packs.place(name).mkdir(parents=True)
        (packs.place(name) / "manifest.json").write_text("{}")
    packs.switch(ONE, None)
    packs.switch(TWO, None)
    packs.tidy()
    assert sorted(path.name for path in packs.folder.iterdir() if path.is_dir()) == ["one-1", "two-2"]


def test_the_log_stays_short(packs: Packs) -> None:
    for number in range(800):
        packs.note("refused", Slot(f"p-{number}", number), "because " * 10)
    found = list(log_in(packs.folder))
    assert 100 < len(found) < 500
    assert found[-1]["id"] == "p-799"


def test_a_pack_waits_until_the_hub_has_said_what_became_of_it(packs: Packs, tmp_path: Path) -> None:
    incoming = tmp_path / "incoming"
    assert unanswered(incoming, packs.folder) is None
    incoming.mkdir()
    hand_in(incoming, ONE)
    assert unanswered(incoming, packs.folder) == ONE
    packs.note(PUT_OFF, ONE, "no room")
    assert unanswered(incoming, packs.folder) == ONE
    packs.note(IN_USE, ONE)
    assert unanswered(incoming, packs.folder) is None


def test_a_request_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert handed_in(tmp_path) is None
    hand_in(tmp_path, TWO)
    assert handed_in(tmp_path) == TWO


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("default-en-1", True), ("a.b_c", True)]
    + [
        (name, False)
        for name in ("", ".", "..", "a/b", "../a", "log", "request", "a.part", "a b", "é", "a" * 101)
    ],
)
def test_an_id_is_a_plain_name(name: str, *, is_one: bool) -> None:
    assert is_id(name) is is_one
