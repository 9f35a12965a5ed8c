"""Start Mosquitto, which is what a hub is measured with: its cost is known, and most homes have it."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from edge_nlu.errors import EdgeNluError

PLACES = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
START_S = 10.0


def found() -> str:
    """Return where Mosquitto is, or raise an error that says how to get it."""
    place = shutil.which("mosquitto") or shutil.which("mosquitto", path=PLACES)
    if place is None:
        raise EdgeNluError(
            "mosquitto is not installed, and this measures with it; `apt-get install mosquitto`, "
            "or get it from mosquitto.org"
        )
    return place


def version() -> str:
    """Return what Mosquitto calls itself, such as "mosquitto 2.0.11"."""
    told = subprocess.run([found(), "-h"], capture_output=True, text=True).stdout
    return (told.splitlines() or ["mosquitto"])[0].replace(" version ", " ")


@contextmanager
def mosquitto(
    folder: Path, *, queue: int = 1000, port: int = 0, enter: Callable[[], None] | None = None
) -> Iterator[int]:
    """Run a broker that only this machine can reach, and yield its port, which is free unless it is given.

    `queue` is how many messages wait for a client that is slower than what comes for it; `enter` is called in
    its process before it begins.
    """
    port = port or _free_port()
    settings = folder / f"mosquitto-{port}.conf"
    settings.write_text(
        # as root it would become a user who may not see this folder
        "user root\npersistence false\nallow_anonymous true\n"
        f"max_queued_messages {queue}\nlistener {port} 127.0.0.1\n"
    )
    log = folder / f"mosquitto-{port}.log"
    with log.open("ab") as told:
        process = subprocess.Popen([found(), "-c", str(settings)], stdout=told, stderr=told, preexec_fn=enter)
    try:
        _wait_for(process, port, log)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = monotonic() + START_S
    while monotonic() < end and process.poll() is None:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.02)
    last = log.read_text(errors="replace").strip().rpartition("\n")[2]
    raise EdgeNluError(f"mosquitto does not start: {last or 'it does not say why'}")


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])
