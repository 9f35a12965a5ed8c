"""The network of dialogues as it is trained; `edge_nlu.models.dialogue` runs it on a hub."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edge_nlu.learning.dialogue import Vector
from edge_nlu.models.dialogue import FAILURES, HEADS, LAYERS, REACH
from edge_nlu_bench.household.dialogues import UNKNOWN, Told

WIDTH, PAIR_WIDTH, THOUGHT = 48, 16, 96
AT_ONCE = 256
JUDGED = ("starts", "reached", "worked")


class Network(nn.Module):
    """The network that `edge_nlu.models.dialogue` runs, with the same names of weights."""

    def __init__(self, mean: Sequence[Vector], scale: Sequence[Vector]) -> None:
        super().__init__()
        self.mean, self.scale = [torch.from_numpy(one) for one in mean], [torch.from_numpy(s) for s in scale]
        seen = 2 * PAIR_WIDTH
        sizes = {"in": (len(mean[0]), WIDTH), "pairs": (len(mean[1]), PAIR_WIDTH), "swapped": (WIDTH, 1)}
        for layer in range(LAYERS):
            sizes |= {f"{layer}.{name}": (WIDTH, WIDTH) for name in ("q", "k", "v", "o")}
            sizes |= {f"{layer}.bias": (seen, HEADS), f"{layer}.tell": (seen, WIDTH)}
            sizes |= {f"{layer}.up": (WIDTH, THOUGHT), f"{layer}.down": (THOUGHT, WIDTH)}
        sizes |= dict.fromkeys((*JUDGED, "none", "point"), (WIDTH, 1)) | {"failure": (WIDTH, len(FAILURES))}
        sizes |= {"from": (WIDTH, WIDTH), "to": (WIDTH, WIDTH), "between": (seen, WIDTH)}
        norms = [f"{layer}.norm{which}" for layer in range(LAYERS) for which in (1, 2)]
        self.parts = nn.ModuleDict(
            {
                **{key_of(name): nn.Linear(*size) for name, size in sizes.items()},
                **{key_of(name): nn.LayerNorm(WIDTH) for name in norms},
            }
        )
        self.drop = nn.Dropout(0.1)

    def do(self, name: str, values: Tensor) -> Tensor:
        """Return what one part makes of values."""
        made: Tensor = self.parts[key_of(name)](values)
        return made

    def forward(self, each: Tensor, pair: Tensor, real: Tensor) -> dict[str, Tensor]:
        """Return the odds of each head for a batch of runs; `real` tells sentences from padding."""
        each = self.drop(((each - self.mean[0]) / self.scale[0]).clamp(-4, 4))
        pair = self.drop(((pair - self.mean[1]) / self.scale[1]).clamp(-4, 4))
        h = F.relu(self.do("in", each))
        later = F.relu(self.do("pairs", pair))
        count = torch.arange(each.shape[1])
        order = count.unsqueeze(0) - count.unsqueeze(1)
        after, before = (order > 0).unsqueeze(-1), (order < 0).unsqueeze(-1)
        seen = torch.cat([later * after, later.transpose(1, 2) * before], -1)
        near = (order.abs() <= REACH) & real.unsqueeze(1)
        for layer in range(LAYERS):
            h = self._layer(f"{layer}.", h, seen, near)
        odds = {name: self.do(name, h).squeeze(-1) for name in (*JUDGED, "swapped")}
        both = self.do("from", h).unsqueeze(2) + self.do("to", h).unsqueeze(1) + self.do("between", seen)
        points = self.do("point", F.relu(both)).squeeze(-1).masked_fill(~(near & (order > 0)), -1e4)
        return odds | {
            "failure": self.do("failure", h),
            "points": torch.cat([points, self.do("none", h)], -1),
        }

    def _layer(self, name: str, h: Tensor, seen: Tensor, near: Tensor) -> Tensor:
        runs, count, _ = h.shape
        q, k, v = (self.do(f"{name}{one}", h).view(runs, count, HEADS, -1) for one in "qkv")
        odds = torch.einsum("bihd,bjhd->bhij", q, k) / q.shape[-1] ** 0.5
        odds = odds + self.do(f"{name}bias", seen).permute(0, 3, 1, 2)
        looks = odds.masked_fill(~near.unsqueeze(1), -1e4).softmax(-1)
        told = self.do(f"{name}tell", seen).view(runs, count, count, HEADS, -1)
        heard = torch.einsum("bhij,bjhd->bihd", looks, v) + torch.einsum("bhij,bijhd->bihd", looks, told)
        h = self.do(f"{name}norm1", h + self.drop(self.do(f"{name}o", heard.reshape(runs, count, -1))))
        thought = self.do(f"{name}down", F.relu(self.do(f"{name}up", h)))
        return self.do(f"{name}norm2", h + self.drop(thought))

    def weights(self) -> dict[str, Vector]:
        """Return the weights by the names that the hub knows them by."""
        found = {
            f"{kind}.{what}": values[at].numpy()
            for at, kind in enumerate(("each", "pair"))
            for what, values in (("mean", self.mean), ("scale", self.scale))
        }
        for key, part in self.parts.items():
            if key != key_of("swapped"):
                weight, bias = part.weight.detach(), part.bias.detach()
                name = key[1:].replace("/", ".")
                found[f"{name}.w"], found[f"{name}.b"] = weight.numpy().T.copy(), bias.numpy().copy()
        return found


def key_of(name: str) -> str:
    """Return a name that a module may have: without points, and none that it has already."""
    return f"/{name.replace('.', '/')}"


class Batch(NamedTuple):
    """Runs of like length, padded."""

    each: Tensor
    pair: Tensor
    real: Tensor
    truth: dict[str, Tensor]


def batches(told: Sequence[Told], rng: random.Random) -> Iterator[Batch]:
    """Yield batches of runs of like length, in an order of its own."""
    order = sorted(range(len(told)), key=lambda one: (len(told[one].starts), rng.random()))
    parts = [order[at : at + AT_ONCE] for at in range(0, len(order), AT_ONCE)]
    rng.shuffle(parts)
    for part in parts:
        yield batch_of([told[one] for one in part])


def batch_of(told: Sequence[Told]) -> Batch:
    """Return runs, padded to the longest."""
    longest = max(len(one.starts) for one in told)

    def padded(values: Sequence[int]) -> list[int]:
        return [*values, *[UNKNOWN] * (longest - len(values))]

    each = np.zeros((len(told), longest, told[0].run.each.shape[1]), np.float32)
    pair = np.zeros((len(told), longest, longest, told[0].run.pairs.shape[2]), np.float32)
    for at, one in enumerate(told):
        count = len(one.starts)
        each[at, :count], pair[at, :count, :count] = one.run.each, one.run.pairs
    heads = (*JUDGED, "failure")
    truth = {name: torch.tensor([padded(getattr(one, name)) for one in told]) for name in heads}
    # none stands after the last place there is
    points = [[longest if to < 0 else to for to in one.points] for one in told]
    truth["points"] = torch.tensor([padded(one) for one in points])
    return Batch(torch.from_numpy(each), torch.from_numpy(pair), truth["failure"] != UNKNOWN, truth)
