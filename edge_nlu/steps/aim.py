"""A wish aimed at a device: what the device has for it, and what that holds now."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from edge_nlu.interfaces import Home
from edge_nlu.steps.choices import named
from edge_nlu.steps.names import words_in
from edge_nlu.values import Appliance, Cannot, Device, Feature, Held, Wish, frozen

Setting: TypeAlias = tuple[str, Held]
Told: TypeAlias = tuple[Setting, ...] | Cannot
"""What a device would be told, or why it cannot be."""

_WORD = re.compile(r"[^\W\d_]+|\d+")


@frozen
class Aim:
    """One wish and one device, with what is known of both."""

    wish: Wish
    device: Device
    home: Home
    appliance: Appliance | None

    @property
    def name(self) -> str:
        """Return how one speaks of the device: "the wall oven", "Ana's lamp"."""
        name = self.device.name.replace("_", " ").strip() or "device"
        first = name.split()[0]
        if first.lower() in ("the", "my", "our") or first.endswith(("'s", "s'", "\u2019s")):
            return name
        return "the " + (first.lower() if first.istitle() else first) + name[len(first) :]

    def cannot(self, reason: str, near: int = 0) -> Cannot:
        """Return that the device cannot do it."""
        return Cannot(self.device.id, reason, near)

    def wishing(self, want: str, prop: str) -> Aim:
        """Return the aim with another want and property."""
        if self.wish.want == want and self.wish.property == prop:
            return self
        return Aim(_wishing(self.wish, want, prop), self.device, self.home, self.appliance)

    def having(self, prop: str, *kinds: str) -> Iterator[Feature]:
        """Yield what can be told the device of a property, in its order."""
        for feature in self.device.features:
            if feature.settable and feature.property == prop and (not kinds or feature.kind in kinds):
                yield feature

    def choosing(self, prop: str, words: Sequence[str]) -> tuple[Setting, ...]:
        """Return the setting that chooses the first of these words, nothing where none can be chosen."""
        for feature in self.having(prop, "choice", "trigger"):
            if (choice := named(words, feature.choices)) is not None:
                return ((feature.key, choice),)
        return ()

    def feature(self, prop: str, *kinds: str) -> Feature | None:
        """Return what of a property is meant: the part that was named, else what is of the whole device."""
        found = list(self.having(prop, *kinds))
        if len(found) < 2:
            return found[0] if found else None
        said = set(words_in(self.wish.text))
        own = set(words_in(self.device.name))
        if parted := [one for one in found if one.part and set(words_in(one.part)) & said - own]:
            return parted[0]
        called = {one.key: len((set(words_in(one.name)) & said) - own) for one in found}
        return max(found, key=lambda one: (called[one.key], not one.part))

    def gangs(self, found: Sequence[Feature]) -> Sequence[Feature]:
        """Return what of several alike is meant: the parts that were named, the whole, else all of them."""
        if len(found) < 2:
            return found
        said = f" {self.wish.text.lower()}"
        named_parts = [one for one in found if one.part and f" {one.part.lower()}" in said]
        return named_parts or [one for one in found if not one.part][:1] or found

    def main_level(self) -> str:
        """Return the property that "turn it up" is about: volume of a player, speed of a fan, and so on."""
        has = {feature.property for feature in self.device.features if feature.settable}
        if "media" in has and "volume" in has:
            return "volume"
        order = ("speed", *_LEVELS) if self.is_a("fan", "purifier", "hood") else _LEVELS
        return next((prop for prop in order if prop in has), "power")

    def is_a(self, *words: str) -> bool:
        """Return whether one of these words is in the device's kind or in what it says that it is."""
        sort = f"{self.device.kind} {' '.join(self.device.types)}".lower()
        return any(word in sort for word in words)

    def holds(self, feature: Feature) -> Held | None:
        """Return what a feature holds now, None where nobody knows."""
        reading = self.home.reading(self.device.id, feature.key)
        return reading.value if reading else None

    def number(self, feature: Feature) -> float | None:
        """Return the number that a feature holds now."""
        value = self.holds(feature)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def is_on(self) -> bool | None:
        """Return whether the device is switched on, None where nobody knows or it has no switch."""
        known = [
            self.holds(feature)
            for feature in self.device.features
            if feature.property == "power" and feature.kind in ("switch", "choice") and feature.readable
        ]
        values = [
            value if isinstance(value, bool) else value != "off" for value in known if value is not None
        ]
        return any(values) if values else None

    def status(self) -> str:
        """Return what the device says that it is doing, in lower case, or ""."""
        for feature in self.device.features:
            if feature.property in ("run", "status") and feature.readable and feature.kind != "trigger":
                value = self.holds(feature)
                if isinstance(value, bool):
                    return "running" if value else "idle"
                if isinstance(value, str) and value:
                    return value.lower()
        return ""

    def ringing(self) -> bool:
        """Return whether an alarm or a timer of it rings now."""
        for feature in self.device.features:
            if feature.property in ("alarm", "timer") and not feature.settable and feature.readable:
                value = self.holds(feature)
                if value is True or (isinstance(value, str) and value.lower() in ("ringing", "triggered")):
                    return True
        return False

    def playback(self) -> str:
        """Return what its player does: "play", "pause", "stop", or ""."""
        for feature in self.device.features:
            if feature.property == "media" and feature.kind == "choice" and feature.readable:
                value = self.holds(feature)
                if isinstance(value, str) and value.lower() in _PLAYER:
                    return _PLAYER[value.lower()]
        return ""

    def about_itself(self, words: str) -> bool:
        """Return whether words only name the device or its kind: "coffee" to a coffee maker."""
        own = {word for text in self._names() for word in words_in(text.replace("_", " ").replace("-", " "))}
        return all(word in own for word in words_in(words))

    def does(self, words: str) -> bool:
        """Return whether words hint at what its kind is for: "cup of tea" to a kettle."""
        tasks = {word for task in (self.appliance.tasks if self.appliance else ()) for word in words_in(task)}
        return any(word in tasks for word in words_in(words))

    def _names(self) -> Iterator[str]:
        yield self.device.name
        yield self.device.kind
        yield from self.device.types
        yield from self.device.aliases
        if self.appliance:
            yield from self.appliance.words


@lru_cache(maxsize=32)
def _wishing(wish: Wish, want: str, prop: str) -> Wish:
    # asked for each of many devices
    return replace(wish, want=want, property=prop)


_LEVELS = ("temperature", "brightness", "speed", "position", "volume", "humidity", "color")
_PLAYER = {
    "play": "play",
    "playing": "play",
    "buffering": "play",
    "pause": "pause",
    "paused": "pause",
    "stop": "stop",
    "stopped": "stop",
    "idle": "stop",
    "off": "stop",
}
