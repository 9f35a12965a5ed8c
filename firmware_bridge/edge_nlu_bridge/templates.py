"""Fill in the templates that devices hand out with their configuration.

`{{ value_json.battery | int }}` tells where in a message a value stands, `{"position": {{ position }}}` how a
command is spelled. Templates come from the network, so nothing here loops, calls or looks up anything beyond
the message at hand: there are values, comparisons, sums, a choice between two, and a few filters. A template
that wants more is not read at all; its feature is then never known, which is better than guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from edge_nlu_bridge.expressions import DEPTH_LIMIT, Expression, Names, constant, expression
from edge_nlu_bridge.operations import MISSING, UnreadableError, is_true, item, spelled

LENGTH_LIMIT = 2000

BLOCK = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
PLAIN = re.compile(
    r"\s*\{\{\s*value_json(?P<path>(?:\.[A-Za-z_]\w*|\[(?:'\w+'|\"\w+\")\])+)\s*\}\}\s*", re.ASCII
)
STEP = re.compile(r"\w+", re.ASCII)


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
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError, UnreadableError):
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
    except (UnreadableError, RecursionError):
        return None
    plain = PLAIN.fullmatch(text)
    return Template(parts, tuple(STEP.findall(plain["path"])) if plain else ())


def _followed(value: object, path: Sequence[str]) -> object:
    for step in path:
        value = value.get(step, MISSING) if isinstance(value, dict) else item(value, step)
    return value


# --------------------------------------------------------------------------------- text and blocks


class _Blocks:
    """Reads text with `{{ }}` and `{% %}` in it, from left to right."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self.left = [piece for piece in pieces if piece and not piece.startswith("{#")]

    def parts(self, *ends: str, depth: int = 0) -> tuple[Expression, ...]:
        """Return what stands before one of these statements."""
        if depth > DEPTH_LIMIT:
            raise UnreadableError
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
            parts.append(expression(_inside(piece)) if piece.startswith("{{") else constant(piece))
        return tuple(parts)

    def _statement(self, word: str, rest: str, depth: int) -> Expression:
        if word == "set":
            name, equals, value = rest.partition("=")
            if not equals or not name.strip().isidentifier():
                raise UnreadableError
            return _setting(name.strip(), expression(value))
        if word != "if":
            raise UnreadableError
        arms: list[tuple[Expression, tuple[Expression, ...]]] = []
        condition = expression(rest)
        while True:
            arms.append((condition, self.parts("elif", "else", "endif", depth=depth + 1)))
            if not self.left:
                raise UnreadableError
            word, _, rest = _inside(self.left.pop(0)).partition(" ")
            if word == "endif":
                return _chosen(arms)
            condition = expression(rest) if word == "elif" else constant(True)


def _inside(piece: str) -> str:
    return " ".join(piece[2:-2].strip("-+").split())


def _setting(name: str, value: Expression) -> Expression:
    def keep(names: Names) -> object:
        if isinstance(names, dict):
            names[name] = value(names)
        return ""

    return keep


def _chosen(arms: Sequence[tuple[Expression, tuple[Expression, ...]]]) -> Expression:
    def choose(names: Names) -> object:
        for condition, parts in arms:
            if is_true(condition(names)):
                return Template(parts).fill(names)
        return ""

    return choose
