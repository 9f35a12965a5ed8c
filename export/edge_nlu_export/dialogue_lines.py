"""Set right how sure the network of dialogues is and where it draws lines, by homes it did not learn from."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from edge_nlu.models.dialogue import FAILURES
from edge_nlu_bench.household.dialogues import UNKNOWN, Told
from edge_nlu_export.dialogue_network import Network, batch_of, key_of

FEWEST = 5  # of fewer failures of a kind nothing can be told
_LINES = tuple(step / 4 for step in range(-16, 17))


def set_right(network: Network, homes: Sequence[Sequence[Told]]) -> None:
    """Set how sure the network is, and where it draws the line, by homes that it did not learn from."""
    odds, truth = _thought_of(network, [one for home in homes for one in home])
    with torch.no_grad():
        for name in ("reached", "worked"):
            slope, shift = _calibrated(odds[name], truth[name])
            part = network.parts[key_of(name)]
            part.weight *= slope
            part.bias.mul_(slope).add_(shift)
        network.parts[key_of("starts")].bias -= _best_line(odds["starts"], truth["starts"])
        network.parts[key_of("none")].bias += _best_none(odds["points"], truth["points"])
        network.parts[key_of("failure")].bias += _best_shares(odds["failure"], truth["failure"])


def _thought_of(network: Network, told: Sequence[Told]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return what the network thinks of each sentence, with the truth; none is the first that may say it."""
    odds: dict[str, list[Tensor]] = {}
    truth: dict[str, list[Tensor]] = {}
    for one in told:
        batch = batch_of([one])
        with torch.no_grad():
            found = network(batch.each, batch.pair, batch.real)
        for name, right in batch.truth.items():
            thought = found[name][0]
            if name == "points":
                # the best that may say it anew beside none, and which it is
                best, which = thought[:, :-1].max(-1)
                thought = torch.stack([best, thought[:, -1], (which == right[0]).float()], -1)
                right = (right != len(one.starts)).long()
            known = right[0] != UNKNOWN
            odds.setdefault(name, []).append(thought[known])
            truth.setdefault(name, []).append(right[0][known])
    return {n: torch.cat(o) for n, o in odds.items()}, {n: torch.cat(t) for n, t in truth.items()}


def _calibrated(odds: Tensor, truth: Tensor) -> tuple[float, float]:
    """Return by what to multiply odds, and what to add, for them to be as often right as they say."""
    slope, shift = torch.ones((), requires_grad=True), torch.zeros((), requires_grad=True)
    optimizer = torch.optim.LBFGS([slope, shift], max_iter=50)

    def loss() -> Tensor:
        optimizer.zero_grad()
        found = F.binary_cross_entropy_with_logits(odds * slope + shift, truth.float())
        found.backward()
        return found

    optimizer.step(loss)
    return float(slope), float(shift)


def _best_line(odds: Tensor, truth: Tensor) -> float:
    """Return above which odds most that says "a wish begins" is right, and most that begins is found."""
    return max(_LINES, key=lambda line: _f1(odds > line, truth == 1, truth == 1))


def _best_none(odds: Tensor, truth: Tensor) -> float:
    """Return what to add to the odds of none for rephrases to be found best."""
    best, none, right = odds.unbind(-1)
    return max(_LINES, key=lambda more: _f1(best > none + more, (right == 1) & (truth == 1), truth == 1))


def _best_shares(odds: Tensor, truth: Tensor) -> Tensor:
    """Return what to add to the odds of failures: more to the rare, as far as more of each kind are right."""
    counts = torch.bincount(truth, minlength=len(FAILURES)).float()
    rare = (counts.max() / counts.clamp(min=5)).log()

    def fair(more: float) -> float:
        chosen = (odds + more * rare).argmax(-1)
        kinds = [kind for kind in range(len(FAILURES)) if counts[kind] >= FEWEST]
        return sum(_f1(chosen == kind, truth == kind, truth == kind) for kind in kinds)

    best: float = max((step / 20 for step in range(-20, 11)), key=fair)
    return best * rare


def _f1(said: Tensor, right: Tensor, wanted: Tensor) -> float:
    """Return the F1 of what is said, where it is right, among all that is wanted."""
    return 2 * float((said & right).sum()) / max(float(said.sum() + wanted.sum()), 1.0)
