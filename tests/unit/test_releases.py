"""What is signed about a pack is read with care, since keys can be stolen."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from edge_nlu.errors import UpdateRefusedError
from edge_nlu.wire.releases import Release, Spent, check_heads, files_in, newest, share_of

SUM = "a" * 64
RELEASE = Release("new-1", 3, percent=50, locale="en-US", boards=("pi-4",))


def manifest(name: str = "new-1", **files: tuple[int, str]) -> bytes:
    named = {
        file.replace("__", "."): {"size_bytes": size, "sha256": of} for file, (size, of) in files.items()
    }
    return json.dumps({"id": name, "encoder": "e.onnx", "files": named}).encode()


def test_a_release_is_read_as_it_was_signed() -> None:
    custom = json.loads(json.dumps(RELEASE.custom()))
    assert Release.from_custom("models", "new-1", {**custom, "later": 1}, "") == RELEASE


@pytest.mark.parametrize(
    "change",
    [{"number": 0}, {"number": "3"}, {"percent": None}, {"boards": "pi-4"}, {"locale": 1}, {"number": True}],
)
def test_a_release_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(UpdateRefusedError):
        Release.from_custom("models", "new-1", {**RELEASE.custom(), **change}, "")
    with pytest.raises(UpdateRefusedError):
        Release.from_custom("models", "new-1", None, "")


@pytest.mark.parametrize(
    ("release", "why"),
    [
        (Release("p", 1, locale="en-US"), ""),
        (Release("p", 1, locale="de-DE"), "made for de-DE"),
        (Release("p", 1, locale="en-US", format=2), "format 2"),
        (Release("p", 1, locale="en-US", boards=("pi-5",)), "made for pi-5"),
        (Release("p", 1, locale="en-US", percent=0), "0 of 100"),
    ],
)
def test_a_hub_knows_what_is_for_it(release: Release, why: str) -> None:
    found = release.is_for("hub", "pi-4", "en-US")
    assert (why in found) if why else found == ""


def test_hubs_are_drawn_evenly_and_others_each_time() -> None:
    early = {
        pack: {hub for hub in range(4000) if share_of(f"hub {hub}", pack) < 10} for pack in ("one", "two")
    }
    assert all(330 < len(hubs) < 470 for hubs in early.values())
    assert len(early["one"] & early["two"]) < 80


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"[]", b"{}", b'{"files": {"a": 1}}', b'{"id": "new-1", "files": {"a": {"size_bytes": 1}}}'],
)
def test_a_manifest_that_makes_no_sense_is_refused(broken: bytes) -> None:
    with pytest.raises(UpdateRefusedError):
        files_in("new-1", broken)


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "..", "manifest.json", ".hidden"])
def test_a_file_may_not_lead_elsewhere(name: str) -> None:
    told = {"id": "new-1", "files": {name: {"size_bytes": 1, "sha256": SUM}}}
    with pytest.raises(UpdateRefusedError):
        files_in("new-1", json.dumps(told).encode())


def test_a_manifest_of_another_pack_is_refused() -> None:
    with pytest.raises(UpdateRefusedError, match="the id 'old-1'"):
        files_in("new-1", manifest("old-1", labels__json=(1, SUM)))


def test_heads_exchange_small_files_only() -> None:
    release = Release("new-1", 2, "heads", base="old-1")
    base = manifest("old-1", e__onnx=(9_000_000, SUM), labels__json=(9, "b" * 64))
    check_heads(release, manifest(e__onnx=(9_000_000, SUM), labels__json=(9, "c" * 64)), base)
    with pytest.raises(UpdateRefusedError, match=r"another e\.onnx"):
        check_heads(release, manifest(e__onnx=(9, "c" * 64)), base)
    with pytest.raises(UpdateRefusedError, match="bytes of new files"):
        check_heads(release, manifest(e__onnx=(9_000_000, SUM), other__bin=(9_000_000, "d" * 64)), base)


def test_the_newest_comes_first() -> None:
    assert [one.number for one in newest([Release("a", 1), Release("b", 3), Release("c", 2)])] == [3, 2, 1]


def test_what_homes_paid_for_a_head_is_signed_with_it() -> None:
    release = replace(RELEASE, privacy=Spent(1.25, 1e-5, 20, unpromised=4))
    custom = json.loads(json.dumps(release.custom()))
    # no fraction can be signed
    assert not any(isinstance(one, float) for one in custom["privacy"].values())
    assert Release.from_custom("models", "new-1", custom, "") == release
    # as it was signed before there was that
    del custom["privacy"]["unpromised"]
    assert Release.from_custom("models", "new-1", custom, "").privacy == Spent(1.25, 1e-5, 20)
    for wrong in ("free", {"epsilon": 1.0}, {**custom["privacy"], "epsilon": "much"}):
        with pytest.raises(UpdateRefusedError, match="privacy"):
            Release.from_custom("models", "new-1", {**custom, "privacy": wrong}, "")
