"""A hub lives on clocks that go by as fast as all is done, and what is lost over it is noticed."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from edge_nlu.errors import EdgeNluError
from edge_nlu_bench import mosquitto, smallboard, soak
from edge_nlu_bench.life import ZONE, Life
from edge_nlu_bench.schema import faults
from edge_nlu_bench.traffic import Devices, Said

try:
    mosquitto.found()
    missing = False
except EdgeNluError:
    missing = True

SHORT = soak.Counts(datetime(2026, 3, 28, tzinfo=ZONE), 1, 48, 4, broker_every=1, pack_every=9, idle_s=0.2)
needs_mosquitto = pytest.mark.skipif(missing, reason="needs Mosquitto: apt-get install mosquitto")


@needs_mosquitto
@pytest.mark.slow
def test_a_day_is_lived_and_nothing_is_lost() -> None:
    measured, rows = soak.measure(SHORT, lambda: None)
    figures: dict[str, Any] = dict(measured)
    figures["small_board"] = smallboard.measure(SHORT)
    assert (
        list(
            faults(
                "soak", {"bench": "soak", "provenance": "here", "quick": True, **figures, "over_time": rows}
            )
        )
        == []
    )
    assert set(figures["lost"].values()) == {0}
    assert figures["lived"]["broker_restarts"] == 1
    assert figures["lived"]["kills"] == len(soak.KILLED_AFTER_S)
    assert figures["answers"]["n"] >= 13
    assert 60 < figures["memory"]["first_hour_mb"] <= figures["memory"]["most_mb"] < 150
    assert [row["day"] for row in rows] == [1]
    assert 0 < figures["energy"]["busy_cpu_s_a_day"] <= figures["energy"]["cpu_s_a_day"]
    assert figures["small_board"]["killed"] == figures["small_board"]["no_answer"] == 0


@needs_mosquitto
def test_what_is_lost_is_noticed(tmp_path: Path) -> None:
    life = Life(tmp_path, SHORT.begins)
    try:
        lamp = life.devices.lamps[0]
        # a lamp was told to be off, and is asked for as if it should have been on
        life.say(Said("turn off the kitchen ceiling light", "kitchen_speaker", "", lamp, "ON"))
        assert life.ledger.no_command == 1
        # what things are at, and never told the hub
        life.devices.retained[f"zigbee2mqtt/{lamp}"] = json.dumps({"state": "ON"}).encode()
        life.devices.retained["air/kitchen_air_sensor"] = b"7"
        life.rest()
        life.check_states()
        assert life.ledger.wrong_states == 2
        assert life.missing([*life.ledger.ids, "never said"]) == 1
    finally:
        life.end()


def test_devices_obey_and_tell_it() -> None:
    class Line:
        def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
            told.append((topic, payload, retain))

    told: list[tuple[str, bytes, bool]] = []
    devices = Devices(1)
    lamp = devices.lamps[0]
    devices.obey(Line(), f"zigbee2mqtt/{lamp}/set", b'{"state": "ON"}')  # type: ignore[arg-type]
    devices.obey(Line(), "cmnd/kitchen_fan/POWER", b"ON")  # type: ignore[arg-type]
    devices.obey(Line(), "climate/kitchen_thermostat/target/set", b"21")  # type: ignore[arg-type]
    assert devices.state(lamp)["state"] == "ON"
    assert [(topic, retain) for topic, _, retain in told] == [
        (f"zigbee2mqtt/{lamp}", True),
        ("stat/kitchen_fan/POWER", True),
        ("climate/kitchen_thermostat/target", True),
    ]
    topics = {devices.news()[0] for _ in range(400)}
    assert topics <= set(devices.retained)
    assert len(topics) > 30
    wishes = devices.wishes()
    named = [said for said, _ in zip(wishes, range(200), strict=False) if said.lamp]
    assert 80 < len(named) < 160
    assert all(said.state.lower() in said.text for said in named)
