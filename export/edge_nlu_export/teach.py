"""Teach the teacher: first our words, then our labels.

Adaptation hides words in sentences from homes and lets the encoder guess them; after it, one joint
fine-tuning teaches every head from whatever labels each sentence has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from edge_nlu.labels import STRANGE, Labels
from edge_nlu.steps.decode import tag_path
from edge_nlu_export.heads import Answers, gold, gold_loss
from edge_nlu_export.targets import Target
from edge_nlu_export.teacher import Reader, Teacher
from edge_nlu_export.train import Say, Schedule, device, fit


def to(where: torch.device, *tensors: Tensor) -> list[Tensor]:
    """Return the tensors on that device."""
    return [tensor.to(where) for tensor in tensors]


def adapt(
    teacher: Teacher,
    reader: Reader,
    sentences: Sequence[tuple[str, ...]],
    schedule: Schedule,
    seed: int,
    folder: Path,
    say: Say,
) -> None:
    """Let the encoder guess hidden pieces of in-domain sentences, its own word table as the answers."""
    where, tokenizer = device(), reader.tokenizer
    special = {tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id}
    table = teacher.encoder.get_input_embeddings()
    dense = torch.nn.Linear(table.embedding_dim, table.embedding_dim)
    norm = torch.nn.LayerNorm(table.embedding_dim)
    model = torch.nn.ModuleDict({"encoder": teacher.encoder, "dense": dense, "norm": norm})

    def loss_of(batch: list[tuple[str, ...]]) -> Tensor:
        ids, real, _ = to(where, *reader.batch(batch))
        hidden = torch.rand(ids.shape, device=where) < 0.15
        for piece in special:
            hidden &= ids != piece
        hidden[:, 1] |= ~hidden.any(1)
        with torch.autocast(where.type, torch.bfloat16):
            states = teacher.encoder(
                input_ids=ids.masked_fill(hidden, tokenizer.mask_token_id), attention_mask=real
            )
            guess = norm(F.gelu(dense(states.last_hidden_state[hidden])))
            odds = guess @ table.weight.T
        return F.cross_entropy(odds.float(), ids[hidden])

    fit(model, lambda _: sentences, loss_of, len, schedule, seed, folder / "adapt.pt", say)


def teach(
    teacher: Teacher,
    reader: Reader,
    items: Callable[[int], Sequence[Target]],
    schedule: Schedule,
    seed: int,
    folder: Path,
    say: Say,
    check: Sequence[Target] = (),
) -> None:
    """Fine-tune the teacher on every label there is; `items` gives the sentences of an epoch."""
    where, labels = device(), teacher.heads.labels

    def loss_of(batch: list[Target]) -> Tensor:
        ids, real, at = to(where, *reader.batch([item.words for item in batch]))
        right = gold(batch)
        for name, tensor in vars(right).items():
            setattr(right, name, tensor.to(where))
        with torch.autocast(where.type, torch.bfloat16):
            answers = teacher(ids, real, at)
        return gold_loss(Answers(answers.sentence.float(), answers.words.float()), right, labels)

    def after_epoch() -> str:
        return (
            quick_score(answer(teacher, reader, [item.words for item in check]), check, labels)
            if check
            else ""
        )

    fit(
        teacher,
        items,
        loss_of,
        lambda item: len(item.words),
        schedule,
        seed,
        folder / "teach.pt",
        say,
        after_epoch,
    )


@torch.no_grad()
def answer(
    teacher: Teacher, reader: Reader, sentences: Sequence[tuple[str, ...]], batch: int = 128
) -> list[Answers]:
    """Return the teacher's answers to each sentence, in order."""
    where = device()
    teacher.to(where).eval()
    order = sorted(range(len(sentences)), key=lambda index: len(sentences[index]))
    found: list[Answers] = [None] * len(sentences)  # type: ignore[list-item]
    for start in range(0, len(order), batch):
        part = order[start : start + batch]
        ids, real, at = to(where, *reader.batch([sentences[index] for index in part]))
        with torch.autocast(where.type, torch.bfloat16):
            answers = teacher(ids, real, at)
        for row, index in enumerate(part):
            length = len(sentences[index])
            found[index] = Answers(
                answers.sentence[row].float().cpu(), answers.words[row, :length].float().cpu()
            )
    return found


def quick_score(found: Sequence[Answers], check: Sequence[Target], labels: Labels) -> str:
    """Return the shares of intents and of whole frames right, to watch training by."""
    intents = frames = count = 0
    for answers, target in zip(found, check, strict=True):
        if target.intent < 0 or target.slots is None:
            continue
        intent = int(answers.sentence[labels.sentence["intent"]].argmax())
        scores = answers.words[:, labels.word["slot"]].numpy()
        strange = labels.strange(labels.intents[intent])
        path = tag_path(scores if strange is None else scores - STRANGE * strange)
        count += 1
        intents += intent == target.intent
        frames += intent == target.intent and bool((path == target.slots).all())
    return f"intent {intents / max(1, count):.4f}  frame {frames / max(1, count):.4f}"
