"""What the sync process is told about its hub; it reads no settings file, where secrets may stand."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from edge_nlu.errors import SettingsError

DATABASE, TRUST, PARTS, LOCK = "sync.sqlite3", "trust", "parts", "sync.lock"


@dataclass(frozen=True, slots=True)
class Federated:
    """Whose rounds to take part in, by which certificate, with which heads, and at what cost at most."""

    server: str
    ca: Path
    certificate: Path
    key: Path
    heads: tuple[str, ...]
    every_s: float = 900.0
    keep_s: float = 30 * 86_400.0
    most_epsilon: float = 2.0
    most_delta: float = 1e-3


@dataclass(frozen=True, slots=True)
class Shown:
    """The certificate by which a fleet knows this hub, its key, and the one of who signed the fleet's."""

    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Choices:
    """Where to ask, whom to trust, where things lie, and how much of them there may be.

    What leaves for the inbox may cost, with all runs of training, `most_epsilon` and `most_delta`; an inbox
    of a fleet is `shown` a certificate.
    """

    url: str
    root: Path
    folder: Path
    packs: Path
    comes_along: Path
    board: str = ""
    every_s: float = 21_600.0
    largest_bytes: int = 32 << 20
    room_bytes: int = 64 << 20
    inbox: str = ""
    shown: Shown | None = None
    most_epsilon: float = 2.0
    most_delta: float = 1e-3
    federated: Federated | None = None

    @property
    def incoming(self) -> Path:
        """Return the folder in which packs are handed to the hub."""
        return self.folder / "incoming"

    def to_json(self) -> str:
        """Return the choices as one argument of a command."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Choices:
        """Return the choices in an argument."""
        found: dict[str, Any] = json.loads(text)
        if (shown := found["shown"]) is not None:
            found["shown"] = Shown(**_with_paths(Shown, shown))
        if (told := found["federated"]) is not None:
            found["federated"] = Federated(**_with_paths(Federated, {**told, "heads": tuple(told["heads"])}))
        return cls(**_with_paths(cls, found))

    def check(self) -> None:
        """Raise a `SettingsError` where nobody could be asked, or nothing trusted."""
        for setting, url, whose in (("url", self.url, "a repository"), ("inbox", self.inbox, "an inbox")):
            if setting == "inbox" and not url:
                continue
            address = urlsplit(url)
            if address.scheme not in ("https", "http") or not address.hostname:
                expected = f"the address of {whose}, as https://packs.example/"
                raise SettingsError(f"sync.{setting}", repr(url), expected)
            if "@" in address.netloc:
                # it is written down where others may read it, and would not be used
                expected = f"none: {whose} is asked without any, and what is signed needs no secret"
                raise SettingsError(f"sync.{setting}", "a user or password", expected)
        if not self.root.is_file():
            raise SettingsError(
                "sync.root", f"no file at {self.root}", "the repository's root.json, from its owner"
            )


def _with_paths(kind: type[Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return what was read, with paths where a kind has paths."""
    return {
        one.name: Path(found[one.name]) if one.type == "Path" else found[one.name] for one in fields(kind)
    }
