"""Draw what a run of the suites wrote: times, accuracy against cost, growth, memory over time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from edge_nlu_bench import svg
from edge_nlu_bench.compare import Run

IN_LATENCY = {
    "edge-nlu": "edge_nlu",
    "MiniLM with logistic regression, PyTorch": "peer",
    "the same in int8 on onnxruntime": "peer_int8",
}
"""Who is timed on ten words, and the group of each; older files lack the last."""

INTENTS = {
    "edge_nlu": "edge-nlu",
    "fasttext": "fastText",
    "crf": "TF-IDF and CRF",
    "minilm": "MiniLM with logistic regression, PyTorch",
}
"""Who tells intents, by the group of its figures."""

BESIDE = {"edge-nlu": "edge_nlu", "hassil": "hassil", "gazetteer-matcher": "gazetteer"}
"""Who answers in homes, and how its figures begin."""


class Picture(NamedTuple):
    """A picture with its name, its heading, and what is to be said below it."""

    name: str
    heading: str
    drawn: str
    said: str


def pictures(run: Run) -> Iterator[Picture]:
    """Yield the pictures of what was measured."""
    if "latency" in run:
        yield _times(run)
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
        yield _growth(run)
    if "peers" in run:
        yield _growth_beside(run)
    if "soak" in run:
        yield _over_time(run)


def _times(run: Run) -> Picture:
    rows: list[dict[str, float]] = run["latency"]["distribution"]
    times = {
        said: svg.plain([row[f"{name}_cpu_ms"] for row in rows])
        for said, name in IN_LATENCY.items()
        if f"{name}_cpu_ms" in rows[0]
    }
    across = [f"{row['percent']:g} %" if row["percent"] % 20 == 0 else "" for row in rows]
    return Picture(
        "latency",
        "Time of a sentence of ten words",
        svg.lines(times, across, "CPU milliseconds by share of sentences", tenfold=True),
        "CPU milliseconds on one core for that share of sentences at most; tenfold with each line.",
    )


def _costs(run: Run) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield for each that tells intents what a sentence costs and how often it is right."""
    if "peers" in run:
        for name, said in INTENTS.items():
            of = run["peers"][name]
            yield said, (of["cpu_p50_ms"], of["intent_accuracy"])
    elif "latency" in run:
        for said, name in IN_LATENCY.items():
            if of := run["latency"].get(name):
                yield said, (of["cpu_p50_ms"], of["intent_accuracy"])


def _which(run: Run) -> str:
    if "peers" in run:
        return (
            "sentences of NLU-Evaluation-Data that are not in what packs learn from. "
            f"Peers learned from {run['peers']['sentences']['trained_on']:,} others, the pack from more."
        )
    taught = run["latency"]["peer"]["trained_on"]
    return (
        f"MASSIVE en-US dev, the cost of ten words. MiniLM learned from {taught:,} sentences, the pack "
        "from more."
    )


def _growth(run: Run) -> Picture:
    sizes = {name: of for name, of in run["scale"].items() if name.endswith("_devices")}
    grown = {"decision, p50": "p50_ms", "p95": "p95_ms", "of it the model, p50": "model_p50_ms"}
    of = {said: svg.plain([float(one[name]) for one in sizes.values()]) for said, name in grown.items()}
    return Picture(
        "growth",
        "Time of a decision by the size of the home",
        svg.lines(of, [_size(name) for name in sizes], "CPU milliseconds by devices"),
        "CPU milliseconds from text to decision, by devices in the home.",
    )


def _growth_beside(run: Run) -> Picture:
    homes = {name: of for name, of in run["peers"].items() if name.endswith("_devices_plain")}
    of = {
        said: svg.plain([float(one[f"{name}_p50_ms"]) for one in homes.values()])
        for said, name in BESIDE.items()
    }
    return Picture(
        "growth-beside",
        "The same beside what one would use instead",
        svg.lines(of, [_size(name) for name in homes], "CPU milliseconds by devices", tenfold=True),
        "CPU milliseconds for a sentence that all know, by devices in the home; tenfold with each step. Home "
        "Assistant asks the gazetteer only where hassil finds nothing. One home came after the other, so "
        "what else the machine did meanwhile is in it.",
    )


def _size(group: str) -> str:
    return f"{int(group.partition('_')[0]):,}"


def _over_time(run: Run) -> Picture:
    days: list[dict[str, float]] = run["soak"]["over_time"]
    across = [f"day {day['day']:g}" if day["day"] % 5 == 0 or len(days) < 8 else "" for day in days]
    weights = {
        "hub, MB": svg.plain([day["rss_mb"] for day in days]),
        "journal, MB": svg.plain([day["journal_mb"] for day in days]),
    }
    return Picture(
        "memory",
        "Memory and journal over time",
        svg.lines(weights, across, "megabytes by day"),
        "Resident set of the hub at the end of each simulated day, and the size of its journal's files.",
    )
