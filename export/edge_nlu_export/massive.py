"""MASSIVE straight from its publisher, for a recipe that names `massive:en-US` as a source.

The archive of all languages is fetched once into the cache folder, checked, and never changed after.
Its slots are written into the sentence, `wake me at [time : five am]`, with blanks that some languages
do not have around words, so every slot is found again in the sentence as it was said. Only the parts
`train` and `dev` are ever read.
"""

from __future__ import annotations

import difflib
import errno
import hashlib
import http.client
import json
import os
import re
import shutil
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge_nlu.durable import ANYBODYS, PART, whole
from edge_nlu.errors import DataError, EdgeNluError, SettingsError
from edge_nlu.values import Example, Slot

ADDRESS = "https://amazon-massive-nlu-dataset.s3.amazonaws.com/amazon-massive-dataset-1.1.tar.gz"
SHA256 = "4cba5faa11c71437928e17cb1b9b3d8b8e727e7ea363a3a9a8045e19c0491577"
TIMEOUT_S = 30
_SOURCE = "massive:"
_MARK = re.compile(r"\[\s*(\w+)\s*:([^\[\]]*)\]")


class FetchError(EdgeNluError):
    """Something that a recipe needs could not be fetched."""

    def __init__(self, address: str, place: Path, problem: str) -> None:
        super().__init__(
            f"cannot fetch {address}: {problem}; run the same command again when there is a network, "
            f"or download that file by hand to {place}"
        )
        self.address = address
        self.place = place
        self.problem = problem


def locale_of(source: Path) -> str:
    """Return the locale that a source like `massive:en-US` names, or nothing for any other source."""
    return source.name.removeprefix(_SOURCE) if source.name.startswith(_SOURCE) else ""


def read_massive(locale: str, part: str) -> list[Example]:
    """Return the sentences of one locale's part, `train` or `dev`; fetch the archive unless it is there."""
    path = _cache() / f"massive-1.1-{locale}.jsonl"
    if not path.exists():
        archive = _cache() / ADDRESS.rpartition("/")[2]
        if not archive.exists():
            fetch(ADDRESS, SHA256, archive)
        unpack(archive, locale, path)
    return list(_examples(path, part))


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edge-nlu"


def fetch(address: str, sha256: str, place: Path) -> None:
    """Fetch a file to its place, going on where an earlier try was cut off."""
    beside = place.with_name(place.name + PART)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _download(address, beside)
    except (OSError, http.client.HTTPException) as error:
        if getattr(error, "errno", None) == errno.ENOSPC:
            raise
        raise FetchError(address, place, str(error) or type(error).__name__) from error
    with beside.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        beside.unlink()
        raise FetchError(address, place, f"found sha256 {found[:12]}, expected {sha256[:12]}")
    beside.replace(place)


def _download(address: str, beside: Path) -> None:
    there = beside.stat().st_size if beside.exists() else 0
    wanted = urllib.request.Request(address, headers={"Range": f"bytes={there}-"} if there else {})
    try:
        response = urllib.request.urlopen(wanted, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # all of it was there already
        raise
    with response, beside.open("ab" if response.status == http.client.PARTIAL_CONTENT else "wb") as file:
        promised = file.tell() + int(response.headers.get("Content-Length", 0))
        shutil.copyfileobj(response, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
        if file.tell() < promised:
            raise ConnectionError(f"the connection ended {promised - file.tell()} bytes too early")


def unpack(archive: Path, locale: str, path: Path) -> None:
    """Write one locale's lines of the archive to a file of their own; raise SettingsError if it has none."""
    ends = []
    try:
        with tarfile.open(archive) as opened:
            for member in opened:
                folder, _, name = member.name.rpartition("/")
                if not folder.endswith("data") or not member.isfile() or name.startswith("."):
                    continue
                if name == f"{locale}.jsonl" and (lines := opened.extractfile(member)):
                    with lines, whole(path, ANYBODYS) as file:
                        shutil.copyfileobj(lines, file)
                    return
                ends.append(name.removesuffix(".jsonl"))
    except (tarfile.TarError, EOFError, OSError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC:
            raise
        raise DataError(
            archive, 0, f"cannot be read ({error})", "the archive as its publisher has it; delete it"
        ) from error
    near = difflib.get_close_matches(locale, ends, 1)
    raise SettingsError(
        f"{_SOURCE}{locale}", "a locale that MASSIVE lacks", near[0] if near else ", ".join(ends)
    )


def _examples(path: Path, part: str) -> Iterator[Example]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                if row["partition"] == part:
                    yield example_from_annotation(row)
            except (KeyError, TypeError, ValueError) as error:
                raise DataError(path, number, str(error), "a line of MASSIVE; delete the file") from error


def example_from_annotation(row: dict[str, Any]) -> Example:
    """Return the sentence of one line of MASSIVE; raise ValueError where marks and sentence differ."""
    text = str(row["utt"]).strip()
    name = f"massive-{row['locale']}-{row['id']}"
    return Example(name, row["locale"], text, row["intent"], tuple(_slots(text, row["annot_utt"])))


def _slots(text: str, annotated: str) -> Iterator[Slot]:
    """Find the marked words in the sentence by counting letters, since only blanks may differ."""
    letters = [place for place, char in enumerate(text) if not char.isspace()]
    said = _MARK.sub(lambda mark: mark[2], annotated)
    if "".join(said.split()) != "".join(text.split()):
        raise ValueError(f"{annotated!r} does not say {text!r}")
    before = at = 0
    for mark in _MARK.finditer(annotated):
        first = before + _letters(annotated[at : mark.start()])
        before, at = first + _letters(mark[2]), mark.end()
        if first == before:
            raise ValueError(f"{mark[0]!r} marks no word")
        start, end = letters[first], letters[before - 1] + 1
        yield Slot(mark[1], start, end, text[start:end])


def _letters(text: str) -> int:
    return len("".join(text.split()))
