"""Set edge-nlu beside its peers: the same sentences, the same homes, the same core, in the same run.

Of NLU-Evaluation-Data peers learn from what is there to learn from. All are asked all of dev, which
shows whether a peer is what it was when it was first measured. What is compared is a part of dev:
sentences whose intent a pack knows and that are not, word for word, in the corpus that packs learn from.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import process_time_ns
from typing import Any

import numpy as np

from edge_nlu.models.encoder import Encoder
from edge_nlu.models.examples import read_examples
from edge_nlu.models.pack import Pack
from edge_nlu.values import Example
from edge_nlu_bench.latency import one_core
from edge_nlu_bench.nlu import ELSEWHERE, LEARNED_FROM, plain
from edge_nlu_bench.peers.environments import Environment, as_before
from edge_nlu_bench.peers.homes import homes_figures
from edge_nlu_bench.peers.told import WARM_UP, Span, yard_ms
from edge_nlu_bench.report import Figures, share
from edge_nlu_bench.sources import corpus

TRAIN = "nlu-evaluation/train.jsonl.gz"
LEARNING = ("fasttext", "crf", "minilm")
QUICK = 4
"""Quick, a peer learns from every fourth sentence."""


def measure(
    pack: Pack, data: Path | None, known: Mapping[str, Environment], *, quick: bool
) -> dict[str, Figures]:
    """Return the figures of edge-nlu and of each peer, and what came of them in homes."""
    learned = {plain(example.text) for example in read_examples(corpus(LEARNED_FROM, data))}
    dev = read_examples(corpus(ELSEWHERE, data))
    train = read_examples(corpus(TRAIN, data))[:: QUICK if quick else 1]
    new = [
        at
        for at, example in enumerate(dev)
        if example.intent in pack.labels.intents and plain(example.text) not in learned
    ]
    ours = _ours(pack, dev)
    found: dict[str, Figures] = {
        "sentences": {"trained_on": len(train), "asked": len(dev), "compared": len(new)},
        "edge_nlu": _figures(dev, ours, new),
    }
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder, "rows.json"), Path(folder, "asked.json")
        for path, examples in zip(rows, (train, dev), strict=True):
            path.write_text(json.dumps([_row(example) for example in examples]), encoding="utf-8")
        for name in LEARNING:
            peer, model = known[name], str(Path(folder, name))
            taught = peer.run(name, "learn", str(rows[0]), model)
            told = peer.run(name, "read", str(rows[1]), model)
            found[name] = {
                **_figures(dev, told, new),
                "times_our_cpu": round(np.median(told["cpu_ms"]) / np.median(ours["cpu_ms"]), 2),
                "train_cpu_s": round(taught["train_cpu_s"], 1),
                # what it learned less from says nothing about how it is run
                **(_as_before(dev, told, peer.found) if not quick else {}),
            }
    return found | homes_figures(pack, data, known["homeassistant"], quick=quick)


def _as_before(dev: Sequence[Example], told: Mapping[str, Any], before: Mapping[str, float]) -> Figures:
    """Return whether a peer reaches what it was found to reach on all of dev, in slots too if it has any."""
    right = np.mean([read[0] == one.intent for read, one in zip(told["told"], dev, strict=True)])
    figures = as_before(float(right), before["intents"])
    if "spans" in before:
        spans = as_before(_f1([slots for _, slots in told["told"]], dev), before["spans"])
        figures |= {"found_span_f1": spans["found"], "before_span_f1": spans["before"]}
        figures["as_before"] = figures["as_before"] and spans["as_before"]
    return figures


def _ours(pack: Pack, dev: Sequence[Example]) -> dict[str, Any]:
    """Return what a pack takes sentences for, as a peer tells it."""
    encoder, told, times = Encoder(pack), [], []
    with one_core():
        for example in dev[:WARM_UP]:
            encoder.understand(example.text)
        for example in dev:
            begun = process_time_ns()
            understood = encoder.understand(example.text)
            times.append((process_time_ns() - begun) / 1e6)
            slots = [(slot.type, slot.start, slot.end) for slot in understood.slots]
            told.append((understood.intent, slots))
        yard = yard_ms()
    return {"told": told, "cpu_ms": times, "yard_ms": yard}


def _figures(dev: Sequence[Example], told: Mapping[str, Any], new: Sequence[int]) -> dict[str, float | int]:
    read = [(told["told"][at], dev[at]) for at in new]
    right = np.array([intent == example.intent for (intent, _), example in read], np.float64)
    middle, late = np.percentile(told["cpu_ms"], (50, 99)).tolist()
    figures: dict[str, float | int] = {"n": len(new), **share("intent_accuracy", right)}
    if any(slots for (_, slots), _ in read):
        figures["span_f1"] = _f1([slots for (_, slots), _ in read], [of for _, of in read])
    figures |= {"cpu_p50_ms": round(middle, 4), "cpu_p99_ms": round(late, 4)}
    figures["cpu_p50_yards"] = round(middle / told["yard_ms"], 4)
    weights = {name: round(told[name], 2) for name in ("rss_mb", "open_cpu_s", "yard_ms") if name in told}
    return figures | weights


def _f1(told: Sequence[Sequence[Span]], examples: Sequence[Example]) -> float:
    """Return the F1 of slots whose type and words are right."""
    found = [{tuple(slot) for slot in slots} for slots in told]
    labelled = [{(s.type, s.start, s.end) for s in example.slots or ()} for example in examples]
    hits = sum(len(one & other) for one, other in zip(found, labelled, strict=True))
    return round(2 * hits / max(sum(map(len, found)) + sum(map(len, labelled)), 1), 4)


def _row(example: Example) -> dict[str, Any]:
    slots = [{"type": slot.type, "start": slot.start, "end": slot.end} for slot in example.slots or ()]
    return {"text": example.text, "intent": example.intent, "slots": slots}
