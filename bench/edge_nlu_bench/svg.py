"""Draw figures as pictures that stand in a page: lines with the range they lie in, bars, and dots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10
from typing import NamedTuple

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 70, 8, 16, 34
COLORS = ("#777", "#b5651b", "#1b6ca8", "#6b4fa0", "#2e8540", "#a8324a")
STYLE = "\n".join(
    [
        *(
            f".c{at} {{ fill: {color} }} .l{at} {{ stroke: {color} }} .b{at} {{ background: {color} }}"
            for at, color in enumerate(COLORS)
        ),
        ".axis { stroke: currentColor; opacity: .25 } polyline { fill: none; stroke-width: 2 }",
    ]
)
"""What a page has to say of how pictures look."""

MANY = 40
"""With more places than this a line has no dots."""


class Point(NamedTuple):
    """A figure, and the ends of its range."""

    value: float
    low: float
    high: float


def plain(values: Sequence[float]) -> list[Point]:
    """Return figures whose range is not known."""
    return [Point(value, value, value) for value in values]


def lines(
    of: Mapping[str, Sequence[Point]], across: Sequence[str], said: str, *, tenfold: bool = False
) -> str:
    """Return a line for each name, with a band for its range; `across` are the names of the places.

    Where figures differ much, `tenfold` draws them so that each step up is ten times as much.
    """
    most = max((point.high for points in of.values() for point in points), default=0.0) or 1.0
    least = min((point.low for points in of.values() for point in points), default=1.0)
    scale = _Tenfold(least, most, len(across)) if tenfold else _Scale(0.0, most, len(across))
    parts = scale.axes(across)
    for number, points in enumerate(of.values()):
        places = [scale.middle(at) for at in range(len(points))]
        upper = [(x, scale.y(point.high)) for x, point in zip(places, points, strict=True)]
        lower = [(x, scale.y(point.low)) for x, point in zip(places, points, strict=True)]
        middle = [(x, scale.y(point.value)) for x, point in zip(places, points, strict=True)]
        parts.append(
            f'<polygon class="c{number}" opacity="0.18" points="{_points([*upper, *lower[::-1]])}"/>'
        )
        parts.append(f'<polyline class="l{number}" points="{_points(middle)}"/>')
        shown = middle if len(middle) <= MANY else []
        parts += [f'<circle class="c{number}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in shown]
    return _picture(parts, said) + _legend(of)


def bars(of: Mapping[str, Sequence[float]], across: Sequence[str], said: str) -> str:
    """Return for each place bars on top of each other; what is below zero hangs down."""
    heights = list(zip(*of.values(), strict=True))
    top = max((sum(one for one in stack if one > 0) for stack in heights), default=0.0)
    depth = min((sum(one for one in stack if one < 0) for stack in heights), default=0.0)
    scale = _Scale(depth, top if top > depth else depth + 1.0, len(heights))
    parts = scale.axes(across)
    wide = max(0.8 * scale.step, 1.0)
    for at, stack in enumerate(heights):
        up = down = 0.0
        for number, high in enumerate(stack):
            begins, ends = (up, up + high) if high > 0 else (down, down + high)
            up, down = (ends, down) if high > 0 else (up, ends)
            y = scale.y(max(begins, ends))
            tall = abs(scale.y(begins) - scale.y(ends))
            x = scale.middle(at) - wide / 2
            parts.append(
                f'<rect class="c{number}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}"/>'
            )
    return _picture(parts, said) + _legend(of)


def dots(of: Mapping[str, tuple[float, float]], said: str) -> str:
    """Return a dot for each name: its cost to the right, tenfold with each step, its worth upwards."""
    costs = [cost for cost, _ in of.values()]
    first, last = _tenfold(min(costs), max(costs))
    worth = [value for _, value in of.values()]
    scale = _Scale(min(floor(10 * min(worth)) / 10, 0.9), 1.0, last - first)
    parts = scale.axes([])
    for at in range(first, last + 1):
        x = LEFT + (at - first) * scale.step
        parts.append(f'<path class="axis" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        # the last would stand half outside
        if at < last:
            parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{10.0**at:g}</text>')
    for number, (cost, value) in enumerate(of.values()):
        x, y = LEFT + (log10(cost) - first) * scale.step, scale.y(value)
        parts.append(f'<circle class="c{number}" cx="{x:.1f}" cy="{y:.1f}" r="6"/>')
    return _picture(parts, said) + _legend(of)


def alone(picture: str) -> str:
    """Return a picture of this file as one that stands in a file by itself, with its names below it."""
    drawn, _, legend = picture.partition("</svg>")
    names = [part.partition("</span>")[0] for part in legend.split("</i>")[1:]]
    high = HEIGHT + 18 * len(names)
    marks = "\n".join(
        f'<rect class="c{number}" x="{LEFT}" y="{HEIGHT + 18 * number}" width="11" height="11"/>'
        f'<text x="{LEFT + 18}" y="{HEIGHT + 10 + 18 * number}">{name}</text>'
        for number, name in enumerate(names)
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {high}" width="{WIDTH}"'
    ground = f'<rect width="{WIDTH}" height="{high}" fill="#fff"/>'
    body = drawn.partition(">")[2]
    return (
        f'{head} font-family="sans-serif" font-size="13" color="#222"><style>{STYLE}</style>\n'
        f"{ground}{body}{marks}\n</svg>\n"
    )


def _tenfold(least: float, most: float) -> tuple[int, int]:
    """Return the powers of ten around two figures."""
    first = floor(log10(least)) if least > 0 else 0
    return first, max(ceil(log10(most)) if most > 0 else 1, first + 1)


class _Scale:
    """Where on the picture a figure stands."""

    def __init__(self, low: float, high: float, places: int) -> None:
        self._low, self._high = low, high
        self.step = (WIDTH - LEFT - RIGHT) / max(places, 1)

    def y(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def _marks(self) -> Sequence[float]:
        return (self._low, max(0.0, self._low), (max(0.0, self._low) + self._high) / 2, self._high)

    def middle(self, at: int) -> float:
        return LEFT + (at + 0.5) * self.step

    def axes(self, across: Sequence[str]) -> list[str]:
        """Return the lines and words around the picture."""
        marks = self._marks()
        parts = [
            f'<path class="axis" d="M{LEFT} {self.y(mark):.1f}H{WIDTH - RIGHT}"/>'
            f'<text x="{LEFT - 6}" y="{self.y(mark) + 4:.1f}" text-anchor="end">{mark:.3g}</text>'
            for mark in dict.fromkeys(marks)
        ]
        parts += [
            f'<text x="{self.middle(at):.1f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(name)}</text>'
            for at, name in enumerate(across)
        ]
        return parts


class _Tenfold(_Scale):
    """Where on the picture a figure stands when each step up is ten times as much."""

    def __init__(self, least: float, most: float, places: int) -> None:
        self._first, self._last = _tenfold(least, most)
        super().__init__(self._first, self._last, places)

    def y(self, value: float) -> float:
        return super().y(min(max(log10(value) if value > 0 else self._first, self._first), self._last))

    def _marks(self) -> Sequence[float]:
        return [10.0**at for at in range(self._first, self._last + 1)]


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _picture(parts: Sequence[str], said: str) -> str:
    inner = "\n".join(parts)
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(said)}">\n{inner}\n</svg>\n'


def _legend(names: Mapping[str, object]) -> str:
    marks = (f'<span><i class="b{number}"></i>{escape(name)}</span>' for number, name in enumerate(names))
    return f'<p class="legend">{"".join(marks)}</p>\n'
