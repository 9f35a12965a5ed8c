"""Open a model pack: a folder whose manifest names every file with its size and checksum.

A pack is used as a whole or not at all. Whatever is missing, cut short, exchanged or made for
another version is refused here, with the file and the reason, before any of it is run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import IO, Any

from edge_nlu.errors import PackDamagedError, PackForeignError, PackMissingError
from edge_nlu.labels import Labels

# hashlib brings OpenSSL along, 3.6 MB of memory; Python's own SHA-256 is as good for a checksum
try:
    from _sha2 import sha256  # type: ignore[import-not-found]
except ImportError:
    from _sha256 import sha256  # type: ignore[import-not-found]

FORMAT = 1
MANIFEST = "manifest.json"
VOCABULARY = "vocabulary.txt"
LABELS = "labels.json"
GOLDEN = "golden.jsonl"


@dataclass(frozen=True)
class Pack:
    """A whole, checked model pack."""

    folder: Path
    id: str
    locale: str
    encoder: str
    buckets: int
    files: Mapping[str, int]
    labels: Labels

    @classmethod
    def default_path(cls) -> Path:
        """Return the folder of the pack that comes with edge-nlu."""
        return Path(__file__).parent.parent / "default_pack"

    @classmethod
    def open(cls, folder: Path) -> Pack:
        """Return the pack in a folder after checking every file of it."""
        manifest = _read_manifest(folder)
        for name, entry in manifest["files"].items():
            _check(folder, name, entry)
        for name in (manifest["encoder"], VOCABULARY, LABELS):
            if name not in manifest["files"]:
                raise PackDamagedError(folder, name, "listed among the files", "not listed")
        try:
            labels = Labels.from_json(json.loads(_read_text(folder, LABELS)))
        except (ValueError, RecursionError) as error:
            raise PackForeignError(
                folder, f"{LABELS} that cannot be used ({error})", "label groups of this version"
            ) from error
        files = {name: entry["size_bytes"] for name, entry in manifest["files"].items()}
        return cls(
            folder,
            manifest["id"],
            manifest["locale"],
            manifest["encoder"],
            manifest["buckets"],
            files,
            labels,
        )

    @property
    def size_bytes(self) -> int:
        """Return the bytes of all files that understanding needs."""
        return sum(self.files.values())

    def pieces(self) -> Iterator[str]:
        """Yield the vocabulary, in the order of its numbers; all at once it would take a megabyte more."""
        return (line.rstrip("\n") for line in StringIO(_read_text(self.folder, VOCABULARY)))

    def info(self) -> dict[str, Any]:
        """Return what the pack is and can say, as `edge-nlu pack info --json` prints it."""
        labels = {name: value for name, value in self.labels.to_json().items() if name != "seen_with"}
        return {
            "id": self.id,
            "size_bytes": self.size_bytes,
            "locale": self.locale,
            "labels": labels,
            "files": dict(self.files),
        }


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PackMissingError(folder) from error
    except (OSError, ValueError, RecursionError) as error:
        raise PackDamagedError(folder, MANIFEST, "readable as JSON", str(error)) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        found = manifest.get("format") if isinstance(manifest, dict) else type(manifest).__name__
        raise PackForeignError(folder, f"format {found!r} in {MANIFEST}", f"format {FORMAT}")
    wanted = {"id": str, "locale": str, "encoder": str, "buckets": int, "files": dict}
    for key, kind in wanted.items():
        if type(manifest.get(key)) is not kind:
            raise PackForeignError(
                folder, f"{key} = {manifest.get(key)!r} in {MANIFEST}", f"a {kind.__name__}"
            )
    if manifest["buckets"] < 1:
        raise PackForeignError(folder, f"buckets = {manifest['buckets']} in {MANIFEST}", "at least 1")
    for name, entry in manifest["files"].items():
        if not _is_plain(name) or not _is_entry(entry):
            raise PackForeignError(
                folder, f"file {name!r}: {entry!r} in {MANIFEST}", "a plain name with size_bytes and sha256"
            )
    return manifest


def _is_plain(name: str) -> bool:
    """Return whether a name stays in the folder, whatever it is made of."""
    return name not in ("", "..") and Path(name).name == name and name.isprintable()


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and type(entry.get("size_bytes")) is int
        and isinstance(entry.get("sha256"), str)
    )


def checksum(file: Path) -> str:
    """Return the checksum of a file, as manifests have them."""
    with file.open("rb") as opened:
        return _sha256(opened)


def _sha256(file: IO[bytes]) -> str:
    """Return the checksum of a file, read in pieces."""
    found = sha256()
    while piece := file.read(1 << 16):
        found.update(piece)
    return str(found.hexdigest())


def _check(folder: Path, name: str, entry: dict[str, Any]) -> None:
    try:
        with (folder / name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size != entry["size_bytes"]:
                raise PackDamagedError(folder, name, f"{entry['size_bytes']} bytes", f"{size} bytes")
            found = _sha256(file)
    except OSError as error:
        raise PackDamagedError(folder, name, f"{entry['size_bytes']} bytes", f"{error.strerror}") from error
    if found != entry["sha256"]:
        raise PackDamagedError(folder, name, entry["sha256"], found)


def _read_text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackDamagedError(folder, name, "UTF-8 text", str(error)) from error
