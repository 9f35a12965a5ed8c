"""A home with two lamps, a hub that takes in packs, and somebody who wants light.

Whoever wants a lamp on and finds it off says so once more, and then goes and presses the switch: no more is
said to the hub of what it did wrong.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from edge_nlu.errors import EdgeNluError
from edge_nlu.hub.assemble import assemble
from edge_nlu.hub.daemon import Hub
from edge_nlu.hub.service import SystemClock
from edge_nlu.hub.settings import read_settings
from edge_nlu.models.pack import MANIFEST, checksum
from edge_nlu.storage.packs import Packs, Slot, hand_in, log_in
from edge_nlu.transport.broker import Heard
from edge_nlu.transport.memory import MemoryBroker
from edge_nlu.values import Message

LAMPS: Final = ("hall_lamp", "kitchen_lamp")
SENTENCES: Final = ("turn {state} the {lamp}", "{lamp} {state}", "switch the {lamp} {state} please")
WAIT_S: Final = 90.0
LAMP_S: Final = 1.0
BETWEEN: Final = timedelta(minutes=20)
AGAIN: Final = timedelta(seconds=8)


class LaterClock(SystemClock):
    """The clock of the hub, on which time goes by between two wishes."""

    gone = timedelta(0)

    def now(self) -> datetime:
        """Return the local time, with its zone."""
        return super().now() + self.gone


class Home:
    """All of it in one folder; the hub can be started again and again."""

    def __init__(self, folder: Path, text: str = "") -> None:
        self.state = folder / "state"
        self.packs = Packs(self.state / "packs")
        self.incoming = self.state / "incoming"
        self.file = folder / "edge-nlu.toml"
        folder.mkdir(parents=True, exist_ok=True)
        self.file.write_text(f"state_dir = '{self.state}'\n{text}")
        self.hub: Hub | None = None
        self.clock = LaterClock()
        self._release = 0
        self._wished = 0
        self.turns = 0

    def start(self) -> Home:
        """Start the hub, with devices that it finds."""
        broker = MemoryBroker()
        self._lit = dict.fromkeys(LAMPS, False)
        self._people, self._heard = broker.client(), list[dict[str, Any]]()
        self._people.listen(["edge-nlu/result", "zigbee2mqtt/+/set"])
        self._people.start(self._hear)
        lamps = [_lamp(number, name) for number, name in enumerate(LAMPS)]
        self._people.publish(Message("zigbee2mqtt/bridge/devices", json.dumps(lamps).encode(), retain=True))
        for lamp in LAMPS:
            self._put(lamp, lit=False)
        line, made = broker.client(), threading.Event()

        def run() -> None:
            try:
                settings = read_settings(self.file, {})
                self.hub = assemble(
                    settings, folder=self.state, transport=line, clock=self.clock, environment={}
                )
            finally:
                made.set()
            self.hub.run()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        made.wait(WAIT_S)
        self.until(lambda: line.connected)
        return self

    def stop(self) -> None:
        """Stop the hub as it should be."""
        if self.hub is not None:
            self.hub.stop()
            self._thread.join(WAIT_S)
            self.hub = None

    def say(self, text: str) -> str:
        """Say something, and return what is decided."""
        before = len(self._heard)
        self._people.ask("edge-nlu/ask", text.encode())
        self.until(lambda: len(self._heard) > before)
        return str(self._heard[before]["decision"])

    def wish(self) -> bool:
        """Want a lamp on that is off, or the other way round; return whether the first sentence did it."""
        lamp = LAMPS[self._wished % len(LAMPS)]
        wanted = not self._lit[lamp]
        text = SENTENCES[self._wished % len(SENTENCES)]
        said = text.format(state="on" if wanted else "off", lamp=lamp.replace("_", " "))
        self._wished += 1
        self.clock.gone += BETWEEN
        for times in range(2):
            self.turns += 1
            # a lamp takes a moment
            end = time.monotonic() + (LAMP_S if self.say(said) == "act" else 0.0)
            while self._lit[lamp] != wanted and time.monotonic() < end:
                time.sleep(0.005)
            if self._lit[lamp] == wanted:
                return times == 0
            self.clock.gone += AGAIN
        self._put(lamp, lit=wanted)
        return False

    def hand_in(self, pack: Path, release: int = 0) -> Slot:
        """Do what sync does: put a pack beside a request."""
        self._release = release or self._release + 1
        name = json.loads((pack / MANIFEST).read_text())["id"]
        shutil.copytree(pack, self.incoming / name, dirs_exist_ok=True)
        slot = Slot(name, self._release, checksum(pack / MANIFEST))
        hand_in(self.incoming, slot)
        return slot

    def take_in(self, pack: Path) -> Slot:
        """Hand in a pack, and wait until it is in use."""
        slot = self.hand_in(pack)
        self.until(lambda: self.packs.current() == slot)
        return slot

    def events(self, slot: Slot) -> list[str]:
        """Return what the hub did with a pack."""
        return [one["event"] for one in log_in(self.packs.folder) if one["manifest"] == slot.manifest]

    def turns_until_left(self, slot: Slot, most: int = 60) -> int:
        """Go on wishing until a pack is left, and return how many turns that took."""
        begun = self.turns
        while self.packs.current() == slot and self.turns - begun < most:
            self.wish()
            # the hub looks at it right after its answer
            time.sleep(0.05)
        return self.turns - begun

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for something."""
        end = time.monotonic() + WAIT_S
        while not condition():
            if time.monotonic() > end:
                raise EdgeNluError("a hub was waited for in vain")
            time.sleep(0.005)

    def _hear(self, heard: Heard) -> None:
        told = json.loads(heard.payload)
        if heard.topic.endswith("/set"):
            self._put(heard.topic.split("/")[1], lit=told["state"] == "ON")
        elif told["decision"] != "failed":
            self._heard.append(told)

    def _put(self, lamp: str, *, lit: bool) -> None:
        self._lit[lamp] = lit
        said = json.dumps({"state": "ON" if lit else "OFF"}).encode()
        self._people.publish(Message(f"zigbee2mqtt/{lamp}", said, retain=True))


@contextmanager
def home_in(folder: Path) -> Iterator[Home]:
    """Yield a home whose hub is not yet started, and stop it in the end."""
    home = Home(folder)
    try:
        yield home
    finally:
        home.stop()


def _lamp(number: int, name: str) -> dict[str, Any]:
    state = {"type": "binary", "property": "state", "name": "state", "access": 7}
    state |= {"value_on": "ON", "value_off": "OFF"}
    definition = {"model": "L", "vendor": "V", "exposes": [{"type": "light", "features": [state]}]}
    return {
        "ieee_address": f"0x{number}",
        "type": "Router",
        "friendly_name": name,
        "supported": True,
        "definition": definition,
    }
