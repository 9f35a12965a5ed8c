"""Do a piece of work in a copy of this process, so that what it needs for a moment is gone when it is done.

What a night reads takes some megabytes for a second. Freed piece by piece among all that stays, most of them
would never go back to the system; a process that ends gives back all of it.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import time
import traceback
from collections.abc import Generator
from select import POLLIN, poll
from typing import NoReturn, TypeVar

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.trying import NICE, PR_SET_PDEATHSIG

Result = TypeVar("Result")

WAIT_MS = 20
"""So long one slice waits for the copy; a sentence that comes meanwhile waits no longer."""

LONGEST_S = 900.0

_PIECE = 1 << 16


def here(work: Generator[None, None, Result]) -> Generator[None, None, Result]:
    """Do work in this process, a slice at a time."""
    return (yield from work)


def apart(work: Generator[None, None, Result]) -> Generator[None, None, Result]:
    """Do work in a copy of this process, and return what it returns; the copy ends with this generator.

    The copy changes nothing here, and must not use what other threads or files belong to: the journal least
    of all. What it returns comes back pickled.
    """
    inlet, outlet = os.pipe()
    try:
        child = os.fork()
    except OSError:
        os.close(inlet)
        os.close(outlet)
        raise
    if not child:
        _do(work, outlet)
    os.close(outlet)
    told = bytearray()
    looking = poll()
    looking.register(inlet, POLLIN)
    end = time.monotonic() + LONGEST_S
    try:
        while True:
            if time.monotonic() > end:
                raise EdgeNluError(f"what is learned at night: not read after {LONGEST_S:.0f} seconds")
            if looking.poll(WAIT_MS):
                piece = os.read(inlet, _PIECE)
                if not piece:
                    break
                told += piece
            yield
    finally:
        os.close(inlet)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    try:
        found, trouble = pickle.loads(told)
    except (EOFError, pickle.UnpicklingError) as error:
        raise EdgeNluError(
            "what is learned at night: the process that reads the day was ended by somebody"
        ) from error
    if trouble:
        raise EdgeNluError(trouble)
    result: Result = found
    return result


def _do(work: Generator[None, None, Result], outlet: int) -> NoReturn:
    """Do the work, tell what it returns or what went wrong, and end, with nothing else of the hub done."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.nice(NICE)
        # looking for garbage would write to all that is shared with the hub, and so copy it
        gc.freeze()
        with os.fdopen(outlet, "wb") as pipe:
            pipe.write(pickle.dumps(_outcome(work)))
    finally:
        os._exit(0)


def _outcome(work: Generator[None, None, Result]) -> tuple[Result | None, str]:
    """Return what work returns, or else what went wrong."""
    try:
        while True:
            next(work)
    except StopIteration as ended:
        return ended.value, ""
    except EdgeNluError as error:
        return None, str(error)
    except Exception:  # noqa: BLE001 - whatever it is, the hub tells it
        return None, traceback.format_exc()
