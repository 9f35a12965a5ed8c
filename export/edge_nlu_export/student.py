"""The student: a small convolutional reader that a hub can carry.

A word's vector is the sum of its pieces and the sum of its letter groups. Gated convolutions let
neighbours speak, one attention layer lets the whole sentence speak, and every word is labelled with
a summary of the sentence at hand. Every operation is chosen so that few are left in the network
that a hub runs: for sentences this short, each costs more than its arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edge_nlu.labels import Labels
from edge_nlu.models.words import GRAMS, KERNEL, PIECES, WordReader
from edge_nlu_export.heads import Answers, Heads

POOLS = 4
MEANING = 192
FAR = -1e4  # odds of what is only padding


@dataclass(frozen=True)
class Shape:
    """How large a student is."""

    pieces: int
    buckets: int
    embedding: int
    width: int
    blocks: int
    dropout: float = 0.1


class Block(nn.Module):
    """A gated depthwise convolution with a residual path."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, 2 * width)
        self.near = nn.Parameter(torch.randn(KERNEL, width) * KERNEL**-0.5)
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, words: Tensor, mask: Tensor | None, windows: Tensor | None) -> Tensor:
        """Return the words after hearing their neighbours."""
        value, gate = self.inner(self.norm(words)).split(self.width, -1)
        if windows is not None:
            # a convolution over so few words is quickest as a look-up of each word's neighbours
            padded = torch.cat([torch.zeros(1, 1, self.width), value], 1)
            near = (padded[:, windows] * self.near).sum(2)
        else:
            # a sum of shifted copies trains faster than the library's convolution over so few channels
            value = F.pad(value if mask is None else value * mask, (0, 0, KERNEL // 2, KERNEL // 2))
            near = sum(value[:, at : at + words.shape[1]] * self.near[at] for at in range(KERNEL))
        return words + self.dropout(self.out(near * torch.sigmoid(gate)))


class Attention(nn.Module):
    """One layer in which every word hears every other."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.norm = nn.LayerNorm(width)
        self.mixed = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)
        self.scale = width**-0.5

    def forward(self, words: Tensor, mask: Tensor | None) -> Tensor:
        """Return the words after hearing the whole sentence."""
        query, key, value = self.mixed(self.norm(words)).split(self.width, -1)
        odds = query @ key.transpose(1, 2) * self.scale
        if mask is not None:
            odds = odds + (1 - mask.transpose(1, 2)) * FAR
        return words + self.dropout(self.out(torch.softmax(odds, -1) @ value))


class Meaning(nn.Module):
    """What is added to the embedding at last, from the sentence's vector and the sum of its words'.

    It starts with adding nothing, and is trained once more by itself when everything else is done.
    """

    def __init__(self, width: int, embedding: int) -> None:
        super().__init__()
        self.inner = nn.Linear(width, MEANING)
        self.out = nn.Linear(MEANING, embedding, bias=False)
        nn.init.zeros_(self.out.weight)

    def forward(self, sentence: Tensor, bag: Tensor) -> Tensor:
        """Return what to add to the embedding."""
        return self.out(F.relu(self.inner(torch.cat([sentence, bag], -1))))


class Student(nn.Module):
    """The reader with our heads on it, and a projection that only training uses."""

    def __init__(self, shape: Shape, labels: Labels, teacher_width: int = 384) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.table = nn.Embedding(1 + shape.pieces + shape.buckets, shape.embedding, padding_idx=0)
        nn.init.normal_(self.table.weight, std=0.05)
        with torch.no_grad():
            self.table.weight[0] = 0
        self.register_buffer("sums", _sums(), persistent=False)
        self.grow = nn.Linear(2 * shape.embedding, width)
        self.blocks = nn.ModuleList(Block(width, shape.dropout) for _ in range(shape.blocks))
        self.attention = Attention(width, shape.dropout)
        self.norm = nn.LayerNorm(width)
        self.pools = nn.Linear(width, POOLS)
        self.summary = nn.Linear((POOLS + 1) * width, width)
        self.dropout = nn.Dropout(shape.dropout)
        self.heads = Heads(labels, width, (POOLS + 1) * width)
        self.hint = nn.Linear(width, labels.word_width, bias=False)
        self.states = nn.Linear(width, teacher_width)
        self.meaning = (
            Meaning((POOLS + 1) * width + 2 * shape.embedding, labels.embedding) if labels.embedding else None
        )

    @torch.no_grad()
    def start_table(self, alone: npt.NDArray[np.float32]) -> None:
        """Start each piece's row from what the teacher makes of the piece by itself, shortened."""
        centred = alone - alone.mean(0)
        _, _, along = np.linalg.svd(centred.T @ centred)
        short = centred @ along[: self.shape.embedding].T
        rows = torch.from_numpy(short / short.std() * 0.05)
        self.table.weight[1 : 1 + len(rows)] = rows

    @torch.no_grad()
    def turn_meaning(self, turn: Tensor) -> None:
        """Give the embedding in other directions; `turn` says what each is of those it had."""
        columns = self.heads.labels.sentence["embedding"]
        head = self.heads.sentence
        head.weight[columns], head.bias[columns] = turn @ head.weight[columns], turn @ head.bias[columns]
        if self.meaning is not None:
            self.meaning.out.weight.copy_(turn @ self.meaning.out.weight)

    def read(
        self, features: Tensor, mask: Tensor | None = None, windows: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return a vector for each word, one for the sentence, and the sum of what the words bring.

        `mask` is (batch, words, 1). `windows` names each word's neighbours as `word_windows` does; with it
        the batch is one sentence.
        """
        brought = (self.sums @ self.table(features)).flatten(2)
        words = self.grow(self.dropout(brought))
        for block in self.blocks:
            words = block(words, mask, windows)
        words = self.norm(self.attention(words, mask))
        odds, hidden = self.pools(words).transpose(1, 2), words
        if mask is not None:
            hidden = words + (1 - mask) * FAR
            odds = odds + (1 - mask.transpose(1, 2)) * FAR
        pooled = (torch.softmax(odds, -1) @ words).flatten(1)
        return words, torch.cat([pooled, hidden.amax(1)], -1), brought.sum(1)

    def answers(self, words: Tensor, sentence: Tensor, bag: Tensor) -> Answers:
        """Return the answers; what the sentence as a whole hints at is added to every word's."""
        summary = self.dropout(F.relu(self.summary(sentence)))
        answers = self.heads(self.dropout(words), self.dropout(sentence))
        said = answers.words + self.hint(summary).unsqueeze(1)
        if self.meaning is None:
            return Answers(answers.sentence, said)
        meaning = F.pad(self.meaning(sentence, bag), (self.heads.labels.sentence["embedding"].start, 0))
        return Answers(answers.sentence + meaning, said)

    def forward(self, features: Tensor, mask: Tensor | None = None, windows: Tensor | None = None) -> Answers:
        """Return the answers for a batch of features."""
        return self.answers(*self.read(features, mask, windows))


def _sums() -> Tensor:
    """Return the matrix that sums a word's pieces, and its letter groups scaled to their number."""
    sums = torch.zeros(2, PIECES + GRAMS)
    sums[0, :PIECES] = 1
    sums[1, PIECES:] = 0.4
    return sums


@torch.no_grad()
def read(
    student: Student, reader: FeatureReader, sentences: Sequence[tuple[str, ...]], batch: int = 256
) -> list[Answers]:
    """Return the student's answers to each sentence, in order."""
    student.eval()
    order = sorted(range(len(sentences)), key=lambda index: len(sentences[index]))
    found: dict[int, Answers] = {}
    for start in range(0, len(order), batch):
        part = order[start : start + batch]
        features, mask = reader.batch([sentences[index] for index in part])
        where = student.table.weight.device
        answers = student(features.to(where), mask.to(where))
        for row, index in enumerate(part):
            found[index] = Answers(
                answers.sentence[row].cpu(), answers.words[row, : len(sentences[index])].cpu()
            )
    return [found[index] for index in range(len(sentences))]


class FeatureReader:
    """Turns sentences into padded features, with the hub's own reader."""

    def __init__(self, reader: WordReader) -> None:
        self.reader = reader
        self._rows: dict[str, npt.NDArray[np.int64]] = {}

    def batch(self, sentences: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor]:
        """Return the features and the mask of a batch."""
        longest = max(map(len, sentences))
        features = np.zeros((len(sentences), longest, PIECES + GRAMS), np.int64)
        mask = np.zeros((len(sentences), longest, 1), np.float32)
        for number, words in enumerate(sentences):
            for place, word in enumerate(words):
                row = self._rows.get(word)
                if row is None:
                    row = self._rows[word] = np.array(self.reader.features(word), np.int64)
                features[number, place] = row
            mask[number, : len(words)] = 1
        return torch.from_numpy(features), torch.from_numpy(mask)
