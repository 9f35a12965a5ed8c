"""A fleet with its repository and keys, a server in front of it, and the sync of one hub."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge_nlu.fleet.repo import Repo
from edge_nlu.models.pack import Pack
from edge_nlu.storage.packs import handed_in
from edge_nlu.sync.choices import Choices
from edge_nlu.sync.rounds import Round, Rounds
from edge_nlu.sync.state import State
from edge_nlu.wire.releases import Release
from edge_nlu_bench.updates.packs import Change, make, small
from edge_nlu_bench.updates.server import Server


class World:
    """All of it in one folder; `now` is the clock of the hub."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder = folder
        self.repo = Repo(folder / "repo", folder / "keys")
        self.repo.init()
        self.server = server
        self.now = time.time
        self.choices = Choices(
            url=server.url,
            root=folder / "root.json",
            folder=folder / "state",
            packs=folder / "state" / "packs",
            comes_along=Pack.default_path(),
            room_bytes=0,
        )
        # what a hub is given once, by a way that can be trusted
        shutil.copy(folder / "repo" / "root.json", self.choices.root)

    @property
    def metadata(self) -> Path:
        """Return the folder of what was signed."""
        return self.folder / "repo" / "metadata"

    def pack(self, name: str, change: Change = small) -> Path:
        """Return a new pack."""
        return make(self.folder / "made" / name, change)

    def give(self, name: str, change: Change = small, **how: Any) -> Release:
        """Make a pack, sign it, and let hubs see it."""
        release, _ = self.repo.add(self.pack(name, change), **how)
        self.repo.publish()
        return release

    def look(self, **how: Any) -> Round:
        """Let the hub look once; between tries it does not wait."""
        state = State(self.choices.folder)
        try:
            return Rounds(self.choices, state, now=self.now, sleep=lambda _: None).look(**how)
        finally:
            state.close()

    def waiting(self) -> str:
        """Return the id of the pack that the hub is asked to take in; all of it must be there."""
        slot = handed_in(self.choices.incoming)
        if slot is None:
            return ""
        return Pack.open(self.choices.incoming / slot.id).id

    def keep(self) -> Path:
        """Keep what is given away now, as somebody would who wants to show it again later."""
        kept = self.folder / f"kept-{time.monotonic_ns()}"
        shutil.copytree(self.folder / "repo", kept)
        return kept

    def show(self, kept: Path) -> None:
        """Give away what was kept."""
        shutil.rmtree(self.folder / "repo")
        shutil.copytree(kept, self.folder / "repo")

    def choose(self, **other: Any) -> None:
        """Change what the hub's sync is told."""
        self.choices = replace(self.choices, **other)


@contextmanager
def world_in(folder: Path) -> Iterator[World]:
    """Yield a world that gives nothing away yet."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Server(folder / "repo")
    try:
        yield World(folder, server)
    finally:
        server.close()
