"""Choose the pieces that a student keeps of its teacher's vocabulary.

Homes are full of rare words, so more is kept than the training text needs: first every piece that
the text uses, then whole words in the order of the teacher's own list, which is by frequency.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable, Sequence

from edge_nlu.models.words import PIECES, WordReader, plain


def choose_pieces(teacher: Sequence[str], sentences: Iterable[Sequence[str]], count: int) -> list[str]:
    """Return at most `count` pieces, most useful first."""
    usable = [piece for piece in teacher if _usable(piece)]
    reader = WordReader(usable, 1)
    used: Counter[int] = Counter()
    words = Counter(plain(word) for sentence in sentences for word in sentence)
    for word, times in words.items():
        for number in reader.pieces(word)[:PIECES]:
            used[number - 1] += times
    letters = [
        piece for piece in usable if piece.removeprefix("##") in string.ascii_lowercase + string.digits
    ]
    seen = [usable[number] for number, _ in used.most_common()]
    # after the pieces of the text, whole words before parts of words
    rest = sorted(range(len(usable)), key=lambda number: (usable[number].startswith("##"), number))
    ordered = dict.fromkeys([*letters, *seen, *(usable[number] for number in rest)])
    return list(ordered)[:count]


def _usable(piece: str) -> bool:
    letters = piece.removeprefix("##")
    return piece.isascii() and not piece.startswith("[") and (letters.isalpha() or len(letters) < 4)
