"""Heads that homes train together, as a pack holds them: used where they fit, refused by name where not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from edge_nlu.errors import PackError
from edge_nlu.hub.assemble import home, use_pack
from edge_nlu.hub.settings import Settings
from edge_nlu.hub.trying import tried
from edge_nlu.interfaces import Understander
from edge_nlu.learning.arrays import packed
from edge_nlu.learning.fitting import Arrays
from edge_nlu.learning.head import AS_READ, Head, classes_of
from edge_nlu.models.heads import (
    FILES,
    HEAD,
    WEIGHTS,
    arrays_of,
    check_heads,
    default_weights,
    file_of,
    head_of,
    names_of,
    weights_of,
)
from edge_nlu.models.pack import Pack
from edge_nlu.models.ranker import RANKER
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.values import Clause, Understanding, Utterance
from edge_nlu_bench.updates.packs import make

DEFAULT = Pack.open(Pack.default_path())
CLASSES = classes_of(DEFAULT.labels.wishes)
NOW = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)


def with_files(folder: Path, **files: bytes) -> Understander:
    """Return what reads with the default pack and these files besides."""
    for name, body in files.items():
        (folder / name).write_bytes(body)
    for name in set(DEFAULT.files) - set(files):
        (folder / name).symlink_to(DEFAULT.folder / name)
    sizes = {**DEFAULT.files, **{name: len(body) for name, body in files.items()}}
    reader: Understander = SimpleNamespace(pack=replace(DEFAULT, folder=folder, files=sizes))
    return reader


def layer(*, shape: tuple[int, int] = (len(CLASSES), DEFAULT.labels.embedding), value: float = 0.0) -> Arrays:
    return [np.full(shape, value, np.float32), np.zeros(shape[0], np.float32)]


def head_file(**changed: object) -> bytes:
    weights, bias = layer()
    return packed({"meant": np.array(CLASSES), "weights": weights, "bias": bias, **changed})


def test_the_classes_are_as_read_and_the_wishes_of_the_pack_that_mean_something() -> None:
    assert CLASSES[0] == AS_READ
    assert {"on.power", "raise.volume", "lock.lock"} < set(CLASSES)
    assert not any(one.startswith(("none.", "undo.", "same.")) for one in CLASSES)


@pytest.mark.parametrize("head", FILES)
def test_what_a_server_writes_is_what_a_hub_reads(tmp_path: Path, head: str) -> None:
    reader = with_files(tmp_path)
    names, arrays = names_of(head, reader), arrays_of(head, reader)
    assert len(names) == len(arrays[0])
    moved = [array + np.float32(0.25) for array in arrays]
    file, body = file_of(head, names, moved)
    (tmp_path / "new").mkdir()
    again = with_files(tmp_path / "new", **{file: body})
    assert names_of(head, again) == names
    assert all(
        np.allclose(one, other, atol=1e-4) for one, other in zip(arrays_of(head, again), moved, strict=True)
    )
    check_heads(again)


def test_numbers_that_change_nothing_are_what_training_begins_with(tmp_path: Path) -> None:
    reader = with_files(tmp_path)
    assert head_of(reader) is None
    assert weights_of(reader) == default_weights()
    assert not any(array.any() for array in arrays_of("intent", reader))
    (tmp_path / "new").mkdir()
    head = head_of(with_files(tmp_path / "new", **dict([file_of("intent", CLASSES, layer())])))
    assert head is not None
    read = said_to_be("on", "power")
    assert head.reread(read) is read


def test_weights_of_a_pack_stand_in_for_those_that_come_along(tmp_path: Path) -> None:
    found = weights_of(with_files(tmp_path, **{WEIGHTS: b'{"named": 3.5}'}))
    assert found == {**default_weights(), "named": 3.5}


@pytest.mark.parametrize(
    ("file", "body", "found"),
    [
        pytest.param(HEAD, head_file()[:999], "BadZipFile", id="cut off"),
        pytest.param(HEAD, bytes(600_000), "too large", id="too large"),
        pytest.param(HEAD, head_file(meant=np.array(CLASSES[::-1])), "classes", id="other classes"),
        pytest.param(HEAD, head_file(meant=np.array(["", "open.safe"])), "2 classes", id="few classes"),
        pytest.param(HEAD, head_file(weights=layer(shape=(len(CLASSES), 5))[0]), "5.", id="other width"),
        pytest.param(HEAD, head_file(weights=layer(value=np.nan)[0]), "endless", id="no numbers"),
        pytest.param(HEAD, head_file(weights=layer(value=1e9)[0]), "beyond", id="huge numbers"),
        pytest.param(HEAD, head_file(bias=np.array([None] * len(CLASSES), object)), "pickle", id="a program"),
        pytest.param(HEAD, packed({"meant": np.array(CLASSES)}), "weights", id="parts missing"),
        pytest.param(WEIGHTS, b'{"named": NaN}', "that are none", id="no weight"),
        pytest.param(WEIGHTS, b'{"naemd": 1}', "'naemd' is no evidence", id="unknown evidence"),
        pytest.param(WEIGHTS, b"[1, 2]", "attribute", id="no names"),
        pytest.param(WEIGHTS, b"[" * 100_000, "recursion", id="deep"),
        pytest.param(RANKER, b'{"weights": {"name": Infinity}, "needed": 0}', "endless", id="endless ranker"),
    ],
)
def test_a_broken_head_is_refused_by_name(tmp_path: Path, file: str, body: bytes, found: str) -> None:
    with pytest.raises(PackError, match=f"{file} that cannot be used .*{found}"):
        check_heads(with_files(tmp_path, **{file: body}))


def test_a_pack_with_a_broken_head_is_not_let_in(tmp_path: Path) -> None:
    put: Callable[[Path], object] = lambda folder: (folder / HEAD).write_bytes(b"no head")  # noqa: E731
    made = make(tmp_path / "broken-1", put)
    found = tried(made, tmp_path / "place", "")
    assert not found["later"]
    assert HEAD in found["why"]


def said_to_be(want: str, prop: str) -> Understanding:
    embedding = np.zeros(DEFAULT.labels.embedding, "<f4")
    embedding[0] = 1.0
    return Understanding("", (), 1.0, (), (Clause(0, 0, want, prop, confidence=0.5),), embedding.tobytes())


def test_the_fleets_head_is_asked_where_the_homes_own_has_nothing_to_say(tmp_path: Path) -> None:
    fleet, own = layer(), layer()
    fleet[0][CLASSES.index("off.power")] = 9.0
    own[0][CLASSES.index("open.position")] = 9.0
    memory = HomeMemory(SqliteJournal(None))
    read, said = said_to_be("raise", "brightness"), Utterance("u1", "", NOW, "")
    assert memory.reread(read, said) is read
    memory.read_with(None, head_of(with_files(tmp_path, **dict([file_of("intent", CLASSES, fleet)]))))
    assert memory.reread(read, said).clauses[0].want == "off"
    memory.heads = {"": Head(CLASSES, *own)}
    assert memory.reread(read, said).clauses[0].want == "open"


def test_a_hub_goes_by_the_heads_of_the_pack_that_it_reads_with(tmp_path: Path) -> None:
    fleet = layer()
    fleet[0][CLASSES.index("off.power")] = 9.0
    (tmp_path / "before").mkdir()
    (tmp_path / "now").mkdir()
    before = with_files(tmp_path / "before", **dict([file_of("intent", CLASSES, fleet)]))
    now = with_files(tmp_path / "now", **{WEIGHTS: b'{"named": 3.5}'})
    context, journal, weights = home(Settings()), SqliteJournal(None), dict[str, float]()
    memory, read = HomeMemory(journal), said_to_be("raise", "brightness")
    use_pack(before, context, journal, memory, weights)
    assert memory.reread(read, Utterance("u1", "", NOW, "")).clauses[0].want == "off"
    assert weights == default_weights()
    use_pack(now, context, journal, memory, weights)
    assert memory.reread(read, Utterance("u1", "", NOW, "")) is read
    assert weights["named"] == 3.5
