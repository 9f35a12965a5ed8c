"""Find which of a device's choices somebody means: "HDMI two" is hdmi2, "extra dry" is extra_dry.

Only a plain match counts. A choice that is merely near would wash wool with cotton's program, so the hub
rather says what there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from edge_nlu.steps.amounts import SMALL
from edge_nlu.steps.names import stem

_PART = re.compile(r"\d+|[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_EMPTY = frozenset(
    (
        "the",
        "a",
        "an",
        "on",
        "in",
        "to",
        "mode",
        "program",
        "programme",
        "setting",
        "cycle",
        "input",
        "source",
        "position",
        "preset",
    )
)
# says again what sort of thing it is: an espresso coffee, the eco wash
_SORTS = frozenset(("coffee", "wash", "washing", "drying", "drink", "cup", "style", "type", "level"))
_ALIKE = (
    "auto automatic automatically",
    "heat heating warm",
    "cool cooling ac",
    "dry drying dehumidify",
    "fan fanonly ventilation ventilate",
    "eco economy economical energysaving energysaver ecological",
    "night sleep sleeping nighttime bedtime",
    "quiet silent silence whisper mute low noise",
    "boost turbo powerful power max intensive",
    "quick fast short express rapid speed",
    "normal standard regular default",
    "holiday vacation away",
    "comfort home",
    "tuner tv television antenna aerial",
    "aux auxiliary linein",
    "bluetooth bt",
    "start run begin go on",
    "stop cancel end abort off",
    "pause hold",
)
_GROUPS: dict[str, frozenset[int]] = {}
for _number, _words in enumerate(_ALIKE):
    for _word in _words.split():
        _GROUPS[_word] = _GROUPS.get(_word, frozenset()) | {_number}


def match(words: str, choices: Iterable[str]) -> str | None:
    """Return the one choice that some words mean, or None where none does or several do."""
    said = _parts(words)
    if not said:
        return None
    for fits in (_same, _shuffled, _within, _alike):
        found = [choice for choice in choices if fits(said, _parts(choice))]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def named(words: Sequence[str], choices: Iterable[str]) -> str | None:
    """Return the first choice that is one of these words as it stands, the words in order of preference."""
    spelled = {"".join(_parts(choice)): choice for choice in choices}
    return next((spelled[word] for word in words if word in spelled), None)


def listed(choices: Sequence[str]) -> str:
    """Return choices as one says them: "cotton, quick and eco"."""
    words = [" ".join(_CAMEL.sub(" ", choice).replace("_", " ").split()) for choice in choices]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[str, ...]:
    """Return words and numbers of a choice; number words as digits, without words that tell nothing."""
    parts = [stem(part) for part in _PART.findall(_CAMEL.sub(" ", text).lower())]
    told = [part for part in parts if part not in _EMPTY] or parts
    return tuple(str(SMALL[part]) if part in SMALL else part for part in told)


def _same(said: Sequence[str], choice: Sequence[str]) -> bool:
    return "".join(said) == "".join(choice)


def _shuffled(said: Sequence[str], choice: Sequence[str]) -> bool:
    return sorted(said) == sorted(choice)


def _within(said: Sequence[str], choice: Sequence[str]) -> bool:
    """Return whether one has all words of the other: "delicate" for "delicate 30".

    What is said last says what it is: coffee capsules are no coffee.
    """
    if not choice or set(said) <= set(choice):
        return bool(choice)
    return set(choice) <= set(said) and (said[-1] in choice or set(said) - set(choice) <= _SORTS)


def _alike(said: Sequence[str], choice: Sequence[str]) -> bool:
    """Return whether each word said stands for one of the choice: "automatic" for auto."""
    if len(said) != len(choice):
        return _means_the_same("".join(said), "".join(choice))
    return all(_word_alike(one, other) for one, other in zip(said, choice, strict=True))


def _means_the_same(one: str, other: str) -> bool:
    return one == other or bool(_GROUPS.get(one, frozenset()) & _GROUPS.get(other, frozenset()))


def _word_alike(one: str, other: str) -> bool:
    if _means_the_same(one, other):
        return True
    short, long = sorted((one, other), key=len)
    return (len(short) >= 4 and long.startswith(short)) or goes_on(short, long)


def goes_on(doing: str, word: str) -> bool:
    """Return whether a word says that one does what another one says: sit and sitting, stand and standing."""
    return word in (f"{doing}ing", f"{doing}{doing[-1:]}ing", f"{doing.removesuffix('e')}ing")
