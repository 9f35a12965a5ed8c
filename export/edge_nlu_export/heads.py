"""What every model of ours says of a sentence, and how far off it is.

Teacher and student read text differently but answer alike: one row for the sentence, one for each
word, laid out by `Labels`. What a clause wants is a weighted mean of what its words say, so cutting
a sentence differently later needs no second pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edge_nlu.labels import Labels
from edge_nlu_export.targets import MAX_CLAUSES, UNKNOWN, Target

if TYPE_CHECKING:
    from collections.abc import Sequence


def at_home(labels: Labels) -> Labels:
    """Return the labels of wishes at home alone: what the tutor says."""
    return Labels(wants=labels.wants, properties=labels.properties, home_slots=labels.home_slots)


@dataclass
class Answers:
    """A model's answers for a batch: `sentence` is (batch, columns), `words` is (batch, words, columns)."""

    sentence: Tensor
    words: Tensor


@dataclass
class Gold:
    """The right answers for a batch, padded; unknown ones are `UNKNOWN` or nan."""

    intent: Tensor
    home: Tensor
    slot: Tensor
    home_slot: Tensor
    excluded: Tensor
    start: Tensor
    spans: Tensor
    want: Tensor
    property: Tensor


def gold(batch: Sequence[Target]) -> Gold:
    """Return the targets of a batch as padded tensors."""
    size, longest = len(batch), max(len(item.words) for item in batch)
    rows = {
        name: np.full((size, longest), UNKNOWN, np.int64)
        for name in ("slot", "home_slot", "excluded", "start")
    }
    spans = np.zeros((size, MAX_CLAUSES, longest), np.float32)
    wants = np.full((size, MAX_CLAUSES), UNKNOWN, np.int64)
    properties = np.full((size, MAX_CLAUSES), UNKNOWN, np.int64)
    for row, item in enumerate(batch):
        length = len(item.words)
        for name, tags in (("slot", item.slots), ("home_slot", item.home_slots), ("excluded", item.excluded)):
            if tags is not None:
                rows[name][row, :length] = tags
        for number, (first, end, want, prop) in enumerate(item.clauses):
            spans[row, number, first:end] = 1
            wants[row, number], properties[row, number] = want, prop
            rows["start"][row, first:end] = 0
            rows["start"][row, first] = 1
    return Gold(
        intent=torch.tensor([item.intent for item in batch]),
        home=torch.tensor([item.home for item in batch]),
        **{name: torch.from_numpy(tags) for name, tags in rows.items()},
        spans=torch.from_numpy(spans),
        want=torch.from_numpy(wants),
        property=torch.from_numpy(properties),
    )


def clause_logits(words: Tensor, spans: Tensor, labels: Labels) -> tuple[Tensor, Tensor]:
    """Return what each clause wants and of which property: the weighted mean over its words."""
    weight = words[..., labels.word["weight"]].squeeze(-1).unsqueeze(1)
    weight = torch.softmax(weight.masked_fill(spans == 0, -1e4), -1) * spans
    return weight @ words[..., labels.word["want"]], weight @ words[..., labels.word["property"]]


def gold_loss(answers: Answers, right: Gold, labels: Labels) -> Tensor:
    """Return how far the answers are from the labels, summed over the heads that have any."""
    zero = answers.sentence.sum() * 0
    losses = [zero]

    def cross(logits: Tensor, wanted: Tensor, weight: float = 1.0) -> None:
        if logits.shape[-1] and bool((wanted != UNKNOWN).any()):
            losses.append(
                weight
                * F.cross_entropy(
                    logits.reshape(-1, logits.shape[-1]), wanted.reshape(-1), ignore_index=UNKNOWN
                )
            )

    def binary(logits: Tensor, wanted: Tensor, known: Tensor, weight: float = 1.0) -> None:
        if logits.numel() and bool(known.any()):
            losses.append(weight * F.binary_cross_entropy_with_logits(logits[known], wanted[known].float()))

    word = {name: answers.words[..., columns] for name, columns in labels.word.items()}
    cross(answers.sentence[:, labels.sentence["intent"]], right.intent)
    cross(word["slot"], right.slot)
    if labels.wants:
        home = answers.sentence[:, labels.sentence["home"]].squeeze(-1)
        binary(home, right.home, ~right.home.isnan())
        cross(word["home_slot"], right.home_slot)
        binary(word["excluded"].squeeze(-1), right.excluded, right.excluded != UNKNOWN, 2.0)
        binary(word["start"].squeeze(-1), right.start, right.start != UNKNOWN, 4.0)
        want, prop = clause_logits(answers.words, right.spans, labels)
        cross(want, right.want)
        cross(prop, right.property)
    return torch.stack(losses).sum()


def soft_loss(student: Tensor, teacher: Tensor, temperature: float = 2.0) -> Tensor:
    """Return how far the student's odds are from the teacher's, row by row."""
    log_odds = F.log_softmax(student / temperature, -1)
    return F.kl_div(log_odds, F.softmax(teacher / temperature, -1), reduction="batchmean") * temperature**2


class Heads(nn.Module):
    """The answers, from a vector for each word and one for the sentence."""

    def __init__(self, labels: Labels, word_width: int, sentence_width: int) -> None:
        super().__init__()
        self.labels = labels
        self.word = nn.Linear(word_width, labels.word_width)
        self.sentence = nn.Linear(sentence_width, labels.sentence_width)

    def forward(self, words: Tensor, sentence: Tensor) -> Answers:
        """Return the answers of a batch."""
        return Answers(self.sentence(sentence), self.word(words))
