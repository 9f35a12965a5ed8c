"""Keep the packs of a hub: the one in use, the one before it, and which may never come again.

Each pack lies in a folder of its own name and is never changed. Which is in use stands in a file of one
line that is replaced by rename, so at any moment there is one answer. A new pack is on trial until it has
served long enough; what was learned of it (kept, gone back, refused) stands in `log`, for whoever handed it
in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from edge_nlu.durable import ANYBODYS, PART, put_whole, settle
from edge_nlu.errors import EdgeNluError

CURRENT, PREVIOUS, TRIAL, BAD, LOG, VERDICT = "current", "previous", "trial", "bad", "log", "verdict"
IN_USE, KEPT, RETURNED, REFUSED, PUT_OFF = "in use", "kept", "returned", "refused", "put off"
INCOMING, REQUEST = "incoming", "request"
LONGEST_LOG: Final = 64_000
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slot:
    """A pack and the number of its release; without an id it is the one that comes along."""

    id: str = ""
    release: int = 0
    manifest: str = ""


COMES_ALONG: Final = Slot()


@dataclass(frozen=True, slots=True)
class Trial:
    """A pack on trial: since which exchange, how it was before, and in how many runs of a hub.

    A run that comes to its end as it should does not count: what is left are those that were cut off.
    """

    id: str
    since: int
    failed_before: int
    turns_before: int
    runs: int = 1


class Packs:
    """The packs in a folder; only the hub writes there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> Slot:
        """Return which pack is in use."""
        return _read(self.folder / CURRENT, Slot) or COMES_ALONG

    def previous(self) -> Slot:
        """Return which pack was in use before."""
        return _read(self.folder / PREVIOUS, Slot) or COMES_ALONG

    def trial(self) -> Trial | None:
        """Return the trial of the pack in use; what is left of another one counts for nothing."""
        trial = _read(self.folder / TRIAL, Trial)
        return trial if trial is not None and trial.id == self.current().id else None

    def place(self, pack: str) -> Path:
        """Return the folder of a pack."""
        return self.folder / pack

    def put(self, part: Path, slot: Slot) -> None:
        """Give a pack that was checked the place of its name."""
        place = self.place(slot.id)
        if place.exists():
            # what is there has the name but is not in use: an install that was cut off, or a damaged one
            delete(place)
        part.rename(place)
        settle(self.folder)

    def switch(self, slot: Slot, trial: Trial | None) -> None:
        """Take a pack into use, on trial if it is new."""
        self._write_trial(trial)
        self._write(PREVIOUS, asdict(self.current()))
        self._write(CURRENT, asdict(slot))

    def go_back(self, *, forever: bool) -> Slot:
        """Take the pack before into use again, and remember for good that this one is bad."""
        current, previous = self.current(), self.previous()
        if not current.id:
            raise EdgeNluError(
                "packs: found none in use but the one that comes along, expected one to go back from; "
                "nothing was changed"
            )
        if forever:
            self.remember_bad(current.manifest)
        if previous == current:
            # cut off while it was taken into use
            previous = COMES_ALONG
        self._write(CURRENT, asdict(previous))
        self._write(PREVIOUS, asdict(COMES_ALONG))
        self._write_trial(None)
        return previous

    def keep(self) -> None:
        """End the trial: the pack in use is as good as the one before."""
        self._write_trial(None)

    def started(self) -> int:
        """Count that a hub runs with the pack on trial; return in how many runs before it was cut off."""
        trial = self.trial()
        if trial is None:
            return 0
        self._write_trial(replace(trial, runs=trial.runs + 1))
        return trial.runs

    def ended(self) -> None:
        """Take note that a run came to its end as it should."""
        trial = self.trial()
        if trial is not None:
            self._write_trial(replace(trial, runs=max(trial.runs - 1, 0)))

    def is_bad(self, manifest: str) -> bool:
        """Return whether a pack failed once."""
        return manifest in bad_in(self.folder)

    def remember_bad(self, manifest: str) -> None:
        """Never try a pack again."""
        if manifest and not self.is_bad(manifest):
            _put(self.folder / BAD, *bad_in(self.folder), manifest)

    def note(self, event: str, slot: Slot, why: str = "") -> None:
        """Write into the log what was done with a pack, and why."""
        path = self.folder / LOG
        self.folder.mkdir(parents=True, exist_ok=True)
        at = datetime.now().astimezone().isoformat(timespec="seconds")
        line = json.dumps({"at": at, "event": event, **asdict(slot), "why": why}, ensure_ascii=False)
        if path.exists() and path.stat().st_size > LONGEST_LOG:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            _put(path, *lines[len(lines) // 2 :], line)
            return
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def tidy(self) -> None:
        """Delete packs that are neither in use nor the one before, and what was cut off."""
        kept = {self.current().id, self.previous().id}
        for found in self.folder.iterdir() if self.folder.is_dir() else ():
            if found.is_dir() and found.name not in kept:
                delete(found)

    def _write_trial(self, trial: Trial | None) -> None:
        if trial is None:
            (self.folder / TRIAL).unlink(missing_ok=True)
            return
        self._write(TRIAL, asdict(trial))

    def _write(self, name: str, value: dict[str, Any]) -> None:
        _put(self.folder / name, json.dumps(value))


def delete(place: Path) -> None:
    """Delete a folder of files."""
    for file in place.iterdir() if place.is_dir() else ():
        file.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        place.rmdir()


def bad_in(folder: Path) -> frozenset[str]:
    """Return the checksums of the manifests of packs that failed once."""
    try:
        return frozenset((folder / BAD).read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError):
        return frozenset()


def log_in(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what was done with packs, the earliest first."""
    with suppress(OSError):
        for line in (folder / LOG).read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError):
                yield json.loads(line)


def hand_in(incoming: Path, slot: Slot) -> None:
    """Ask the hub to take in the pack that lies beside the request."""
    _put(incoming / REQUEST, json.dumps(asdict(slot)))


def handed_in(incoming: Path) -> Slot | None:
    """Return the pack that the hub is asked to take in."""
    slot = _read(incoming / REQUEST, Slot)
    return slot if slot is not None and is_id(slot.id) else None


def unanswered(incoming: Path, packs: Path) -> Slot | None:
    """Return the pack that the hub is asked to take in, as long as it has not said what became of it."""
    slot = handed_in(incoming)
    answered = {one.get("manifest") for one in log_in(packs) if one.get("event") != PUT_OFF}
    return slot if slot is not None and slot.manifest not in answered else None


def is_id(pack: str) -> bool:
    """Return whether this can be the id of a pack that is kept under its own name."""
    taken = (CURRENT, PREVIOUS, TRIAL, BAD, LOG, VERDICT, REQUEST)
    return _ID.fullmatch(pack) is not None and pack not in taken and not pack.endswith(PART)


def _read(path: Path, kind: type[T]) -> T | None:
    """Return the value in a file of one line; None where there is none that makes sense."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        value = kind(**found)
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    wanted = {"id": str, "manifest": str}
    return value if all(type(found[name]) is wanted.get(name, int) for name in found) else None


def _put(path: Path, *lines: str) -> None:
    put_whole(path, "".join(f"{line}\n" for line in lines).encode(), ANYBODYS)
