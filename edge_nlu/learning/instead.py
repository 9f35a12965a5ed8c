"""Find what to try instead where a sentence came to nothing, from what this home turned to before.

A name and a way of saying something, each learned from some other sentence, lead to one that works, alone or
together. A name counts only as the whole of what a thing is called: who has a reader has no e-reader yet.
What a thing of this home is called already is no name for another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from edge_nlu.interfaces import Home
from edge_nlu.learning.blanks import BLANK, WORD, Blanked, Filling, blanked, key_of
from edge_nlu.learning.ranker import Followed, Ranker, told_of
from edge_nlu.learning.rules import Rule, spared
from edge_nlu.learning.ways import LONGEST_NAME
from edge_nlu.values import Exchange, Taken, Understanding

# so many other sentences are tried
MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Lead:
    """A sentence to try instead, and the rules that lead to it."""

    text: str
    by: tuple[Followed, ...]


Follow = Callable[[str, str], Followed | None]
"""Returns the likeliest rule of a kind where these words fail."""


def instead(
    tried: Exchange,
    home: Home,
    ranker: Ranker,
    follow: Follow,
    attempt: Callable[[str], Exchange | None],
) -> Exchange | None:
    """Return what comes of the best other sentence; None where leaving it is better.

    A sentence that is spared comes to what it came to, and tells what it would have been taken for.
    """
    best, most = None, 0.0
    for lead in islice(leads(tried.understanding, home, follow), MOST):
        if (other := attempt(lead.text)) is None:
            continue
        told = told_of(lead.by, tried, other)
        if (score := ranker.score(told)) > most:
            rules = " ".join(followed.rule.id for followed in lead.by)
            taken = Taken(rules, lead.text, spared=spared(tried.utterance.id), because=told)
            best, most = replace(tried if taken.spared else other, taken=taken), score
    return best


def leads(understanding: Understanding, home: Home, follow: Follow) -> Iterator[Lead]:
    """Yield what to try instead of a sentence, the likeliest first."""
    said, text = blanked(understanding), understanding.text
    names = list(_names_in(said, text, follow, home))
    if said.shape and (way := follow("pattern", said.shape)) is not None:
        filled = {one.kind: one.words for one in said.fillings}
        for one, name in names[:1]:
            yield Lead(_filled(way.rule.working, filled | {one.kind: _in_place(one, name.rule)}), (way, name))
        yield Lead(_filled(way.rule.working, filled), (way,))
    for one, name in names:
        words = _in_place(one, name.rule)
        yield Lead(" ".join((text[: one.start] + words + text[one.end :]).split()), (name,))


def _names_in(said: Blanked, text: str, follow: Follow, home: Home) -> Iterator[tuple[Filling, Followed]]:
    """Yield the names that are the whole of what stands in a blank, or else of any few words."""
    named = [one for one in said.fillings if one.kind != "number"]
    for one in named or _few_words(text):
        for key in dict.fromkeys((" ".join(one.key), " ".join(key_of(one.bare)))):
            if key and (rule := follow("name", key)) is not None and not _is_here(key, home):
                yield one, rule


def _few_words(text: str) -> Iterator[Filling]:
    words = list(WORD.finditer(text))
    for length in range(min(LONGEST_NAME, len(words)), 0, -1):
        for run in zip(*(words[start:] for start in range(length)), strict=False):
            start, end = run[0].start(), run[-1].end()
            yield Filling("device", text[start:end].lower(), start, end)


def _is_here(name: str, home: Home) -> bool:
    """Return whether a thing here has all these words in its name."""
    return bool(set.intersection(*(set(home.known_as(word)) for word in name.split())))


def _in_place(one: Filling, name: Rule) -> str:
    """Return the words for a name, with the room that was said with it where that is no part of them."""
    said_with = one.room and name.failing != " ".join(one.key)
    if not said_with or set(key_of(one.room)) & set(key_of(name.working)):
        return name.working
    return f"{one.room} {name.working}"


def _filled(shape: str, fillings: Mapping[str, str]) -> str:
    def words(match: re.Match[str]) -> str:
        said = fillings[match[1]]
        return f"the {said}" if match[1] in ("device", "room") else said

    return BLANK.sub(words, shape)
