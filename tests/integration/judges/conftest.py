"""Real programs to be judged by, each started as its users start it, beside a real broker and a real hub.

They lie in the folder that $EDGE_NLU_JUDGES names, as `make judges` put them there; see docs/judges.md.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.transport.broker import Heard
from edge_nlu.transport.paho import Access, PahoTransport
from edge_nlu.values import Message

JUDGES = Path(os.environ.get("EDGE_NLU_JUDGES", ""))
RADIO = Path(__file__).with_name("radio.cjs")
PATIENCE_S = 300.0
"""Seconds to wait for what comes within three as a rule, since a machine may be busy."""


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


class Program:
    """A program that runs until the test is over; what it says goes into a file."""

    def __init__(self, log: Path, command: Sequence[str | Path], **environment: str) -> None:
        self._log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                command,
                cwd=log.parent,
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def tell(self, said: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(said).encode() + b"\n")
        self._process.stdin.flush()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Home:
    """A broker with somebody at it who hears everything, and the programs that were started beside it."""

    def __init__(self, broker: Any, folder: Path) -> None:
        self.port = int(broker.port)
        self.folder = folder
        self.wyoming = free_port()
        self.settings = folder / "edge-nlu.toml"
        self._heard: list[Heard] = []
        self._programs: list[Program] = []
        self._asked = 0
        self.people = PahoTransport(Access("127.0.0.1", self.port, client_id="people", largest_bytes=4 << 20))
        self.people.listen(["#"])
        self.people.start(self._heard.append)
        self.until(lambda: self.people.connected)

    def start(self, name: str, command: Sequence[str | Path], **environment: str) -> Program:
        self._programs.append(Program(self.folder / f"{name}.log", command, **environment))
        return self._programs[-1]

    def until(self, found: Callable[[], Any]) -> Any:
        """Wait for something, and return it; say what all programs said when it does not come."""
        end = time.monotonic() + PATIENCE_S
        while not (there := found()):
            if time.monotonic() > end:
                raise AssertionError("waited in vain\n" + "\n".join(one.log() for one in self._programs))
            time.sleep(0.02)
        return there

    def said(self, topic: str) -> list[Any]:
        """Return all that was said on a topic, as JSON where it is."""
        return [_json(heard.payload) for heard in list(self._heard) if heard.topic == topic]

    def last(self, topic: str) -> Any:
        said = self.said(topic)
        return said[-1] if said else None

    def publish(self, topic: str, said: object, *, retain: bool = False) -> None:
        payload = said if isinstance(said, str) else json.dumps(said)
        assert self.people.publish(Message(topic, payload.encode(), retain=retain))

    # ---------------------------------------------------------------------------------------- our hub

    def run_hub(self, more: str = "") -> None:
        self.settings.write_text(
            f"state_dir = '{self.folder}/state'\n[mqtt]\nhost = '127.0.0.1'\nport = {self.port}\n"
            f"[ears.wyoming]\non = true\nhost = '127.0.0.1'\nport = {self.wyoming}\n{more}"
        )
        command = [sys.executable, "-m", "edge_nlu", "hub", "run", "--config", self.settings]
        self.start("hub", command)
        self.until(lambda: self.last("edge-nlu/status") == "online")

    def ask(self, text: str, **more: str) -> dict[str, Any]:
        """Say a sentence, and return what comes of it."""
        self._asked += 1
        name = f"r-{self._asked}"
        self.publish("edge-nlu/ask", {"text": text, "id": name, **more})
        return self.until(lambda: self.results(name))[0]

    def results(self, name: str = "") -> list[dict[str, Any]]:
        return [one for one in self.said("edge-nlu/result") if name in ("", one["id"])]

    def late(self) -> dict[str, Any]:
        """Return what is told of the last sentence after its answer."""
        return self.until(lambda: self.results(f"r-{self._asked}")[1:])[0]

    def shown(self) -> dict[str, dict[str, Any]]:
        """Return the devices that `edge-nlu home show` lists."""
        command = [sys.executable, "-m", "edge_nlu", "home", "show", "--json", "--config", self.settings]
        told = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE_S).stdout
        return {device["id"]: device for device in json.loads(told)}

    def stop(self) -> None:
        for program in reversed(self._programs):
            program.stop()
        self.people.stop()


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")


@pytest.fixture
def home(broker: Any, tmp_path: Path) -> Iterator[Home]:
    if not broker.is_mosquitto:
        pytest.skip("needs Mosquitto: apt-get install mosquitto")
    made = Home(broker, tmp_path)
    yield made
    made.stop()


def the(name: str) -> Path:
    """Return where a program was installed, or leave the test out."""
    folder = JUDGES / name
    if not folder.is_dir():
        pytest.skip(f"needs {name}, which `make judges` installs")
    return folder


# ---------------------------------------------------------------------------------------- Zigbee2MQTT

BASIC, POWER, IDENTIFY, GROUPS, SCENES, ON_OFF, LEVEL, COLOR = 0, 1, 3, 4, 5, 6, 8, 768
COVER, LOCK, TEMPERATURE, HUMIDITY = 258, 257, 1026, 1029
LAMP = [BASIC, IDENTIFY, GROUPS, SCENES, ON_OFF, LEVEL]
# name, model, maker, sort of device, clusters
NETWORK = (
    ("kitchen/ceiling", "TRADFRI bulb E27 WS opal 980lm", "IKEA of Sweden", 544, [*LAMP, COLOR]),
    ("living room/floor lamp", "LCT015", "Philips", 528, [*LAMP, COLOR]),
    ("living room/reading lamp", "LCT015", "Philips", 528, [*LAMP, COLOR]),
    ("coffee plug", "TRADFRI control outlet", "IKEA of Sweden", 266, LAMP),
    (
        "bedroom/blind",
        "FYRTUR block-out roller blind",
        "IKEA of Sweden",
        514,
        [BASIC, POWER, IDENTIFY, COVER],
    ),
    ("bedroom/climate", "lumi.weather", "LUMI", 770, [BASIC, IDENTIFY, TEMPERATURE, HUMIDITY]),
    ("front door lock", "YRD226 TSDB", "Yale", 10, [BASIC, POWER, IDENTIFY, LOCK]),
)
SLEEPS = ("bedroom/blind", "bedroom/climate", "front door lock")
TOGETHER = ("living room/floor lamp", "living room/reading lamp")


class Zigbee2Mqtt:
    """A real Zigbee2MQTT whose radio lies in memory, with a small network."""

    def __init__(self, home: Home, base: str = "zigbee2mqtt") -> None:
        self._home = home
        self._base = base
        program = the("zigbee2mqtt") / "node_modules"
        data = home.folder / f"network-{base}"
        data.mkdir()
        _write_network(data, home.port, base)
        command = [program / ".bin/node", "--require", RADIO, program / "zigbee2mqtt/index.js"]
        self._program = home.start("zigbee2mqtt", command, ZIGBEE2MQTT_DATA=str(data))
        home.until(lambda: home.last(f"{base}/bridge/state") == {"state": "online"})
        home.until(lambda: home.last(f"{base}/bridge/devices"))

    def tell(self, name: str, cluster: str, **attributes: int) -> None:
        """Let a device tell something of itself."""
        self._program.tell({"tell": {"nwk": _nwk(name), "cluster": cluster, "attributes": attributes}})

    def take_power(self, name: str) -> None:
        self._program.tell({"dead": _nwk(name)})

    def heard(self, name: str) -> list[dict[str, Any]]:
        """Return the commands that came to a device over the radio."""
        lines = [
            line.removeprefix("radio ") for line in self._program.log().splitlines() if "radio {" in line
        ]
        return [one for one in map(json.loads, lines) if one.get("nwk") == _nwk(name)]

    def request(self, what: str, **more: object) -> None:
        """Ask of it what its own page would, and wait until it is done."""
        answers = f"{self._base}/bridge/response/{what}"
        before = len(self._home.said(answers))
        self._home.publish(f"{self._base}/bridge/request/{what}", more)
        answer = self._home.until(lambda: self._home.said(answers)[before:])[0]
        assert answer["status"] == "ok", answer


def _nwk(name: str) -> int:
    return 1 + [one for one, *_ in NETWORK].index(name)


def _address(name: str) -> str:
    return f"0x{_nwk(name):016x}"


def _write_network(data: Path, port: int, base: str) -> None:
    """Write the settings and the database that a Zigbee2MQTT of this network would have."""
    stick = {"id": 1, "type": "Coordinator", "ieeeAddr": "0x00124b0000000000", "nwkAddr": 0}
    rows: list[dict[str, Any]] = [
        {**stick, "epList": [1], "endpoints": {"1": _endpoint(5, [])}, "interviewCompleted": True, "meta": {}}
    ]
    for row, (name, model, maker, sort, clusters) in enumerate(NETWORK, 2):
        what = {"modelId": model, "manufName": maker, "manufId": 4447, "zclVersion": 3}
        kind = "EndDevice" if name in SLEEPS else "Router"
        power = "Battery" if name in SLEEPS else "Mains (single phase)"
        where = {
            "id": row,
            "type": kind,
            "ieeeAddr": _address(name),
            "nwkAddr": _nwk(name),
            "powerSource": power,
        }
        ready = {
            "interviewCompleted": True,
            "interviewState": "SUCCESSFUL",
            "meta": {"configured": 1},
            "lastSeen": int(time.time() * 1000),
        }
        rows.append({**where, **what, **ready, "epList": [1], "endpoints": {"1": _endpoint(sort, clusters)}})
    members = [{"deviceIeeeAddr": _address(name), "endpointID": 1} for name in TOGETHER]
    rows.append({"id": 100, "type": "Group", "groupID": 1, "members": members, "meta": {}})
    (data / "database.db").write_text("".join(json.dumps(row) + "\n" for row in rows))
    settings = {
        "version": 5,
        "mqtt": {"base_topic": base, "server": f"mqtt://127.0.0.1:{port}"},
        "serial": {"port": os.devnull, "adapter": "ember"},
        "frontend": {"enabled": False},
        "homeassistant": {"enabled": True},
        "availability": {"enabled": True},
        "advanced": {"log_output": ["console"], "network_key": list(range(16)), "pan_id": 6754},
        "devices": {_address(name): {"friendly_name": name} for name, *_ in NETWORK},
        "groups": {"1": {"friendly_name": "living room/lamps"}},
    }
    # JSON is YAML, too
    (data / "configuration.yaml").write_text(json.dumps(settings))


def _endpoint(sort: int, clusters: list[int]) -> dict[str, Any]:
    profile = {"profId": 260, "epId": 1, "devId": sort, "inClusterList": clusters, "outClusterList": []}
    return {**profile, "clusters": {}, "binds": [], "configuredReportings": [], "meta": {}}


@pytest.fixture
def zigbee2mqtt(home: Home) -> Zigbee2Mqtt:
    return Zigbee2Mqtt(home)


# ------------------------------------------------------------------------------------- Home Assistant

CONFIGURATION = {
    "homeassistant": {"name": "home", "time_zone": "UTC", "country": "GB", "language": "en"},
    "logger": {"default": "warning"},
    **dict.fromkeys(("api", "config", "conversation", "onboarding", "websocket_api")),
    "input_boolean": {"fountain": {"name": "Fountain"}},
}
OWNER = {"name": "ana", "username": "ana", "password": "of the judges", "language": "en"}


class HomeAssistant:
    """A real Home Assistant without a screen, set up through the same steps as its pages make."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._program: Program | None = None
        self._token = ""
        self._port = free_port()
        self._folder = home.folder / "homeassistant"
        self._folder.mkdir()
        self._start({})
        self._sign_in()
        self.add("mqtt", {"broker": "127.0.0.1", "port": home.port})
        # a statestream begins with a start, and only where a broker is known by then
        self._program.stop()  # type: ignore[union-attr]
        self._start({"mqtt_statestream": {"base_topic": "ha", "publish_attributes": True}})
        home.until(lambda: home.last("homeassistant/status") == "online")

    def _start(self, more: Mapping[str, object]) -> None:
        http = {"server_host": "127.0.0.1", "server_port": self._port}
        settings = {**CONFIGURATION, "http": http, **more}
        (self._folder / "configuration.yaml").write_text(json.dumps(settings))
        python = the("homeassistant") / "bin/python"
        command = [python, "-m", "homeassistant", "--config", self._folder, "--skip-pip"]
        self._program = self._home.start("homeassistant", command)
        self._home.until(self._answers)

    def _answers(self) -> bool:
        try:
            return bool(self.call("GET", "/api/onboarding"))
        except OSError:
            return False

    def _sign_in(self) -> None:
        here = f"http://127.0.0.1:{self._port}/"
        code = self.call("POST", "/api/onboarding/users", {**OWNER, "client_id": here})["auth_code"]
        form = {"client_id": here, "grant_type": "authorization_code", "code": code}
        self._token = self.call("POST", "/auth/token", urllib.parse.urlencode(form))["access_token"]

    def call(self, method: str, path: str, said: object = None) -> Any:
        """Call its REST interface; a text is sent as a form."""
        body = None if said is None else (said if isinstance(said, str) else json.dumps(said)).encode()
        kind = "application/x-www-form-urlencoded" if isinstance(said, str) else "application/json"
        headers = {"Content-Type": kind}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}{path}", body, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def add(self, integration: str, answers: Mapping[str, object]) -> None:
        """Add an integration, as its dialog does."""
        flows = "/api/config/config_entries/flow"
        step = self.call("POST", flows, {"handler": integration})
        done = self.call("POST", f"{flows}/{step['flow_id']}", answers)
        assert done["type"] == "create_entry", done

    def state(self, entity: str) -> str:
        """Return an entity's state, an empty text where there is none."""
        try:
            return str(self.call("GET", f"/api/states/{entity}")["state"])
        except urllib.error.HTTPError:
            return ""

    def becomes(self, entity: str, state: str) -> None:
        self._home.until(lambda: self.state(entity) == state)

    def as_a_cloud(self) -> str:
        """Return the settings of a hub that asks it what the hub cannot answer."""
        where = f"url = 'http://127.0.0.1:{self._port}'\ntoken = '{self._token}'\nmask = false\n"
        return f"[cloud]\nbackend = 'homeassistant'\n{where}deadline_s = 20.0\nfirst_byte_s = 15.0\n"

    def type(self, text: str) -> tuple[str, str]:
        """Type a sentence to the hub as its agent; return the kind of answer, and what is shown."""
        said = {"text": text, "language": "en", "agent_id": "conversation.edge_nlu"}
        response = self.call("POST", "/api/conversation/process", said)["response"]
        return response["response_type"], response["speech"]["plain"]["speech"]


@pytest.fixture
def home_assistant(home: Home) -> HomeAssistant:
    return HomeAssistant(home)


# --------------------------------------------------------------------------------------------- Hermes


@pytest.fixture
def dialogue(home: Home) -> Program:
    """A real dialogue manager of Hermes."""
    python = the("hermes") / "bin/python"
    where = ["--host", "127.0.0.1", "--port", str(home.port), "--site-id", "kitchen"]
    started = home.start("dialogue", [python, "-m", "rhasspydialogue_hermes", *where, "--debug"])
    manager = [f"dialogueManager/{what}Session" for what in ("start", "continue", "end")]
    for topic in (*manager, "asr/textCaptured", "tts/sayFinished", "nlu/intentNotRecognized"):
        home.until(lambda: f"Subscribed to hermes/{topic}" in started.log())  # noqa: B023
    return started
