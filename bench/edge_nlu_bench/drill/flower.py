"""Flower's own processes on this machine: a SuperLink with the fleet's server app, and SuperNodes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

from edge_nlu.errors import EdgeNluError
from edge_nlu.fleet.certificates import CA, SERVER, SERVER_KEY

CONNECTION: Final = "drill"
START_S: Final = 120.0
HUNG_S: Final = 180.0
AGAIN_S: Final = 5.0
MARK: Final = "EDGE_NLU_DRILL"
_BIN: Final = Path(sys.executable).parent


def environment(folder: Path) -> dict[str, str]:
    """Return what Flower's processes are told of where they are: all they keep lies in the drill's folder."""
    return {
        **os.environ,
        # they start one another by name
        "PATH": f"{_BIN}{os.pathsep}{os.environ.get('PATH', '')}",
        "FLWR_HOME": str(folder / "flwr"),
        "FLWR_TELEMETRY_ENABLED": "0",
        "FLWR_DISABLE_UPDATE_CHECK": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
        "PYTHONWARNINGS": "ignore",
    }


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Service:
    """A process and all that it starts, as under a service manager: what ends by itself is started again.

    Killed, they all die at once, as by a power cut.
    """

    def __init__(self, name: str, command: list[str], folder: Path) -> None:
        self.name, self._command, self._folder = name, command, folder
        # some of what it starts leaves its session, but all know this
        self._mark = f"{MARK}={uuid4().hex}"
        self._process: subprocess.Popen[bytes] | None = None
        self._ended_s = 0.0

    def start(self) -> None:
        """Start the process; what it says is added to its log."""
        name, _, mark = self._mark.partition("=")
        with (self._folder / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdout=log,
                stderr=log,
                env={**environment(self._folder), name: mark},
                start_new_session=True,
            )

    def keep(self) -> None:
        """Start the process again, after a while, where it has ended by itself."""
        if self._process is None or self._process.poll() is None:
            self._ended_s = time.monotonic()
        elif time.monotonic() > self._ended_s + AGAIN_S:
            self.kill()
            self.start()

    def kill(self) -> None:
        """Kill all its processes."""
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait(HUNG_S)
            self._process = None

    def processes(self) -> list[int]:
        """Return the numbers of all its processes."""
        return [pid for pid, known in _environments() if self._mark.encode() in known]


class SuperLink(Service):
    """The server of SuperNodes, with TLS; only those whose keys were registered may come in."""

    def __init__(self, folder: Path, certificates: Path) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self.ca = certificates / CA
        port = self.address.rpartition(":")[2]
        command = [
            *(str(_BIN / "flower-superlink"), "--host", "127.0.0.1", "--port", port),
            *("--ssl-ca-certfile", str(self.ca), "--ssl-certfile", str(certificates / SERVER)),
            *("--ssl-keyfile", str(certificates / SERVER_KEY), "--enable-supernode-auth"),
            *("--database", str(folder / "link.db"), "--disable-runtime-dependency-installation"),
        ]
        super().__init__("superlink", command, folder)
        home = folder / "flwr"
        home.mkdir()
        (home / "config.toml").write_text(
            f'[superlink]\ndefault = "{CONNECTION}"\n[superlink.{CONNECTION}]\n'
            f'address = "{self.address}"\nroot-certificates = "{self.ca}"\n'
        )

    def start(self) -> None:
        """Start, and wait until somebody can come in."""
        super().start()
        host, _, port = self.address.rpartition(":")
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            with suppress(OSError), socket.create_connection((host, int(port)), 1.0):
                return
            time.sleep(0.2)
        raise EdgeNluError(f"superlink: nobody answers at {self.address} after {START_S:.0f} s; see its log")

    def run(self, app: Path) -> None:
        """Have the SuperLink run an app."""
        self._flwr("run", str(app), CONNECTION)

    def register(self, key: Path) -> None:
        """Let the SuperNode with this key come in."""
        self._flwr("supernode", "register", str(key), CONNECTION)

    def _flwr(self, *arguments: str) -> None:
        done = subprocess.run(
            [str(_BIN / "flwr"), *arguments],
            capture_output=True,
            text=True,
            timeout=HUNG_S,
            env=environment(self._folder),
        )
        if done.returncode:
            raise EdgeNluError(f"flwr {' '.join(arguments)}: {(done.stdout + done.stderr)[-500:]}")


class SuperNode(Service):
    """A big hub: `settings` is its own file, as any hub has."""

    def __init__(self, folder: Path, name: str, link: SuperLink, settings: Path) -> None:
        key = folder / f"{name}.key"
        generate = ["ssh-keygen", "-q", "-t", "ecdsa", "-b", "384", "-N", "", "-f", str(key)]
        subprocess.run(generate, check=True, timeout=HUNG_S)
        self.public = key.with_name(f"{key.name}.pub")
        command = [
            *(str(_BIN / "flower-supernode"), "--superlink", link.address),
            *("--root-certificates", str(link.ca), "--auth-supernode-private-key", str(key)),
            *("--port", str(free_port()), "--node-config", f'settings="{settings}"'),
        ]
        super().__init__(name, command, folder)


def resident_mb(pid: int, field: str = "VmRSS") -> float:
    """Return how much memory a process has now, or nothing where it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def _environments() -> Iterator[tuple[int, list[bytes]]]:
    """Yield all processes of this user that have not ended, and what each was told when it was started."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                yield int(entry.name), (entry / "environ").read_bytes().split(b"\0")
