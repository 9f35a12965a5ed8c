"""Count what errors of typing and hearing cost: the same sentences, clean and spoiled.

Errors are drawn several times over and the sentences' averages compared with their clean reading,
so that the loss is about the errors and not about which sentences had which.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from edge_nlu.errors import DataError
from edge_nlu.interfaces import Understander
from edge_nlu.models.examples import read_examples
from edge_nlu.models.pack import Pack
from edge_nlu.values import Example
from edge_nlu_bench.noise import read_confusions, with_misheard_word, with_typing_error
from edge_nlu_bench.report import Figures, Floats, share
from edge_nlu_bench.sources import corpus

DEV = "massive/en-US/dev.jsonl.gz"
CONFUSIONS = "asr/confusions.jsonl.gz"


def measure(understander: Understander, pack: Pack, data: Path | None, seeds: int) -> dict[str, Figures]:
    """Return intent accuracy on clean, mistyped and misheard sentences, and the points lost."""
    examples = known_intents(corpus(DEV, data), pack)
    confusions = read_confusions(corpus(CONFUSIONS, data))
    clean = rightness(examples, [understander.understand(example.text).intent for example in examples])

    def misheard(text: str, rng: random.Random) -> str:
        return with_misheard_word(text, rng, confusions)

    return {
        "sentences": {"n": len(examples), "seeds": seeds},
        "clean": share("intent_accuracy", clean),
        "typing": _spoiled(understander, examples, with_typing_error, seeds, clean),
        "misheard": _spoiled(understander, examples, misheard, seeds, clean),
    }


def known_intents(path: Path, pack: Pack) -> list[Example]:
    """Return the labelled sentences of a file, or raise `DataError` if the pack knows none of the intents."""
    examples = [example for example in read_examples(path) if example.intent is not None]
    if not {example.intent for example in examples} & set(pack.labels.intents):
        raise DataError(path, 0, f"pack {pack.id} knows none of its intents", "intents that the pack knows")
    return examples


def rightness(examples: Iterable[Example], intents: Iterable[str]) -> Floats:
    """Return 1 for each example whose intent is the one that was understood, else 0."""
    pairs = zip(examples, intents, strict=True)
    return np.array([example.intent == intent for example, intent in pairs], np.float64)


def _spoiled(
    understander: Understander,
    examples: Sequence[Example],
    spoil: Callable[[str, random.Random], str],
    seeds: int,
    clean: Floats,
) -> Figures:
    drawn, touched = [], []
    for seed in range(seeds):
        rng = random.Random(seed)
        texts = [spoil(example.text, rng) for example in examples]
        drawn.append(rightness(examples, [understander.understand(text).intent for text in texts]))
        pairs = zip(texts, examples, strict=True)
        touched.append(np.mean([text != example.text for text, example in pairs]))
    right = np.mean(drawn, 0)
    return {
        "changed": round(float(np.mean(touched)), 4),
        **share("intent_accuracy", right),
        **share("points_lost", 100 * (clean - right)),
    }
