"""Know by which lessons a head is judged on the server: none of any home, and none that homes learn from.

For what is meant, a pack's own promises say at least what must stay as it is read; sentences of the owner's
with what they mean say what should be learned, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edge_nlu.errors import DataError, EdgeNluError
from edge_nlu.interfaces import Understander
from edge_nlu.learning.fitting import Lessons
from edge_nlu.learning.head import AS_READ, SCALE
from edge_nlu.models.golden import read_golden
from edge_nlu.models.pack import GOLDEN, Pack
from edge_nlu.wire.lessons import lessons_in


def golden_lessons(
    head: str, names: tuple[str, ...], pack: Pack, reader: Understander, found: Path | None
) -> Lessons:
    """Return the lessons in a folder, or those that the sentences of a file make, beside the promises."""
    if found is not None and found.is_dir():
        named, lessons = lessons_in(found, pack.id).get(head, ((), None))
        if lessons is None or named != names:
            raise EdgeNluError(
                f"{found}: found no lessons for {head} of {pack.id}, expected examples-{head}-{pack.id}.npz"
            )
        return lessons
    if head != "intent":
        raise EdgeNluError(
            f"golden lessons for {head}: found none, expected a folder of them; the setting `golden` names it"
        )
    rows = [*_promised(pack, reader), *(_meant(found, names, reader) if found is not None else ())]
    inputs = np.frombuffer(b"".join(embedding for embedding, _ in rows), "<f4").reshape(len(rows), -1)
    return Lessons(inputs * np.float32(SCALE), np.array([names.index(meant) for _, meant in rows]))


def _promised(pack: Pack, reader: Understander) -> Iterator[tuple[bytes, str]]:
    """Yield the embeddings of sentences with one wish that a pack promises to read rightly."""
    for promise in read_golden(pack.folder / GOLDEN):
        if len(promise.clauses) == 1:
            yield reader.understand(promise.text).taught, AS_READ


def _meant(file: Path, names: tuple[str, ...], reader: Understander) -> Iterator[tuple[bytes, str]]:
    """Yield the embeddings of sentences with one wish, and what each means if it is read otherwise."""
    expected = '{"text": ..., "meant": "on.power"}, with a wish that the pack knows'
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        try:
            told = json.loads(line)
            text, meant = str(told["text"]), str(told["meant"])
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(file, number, f"found {line[:60]!r}", expected) from error
        if meant not in names:
            raise DataError(file, number, f"found the wish {meant!r}", expected)
        read = reader.understand(text)
        if len(read.clauses) == 1:
            clause = read.clauses[0]
            yield read.taught, AS_READ if f"{clause.want}.{clause.property}" == meant else meant
