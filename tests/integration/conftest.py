"""Brokers to test with: Mosquitto where it is installed, else that of the [demo] extra where it will do."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


class Broker:
    """A broker of its own kind on a port of its own, that can be stopped and started again."""

    def __init__(self, folder: Path, settings: str, port: int, *, small: bool) -> None:
        self.folder = folder
        self.port = port
        self.is_mosquitto = not small
        self._command = _amqtt(folder, port) if small else _mosquitto(folder, port, settings)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Broker:
        with (self.folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        for _ in range(200):
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise RuntimeError((self.folder / "broker.log").read_text())

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@pytest.fixture
def brokers(tmp_path: Path) -> Iterator[Callable[..., Broker]]:
    """Start brokers; one that is given settings has to be Mosquitto."""
    started: list[Broker] = []

    def start(settings: str = "allow_anonymous true", *, mqtt5: bool = False, port: int = 0) -> Broker:
        small = MOSQUITTO is None
        if small and (mqtt5 or settings != "allow_anonymous true"):
            pytest.skip("needs Mosquitto: apt-get install mosquitto")
        if small and find_spec("amqtt") is None:
            pytest.skip("needs a broker: apt-get install mosquitto, or pip install 'edge-nlu[demo]'")
        folder = tmp_path / f"broker-{len(started)}"
        folder.mkdir()
        started.append(Broker(folder, settings, port or free_port(), small=small))
        return started[-1].start()

    yield start
    for broker in started:
        broker.stop()


@pytest.fixture
def broker(brokers: Callable[..., Broker]) -> Broker:
    """A broker that lets everybody in."""
    return brokers()


def _mosquitto(folder: Path, port: int, settings: str) -> list[str]:
    config = folder / "mosquitto.conf"
    lines = textwrap.dedent(settings).strip()
    listener = "" if "listener" in lines else f"listener {port} 127.0.0.1\n"
    # as root it would change into a user who cannot read a test's files
    config.write_text(f"user root\npersistence false\n{listener}{lines.format(port=port, folder=folder)}\n")
    return [str(MOSQUITTO), "-c", str(config)]


def _amqtt(folder: Path, port: int) -> list[str]:
    config = folder / "amqtt.yaml"
    config.write_text(
        f"listeners:\n  default:\n    type: tcp\n    bind: 127.0.0.1:{port}\n"
        "plugins:\n  amqtt.plugins.authentication.AnonymousAuthPlugin:\n    allow_anonymous: true\n"
    )
    return [sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(config)]
