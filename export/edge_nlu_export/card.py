"""Write the model card: what a pack is, what it was made of, how good it is and where it fails.

Everything on it was gathered while the pack was made; nothing is typed in by hand but what the
sources are, whom they are by and under which licence. Attribution is a duty of most of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_nlu.models.score import Score, SlotCount
from edge_nlu_export.files import write_text
from edge_nlu_export.promises import Report


@dataclass(frozen=True, slots=True)
class Source:
    """Something a pack was made of: whose it is, under which licence, and what it was used for."""

    name: str
    licence: str
    attribution: str
    used_for: str
    address: str = ""


MASSIVE = Source(
    "MASSIVE 1.1",
    "CC BY 4.0",
    "FitzGerald et al. 2022, MASSIVE: A 1M-Example Multilingual Natural Language Understanding Dataset with "
    "51 Typologically-Diverse Languages (arXiv 2204.08582); derived from SLURP, CC BY 4.0, Bastianelli "
    "et al. 2020, SLURP: A Spoken Language Understanding Resource Package",
    "intents and slots, and the words they are said in",
    "https://github.com/alexa/massive",
)
NLU_EVALUATION = Source(
    "NLU-Evaluation-Data",
    "CC BY 4.0",
    "Liu et al. 2019, Benchmarking Natural Language Understanding Services for building Conversational "
    "Agents (arXiv 1903.05566)",
    "intents and slots that MASSIVE has too; the wording of the rest",
    "https://github.com/xliuhw/NLU-Evaluation-Data",
)
SNIPS = Source(
    "SNIPS, seven intents",
    "CC0 1.0",
    "Coucke et al. 2018, Snips Voice Platform: an embedded Spoken Language Understanding system for "
    "private-by-design voice interfaces (arXiv 1805.10190)",
    "wording only, and what fills its slots",
    "https://github.com/sonos/nlu-benchmark",
)
CONFUSIONS = Source(
    "Confusions of words counted on SLURP recordings",
    "CC BY 4.0",
    "Bastianelli et al. 2020, SLURP: A Spoken Language Understanding Resource Package",
    "what speech recognition mishears; no sentence of it",
    "https://github.com/pswietojanski/slurp",
)
WORDNET = Source(
    "WordNet 3.0",
    "WordNet licence",
    "WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved.",
    "words and their definitions, for what they mean",
    "https://wordnet.princeton.edu",
)
DEVICES = Source(
    "Device definitions of zigbee-herdsman-converters",
    "MIT",
    "Copyright (c) 2018 Koen Kanters",
    "what makers call their devices",
    "https://github.com/Koenkk/zigbee-herdsman-converters",
)
TEACHER = Source(
    "all-MiniLM-L6-v2",
    "Apache-2.0",
    "sentence-transformers; after Wang et al. 2020, MiniLM: Deep Self-Attention Distillation for "
    "Task-Agnostic Compression of Pre-Trained Transformers (arXiv 2002.10957)",
    "the teacher: the pack learned from its vectors and keeps pieces of its vocabulary",
    "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
)
OWN_SENTENCES = Source(
    "Our own generator of home-control sentences",
    "as edge-nlu itself",
    "the authors of edge-nlu",
    "wishes, their properties and the slots of a home",
)
SOURCES = (MASSIVE, NLU_EVALUATION, SNIPS, CONFUSIONS, WORDNET, DEVICES, TEACHER, OWN_SENTENCES)


@dataclass(frozen=True)
class Result:
    """How good a pack is on one set of sentences: the figures, then intent by intent and slot by slot."""

    figures: Mapping[str, Any]
    by_intent: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    by_slot: Mapping[str, SlotCount] = field(default_factory=dict)

    @classmethod
    def of(cls, score: Score) -> Result:
        """Return what a score says."""
        return cls(score.as_dict(), score.by_group(), score.by_slot())


@dataclass(frozen=True)
class CardFacts:
    """What a recipe gathered for the card; `recipe` is its text, `info` what `edge-nlu pack info` prints."""

    info: Mapping[str, Any]
    about: str
    sources: Sequence[Source]
    recipe: str
    fingerprint: str
    seed: int
    results: Mapping[str, Result]
    report: Report
    weaknesses: Sequence[str]
    versions: Mapping[str, str]


def write_card(path: Path, facts: CardFacts) -> None:
    """Write the card."""
    write_text(path, "\n".join(card_lines(facts)) + "\n")


def card_lines(facts: CardFacts) -> Iterator[str]:
    """Yield the card as Markdown, line by line."""
    yield from _what(facts)
    yield from _sources(facts.sources)
    yield from _recipe(facts)
    yield from _figures(facts.results)
    yield from _verified(facts.report)
    yield from ("", "## Known weaknesses", "")
    yield from (f"- {_plain(weakness)}" for weakness in facts.weaknesses or ["None were looked for."])
    yield from _tables(facts.results)
    yield from ("", "## Made with", "")
    yield from _table(("library", "version"), sorted(facts.versions.items()))


def _what(facts: CardFacts) -> Iterator[str]:
    info = facts.info
    yield from (f"# {info['id']}", "", facts.about.strip(), "")
    says = ", ".join(f"{len(names)} {group.replace('_', ' ')}" for group, names in _lists(info["labels"]))
    rows = [
        ("locale", info["locale"]),
        ("size", f"{info['size_bytes'] / 1e6:.2f} MB in {len(info['files'])} files"),
        ("it says", says),
        ("made for", facts.report.hub),
    ]
    yield from _table(("", ""), rows)


def _lists(labels: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    return ((group, names) for group, names in labels.items() if isinstance(names, list | tuple) and names)


def _sources(sources: Sequence[Source]) -> Iterator[str]:
    yield from ("", "## What it was made of", "")
    rows = [
        (
            f"[{source.name}]({source.address})" if source.address else source.name,
            source.licence,
            source.used_for,
            source.attribution,
        )
        for source in sources
    ]
    yield from _table(("source", "licence", "used for", "attribution"), rows)
    yield from (
        "",
        "Sentences were changed on the way: cut into words, misheard and mistyped on purpose, refilled.",
    )


def _recipe(facts: CardFacts) -> Iterator[str]:
    yield from ("", "## Recipe", "", f"Seed {facts.seed}, fingerprint `{facts.fingerprint}`.", "")
    yield from ("```toml", *facts.recipe.strip().splitlines(), "```")


def _figures(results: Mapping[str, Result]) -> Iterator[str]:
    yield from (
        "",
        "## How good it is",
        "",
        "Shares of 1; in brackets the 95 % interval from resampling sentences.",
        "",
    )
    names = list(
        dict.fromkeys(
            name
            for result in results.values()
            for name in result.figures
            if name != "n" and not name.endswith(("_low", "_high"))
        )
    )
    rows = [
        (
            name,
            str(result.figures.get("n", "")),
            *(_with_interval(result.figures, figure) for figure in names),
        )
        for name, result in results.items()
    ]
    yield from _table(("sentences", "n", *(name.replace("_", " ") for name in names)), rows)


def _with_interval(figures: Mapping[str, Any], name: str) -> str:
    if name not in figures:
        return ""
    low, high = figures.get(f"{name}_low"), figures.get(f"{name}_high")
    return f"{figures[name]:.4f}" + ("" if low is None or high is None else f" ({low:.4f} to {high:.4f})")


def _verified(report: Report) -> Iterator[str]:
    yield from (
        "",
        "## Promises",
        "",
        "Kept by this pack:" if report.kept else "Not all kept by this pack:",
        "",
    )
    rows = [
        ("yes" if promise.kept else "**no**", promise.name, promise.found, promise.bound, promise.note)
        for promise in report.promises
    ]
    yield from _table(("kept", "promise", "found", "limit", ""), rows)


def _tables(results: Mapping[str, Result]) -> Iterator[str]:
    for name, result in results.items():
        if result.by_intent:
            yield from ("", f"## {name}, by intent", "")
            rows = [
                (intent, str(total), f"{right / total:.3f}")
                for intent, (total, right) in result.by_intent.items()
            ]
            yield from _table(("intent", "sentences", "all right"), rows)
        if result.by_slot:
            yield from ("", f"## {name}, by slot", "")
            yield from _table(
                ("slot", "labelled", "found", "right", "F1"),
                [
                    (slot, str(count.labelled), str(count.found), str(count.right), f"{count.f1:.3f}")
                    for slot, count in result.by_slot.items()
                ],
            )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|" + " --- |" * len(heads)
    yield from (f"| {' | '.join(map(_plain, row))} |" for row in rows)


def _plain(text: str) -> str:
    """Return the text on one line that ends no cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|")
