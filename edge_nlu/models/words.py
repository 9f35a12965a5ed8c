"""Cut a sentence into words and each word into the numbers that the model reads.

A word is read twice: as pieces of a known vocabulary, which carry what it means, and as hashed
groups of three letters, which survive a typing error and give rare names a face. Both are looked
up once per word and remembered, since homes say the same words again and again.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

MAX_WORDS = 64
PIECES = 4
GRAMS = 10
KERNEL = 5
_REMEMBERED = 2048
_LONGEST_WORD = 32
_PUNCTUATION = r"!-/:-@\[-`{-~\u00a1-\u00bf\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u303f\uff00-\uff0f"
_IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(
    r"\d{1,12}(?:[.,:]\d{1,12})*"
    r"|['\u2019](?i:s|m|re|ll|ve|d|t)\b"
    rf"|[{_IDEOGRAPHS}]"
    rf"|[^\s\d{_PUNCTUATION}{_IDEOGRAPHS}\x00-\x20\x7f]+"
    rf"|[{_PUNCTUATION}]"
)


class Word(NamedTuple):
    """Where a word stands in the sentence, and the word itself."""

    start: int
    end: int
    text: str


def split_words(text: str, limit: int = MAX_WORDS) -> tuple[list[Word], bool]:
    """Return the words of a sentence, at most `limit`, and whether some were left out."""
    words: list[Word] = []
    for match in _WORD.finditer(text):
        if len(words) == limit:
            return words, True
        words.append(Word(match.start(), match.end(), match[0]))
    return words, False


def plain(word: str) -> str:
    """Return the word in lower case without accents, as the vocabulary spells it."""
    lowered = word[:_LONGEST_WORD].lower().replace("\u2019", "'")
    if lowered.isascii():
        return lowered
    return "".join(
        char for char in unicodedata.normalize("NFD", lowered) if unicodedata.category(char) != "Mn"
    )


@lru_cache(maxsize=MAX_WORDS + 1)
def word_windows(count: int) -> npt.NDArray[np.int32]:
    """Return for each of `count` words the numbers of itself and its neighbours, from 1; 0 is no word."""
    windows = np.arange(1, count + 1)[:, None] + np.arange(-(KERNEL // 2), KERNEL // 2 + 1)
    return np.where((windows < 1) | (windows > count), 0, windows).astype(np.int32)


class WordReader:
    """Turns words into rows of feature numbers: pieces first, then letter groups, padded with 0.

    Number 0 is nothing, 1 to `len(pieces)` are pieces in their order, the rest are letter groups. Of the
    pieces only checksums are kept, in order: a dictionary of their spellings would cost 2 MB more.
    """

    def __init__(self, pieces: Iterable[str], buckets: int) -> None:
        sums = np.fromiter((crc32(piece.encode()) for piece in pieces), np.uint32)
        order = np.argsort(sums, kind="stable")
        self._sums = array("I", sums[order].tobytes())
        self._numbers = array("I", (order + 1).astype(np.uint32).tobytes())
        self.buckets = buckets
        self.rows = 1 + len(sums) + buckets
        self._known: dict[str, bytes] = {}

    def features(self, word: str) -> tuple[int, ...]:
        """Return the feature numbers of one word, `PIECES + GRAMS` of them."""
        return tuple(np.frombuffer(self._row(word), np.int32).tolist())

    def sentence(self, words: Iterable[str]) -> npt.NDArray[np.int32]:
        """Return the feature numbers of a sentence, one row a word."""
        # joining bytes takes a tenth of the time that numpy needs for lists of numbers
        rows = b"".join([self._row(word) for word in words])
        return np.frombuffer(rows, np.int32).reshape(-1, PIECES + GRAMS)

    def _row(self, word: str) -> bytes:
        row = self._known.get(word)
        if row is None:
            row = array("i", self._read(plain(word))).tobytes()
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            if len(word) <= _LONGEST_WORD:
                self._known[word] = row
        return row

    def pieces(self, word: str) -> list[int]:
        """Return the numbers of the longest known pieces that spell the word, left to right."""
        found: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                number = self._number(word[start:end] if start == 0 else "##" + word[start:end])
                if number:
                    found.append(number)
                    start = end
                    break
            else:
                start += 1  # a letter that the vocabulary does not have says nothing
        return found

    def _number(self, piece: str) -> int:
        """Return the number of a piece, 0 if the vocabulary does not have it."""
        checksum = crc32(piece.encode("utf-8", "surrogatepass"))
        at = bisect_left(self._sums, checksum)
        return self._numbers[at] if at < len(self._sums) and self._sums[at] == checksum else 0

    def _read(self, word: str) -> tuple[int, ...]:
        pieces = self.pieces(word)[:PIECES]
        edged = f"<{word}>"
        first = self.rows - self.buckets
        # half of a broken pair of code units is a letter like any other
        grams = [
            first + crc32(edged[at : at + 3].encode("utf-8", "surrogatepass")) % self.buckets
            for at in range(min(GRAMS, len(edged) - 2))
        ]
        return (*pieces, *(0,) * (PIECES - len(pieces)), *grams, *(0,) * (GRAMS - len(grams)))
