"""Tune what the model of dialogues is compared with: two sentences at a time, is the later the earlier anew?

One looks at words, meaning and time alone, as is done where nothing else is known; the other at all that the
model of dialogues is given of both. Neither sees what stands around the two.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from edge_nlu.learning.dialogue import Vector
from edge_nlu.models.dialogue import packed
from edge_nlu_bench.household.dialogues import Told
from edge_nlu_bench.pairwise import KINDS, Pairs, found_f1, pairs_of, pairwise_odds
from edge_nlu_export.train import Say

WIDTH, EPOCHS = 48, 15
_LINES = np.arange(-4, 4, 0.25)


def tuned(learned: Sequence[Sequence[Told]], held: Sequence[Sequence[Told]], seed: int, say: Say) -> bytes:
    """Return both as a file; their weights are learned from homes, their lines drawn on others."""
    weights: dict[str, Vector] = {}
    for kind in KINDS:
        own = _learned(pairs_of([(one.run, one.points) for home in learned for one in home], kind), seed)
        weights |= {f"{kind}.{name}": value for name, value in own.items()}
        apart = pairs_of([(one.run, one.points) for home in held for one in home], kind)
        odds = pairwise_odds(weights, kind, apart.values)
        line = max(_LINES, key=lambda line: found_f1(apart, odds > line, odds))
        weights[f"{kind}.line"] = np.array([line], np.float32)
        say(f"two at a time, by {kind}: F1 {found_f1(apart, odds > line, odds):.3f}")
    file = io.BytesIO()
    np.savez(file, **packed(weights))
    return file.getvalue()


def _learned(pairs: Pairs, seed: int) -> dict[str, Vector]:
    torch.manual_seed(seed)
    mean, scale = pairs.values.mean(0), pairs.values.std(0) + 0.05
    values = torch.from_numpy(np.clip((pairs.values - mean) / scale, -4, 4))
    right = torch.from_numpy(pairs.right).float()
    first, last = nn.Linear(values.shape[1], WIDTH), nn.Linear(WIDTH, 1)
    network = nn.Sequential(first, nn.ReLU(), nn.Dropout(0.1), last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.02)
    for _ in range(EPOCHS):
        for some in torch.randperm(len(values)).split(256):
            loss = F.binary_cross_entropy_with_logits(network(values[some])[:, 0], right[some])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    found = {"mean": mean, "scale": scale}
    for name, part in (("in", first), ("out", last)):
        found |= {f"{name}.w": part.weight.detach().numpy().T, f"{name}.b": part.bias.detach().numpy()}
    return found
