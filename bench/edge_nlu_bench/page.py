"""Draw what pretend households showed, on one page that stands by itself and is readable on a phone.

Every figure on it is one of the JSON that the same run prints.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from edge_nlu_bench import svg
from edge_nlu_bench.household.tally import SIMULATED
from edge_nlu_bench.learning import Measured
from edge_nlu_bench.report import Figures, shown
from edge_nlu_bench.sheet import WORDS, page, reached, table
from edge_nlu_bench.svg import Point

LAYERS = {"off": "without rewordings", "shared": "with shared ones", "both": "with shared ones and their own"}
KINDS = {"whole": "whole sentences", "name": "names", "pattern": "patterns"}
AIMS: Sequence[tuple[str, str, str, str, float]] = (
    ("one wrong rewrite for so many right, lower end", "rewrites", "correct_to_incorrect_low", "over", 8.5),
    ("one lost sentence for so many won, lower end", "rewrites", "wins_to_losses_low", "over", 11.8),
    ("sentences that are rewritten, share", "rewrites", "coverage", "least", 0.02),
    ("sentences that are rewritten", "rewrites", "n", "least", 300),
    ("failures taken away by shared rewordings", "defects", "removed_by_shared", "least", 0.13),
    ("failures taken away further by their own", "defects", "removed_further_by_personal", "least", 0.04),
    ("homes harmed", "defects", "homes_harmed", "most", 0.02),
    ("recurring failures that are found", "recurring", "found", "least", 0.5),
    ("rephrases: better than a pairwise model of words", "rephrases", "better_than_words", "least", 0.16),
    ("rephrases: better than one of all that is seen", "rephrases", "better_than_all", "least", 0.16),
    ("failure points, macro F1", "failure_points", "macro_f1", "least", 0.92),
    ("labels that are wrong, at 60 % coverage", "automatic_labels", "wrong", "most", 0.02),
    ("gain from true labels that own labels recover", "heads", "recovered", "least", 0.6),
    ("over-personalised, of sentences written by hand", "over_personalised", "share", "most", 0.005),
    ("added to a sentence by 10,000 rewordings, ms", "many_rewordings", "added_ms_p50", "most", 0.15),
    ("their megabytes", "many_rewordings", "megabytes", "most", 4),
    ("upkeep for a day, CPU seconds", "upkeep", "cpu_s_a_day", "most", 2),
)
"""What is aimed at: in words, where it stands in the JSON, and from where or up to where it is reached."""

MADE_UP = (
    "That people who are not understood say it otherwise, and how, is made up. The figures tell how well a "
    "hub learns under these conditions, and nothing of how people behave."
)


def drawn(found: Measured, told: str) -> str:
    """Return the page; `told` says with what it was measured."""
    figures = found.figures
    fleet, checks = figures["fleet"], _checks(figures)
    parts = [
        f"<h1>What hubs learn in {fleet['homes']} pretend households in {fleet['days']} days</h1>",
        f'<p class="note">Remember: {SIMULATED}. {MADE_UP}</p>',
        _void(figures["rewrites"]),
        "<h2>Aims</h2>",
        table(("", "found", "aim", ""), _aims(figures)),
        "<h2>Failures in a home, week by week</h2>",
        svg.lines(_weekly(figures), _weeks(figures), "failures in a home by week"),
        "<p>Mean over homes; the bands are 95 % intervals over homes.</p>",
        "<h2>What was learned</h2>",
        svg.bars(_learned(figures), _weeks(figures), "rules confirmed by week"),
        "<p>Rules of homes' own, by the week in which they were confirmed.</p>",
        table(("kind", "what fails", "is taken for", "right", "wrong"), _examples(found)),
        "<h2>Good and harm, home by home</h2>",
        svg.bars(_harm(found), (), "sentences put right and made wrong, home by home"),
        "<p>Each bar is a home, the one with the most gain first.</p>",
        "<h2>Whether this can be believed</h2>",
        table(("check", "", "found"), checks),
        f'<p class="note">Fleet {escape(str(fleet["sha256"]))}, seed {fleet["seed"]}. {escape(told)}</p>',
    ]
    return page("What hubs learn", parts)


def _void(rewrites: Figures) -> str:
    if not rewrites["void"]:
        return ""
    return f'<p class="bad">These figures mean nothing: {escape(str(rewrites["failed_checks"]))} failed.</p>'


def _aims(figures: Mapping[str, Figures]) -> Iterator[tuple[str, ...]]:
    for said, group, name, how, aim in AIMS:
        value = figures.get(group, {}).get(name)
        if isinstance(value, int | float):
            yield said, shown(value), f"{WORDS[how]} {aim:g}", reached(value, how, aim)


def _checks(figures: Mapping[str, Figures]) -> Iterator[tuple[str, ...]]:
    for name, check in figures.items():
        if name.startswith("check_"):
            verdict = "holds" if check["holds"] else "fails"
            called = name.removeprefix("check_").replace("_", " ")
            yield called, verdict if check["told"] else "open", str(check["found"])


def _weeks(figures: Mapping[str, Figures]) -> list[str]:
    return [name.replace("_", " ") for name in figures if name.startswith("week_")]


def _weekly(figures: Mapping[str, Figures]) -> dict[str, list[Point]]:
    weeks = [figures[name.replace(" ", "_")] for name in _weeks(figures)]
    return {
        said: [Point(*(float(week[f"{layer}{end}"]) for end in ("", "_low", "_high"))) for week in weeks]
        for layer, said in LAYERS.items()
    }


def _learned(figures: Mapping[str, Figures]) -> dict[str, list[float]]:
    weeks = [figures[name.replace(" ", "_")] for name in _weeks(figures)]
    return {said: [float(week[f"confirmed_{kind}"]) for week in weeks] for kind, said in KINDS.items()}


def _examples(found: Measured) -> Iterator[tuple[str, ...]]:
    for rule in found.rules:
        yield tuple(str(rule[name]) for name in ("kind", "failing", "working", "won", "lost"))


def _harm(found: Measured) -> dict[str, list[float]]:
    homes = sorted(found.homes, key=lambda home: int(home["lost"]) - int(home["won"]))
    return {
        "sentences put right": [float(home["won"]) for home in homes],
        "sentences made wrong": [-float(home["lost"]) for home in homes],
    }
