"""Spoil a sentence the way fingers and speech recognisers do: by one error, and no more.

A finger slips within a word of three letters or more. An ear gets wrong what it is known to get
wrong: the likelier a word of the sentence is to be misheard at all, the likelier it is the one.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from edge_nlu.errors import DataError
from edge_nlu_bench.sources import gzipped_rows

_KEY_ROWS = (("qwertyuiop", 0.0), ("asdfghjkl", 0.25), ("zxcvbnm", 0.75))
_REACH = 1.3  # in widths of a key: the keys that touch, and none behind them
_TYPED_WORD = re.compile(r"[^\W\d_]{3,}")
_SPOKEN_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_NO_SPELLING = "unk"  # what the recogniser wrote for a word that it has no spelling for


def with_typing_error(text: str, rng: random.Random) -> str:
    """Return the text with one typing error in a word of three letters or more, if it has one."""
    words = list(_TYPED_WORD.finditer(text))
    if not words:
        return text
    word = rng.choice(words)
    (slip,) = rng.choices([slip for slip, _ in _SLIPS], [often for _, often in _SLIPS])
    # what cannot happen to this word is a letter left out: that can happen to any
    return slip(text, word.start(), word.end(), rng) or _left_out(text, word.start(), word.end(), rng)


def _left_out(text: str, start: int, end: int, rng: random.Random) -> str:
    at = rng.randrange(start, end)
    return text[:at] + text[at + 1 :]


def _doubled(text: str, start: int, end: int, rng: random.Random) -> str:
    at = rng.randrange(start, end)
    return text[:at] + text[at] + text[at:]


def _swapped(text: str, start: int, end: int, rng: random.Random) -> str | None:
    places = [at for at in range(start, end - 1) if text[at] != text[at + 1]]
    if not places:
        return None
    at = rng.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _beside(text: str, start: int, end: int, rng: random.Random) -> str | None:
    places = [at for at in range(start, end) if text[at].lower() in NEIGHBOURS]
    if not places:
        return None
    at = rng.choice(places)
    key = rng.choice(NEIGHBOURS[text[at].lower()])
    return text[:at] + (key.upper() if text[at].isupper() else key) + text[at + 1 :]


def _blank_lost(text: str, start: int, end: int, rng: random.Random) -> str | None:
    places = [at for at in (start - 1, end) if 0 < at < len(text) - 1 and text[at] == " "]
    if not places:
        return None
    at = rng.choice(places)
    return text[:at] + text[at + 1 :]


def _blank_added(text: str, start: int, end: int, rng: random.Random) -> str:
    at = rng.randrange(start + 1, end)
    return text[:at] + " " + text[at:]


_SLIPS: tuple[tuple[Callable[[str, int, int, random.Random], str | None], int], ...] = (
    (_beside, 30),
    (_left_out, 25),
    (_swapped, 15),
    (_doubled, 15),
    (_blank_lost, 10),
    (_blank_added, 5),
)


def _neighbours() -> dict[str, str]:
    """Return for each letter the letters whose keys touch its own."""
    places = {
        key: (column + shift, float(row))
        for row, (keys, shift) in enumerate(_KEY_ROWS)
        for column, key in enumerate(keys)
    }
    return {
        key: "".join(
            other
            for other, (u, v) in places.items()
            if other != key and (u - x) ** 2 + (v - y) ** 2 < _REACH**2
        )
        for key, (x, y) in places.items()
    }


NEIGHBOURS = _neighbours()


@dataclass(frozen=True)
class Confusions:
    """What single words are heard as, and the share of times that they are; "" is a lost word."""

    heard: Mapping[str, tuple[tuple[str, float], ...]]

    @cached_property
    def vocabulary(self) -> list[str]:
        """Return every single word that is said or heard."""
        heard = {word for options in self.heard.values() for word, _ in options}
        return sorted(word for word in heard | set(self.heard) if word and " " not in word)


def read_confusions(path: Path) -> Confusions:
    """Return the words misheard in a file of counts, or raise `DataError` naming the first bad line.

    Words that were invented, and runs of several words misheard as a whole, are left out: how often
    there was occasion for them was not counted.
    """
    heard: dict[str, list[tuple[str, float]]] = {}
    for number, row in gzipped_rows(path):
        try:
            said, as_heard, times = str(row["said"]), str(row["heard"]), int(row["times"])
            said_times = int(row.get("said_times") or 0)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(path, number, f"no usable {error}", "said, heard, times, said_times") from error
        if said and " " not in said and said_times:
            as_heard = "" if as_heard == _NO_SPELLING else as_heard
            heard.setdefault(said, []).append((as_heard, times / said_times))
    if not heard:
        raise DataError(path, 0, "no word that was misheard", "said, heard, times, said_times")
    return Confusions({said: tuple(options) for said, options in heard.items()})


def with_misheard_word(text: str, rng: random.Random, confusions: Confusions) -> str:
    """Return the text with one word misheard, which one and as what by how often that happens.

    Where none of the words is known to be misheard, one of them is heard as the known word that is
    spelled most like it. The last word left is never lost.
    """
    words = list(_SPOKEN_WORD.finditer(text))
    if not words:
        return text
    options = [
        (word, heard, rate)
        for word in words
        for heard, rate in confusions.heard.get(word[0].lower(), ())
        if heard or len(words) > 1
    ]
    if options:
        ((word, heard, _),) = rng.choices(options, [rate for *_, rate in options])
    else:
        word = rng.choice(words)
        heard = _spelled_most_like(word[0].lower(), confusions)
    return " ".join((text[: word.start()] + heard + text[word.end() :]).split())


def _spelled_most_like(word: str, confusions: Confusions) -> str:
    alike = get_close_matches(word, confusions.vocabulary, n=2, cutoff=0.0)
    return next((other for other in alike if other != word), word)
