"""Set packs side by side: what each costs and how right it is, on the same sentences in the same run.

Which member of a family to ship is a choice between bytes, time and mistakes. The plot shows it: to the
right costs more time, higher is more often right, and a larger dot is a larger pack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from edge_nlu.models.encoder import Encoder
from edge_nlu.models.examples import read_examples
from edge_nlu.models.pack import Pack
from edge_nlu.models.score import judge
from edge_nlu_bench.home import SEEN, UNSEEN, read_set
from edge_nlu_bench.latency import figures, no_old_garbage, of_ten_words, one_core, timed
from edge_nlu_bench.report import Figures, Report
from edge_nlu_bench.robustness import DEV
from edge_nlu_bench.sources import corpus

LINES = {
    "massive": "MASSIVE dev, everything right",
    "seen": "homes, known kinds",
    "unseen": "homes, unheard-of kinds",
}
COLORS = ("#1b6ca8", "#2e8540", "#b5471b")
WIDTH, HEIGHT, LEFT, TOP = 640, 440, 60, 20
ACROSS, DOWN = WIDTH - LEFT - 90, HEIGHT - TOP - 90


def measure(packs: Sequence[Pack], data: Path | None, *, rounds: int) -> dict[str, Figures]:
    """Return for each pack its bytes, its time for ten words, and the share of whole frames right."""
    dev = read_examples(corpus(DEV, data))
    sets = {"massive": dev, "seen": read_set(SEEN), "unseen": read_set(UNSEEN)}
    spoken = of_ten_words(dev)
    found: dict[str, Figures] = {}
    with one_core(), no_old_garbage():
        for pack in packs:
            # the quickest round: what else the machine did is not the pack's cost
            times = [figures(timed(Encoder(pack).understand, spoken)) for _ in range(rounds)]
            encoder = Encoder(pack)
            right = {
                name: sum(verdict.exact for verdict in judge(examples, encoder)) / len(examples)
                for name, examples in sets.items()
            }
            found[pack.id] = {
                "megabytes": round(pack.size_bytes / 1e6, 3),
                "cpu_p50_ms": min(time["cpu_p50_ms"] for time in times),
                **{name: round(share, 4) for name, share in right.items()},
            }
    return found


def plot(found: Report) -> str:
    """Return the packs as a picture in SVG."""
    rows: Mapping[str, Mapping[str, float]] = {
        name: {key: float(value) for key, value in row.items()} for name, row in found.items()
    }
    bottom = TOP + DOWN
    slowest = max(row["cpu_p50_ms"] for row in rows.values()) * 1.15
    least = min(min(row[line] for line in LINES) for row in rows.values()) - 0.05

    def at(time: float, right: float) -> tuple[float, float]:
        return LEFT + ACROSS * time / slowest, TOP + DOWN * (1 - right) / (1 - least)

    def text(x: float, y: float, said: str, style: str = "") -> str:
        return f'<text x="{x:.0f}" y="{y:.0f}" {style}>{escape(said)}</text>'

    parts = [f'<path d="M{LEFT} {TOP}V{bottom}H{LEFT + ACROSS}" fill="none" stroke="#555"/>']
    parts += [
        text(8, at(0, tenths / 10)[1] + 4, f"{10 * tenths} %") for tenths in range(11) if tenths / 10 > least
    ]
    parts.append(
        text(LEFT, HEIGHT - 8, "milliseconds of one core for ten words; larger dots are larger packs")
    )
    for number, (name, row) in enumerate(rows.items()):
        x = at(row["cpu_p50_ms"], 0)[0]
        told = f"{name.rpartition('-')[0]}: {row['cpu_p50_ms']:.2f} ms, {row['megabytes']:.1f} MB"
        parts.append(text(x, bottom + 16 + 14 * number, told, 'text-anchor="middle"'))
    for number, ((line, said), color) in enumerate(zip(LINES.items(), COLORS, strict=True)):
        parts.append(text(LEFT + 12, TOP + 14 + 16 * number, said, f'fill="{color}"'))
        for row in rows.values():
            x, y = at(row["cpu_p50_ms"], row[line])
            parts.append(
                f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{3 * row["megabytes"] ** 0.5:.1f}" fill="{color}"/>'
            )
            parts.append(text(x + 12, y + 4, f"{100 * row[line]:.1f}", f'fill="{color}"'))
    inner = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12">\n<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{inner}\n</svg>\n'
    )
