"""Follow a recipe stage by stage, from data to a verified pack with its card.

Every stage leaves its results in the work folder and then a note that it is done, with a checksum
of the recipe and of the data. A run that was killed, or whose disk was full, goes on with the first
stage that has no such note; a changed recipe starts again.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Sequence
from pathlib import Path

from edge_nlu.errors import EdgeNluError
from edge_nlu_export import stages
from edge_nlu_export.files import write_text
from edge_nlu_export.work import Work

STAGES = (
    "vocabulary", "prepare", "teach", "label", "tutor", "attune", "meanings", "distil", "embed",
    "onnx", "quantize", "pack", "verify", "card",
)  # fmt: skip


LEFTOVERS = {
    "prepare": ("prepare.pt",),
    "teach": ("teacher-*.pt", "teacher-*/*.pt"),
    "tutor": ("tutor/*.pt",),
    "attune": ("attune.pt",),
    "distil": ("distil.pt",),
    "embed": ("embed.pt",),
}
"""What a stage that was killed goes on from."""


class DiskFullError(EdgeNluError):
    """The disk filled up while a pack was made; what was finished is kept."""

    def __init__(self, folder: Path, stage: str) -> None:
        super().__init__(
            f"no space left on the disk of {folder} in stage {stage}; free some space and run the same "
            f"command again: it goes on with this stage"
        )


def follow(work: Work, names: Sequence[str], *, again: bool = False) -> None:
    """Run those stages that are not done yet, each followed by a note that it is."""
    work.folder.mkdir(parents=True, exist_ok=True)
    made_of = work.fingerprint()
    begun = time.monotonic()
    for number, stage in enumerate(names, 1):
        done, started = work.folder / f"{stage}.done", work.folder / f"{stage}.begun"
        if not again and _says(done, made_of):
            work.say(f"[{number}/{len(names)}] {stage}: done before")
            continue
        work.say(f"[{number}/{len(names)}] {stage}")
        try:
            if again or not _says(started, made_of):
                _start_over(work.folder, stage)
            write_text(started, made_of)
            _forget(work.folder, STAGES[STAGES.index(stage) + 1 :])
            getattr(stages, stage)(work)
            write_text(done, made_of)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise DiskFullError(work.folder, stage) from error
            raise
    work.say(f"all done in {(time.monotonic() - begun) / 60:.1f} min")


def _says(note: Path, made_of: str) -> bool:
    return note.exists() and note.read_text(encoding="utf-8") == made_of


def _forget(folder: Path, later: Sequence[str]) -> None:
    """Remove the notes of later stages: what they made came of what is made anew."""
    for stage in later:
        (folder / f"{stage}.done").unlink(missing_ok=True)
        (folder / f"{stage}.begun").unlink(missing_ok=True)


def _start_over(folder: Path, stage: str) -> None:
    """Remove what an earlier try of a stage left, made by another recipe or of other data."""
    for pattern in LEFTOVERS.get(stage, ()):
        for path in sorted(folder.glob(pattern), reverse=True):
            path.unlink()
