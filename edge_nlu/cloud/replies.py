"""What a service outside may say: what was meant, in the hub's own terms, or a few words to speak.

Nothing else can come in. A reading names a want of the ontology and fills slots with words; it names no
device by its id and no topic, and what is done about it is decided at home.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

LONGEST_ANSWER: Final = 600
"""Letters that are spoken of an answer."""
LONGEST_WORDS: Final = 60
"""Letters that fill one slot."""
MOST_FRAMES: Final = 4

Wishes: TypeAlias = Mapping[str, Sequence[str]]
"""What may be meant: each want with the properties that it can be of."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One wish as somebody outside reads it: what is wanted, of which property, and words by slot."""

    want: str
    property: str
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer in words."""

    say: str


Reply: TypeAlias = Spoken | tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """A request to a service, as it leaves."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Access:
    """Where a service is, what lets us in, and which of its models to ask."""

    url: str
    token: str = ""
    model: str = ""


class Cloud(Protocol):
    """Speaks the protocol of one kind of service; sends nothing itself.

    One that is `repeatable` does nothing but answer, so asking it twice does no harm.
    """

    repeatable: bool

    def __init__(self, access: Access, wishes: Wishes) -> None: ...

    def post(self, text: str) -> Post:
        """Return the request that asks about a sentence."""
        ...

    def read(self, said: Any) -> Reply:
        """Return what the JSON of an answer says; raise a ValueError where that is nothing of use."""
        ...


def json_post(url: str, said: Any, token: str = "") -> Post:
    """Return a request with JSON in it."""
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
    }
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return Post(url, body.encode(), headers)


def spoken(said: Any) -> Spoken:
    """Return an answer in plain words, cut to what can be listened to."""
    if not isinstance(said, str):
        raise ValueError(f"an answer of type {type(said).__name__}")
    plain = " ".join(re.sub(r"[^\w\s.,;:!?()'\u2019\u201c\u201d\"/%&+<>=°€$£@-]", " ", said).split())
    if not any(letter.isalnum() for letter in plain):
        raise ValueError("an answer without words")
    if len(plain) > LONGEST_ANSWER:
        plain = plain[:LONGEST_ANSWER]
        plain = plain[: max(plain.rfind(". "), plain.rfind("! "), plain.rfind("? ")) + 1] or f"{plain}..."
    return Spoken(plain)


def frame(want: Any, said: Any, wishes: Wishes) -> Frame:
    """Return a reading if it is one that can be meant here."""
    if not isinstance(want, str) or want not in wishes or not isinstance(said, dict):
        raise ValueError(f"{str(want)[:40]!r} is nothing that can be wanted here")
    prop = said.get("property", "unsaid")
    if prop != "unsaid" and prop not in wishes[want]:
        raise ValueError(f"{str(prop)[:40]!r} is no property to {want}")
    slots = {name: _words(name, words) for name, words in said.items() if name != "property"}
    return Frame(want, prop, {name: words for name, words in slots.items() if words})


def _words(slot: str, said: Any) -> str:
    if slot not in SLOTS:
        raise ValueError(f"{slot[:40]!r} is no slot")
    if isinstance(said, bool) or not isinstance(said, str | int | float | None):
        raise ValueError(f"{slot} is of type {type(said).__name__}")
    words = " ".join(str(said if said is not None else "").split())
    if len(words) > LONGEST_WORDS:
        raise ValueError(f"{slot} of {len(words)} letters")
    return words


SLOTS: Final[Mapping[str, str]] = {
    "device": "the thing that is meant, as the sentence calls it, or its kind, such as light or heater",
    "room": "the room that is meant, as the sentence calls it; leave it out where none is said",
    "value": "the level to set, with its unit, such as 21 degrees, 30 percent, half",
    "change": "how much more or less, such as a bit, or two degrees",
    "mode": "the name of a mode, such as eco or night",
    "program": "the name of a program, such as quick wash",
    "color": "a colour, such as red or warm white",
    "source": "an input, such as HDMI or the name of an app",
    "title": "what to play: a title, an artist, a genre, a station",
    "duration": "for how long, such as ten minutes",
    "moment": "when, such as seven tomorrow morning",
}
"""What can fill a wish, and how a service is told of it."""

EVERYWHERE: Final = ("device", "room")
FILLING: Final[Mapping[str, Sequence[str]]] = {
    "on": ("mode",),
    "off": ("mode",),
    "set": ("value", "mode", "program", "color", "source", "duration", "moment"),
    "raise": ("change",),
    "lower": ("change",),
    "start": ("program",),
    "play": ("title",),
}
"""What fills a wish beside a thing and a place."""
