"""Run a hub whose time goes by as somebody else says: its clocks are two numbers in a file.

    python -m edge_nlu_bench.warped_hub SETTINGS.toml CLOCK

CLOCK holds the seconds by which the hub's time of day is ahead of ours, and those by which its steady
clock is. The first may be put back, as clocks are; the second only grows. All else is a hub as it runs. A
line on standard input is answered by one on standard output: `rest` when the hub has nothing left to do,
`states` with what it takes devices to be at.
"""

from __future__ import annotations

import json
import mmap
import signal
import struct
import sys
import threading
import time
from datetime import datetime
from math import inf
from pathlib import Path

from edge_nlu.hub.assemble import assemble, broker
from edge_nlu.hub.daemon import Hub
from edge_nlu.hub.service import SystemClock
from edge_nlu.hub.settings import read_settings
from edge_nlu.storage.context import HomeContext

TIMES = struct.Struct("dd")


class Warped(SystemClock):
    """A clock that is put by whoever writes its file."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            self._map = mmap.mmap(opened.fileno(), TIMES.size, access=mmap.ACCESS_READ)

    def now(self) -> datetime:
        """Return the local time, with its zone."""
        return datetime.fromtimestamp(time.time() + TIMES.unpack_from(self._map)[0]).astimezone()

    def steady(self) -> float:
        """Return the seconds that went by, from no moment in particular."""
        return time.monotonic() + float(TIMES.unpack_from(self._map)[1])


def main(file: Path, times: Path) -> None:
    """Run until we are told to stop."""
    settings = read_settings(file, {})
    clock = Warped(times)
    for name, module in list(sys.modules.items()):
        # only the hub's own: a library that keeps a line alive goes by what really goes by
        if name.startswith("edge_nlu.hub.") and hasattr(module, "monotonic"):
            setattr(module, "monotonic", clock.steady)  # noqa: B010 - it is not told to be there
    made = assemble(
        settings, folder=Path(settings.state_dir), transport=broker(settings), clock=clock, environment={}
    )
    signal.signal(signal.SIGTERM, lambda *_: made.stop())
    threading.Thread(target=_answer, args=(made, clock), daemon=True).start()
    made.run()


def _answer(made: Hub, clock: Warped) -> None:
    for asked in sys.stdin:
        if asked.strip() == "rest":
            # what a turn brings shows in the next one
            for _ in range(2):
                looked = threading.Event()
                made._desk.note(looked.set)
                looked.wait()
            # devices that were told are waited for: their answer is on its way, as their time is not
            while made.working or made._desk._inbox or made._answerer.echoes.next_due() < inf:
                time.sleep(0.005)
            print("rested", flush=True)
        else:
            made._desk.note(lambda: print(json.dumps(_states(made._reports._context, clock)), flush=True))


def _states(context: HomeContext, clock: Warped) -> dict[str, object]:
    home = context.snapshot(clock.now())
    found: dict[str, object] = {}
    for own in home.all_devices():
        device = home.device(own)
        for feature in device.features if device is not None else ():
            reading = home.reading(own, feature.key)
            found[f"{own}/{feature.key}"] = reading.value if reading is not None else None
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
