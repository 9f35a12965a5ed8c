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
class Choices:
    """Where to ask, whom to trust, where things lie, and how much of them there may be."""

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
        paths = {one.name for one in fields(cls) if one.type == "Path"}
        return cls(**found | {name: Path(found[name]) for name in paths})

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
