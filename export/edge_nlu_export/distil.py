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

from edge_nlu.labels import Labels
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


Pair = tuple[tuple[str, ...], tuple[str, ...]]
"""Two wordings of the same, as words."""


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
    columns = student.heads.labels.sentence["embedding"]
    where = device()

    def loss_of(batch: list[Lesson]) -> Tensor:
        features, mask = (t.to(where) for t in reader.batch([lesson.target.words for lesson in batch]))
        with torch.autocast(where.type, torch.bfloat16):
            words, sentence, bag = student.read(features, mask)
            guess = student.states(words).float()
            said = student.answers(words, sentence, bag).sentence.float()
        wanted = torch.zeros_like(guess)
        for row, lesson in enumerate(batch):
            if lesson.states is not None:
                wanted[row, : len(lesson.states)] = torch.from_numpy(lesson.states.astype(np.float32))
        near = F.cosine_similarity(guess, wanted, -1)
        known = mask.squeeze(-1) * (wanted.abs().sum(-1) > 0)
        loss = ((1 - near) * known).sum() / known.sum().clamp(min=1)
        return loss + meaning_loss(said[:, columns], [lesson.embedding for lesson in batch])

    student.settle_meaning()
    fit(student, lambda _: lessons, loss_of, _length, schedule, seed, folder / "prepare.pt", say)


def embed(
    student: Student,
    reader: FeatureReader,
    lessons: Sequence[Lesson],
    pairs: Sequence[Pair],
    slips: Slips,
    schedule: Schedule,
    seed: int,
    folder: Path,
    say: Say,
) -> None:
    """Train what is added to the embedding, and nothing else: slips shall mean what was meant."""
    added = student.meaning
    if added is None:
        return
    columns = student.heads.labels.sentence["embedding"]
    where = device()
    rng = random.Random(seed)

    def embeddings(sentences: Sequence[tuple[str, ...]]) -> Tensor:
        features, mask = (t.to(where) for t in reader.batch(sentences))
        with torch.no_grad(), torch.autocast(where.type, torch.bfloat16):
            _, sentence, bag = student.read(features, mask)
            plain = student.heads.sentence(sentence)[:, columns]
        return plain.float() + added(sentence.float(), bag.float())

    def loss_of(batch: list[Lesson]) -> Tensor:
        heard = [tuple(word for word, _ in slips.slip(lesson.target.words, rng)) for lesson in batch]
        loss = meaning_loss(embeddings(heard), [lesson.embedding for lesson in batch])
        said, meant = _some_pairs(pairs, batch, slips, rng)
        both = embeddings([*said, *meant])
        return loss + 0.1 * pair_loss(both[: len(said)], both[len(said) :])

    student.requires_grad_(False)
    added.requires_grad_(True)
    fit(
        student,
        _reseeding(rng, seed, lambda _: lessons),
        loss_of,
        _length,
        schedule,
        seed,
        folder / "embed.pt",
        say,
    )


def distil(
    student: Student,
    reader: FeatureReader,
    lessons: Callable[[int], Sequence[Lesson]],
    pairs: Sequence[Pair],
    slips: Slips,
    schedule: Schedule,
    seed: int,
    folder: Path,
    say: Say,
    after_epoch: Callable[[], str],
) -> None:
    """Train all heads at once; `lessons` gives the sentences of an epoch."""
    labels = student.heads.labels
    columns = labels.sentence["embedding"]
    where = device()
    rng = random.Random(seed)

    def answers_to(sentences: Sequence[tuple[str, ...]]) -> Answers:
        features, mask = (t.to(where) for t in reader.batch(sentences))
        with torch.autocast(where.type, torch.bfloat16):
            answers = student(features, mask)
        return Answers(answers.sentence.float(), answers.words.float())

    def loss_of(batch: list[Lesson]) -> Tensor:
        heard = [slips.slip(lesson.target.words, rng) for lesson in batch]
        answers = answers_to([tuple(word for word, _ in words) for words in heard])
        right = moved(gold([lesson.target for lesson in batch]), heard, where)
        loss = gold_loss(answers, right, labels) + _opinion_loss(answers, batch, heard, labels)
        if not labels.embedding:
            return loss
        loss = loss + 0.5 * meaning_loss(answers.sentence[:, columns], [lesson.embedding for lesson in batch])
        if pairs and rng.random() < 0.5:
            said, meant = _some_pairs(pairs, batch, slips, rng)
            both = answers_to([*said, *meant]).sentence[:, columns]
            loss = loss + pair_loss(both[: len(said)], both[len(said) :])
        return loss

    student.settle_meaning()
    fit(
        student,
        _reseeding(rng, seed, lessons),
        loss_of,
        _length,
        schedule,
        seed,
        folder / "distil.pt",
        say,
        after_epoch,
    )


def _reseeding(
    rng: random.Random, seed: int, lessons: Callable[[int], Sequence[Lesson]]
) -> Callable[[int], Sequence[Lesson]]:
    """Return the same lessons with slips that follow from the epoch: a killed run goes on with the same."""

    def of_epoch(epoch: int) -> Sequence[Lesson]:
        rng.seed(seed * 1000 + epoch)
        return lessons(epoch)

    return of_epoch


def meaning_loss(embedding: Tensor, wanted: Sequence[Half | None]) -> Tensor:
    """Return how far embeddings are from the teacher's: each by itself, and their likeness to each other."""
    known = [(row, vector) for row, vector in enumerate(wanted) if vector is not None]
    if not known or not embedding.shape[-1]:
        return embedding.sum() * 0
    theirs = _stacked([vector for _, vector in known], embedding.device)
    mine = F.normalize(embedding[[row for row, _ in known]], dim=-1)
    each = (1 - (mine * theirs).sum(-1)).mean()
    return each + 5 * F.mse_loss(mine @ mine.T, theirs @ theirs.T)


def pair_loss(said: Tensor, meant: Tensor, temperature: float = 0.05) -> Tensor:
    """Return how often a wording is nearer to another pair's partner than to its own."""
    odds = F.normalize(said, dim=-1) @ F.normalize(meant, dim=-1).T / temperature
    own = torch.arange(len(odds), device=odds.device)
    return (F.cross_entropy(odds, own) + F.cross_entropy(odds.T, own)) / 2


def _some_pairs(
    pairs: Sequence[Pair], batch: Sequence[Lesson], slips: Slips, rng: random.Random
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Return written pairs, and sentences of the batch beside what several slips made of them."""
    drawn = rng.sample(pairs, min(24, len(pairs)))
    for lesson in rng.sample(batch, min(12, len(batch))):
        words = lesson.target.words
        for _ in range(2):
            words = tuple(word for word, _ in slips.surely().slip(words, rng))
        drawn.append((words, lesson.target.words))
    return [said for said, _ in drawn], [meant for _, meant in drawn]


def _opinion_loss(
    answers: Answers, batch: Sequence[Lesson], heard: Sequence[Sequence[tuple[str, int]]], labels: Labels
) -> Tensor:
    """Return how far the student's odds are from the teachers', where they were asked."""
    rows: list[int] = []
    intents, slots, own = [], [], []
    for row, lesson in enumerate(batch):
        if lesson.intent is None or lesson.slots is None:
            continue
        places = [source for _, source in heard[row]]
        rows.append(row)
        intents.append(lesson.intent)
        slots.append(lesson.slots[places])
        own.append(answers.words[row, : len(places), labels.word["slot"]])
    if not rows:
        return answers.sentence.sum() * 0
    where = answers.sentence.device
    by_sentence = soft_loss(answers.sentence[rows][:, labels.sentence["intent"]], _stacked(intents, where))
    by_word = soft_loss(torch.cat(own), torch.from_numpy(np.concatenate(slots).astype(np.float32)).to(where))
    return by_sentence + by_word


def _stacked(rows: Sequence[Half], where: torch.device) -> Tensor:
    return torch.from_numpy(np.stack(rows).astype(np.float32)).to(where)


def _length(lesson: Lesson) -> int:
    return len(lesson.target.words)


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
    for name, tensor in vars(right).items():
        setattr(right, name, tensor.to(where))
    return right
