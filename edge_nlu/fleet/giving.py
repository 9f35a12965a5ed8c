"""Give a head that homes have trained back to them: a pack with the head in it, signed with what it cost."""

from __future__ import annotations

from pathlib import Path

from edge_nlu.errors import EdgeNluError
from edge_nlu.fleet.repacked import repacked
from edge_nlu.fleet.repo import Repo, releases_in
from edge_nlu.learning.fitting import Arrays
from edge_nlu.models.heads import file_of
from edge_nlu.models.pack import Pack
from edge_nlu.wire.releases import Release, Spent
from edge_nlu.wire.rounds import Task


def made(pack: Pack, task: Task, arrays: Arrays, place: Path) -> Pack:
    """Return a pack that has these numbers of the task's head, and all else from another pack."""
    name, body = file_of(task.head, task.names, arrays)
    return repacked(pack.folder, place, {name: body})


def give(repo: Path, keys: Path, pack: Pack, made: Pack, spent: Spent, percent: int) -> Release:
    """Sign a pack with another head for a share of the hubs, and let hubs see it.

    It is signed with what the head has cost, and what all heads had cost that were there before: those are
    in it, or it goes on from them.
    """
    known = {one.pack: one for one in releases_in(repo)}
    if pack.id not in known:
        raise EdgeNluError(
            f"pack {pack.id}: found none of this id in {repo}, expected the one that homes have; add it first"
        )
    open_repo = Repo(repo, keys)
    before = known[pack.id]
    privacy = spent + before.privacy if before.privacy is not None else spent
    base = before.base or before.pack
    release, _ = open_repo.add(made.folder, percent=percent, base=base, privacy=privacy)
    open_repo.publish()
    return release
