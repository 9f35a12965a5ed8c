"""Attune the untouched teacher to homes: sentences that mean the same shall have the same vector.

A general encoder puts "turn the hall light on" beside "turn the hall light off", since they share their
words. It is shown pairs that mean the same next to what they are easily taken for, and held to its own
opinion on plain text, so that it forgets nothing about things that no pair names.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from edge_nlu_export.likeness import Alike, neighbours
from edge_nlu_export.meaning import Meaning
from edge_nlu_export.slips import Slips
from edge_nlu_export.teach import to
from edge_nlu_export.train import Say, Schedule, device, fit

PAIRS = 48  # pairs that are told apart at once
TEXTS = 32  # plain texts beside them
HELD = 5.0  # weight of what it thought of them before


@dataclass(frozen=True, slots=True)
class Round:
    """Pairs to be told apart, and the plain texts to think of as before."""

    pairs: tuple[Alike, ...]
    texts: tuple[int, ...]


def rounds(kinds: Mapping[str, Sequence[Alike]], texts: int, count: int, seed: int) -> list[Round]:
    """Return rounds over the kinds of pairs in turn, each of likes among likes every other time."""
    rng = random.Random(seed)
    usable = [neighbours(pairs) for pairs in kinds.values() if len(pairs) > 1]
    found = []
    for number in range(count if usable else 0):
        pairs = usable[number % len(usable)]
        window = len(pairs)
        if rng.random() < 0.5:
            window = min(window, 3 * PAIRS)
        at = rng.randrange(len(pairs) - window + 1)
        drawn = rng.sample(pairs[at : at + window], min(PAIRS, window))
        found.append(Round(tuple(drawn), tuple(rng.sample(range(texts), min(TEXTS, texts)))))
    return found


def attune(
    meaning: Meaning,
    kinds: Mapping[str, Sequence[Alike]],
    texts: Sequence[tuple[str, ...]],
    slips: Slips,
    schedule: Schedule,
    seed: int,
    folder: Path,
    say: Say,
) -> None:
    """Fine-tune the teacher of meanings; an epoch of the schedule is a hundred rounds."""
    where, encoder, rng = device(), meaning.encoder, random.Random(seed)
    before = torch.stack([torch.from_numpy(vector).float() for vector in meaning.of(texts)[0]]).to(where)
    # the word table holds half the weights and knows more words than any pair names
    encoder.get_input_embeddings().weight.requires_grad_(False)

    def vectors(sentences: Sequence[tuple[str, ...]]) -> Tensor:
        ids, real, _ = to(where, *meaning.reader.batch(sentences))
        with torch.autocast(where.type, torch.bfloat16):
            hidden = encoder(input_ids=ids, attention_mask=real).last_hidden_state.float()
        weight = real.unsqueeze(-1).float()
        return F.normalize((hidden * weight).sum(1) / weight.sum(1), dim=-1)

    def loss_of(batch: list[Round]) -> Tensor:
        [one] = batch
        said = [_heard(pair.said, slips, rng) for pair in one.pairs]
        both = vectors([*said, *(pair.meant for pair in one.pairs)])
        now, then = vectors([texts[number] for number in one.texts]), before[list(one.texts)]
        held = (1 - (now * then).sum(-1)).mean() + 5 * F.mse_loss(now @ now.T, then @ then.T)
        return alike_loss(both[: len(said)], both[len(said) :], one.pairs) + HELD * held

    def of_epoch(epoch: int) -> list[Round]:
        rng.seed(seed * 1000 + epoch)
        return rounds(kinds, len(texts), 100, seed * 1000 + epoch)

    if any(len(pairs) > 1 for pairs in kinds.values()):
        fit(encoder, of_epoch, loss_of, lambda _: 0, schedule, seed, folder / "attune.pt", say)


def _heard(words: tuple[str, ...], slips: Slips, rng: random.Random) -> tuple[str, ...]:
    return tuple(word for word, _ in slips.slip(words, rng))


def alike_loss(said: Tensor, meant: Tensor, pairs: Sequence[Alike], temperature: float = 0.05) -> Tensor:
    """Return how often a wording is nearer to another pair's partner than to its own, where they differ."""
    odds = F.normalize(said, dim=-1) @ F.normalize(meant, dim=-1).T / temperature
    numbers = {key: number for number, key in enumerate(dict.fromkeys(pair.key for pair in pairs))}
    key = torch.tensor([numbers[pair.key] for pair in pairs], device=odds.device)
    own = torch.arange(len(odds), device=odds.device)
    odds = odds.masked_fill(
        (key.unsqueeze(0) == key.unsqueeze(1)) & (own.unsqueeze(0) != own.unsqueeze(1)), -1e4
    )
    return (F.cross_entropy(odds, own) + F.cross_entropy(odds.T, own)) / 2
