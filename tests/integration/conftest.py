"""Brokers and a small house to test with.

The broker is Mosquitto where it is installed, else that of the [demo] extra where it will do.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.hub.assemble import assemble
from edge_nlu.hub.daemon import Hub
from edge_nlu.hub.service import SystemClock
from edge_nlu.hub.settings import Settings, read_settings
from edge_nlu.interfaces import Understander
from edge_nlu.models.encoder import Encoder
from edge_nlu.transport.broker import Heard
from edge_nlu.transport.memory import MemoryBroker
from edge_nlu.values import Message

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


# ------------------------------------------------------------------------- a house without a network

LAMPS = ("kitchen_lamp", "hall_lamp", "bedroom_lamp")


def listed(name: str, number: int) -> dict[str, Any]:
    state = {
        "type": "binary",
        "name": "state",
        "property": "state",
        "access": 7,
        "value_on": "ON",
        "value_off": "OFF",
    }
    level = {
        "type": "numeric",
        "name": "brightness",
        "property": "brightness",
        "access": 7,
        "value_min": 0,
        "value_max": 254,
    }
    return {
        "ieee_address": f"0x{number:016x}",
        "type": "Router",
        "friendly_name": name,
        "supported": True,
        "disabled": False,
        "interview_completed": True,
        "power_source": "Mains (single phase)",
        "definition": {
            "model": "L1",
            "vendor": "V",
            "description": "",
            "exposes": [{"type": "light", "features": [state, level]}],
        },
    }


class House:
    """Lamps that obey unless they are `deaf`, and a hub that somebody talks to."""

    def __init__(
        self,
        settings: Settings,
        folder: Path | None,
        understander: Understander,
        clock: SystemClock | None,
        *,
        retained: bool,
    ) -> None:
        self.broker = MemoryBroker()
        self.deaf: set[str] = set()
        self.told: list[Message] = []
        self.heard: list[Heard] = []
        self.lamps = self.broker.client()
        self.lamps.listen(["zigbee2mqtt/+/set", "zigbee2mqtt/+/get"])
        self.lamps.start(self._behave)
        self.people = self.broker.client()
        self.people.listen(["edge-nlu/#", "hermes/#", "mine"])
        self.people.start(self.heard.append)
        self._retain("zigbee2mqtt/bridge/state", {"state": "online"})
        self._retain("zigbee2mqtt/bridge/devices", [listed(name, n) for n, name in enumerate(LAMPS, 1)])
        for name in LAMPS if retained else ():
            self._retain(f"zigbee2mqtt/{name}", {"state": "OFF", "brightness": 100})
        self.line = self.broker.client()
        self.hub: Hub | None = None
        self.error: Exception | None = None
        self._ready = threading.Event()
        self._make = lambda: assemble(
            settings,
            folder=folder,
            transport=self.line,
            understander=understander,
            clock=clock,
            environment={},
        )
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._ready.wait(20)
        self.until(lambda: self.line.connected or self.error)

    def _run(self) -> None:
        try:
            self.hub = self._make()
            self._ready.set()
            self.hub.run()
        except Exception as error:  # noqa: BLE001 - whoever made the house looks at it
            self.error = error
            self._ready.set()

    def _retain(self, topic: str, said: object) -> None:
        self.lamps.publish(Message(topic, json.dumps(said).encode(), retain=True))

    def _behave(self, heard: Heard) -> None:
        _, name, what = heard.topic.split("/")
        if what == "set":
            self.told.append(Message(heard.topic, heard.payload))
        if name not in self.deaf:
            state = json.loads(heard.payload) if what == "set" else {"state": "ON", "brightness": 7}
            self.lamps.publish(Message(f"zigbee2mqtt/{name}", json.dumps(state).encode()))

    def ask(self, text: str | bytes, **more: Any) -> None:
        payload = json.dumps({"text": text, **more}).encode() if more else text
        self.people.ask("edge-nlu/ask", payload if isinstance(payload, bytes) else payload.encode())

    def results(self, topic: str = "edge-nlu/result") -> list[dict[str, Any]]:
        return [json.loads(heard.payload) for heard in list(self.heard) if heard.topic == topic]

    def answer(self, text: str | bytes, **more: Any) -> dict[str, Any]:
        """Ask, and wait for the next result, or for the one of this name."""
        before, name = len(self.results()), more.get("id")

        def answers() -> list[dict[str, Any]]:
            return [one for one in self.results()[before:] if name is None or str(one["id"]) == str(name)]

        self.ask(text, **more)
        self.until(answers)
        return answers()[0]

    def until(self, condition: Callable[[], Any], seconds: float = 20.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.005)

    def close(self) -> None:
        if self.hub is not None:
            self.hub.stop()
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture
def house(tmp_path: Path, encoder: Encoder) -> Iterator[Callable[..., House]]:
    """Build houses, each with a hub of its own settings."""
    made: list[House] = []

    def make(
        text: str = "",
        *,
        folder: Path | None = None,
        understander: Understander | None = None,
        clock: SystemClock | None = None,
        retained: bool = True,
    ) -> House:
        file = tmp_path / "edge-nlu.toml"
        file.write_text(text)
        made.append(House(read_settings(file, {}), folder, understander or encoder, clock, retained=retained))
        return made[-1]

    yield make
    for one in made:
        one.close()
