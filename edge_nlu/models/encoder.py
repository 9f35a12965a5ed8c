"""Run a pack: cut the sentence into words, one session call, decode.

Any text gets an answer within the time of a long sentence: words after the sixty-fourth are left
out and the understanding says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import onnxruntime as ort

from edge_nlu.errors import PackForeignError
from edge_nlu.models.pack import VOCABULARY, Pack
from edge_nlu.models.words import MAX_WORDS, WordReader, split_words, word_windows
from edge_nlu.steps.decode import Array, decode, nothing
from edge_nlu.values import Understanding

ANSWERS = ("sentence", "words")
PERSON: Final = "person"
STAND_IN: Final = "john"
"""Is read where a person is named: names that a model has seen less often would move what it understands."""

_NOTHING: Final[Mapping[int, str]] = MappingProxyType({})
# more text than this cannot hold a word that counts
_LONGEST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Session:
    """How onnxruntime is told to run a pack; what nobody chose takes the least memory."""

    threads: int = 1
    spinning: bool = False
    memory_arena: bool = False
    memory_pattern: bool = False
    prepacking: bool = True


_LEAST = Session()


class Encoder:
    """Understands sentences with one pack."""

    def __init__(self, pack: Pack, session: Session = _LEAST) -> None:
        self.pack = pack
        self._options = session
        self.open()

    def open(self) -> None:
        """Take the pack into memory."""
        self._reader = WordReader(self.pack.pieces(), self.pack.buckets)
        self._session = _opened(self.pack, self._options)
        self._check(self.pack)

    def close(self) -> None:
        """Let go of what the pack takes of memory; nothing is understood until it is opened again."""
        del self._reader, self._session

    def understand(self, text: str) -> Understanding:
        """Return what the sentence may mean; who is named in it changes nothing about what is wanted."""
        read = self.read(text)
        named = {slot.start: STAND_IN for slot in read.slots if slot.type == PERSON}
        if not named:
            return read
        alike = self.read(text, named)
        # what a wish does not hold for is not lost over it
        clauses = alike.clauses if _excluded(read) <= _excluded(alike) else read.clauses
        return replace(read, home=alike.home, clauses=clauses, unnamed=alike.embedding)

    def read(self, text: str, instead: Mapping[int, str] = _NOTHING) -> Understanding:
        """Return what the sentence may mean, read with the words that `instead` has for places in it."""
        words, truncated = split_words(text[:_LONGEST_TEXT], MAX_WORDS)
        truncated = truncated or len(text) > _LONGEST_TEXT
        if not words:
            return replace(nothing(text, self.pack.labels), truncated=truncated)
        sentence, by_word = self._answers([instead.get(word.start, word.text) for word in words])
        places = [(word.start, word.end) for word in words]
        return decode(text, places, sentence[0], by_word[0], self.pack.labels, truncated=truncated)

    def _answers(self, words: Sequence[str]) -> tuple[Array, Array]:
        """Return what the network answers for a batch of one: the sentence row and the word rows."""
        asked = {"features": self._reader.sentence(words)[None], "windows": word_windows(len(words))}
        sentence, by_word = self._session.run(ANSWERS, asked)
        return sentence, by_word

    def _check(self, pack: Pack) -> None:
        """Raise if the network was not made for this vocabulary, or does not answer as the labels need."""
        rows = self._session.get_modelmeta().custom_metadata_map.get("rows")
        if rows != str(self._reader.rows):
            raise PackForeignError(
                pack.folder,
                f"{pack.encoder} made for {rows} features",
                f"{self._reader.rows} as {VOCABULARY} gives",
            )
        tried = ["on", "off"]
        try:
            answers = self._answers(tried)
        except Exception as error:
            raise PackForeignError(
                pack.folder, f"{pack.encoder} that does not run ({error})", "one for features and windows"
            ) from error
        found = dict(zip(ANSWERS, (answer.shape for answer in answers), strict=True))
        wanted = {
            "sentence": (1, pack.labels.sentence_width),
            "words": (1, len(tried), pack.labels.word_width),
        }
        if found != wanted:
            raise PackForeignError(
                pack.folder, f"{pack.encoder} with answers {found}", f"{wanted} for its labels"
            )


def _excluded(read: Understanding) -> set[int]:
    return {slot.start for clause in read.clauses for slot in clause.slots if slot.excluded}


def _opened(pack: Pack, session: Session) -> Any:
    options = ort.SessionOptions()
    options.intra_op_num_threads = session.threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = session.memory_arena
    options.enable_mem_pattern = session.memory_pattern
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(session.spinning)))
    options.add_session_config_entry("session.disable_prepacking", str(int(not session.prepacking)))
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(
            str(pack.folder / pack.encoder),
            options,
            providers=["CPUExecutionProvider"],
            # an addition and a normalization in one take three times as long as one after the other
            disabled_optimizers=["SkipLayerNormFusion"],
        )
    except Exception as error:
        raise PackForeignError(
            pack.folder, f"{pack.encoder} that does not load ({error})", "a network onnxruntime can run"
        ) from error
