"""Distil: the student learns from labels, from what teachers think, and from what words mean.

First its body is prepared on plain text: every word's vector shall follow the teacher's, every
sentence's embedding the teacher's embedding. Then all heads are trained at once, on labelled
sentences, on sentences only teachers labelled, on generated wishes that are new in every epoch,
and on pairs of wordings that mean the same. Noise is made while training: a sentence is never
misspelt the same way twice.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from edge_nlu_export.heads import Answers, Gold, gold, gold_loss, soft_loss
from edge_nlu_export.slips import Slips
from edge_nlu_export.student import FeatureReader, Student
from edge_nlu_export.targets import Target
from edge_nlu_export.train import Say, Schedule, device, fit

Half = npt.NDArray[np.float16]


@dataclass(slots=True)
class Lesson:
    """One sentence to learn from, with what the teachers think of it where they were asked."""

    target: Target
    intent: Half | None = None
    slots: Half | None = None
    embedding: Half | None = None
    states: Half | None = None
    pair: tuple[str, ...] | None = None


def prepare(
    student: Student,
    reader: FeatureReader,
    lessons: Sequence[Lesson],
    schedule: Schedule,
    seed: int,
    folder: Path,
    say: Say,
) -> None:
    """Let the student's word vectors and embeddings follow the teacher's on plain text."""
    labels = student.heads.labels
    where = device()

    def loss_of(batch: list[Lesson]) -> Tensor:
        features, mask = (t.to(where) for t in reader.batch([lesson.target.words for lesson in batch]))
        with torch.autocast(where.type, torch.bfloat16):
            words, sentence = student.read(features, mask)
            guess = student.states(words).float()
            said = student.answers(words, sentence).sentence.float()
        wanted = torch.zeros_like(guess)
        for row, lesson in enumerate(batch):
            if lesson.states is not None:
                wanted[row, : len(lesson.states)] = torch.from_numpy(lesson.states.astype(np.float32))
        near = F.cosine_similarity(guess, wanted, -1)
        known = mask.squeeze(-1) * (wanted.abs().sum(-1) > 0)
        loss = ((1 - near) * known).sum() / known.sum().clamp(min=1)
        return loss + meaning_loss(said[:, labels.sentence["embedding"]], batch)

    fit(
        student,
        lambda epoch: lessons,
        loss_of,
        lambda lesson: len(lesson.target.words),
        schedule,
        seed,
        folder / "prepare.pt",
        say,
    )


def meaning_loss(embedding: Tensor, batch: Sequence[Lesson]) -> Tensor:
    """Return how far the embeddings are from the teacher's: each by itself, and their likeness to each other."""
    known = [row for row, lesson in enumerate(batch) if lesson.embedding is not None]
    if not known or not embedding.shape[-1]:
        return embedding.sum() * 0
    wanted = torch.from_numpy(np.stack([batch[row].embedding for row in known]).astype(np.float32)).to(
        embedding.device
    )  # type: ignore[misc]
    mine, theirs = F.normalize(embedding[known], dim=-1), F.normalize(wanted, dim=-1)
    each = (1 - (mine * theirs).sum(-1)).mean()
    alike = F.mse_loss(mine @ mine.T, theirs @ theirs.T)
    return each + 5 * alike


def distil(
    student: Student,
    reader: FeatureReader,
    lessons: Callable[[int], Sequence[Lesson]],
    slips: Slips,
    schedule: Schedule,
    seed: int,
    folder: Path,
    say: Say,
    after_epoch: Callable[[int], str],
) -> None:
    """Train all heads at once; `lessons` gives the sentences of an epoch."""
    labels = student.heads.labels
    where = device()
    rng = random.Random(seed)

    def loss_of(batch: list[Lesson]) -> Tensor:
        heard = [slips.slip(lesson.target.words, rng) for lesson in batch]
        sentences = [tuple(word for word, _ in words) for words in heard]
        pairs = [row for row, lesson in enumerate(batch) if lesson.pair]
        features, mask = (t.to(where) for t in reader.batch(sentences))
        with torch.autocast(where.type, torch.bfloat16):
            answers = student(features, mask)
        answers = Answers(answers.sentence.float(), answers.words.float())
        right = moved(gold([lesson.target for lesson in batch]), heard, where)
        loss = gold_loss(answers, right, labels)
        loss = loss + _teachers_loss(answers, batch, heard)
        embedding = answers.sentence[:, labels.sentence["embedding"]]
        loss = loss + 0.5 * meaning_loss(embedding, batch)
        if len(pairs) > 1:
            features, mask = (t.to(where) for t in reader.batch([batch[row].pair or () for row in pairs]))
            with torch.autocast(where.type, torch.bfloat16):
                meant = student(features, mask).sentence.float()[:, labels.sentence["embedding"]]
            loss = loss + 0.5 * _pair_loss(embedding[pairs], meant)
        return loss

    def _teachers_loss(answers: Answers, batch: list[Lesson], heard: list[list[tuple[str, int]]]) -> Tensor:
        asked = [
            row for row, lesson in enumerate(batch) if lesson.intent is not None and lesson.slots is not None
        ]
        if not asked:
            return answers.sentence.sum() * 0
        intents = torch.from_numpy(np.stack([batch[row].intent for row in asked]).astype(np.float32)).to(
            where
        )  # type: ignore[misc]
        mine = answers.sentence[asked][:, labels.sentence["intent"]]
        rows, theirs = [], []
        for row in asked:
            places = [source for _, source in heard[row]]
            rows.append(answers.words[row, : len(places), labels.word["slot"]])
            theirs.append(batch[row].slots[places])  # type: ignore[index]
        everything = torch.ones(1, dtype=torch.bool)
        slots = torch.from_numpy(np.concatenate(theirs).astype(np.float32)).to(where)
        own = torch.cat(rows)
        return soft_loss(mine, intents, everything.expand(len(mine))) + soft_loss(
            own, slots, everything.expand(len(own))
        )

    fit(
        student,
        lessons,
        loss_of,
        lambda lesson: len(lesson.target.words),
        schedule,
        seed,
        folder / "distil.pt",
        say,
        after_epoch,
    )


def _pair_loss(said: Tensor, meant: Tensor, temperature: float = 0.05) -> Tensor:
    """Return how often a wording is nearer to another pair's partner than to its own."""
    odds = F.normalize(said, dim=-1) @ F.normalize(meant, dim=-1).T / temperature
    own = torch.arange(len(odds), device=odds.device)
    return (F.cross_entropy(odds, own) + F.cross_entropy(odds.T, own)) / 2


def moved(right: Gold, heard: Sequence[Sequence[tuple[str, int]]], where: torch.device) -> Gold:
    """Return the right answers for sentences whose words were changed: each word keeps its source's label."""
    longest = max(map(len, heard))
    places = torch.zeros(len(heard), longest, dtype=torch.long)
    mask = torch.zeros(len(heard), longest)
    for row, words in enumerate(heard):
        places[row, : len(words)] = torch.tensor([source for _, source in words])
        mask[row, : len(words)] = 1
    unknown = mask == 0
    for name in ("slot", "home_slot", "excluded", "start"):
        setattr(right, name, getattr(right, name).gather(1, places).masked_fill(unknown, -100))
    spans = right.spans.gather(2, places.unsqueeze(1).expand(-1, right.spans.shape[1], -1))
    right.spans = spans * mask.unsqueeze(1)
    lost = right.spans.sum(-1) == 0
    right.want = right.want.masked_fill(lost, -100)
    right.property = right.property.masked_fill(lost, -100)
    right.mask = mask
    for name, tensor in vars(right).items():
        setattr(right, name, tensor.to(where))
    return right
