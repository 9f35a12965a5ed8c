"""The small parts of a hub: hands, inquiries, reports, the lock, word to the service manager."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

import pytest

from edge_nlu.errors import SettingsError
from edge_nlu.hub.assemble import chosen_bridges
from edge_nlu.hub.hands import NOBODY, NOT_CONNECTED, BridgeHands
from edge_nlu.hub.inquiries import SETTLE_S, Inquiries
from edge_nlu.hub.parts import GROUP, installed, version
from edge_nlu.hub.reports import Reports
from edge_nlu.hub.service import ServiceManager, StateLock, SystemClock
from edge_nlu.hub.settings import BridgeChoice
from edge_nlu.storage.appliances import appliance_profiles
from edge_nlu.storage.context import HomeContext
from edge_nlu.storage.journal import SqliteJournal
from edge_nlu.storage.memory import HomeMemory
from edge_nlu.transport.broker import Heard
from edge_nlu.transport.memory import MemoryBroker, MemoryTransport
from edge_nlu.values import Command, Device, DeviceId, Event, Feature, Found, Message, Report

AT = datetime(2026, 3, 2, 18, 5, tzinfo=UTC)


def lamp(name: str) -> Device:
    return Device(
        f"plain/{name}", name, (Feature("on", "switch", "power", settable=True),), ("light",), (name,)
    )


class Plain:
    """A bridge to lamps that are announced by name on `plain/found`, and hear `plain/<name>/set`."""

    name = "plain"

    def __init__(self) -> None:
        self.filters: tuple[str, ...] = ("plain/found", "plain/broken")

    def subscriptions(self) -> tuple[str, ...]:
        return self.filters

    def read(self, message: Message) -> Sequence[Event]:
        if message.topic == "plain/broken":
            raise RuntimeError("a bridge should not")
        if message.topic == "plain/found":
            name = message.payload.decode()
            self.filters = (*self.filters, f"plain/{name}")
            return (Found(lamp(name)),)
        return (Report(message.topic, "on", message.payload == b"1"),)

    def write(self, command: Command) -> Sequence[Message]:
        if not command.device.startswith("plain/"):
            return ()
        return tuple(
            Message(f"{command.device}/set", str(int(bool(held))).encode(), True)
            for _, held in command.settings
        )

    def inquire(self, device: DeviceId) -> Sequence[Message]:
        return (Message(f"{device}/get", b""),)


def transport() -> MemoryTransport:
    one = MemoryBroker().client()
    one.start(lambda _: None)
    return one


def test_hands_tell_each_device_and_never_retained() -> None:
    line = transport()
    hands = BridgeHands([Plain()], line, 10)
    outcome = hands.tell([Command("plain/a", (("on", True),)), Command("other/b", (("on", True),))])
    assert outcome.sent == ("plain/a",)
    assert outcome.failed == (("other/b", NOBODY),)
    assert line.sent == [Message("plain/a/set", b"1", retain=False)]
    assert hands.told_on("plain/a/set") == "plain/a"


def test_hands_keep_nothing_while_there_is_no_broker() -> None:
    line = transport()
    line.lose()
    hands = BridgeHands([Plain()], line, 10)
    outcome = hands.tell([Command("plain/a", (("on", True),))])
    line.regain()
    assert outcome.failed == (("plain/a", NOT_CONNECTED),)
    assert line.sent == hands.sent == []


def home_with(*names: str) -> HomeContext:
    context = HomeContext(appliance_profiles())
    for name in names:
        context.apply(Found(lamp(name)), AT)
    return context


def test_only_silent_devices_are_asked_one_after_the_other() -> None:
    context = home_with("a", "b", "c", "d")
    context.apply(Report("plain/a", "on", True), AT - timedelta(hours=1))
    asked: list[str] = []
    inquiries = Inquiries(5.0, lambda device: bool(asked.append(device)) or device != "plain/c")
    now = 100.0
    inquiries.connected(context.snapshot(AT).all_devices(), now, AT)
    context.apply(Report("plain/b", "on", True), AT)
    inquiries.work(context.snapshot(AT), now + SETTLE_S - 0.1)
    assert asked == []
    inquiries.work(context.snapshot(AT), now + SETTLE_S)
    assert asked == ["plain/a"]
    inquiries.work(context.snapshot(AT), now + SETTLE_S + 0.1)
    assert asked == ["plain/a"]
    inquiries.work(context.snapshot(AT), now + SETTLE_S + 0.2)
    assert asked == ["plain/a", "plain/c", "plain/d"]
    inquiries.work(context.snapshot(AT), now + 100)
    assert inquiries.next_due() == float("inf")


def test_no_device_is_asked_when_the_owner_does_not_want_it() -> None:
    inquiries = Inquiries(0, lambda _: pytest.fail("asked"))
    inquiries.connected(["plain/a"], 0, AT)
    inquiries.work(home_with("a").snapshot(AT), 100)


def reports(bridge: Plain, context: HomeContext, seen: list[Event]) -> Reports:
    memory = HomeMemory(SqliteJournal(None))
    return Reports([bridge], context, memory, SystemClock(), [seen.append])


def test_what_packages_announce_is_found_as_the_library_finds_it() -> None:
    assert installed() == {entry.name: entry.value for entry in sorted(metadata.entry_points(group=GROUP))}
    assert version() == metadata.version("edge-nlu")


def test_what_stands_first_on_the_path_counts(tmp_path: Path) -> None:
    for name, said in {
        "mine/mine-1.dist-info": f"[other]\nx = o:X\n[{GROUP}]\nknx = mine:Knx\n\n[more]\ny = o:Y\n",
        "theirs/theirs-2.egg-info": f"[{GROUP}]\nknx=theirs:Knx\nbus=theirs:Bus",
        "theirs/none-3.dist-info": "",
    }.items():
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "entry_points.txt").write_text(said)
    path = [str(tmp_path / name) for name in ("nowhere", "mine", "theirs")]
    assert installed(path) == {"bus": "theirs:Bus", "knx": "mine:Knx"}


def test_what_was_found_is_listened_to_and_what_it_says_is_known() -> None:
    context, seen, bridge = home_with(), list[Event](), Plain()
    one = reports(bridge, context, seen)
    assert one.filters() == ("plain/found", "plain/broken")
    assert one.settle() is None
    one.take([Heard("plain/found", b"a")])
    assert one.settle() == ("plain/found", "plain/broken", "plain/a")
    one.take([Heard("plain/a", b"1")])
    reading = context.snapshot(AT).reading("plain/a", "on")
    assert reading is not None
    assert reading.value is True
    assert seen == [Found(lamp("a")), Report("plain/a", "on", True)]
    bridge.filters = ("plain/found",)
    assert one.settle() == ("plain/found",)


def test_a_bridge_that_breaks_costs_one_message_and_one_line(caplog: pytest.LogCaptureFixture) -> None:
    context, seen = home_with(), list[Event]()
    one = reports(Plain(), context, seen)
    one.take([Heard("plain/broken", b""), Heard("plain/broken", b""), Heard("plain/found", b"a")])
    assert seen == [Found(lamp("a"))]
    assert caplog.text.count("the bridge plain broke over a message on plain/broken") == 1


def test_a_state_folder_has_one_hub(tmp_path: Path) -> None:
    first, second = StateLock(tmp_path / "state"), StateLock(tmp_path / "state")
    first.take()
    with pytest.raises(SettingsError, match=f"process id {os.getpid()}"):
        second.take()
    first.release()
    second.take()
    second.release()


def test_the_service_manager_hears_how_it_is(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        service = ServiceManager(
            {
                "NOTIFY_SOCKET": str(tmp_path / "notify"),
                "WATCHDOG_USEC": "30000000",
                "WATCHDOG_PID": str(os.getpid()),
            }
        )
        service.tell("READY=1")
        assert manager.recv(100) == b"READY=1"
        assert service.watchdog_s == 30.0
    service.tell("STOPPING=1")


def test_without_a_service_manager_nobody_is_told() -> None:
    service = ServiceManager({"WATCHDOG_USEC": "3", "WATCHDOG_PID": "1"})
    service.tell("READY=1")
    assert service.watchdog_s == 0.0


def test_the_clock_knows_whether_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is not None
    monkeypatch.setattr(SystemClock, "now", lambda _: datetime(1970, 1, 1, tzinfo=UTC))
    assert not clock.is_set
    monkeypatch.setattr(SystemClock, "now", lambda _: AT)
    assert clock.is_set


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"zigbee2mqtt": BridgeChoice(bases=("barn", "loft"))}, []),
        ({"zigbee2mqtt": BridgeChoice(bases=("loft",))}, ["homeassistant"]),
        ({"homeassistant": BridgeChoice(bases=("homeassistant", "barn"))}, ["homeassistant"]),
    ],
)
def test_a_lamp_of_another_base_topic_is_there_only_once(
    chosen: dict[str, BridgeChoice], found: list[str]
) -> None:
    announced = {
        "name": None,
        "unique_id": "0x01_light",
        "command_topic": "barn/lamp/set",
        "state_topic": "barn/lamp",
        "device": {"identifiers": ["zigbee2mqtt_0x01"], "name": "Lamp"},
    }
    message = Message("homeassistant/light/0x01/light/config", json.dumps(announced).encode())
    by = [bridge.name for bridge in chosen_bridges(chosen) if bridge.read(message)]
    assert by == found
