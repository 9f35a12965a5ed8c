"""Train the model of dialogues from recordings of households whose wishes are known.

First it learns without any truth which answer belongs to what was said: answers are swapped between
sentences of like wants, and it finds the swapped ones. Then it learns everything at once: where a wish
begins, whether it was reached, which later sentence says it anew, and what went wrong first. Last, how sure
it is and where it draws the line are set right on homes that it did not learn from.
"""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edge_nlu.learning.dialogue import Vector, feature_names
from edge_nlu.models.dialogue import DIALOGUE, FAILURES, packed
from edge_nlu.models.encoder import Encoder
from edge_nlu.models.pack import Pack
from edge_nlu_bench.dialogue import dialogue_figures
from edge_nlu_bench.household.dialogues import UNKNOWN, Told, told_of
from edge_nlu_bench.household.recording import Recorded, read
from edge_nlu_bench.report import lines
from edge_nlu_export.dialogue_lines import set_right
from edge_nlu_export.dialogue_network import AT_ONCE, JUDGED, Batch, Network, batches
from edge_nlu_export.files import write_text
from edge_nlu_export.packing import CARD, put
from edge_nlu_export.pairwise import tuned
from edge_nlu_export.train import Say

_ANSWERED = (
    *("act", "answer", "cloud", "ask ", "failed", "not told"),
    *("score", "next score", "ranked", "for it"),
)
_DONE = ("told", "to change", "changed nothing")
HEADING = "## Reading days"
ABOUT = f"""`{DIALOGUE}` was trained on {{}} of pretend households (`edge-nlu bench record`), none
of which judge. Their wishes are written by hand or sentences of MASSIVE dev and NLU-Evaluation-Data dev,
misheard as counted on SLURP (all CC BY 4.0, named above). The structure of rephrasing is simulated. The homes
below were not learned from, but how sure the model is was set right on them.
"""
YOUNG_DAYS = 5.0  # homes are read in such pieces, too: a hub that is new knows few words of a home
HELD_EVERY = 6  # of so many homes one is kept to set right what is thought


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how fast to train."""

    before: int = 4
    epochs: int = 12
    rate: float = 3e-3
    seed: int = 1


def make(records: Sequence[Path], folder: Path, course: Course, pairwise: Path | None, say: Say) -> None:
    """Train a model from recordings, the first of which is as homes are, and put it into a pack."""
    encoder = Encoder(Pack.open(folder))

    @cache
    def vector(text: str) -> Vector:
        return np.frombuffer(encoder.understand(text).embedding, "<f4")

    first, others = read(records[0]), [home for record in records[1:] for home in read(record)]
    judged = first[::HELD_EVERY]
    rest = [home for at, home in enumerate(first) if at % HELD_EVERY]
    held = [told_of(home, vector) for home in judged]
    learned = [told_of(home, vector) for home in rest]
    learned += [told_of(home, vector, YOUNG_DAYS) for home in (*rest, *others)]
    turns = sum(len(one.starts) for home in learned for one in home)
    homes = len(rest) + len(others)
    say(f"{turns} sentences of {homes} homes, {len(held)} homes kept to set it right")
    network = train(learned or held, course, say)
    set_right(network, held)
    file = io.BytesIO()
    each, pair = map(np.array, feature_names())
    np.savez(file, **{**packed(network.weights()), "names.each": each, "names.pair": pair})
    put(folder, DIALOGUE, file.getvalue())
    say(f"{folder / DIALOGUE}: {len(file.getvalue()) / 1000:.0f} kB")
    if pairwise is not None:
        pairwise.write_bytes(tuned(learned or held, held, course.seed, say))
    if (folder / CARD).is_file():
        _put_on_card(folder, f"sentences of {homes} homes", judged)


def _put_on_card(folder: Path, learned_from: str, judged: Sequence[Recorded]) -> None:
    """Write on the card of a pack what its model of dialogues was made of, and how good it is."""
    card = folder / CARD
    text = card.read_text(encoding="utf-8").partition(f"\n{HEADING}")[0].rstrip()
    table = "\n".join(lines(dialogue_figures(judged, Pack.open(folder))))
    write_text(card, f"{text}\n\n{HEADING}\n\n{ABOUT.format(learned_from)}\n```\n{table}\n```\n")


def loss_of(odds: dict[str, Tensor], truth: dict[str, Tensor], weights: Tensor) -> Tensor:
    """Return how far all that is thought is from the truth."""
    loss = torch.zeros(())
    for name in JUDGED:
        known = truth[name] != UNKNOWN
        if known.any():
            loss = loss + F.binary_cross_entropy_with_logits(odds[name][known], truth[name][known].float())
    loss = loss + F.cross_entropy(
        odds["failure"].transpose(1, 2), truth["failure"], weights, ignore_index=UNKNOWN
    )
    return loss + F.cross_entropy(odds["points"].transpose(1, 2), truth["points"], ignore_index=UNKNOWN)


def swapped(batch: Batch, columns: Tensor, wants: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return a batch in which some sentences have the answer of another of like want, and which."""
    flat = batch.each.reshape(-1, batch.each.shape[-1]).clone()
    real = batch.real.reshape(-1)
    kinds: dict[tuple[float, ...], list[int]] = {}
    for at, kind in enumerate(flat[:, wants].tolist()):
        if real[at]:
            kinds.setdefault(tuple(kind), []).append(at)
    chosen = torch.rand(len(flat), generator=rng) < 0.3
    was = flat.clone()
    done = torch.zeros(len(flat))
    for members in kinds.values():
        others = torch.tensor(members)[torch.randperm(len(members), generator=rng)]
        for at, other in zip(members, others.tolist(), strict=True):
            if chosen[at] and not torch.equal(was[at, columns], was[other, columns]):
                flat[at, columns] = was[other, columns]
                done[at] = 1.0
    return flat.view_as(batch.each), done.view(batch.real.shape)


def train(homes: Sequence[Sequence[Told]], course: Course, say: Say) -> Network:
    """Return a network that learned from homes, with rare failures weighed up."""
    torch.manual_seed(course.seed)
    told = [one for home in homes for one in home]
    each = np.concatenate([one.run.each for one in told])
    pair = np.concatenate([one.run.pairs[np.triu_indices(len(one.starts), 1)] for one in told])
    scales = [np.maximum(values.std(0), 0.05) for values in (each, pair)]
    network = Network([each.mean(0), pair.mean(0)], scales)
    _find_swapped(network, told, course, say)
    counts = np.bincount([kind for one in told for kind in one.failure], minlength=len(FAILURES))
    weights = torch.from_numpy((counts.max() / np.maximum(counts, 20)) ** 0.5).float()
    rng = random.Random(course.seed)
    steps = course.epochs * -(-len(told) // AT_ONCE)
    optimizer = torch.optim.AdamW(network.parameters(), lr=course.rate, weight_decay=0.02)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimizer, course.rate, total_steps=steps, pct_start=0.15)
    for epoch in range(course.epochs):
        network.train()
        losses = []
        for batch in batches(told, rng):
            loss = loss_of(network(batch.each, batch.pair, batch.real), batch.truth, weights)
            _step(optimizer, loss, network)
            pace.step()
            losses.append(float(loss.detach()))
        say(f"epoch {epoch + 1}/{course.epochs}  loss {sum(losses) / len(losses):.3f}")
    network.eval()
    return network


def _find_swapped(network: Network, told: Sequence[Told], course: Course, say: Say) -> None:
    """Let the network learn which answer belongs to what was said; needs no truth."""
    names, _ = feature_names()
    answered = [name.startswith(_ANSWERED) or name in _DONE for name in names]
    columns = torch.tensor(answered).nonzero()[:, 0]
    wants = torch.tensor([at for at, name in enumerate(names) if name.startswith("want ")])
    rng, generator = random.Random(course.seed), torch.Generator().manual_seed(course.seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=course.rate / 3)
    for epoch in range(course.before):
        losses = []
        for batch in batches(told, rng):
            each, done = swapped(batch, columns, wants, generator)
            odds = network(each, batch.pair, batch.real)["swapped"]
            loss = F.binary_cross_entropy_with_logits(odds[batch.real], done[batch.real])
            _step(optimizer, loss, network)
            losses.append(float(loss.detach()))
        say(f"answers swapped, {epoch + 1}/{course.before}  loss {sum(losses) / len(losses):.3f}")


def _step(optimizer: torch.optim.Optimizer, loss: Tensor, network: Network) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
