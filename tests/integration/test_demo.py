"""The demo from a pipe: on its own broker and in one process, with a clean end and nobody left behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from edge_nlu.transport.broker import Heard
from edge_nlu.transport.paho import Access, PahoTransport
from edge_nlu.values import Message

COMMAND = [sys.executable, "-m", "edge_nlu", "demo"]
needs_broker = pytest.mark.skipif(find_spec("amqtt") is None, reason="needs the [demo] extra")


class Shown:
    """A demo that runs, typed to through a pipe."""

    def __init__(self, folder: Path, *options: str) -> None:
        environment = {**os.environ, "XDG_DATA_HOME": str(folder), "TMPDIR": str(folder)}
        self.process = subprocess.Popen(
            [*COMMAND, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            # whoever runs the tests in the background has Ctrl-C ignored, and what it starts as well
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.told: list[str] = []

    def until(self, wanted: str) -> str:
        """Read on to the line that has these words."""
        assert self.process.stdout is not None
        for line in iter(self.process.stdout.readline, b""):
            self.told.append(line.decode())
            if wanted in self.told[-1]:
                return self.told[-1]
        raise AssertionError((self.told, self.process.stderr and self.process.stderr.read()))

    def port(self) -> int:
        found = re.search(r"port (\d+)", self.until(" port "))
        assert found is not None
        return int(found[1])

    def end(self, *typed: str) -> list[str]:
        """Type the rest, end the pipe, and return all that was told."""
        out, error = self.process.communicate("".join(f"{line}\n" for line in typed).encode(), timeout=60)
        assert (self.process.returncode, error) == (0, b"")
        return [*self.told, *out.decode().splitlines()]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[type[Shown]]:
    made: list[Shown] = []

    class Here(Shown):
        def __init__(self, *options: str) -> None:
            super().__init__(tmp_path, *options)
            made.append(self)

    yield Here
    for one in made:
        one.process.kill()
        one.process.wait()


def is_there(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def gone(port: int, seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while is_there(port):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@needs_broker
def test_a_home_on_a_broker_obeys_and_leaves_nothing_behind(demo: type[Shown], tmp_path: Path) -> None:
    shown = demo("--broker")
    port = shown.port()
    told = shown.end(
        "turn off the floor lamp",
        "is the floor lamp on?",
        ':set zigbee2mqtt/bedroom_window {"contact": true}',
        "which windows are open?",
        ":at 10:00",
        ":why",
        ":home",
    )
    assert '  zigbee2mqtt/living_room_floor_lamp/set  {"state": "OFF"}' in told
    answers = [line.rpartition("  (")[0] for line in told if line.endswith(" ms)")]
    assert len(answers) == 3
    assert answers[0].startswith("act: ")
    assert answers[1].startswith("answer: No")
    assert "open" in answers[2]
    assert "said: which windows are open?" in told
    assert any(line.startswith("it cannot be 10:00") for line in told)
    assert "21 devices in 5 rooms" in told
    assert gone(port)
    assert not list(tmp_path.glob("edge-nlu-demo-*"))


@needs_broker
def test_another_client_can_join_in(demo: type[Shown]) -> None:
    shown = demo("--broker")
    heard: list[Heard] = []
    client = PahoTransport(Access("127.0.0.1", shown.port(), client_id="another", protocol="3.1.1"))
    client.listen(["zigbee2mqtt/hallway_light/set"])
    client.start(heard.append)

    def told_to() -> list[bytes]:
        # amqtt tells whoever connects all that is retained
        return [one.payload for one in list(heard) if not one.retained]

    shown.until("Ctrl-D")
    for _ in range(200):
        if client.connected:
            break
        time.sleep(0.02)
    client.publish(Message("edge-nlu/ask", b"turn on the hallway light"))
    for _ in range(200):
        if told_to():
            break
        time.sleep(0.02)
    client.stop()
    assert told_to() == [b'{"state": "ON"}']
    told = shown.end("is the hallway light on?")
    assert any(line.startswith("act: ") for line in told), "what others say is shown too"
    assert any(line.startswith("answer: Yes") for line in told)


@needs_broker
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_the_broker_goes_with_whoever_started_it(demo: type[Shown], how: signal.Signals) -> None:
    shown = demo("--broker")
    port = shown.port()
    shown.until("Ctrl-D")
    shown.process.send_signal(how)
    shown.process.wait(10)
    assert gone(port)


def test_in_one_process_the_clock_can_be_moved(demo: type[Shown]) -> None:
    told = demo("--no-broker").end("turn on the kitchen spots", ":at 23:10", "what time is it?")
    assert '  zigbee2mqtt/kitchen_spots/set  {"state": "ON"}' in told
    assert "it is 23:10" in told
    assert not any(" port " in line for line in told)


def test_without_the_library_it_says_so_and_keeps_all_in_one_process(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['amqtt'] = None; from edge_nlu.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hidden, "demo"],
        input="turn off the floor lamp\n",
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path)},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "edge-nlu[demo]" in done.stdout
    assert "act: " in done.stdout
    asked = subprocess.run(
        [sys.executable, "-c", hidden, "demo", "--broker"], input="", capture_output=True, text=True
    )
    assert asked.returncode == 1
    assert "amqtt is not installed" in asked.stderr
