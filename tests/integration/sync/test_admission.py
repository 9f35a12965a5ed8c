"""A hub takes in a pack while it runs, keeps it if people fare as well, and leaves it if they do not."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.hub.admission import RUNS, got_worse
from edge_nlu.hub.assemble import assemble
from edge_nlu.hub.daemon import Hub
from edge_nlu.hub.settings import Settings, read_settings
from edge_nlu.models.pack import Pack, checksum
from edge_nlu.storage.packs import Packs, Slot, hand_in, log_in
from edge_nlu.transport.broker import Heard
from edge_nlu.transport.memory import MemoryBroker
from edge_nlu.values import Message

SENTENCES = (
    "turn on the hall lamp",
    "turn off the hall lamp",
    "switch the kitchen lamp on",
    "kitchen lamp off",
)


class Home:
    """A hub with a state folder of its own, two lamps, and somebody who talks."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.packs = Packs(self.state / "packs")
        self.incoming = self.state / "incoming"
        file = folder / "edge-nlu.toml"
        file.write_text(f"state_dir = '{self.state}'\n[sync]\ntrial_turns = 20\n")
        self.settings: Settings = read_settings(file, {})
        self.hub: Hub | None = None
        self.release = 0

    def start(self) -> Home:
        self.broker = MemoryBroker()
        self.people = self.broker.client()
        self.heard: list[dict[str, Any]] = []
        self.people.listen(["edge-nlu/result"])
        self.people.start(self._hear)
        state = {"type": "binary", "property": "state", "name": "state", "access": 7}
        state |= {"value_on": "ON", "value_off": "OFF"}
        lamps = [
            {
                "ieee_address": f"0x{n}",
                "type": "Router",
                "friendly_name": name,
                "supported": True,
                "definition": {
                    "model": "L",
                    "vendor": "V",
                    "exposes": [{"type": "light", "features": [state]}],
                },
            }
            for n, name in enumerate(("hall_lamp", "kitchen_lamp"))
        ]
        self.people.publish(Message("zigbee2mqtt/bridge/devices", json.dumps(lamps).encode(), retain=True))
        self.line = self.broker.client()
        made = threading.Event()

        def run() -> None:
            self.hub = assemble(self.settings, folder=self.state, transport=self.line, environment={})
            made.set()
            self.hub.run()

        self.thread = threading.Thread(target=run)
        self.thread.start()
        assert made.wait(30)
        self.until(lambda: self.line.connected)
        return self

    def _hear(self, heard: Heard) -> None:
        self.heard.append(json.loads(heard.payload))

    def say(self, text: str) -> dict[str, Any]:
        before = len(self.heard)
        self.people.ask("edge-nlu/ask", text.encode())
        self.until(lambda: len(self.heard) > before)
        return self.heard[before]

    def hand_in(self, pack: Path) -> Slot:
        """Do what sync does."""
        self.release += 1
        name = json.loads((pack / "manifest.json").read_text())["id"]
        shutil.copytree(pack, self.incoming / name, dirs_exist_ok=True)
        slot = Slot(name, self.release, checksum(pack / "manifest.json"))
        hand_in(self.incoming, slot)
        return slot

    def events(self, slot: Slot) -> list[str]:
        return [one["event"] for one in log_in(self.packs.folder) if one["manifest"] == slot.manifest]

    def until(self, condition: Callable[[], Any], seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.005)

    def stop(self) -> None:
        if self.hub is not None:
            self.hub.stop()
            self.thread.join(20)
            self.hub = None


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path)
    yield home
    home.stop()


def test_a_new_pack_comes_in_while_people_talk_and_no_request_is_lost(
    home: Home, made: Callable[..., Path], changes: dict[str, Any]
) -> None:
    home.start()
    slot = home.hand_in(made("new-1", changes["promises"]))
    answered = 0
    end = time.monotonic() + 60
    while home.packs.current() != slot:
        assert time.monotonic() < end
        assert home.say(SENTENCES[answered % 4])["decision"] == "act"
        answered += 1
    assert answered > 0
    assert home.say("turn on the hall lamp")["decision"] == "act"
    assert home.events(slot) == ["in use"]
    assert home.packs.previous() == Slot()
    assert home.hub is not None
    journal = home.hub._upkeep._journal
    assert journal.pack == "new-1"
    for n in range(20):
        home.say(SENTENCES[n % 4])
    home.until(lambda: home.packs.trial() is None)
    assert home.events(slot) == ["in use", "kept"]
    home.stop()
    # and it starts with it
    home.start()
    assert home.say("turn off the kitchen lamp")["decision"] == "act"
    assert home.hub._upkeep._journal.pack == "new-1"


def test_a_pack_that_keeps_its_promises_and_fails_people_is_left_within_20_turns_for_good(
    home: Home, made: Callable[..., Path], changes: dict[str, Any]
) -> None:
    home.start()
    for n in range(12):
        home.say(SENTENCES[n % 4])
    bad = made("bad-1", changes["confused"])
    slot = home.hand_in(bad)
    home.until(lambda: home.packs.current() == slot)
    turns = 0
    while home.packs.current() == slot and turns < 30:
        home.say(SENTENCES[turns % 4])
        turns += 1
        time.sleep(0.02)
    assert turns <= 20
    assert home.events(slot) == ["in use", "returned"]
    assert home.say("turn on the hall lamp")["decision"] == "act"
    # handed in once more, under a higher number, it is not even tried
    home.hand_in(bad)
    home.until(lambda: "refused" in home.events(slot))
    assert home.packs.current() == Slot()
    assert home.packs.is_bad(slot.manifest)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        pytest.param("promise", "promised", id="an answer that was promised is another"),
        pytest.param("nothing", "no promised sentence", id="it promises nothing"),
        pytest.param("large", "this board carries", id="it is too large for the board"),
        pytest.param("network", "does not load", id="its network cannot be loaded"),
        pytest.param("other", "another one", id="it is not the one that was announced"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_hub_goes_on(
    home: Home, made: Callable[..., Path], what: str, why: str
) -> None:
    def change(folder: Path) -> None:
        golden, network = folder / "golden.jsonl", folder / "encoder.int8.onnx"
        match what:
            case "promise":
                golden.write_text(golden.read_text().replace("weather_query", "play_music"))
            case "nothing":
                golden.unlink()
            case "large":
                network.write_bytes(network.read_bytes() + b"\x32\xff\xff\x3f" + bytes(0xFFFFF))
            case "network":
                network.write_bytes(b"\xff" * 100)

    home.start()
    pack = made("odd-1", change)
    slot = home.hand_in(pack)
    if what == "other":
        slot = Slot(slot.id, slot.release, "0" * 64)
        hand_in(home.incoming, slot)
    home.until(lambda: home.events(slot))
    (line,) = [one for one in log_in(home.packs.folder) if one["manifest"] == slot.manifest]
    assert line["event"] == "refused"
    assert why in line["why"]
    assert home.packs.current() == Slot()
    assert home.say("turn on the hall lamp")["decision"] == "act"
    assert not list(home.packs.folder.glob("*.part"))


def test_an_older_one_is_refused(home: Home, made: Callable[..., Path], changes: dict[str, Any]) -> None:
    home.start()
    home.release = 6
    new = home.hand_in(made("new-7", changes["promises"]))
    home.until(lambda: home.packs.current() == new)
    home.release = 2
    old = home.hand_in(made("old-3"))
    home.until(lambda: home.events(old))
    assert home.events(old) == ["refused"]
    assert home.packs.current() == new


def test_cut_off_again_and_again_with_a_new_pack_the_hub_goes_back(
    home: Home, made: Callable[..., Path], changes: dict[str, Any]
) -> None:
    home.start()
    slot = home.hand_in(made("new-1", changes["promises"]))
    home.until(lambda: home.packs.current() == slot)
    for _ in range(5):
        # ended as it should it does not count
        home.stop()
        home.start()
    assert home.packs.current() == slot
    trial = home.packs.trial()
    assert trial is not None
    for _ in range(RUNS - trial.runs):
        home.packs.started()
    home.stop()
    home.packs.started()
    home.start()
    assert home.packs.current() == Slot()
    assert home.events(slot)[:2] == ["in use", "returned"]
    assert home.packs.is_bad(slot.manifest)


@pytest.mark.parametrize("both", [False, True], ids=["the pack in use", "and the one before"])
def test_a_damaged_pack_is_left_for_the_one_before_or_that_which_comes_along(
    home: Home, made: Callable[..., Path], changes: dict[str, Any], *, both: bool
) -> None:
    home.start()
    first = home.hand_in(made("new-1", changes["promises"]))
    home.until(lambda: home.packs.current() == first)
    home.packs.keep()
    second = home.hand_in(made("new-2", changes["weights"]))
    home.until(lambda: home.packs.current() == second)
    home.stop()
    for slot in (second, first) if both else (second,):
        (home.packs.place(slot.id) / "labels.json").write_text("{")
    home.start()
    assert home.packs.current() == (Slot() if both else first)
    assert home.say("turn on the hall lamp")["decision"] == "act"
    # damaged is not bad: fetched again it may come in again
    assert not home.packs.is_bad(second.manifest)


def test_whoever_names_a_pack_keeps_it(home: Home, made: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "edge-nlu.toml").write_text(f"state_dir = '{home.state}'\npack = '{Pack.default_path()}'")
    home.settings = read_settings(tmp_path / "edge-nlu.toml", {})
    home.start()
    slot = home.hand_in(made("new-1"))
    for n in range(5):
        home.say(SENTENCES[n % 4])
    assert home.events(slot) == []
    assert not home.packs.folder.exists()


@pytest.mark.parametrize(
    ("failed", "turns", "failed_before", "turns_before", "worse"),
    [
        pytest.param(4, 4, 0, 200, False, id="a few failures in a row happen"),
        pytest.param(5, 5, 10, 200, True, id="nothing works any more"),
        pytest.param(12, 18, 20, 200, True, id="two thirds fail where a tenth did"),
        pytest.param(8, 40, 40, 200, False, id="as before"),
        pytest.param(13, 20, 120, 200, False, id="a home in which much fails"),
        pytest.param(20, 20, 120, 200, True, id="a home in which much fails, and now all"),
    ],
)
def test_worse_is_what_chance_would_hardly_do(
    failed: int, turns: int, failed_before: int, turns_before: int, *, worse: bool
) -> None:
    assert got_worse(failed, turns, failed_before, turns_before) is worse
