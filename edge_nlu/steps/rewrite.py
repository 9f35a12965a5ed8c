"""Put in place of what was said what it stands for here.

A taught phrase counts when it is all that was said, apart from politeness and a frame ("okay, it's movie
time"): "what time does the movie start" is something else. A taught name counts within a sentence, and so
does somebody's favourite. A sentence that teaches is left as it is, or nothing could be taught anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from edge_nlu.steps.names import WORD
from edge_nlu.values import Lesson

_TEACHES: Final = re.compile(
    r"\b(?:i|we|someone|somebody|anyone|you hear me) (?:ever |just )?"
    r"(?:says?|asks?|tells?|mentions?|shouts?|uses?)\b"
    r"|\bmeans?\b|\bstands? for\b|\b(?:is|are) (?:now )?called\b|\bfrom now on\b"
    r"|\b(?:call|rename|name|refer to|forget|unlearn|remember that)\b"
    r"|\b(?:my|our) (?:\w+ )?favou?rite\b[\w' -]*?(?: (?:is|are)\b|'s\b)"
    r"|\b(?:is|are) (?:my|our) favou?rite\b"
)
# said around a phrase without changing what is meant
_FRAMES: Final = """
    okay, ok, so, right, well, now, then, please, hey, hi, hello, um, uh, er, hmm, oh, and, alright, all
    right, it's, it is, its, that's, this is, time for, it's time for, it is time for, ready for, let's,
    lets, let us, do, do the, just, have, get, go, go for, start, begin, run, activate, launch, trigger,
    enable, set, make, make it, make me, give me, give us, bring me, get me, i want, i need, i'd like, i
    would like, i'll have, i'll take, i am, i'm, we're, we are, we want, we need, we'd like, can you,
    could you, would you, you can, can i have, could i have, can i get, can we have, may i have, a, an,
    the, my, our, some, your, mode, scene, routine, thing, thanks, thank you, cheers, everyone,
    everybody, guys, folks, for me, for us, in here, here, today, tonight, again, one more, how about,
    what about, on, put on, turn on, switch on, into
"""
_FRAME_SET: Final = frozenset(tuple(frame.split()) for frame in _FRAMES.split(","))
_LONGEST_FRAME: Final = max(map(len, _FRAME_SET))
_SPARE: Final = 9
_DEEP: Final = 3
_LIKED: Final = re.compile(
    r"\b(?:my|our|the)\s+(?:(?:absolute|all[ -]time|very)\s+)?favou?rite(?P<rest>(?:\s+[\w'-]+){0,3})",
    re.IGNORECASE,
)
_ANY_LIKED: Final = re.compile(
    r"\b(?:(?:my|our) (?:absolute )?favou?rites?(?: (?:one|thing))?"
    r"|(?:something|what|whatever) (?:i|we) (?:really )?like)"
    r"(?=\s*(?:[,.!?]|$|please\b|now\b|again\b))|\bmy team\b",
    re.IGNORECASE,
)
_ARTICLE: Final = frozenset(["the", "a", "an", "my", "our", "your", "some", "this"])


class _Taught(NamedTuple):
    """What was taught, ready to be looked up: the latest of each comes first."""

    phrases: dict[str, str]
    named: re.Pattern[str] | None
    names: dict[str, str]
    favourites: dict[str, str]


def rewrite(text: str, lessons: Sequence[Lesson]) -> str:
    """Return the text with what was taught in place of what stands for it."""
    if not lessons:
        return text
    taught = _taught(tuple(lessons))
    meant = _phrase(text, taught.phrases)
    if not meant and _TEACHES.search(text.lower().replace("\u2019", "'")):
        return text
    return _favourites(_names(meant or text, taught), taught.favourites)


@lru_cache(maxsize=64)
def _taught(lessons: tuple[Lesson, ...]) -> _Taught:
    phrases: dict[str, str] = {}
    favourites: dict[str, str] = {}
    names: dict[str, str] = {}
    for lesson in lessons:
        if not lesson.meaning:
            continue
        if lesson.kind == "phrase":
            phrases.setdefault(_key(_words(lesson.phrase)), lesson.meaning)
        elif lesson.kind == "favourite":
            favourites.setdefault(_singular(lesson.phrase), lesson.meaning)
        elif lesson.kind == "name" and _words(lesson.phrase):
            names.setdefault(" ".join(lesson.phrase.lower().split()), lesson.meaning)
    return _Taught(phrases, _pattern(names) if names else None, names, favourites)


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Return what finds any of these names, the longest first."""
    ways = (r"\s+".join(map(re.escape, name.split())) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?:\b(?:the|my|our)\s+)?(?<!\w)(?P<name>{'|'.join(ways)})(?!\w)", re.IGNORECASE)


# ------------------------------------------------------------------------------------------- phrases


def _phrase(text: str, phrases: dict[str, str]) -> str:
    """Return what a phrase stands for where it is all that was said, or ""."""
    meant = ""
    for _ in range(_DEEP):
        found = _stands_for(_words(meant or text), phrases)
        if not found or found == meant:
            break
        meant = found
    return meant


def _stands_for(words: Sequence[str], phrases: dict[str, str]) -> str:
    if not phrases or not words or len(words) > max(map(len, phrases)) + _SPARE:
        return ""
    before, after = _framed(words), _framed(words[::-1], backwards=True)
    for start in before:
        for left_out in after:
            if start < len(words) - left_out:
                found = phrases.get(_key(words[start : len(words) - left_out]))
                if found:
                    return found
    return ""


def _framed(words: Sequence[str], *, backwards: bool = False) -> list[int]:
    """Return at how many words from this end a phrase may begin, the fewest first."""
    reached = [0]
    for at in reached:
        for length in range(1, _LONGEST_FRAME + 1):
            frame = tuple(words[at : at + length])
            if len(frame) < length:
                break
            if (frame[::-1] if backwards else frame) in _FRAME_SET and at + length not in reached:
                reached.append(at + length)
    return sorted(reached)


def _words(text: str) -> list[str]:
    return [word.lower().replace("\u2019", "'") for word in WORD.findall(text)]


def _key(words: Sequence[str]) -> str:
    """Return words such that "bedtime" and "bed time" are the same phrase."""
    return "".join(words)


# -------------------------------------------------------------------------------- names, favourites


def _names(text: str, taught: _Taught) -> str:
    if taught.named is None:
        return text
    return taught.named.sub(lambda match: taught.names[" ".join(match["name"].lower().split())], text)


def _favourites(text: str, favourites: dict[str, str]) -> str:
    if not favourites or not (
        "favo" in (lowered := text.lower()) or "like" in lowered or "my team" in lowered
    ):
        return text

    def named(match: re.Match[str]) -> str:
        rest = match["rest"].split()
        for length in range(len(rest), 0, -1):
            liked = _liked(_singular(" ".join(rest[:length])), favourites)
            if liked:
                return " ".join([liked, *rest[length:]])
        return match[0]

    text = _LIKED.sub(named, text)
    liked = favourites.get("")
    return _ANY_LIKED.sub(lambda _: liked, text) if liked else text


def _liked(thing: str, favourites: dict[str, str]) -> str:
    """Return the favourite of a thing; "program" is the washing program where no other was taught."""
    if thing in favourites:
        return favourites[thing]
    ending = [liked for known, liked in favourites.items() if known.endswith(f" {thing}")]
    return ending[0] if len(ending) == 1 else ""


def _singular(words: str) -> str:
    """Return the words of a favourite, in singular and without what leads to it."""
    left = [word for word in _words(words) if word not in _ARTICLE]
    if left and left[-1].endswith("s") and not left[-1].endswith("ss") and len(left[-1]) > 3:
        left[-1] = left[-1][:-1]
    return " ".join(left)
