"""The process of sync: `python -m edge_nlu.sync CHOICES`, which is what `edge-nlu sync run` becomes."""

from __future__ import annotations

import logging
import os
import signal
import sys
from threading import Event

from edge_nlu.errors import EdgeNluError
from edge_nlu.sync.choices import Choices
from edge_nlu.sync.reports import leave
from edge_nlu.sync.rounds import Rounds
from edge_nlu.sync.state import State

NICE = 10

log = logging.getLogger("edge_nlu.sync")


def run(choices: Choices, stopping: Event) -> None:
    """Look for packs until somebody stops it."""
    os.nice(NICE)
    state = State(choices.folder)
    rounds = Rounds(choices, state, sleep=lambda seconds: _wait(stopping, seconds))
    wait_s = rounds.first_in_s()
    log.info("packs from %s, kept in %s, first look in %.0f s", choices.url, choices.folder, wait_s)
    while not stopping.wait(wait_s):
        try:
            came = rounds.look()
            log.log(logging.WARNING if came.failed else logging.INFO, "%s: %s", came.outcome, came.found)
            leave(choices)
        except Exception:  # a full disk, or a fault of ours: the next look may do better
            log.exception("a look for packs, or what should leave, broke")
        wait_s = rounds.next_in_s()
    state.close()


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
