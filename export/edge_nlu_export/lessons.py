"""Bring what a student learns from into the shape in which it is kept between the stages.

Three kinds of lessons: plain text with what the untouched teacher makes of it, sentences with
labels and the trained teachers' opinion, and home-control sentences that are generated anew for
every epoch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edge_nlu_export.heads import Answers
from edge_nlu_export.meaning import Half
from edge_nlu_export.targets import UNKNOWN, Target


def join_rows(rows: Sequence[Half]) -> tuple[Half, npt.NDArray[np.int32]]:
    """Return rows of different length as one array, and their lengths."""
    return np.concatenate(rows), np.array([len(row) for row in rows], np.int32)


def split_rows(joined: Half, lengths: npt.NDArray[np.int32]) -> list[Half]:
    """Return what `join_rows` joined."""
    return np.split(joined, np.cumsum(lengths)[:-1])


def mean_answers(
    opinions: Sequence[Sequence[Answers]], intents: slice, slots: slice
) -> tuple[list[Half], list[Half]]:
    """Return the teachers' mean opinion of each sentence's intent and of each word's slot."""
    means: tuple[list[Half], list[Half]] = ([], [])
    for row in zip(*opinions, strict=True):
        means[0].append(
            np.mean([_log_odds(answer.sentence[intents].numpy()) for answer in row], 0).astype(np.float16)
        )
        means[1].append(
            np.mean([_log_odds(answer.words[:, slots].numpy()) for answer in row], 0).astype(np.float16)
        )
    return means


def _log_odds(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    scores = scores - scores.max(-1, keepdims=True)
    return np.maximum(scores - np.log(np.exp(scores).sum(-1, keepdims=True)), -20)


def plain(words: tuple[str, ...]) -> Target:
    """Return a target of which only the words are known."""
    return Target(words, UNKNOWN, float("nan"), None, None, None, (), "")
