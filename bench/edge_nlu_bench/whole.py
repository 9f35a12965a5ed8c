"""Make one page of all that a run of the suites wrote: aims, pictures, and every figure.

The page stands by itself; the same is written as Markdown, with its pictures in files beside it. Suites that
did not run are named, and so is a peer that did worse here than where it was measured before: then something
is wrong with how we run it, and nothing that is said beside it counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from edge_nlu_bench import svg
from edge_nlu_bench.compare import Run
from edge_nlu_bench.report import shown
from edge_nlu_bench.sheet import WORDS, page, reached, table
from edge_nlu_bench.suites import SUITES

TITLE = "What edge-nlu costs, and how often it is right"
AIMS: Sequence[tuple[str, str, str, float]] = (
    ("CPU time of MiniLM for ten words to ours", "latency.ratio.cpu_p50", "least", 20),
    ("million aarch64 instructions for ten words on an A72", "arm.cortex_a72.p50", "most", 10),
    ("of these, Python and tokenizer", "arm.cortex_a72.python_p50", "most", 6),
    ("ms, p95, predicted for a Zero 2 W", "arm.zero_2w.predicted_p95_ms", "most", 20),
    ("ms, p95, predicted for a Pi 4", "arm.pi_4.predicted_p95_ms", "most", 6),
    ("ms, p95, predicted for a Pi 5", "arm.pi_5.predicted_p95_ms", "most", 2),
    ("growth of a decision from 20 to 10,000 devices", "scale.growth.p50_ratio", "most", 1.5),
    ("request to command, in units of a bare client's echo", "mqtt.ask.times_the_echo", "most", 12),
    ("device messages taken in, to those of a bare client", "mqtt.intake.share", "least", 0.6),
    ("bytes of the pack", "memory.pack.bytes", "most", 5_000_000),
    ("MB of a process that understands", "memory.rss_mb.sentences", "most", 68),
    ("MB of a hub with its own topics", "mqtt.rss_mb.own_topics", "most", 76),
    ("MB of a hub with all ears", "mqtt.rss_mb.all_ears", "most", 80),
    ("MB more for 10,000 devices", "mqtt.rss_mb.more_for_many", "most", 20),
    ("CPU seconds from start to first command", "mqtt.start.cpu_s", "most", 0.8),
    ("CPU seconds for a day of a home, x86", "soak.energy.cpu_s_a_day", "most", 20),
    ("MB grown in a month since its first hour", "soak.memory.growth_mb", "most", 2),
    ("MB of its journal after a month", "soak.journal.size_mb", "most", 200),
    ("answers lost in a month", "soak.lost.answers", "most", 0),
    ("commands lost in a month", "soak.lost.commands", "most", 0),
    ("states not known in a month", "soak.lost.states", "most", 0),
    ("answers after their deadline in a month", "soak.lost.after_deadline", "most", 0),
    ("processes killed in 292 MiB", "soak.small_board.killed", "most", 0),
    ("MB grown in a day in 292 MiB", "soak.small_board.growth_mb", "most", 2),
)
"""What is aimed at: in words, where it stands, and from where or up to where it is reached."""


class Picture(NamedTuple):
    """A picture with its name, its heading, and what is to be said below it."""

    name: str
    heading: str
    drawn: str
    said: str


def drawn(run: Run) -> str:
    """Return the page."""
    parts = [
        f"<h1>{TITLE}</h1>",
        *(f'<p class="bad">{escape(one)}</p>' for one in faults(run)),
        "<h2>Aims</h2>",
        table(("", "found", "aim", ""), _aims(run)),
    ]
    for one in pictures(run):
        parts += [f"<h2>{escape(one.heading)}</h2>", one.drawn, f"<p>{escape(one.said)}</p>"]
    for suite, written in _in_order(run):
        parts += [f"<h2>{escape(suite)}</h2>", table(("", "", "", "range"), _figures(written))]
        parts += [f'<p class="note">{escape(str(written["provenance"]))}</p>']
    return page(TITLE, parts)


def write_markdown(run: Run, file: Path) -> None:
    """Write the same as Markdown, and its pictures beside it."""
    lines = [f"# {TITLE}", "", *(f"**{one}**\n" for one in faults(run)), "## Aims", ""]
    lines += _rows(("what", "found", "aim", ""), _aims(run))
    for one in pictures(run):
        name = f"{file.stem}-{one.name}.svg"
        file.with_name(name).write_text(svg.alone(one.drawn), encoding="utf-8")
        lines += ["", f"## {one.heading}", "", f"![{one.heading}]({name})", "", one.said]
    for suite, written in _in_order(run):
        lines += ["", f"## {suite}", "", *_rows(("group", "figure", "value", "range"), _figures(written))]
        lines += ["", str(written["provenance"])]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def faults(run: Run) -> Iterator[str]:
    """Yield why a page is not worth what it seems, in words."""
    missing = [suite.name for suite in SUITES if suite.name not in run]
    if missing:
        yield f"Not measured: {', '.join(missing)}."
    yield from failures(run)


def failures(run: Run) -> Iterator[str]:
    """Yield what makes a page mean nothing: a peer that is worse here than it was found to be."""
    for name, figures in run.get("peers", {}).items():
        if isinstance(figures, dict) and figures.get("as_before") is False:
            yield (
                f"The peer {name} does not reach what it was found to reach: {figures['found']} here, "
                f"{figures['before']} before. What is said beside it counts for nothing."
            )


def pictures(run: Run) -> Iterator[Picture]:
    """Yield the pictures of what was measured."""
    if "latency" in run:
        rows: list[dict[str, float]] = run["latency"]["distribution"]
        named = {"edge-nlu": "edge_nlu_cpu_ms", "MiniLM with logistic regression": "peer_cpu_ms"}
        times = {said: svg.plain([row[name] for row in rows]) for said, name in named.items()}
        across = [f"{row['percent']:g} %" if row["percent"] % 20 == 0 else "" for row in rows]
        yield Picture(
            "latency",
            "Time of a sentence of ten words",
            svg.lines(times, across, "CPU milliseconds by share of sentences", tenfold=True),
            "CPU milliseconds on one core for that share of sentences at most; tenfold with each line.",
        )
    costs = {name: cost for name, cost in _costs(run) if cost[0] > 0}
    if costs:
        yield Picture(
            "accuracy",
            "Right intents against cost",
            svg.dots(costs, "share of right intents by CPU milliseconds"),
            "Upwards the share of intents that are right, to the right CPU milliseconds for a sentence, "
            "tenfold with each line; " + _which(run),
        )
    if "scale" in run:
        sizes = [name for name in run["scale"] if name.endswith("_devices")]
        grown = {"decision, p50": "p50_ms", "p95": "p95_ms", "of it the model, p50": "model_p50_ms"}
        of = {
            said: svg.plain([float(run["scale"][size][name]) for size in sizes])
            for said, name in grown.items()
        }
        yield Picture(
            "growth",
            "Time of a decision by the size of the home",
            svg.lines(of, [size.replace("_", " ") for size in sizes], "CPU milliseconds by devices"),
            "CPU milliseconds from text to decision.",
        )
    if "soak" in run:
        days: list[dict[str, float]] = run["soak"]["over_time"]
        across = [f"day {day['day']:g}" if day["day"] % 5 == 1 or len(days) < 8 else "" for day in days]
        weights = {
            "hub, MB": svg.plain([day["rss_mb"] for day in days]),
            "journal, MB": svg.plain([day["journal_mb"] for day in days]),
        }
        yield Picture(
            "memory",
            "Memory and journal over time",
            svg.lines(weights, across, "megabytes by day"),
            "Resident set of the hub at the end of each simulated day, and the size of its journal's files.",
        )


def _costs(run: Run) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield for each that tells intents what a sentence costs and how often it is right."""
    if "peers" in run:
        for name, of in run["peers"].items():
            if isinstance(of, dict) and "intent_accuracy" in of:
                yield name, (of["cpu_p50_ms"], of["intent_accuracy"])
    elif "latency" in run:
        for said, name in (("edge-nlu", "edge_nlu"), ("MiniLM with logistic regression", "peer")):
            of = run["latency"][name]
            yield said, (of["cpu_p50_ms"], of["intent_accuracy"])


def _which(run: Run) -> str:
    if "peers" in run:
        return "sentences of NLU-Evaluation-Data that are not in what packs learn from."
    return "MASSIVE en-US dev, the cost of ten words."


def _aims(run: Run) -> Iterator[tuple[str, ...]]:
    for said, place, how, aim in AIMS:
        suite, group, name = place.split(".")
        value = run.get(suite, {}).get(group, {}).get(name)
        if isinstance(value, int | float):
            yield said, shown(value), f"{WORDS[how]} {aim:,.9g}", reached(value, how, aim)


def _in_order(run: Run) -> Iterator[tuple[str, Mapping[str, Any]]]:
    known = [suite.name for suite in SUITES]
    for name in [*(name for name in known if name in run), *sorted(set(run) - set(known))]:
        yield name, run[name]


def _figures(written: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for group, figures in written.items():
        heading = group
        for name, value in figures.items() if isinstance(figures, dict) else ():
            if not name.endswith(("_low", "_high")):
                low, high = figures.get(f"{name}_low"), figures.get(f"{name}_high")
                spread = "" if low is None or high is None else f"{shown(low)} to {shown(high)}"
                yield heading, name, shown(value), spread
                heading = ""


def _rows(heads: Sequence[str], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    yield from (f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
