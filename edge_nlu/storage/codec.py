"""Write values as JSON and read them back, equal to what they were.

Each value says which one it is, and only what differs from its default: `{"is": "Command", "device": ...}`.
A field that a later version added is at its default when an older value is read, one that it dropped is
passed over. A candidate and its wish stand in many places of an exchange: they are spelled out once, with a
number, and called by it from then on: `{"is": "same", "n": 3}`. Embeddings are left out: they are large, and
can be made again from the text.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from edge_nlu import values

LEFT_OUT: Final = frozenset(["embedding", "unnamed"])
_CLASSES: Final[dict[str, type]] = {
    name: found for name, found in vars(values).items() if isinstance(found, type) and is_dataclass(found)
}
_FIELDS: Final = {
    found: tuple((field.name, field.default) for field in fields(found) if field.name not in LEFT_OUT)
    for found in _CLASSES.values()
}
_NAMES: Final = {found: frozenset(field.name for field in fields(found)) for found in _CLASSES.values()}
_SHARED: Final[frozenset[type]] = frozenset([values.Candidate, values.Wish])
_MOMENT: Final = "moment"
_SAME: Final = "same"
Value = TypeVar("Value")


def to_json(value: object, *, shared: bool = True) -> str:
    """Return a value, or a tuple of them, as JSON text; `shared` spells out once what is in it twice."""
    speller = _Speller(_SHARED if shared else frozenset())
    return json.dumps(value, default=speller, separators=(",", ":"), check_circular=False)


def from_json(text: str, expected: type[Value]) -> Value:
    """Return the value that a JSON text holds; ValueError where it holds none of the kind expected."""
    found = _frozen(json.loads(text, object_hook=_Reader()))
    if not isinstance(found, expected):
        raise ValueError(f"found {type(found).__name__}, expected {expected.__name__}")
    return found


class _Speller:
    """Spells the values of one text."""

    def __init__(self, shared: frozenset[type]) -> None:
        self._shared = shared
        self._numbers: dict[int, int] = {}

    def __call__(self, value: Any) -> dict[str, object]:
        """Return a value by its fields."""
        kind = type(value)
        known = _FIELDS.get(kind)
        if known is None:
            if isinstance(value, datetime):
                return {"is": _MOMENT, "at": value.isoformat()}
            raise TypeError(f"{kind.__name__} is not one of the values")
        spelled: dict[str, object] = {"is": kind.__name__}
        if kind in self._shared:
            number = self._numbers.get(id(value))
            if number is not None:
                return {"is": _SAME, "n": number}
            spelled["n"] = self._numbers[id(value)] = len(self._numbers)
        for name, default in known:
            held = getattr(value, name)
            # most are at the very default, which needs no comparing
            if held is not default and (held != default or type(held) is not type(default)):
                spelled[name] = held
        return spelled


class _Reader:
    """Reads the values of one text."""

    def __init__(self) -> None:
        self._known: dict[int, object] = {}

    def __call__(self, spelled: dict[str, Any]) -> object:
        """Return the value with these fields."""
        name, number = spelled.pop("is", None), spelled.pop("n", None)
        if name == _MOMENT:
            return datetime.fromisoformat(spelled["at"])
        if name == _SAME and number in self._known:
            return self._known[number]
        found = _CLASSES.get(name) if isinstance(name, str) else None
        if found is None:
            raise ValueError(f"found a value called {name!r}, expected one of the values of this version")
        known = _NAMES[found]
        given = {name: _frozen(held) for name, held in spelled.items() if name in known}
        try:
            made = found(**given)
        except TypeError as error:
            raise ValueError(f"{name}: {error}") from error
        if number is not None:
            self._known[number] = made
        return made


def _frozen(held: Any) -> Any:
    return tuple(map(_frozen, held)) if isinstance(held, list) else held
