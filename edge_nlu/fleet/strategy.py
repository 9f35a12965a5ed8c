"""Make one head of what many homes learned, with or without a promise of privacy to each of them.

The algorithms are Flower's own. Two things below them are the fleet's: who is asked (each home by its own
coin), and, under a promise, the mean that they are given. The change of each home is cut to a length, noise
is added to the sum once, and that is divided by the number of homes that were expected. So homes that do not
answer only make the signal weaker, never the noise. A reply that is an error, or does not fit, is left out
and does not spoil the round.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import inf, pi
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MessageType, MetricRecord, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import (
    FedAdam,
    FedAvg,
    FedAvgM,
    FedMedian,
    FedProx,
    FedTrimmedAvg,
    FedYogi,
)

from edge_nlu.errors import SettingsError
from edge_nlu.fleet.accounting import Privacy
from edge_nlu.fleet.messages import EXAMPLES, numbers_in
from edge_nlu.fleet.selection import ENOUGH, Selection
from edge_nlu.learning.fitting import bounded

Numbers: TypeAlias = npt.NDArray[np.floating[Any]]
Dice: TypeAlias = Callable[[int], Numbers]
"""Returns so many numbers from 0 up to 1."""

# each round would be told in ten lines, by everybody who runs rounds
logging.getLogger("flwr").setLevel(logging.ERROR)

log = logging.getLogger("edge_nlu.fleet")

ALGORITHMS: Final = {
    "fedavg": FedAvg,
    "fedavgm": FedAvgM,
    "fedprox": FedProx,
    "fedadam": FedAdam,
    "fedyogi": FedYogi,
    "fedmedian": FedMedian,
    "fedtrimmed": FedTrimmedAvg,
}
_NOT_PRIVATE: Final = {"fedmedian", "fedtrimmed"}

MOST_EXAMPLES: Final = 1000
"""A home that says it has more examples counts as if it had so many."""

_WEIGHT: Final = "weight"


def secret_dice(several: int) -> Numbers:
    """Return numbers that nobody can foresee."""
    return (np.frombuffer(os.urandom(8 * several), "<u8") >> np.uint64(11)) * 2.0**-53


def strategy_for(
    name: str,
    selection: Selection,
    privacy: Privacy | None = None,
    *,
    activity: Callable[[], Mapping[int, float]] | None = None,
    common: Numbers | None = None,
    dice: Dice = secret_dice,
    **options: Any,
) -> FedAvg:
    """Return Flower's strategy of that name for a fleet; `options` are its own, such as `eta`.

    `activity` tells how much each home has to tell; without it, all that are connected have as much.
    `common` is the mean of public inputs: what all sentences share tells none from another, so under a
    promise a layer is left as it is along it, and no noise enters there.
    """
    if name not in ALGORITHMS:
        raise SettingsError("algorithm", name, f"one of {', '.join(ALGORITHMS)}")
    if privacy and name in _NOT_PRIVATE:
        raise SettingsError(
            "algorithm", f"{name} with privacy", "a mean, such as fedavg: a median keeps no promise"
        )
    if privacy and selection.most > privacy.q:
        raise SettingsError(
            "most",
            f"{selection.most}, more than the {privacy.q} that is accounted for",
            f"at most {privacy.q}",
        )
    base = ALGORITHMS[name]
    # in this order the algorithm asks `Rounds` for the homes and their mean, instead of `FedAvg`
    bases = (Sieve, Rounds) if base is FedAvg else (Sieve, base, Rounds)
    # homes are not asked how good a head is: the answers would have to be accounted for, too
    strategy: FedAvg = type(f"Fleet{base.__name__}", bases, {})(
        weighted_by_key=_WEIGHT, fraction_evaluate=0.0, **options
    )
    strategy.selection, strategy.privacy = selection, privacy
    strategy.activity, strategy.dice = activity, dice
    strategy.common = direction(common)
    strategy.enough = ENOUGH.get(name, 0)
    return strategy


class Rounds(FedAvg):  # type: ignore[misc]
    """Asks homes by coins, and keeps the promise."""

    selection: Selection
    privacy: Privacy | None
    activity: Callable[[], Mapping[int, float]] | None
    common: Numbers | None
    dice: Dice
    sent: Mapping[str, Numbers]
    asked: Mapping[int, float]

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Return a task for each home whose coin says so."""
        self.sent = {name: array.numpy() for name, array in arrays.items()}
        activity = self.activity() if self.activity else dict.fromkeys(grid.get_node_ids(), 1.0)
        rates = self.selection.rates(activity)
        coins = self.dice(len(rates))
        self.asked = {
            home: rate for (home, rate), coin in zip(rates.items(), coins, strict=True) if coin < rate
        }
        config["server-round"] = server_round
        record = RecordDict({self.arrayrecord_key: arrays, self.configrecord_key: config})
        return [Message(record, dst_node_id=home, message_type=MessageType.TRAIN) for home in self.asked]

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Return the mean of what homes answered, private if that is promised."""
        if self.privacy is None:
            found: tuple[ArrayRecord | None, MetricRecord | None] = super().aggregate_train(
                server_round, replies
            )
            return found
        return self._private_mean(replies, self.privacy), MetricRecord()

    def _private_mean(self, replies: Iterable[Message], privacy: Privacy) -> ArrayRecord:
        """Return what was sent, moved by the noisy sum of all changes over the homes that were expected."""
        names = list(self.sent)
        total = [np.zeros(self.sent[name].shape) for name in names]
        for reply in replies:
            (arrays,) = reply.content.array_records.values()
            moved = apart([arrays[name].numpy() - self.sent[name] for name in names], self.common)
            for whole, one in zip(total, bounded(moved, privacy.clip), strict=True):
                whole += one
        noisy = [whole + privacy.noise * privacy.clip * normal(whole.shape, self.dice) for whole in total]
        return ArrayRecord(
            {
                name: Array((self.sent[name] + whole / self.selection.cohort).astype(np.float32))
                for name, whole in zip(names, apart(noisy, self.common), strict=True)
            }
        )


class Sieve(FedAvg):  # type: ignore[misc]
    """Leaves out replies that do not fit before anything is made of them, and weighs the others."""

    enough: int

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Return what the algorithm makes of the replies that fit, one of each home that was asked."""
        fit: Iterable[Message] = self._fit(replies)
        if self.enough:
            fit = list(fit)
            if len(fit) < self.enough:
                log.warning("round %d: %d answers fit, %d are needed", server_round, len(fit), self.enough)
                return None, None
        arrays, metrics = super().aggregate_train(server_round, fit)
        if arrays is not None:
            # some algorithms answer with twice as many bytes a number
            arrays = ArrayRecord(
                {name: Array(array.numpy().astype(self.sent[name].dtype)) for name, array in arrays.items()}
            )
        return arrays, metrics

    def _fit(self, replies: Iterable[Message]) -> Iterator[Message]:
        waiting = dict(self.asked)
        for reply in replies:
            home = reply.metadata.src_node_id
            if home in waiting and _fits(reply, self.sent):
                (metrics,) = reply.content.metric_records.values()
                # a home that is asked half as often counts twice, so all count alike in the long run
                metrics[_WEIGHT] = min(metrics[EXAMPLES], MOST_EXAMPLES) / waiting.pop(home)
                yield reply


def _fits(reply: Message, sent: Mapping[str, Numbers]) -> bool:
    """Tell whether a reply holds numbers of the shapes that were sent, and a number of examples."""
    if reply.has_error():
        return False
    arrays = list(reply.content.array_records.values())
    metrics = list(reply.content.metric_records.values())
    if len(arrays) != 1 or len(metrics) != 1 or set(arrays[0]) != set(sent):
        return False
    try:
        found = [numbers_in(array.data, sent[name]) for name, array in arrays[0].items()]
        return all(np.isfinite(one).all() for one in found) and 0 < metrics[0][EXAMPLES] < inf
    except Exception:  # noqa: BLE001 - whatever a home sends, and however that breaks, it does not fit
        return False


def direction(common: Numbers | None) -> Numbers | None:
    """Return the direction that all inputs have in common, of length 1."""
    return None if common is None else common / np.linalg.norm(common)


def apart(moved: Sequence[Numbers], along: Numbers | None) -> list[Numbers]:
    """Return the change of layers without what of it goes along a direction."""
    if along is None:
        return list(moved)
    return [one - np.outer(one @ along, along) if one.ndim > 1 else one for one in moved]


def normal(shape: tuple[int, ...], dice: Dice) -> Numbers:
    """Return normally distributed noise.

    Each number is made of four, because the last bits of a single one could tell what it was added to.
    """
    several = 4 * int(np.prod(shape))
    far = np.sqrt(-2 * np.log1p(-dice(several))) * np.cos(2 * pi * dice(several))
    noise: Numbers = far.reshape(4, *shape).sum(0) / 2
    return noise
