"""Read what somebody teaches: what a phrase stands for, what a thing is called, what somebody likes.

The model says that a sentence teaches, and usually which words are the phrase. What the phrase stands for is
the rest of the sentence, kept in the words said: it goes through the line like any other sentence, so
nothing taught gets around a question or a refusal. Where the model misses the phrase, it is found by the
ways in which people teach. What every home needs as it is ("stop", "lights off") cannot be taught anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from edge_nlu.interfaces import Home
from edge_nlu.values import Lesson, Wish

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def _either(*ways: str) -> str:
    return f"(?:{'|'.join(ways)})"


_WHO: Final = _either("i", "we", "someone", "somebody", "anyone", "anybody", "one of us")
_LEADING: Final = re.compile(
    r"(?:\b(?:okay|ok|please|hey|so|and|but|well|listen|now|right|also|just|always|that)\b[\s,:;-]*"
    r"|\b(?:remember|learn|note|know|keep in mind|you (?:should|must|can) know|just so you know)\b[\s,:;-]*"
    r"|\b(?:from (?:now|here) on|in (?:the )?future|starting (?:now|today)|for your information)\b[\s,:;-]*"
    r"|\bi want you to (?:know|remember|learn)\b[\s,:;-]*)+"
)
_SAYING: Final = _either(
    *("says?", "shouts?", "yells?", "call out", "asks? (?:you )?for", "tells? you", "mentions?"),
    *("types?", "announces?", "uses?"),
)
_WHEN: Final = re.compile(
    rf"\b(?:when(?:ever)?|if|as soon as|once|(?:every|each|any) ?time(?: that)?)\s+"
    rf"(?:{_WHO}\s+(?:ever |just |only )?{_SAYING}|you hear(?: me say| us say| someone say)?)"
    r"(?:\s+(?:to you|the words?|the phrase|the command))?[\s,:]+"
)
_DOING: Final = _either(
    *("then", "please", "i want", "i'd like", "i would like", "i mean", "i need", "that means", "it means"),
    *(
        "you should",
        "you shall",
        "you must",
        "you have to",
        "do the following",
        "make sure",
        "what i want is",
    ),
    *(
        "make me",
        "make the",
        "give me",
        "bring me",
        "turn",
        "switch",
        "set",
        "play",
        "open",
        "close",
        "start",
    ),
    *("stop", "put", "dim", "lock", "shut", "bring"),
)
_THEN: Final = re.compile(rf"\s*(?:[,;:]|\s-\s)\s*|\s+(?={_DOING}\b)")
_STANDS_FOR: Final = _either(
    *("means?", "stands? for", "is short for", "is code for", "triggers?"),
    "is (?:another|our|my) (?:word|name) for",
)
_MEANS: Final = re.compile(
    r"^(?:the (?:words?|phrase|command) )?(?P<phrase>.{2,60}?),?"
    rf"\s+(?:should |shall |will |now |always |also )*{_STANDS_FOR}\s+(?:that )?(?P<meaning>.+)$"
)
_BY: Final = re.compile(
    r"^(?:by|with)\s+(?P<phrase>.+?),?\s+(?:i|we)\s+(?:always |really )?means?\s+(?P<meaning>.+)$"
)
_MY_LIKED: Final = (
    r"\b(?:my|our)\s+(?:(?:absolute|all[ -]time|very)\s+)?(?:favou?rite|usual|preferred|regular)"
)
_IS: Final = r"(?:\bis\b|\bare\b|'s\b|\bwould be\b|\bhas to be\b|\bhappens to be\b)"
_I_AM: Final = r"\b(?:i'm|i am)\s+(?:a |an |really |very |such |big |huge |great |real |total |die-hard )*"
_FAVOURITE: Final = tuple(
    map(
        re.compile,
        (
            rf"{_MY_LIKED}\s+(?P<phrase>[\w' -]+?)\s*{_IS}\s+(?:called |always )?(?P<meaning>.+)$",
            rf"^(?P<meaning>.+?)\s+(?:is|are)\s+{_MY_LIKED}\s+(?P<phrase>[\w' -]+)$",
            rf"{_MY_LIKED}(?P<phrase>)\s+{_IS}\s+(?P<meaning>.+)$",
            rf"{_I_AM}(?P<phrase>)(?:fan|supporter|lover|follower) of\s+(?P<meaning>.+)$",
            rf"{_I_AM}(?P<phrase>)(?P<meaning>.+?)\s+(?:fan|supporter|lover|drinker|person)$",
            r"\b(?:i|we)\s+(?:support|root for)(?P<phrase>)\s+(?P<meaning>.+)$",
            r"^(?:i|we)\s+(?:really |always |usually |much )*(?:like|love|prefer|enjoy)(?P<phrase>)\s+"
            r"(?P<meaning>.+?)(?:\s+(?:the )?(?:best|most)(?: of all)?)?$",
        ),
    )
)
_NAME: Final = tuple(
    map(
        re.compile,
        (
            r"\brename\s+(?P<meaning>.+?)\s+(?:to|as|into)\s+(?P<phrase>.+)$",
            r"\brefer to\s+(?P<meaning>.+?)\s+as\s+(?P<phrase>.+)$",
            r"\bgive\s+(?P<meaning>.+?)\s+the name\s+(?P<phrase>.+)$",
            r"\bthe name of\s+(?P<meaning>.+?)\s+is\s+(?:now )?(?P<phrase>.+)$",
            r"^(?P<meaning>.+?)(?:\s+(?:is|are)|'s)\s+(?:now |also |to be )*(?:called|named|known as)\s+"
            r"(?P<phrase>.+)$",
            r"^(?P<phrase>.+?)\s+is (?:what (?:i|we) call|(?:the|our|my) name (?:of|for))\s+(?P<meaning>.+)$",
        ),
    )
)
_CALL: Final = re.compile(r"\b(?:call|name)\s+(?P<rest>.+)$")
_FORGET: Final = re.compile(
    r"\b(?:forget|unlearn|delete|remove)\s+"
    r"(?:(?:(?:what|everything|all) (?:i|we) (?:told|taught|said)(?: to)?(?: you)? about"
    r"|about|what|that)\s+)?"
    r"(?P<phrase>.+?)(?:\s+(?:means?|stands for|anymore|any more|again))*$"
)
# without one of these nothing taught is taken back: "movie time is over" forgets nothing
_FORGETTING: Final = re.compile(
    r"\b(?:forget|unlearn|delete|remove|erase|drop|clear|scrap|no longer|any ?more"
    r"|(?:doesn't|does not|don't|do not|shouldn't|should not|stop) (?:mean|call|calling))\b"
)
_POLITE_BEFORE: Final = re.compile(
    r"^(?:[\s,;:.-]+|(?:then|please|just|to|and)\b|(?:i|we) (?:want|need|expect)(?: you)? to\b"
    r"|(?:i|we)(?:'d| would) like you to\b|(?:can|could|would|will) you\b|i mean\b"
    r"|(?:that|it) means?(?: that)?\b|(?:you|it|that) (?:should|shall|must|have to|has to|will|could|can)\b"
    r"|make sure (?:to|that you|you)\b|what i want is\b|do the following\b)"
)
_POLITE_AFTER: Final = re.compile(r"(?:[\s,;:.!?-]+|\b(?:please|thanks|thank you|okay|for me))$")
_QUOTES: Final = re.compile("[\"\u201c\u201d\u201e\u00ab\u00bb`]|(?<!\\w)'|'(?!\\w)")
_ARTICLES: Final = frozenset(["the", "a", "an", "my", "our", "your", "this", "that", "some"])
_POINTING: Final = frozenset(["it", "this", "that", "them", "these", "those", "something", "anything"])
# words that begin what a phrase stands for, not more words of the phrase; and how many more it may have
_BEGINNING: Final = _ARTICLES | {"i", "you", "we", "it", "all", "every", "please", "then"}
_FEW: Final = 3
_SHORTEST: Final = 3
# words that every home needs as they are
PLAIN: Final = frozenset(
    """
    stop yes no yeah yep nope okay ok on off up down cancel undo pause play resume next previous
    help please turn switch set open close lock unlock start begin end mute unmute dim more less
    brighter darker warmer cooler louder quieter all everything every both never mind forget it
    again thanks thank you go ahead do not don't in at to of and
    """.split()  # noqa: SIM905
)


def lessons_of(wishes: Sequence[Wish], text: str, home: Home, user: str) -> tuple[Lesson, ...]:
    """Return what a sentence teaches, as far as it may be taught; nothing where it teaches nothing."""
    return tuple(lesson for lesson in _read(wishes, text, home, user) if not problem(lesson, home))


def refusal(wishes: Sequence[Wish], text: str, home: Home, user: str) -> str:
    """Return why a sentence that means to teach cannot, in words to say, or "" where it teaches nothing."""
    lessons = _read(wishes, text, home, user)
    for lesson in lessons:
        if why_not := problem(lesson, home):
            return why_not
    if lessons or not any(wish.want == "teach" and wish.phrase not in ("", wish.text) for wish in wishes):
        return ""
    return "I did not get what that stands for."


def problem(lesson: Lesson, home: Home) -> str:
    """Return why a lesson cannot be kept, or ""."""
    words = [word for word in _words(lesson.phrase) if word not in _ARTICLES]
    if lesson.kind == "forget":
        return "" if words else "Tell me which words I should forget."
    if lesson.kind != "favourite" and not _is_plausible(words, home):
        return "I did not get which words should stand for that."
    meaning = _words(lesson.meaning)
    told = lesson.kind == "favourite" or _is_plausible(meaning, home)
    if not told or all(word in _POINTING for word in meaning):
        return f"I did not get what {lesson.phrase or 'that'} stands for."
    if lesson.kind == "favourite":
        return ""
    if all(word in PLAIN or known(word, home) for word in words) and any(word in PLAIN for word in words):
        return f"I cannot learn {lesson.phrase}: it means something already."
    if phrase_key(lesson.phrase) == phrase_key(lesson.meaning):
        return f"{lesson.phrase.capitalize()} cannot stand for itself."
    return ""


def phrase_key(phrase: str) -> str:
    """Return a phrase such that two that people take for the same are equal."""
    words = _words(phrase)
    while len(words) > 1 and (words[0] in _ARTICLES or words[0] in ("favourite", "favorite", "usual")):
        words = words[1:]
    return "".join(words).replace("'", "")


def _is_plausible(words: Sequence[str], home: Home) -> bool:
    """Return whether somebody may have said these words: of two letters only what one knows is a word."""
    return any(len(word) >= _SHORTEST or word in PLAIN or known(word, home) for word in words)


def known(word: str, home: Home) -> bool:
    """Return whether a word names a device, a kind of device or a room of this home."""
    single = word[:-1] if word.endswith("s") and len(word) > 3 else word
    named = home.known_as(word) or home.known_as(single)
    return bool(named or home.kinds_called(word) or home.rooms_called(word))


# ------------------------------------------------------------------------------------------- reading


def _read(wishes: Sequence[Wish], text: str, home: Home, user: str) -> tuple[Lesson, ...]:
    """Return what each part of a sentence teaches; a part goes up to the next one that teaches."""
    said = _QUOTES.sub("", text.lower().replace("\u2019", "'"))
    teaching = [index for index, wish in enumerate(wishes) if wish.want in ("teach", "forget")]
    if not teaching and not any(wish.want == "ask" for wish in wishes):
        lesson = _when(said.strip(" ,.!?"), "", (Wish("teach", "name"), *wishes), user)
        return (lesson,) if lesson is not None and lesson.meaning else ()
    found: list[Lesson] = []
    for number, index in enumerate(teaching):
        start = _place(wishes[index].text, said) if number else 0
        end = _place(wishes[teaching[number + 1]].text, said) if number + 1 < len(teaching) else len(said)
        lesson = _lesson(wishes[index:], said[start:end].strip(" ,.!?"), home, user)
        if lesson is not None:
            found.append(lesson)
    return tuple(found)


def _place(part: str, said: str) -> int:
    return max(said.find(_QUOTES.sub("", part.lower().replace("\u2019", "'"))), 0)


def _lesson(wishes: Sequence[Wish], said: str, home: Home, user: str) -> Lesson | None:
    phrase = wishes[0].phrase.replace("\u2019", "'")
    bare = said[match.end() :] if (match := _LEADING.match(said)) else said
    if wishes[0].want == "forget":
        if not _FORGETTING.search(said):
            return None
        asked = _FORGET.search(bare)
        return Lesson("forget", _whole(phrase, _trimmed(asked["phrase"]) if asked else ""), "", user)
    return (
        _when(bare, phrase, wishes, user)
        or _favourite(bare, user)
        or _meaning_said(bare, phrase)
        or _named(bare, phrase, home)
        or _following(bare, phrase, wishes, user)
    )


def _favourite(said: str, user: str) -> Lesson | None:
    for pattern in _FAVOURITE:
        if match := pattern.search(said):
            return Lesson("favourite", match["phrase"].strip(), _trimmed(match["meaning"]), user)
    return None


def _when(said: str, phrase: str, wishes: Sequence[Wish], user: str) -> Lesson | None:
    """Read "when I say X, do Y", and "do Y when I say X"."""
    match = _WHEN.search(said)
    if match is None:
        return None
    before, rest = _trimmed(said[: match.start()]), said[match.end() :]
    end = _phrase_end(rest, phrase, wishes)
    after = _trimmed(rest[end:])
    if len(_words(before)) > 1 and len(_words(after)) <= _FEW and not _THEN.search(rest):
        return Lesson("phrase", _trimmed(rest), before, user)
    if after:
        return Lesson("phrase", _trimmed(rest[:end]), after, user)
    return Lesson("phrase", phrase or _trimmed(rest), "", user)


def _phrase_end(rest: str, phrase: str, wishes: Sequence[Wish]) -> int:
    """Return where the phrase ends: where the model says, but for a few words that still belong to it."""
    marked = len(phrase) if phrase and rest.startswith(phrase) else 0
    ends = [match.start() for match in _THEN.finditer(rest, marked) if match.start()]
    for wish in wishes[1:]:
        start = rest.find(wish.text.lower().replace("\u2019", "'"), marked) if wish.text else -1
        if start > 0:
            ends.append(start)
    end = min(ends, default=marked or len(rest))
    between = _words(rest[marked:end])
    if marked and between and (len(between) > _FEW or between[0] in _BEGINNING):
        return marked
    return end


def _meaning_said(said: str, phrase: str) -> Lesson | None:
    """Read "X means Y" and its like, which hold for the whole home."""
    match = _BY.search(said) or _MEANS.search(said)
    if match is None:
        return None
    return Lesson("phrase", _whole(phrase, _trimmed(match["phrase"])), _trimmed(match["meaning"]))


def _whole(phrase: str, found: str) -> str:
    """Return the phrase as it stands in the sentence: the model may have missed a few words at its end."""
    if not phrase or phrase not in found:
        return phrase or found
    more = found.partition(phrase)[2]
    return phrase + more if len(more.split()) <= _FEW else phrase


def _named(said: str, phrase: str, home: Home) -> Lesson | None:
    for pattern in _NAME:
        if match := pattern.search(said):
            return Lesson("name", _name(match["phrase"]), _trimmed(match["meaning"]))
    match = _CALL.search(said)
    if match is None:
        return None
    rest = _trimmed(match["rest"])
    if phrase and (rest.endswith(phrase) or f"{phrase} " in rest):
        thing, _, after = rest.partition(phrase)
        return Lesson("name", phrase, _trimmed(thing) or _trimmed(after))
    thing, name = _thing_and_name(rest.split(), home)
    return Lesson("name", name, thing)


def _thing_and_name(words: Sequence[str], home: Home) -> tuple[str, str]:
    """Return the words up to the last one that the home knows, and those after it."""
    last = max((index for index, word in enumerate(words[:-1]) if known(word, home)), default=-1)
    return " ".join(words[: last + 1]), _name(" ".join(words[last + 1 :]))


def _name(words: str) -> str:
    """Return a name without what leads to it: "as", "simply", "the"."""
    left = _trimmed(words).split()
    while len(left) > 1 and left[0] in ("as", "simply", "just", "now", "the", "my", "our"):
        left = left[1:]
    return " ".join(left)


def _following(said: str, phrase: str, wishes: Sequence[Wish], user: str) -> Lesson | None:
    """Read a phrase that the model marked from what stands after it: wishes, or a thing."""
    if not phrase:
        return None
    after = said.partition(phrase)[2]
    if len(wishes) > 1 and after:
        return Lesson("phrase", phrase, _trimmed(after), user)
    things = [target.thing for target in wishes[0].targets if target.thing]
    if things and " is " in said:
        return Lesson("name", phrase, things[0])
    return None


# --------------------------------------------------------------------------------------------- words


def _trimmed(words: str) -> str:
    """Return words without what politeness and grammar put around them."""
    while True:
        shorter = _POLITE_AFTER.sub("", _POLITE_BEFORE.sub("", words.strip()))
        if shorter == words:
            return words
        words = shorter


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("\u2019", "'"))


def forgotten(lesson: Lesson, kept: Iterable[Lesson]) -> tuple[Lesson, ...]:
    """Return those of the lessons kept that one takes back: those with its phrase, whoever's is nearest."""
    key = phrase_key(lesson.phrase)
    same = [other for other in kept if phrase_key(other.phrase) == key or _is_favourite(other, lesson, key)]
    own = [other for other in same if other.user in (lesson.user, "")]
    return tuple(own or same)


def _is_favourite(other: Lesson, lesson: Lesson, key: str) -> bool:
    return other.kind == "favourite" and other.user == lesson.user and phrase_key(other.meaning) == key
