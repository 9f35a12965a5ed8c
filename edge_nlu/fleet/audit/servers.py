"""Set up the server as it is shipped, and with faults planted in it that an audit must notice.

A fault leaves the promise as it was: what is said is not what is done, as with a slip in a program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from flwr.serverapp.strategy import FedAvg

from edge_nlu.fleet.accounting import Privacy
from edge_nlu.fleet.audit.one_run import Server
from edge_nlu.fleet.selection import Selection
from edge_nlu.fleet.strategy import strategy_for

OFTENER: Final = 4
"""So many times as often as was accounted for, homes are asked where that is the fault."""


def shipped(promised: Privacy) -> Server:
    """Return servers as they are, with this promise."""

    def server(homes: int) -> FedAvg:
        return strategy_for("fedavg", Selection(promised.q * homes, promised.q), promised)

    return server


def _noise_off(strategy: FedAvg, promised: Privacy) -> None:
    strategy.privacy = replace(promised, noise=0.0)


def _clip_off_by_two(strategy: FedAvg, promised: Privacy) -> None:
    # the noise is as much as for the length that was meant
    strategy.privacy = replace(promised, clip=2 * promised.clip, noise=promised.noise / 2)


def _asked_too_often(strategy: FedAvg, promised: Privacy) -> None:
    often = min(OFTENER * promised.q, 1.0)
    strategy.selection = Selection(strategy.selection.cohort * often / promised.q, often)


FAULTS: Final[Mapping[str, Callable[[FedAvg, Privacy], None]]] = {
    "noise_off": _noise_off,
    "clip_off_by_two": _clip_off_by_two,
    "asked_too_often": _asked_too_often,
}


def faulty(promised: Privacy, fault: str) -> Server:
    """Return servers with this fault, and the same promise."""

    def server(homes: int) -> FedAvg:
        strategy = shipped(promised)(homes)
        FAULTS[fault](strategy, promised)
        return strategy

    return server
