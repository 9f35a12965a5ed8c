"""Look up what is known of kinds of devices, of their words and types, and of how features are called.

People and devices spell things in many ways: a phrase is looked up in the singular and in lower case, a
type with dashes, a choice with blanks, so that "Robot_Vacuum" and "robot vacuums" find the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from edge_nlu.steps.names import WORD, stem
from edge_nlu.values import Appliance, frozen

PROPERTIES = (
    *("power", "brightness", "color", "temperature", "humidity", "volume", "position", "speed", "swing"),
    *("mode", "program", "run", "time_left", "media", "source", "channel", "lock", "timer", "alarm"),
    *("battery", "level", "air", "presence", "leak", "smoke", "energy", "place", "status"),
)
"""What a feature can be about; docs/ontology.md says what each means."""

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")


@frozen
class PropertyWords:
    """How a feature of a property is called, counted and what it can hold; `weak` names say little."""

    property: str
    names: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """What is known of appliances and of how features are called, ready to be looked up."""

    appliances: Mapping[str, Appliance]
    words: tuple[PropertyWords, ...] = ()
    _called: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)
    _calling: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)
    _typed: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)
    _names: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)
    _weak: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)
    _units: dict[str, str] = field(init=False, repr=False, default_factory=dict)
    _choices: dict[str, tuple[str, ...]] = field(init=False, repr=False, default_factory=dict)
    _own: dict[str, dict[str, str]] = field(init=False, repr=False, default_factory=dict)
    _parts: dict[str, tuple[tuple[str, str], ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        ranks: dict[str, list[tuple[int, str]]] = {}
        for kind, appliance in self.appliances.items():
            for phrase in appliance.words:
                _add(self._called, phrase_key(phrase), kind)
            for phrase in (*appliance.words, *appliance.forms):
                _add(self._calling, phrase_key(phrase), kind)
            for rank, name in enumerate(appliance.types):
                ranks.setdefault(type_key(name), []).append((rank, kind))
            self._own[kind] = {phrase_key(name): prop for name, prop in appliance.properties}
            parts = sorted(appliance.parts, key=lambda part: -part.count(" "))
            self._parts[kind] = tuple((phrase_key(part), part) for part in parts)
        for name, kinds in ranks.items():
            self._typed[name] = tuple(kind for _, kind in sorted(kinds, key=lambda found: found[0]))
        for words in self.words:
            for index, phrases in ((self._names, words.names), (self._weak, words.weak)):
                for phrase in phrases:
                    _add(index, phrase_key(phrase), words.property)
            self._units.update((unit.lower(), words.property) for unit in words.units)
            for choice in words.choices:
                _add(self._choices, choice_key(choice), words.property)

    def kinds_called(self, phrase: str) -> tuple[str, ...]:
        """Return the kinds all of whose devices a word or phrase means, in singular or plural."""
        return self._called.get(phrase_key(phrase), ())

    def kinds_calling(self, key: str) -> tuple[str, ...]:
        """Return the kinds that a device with this phrase in its name may be; `phrase_key` made it."""
        return self._calling.get(key, ())

    def kinds_typed(self, name: str) -> tuple[str, ...]:
        """Return the kinds that devices of a type may be, the likeliest first."""
        return self._typed.get(type_key(name), ())

    def appliance(self, kind: str) -> Appliance | None:
        """Return the profile of a kind."""
        return self.appliances.get(kind)

    def named(self, phrase: str, *, weak: bool) -> tuple[str, ...]:
        """Return the properties that a feature with this name may have."""
        return (self._weak if weak else self._names).get(phrase, ())

    def counted(self, unit: str) -> str:
        """Return the property that is counted in a unit."""
        return self._units.get(unit.strip().lower(), "")

    def holding(self, choice: str) -> tuple[str, ...]:
        """Return the properties that can hold a choice."""
        return self._choices.get(choice_key(choice), ())

    def own(self, kind: str) -> Mapping[str, str]:
        """Return what a kind of device means by the names of its features."""
        return self._own.get(kind, {})

    def parts(self, kind: str) -> Sequence[tuple[str, str]]:
        """Return the parts of a kind of device, each as it is found in a name and as it is called."""
        return self._parts.get(kind, ())


def readable(name: str) -> str:
    """Return a name as words: "living_room_ceiling_light" is living room ceiling light."""
    return " ".join(re.split(r"[\s_/.\-]+", _CAMEL.sub(" ", name.strip()))).strip()


@lru_cache(maxsize=1024)
def phrase_key(phrase: str) -> str:
    """Return a phrase as it is looked up: lower case, singular, only words."""
    return " ".join(stem(word) for word in WORD.findall(phrase.lower()))


def type_key(name: str) -> str:
    """Return what a device says that it is as it is looked up."""
    return re.sub(r"[\s_]+", "-", name.strip().lower())


def choice_key(choice: str) -> str:
    """Return a choice as it is looked up."""
    return re.sub(r"[\s_\-]+", " ", choice.strip().lower())


def _add(index: dict[str, tuple[str, ...]], key: str, value: str) -> None:
    found = index.get(key, ())
    if value not in found:
        index[key] = (*found, value)
