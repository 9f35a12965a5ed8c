"""Read the expressions of templates: what stands between `{{` and `}}`.

An expression becomes a function from the names in it to a value. There are values, comparisons, sums, a
choice between two, and a few filters; whatever else is asked for makes it unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from edge_nlu_bridge.operations import (
    CONSTANTS,
    FILTERS,
    METHODS,
    MISSING,
    OPERATIONS,
    TESTS,
    UnreadableError,
    hashable,
    is_true,
)

Names: TypeAlias = Mapping[str, object]
Expression: TypeAlias = Callable[[Names], object]

DEPTH_LIMIT = 40
TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<mark>==|!=|<=|>=|//|[-+*/%<>|.,:()\[\]{}~]))"
)


@lru_cache(maxsize=2048)
def expression(text: str) -> Expression:
    """Return what an expression stands for, as a function of the names in it."""
    reader = _Reader(text)
    found = reader.whole()
    if reader.kind:
        raise UnreadableError
    return found


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise UnreadableError
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
            raise UnreadableError

    def whole(self) -> Expression:
        """Return a whole expression: `a if b else c` and all that stands below it."""
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise UnreadableError
        value = self._either()
        if self._take("if"):
            condition = self._either()
            other = self.whole() if self._take("else") else constant("")
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
            return lambda names: not is_true(value(names))
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
            raise UnreadableError
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
            return _operation("-", constant(0), self._filtered())
        return self._filtered()

    def _filtered(self) -> Expression:
        value = self._looked_up()
        while self._take("|"):
            name = self._next()
            arguments = self._arguments() if self._take("(") else ()
            work = FILTERS.get(name)
            if work is None:
                raise UnreadableError
            value = _called(work, value, arguments)
        return value

    def _arguments(self) -> tuple[Expression, ...]:
        arguments: list[Expression] = []
        while not self._take(")"):
            arguments.append(self.whole())
            if self._take("="):
                raise UnreadableError
            if not self._take(",") and self.text != ")":
                raise UnreadableError
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
                    raise UnreadableError
                if not self._take("("):
                    value = _operation("[", value, constant(name))
                elif name in METHODS:
                    value = _called(METHODS[name], value, self._arguments())
                else:
                    raise UnreadableError
            else:
                return value

    def _atom(self) -> Expression:
        kind, text = self.kind, self._next()
        if kind == "number":
            return constant(float(text) if "." in text else int(text[:300]))
        if kind == "text":
            return constant(re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "name":
            if text.lower() in CONSTANTS:
                return constant(CONSTANTS[text.lower()])
            return lambda names: names.get(text, MISSING)
        if text == "(":
            value = self.whole()
            self._need(")")
            return value
        if text == "{":
            return self._table()
        raise UnreadableError

    def _table(self) -> Expression:
        rows: list[tuple[Expression, Expression]] = []
        while not self._take("}"):
            key = self.whole()
            self._need(":")
            rows.append((key, self.whole()))
            if not self._take(",") and self.text != "}":
                raise UnreadableError
        return lambda names: {hashable(key(names)): value(names) for key, value in rows}


def constant(value: object) -> Expression:
    """Return an expression that always stands for the same."""
    return lambda _: value


def _choice(condition: Expression, value: Expression, other: Expression) -> Expression:
    return lambda names: value(names) if is_true(condition(names)) else other(names)


def _or(left: Expression, right: Expression) -> Expression:
    def either(names: Names) -> object:
        value = left(names)
        return value if is_true(value) else right(names)

    return either


def _and(left: Expression, right: Expression) -> Expression:
    def both(names: Names) -> object:
        value = left(names)
        return right(names) if is_true(value) else value

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
