"""What a feature is read from and how it is told, where a configuration says both.

Values come on topics of their own or out of one JSON text, found by a template; the words for on and off,
open and closed are the maker's. A channel is a feature with the places that tell it and the one that is told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias, TypeVar, cast

from edge_nlu.values import Feature, Held, Message
from edge_nlu_bridge import colors
from edge_nlu_bridge.operations import MISSING, spelled
from edge_nlu_bridge.payloads import (
    STATE_LIMIT_BYTES,
    as_held,
    as_list,
    as_mapping,
    as_number,
    exact,
    fits,
    is_unknown,
    json_of,
    plain,
    text_of,
)
from edge_nlu_bridge.templates import Template, template

T = TypeVar("T")
Words: TypeAlias = tuple[tuple[str, Held | None], ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields of a JSON object that is still growing, and what goes without saying beside them."""

    own: Mapping[str, object]
    beside: Mapping[str, object]


Part: TypeAlias = tuple[str, str | Fields]
"""What goes to a topic."""


class Payload:
    """A payload, taken apart no more than once however many features are in it."""

    def __init__(self, payload: bytes) -> None:
        self.text = text_of(payload)

    @cached_property
    def names(self) -> Mapping[str, object]:
        """Return what templates can speak of."""
        parsed = json_of(self.text, STATE_LIMIT_BYTES) if self.text is not None else None
        said = parsed is not None or (self.text or "").strip() == "null"
        return {"value": self.text, **({"value_json": parsed} if said else {})}

    def through(self, form: Template | None) -> object:
        """Return what a template makes of it; `MISSING` where it tells nothing."""
        if self.text is None:
            return MISSING
        return self.text if form is None else form.fill(self.names)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from, what its words mean, and how colours are written."""

    topic: str
    form: Template | None = None
    words: Words = ()
    spell: str = ""
    mirror: float | None = None

    def read(self, feature: Feature, payload: Payload) -> tuple[bool, Held | None]:
        """Return whether the payload tells this feature, and what: None when it is not known."""
        value = payload.through(self.form)
        if value is MISSING or value == "":
            return False, None
        held = self._held(feature, value)
        return (held is not None or self._is_known_unknown(feature, value)), held

    def _is_known_unknown(self, feature: Feature, value: object) -> bool:
        word = spelled(value).strip().casefold()
        return is_unknown(feature, value) or any(word == said.casefold() for said, _ in self.words)

    def _held(self, feature: Feature, value: object) -> Held | None:
        if self.words:
            return meaning(self.words, value)
        if self.spell:
            return color_of(value, self.spell)
        if feature.kind == "number" and self.mirror is not None:
            number = as_number(value)
            return None if number is None else exact(self.mirror - number)
        return as_held(feature, spelled(value) if feature.kind == "text" else value)


@dataclass(frozen=True, slots=True)
class ByWord:
    """Each thing that can be told has its own words, perhaps its own topic."""

    words: tuple[tuple[Held, str, str], ...]
    form: Template | None = None
    name: str = "value"

    def tell(self, held: Held) -> Part | None:
        """Return where to say what; None when it cannot be told that."""
        for word, topic, said in self.words:
            if word == held and isinstance(word, bool) == isinstance(held, bool):
                return _filled(topic, self.form, {self.name: said, "value": said}, said)
        return None


@dataclass(frozen=True, slots=True)
class ByValue:
    """The value itself goes to a topic, in a template where there is one."""

    topic: str
    form: Template | None = None
    name: str = "value"
    spell: str = ""
    mirror: float | None = None

    def tell(self, held: Held) -> Part | None:
        """Return where to say what; None when it cannot be told that."""
        names: dict[str, object]
        if self.spell:
            written = color_as(held, self.spell)
            if written is None:
                return None
            numbers = list(written.values())
            names = {**written, **({"red": written["r"]} if "r" in written else {})}
            if "r" in written:
                names |= {"green": written["g"], "blue": written["b"]}
            if "h" in written:
                names |= {"hue": written["h"], "sat": written["s"]}
            text = ",".join(plain(number) for number in numbers)
        else:
            number = held if isinstance(held, bool | str) else exact(held)
            if self.mirror is not None and isinstance(number, int | float):
                number = exact(self.mirror - number)
            names, text = {self.name: number}, plain(number)
            names["value"] = number
        return _filled(self.topic, self.form, {"value": text, **names}, text)


@dataclass(frozen=True, slots=True)
class ByField:
    """The value is a field of a JSON object, beside others that are told at once."""

    topic: str
    field: str
    words: tuple[tuple[Held, str], ...] = ()
    spell: str = ""
    beside: tuple[tuple[str, str], ...] = ()

    def tell(self, held: Held) -> Part | None:
        """Return where to say what; None when it cannot be told that."""
        value: object
        if self.words:
            value = next((said for word, said in self.words if word == held), None)
        elif self.spell:
            value = color_as(held, self.spell)
        else:
            value = held if isinstance(held, bool | str) else exact(held)
        return None if value is None else (self.topic, Fields({self.field: value}, dict(self.beside)))


Teller: TypeAlias = ByWord | ByValue | ByField


@dataclass(frozen=True, slots=True)
class Channel:
    """A feature, the places that tell it, how it is told, and what must be said with it to be seen.

    `wake` is the feature that has to be on for this one to show; it is told before or after, as `wake_first`
    says, where nobody knows that it is on.
    """

    feature: Feature
    sources: tuple[Source, ...] = ()
    teller: Teller | None = None
    wake: str = ""
    wake_first: bool = False

    def tell(self, held: Held) -> Part | None:
        """Return where to say what; None when it cannot be told that."""
        if self.teller is None or not fits(self.feature, held):
            return None
        if self.feature.choices and isinstance(held, str):
            held = next((one for one in self.feature.choices if one.lower() == held.strip().lower()), held)
        return self.teller.tell(held)


def messages(parts: Iterable[Part]) -> list[Message]:
    """Return the messages that say all this, fields of one JSON object together."""
    said: list[Part] = []
    for topic, content in parts:
        for at, (other, there) in enumerate(said):
            if other == topic and isinstance(there, Fields) and isinstance(content, Fields):
                said[at] = topic, Fields({**there.own, **content.own}, {**there.beside, **content.beside})
                break
        else:
            said.append((topic, content))
    return [Message(topic, _text(content).encode()) for topic, content in said]


def _text(content: str | Fields) -> str:
    return content if isinstance(content, str) else json.dumps({**content.beside, **content.own})


def _filled(topic: str, form: Template | None, names: Mapping[str, object], text: str) -> Part | None:
    if form is None:
        return topic, text
    filled = form.fill(names)
    return None if filled is MISSING else (topic, spelled(filled))


def meaning(words: Words, value: object) -> Held | None:
    """Return what a maker's word means, as it stands, else case aside."""
    said = spelled(value).strip()
    for alike in (str, str.casefold):
        for word, held in words:
            if alike(word) == alike(said):
                return held
    return None


def color_of(value: object, spell: str) -> str | None:
    """Return a colour that is written as its parts, in JSON or with commas."""
    parts: Sequence[object]
    if isinstance(value, dict):
        found = as_mapping(value)
        spell = next((way for way in ("xy", "hs", "rgb") if all(letter in found for letter in way)), spell)
        if spell == "hs" and "h" not in found:
            found = {"h": found.get("hue"), "s": found.get("saturation")}
        parts = [found.get(letter) for letter in spell]
    else:
        parts = as_list(value) or spelled(value).split(",")
    numbers = [number for number in map(as_number, parts) if number is not None]
    if len(numbers) < len(spell) or len(numbers) != len(parts):
        return None
    return COLORS[spell](numbers)


COLORS: Mapping[str, Callable[[Sequence[float]], str | None]] = {
    "rgb": lambda parts: colors.hex_of_rgb(*(part / 255 for part in parts[:3])),
    "rgbw": lambda parts: colors.hex_of_rgb(*(part / 255 for part in parts[:3])) if any(parts[:3]) else None,
    "rgbww": lambda parts: colors.hex_of_rgb(*(part / 255 for part in parts[:3])) if any(parts[:3]) else None,
    "hs": lambda parts: colors.hex_of_hs(*parts[:2]),
    "xy": lambda parts: colors.hex_of_xy(*parts[:2]),
}


def color_as(held: Held, spell: str) -> dict[str, int | float] | None:
    """Return the parts of a colour by their letters."""
    if not isinstance(held, str) or not colors.is_hex(held):
        return None
    if spell == "hs":
        return dict(zip("hs", map(exact, colors.hs_of(held)), strict=True))
    if spell == "xy":
        return dict(zip("xy", map(exact, colors.xy_of(held)), strict=True))
    parts: dict[str, int | float] = dict(
        zip("rgb", (round(255 * part) for part in colors.rgb_of(held)), strict=True)
    )
    return parts | dict.fromkeys({"rgbw": "w", "rgbww": "cw"}.get(spell, ""), 0)


def shared(value: T) -> T:
    """Return a value that is equal, the same one for all who ask; homes have many devices of few makes."""
    return cast("T", _kept(value))


@lru_cache(maxsize=4096)
def _kept(value: object) -> object:
    return value


def source(
    topic: str, text: str = "", words: Words = (), *, spell: str = "", mirror: float | None = None
) -> tuple[Source, ...]:
    """Return the source that a topic and a template make; none where either cannot be used."""
    form = template(text) if text else None
    return (Source(topic, form, shared(words), spell, mirror),) if topic and (form or not text) else ()
