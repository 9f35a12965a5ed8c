"""Fill in the templates that devices hand out with their configuration.

`{{ value_json.battery | int }}` tells where in a message a value stands, `{"position": {{ position }}}` how a
command is spelled. Templates come from the network, so nothing here loops, calls or looks up anything beyond
the message at hand: there are values, comparisons, sums, a choice between two, and a few filters. A template
that wants more is not read at all; its feature is then never known, which is better than guessed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from edge_nlu_bridge.payloads import UNKNOWN

Names: TypeAlias = Mapping[str, object]
Expression: TypeAlias = Callable[[Names], object]

LENGTH_LIMIT = 2000
DEPTH_LIMIT = 40
TEXT_LIMIT = 10_000
NUMBER_LIMIT = 1e15

BLOCK = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<mark>==|!=|<=|>=|//|[-+*/%<>|.,:()\[\]{}~]))"
)


PLAIN = re.compile(
    r"\s*\{\{\s*value_json(?P<path>(?:\.[A-Za-z_]\w*|\[(?:'\w+'|\"\w+\")\])+)\s*\}\}\s*", re.ASCII
)
STEP = re.compile(r"\w+", re.ASCII)


class Missing:
    """Stands for what a message does not tell; there is one, `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


class _UnreadableError(Exception):
    """A template wants more than can be done here."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A template ready to be filled in."""

    parts: tuple[Expression, ...]
    path: tuple[str, ...] = ()
    """The way through the message, where the template is nothing more than that."""

    def fill(self, names: Names) -> object:
        """Return what comes out: the value itself where it is only that, else text, else `MISSING`."""
        if self.path:
            return _followed(names.get("value_json", MISSING), self.path)
        scope = dict(names)
        try:
            filled = [part(scope) for part in self.parts]
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError, _UnreadableError):
            return MISSING
        said = [value for value in filled if not isinstance(value, str) or value.strip()]
        if len(said) == 1:
            return said[0]
        if any(value is MISSING for value in said):
            return MISSING
        return "".join(map(spelled, filled)).strip()


@lru_cache(maxsize=2048)
def template(text: str) -> Template | None:
    """Return a template, or None where it wants more than can be done here."""
    if len(text) > LENGTH_LIMIT:
        return None
    try:
        blocks = _Blocks(BLOCK.split(text))
        parts = blocks.parts()
        if blocks.left:
            return None
    except (_UnreadableError, RecursionError):
        return None
    plain = PLAIN.fullmatch(text)
    return Template(parts, tuple(STEP.findall(plain["path"])) if plain else ())


def _followed(value: object, path: Sequence[str]) -> object:
    for step in path:
        value = value.get(step, MISSING) if isinstance(value, dict) else _item(value, step)
    return value


def spelled(value: object) -> str:
    """Return a value as text, as templates spell it."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return str(int(value))
    if isinstance(value, dict | list):
        return json.dumps(value)
    return str(value)


# --------------------------------------------------------------------------------- text and blocks


class _Blocks:
    """Reads text with `{{ }}` and `{% %}` in it, from left to right."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self.left = [piece for piece in pieces if piece and not piece.startswith("{#")]

    def parts(self, *ends: str, depth: int = 0) -> tuple[Expression, ...]:
        """Return what stands before one of these statements."""
        if depth > DEPTH_LIMIT:
            raise _UnreadableError
        parts: list[Expression] = []
        while self.left:
            piece = self.left[0]
            if piece.startswith("{%"):
                word, _, rest = _inside(piece).partition(" ")
                if word in ends:
                    break
                self.left.pop(0)
                parts.append(self._statement(word, rest, depth))
                continue
            self.left.pop(0)
            parts.append(expression(_inside(piece)) if piece.startswith("{{") else _constant(piece))
        return tuple(parts)

    def _statement(self, word: str, rest: str, depth: int) -> Expression:
        if word == "set":
            name, equals, value = rest.partition("=")
            if not equals or not name.strip().isidentifier():
                raise _UnreadableError
            return _setting(name.strip(), expression(value))
        if word != "if":
            raise _UnreadableError
        arms: list[tuple[Expression, tuple[Expression, ...]]] = []
        condition = expression(rest)
        while True:
            arms.append((condition, self.parts("elif", "else", "endif", depth=depth + 1)))
            if not self.left:
                raise _UnreadableError
            word, _, rest = _inside(self.left.pop(0)).partition(" ")
            if word == "endif":
                return _chosen(arms)
            condition = expression(rest) if word == "elif" else _constant(True)


def _inside(piece: str) -> str:
    return " ".join(piece[2:-2].strip("-+").split())


def _constant(value: object) -> Expression:
    return lambda _: value


def _setting(name: str, value: Expression) -> Expression:
    def keep(names: Names) -> object:
        if isinstance(names, dict):
            names[name] = value(names)
        return ""

    return keep


def _chosen(arms: Sequence[tuple[Expression, tuple[Expression, ...]]]) -> Expression:
    def choose(names: Names) -> object:
        for condition, parts in arms:
            if _is_true(condition(names)):
                return Template(parts).fill(names)
        return ""

    return choose


# ------------------------------------------------------------------------------------ expressions


@lru_cache(maxsize=2048)
def expression(text: str) -> Expression:
    """Return what an expression stands for, as a function of the names in it."""
    reader = _Reader(text)
    found = reader.whole()
    if reader.kind:
        raise _UnreadableError
    return found


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _UnreadableError
        yield match.lastgroup, match[match.lastgroup]
        at = match.end()


class _Reader:
    """Reads one expression token by token."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._depth = 0
        self.kind, self.text = "", ""
        self._next()

    def _next(self) -> str:
        """Return the token at hand, and go to the next one."""
        text = self.text
        self.kind, self.text = next(self._tokens, ("", ""))
        return text

    def _take(self, *texts: str) -> str:
        """Return the token at hand if it is one of these, and go on; else an empty string."""
        if self.kind in ("mark", "name") and self.text in texts:
            return self._next()
        return ""

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise _UnreadableError

    def whole(self) -> Expression:
        """Return a whole expression: `a if b else c` and all that stands below it."""
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise _UnreadableError
        value = self._either()
        if self._take("if"):
            condition = self._either()
            other = self.whole() if self._take("else") else _constant("")
            value = _choice(condition, value, other)
        self._depth -= 1
        return value

    def _either(self) -> Expression:
        left = self._both()
        while self._take("or"):
            left = _or(left, self._both())
        return left

    def _both(self) -> Expression:
        left = self._not()
        while self._take("and"):
            left = _and(left, self._not())
        return left

    def _not(self) -> Expression:
        if self._take("not"):
            value = self._not()
            return lambda names: not _is_true(value(names))
        return self._compared()

    def _compared(self) -> Expression:
        left = self._sum()
        while True:
            if word := self._take("==", "!=", "<", ">", "<=", ">=", "in"):
                left = _operation(word, left, self._sum())
            elif self._take("is"):
                left = self._tested(left)
            elif self._take("not"):
                self._need("in")
                left = _negated(_operation("in", left, self._sum()))
            else:
                return left

    def _tested(self, value: Expression) -> Expression:
        negated = bool(self._take("not"))
        test = TESTS.get(self._next())
        if test is None:
            raise _UnreadableError
        tested = _applied(test, value)
        return _negated(tested) if negated else tested

    def _sum(self) -> Expression:
        left = self._product()
        while word := self._take("+", "-", "~"):
            left = _operation(word, left, self._product())
        return left

    def _product(self) -> Expression:
        left = self._signed()
        while word := self._take("*", "/", "//", "%"):
            left = _operation(word, left, self._signed())
        return left

    def _signed(self) -> Expression:
        if self._take("-"):
            return _operation("-", _constant(0), self._filtered())
        return self._filtered()

    def _filtered(self) -> Expression:
        value = self._looked_up()
        while self._take("|"):
            name = self._next()
            arguments = self._arguments() if self._take("(") else ()
            work = FILTERS.get(name)
            if work is None:
                raise _UnreadableError
            value = _called(work, value, arguments)
        return value

    def _arguments(self) -> tuple[Expression, ...]:
        arguments: list[Expression] = []
        while not self._take(")"):
            arguments.append(self.whole())
            if self._take("="):
                raise _UnreadableError
            if not self._take(",") and self.text != ")":
                raise _UnreadableError
        return tuple(arguments)

    def _looked_up(self) -> Expression:
        value = self._atom()
        while True:
            if self._take("["):
                value = _operation("[", value, self.whole())
                self._need("]")
            elif self._take("."):
                kind, name = self.kind, self._next()
                if kind not in ("name", "number"):
                    raise _UnreadableError
                if not self._take("("):
                    value = _operation("[", value, _constant(name))
                elif name in METHODS:
                    value = _called(METHODS[name], value, self._arguments())
                else:
                    raise _UnreadableError
            else:
                return value

    def _atom(self) -> Expression:
        kind, text = self.kind, self._next()
        if kind == "number":
            return _constant(float(text) if "." in text else int(text[:300]))
        if kind == "text":
            return _constant(re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "name":
            if text.lower() in CONSTANTS:
                return _constant(CONSTANTS[text.lower()])
            return lambda names: names.get(text, MISSING)
        if text == "(":
            value = self.whole()
            self._need(")")
            return value
        if text == "{":
            return self._table()
        raise _UnreadableError

    def _table(self) -> Expression:
        rows: list[tuple[Expression, Expression]] = []
        while not self._take("}"):
            key = self.whole()
            self._need(":")
            rows.append((key, self.whole()))
            if not self._take(",") and self.text != "}":
                raise _UnreadableError
        return lambda names: {_hashable(key(names)): value(names) for key, value in rows}


def _choice(condition: Expression, value: Expression, other: Expression) -> Expression:
    return lambda names: value(names) if _is_true(condition(names)) else other(names)


def _or(left: Expression, right: Expression) -> Expression:
    def either(names: Names) -> object:
        value = left(names)
        return value if _is_true(value) else right(names)

    return either


def _and(left: Expression, right: Expression) -> Expression:
    def both(names: Names) -> object:
        value = left(names)
        return right(names) if _is_true(value) else value

    return both


def _negated(value: Expression) -> Expression:
    return lambda names: not value(names)


def _applied(work: Callable[[object], object], value: Expression) -> Expression:
    return lambda names: work(value(names))


def _called(work: Callable[..., object], value: Expression, arguments: Sequence[Expression]) -> Expression:
    return lambda names: work(value(names), *(argument(names) for argument in arguments))


def _operation(word: str, left: Expression, right: Expression) -> Expression:
    work = OPERATIONS[word]
    return lambda names: work(left(names), right(names))


# ------------------------------------------------------------------- what expressions are made of


def _is_true(value: object) -> bool:
    return value is not MISSING and bool(value)


def _hashable(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | type(None)) else spelled(value)


def _number(value: object) -> float | int:
    # a few lines that multiply or join what they made before would else fill the memory
    if isinstance(value, bool | int | float) and abs(value) < NUMBER_LIMIT:
        return value
    raise _UnreadableError


def _text(value: object) -> str:
    text = spelled(value)
    if len(text) > TEXT_LIMIT:
        raise _UnreadableError
    return text


def _parsed(value: object) -> float:
    if isinstance(value, str | int | float):
        number = float(value)
        if math.isfinite(number):
            return number
    raise _UnreadableError


def _item(value: object, key: object) -> object:
    if isinstance(value, dict):
        return value.get(_hashable(key), MISSING)
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
    "[": _item,
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
    except (ValueError, OverflowError, _UnreadableError):
        return other


def _as_int(value: object, other: object = MISSING, *_: object) -> object:
    number = _as_float(value, other)
    return int(number) if isinstance(number, float) else number


def _rounded(value: object, places: object = 0, method: object = "common") -> object:
    if _is_unknown(value):
        return None
    number, digits = _parsed(value), int(_number(places))
    if not -10 <= digits <= 10:
        raise _UnreadableError
    if method in ("floor", "ceil"):
        scaled = number * 10**digits
        number = (math.floor(scaled) if method == "floor" else math.ceil(scaled)) / 10**digits
    else:
        number = round(number, digits)
    return int(number) if digits == 0 else number


def _default(value: object, other: object = "", empty: object = None) -> object:
    return other if value is MISSING or (_is_true(empty) and not _is_true(value)) else value


def _as_bool(value: object, other: object = MISSING) -> object:
    word = spelled(value).strip().lower()
    if word in ("true", "yes", "on", "enable", "1"):
        return True
    return False if word in ("false", "no", "off", "disable", "0") else other


def _defined(value: object) -> object:
    if value is MISSING:
        raise _UnreadableError
    return value


def _get(value: object, key: object, other: object = None) -> object:
    return value.get(_hashable(key), other) if isinstance(value, dict) else MISSING


def _iif(value: object, *answers: object) -> object:
    yes, no, *_ = (*answers, True, False) if len(answers) != 1 else (answers[0], False)
    return yes if _is_true(value) else no


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
