"""A pack is used as a whole or not at all; what is wrong with it is told with the file and the reason."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.errors import PackDamagedError, PackError, PackForeignError, PackMissingError
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import LABELS, MANIFEST, VOCABULARY, Pack
from edge_nlu_bench.updates.packs import seal

ENCODER = "encoder.onnx"
FILES = (ENCODER, VOCABULARY, LABELS)


@pytest.fixture
def pack(toy_pack: Path, tmp_path: Path) -> Path:
    """The toy pack, to be damaged."""
    return Path(shutil.copytree(toy_pack, tmp_path / "toy-1"))


def rewrite_labels(pack: Path, **changed: Any) -> None:
    labels = json.loads((pack / LABELS).read_text()) | changed
    (pack / LABELS).write_text(json.dumps(labels))
    seal(pack)


def test_a_whole_pack_opens(pack: Path) -> None:
    opened = Pack.open(pack)
    assert (opened.id, opened.locale, opened.encoder) == ("toy-1", "en", ENCODER)
    assert list(opened.pieces()) == ["on", "off", "lamp", "and", "not"]
    assert opened.size_bytes == sum((pack / name).stat().st_size for name in FILES)
    assert opened.info()["labels"]["wants"] == ("on", "off")


def test_the_default_pack_lies_within_the_package() -> None:
    assert Pack.default_path().parent.name == "edge_nlu"


@pytest.mark.parametrize("name", ["nowhere", "not\0even a name"])
def test_there_is_no_pack_at_that_place(tmp_path: Path, name: str) -> None:
    with pytest.raises(PackError, match=r"manifest\.json"):
        Pack.open(tmp_path / name)


def test_a_file_is_no_pack(pack: Path) -> None:
    with pytest.raises(PackMissingError):
        Pack.open(pack / LABELS)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(pack: Path, name: str) -> None:
    (pack / name).unlink()
    with pytest.raises(PackDamagedError, match=f"{name} is damaged: found No such file") as refused:
        Pack.open(pack)
    assert (refused.value.file, refused.value.pack) == (name, pack)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kept", [0, 1, -1], ids=["emptied", "nearly emptied", "last byte lost"])
def test_a_file_cut_short_is_named(pack: Path, name: str, kept: int) -> None:
    data = (pack / name).read_bytes()
    (pack / name).write_bytes(data[:kept])
    with pytest.raises(PackDamagedError, match=f"{name} .*{len(data)} bytes"):
        Pack.open(pack)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", [0, 1, -1], ids=["first byte", "second byte", "last byte"])
def test_one_changed_bit_is_noticed(pack: Path, name: str, place: int) -> None:
    data = bytearray((pack / name).read_bytes())
    data[place] ^= 1
    (pack / name).write_bytes(data)
    with pytest.raises(PackDamagedError, match=f"{name} .*sha256"):
        Pack.open(pack)


def test_two_files_exchanged_are_noticed(pack: Path) -> None:
    (pack / LABELS).rename(pack / "aside")
    (pack / VOCABULARY).rename(pack / LABELS)
    (pack / "aside").rename(pack / VOCABULARY)
    with pytest.raises(PackDamagedError):
        Pack.open(pack)


def test_a_folder_in_place_of_a_file_is_named(pack: Path) -> None:
    (pack / VOCABULARY).unlink()
    (pack / VOCABULARY).mkdir()
    with pytest.raises(PackDamagedError, match=VOCABULARY):
        Pack.open(pack)


@pytest.mark.parametrize(
    "written",
    [b"", b"{", b"\xff\xfe\x00", b'{"format": 1', b"[" * 100_000, b"9" * 10_000, b"\0"],
    ids=["empty", "cut short", "no text", "not closed", "endlessly deep", "a huge number", "NUL"],
)
def test_a_manifest_that_is_not_json_is_damaged(pack: Path, written: bytes) -> None:
    (pack / MANIFEST).write_bytes(written)
    with pytest.raises(PackDamagedError, match=r"manifest\.json is damaged"):
        Pack.open(pack)


@pytest.mark.parametrize("written", ["[]", "null", "1", '"pack"', "{}", '{"format": 2}', '{"format": "1"}'])
def test_a_manifest_of_another_format_is_foreign(pack: Path, written: str) -> None:
    (pack / MANIFEST).write_text(written)
    with pytest.raises(PackForeignError, match="expected format 1"):
        Pack.open(pack)


@pytest.mark.parametrize("field", ["id", "locale", "encoder", "buckets", "files"])
@pytest.mark.parametrize("value", [None, 1.5, True, ["on"]], ids=repr)
def test_a_field_of_the_wrong_type_is_named(pack: Path, field: str, value: Any) -> None:
    seal(pack, **{field: value})
    with pytest.raises(PackForeignError, match=f"found {field} = "):
        Pack.open(pack)


@pytest.mark.parametrize("buckets", [0, -1])
def test_letter_groups_need_somewhere_to_go(pack: Path, buckets: int) -> None:
    seal(pack, buckets=buckets)
    with pytest.raises(PackForeignError, match="buckets"):
        Pack.open(pack)


@pytest.mark.parametrize(
    "name",
    ["../x", "..", ".", "", "/etc/hostname", "a/b", "./labels.json", "a\0b", "\ud800", "a\nb"],
    ids=ascii,
)
def test_a_file_name_never_leads_out_of_the_pack(pack: Path, name: str) -> None:
    manifest = json.loads((pack / MANIFEST).read_text())
    manifest["files"][name] = {"size_bytes": 1, "sha256": "0" * 64}
    (pack / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(PackForeignError, match="a plain name"):
        Pack.open(pack)


@pytest.mark.parametrize(
    "entry",
    [
        None,
        "sha256",
        {},
        {"size_bytes": 1},
        {"sha256": "0"},
        {"size_bytes": "1", "sha256": "0"},
        {"size_bytes": 1, "sha256": 0},
    ],
    ids=repr,
)
def test_a_file_without_size_and_checksum_is_foreign(pack: Path, entry: Any) -> None:
    seal(pack, files={LABELS: entry})
    with pytest.raises(PackForeignError, match=LABELS):
        Pack.open(pack)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_the_manifest_does_not_list_is_not_used(pack: Path, name: str) -> None:
    files = json.loads((pack / MANIFEST).read_text())["files"]
    del files[name]
    seal(pack, files=files)
    with pytest.raises(PackDamagedError, match=f"{name} is damaged: found not listed"):
        Pack.open(pack)


@pytest.mark.parametrize("name", ["../encoder.onnx", "other.onnx", "", MANIFEST])
def test_the_network_is_one_of_the_listed_files(pack: Path, name: str) -> None:
    seal(pack, encoder=name)
    with pytest.raises(PackDamagedError, match="not listed"):
        Pack.open(pack)


@pytest.mark.parametrize(
    "written", ["", "[]", "null", '"on"', '{"moods": []}', '{"wants": ["on"]}', "[" * 100_000, '{"slots": 3}']
)
def test_labels_of_another_version_are_refused(pack: Path, written: str) -> None:
    (pack / LABELS).write_text(written)
    seal(pack)
    with pytest.raises(PackForeignError, match=r"labels\.json that cannot be used"):
        Pack.open(pack)


@pytest.mark.parametrize("name", [LABELS, VOCABULARY])
def test_a_file_that_is_no_text_is_refused(pack: Path, name: str) -> None:
    (pack / name).write_bytes(b"\xff\xfe")
    seal(pack)
    with pytest.raises(PackDamagedError, match=name):
        Encoder(Pack.open(pack))


@pytest.mark.parametrize(
    "changed",
    [
        {"intents": ["lights_on", "lights_off", "alarm_set"]},
        {"home_slots": []},
        {"wants": [], "properties": []},
        {"embedding": 3},
    ],
    ids=["one intent more", "no slots at home", "no wishes", "a longer embedding"],
)
def test_labels_of_another_pack_do_not_fit_the_network(pack: Path, changed: dict[str, Any]) -> None:
    rewrite_labels(pack, **changed)
    with pytest.raises(PackForeignError, match=f"{ENCODER} with answers"):
        Encoder(Pack.open(pack))


def test_a_vocabulary_of_another_pack_does_not_fit_the_network(pack: Path) -> None:
    (pack / VOCABULARY).write_text("on\noff\n")
    seal(pack)
    with pytest.raises(PackForeignError, match="made for 7 features"):
        Encoder(Pack.open(pack))


@pytest.mark.parametrize("written", [b"", b"no network", b"\x08\x08"])
def test_what_is_no_network_is_refused(pack: Path, written: bytes) -> None:
    (pack / ENCODER).write_bytes(written)
    seal(pack)
    with pytest.raises(PackForeignError, match=f"{ENCODER} that does not load"):
        Encoder(Pack.open(pack))


@pytest.mark.parametrize(
    ("old", "new"),
    [("windows", "nothing"), ("features", "numbers"), ("sentence", "says")],
    ids=["other neighbours", "other features", "other answers"],
)
def test_a_network_of_another_kind_is_refused(pack: Path, old: str, new: str) -> None:
    import onnx

    model = onnx.load(pack / ENCODER)
    for value in (*model.graph.input, *model.graph.output):
        value.name = new if value.name == old else value.name
    for node in model.graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]
    onnx.save(model, pack / ENCODER)
    seal(pack)
    with pytest.raises(PackForeignError, match=f"{ENCODER} that does not run"):
        Encoder(Pack.open(pack))
