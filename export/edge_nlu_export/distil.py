"""Distil: the student learns from labels, from what teachers think, and from what words mean.

First its body is prepared on plain text: every word's vector shall follow the teacher's, every
sentence's embedding the teacher's embedding. Then everything is trained at once, on labelled
sentences, on sentences only teachers labelled, on generated wishes that are new in every epoch,
and on plain texts, so that nothing of what words mean is lost. Noise is made while training: a
sentence is never misspelt the same way twice.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from edge_nlu.labels import Labels
from edge_nlu_export.attune import alike_loss
from edge_nlu_export.heads import Answers, Gold, at_home, clause_logits, gold, gold_loss, soft_loss
from edge_nlu_export.likeness import Alike, neighbours
from edge_nlu_export.slips import Slips
from edge_nlu_export.student import FeatureReader, Student
from edge_nlu_export.targets import UNKNOWN, Target
from edge_nlu_export.train import Say, Schedule, device, fit

Half = npt.NDArray[np.float16]
MEANT = 4.0  # weight of what sentences mean: with less, learning to label pulls the words' vectors apart


@dataclass(slots=True)
class Lesson:
    """One sentence to learn from, with what the teachers think of it where they were asked."""

    target: Target
    intent: Half | None = None
    slots: Half | None = None
    wish: Half | None = None  # word by word, in the columns of the labels at home
    embedding: Half | None = None
    states: Half | None = None


Pairs = Mapping[str, Sequence[Alike]]


def prepare(
    student: Student,
    reader: FeatureReader,
    lessons: Sequence[Lesson],
    slips: Slips,
    schedule: Schedule,
    seed: int,
    folder: Path,
    say: Say,
) -> None:
    """Let the student's word vectors and embeddings follow the teacher's on plain text, slips or not."""
    columns = student.heads.labels.sentence["embedding"]
    where = device()
    rng = random.Random(seed)

    def loss_of(batch: list[Lesson]) -> Tensor:
        heard = [slips.slip(lesson.target.words, rng) for lesson in batch]
        features, mask = (t.to(where) for t in reader.batch([[word for word, _ in words] for words in heard]))
        with torch.autocast(where.type, torch.bfloat16):
            words, sentence, bag = student.read(features, mask)
            guess = student.states(words).float()
            said = student.answers(words, sentence, bag).sentence.float()
        wanted = torch.zeros_like(guess)
        for row, (lesson, words_heard) in enumerate(zip(batch, heard, strict=True)):
            if lesson.states is not None:
                states = lesson.states[[source for _, source in words_heard]].astype(np.float32)
                wanted[row, : len(states)] = torch.from_numpy(states)
        near = F.cosine_similarity(guess, wanted, -1)
        known = mask.squeeze(-1) * (wanted.abs().sum(-1) > 0)
        loss = ((1 - near) * known).sum() / known.sum().clamp(min=1)
        return loss + meaning_loss(said[:, columns], [lesson.embedding for lesson in batch])

    fit(
        student,
        _reseeding(rng, seed, lambda _: lessons),
        loss_of,
        _length,
        schedule,
        seed,
        folder / "prepare.pt",
        say,
    )


def embed(
    student: Student,
    reader: FeatureReader,
    lessons: Sequence[Lesson],
    pairs: Pairs,
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
    usable = [neighbours(alike) for alike in pairs.values() if alike]

    def embeddings(sentences: Sequence[tuple[str, ...]]) -> Tensor:
        features, mask = (t.to(where) for t in reader.batch(sentences))
        with torch.no_grad(), torch.autocast(where.type, torch.bfloat16):
            _, sentence, bag = student.read(features, mask)
            plain = student.heads.sentence(sentence)[:, columns]
        return plain.float() + added(sentence.float(), bag.float())

    def loss_of(batch: list[Lesson]) -> Tensor:
        heard = [tuple(word for word, _ in slips.slip(lesson.target.words, rng)) for lesson in batch]
        loss = meaning_loss(embeddings(heard), [lesson.embedding for lesson in batch])
        some = _some_pairs(usable, batch, slips, rng)
        both = embeddings([*(pair.said for pair in some), *(pair.meant for pair in some)])
        return loss + 0.1 * alike_loss(both[: len(some)], both[len(some) :], some)

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
    slips: Slips,
    schedule: Schedule,
    seed: int,
    folder: Path,
    say: Say,
    after_epoch: Callable[[], str],
    alike: Sequence[Alike] = (),
) -> None:
    """Train everything at once; `lessons` gives the sentences of an epoch.

    `alike` are so many pairs that none is learned by heart: a few written ones would be.
    """
    labels = student.heads.labels
    columns = labels.sentence["embedding"]
    where = device()
    rng = random.Random(seed)
    kinds = [neighbours(alike)] if alike else []

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
        loss = loss + tutor_loss(answers, right, batch, heard, labels)
        if not labels.embedding:
            return loss
        meant = meaning_loss(answers.sentence[:, columns], [lesson.embedding for lesson in batch])
        loss = loss + MEANT * meant
        if kinds and rng.random() < 0.2:
            some = _drawn(kinds, 32, rng)
            said = [tuple(word for word, _ in slips.slip(pair.said, rng)) for pair in some]
            both = answers_to([*said, *(pair.meant for pair in some)]).sentence[:, columns]
            loss = loss + 0.5 * alike_loss(both[: len(some)], both[len(some) :], some)
        return loss

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


def _some_pairs(
    kinds: Sequence[Sequence[Alike]], batch: Sequence[Lesson], slips: Slips, rng: random.Random
) -> list[Alike]:
    """Return pairs of each kind, and sentences of the batch beside what several slips made of them."""
    drawn = _drawn(kinds, 12, rng)
    for lesson in rng.sample(batch, min(12, len(batch))):
        words = lesson.target.words
        for _ in range(2):
            words = tuple(word for word, _ in slips.surely().slip(words, rng))
        drawn.append(Alike(words, lesson.target.words, lesson.target.words))
    return drawn


def _drawn(kinds: Sequence[Sequence[Alike]], count: int, rng: random.Random) -> list[Alike]:
    """Return pairs of each kind: from anywhere, or from among neighbours, which are hard to tell apart."""
    drawn: list[Alike] = []
    for pairs in kinds:
        window = min(len(pairs), 5 * count if rng.random() < 0.5 else len(pairs))
        at = rng.randrange(len(pairs) - window + 1)
        drawn += rng.sample(pairs[at : at + window], min(count, window))
    return drawn


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


def tutor_loss(
    answers: Answers,
    right: Gold,
    batch: Sequence[Lesson],
    heard: Sequence[Sequence[tuple[str, int]]],
    labels: Labels,
) -> Tensor:
    """Return how far the student's odds of wishes are from the tutor's, where it was asked."""
    asked = [(row, lesson.wish) for row, lesson in enumerate(batch) if lesson.wish is not None]
    if not asked:
        return answers.sentence.sum() * 0
    rows, tutored = [row for row, _ in asked], at_home(labels)
    mine, spans = answers.words[rows], right.spans[rows]
    padded = np.zeros((len(rows), mine.shape[1], tutored.word_width), np.float32)
    for number, (row, wish) in enumerate(asked):
        padded[number, : len(heard[row])] = wish[[source for _, source in heard[row]]]
    theirs = torch.from_numpy(padded).to(mine.device)
    known = right.start[rows] != UNKNOWN
    begins = torch.sigmoid(theirs[known][:, tutored.word["start"]])
    loss = 2 * F.binary_cross_entropy_with_logits(mine[known][:, labels.word["start"]], begins)
    known = right.home_slot[rows] != UNKNOWN
    if bool(known.any()):
        loss = loss + soft_loss(
            mine[known][:, labels.word["home_slot"]], theirs[known][:, tutored.word["home_slot"]]
        )
    clause = spans.sum(-1) > 0
    for own, other in zip(
        clause_logits(mine, spans, labels), clause_logits(theirs, spans, tutored), strict=True
    ):
        loss = loss + soft_loss(own[clause], other[clause])
    return loss


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
