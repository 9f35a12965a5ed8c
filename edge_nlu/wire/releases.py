"""What the fleet signs about a pack, and what of it a hub may take.

A release is a pack with a number that only grows, so that an old one cannot be passed off as new. Every
file of the pack is a target of its own: what a hub has already is not fetched again, so a new head costs no
more than the head. A release of the role `heads` exchanges small files of a pack that the role `models`
signed; whoever holds that key can neither exchange the network nor the words that it reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final, NamedTuple

from edge_nlu.errors import UpdateRefusedError

MODELS: Final = "models"
HEADS: Final = "heads"
ROLES: Final = (MODELS, HEADS)
MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
LARGEST_MANIFEST: Final = 65_536
LARGEST_HEADS: Final = 512_000
"""Bytes that a release of heads may exchange; a network does not fit in."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class PackFile(NamedTuple):
    """A file of a pack, as its manifest has it."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What each home that took part has paid in privacy for the heads of a pack, and in how many rounds.

    Where rounds are `unpromised`, nothing bounds what those tell about a home.
    """

    epsilon: float
    delta: float
    rounds: int
    unit: str = "home"
    unpromised: int = 0

    def __add__(self, other: Spent) -> Spent:
        """Return what a home has paid that took part in both."""
        return Spent(
            self.epsilon + other.epsilon,
            self.delta + other.delta,
            self.rounds + other.rounds,
            self.unit,
            self.unpromised + other.unpromised,
        )

    def custom(self) -> dict[str, Any]:
        """Return what is signed about it; fractions stand there as text, since no others can be signed."""
        return {**asdict(self), "epsilon": str(self.epsilon), "delta": str(self.delta)}

    @classmethod
    def from_custom(cls, pack: str, found: Any) -> Spent | None:
        """Return what was signed about it, or None where nothing was."""
        if found is None:
            return None
        try:
            epsilon, delta = float(found["epsilon"]), float(found["delta"])
            unpromised = int(found.get("unpromised", 0))
            spent = cls(epsilon, delta, int(found["rounds"]), str(found["unit"]), unpromised)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
            expected = "epsilon, delta, rounds and unit"
            raise UpdateRefusedError(f"release {pack}, privacy", repr(found)[:80], expected) from error
        return spent


@dataclass(frozen=True, slots=True)
class Release:
    """A pack that the fleet gives away, to how many hubs, and for which; and what homes paid for its head."""

    pack: str
    number: int
    role: str = MODELS
    percent: int = 100
    locale: str = ""
    format: int = FORMAT
    boards: tuple[str, ...] = ()
    base: str = ""
    manifest: str = ""
    privacy: Spent | None = None

    @property
    def target(self) -> str:
        """Return the path of its manifest in the repository."""
        return target_of(self.role, self.pack, MANIFEST)

    def custom(self) -> dict[str, Any]:
        """Return what is signed with the manifest about the release."""
        told = {
            name: value for name, value in asdict(self).items() if name not in ("pack", "role", "manifest")
        }
        return {**told, "privacy": self.privacy.custom() if self.privacy is not None else None}

    @classmethod
    def from_custom(cls, role: str, pack: str, custom: Any, manifest: str) -> Release:
        """Return the release that was signed with a manifest; unknown fields are for later versions."""
        expected = "number, percent, locale, format, boards and base of a release"
        if not isinstance(custom, Mapping):
            raise UpdateRefusedError(f"release {pack}", repr(custom)[:80], expected)
        kinds = {"number": int, "percent": int, "locale": str, "format": int, "boards": list, "base": str}
        found: dict[str, Any] = {name: custom.get(name) for name in kinds}
        if any(type(found[name]) is not kind for name, kind in kinds.items()) or found["number"] < 1:
            raise UpdateRefusedError(f"release {pack}", repr(found)[:80], expected)
        found["boards"] = tuple(map(str, found["boards"]))
        privacy = Spent.from_custom(pack, custom.get("privacy"))
        return cls(pack=pack, role=role, manifest=manifest, privacy=privacy, **found)

    def is_for(self, hub: str, board: str, locale: str) -> str:
        """Return why a hub does not take it, or "" where it does."""
        if self.format != FORMAT:
            return f"made for format {self.format}, this version reads {FORMAT}"
        if self.locale != locale:
            return f"made for {self.locale}, the pack in use is {locale}"
        if self.boards and board not in self.boards:
            return f"made for {', '.join(self.boards)}, this is {board or 'no board that the settings name'}"
        if self.percent <= share_of(hub, self.pack):
            return f"given to {self.percent} of 100 hubs so far, this one is not among them"
        return ""


def share_of(hub: str, pack: str) -> int:
    """Return from 0 to 99 how late a hub gets a pack; another hub is among the first each time."""
    return int.from_bytes(sha256(f"{hub} {pack}".encode()).digest()[:8], "big") % 100


def target_of(role: str, pack: str, name: str) -> str:
    """Return the path of a file of a pack in the repository."""
    return f"{role}/{pack}/{name}"


def files_in(pack: str, manifest: bytes) -> dict[str, PackFile]:
    """Return the files that a manifest names; raise `UpdateRefusedError` where it is none for this pack."""
    what = f"{MANIFEST} of {pack}"
    try:
        read = json.loads(manifest)
        named = {name: PackFile(one["size_bytes"], one["sha256"]) for name, one in read["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UpdateRefusedError(
            what, f"{type(error).__name__}: {error}", "files with size and sha256"
        ) from error
    if read.get("id") != pack:
        raise UpdateRefusedError(what, f"the id {read.get('id')!r}", pack)
    for name, file in named.items():
        sound = type(file.size_bytes) is int and file.size_bytes >= 0 and isinstance(file.sha256, str)
        if not sound or not _SHA256.fullmatch(file.sha256) or not _PLAIN.fullmatch(name) or name == MANIFEST:
            raise UpdateRefusedError(what, f"{name!r}: {file}", "a plain name with size_bytes and sha256")
    return named


def exchanged(files: Mapping[str, PackFile], base: Mapping[str, PackFile]) -> dict[str, PackFile]:
    """Return the files that are not those of another pack."""
    have = {file.sha256 for file in base.values()}
    return {name: file for name, file in files.items() if file.sha256 not in have}


def check_heads(release: Release, manifest: bytes, base: bytes) -> None:
    """Raise `UpdateRefusedError` if a release of heads exchanges more than heads."""
    files, before = files_in(release.pack, manifest), files_in(release.base, base)
    new = exchanged(files, before)
    size = sum(file.size_bytes for file in new.values())
    kept = _large(json.loads(base)) & new.keys()
    if kept or size > LARGEST_HEADS:
        found = f"another {', '.join(sorted(kept))}" if kept else f"{size} bytes of new files"
        raise UpdateRefusedError(
            f"release {release.number} of heads", found, f"small files beside those of {release.base}"
        )


def _large(manifest: Mapping[str, Any]) -> set[str]:
    """Return the files that only the role `models` may exchange: the network, and the words that it reads."""
    return {str(manifest.get("encoder")), "vocabulary.txt"}


def newest(releases: Iterable[Release]) -> list[Release]:
    """Return releases, the newest first."""
    return sorted(releases, key=lambda release: -release.number)
