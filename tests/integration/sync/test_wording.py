"""A wording goes the whole way: from many homes through the fleet, signed, into a hub that runs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytest.importorskip("tuf", reason="needs the [sync] extra")

from edge_nlu.cli import cli
from edge_nlu.fleet import certificates
from edge_nlu.fleet.mining.inbox import Inbox
from edge_nlu.learning.pairs import Pair, digest
from edge_nlu.models.pack import Pack
from edge_nlu.storage.packs import Packs
from edge_nlu.sync.choices import Choices, Shown
from edge_nlu.sync.reports import leave
from edge_nlu.transport.broker import Heard
from edge_nlu.transport.paho import Access, PahoTransport
from edge_nlu.values import Message
from edge_nlu.wire.outgoing import hand_out
from edge_nlu.wire.pairs import ASKED, Asked, Offer, Worded, put_offer
from edge_nlu_bench.updates.world import World

GLOW = Pair("name", "glow", "reading lamp")
OWN = Pair("name", "the beast", "floor lamp")
HOMES = 25
WAIT_S = 60.0


class Living:
    """A hub's process and sync's, at a broker where two lamps obey."""

    def __init__(self, broker: Any, world: World) -> None:
        self.packs = Packs(world.choices.packs)
        self.lit: list[str] = []
        self.said: list[dict[str, Any]] = []
        self.there = False
        self._people = PahoTransport(Access("127.0.0.1", broker.port, client_id="people"))
        self._people.listen(["edge-nlu/#", "zigbee2mqtt/+/set"])
        self._people.start(self._hear)
        self.until(lambda: self._people.connected)
        state = {"type": "binary", "property": "state", "name": "state", "access": 7}
        light = {"type": "light", "features": [{**state, "value_on": "ON", "value_off": "OFF"}]}
        definition = {"model": "L", "vendor": "V", "exposes": [light]}
        lamps = [
            {
                "ieee_address": f"0x{number}",
                "type": "Router",
                "friendly_name": name,
                "supported": True,
                "definition": definition,
            }
            for number, name in enumerate(("reading_lamp", "floor_lamp"), 1)
        ]
        self._tell("zigbee2mqtt/bridge/devices", lamps)
        for lamp in lamps:
            self._tell(f"zigbee2mqtt/{lamp['friendly_name']}", {"state": "OFF"})
        file = world.folder / "hub.toml"
        mqtt = f"[mqtt]\nhost = '127.0.0.1'\nport = {broker.port}\n"
        file.write_text(f"state_dir = '{world.choices.folder}'\n{mqtt}")
        world.choose(every_s=0.5)
        commands = (["edge_nlu.hub", str(file)], ["edge_nlu.sync", world.choices.to_json()])
        with (world.folder / "log").open("ab") as log:
            self._processes = [
                subprocess.Popen([sys.executable, "-m", *command], stderr=log) for command in commands
            ]
        self.until(lambda: self.there)

    def ask(self, text: str) -> dict[str, Any]:
        """Return what comes of a sentence."""
        before = len(self.said)
        self._people.publish(Message("edge-nlu/ask", text.encode()))
        self.until(lambda: len(self.said) > before)
        return self.said[-1]

    def until(self, condition: Callable[[], Any]) -> None:
        end = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)

    def close(self) -> None:
        for process in self._processes:
            process.terminate()
            process.wait(20)
        self._people.stop()

    def _tell(self, topic: str, said: object) -> None:
        self._people.publish(Message(topic, json.dumps(said).encode(), retain=True))

    def _hear(self, heard: Heard) -> None:
        _, name, *what = heard.topic.split("/")
        if what == ["set"]:
            self.lit.append(name)
            self._tell(f"zigbee2mqtt/{name}", {"state": json.loads(heard.payload)["state"]})
        elif name == "status":
            self.there = heard.payload == b"online"
        elif name == "result":
            self.said.append(json.loads(heard.payload))


@pytest.fixture
def living(broker: Any, world: World) -> Iterator[Living]:
    living = Living(broker, world)
    yield living
    living.close()


def fleet(*arguments: object) -> str:
    """Return what a command says."""
    done = CliRunner().invoke(cli, ["fleet", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


def table(folder: Path, world: World) -> Path:
    """Return a pack with the table of homes, of which one alone says something else beside."""
    base = Pack.default_path()
    fleet("table", "open", folder, "--epsilon", "8", "--most", "2")
    fleet("table", "pack", folder, base, folder / "asks")
    asked = Asked.from_json((folder / "asks" / ASKED).read_text())
    certificates.init(folder / "certificates", ["127.0.0.1"])
    inbox = Inbox(folder, folder / "certificates", "127.0.0.1", 0)
    inbox.open()
    homes = [folder / f"home-{number}" for number in range(HOMES)]
    choices = [chosen(home, world, folder / "certificates", inbox.port) for home in homes]
    for number, home in enumerate(homes):
        pairs = (GLOW, *((OWN,) if number == 0 else ()))
        digests = tuple(digest(asked.salt, pair) for pair in pairs)
        offer = Offer(asked.epoch, f"{number:032x}", digests, asked.epsilon, asked.delta)
        put_offer(home / "outgoing", offer)
    assert [leave(one) for one in choices] == [1] * HOMES
    fleet("mine", folder, "--close")
    fleet("table", "pack", folder, base, folder / "names")
    named = Asked.from_json((folder / "names" / ASKED).read_text()).named or ()
    words = tuple(pair for pair in (GLOW, OWN) if digest(asked.salt, pair) in named)
    for home in homes:
        hand_out(home / "outgoing", "wordings", Worded(asked.epoch, words).to_bytes())
    assert [leave(one) for one in choices] == [1] * HOMES
    inbox.close()
    fleet("mine", folder, "--words")
    fleet("table", "pack", folder, base, folder / "brings")
    return folder / "brings"


def chosen(home: Path, world: World, of: Path, port: int) -> Choices:
    """Return the choices of a home that the fleet knows."""
    certificates.hub(of, home.name, home)
    shown = Shown(home / certificates.CA, home / certificates.HUB, home / certificates.HUB_KEY)
    told = {"inbox": f"https://127.0.0.1:{port}", "shown": shown, "most_epsilon": 8.0}
    return replace(world.choices, folder=home / "sync", packs=home / "packs", **told)  # type: ignore[arg-type]


@pytest.mark.slow
def test_what_many_homes_call_a_lamp_a_hub_understands_that_got_their_table(
    world: World, living: Living
) -> None:
    living.ask("turn on the glow")
    living.ask("turn on the beast")
    assert living.lit == []
    brings = table(world.folder / "fleet", world)
    repo, keys = world.folder / "repo", world.folder / "keys"
    base = Pack.open(Pack.default_path()).id
    fleet("repo", "add", repo, Pack.default_path(), "--keys", keys)
    fleet("repo", "add", repo, brings, "--keys", keys, "--base", base)
    fleet("repo", "publish", repo, "--keys", keys)
    living.until(lambda: living.packs.current().id == Pack.open(brings).id)
    living.ask("turn on the glow")
    living.until(lambda: living.lit)
    living.ask("turn on the beast")
    assert living.lit == ["reading_lamp"]
