"""Count how often a pack understands rightly, by every measure there is: one suite out of several benches.

Public corpora first, then what was written by hand for homes, likeness of meaning, and errors of typing
and hearing. SNIPS is left out: no pack knows its intents. Of NLU-Evaluation-Data only those sentences count
whose intent the pack knows, and which are not, word for word, among those of MASSIVE that packs learn from:
every second one is.
"""

from __future__ import annotations

import re
from pathlib import Path

from edge_nlu.interfaces import Understander
from edge_nlu.models.examples import read_examples
from edge_nlu.models.pack import Pack
from edge_nlu.models.score import Score, judge
from edge_nlu.values import Example
from edge_nlu_bench import home, meaning, robustness
from edge_nlu_bench.report import Figures
from edge_nlu_bench.sources import corpus

COUNTED = ("intent_accuracy", "slot_f1", "exact_match")
ELSEWHERE, LEARNED_FROM = "nlu-evaluation/dev.jsonl.gz", "massive/en-US/train.jsonl.gz"


def measure(understander: Understander, pack: Pack, data: Path | None, seeds: int) -> dict[str, Figures]:
    """Return the figures on every set of sentences; errors are drawn `seeds` times."""
    massive = robustness.known_intents(corpus(robustness.DEV, data), pack)
    others = read_examples(corpus(ELSEWHERE, data))
    learned = {plain(example.text) for example in read_examples(corpus(LEARNED_FROM, data))}
    new = [
        example
        for example in others
        if example.intent in pack.labels.intents and plain(example.text) not in learned
    ]
    noise = robustness.measure(understander, pack, data, seeds)
    return {
        "massive": _counted(massive, understander),
        "nlu_evaluation": {"left_out": len(others) - len(new), **_counted(new, understander)},
        **home.measure(understander, pack)[0],
        **meaning.measure(understander, pack, data),
        **{name: noise[name] for name in ("typing", "misheard")},
    }


def plain(text: str) -> str:
    """Return the words of a sentence, without capitals and marks."""
    return " ".join(re.sub(r"[^a-z0-9 ]", "", text.lower()).split())


def _counted(examples: list[Example], understander: Understander) -> dict[str, float]:
    figures = Score(tuple(judge(examples, understander))).as_dict()
    wanted = [f"{name}{end}" for name in COUNTED for end in ("", "_low", "_high")]
    return {name: figures[name] for name in ("n", *wanted)}
