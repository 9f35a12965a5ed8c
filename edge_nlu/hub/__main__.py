"""The hub's process: `python -m edge_nlu.hub [SETTINGS FILE]`, which is what `edge-nlu hub run` becomes."""

from __future__ import annotations

import logging
import signal
import sys
from pathlib import Path

from edge_nlu.errors import EdgeNluError, SettingsError
from edge_nlu.hub.assemble import assemble
from edge_nlu.hub.service import StateLock, log_to_stderr
from edge_nlu.hub.settings import read_settings


def run(file: Path | None) -> None:
    """Run a hub until somebody stops it."""
    settings = read_settings(file)
    log_to_stderr(settings.log.level)
    folder = settings.state_folder()
    lock = StateLock(folder)
    lock.take()
    try:
        hub = assemble(settings, folder=folder)
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stop, lambda *_: hub.stop())
        logging.getLogger("edge_nlu.hub").info("settings from %s, state in %s", file or "nowhere", folder)
        hub.run()
    finally:
        lock.release()


if __name__ == "__main__":
    try:
        run(Path(sys.argv[1]) if sys.argv[1:] else None)
    except EdgeNluError as error:
        print(f"Error: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2 if isinstance(error, SettingsError) else 1)
