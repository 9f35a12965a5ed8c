"""Let commands on this machine ask a hub that runs: a socket in the state folder, for its owner alone.

One line of JSON comes in, one goes out. What is asked is done by the hub's own thread between sentences.
The broker is no place for it: whoever listens there must not read along, nor make the hub forget.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.desk import Desk

log = logging.getLogger(__name__)

SOCKET: Final = "hub.socket"
LONGEST: Final = 65_536
SPEAK_S: Final = 5.0
"""So long somebody who knocked may take to say what they want."""
WORK_S: Final = 300.0

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]


class Door:
    """The hub's side. Without a folder there is none."""

    def __init__(self, folder: Path | None, desk: Desk, answer: Answer) -> None:
        self._folder = folder
        self._desk = desk
        self._answer = answer
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Listen from now on; a folder that can hold no socket costs these commands and nothing else."""
        if self._folder is None:
            return
        listening = socket.socket(socket.AF_UNIX)
        try:
            (self._folder / SOCKET).unlink(missing_ok=True)
            with _address(self._folder) as address:
                listening.bind(address)
            # before anybody can connect
            (self._folder / SOCKET).chmod(0o600)
            listening.listen(4)
        except OSError as error:
            listening.close()
            log.warning("%s: commands cannot ask this hub (%s)", self._folder / SOCKET, error)
            return
        self._socket = listening
        Thread(target=self._listen, args=(listening,), name="door", daemon=True).start()

    def close(self) -> None:
        """Listen no longer."""
        if self._socket is not None and self._folder is not None:
            (self._folder / SOCKET).unlink(missing_ok=True)
            # closing alone does not end a call that waits
            self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None

    def _listen(self, listening: socket.socket) -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            with line:
                try:
                    line.settimeout(SPEAK_S)
                    line.sendall(_said(self._asked(json.loads(_heard(line)))))
                except (OSError, ValueError, RecursionError) as error:
                    log.warning("somebody at %s could not be answered: %s", SOCKET, error)

    def _asked(self, asked: Any) -> dict[str, Any]:
        """Have something done by the hub's thread, and return what it answers."""
        answers: SimpleQueue[dict[str, Any]] = SimpleQueue()

        def work() -> None:
            try:
                answers.put(self._answer(asked))
            except Exception as error:  # the house must go on
                if not isinstance(error, EdgeNluError):
                    log.exception("a request at %s broke", SOCKET)
                answers.put({"error": str(error) or type(error).__name__})

        self._desk.note(work)
        try:
            return answers.get(timeout=WORK_S)
        except Empty:
            return {"error": "the hub did not come to it; it goes on, look again later"}


def knock(folder: Path, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the hub that runs with a state folder, and return its answer."""
    try:
        with socket.socket(socket.AF_UNIX) as line, _address(folder) as address:
            line.settimeout(WORK_S)
            line.connect(address)
            line.sendall(_said(asked))
            answer: dict[str, Any] = json.loads(_heard(line))
    except (OSError, ValueError) as error:
        raise EdgeNluError(
            f"the hub in {folder} cannot be asked ({error}); is it just starting, or another's? Try again"
        ) from error
    if "error" in answer:
        raise EdgeNluError(str(answer["error"]))
    return answer


def _said(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told).encode() + b"\n"


def _heard(line: socket.socket) -> bytes:
    """Return a line that somebody said."""
    heard = b""
    while not heard.endswith(b"\n"):
        part = line.recv(LONGEST)
        if not part or len(heard) > LONGEST:
            raise ValueError(f"{len(heard)} bytes, expected one line of JSON")
        heard += part
    return heard


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    """Yield a name for the socket that is short however long that of the folder is."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}/{SOCKET}"
    finally:
        os.close(opened)
