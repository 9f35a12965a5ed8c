"""The process of sync: `python -m edge_nlu.sync CHOICES`, which is what `edge-nlu sync run` becomes."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Iterator
from threading import Event
from typing import TYPE_CHECKING

from edge_nlu.errors import EdgeNluError
from edge_nlu.sync.choices import Choices
from edge_nlu.sync.reports import leave
from edge_nlu.sync.rounds import Rounds
from edge_nlu.sync.state import State

if TYPE_CHECKING:
    from edge_nlu.sync.federated import TakingPart

NICE = 10

log = logging.getLogger("edge_nlu.sync")


def run(choices: Choices, stopping: Event) -> None:
    """Go on errands until somebody stops it."""
    os.nice(NICE)
    state = State(choices.folder)
    packs = Rounds(choices, state, sleep=lambda seconds: _wait(stopping, seconds))
    errands: tuple[Rounds | TakingPart, ...] = (packs, *_taking_part(choices, state))
    due = {one: time.monotonic() + one.first_in_s() for one in errands}
    log.info(
        "packs from %s, kept in %s, first look in %.0f s",
        *(choices.url, choices.folder, due[packs] - time.monotonic()),
    )
    while not stopping.wait(max(0.0, min(due.values()) - time.monotonic())):
        errand = min(due, key=lambda one: due[one])
        try:
            came = errand.look()
            log.log(logging.WARNING if came.failed else logging.INFO, "%s: %s", came.outcome, came.found)
            if errand is packs:
                leave(choices)
        except Exception:  # a full disk, or a fault of ours: the next look may do better
            log.exception("a look outside, or what should leave, broke")
        due[errand] = time.monotonic() + errand.next_in_s()
    state.close()


def _taking_part(choices: Choices, state: State) -> Iterator[TakingPart]:
    """Yield the rounds of a fleet where this home takes part; only then what learns is loaded."""
    if choices.federated is not None:
        from edge_nlu.sync.federated import TakingPart

        yield TakingPart(choices, choices.federated, state)


def _wait(stopping: Event, seconds: float) -> None:
    """Wait, or come to an end at once where somebody stops the process."""
    if stopping.wait(seconds):
        sys.exit(0)


def main() -> None:
    """Run with the choices on the command line."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)-7s %(message)s"
    )
    logging.getLogger("tuf").setLevel(logging.ERROR)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    stopping = Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stopping.set())
    run(Choices.from_json(sys.argv[1]), stopping)


if __name__ == "__main__":
    try:
        main()
    except EdgeNluError as error:
        print(f"Error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(1)
