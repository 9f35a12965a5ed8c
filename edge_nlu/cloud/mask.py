"""Put placeholders in the place of personal words before a sentence leaves the house, and put them back.

"remind Ana to ring 0171 555" leaves as "remind <PERSON_1> to ring <PHONE_1>". What is personal: the names
that this home has for people, rooms and things, names its owner lists, mail and street addresses, telephone
numbers, secrets, and every digit. The same words get the same placeholder, so a service can still tell who
is who; when it uses a placeholder in its answer, the words come back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Final

from edge_nlu.interfaces import Home
from edge_nlu.steps.names import WORD
from edge_nlu.values import Understanding

Span = tuple[int, int, str]

_ONES: Final = "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
_MORE: Final = (
    "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
    "|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand"
)
_COUNT: Final = rf"(?:\d+\w?|(?:{_ONES}|{_MORE})(?:[ -](?:{_ONES}|{_MORE}))*)"
_STREETS: Final = (
    "street|road|avenue|lane|drive|boulevard|crescent|terrace|court|square|close|gardens|mews|quay"
    "|way|place|grove|hill|row|st|rd|ave|ln|blvd|strasse|straße|rue"
)
_NO_NAMES: Final = (
    "the|a|an|this|that|my|our|your|which|what|every|of|on|in|at|to|down|up|across|main|old|new"
)
# in this order: what is found first keeps its words
_PATTERNS: Final = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            "SECRET",
            r"\b(?:pin|pass ?code|pass ?word|pass ?phrase|code ?word|code|combination)\b"
            r"(?:\s+[^\W\d_]+){0,4}?\s+(?:is|was|to|as|equals)\s+(?P<own>[^,.;!?]+)",
        ),
        ("MAIL", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
        ("MAIL", r"\b\w+(?:\s+(?:dot|underscore|dash|hyphen)\s+\w+)*\s+at\s+\w+(?:\s+dot\s+\w+)+\b"),
        ("LINK", r"\b(?:https?://|www\.)\S+"),
        ("ADDRESS", rf"\b{_COUNT}\s+(?:[^\W\d_]+\s+){{1,3}}(?:{_STREETS})\b"),
        (
            "ADDRESS",
            rf"\b(?!(?:{_NO_NAMES})\b)[^\W\d_]+\s+(?:street|road|avenue|lane|boulevard|crescent|terrace)\b",
        ),
        ("PHONE", r"\+?\(?\d[\d\s().\-/]{5,}\d"),
        ("TIME", r"\b\d{1,2}[:.]\d{2}\b(?:\s*[ap]\.?m\b\.?)?"),
        ("CODE", r"(?<!\w)(?=[\w-]*\d)(?=[\w-]*[^\W\d_])\w+(?:-\w+)*"),
        ("NUMBER", r"\d+(?:[.,]\d+)*"),
        ("NUMBER", rf"\b(?:{_ONES}|{_MORE})(?:[\s-]+(?:and\s+|point\s+)?(?:{_ONES}|{_MORE})){{2,}}\b"),
        # whatever else has a digit in it, of any script
        ("NUMBER", r"\d+"),
    )
)
KINDS: Final = ("PERSON", "ROOM", "THING", "NAME", *dict.fromkeys(kind for kind, _ in _PATTERNS))
_PLACEHOLDER: Final = re.compile(rf"<?\b({'|'.join(KINDS)})_(\d+)\b>?", re.IGNORECASE)
_JOINING: Final = re.compile(r"(?:['\u2019]s)?[\s'\u2019_-]*")
_LONGEST: Final = 5
"""Words of a name that is looked for."""
_SHORTEST: Final = 3
"""Letters of a part of a name that is looked for by itself: Tom Miller is Tom, and Miller."""

# what a model tags so is somebody's, but in a question about the world it is what the question is about
_OF_SOMEBODY: Final = frozenset(["person", "personal_info", "email_address"])
_ABOUT_THE_WORLD: Final = ("qa_", "music_", "play_", "news_", "weather_", "general_")


@dataclass(frozen=True, slots=True)
class Masked:
    """A sentence as it may leave the house, and what its placeholders stand for."""

    text: str
    held: Mapping[str, str] = field(default_factory=dict)

    def restored(self, text: str) -> str:
        """Return a text with the words back that its placeholders stand for."""
        return _PLACEHOLDER.sub(lambda found: self._words(found[1].upper(), found[2]), text)

    def _words(self, kind: str, number: str) -> str:
        # one that nobody gave out stands for nothing
        return self.held.get(f"<{kind}_{number}>", f"that {kind.lower()}")


def mask(read: Understanding, home: Home, own: Sequence[str] = ()) -> Masked:
    """Return a sentence without its personal words; `own` are words that its owner never lets out."""
    text = read.text
    spans: list[Span] = []
    for found in (*_patterned(text), *_named(text, home, own), *_of_somebody(read)):
        if not any(found[0] < end and start < found[1] for start, end, _ in spans):
            spans.append(found)
    return _replaced(text, sorted(spans))


def _replaced(text: str, spans: Iterable[Span]) -> Masked:
    given: dict[tuple[str, str], str] = {}
    held: dict[str, str] = {}
    parts: list[str] = []
    done = 0
    for start, end, kind in spans:
        words = text[start:end]
        key = (kind, _folded(words))
        if key not in given:
            number = sum(other == kind for other, _ in given) + 1
            given[key] = f"<{kind}_{number}>"
            held[given[key]] = words
        parts += [text[done:start], given[key]]
        done = end
    return Masked("".join([*parts, text[done:]]), held)


def _patterned(text: str) -> Iterator[Span]:
    for kind, pattern in _PATTERNS:
        for found in pattern.finditer(text):
            start, end = found.span("own") if "own" in pattern.groupindex else found.span()
            yield start, end, kind


def _named(text: str, home: Home, own: Sequence[str]) -> Iterator[Span]:
    """Yield the names of this home in a text, the longest first."""
    names = _names(home, own)
    words = [(found.start(), found.end() - _possessive(found[0])) for found in WORD.finditer(text)]
    for length in range(min(_LONGEST, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            run = words[first : first + length]
            between = (text[end:start] for (_, end), (start, _) in pairwise(run))
            if not all(map(_JOINING.fullmatch, between)):
                continue
            key = tuple(_folded(text[start:end]) for start, end in run)
            kind = names.get(key) or ("THING" if _is_own_name(key, home) else "")
            if kind:
                yield run[0][0], run[-1][1], kind


def _names(home: Home, own: Sequence[str]) -> dict[tuple[str, ...], str]:
    """Return the names of people and rooms here, and those the owner lists, as words, with their kinds."""
    names: dict[tuple[str, ...], str] = {}
    for room in home.rooms():
        for name in (room.id, *room.words[:1]):
            names[_key(name)] = "ROOM"
    for kind, listed in (("NAME", own), ("PERSON", [person.id for person in home.people()])):
        for name in listed:
            key = _key(name)
            names.update({(part,): kind for part in key if len(part) >= _SHORTEST})
            names[key] = kind
    names.pop((), None)
    return names


def _is_own_name(words: tuple[str, ...], home: Home) -> bool:
    """Return whether words are the whole name of a thing, and not what such things are called anywhere."""
    if all(map(home.kinds_called, words)) or home.kinds_called(" ".join(words)):
        return False
    called = (home.device(one) for one in home.known_as(words[-1]))
    return any(words == _key(name) for device in called if device for name in (device.name, *device.aliases))


def _of_somebody(read: Understanding) -> Iterator[Span]:
    """Yield what the model takes for somebody's name, where the sentence is no question about the world."""
    if not read.intent.startswith(_ABOUT_THE_WORLD):
        for slot in read.slots:
            if slot.type in _OF_SOMEBODY:
                yield slot.start, slot.end, "PERSON"


@lru_cache(maxsize=4096)
def _key(name: str) -> tuple[str, ...]:
    """Return a name as it is looked for."""
    found = WORD.findall(name.replace("_", " "))
    return tuple(_folded(word[: len(word) - _possessive(word)]) for word in found)


def _possessive(word: str) -> int:
    """Return how many letters at the end of a word say whose something is."""
    return 2 if word[-2:].lower() in ("'s", "\u2019s") else 0


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    """Return a word without capitals and accents."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
