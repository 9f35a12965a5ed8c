"""Find out what the repository gives away, and fetch a pack of it, sure that it is what was signed.

The Update Framework says whom to believe: the root of trust that came with this hub vouches for the keys of
all others, and is always begun with, so a damaged copy of it heals. What is found is handed to the hub,
which tries it and may refuse it; here nothing is run, only compared with checksums.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from tuf.api.exceptions import (
    DownloadError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    RepositoryError,
)
from tuf.api.metadata import Metadata
from tuf.ngclient import Updater, UpdaterConfig

from edge_nlu.durable import PART, settle
from edge_nlu.errors import StorageError, UnreachableError, UpdateRefusedError
from edge_nlu.storage.packs import Slot, delete, hand_in, is_id
from edge_nlu.sync.choices import PARTS, TRUST, Choices
from edge_nlu.sync.fetch import ResumingFetcher
from edge_nlu.wire.releases import (
    HEADS,
    LARGEST_MANIFEST,
    MANIFEST,
    MODELS,
    ROLES,
    PackFile,
    Release,
    check_heads,
    files_in,
    newest,
    target_of,
)

LARGEST: Final = UpdaterConfig(
    root_max_length=100_000, snapshot_max_length=500_000, targets_max_length=2_000_000, max_delegations=8
)


class Repository:
    """The repository as it can be believed now; a new object for each look."""

    def __init__(self, choices: Choices, sleep: Callable[[float], None] = time.sleep) -> None:
        self._choices = choices
        self._url = choices.url.rstrip("/")
        targets = f"{self._url}/targets/"
        self._fetcher = ResumingFetcher(choices.folder / PARTS, lambda url: url.startswith(targets), sleep)
        trust = choices.folder / TRUST
        with self._errors():
            trust.mkdir(parents=True, exist_ok=True)
            root = _root(choices.root)
            self._updater = Updater(
                str(trust),
                f"{self._url}/metadata/",
                target_base_url=targets,
                fetcher=self._fetcher,
                config=LARGEST,
                bootstrap=root,
            )

    @property
    def received_bytes(self) -> int:
        """Return how much came over the network."""
        return self._fetcher.received_bytes

    def close(self) -> None:
        """Close what is still open."""
        self._fetcher.close()

    def releases(self) -> list[Release]:
        """Return what the repository gives away, the newest first."""
        with self._errors():
            self._updater.refresh()
            return newest(release for role in ROLES for release in self._signed_by(role))

    def fetch(self, release: Release) -> Path:
        """Fetch a pack into the folder for what is handed to the hub, and return its place."""
        with self._errors():
            place = self._choices.incoming / release.pack
            part = place.with_name(release.pack + PART)
            part.mkdir(parents=True, exist_ok=True)
            manifest = self._manifest(release.role, release.pack, part / MANIFEST)
            files = files_in(release.pack, manifest)
            self._check_room(release, files)
            base = self._base(release, manifest) if release.role == HEADS else {}
            have = dict(self._at_hand())
            for name, file in files.items():
                if not _copied(have.get(file.sha256), part / name, file):
                    whose = (MODELS, release.base) if file in base.values() else (release.role, release.pack)
                    self._target(target_of(*whose, _name_in(base, file) or name), file, part / name)
            for found in part.iterdir():
                if found.name not in (*files, MANIFEST):
                    found.unlink()
                else:
                    settle(found)
            settle(part)
            if place.exists():
                delete(place)
            part.rename(place)
            settle(place.parent)
            delete(self._choices.folder / PARTS)
            return place

    def _signed_by(self, role: str) -> Iterator[Release]:
        """Yield the releases of a role; the file read here was checked and written a moment ago."""
        self._updater.get_targetinfo(target_of(role, "-", MANIFEST))
        known = self._choices.folder / TRUST / f"{role}.json"
        if not known.is_file():
            return
        for target, told in json.loads(known.read_bytes())["signed"]["targets"].items():
            signed_role, _, rest = target.partition("/")
            pack, _, name = rest.partition("/")
            # what a role names outside its own paths is none of its business
            if signed_role == role and name == MANIFEST and is_id(pack):
                yield Release.from_custom(role, pack, told.get("custom"), str(told["hashes"].get("sha256")))

    def _manifest(self, role: str, pack: str, place: Path) -> bytes:
        info = self._info(target_of(role, pack, MANIFEST))
        if info.length > LARGEST_MANIFEST:
            raise UpdateRefusedError(
                f"{MANIFEST} of {pack}", f"{info.length} bytes", f"{LARGEST_MANIFEST} at most"
            )
        if self._updater.find_cached_target(info, str(place)) is None:
            self._updater.download_target(info, str(place))
        return place.read_bytes()

    def _base(self, release: Release, manifest: bytes) -> dict[str, PackFile]:
        """Return the files of the pack that heads go with, if they exchange nothing else."""
        place = self._choices.folder / PARTS / f"{release.base}.{MANIFEST}"
        base = self._manifest(MODELS, release.base, place)
        check_heads(release, manifest, base)
        return files_in(release.base, base)

    def _target(self, path: str, file: PackFile, place: Path) -> None:
        info = self._info(path)
        if (info.length, info.hashes.get("sha256")) != file:
            raise UpdateRefusedError(
                path, f"{info.length} bytes, {info.hashes}", f"{file}, as the manifest says"
            )
        if self._updater.find_cached_target(info, str(place)) is None:
            self._updater.download_target(info, str(place))

    def _info(self, path: str) -> Any:
        info = self._updater.get_targetinfo(path)
        if info is None:
            raise UpdateRefusedError(path, "no such target", "one that its role may sign, and did")
        return info

    def _check_room(self, release: Release, files: dict[str, PackFile]) -> None:
        """Raise if a pack is too large, for this hub or for its disk."""
        size = sum(file.size_bytes for file in files.values())
        if size > self._choices.largest_bytes:
            most = f"{self._choices.largest_bytes} at most; sync.largest_mb says so"
            raise UpdateRefusedError(f"pack {release.pack}", f"{size} bytes", most)
        # a file is there twice for a moment, and the hub makes a copy of its own
        needed = 3 * size + self._choices.room_bytes
        free = shutil.disk_usage(self._choices.folder).free
        if free < needed:
            raise StorageError(
                self._choices.folder,
                f"{free >> 20} MB free",
                f"{needed >> 20} MB for pack {release.pack}",
                "make room on the disk; it is tried again by itself",
            )

    def _at_hand(self) -> Iterator[tuple[str, Path]]:
        """Yield the files of packs that are on this disk already, by checksum."""
        own, theirs = self._choices.incoming, self._choices.packs
        for folder in (self._choices.comes_along, *_folders(theirs), *_folders(own)):
            if folder.name.endswith(PART):
                continue
            try:
                manifest = (folder / MANIFEST).read_bytes()
                named = files_in(str(json.loads(manifest).get("id")), manifest)
            except (OSError, ValueError, AttributeError, UpdateRefusedError):
                continue
            yield from ((file.sha256, folder / name) for name, file in named.items())

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn errors of the framework and of the disk into ours."""
        try:
            yield
        except ExpiredMetadataError as error:
            expected = "a repository that somebody still signs, and a clock that is right"
            raise UpdateRefusedError(self._url, str(error), expected) from error
        except (RepositoryError, DownloadLengthMismatchError) as error:
            found = f"{type(error).__name__}: {error}"
            raise UpdateRefusedError(self._url, found, "what its keys have signed") from error
        except DownloadError as error:
            raise UnreachableError(self._url, str(error)) from error
        except OSError as error:
            advice = (
                "make room on the disk, and look at the rights of the folder; it is tried again by itself"
            )
            raise StorageError(
                self._choices.folder, str(error), "files that can be written", advice
            ) from error


def chosen(
    releases: Iterable[Release], in_use: Slot, bad: frozenset[str], takes: Callable[[Release], str]
) -> Release | None:
    """Return the newest release that this hub should have, or None if it has that."""
    for release in newest(releases):
        if release.number <= in_use.release:
            return None
        if release.manifest not in bad and not takes(release):
            return release
    return None


def give(choices: Choices, release: Release) -> None:
    """Ask the hub to take in a pack that was fetched, and no other one any more."""
    hand_in(choices.incoming, Slot(release.pack, release.number, release.manifest))
    for other in _folders(choices.incoming):
        if other.name != release.pack:
            delete(other)


def told_by(pack: Path, what: str) -> str:
    """Return what a pack says of itself, as its `id` or `locale`, or "" where it cannot be told."""
    try:
        return str(json.loads((pack / MANIFEST).read_bytes())[what])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def checksum_of(pack: Path) -> str:
    """Return the checksum by which releases of a pack are known, or "" where there is none."""
    try:
        return sha256((pack / MANIFEST).read_bytes()).hexdigest()
    except OSError:
        return ""


def _root(path: Path) -> bytes:
    """Return the root of trust; raise where the file that the settings name is none."""
    try:
        data = path.read_bytes()
        found = str(Metadata.from_bytes(data).signed.type)
    except (OSError, RepositoryError) as error:
        found = str(error)
    if found != "root":
        expected = "the repository's root.json, from its owner"
        raise UpdateRefusedError(f"setting sync.root: {path}", found, expected)
    return data


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(found for found in folder.iterdir() if found.is_dir())
    except OSError:
        return []


def _name_in(base: dict[str, PackFile], file: PackFile) -> str:
    """Return the name that a file has in another pack."""
    return next((name for name, other in base.items() if other == file), "")


def _copied(source: Path | None, place: Path, file: PackFile) -> bool:
    """Copy a file that is at hand, and return whether it is the one that was meant."""
    if source is None or place.exists():
        return False
    checksum = sha256()
    try:
        with source.open("rb") as read, place.open("wb") as written:
            while piece := read.read(1 << 16):
                checksum.update(piece)
                written.write(piece)
            size = written.tell()
    except OSError:
        place.unlink(missing_ok=True)
        return False
    if PackFile(size, checksum.hexdigest()) == file:
        return True
    place.unlink()
    return False
