"""Find sentences that mean the same: written pairs, and generated ones with the same frame.

The generator says the same wish in many turns of phrase. Two of its sentences that want the same of the
same things are a pair; sentences that differ in one thing, the room, the number, on or off, are what a
pair must be told apart from.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge_nlu.models.words import split_words
from edge_nlu.values import Example

LONGEST = 32  # words of a sentence that training reads

Words = tuple[str, ...]
Key = tuple[object, ...]

_ONES = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
"""
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBERS = {
    word: number * by for text, by in ((_ONES, 1), (_TENS, 10)) for number, word in enumerate(text.split())
}
_FILLERS = re.compile(r"^(?:the|my|our|a|an) ")


@dataclass(frozen=True, slots=True)
class Alike:
    """Two wordings of the same, and what they mean: no other pair with that meaning is unlike them."""

    said: Words
    meant: Words
    key: Key
    about: str = ""  # pairs about the same are easily taken for each other


def frame_pairs(examples: Iterable[Example], seed: int, most: int = 6) -> list[Alike]:
    """Return sentences in pairs whose frames are the same, at most `most` of each frame."""
    rng = random.Random(seed)
    groups: dict[Key, dict[str, None]] = defaultdict(dict)
    for example in examples:
        key = frame_key(example)
        if key is not None:
            groups[key][example.text] = None
    found = []
    for key, group in groups.items():
        texts = list(group)
        rng.shuffle(texts)
        found += [
            Alike(words_of(said), words_of(meant), key, str(key[0]))
            for said, meant in zip(texts[0::2], texts[1::2], strict=False)
        ][:most]
    rng.shuffle(found)
    return found


def frame_key(example: Example) -> Key | None:
    """Return what two sentences must share to mean the same; None where the words left out may matter."""
    clauses = example.clauses or ()
    if not clauses or any(clause.want == "none" or clause.property == "unsaid" for clause in clauses):
        return None
    if not any(slot.type in ("device", "media_kind", "title") for clause in clauses for slot in clause.slots):
        return None
    return tuple(
        (
            tuple(sorted((slot.type, same_value(slot.value), slot.excluded) for slot in clause.slots)),
            clause.want,
            clause.property,
        )
        for clause in clauses
    )


def words_of(text: str) -> Words:
    """Return the words of a text that training reads."""
    return tuple(word.text for word in split_words(text, LONGEST)[0])


def same_value(value: str) -> str:
    """Return a value without case, article and the way its number is written."""
    words = _FILLERS.sub("", value.lower()).replace("-", " ").split()
    out: list[str] = []
    for word in words:
        number = _NUMBERS.get(word)
        if number is None:
            out.append(word)
        elif (
            number < 10
            and out
            and out[-1].isdigit()
            and out[-1] in {str(tens) for tens in range(20, 100, 10)}
        ):
            out[-1] = str(int(out[-1]) + number)
        else:
            out.append(str(number))
    return " ".join(out)


def neighbours(pairs: Sequence[Alike]) -> list[Alike]:
    """Return the pairs so that those about like things stand side by side."""
    return sorted(pairs, key=lambda pair: (pair.about, pair.meant))
