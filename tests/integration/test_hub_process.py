"""The hub as it runs on a board: a process of its own beside a real broker."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.transport.broker import Heard
from edge_nlu.transport.paho import Access, PahoTransport
from edge_nlu.values import Message
from edge_nlu_bench.endpoint import Endpoint
from edge_nlu_bench.endpoint import said as in_words

COMMAND = [sys.executable, "-m", "edge_nlu", "hub"]


class Running:
    """A hub's process, and somebody beside it at the broker who plays one lamp."""

    def __init__(self, broker: Any, folder: Path, text: str, **environment: str) -> None:
        self.broker = broker
        self.heard: list[Heard] = []
        self.folder = folder
        self.file = folder / "edge-nlu.toml"
        self.file.write_text(
            f"state_dir = '{folder}/state'\n[mqtt]\nhost = '127.0.0.1'\nport = {broker.port}\n{text}"
        )
        self.environment = {**os.environ, **environment}
        self.process: subprocess.Popen[bytes] | None = None
        self.people = PahoTransport(Access("127.0.0.1", broker.port, client_id="people"))
        self.people.listen(["edge-nlu/#", "zigbee2mqtt/+/set"])
        self.people.start(self._hear)
        self.until(lambda: self.people.connected)
        state = {"type": "binary", "property": "state", "name": "state", "access": 7}
        state |= {"value_on": "ON", "value_off": "OFF"}
        lamp = {"ieee_address": "0x1", "type": "Router", "friendly_name": "hall_lamp", "supported": True}
        lamp["definition"] = {
            "model": "L",
            "vendor": "V",
            "exposes": [{"type": "light", "features": [state]}],
        }
        for topic, said in (
            ("zigbee2mqtt/bridge/devices", [lamp]),
            ("zigbee2mqtt/hall_lamp", {"state": "OFF"}),
        ):
            self.people.publish(Message(topic, json.dumps(said).encode(), retain=True))

    def _hear(self, heard: Heard) -> None:
        self.heard.append(heard)
        if heard.topic == "zigbee2mqtt/hall_lamp/set":
            self.people.publish(Message("zigbee2mqtt/hall_lamp", heard.payload))

    def start(self) -> Running:
        with (self.folder / "hub.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "run", "--config", str(self.file)], stderr=log, stdout=log, env=self.environment
            )
        return self

    def log(self) -> str:
        return (self.folder / "hub.log").read_text()

    def payloads(self, topic: str) -> list[bytes]:
        return [heard.payload for heard in list(self.heard) if heard.topic == topic]

    def is_there(self) -> bool:
        return self.payloads("edge-nlu/status")[-1:] == [b"online"]

    def ask(self, text: str, name: str) -> dict[str, Any]:
        """Ask until there is an answer: a hub that has just come back may not listen yet."""
        answers = list[dict[str, Any]]()

        def answered() -> bool:
            answers[:] = [
                one for one in map(json.loads, self.payloads("edge-nlu/result")) if one["id"] == name
            ]
            return bool(answers)

        for _ in range(20):
            self.people.publish(Message("edge-nlu/ask", json.dumps({"text": text, "id": name}).encode()))
            end = time.monotonic() + 1
            while time.monotonic() < end and not answered():
                time.sleep(0.01)
            if answers:
                return answers[0]
        raise AssertionError(self.log())

    def until(self, condition: Callable[[], Any], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.log() if self.process else "waited in vain"
            time.sleep(0.01)

    def end(self, how: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        code = self.process.wait(20)
        self.process = None
        return code

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.people.stop()


@pytest.fixture
def run(broker: Any, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    made: list[Running] = []

    def run(text: str = "", **environment: str) -> Running:
        made.append(Running(broker, tmp_path, text, **environment))
        return made[-1].start()

    yield run
    for one in made:
        one.close()


def test_it_switches_a_lamp_says_goodbye_and_comes_back(run: Callable[..., Running]) -> None:
    hub = run()
    hub.until(hub.is_there)
    hub.until(lambda: hub.ask("turn on the hall lamp", f"a{time.monotonic()}")["decision"] == "act")
    assert hub.payloads("zigbee2mqtt/hall_lamp/set")[-1] == b'{"state": "ON"}'
    assert hub.end() == 0
    hub.until(lambda: hub.payloads("edge-nlu/status")[-1] == b"offline")
    hub.start()
    hub.until(hub.is_there)
    assert hub.ask("turn off the hall lamp", "again")["decision"] == "act"
    assert "Traceback" not in hub.log()


def test_it_asks_outside_while_the_house_goes_on_and_tells_what_left(run: Callable[..., Running]) -> None:
    endpoint = Endpoint().start()
    endpoint.answer = lambda _: in_words("It is high.")
    hub = run(f'[cloud]\nbackend = "openai"\nurl = "{endpoint.url}"\n', EDGE_NLU_CLOUD__TOKEN="from-outside")
    hub.until(hub.is_there)
    hub.until(lambda: hub.ask("turn on the hall lamp", f"a{time.monotonic()}")["decision"] == "act")
    answer = hub.ask("how tall is mount everest in 1998", "tall")
    assert (answer["decision"], answer["say"], answer["asked"]) == ("answer", "It is high.", "openai")
    assert endpoint.heard[0]["headers"]["Authorization"] == "Bearer from-outside"
    endpoint.day = "slow"
    slow = {"text": "how deep is the sea", "id": "deep"}
    hub.people.publish(Message("edge-nlu/ask", json.dumps(slow).encode()))
    hub.until(lambda: len(endpoint.heard) > 1)
    assert hub.ask("turn off the hall lamp", "off")["decision"] == "act"
    hub.until(lambda: [one for one in hub.payloads("edge-nlu/result") if json.loads(one)["id"] == "deep"])
    endpoint.stop()
    command = [sys.executable, "-m", "edge_nlu", "privacy", "--config", str(hub.file)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert '"how tall is mount everest in <NUMBER_1>"' in told
    assert "how deep is the sea" in told
    assert "from-outside" not in hub.log() + told


def test_killed_at_any_moment_it_comes_back_and_says_so_at_the_broker(run: Callable[..., Running]) -> None:
    hub = run()
    for n in range(3):
        hub.until(hub.is_there)
        hub.ask("turn on the hall lamp", f"r-{n}")
        hub.people.publish(Message("edge-nlu/ask", b"turn off the hall lamp"))
        assert hub.end(signal.SIGKILL) == -signal.SIGKILL
        hub.until(lambda: hub.payloads("edge-nlu/status")[-1] == b"offline")
        hub.start()
    hub.until(hub.is_there)
    # acted on before it was killed, so not again
    hub.heard.clear()
    assert hub.ask("turn on the hall lamp", "r-0")["error"] == "this request was handled before"
    assert hub.end() == 0


def test_a_broker_that_goes_and_comes_finds_the_hub_and_nothing_late(run: Callable[..., Running]) -> None:
    hub = run()
    hub.until(hub.is_there)
    hub.ask("turn on the hall lamp", "r-1")
    hub.broker.stop()
    time.sleep(1)
    told = len(hub.payloads("zigbee2mqtt/hall_lamp/set"))
    hub.broker.start()
    hub.until(lambda: hub.people.connected)
    hub.until(hub.is_there)
    assert hub.ask("turn off the hall lamp", "r-2")["decision"] == "act"
    assert len(hub.payloads("zigbee2mqtt/hall_lamp/set")) == told + 1


def test_a_second_hub_keeps_off_the_state_of_the_first(run: Callable[..., Running]) -> None:
    hub = run()
    hub.until(hub.is_there)
    second = subprocess.run(
        [*COMMAND, "run", "--config", str(hub.file)], capture_output=True, text=True, timeout=30, check=False
    )
    assert second.returncode == 2
    assert "state_dir" in second.stderr
    assert "process id" in second.stderr
    assert second.stderr.count("\n") == 1


def test_the_service_manager_is_told_how_it_goes(run: Callable[..., Running], tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        hub = run(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="1000000", JOURNAL_STREAM="1:2")
        assert manager.recv(100) == b"READY=1"
        assert [manager.recv(100) for _ in range(2)] == [b"WATCHDOG=1"] * 2
        hub.end()
        said = b"WATCHDOG=1"
        while said == b"WATCHDOG=1":
            said = manager.recv(100)
        assert said == b"STOPPING=1"
    assert hub.log().startswith("<6>settings from ")


def test_the_home_can_be_looked_at_beside_a_hub(run: Callable[..., Running]) -> None:
    hub = run()
    hub.until(hub.is_there)
    look = [sys.executable, "-m", "edge_nlu", "home", "show", "--config", str(hub.file), "--seconds", "1"]
    shown = subprocess.run([*look, "--json"], capture_output=True, text=True, check=True, timeout=30)
    (lamp,) = json.loads(shown.stdout)
    assert (lamp["id"], lamp["room"], lamp["kind"]) == ("zigbee2mqtt/hall_lamp", "hall", "light")
    assert lamp["features"][0]["value"] is False
    assert hub.is_there()
    hub.end()
    hub.broker.stop()
    kept = subprocess.run(look, capture_output=True, text=True, check=True, timeout=30)
    assert "hall lamp" in kept.stdout


@pytest.mark.skipif(shutil.which("mosquitto_passwd") is None, reason="needs Mosquitto")
def test_a_password_and_rules_of_the_broker(brokers: Any, tmp_path: Path) -> None:
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(tmp_path / "pw"), "edge", "secret"], check=True)
    (tmp_path / "acl").write_text(
        "topic readwrite #\nuser edge\ntopic read zigbee2mqtt/#\ntopic readwrite edge-nlu/#\n"
    )
    broker = brokers(
        f"allow_anonymous true\npassword_file {tmp_path}/pw\nacl_file {tmp_path}/acl", mqtt5=True
    )
    (tmp_path / "password").write_text("secret\n")
    hub = Running(
        broker, tmp_path, f"user = 'edge'\npassword_file = '{tmp_path}/password'\n[limits]\necho_s = 60"
    )
    try:
        hub.start()
        hub.until(hub.is_there)
        assert hub.ask("turn on the hall lamp", "r-1")["decision"] == "act"
        hub.until(lambda: len([one for one in hub.payloads("edge-nlu/result") if b"r-1" in one]) == 2)
        late = json.loads(hub.payloads("edge-nlu/result")[-1])
        assert late["failed"] == [{"device": "hall_lamp", "reason": "the broker does not allow it"}]
        assert hub.log().count("does not let us publish on zigbee2mqtt/hall_lamp/set") == 1
        assert "secret" not in hub.log()
    finally:
        hub.close()


def test_a_hub_carries_neither_openssl_nor_an_event_loop(tmp_path: Path) -> None:
    (tmp_path / "edge-nlu.toml").write_text(
        "[mqtt]\nport = 1\n[ears.hermes]\non = true\n[ears.wyoming]\non = true\nhost = '127.0.0.1'\nport = 0"
    )
    code = """
import sys
from pathlib import Path
from threading import Timer
from edge_nlu.hub.assemble import assemble
from edge_nlu.hub.settings import read_settings
hub = assemble(read_settings(Path(sys.argv[1])), folder=Path(sys.argv[2]))
Timer(0.5, hub.stop).start()
hub.run()
print(*sorted({"_ssl", "_hashlib", "asyncio", "http.client", "wyoming", "tokenizers"} & set(sys.modules)))
"""
    arguments = [str(tmp_path / "edge-nlu.toml"), str(tmp_path / "state")]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", 0, "all right"),
        ("[mqtt]\nhots = 'x'", 2, "mqtt.hots: found a key that is not known, expected 'host'"),
        ("[mqtt]\nbase = 'a/#'", 2, "mqtt.base"),
        ("[mqtt]\npassword_file = '/nowhere'", 2, "mqtt.password_file"),
        ("[mqtt.tls]\non = true\nca = '/nowhere'", 2, "mqtt.tls.ca"),
        ("[bridges]\nzigbe2mqtt = true", 2, "'zigbee2mqtt'"),
        ("[bridges]\ntasmota = 'x'", 2, "true or false"),
        ("pack = '/nowhere'", 1, "model pack /nowhere"),
        ("profiles = '/nowhere'", 2, "/nowhere"),
        ("[mqtt]\npassword = 'x'", 0, "there is a password, but no mqtt.user"),
        ("[home.satellites.a]\nroom = 'hal'\n[home.rooms]\nhall = []", 0, "room hal"),
    ],
)
def test_settings_are_checked_before_anything_runs(tmp_path: Path, text: str, code: int, said: str) -> None:
    file = tmp_path / "edge-nlu.toml"
    file.write_text(text)
    done = subprocess.run(
        [*COMMAND, "check-config", "--config", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert said in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_every_setting_can_be_shown_but_the_password(tmp_path: Path) -> None:
    file = tmp_path / "edge-nlu.toml"
    file.write_text("[mqtt]\nuser = 'edge'\npassword = 's3cret'\n[bridges]\nhomie = false")
    done = subprocess.run(
        [*COMMAND, "check-config", "--config", str(file), "--show"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "mqtt.password = (hidden)" in done.stdout
    assert "bridges.homie = false" in done.stdout
    assert "s3cret" not in done.stdout
