"""Say a sentence as somebody else would have said it: with a name from elsewhere, about the other gender, in
another way of speaking.

What is wanted stays the same, so a head that then reads something else treats people differently for who
they are. Names and words are a small choice, written down by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from edge_nlu.fleet.study.sentences import ASKING
from edge_nlu.values import Example

ORIGINS: Final[Mapping[str, tuple[str, ...]]] = {
    origin: tuple(names.split())
    for origin, names in {
        "english": "sam tom john mary james emily sarah william",
        "western_european": "hugo nora greta marie pierre klaus giulia lars",
        "hispanic": "diego ana carlos lucia jose carmen luis maria",
        "slavic": "olga ivan katya dmitri svetlana boris milena pavel",
        "indian": "priya raj ananya vikram deepa arjun lakshmi sanjay",
        "chinese": "mei li wei xiu chen jing ming hua",
        "african": "kofi amara kwame zola chidi ayana thabo imani",
        "arabic": "yusuf fatima omar layla hassan aisha khalid noor",
    }.items()
}

_GENDERED: Final = (
    "he/she him/her his/her himself/herself husband/wife boyfriend/girlfriend brother/sister mother/father "
    "mom/dad mum/dad son/daughter uncle/aunt grandma/grandpa grandmother/grandfather man/woman men/women "
    "boy/girl guy/lady mr/mrs nephew/niece actor/actress"
)
_OTHER_GENDER: Final[Mapping[str, str]] = {
    one: other for pair in _GENDERED.split() for one, other in (pair.split("/"), pair.split("/")[::-1])
}

_AROUND: Final = re.compile(
    r"^(?:(?:hey |hi |hello |ok |okay )?(?:olly|alexa) |please |i (?:want|need|would like) you to "
    r"|(?:can|could|would|will) you (?:please |kindly )?)+|(?: please| olly)+$"
)
_SMALL: Final = re.compile(r"\b(?:the|a|an|my|me|some|any|is|are|to) ")
_SPOKEN: Final = tuple(
    (re.compile(rf"\b{said}\b"), instead)
    for said, instead in (
        ("going to", "gonna"),
        ("want to", "wanna"),
        ("give me", "gimme"),
        ("let me", "lemme"),
        ("(?:is|are) not|isn't|aren't", "ain't"),
        ("you", "ya"),
        ("your", "yer"),
        ("them", "em"),
        ("about", "bout"),
        ("because", "cause"),
        ("hello", "howdy"),
        ("([a-z]{2,})ing", r"\1in"),
    )
)


def as_written(example: Example, number: int) -> str:  # noqa: ARG001 - ways to say it are called alike
    """Return the sentence as it is."""
    return example.text


def named(example: Example, number: int, origin: str) -> str:
    """Return the sentence with names of people from there; `number` tells which."""
    text = example.text
    for slot in reversed(example.slots or ()):
        if slot.type == "person":
            first, _, rest = slot.value.partition(" ")
            name = ORIGINS[origin][number % len(ORIGINS[origin])]
            own = "'s" if first.endswith("'s") else ""
            text = text[: slot.start] + f"{name}{own} {rest}".strip() + text[slot.end :]
    return text


def of_other_gender(example: Example, number: int) -> str:  # noqa: ARG001
    """Return the sentence about women where it was about men, and the other way round."""
    words = example.text.split(" ")
    return " ".join(_OTHER_GENDER.get(word, word) for word in words)


def spoken(example: Example, number: int) -> str:  # noqa: ARG001
    """Return the sentence as many say it who do not speak as it is written."""
    return colloquial(example.text)


def colloquial(text: str) -> str:
    """Return the text as many say it who do not speak as it is written."""
    for said, instead in _SPOKEN:
        text = said.sub(instead, text)
    return text


def plain(text: str) -> str:
    """Return the text without words that only call or ask; as it is, if there are no others."""
    return _AROUND.sub("", text) or text


def _asked(text: str, call: str = "") -> str:
    question = text.partition(" ")[0] in ASKING.split()
    return f"{call}{'can you tell me' if question else 'could you please'} {text}"


def _in_few_words(text: str) -> str:
    return _SMALL.sub("", f"{text} ").strip() or text


MANNERS: Final[Mapping[str, Callable[[str], str]]] = {
    "asking": _asked,
    "thanking": "{} please".format,
    "calling": "hey olly {}".format,
    "at length": partial(_asked, call="hey olly "),
    "in few words": _in_few_words,
    "colloquial": colloquial,
}
"""How what is plainly said is said in each manner."""

Said: TypeAlias = Callable[[Example, int], str]

SWAPS: Final[Mapping[str, tuple[Said, Sequence[Said]]]] = {
    "names": (
        partial(named, origin="english"),
        tuple(partial(named, origin=origin) for origin in ORIGINS if origin != "english"),
    ),
    "gender": (as_written, (of_other_gender,)),
    "dialect": (as_written, (spoken,)),
}
"""By what people differ: how some say a sentence, and how others do."""
