"""Ask whether a pack's embeddings put like meanings side by side.

What is nearest is what counts, since that is how a wording is looked up: a tie for the first place
is no find, so a pack that gives every sentence the same embedding gets nothing right.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from edge_nlu.errors import PackForeignError
from edge_nlu.interfaces import Understander
from edge_nlu.models.examples import read_examples
from edge_nlu.models.pack import Pack
from edge_nlu_bench.report import Figures, share
from edge_nlu_bench.sources import corpus, frozen_rows

Vectors: TypeAlias = npt.NDArray[np.float32]

WORDINGS = 10_000
TRAIN = ("massive/en-US/train.jsonl.gz", "nlu-evaluation/train.jsonl.gz")
CAT, FEEDER, OVEN = "feed the cat", "pet feeder: feed", "oven: power"


def measure(understander: Understander, pack: Pack, data: Path | None) -> dict[str, Figures]:
    """Return how often the nearest is the right one, for wishes and for rewordings."""
    if not pack.labels.embedding:
        raise PackForeignError(pack.folder, "no embedding", "a pack that gives sentences an embedding")
    rewordings = frozen_rows("rewordings.jsonl")
    wordings = known_wordings(
        [row["meant"] for row in rewordings],
        [example.text for name in TRAIN for example in read_examples(corpus(name, data))],
        leave_out=[row["said"] for row in rewordings],
    )
    return {
        "wishes": _wishes(understander, frozen_rows("wishes.jsonl")),
        "rewordings": _rewordings(understander, rewordings, wordings),
        "feed_the_cat": _cat(understander),
    }


def known_wordings(
    meant: Sequence[str], others: Iterable[str], leave_out: Iterable[str] = (), count: int = WORDINGS
) -> list[str]:
    """Return `count` different wordings: what was meant first, then some of the others, drawn by lot."""
    taken = {_plain(text) for text in (*meant, *leave_out)}
    rest = {_plain(text): text for text in others}
    drawn = sorted(set(rest) - taken)
    random.Random(0).shuffle(drawn)
    return [*meant, *(rest[plain] for plain in drawn)][:count]


def embeddings(understander: Understander, texts: Iterable[str]) -> Vectors:
    """Return the embedding of each text, as rows of unit length."""
    found = [np.frombuffer(understander.understand(text).embedding, "<f4") for text in texts]
    return np.stack(found)


def nearest_alone(asked: Vectors, among: Vectors, right: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Tell for each row of `asked` whether the right row lies nearer than every other one."""
    near = asked @ among.T
    rows = np.arange(len(asked))
    of_right = near[rows, right].copy()
    near[rows, right] = -np.inf
    return np.asarray(of_right > near.max(1))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _wishes(understander: Understander, rows: Sequence[dict[str, str]]) -> Figures:
    devices = {row["device"]: row["about"] for row in rows if "about" in row}
    wishes = [row for row in rows if "wish" in row]
    number = {device: at for at, device in enumerate(devices)}
    right = nearest_alone(
        embeddings(understander, (row["wish"] for row in wishes)),
        embeddings(understander, devices.values()),
        [number[row["device"]] for row in wishes],
    )
    return {"n": len(wishes), "devices": len(devices), **share("right", right.astype(np.float64))}


def _rewordings(
    understander: Understander, rows: Sequence[dict[str, str]], wordings: Sequence[str]
) -> Figures:
    number = {text: at for at, text in enumerate(wordings)}
    right = nearest_alone(
        embeddings(understander, (row["said"] for row in rows)),
        embeddings(understander, wordings),
        [number[row["meant"]] for row in rows],
    )
    return {"n": len(rows), "wordings": len(wordings), **share("right", right.astype(np.float64))}


def _cat(understander: Understander) -> Figures:
    cat, feeder, oven = embeddings(understander, (CAT, FEEDER, OVEN))
    to_feeder, to_oven = float(cat @ feeder), float(cat @ oven)
    return {
        "pet_feeder": round(to_feeder, 4),
        "oven": round(to_oven, 4),
        "right": to_feeder > to_oven,
    }
