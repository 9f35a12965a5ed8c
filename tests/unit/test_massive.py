"""MASSIVE is fetched once, and its marked sentences become slots at the right letters."""

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.errors import DataError, SettingsError
from edge_nlu.values import Slot
from edge_nlu_export.corpora import judging, labelled
from edge_nlu_export.massive import FetchError, example_from_annotation, fetch, unpack

NAME = "amazon-massive-dataset-1.1.tar.gz"


def line(
    text: str, marked: str, part: str = "train", number: int = 0, locale: str = "en-US"
) -> dict[str, Any]:
    return {
        "id": str(number), "locale": locale, "partition": part, "scenario": "alarm", "intent": "alarm_set",
        "utt": text, "annot_utt": marked, "worker_id": "1",
    }  # fmt: skip


EN = [
    line("wake me at five am", "wake me at [time : five am]", "train", 1),
    line("wake me now", "wake me [time : now]", "dev", 2),
    line("wake me never", "wake me [time : never]", "test", 3),
    line("wake me", "wake me", "train", 4),
]
JA = [line("金曜日に起こして", "[date : 金曜日] に起こして", number=1, locale="ja-JP")]


def write_archive(path: Path, **locales: list[dict[str, Any]]) -> str:
    """Write an archive as the publisher has it, and return its checksum."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, rows in {"LICENSE": [], "data/._en-US.jsonl": [], **locales}.items():
            name = name if "." in name or name == "LICENSE" else f"data/{name.replace('_', '-')}.jsonl"
            content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
            entry = tarfile.TarInfo(f"1.1/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "edge-nlu"


@pytest.mark.parametrize(
    ("text", "marked", "slots"),
    [
        pytest.param("stop", "stop", [], id="no slot"),
        pytest.param("at five am wake me", "at [time : five am] wake me", [(3, 10, "time")], id="within"),
        pytest.param("friday", "[date : friday]", [(0, 6, "date")], id="all of it"),
        pytest.param(
            "on friday at nine am", "on [date : friday] at [time : nine am]",
            [(3, 9, "date"), (13, 20, "time")], id="two",
        ),
        pytest.param("oslo rome", "[from : oslo] [to : rome]", [(0, 4, "from"), (5, 9, "to")], id="beside"),
        pytest.param("ana's lamp", "[person : ana] 's lamp", [(0, 3, "person")], id="within a word"),
        pytest.param(
            "金曜日の九時に", "[date : 金曜日] の [time : 九時] に",
            [(0, 3, "date"), (4, 6, "time")], id="no blanks",
        ),
        pytest.param(" at  five   am ", "at [time :  five am ]", [(4, 13, "time")], id="more blanks"),
        pytest.param("a [b] c", "a [b] [x : c]", [(6, 7, "x")], id="brackets that are said"),
    ],
)  # fmt: skip
def test_marks_become_slots(text: str, marked: str, slots: list[tuple[int, int, str]]) -> None:
    example = example_from_annotation(line(text, marked, number=7))
    assert (example.id, example.locale, example.intent) == ("massive-en-US-7", "en-US", "alarm_set")
    assert example.text == text.strip()
    assert example.slots == tuple(
        Slot(kind, start, end, example.text[start:end]) for start, end, kind in slots
    )


@pytest.mark.parametrize(
    ("text", "marked"),
    [("wake me", "wake [who : him]"), ("wake me", "wake [who : ] me"), ("wake", "wake me")],
)
def test_marks_that_do_not_fit_the_sentence_are_refused(text: str, marked: str) -> None:
    with pytest.raises(ValueError, match=r"wake|marks no word"):
        example_from_annotation(line(text, marked))


def test_a_recipe_learns_from_one_part_and_is_judged_by_another(cache: Path, tmp_path: Path) -> None:
    write_archive(cache / NAME, en_US=EN, ja_JP=JA)
    source = tmp_path / "data" / "massive:en-US"
    assert [e.text for e in labelled(source)] == ["wake me at five am", "wake me"]
    assert [e.text for e in judging(source)] == ["wake me now"]
    (friday,) = labelled(tmp_path / "massive:ja-JP")
    assert friday.slots == (Slot("date", 0, 3, "金曜日"),)


def test_the_archive_is_opened_once_for_each_locale(cache: Path) -> None:
    write_archive(cache / NAME, en_US=EN)
    first = labelled(Path("massive:en-US"))
    (cache / NAME).unlink()
    assert labelled(Path("massive:en-US")) == first


def test_a_locale_that_is_not_there_is_told_with_the_nearest(cache: Path) -> None:
    write_archive(cache / NAME, en_US=EN, ja_JP=JA)
    with pytest.raises(SettingsError, match=r"massive:en-UK.*expected en-US"):
        labelled(Path("massive:en-UK"))
    with pytest.raises(SettingsError, match="expected en-US, ja-JP"):
        labelled(Path("massive:xx"))


def test_a_damaged_archive_is_told(cache: Path) -> None:
    write_archive(cache / NAME, en_US=EN * 50)
    (cache / NAME).write_bytes((cache / NAME).read_bytes()[:200])
    with pytest.raises(DataError, match="cannot be read"):
        labelled(Path("massive:en-US"))
    (cache / NAME).write_bytes(b"<html>not found</html>")
    with pytest.raises(DataError, match="cannot be read"):
        labelled(Path("massive:en-US"))


def test_a_bad_line_stops_everything(cache: Path) -> None:
    write_archive(cache / NAME, en_US=[EN[0], line("wake me", "wake him")])
    with pytest.raises(DataError, match="line 2"):
        labelled(Path("massive:en-US"))


def test_an_archive_is_fetched_to_its_place(tmp_path: Path) -> None:
    published, place = tmp_path / "published.tar.gz", tmp_path / "deep" / "cache" / NAME
    sha256 = write_archive(published, en_US=EN)
    fetch(published.as_uri(), sha256, place)
    assert place.read_bytes() == published.read_bytes()
    assert [path.name for path in place.parent.iterdir()] == [NAME]
    unpack(place, "en-US", tmp_path / "en.jsonl")
    assert len((tmp_path / "en.jsonl").read_text().splitlines()) == len(EN)


def test_what_an_earlier_try_left_does_no_harm(tmp_path: Path) -> None:
    published, place = tmp_path / "published.tar.gz", tmp_path / NAME
    sha256 = write_archive(published, en_US=EN)
    (tmp_path / f"{NAME}.part").write_bytes(b"half of it")
    fetch(published.as_uri(), sha256, place)
    assert place.read_bytes() == published.read_bytes()


def test_without_a_network_it_tells_what_was_tried_and_what_to_do(tmp_path: Path) -> None:
    address, place = (tmp_path / "absent.tar.gz").as_uri(), tmp_path / NAME
    with pytest.raises(FetchError) as caught:
        fetch(address, "0" * 64, place)
    assert str(caught.value).startswith(f"cannot fetch {address}: ")
    assert str(caught.value).endswith(f"download that file by hand to {place}")
    assert not place.exists()


def test_another_file_than_the_published_one_is_refused(tmp_path: Path) -> None:
    published, place = tmp_path / "published.tar.gz", tmp_path / NAME
    published.write_bytes(gzip.compress(b"something else"))
    with pytest.raises(FetchError, match="expected 000000000000"):
        fetch(published.as_uri(), "0" * 64, place)
    assert [path.name for path in tmp_path.iterdir()] == ["published.tar.gz"]
