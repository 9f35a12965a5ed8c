"""Run the rounds of a fleet on any grid; neither a dead server nor a bad round costs more than a round.

What is reached is on the disk before the next round begins, and with it how many rounds were begun: a round
that was cut off is not done again but counted, since homes may have answered in it. A round after which the
head knows less of the server's golden lessons than before is not kept, nor is what an algorithm remembers
of it. Where rounds may lose a little, no head is given away in the end that knows less than the first.
Whatever homes answer is checked on its way in (`wire/rounds.py`) and by the strategy.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg

from edge_nlu.durable import put_whole
from edge_nlu.errors import EdgeNluError
from edge_nlu.fleet.accounting import Privacy, epsilon
from edge_nlu.fleet.messages import arrays_of, config_of, record_of
from edge_nlu.learning.arrays import packed
from edge_nlu.learning.fitting import Arrays, Lessons, hits, mean
from edge_nlu.wire.rounds import ANSWERED, Task

CHECKPOINT: Final = "checkpoint.npz"
LOOK_S: Final = 0.5

Memory: TypeAlias = dict[str, npt.NDArray[Any]]
"""What an algorithm remembers from one round to the next, as its momentum."""

_REMEMBERED: Final = ("m_t", "v_t", "momentum_vector")

log = logging.getLogger("edge_nlu.fleet")


@dataclass(frozen=True, slots=True)
class Study:
    """What is trained, and for how long.

    `task` says which head, from which numbers, and how; a round waits until `fewest` homes are there, and
    then `round_s` for their answers. Of its golden lessons, a head may unlearn a share of `loss` in a round.
    What is given away is the mean of the `last` heads that were kept, which evens out noise for nothing.
    """

    task: Task
    rounds: int
    round_s: float
    privacy: Privacy | None = None
    fewest: int = 1
    loss: float = 0.0
    last: int = 1


@dataclass(frozen=True, slots=True)
class Passed:
    """A round: how many homes were asked and answered with an update, what share was right then, and if it
    was kept.
    """

    round: int
    asked: int
    answered: int
    right: float
    kept: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come: the head, and how right it is; a round that was begun is one, come what may.

    `recent` are the last heads that were kept.
    """

    arrays: Arrays
    right: float
    begun: int = 0
    passed: tuple[Passed, ...] = ()
    recent: tuple[Arrays, ...] = ()

    @property
    def kept(self) -> int:
        """Return how many rounds were kept."""
        return sum(one.kept for one in self.passed)


def main(grid: Grid, strategy: FedAvg, study: Study, golden: Lessons, folder: Path) -> Progress:
    """Run what is left of a study's rounds, and return how far it has come."""
    place = folder / CHECKPOINT
    progress, memory = _read(place, study.task) or (Progress(study.task.arrays, 0.0), {})
    # golden lessons may be others since
    progress = replace(progress, right=share_right(progress.arrays, golden))
    while progress.begun < study.rounds:
        _wait_for(grid, study.fewest)
        progress = replace(progress, begun=progress.begun + 1)
        _write(place, study.task, progress, memory)
        _recall(strategy, memory)
        passed, arrays = _round(grid, strategy, study, progress, golden)
        progress = replace(progress, passed=(*progress.passed, passed))
        if passed.kept:
            recent = (*progress.recent, arrays)[-study.last :]
            progress = replace(progress, arrays=arrays, right=passed.right, recent=recent)
            memory = _memory(strategy)
        _write(place, study.task, progress, memory)
        log.info(
            "round %d: %d asked, %d answered, %.4f right, %s",
            *(passed.round, passed.asked, passed.answered, passed.right),
            "kept" if passed.kept else f"not kept, {progress.right:.4f} before",
        )
    return progress


def published(progress: Progress, study: Study, golden: Lessons) -> tuple[Arrays, float] | None:
    """Return the head to give away, and how right it is; None where there is none as good as the first.

    It is the mean of the last ones or, where that has lost, the last.
    """
    if not progress.recent:
        return None
    first = share_right(study.task.arrays, golden)
    for arrays, least in ((mean(progress.recent), progress.right - study.loss), (progress.arrays, first)):
        if (right := share_right(arrays, golden)) >= max(least, first):
            return arrays, right
    return None


def spent(study: Study, rounds: int) -> float:
    """Return the epsilon of so many rounds, or 0 where nothing is promised."""
    promise = study.privacy
    return epsilon(promise.q, promise.noise, rounds, promise.delta) if promise else 0.0


def share_right(arrays: Arrays, lessons: Lessons) -> float:
    """Return the share of lessons that a head gets right."""
    return float(hits(arrays, lessons).mean())


def _round(
    grid: Grid, strategy: FedAvg, study: Study, progress: Progress, golden: Lessons
) -> tuple[Passed, Arrays]:
    """Return how a round passed, and the head after it; the one before where nothing better came."""
    since = time.monotonic()
    delta = study.privacy.delta if study.privacy else 0.0
    task = replace(study.task, epsilon=spent(study, progress.begun), delta=delta)
    config = config_of(task)
    messages = list(strategy.configure_train(progress.begun, record_of(progress.arrays), config, grid))
    replies = list(grid.send_and_receive(messages, timeout=study.round_s))
    refused = [reply for reply in replies if reply.has_error()]
    answered = len(replies) - len(refused)
    for reply in refused:
        log.info("home %d: %s", reply.metadata.src_node_id, reply.error.reason)
    if again := sum(ANSWERED in reply.error.reason for reply in refused):
        log.warning(
            "round %d: %d homes have answered it before, so %s is an older one; they answer again from the "
            "first round on that they do not know",
            *(progress.begun, again, CHECKPOINT),
        )
    found, _ = strategy.aggregate_train(progress.begun, replies)
    arrays = arrays_of(found) if found is not None else progress.arrays
    right = share_right(arrays, golden)
    sound = all(np.isfinite(one).all() for one in arrays)
    kept = found is not None and sound and right >= progress.right - study.loss
    seconds = round(time.monotonic() - since, 3)
    return Passed(progress.begun, len(messages), answered, right, kept, seconds), arrays


def _wait_for(grid: Grid, fewest: int) -> None:
    """Wait until so many homes are there."""
    told = False
    while (there := len(list(grid.get_node_ids()))) < fewest:
        if not told:
            log.info("%d homes are there, %d are waited for", there, fewest)
            told = True
        time.sleep(LOOK_S)


# ------------------------------------------------------------------------------------------ checkpoints


def _write(place: Path, task: Task, progress: Progress, memory: Memory) -> None:
    """Have on the disk how far a run has come, all of it or what was there before."""
    heads = (progress.arrays, *progress.recent)
    told = {
        "run": task.run,
        "head": task.head,
        "right": progress.right,
        "begun": progress.begun,
        "heads": len(heads),
        "passed": [asdict(one) for one in progress.passed],
    }
    stored: dict[str, Any] = {
        f"head/{which}/{place}": one for which, head in enumerate(heads) for place, one in enumerate(head)
    }
    stored |= {"told": np.frombuffer(json.dumps(told).encode(), np.uint8), **memory}
    put_whole(place, packed(stored))


def _read(place: Path, task: Task) -> tuple[Progress, Memory] | None:
    """Return how far a run had come, or None where it has not begun."""
    if not place.exists():
        return None
    try:
        with np.load(place, allow_pickle=False) as read:
            found = dict(read)
        told = json.loads(found.pop("told").tobytes())
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise EdgeNluError(
            f"{place}: found a damaged file ({str(error)[:80]}), expected how far the run had come; bring "
            f"it back from a copy, or name another folder for another run"
        ) from error
    if (told["run"], told["head"]) != (task.run, task.head):
        raise EdgeNluError(
            f"{place}: found run {told['run']} of {told['head']}, expected run {task.run} of {task.head}; "
            f"name another folder"
        )
    arrays, *recent = (
        [found.pop(f"head/{which}/{place}") for place in range(len(task.arrays))]
        for which in range(told["heads"])
    )
    passed = tuple(Passed(**one) for one in told["passed"])
    return Progress(arrays, told["right"], told["begun"], passed, tuple(recent)), found


def _memory(strategy: FedAvg) -> Memory:
    """Return what an algorithm remembers."""
    found: Memory = {}
    for name in _REMEMBERED:
        held = getattr(strategy, name, None)
        if held is not None:
            named = held.items() if isinstance(held, dict) else enumerate(held)
            found |= {f"{name}/{key}": np.asarray(value) for key, value in named}
    return found


def _recall(strategy: FedAvg, memory: Memory) -> None:
    """Let an algorithm remember this, and nothing else."""
    # what it takes as the head before is told it anew in each round
    strategy.current_arrays = None
    for name in _REMEMBERED:
        own = {key.partition("/")[2]: one for key, one in memory.items() if key.startswith(f"{name}/")}
        setattr(strategy, name, (list(own.values()) if name == "momentum_vector" else own) or None)
