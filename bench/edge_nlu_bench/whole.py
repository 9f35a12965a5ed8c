"""Make one page of all that a run of the suites wrote: aims, pictures, and every figure.

The page stands by itself; the same is written as Markdown, with its pictures in files beside it. Suites that
did not run are named, and so are runs that were quick or of different states, and a peer that did worse here
than where it was measured before: then something is wrong with how we run it, and nothing beside it counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from edge_nlu_bench import page as learned
from edge_nlu_bench import schema, svg
from edge_nlu_bench.compare import Run
from edge_nlu_bench.pictures import pictures
from edge_nlu_bench.report import shown
from edge_nlu_bench.sheet import WORDS, page, reached, table
from edge_nlu_bench.suites import SUITES

TITLE = "What edge-nlu costs, and how often it is right"
AIMS: Sequence[tuple[str, str, str, float]] = (
    ("CPU time of MiniLM in PyTorch for ten words, to ours", "latency.ratio.cpu_p50", "least", 25),
    ("CPU ms of this machine from ten words to what they mean", "latency.edge_nlu.cpu_p50_ms", "most", 0.3),
    ("from there to a decision, with 20 devices", "scale.20_devices.line_p50_ms", "most", 0.7),
    ("from there to a decision, with 10,000", "scale.10000_devices.line_p50_ms", "most", 1.2),
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
    ("MB of a hub on arm64, with its own topics", "arm.guest_rss_mb.hub", "most", 76),
    ("MB more for 10,000 devices", "mqtt.rss_mb.more_for_many", "most", 20),
    ("CPU seconds from start to first command", "mqtt.start.cpu_s", "most", 0.8),
    ("CPU seconds for a day of a home, x86", "soak.energy.cpu_s_a_day", "most", 20),
    ("MB grown in a month since its first hour", "soak.memory.growth_mb", "most", 2),
    ("MB of its journal after a month", "soak.journal.size_mb", "most", 200),
    (
        "of its last week, to that of the week before",
        "soak.journal.last_week_by_the_week_before",
        "most",
        1.05,
    ),
    ("packs not taken in, in a month", "soak.lost.packs", "most", 0),
    ("answers lost in a month", "soak.lost.answers", "most", 0),
    ("commands lost in a month", "soak.lost.commands", "most", 0),
    ("states not known in a month", "soak.lost.states", "most", 0),
    ("sentences that its journal lacks, in a month", "soak.lost.journal", "most", 0),
    ("answers after their deadline in a month", "soak.lost.after_deadline", "most", 0),
    ("processes killed in 292 MiB", "soak.small_board.killed", "most", 0),
    ("sentences without an answer in 292 MiB", "soak.small_board.no_answer", "most", 0),
    ("states not known in 292 MiB", "soak.small_board.wrong_states", "most", 0),
    ("MB grown in a day in 292 MiB", "soak.small_board.growth_mb", "most", 2),
    *(
        (f"learning: {said}", f"learning.{group}.{name}", how, aim)
        for said, group, name, how, aim in learned.AIMS
    ),
)
"""What is aimed at: in words, where it stands, and from where or up to where it is reached."""


CHANGED = "What was made leaner: million aarch64 instructions of a sentence, before and after"
CHANGES = ("change", "commit", "p50", "p95", "counted")

LIVED, SHORT = {"days": 28, "states_a_day": 10_000}, "too short to say"
"""What a soak has to have lived through before it is said whether it reaches its aims."""

COMMANDS = {"peers": "edge-nlu bench peers --setup", "arm": "edge-nlu bench arm --setup"}
"""What belongs on the page, though `bench all` does not run it: it installs things first."""

PEERS = ("fasttext", "crf", "minilm", "hassil", "gazetteer")
SAME = ("commit", "pack", "board", "processor", "kernel")
"""What of its provenance is to be the same for all of a run."""


def drawn(run: Run) -> str:
    """Return the page."""
    parts = [
        f"<h1>{TITLE}</h1>",
        *(f'<p class="bad">{escape(one)}</p>' for one in faults(run)),
        "<h2>Aims</h2>",
        table(("", "found", "aim", ""), _aims(run)),
    ]
    for one in pictures(_sound(run)):
        parts += [f"<h2>{escape(one.heading)}</h2>", one.drawn, f"<p>{escape(one.said)}</p>"]
    if "changes" in _sound(run):
        parts += [f"<h2>{CHANGED}</h2>", table(CHANGES, _changes(run))]
        parts += [f'<p class="note">{escape(str(run["changes"]["provenance"]))}</p>']
    for suite, written in _in_order(run):
        parts += [f"<h2>{escape(suite)}</h2>", f"<p>{escape(_how(suite, written))}</p>"]
        parts += [table(("", "", "", "range"), _figures(written))]
        parts += [f'<p class="note">{escape(str(written["provenance"]))}</p>']
    return page(TITLE, parts)


def write_markdown(run: Run, file: Path) -> None:
    """Write the same as Markdown, and its pictures beside it."""
    lines = [f"# {TITLE}", "", *(f"**{one}**\n" for one in faults(run)), "## Aims", ""]
    lines += _rows(("what", "found", "aim", ""), _aims(run))
    for one in pictures(_sound(run)):
        name = f"{file.stem}-{one.name}.svg"
        file.with_name(name).write_text(svg.alone(one.drawn), encoding="utf-8")
        lines += ["", f"## {one.heading}", "", f"![{one.heading}]({name})", "", one.said]
    if "changes" in _sound(run):
        lines += ["", f"## {CHANGED}", "", *_rows(CHANGES, _changes(run)), "", run["changes"]["provenance"]]
    for suite, written in _in_order(run):
        lines += [
            "",
            f"## {suite}",
            "",
            _how(suite, written),
            "",
            *_rows(("group", "figure", "value", "range"), _figures(written)),
        ]
        lines += ["", str(written["provenance"])]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def faults(run: Run) -> Iterator[str]:
    """Yield why a page is not worth what it seems, in words."""
    missing = [suite.name for suite in SUITES if suite.name not in run]
    if missing:
        yield f"Not measured: {', '.join(missing)}."
    for name, command in COMMANDS.items():
        if name not in run:
            yield f"Not measured: {name}. `{command} --json > {name}.json` in this folder does."
    quick = [name for name, written in run.items() if written.get("quick")]
    if quick:
        yield f"Quick runs, each figure from fewer repetitions: {', '.join(quick)}."
    unchecked = [name for name in PEERS if "as_before" not in run.get("peers", {}).get(name, {})]
    if unchecked and "peers" in run:
        yield f"Not checked against what they were found to reach before: {', '.join(unchecked)}."
    if "soak" in run and _lived_too_little(run["soak"]):
        lived = ", ".join(
            f"{name} {of}" for name, of in run["soak"].get("lived", {}).items() if name in LIVED
        )
        yield f"The soak was too short to say anything of a month: {lived}."
    yield from _differing(run)
    yield from failures(run)


def failures(run: Run) -> Iterator[str]:
    """Yield what makes a page mean nothing: less than should be there, or a peer that is worse here."""
    for suite, written in run.items():
        wrong = "; ".join(schema.faults(suite, written))
        if wrong:
            yield f"{suite} is not drawn, since it is not as docs/bench.md has it: {wrong}."
    rewrites = run.get("learning", {}).get("rewrites", {})
    if rewrites.get("void") is True:
        yield f"Checks of learning do not hold ({rewrites.get('failed_checks')}): its figures mean nothing."
    for name, figures in run.get("peers", {}).items():
        if isinstance(figures, dict) and figures.get("as_before") is False:
            yield (
                f"The peer {name} does not reach what it was found to reach: {figures['found']} here, "
                f"{figures['before']} before. What is said beside it counts for nothing."
            )


def _differing(run: Run) -> Iterator[str]:
    """Yield in what the suites differ, where all but a board should be one state of one machine."""
    for what in SAME:
        by: dict[str, list[str]] = {}
        for suite, written in ((name, of) for name, of in run.items() if name != "board"):
            for part in str(written["provenance"]).split(", "):
                if part.startswith(f"{what} "):
                    by.setdefault(part, []).append(suite)
        if len(by) > 1:
            told = "; ".join(f"{part} ({', '.join(suites)})" for part, suites in by.items())
            yield f"Not all of one run: {told}."


def _sound(run: Run) -> Run:
    """Return the suites whose figures are all there: only they can be drawn."""
    return {name: written for name, written in run.items() if not list(schema.faults(name, written))}


def _aims(run: Run) -> Iterator[tuple[str, ...]]:
    """Yield each aim with what was found; what a board measured takes the place of its prediction."""
    measured = run.get("board", {})
    for said, place, how, aim in AIMS:
        suite, group, name = place.split(".")
        written = run.get(suite, {})
        figures = written.get(group, {})
        if suite == "arm" and group == measured.get("board", {}).get("profile", "").replace("-", "_"):
            said, written = said.replace("predicted for", "on"), measured
            figures, name = measured.get("sentence", {}), "wall_p95_ms"
        value, wanted = figures.get(name), f"{WORDS[how]} {aim:,.9g}"
        if not isinstance(value, int | float):
            yield said, "not measured", wanted, ""
            continue
        verdict = reached(value, how, aim)
        if suite == "soak" and _lived_too_little(written):
            verdict = SHORT
        elif name.startswith("predicted_") and verdict == "reached":
            verdict = "predicted"
        low, high = (figures.get(f"{name}{end}") for end in ("_low", "_high"))
        spread = "" if low is None or high is None else f" ({_short(low)} to {_short(high)})"
        yield said, f"{_short(value)}{spread}{', quick' if written.get('quick') else ''}", wanted, verdict


def _short(value: float) -> str:
    """Return a figure with as many places as one looks at."""
    return f"{value:,.4g}" if isinstance(value, float) else shown(value)


def _lived_too_little(soak: Mapping[str, Any]) -> bool:
    """Return whether a soak lived through less than what its aims are about."""
    lived = soak.get("lived", {})
    return any(lived.get(name, 0) < least for name, least in LIVED.items())


def _changes(run: Run) -> Iterator[tuple[str, ...]]:
    """Yield each change that made a sentence leaner, with what it took then."""
    for row in run["changes"]["steps"]:
        p50, p95 = (float(of) / 1e6 for of in np.percentile(row["counts"], (50, 95)))
        yield str(row["change"]), str(row["commit"]), f"{p50:.2f}", f"{p95:.2f}", str(len(row["counts"]))


def _in_order(run: Run) -> Iterator[tuple[str, Mapping[str, Any]]]:
    known = [suite.name for suite in SUITES]
    for name in [*(name for name in known if name in run), *sorted(set(run) - {*known, "changes"})]:
        yield name, run[name]


def _how(suite: str, written: Mapping[str, Any]) -> str:
    """Return how these figures are had, in words."""
    command = COMMANDS.get(suite, f"edge-nlu bench {suite}")
    setup = " It installs what it needs first, each in a place of its own." if suite in COMMANDS else ""
    return f"`{command}{' --quick' if written.get('quick') else ''}`.{setup}"


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
