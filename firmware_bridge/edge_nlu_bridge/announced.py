"""An announced entity's configuration, and what channels can be made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge_nlu.values import Feature, FeatureKind, Held
from edge_nlu_bridge.channels import ByValue, ByWord, Channel, Source, Teller, Words, shared, source
from edge_nlu_bridge.discovery import Entity
from edge_nlu_bridge.operations import spelled
from edge_nlu_bridge.payloads import as_list, as_number
from edge_nlu_bridge.templates import template

CHOICES_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Announced:
    """An entity's configuration, and what can be made of it."""

    entity: Entity

    def text(self, key: str, otherwise: str = "") -> str:
        """Return a text, or what stands for it where it was left out."""
        value = self.entity.config.get(key)
        return otherwise if value is None or isinstance(value, dict | list) else spelled(value)

    def says(self, key: str, otherwise: str) -> str:
        """Return a word that is said in a message; a null means that there is none."""
        return "" if self.entity.config.get(key, "") is None else self.text(key, otherwise)

    def number(self, key: str, otherwise: float | None = None) -> float | None:
        """Return a number."""
        number = as_number(self.entity.config.get(key))
        return otherwise if number is None else number

    def flag(self, key: str) -> bool:
        """Return whether something is so."""
        return self.entity.config.get(key) is True

    def choices(self, key: str, otherwise: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the choices listed."""
        listed = self.entity.config.get(key)
        words = [spelled(word) for word in as_list(listed) if isinstance(word, str | int | float)]
        return tuple(dict.fromkeys(words or ([] if isinstance(listed, list) else otherwise)))[:CHOICES_LIMIT]

    def heard(
        self, topic: str, form: str, words: Words = (), *, spell: str = "", mirror: float | None = None
    ) -> tuple[Source, ...]:
        """Return the source that two keys name."""
        return source(self.text(topic), self.text(form), words, spell=spell, mirror=mirror)

    def topic(self, key: str) -> str:
        """Return a topic that can be sent to, or an empty string."""
        topic = self.text(key)
        return "" if set(topic) & {"+", "#", "\0"} or len(topic) > 1000 else topic

    def valued(
        self, topic: str, form: str, name: str = "value", *, spell: str = "", mirror: float | None = None
    ) -> ByValue | None:
        """Return how a value is told to the topic that a key names."""
        where, text = self.topic(topic), self.text(form)
        filled = template(text) if text else None
        if not where or (text and filled is None):
            return None
        return ByValue(where, filled, name, spell, mirror)

    def worded(
        self, topic: str, form: str, words: Sequence[tuple[Held, str]], name: str = "value"
    ) -> ByWord | None:
        """Return how words are told to the topic that a key names."""
        where, text = self.topic(topic), self.text(form)
        filled = template(text) if text else None
        if not where or not words or (text and filled is None):
            return None
        return ByWord(tuple((held, where, said) for held, said in words), filled, name)

    def channel(
        self,
        aspect: str,
        kind: FeatureKind,
        prop: str = "",
        name: str = "",
        sources: tuple[Source, ...] = (),
        teller: Teller | None = None,
        unit: str = "",
        low: float | None = None,
        high: float | None = None,
        step: float | None = None,
        choices: tuple[str, ...] = (),
    ) -> Channel:
        """Return a channel of the entity; without an aspect it is the entity itself."""
        key = f"{self.entity.handle}/{aspect}" if aspect else self.entity.handle
        said = name or aspect.replace("_", " ") or self.entity.name
        told, read = teller is not None, bool(sources)
        feature = Feature(key, kind, prop, said, "", told, read, unit, low, high, step, choices)
        return Channel(shared(feature), sources, teller)

    def on_and_off(self, prefix: str = "") -> tuple[tuple[tuple[Held, str], ...], Words]:
        """Return the words that switch on and off, and those that tell which it is."""
        on, off = self.text(f"payload_{prefix}on", "ON"), self.text(f"payload_{prefix}off", "OFF")
        words: Words = ((self.text("state_on", on), True), (self.text("state_off", off), False))
        return ((True, on), (False, off)), words
