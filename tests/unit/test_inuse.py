"""Sentences on which a new pack breaks count against it, though nothing of them is written down."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edge_nlu.errors import PackMissingError
from edge_nlu.hub.admission import Admission
from edge_nlu.hub.inuse import InUse
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.packs import Packs, Slot, Trial
from edge_nlu.values import Understanding


class Broken:
    """A pack that breaks on every sentence."""

    pack = SimpleNamespace(id="broken-1")

    def understand(self, _: str) -> Understanding:
        raise RuntimeError("a network that cannot be run")

    def close(self) -> None:
        self.closed = True

    def open(self) -> None:
        self.closed = False


def an_encoder(of: object = None) -> Any:
    return of or Broken()


def test_what_goes_by_a_pack_is_told_when_it_is_another() -> None:
    in_use, told = InUse(an_encoder()), []
    in_use.changed.append(lambda: told.append(in_use.pack.id))
    with pytest.raises(RuntimeError):
        in_use.understand("turn on the lamp")
    assert in_use.broken == 1
    in_use.use(lambda: an_encoder(SimpleNamespace(pack=SimpleNamespace(id="good-2"))))
    assert (told, in_use.broken) == (["good-2"], 0)


def test_the_pack_before_is_let_go_first_and_read_with_again_where_no_other_can_be_opened() -> None:
    before, told = Broken(), []
    in_use = InUse(an_encoder(before))
    in_use.changed.append(lambda: told.append(in_use.pack.id))

    def opening() -> Any:
        assert before.closed
        raise PackMissingError(Path("packs/good-2"))

    with pytest.raises(PackMissingError):
        in_use.use(opening)
    assert not before.closed
    assert (told, in_use.pack.id) == ([], "broken-1")


def test_a_pack_that_breaks_on_sentences_is_left(tmp_path: Path) -> None:
    packs = Packs(tmp_path / "packs")
    slot = Slot("broken-1", 1, "1" * 64)
    packs.switch(slot, Trial("broken-1", 0, 0, 100))
    in_use = InUse(an_encoder())
    admission = Admission(
        *(packs, tmp_path / "incoming", in_use, SqliteJournal(None), an_encoder, tmp_path),
        board="",
        trial_turns=60,
    )
    for _ in range(5):
        assert packs.current() == slot
        with pytest.raises(RuntimeError):
            in_use.understand("turn on the lamp")
        admission.work()
    assert packs.current() == Slot()
    assert packs.is_bad(slot.manifest)
