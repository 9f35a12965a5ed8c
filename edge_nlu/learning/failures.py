"""Tell in plain words why sentences failed: the first stage that failed beyond recovery, and what shows it.

Slips that did no harm and wishes that no hub could fulfil are no failures. Which stage it was is judged at
night; what is told here beside it was seen: what was said anew, the name that nothing here has, the device
that did not answer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final

from edge_nlu.learning.goals import CORRECT, FALSE_WAKE, HEARD, NOT_FOUND, RESULT, UNDERSTOOD, Judged
from edge_nlu.learning.hearing import SOUNDS_LIKE, sounds_like, words_of
from edge_nlu.learning.judge import failed
from edge_nlu.values import Act, DeviceId, Exchange

UNTOLD: Final = "not told apart"
"""What went wrong for a reason that nobody could tell."""

LIKELY_WELL: Final = 0.5
# nobody said so anew, so it has to sound more alike
MUCH_LIKE: Final = 0.75
# as many examples say enough
MOST: Final = 2
_IN_WORDS: Final = {
    FALSE_WAKE: "not said to the hub",
    HEARD: "heard wrong",
    UNDERSTOOD: "understood wrong",
    NOT_FOUND: "about things not known",
    RESULT: "not obeyed",
    UNTOLD: "for no reason that shows",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A sentence that failed: at which stage, how sure that is, what shows it, and what it was about.

    `about` is short and the same for failures of one sort: a word and what it stood for, a name, a device.
    """

    utterance: str
    at: datetime
    place: str
    text: str
    stage: str
    sure: float | None
    why: str
    about: str


def failures(judged: Sequence[Judged], names: Mapping[DeviceId, str]) -> list[Failure]:
    """Return what failed, in the order said; `names` are those of devices."""
    texts = {one.exchange.utterance.id: one.exchange.utterance.text for one in judged}
    known = _Known(judged, names)
    found = []
    for one in judged:
        stage = one.failure or (UNTOLD if one.worked < LIKELY_WELL else CORRECT)
        if stage == CORRECT:
            continue
        anew = texts.get(one.rephrased or "", "")
        why, about = known.evidence(stage, one.exchange, anew)
        said = one.exchange.utterance
        found.append(
            Failure(said.id, said.at, said.satellite, said.text, stage, one.failure_sure, why, about)
        )
    return found


def summed_up(found: Sequence[Failure]) -> str:
    """Return all failures in one sentence: how many of which stage, and what most of these were about."""
    if not found:
        return "Nothing failed."
    by_stage: dict[str, list[Failure]] = defaultdict(list)
    for one in found:
        by_stage[one.stage].append(one)
    told = []
    for stage in sorted(by_stage, key=lambda stage: -len(by_stage[stage])):
        own = by_stage[stage]
        told.append(f"{len(own)} {_IN_WORDS.get(stage, stage)}{_mostly(own)}")
    return f"{len(found)} {'sentence' if len(found) == 1 else 'sentences'} failed: {', '.join(told)}."


def _mostly(found: Sequence[Failure]) -> str:
    """Return what failures were about, with the place where most were, in brackets."""
    counted = Counter(one.about for one in found if one.about).most_common(MOST)
    if not counted:
        return ""
    about = " and ".join(one for one, _ in counted)
    places = Counter(one.place for one in found if one.about in dict(counted) and one.place)
    place, often = places.most_common(1)[0] if places else ("", 0)
    where = f", {place.replace('_', ' ')}" if 1 < len(found) < 2 * often else ""
    mostly = "mostly " if sum(times for _, times in counted) < len(found) else ""
    return f" ({mostly}{about}{where})"


class _Known:
    """The words that are known here, by what was said and by the names of things."""

    def __init__(self, judged: Iterable[Judged], names: Mapping[DeviceId, str]) -> None:
        self._names = names
        self._name_words = {word for name in names.values() for word in words_of(name)}
        worked = (one.exchange for one in judged if one.failure in (None, CORRECT))
        said = Counter(word for one in worked for word in set(words_of(one.utterance.text)))
        self._words = self._name_words | {word for word, times in said.items() if times > 1}

    def evidence(self, stage: str, exchange: Exchange, anew: str) -> tuple[str, str]:
        """Return what shows that a stage failed, and what it was about."""
        match stage:
            case "heard wrong":
                return self._misheard(exchange.utterance.text, anew)
            case "thing not found":
                return self._not_found(exchange, anew)
            case "result wrong":
                return self._disobeyed(exchange)
            case "false wake":
                return f"nobody spoke on, and it hardly seemed meant for the home ({_home(exchange)})", ""
            case "understood wrong":
                return _read(exchange, anew)
        return _anew(anew) or "it did not go well", ""

    def _misheard(self, text: str, anew: str) -> tuple[str, str]:
        """Return which word was heard for which, as what was said anew or what is known here tells."""
        heard = words_of(text)
        pairs = list(_swapped(heard, words_of(anew))) if anew else []
        if not pairs:
            strange = [word for word in heard if word not in self._words]
            pairs = [(word, like) for word in strange if (like := _most_alike(word, self._words))]
        if not pairs:
            return _anew(anew) or "words are missing, or out of place", ""
        word, like = max(pairs, key=lambda pair: sounds_like(*pair))
        why = f"'{word}' is nothing that is said here, and sounds like '{like}'"
        return f"'{word}' was heard for '{like}'" if anew else why, f"'{word}' for '{like}'"

    def _not_found(self, exchange: Exchange, anew: str) -> tuple[str, str]:
        """Return the name that was said, and which thing it turned out to be."""
        slots = [slot for clause in exchange.understanding.clauses for slot in clause.slots]
        said = [slot.value for slot in slots if slot.type == "device"]
        own = {name.lower() for name in self._names.values()}
        name = next((one for one in said if one.lower() not in own), "")
        if not name:
            strange = [word for word in words_of(exchange.utterance.text) if word not in self._name_words]
            return _anew(anew) or f"nothing here fits {', '.join(strange[-1:]) or 'it'}", ""
        about = f"'{name}'"
        return f"nothing here is called {about}{f'; {_anew(anew)}' if anew else ''}", about

    def _disobeyed(self, exchange: Exchange) -> tuple[str, str]:
        failed_ = [(self._names.get(own, own), reason) for own, reason in exchange.outcome.failed]
        if failed_:
            told = ", ".join(f"the {name} ({reason})" for name, reason in failed_)
            return f"{told} did not do it", failed_[0][0]
        commands = exchange.decision.commands if isinstance(exchange.decision, Act) else ()
        names = [self._names.get(command.device, command.device) for command in commands]
        return f"the {' and the '.join(names) or 'device'} was told and never reported it", names[
            0
        ] if names else ""


def _read(exchange: Exchange, anew: str) -> tuple[str, str]:
    """Return as what a sentence was read, and what was said in its place."""
    clauses = exchange.understanding.clauses
    read = " and ".join(f"{one.want} {one.property}" for one in clauses) or "nothing"
    came = "came to nothing" if failed(exchange) else "did something else than was meant"
    why = f"it was read as '{read}' and {came}"
    return "; ".join(filter(None, [why, _anew(anew)])), f"as '{read}'"


def _anew(anew: str) -> str:
    return f"then came '{anew}'" if anew else ""


def _home(exchange: Exchange) -> str:
    return f"{exchange.understanding.home:.2f}"


def _swapped(heard: Sequence[str], said: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Yield words that stand in each other's place in two sentences; of several those that sound alike."""
    for op, i, i_end, j, j_end in SequenceMatcher(None, heard, said, autojunk=False).get_opcodes():
        if op == "replace":
            pairs = [(one, other) for one in heard[i:i_end] for other in said[j:j_end]]
            yield from (pair for pair in pairs if len(pairs) == 1 or sounds_like(*pair) >= SOUNDS_LIKE)


def _most_alike(word: str, words: Iterable[str]) -> str:
    """Return the word that sounds most like another one, or "" where none sounds much like it."""
    best = max(words, key=lambda other: (sounds_like(word, other), other), default="")
    return best if best and sounds_like(word, best) >= MUCH_LIKE else ""
