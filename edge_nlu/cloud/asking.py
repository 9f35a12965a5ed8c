"""Ask a service within a deadline, whatever it does: refuse, hang, drip, send megabytes, talk nonsense.

Whoever asks waits for the deadline and no longer; a request that is stuck is left to itself. What failed
before it was sent, or may be repeated, is tried again after a pause of random length, so that a service that
comes back is not met by all at once. A service that does nothing but answer is asked a second time when the
first answer is late, and the first of the two counts. Redirections are not followed: the text is for the
named place alone.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from random import uniform
from threading import Semaphore, Thread
from time import monotonic, sleep
from typing import Final, TypeAlias

import urllib3

from edge_nlu.cloud.replies import Cloud, Post, Reply

log = logging.getLogger(__name__)

LARGEST_BYTES: Final = 65_536
"""Of an answer; what is larger is no answer to a sentence."""
TRIES: Final = 3
PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 0.6
HEDGE: Final = 0.6
"""After this share of the time for a first byte a second request goes out beside the first."""
AT_ONCE: Final = 8
"""Requests that may be on their way or stuck; with so many, nothing more is asked."""
_TOO_MANY, _BROKEN = 429, 500


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for a connection, for the first byte, for all of it."""

    connect_s: float
    first_byte_s: float
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a question: an answer, or the trouble there was; and how often it was sent."""

    reply: Reply | None
    trouble: str = ""
    sent: int = 0


@dataclass(frozen=True, slots=True)
class _Failed:
    """Why one request got no answer, whether it reached the service, and whether another may."""

    trouble: str
    sent: bool
    passing: bool


_Outcome: TypeAlias = "Reply | _Failed"


class Asker:
    """The way to one service and back."""

    def __init__(self, cloud: Cloud, patience: Patience) -> None:
        self.cloud = cloud
        self._patience = patience
        self._free = Semaphore(AT_ONCE)
        timeout = urllib3.Timeout(connect=patience.connect_s, read=patience.first_byte_s)
        self._pool = urllib3.PoolManager(num_pools=2, maxsize=2, timeout=timeout, retries=False)

    def ask(self, post: Post, until: float) -> Came:
        """Return what comes of a request until a moment of the monotonic clock, and not later."""
        answers: SimpleQueue[_Outcome] = SimpleQueue()
        times = running = sent = 0
        hedge_s = self._patience.first_byte_s * HEDGE if self.cloud.repeatable else float("inf")
        begun = monotonic()
        trouble = "no answer in time"
        while (left := until - monotonic()) > 0:
            if not running or (running == 1 and times == 1 and monotonic() - begun >= hedge_s):
                if times == TRIES or not self._start(post, answers):
                    break
                times, running, sent = times + 1, running + 1, sent + 1
            try:
                outcome = answers.get(timeout=min(left, hedge_s) if times == 1 else left)
            except Empty:
                continue
            running -= 1
            if not isinstance(outcome, _Failed):
                return Came(outcome, sent=sent)
            trouble = outcome.trouble
            sent -= not outcome.sent
            again = outcome.passing and (self.cloud.repeatable or not outcome.sent)
            pause = uniform(0, min(LONGEST_PAUSE_S, PAUSE_S * 2**times))
            if not running:
                if not again or monotonic() + pause >= until:
                    break
                sleep(pause)
        return Came(None, trouble, sent)

    def _start(self, post: Post, answers: SimpleQueue[_Outcome]) -> bool:
        """Send a request in a thread of its own, since looking up a name cannot be given up."""
        if not self._free.acquire(blocking=False):
            return False
        until = monotonic() + self._patience.deadline_s

        def work() -> None:
            try:
                answers.put(self._once(post, until))
            finally:
                self._free.release()

        Thread(target=work, name="cloud", daemon=True).start()
        return True

    def _once(self, post: Post, until: float) -> _Outcome:
        try:
            response = self._pool.request(
                "POST",
                post.url,
                body=post.body,
                headers=dict(post.headers),
                preload_content=False,
                decode_content=False,
                redirect=False,
            )
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            return _Failed(f"cannot be reached ({type(error).__name__})", sent=False, passing=True)
        except urllib3.exceptions.HTTPError as error:
            return _Failed(f"broke off ({type(error).__name__})", sent=True, passing=True)
        except Exception as error:  # noqa: BLE001 - a thread nobody waits for must not end in silence
            return _Failed(f"cannot be asked ({type(error).__name__})", sent=False, passing=False)
        try:
            if response.status != 200:
                passing = response.status == _TOO_MANY or response.status >= _BROKEN
                return _Failed(f"answered with status {response.status}", sent=True, passing=passing)
            return self.cloud.read(json.loads(_body(response.read1, until)))
        except (ValueError, RecursionError) as error:
            return _Failed(f"talked nonsense ({str(error)[:80]})", sent=True, passing=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return _Failed(f"broke off ({type(error).__name__})", sent=True, passing=True)
        finally:
            # what was not read to its end cannot be used again
            response.close()


def _body(read: Callable[[int], bytes], until: float) -> bytes:
    """Return the body of an answer; raise a ValueError when it is too large, or comes too slowly."""
    body = bytearray()
    while part := read(LARGEST_BYTES):
        body += part
        if len(body) > LARGEST_BYTES:
            raise ValueError(f"more than {LARGEST_BYTES} bytes")
        if monotonic() > until:
            raise ValueError("dripping")
    return bytes(body)
