"""Read the sentences of the study, as the embeddings that a hub would train with, and divide them.

Which sentences are public, which are at homes and which are for choosing settings is told by the hash of
their ids, so it is the same in every run and for everybody. What judges is another file that nothing is
chosen by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from edge_nlu.errors import DataError, SettingsError
from edge_nlu.learning.fitting import Array, Lessons
from edge_nlu.learning.head import SCALE
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.examples import read_examples
from edge_nlu.models.pack import Pack

CORPUS: Final = "massive/en-US"

CHOOSING_PERCENT: Final = 15
"""So many of the sentences of the training file choose settings; those not public are said at homes."""

ASKING: Final = "what what's whats who who's when where why how which is are do does did will was has have"
"""With these a question begins."""

_OPENINGS: Final = {
    "asks": ASKING,
    "polite": "please can could would may i i'd i'm let let's",
    "calls": "olly hey okay ok hi hello alexa",
}
_LONG: Final = 7


Rows: TypeAlias = npt.NDArray[np.signedinteger[Any]]


class Sentences(NamedTuple):
    """What there is to learn, in which manner each was said, and in which words."""

    lessons: Lessons
    styles: npt.NDArray[np.int64]
    texts: Sequence[str]

    def at(self, rows: Rows) -> Sentences:
        """Return the sentences in these rows."""
        return Sentences(chosen(self.lessons, rows), self.styles[rows], [self.texts[row] for row in rows])


class Corpus(NamedTuple):
    """All sentences of the study; `choosing` judges settings, `test` judges what came of them."""

    intents: Sequence[str]
    public: Sentences
    homes: Sentences
    choosing: Sentences
    test: Sentences


def read(folder: Path, *, public_percent: int = 5, most: int | None = None) -> Corpus:
    """Return the sentences of MASSIVE en-US, at most so many of each file, embedded by the shipped pack."""
    train, dev = (_rows(folder / CORPUS / f"{part}.jsonl.gz", most) for part in ("train", "dev"))
    intents = sorted({intent for _, _, intent in train})
    encoder = Encoder(Pack.open(Pack.default_path()))
    known, tried = (_read(rows, intents, encoder) for rows in (train, dev))
    drawn = np.array([_percent(name) for name, _, _ in train])
    public = drawn < public_percent
    choosing = drawn >= 100 - CHOOSING_PERCENT
    at_home, at_public, to_choose = (
        known.at(np.flatnonzero(part)) for part in (~public & ~choosing, public, choosing)
    )
    return Corpus(intents, at_public, at_home, to_choose, tried)


def chosen(lessons: Lessons, rows: Rows) -> Lessons:
    """Return the lessons in these rows, in their order."""
    return Lessons(lessons.inputs[rows], lessons.wanted[rows])


def together(*parts: Sentences) -> Sentences:
    """Return the sentences of all parts as one."""
    lessons = Lessons(
        np.concatenate([part.lessons.inputs for part in parts]),
        np.concatenate([part.lessons.wanted for part in parts]),
    )
    styles = np.concatenate([part.styles for part in parts])
    return Sentences(lessons, styles, [text for part in parts for text in part.texts])


def embedded(texts: Iterable[str], encoder: Encoder) -> Array:
    """Return what a head is told of these sentences."""
    read = b"".join(encoder.understand(text).taught for text in texts)
    return np.frombuffer(read, "<f4").reshape(-1, encoder.pack.labels.embedding) * np.float32(SCALE)


def style(text: str) -> int:
    """Return in which of eight manners something is said: the opening, and whether it is long."""
    words = text.split()
    opening = next((at for at, these in enumerate(_OPENINGS.values(), 1) if words[0] in these.split()), 0)
    return 2 * opening + (len(words) >= _LONG)


STYLES: Final = 2 * (len(_OPENINGS) + 1)


def _rows(path: Path, most: int | None) -> list[tuple[str, str, str]]:
    if not path.is_file():
        raise SettingsError("--data", f"no file {path.name} in {path.parent}", "the folder of the corpora")
    examples = read_examples(path)[:most]
    rows = [(one.id, one.text, one.intent) for one in examples if one.intent is not None]
    if len(rows) < len(examples):
        raise DataError(path, 0, "a sentence without an intent", "sentences with intents")
    return rows


def _read(rows: Sequence[tuple[str, str, str]], intents: Sequence[str], encoder: Encoder) -> Sentences:
    known = {intent: number for number, intent in enumerate(intents)}
    rows = [row for row in rows if row[2] in known]
    texts = [text for _, text, _ in rows]
    wanted = np.array([known[intent] for _, _, intent in rows], np.int64)
    styles = np.array([style(text) for text in texts], np.int64)
    return Sentences(Lessons(embedded(texts, encoder), wanted), styles, texts)


def _percent(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % 100
