"""Set up what a home has: a broker, devices and a hub, each as real as it gets on one machine.

The broker is a process of its own on a free port that only this machine can reach, the devices are
pretended, and the hub is the one that serves homes. Another client can join in. When the conversation is
over, or its process dies, the broker goes too.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

from edge_nlu.errors import EdgeNluError, require
from edge_nlu.hub import view
from edge_nlu.hub.assemble import JOURNAL, assemble, broker
from edge_nlu.hub.daemon import Hub
from edge_nlu.hub.pretend import PretendHome, layout_of, read_home
from edge_nlu.hub.settings import Mqtt, Settings
from edge_nlu.hub.talk import Came, lines, new_name, tidy, trial
from edge_nlu.interfaces import Home, Understander
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.transport.broker import Heard, Transport
from edge_nlu.values import Message

HOST = "127.0.0.1"
START_S, ANSWER_S = 20.0, 15.0
SEEN_S, MOMENT_S = 0.5, 0.05
"""How long a new client needs to see the whole home, and a message to go around."""

ATTEMPTS = 3
"""A port that is free may be taken before the broker has it."""


class OnBroker:
    """A hub and pretend devices on a broker, and somebody there who talks to the hub."""

    def __init__(self, settings: Settings, devices: PretendHome, line: Transport, folder: Path) -> None:
        self.satellites: Collection[str] = tuple(one.id for one in settings.home.satellites)
        self._settings = settings
        self._devices = devices
        self._line = line
        self._journal = SqliteJournal(folder / JOURNAL)
        self._trial = SqliteJournal(trial())
        tidy(self._trial)
        self._results: Queue[dict[str, Any]] = Queue()
        self._there = Event()
        base = settings.mqtt.base
        line.listen([f"{base}/result", f"{base}/status"])
        line.start(self._hear, lambda _: None)

    def wait(self) -> None:
        """Wait until the hub says that it is there."""
        if not self._there.wait(START_S):
            raise EdgeNluError(f"the hub did not start within {START_S:.0f} seconds")

    def about(self) -> Iterator[str]:
        """Yield where another client can join in."""
        mqtt = self._settings.mqtt
        yield f"Its broker is at {mqtt.host} port {mqtt.port}, and another client can join in: publish a"
        yield f"sentence on {mqtt.base}/ask, hear {mqtt.base}/result and devices (zigbee2mqtt/#, homie/#)."

    def say(self, text: str, satellite: str, user: str) -> Came:
        """Say a sentence to the hub, over the broker, and wait for its answer."""
        name = new_name()
        request = json.dumps({"text": text, "satellite": satellite, "user": user, "id": name})
        end = monotonic() + ANSWER_S
        while not self._line.publish(Message(f"{self._settings.mqtt.base}/ask", request.encode())):
            if monotonic() > end:
                raise EdgeNluError("the broker of the demo is gone; start it again")
            sleep(MOMENT_S)
        while True:
            try:
                result = self._results.get(timeout=max(end - monotonic(), 0.0))
            except Empty:
                raise EdgeNluError(f"the hub did not answer within {ANSWER_S:.0f} seconds") from None
            if result["id"] == name:
                return self._came(result)

    def by_hand(self, topic: str, payload: str) -> None:
        """Let a device report something, as when somebody uses it."""
        self._devices.say(topic, payload)
        sleep(MOMENT_S)

    def move(self, hour: int, minute: int) -> str:
        """Move nothing: this is the clock of the machine."""
        return (
            f"it cannot be {hour:02}:{minute:02}: a real hub has the real time; --no-broker has one to move"
        )

    def news(self) -> Iterator[str]:
        """Yield what the hub has said since the last sentence, to others or of devices that did not obey."""
        while not self._results.empty():
            yield from lines(_as_shown(self._results.get()))

    def shown(self) -> Home:
        """Return the home as a new client sees it."""
        return view.look(self._settings, SEEN_S)

    def journal(self) -> SqliteJournal:
        """Return where the hub keeps what it learns."""
        return self._journal

    def close(self) -> None:
        """Leave the broker."""
        self._line.stop()
        self._journal.close()
        self._trial.close()

    def _hear(self, heard: Heard) -> None:
        if heard.topic.endswith("/status"):
            if heard.payload == b"online":
                self._there.set()
        elif not heard.retained:
            self._results.put(json.loads(heard.payload))

    def _came(self, result: dict[str, Any]) -> Came:
        # devices do as they are told, and the hub writes down its reasons
        sleep(MOMENT_S)
        exchange = self._journal.find(result["id"])
        if exchange is not None:
            # so that `why` finds it when the home is gone
            self._trial.write(exchange)
            self._trial.finish(exchange)
        return Came(_as_shown(result), exchange)


@contextmanager
def on_broker(home: str, understander: Understander) -> Iterator[OnBroker]:
    """Set up a broker, the devices of a home and a hub, and take all down in the end."""
    require("amqtt", extra="demo")
    described = read_home(home)
    layout = layout_of(described)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edge-nlu-demo-")))
        port = stack.enter_context(_broker())
        settings = Settings(mqtt=Mqtt(host=HOST, port=port, client_id="hub", protocol="3.1.1"), home=layout)
        devices = PretendHome(described, _client(settings, "devices"))
        stack.callback(devices.leave)
        stack.enter_context(_hub(settings, folder, understander))
        house = OnBroker(settings, devices, _client(settings, "somebody"), folder)
        stack.callback(house.close)
        house.wait()
        yield house


def _client(settings: Settings, name: str) -> Transport:
    return broker(replace(settings, mqtt=replace(settings.mqtt, client_id=name)), silently=True)


@contextmanager
def _hub(settings: Settings, folder: Path, understander: Understander) -> Iterator[None]:
    """Run a hub in a thread of its own."""
    made: Queue[Hub | Exception] = Queue()

    def run() -> None:
        try:
            hub = assemble(settings, folder=folder, understander=understander, environment={})
        except Exception as error:  # noqa: BLE001 - told by whoever waits for the hub
            made.put(error)
            return
        made.put(hub)
        hub.run()

    thread = Thread(target=run, name="hub", daemon=True)
    thread.start()
    hub = made.get()
    if isinstance(hub, Exception):
        raise hub
    try:
        yield
    finally:
        hub.stop()
        thread.join(10)


@contextmanager
def _broker() -> Iterator[int]:
    """Run a broker in a process of its own, and yield its port."""
    for _ in range(ATTEMPTS):
        port = _free_port()
        # without our terminal, so Ctrl-C is ours alone; it ends when the pipe to it does, however we end
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            if _answers(process, port):
                yield port
                return
        finally:
            _end(process)
    raise EdgeNluError("the broker of the demo does not start; try `edge-nlu demo --no-broker`")


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    end = monotonic() + START_S
    while monotonic() < end and process.poll() is None:
        with socket.socket() as line:
            if line.connect_ex((HOST, port)) == 0:
                return True
        sleep(0.05)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as line:
        line.bind((HOST, 0))
        return int(line.getsockname()[1])


def _as_shown(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of the hub with the names of a result."""
    return {("publishes" if name == "commands" else name): said for name, said in answer.items()}


class _Steady(dict[str, Any]):
    """A table that may change while somebody goes through it.

    amqtt 0.12 waits between its entries, and would throw out a client who connects while another subscribes.
    """

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(super().keys()))

    def items(self) -> Any:
        """Return the entries as they are now."""
        return tuple(super().items())


def serve(port: int) -> None:
    """Be a broker until standard input ends."""
    import asyncio

    from amqtt.broker import Broker

    async def until_the_end() -> None:
        everybody = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
        listeners = {"default": {"type": "tcp", "bind": f"{HOST}:{port}"}}
        made = Broker({"listeners": listeners, "plugins": everybody})
        made._subscriptions = _Steady()
        await made.start()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
        await asyncio.wait_for(made.shutdown(), 2)

    asyncio.run(until_the_end())


if __name__ == "__main__":
    serve(int(sys.argv[1]))
