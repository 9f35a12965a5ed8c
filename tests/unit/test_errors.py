"""An error says which thing, what was found, what was expected and what to do now, and keeps the data."""

from pathlib import Path

import pytest

from edge_nlu.errors import (
    DataError,
    EdgeNluError,
    ExtraMissingError,
    PackDamagedError,
    PackError,
    PackForeignError,
    PackMissingError,
    PackRefusedError,
    SettingsError,
    StorageError,
    require,
)

PACK = Path("packs/home-en-3")
ERRORS = [
    (
        SettingsError("hub.port", found="'no'", expected="a number from 1 to 65535"),
        "setting hub.port: found 'no', expected a number from 1 to 65535; change it and start again",
    ),
    (
        ExtraMissingError("torch", extra="export"),
        "torch is not installed, and this needs it; run `pip install 'edge-nlu[export]'`",
    ),
    (
        PackMissingError(PACK),
        "model pack packs/home-en-3: found no manifest.json there, expected the folder of a pack; "
        "name one with --pack",
    ),
    (
        PackDamagedError(PACK, "labels.json", expected="a" * 64, found="b" * 64),
        "model pack home-en-3: labels.json is damaged: found sha256 bbbbbbbbbbbb, manifest says "
        "sha256 aaaaaaaaaaaa; fetch the pack again",
    ),
    (
        PackForeignError(PACK, found="format 9", expected="format 1"),
        "model pack home-en-3: found format 9, expected format 1; use a pack made for this version of "
        "edge-nlu, or update edge-nlu",
    ),
    (
        PackRefusedError(PACK, "size", found="5.1 MB", limit="at most 4.0 MB"),
        "model pack home-en-3: broke the promise 'size': found 5.1 MB, limit at most 4.0 MB; do not "
        "release it: use the pack before it, or make this one better",
    ),
    (
        StorageError(Path("journal.sqlite3"), "the disk full", "room to write", "make room"),
        "journal.sqlite3: found the disk full, expected room to write; make room",
    ),
    (
        DataError(Path("said.jsonl"), 7, problem="no text", expected="a sentence"),
        "said.jsonl, line 7: no text; expected a sentence; mend it and run the command again",
    ),
    (
        DataError(Path("said.jsonl"), 0, problem="no such file", expected="a .jsonl file"),
        "said.jsonl: no such file; expected a .jsonl file; mend it and run the command again",
    ),
]


@pytest.mark.parametrize(("error", "sentence"), ERRORS, ids=lambda value: type(value).__name__)
def test_an_error_reads_as_one_sentence(error: EdgeNluError, sentence: str) -> None:
    assert str(error) == sentence


def test_every_error_of_a_pack_can_be_handled_as_one() -> None:
    kinds = (PackMissingError, PackDamagedError, PackForeignError, PackRefusedError)
    assert all(issubclass(kind, PackError) and issubclass(kind, EdgeNluError) for kind in kinds)


def test_an_error_keeps_what_it_was_told() -> None:
    error = DataError(Path("said.jsonl"), 7, problem="no text", expected="a sentence")
    assert (error.file, error.line, error.problem) == (Path("said.jsonl"), 7, "no text")


def test_a_library_that_is_there_is_not_asked_for() -> None:
    require("json", extra="export")


def test_a_library_that_is_not_there_is_named_with_its_extra() -> None:
    with pytest.raises(ExtraMissingError, match=r"edge-nlu\[export\]"):
        require("json", "no_such_library", extra="export")
