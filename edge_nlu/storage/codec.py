"""Write values as JSON and read them back, equal to what they were.

Each value says which one it is, and only what differs from its default: `{"is": "Command", "device": ...}`.
A field that a later version added is at its default when an older value is read, one that it dropped is
passed over. Embeddings are left out: they are large, and can be made again from the text.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from edge_nlu import values

LEFT_OUT: Final = frozenset(["embedding"])
_CLASSES: Final[dict[str, type]] = {
    name: found for name, found in vars(values).items() if isinstance(found, type) and is_dataclass(found)
}
_FIELDS: Final = {
    found: tuple((field.name, field.default) for field in fields(found) if field.name not in LEFT_OUT)
    for found in _CLASSES.values()
}
_MOMENT: Final = "moment"
Value = TypeVar("Value")


def to_json(value: object) -> str:
    """Return a value, or a tuple of them, as JSON text."""
    return json.dumps(value, default=_spelled, separators=(",", ":"))


def from_json(text: str, expected: type[Value]) -> Value:
    """Return the value that a JSON text holds; ValueError where it holds none of the kind expected."""
    found = _frozen(json.loads(text, object_hook=_value))
    if not isinstance(found, expected):
        raise ValueError(f"found {type(found).__name__}, expected {expected.__name__}")
    return found


def _spelled(value: Any) -> dict[str, object]:
    if isinstance(value, datetime):
        return {"is": _MOMENT, "at": value.isoformat()}
    known = _FIELDS.get(type(value))
    if known is None:
        raise TypeError(f"{type(value).__name__} is not one of the values")
    spelled: dict[str, object] = {"is": type(value).__name__}
    for name, default in known:
        held = getattr(value, name)
        if default is MISSING or held != default or type(held) is not type(default):
            spelled[name] = held
    return spelled


def _value(spelled: dict[str, Any]) -> object:
    name = spelled.pop("is", None)
    if name == _MOMENT:
        return datetime.fromisoformat(spelled["at"])
    found = _CLASSES.get(name) if isinstance(name, str) else None
    if found is None:
        raise ValueError(f"found a value called {name!r}, expected one of the values of this version")
    known: tuple[Field[Any], ...] = fields(found)
    try:
        return found(**{field.name: _frozen(spelled[field.name]) for field in known if field.name in spelled})
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from error


def _frozen(held: Any) -> Any:
    return tuple(map(_frozen, held)) if isinstance(held, list) else held
