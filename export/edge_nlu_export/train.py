"""One training loop for teacher and student: seeded, showing the time left, going on after a kill.

The order of the data and the dropout of an epoch follow from the seed and the epoch's number alone,
so a run that was killed and goes on from its last whole epoch ends where an unbroken one does.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from edge_nlu.durable import ANYBODYS, whole

Item = TypeVar("Item")
Say = Callable[[str], None]


def device() -> torch.device:
    """Return the GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to train."""

    epochs: int
    batch: int
    rate: float
    head_rate: float | None = None
    table_rate: float | None = None  # of the word table
    warm_up: float = 0.1
    weight_decay: float = 0.01


def batches(
    items: Sequence[Item], size: int, length: Callable[[Item], int], seed: int
) -> Iterator[list[Item]]:
    """Yield batches of sentences of like length, in an order that follows from the seed."""
    rng = random.Random(seed)
    order = list(range(len(items)))
    rng.shuffle(order)
    window = size * 50
    made = []
    for start in range(0, len(order), window):
        part = sorted(order[start : start + window], key=lambda index: length(items[index]))
        made += [part[at : at + size] for at in range(0, len(part), size)]
    rng.shuffle(made)
    for part in made:
        yield [items[index] for index in part]


def fit(
    model: nn.Module,
    epoch_items: Callable[[int], Sequence[Item]],
    loss_of: Callable[[list[Item]], Tensor],
    length: Callable[[Item], int],
    schedule: Schedule,
    seed: int,
    checkpoint: Path,
    say: Say,
    after_epoch: Callable[[], str] = str,
) -> None:
    """Train the model; `epoch_items` gives each epoch's sentences, which may differ but not in number."""
    where = device()
    model.to(where)
    trained = [(name, value) for name, value in model.named_parameters() if value.requires_grad]
    heads = [value for name, value in trained if name.startswith("heads.")]
    table = [value for name, value in trained if name.startswith("table.")]
    rest = [value for name, value in trained if not name.startswith(("heads.", "table."))]
    optimizer = torch.optim.AdamW(
        [
            {"params": rest},
            {"params": heads, "lr": schedule.head_rate or schedule.rate},
            {"params": table, "lr": schedule.table_rate or schedule.rate},
        ],
        lr=schedule.rate,
        weight_decay=schedule.weight_decay,
        fused=True,
    )
    first = 0
    state = torch.load(checkpoint, map_location=where, weights_only=True) if checkpoint.exists() else None
    if state is not None:
        first = state["epoch"] + 1
    items = epoch_items(first)
    total = -(-len(items) // schedule.batch) * schedule.epochs
    warm = max(1, int(total * schedule.warm_up))
    pace = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (total - step) / max(1, total - warm)))
    )
    if state is not None:
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        pace.load_state_dict(state["pace"])
    started, done = time.monotonic(), 0
    for epoch in range(first, schedule.epochs):
        torch.manual_seed(seed * 1000 + epoch)
        model.train()
        if epoch > first:
            items = epoch_items(epoch)
        summed, count = 0.0, 0
        for batch in batches(items, schedule.batch, length, seed * 1000 + epoch):
            loss = loss_of(batch)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            pace.step()
            summed, count, done = summed + float(loss.detach()), count + 1, done + 1
        each = (time.monotonic() - started) / done
        left = each * count * (schedule.epochs - epoch - 1)
        _save(checkpoint, model, optimizer, pace, epoch)
        model.eval()
        progress = f"epoch {epoch + 1}/{schedule.epochs}  loss {summed / count:.3f}  {left / 60:.1f} min left"
        say(f"{progress}  {after_epoch()}".rstrip())
    model.eval()


def _save(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    pace: torch.optim.lr_scheduler.LambdaLR,
    epoch: int,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    state: dict[str, Any] = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "pace": pace.state_dict(),
        "epoch": epoch,
    }
    write_state(path, state)


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Write weights beside their place and rename them there, so that a file is whole or absent."""
    try:
        with whole(path, ANYBODYS) as file:
            torch.save(state, file)
    except RuntimeError as error:
        # torch hides that the disk is full behind an error of its own
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise
