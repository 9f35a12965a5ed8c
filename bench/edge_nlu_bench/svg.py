"""Draw figures as pictures that stand in a page: lines with the range they lie in, and bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 10, 34


class Point(NamedTuple):
    """A figure, and the ends of its range."""

    value: float
    low: float
    high: float


def lines(of: Mapping[str, Sequence[Point]], across: Sequence[str], said: str) -> str:
    """Return a line for each name, with a band for its range; `across` are the names of the places."""
    most = max((point.high for points in of.values() for point in points), default=0.0) or 1.0
    scale = _Scale(0.0, most, len(across))
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
        parts += [f'<circle class="c{number}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in middle]
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


class _Scale:
    """Where on the picture a figure stands."""

    def __init__(self, low: float, high: float, places: int) -> None:
        self._low, self._high = low, high
        self.step = (WIDTH - LEFT - RIGHT) / max(places, 1)

    def y(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def middle(self, at: int) -> float:
        return LEFT + (at + 0.5) * self.step

    def axes(self, across: Sequence[str]) -> list[str]:
        """Return the lines and words around the picture."""
        marks = (self._low, 0.0, self._high / 2, self._high)
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


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _picture(parts: Sequence[str], said: str) -> str:
    inner = "\n".join(parts)
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(said)}">\n{inner}\n</svg>\n'


def _legend(names: Mapping[str, object]) -> str:
    marks = (f'<span><i class="b{number}"></i>{escape(name)}</span>' for number, name in enumerate(names))
    return f'<p class="legend">{"".join(marks)}</p>\n'
