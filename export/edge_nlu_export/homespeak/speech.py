"""Put clauses together as people speak: polite, hesitant, joined, typed or heard.

A clause arrives with its marks still in it. Here it gets what stands around a wish, then all clauses
become one text in which every mark is a slot with exact offsets. Words around a wish belong to no
slot, joining words to the clause they open, and the first clause starts with the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge_nlu.values import Clause, Slot
from edge_nlu_export.homespeak.grammar import NAMED, NOT, OPEN, SHUT
from edge_nlu_export.homespeak.ontology import words as words_of
from edge_nlu_export.homespeak.scene import Scene


@dataclass(frozen=True, slots=True)
class Told:
    """A clause whose words still carry their marks."""

    want: str
    property: str
    words: str
    is_command: bool = False
    is_question: bool = False
    has_room: bool = False


# Ways to stand at the beginning

# Verbs that double their last letter.
_DOUBLED = frozenset(
    words_of("put get set shut cut let dim run stop skip mop flip pop spin drop hum stir chop")
)


def gerund(verb: str) -> str:
    """Return the -ing form of a verb."""
    if verb in _DOUBLED:
        return verb + verb[-1] + "ing"
    if verb.endswith("e") and verb != "be" and not verb.endswith(("ee", "ye", "oe")):
        return verb[:-1] + "ing"
    return verb + "ing"


def rule(scene: Scene, name: str) -> str:
    """Return what a rule of the phrase files says this time."""
    out: list[str] = []
    scene.say(name, out)
    return "".join(out)


def asked_for(scene: Scene, told: Told) -> Told:
    """Return a bare command as people ask for it: politely, rudely, later, for a while."""
    words = told.words
    if (
        told.want in _TIMED
        and scene.chance() < 0.07
        and OPEN + "moment" not in words
        and OPEN + "duration" not in words
    ):
        words = _timed(scene, words)
    roll = scene.chance()
    if roll < 0.46:
        question = False
    elif roll < 0.9:
        before = rule(scene, "asking")
        question = before.startswith(("can", "could", "would", "will", "hey can", "hey could"))
        words = before + " " + words
    else:
        question = False
        verb, _, rest = words.partition(" ")
        if verb.isalpha():
            before = rule(scene, "asking_ing")
            question = before.startswith(("would", "do you"))
            words = f"{before} {gerund(verb)} {rest}"
    if scene.chance() < 0.17:
        words += " " + rule(scene, "after_wish")
    return replace(told, words=words, is_question=question)


_TIMED = frozenset(words_of("on off set open close start stop lock unlock play pause mute"))


def _timed(scene: Scene, words: str) -> str:
    roll = scene.chance()
    if roll < 0.25:
        return words + " for " + rule(scene, "duration")
    if roll < 0.35:
        return words + " " + rule(scene, "until")
    if roll < 0.5:
        return words + " " + rule(scene, "condition")
    if roll < 0.62:
        return rule(scene, "when") + ", " + words
    if roll < 0.7:
        return rule(scene, "condition") + ", " + words
    return words + " " + rule(scene, "when")


def forbidden(scene: Scene, told: Told) -> Told:
    """Return a bare command turned into the wish that it is not done."""
    words = rule(scene, "forbid") + " " + told.words
    if scene.chance() < 0.2:
        words += " " + rule(scene, "after_forbid")
    return replace(told, want="leave", words=words)


def addressed(scene: Scene, told: Told, share: float = 0.16) -> Told:
    """Return the first clause with what people say before they come to it."""
    if scene.chance() < share:
        return replace(told, words=rule(scene, "opening") + " " + told.words)
    return told


_JOINTS = tuple(
    (end, joint)
    for end, joints in {
        "": " and, and, and, and, and then, and then, then, and also, plus, after that, but, and please,"
        " and while you're at it, as well as that, and after that, , ",
        ",": ", , and, then, also, oh and, please, then please",
        ".": ", then, and, also",
        ";": "",
    }.items()
    for joint in joints.split(",")
)


def joined(scene: Scene, clauses: Sequence[Told]) -> list[Told]:
    """Return clauses with words between them; each joining word opens the clause it leads to."""
    result = [clauses[0]]
    for at, told in enumerate(clauses[1:], 2):
        if len(clauses) > 2 and at < len(clauses) and scene.chance() < 0.6:
            end, joint = ",", ""
        else:
            end, joint = _JOINTS[int(scene.chance() * len(_JOINTS))]
        result[-1] = replace(result[-1], words=result[-1].words + end)
        result.append(replace(told, words=joint.strip() + " " + told.words))
    return result


# Hesitation

_FILLERS = ("uh", "um", "er", "erm", "like", "you know", "uhm", "well", "hmm")
_DEPTH = re.compile(f"{OPEN}[^{SHUT}]*{SHUT}")


def hesitating(scene: Scene, told: Told) -> Told:
    """Return the clause with a filler or a word said twice, somewhere between its slots."""
    taken = [found.span() for found in _DEPTH.finditer(told.words)]
    gaps = [
        found.start()
        for found in re.finditer(" ", told.words)
        if not any(start <= found.start() < end for start, end in taken)
    ]
    if not gaps:
        return told
    gap = gaps[int(scene.chance() * len(gaps))]
    before, after = told.words[:gap], told.words[gap:]
    if scene.chance() < 0.6:
        filler = _FILLERS[int(scene.chance() * len(_FILLERS))]
        comma = "," if scene.typed and scene.chance() < 0.6 else ""
        return replace(told, words=f"{before}{comma} {filler}{comma}{after}")
    word = before.rpartition(" ")[2]
    if not word.isalpha():
        return told
    return replace(told, words=f"{before} {word}{after}")


# The text as it is written down

_ARTICLE = re.compile(
    rf"\ba (?=(?:{OPEN}[^{NAMED}]*{NAMED})?(?:[aei]|o(?!ne\b)|u(?!s[aeiu]|n[ikv]|[krt][aeiou]))[a-z])"
)
_SPACES = (
    (re.compile(" +"), " "),
    (re.compile(rf"{NAMED} +"), NAMED),
    (re.compile(rf" +{SHUT}"), SHUT + " "),
    (re.compile(r" +(?=[,.?!;])"), ""),
    (re.compile(r"[,;.]+(?=[,.;?!])"), ""),
    (re.compile(" +"), " "),
)
_HEARD = re.compile(r"[!?;,]|\.(?!\d)|(?<!\d)\.")
_UPPER = {word.lower(): word for word in words_of("I TV HDMI USB LED CO2 DVD CD AC AUX PC FM UV VR")}
_WORD = re.compile(r"[a-z][a-z0-9]*")


def _tidy(words: str, *, typed: bool) -> str:
    words = _ARTICLE.sub("an ", words)
    if not typed:
        words = _HEARD.sub(" ", words)
    for pattern, by in _SPACES:
        words = pattern.sub(by, words)
    return words.strip()


def written(scene: Scene, clauses: Sequence[Told], proper: frozenset[str]) -> tuple[str, tuple[Clause, ...]]:
    """Return the sentence and its clauses with offsets."""
    text, parts = "", []
    for told in clauses:
        words = _tidy(told.words, typed=scene.typed)
        if not words:
            continue
        if text:
            text += " "
        start = len(text)
        words, slots = _unmarked(words, start)
        text += words
        parts.append((start, told, slots))
    if scene.typed:
        text = _typed(scene, text, clauses, proper)
    ends = [start for start, *_ in parts[1:]] + [len(text)]
    return text, tuple(
        Clause(
            start,
            end,
            told.want,
            told.property,
            tuple(replace(slot, value=text[slot.start : slot.end]) for slot in slots),
        )
        for (start, told, slots), end in zip(parts, ends, strict=True)
    )


def _unmarked(words: str, start: int) -> tuple[str, list[Slot]]:
    text, slots = "", []
    for piece in words.split(OPEN):
        if NAMED not in piece:
            text += piece
            continue
        slot, _, rest = piece.partition(NAMED)
        inner, _, after = rest.partition(SHUT)
        at = start + len(text)
        slots.append(Slot(slot.lstrip(NOT), at, at + len(inner), inner, slot.startswith(NOT)))
        text += inner + after
    return text, slots


def _typed(scene: Scene, text: str, clauses: Sequence[Told], proper: frozenset[str]) -> str:
    """Return the text with capitals, letter for letter as long, and a mark at the end."""
    if scene.chance() < 0.85:
        careful = scene.chance() < 0.8
        text = _WORD.sub(lambda found: _cased(found[0], proper if careful else frozenset()), text)
    if scene.chance() < 0.88:
        text = text[0].upper() + text[1:]
        if scene.chance() < 0.9:
            text = re.sub(r"([.?!] )([a-z])", lambda found: found[1] + found[2].upper(), text)
    roll = scene.chance()
    if clauses[-1].want == "ask" or (len(clauses) == 1 and clauses[0].is_question):
        return text + "?" if roll < 0.7 and text[-1].isalnum() else text
    end = "." if roll < 0.4 else "!" if roll < 0.46 else ""
    return text + end if text[-1].isalnum() or text[-1] in "%°'" else text


def _cased(word: str, proper: frozenset[str]) -> str:
    if word in _UPPER:
        return _UPPER[word]
    return word.capitalize() if word in proper else word
