"""What the hub hands to sync to send when there is time: one file an item, put there whole or not at all.

The file's name is the item's key, which it keeps for good: whoever gets the item twice knows it by that.
Kinds stand in the order of their worth; when there is no room, the least goes first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from edge_nlu.durable import put_whole, settle
from edge_nlu.errors import StorageError

KINDS: Final = ("count", "pairs", "wordings", "example", "report", "update", "consent")
"""What may wait, the least valuable first."""

OF_THE_HOME: Final = ("count", "pairs", "wordings", "example", "update")
"""Kinds that are made of what a home knows: nothing of it leaves that was made before the home forgot."""

LARGEST_BYTES: Final = 1 << 20
"""Of one item."""

_FOLDER: Final = "queue"
_WITHDRAWN: Final = "withdrawn"
_OFFER: Final = re.compile(r"pairs-\d{1,9}\.bin")
_OFFERED_BY: Final = re.compile(rb"""\{[^{}\n]*"home": "([0-9a-f]{32})"[^{}\n]*\}\n""")
_NAME: Final = re.compile(rf"(?P<key>[0-9a-f]{{32}})\.(?P<kind>{'|'.join(KINDS)})")


@dataclass(frozen=True, slots=True)
class Item:
    """Something that shall leave the house some time, and once."""

    key: str
    kind: str
    body: bytes


def share(outgoing: Path, keeper: Path) -> None:
    """Make the folder of what is handed out, for us and for whoever keeps another folder, and nobody else.

    Where sync runs under a user of its own, it takes and deletes there by the group of its folder, which we
    must be in.
    """
    theirs = keeper.stat() if keeper.exists() else None
    for folder in (outgoing, outgoing / _FOLDER):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if theirs is None or theirs.st_uid == os.geteuid():
            folder.chmod(0o700)
            continue
        try:
            os.chown(folder, -1, theirs.st_gid)
        except PermissionError as error:
            found = f"a user who is not in group {theirs.st_gid}, which keeps {keeper}"
            advice = "see docs/sync.md, Under its own user; until then nothing is handed to sync"
            raise StorageError(folder, found, "one who is", advice) from error
        # what is put there later is of that group, too
        folder.chmod(0o2770)


def hand_out(outgoing: Path, kind: str, body: bytes) -> str:
    """Hand an item to sync, and return its key; it is on the disk when this returns."""
    if kind not in KINDS or len(body) > LARGEST_BYTES:
        raise ValueError(f"{len(body)} bytes of kind {kind!r}, expected {LARGEST_BYTES} at most, of {KINDS}")
    key = uuid4().hex
    put_whole(outgoing / _FOLDER / f"{key}.{kind}", body)
    return key


def offer_file(epoch: int) -> str:
    """Return the name of the file in which a home offers the digests of pairs."""
    return f"pairs-{epoch}.bin"


def offers_in(outgoing: Path) -> Iterator[tuple[Path, Item | None]]:
    """Yield the files of offers, each as an item under the name drawn for it, or None where it is none."""
    for file in sorted(outgoing.glob("pairs-*.bin")):
        if _OFFER.fullmatch(file.name) and not file.is_symlink():
            with file.open("rb") as opened:
                body = opened.read(LARGEST_BYTES)
            by = _OFFERED_BY.match(body)
            yield file, Item(by[1].decode(), "pairs", body) if by else None


def withdraw(outgoing: Path) -> None:
    """Take back what was made of what the home knows, and have sync do so with what it has taken over.

    Only sync writes in its files: it sends nothing that was there before the sign changed that is left here.
    """
    handed = (file for kind in OF_THE_HOME for file in (outgoing / _FOLDER).glob(f"*.{kind}*"))
    # also what was cut off half written
    for file in (*outgoing.glob("pairs-*"), *handed):
        delete(file)
    put_whole(outgoing / _WITHDRAWN, uuid4().hex.encode())


def sign_of(outgoing: Path) -> str:
    """Return a sign that is another one each time something was taken back; "" if nothing ever was."""
    try:
        return (outgoing / _WITHDRAWN).read_text()
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        advice = "see docs/sync.md, Under its own user; until then nothing is sent"
        raise StorageError(outgoing / _WITHDRAWN, str(error), "a file that sync may read", advice) from error


def handed_out(outgoing: Path) -> Iterator[Item]:
    """Yield the items that the hub has handed out, the oldest first."""
    folder = outgoing / _FOLDER
    files = [path for path in folder.iterdir() if not path.is_symlink()] if folder.is_dir() else []
    for path in sorted(files, key=lambda path: path.stat().st_mtime_ns):
        if named := _NAME.fullmatch(path.name):
            with path.open("rb") as file:
                yield Item(named["key"], named["kind"], file.read(LARGEST_BYTES))


def taken(outgoing: Path, item: Item) -> None:
    """Delete an item that somebody else now answers for."""
    delete(outgoing / _FOLDER / f"{item.key}.{item.kind}")


def delete(file: Path) -> None:
    """Delete a file for good."""
    file.unlink(missing_ok=True)
    settle(file.parent)
