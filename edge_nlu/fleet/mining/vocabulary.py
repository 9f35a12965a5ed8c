"""Find out which words say nothing of anybody, and what a list of them lets out.

A word is ordinary that people often said to assistants in the public corpora, and seldom where somebody's
name, relation, address or firm stood, or that is one of those by which homes call devices and rooms. What
counts, keeps secrets or stands in streets is none. What comes of it is kept in `learning/ordinary.py`.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from edge_nlu.errors import DataError
from edge_nlu.learning.ordinary import WORDS, is_ordinary, words_in
from edge_nlu.steps.english import set_of
from edge_nlu.storage.appliances import appliance_profiles, room_words

Row = dict[str, Any]

SPLITS: Final = ("train", "dev")
FEWEST: Final = 3
"""Times that a word was said outside such slots, and in two corpora."""

MOST_PRIVATE: Final = 0.1
"""Share of the times that a word was said in such slots."""

MOST_NAMED: Final = 0.1
"""Times that it is in somebody's name, in any language, for each time that it is said in English."""

MOST_NAMED_AT_HOME: Final = 0.5
"""And of a word by which homes call things, of which the corpora have few."""

TAUGHT_BY: Final = ("massive/en-US", "nlu-evaluation", "snips")
NAMES: Final = frozenset({"person", "relation", "email_address", "playlist_owner"})
"""Slots in which somebody is named."""

_PRIVATE: Final = NAMES | frozenset(
    {
        *("business_name", "place_name", "artist_name", "artist", "audiobook_author", "transport_agency"),
        *("radio_name", "city", "state", "country", "geographic_poi", "poi", "restaurant_name"),
    }
)
# what works, lists and games are called is said nowhere else, and says nothing of the words
_TITLES: Final = re.compile(
    r"_name$|^(?:track|album|playlist|entity_name|news_topic|definition_word|service)$"
)
_TOKEN: Final = re.compile(r"\S+")
_LETTERS: Final = re.compile(r"[^\W\d_]{2,}")
_NUMBERS: Final = set_of(
    """
    zero oh nought nil one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen twenty thirty forty fourty fifty sixty seventy eighty
    ninety hundred hundreds thousand thousands million billion first second third fourth fifth sixth
    seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth
    eighteenth nineteenth twentieth thirtieth twelveth tens twenties thirties forties fourties fifties
    sixties seventies eighties nineties half halves quarter quarters dozen once twice double triple
    couple ones firsts seconds thirds fours
    """
)
_SECRETS: Final = set_of(
    """
    pin pins code codes password passwords passcode passphrase combination secret secrets login account
    accounts number numbers address addresses street road avenue lane boulevard crescent called named
    card credit bank dot phone mail gmail
    """
)
_SINGLE: Final = ("a", "i")
_NOBODY: Final = set_of(
    """
    i me my we us our you your he him his she her it its they them their this that these those who
    all any both each every everybody everyone nobody none other some somebody someone the a an of and
    """
)
"""Words that name nobody, though they stand where a name could."""


def ordinary_in(data: Path, splits: Sequence[str] = SPLITS) -> set[str]:
    """Return the ordinary words of what the corpora teach, and of what homes call things."""
    said, private, corpora = Counter[str](), Counter[str](), Counter[str]()
    for corpus in TAUGHT_BY:
        found = Counter[str]()
        for word, slot in _spoken(data / corpus, splits):
            if slot in _PRIVATE:
                private[word] += 1
            elif not _TITLES.search(slot):
                found[word] += 1
        said += found
        corpora.update(found.keys())
    named = Counter(
        word
        for one in sorted((data / "massive").iterdir())
        for word, slot in _spoken(one, splits)
        if slot == "person"
    )
    known = {
        word
        for word, times in said.items()
        if corpora[word] > 1
        and times >= FEWEST
        and private[word] <= MOST_PRIVATE * times
        and (len(word) > 1 or word in _SINGLE)
    }
    known = {word for word in known if named[word] <= MOST_NAMED * said[word]} | _NOBODY
    # what devices are called is ordinary though few say it, unless people are called so
    homes = _of_homes()
    known |= {word for word in homes if named[word] <= MOST_NAMED_AT_HOME * max(said[word], FEWEST)}
    known = {word for word in known if word.isascii() and word.isalpha()} - _NUMBERS - _SECRETS
    for name in sorted(_names(data, TAUGHT_BY, splits)):
        words = set(words_in(name))
        # each name has at least one word that is none of them
        if words <= known:
            # rather one that no home needs
            worst = max(
                sorted(words - _NOBODY),
                key=lambda word: (word not in homes, private[word] / max(said[word], 1)),
            )
            known.discard(worst)
    return known


def measured(data: Path) -> dict[str, Any]:
    """Return what share of names, of sentences with names or numbers, and of ordinary ones gets through.

    `names_held_out` are those that did not make the list by which they are judged.
    """
    every = [row for corpus in (*TAUGHT_BY, "slurp") for row in _rows(data / corpus, SPLITS)]
    home = [row for row in every if row["intent"].startswith(("iot_", "audio_volume"))]
    plain = {row["text"] for row in home if not _PRIVATE & set(_slots(row)) and not _counts(row["text"])}
    before = ordinary_in(data, SPLITS[:1])
    unseen = _names(data, (*TAUGHT_BY, "slurp"), SPLITS[1:]) - _names(data, TAUGHT_BY, SPLITS[:1])
    confused = _lines(data / "asr" / "confusions.jsonl.gz")
    return {
        "words": len(WORDS.split()),
        "names": _share(_names(data, (*TAUGHT_BY, "slurp"), SPLITS), is_ordinary),
        "names_held_out": _share(unseen, lambda name: before.issuperset(words_in(name))),
        "names_in_all_languages": _share(_names(data, _languages(data), SPLITS), is_ordinary),
        "sentences_with_names": _share((row["text"] for row in every if any(_named(row))), is_ordinary),
        "sentences_with_numbers": _share((row["text"] for row in every if _counts(row["text"])), is_ordinary),
        "ordinary_sentences": _share(plain, is_ordinary),
        "misheard_pairs": _share((f"{one['said']} {one['heard']}" for one in confused), is_ordinary),
    }


def _share(texts: Iterable[str], passes: Callable[[str], bool]) -> dict[str, Any]:
    which = list(texts)
    through = sum(map(passes, which))
    return {"of": len(which), "through": through, "share": round(through / max(len(which), 1), 4)}


def _lines(path: Path) -> Iterator[Row]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)
    except (OSError, ValueError) as error:
        raise DataError(path, 0, str(error), "sentences, or confusions; --data names their folder") from error


def _rows(corpus: Path, splits: Sequence[str]) -> Iterator[Row]:
    """Yield the sentences of a corpus; SLURP has no more than one part."""
    for split in splits if corpus.name != "slurp" else SPLITS[1:]:
        yield from _lines(corpus / f"{split}.jsonl.gz")


def _spoken(corpus: Path, splits: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the words of a corpus, each with the slot that it stands in, or ""."""
    for row in _rows(corpus, splits):
        for found in _TOKEN.finditer(row["text"]):
            at = found.start()
            slot = next((one["type"] for one in row["slots"] if one["start"] <= at < one["end"]), "")
            for word in words_in(found[0]):
                yield word, slot


def _names(data: Path, corpora: Iterable[str], splits: Sequence[str]) -> set[str]:
    """Return what somebody is called in the sentences of corpora."""
    return {name for corpus in corpora for row in _rows(data / corpus, splits) for name in _named(row)}


def _named(row: Row) -> Iterator[str]:
    """Yield what somebody is called in a sentence; "everybody" is nobody's name."""
    names = (slot["value"].lower() for slot in row["slots"] if slot["type"] in NAMES)
    yield from (name for name in names if not _NOBODY.issuperset(words_in(name)))


def _languages(data: Path) -> list[str]:
    return [f"massive/{one.name}" for one in sorted((data / "massive").iterdir())]


def _slots(row: Row) -> Iterator[str]:
    yield from (slot["type"] for slot in row["slots"])


def _counts(text: str) -> bool:
    return any(word in _NUMBERS or any(map(str.isnumeric, word)) for word in words_in(text))


def _of_homes() -> set[str]:
    """Return the words by which homes call devices, what these do, and rooms."""
    profiles, rooms = appliance_profiles(), room_words()
    things = [
        *(one for kind, known in profiles.appliances.items() for one in (kind, *known.words)),
        *(one for room, names in rooms.rooms.items() for one in (room, *names)),
    ]
    other = [
        *(one for known in profiles.appliances.values() for one in known.forms),
        *(
            one
            for known in profiles.words
            for one in (known.property, *known.names, *known.units, *known.choices)
        ),
        *(one for floor in rooms.floors for one in floor.words),
        *rooms.whole,
    ]
    of_things = set(_LETTERS.findall(" ".join(things).lower()))
    several = {f"{word}s" for word in of_things if not word.endswith(("s", "x", "y", "h", "ing", "ed"))}
    return of_things | several | set(_LETTERS.findall(" ".join(other).lower()))
