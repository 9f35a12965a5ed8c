"""Draw what the study found, on one page that stands by itself and is readable on a phone.

Every figure on it is one of the JSON that the same run prints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 10, 34
LABELS: Final = {"none": "no promise", "epsilon 8": "epsilon 8", "epsilon 2": "epsilon 2"}

STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: auto; padding: 1rem; color: #1b2430 }
svg { width: 100%; height: auto } text { font: 11px system-ui, sans-serif; fill: #55606e }
.axis { stroke: #d5dae1; fill: none } table { border-collapse: collapse; width: 100% }
td, th { text-align: left; padding: .2rem .5rem; border-bottom: 1px solid #e4e8ee }
.legend span { margin-right: 1rem }
.legend i { display: inline-block; width: .8rem; height: .8rem; margin-right: .3rem }
"""
COLORS: Final = ("#1f6fb2", "#d1662a", "#2f8f5b", "#8a4fa3", "#b03a48", "#6b7683")


def drawn(found: Mapping[str, Any]) -> str:
    """Return the page."""
    told, low, high = found["data"], found["data"]["right_before"], found["data"]["right_central"]
    marks = {"public sentences alone": low, "all in one place": high}
    privacy = {LABELS[name]: one["curve"] for name, one in found["privacy"].items()}
    chosen = {name: found["selection"][name]["curve"] for name in ("uniform", "activity")}
    ways = ("nothing_deleted", "uniform", "activity")
    weeks = {name.replace("_", " "): found["continual"][name]["curve"] for name in ways}
    parts = [
        f"<h1>What {told['homes']} homes learn together</h1>",
        f"<p>{told['at_homes']} sentences of {escape(told['corpus'])} are said in pretend homes, "
        f"{told['public']} are public. Of {told['test']} others, {low:.1%} are told right with the public "
        f"ones alone, {high:.1%} with all in one place. Means over {len(told['seeds'])} fleets.</p>",
        "<h2>Algorithms</h2>",
        lines({name: one["curve"] for name, one in found["algorithms"].items()}, marks, "right by round"),
        table(found["algorithms"]),
        "<h2>What a promise costs</h2>",
        lines(privacy, marks, "right by share of the rounds"),
        table(found["privacy"]),
        "<h2>Who is asked</h2>",
        lines(chosen, marks, "right by round"),
        "<h2>Old sentences deleted</h2>",
        lines(weeks, marks, "right by round"),
    ]
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>What homes learn together</title><style>{STYLE}</style></head>\n"
        f"<body>\n{body}\n</body></html>\n"
    )


def lines(of: Mapping[str, Sequence[float]], marks: Mapping[str, float], said: str) -> str:
    """Return a line for each name, from the first round to its last, and a dashed one for each mark."""
    every = [*marks.values(), *(value for values in of.values() for value in values)]
    least, most = min(every), max(every)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - least) / (most - least) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<path class="axis" stroke-dasharray="4 3" d="M{LEFT} {y(mark):.1f}H{WIDTH - RIGHT}"/>'
        f'<text x="{LEFT - 6}" y="{y(mark) + 4:.1f}" text-anchor="end">{mark:.1%}</text>'
        f'<text x="{WIDTH - RIGHT}" y="{y(mark) - 4:.1f}" text-anchor="end">{escape(name)}</text>'
        for name, mark in marks.items()
    ]
    wide = WIDTH - LEFT - RIGHT
    for values, color in zip(of.values(), COLORS, strict=False):
        step = wide / max(len(values) - 1, 1)
        points = " ".join(f"{LEFT + at * step:.1f},{y(value):.1f}" for at, value in enumerate(values))
        parts.append(f'<polyline fill="none" stroke="{color}" stroke-width="1.8" points="{points}"/>')
    parts.append(f'<text x="{LEFT + wide / 2}" y="{HEIGHT - 10}" text-anchor="middle">{escape(said)}</text>')
    legend = "".join(
        f'<span><i style="background:{color}"></i>{escape(name)} ({len(values) - 1} rounds)</span>'
        for (name, values), color in zip(of.items(), COLORS, strict=False)
    )
    picture = "\n".join(parts)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(said)}">\n{picture}\n</svg>\n'
        f'<p class="legend">{legend}</p>'
    )


def table(of: Mapping[str, Any]) -> str:
    """Return how good the heads are and what they keep, row by row."""
    rows = "".join(
        f"<tr><td>{escape(LABELS.get(name, name))}</td><td>{one['right']['mean']:.1%}</td>"
        f"<td>{one['kept']['mean']:.0%} ({one['kept']['low']:.0%} to {one['kept']['high']:.0%})</td>"
        f"<td>{one['rounds']}</td><td>{one['megabytes']:,.0f}</td></tr>"
        for name, one in of.items()
    )
    names = ("", "right", "kept of the central gain", "rounds", "MB, all homes")
    heads = "".join(f"<th>{name}</th>" for name in names)
    return f"<table><tr>{heads}</tr>{rows}</table>"
