"""Fetch files over lines that break: what came stays, and the next try asks for the rest.

Only targets go on where they were cut: their names hold their checksums, so a name never stands for two
things. Whatever a server sends instead is noticed at the end, when all of it is checked, and thrown away.
"""

from __future__ import annotations

import errno
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final

import urllib3
from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    SlowRetrievalError,
)
from tuf.ngclient import FetcherInterface

PIECE: Final = 65_536

CONNECT_S, READ_S = 10.0, 30.0
PATIENCE_S: Final = 60.0
SLOWEST_BYTES_S: Final = 500.0
"""A server that sends less than this for so long is given up: it may want to keep us waiting for ever."""

TRIES: Final = 4
PAUSE_S: Final = 1.0
OUR_DISK: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class ResumingFetcher(FetcherInterface):  # type: ignore[misc] # tuf is not followed
    """Fetches; `received_bytes` counts all that came in."""

    def __init__(self, parts: Path, is_target: Callable[[str], bool], sleep: Callable[[float], None]) -> None:
        self._parts = parts
        self._is_target = is_target
        self._sleep = sleep
        self._pool = urllib3.PoolManager(
            maxsize=1,
            timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
            retries=urllib3.Retry(total=3, connect=0, read=0, status=0, other=0, redirect=3),
            headers={"User-Agent": "edge-nlu", "Accept-Encoding": "identity"},
        )
        self.received_bytes = 0

    def close(self) -> None:
        """Close what is still open."""
        self._pool.clear()

    @contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        """Yield a file with what is at an address; what is a target goes on where the last try was cut."""
        if not self._is_target(url):
            with super().download_file(url, max_length) as whole:
                yield whole
            return
        self._parts.mkdir(parents=True, exist_ok=True)
        part = self._parts / f"{sha256(url.encode()).hexdigest()}.part"
        self._complete(url, part, max_length)
        try:
            with part.open("rb") as file:
                yield file
        finally:
            # copied by whoever asked, or not what was signed
            part.unlink(missing_ok=True)

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            with self._asked(url, 0) as answer:
                yield from self._pieces(url, answer)
        except urllib3.exceptions.HTTPError as error:
            raise DownloadError(f"{url}: {_in_short(error)}") from error

    def _complete(self, url: str, part: Path, length: int) -> None:
        """Fetch what is missing of a file, as long as each try brings some of it."""
        vain = 0
        while (have := _size(part)) < length:
            try:
                self._append(url, part, have, length)
                return
            except (DownloadHTTPError, DownloadLengthMismatchError):
                part.unlink(missing_ok=True)
                raise
            except SlowRetrievalError:
                raise
            except (urllib3.exceptions.HTTPError, OSError, DownloadError) as error:
                if isinstance(error, OSError) and error.errno in OUR_DISK:
                    part.unlink(missing_ok=True)
                    raise
                vain = 0 if _size(part) > have else vain + 1
                if vain >= TRIES:
                    raise DownloadError(
                        f"{url}: {_size(part)} of {length} bytes came ({_in_short(error)})"
                    ) from error
                self._sleep(random.uniform(0, PAUSE_S * 2**vain))

    def _append(self, url: str, part: Path, have: int, length: int) -> None:
        """Add what a server sends after the bytes that are there, until it ends."""
        with self._asked(url, have) as answer:
            goes_on = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(
                f"bytes {have}-"
            )
            with part.open("ab" if goes_on else "wb") as file:
                for piece in self._pieces(url, answer):
                    file.write(piece)
                    if file.tell() > length:
                        raise DownloadLengthMismatchError(
                            f"{url}: more than the {length} bytes that were signed"
                        )

    @contextmanager
    def _asked(self, url: str, begin: int) -> Iterator[Any]:
        """Yield the answer of a server that was asked for a file from a byte on."""
        headers = {**self._pool.headers, **({"Range": f"bytes={begin}-"} if begin else {})}
        answer = self._pool.request("GET", url, headers=headers, preload_content=False)
        try:
            if answer.status not in (200, 206):
                raise DownloadHTTPError(f"{url}: status {answer.status}", answer.status)
            yield answer
        finally:
            # the rest of a file that is not wanted any more need not be read
            answer.close()

    def _pieces(self, url: str, answer: Any) -> Iterator[bytes]:
        begun, came = time.monotonic(), 0
        while piece := answer.read1(PIECE):
            came += len(piece)
            self.received_bytes += len(piece)
            spent = time.monotonic() - begun
            if spent > PATIENCE_S and came < spent * SLOWEST_BYTES_S:
                raise SlowRetrievalError(f"{url}: {came} bytes in {spent:.0f} seconds")
            yield piece


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _in_short(error: Exception) -> str:
    """Return why a server could not be asked, without how often that was tried."""
    return str(getattr(error, "reason", None) or error)
