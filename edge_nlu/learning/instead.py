"""Find what to try instead where a sentence came to nothing, from what this home turned to before.

A name and a way of saying something, each learned from some other sentence, lead to one that works, alone or
together. A name counts only as the whole of what a thing is called: who has a reader has no e-reader yet.
What a thing of this home is called already is no name for another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final, NamedTuple

from edge_nlu.interfaces import Home
from edge_nlu.learning.blanks import BLANK, WORD, Blanked, Filling, blanked, key_of
from edge_nlu.learning.judge import failed
from edge_nlu.learning.ranker import Followed, Ranker, told_of
from edge_nlu.learning.rules import Kind, Rule, serves, spared
from edge_nlu.learning.teach import PLAIN, known
from edge_nlu.learning.ways import LONGEST_NAME
from edge_nlu.values import Act, DeviceId, Exchange, Taken, Understanding

_PLAIN: Final = PLAIN | {"the", "a", "an", "me", "make", "play", "brew", "put"}
_ARTICLES: Final = ("the ", "a ", "an ", "my ", "our ", "your ", "this ", "that ")
# so many other sentences are tried
MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Lead:
    """A sentence to try instead, and the rules that lead to it.

    A name may stand for a thing elsewhere while a `rival` with that name is here; `bare` leaves open which.
    """

    text: str
    by: tuple[Followed, ...]
    rival: bool = False
    bare: bool = False


Follow = Callable[[Kind, str], Followed | None]
"""Returns the likeliest rule of a kind where these words fail."""


def instead(
    tried: Exchange,
    home: Home,
    ranker: Ranker,
    follow: Follow,
    near: Callable[[Understanding, Home], Iterator[str]],
    attempt: Callable[[str], Exchange | None],
) -> Exchange | None:
    """Return what comes of the best other sentence; None where leaving it is better.

    A sentence that does something is another one only by a name that is known for another thing. One that is
    spared comes to what it came to, and tells what it would have been taken for; what comes to nothing is not
    spared, since nothing would be seen by that.
    """
    doing = isinstance(tried.decision, Act)
    if doing and _by_name(tried):
        return None
    best, most = None, 0.0
    satellite = home.satellite(tried.utterance.satellite)
    room = satellite.room if satellite is not None else ""
    found = leads(tried.understanding, home, room, follow)
    if doing:
        found = (lead for lead in found if _is_sure(lead))
    else:
        found = chain(found, (Lead(text, ()) for text in near(tried.understanding, home)))
    for lead in islice(found, MOST):
        other = attempt(lead.text)
        if other is None or _does_same(tried, other):
            continue
        told = told_of(lead.by, tried, other, rival=lead.rival, bare=lead.bare)
        if (score := ranker.score(told)) > most:
            rules = " ".join(followed.rule.id for followed in lead.by)
            left = spared(tried.utterance.id) and not failed(tried)
            taken = Taken(rules, lead.text, spared=left, because=told)
            best, most = replace(tried if taken.spared else other, taken=taken), score
    return best


def _by_name(exchange: Exchange) -> bool:
    """Return whether all that is done is done to things that are called as they were named."""
    decision = exchange.decision
    return isinstance(decision, Act) and all(
        any(reason.name == "exact" for reason in one.because) for one in decision.candidates
    )


def _does_same(one: Exchange, other: Exchange) -> bool:
    """Return whether both tell the same things the same."""
    if not isinstance(one.decision, Act) or not isinstance(other.decision, Act):
        return False
    return set(one.decision.commands) == set(other.decision.commands)


def _is_sure(lead: Lead) -> bool:
    """Return whether only names lead to a sentence, of which each is known well enough to be followed."""
    return all(one.rule.kind == "name" and serves(one.rule, one.seen, one.against) for one in lead.by)


def leads(understanding: Understanding, home: Home, room: str, follow: Follow) -> Iterator[Lead]:
    """Yield what to try instead of a sentence said in a room, the likeliest first."""
    said, text = blanked(understanding), understanding.text
    names = list(_names_in(said, text, follow, home))
    if said.shape and (way := follow("pattern", said.shape)) is not None:
        filled = {one.kind: one.words for one in said.fillings}
        for one, name in names[:1]:
            for named in _in_place(one, name.rule, home, room, said):
                said_so = _filled(way.rule.working, filled | {one.kind: named.words})
                yield Lead(said_so, (way, name), named.rival, named.bare)
        if all(_is_known(one, home) for one in said.fillings):
            yield Lead(_filled(way.rule.working, filled), (way,))
    for one, name in names:
        for named in _in_place(one, name.rule, home, room, said):
            before = text[: one.start]
            article = "the " if one.kind == "device" and not before.lower().endswith(_ARTICLES) else ""
            said_so = " ".join((before + article + named.words + text[one.end :]).split())
            yield Lead(said_so, (name,), named.rival, named.bare)


def _names_in(said: Blanked, text: str, follow: Follow, home: Home) -> Iterator[tuple[Filling, Followed]]:
    """Yield the names that are the whole of what stands in a blank, or else of any few words."""
    named = [one for one in said.fillings if one.kind in ("device", "room") or _is_all(one, text)]
    for one in named or _few_words(text):
        for key in dict.fromkeys((" ".join(one.key), " ".join(key_of(one.bare)))):
            if key and (rule := follow("name", key)) is not None and not _called(key.split(), home):
                yield one, rule


def _is_all(one: Filling, text: str) -> bool:
    """Return whether nothing but plain words is said beside these: "big boy off"."""
    others = WORD.findall(f"{text[: one.start]} {text[one.end :]}".lower())
    return one.kind != "number" and _PLAIN.issuperset(others)


def _few_words(text: str) -> Iterator[Filling]:
    """Yield each few words of a sentence, where all others are plain ones."""
    words = list(WORD.finditer(text))
    for length in range(min(LONGEST_NAME, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            start, end = words[first].start(), words[first + length - 1].end()
            one = Filling("device", text[start:end].lower(), start, end)
            if _is_all(one, text):
                yield one


class _Named(NamedTuple):
    """The words for a name in its place."""

    words: str
    rival: bool = False
    bare: bool = False


def _in_place(one: Filling, name: Rule, home: Home, room: str, said: Blanked) -> Iterator[_Named]:
    """Yield the words for a name, with the room that was said with it where that is no part of them."""
    key = key_of(name.working)
    if one.room and name.failing != " ".join(one.key):
        placed = bool(set(key_of(one.room)) & set(key))
        yield _Named(name.working if placed else f"{one.room} {name.working}")
        return
    if one.kind == "device" and said.filling("room") is not None:
        yield _Named(_without_room(name.working, home, "") or name.working)
        return
    bare = _without_room(name.working, home, room)
    if bare and set(home.in_room(room)) & _called(key_of(bare), home):
        yield _Named(name.working, rival=True)
        yield _Named(bare, rival=True, bare=True)
    else:
        yield _Named(name.working)


def _without_room(words: str, home: Home, room: str) -> str:
    """Return words without those of a room that they begin with, or "" where that is this room or none."""
    said = words.split()
    for length in range(1, len(said)):
        rooms = home.rooms_called(" ".join(said[:length]).lower())
        if rooms:
            return "" if room in rooms else " ".join(said[length:])
    return ""


def _is_known(one: Filling, home: Home) -> bool:
    """Return whether all words for a thing or a room are said of one here."""
    return one.kind in ("number", "title") or all(known(word, home) for word in one.key)


def _called(name: Sequence[str], home: Home) -> set[DeviceId]:
    """Return the things here that have all these words in their names."""
    return set.intersection(*(set(home.known_as(word)) for word in name)) if name else set()


def _filled(shape: str, fillings: Mapping[str, str]) -> str:
    def words(match: re.Match[str]) -> str:
        said = fillings[match[1]]
        return f"the {said}" if match[1] in ("device", "room") else said

    return BLANK.sub(words, shape)
