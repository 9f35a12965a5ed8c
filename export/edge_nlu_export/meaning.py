"""Ask the untouched teacher what sentences and words mean.

Its sentence vectors are shortened to the directions in which sentences differ most; the student's
embedding and body follow them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoModel

from edge_nlu_export.teach import to
from edge_nlu_export.teacher import Reader
from edge_nlu_export.train import device

Half = npt.NDArray[np.float16]


class Meaning:
    """The teacher as it came, or attuned to homes, giving vectors of sentences and of their words."""

    def __init__(self, name: str, attuned: Path | None = None) -> None:
        self.reader = Reader(name)
        self.encoder = AutoModel.from_pretrained(name).to(device()).eval()
        if attuned is not None:
            self.encoder.load_state_dict(torch.load(attuned, weights_only=True))

    @torch.no_grad()
    def of(self, sentences: Sequence[tuple[str, ...]], batch: int = 128) -> tuple[list[Half], list[Half]]:
        """Return for each sentence its vector of unit length, and one vector for each word."""
        where = device()
        order = sorted(range(len(sentences)), key=lambda index: len(sentences[index]))
        whole: list[Half] = [np.empty(0, np.float16)] * len(sentences)
        by_word = whole.copy()
        for start in range(0, len(order), batch):
            part = order[start : start + batch]
            ids, real, at = to(where, *self.reader.batch([sentences[index] for index in part]))
            with torch.autocast(where.type, torch.bfloat16):
                hidden = self.encoder(input_ids=ids, attention_mask=real).last_hidden_state.float()
            weight = real.unsqueeze(-1).float()
            mean = torch.nn.functional.normalize((hidden * weight).sum(1) / weight.sum(1))
            words = hidden.gather(1, at.unsqueeze(-1).expand(-1, -1, hidden.shape[-1]))
            for row, index in enumerate(part):
                whole[index] = mean[row].cpu().numpy().astype(np.float16)
                by_word[index] = words[row, : len(sentences[index])].cpu().numpy().astype(np.float16)
        return whole, by_word


def directions(vectors: Sequence[Half], count: int) -> npt.NDArray[np.float32]:
    """Return the `count` directions in which the vectors differ most, as columns."""
    stacked = np.stack(vectors[:20000]).astype(np.float32)
    _, _, found = np.linalg.svd(stacked.T @ stacked)
    return np.ascontiguousarray(found[:count].T)


def shortened(vector: Half, along: npt.NDArray[np.float32]) -> Half:
    """Return the vector along the given directions, of unit length."""
    short = vector.astype(np.float32) @ along
    return (short / max(float(np.linalg.norm(short)), 1e-6)).astype(np.float16)
