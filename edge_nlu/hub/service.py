"""Get on with the machine: its clock, one hub for each state folder, word to the service manager, a log."""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import socket
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO

from edge_nlu.errors import SettingsError, StorageError

LOCK = "hub.lock"
SPARING = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONNODEBUGRANGES": "1",
    "PYTHONOPTIMIZE": "2",
}
"""What the environment of a hub tells its libraries: no memory for threads that it does not have; large
pieces, such as a pack's weights, each by itself, so that they leave no gaps when they go; and neither texts
that explain code, 2 MB in NumPy and Python, nor its columns, which tracebacks would underline."""

FIRST_TRUE_YEAR = 2024
"""A board without a battery for its clock starts in 1970, or when it was last on."""


class SystemClock:
    """The local time of this machine."""

    def now(self) -> datetime:
        """Return the local time, with its zone."""
        return datetime.now().astimezone()

    @property
    def is_set(self) -> bool:
        """Return whether the time can be true; from one that is not, nothing is learned."""
        return self.now().year >= FIRST_TRUE_YEAR


class StateLock:
    """The right to write in a state folder; the system takes it back however the process ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take the lock, or raise an error that names the process that holds it."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = (self._folder / LOCK).open("a+", encoding="utf-8")
        except OSError as error:
            raise StorageError(
                self._folder,
                str(error),
                "a folder that can be written",
                "look at its rights, or set state_dir",
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read(20).strip() or "unknown"
            file.close()
            raise SettingsError(
                "state_dir",
                f"{self._folder}, which the hub with process id {holder} uses",
                "a folder of its own",
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            self._file.close()
            self._file = None


class ServiceManager:
    """systemd, or nobody."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # a leading @ stands for the zero byte of an address without a file
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_s = _seconds(environment)

    def tell(self, state: str) -> None:
        """Tell the service manager READY=1, WATCHDOG=1 or STOPPING=1."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.sendto(state.encode(), self._address)
        except OSError:
            # it is gone or does not listen; the house matters more
            return


# looked up once: each look leaves a class of its own behind
_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back_memory() -> None:
    """Give back what was needed for a moment; the C library keeps it otherwise."""
    if _TRIM is not None:
        _TRIM(0)


def _seconds(environment: Mapping[str, str]) -> float:
    """Return how often the service manager wants to hear that we live, or 0."""
    wanted = environment.get("WATCHDOG_USEC", "")
    whose = environment.get("WATCHDOG_PID", "") or str(os.getpid())
    return int(wanted) / 1e6 if wanted.isdigit() and whose == str(os.getpid()) else 0.0


def log_to_stderr(level: str, environment: Mapping[str, str] = os.environ) -> None:
    """Tell what happens on stderr; a journal has its own clock, and takes the importance from a number."""
    dated = logging.Formatter("%(asctime)s %(levelname)-7s %(message)s")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_ForJournal() if "JOURNAL_STREAM" in environment else dated)
    ours = logging.getLogger("edge_nlu")
    ours.addHandler(handler)
    ours.setLevel(level.upper())


class _ForJournal(logging.Formatter):
    """One line, headed by its importance as systemd reads it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        importance = {logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6}.get(record.levelno, 7)
        return f"<{importance}>{super().format(record)}"
