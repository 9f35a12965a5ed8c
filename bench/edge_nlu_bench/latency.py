"""Time one sentence of ten words, from text to frame, on one core, with a peer beside it in two forms.

A word that was read before is read faster, so each round opens the pack anew and says every
sentence once: only the words that sentences share are known already, as in a home. On a machine
with other work the CPU time is the figure to compare, and the ratio to the peer the one to keep.
"""

from __future__ import annotations

import gc
import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter_ns, process_time_ns
from typing import Any

import numpy as np

from edge_nlu.models.encoder import Encoder
from edge_nlu.models.examples import read_examples
from edge_nlu.models.pack import Pack
from edge_nlu.values import Example
from edge_nlu_bench.peer import LeanPeer, Peer
from edge_nlu_bench.report import Figures, Floats, share
from edge_nlu_bench.robustness import DEV, known_intents, rightness
from edge_nlu_bench.sources import corpus

TRAIN = "massive/en-US/train.jsonl.gz"
TYPED = "snips/dev.jsonl.gz"
WORDS = 10
WARM_UP = 20
NANOSECONDS = 1e6  # in a millisecond


class Stopwatch:
    """Stands in for the network of an encoder and notes the CPU time when it is called and when it ends."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.called = self.ended = 0

    def run(self, *inputs: Any) -> Any:
        """Run the network."""
        self.called = process_time_ns()
        outputs = self._session.run(*inputs)
        self.ended = process_time_ns()
        return outputs


def measure(
    pack: Pack, data: Path | None, *, quick: bool
) -> tuple[dict[str, Figures], list[dict[str, float]]]:
    """Return the times of the pack and of the peer, where the pack spends them, their ratio, and all times.

    The last are a row for each per cent of the sentences, with the CPU time within which it is read.
    """
    dev, train = known_intents(corpus(DEV, data), pack), read_examples(corpus(TRAIN, data))
    spoken = of_ten_words(dev)
    typed = of_ten_words(read_examples(corpus(TYPED, data)))
    random.Random(0).shuffle(train)
    with one_core():
        peer = Peer(train[:1000] if quick else train)
        lean = LeanPeer(peer)
        ours, theirs, leanly = rounds(
            pack, (peer.intent, lean.intent), [*spoken, *typed], count=2 if quick else 5
        )
        parts = where_time_goes(pack, [*spoken, *typed])
        encoder = Encoder(pack)
        right = rightness(dev, [encoder.understand(example.text).intent for example in dev])
        peer_right = rightness(dev, peer.intents([example.text for example in dev]))
        lean_right = rightness(dev, [lean.intent(example.text) for example in dev])
    counts = {"n": len(spoken) + len(typed), "spoken": len(spoken), "typed": len(typed)}
    found: dict[str, Figures] = {
        "sentences": {**counts, "rounds": len(ours)},
        "edge_nlu": {**figures(ours), **share("intent_accuracy", right)},
        "spoken": figures(ours[:, : len(spoken)]),
        "typed": figures(ours[:, len(spoken) :]),
        "parts": parts,
        "peer": {**figures(theirs), **share("intent_accuracy", peer_right), "trained_on": peer.trained_on},
        "ratio": _ratio(ours, theirs),
        "peer_int8": {**figures(leanly), **share("intent_accuracy", lean_right)},
        "ratio_int8": _ratio(ours, leanly),
    }
    return found, _distribution({"edge_nlu": ours, "peer": theirs, "peer_int8": leanly})


def _distribution(times: Mapping[str, Floats]) -> list[dict[str, float]]:
    per_cent = range(1, 100)
    of = {f"{name}_cpu_ms": np.percentile(one[..., 1], per_cent).tolist() for name, one in times.items()}
    return [
        {"percent": percent, **{name: round(values[at], 4) for name, values in of.items()}}
        for at, percent in enumerate(per_cent)
    ]


def of_ten_words(examples: Iterable[Example]) -> list[str]:
    """Return the different sentences that have ten words between blanks."""
    return sorted({example.text for example in examples if len(example.text.split()) == WORDS})


def rounds(
    pack: Pack, peers: Sequence[Callable[[str], object]], texts: Sequence[str], count: int
) -> list[Floats]:
    """Return the times of all texts in each round, those of the pack and those of the peers."""
    with no_old_garbage():
        of_rounds = [
            [timed(hear, texts) for hear in (Encoder(pack).understand, *peers)] for _ in range(count)
        ]
    return [np.stack(of) for of in zip(*of_rounds, strict=True)]


def timed(hear: Callable[[str], object], texts: Sequence[str]) -> Floats:
    """Return wall and CPU milliseconds of each text, said once, in an order drawn by lot."""
    for _ in range(WARM_UP):
        hear("is there anything else")
    times = np.zeros((len(texts), 2))
    order = list(range(len(texts)))
    random.Random(0).shuffle(order)
    for at in order:
        cpu, wall = process_time_ns(), perf_counter_ns()
        hear(texts[at])
        times[at] = perf_counter_ns() - wall, process_time_ns() - cpu
    return times / NANOSECONDS


def where_time_goes(pack: Pack, texts: Sequence[str]) -> dict[str, float]:
    """Return the CPU time before, in and after the network, at the median, and the share of each."""
    encoder = Encoder(pack)
    watch = Stopwatch(encoder._session)
    encoder._session = watch
    times = []
    for text in texts:
        begun = process_time_ns()
        encoder.understand(text)
        times.append(np.diff([begun, watch.called, watch.ended, process_time_ns()]) / NANOSECONDS)
    middle = np.median(times, axis=0)
    parts = dict(zip(("tokenising", "network", "decode"), middle.tolist(), strict=True))
    in_ms = {f"{part}_cpu_p50_ms": round(value, 4) for part, value in parts.items()}
    return in_ms | {part: round(value / sum(parts.values()), 4) for part, value in parts.items()}


def figures(times: Floats) -> dict[str, float]:
    """Return the median and the 99th percentile of wall and CPU milliseconds."""
    (wall, cpu), (late_wall, late_cpu) = np.percentile(times.reshape(-1, 2), (50, 99), axis=0).tolist()
    named = {"wall_p50_ms": wall, "wall_p99_ms": late_wall, "cpu_p50_ms": cpu, "cpu_p99_ms": late_cpu}
    return {name: round(value, 4) for name, value in named.items()}


def _ratio(ours: Floats, theirs: Floats) -> dict[str, float]:
    """Return how many times our CPU time the peer takes: at the median of rounds, the least, the most."""
    of_rounds = np.median(theirs[..., 1], axis=1) / np.median(ours[..., 1], axis=1)
    middle, least, most = np.median(of_rounds), of_rounds.min(), of_rounds.max()
    named = {"cpu_p50": middle, "cpu_p50_low": least, "cpu_p50_high": most}
    return {name: round(float(value), 2) for name, value in named.items()}


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this thread, and those it starts, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def no_old_garbage() -> Iterator[None]:
    """Spare what is loaded already from the collector of garbage: a hub holds no peer's objects."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
