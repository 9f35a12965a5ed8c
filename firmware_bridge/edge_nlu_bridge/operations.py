"""What expressions of templates are made of: sums, comparisons, filters, tests.

Nothing here may loop or grow without end, since what is reckoned with comes from the network.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Final

from edge_nlu_bridge.payloads import UNKNOWN

TEXT_LIMIT = 10_000
NUMBER_LIMIT = 1e15


class Missing:
    """Stands for what a message does not tell; there is one, `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


class UnreadableError(Exception):
    """A template wants more than can be done here."""


def spelled(value: object) -> str:
    """Return a value as text, as templates spell it."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return str(int(value))
    if isinstance(value, dict | list):
        return json.dumps(value)
    return str(value)


def is_true(value: object) -> bool:
    """Return whether a value counts as true; what is not told does not."""
    return value is not MISSING and bool(value)


def hashable(value: object) -> object:
    """Return a value as it can be looked up."""
    return value if isinstance(value, str | int | float | bool | type(None)) else spelled(value)


def _number(value: object) -> float | int:
    # a few lines that multiply or join what they made before would else fill the memory
    if isinstance(value, bool | int | float) and abs(value) < NUMBER_LIMIT:
        return value
    raise UnreadableError


def _text(value: object) -> str:
    text = spelled(value)
    if len(text) > TEXT_LIMIT:
        raise UnreadableError
    return text


def _parsed(value: object) -> float:
    if isinstance(value, str | int | float):
        number = float(value)
        if math.isfinite(number):
            return number
    raise UnreadableError


def item(value: object, key: object) -> object:
    """Return what stands in a value under a name or a number."""
    if isinstance(value, dict):
        return value.get(hashable(key), MISSING)
    if isinstance(value, list | str):
        place = int(key) if isinstance(key, str) and key.isdecimal() and len(key) < 9 else key
        if isinstance(place, int) and -len(value) <= place < len(value):
            item: object = value[place]
            return item
    return MISSING


def _compared(left: object, right: object) -> tuple[float | int | str, float | int | str]:
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    return _number(left), _number(right)


def _less(left: object, right: object) -> bool:
    one, other = _compared(left, right)
    return one < other  # type: ignore[operator]


def _same(left: object, right: object) -> bool:
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _within(left: object, right: object) -> bool:
    if isinstance(right, str):
        return isinstance(left, str) and left in right
    return isinstance(right, dict | list) and left in list(right)


def _plus(left: object, right: object) -> object:
    if isinstance(left, str) and isinstance(right, str):
        return _text(left) + _text(right)
    return _number(left) + _number(right)


OPERATIONS: Mapping[str, Callable[[object, object], object]] = {
    "[": item,
    "==": _same,
    "!=": lambda left, right: not _same(left, right),
    "<": _less,
    ">": lambda left, right: _less(right, left),
    "<=": lambda left, right: not _less(right, left),
    ">=": lambda left, right: not _less(left, right),
    "in": _within,
    "+": _plus,
    "-": lambda left, right: _number(left) - _number(right),
    "*": lambda left, right: _number(left) * _number(right),
    "/": lambda left, right: _number(left) / _number(right),
    "//": lambda left, right: _number(left) // _number(right),
    "%": lambda left, right: _number(left) % _number(right),
    "~": lambda left, right: _text(left) + _text(right),
}


def _is_unknown(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in UNKNOWN)


def _as_float(value: object, other: object = MISSING) -> object:
    if other is MISSING and _is_unknown(value):
        return None
    try:
        return _parsed(value)
    except (ValueError, OverflowError, UnreadableError):
        return other


def _as_int(value: object, other: object = MISSING, *_: object) -> object:
    number = _as_float(value, other)
    return int(number) if isinstance(number, float) else number


def _rounded(value: object, places: object = 0, method: object = "common") -> object:
    if _is_unknown(value):
        return None
    number, digits = _parsed(value), int(_number(places))
    if not -10 <= digits <= 10:
        raise UnreadableError
    if method in ("floor", "ceil"):
        scaled = number * 10**digits
        number = (math.floor(scaled) if method == "floor" else math.ceil(scaled)) / 10**digits
    else:
        number = round(number, digits)
    return int(number) if digits == 0 else number


def _default(value: object, other: object = "", empty: object = None) -> object:
    return other if value is MISSING or (is_true(empty) and not is_true(value)) else value


def _as_bool(value: object, other: object = MISSING) -> object:
    word = spelled(value).strip().lower()
    if word in ("true", "yes", "on", "enable", "1"):
        return True
    return False if word in ("false", "no", "off", "disable", "0") else other


def _defined(value: object) -> object:
    if value is MISSING:
        raise UnreadableError
    return value


def _get(value: object, key: object, other: object = None) -> object:
    return value.get(hashable(key), other) if isinstance(value, dict) else MISSING


def _iif(value: object, *answers: object) -> object:
    yes, no, *_ = (*answers, True, False) if len(answers) != 1 else (answers[0], False)
    return yes if is_true(value) else no


FILTERS: Mapping[str, Callable[..., object]] = {
    "int": _as_int,
    "float": _as_float,
    "round": _rounded,
    "default": _default,
    "d": _default,
    "bool": _as_bool,
    "abs": lambda value: abs(_number(value)),
    "lower": lambda value: spelled(value).lower(),
    "upper": lambda value: spelled(value).upper(),
    "trim": lambda value: spelled(value).strip(),
    "string": _text,
    "replace": lambda value, old, new: _text(value).replace(_text(old), _text(new)[:100]),
    "multiply": lambda value, other: _parsed(value) * _number(other),
    "add": lambda value, other: _parsed(value) + _number(other),
    "is_defined": _defined,
    "iif": _iif,
    "tojson": json.dumps,
    "to_json": json.dumps,
}
METHODS: Mapping[str, Callable[..., object]] = {
    "get": _get,
    "lower": FILTERS["lower"],
    "upper": FILTERS["upper"],
    "strip": FILTERS["trim"],
    "replace": FILTERS["replace"],
}
TESTS: Mapping[str, Callable[[object], object]] = {
    "defined": lambda value: value is not MISSING,
    "undefined": lambda value: value is MISSING,
    "none": lambda value: value is None,
    "None": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float),
    "string": lambda value: isinstance(value, str),
    "true": lambda value: value is True,
    "false": lambda value: value is False,
}
CONSTANTS: Mapping[str, object] = {"true": True, "false": False, "none": None}
